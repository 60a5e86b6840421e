# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter export_new."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.export_files import new

DOCUMENTATION = r"""
name: export_new
short_description: Tell which files are new
version_added: 0.1.0
description:
  - Tells which files of an export are not in a folder of the controller, or hold something else there. The others need not be written.
author:
  - The rollcall.identity authors (@rollcall-identity)
positional: folder
options:
  _input:
    description: The text of each file by its name.
    type: dict
    required: true
  folder:
    description: The path of the folder. It need not be there.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: What is to be written
  ansible.builtin.debug:
    msg: "{{ {'people.yml': 'identity_people: []'} | rollcall.identity.export_new('/srv/identity') }}"
"""

RETURN = r"""
_value:
  description: Names of files.
  type: list
  elements: str
"""


def export_new(files: t.Any, folder: t.Any) -> list[str]:
    """Return the names of files that are new."""
    return new(plain(files), str(plain(folder)))


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"export_new": export_new}
