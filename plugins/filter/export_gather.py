# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter export_gather."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.life import life_of

DOCUMENTATION = r"""
name: export_gather
short_description: Tell what must be read of the users of a provider
version_added: 0.1.0
description:
  - Tells what an export reads beside the list of users, all that can be granted, and where needed the names and whether the login is blocked.
author:
  - The rollcall.identity authors (@rollcall-identity)
options:
  _input:
    description: The name of the provider, such as V(kestra).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Read everything that an export needs
  rollcall.identity.kestra_user_info:
    gather: "{{ 'kestra' | rollcall.identity.export_gather }}"
"""

RETURN = r"""
_value:
  description: What the option C(gather) of the info modules takes.
  type: list
  elements: str
"""


def export_gather(provider: t.Any) -> list[str]:
    """Return what is to be gathered."""
    life = life_of(str(plain(provider)))
    return [*life.facets, *life.reads]


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"export_gather": export_gather}
