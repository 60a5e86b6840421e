#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sendauth_user_info
short_description: Read users of SendAuth
version_added: 1.0.0
description:
  - Reads one user, the users who match filters, or all users, among the existing or the deleted users. Changes nothing.
  - If a single user does not exist, the task fails. If filters do not match, the list is empty.
  - One call reads the profile and the permissions of 100 users. Audits and transactions require calls for each user.
  - M(rollcall.identity.sendauth_users) accepts the returned users unchanged, and changes nothing.
  - SendAuth does not report the tags of a user.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.gather
  - rollcall.identity.sendauth
  - rollcall.identity.sendauth.who
options:
  id:
    description: The provider's ID of the user, instead of O(user).
  filters:
    description: Which users to read, if neither O(user) nor O(id) is given. All filters must match.
    type: dict
    suboptions:
      search:
        description: A part of the first name, the last name, the address or the telephone number.
        type: str
      permission:
        description:
          - A permission label that the users have.
          - If no user matches, one more call checks the label. An unknown label is an error. Only an Admin can list the
            labels, so for other credentials, a warning says that the label was not checked.
        type: str
  deleted:
    description:
      - Whether to read deleted users instead of existing ones.
      - To find a deleted user by ID, the module reads the whole list of deleted users.
      - SendAuth does not document whether it returns the audits and transactions of a deleted user. If it does not, the
        task fails.
    type: bool
    default: false
  gather:
    description: What to read in addition to the profile.
    type: list
    elements: str
    choices:
      audits: The audit log of each user. One call for 100 entries of each user. Only an Admin can read it.
      transactions: Registrations and authentications of each user. One call for 100 entries of each user.
      permissions: The permission labels of each user. They come with the list.
      groups: The permission groups of each user by name. One call for the names.
    default: []
  limit:
    description:
      - The maximum number of audits and transactions of each user to read, in SendAuth's order. At least V(1).
      - By default, all of them are read. It does not limit the number of users.
    type: int
seealso:
  - module: rollcall.identity.sendauth_user
  - module: rollcall.identity.sendauth_users
  - module: rollcall.identity.sendauth_user_transaction
"""

EXAMPLES = r"""
- name: Read Ada with her permissions, groups and latest transactions
  rollcall.identity.sendauth_user_info:
    user: ada.lovelace@example.com
    gather: [permissions, groups, transactions]
    limit: 20
  register: ada

- name: Read users with a permission
  rollcall.identity.sendauth_user_info:
    filters:
      permission: Snowflake
  register: snowflake

- name: Show users without passkeys
  ansible.builtin.debug:
    msg: "{{ snowflake.users | rejectattr('has_passkeys') | map(attribute='email') }}"

- name: Read deleted users who can be restored
  rollcall.identity.sendauth_user_info:
    deleted: true
  register: deleted

- name: Read all users, with options for a group of tasks
  module_defaults:
    group/rollcall.identity.sendauth:
      api_user: "{{ sendauth_api_user }}"
      api_password: "{{ vault_sendauth_api_password }}"
      protect: [svc-*]  # for the tasks of the block that change users
  block:
    - name: Read all users
      rollcall.identity.sendauth_user_info:
      register: directory
"""

RETURN = r"""
users:
  description:
    - The users.
    - All other fields are those of RV(rollcall.identity.sendauth_user#module:user).
    - Fields that O(gather) can name are returned only if it names them.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: SendAuth's ID of the user.
      type: str
      returned: always
      sample: 1c6dc9a4-9a5c-4d3b-8f7a-2f5b7f0f3c11
    user:
      description: E-mail address. V(null) for a user who has none.
      type: str
      returned: always
      sample: ada.lovelace@example.com
    company:
      description: The company of the user, V(null) for none.
      type: dict
      returned: when it was read
      contains:
        id:
          description: ID of the company.
          type: str
          returned: always
          sample: 7f1d7c5e-0d0b-4d1a-9a59-5f3f5d3a1b20
        name:
          description: Name of the company.
          type: str
          returned: always
          sample: Example
    groups:
      description: Permission groups by name, sorted. A group is a mapping with its C(id) if the name is not unique.
        Returned with V(groups) in O(gather).
      type: list
      elements: raw
      returned: when it was read
      sample: [Engineering]
    permissions_state:
      description: Always V(exact), so that M(rollcall.identity.sendauth_users) accepts the user unchanged.
      type: str
      returned: with V(permissions) in O(gather)
      sample: exact
    groups_state:
      description: Always V(exact), so that M(rollcall.identity.sendauth_users) accepts the user unchanged.
      type: str
      returned: with V(groups) in O(gather)
      sample: exact
    state:
      description: Always V(absent), so that M(rollcall.identity.sendauth_users) accepts the user unchanged.
      type: str
      returned: with O(deleted=true)
      sample: absent
    audits:
      description: The audit log of the user, in SendAuth's order.
      type: list
      elements: dict
      returned: with V(audits) in O(gather)
      contains:
        subject:
          description: ID of the object.
          type: str
          returned: always
          sample: 1c6dc9a4-9a5c-4d3b-8f7a-2f5b7f0f3c11
        name:
          description: Name of the object.
          type: str
          returned: always
          sample: Ada Lovelace
        type:
          description: Kind of the object.
          type: str
          returned: always
          sample: user
        actor:
          description: Who acted.
          type: str
          returned: always
          sample: svc-awx@example.com
        action:
          description: The action.
          type: str
          returned: always
          sample: user.updated
        extras:
          description: Other texts, by name.
          type: dict
          returned: always
          sample: {}
        created_at:
          description: When it happened.
          type: str
          returned: always
          sample: "2026-01-05T08:00:00Z"
    transactions:
      description: Registrations and authentications of the user, in SendAuth's order. Fields that SendAuth does not
        report are V(null).
      type: list
      elements: dict
      returned: with V(transactions) in O(gather)
      contains:
        id:
          description: ID of the transaction.
          type: str
          returned: always
          sample: 0f4e2a52-7d2c-49d1-8f5e-1f0a3c9b7e44
        subject:
          description: ID of the user.
          type: str
          returned: always
          sample: 1c6dc9a4-9a5c-4d3b-8f7a-2f5b7f0f3c11
        subject_name:
          description: Name of the user.
          type: str
          returned: always
          sample: Ada Lovelace
        state:
          description: V(pending), V(verified), V(denied), V(cancelled) or V(expired).
          type: str
          returned: always
          sample: verified
        requestor:
          description: Who requested it.
          type: str
          returned: always
          sample: svc-awx@example.com
        context:
          description: The context of the transaction.
          type: str
          returned: always
          sample: authenticate
        message:
          description: The message to the user.
          type: str
          returned: always
          sample: Deployment of release 7
        user_message:
          description: The message of the user.
          type: str
          returned: always
          sample: ok
        created_at:
          description: When it began.
          type: str
          returned: always
          sample: "2026-01-05T08:00:00Z"
        completed_at:
          description: When it ended.
          type: str
          returned: always
          sample: "2026-01-05T08:00:20Z"
        expires_at:
          description: When it expires.
          type: str
          returned: always
          sample: "2026-01-05T08:05:00Z"
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 2
operation:
  description: The API call that SendAuth refused.
  type: str
  returned: when SendAuth refused a call
  sample: list_users
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when SendAuth refused a call
  sample: 401
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth import tasks

TASK = tasks.USER_INFO


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
