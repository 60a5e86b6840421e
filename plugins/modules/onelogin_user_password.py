#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: onelogin_user_password
short_description: Set the password of a OneLogin user
version_added: 1.0.0
description:
  - Sets the password of an existing user.
  - OneLogin does not report the password or its hash, so the task always sends it and reports a change. For the first
    password of new users, use O(rollcall.identity.onelogin_user#module:password).
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.perform
  - rollcall.identity.onelogin
  - rollcall.identity.onelogin.password
options:
  password:
    description: The password. It must not be empty. Required without O(password_hash).
    type: str
  method:
    description: The format in which O(password) is sent.
    type: str
    choices:
      salted: As the SHA-256 of a salt and the password. OneLogin cannot check such a password against its policy.
      clear_text: Unchanged, within TLS.
    default: salted
  salt:
    description:
      - The salt for O(method=salted), with 1 to 40 characters. Another name for O(password_salt).
      - If neither is specified, the module generates a random salt of 40 hexadecimal digits.
    type: str
  validate_policy:
    description: Whether OneLogin checks the password against the user's password policy. Requires O(method=clear_text).
    type: bool
    default: false
seealso:
  - module: rollcall.identity.onelogin_user
"""

EXAMPLES = r"""
- name: Set a password without a policy check
  rollcall.identity.onelogin_user_password:
    api_url: https://acme.onelogin.com
    user: ada.lovelace
    password: "{{ vault_ada_password }}"

- name: Set a password that must satisfy the policy
  rollcall.identity.onelogin_user_password:
    api_url: https://acme.onelogin.com
    user: ada.lovelace
    password: "{{ lookup('ansible.builtin.env', 'ADA_PASSWORD') }}"
    method: clear_text
    validate_policy: true

- name: Set the password of another system by its hash
  rollcall.identity.onelogin_user_password:
    api_url: https://acme.onelogin.com
    user: ada.lovelace
    password_hash: "{{ vault_ada_hash }}"
    password_algorithm: bcrypt
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
  sample: update_password_insecure
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when OneLogin refused a call
  sample: 400
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import tasks

TASK = tasks.USER_PASSWORD


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
