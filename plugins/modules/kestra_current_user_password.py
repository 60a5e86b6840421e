#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kestra_current_user_password
short_description: Change the password of the Kestra EE user that the task runs as
version_added: 1.0.0
description:
  - Changes the login password of the caller, which is the user of O(api_token) or O(api_user).
  - Kestra cannot check a password without a login. The task always sends it and reports a change. A second run fails if
    O(old_password) is no longer correct.
  - The task sends it once. If the answer is lost, the task fails; check manually which password is valid.
  - The task fails if O(protect) names the caller.
  - If you use O(api_password), later tasks need the new password.
  - For the passwords of other users see O(rollcall.identity.kestra_user#module:password).
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.perform
  - rollcall.identity.kestra
options:
  old_password:
    description: The current password.
    type: str
    required: true
  new_password:
    description: The new password. It must satisfy the server's password policy.
    type: str
    required: true
seealso:
  - module: rollcall.identity.kestra_user
"""

EXAMPLES = r"""
- name: Change my own password
  rollcall.identity.kestra_current_user_password:
    api_url: https://kestra.acme.com
    api_token: "{{ my_kestra_token }}"
    old_password: "{{ vault_old_password }}"
    new_password: "{{ vault_new_password }}"
"""

RETURN = r"""
user:
  description: The caller.
  type: dict
  returned: success
  contains:
    id:
      description: Kestra's ID of the user. V(null) if Kestra does not report it.
      type: str
      returned: always
      sample: 4by6NvSLcPXFhCj8nwbZOM
    user:
      description: E-mail address. V(null) if Kestra does not report it.
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
  returned: when O(protect) stopped the task
  sample: [svc-awx@example.com]
operation:
  description: The API call that Kestra refused.
  type: str
  returned: when Kestra refused a call
  sample: update_current_user_password
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Kestra refused a call
  sample: 422
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import tasks

TASK = tasks.CURRENT_USER_PASSWORD


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
