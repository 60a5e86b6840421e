#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kestra_api_token_info
short_description: Read the API tokens of a Kestra EE user or service account
version_added: 1.0.0
description:
  - Reads the tokens of one owner. Changes nothing. The API never returns their secrets.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.gather
  - rollcall.identity.kestra
  - rollcall.identity.kestra.owner
  - rollcall.identity.kestra.scope
options:
  name:
    description:
      - Name of the tokens to return. By default, all tokens are returned.
      - If the owner has no token with this name, the list is empty.
    type: str
seealso:
  - module: rollcall.identity.kestra_api_token
  - module: rollcall.identity.kestra_user_info
"""

EXAMPLES = r"""
- name: Read the tokens of a service account
  rollcall.identity.kestra_api_token_info:
    api_url: https://kestra.acme.com
    service_account: ci-deploy
  register: ci_deploy

- name: Show tokens that never expire
  ansible.builtin.debug:
    msg: "{{ ci_deploy.tokens | rejectattr('expires_at') | map(attribute='name') }}"
"""

RETURN = r"""
user:
  description: The owner of the tokens.
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
tokens:
  description: The tokens.
  type: list
  elements: dict
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
      description: The first characters of the token, which identify it.
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
    expired:
      description: Whether Kestra reports that it has expired.
      type: bool
      returned: always
      sample: false
    own:
      description: Whether the task logs in with this token. V(null) if Kestra does not show the prefix of a token that
        may be this one.
      type: bool
      returned: always
      sample: false
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 2
operation:
  description: The API call that Kestra refused.
  type: str
  returned: when Kestra refused a call
  sample: list_api_tokens
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Kestra refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import account_tasks as tasks

TASK = tasks.API_TOKEN_INFO


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
