#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nextauth_user_info
short_description: Read users of nextAuth
version_added: 1.0.0
description:
  - Reads one user, the users who match filters, or all users of a virtual server. Changes nothing.
  - If a single user does not exist, the task fails. If filters do not match, the list is empty.
  - The list contains the names, the number of accounts and the last login, 100 users per call. O(gather) requires calls
    for each user.
  - M(rollcall.identity.nextauth_users) accepts the returned users unchanged, and changes nothing.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.gather
  - rollcall.identity.nextauth
  - rollcall.identity.nextauth.who
options:
  id:
    description: The name of the user, compared exactly, instead of O(user).
  filters:
    description: Which users to read, if neither O(user) nor O(id) is given. All filters must match.
    type: dict
    suboptions:
      search:
        description: A part of the user's name. nextAuth may treat C(%) and C(_) as wildcards.
        type: str
      attributes:
        description:
          - One attribute that the users have, name to value, or name to a list of values of which they have one.
          - nextAuth does not list the names of attributes, so an unknown name matches no user.
          - An integer is compared as decimal text. A boolean is an error, so quote it.
        type: dict
  gather:
    description: What to read in addition to the names.
    type: list
    elements: str
    choices:
      accounts:
        The accounts of each user, and with them RV(users[].enabled). One call for each user. For more than 20 users,
        the list of all accounts, which requires the permission C(accounts). Without this permission, one call for each
        user.
      attributes: The attributes of each user. One call for each.
      permissions: The role of each user and its permissions. Two calls for each user who has a role, one for others.
    default: []
notes:
  - For a user who is read by O(user) or O(id), a search adds the number of accounts and the last login. Both are
    V(null) if the first page of the search does not contain the user, or if the role of the API key lacks the
    permission C(users).
seealso:
  - module: rollcall.identity.nextauth_user
  - module: rollcall.identity.nextauth_users
"""

EXAMPLES = r"""
- name: Read Ada with all details
  rollcall.identity.nextauth_user_info:
    server_id: "{{ nextauth_server_id }}"
    user: ada.lovelace@example.com
    gather: [accounts, attributes, permissions]
  register: ada

- name: Read users in one of two departments
  rollcall.identity.nextauth_user_info:
    server_id: "{{ nextauth_server_id }}"
    filters:
      attributes:
        department: [Data, Research]
  register: matching

- name: Show users who have never logged in
  ansible.builtin.debug:
    msg: "{{ matching.users | rejectattr('last_login') | map(attribute='user') }}"

- name: Read all users, with options for a group of tasks
  module_defaults:
    group/rollcall.identity.nextauth:
      api_url: https://nextauth.example.com
      server_id: "{{ nextauth_server_id }}"
      api_key: "{{ vault_nextauth_api_key }}"
      protect: [svc-*]  # for the tasks of the block that change users
  block:
    - name: Read all users
      rollcall.identity.nextauth_user_info:
      register: directory
"""

RETURN = r"""
users:
  description:
    - The users.
    - All other fields are those of RV(rollcall.identity.nextauth_user#module:user).
    - Fields that O(gather) can name are returned only if it names them.
  type: list
  elements: dict
  returned: success
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
    enabled:
      description:
        - Whether the user has an account that is not blocked. V(null) for a user without accounts, and if the accounts
          were not read.
        - Read with V(accounts) in O(gather).
      type: bool
      returned: always
      sample: true
    role:
      description: ID of the user's role, V(null) if there is none. Returned with V(permissions) in O(gather).
      type: str
      returned: when it was read
    attributes:
      description: Attributes that are set, name to value. Returned with V(attributes) in O(gather).
      type: dict
      returned: when it was read
      sample: {department: Data}
    attributes_state:
      description: Always V(exact), so that M(rollcall.identity.nextauth_users) accepts the user unchanged.
      type: str
      returned: with V(attributes) in O(gather)
      sample: exact
    permissions_state:
      description: Always V(exact), so that M(rollcall.identity.nextauth_users) accepts the user unchanged.
      type: str
      returned: with V(permissions) in O(gather)
      sample: exact
    accounts:
      description: The user's accounts, which are apps on devices, sorted by their description.
      type: list
      elements: dict
      returned: with V(accounts) in O(gather)
      contains:
        id:
          description: ID of the account.
          type: str
          returned: always
          sample: "70001"
        description:
          description: The name that the user has given it, usually the device.
          type: str
          returned: always
          sample: Phone
        blocked:
          description: Whether it is blocked and cannot log in.
          type: bool
          returned: always
          sample: false
        client_version:
          description: Version of the app.
          type: str
          returned: always
          sample: "5.1"
        created:
          description: When it was registered.
          type: str
          returned: always
          sample: "2026-01-02T08:00:00Z"
        last_login:
          description: When it last logged in.
          type: str
          returned: always
          sample: "2026-01-05T08:00:00Z"
        last_provoke:
          description: When a login was last requested from it.
          type: str
          returned: always
          sample: "2026-01-05T07:59:00Z"
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 2
operation:
  description: The API call that nextAuth refused.
  type: str
  returned: when nextAuth refused a call
  sample: get_users
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when nextAuth refused a call
  sample: 401
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth import tasks

TASK = tasks.USER_INFO


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
