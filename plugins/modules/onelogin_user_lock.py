#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: onelogin_user_lock
short_description: Lock or unlock a OneLogin user
version_added: 0.1.0
description:
  - Locks a user who exists for some time, or takes the lock away. To block a login for good, suspend the user with
    O(rollcall.identity.onelogin_user#module:enabled=false).
  - A user counts as locked who has the status 3, or whose C(locked_until) lies ahead. Such a user is not locked again, so
    a second run changes nothing, and O(minutes) does not change a lock that is there.
  - To unlock is a call of version 2 of the API. Where it is missing, or the user stays locked, the status V(active) is set instead.
  - A suspended user is neither locked nor unlocked, and one who was never activated is not locked. The task fails, because a user has one
    status, and another would open the login.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.onelogin
  - rollcall.identity.onelogin.who
options:
  state:
    description: Whether the user is locked.
    type: str
    choices:
      present: The user is locked.
      absent: The user is not locked.
    default: present
  minutes:
    description:
      - How long a new lock lasts. An error with O(state=absent), apart from V(0).
      - V(0) locks for the time that the user's policy says, or until the user is unlocked where the policy says nothing. OneLogin
        does not lock for a shorter time than the policy's.
    type: int
    default: 0
seealso:
  - module: rollcall.identity.onelogin_user
  - module: rollcall.identity.onelogin_user_session
"""

EXAMPLES = r"""
- name: Lock Ada for an hour
  rollcall.identity.onelogin_user_lock:
    api_url: https://acme.onelogin.com
    user: ada.lovelace
    minutes: 60

- name: Ada is not locked
  rollcall.identity.onelogin_user_lock:
    api_url: https://acme.onelogin.com
    user: ada.lovelace
    state: absent
"""

RETURN = r"""
user:
  description:
    - The user after the task. In check mode, as the user would be.
    - Fields that only OneLogin sets, such as RV(user.updated_at), are as they were before the task.
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
      description: Whether the login is open (approved, activated and not suspended), or V(null) where OneLogin does not report that.
      type: raw
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
      description: When the user last logged in. V(null) for never, V(null) where OneLogin leaves the field out.
      type: str
      returned: always
      sample: "2026-01-05T08:00:00.000Z"
    invitation_sent_at:
      description: When the invitation was sent.
      type: str
      returned: when it was read
    invalid_login_attempts:
      description: Failed logins since the last one that worked.
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
      description: Custom attributes that are set, short name to value. Returned if OneLogin told them.
      type: dict
      returned: when it was read
      sample: {cost_center: CC-101}
    roles:
      description: Roles by name, sorted. A role whose name others have as well is a mapping with its C(id). Not read by this module.
      type: list
      elements: raw
      returned: when it was read
      sample: [Default, Snowflake]
    privileged:
      description: Always V(null). OneLogin does not tell it.
      type: str
      returned: always
      sample: null
    mfa:
      description: Always V(null). OneLogin does not tell it here.
      type: str
      returned: always
      sample: null
diff:
  description: What changes. Empty if nothing does.
  type: list
  elements: dict
  returned: in diff mode
  contains:
    before_header:
      description: The user.
      type: str
      returned: always
      sample: ada.lovelace
    after_header:
      description: The user.
      type: str
      returned: always
      sample: ada.lovelace
    before:
      description: The fields that change, before.
      type: dict
      returned: always
      sample: {locked: false}
    after:
      description: The same fields after the change.
      type: dict
      returned: always
      sample: {locked: true}
api_calls:
  description: Requests that the task sent, logins included.
  type: int
  returned: success
  sample: 3
stopped:
  description: The users because of whom nothing was written.
  type: list
  elements: str
  returned: when O(protect) stopped the task
  sample: [svc-awx]
operation:
  description: The API call that OneLogin refused.
  type: str
  returned: when OneLogin refused a call
  sample: lock_account_user
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when OneLogin refused a call
  sample: 400
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import tasks

TASK = tasks.USER_LOCK


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
