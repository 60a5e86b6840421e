# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter access_gather."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.access import gathered

DOCUMENTATION = r"""
name: access_gather
short_description: Tell what must be read of the users of a connection
version_added: 0.1.0
description:
  - Tells which facets the entitlements name in a connection, such as roles. Others need not be read, unless all go when a login is blocked.
author:
  - The rollcall.identity authors (@rollcall-identity)
positional: connection
options:
  _input:
    description: A mapping with C(identity_entitlements) and C(identity_connections).
    type: dict
    required: true
  connection:
    description: The name of the connection.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: What is granted in the connection ol
  ansible.builtin.debug:
    msg: "{{ data | rollcall.identity.access_gather('ol') }}"
  vars:
    data:
      identity_connections: "{{ identity_connections }}"
      identity_entitlements: "{{ identity_entitlements }}"
"""

RETURN = r"""
_value:
  description: Names of facets, as the option C(gather) of the info modules takes them.
  type: list
  elements: str
"""


def access_gather(document: t.Any, connection: t.Any) -> list[str]:
    """Return the facets that the entitlements name."""
    return gathered(plain(document), str(plain(connection)))


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"access_gather": access_gather}
