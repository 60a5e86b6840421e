# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter identity_check."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.check import problems

DOCUMENTATION = r"""
name: identity_check
short_description: Check people, entitlements and connections
version_added: 0.1.0
description:
  - Tells everything that is wrong with the data that the roles of this collection work on, by its form and taken together.
  - The form is published as a JSON schema, C(docs/identity.schema.json).
author:
  - The rollcall.identity authors (@rollcall-identity)
positional: day
options:
  _input:
    description: A mapping with C(identity_people), C(identity_entitlements) and C(identity_connections).
    type: dict
    required: true
  day:
    description: The day that the data is checked for, such as V(2026-12-31).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: The data is right
  ansible.builtin.assert:
    that: wrong | length == 0
    fail_msg: "{{ wrong }}"
  vars:
    wrong: "{{ {'identity_people': identity_people} | rollcall.identity.identity_check('2026-12-31') }}"
"""

RETURN = r"""
_value:
  description: A sentence for everything that is wrong. Empty if nothing is.
  type: list
  elements: str
"""


def identity_check(document: t.Any, day: t.Any) -> list[str]:
    """Return a sentence for everything that is wrong."""
    return problems(plain(document), str(plain(day)))


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"identity_check": identity_check}
