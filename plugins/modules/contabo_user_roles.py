#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: contabo_user_roles
short_description: Manage the roles of a Contabo user
version_added: 1.0.0
description:
  - Grants roles to an existing user, or revokes them. A second run changes nothing.
  - The module reads the user again after a change, and fails if the change is missing.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.contabo
  - rollcall.identity.contabo.roles
options:
  roles:
    description:
      - The roles, by name. A number is treated as a name. If two roles have the same name, specify a mapping with
        C({id}) instead.
      - If a name is unknown or ambiguous, the task fails before its first write.
      - An empty list removes all roles with O(state=exact), and is an error otherwise.
    type: list
    elements: raw
    required: true
  state:
    description: What to do with O(roles).
    type: str
    choices:
      present: The user has at least these roles. Others are kept.
      absent: The user has none of these roles. Others are kept.
      exact: The user has exactly these roles.
    default: present
seealso:
  - module: rollcall.identity.contabo_user
  - module: rollcall.identity.contabo_user_info
"""

EXAMPLES = r"""
- name: Give Ada access to Snowflake, and put her on call
  rollcall.identity.contabo_user_roles:
    user: ada.lovelace@example.com
    roles:
      - Snowflake
      - On-call

- name: Revoke Ada's role On-call
  rollcall.identity.contabo_user_roles:
    user: ada.lovelace@example.com
    roles: [On-call]
    state: absent

- name: Give Ada exactly these two roles, one specified by ID
  rollcall.identity.contabo_user_roles:
    user: ada.lovelace@example.com
    roles:
      - User reader
      - id: 5012
    state: exact
  diff: true
"""

RETURN = r"""
user:
  description:
    - The user after the task. In check mode, as the user would be.
    - Fields that only Contabo sets, such as RV(rollcall.identity.contabo_user#module:user.email_verified), are as they
      were before the task.
    - All other fields are those of RV(rollcall.identity.contabo_user#module:user).
  type: dict
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
      description: Roles by name, sorted. A role is a mapping with its C(id) if the name is not unique.
      type: list
      elements: raw
      returned: when it was read
      sample: [Snowflake, User reader]
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
      before: {roles: [User reader]}
      after: {roles: [Snowflake, User reader]}
api_calls:
  description: Requests that the task sent, including logins.
  type: int
  returned: success
  sample: 5
request_id:
  description: The C(x-request-id) of the last call, for Contabo's audits and support.
  type: str
  returned: success, and when Contabo refused a call
  sample: 0b0a0d0e-5a4c-4c1e-8f7b-2f4b9a1c7d10
stopped:
  description: The users who stopped the task. Nothing was written.
  type: list
  elements: str
  returned: when O(protect) or another guard stopped the task
  sample: [owner@example.com]
operation:
  description: The API call that Contabo refused.
  type: str
  returned: when Contabo refused a call
  sample: update_user
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Contabo refused a call
  sample: 400
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo import tasks

TASK = tasks.USER_ROLES


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
