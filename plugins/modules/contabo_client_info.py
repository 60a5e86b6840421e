#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: contabo_client_info
short_description: Read the OAuth2 client of a Contabo account
version_added: 1.0.0
description:
  - Reads the OAuth2 client that all API users of a Contabo account log in with. Changes nothing.
  - The module does not return the client secret. To generate a new one, use
    M(rollcall.identity.contabo_client_secret).
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.gather
  - rollcall.identity.contabo
seealso:
  - module: rollcall.identity.contabo_client_secret
"""

EXAMPLES = r"""
- name: Read the client
  rollcall.identity.contabo_client_info:
  register: login

- name: Show the client and the customer
  ansible.builtin.debug:
    msg: "{{ login.client.client_id }} of customer {{ login.client.customer_id }}"
"""

RETURN = r"""
client:
  description: The client, without its secret.
  type: dict
  returned: success
  contains:
    id:
      description: ID of the client.
      type: str
      returned: always
      sample: 8a6d7c1e-2f3b-4b53-9d6b-0e4f0f7a2c44
    client_id:
      description: The client ID to log in with, for O(client_id).
      type: str
      returned: always
      sample: INT-12345678
    tenant_id:
      description: Tenant of the account.
      type: str
      returned: always
      sample: INT
    customer_id:
      description: Customer number of the account, for O(expected_account).
      type: str
      returned: always
      sample: "12345678"
api_calls:
  description: Requests that the task sent, including logins.
  type: int
  returned: success
  sample: 2
request_id:
  description: The C(x-request-id) of the last call, for Contabo's audits and support.
  type: str
  returned: success, and when Contabo refused a call
  sample: 0b0a0d0e-5a4c-4c1e-8f7b-2f4b9a1c7d10
operation:
  description: The API call that Contabo refused.
  type: str
  returned: when Contabo refused a call
  sample: retrieve_user_client
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Contabo refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo import tasks

TASK = tasks.CLIENT_INFO


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
