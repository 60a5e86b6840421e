# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter offboard_next."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.offboard import advance

DOCUMENTATION = r"""
name: offboard_next
short_description: Take the next step of the offboarding of a person
version_added: 0.1.0
description:
  - Takes in what the calls of a state were answered, as entries of the evidence, and tells which calls follow.
author:
  - The rollcall.identity authors (@rollcall-identity)
positional: answers, moment
options:
  _input:
    description: The state, of P(rollcall.identity.offboard_begin#filter) or of this filter.
    type: dict
    required: true
  answers:
    description: The results of the calls of the state, in their order.
    type: list
    elements: dict
    required: true
  moment:
    description: The time, for the evidence.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Take the answers in
  ansible.builtin.set_fact:
    offboard__state: "{{ offboard__state | rollcall.identity.offboard_next(offboard__answers.results, '2026-12-31T12:00:00Z') }}"
"""

RETURN = r"""
_value:
  description: The state in its next C(phase), with the C(calls) of that.
  type: dict
"""


def offboard_next(state: t.Any, answers: t.Any, moment: t.Any) -> dict[str, t.Any]:
    """Return the state of an offboarding in its next phase."""
    return advance(plain(state), plain(answers), str(plain(moment)))


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"offboard_next": offboard_next}
