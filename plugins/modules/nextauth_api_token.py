#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nextauth_api_token
short_description: Create an API key of nextAuth
version_added: 1.0.0
description:
  - Creates an API key if none has the specified name, which is the description of the key. A second run changes
    nothing.
  - The module only finds keys that the current role has created. Another O(role_id) finds other keys.
  - nextAuth shows the secret once, when the key is created. The task never displays it. It is in the registered result,
    unless O(dest) is specified. For an existing key, the result does not contain the secret, even if nextAuth's list of
    keys does. If a key exists and O(dest) does not contain its secret, the task returns the warning C(lost_secret).
  - If the answer to the creation of a key is lost, the module reads the list again for some seconds, fails, and reports
    whether the key exists. It does not create another key, because keys cannot be deleted.
  - A key without a description may be the intended one. If the list contains such a key, and none with the name, the
    module does not create a key.
  - nextAuth's API can neither delete a key nor set when it expires. The module therefore cannot replace or revoke a
    key. Requesting this is an error that explains the manual steps.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.attributes.secret
  - rollcall.identity.nextauth
options:
  name:
    description: The description of the key. It is compared exactly, and must not begin or end with a blank.
    type: str
    required: true
  state:
    description: Whether the key exists.
    type: str
    choices:
      present: The key is created if necessary.
      absent: If the key exists, the task fails, because the API cannot delete it.
    default: present
  rotate:
    description: When the key is replaced.
    type: str
    choices:
      never: Never.
      always: An error that says how to replace it manually.
    default: never
  dest:
    description:
      - A file to write the secret of a new key to. It is replaced as a whole, with the mode 0600, in a folder that
        exists. A relative path starts at the folder of the playbook.
      - It must be a regular file or not exist yet, in a writable folder. A symbolic link, a folder, a device or a pipe
        is refused before anything is created.
      - The secret is then not part of the result. If the key exists, the file is left alone.
      - An error with O(state=absent).
    type: path
notes:
  - The role of O(api_key) requires the permission C(servers) for all servers.
seealso:
  - module: rollcall.identity.nextauth_user_roles
"""

EXAMPLES = r"""
- name: Create a key for the report job
  rollcall.identity.nextauth_api_token:
    server_id: "{{ nextauth_server_id }}"
    name: report-job
    dest: "{{ playbook_dir }}/report-job.key"

- name: Create a key for the portal
  rollcall.identity.nextauth_api_token:
    server_id: "{{ nextauth_server_id }}"
    name: portal
  register: portal

- name: Check that the key of the old portal is deleted
  rollcall.identity.nextauth_api_token:
    server_id: "{{ nextauth_server_id }}"
    name: old-portal
    state: absent
"""

RETURN = r"""
secret:
  description: The API key. The task never displays it.
  type: str
  returned: when a key was created, without O(dest)
dest:
  description: The absolute path of the file for the API key.
  type: str
  returned: with O(state=present) and O(dest)
  sample: /home/ada/report-job.key
made:
  description: Whether the task creates a key.
  type: bool
  returned: success
  sample: true
why:
  description: Why the task creates a key. Empty if it does not.
  type: str
  returned: success
  sample: there is none
revoked:
  description: Always empty, because the API cannot delete a key.
  type: list
  elements: str
  returned: success
  sample: []
token:
  description: The key, without its secret. V(null) if there is none, and in check mode for a key that would be created.
  type: dict
  returned: success
  contains:
    id:
      description: Always V(null), because API keys have no ID.
      type: str
      returned: always
    expires_at:
      description: Always V(null), because the API does not report when a key expires.
      type: str
      returned: always
    name:
      description: The description of the key.
      type: str
      returned: always
      sample: report-job
    role:
      description: ID of the role that the key has.
      type: str
      returned: always
diff:
  description: One entry with the fields that change. Empty if nothing changes.
  type: list
  elements: dict
  returned: in diff mode
  sample:
    - before: {tokens: []}
      after: {tokens: [report-job]}
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 2
operation:
  description: The API call that nextAuth refused.
  type: str
  returned: when nextAuth refused a call
  sample: create_api_key
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when nextAuth refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth import tasks

TASK = tasks.API_TOKEN


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
