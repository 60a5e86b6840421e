# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter token_rotation_outcome."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.rotation import outcome, proof

DOCUMENTATION = r"""
name: token_rotation_outcome
short_description: Tell what came of a new token
version_added: 0.1.0
description:
  - Judges whether a token that was made has been delivered and works.
author:
  - The rollcall.identity authors (@rollcall-identity)
positional: step, entry, tried
options:
  _input:
    description:
      - What was done. C(token_id) is the new token. C(error) tells why none could be made, C(broken) names the task of the delivery that failed,
        C(taken_back) tells why the new token could not be revoked, C(restored) whether the file is as it was before.
    type: dict
    required: true
  step:
    description: The step, from P(rollcall.identity.token_rotation_plan#filter).
    type: dict
    required: true
  entry:
    description: The entry, from P(rollcall.identity.token_rotation_read#filter).
    type: dict
    required: true
  tried:
    description: What reading with the new token returned, each time that it was tried.
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
- name: Remember what came of it
  ansible.builtin.set_fact:
    came: "{{ {'token_id': made.token_id} | rollcall.identity.token_rotation_outcome(step, entry, [tried]) }}"
"""

RETURN = r"""
_value:
  description: C(outcome), C(detail) and C(token_id). C(proof) is V(refused) or V(unclear), or empty for a token that works.
  type: dict
"""


def token_rotation_outcome(did: t.Any, step: t.Any, entry: t.Any, tried: t.Any = ()) -> dict[str, t.Any]:
    """Return what came of a new token."""
    trials = plain(list(tried))
    shown = proof(trials)
    return {**outcome(plain(step), plain(entry), {**plain(did), **shown}), "proof": shown["proof"]}


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"token_rotation_outcome": token_rotation_outcome}
