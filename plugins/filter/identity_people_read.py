# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter identity_people_read."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.feed import read_people

DOCUMENTATION = r"""
name: identity_people_read
short_description: Read people from the text of a file
version_added: 0.1.0
description:
  - Reads YAML, JSON or CSV into what C(identity_people) is.
  - A CSV file has a heading with the names of a person's entries. Its cells are separated by commas, semicolons or tabs, as those of the heading are.
    A list in a cell is separated by semicolons. An entitlement may end with C(until=2026-12-31), the last day on which it holds, and C(ticket=R-1).
    A column C(accounts.ol) is the name of the account in the connection C(ol).
  - The text is to be UTF-8, with or without a byte order mark.
author:
  - The rollcall.identity authors (@rollcall-identity)
positional: path
options:
  _input:
    description: The text of the file.
    type: str
    required: true
  path:
    description: The name of the file. What it ends with tells how it is read.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: People of the HR system
  ansible.builtin.set_fact:
    identity_people: "{{ lookup('ansible.builtin.file', 'people.csv') | rollcall.identity.identity_people_read('people.csv') }}"
"""

RETURN = r"""
_value:
  description: The people.
  type: list
  elements: dict
"""


def identity_people_read(text: t.Any, path: t.Any) -> list[dict[str, t.Any]]:
    """Return the people of a file."""
    try:
        return read_people(str(plain(text)), str(plain(path)))
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"identity_people_read": identity_people_read}
