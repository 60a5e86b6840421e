# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter export_documents."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.export_files import documents

DOCUMENTATION = r"""
name: export_documents
short_description: Make people, entitlements and lists of users from directories
version_added: 0.1.0
description:
  - Makes the files of the role C(export) from the users of connections. People are joined over connections by their e-mail addresses.
  - The same users make the same files.
author:
  - The rollcall.identity authors (@rollcall-identity)
positional: connections, errors, bundle_min
options:
  _input:
    description: Users by connection, as the info modules tell them. The first connections say how names and addresses are spelled.
    type: dict
    required: true
  connections:
    description: The connections, as C(identity_connections) of the roles.
    type: dict
    required: true
  errors:
    description: Why connections could not be read.
    type: dict
    default: {}
  bundle_min:
    description: How many people must hold the same grants for these to be proposed as one entitlement. V(0) proposes none.
    type: int
    default: 0
"""

EXAMPLES = r"""
- name: Make the files
  ansible.builtin.set_fact:
    made: "{{ {'ol': read.users} | rollcall.identity.export_documents(identity_connections, bundle_min=3) }}"
"""

RETURN = r"""
_value:
  description: C(files), the text of each file by its name, and C(result), the counts and what was left out.
  type: dict
"""


def export_documents(directories: t.Any, connections: t.Any, errors: t.Any = None, bundle_min: t.Any = 0) -> dict[str, t.Any]:
    """Return the files and the result."""
    read, known = plain(directories), plain(connections)
    return documents({name: known[name] for name in read}, read, plain(errors) or {}, int(bundle_min))


class FilterModule:
    """The filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return it by its name."""
        return {"export_documents": export_documents}
