# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter offboard_begin."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.offboard_start import begin

DOCUMENTATION = r"""
name: offboard_begin
short_description: Tell how the offboarding of a person begins
version_added: 0.1.0
description:
  - Finds out who is meant, what is wrong with the variables of the role P(rollcall.identity.offboard#role), and which calls look for the person.
author:
  - The rollcall.identity authors (@rollcall-identity)
options:
  _input:
    description:
      - A mapping with C(identity_people), C(identity_entitlements), C(identity_connections), C(as_of), C(check), C(moment), and the variables of
        the role without C(offboard_). C(people_text) is the text of C(people_file), or null if there is no such file.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: What is wrong
  ansible.builtin.debug:
    msg: "{{ (offboard__settings | rollcall.identity.offboard_begin).problems }}"
"""

RETURN = r"""
_value:
  description: The state. C(problems) has a sentence for everything that is wrong; if it is empty, C(calls) are to be made.
  type: dict
"""


def offboard_begin(settings: t.Any) -> dict[str, t.Any]:
    """Return the state in which an offboarding begins."""
    return begin(plain(settings))


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"offboard_begin": offboard_begin}
