#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scim_user_info
short_description: Read users of a SCIM 2.0 server
version_added: 1.0.0
description:
  - Reads one user, the users who match a filter, or all users. Changes nothing.
  - If a single user does not exist, the task fails. If no user matches the filter, the list is empty.
  - The list contains the profiles, with up to 200 users per call. Members of groups come from the list of groups.
  - M(rollcall.identity.scim_users) accepts the returned users unchanged, and changes nothing.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.gather
  - rollcall.identity.scim
  - rollcall.identity.scim.who
options:
  id:
    description: The server's ID of the user, instead of O(user).
  filters:
    description: Which users to read, if neither O(user) nor O(id) is given.
    type: dict
    suboptions:
      expression:
        description: A filter of RFC 7644, such as V(userType eq "Employee"). An error if the server has no filters.
        type: str
  gather:
    description: What to read in addition to the profile.
    type: list
    elements: str
    choices:
      groups: The groups of each user.
      attributes: All attributes that are set and do not have their own field.
    default: []
seealso:
  - module: rollcall.identity.scim_users
  - module: rollcall.identity.scim_role_info
"""

EXAMPLES = r"""
- name: Read Ada with her groups
  rollcall.identity.scim_user_info:
    api_url: https://id.example.com/scim/v2
    user: ada.lovelace@example.com
    gather: [groups]
  register: ada

- name: Read all employees
  rollcall.identity.scim_user_info:
    api_url: https://id.example.com/scim/v2
    filters:
      expression: userType eq "Employee"
  register: employees

- name: Read all users, with one connection for all tasks of the block
  module_defaults:
    group/rollcall.identity.scim:
      api_url: https://id.example.com/scim/v2
      api_token: "{{ vault_scim_token }}"
      protect: [svc-*]  # for the tasks of the block that change users
  block:
    - name: Read all users
      rollcall.identity.scim_user_info:
      register: directory

    - name: Show users who can log in
      ansible.builtin.debug:
        msg: "{{ directory.users | selectattr('enabled') | map(attribute='user') }}"
"""

RETURN = r"""
users:
  description:
    - The users.
    - All other fields are those of RV(rollcall.identity.scim_user#module:user).
    - Fields that O(gather) can name are returned only if it names them.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: The server's ID of the user.
      type: str
      returned: always
      sample: 2819c223-7f76-453a-919d-413861904646
    user:
      description: The value of the attribute that O(user_key) names.
      type: str
      returned: always
      sample: ada.lovelace@example.com
    attributes:
      description: Attributes that are set and do not have their own field, path to value. Returned with V(attributes)
        in O(gather).
      type: dict
      returned: when it was read
      sample: {"urn:example:2.0:User:badge": "B-7"}
    groups:
      description: The groups that the user is a direct member of, by name, or as a mapping with C(id) if the name is
        not unique. Returned with V(groups) in O(gather).
      type: list
      elements: raw
      returned: when it was read
      sample: [data, staff]
    attributes_state:
      description: Always V(exact), so that M(rollcall.identity.scim_users) accepts the user unchanged.
      type: str
      returned: with V(attributes) in O(gather)
      sample: exact
    groups_state:
      description: Always V(exact), so that M(rollcall.identity.scim_users) accepts the user unchanged.
      type: str
      returned: with V(groups) in O(gather)
      sample: exact
api_calls:
  description: Requests that the task sent, including logins and the requests for the server's capabilities.
  type: int
  returned: success
  sample: 5
operation:
  description: The API call that the server refused.
  type: str
  returned: when the server refused a call
  sample: list_users
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when the server refused a call
  sample: 401
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.scim import tasks

TASK = tasks.USER_INFO


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
