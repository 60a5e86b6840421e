#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sendauth_user
short_description: Manage a user of SendAuth
version_added: 1.0.0
description:
  - Creates, changes, renames, deletes, restores or destroys one user of SendAuth, with role, permission labels and
    permission groups.
  - The module compares the specified options with SendAuth's data and reports only differences as changes. A second run
    changes nothing.
  - Creating a user takes one call. Changing a user takes two, no matter how much changes, because the module reads the
    user right before. It takes one more if the list of users is incomplete, and one more if the answer is.
  - The only way to block a login is to delete the user. Deleted users are kept, and O(restore) restores them.
  - SendAuth searches for parts of addresses. The module compares the whole address and ignores case.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.sendauth
  - rollcall.identity.sendauth.user
seealso:
  - module: rollcall.identity.sendauth_users
  - module: rollcall.identity.sendauth_user_info
  - module: rollcall.identity.sendauth_user_roles
  - module: rollcall.identity.sendauth_user_transaction
"""

EXAMPLES = r"""
# Credentials that a task does not specify come from SENDAUTH_API_USER and SENDAUTH_API_PASSWORD in the environment.
- name: Create Ada, or update her
  rollcall.identity.sendauth_user:
    user: ada.lovelace@example.com
    first_name: Ada
    last_name: Lovelace
    company: Example
    permissions:
      - Snowflake
    groups:
      - Engineering

- name: Create Ada as an administrator of SendAuth, who gets an e-mail
  rollcall.identity.sendauth_user:
    api_user: "{{ sendauth_api_user }}"
    api_password: "{{ vault_sendauth_api_password }}"
    user: ada.lovelace@example.com
    first_name: Ada
    last_name: Lovelace
    role: admin

- name: Give Ada only Snowflake among the permissions that this playbook manages
  rollcall.identity.sendauth_user:
    user: ada.lovelace@example.com
    permissions: [Snowflake]
    permissions_state: managed
    managed_permissions: [Snowflake, data-engineer, data-analyst]

- name: Change Ada's address, and keep her account
  rollcall.identity.sendauth_user:
    user: ada.king@example.com
    previous_users:
      - ada.lovelace@example.com
    last_name: King

- name: Delete Alan, who can be restored
  rollcall.identity.sendauth_user:
    user: alan.turing@example.com
    state: absent

- name: Restore Alan without passkeys, with exactly this role and these grants
  rollcall.identity.sendauth_user:
    user: alan.turing@example.com
    first_name: Alan
    last_name: Turing
    role: user
    permissions: [VPN]
    groups: []
    groups_state: exact
    restore: true

- name: Delete Dennis permanently, unless his address is protected
  rollcall.identity.sendauth_user:
    user: dennis.ritchie@example.com
    state: destroyed
    protect:
      - svc-*
"""

RETURN = r"""
user:
  description:
    - The user after the task. In check mode, as the user would be.
    - For a deleted or destroyed user, only RV(user.id), RV(user.user) and RV(user.state). V(null) with O(state=absent)
      and O(state=destroyed) if the user did not exist.
    - Fields that only SendAuth sets, such as RV(user.group_permissions), are as they were before the task.
  type: dict
  returned: success
  contains:
    id:
      description: SendAuth's ID of the user. V(null) for a user who would be created, in check mode.
      type: str
      returned: always
      sample: 1c6dc9a4-9a5c-4d3b-8f7a-2f5b7f0f3c11
    user:
      description: E-mail address. V(null) for a user who has none.
      type: str
      returned: always
      sample: ada.lovelace@example.com
    email:
      description: The same as RV(user.user).
      type: str
      returned: when it was read
      sample: ada.lovelace@example.com
    first_name:
      description: First name.
      type: str
      returned: when it was read
      sample: Ada
    last_name:
      description: Last name.
      type: str
      returned: when it was read
      sample: Lovelace
    phone:
      description: Telephone number.
      type: str
      returned: when it was read
      sample: "+44 20 7946 0000"
    company:
      description: The company of the user. V(null) for none, and an empty text if this task removes it.
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
    role:
      description: The role in SendAuth.
      type: str
      returned: when it was read
      sample: user
    messaging_preference:
      description: V(email), V(sms) or V(both).
      type: str
      returned: when it was read
      sample: email
    has_passkeys:
      description: Whether the user has passkeys.
      type: bool
      returned: when it was read
      sample: true
    enabled:
      description: V(true) for an existing user, V(false) for a deleted user. V(null) for a user whom this task creates.
      type: bool
      returned: always
      sample: true
    username:
      description: A display name that SendAuth generates.
      type: str
      returned: when it was read
      sample: ada.lovelace
    group_permissions:
      description: Permissions that come from permission groups.
      type: list
      elements: str
      returned: when it was read
      sample: [VPN]
    created_at:
      description: When the user was created.
      type: str
      returned: when it was read
      sample: "2026-01-05T08:00:00Z"
    last_authenticated:
      description: When the user last authenticated. V(null) if never.
      type: str
      returned: when it was read
      sample: "2026-01-06T08:00:00Z"
    permissions:
      description: Permission labels that the user has directly, sorted.
      type: list
      elements: str
      returned: when it was read
      sample: [Snowflake, VPN]
    groups:
      description: Permission groups by name, sorted. A group is a mapping with its C(id) if the name is not unique.
        Returned if O(groups) is given.
      type: list
      elements: raw
      returned: when it was read
      sample: [Engineering]
    privileged:
      description: Whether the role has rights over other users. V(null) if the role is unknown.
      type: bool
      returned: always
      sample: false
    last_login:
      description: The same as RV(user.last_authenticated), or V(null).
      type: str
      returned: always
      sample: "2026-01-06T08:00:00Z"
    mfa:
      description: Whether the user has passkeys, or V(null).
      type: bool
      returned: always
      sample: true
    state:
      description: Always V(absent).
      type: str
      returned: when the user was deleted or destroyed
      sample: absent
unmanaged:
  description:
    - What the user has in addition to O(managed_permissions) and O(managed_groups), by option.
    - For a restored user, also the permissions and groups of the user, if the options are not given.
  type: dict
  returned: when there is any
  sample: {permissions: [VPN]}
diff:
  description:
    - One entry with the fields that change.
    - Empty if nothing changes.
    - C(before) is empty for a user who is created, C(after) for one who is deleted.
  type: list
  elements: dict
  returned: in diff mode
  sample:
    - before_header: ada.lovelace@example.com
      after_header: ada.lovelace@example.com
      before: {phone: "", role: admin}
      after: {phone: "+44 20 7946 0000", role: user}
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 2
stopped:
  description: The users who stopped the task. Nothing was written.
  type: list
  elements: str
  returned: when O(protect) or another guard stopped the task
  sample: [svc-awx@example.com]
operation:
  description: The API call that SendAuth refused.
  type: str
  returned: when SendAuth refused a call
  sample: update_user
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when SendAuth refused a call
  sample: 422
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth import tasks

TASK = tasks.USER


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
