#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: onelogin_users
short_description: Manage many users of OneLogin with limits on what may be lost
version_added: 1.0.0
description:
  - Compares a list of users with a OneLogin account and writes the differences, several users at a time. O(unlisted)
    controls what happens to users who are not in the list.
  - Each listed user is handled as in M(rollcall.identity.onelogin_user). A second run changes nothing, unless
    O(users[].update_password=always).
  - Validates the whole input before the first write, and reports all problems at once. Checks the complete plan against
    the limits. If a limit is exceeded, nothing is written.
  - Reads users with as few calls as possible. Looks up 20 users or fewer one by one, and reads more from the list,
    50 per call. Reads all pages with O(unlisted) other than V(ignore).
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.onelogin
  - rollcall.identity.onelogin.users
  - rollcall.identity.bulk
seealso:
  - module: rollcall.identity.onelogin_user
  - module: rollcall.identity.onelogin_user_info
"""

EXAMPLES = r"""
- name: Manage these users, and leave all others alone
  rollcall.identity.onelogin_users:
    api_url: https://acme.onelogin.com
    users:
      - user: ada.lovelace
        email: ada.lovelace@example.com
        firstname: Ada
        lastname: Lovelace
        roles: [Snowflake, data-analyst]
        roles_state: exact
      - user: alan.turing
        enabled: false
      - user: dennis.ritchie
        state: absent

- name: Plan all users from data, and suspend unlisted users
  rollcall.identity.onelogin_users:
    api_url: https://acme.onelogin.com
    expected_account: "88123"
    users: "{{ people }}"
    unlisted: disable
    loss_limit: 2%
    create_limit: 20
    reopen_limit: 0
    rename_limit: 5
    protect:
      - svc-*
      - breakglass
  check_mode: true
  diff: true
  register: plan

- name: Apply exactly this plan
  rollcall.identity.onelogin_users:
    api_url: https://acme.onelogin.com
    expected_account: "88123"
    users: "{{ people }}"
    unlisted: disable
    loss_limit: 2%
    create_limit: 20
    reopen_limit: 0
    rename_limit: 5
    protect:
      - svc-*
      - breakglass
    plan_digest: "{{ plan.plan_digest }}"
    on_error: stop

- name: Read all users with their roles
  rollcall.identity.onelogin_user_info:
    api_url: https://acme.onelogin.com
    gather: [roles]
  register: backup

- name: Restore the users
  rollcall.identity.onelogin_users:
    api_url: https://acme.onelogin.com
    users: "{{ backup.users }}"
"""

RETURN = r"""
users:
  description:
    - The users who change, as they are after the task. In check mode, as they would be.
    - For a deleted user, only RV(users[].id), RV(users[].user) and RV(users[].state).
    - Users whose change failed are not included.
    - Fields that only OneLogin sets, such as RV(rollcall.identity.onelogin_user#module:user.updated_at), are as they
      were before the task.
    - All other fields are those of RV(rollcall.identity.onelogin_user#module:user).
  type: list
  elements: dict
  returned: success, and when some users failed
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
    state:
      description: Always V(absent).
      type: str
      returned: when the user was deleted
      sample: absent
summary:
  description: The number of users by what happens to them.
  type: dict
  returned: success, when some users failed, and when a limit stopped the plan
  contains:
    created: {description: Users who did not exist., type: int, returned: always, sample: 2}
    updated: {description: Users with other changes only., type: int, returned: always, sample: 5}
    renamed:
      description: Users who get a new O(users[].user). They may have other changes, too.
      type: int
      returned: always
      sample: 0
    disabled: {description: Users whose login is blocked., type: int, returned: always, sample: 1}
    deleted: {description: "Users who are deleted, listed or not.", type: int, returned: always, sample: 0}
    restored: {description: Always 0. OneLogin cannot restore a user., type: int, returned: always, sample: 0}
    reopened: {description: Blocked users who can log in again., type: int, returned: always, sample: 0}
    unchanged: {description: Listed users without a change., type: int, returned: always, sample: 120}
    failed: {description: Users whose change failed., type: int, returned: always, sample: 0}
losses:
  description: What users lose if the plan is applied, one entry for each loss. Every user in it counts towards
    O(loss_limit).
  type: list
  elements: dict
  returned: success, when some users failed, and when a limit stopped the plan
  contains:
    user:
      description: The user.
      type: str
      returned: always
      sample: ada@example.com
    code:
      description: The kind of loss, such as V(deleted), V(disabled), V(demoted) or V(facet_removed).
      type: str
      returned: always
      sample: facet_removed
    message:
      description: The loss as a sentence.
      type: str
      returned: always
      sample: ada@example.com loses role Admin
    entries:
      description: What is removed, by name.
      type: list
      elements: str
      returned: always
      sample: [Admin]
    facet:
      description: The option from which entries are removed.
      type: str
      returned: for V(facet_removed)
      sample: roles
plan_digest:
  description: SHA-256 of all changes of the plan, for O(plan_digest). Passwords are not part of it.
  type: str
  returned: success, when some users failed, and when a limit stopped the plan
  sample: 4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945
unlisted:
  description: The users of the directory who are not in O(users).
  type: list
  elements: str
  returned: with O(unlisted) other than V(ignore)
  sample: [svc-awx, breakglass]
spared:
  description: The users in RV(unlisted) that O(protect) protects.
  type: list
  elements: str
  returned: with O(unlisted) other than V(ignore)
  sample: [svc-awx]
unmanaged:
  description: What users have in addition to O(users[].managed_roles) and O(users[].managed_attributes), by option.
  type: list
  elements: dict
  returned: when there is any
  sample: [{user: ada.lovelace, roles: [VPN]}]
diff:
  description:
    - One entry for each user who changes, with the fields that change.
    - C(before) is empty for a user who is created, C(after) for one who is deleted.
  type: list
  elements: dict
  returned: in diff mode
  sample:
    - before_header: ada.lovelace
      after_header: ada.lovelace
      before: {enabled: true, title: Analyst}
      after: {enabled: false, title: Engineer}
reads:
  description: What the task read from the directory, as text.
  type: str
  returned: success, and when some users failed
  sample: 0 pages, 3 look-ups
mails:
  description: E-mails that the provider sends because of the plan. OneLogin sends none.
  type: int
  returned: success, and when some users failed
  sample: 0
api_calls:
  description: Requests that the task sent, including logins.
  type: int
  returned: success, and when some users failed
  sample: 12
applied:
  description: Users who were changed.
  type: list
  elements: str
  returned: when some users failed
  sample: [ada.lovelace]
errors:
  description: What failed, and why. If some users failed, an entry for each of them. Otherwise, an entry for each
    problem that stopped the task before its first write.
  type: list
  elements: dict
  returned: on failure
  contains:
    user:
      description: The user.
      type: str
      returned: when the problem is about one user
      sample: dennis.ritchie
    operation:
      description:
        - The step that failed, V(create), V(update), V(rename), V(disable) or V(delete).
        - If the server refused a call before the first write, the name of that call.
      type: str
      returned: when some users failed, or the server refused a call
      sample: update
    message:
      description: What happened, and what to do.
      type: str
      returned: always
      sample: >-
        Could not update user dennis.ritchie (update_user): the server answered 400: email: must be unique within this
        account. Check the values specified for this user.
    code:
      description: The kind of error, such as V(rejected), V(not_permitted), V(conflict), V(rate_limited) or
        V(unexpected).
      type: str
      returned: always
      sample: rejected
    index:
      description: The position of the user in O(users).
      type: int
      returned: when O(users) lists the user
      sample: 3
    option:
      description: The option that the problem is about.
      type: str
      returned: if known
      sample: roles[1]
    call:
      description: The API operation that failed.
      type: str
      returned: when the server answered
      sample: update_user
    status:
      description: The HTTP status of the answer.
      type: int
      returned: when the server answered
      sample: 400
not_attempted:
  description:
    - Users that the task did not start to change, because of O(on_error=stop), or because an error affects all users,
      such as refused credentials.
    - Unlisted users are not changed if a listed user could not be written.
  type: list
  elements: str
  returned: when some users failed
  sample: [radia.perlman]
stopped:
  description: The users who stopped the task. Nothing was written.
  type: list
  elements: str
  returned: when O(protect), O(loss_limit) or another limit stopped the task
  sample: [svc-awx]
operation:
  description: The API call that OneLogin refused.
  type: str
  returned: when OneLogin refused a call before the first write
  sample: list_users
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when OneLogin refused a call before the first write
  sample: 401
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import tasks

TASK = tasks.USERS


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
