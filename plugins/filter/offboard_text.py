# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter offboard_text."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.offboard_report import text

DOCUMENTATION = r"""
name: offboard_text
short_description: Write the evidence of an offboarding as a text
version_added: 0.1.0
description:
  - Writes the evidence as a text for people, with a line for each step.
author:
  - The rollcall.identity authors (@rollcall-identity)
options:
  _input:
    description: The evidence, of P(rollcall.identity.offboard_evidence#filter).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the evidence
  ansible.builtin.debug:
    msg: "{{ (offboard_result | rollcall.identity.offboard_text).splitlines() }}"
"""

RETURN = r"""
_value:
  description: The text.
  type: str
"""


def offboard_text(evidence: t.Any) -> str:
    """Return evidence as a text for people."""
    return text(plain(evidence))


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"offboard_text": offboard_text}
