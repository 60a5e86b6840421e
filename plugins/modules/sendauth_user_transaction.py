#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sendauth_user_transaction
short_description: Ask a SendAuth user to register or to authenticate
version_added: 1.0.0
description:
  - Starts a registration or an authentication. SendAuth sends a message to the user, so the task always acts and always
    reports a change.
  - With O(wait), the task waits for the user's answer. It fails if the user denies the request,
    if the transaction is cancelled or expires, or if the user does not answer in time.
  - A user with passkeys cannot register, and a user without passkeys cannot authenticate. In these cases, the task
    fails before it sends anything, also in check mode. If SendAuth detects this first, it answers 406.
  - If the answer to the start is lost, the task fails and does not ask the user a second time.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.perform
  - rollcall.identity.sendauth
  - rollcall.identity.sendauth.who
options:
  type:
    description: What the user is asked to do.
    type: str
    required: true
    choices:
      register: To register a passkey. The user's messaging preference decides how SendAuth sends the link.
      authenticate: To authenticate with a passkey.
  text:
    description: Message that the user sees, with at most 1024 characters. For O(type=authenticate).
    type: str
  connectwise:
    description: A reference of ConnectWise, with at most 64 characters. For O(type=authenticate).
    type: str
  wait:
    description: Whether to wait for the user's answer.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait for the user's answer with O(wait=true). At least V(1). The transaction continues after
      that time.
    type: int
    default: 300
seealso:
  - module: rollcall.identity.sendauth_user_passkey
  - module: rollcall.identity.sendauth_user_info
"""

EXAMPLES = r"""
- name: Ask Grace to register
  rollcall.identity.sendauth_user_transaction:
    user: grace.hopper@example.com
    type: register

- name: Wait at most two minutes until Ada approves the deployment
  rollcall.identity.sendauth_user_transaction:
    user: ada.lovelace@example.com
    type: authenticate
    text: Deployment of release 7 to production
    wait: true
    wait_timeout: 120
  register: approval
"""

RETURN = r"""
user:
  description: The user.
  type: dict
  returned: success
  contains:
    id:
      description: SendAuth's ID of the user.
      type: str
      returned: always
      sample: 1c6dc9a4-9a5c-4d3b-8f7a-2f5b7f0f3c11
    user:
      description: E-mail address of the user.
      type: str
      returned: always
      sample: ada.lovelace@example.com
transaction:
  description: The transaction. It is also returned if it was denied, cancelled, or not completed in time.
  type: dict
  returned: when a transaction was started, never in check mode
  contains:
    id:
      description: ID of the transaction.
      type: str
      returned: always
      sample: 0f4e2a52-7d2c-49d1-8f5e-1f0a3c9b7e44
    type:
      description: The same as O(type).
      type: str
      returned: always
      sample: authenticate
    state:
      description: V(pending), V(verified), V(denied), V(cancelled) or V(expired), at the end of the task.
      type: str
      returned: always
      sample: verified
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 5
operation:
  description: The API call that SendAuth refused.
  type: str
  returned: when SendAuth refused a call
  sample: authenticate_user
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when SendAuth refused a call
  sample: 406
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth import tasks

TASK = tasks.USER_TRANSACTION


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
