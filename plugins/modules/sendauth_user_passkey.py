#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sendauth_user_passkey
short_description: Remove the passkeys of a SendAuth user
version_added: 1.0.0
description:
  - Removes all passkeys of a user. The user cannot authenticate until a new registration.
  - SendAuth reports whether a user has passkeys, so a second run changes nothing. Passkeys cannot be removed
    individually.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.sendauth
  - rollcall.identity.sendauth.who
options:
  state:
    description: The user does not have passkeys. To register one, use
      M(rollcall.identity.sendauth_user_transaction).
    type: str
    choices: [absent]
    default: absent
seealso:
  - module: rollcall.identity.sendauth_user
  - module: rollcall.identity.sendauth_user_transaction
"""

EXAMPLES = r"""
- name: Remove the passkeys of Ada, who has lost her phone
  rollcall.identity.sendauth_user_passkey:
    user: ada.lovelace@example.com
    state: absent
  register: removed

- name: Ask Ada to register another phone
  rollcall.identity.sendauth_user_transaction:
    user: ada.lovelace@example.com
    type: register
  when: removed is changed
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
    groups:
      description: Permission groups by name, sorted. A group is a mapping with its C(id) if the name is not unique. Not
        read by this module.
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
      before: {has_passkeys: true}
      after: {has_passkeys: false}
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 2
stopped:
  description: The users who stopped the task. Nothing was written.
  type: list
  elements: str
  returned: when O(protect) stopped the task
  sample: [svc-awx@example.com]
operation:
  description: The API call that SendAuth refused.
  type: str
  returned: when SendAuth refused a call
  sample: remove_user_passkey
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when SendAuth refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth import tasks

TASK = tasks.USER_PASSKEY


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
