#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kestra_user_auth_method
short_description: Remove login methods of a Kestra EE user
version_added: 1.0.0
description:
  - Removes login methods of an existing user. A missing method is unchanged.
  - The module cannot add methods. Setting a password restores the login with a password. Other methods come from
    identity providers.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.kestra
  - rollcall.identity.kestra.who
options:
  auth_methods:
    description:
      - The methods to remove, by ID, name or type. Case is ignored. All matching methods are removed.
      - Required unless O(all=true).
    type: list
    elements: str
  all:
    description: Whether to remove all methods, regardless of O(auth_methods).
    type: bool
    default: false
  state:
    description: The user does not have the methods.
    type: str
    choices: [absent]
    default: absent
seealso:
  - module: rollcall.identity.kestra_user
  - module: rollcall.identity.kestra_user_session
"""

EXAMPLES = r"""
- name: Remove Ada's password login
  rollcall.identity.kestra_user_auth_method:
    api_url: https://kestra.acme.com
    user: ada.lovelace@example.com
    auth_methods: [BASIC_AUTH]

- name: Remove all login methods of Alan
  rollcall.identity.kestra_user_auth_method:
    api_url: https://kestra.acme.com
    user: alan.turing@example.com
    all: true
"""

RETURN = r"""
user:
  description:
    - The user after the task. In check mode, as the user would be.
    - Fields that Kestra computes, such as RV(rollcall.identity.kestra_user#module:user.display_name), are as they were
      before the task.
    - All other fields are those of RV(rollcall.identity.kestra_user#module:user).
  type: dict
  returned: success
  contains:
    id:
      description: Kestra's ID of the user.
      type: str
      returned: always
      sample: 4by6NvSLcPXFhCj8nwbZOM
    user:
      description: E-mail address.
      type: str
      returned: always
      sample: ada.lovelace@example.com
    enabled:
      description: V(false) for a user without login methods, tenants and ownership of the instance, before the task.
      type: bool
      returned: always
      sample: true
    auth_methods:
      description: Login methods.
      type: list
      elements: dict
      returned: when it was read
      contains:
        id:
          description: ID of the method. V(null) if Kestra does not report it.
          type: str
          returned: always
          sample: 03kOQBZltXVljZB2hQvhZJ
        name:
          description: Name of the method.
          type: str
          returned: always
          sample: ada.lovelace@example.com
        type:
          description: Type of the method.
          type: str
          returned: always
          sample: BASIC_AUTH
    tenants:
      description: Tenants of the user. Not read by this module.
      type: list
      elements: str
      returned: when it was read
    groups:
      description: Groups of the user. Not read by this module.
      type: list
      elements: dict
      returned: when it was read
    roles:
      description: Roles of the user. Not read by this module.
      type: list
      elements: dict
      returned: when it was read
diff:
  description: One entry with the fields that change. Empty if nothing changes.
  type: list
  elements: dict
  returned: in diff mode
  sample:
    - before_header: ada.lovelace@example.com
      after_header: ada.lovelace@example.com
      before: {auth_methods: [{id: 03kOQBZltXVljZB2hQvhZJ, name: okta, type: OIDC}]}
      after: {auth_methods: []}
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 3
stopped:
  description: The users who stopped the task. Nothing was written.
  type: list
  elements: str
  returned: when O(protect) or another guard stopped the task
  sample: [svc-awx@example.com]
operation:
  description: The API call that Kestra refused.
  type: str
  returned: when Kestra refused a call
  sample: delete_user_auth_method
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Kestra refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import tasks

TASK = tasks.USER_AUTH_METHOD


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
