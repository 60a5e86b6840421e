#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kestra_user_groups
short_description: Manage the groups of a Kestra EE user
version_added: 1.0.0
description:
  - Adds an existing user to groups, or removes the user from them, tenant by tenant.
  - One call sets the groups of the user in one tenant. Groups of other tenants are never changed.
  - If the user does not have access to the tenant, the module grants it first, because servers from 2.0 on require it.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.kestra
  - rollcall.identity.kestra.facet
options:
  groups:
    description:
      - The groups. A plain name is a group of O(tenant). For a group of another tenant, specify a mapping C({tenant,
        name}), or C({tenant, id}) with the ID of the group.
      - A number is treated as a name. If a name is unknown or ambiguous, the task fails before its first write.
      - An empty list removes all groups of O(tenant) with O(state=exact), and is an error otherwise.
    type: list
    elements: raw
    required: true
  state:
    description: What to do with O(groups). Tenants without a group in the list are left alone.
    type: str
    choices:
      present: The user has at least these groups. Others are kept.
      absent: The user has none of these groups. Others are kept.
      exact: In the tenants of these groups, the user has exactly these groups.
    default: present
seealso:
  - module: rollcall.identity.kestra_user
  - module: rollcall.identity.kestra_user_roles
"""

EXAMPLES = r"""
- name: Add Ada to the group data of the tenant main, and to sales of another tenant
  rollcall.identity.kestra_user_groups:
    api_url: https://kestra.acme.com
    user: ada.lovelace@example.com
    groups:
      - data
      - {tenant: acme-eu, name: sales}

- name: Remove Ada from the group on-call
  rollcall.identity.kestra_user_groups:
    api_url: https://kestra.acme.com
    user: ada.lovelace@example.com
    groups: [on-call]
    state: absent

- name: Remove Ada from all groups of acme-eu
  rollcall.identity.kestra_user_groups:
    api_url: https://kestra.acme.com
    tenant: acme-eu
    user: ada.lovelace@example.com
    groups: []
    state: exact
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
    groups:
      description:
        - Groups of the user, each with its tenant. C(id) instead of C(name) if the name is ambiguous.
        - The groups in the tenants that the task read.
      type: list
      elements: dict
      returned: when it was read
      sample: [{tenant: main, name: data}]
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
      before: {groups: [{tenant: main, name: data}]}
      after: {groups: []}
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 5
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
  sample: update_user_groups
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Kestra refused a call
  sample: 404
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import tasks

TASK = tasks.USER_GROUPS


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
