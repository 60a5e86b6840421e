#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nextauth_user_accounts
short_description: Block, unblock or delete the accounts of a nextAuth user
version_added: 1.0.0
description:
  - An account is an app on a device that logs in as the user. This module blocks, unblocks or deletes some or all
    accounts of an existing user. A second run changes nothing.
  - A blocked account can be unblocked. After a deletion, the device has to be registered again.
  - To block all accounts of a user, you can also use O(rollcall.identity.nextauth_user#module:enabled=false).
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.nextauth
  - rollcall.identity.nextauth.who
options:
  accounts:
    description:
      - The accounts, by their description. A number is treated as a description. If two accounts have the same
        description, specify a mapping with C({id}) instead.
      - If a description is unknown or ambiguous, the task fails before its first write. With O(state=absent) an unknown
        account is unchanged.
      - One of this and O(all) is required.
    type: list
    elements: raw
  all:
    description: Whether the task applies to all accounts of the user.
    type: bool
  state:
    description: What happens to these accounts. Other accounts are not changed.
    type: str
    required: true
    choices:
      blocked: They cannot log in.
      unblocked: They can log in.
      absent: They are deleted. With O(all=true), one call deletes all accounts, including those that were registered
        after the user was read.
seealso:
  - module: rollcall.identity.nextauth_user
  - module: rollcall.identity.nextauth_user_info
  - module: rollcall.identity.nextauth_user_registration
"""

EXAMPLES = r"""
- name: Block the account on Ada's stolen telephone
  rollcall.identity.nextauth_user_accounts:
    server_id: "{{ nextauth_server_id }}"
    user: ada.lovelace@example.com
    accounts: [Phone]
    state: blocked

- name: Delete the older of two accounts with the same description
  rollcall.identity.nextauth_user_accounts:
    server_id: "{{ nextauth_server_id }}"
    user: ada.lovelace@example.com
    accounts:
      - id: 70001
    state: absent

- name: Delete the accounts on all of Alan's devices
  rollcall.identity.nextauth_user_accounts:
    server_id: "{{ nextauth_server_id }}"
    user: alan.turing@example.com
    all: true
    state: absent
"""

RETURN = r"""
user:
  description: The user.
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
accounts:
  description: The user's accounts after the task, sorted by ID and description. In check mode, as they would be.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: ID of the account.
      type: str
      returned: always
      sample: "70001"
    description:
      description: The name that the user has given it, usually the device.
      type: str
      returned: always
      sample: Phone
    blocked:
      description: Whether it is blocked and cannot log in.
      type: bool
      returned: always
      sample: true
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
      before: {accounts: [{id: "70001", description: Phone, blocked: false}]}
      after: {accounts: [{id: "70001", description: Phone, blocked: true}]}
api_calls:
  description: Requests that the task sent.
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
  description: The API call that nextAuth refused.
  type: str
  returned: when nextAuth refused a call
  sample: update_account
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when nextAuth refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth import tasks

TASK = tasks.USER_ACCOUNTS


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
