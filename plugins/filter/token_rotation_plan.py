# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter token_rotation_plan."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.rotation import steps

DOCUMENTATION = r"""
name: token_rotation_plan
short_description: Tell what becomes of each token
version_added: 0.1.0
description:
  - Decides for each token whether another one is made, whether older ones are revoked, or whether all stays as it is.
author:
  - The rollcall.identity authors (@rollcall-identity)
positional: told, held
options:
  _input:
    description: The entries, from P(rollcall.identity.token_rotation_read#filter).
    type: list
    elements: dict
    required: true
  told:
    description: What the module for tokens returned for each entry in check mode.
    type: list
    elements: dict
    required: true
  held:
    description: What the module that lists tokens returned. Each result has the step that it was asked for, as C(item).
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Plan each token
  ansible.builtin.set_fact:
    steps: "{{ entries | rollcall.identity.token_rotation_plan(checked.results) }}"
"""

RETURN = r"""
_value:
  description:
    - A step for each entry, with C(number), C(action), C(detail), C(token_id) and C(revoke).
    - C(action) is V(make), V(revoke), V(keep) or V(fail). It is V(look) where all tokens of the family must be read first.
  type: list
  elements: dict
"""


def token_rotation_plan(entries: t.Any, told: t.Any, held: t.Any = ()) -> list[dict[str, t.Any]]:
    """Return what becomes of each token."""
    return steps(plain(entries), plain(told), {one["item"]["number"]: one for one in plain(list(held))})


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"token_rotation_plan": token_rotation_plan}
