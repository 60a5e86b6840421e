#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: onelogin_user_roles
short_description: Manage the roles of a OneLogin user
version_added: 1.0.0
description:
  - Grants roles to an existing user, or revokes them.
  - The module only sends the difference, because OneLogin refuses to add a role that the user already has, and to
    remove a role that the user does not have. A second run changes nothing.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.onelogin
  - rollcall.identity.onelogin.roles
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
  - module: rollcall.identity.onelogin_user
  - module: rollcall.identity.onelogin_user_info
"""

EXAMPLES = r"""
- name: Give Ada access to Snowflake and the VPN
  rollcall.identity.onelogin_user_roles:
    api_url: https://acme.onelogin.com
    user: ada.lovelace
    roles:
      - Snowflake
      - VPN

- name: Revoke Ada's role On-call
  rollcall.identity.onelogin_user_roles:
    api_url: https://acme.onelogin.com
    user_key: email
    user: ada.lovelace@example.com
    roles: [On-call]
    state: absent

- name: Give Ada exactly these two roles, one specified by ID
  rollcall.identity.onelogin_user_roles:
    api_url: https://acme.onelogin.com
    user: ada.lovelace
    roles:
      - Default
      - id: 210012
    state: exact
  diff: true
"""

RETURN = r"""
user:
  description:
    - The user after the task. In check mode, as the user would be.
    - Fields that only OneLogin sets, such as RV(rollcall.identity.onelogin_user#module:user.updated_at), are as they
      were before the task.
    - All other fields are those of RV(rollcall.identity.onelogin_user#module:user).
  type: dict
  returned: success
  contains:
    id:
      description: OneLogin's ID of the user.
      type: str
      returned: always
      sample: "100012"
    user:
      description: The value of the field that O(user_key) names.
      type: str
      returned: always
      sample: ada.lovelace
    attributes:
      description: Custom attributes that are set, short name to value. Returned if OneLogin reported them.
      type: dict
      returned: when it was read
      sample: {cost_center: CC-101}
    roles:
      description: Roles by name, sorted. A role is a mapping with its C(id) if the name is not unique.
      type: list
      elements: raw
      returned: when it was read
      sample: [Default, Snowflake]
diff:
  description: One entry with the fields that change. Empty if nothing changes.
  type: list
  elements: dict
  returned: in diff mode
  sample:
    - before_header: ada.lovelace
      after_header: ada.lovelace
      before: {roles: [Default]}
      after: {roles: [Default, Snowflake]}
api_calls:
  description: Requests that the task sent, including logins.
  type: int
  returned: success
  sample: 4
stopped:
  description: The users who stopped the task. Nothing was written.
  type: list
  elements: str
  returned: when O(protect) stopped the task
  sample: [svc-awx]
operation:
  description: The API call that OneLogin refused.
  type: str
  returned: when OneLogin refused a call
  sample: add_roles_to_user
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when OneLogin refused a call
  sample: 400
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import tasks

TASK = tasks.USER_ROLES


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
