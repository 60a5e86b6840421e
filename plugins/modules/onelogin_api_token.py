#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: onelogin_api_token
short_description: Get or revoke an access token of OneLogin
version_added: 1.0.0
description:
  - Gets the OAuth2 access token that belongs to the client credentials, or revokes one.
  - OneLogin returns the same token until it expires or is revoked. Getting the token does not change anything, so the
    task only reports a change if it replaces or revokes a token.
  - Revoking a token interrupts all jobs that use it, including all tasks that are logged in with the same credentials.
  - The task never displays the token. It is in the registered result, unless O(dest) is specified.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.gather
  - rollcall.identity.attributes.secret
  - rollcall.identity.onelogin
options:
  access_token:
    description:
      - The token to revoke with O(state=absent), which also requires O(client_id) and O(client_secret). Not allowed
        with O(state=present).
      - If not given, E(ONELOGIN_ACCESS_TOKEN) in the environment is used.
    type: str
  state:
    description: Whether a valid token exists.
    type: str
    choices:
      present: The token is returned.
      absent: O(access_token) is revoked, if it is still valid. O(expected_account) is compared with the account of
        O(client_id) first.
    default: present
  rotate:
    description: When the token is revoked and replaced with O(state=present).
    type: str
    choices:
      never: Never.
      expired: If it is valid for less than O(min_remaining).
      always: In every run. The task then always reports a change.
    default: never
  min_remaining:
    description:
      - How long the token must still be valid with O(rotate=expired), such as V(3600), V(1h) or V(PT1H). An error with
        another O(rotate).
      - It is an error if a new token would not be valid for that long either.
    type: str
  dest:
    description:
      - A file to write the token to. It is replaced as a whole, with the mode 0600, in a folder that exists. A relative
        path starts at the folder of the playbook.
      - It must be a regular file or not exist yet, in a writable folder. A symbolic link, a folder, a device or a pipe
        is refused before anything is created.
      - The token is then not part of the result. A file that already contains the token is left alone; otherwise
        writing it counts as a change. In check mode nothing is written.
      - An error with O(state=absent).
    type: path
seealso:
  - module: rollcall.identity.onelogin_user_info
"""

EXAMPLES = r"""
- name: Log in once for many tasks
  rollcall.identity.onelogin_api_token:
    api_url: https://acme.onelogin.com
    client_id: "{{ onelogin_client_id }}"
    client_secret: "{{ vault_onelogin_client_secret }}"
  register: login

- name: Read users with this token
  rollcall.identity.onelogin_user_info:
    api_url: https://acme.onelogin.com
    access_token: "{{ login.secret }}"
  register: directory

- name: Write a token that is valid for at least an hour to a file
  rollcall.identity.onelogin_api_token:
    api_url: https://acme.onelogin.com
    rotate: expired
    min_remaining: 1h
    dest: "{{ playbook_dir }}/onelogin.token"

- name: Revoke the first token
  rollcall.identity.onelogin_api_token:
    api_url: https://acme.onelogin.com
    access_token: "{{ login.secret }}"
    state: absent
"""

RETURN = r"""
secret:
  description: The token. The task never displays it.
  type: str
  returned: with O(state=present) and without O(dest), except in check mode for a token that would be created
dest:
  description: The absolute path of the file with the token.
  type: str
  returned: with O(state=present) and O(dest)
  sample: /home/ada/onelogin.token
account_id:
  description: ID of the OneLogin account, for O(expected_account). V(null) if OneLogin does not report it.
  type: str
  returned: with O(state=present)
  sample: "88123"
made:
  description: Whether a new token replaces the token.
  type: bool
  returned: with O(state=present)
  sample: false
why:
  description: Why it is replaced. Empty if it is not.
  type: str
  returned: with O(state=present)
  sample: rotate is always
token:
  description: The token, without its secret. V(null) in check mode for a token that would be created.
  type: dict
  returned: with O(state=present)
  contains:
    id:
      description: Always V(null), because access tokens have no ID.
      type: str
      returned: always
    name:
      description: Always V(null), because access tokens have no name.
      type: str
      returned: always
    account_id:
      description: ID of the OneLogin account. V(null) if OneLogin does not report it.
      type: str
      returned: always
      sample: "88123"
    token_type:
      description: Type of the token.
      type: str
      returned: always
      sample: bearer
    expires_in:
      description: Remaining lifetime of the token in seconds. V(null) if OneLogin does not report it.
      type: float
      returned: always
      sample: 36000.0
    expires_at:
      description: When it expires, in UTC. V(null) if OneLogin does not report it.
      type: str
      returned: always
      sample: "2026-01-05T18:00:00Z"
api_calls:
  description: Requests that the task sent, including logins.
  type: int
  returned: success
  sample: 1
operation:
  description: The API call that OneLogin refused.
  type: str
  returned: when OneLogin refused a call
  sample: generate_token
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when OneLogin refused a call
  sample: 401
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import tasks

TASK = tasks.API_TOKEN


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
