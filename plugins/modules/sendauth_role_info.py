#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sendauth_role_info
short_description: List the permission labels and groups of SendAuth
version_added: 1.0.0
description:
  - Lists the permission labels and the permission groups that can be granted to users and, with O(members=true), their
    members. Changes nothing.
  - SendAuth does not list the roles that users can have.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.gather
  - rollcall.identity.sendauth
  - rollcall.identity.sendauth.role_info
seealso:
  - module: rollcall.identity.sendauth_user_roles
  - module: rollcall.identity.sendauth_user_info
"""

EXAMPLES = r"""
- name: List the labels and the groups
  rollcall.identity.sendauth_role_info:
  register: available

- name: Show the permissions of the groups
  ansible.builtin.debug:
    msg: "{{ available.groups | items2dict(key_name='name', value_name='permissions') }}"

- name: Read users with a label
  rollcall.identity.sendauth_role_info:
    kinds: [permissions]
    name: Snowflake
    members: true
  register: snowflake

- name: Show their addresses
  ansible.builtin.debug:
    msg: "{{ snowflake.permissions | map(attribute='members') | flatten | map(attribute='user') }}"
"""

RETURN = r"""
permissions:
  description: The permission labels, by name. The value of C(permissions) of other modules can be a name from here.
  type: list
  elements: dict
  returned: with V(permissions) in O(kinds)
  contains:
    id:
      description: The label itself. Labels have no other ID.
      type: str
      returned: always
      sample: Snowflake
    name:
      description: The label.
      type: str
      returned: always
      sample: Snowflake
    members:
      description: Users who have the label themselves, not by a group. V(null) without O(members).
      type: list
      elements: dict
      returned: always
      contains:
        id:
          description: SendAuth's ID of the user.
          type: str
          returned: always
          sample: 1c6dc9a4-9a5c-4d3b-8f7a-2f5b7f0f3c11
        user:
          description: E-mail address of the user, or C(id) and the ID for a user without one.
          type: str
          returned: always
          sample: ada.lovelace@example.com
groups:
  description: The permission groups, by name. The value of C(groups) of other modules can be a name or an C({id}) from
    here.
  type: list
  elements: dict
  returned: with V(groups) in O(kinds)
  contains:
    id:
      description: SendAuth's ID of the group.
      type: str
      returned: always
      sample: 2c6dc9a4-9a5c-4d3b-8f7a-2f5b7f0f3c11
    name:
      description: Name of the group.
      type: str
      returned: always
      sample: Engineering
    permissions:
      description: The labels that the group brings.
      type: list
      elements: str
      returned: when SendAuth reports it
      sample: [GitHub, VPN]
    members:
      description: Users in the group. V(null) without O(members).
      type: list
      elements: dict
      returned: always
      contains:
        id:
          description: SendAuth's ID of the user.
          type: str
          returned: always
          sample: 1c6dc9a4-9a5c-4d3b-8f7a-2f5b7f0f3c11
        user:
          description: E-mail address of the user, or C(id) and the ID for a user without one.
          type: str
          returned: always
          sample: ada.lovelace@example.com
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 2
operation:
  description: The API call that SendAuth refused.
  type: str
  returned: when SendAuth refused a call
  sample: list_permissions
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when SendAuth refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth import tasks

TASK = tasks.ROLE_INFO


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
