#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kestra_role_info
short_description: List the tenants, groups and roles of Kestra
version_added: 1.0.0
description:
  - Lists what can be granted to users, with IDs and, with O(members=true), the members. Changes nothing.
  - It lists the groups and roles of O(tenant).
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.gather
  - rollcall.identity.kestra
  - rollcall.identity.kestra.role_info
seealso:
  - module: rollcall.identity.kestra_user_groups
  - module: rollcall.identity.kestra_user_roles
  - module: rollcall.identity.kestra_user_info
"""

EXAMPLES = r"""
- name: List the groups and roles of a tenant
  rollcall.identity.kestra_role_info:
    api_url: https://kestra.acme.com
    tenant: acme-eu
    kinds: [groups, roles]
  register: available

- name: Show the names of the roles
  ansible.builtin.debug:
    msg: "{{ available.roles | map(attribute='name') }}"
"""

RETURN = r"""
tenants:
  description: The tenants, by name.
  type: list
  elements: dict
  returned: with V(tenants) in O(kinds)
  contains:
    id:
      description: Kestra's ID of the tenant.
      type: str
      returned: always
      sample: acme-eu
    name:
      description: Name of the tenant.
      type: str
      returned: always
      sample: ACME Europe
    members:
      description: Users who have access to the tenant. V(null) without O(members).
      type: list
      elements: dict
      returned: always
      contains:
        id:
          description: Kestra's ID of the user.
          type: str
          returned: always
          sample: 4by6NvSLcPXFhCj8nwbZOM
        user:
          description: E-mail address of the user, or the name of a service account.
          type: str
          returned: always
          sample: ada.lovelace@example.com
groups:
  description: The groups, by name.
  type: list
  elements: dict
  returned: with V(groups) in O(kinds)
  contains:
    id:
      description: Kestra's ID of the group.
      type: str
      returned: always
      sample: 5xQnTUIe2hX7pEMvmK0GxT
    name:
      description: Name of the group.
      type: str
      returned: always
      sample: data
    tenant:
      description: ID of its tenant.
      type: str
      returned: always
      sample: main
    description:
      description: What the group is for. V(null) if Kestra does not report it.
      type: str
      returned: always
      sample: Data team
    members:
      description: Members of the group. V(null) without O(members).
      type: list
      elements: dict
      returned: always
      contains:
        id:
          description: Kestra's ID of the user.
          type: str
          returned: always
          sample: 4by6NvSLcPXFhCj8nwbZOM
        user:
          description: E-mail address of the user, or the name of a service account.
          type: str
          returned: always
          sample: ada.lovelace@example.com
roles:
  description: The roles, by name.
  type: list
  elements: dict
  returned: with V(roles) in O(kinds)
  contains:
    id:
      description: Kestra's ID of the role.
      type: str
      returned: always
      sample: 1aBcNvSLcPXFhCj8nwbZOM
    name:
      description: Name of the role.
      type: str
      returned: always
      sample: Viewer
    tenant:
      description: ID of its tenant.
      type: str
      returned: always
      sample: main
    default:
      description: Whether new users get the role. V(null) if Kestra does not report it.
      type: bool
      returned: always
      sample: false
    managed:
      description: Whether the role belongs to Kestra itself. V(null) if Kestra does not report it.
      type: bool
      returned: always
      sample: true
    members:
      description: Users to whom the role is bound directly. V(null) without O(members).
      type: list
      elements: dict
      returned: always
      contains:
        id:
          description: Kestra's ID of the user.
          type: str
          returned: always
          sample: 4by6NvSLcPXFhCj8nwbZOM
        user:
          description: E-mail address of the user, or the name of a service account.
          type: str
          returned: always
          sample: ada.lovelace@example.com
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 2
operation:
  description: The API call that Kestra refused.
  type: str
  returned: when Kestra refused a call
  sample: search_groups
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Kestra refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import tasks

TASK = tasks.ROLE_INFO


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
