#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: onelogin_user
short_description: Manage a user of OneLogin
version_added: 1.0.0
description:
  - Creates, changes, renames, suspends or deletes one user of a OneLogin account, with the user's state, first
    password, custom attributes and roles.
  - The module compares the specified options with OneLogin's data and writes only the difference. A second run changes
    nothing, unless O(update_password=always) is set.
  - Creating a user takes one call for the profile, and further calls for state, status, password, attributes and roles,
    because version 1 of the API only accepts the profile at first. If one of these fails, the user exists, and the next
    run completes the rest. The next run only sends a failed password again with O(update_password=always).
  - The module assumes that a search without matches returns an empty list. OneLogin's documentation does not say so.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.onelogin
  - rollcall.identity.onelogin.user
seealso:
  - module: rollcall.identity.onelogin_users
  - module: rollcall.identity.onelogin_user_info
  - module: rollcall.identity.onelogin_user_lock
  - module: rollcall.identity.onelogin_user_password
"""

EXAMPLES = r"""
# Credentials that a task does not specify come from ONELOGIN_CLIENT_ID and ONELOGIN_CLIENT_SECRET in the environment.
- name: Create Ada, or update her
  rollcall.identity.onelogin_user:
    api_url: https://acme.onelogin.com
    user: ada.lovelace
    email: ada.lovelace@example.com
    firstname: Ada
    lastname: Lovelace
    department: Data
    attributes:
      cost_center: CC-101
    roles:
      - Snowflake

- name: Create Ada, with a password that later runs do not send
  rollcall.identity.onelogin_user:
    api_url: https://acme.onelogin.com
    client_id: "{{ onelogin_client_id }}"
    client_secret: "{{ vault_onelogin_client_secret }}"
    user_key: email
    user: ada.lovelace@example.com
    username: ada.lovelace
    firstname: Ada
    lastname: Lovelace
    password: "{{ vault_first_password }}"

- name: Create Grace with the password of the old system, which she must reset
  rollcall.identity.onelogin_user:
    api_url: https://acme.onelogin.com
    user: grace.hopper
    email: grace.hopper@example.com
    firstname: Grace
    lastname: Hopper
    password_hash: "{{ vault_grace_hash }}"
    password_salt: "{{ vault_grace_salt }}"
    password_algorithm: sha256+salt
    status: password_expired

- name: Activate Alonzo, who logs in with another identity provider
  rollcall.identity.onelogin_user:
    api_url: https://acme.onelogin.com
    user: alonzo.church
    enabled: true

- name: Give Ada only Snowflake among the roles that this playbook manages
  rollcall.identity.onelogin_user:
    api_url: https://acme.onelogin.com
    user: ada.lovelace
    roles: [Snowflake]
    roles_state: managed
    managed_roles: [Snowflake, data-engineer, data-analyst]

- name: Block Alan's login, and remove his telephone number
  rollcall.identity.onelogin_user:
    api_url: https://acme.onelogin.com
    user: alan.turing
    enabled: false
    phone: ""

- name: Rename Ada, and keep her account
  rollcall.identity.onelogin_user:
    api_url: https://acme.onelogin.com
    user: ada.king
    previous_users:
      - ada.lovelace
    lastname: King

- name: Delete Dennis, unless his name is protected
  rollcall.identity.onelogin_user:
    api_url: https://acme.onelogin.com
    user: dennis.ritchie
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
    - Fields that only OneLogin sets, such as RV(user.updated_at), are as they were before the task.
  type: dict
  returned: success
  contains:
    id:
      description: OneLogin's ID of the user. V(null) for a user who would be created, in check mode.
      type: str
      returned: always
      sample: "100012"
    user:
      description: The value of the field that O(user_key) names.
      type: str
      returned: always
      sample: ada.lovelace
    username:
      description: User name.
      type: str
      returned: when it was read
      sample: ada.lovelace
    email:
      description: E-mail address.
      type: str
      returned: when it was read
      sample: ada.lovelace@example.com
    firstname:
      description: First name.
      type: str
      returned: when it was read
      sample: Ada
    lastname:
      description: Last name.
      type: str
      returned: when it was read
      sample: Lovelace
    title:
      description: Job title.
      type: str
      returned: when it was read
      sample: Analyst
    department:
      description: Department.
      type: str
      returned: when it was read
      sample: Data
    company:
      description: Company.
      type: str
      returned: when it was read
    phone:
      description: Telephone number.
      type: str
      returned: when it was read
    comment:
      description: Free text about the user.
      type: str
      returned: when it was read
    locale_code:
      description: Language of the user.
      type: str
      returned: when it was read
    openid_name:
      description: Name in the user's OpenID address.
      type: str
      returned: when it was read
    external_id:
      description: ID of the user in an external directory.
      type: str
      returned: when it was read
    samaccountname:
      description: Login name in Active Directory.
      type: str
      returned: when it was read
    userprincipalname:
      description: User principal name in Active Directory.
      type: str
      returned: when it was read
    distinguished_name:
      description: Distinguished name in the directory that the user comes from.
      type: str
      returned: when it was read
    member_of:
      description: Groups of the user in the directory that the user comes from.
      type: str
      returned: when it was read
    group_id:
      description: ID of the user's group.
      type: str
      returned: when it was read
    directory_id:
      description: ID of the directory that the user comes from.
      type: str
      returned: when it was read
    trusted_idp_id:
      description: ID of the trusted identity provider that the user logs in with.
      type: str
      returned: when it was read
    manager_ad_id:
      description: ID of the user's manager in Active Directory.
      type: str
      returned: when it was read
    manager_user_id:
      description: ID of the user's manager in OneLogin.
      type: str
      returned: when it was read
    user_state:
      description: V(unapproved), V(approved), V(rejected) or V(unlicensed).
      type: str
      returned: when it was read
      sample: approved
    enabled:
      description: Whether the user can log in (approved, activated and not suspended). V(null) if OneLogin does not
        report it, and for a user whom this task creates, unless O(enabled) is set.
      type: bool
      returned: always
      sample: true
    status:
      description:
        - V(unactivated), V(active), V(suspended), V(locked), V(password_expired), V(awaiting_password_reset),
          V(password_pending) or V(security_questions_required). V(null) for a status that is not documented.
      type: str
      returned: when it was read
      sample: active
    locked:
      description: Whether the user is locked.
      type: bool
      returned: when it was read
      sample: false
    activated_at:
      description: When the user was activated. All times are in UTC.
      type: str
      returned: when it was read
    created_at:
      description: When the user was created.
      type: str
      returned: when it was read
    updated_at:
      description: When the user was last changed.
      type: str
      returned: when it was read
    last_login:
      description: When the user last logged in. V(null) if never, or if OneLogin omits the field.
      type: str
      returned: always
      sample: "2026-01-05T08:00:00.000Z"
    invitation_sent_at:
      description: When the invitation was sent.
      type: str
      returned: when it was read
    invalid_login_attempts:
      description: Failed logins since the last successful login.
      type: int
      returned: when it was read
    locked_until:
      description: When the lock ends.
      type: str
      returned: when it was read
    password_changed_at:
      description: When the password was last changed.
      type: str
      returned: when it was read
    attributes:
      description: Custom attributes that are set, short name to value. Returned if OneLogin reported them, or if
        O(attributes) is given.
      type: dict
      returned: when it was read
      sample: {cost_center: CC-101}
    roles:
      description: Roles by name, sorted. A role is a mapping with its C(id) if the name is not unique. Returned if
        O(roles) is given.
      type: list
      elements: raw
      returned: when it was read
      sample: [Default, Snowflake]
    privileged:
      description: Always V(null). OneLogin does not report it.
      type: bool
      returned: always
      sample: null
    mfa:
      description: Always V(null). OneLogin does not report it here.
      type: bool
      returned: always
      sample: null
    state:
      description: Always V(absent).
      type: str
      returned: when the user was deleted
      sample: absent
unmanaged:
  description: What the user has in addition to O(managed_roles) and O(managed_attributes), by option.
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
    - before_header: ada.lovelace
      after_header: ada.lovelace
      before: {enabled: true, title: Analyst}
      after: {enabled: false, title: Engineer}
api_calls:
  description: Requests that the task sent, including logins.
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
  description: The API call that OneLogin refused.
  type: str
  returned: when OneLogin refused a call
  sample: update_user
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when OneLogin refused a call
  sample: 400
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import tasks

TASK = tasks.USER


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
