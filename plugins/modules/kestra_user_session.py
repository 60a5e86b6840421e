#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kestra_user_session
short_description: End the sessions of a Kestra EE user
version_added: 1.0.0
description:
  - Deletes the refresh token of a user, so that sessions end when their short-lived tokens expire. API tokens remain
    valid.
  - Kestra does not report whether a user has a session. The task therefore always acts and reports a change.
  - If the user is in O(protect), the task fails and the session continues.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.perform
  - rollcall.identity.kestra
  - rollcall.identity.kestra.who
options:
  state:
    description: The user does not have a session.
    type: str
    choices: [absent]
    default: absent
seealso:
  - module: rollcall.identity.kestra_user
  - module: rollcall.identity.kestra_user_auth_method
"""

EXAMPLES = r"""
- name: Block Alan's login, which also ends the sessions
  rollcall.identity.kestra_user:
    api_url: https://kestra.acme.com
    user: alan.turing@example.com
    enabled: false

- name: End the sessions of Ada, who has lost her laptop
  rollcall.identity.kestra_user_session:
    api_url: https://kestra.acme.com
    user: ada.lovelace@example.com
"""

RETURN = r"""
user:
  description: The user.
  type: dict
  returned: success
  contains:
    id:
      description: Kestra's ID of the user.
      type: str
      returned: always
      sample: 4by6NvSLcPXFhCj8nwbZOM
    user:
      description: E-mail address.
      type: str
      returned: always
      sample: ada.lovelace@example.com
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 2
stopped:
  description: The user who stopped the task. Nothing was written.
  type: list
  elements: str
  returned: when O(protect) or another guard stopped the task
  sample: [svc-awx@example.com]
operation:
  description: The API call that Kestra refused.
  type: str
  returned: when Kestra refused a call
  sample: delete_refresh_token
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Kestra refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import tasks

TASK = tasks.USER_SESSION


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
