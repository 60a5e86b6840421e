#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: contabo_user
short_description: Manage a user of Contabo
version_added: 1.0.0
description:
  - Creates, changes, renames, disables or deletes one user of a Contabo account, with roles.
  - The module compares the specified options with Contabo's data and writes only the difference. A second run changes
    nothing.
  - Contabo's answer to a write does not contain the user. The module reads the user again after each write, up to four
    times within four seconds, and fails if the change is missing.
  - Contabo sends a new user an e-mail to activate the account. The API cannot set passwords.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.contabo
  - rollcall.identity.contabo.user
seealso:
  - module: rollcall.identity.contabo_users
  - module: rollcall.identity.contabo_user_info
  - module: rollcall.identity.contabo_user_mail
"""

EXAMPLES = r"""
# Credentials that a task does not specify come from CONTABO_CLIENT_ID, CONTABO_CLIENT_SECRET, CONTABO_API_USER and
# CONTABO_API_PASSWORD in the environment.
- name: Create Ada, or update her
  rollcall.identity.contabo_user:
    user: ada.lovelace@example.com
    first_name: Ada
    last_name: Lovelace
    locale: en
    totp: true
    roles:
      - User reader

- name: Create Ada, but only in this account
  rollcall.identity.contabo_user:
    expected_account: "12345678"
    client_id: "{{ contabo_client_id }}"
    client_secret: "{{ vault_contabo_client_secret }}"
    api_user: svc-awx@example.com
    api_password: "{{ vault_contabo_api_password }}"
    user: ada.lovelace@example.com

- name: Give Ada only Snowflake among the roles that this playbook manages
  rollcall.identity.contabo_user:
    user: ada.lovelace@example.com
    roles: [Snowflake]
    roles_state: managed
    managed_roles: [Snowflake, data-engineer, data-analyst]

- name: Block Alan's login
  rollcall.identity.contabo_user:
    user: alan.turing@example.com
    enabled: false

- name: Change Ada's address, and keep her account
  rollcall.identity.contabo_user:
    user: ada.king@example.com
    previous_users:
      - ada.lovelace@example.com
    last_name: King

- name: Delete Dennis, unless his address is protected
  rollcall.identity.contabo_user:
    user: dennis.ritchie@example.com
    state: absent
    protect:
      - svc-*
      - breakglass@*
"""

RETURN = r"""
user:
  description:
    - The user after the task. In check mode, as the user would be.
    - For a deleted user, only RV(user.id), RV(user.user) and RV(user.state). V(null) with O(state=absent) if the user
      did not exist.
    - Fields that only Contabo sets, such as RV(user.email_verified), are as they were before the task. A new address
      is not verified.
  type: dict
  returned: success
  contains:
    id:
      description: Contabo's ID of the user. V(null) for a user who would be created, in check mode.
      type: str
      returned: always
      sample: 4f2c2a3e-5d0b-4d0a-9a39-0c6a1d7e0b11
    user:
      description: The user's e-mail address.
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
    enabled:
      description: Whether the user can log in.
      type: bool
      returned: always
      sample: true
    totp:
      description: Whether the user must log in with a second factor.
      type: bool
      returned: when it was read
      sample: true
    locale:
      description: Language of the user.
      type: str
      returned: when it was read
      sample: en
    email_verified:
      description: Whether the address is verified.
      type: bool
      returned: when it was read
      sample: true
    owner:
      description: Whether the user is the owner of the account.
      type: bool
      returned: when it was read
      sample: false
    privileged:
      description: Whether the user is the owner or has a role of administrators. V(null) if Contabo does not report it.
      type: bool
      returned: always
      sample: false
    tenant_id:
      description: Tenant of the account.
      type: str
      returned: when it was read
      sample: INT
    customer_id:
      description: Customer number of the account, for O(expected_account).
      type: str
      returned: when it was read
      sample: "12345678"
    roles:
      description: Roles by name, sorted. A role is a mapping with its C(id) if the name is not unique. Returned if
        O(roles) is given.
      type: list
      elements: raw
      returned: when it was read
      sample: [Snowflake, User reader]
    last_login:
      description: Always V(null). Contabo does not report it.
      type: str
      returned: always
      sample: null
    mfa:
      description: The same as RV(user.totp), or V(null).
      type: bool
      returned: always
      sample: true
    state:
      description: Always V(absent).
      type: str
      returned: when the user was deleted
      sample: absent
unmanaged:
  description: What the user has in addition to O(managed_roles), by option.
  type: dict
  returned: when there is any
  sample: {roles: [VPN]}
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
      before: {enabled: true, totp: false}
      after: {enabled: false, totp: true}
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

TASK = tasks.USER


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
