# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter access_data."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.check import problems
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.feed import read_people

DOCUMENTATION = r"""
name: access_data
short_description: Take people, entitlements and connections together
version_added: 0.1.0
description:
  - Reads the people from the text of a file where there is one, makes plain data of all, and tells what is wrong with it.
author:
  - The rollcall.identity authors (@rollcall-identity)
positional: day
options:
  _input:
    description:
      - A mapping with C(identity_people), C(identity_entitlements) and C(identity_connections).
      - With C(people_file), the name of a file, and C(people_text), what it holds, these are the people.
    type: dict
    required: true
  day:
    description: The day that the data is checked for, such as V(2026-12-31).
    type: str
    required: true
"""

EXAMPLES = r"""
- name: What is wrong with the people of a file
  ansible.builtin.debug:
    msg: "{{ ({'people_file': 'people.csv', 'people_text': text} | rollcall.identity.access_data('2026-12-31')).problems }}"
  vars:
    text: "{{ lookup('ansible.builtin.file', 'people.csv') }}"
"""

RETURN = r"""
_value:
  description:
    - C(document), the data as plain texts, lists and mappings, and C(problems), a sentence for everything that is wrong.
    - C(read) says whether the people could be read. If not, there are none in the document, and that they are few says nothing.
  type: dict
"""


def access_data(settings: t.Any, day: t.Any) -> dict[str, t.Any]:
    """Return the data and its problems."""
    given = plain(settings)
    document = {name: value for name, value in given.items() if name.startswith("identity_")}
    checked, wrong = document, []
    if given.get("people_file"):
        try:
            document["identity_people"] = read_people(given["people_text"], given["people_file"])
        except ValueError as error:
            document["identity_people"], wrong = [], str(error).split("\n")
            checked = {**document, "identity_entitlements": _without_owners(document.get("identity_entitlements"))}
    return {"document": document, "problems": wrong + problems(checked, str(plain(day))), "read": not wrong}


def _without_owners(entitlements: t.Any) -> t.Any:
    # Where people could not be read, nothing can be said of whether these are among them.
    if not isinstance(entitlements, dict):
        return entitlements
    return {name: {key: value for key, value in about.items() if key != "owner"} if isinstance(about, dict) else about for name, about in entitlements.items()}


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"access_data": access_data}
