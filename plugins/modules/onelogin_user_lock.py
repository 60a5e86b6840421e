#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: onelogin_user_lock
short_description: Lock or unlock a OneLogin user
version_added: 1.0.0
description:
  - Locks an existing user for some time, or removes the lock. To block a login permanently, suspend the user with
    O(rollcall.identity.onelogin_user#module:enabled=false).
  - A user is locked if the status is V(locked), or if C(locked_until) is in the future. The module does not lock such
    a user again, so a second run changes nothing, and O(minutes) does not change an existing lock.
  - Unlocking uses a call of version 2 of the API. If the call is missing, or the user remains locked, the module sets
    the status V(active) instead.
  - A suspended user cannot be locked or unlocked, and a user who was never activated cannot be locked. The task fails,
    because a user has only one status, and another status would unblock the login.
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
      - How many minutes a new lock lasts. With O(state=absent), any value except V(0) is an error.
      - V(0) locks for the time that the user's policy defines, or until the user is unlocked if the policy does not
        define one. OneLogin does not lock for a shorter time than the policy.
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

- name: Unlock Ada
  rollcall.identity.onelogin_user_lock:
    api_url: https://acme.onelogin.com
    user: ada.lovelace
    state: absent
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
      description: Roles by name, sorted. A role is a mapping with its C(id) if the name is not unique. Not read by
        this module.
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
      before: {locked: false}
      after: {locked: true}
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
