# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter offboard_evidence."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.offboard_report import evidence

DOCUMENTATION = r"""
name: offboard_evidence
short_description: Make the evidence of the offboarding of a person
version_added: 0.1.0
description:
  - Makes a document of what was done, was so already, failed, or has to be done by hand.
author:
  - The rollcall.identity authors (@rollcall-identity)
positional: moment
options:
  _input:
    description: The state, of P(rollcall.identity.offboard_next#filter).
    type: dict
    required: true
  moment:
    description: The time at which the run ended.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: What failed
  ansible.builtin.debug:
    msg: "{{ (offboard__state | rollcall.identity.offboard_evidence('2026-12-31T12:00:00Z')).failed }}"
"""

RETURN = r"""
_value:
  description: The evidence, as the role P(rollcall.identity.offboard#role) describes it.
  type: dict
"""


def offboard_evidence(state: t.Any, moment: t.Any) -> dict[str, t.Any]:
    """Return the evidence of an offboarding."""
    return evidence(plain(state), str(plain(moment)))


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"offboard_evidence": offboard_evidence}
