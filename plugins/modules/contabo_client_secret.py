#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: contabo_client_secret
short_description: Rotate the client secret of a Contabo account
version_added: 1.0.0
description:
  - Generates a new secret for the OAuth2 client of the whole account. The old secret stops working at once, for every
    program and playbook of the customer, including later tasks of the same play. Update all of them with the new
    secret.
  - The task itself continues with the new secret. So do the other items of its loop, if they share the connection (see
    the attribute C(action)).
  - Each run generates another secret and reports a change. It therefore requires O(confirm=true).
  - If the answer is lost, or the server fails, the module reads the client for some seconds and returns the secret if
    it is new. Otherwise it generates another one, once.
  - Before it returns a secret, the module reads the client to verify it. If that is not permitted, or shows another
    secret, it tries to log in. It does not return a secret that it cannot verify. The customer panel shows the valid
    one.
  - The task never displays the secret. It is in the registered result, unless O(dest) is specified.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.perform
  - rollcall.identity.attributes.secret
  - rollcall.identity.contabo
attributes:
  check_mode:
    description: Can run in check mode and predict the change without making it.
    support: full
    details:
      - The module reads the client, so wrong credentials also fail in check mode. It does not generate or return a
        secret.
options:
  confirm:
    description: Whether everything that logs in with the old secret may stop working. Without V(true), the task fails,
      also in check mode.
    type: bool
    default: false
  dest:
    description:
      - A file to write the secret to. It is replaced as a whole, with the mode 0600, in a folder that exists. A
        relative path starts at the folder of the playbook.
      - It must be a regular file or not exist yet, in a writable folder. A symbolic link, a folder, a device or a pipe
        is refused before the secret is generated.
      - The secret is then not part of the result. In check mode nothing is written.
    type: path
seealso:
  - module: rollcall.identity.contabo_client_info
"""

EXAMPLES = r"""
- name: Generate a new client secret
  rollcall.identity.contabo_client_secret:
    expected_account: "12345678"
    confirm: true
  register: rotated

- name: Use the new secret in the next task
  rollcall.identity.contabo_user_info:
    client_secret: "{{ rotated.secret }}"

- name: Generate a new client secret, and write it to a file
  rollcall.identity.contabo_client_secret:
    client_secret: "{{ rotated.secret }}"
    confirm: true
    dest: "{{ playbook_dir }}/contabo.secret"
"""

RETURN = r"""
secret:
  description: The new secret. The task never displays it.
  type: str
  returned: without O(dest), and not in check mode
dest:
  description: The absolute path of the file with the secret.
  type: str
  returned: with O(dest)
  sample: /home/ada/contabo.secret
made:
  description: Always V(true). Every run generates another secret.
  type: bool
  returned: success
  sample: true
why:
  description: Why the task generates a secret.
  type: str
  returned: success
  sample: every run creates another one
token:
  description: What the secret belongs to. V(null) in check mode.
  type: dict
  returned: success
  contains:
    id:
      description: Always V(null), because a secret has no ID.
      type: str
      returned: always
    name:
      description: The client that the secret belongs to.
      type: str
      returned: always
      sample: INT-12345678
    expires_at:
      description: Always V(null), because a secret does not expire.
      type: str
      returned: always
revoked:
  description: Always empty. The previous secret is invalid, and has no ID.
  type: list
  elements: str
  returned: success
  sample: []
client_id:
  description: The client that the secret belongs to.
  type: str
  returned: success
  sample: INT-12345678
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
  sample: generate_client_secret
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Contabo refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo import tasks

TASK = tasks.CLIENT_SECRET


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
