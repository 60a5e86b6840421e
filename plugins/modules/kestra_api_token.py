#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kestra_api_token
short_description: Create, replace or revoke an API token of Kestra EE
version_added: 1.0.0
description:
  - Ensures that a user or a service account has a valid API token with a name, replaces it before it expires, or
    revokes it.
  - All tokens with the same owner and name are a family. The newest valid token is the current one. The module creates
    a new token if none is valid, or if O(rotate) requires it.
  - Older tokens are only revoked if O(overlap) is specified. A later run revokes them, after O(overlap) has passed and
    the current token has been used. A token that has been used since its successor was issued is kept, with the warning
    C(token_in_use), and so are all tokens of an owner in O(protect). RV(kept) gives the reason for each.
  - Kestra accepts several tokens with the same name, so tasks on different machines can create several at the same
    time. Without O(overlap), the next task returns the warning C(duplicate_token), which names them.
  - Kestra shows a token once, when it is created. The task never displays it. It is in the registered result, unless
    O(dest) is specified. A run that does not create a token does not return one. If a token is valid but O(dest) does
    not contain it, the task returns the warning C(lost_secret). To create another token, use O(rotate=expired) or
    O(rotate=always).
  - The module recognises the token that the task itself uses by its prefix, and never revokes it. If Kestra does not
    show the prefix of a token that may be this one, the module does not revoke it either.
  - If the answer to the creation of a token is lost, the module reads the list again for some seconds. It revokes the
    token that has appeared, and creates another one. If that is not possible, the task fails and names the tokens whose
    secrets are lost.
  - In check mode, an owner who does not exist yet is not an error, because an earlier task may create it. The task
    returns the warning C(missing_in_check_mode), and reports a change with O(state=present).
  - A token cannot be changed. A new O(description), O(max_age) or O(extended) applies from the next rotation on.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.attributes.secret
  - rollcall.identity.kestra
  - rollcall.identity.kestra.owner
  - rollcall.identity.kestra.scope
options:
  name:
    description:
      - Name of the token, of 1 to 63 lower-case letters and digits with single hyphens between them.
      - Required with O(state=present). With O(state=absent) and without O(token_id), all tokens with this name are
        revoked.
      - With O(token_id) as well, both must belong together.
    type: str
  token_id:
    description: ID of the token to revoke with O(state=absent), instead of the whole family. It is an error with
      O(state=present).
    type: str
  state:
    description: Whether a valid token exists.
    type: str
    choices:
      present: A token is created if none is valid, or if O(rotate) requires another one.
      absent: The token or tokens are revoked.
    default: present
  description:
    description: Free text for a new token.
    type: str
  max_age:
    description:
      - How long a new token is valid, such as V(30d), V(12h) or V(P30D).
      - If not given, it never expires.
    type: str
  extended:
    description: Whether each use of a new token extends its expiry.
    type: bool
    default: false
  rotate:
    description: When a valid token is replaced.
    type: str
    choices:
      never: Never.
      expired: If it is valid for less than O(min_remaining), or older than O(rotate_after).
      always: In every run. The task then always reports a change.
    default: never
  min_remaining:
    description: How long the token must still be valid with O(rotate=expired), in the format of O(max_age). It must be
      less than O(max_age). An error with another O(rotate).
    type: str
  rotate_after:
    description: The age at which the token is replaced with O(rotate=expired), in the format of O(max_age). Also for
      tokens that never expire. An error with another O(rotate).
    type: str
  overlap:
    description:
      - How long older tokens are kept after the current one was created, in the format of O(max_age). V(0) revokes them
        as soon as the current token has been used.
      - An error with O(state=absent), like all other options for a new token.
      - If not given, no older token is revoked.
    type: str
  dest:
    description:
      - A file to write a new token to. It is replaced as a whole, with the mode 0600, in a folder that exists.
        A relative path starts at the folder of the playbook.
      - It must be a regular file or not exist yet, in a writable folder. A symbolic link, a folder, a device or a pipe
        is refused before the token is created.
      - The token is then not part of the result. If the file cannot be written, the new token is revoked again, and the
        error says whether that is verified.
      - An error with O(state=absent).
    type: path
seealso:
  - module: rollcall.identity.kestra_api_token_info
  - module: rollcall.identity.kestra_service_account
"""

EXAMPLES = r"""
- name: Replace the pipeline's token a week before it expires
  rollcall.identity.kestra_api_token:
    api_url: https://kestra.acme.com
    service_account: ci-deploy
    name: pipeline
    max_age: 30d
    rotate: expired
    min_remaining: 7d
    overlap: 1d
    dest: "{{ playbook_dir }}/kestra.token"

- name: Create a token for Ada's scripts
  rollcall.identity.kestra_api_token:
    api_url: https://kestra.acme.com
    user: ada.lovelace@example.com
    name: scripts
    max_age: P90D
  register: made

- name: Revoke a token of a tenant's service account, specified by ID
  rollcall.identity.kestra_api_token:
    api_url: https://kestra.acme.com
    tenant: acme-eu
    scope: tenant
    service_account_id: czC3kWZAww1WzuOb3oBZwY
    name: old-pipeline
    state: absent
"""

RETURN = r"""
secret:
  description: The token. The task never displays it.
  type: str
  returned: when a token was created, without O(dest)
dest:
  description: The absolute path of the file for the token.
  type: str
  returned: with O(state=present) and O(dest)
  sample: /home/ada/kestra.token
made:
  description: Whether the task creates a token.
  type: bool
  returned: success
  sample: true
why:
  description: Why the task creates a token. Empty if it does not.
  type: str
  returned: success
  sample: none is valid
token:
  description:
    - The current token after the task, without its secret. V(null) with O(state=absent), and in check mode for a token
      that would be created.
    - The times of a new token are computed from the date of the answer, so they may differ by a second.
  type: dict
  returned: success
  contains:
    id:
      description: Kestra's ID of the token.
      type: str
      returned: always
      sample: U0nPyt1BB8gt3aIiMBSzhw
    name:
      description: Name of the token. Several can have the same one.
      type: str
      returned: always
      sample: ci
    description:
      description: Free text about the token.
      type: str
      returned: always
      sample: Used by the pipeline
    prefix:
      description: The first characters of the token, which identify it. V(null) for a new token.
      type: str
      returned: always
      sample: nuUDKhdL
    issued_at:
      description: When the token was created, in UTC.
      type: str
      returned: always
      sample: "2026-01-05T08:00:00.000Z"
    expires_at:
      description: When it expires, in UTC. V(null) if it never expires.
      type: str
      returned: always
      sample: "2026-02-04T08:00:00.000Z"
    last_used_at:
      description: When it was last used, in UTC. V(null) if it was never used.
      type: str
      returned: always
      sample: "2026-01-06T08:00:00.000Z"
    extended:
      description: Whether each use extends the expiry.
      type: bool
      returned: always
      sample: false
revoked:
  description: IDs of the tokens that are revoked, or were revoked before a failure.
  type: list
  elements: str
  returned: success, and when the revocation of a token failed
  sample: []
kept:
  description: Other tokens with the same owner and name, which are kept. Empty with O(state=absent).
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: Kestra's ID of the token.
      type: str
      returned: always
      sample: 6xP2m0vTqzjW1iYc9aLr3k
    code:
      description:
        - Why it is kept. V(not_requested) without O(overlap), V(overlap) until that has passed, V(unused_successor)
          until the current one was used, V(token_in_use) if it was used since its successor was issued, V(protected) if
          O(protect) names the owner, V(own_token) or V(own_token_unknown) if the task logs in, or may log in, with it,
          V(unclear_times) if Kestra does not show its times, V(replaced) if it was the current one, and
          V(no_current_token) if none was valid.
      type: str
      returned: always
      sample: not_requested
orphaned:
  description: IDs of new, valid tokens. The secrets of those that the task created are lost.
  type: list
  elements: str
  returned: when the answer to the creation of a token was lost, and the tokens could not be revoked
  sample: [U0nPyt1BB8gt3aIiMBSzhw]
user:
  description: The owner of the token.
  type: dict
  returned: success
  contains:
    id:
      description: Kestra's ID of the owner.
      type: str
      returned: always
      sample: 4by6NvSLcPXFhCj8nwbZOM
    user:
      description: E-mail address of a user, or name of a service account.
      type: str
      returned: always
      sample: ci-deploy
diff:
  description: One entry with the fields that change. Empty if nothing changes.
  type: list
  elements: dict
  returned: in diff mode
  sample:
    - before: {tokens: []}
      after: {tokens: [(new)]}
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 3
stopped:
  description: The owners who stopped the task. Nothing was written.
  type: list
  elements: str
  returned: when O(protect) stopped the task
  sample: [svc-awx@example.com]
operation:
  description: The API call that Kestra refused.
  type: str
  returned: when Kestra refused a call
  sample: create_api_tokens_for_user
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Kestra refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import account_tasks as tasks

TASK = tasks.API_TOKEN


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
