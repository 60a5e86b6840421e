#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nextauth_user_registration
short_description: Register the app of a session for a nextAuth user
version_added: 1.0.0
description:
  - Registers the app that has logged in to a browser session for a user. The app becomes an account of this user.
  - It requires the nonce of a live session. It is meant for a web page that enrols people and starts a playbook, not
    for playbooks that run on their own.
  - nextAuth does not report whether the app is registered already. The task therefore always acts and reports a change.
  - The module does not look up the user. nextAuth does not document whether a registration creates a missing user, so
    create the user first.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.perform
  - rollcall.identity.nextauth
attributes:
  check_mode:
    description: Can run in check mode and predict the change without making it.
    support: full
    details:
      - The module predicts the registration but does not send it, so it cannot check the nonce.
options:
  user:
    description: The exact name of the user. Blanks at either end are removed.
    type: str
    required: true
  nonce:
    description: The nonce of the session, as the web page knows it. It is not displayed.
    type: str
    required: true
seealso:
  - module: rollcall.identity.nextauth_user
  - module: rollcall.identity.nextauth_user_accounts
"""

EXAMPLES = r"""
- name: Create Ada, or update her
  rollcall.identity.nextauth_user:
    server_id: "{{ nextauth_server_id }}"
    user: ada.lovelace@example.com
    attributes:
      department: Data

- name: Register the app that has just logged in for Ada
  rollcall.identity.nextauth_user_registration:
    server_id: "{{ nextauth_server_id }}"
    user: ada.lovelace@example.com
    nonce: "{{ session_nonce }}"
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
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 1
operation:
  description: The API call that nextAuth refused.
  type: str
  returned: when nextAuth refused a call
  sample: register_user
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when nextAuth refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth import tasks

TASK = tasks.USER_REGISTRATION


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
