#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nextauth_user_roles
short_description: Manage the role of a nextAuth user and its permissions
version_added: 1.0.0
description:
  - Grants permissions on a virtual server to an existing user, or revokes them.
  - A user has one role, which contains the permissions. The first permission creates the role. The role remains after
    the last permission is revoked, because the API cannot delete a role.
  - nextAuth's answer is the same for a user without a role and for a missing user. The module therefore looks up the
    user first.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.nextauth
  - rollcall.identity.nextauth.permissions
options:
  permissions:
    description:
      - The permissions, by name, for example V(users), V(accounts) or V(sessions). They are case-sensitive. Their order
        does not matter.
      - To grant a name that is neither documented nor granted to any role is an error.
      - An empty list removes all permissions with O(state=exact), and is an error otherwise.
    type: list
    elements: raw
    required: true
  state:
    description: What to do with O(permissions).
    type: str
    choices:
      present: The role has at least these permissions. Others are kept.
      absent: The role has none of these permissions. Others are kept.
      exact: The role has exactly these permissions.
    default: present
seealso:
  - module: rollcall.identity.nextauth_user
  - module: rollcall.identity.nextauth_user_info
"""

EXAMPLES = r"""
- name: Give the help desk's service permissions to read sessions and block accounts
  rollcall.identity.nextauth_user_roles:
    server_id: "{{ nextauth_server_id }}"
    user: svc-helpdesk
    permissions:
      - sessions
      - accounts

- name: Revoke its permission to block accounts
  rollcall.identity.nextauth_user_roles:
    server_id: "{{ nextauth_server_id }}"
    user: svc-helpdesk
    permissions: [accounts]
    state: absent

- name: Give it exactly this permission
  rollcall.identity.nextauth_user_roles:
    server_id: "{{ nextauth_server_id }}"
    user: svc-helpdesk
    permissions: [sessions]
    state: exact
  diff: true
"""

RETURN = r"""
user:
  description:
    - The user after the task. In check mode, as the user would be.
    - All other fields are those of RV(rollcall.identity.nextauth_user#module:user).
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
    enabled:
      description:
        - Whether the user has an account that is not blocked. V(null) for a user without accounts, and if the accounts
          were not read.
        - Not read by this module.
      type: bool
      returned: always
      sample: true
    attributes:
      description: Attributes that are set, name to value.
      type: dict
      returned: when it was read
      sample: {department: Data}
    permissions:
      description: Permissions of the user's role on this virtual server, sorted.
      type: list
      elements: str
      returned: when it was read
      sample: [sessions]
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
      before: {permissions: [accounts, sessions]}
      after: {permissions: [sessions]}
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 5
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
  sample: grant_permissions
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when nextAuth refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth import tasks

TASK = tasks.USER_ROLES


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
