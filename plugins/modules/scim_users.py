#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scim_users
short_description: Manage many users of a SCIM 2.0 server with limits on what may be lost
version_added: 1.0.0
description:
  - Compares a list of users with a SCIM 2.0 server and writes the differences, several users at a time.
    O(unlisted) controls what happens to users who are not in the list.
  - Each listed user is handled as in M(rollcall.identity.scim_user). A second run changes nothing, unless
    O(users[].update_password=always).
  - Validates the whole input before the first write, and reports all problems at once. Checks the complete plan against
    the limits. If a limit is exceeded, nothing is written.
  - Looks users up one by one, or reads them from the list if that takes fewer calls. Reads members from the groups, and
    combines the changes of many users to one group in common requests.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.scim
  - rollcall.identity.scim.users
  - rollcall.identity.bulk
seealso:
  - module: rollcall.identity.scim_user
  - module: rollcall.identity.scim_user_info
"""

EXAMPLES = r"""
- name: Manage these users, and leave all others alone
  rollcall.identity.scim_users:
    api_url: https://id.example.com/scim/v2
    users:
      - user: ada.lovelace@example.com
        given_name: Ada
        family_name: Lovelace
        groups: [data]
        groups_state: exact
      - user: alan.turing@example.com
        enabled: false
      - user: dennis.ritchie@example.com
        state: absent

- name: Plan all users from data, and disable unlisted users
  rollcall.identity.scim_users:
    api_url: https://id.example.com/scim/v2
    users: "{{ people }}"
    unlisted: disable
    loss_limit: 2%
    create_limit: 20
    reopen_limit: 0
    rename_limit: 5
    protect:
      - svc-*
      - breakglass@*
  check_mode: true
  diff: true
  register: plan

- name: Apply exactly this plan
  rollcall.identity.scim_users:
    api_url: https://id.example.com/scim/v2
    users: "{{ people }}"
    unlisted: disable
    loss_limit: 2%
    create_limit: 20
    reopen_limit: 0
    rename_limit: 5
    protect:
      - svc-*
      - breakglass@*
    plan_digest: "{{ plan.plan_digest }}"
    on_error: stop

- name: Read all users with their groups
  rollcall.identity.scim_user_info:
    api_url: https://id.example.com/scim/v2
    gather: [groups]
  register: backup

- name: Restore the users
  rollcall.identity.scim_users:
    api_url: https://id.example.com/scim/v2
    users: "{{ backup.users }}"
"""

RETURN = r"""
users:
  description:
    - The users who change, as they are after the task. In check mode, as they would be.
    - For a deleted user, only RV(users[].id), RV(users[].user) and RV(users[].state).
    - Users whose change failed are not included.
    - All other fields are those of RV(rollcall.identity.scim_user#module:user).
  type: list
  elements: dict
  returned: success, and when some users failed
  contains:
    id:
      description: The server's ID of the user. V(null) for a user who would be created, in check mode.
      type: str
      returned: always
      sample: 2819c223-7f76-453a-919d-413861904646
    user:
      description: The value of the attribute that O(user_key) names.
      type: str
      returned: always
      sample: ada.lovelace@example.com
    enabled:
      description: Whether the user can log in. V(null) if the server does not report C(active).
      type: bool
      returned: always
      sample: true
    attributes:
      description: Attributes that are set and do not have their own field, path to value. Returned if
        O(users[].attributes) is given.
      type: dict
      returned: when it was read
      sample: {"urn:example:2.0:User:badge": "B-7"}
    groups:
      description: The groups that the user is a direct member of, by name, or as a mapping with C(id) if the name is
        not unique. Returned if O(users[].groups) is given.
      type: list
      elements: raw
      returned: when it was read
      sample: [data, staff]
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
    created:
      description: Users who did not exist.
      type: int
      returned: always
      sample: 2
    updated:
      description: Users with other changes only.
      type: int
      returned: always
      sample: 5
    renamed:
      description: Users who get a new O(users[].user). They may have other changes, too.
      type: int
      returned: always
      sample: 0
    disabled:
      description: Users whose login is blocked.
      type: int
      returned: always
      sample: 1
    deleted:
      description: Users who are deleted, listed or not.
      type: int
      returned: always
      sample: 0
    restored:
      description: Always 0. SCIM cannot restore a user.
      type: int
      returned: always
      sample: 0
    reopened:
      description: Blocked users who can log in again.
      type: int
      returned: always
      sample: 0
    unchanged:
      description: Listed users without a change.
      type: int
      returned: always
      sample: 120
    failed:
      description: Users whose change failed.
      type: int
      returned: always
      sample: 0
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
      sample: ada@example.com loses group admins
    entries:
      description: What is removed, by name.
      type: list
      elements: str
      returned: always
      sample: [admins]
    facet:
      description: The option from which entries are removed.
      type: str
      returned: for V(facet_removed)
      sample: groups
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
  sample: [svc-awx@example.com, breakglass@example.com]
spared:
  description: The users in RV(unlisted) that O(protect) protects.
  type: list
  elements: str
  returned: with O(unlisted) other than V(ignore)
  sample: [svc-awx@example.com]
unmanaged:
  description: What users have in addition to O(users[].managed_groups) and O(users[].managed_attributes), by option.
  type: list
  elements: dict
  returned: when there is any
  sample: [{user: ada.lovelace@example.com, groups: [on-call]}]
diff:
  description: One entry for each user who changes, with the fields that change.
  type: list
  elements: dict
  returned: in diff mode
  contains:
    before_header:
      description: The user.
      type: str
      returned: always
      sample: ada.lovelace@example.com
    after_header:
      description: The user.
      type: str
      returned: always
      sample: ada.lovelace@example.com
    before:
      description: The fields that change, before the change. Empty for a user who is created.
      type: dict
      returned: always
      sample: {enabled: true, family_name: Lovelace}
    after:
      description: The same fields after the change. Empty for a user who is deleted.
      type: dict
      returned: always
      sample: {enabled: false, family_name: King}
reads:
  description: What the task read from the directory, as text.
  type: str
  returned: success, and when some users failed
  sample: 0 pages, 3 look-ups
mails:
  description: E-mails that the provider sends because of the plan. SCIM does not report whether a server sends any.
  type: int
  returned: success, and when some users failed
  sample: 0
api_calls:
  description: Requests that the task sent, including logins and the requests for the server's capabilities.
  type: int
  returned: success, and when some users failed
  sample: 12
applied:
  description: Users who were changed.
  type: list
  elements: str
  returned: when some users failed
  sample: [ada.lovelace@example.com]
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
      sample: dennis.ritchie@example.com
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
        Could not update user dennis.ritchie@example.com (patch_user): the server answered 409: uniqueness: in
        use. Another user or group has this value already. Specify another one.
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
      sample: groups[1]
    call:
      description: The API operation that failed.
      type: str
      returned: when the server answered
      sample: patch_user
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
  sample: [radia.perlman@example.com]
stopped:
  description: The users who stopped the task. Nothing was written.
  type: list
  elements: str
  returned: when O(protect), O(loss_limit) or another limit stopped the task
  sample: [svc-awx@example.com]
operation:
  description: The API call that the server refused.
  type: str
  returned: when the server refused a call before the first write
  sample: list_users
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when the server refused a call before the first write
  sample: 401
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.scim import tasks

TASK = tasks.USERS


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
