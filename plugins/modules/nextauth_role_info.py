#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nextauth_role_info
short_description: List the roles of a virtual server of nextAuth
version_added: 1.0.0
description:
  - Lists the roles that have permissions on a virtual server, with these permissions and, with O(members=true), the
    users of the roles. Changes nothing.
  - nextAuth does not list the permissions that can be granted, and roles only have IDs, not names.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.gather
  - rollcall.identity.nextauth
  - rollcall.identity.nextauth.role_info
seealso:
  - module: rollcall.identity.nextauth_user_roles
  - module: rollcall.identity.nextauth_user_info
"""

EXAMPLES = r"""
- name: List the roles of the server
  rollcall.identity.nextauth_role_info:
    server_id: "{{ nextauth_server_id }}"
  register: server

- name: Show the roles with all permissions
  ansible.builtin.debug:
    msg: "{{ server.roles | selectattr('permissions', 'contains', 'root') | map(attribute='id') }}"

- name: Read the roles with their members
  rollcall.identity.nextauth_role_info:
    server_id: "{{ nextauth_server_id }}"
    members: true
  register: server_with_members
"""

RETURN = r"""
roles:
  description: The roles, by ID.
  type: list
  elements: dict
  returned: with V(roles) in O(kinds)
  contains:
    id:
      description: ID of the role, in base64.
      type: str
      returned: always
      sample: cm9sZSAx
    name:
      description: The ID again. nextAuth has no names for roles.
      type: str
      returned: always
      sample: cm9sZSAx
    permissions:
      description: The permissions of the role on this server.
      type: list
      elements: str
      returned: always
      sample: [sessions, users]
    members:
      description: The users who have this role. Roles of API keys do not have users. V(null) without O(members).
      type: list
      elements: dict
      returned: always
      contains:
        id:
          description: The name of the user, which is also the ID.
          type: str
          returned: always
          sample: ada.lovelace@example.com
        user:
          description: The name of the user.
          type: str
          returned: always
          sample: ada.lovelace@example.com
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 2
operation:
  description: The API call that nextAuth refused.
  type: str
  returned: when nextAuth refused a call
  sample: get_all_permissions
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when nextAuth refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth import tasks

TASK = tasks.ROLE_INFO


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
