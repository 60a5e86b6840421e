#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: contabo_role_info
short_description: List the roles of Contabo
version_added: 1.0.0
description:
  - Lists the roles that can be granted to users, their permissions and, with O(members=true), their members. Changes
    nothing.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.gather
  - rollcall.identity.contabo
  - rollcall.identity.contabo.role_info
seealso:
  - module: rollcall.identity.contabo_user_roles
  - module: rollcall.identity.contabo_user_info
"""

EXAMPLES = r"""
- name: List the roles of the account
  rollcall.identity.contabo_role_info:
  register: available

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ available.roles | map(attribute='name') }}"

- name: Read the administrators
  rollcall.identity.contabo_role_info:
    members: true
  register: account

- name: Show their addresses
  ansible.builtin.debug:
    msg: "{{ administrators | map(attribute='members') | flatten | map(attribute='user') | unique }}"
  vars:
    administrators: "{{ account.roles | selectattr('admin') }}"
"""

RETURN = r"""
roles:
  description: The roles, by name. The value of C(roles) of other modules can be a name or an C({id}) from here.
  type: list
  elements: dict
  returned: with V(roles) in O(kinds)
  contains:
    id:
      description: Contabo's ID of the role.
      type: str
      returned: always
      sample: "5004"
    name:
      description: Name of the role.
      type: str
      returned: always
      sample: Administrator
    type:
      description: V(default) for the roles of Contabo, V(custom) for those of the customer. V(null) if Contabo does not
        report it.
      type: str
      returned: always
      sample: custom
    admin:
      description: Whether the role makes its users administrators. V(null) if Contabo does not report it.
      type: bool
      returned: always
      sample: false
    access_all_resources:
      description: Whether the role applies to all resources. V(null) if Contabo does not report it.
      type: bool
      returned: always
      sample: false
    permissions:
      description: The permissions of the role, as Contabo reports them.
      type: list
      elements: dict
      returned: always
      contains:
        api_name:
          description: The part of the API.
          type: str
          returned: always
          sample: /v1/users
        actions:
          description: The permitted actions.
          type: list
          elements: str
          returned: always
          sample: [READ]
        resources:
          description: The tags of the resources that it applies to.
          type: list
          elements: dict
          returned: always
          sample: []
    members:
      description: Users who have the role. V(null) without O(members).
      type: list
      elements: dict
      returned: always
      contains:
        id:
          description: Contabo's ID of the user.
          type: str
          returned: always
          sample: 6f1d7c5e-0d0b-4d1a-9a59-5f3f5d3a1b20
        user:
          description: E-mail address of the user.
          type: str
          returned: always
          sample: ada.lovelace@example.com
api_calls:
  description: Requests that the task sent, including logins.
  type: int
  returned: success
  sample: 2
operation:
  description: The API call that Contabo refused.
  type: str
  returned: when Contabo refused a call
  sample: retrieve_role_list
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Contabo refused a call
  sample: 403
request_id:
  description: The C(x-request-id) of the last call, for Contabo's audits and support.
  type: str
  returned: when Contabo refused a call
  sample: 04e0f898-37b4-48bc-a794-1a57abe6aa31
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo import tasks

TASK = tasks.ROLE_INFO


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
