#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nextauth_user
short_description: Manage a user of nextAuth
version_added: 1.0.0
description:
  - Creates, changes, blocks or deletes one user of a virtual server of nextAuth, with attributes and permissions.
  - A user is a name with attributes. The user logs in with accounts, which are apps on devices. Registering an app
    creates an account; this module does not.
  - The module compares the specified options with nextAuth's data and writes only the difference. A second run changes
    nothing.
  - One call both creates a user and replaces all attributes. The module therefore only sends it for a new user after
    nextAuth has reported that the user does not exist.
  - Deleting a user takes two calls. The first deletes the accounts, because nextAuth does not document that they are
    deleted with the user.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.nextauth
  - rollcall.identity.nextauth.user
seealso:
  - module: rollcall.identity.nextauth_users
  - module: rollcall.identity.nextauth_user_info
  - module: rollcall.identity.nextauth_user_accounts
  - module: rollcall.identity.nextauth_user_registration
"""

EXAMPLES = r"""
# If a task does not specify the API key, it comes from NEXTAUTH_API_KEY in the environment.
- name: Create Ada, or update her
  rollcall.identity.nextauth_user:
    server_id: "{{ nextauth_server_id }}"
    user: ada.lovelace@example.com
    attributes:
      department: Data
      employee_id: E1042

- name: Set exactly these attributes of Ada
  rollcall.identity.nextauth_user:
    server_id: "{{ nextauth_server_id }}"
    api_key: "{{ vault_nextauth_api_key }}"
    user: ada.lovelace@example.com
    attributes:
      department: Data
    attributes_state: exact

- name: Give Ada one of the permissions that this playbook manages
  rollcall.identity.nextauth_user:
    server_id: "{{ nextauth_server_id }}"
    user: ada.lovelace@example.com
    permissions: [sessions]
    permissions_state: managed
    managed_permissions: [sessions, accounts, users]

- name: Block Alan's login, and remove his title
  rollcall.identity.nextauth_user:
    server_id: "{{ nextauth_server_id }}"
    user: alan.turing@example.com
    enabled: false
    attributes:
      title: ""

- name: Delete Dennis, unless his name is protected
  rollcall.identity.nextauth_user:
    server_id: "{{ nextauth_server_id }}"
    user: dennis.ritchie@example.com
    state: absent
    protect:
      - svc-*
      - breakglass
"""

RETURN = r"""
user:
  description:
    - The user after the task. In check mode, as the user would be.
    - For a deleted user, only RV(user.id), RV(user.user) and RV(user.state). V(null) with O(state=absent) if the user
      did not exist.
  type: dict
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
    userid:
      description: The name of the user, as nextAuth calls it.
      type: str
      returned: always
      sample: ada.lovelace@example.com
    enabled:
      description:
        - Whether the user has an account that is not blocked. V(null) for a user without accounts, and if the accounts
          were not read.
        - Read by this task if O(enabled) is given.
      type: bool
      returned: always
      sample: true
    number_accounts:
      description: How many accounts the user has.
      type: int
      returned: when it was read
      sample: 1
    last_login:
      description:
        - When one of the user's accounts last logged in, in UTC. V(null) if never, or if it was not read.
        - nextAuth does not document the unit of its times. The module distinguishes seconds, milliseconds and smaller
          units by their size.
      type: str
      returned: always
      sample: "2026-01-05T08:00:00Z"
    role:
      description: ID of the user's role, V(null) if there is none. It is read with the permissions, and is the role
        before the task.
      type: str
      returned: when it was read
    attributes:
      description: Attributes that are set, name to value. Returned for a user who was looked up.
      type: dict
      returned: when it was read
      sample: {department: Data}
    permissions:
      description: Permissions of the user's role on this virtual server, sorted. Returned if O(permissions) is given.
      type: list
      elements: str
      returned: when it was read
      sample: [sessions]
    privileged:
      description: Always V(null). nextAuth does not report it.
      type: bool
      returned: always
      sample: null
    mfa:
      description: Always V(null). nextAuth does not report it.
      type: bool
      returned: always
      sample: null
    state:
      description: Always V(absent).
      type: str
      returned: when the user was deleted
      sample: absent
unmanaged:
  description: What the user has in addition to O(managed_permissions) and O(managed_attributes), by option.
  type: dict
  returned: when there is any
  sample: {permissions: [servers]}
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
      before: {attributes: {department: Research}}
      after: {attributes: {department: Data}}
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 3
stopped:
  description: The users who stopped the task. Nothing was written.
  type: list
  elements: str
  returned: when O(protect) stopped the task
  sample: [svc-awx]
operation:
  description: The API call that nextAuth refused.
  type: str
  returned: when nextAuth refused a call
  sample: update_user_attributes
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when nextAuth refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth import tasks

TASK = tasks.USER


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
