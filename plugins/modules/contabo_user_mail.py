#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: contabo_user_mail
short_description: Make Contabo send mail to a user
version_added: 1.0.0
description:
  - Makes Contabo send a user an e-mail, either to verify the address or to set a password.
  - O(protect) does not prevent the e-mail, because the password remains valid until the user sets another one with the
    link in the e-mail.
  - Each run sends an e-mail and reports a change, unless O(only_if_needed=true) and the user does not need it.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.perform
  - rollcall.identity.contabo
  - rollcall.identity.contabo.who
options:
  type:
    description: Which e-mail to send.
    type: str
    required: true
    choices:
      verification: The e-mail to verify the e-mail address.
      password_reset: The e-mail to set a new password.
  redirect_url:
    description: The address that the link in the e-mail finally opens. It must begin with C(https://) or C(http://). By
      default an address of Contabo.
    type: str
  only_if_needed:
    description:
      - Whether to omit the verification e-mail if the address is verified, and the password e-mail if the user has set
        a password. The latter takes one more call.
    type: bool
    default: false
seealso:
  - module: rollcall.identity.contabo_user
  - module: rollcall.identity.contabo_user_info
"""

EXAMPLES = r"""
- name: Remind Ada to verify her address, if necessary
  rollcall.identity.contabo_user_mail:
    user: ada.lovelace@example.com
    type: verification
    only_if_needed: true

- name: Let Alan choose a new password
  rollcall.identity.contabo_user_mail:
    user: alan.turing@example.com
    type: password_reset
    redirect_url: https://intranet.example.com/welcome
"""

RETURN = r"""
user:
  description: The user.
  type: dict
  returned: success
  contains:
    id:
      description: Contabo's ID of the user.
      type: str
      returned: always
      sample: 4f2c2a3e-5d0b-4d0a-9a39-0c6a1d7e0b11
    user:
      description: The user's e-mail address.
      type: str
      returned: always
      sample: ada.lovelace@example.com
api_calls:
  description: Requests that the task sent, including logins.
  type: int
  returned: success
  sample: 3
request_id:
  description: The C(x-request-id) of the last call, for Contabo's audits and support.
  type: str
  returned: success, and when Contabo refused a call
  sample: 0b0a0d0e-5a4c-4c1e-8f7b-2f4b9a1c7d10
operation:
  description: The API call that Contabo refused.
  type: str
  returned: when Contabo refused a call
  sample: reset_password
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Contabo refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo import tasks

TASK = tasks.USER_MAIL


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
