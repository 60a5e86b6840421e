# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter access_desired."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.access import desired

DOCUMENTATION = r"""
name: access_desired
short_description: Make the lists of users that connections should hold
version_added: 0.1.0
description:
  - Makes one list for each connection from people, entitlements and the users that are there, for a day.
  - The role C(access) gives the lists to the bulk modules.
author:
  - The rollcall.identity authors (@rollcall-identity)
positional: directories, day
options:
  _input:
    description: A mapping with C(identity_people), C(identity_entitlements) and C(identity_connections), without problems.
    type: dict
    required: true
  directories:
    description: Users by connection, as the info modules tell them. Connections that could not be read are left out.
    type: dict
    required: true
  day:
    description: The day, such as V(2026-12-31).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: What each connection should hold
  ansible.builtin.set_fact:
    wishes: "{{ data | rollcall.identity.access_desired(directories, '2026-12-31') }}"
"""

RETURN = r"""
_value:
  description: For each connection C(users), C(protect), C(people) by account, and C(notes).
  type: dict
"""


def access_desired(document: t.Any, directories: t.Any, day: t.Any) -> dict[str, t.Any]:
    """Return the lists by connection."""
    return desired(plain(document), plain(directories), str(plain(day)))


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"access_desired": access_desired}
