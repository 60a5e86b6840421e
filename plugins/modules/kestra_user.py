#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kestra_user
short_description: Manage a user of Kestra EE
version_added: 1.0.0
description:
  - Creates, changes, renames, disables or deletes one user of a Kestra EE instance, with access to tenants, groups,
    roles and a first password.
  - The module compares the specified options with Kestra's data and writes only the difference. A second run changes
    nothing, unless O(update_password=always) is set.
  - Creating a user takes one call, plus one call for each role. Before 1.3, it takes two more, because the answer does
    not contain the user.
  - The module removes bindings before it deletes a user, because users deleted with bindings can remain visible.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.kestra
  - rollcall.identity.kestra.user
seealso:
  - module: rollcall.identity.kestra_users
  - module: rollcall.identity.kestra_user_info
  - module: rollcall.identity.kestra_user_groups
  - module: rollcall.identity.kestra_user_roles
"""

EXAMPLES = r"""
# If a task does not specify the token, it comes from KESTRA_API_TOKEN in the environment.
- name: Create Ada, or update her
  rollcall.identity.kestra_user:
    api_url: https://kestra.acme.com
    user: ada.lovelace@example.com
    first_name: Ada
    last_name: Lovelace
    password: "{{ vault_first_password }}"
    groups:
      - data
      - {tenant: acme-eu, name: sales}
    roles:
      - {role: Developer, namespace: company.data}

- name: Put Ada into exactly these groups and tenants
  rollcall.identity.kestra_user:
    api_url: https://kestra.acme.com
    api_token: "{{ kestra_token }}"
    user: ada.lovelace@example.com
    tenants: [main]
    tenants_state: exact
    groups: [data]
    groups_state: exact

- name: Give Ada one of the groups that this playbook manages
  rollcall.identity.kestra_user:
    api_url: https://kestra.acme.com
    user: ada.lovelace@example.com
    groups: [data]
    groups_state: managed
    managed_groups: [data, platform]

- name: Change Ada's address, and keep her account
  rollcall.identity.kestra_user:
    api_url: https://kestra.acme.com
    user: ada.king@example.com
    previous_users: [ada.lovelace@example.com]
    last_name: King

- name: Block Alan's login, and keep the account
  rollcall.identity.kestra_user:
    api_url: https://kestra.acme.com
    user: alan.turing@example.com
    enabled: false

- name: Delete Dennis, unless his address is protected
  rollcall.identity.kestra_user:
    api_url: https://kestra.acme.com
    user: dennis.ritchie@example.com
    state: absent
    protect: [svc-*]
"""

RETURN = r"""
user:
  description:
    - The user after the task. In check mode, as the user would be.
    - For a deleted user, only RV(user.id), RV(user.user) and RV(user.state). V(null) with O(state=absent) if the user
      did not exist.
    - Fields that Kestra computes, such as RV(user.display_name), are as they were before the task.
  type: dict
  returned: success
  contains:
    id:
      description: Kestra's ID of the user. V(null) for a user who would be created, in check mode.
      type: str
      returned: always
      sample: 4by6NvSLcPXFhCj8nwbZOM
    user:
      description: E-mail address.
      type: str
      returned: always
      sample: ada.lovelace@example.com
    email:
      description: E-mail address.
      type: str
      returned: when it was read
      sample: ada.lovelace@example.com
    first_name:
      description: First name. A list of users does not report it.
      type: str
      returned: when it was read
      sample: Ada
    last_name:
      description: Last name. A list of users does not report it.
      type: str
      returned: when it was read
      sample: Lovelace
    instance_owner:
      description: Whether the user is an instance owner.
      type: bool
      returned: when it was read
      sample: false
    restricted:
      description: Whether the user is restricted. A list of users does not report it.
      type: bool
      returned: when it was read
      sample: false
    enabled:
      description: V(false) for a user without login methods, tenants and ownership of the instance. V(null) for a user
        whom this task creates.
      type: bool
      returned: always
      sample: true
    username:
      description: User name, which is the e-mail address.
      type: str
      returned: when it was read
      sample: ada.lovelace@example.com
    display_name:
      description: Name that Kestra shows.
      type: str
      returned: when it was read
      sample: Ada Lovelace
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
      description:
        - Tenants that the user has access to, by ID. Without O(tenants), the access before the task.
        - Not returned for a user who is disabled, unless O(tenants) is given.
      type: list
      elements: str
      returned: when it was read
      sample: [acme-eu, main]
    groups:
      description:
        - Groups of the user, each with its tenant. C(id) instead of C(name) if the name is ambiguous.
        - Returned if O(groups) is given.
      type: list
      elements: dict
      returned: when it was read
      sample: [{tenant: main, name: data}]
    roles:
      description:
        - Roles that are bound to the user, each with its tenant and namespace. C(id) instead of C(role) if the name is
          ambiguous.
        - Returned if O(roles) is given.
      type: list
      elements: dict
      returned: when it was read
      sample: [{tenant: main, role: Developer, namespace: company.data}]
    privileged:
      description: Whether the user is an instance owner, or V(null).
      type: bool
      returned: always
      sample: false
    last_login:
      description: Always V(null). Kestra does not report it.
      type: str
      returned: always
      sample: null
    mfa:
      description: Always V(null). Kestra does not report it.
      type: bool
      returned: always
      sample: null
    state:
      description: Always V(absent).
      type: str
      returned: when the user was deleted
      sample: absent
unmanaged:
  description: What the user has in addition to O(managed_tenants), O(managed_groups) and O(managed_roles), by option.
  type: dict
  returned: when there is any
  sample: {groups: [{tenant: main, name: on-call}]}
diff:
  description:
    - One entry with the fields that change.
    - Empty if nothing changes.
    - C(before) is empty for a user who is created, C(after) for one who is deleted.
  type: list
  elements: dict
  returned: in diff mode
  sample:
    - before_header: ada.lovelace@example.com
      after_header: ada.lovelace@example.com
      before: {enabled: true, last_name: Lovelace}
      after: {enabled: false, last_name: King}
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
  sample: patch_user
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Kestra refused a call
  sample: 400
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import tasks

TASK = tasks.USER


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
