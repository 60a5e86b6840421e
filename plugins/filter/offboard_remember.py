# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter offboard_remember."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.offboard_start import remember

DOCUMENTATION = r"""
name: offboard_remember
short_description: Tell an offboarding of the evidence of an earlier run
version_added: 0.1.0
description:
  - Sessions leave no trace at a provider. That they have been ended is known from the evidence of the run that did it.
author:
  - The rollcall.identity authors (@rollcall-identity)
positional: evidence
options:
  _input:
    description: The state, of P(rollcall.identity.offboard_begin#filter).
    type: dict
    required: true
  evidence:
    description: The evidence of an earlier run, or its text.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Remember what an earlier run has done
  ansible.builtin.set_fact:
    offboard__state: "{{ offboard__state | rollcall.identity.offboard_remember(lookup('ansible.builtin.file', 'offboard/E1042.json')) }}"
"""

RETURN = r"""
_value:
  description: The state with that evidence, or with one more sentence in C(problems) if it is none.
  type: dict
"""


def offboard_remember(state: t.Any, evidence: t.Any) -> dict[str, t.Any]:
    """Return a state that knows the evidence of an earlier run."""
    return remember(plain(state), plain(evidence))


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"offboard_remember": offboard_remember}
