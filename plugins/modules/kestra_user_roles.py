#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kestra_user_roles
short_description: Manage the roles of a Kestra EE user
version_added: 1.0.0
description:
  - Binds roles to an existing user, or removes bindings.
  - A role applies to a tenant, and there to one namespace or to all. A binding cannot be changed. Another namespace
    requires another binding.
  - Roles of groups are ignored. To manage them, use M(rollcall.identity.kestra_user_groups).
  - If the user does not have access to the tenant, the module grants it first, because servers from 2.0 on may require
    it.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.kestra
  - rollcall.identity.kestra.who
options:
  roles:
    description:
      - The roles. A plain name is a role of O(tenant) in all its namespaces. To specify a tenant or a namespace, use a
        mapping C({role, tenant, namespace}). Use C(id) instead of C(role) for the ID of the role.
      - A number is treated as a name. If a name is unknown or ambiguous, the task fails before its first write.
        Namespaces are not checked.
      - An empty list removes all roles of O(tenant) with O(state=exact), and is an error otherwise.
    type: list
    elements: raw
    required: true
  state:
    description: What to do with O(roles). Tenants without a role in the list are left alone.
    type: str
    choices:
      present: The user has at least these roles. Others are kept.
      absent: The user has none of these roles in exactly these namespaces. Others are kept.
      exact: In the tenants of these roles, the user has exactly these roles.
    default: present
seealso:
  - module: rollcall.identity.kestra_user
  - module: rollcall.identity.kestra_user_groups
"""

EXAMPLES = r"""
- name: Give Ada a role in one namespace of the tenant main, and one in all namespaces
  rollcall.identity.kestra_user_roles:
    api_url: https://kestra.acme.com
    user: ada.lovelace@example.com
    roles:
      - {role: Developer, namespace: company.data}
      - Viewer

- name: Revoke a role of Ada in acme-eu
  rollcall.identity.kestra_user_roles:
    api_url: https://kestra.acme.com
    user: ada.lovelace@example.com
    roles:
      - {role: Launcher, tenant: acme-eu}
    state: absent

- name: Give Ada exactly this role in main
  rollcall.identity.kestra_user_roles:
    api_url: https://kestra.acme.com
    user: ada.lovelace@example.com
    roles: [Viewer]
    state: exact
  diff: true
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
    tenants:
      description:
        - Tenants that the user has access to, by ID.
        - The access before the task.
      type: list
      elements: str
      returned: when it was read
      sample: [acme-eu, main]
    roles:
      description:
        - Roles that are bound to the user, each with its tenant and namespace. C(id) instead of C(role) if the name is
          ambiguous.
        - The roles in the tenants that the task read.
      type: list
      elements: dict
      returned: when it was read
      sample: [{tenant: main, role: Developer, namespace: company.data}]
    groups:
      description: Groups of the user. Not read by this module.
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
      before: {roles: []}
      after: {roles: [{tenant: main, role: Viewer, namespace: null}]}
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 6
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
  sample: create_binding
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Kestra refused a call
  sample: 404
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import tasks

TASK = tasks.USER_ROLES


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
