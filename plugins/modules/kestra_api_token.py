#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kestra_api_token
short_description: Make, replace or revoke an API token of Kestra EE
version_added: 0.1.0
description:
  - Sees to it that a user or a service account has a valid API token of a name, replaces it in time, or revokes it.
  - All tokens of one owner and one name are a family. The newest valid one is the current one. A new one is made where
    none is valid, or where O(rotate) says so.
  - No older token is revoked unless O(overlap) is given. Then a later run revokes it, once O(overlap) has passed and
    the current one has been used. One that has been used since its successor was issued stays, with the warning
    C(token_in_use), and so do all of an owner whom O(protect) names. RV(kept) says why each of them stays.
  - Kestra shows a token once, when it is made. It is never displayed. The registered result holds it, unless O(dest) is
    given. A run that makes none returns none. If a token is valid and O(dest) does not hold it, the warning
    C(lost_secret) says so, and O(rotate=expired) or O(rotate=always) makes another.
  - The token that the task itself works with is recognised by its prefix, and never revoked. One whose prefix Kestra
    does not show is not revoked either if it may be that token.
  - If the answer to the making of a token is lost, the list is read again for some seconds. A token that has appeared
    is revoked, and another one is made. If that cannot be done, the task fails and names the tokens whose secrets
    nobody received.
  - In check mode, an owner who does not exist yet is no error, because an earlier task may create it. The task reports
    the warning C(missing_in_check_mode), and a change with O(state=present).
  - A token cannot be changed. Another O(description), O(max_age) or O(extended) holds from the next rotation on.
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
      - Needed with O(state=present). With O(state=absent) and without O(token_id), all tokens of this name are revoked.
      - With O(token_id) as well, both must belong together.
    type: str
  token_id:
    description: ID of one token that is revoked with O(state=absent), where not the whole family is meant. It has no
      effect with O(state=present), and is an error there.
    type: str
  state:
    description: Whether there is a valid token.
    type: str
    choices:
      present: A token is made if none is valid, or if O(rotate) asks for another one.
      absent: The token or tokens are revoked.
    default: present
  description:
    description: Free text about a token that is made.
    type: str
  max_age:
    description:
      - How long a token that is made is valid, such as V(30d), V(12h) or V(P30D).
      - If not given, it never expires.
    type: str
  extended:
    description: Whether each use of a token that is made puts its expiry off.
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
    description: How long the token must still be valid with O(rotate=expired), as O(max_age) is given. Less than
      O(max_age). An error with another O(rotate).
    type: str
  rotate_after:
    description: The age at which the token is replaced with O(rotate=expired), as O(max_age) is given. It is for tokens
      that never expire, too. An error with another O(rotate).
    type: str
  overlap:
    description:
      - How long older tokens of the name stay after the current one was made, as O(max_age) is given. V(0) revokes them
        as soon as the current one was used.
      - An error with O(state=absent), as every other option about the token to be made.
      - If not given, no older token is revoked.
    type: str
  dest:
    description:
      - A file to write a token to that is made. It is replaced as a whole, with the mode 0600, in a folder that exists.
        A relative path starts at the folder of the playbook.
      - A regular file, or nothing yet. A symbolic link, a folder, a device or a pipe is refused before anything is
        made. So is a file in a folder that is missing or cannot be written to.
      - The token is then not part of the result. If it cannot be written after all, the new token is revoked again. The
        error says whether that is verified.
      - An error with O(state=absent).
    type: path
seealso:
  - module: rollcall.identity.kestra_api_token_info
  - module: rollcall.identity.kestra_service_account
"""

EXAMPLES = r"""
- name: The pipeline has a token that is replaced a week before it expires
  rollcall.identity.kestra_api_token:
    api_url: https://kestra.acme.com
    service_account: ci-deploy
    name: pipeline
    max_age: 30d
    rotate: expired
    min_remaining: 7d
    overlap: 1d
    dest: "{{ playbook_dir }}/kestra.token"

- name: Ada has a token for her scripts
  rollcall.identity.kestra_api_token:
    api_url: https://kestra.acme.com
    user: ada.lovelace@example.com
    name: scripts
    max_age: P90D
  register: made

- name: A service account of a tenant, by its ID, has no such token
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
  description: The token. Never displayed.
  type: str
  returned: when a token was made, without O(dest)
dest:
  description: The file for the token, with its absolute path.
  type: str
  returned: with O(state=present) and O(dest)
  sample: /home/ada/kestra.token
made:
  description: Whether a token is made.
  type: bool
  returned: success
  sample: true
why:
  description: Why a token is made. Empty if none is.
  type: str
  returned: success
  sample: none is valid
token:
  description:
    - The token that is current after the task, never with its secret. V(null) with O(state=absent), and in check mode
      for one that would be made.
    - The times of a token that was just made follow from the date of the answer, so they may be off by a second.
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
      description: The first characters of the token, by which it is recognised. V(null) for one that was just made.
      type: str
      returned: always
      sample: nuUDKhdL
    issued_at:
      description: When the token was made, in UTC.
      type: str
      returned: always
      sample: "2026-01-05T08:00:00.000Z"
    expires_at:
      description: When it expires. V(null) for a token that never does.
      type: str
      returned: always
      sample: "2026-02-04T08:00:00.000Z"
    last_used_at:
      description: When it was last used. V(null) if never.
      type: str
      returned: always
      sample: "2026-01-06T08:00:00.000Z"
    extended:
      description: Whether each use puts the expiry off.
      type: bool
      returned: always
      sample: false
revoked:
  description: IDs of the tokens that are revoked, or were revoked before a failure.
  type: list
  elements: str
  returned: success
  sample: []
kept:
  description: Other tokens of the family, which stay. Empty with O(state=absent).
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
        - Why it stays. V(not_requested) without O(overlap), V(overlap) until that has passed, V(unused_successor) until
          the current one was used, V(token_in_use) if it was used since its successor was issued, V(protected) if
          O(protect) names the owner, V(own_token) or V(own_token_unknown) if the task works, or may work, with it,
          V(unclear_times) if Kestra does not show its times, V(replaced) if it was the current one, and
          V(no_current_token) if none was valid.
      type: str
      returned: always
      sample: not_requested
orphaned:
  description: IDs of valid tokens whose secrets nobody received.
  type: list
  elements: str
  returned: when the answer to the making of a token was lost, and they could not be revoked
  sample: [U0nPyt1BB8gt3aIiMBSzhw]
user:
  description: The owner of the token.
  type: dict
  returned: success
  contains:
    id:
      description: Kestra's ID of it.
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
  description: The owners because of whom nothing was written.
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
