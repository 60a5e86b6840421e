# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter token_rotation_report."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.rotation import report

DOCUMENTATION = r"""
name: token_rotation_report
short_description: Tell what came of each token
version_added: 0.1.0
description:
  - Makes the result of the role P(rollcall.identity.token_rotation#role).
author:
  - The rollcall.identity authors (@rollcall-identity)
positional: steps, made, revoked, check
options:
  _input:
    description: The entries, from P(rollcall.identity.token_rotation_read#filter).
    type: list
    elements: dict
    required: true
  steps:
    description: The steps, from P(rollcall.identity.token_rotation_plan#filter).
    type: list
    elements: dict
    required: true
  made:
    description: What came of new tokens, from P(rollcall.identity.token_rotation_outcome#filter), each with C(number).
    type: list
    elements: dict
    required: true
  revoked:
    description: Results of revocations. Each has the step and the ID of the token, as C(item).
    type: list
    elements: dict
    required: true
  check:
    description: Whether this is check mode, in which nothing is made.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Sum up
  ansible.builtin.set_fact:
    token_rotation_result: "{{ entries | rollcall.identity.token_rotation_report(steps, made, revoked.results, ansible_check_mode) }}"
"""

RETURN = r"""
_value:
  description: A mapping for each entry, with C(connection), C(owner), C(name), C(outcome), C(detail) and C(token_id). Never a token.
  type: list
  elements: dict
"""


def token_rotation_report(entries: t.Any, steps: t.Any, made: t.Any, revoked: t.Any, check: bool = False) -> list[dict[str, t.Any]]:
    """Return what came of each token."""
    gone = [{"number": one["item"][0]["number"], "token_id": one["item"][1], "error": one.get("error")} for one in plain(list(revoked))]
    came = {one["number"]: {name: one[name] for name in ("outcome", "detail", "token_id")} for one in plain(list(made))}
    return report(plain(entries), plain(steps), came, gone, bool(check))


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"token_rotation_report": token_rotation_report}
