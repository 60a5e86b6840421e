#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: onelogin_user_session
short_description: Log a OneLogin user out
version_added: 1.0.0
description:
  - Ends all OneLogin sessions of a user. Sessions in applications that the user opened from there continue.
  - OneLogin does not report whether a user has a session. The task therefore always acts and reports a change.
  - If the user is in O(protect), the task fails and the session continues.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.perform
  - rollcall.identity.onelogin
  - rollcall.identity.onelogin.who
options:
  state:
    description: The user does not have a session.
    type: str
    choices: [absent]
    default: absent
seealso:
  - module: rollcall.identity.onelogin_user
  - module: rollcall.identity.onelogin_user_lock
"""

EXAMPLES = r"""
- name: Suspend Dennis
  rollcall.identity.onelogin_user:
    api_url: https://acme.onelogin.com
    user: dennis.ritchie
    enabled: false
  register: suspended

- name: Log Dennis out if he was just suspended
  rollcall.identity.onelogin_user_session:
    api_url: https://acme.onelogin.com
    user: dennis.ritchie
  when: suspended is changed
"""

RETURN = r"""
user:
  description: The user.
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
api_calls:
  description: Requests that the task sent, including logins.
  type: int
  returned: success
  sample: 3
stopped:
  description: The user who stopped the task. Nothing was written.
  type: list
  elements: str
  returned: when O(protect) stopped the task
  sample: [svc-awx]
operation:
  description: The API call that OneLogin refused.
  type: str
  returned: when OneLogin refused a call
  sample: log_out_user
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when OneLogin refused a call
  sample: 400
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import tasks

TASK = tasks.USER_SESSION


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
