#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sendauth_user_roles
short_description: Manage the role, permissions and permission groups of a SendAuth user
version_added: 1.0.0
description:
  - Sets the role of an existing user, and adds or removes permission labels and permission groups.
  - Writes the differences in one call, together with the rest of the user as it was read. A second run changes nothing.
  - Permission labels do not grant anything in SendAuth itself. They are for the systems that rely on SendAuth. O(role)
    controls access to SendAuth itself.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.sendauth
  - rollcall.identity.sendauth.roles
options:
  role:
    description:
      - The role of the user in SendAuth. The API's specification names V(super_admin), V(admin) and V(user); the
        product's documentation names Admin, Registrar, Authenticator and None. Case is ignored, and the module writes a
        role as other users have it.
      - No call lists roles. A role that is in neither the specification nor the documentation is an error, unless some
        user has it. If the roles of other users show that SendAuth uses the names of only one of the two, a role that
        only the other one names causes a warning.
      - A change to a lower role counts as a loss, and so does a change from or to any other role.
      - A user always has exactly one role, so it is an error with O(state=absent).
    type: str
  permissions:
    description:
      - The permission labels. A number is treated as a name.
      - If SendAuth does not define a label, and no user has it, the task fails before its first write.
      - If not given, the user's permissions are left alone. An empty list removes all of them with O(state=exact), and
        is an error otherwise.
    type: list
    elements: raw
  groups:
    description:
      - The permission groups, by name. A number is treated as a name. If two groups have the same name, specify a
        mapping with C({id}) instead.
      - If a name is unknown or ambiguous, the task fails before its first write.
      - If not given, the user's groups are left alone. An empty list removes the user from all groups with
        O(state=exact), and is an error otherwise.
    type: list
    elements: raw
  state:
    description: What to do with O(permissions) and O(groups). An option that is not given has no effect.
    type: str
    choices:
      present: The user has at least these. Others are kept.
      absent: The user has none of these. Others are kept.
      exact: The user has exactly these.
    default: present
seealso:
  - module: rollcall.identity.sendauth_user
  - module: rollcall.identity.sendauth_user_info
"""

EXAMPLES = r"""
- name: Make Ada an administrator of SendAuth
  rollcall.identity.sendauth_user_roles:
    user: ada.lovelace@example.com
    role: admin

- name: Give Ada access to Snowflake and the VPN
  rollcall.identity.sendauth_user_roles:
    user: ada.lovelace@example.com
    permissions:
      - Snowflake
      - VPN

- name: Revoke Ada's permission On-call
  rollcall.identity.sendauth_user_roles:
    user: ada.lovelace@example.com
    permissions: [On-call]
    state: absent

- name: Set Ada's role, permission and groups exactly, with one group specified by ID
  rollcall.identity.sendauth_user_roles:
    user: ada.lovelace@example.com
    role: user
    permissions: [VPN]
    groups:
      - Engineering
      - id: 3e7b2a90-4a5d-4a43-8d38-9a8b6b1f7d02
    state: exact
  diff: true
"""

RETURN = r"""
user:
  description:
    - The user after the task. In check mode, as the user would be.
    - Fields that only SendAuth sets, such as RV(rollcall.identity.sendauth_user#module:user.group_permissions), are as
      they were before the task.
    - All other fields are those of RV(rollcall.identity.sendauth_user#module:user).
  type: dict
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
    role:
      description: The role in SendAuth.
      type: str
      returned: when it was read
      sample: user
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
      before: {permissions: [VPN]}
      after: {permissions: [Snowflake, VPN]}
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 3
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
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth import tasks

TASK = tasks.USER_ROLES


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
