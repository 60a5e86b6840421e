#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: onelogin_role_info
short_description: List the roles and groups of OneLogin
version_added: 1.0.0
description:
  - Lists what can be granted to users, with IDs and, with O(members=true), the members. Changes nothing.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.gather
  - rollcall.identity.onelogin
  - rollcall.identity.onelogin.role_info
seealso:
  - module: rollcall.identity.onelogin_user_roles
  - module: rollcall.identity.onelogin_user_info
"""

EXAMPLES = r"""
- name: List the roles of the account
  rollcall.identity.onelogin_role_info:
    api_url: https://acme.onelogin.com
    kinds: [roles]
  register: available

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ available.roles | map(attribute='name') }}"

- name: Read users with a role
  rollcall.identity.onelogin_role_info:
    api_url: https://acme.onelogin.com
    kinds: [roles]
    name: Administrators
    members: true
  register: administrators

- name: Show their user names
  ansible.builtin.debug:
    msg: "{{ administrators.roles | map(attribute='members') | flatten | map(attribute='user') }}"
"""

RETURN = r"""
roles:
  description: The roles, by name. The value of C(roles) of other modules can be a name or an C({id}) from here.
  type: list
  elements: dict
  returned: with V(roles) in O(kinds)
  contains:
    id:
      description: OneLogin's ID of the role.
      type: str
      returned: always
      sample: "410001"
    name:
      description: Name of the role.
      type: str
      returned: always
      sample: Administrators
    members:
      description: Users who have the role. V(null) without O(members).
      type: list
      elements: dict
      returned: always
      contains:
        id:
          description: OneLogin's ID of the user.
          type: str
          returned: always
          sample: "100012"
        user:
          description: The value of the field that O(user_key) names.
          type: str
          returned: always
          sample: ada.lovelace
groups:
  description: The groups, by name. The value of C(group_id) of other modules is an ID from here.
  type: list
  elements: dict
  returned: with V(groups) in O(kinds)
  contains:
    id:
      description: OneLogin's ID of the group.
      type: str
      returned: always
      sample: "310001"
    name:
      description: Name of the group.
      type: str
      returned: always
      sample: Engineering
    reference:
      description: The reference that the group has in OneLogin.
      type: str
      returned: when OneLogin reports it
      sample: ""
    members:
      description: Users in the group. V(null) without O(members).
      type: list
      elements: dict
      returned: always
      contains:
        id:
          description: OneLogin's ID of the user.
          type: str
          returned: always
          sample: "100012"
        user:
          description: The value of the field that O(user_key) names.
          type: str
          returned: always
          sample: ada.lovelace
api_calls:
  description: Requests that the task sent, including logins.
  type: int
  returned: success
  sample: 3
operation:
  description: The API call that OneLogin refused.
  type: str
  returned: when OneLogin refused a call
  sample: get_role_by_name
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when OneLogin refused a call
  sample: 401
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import tasks

TASK = tasks.ROLE_INFO


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
