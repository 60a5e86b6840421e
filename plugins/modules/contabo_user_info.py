#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: contabo_user_info
short_description: Read users of Contabo
version_added: 1.0.0
description:
  - Reads one user, the users who match filters, or all users. Changes nothing.
  - If a single user does not exist, the task fails. If filters do not match, the list is empty.
  - One call reads 100 users with their roles. O(gather) may require more calls.
  - M(rollcall.identity.contabo_users) accepts the returned users unchanged, and changes nothing.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.gather
  - rollcall.identity.contabo
  - rollcall.identity.contabo.who
options:
  id:
    description: The provider's ID of the user, instead of O(user).
  filters:
    description:
      - Which users to read, if neither O(user) nor O(id) is given. All filters must match.
    type: dict
    suboptions:
      email:
        description: A part of the e-mail address. Contabo decides whether case matters. An empty text is an error.
        type: str
      enabled:
        description: Whether the users can log in.
        type: bool
      owner:
        description: Whether the users are owners of the account.
        type: bool
  gather:
    description: What to read in addition to the profile.
    type: list
    elements: str
    choices:
      password_set: Whether each user has set a password. One call for each user.
      roles: The roles of each user by name. One call for all roles of the account.
    default: []
seealso:
  - module: rollcall.identity.contabo_user
  - module: rollcall.identity.contabo_users
"""

EXAMPLES = r"""
- name: Read Ada with her roles
  rollcall.identity.contabo_user_info:
    user: ada.lovelace@example.com
    gather: [roles, password_set]
  register: ada

- name: Read users who can log in
  rollcall.identity.contabo_user_info:
    filters:
      enabled: true
  register: active

- name: Show the administrators without a second factor
  ansible.builtin.debug:
    msg: "{{ active.users | selectattr('privileged') | rejectattr('mfa') | map(attribute='user') }}"

- name: Read all users, with options for a group of tasks
  module_defaults:
    group/rollcall.identity.contabo:
      expected_account: "12345678"
      trace_id: access-review
      protect: [svc-*]  # for the tasks of the block that change users
  block:
    - name: Read all users
      rollcall.identity.contabo_user_info:
      register: directory
"""

RETURN = r"""
users:
  description:
    - The users.
    - All other fields are those of RV(rollcall.identity.contabo_user#module:user).
    - Fields that O(gather) can name are returned only if it names them.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: Contabo's ID of the user.
      type: str
      returned: always
      sample: 4f2c2a3e-5d0b-4d0a-9a39-0c6a1d7e0b11
    user:
      description: The user's e-mail address.
      type: str
      returned: always
      sample: ada.lovelace@example.com
    roles:
      description: Roles by name, sorted. A role is a mapping with its C(id) if the name is not unique. Returned
        with V(roles) in O(gather).
      type: list
      elements: raw
      returned: when it was read
      sample: [Snowflake, User reader]
    roles_state:
      description: Always V(exact), so that M(rollcall.identity.contabo_users) accepts the user unchanged.
      type: str
      returned: with V(roles) in O(gather)
      sample: exact
    password_set:
      description: Whether the user has set a password.
      type: bool
      returned: with V(password_set) in O(gather)
      sample: true
api_calls:
  description: Requests that the task sent, including logins.
  type: int
  returned: success
  sample: 3
request_id:
  description: The C(x-request-id) of the last call, for Contabo's audits and support.
  type: str
  returned: success, and when Contabo refused a call
  sample: 0b0a0d0e-5a4c-4c1e-8f7b-2f4b9a1c7d10
operation:
  description: The API call that Contabo refused.
  type: str
  returned: when Contabo refused a call
  sample: retrieve_user_list
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Contabo refused a call
  sample: 401
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo import tasks

TASK = tasks.USER_INFO


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
