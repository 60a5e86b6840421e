# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter identity_by_connection."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain

DOCUMENTATION = r"""
name: identity_by_connection
short_description: Sort results of a loop by connection
version_added: 0.1.0
description:
  - Turns the results of a loop over P(rollcall.identity.identity_call#module) into a mapping by the name of the connection.
author:
  - The rollcall.identity authors (@rollcall-identity)
positional: key
options:
  _input:
    description: The C(results) that the loop registered.
    type: list
    required: true
    elements: dict
  key:
    description: What to take of each result. Results without it are left out. The whole result, if not given.
    type: str
"""

EXAMPLES = r"""
- name: Why connections could not be read
  ansible.builtin.debug:
    msg: "{{ read.results | rollcall.identity.identity_by_connection('error') }}"
"""

RETURN = r"""
_value:
  description: Name of the connection to result, or to the part of it that was asked for.
  type: dict
"""


def identity_by_connection(results: t.Any, key: t.Any = None) -> dict[str, t.Any]:
    """Return results by connection."""
    found = {result["connection"]: result for result in plain(results) if "connection" in result}
    return found if key is None else {name: result[key] for name, result in found.items() if key in result}


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"identity_by_connection": identity_by_connection}
