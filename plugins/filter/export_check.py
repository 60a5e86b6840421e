# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter export_check."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.export_files import problems

DOCUMENTATION = r"""
name: export_check
short_description: Check how the role export is called
version_added: 0.1.0
description:
  - Tells everything that is wrong with the variables of the role C(export), beside the connections themselves.
author:
  - The rollcall.identity authors (@rollcall-identity)
options:
  _input:
    description:
      - A mapping with C(connections) and C(chosen), both names of connections, C(dest) and C(deliver), texts that may be empty, C(awx), whether it
        runs on AWX, and C(least), how many people must hold a bundle.
      - C(folder) is the path of C(dest), and C(deliver_file) that of C(deliver), empty if there is none. C(overwrite) says whether files that
        somebody has changed may be lost.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: The role can begin
  ansible.builtin.assert:
    that: wrong | length == 0
    fail_msg: "{{ wrong }}"
  vars:
    wrong: >-
      {{ {'connections': ['ol'], 'chosen': [], 'dest': '/srv/identity', 'folder': '/srv/identity', 'overwrite': false,
          'deliver': '', 'deliver_file': '', 'awx': false, 'least': 3} | rollcall.identity.export_check }}
"""

RETURN = r"""
_value:
  description: A sentence for everything that is wrong. Empty if nothing is.
  type: list
  elements: str
"""


def export_check(given: t.Any) -> list[str]:
    """Return a sentence for everything that is wrong."""
    return problems(plain(given))


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"export_check": export_check}
