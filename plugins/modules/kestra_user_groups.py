#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kestra_user_groups
short_description: Manage the groups of a Kestra EE user
version_added: 0.1.0
description:
  - Puts a user who exists into groups, or takes the user out of them, tenant by tenant.
  - One call sets the groups of the user in one tenant. Groups of other tenants are never touched.
  - Access to the tenant is given first where it is missing, because servers from 2.0 on ask for it.
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
      - The groups. A plain name is a group of O(tenant). A mapping C({tenant, name}) names its tenant, and C({tenant,
        id}) takes the ID of the group.
      - A number is taken as a name. A name that is unknown or ambiguous fails before anything is written.
      - An empty list takes all groups of O(tenant) away with O(state=exact), and is an error otherwise.
    type: list
    elements: raw
    required: true
  state:
    description: What O(groups) says. Tenants that no group of the list is of are left alone.
    type: str
    choices:
      present: The user has these groups. Others stay.
      absent: The user has none of these groups. Others stay.
      exact: In the tenants of these groups, the user has these and no others.
    default: present
seealso:
  - module: rollcall.identity.kestra_user
  - module: rollcall.identity.kestra_user_roles
"""

EXAMPLES = r"""
- name: Ada is in the group data of the tenant main, and in sales of another one
  rollcall.identity.kestra_user_groups:
    api_url: https://kestra.acme.com
    user: ada.lovelace@example.com
    groups:
      - data
      - {tenant: acme-eu, name: sales}

- name: Take Ada off call
  rollcall.identity.kestra_user_groups:
    api_url: https://kestra.acme.com
    user: ada.lovelace@example.com
    groups: [on-call]
    state: absent

- name: In acme-eu, Ada is in no group
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
    - What Kestra computes, such as RV(rollcall.identity.kestra_user#module:user.display_name), is as it was before the
      task.
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
        - As it was before the task.
      type: list
      elements: str
      returned: when it was read
      sample: [acme-eu, main]
    groups:
      description:
        - Groups of the user, each with its tenant. C(id) in place of C(name) where the name is ambiguous.
        - Those of the tenants that the task looked at.
      type: list
      elements: dict
      returned: when it was read
      sample: [{tenant: main, name: data}]
    roles:
      description: Roles of the user. This module does not read them.
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
  description: The users because of whom nothing was written.
  type: list
  elements: str
  returned: when O(protect) stopped the task
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
