#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kestra_user_info
short_description: Read users of Kestra EE
version_added: 1.0.0
description:
  - Reads one user, the users who match a filter, or all users. Changes nothing.
  - If a single user does not exist, the task fails. If filters do not match, the list is empty.
  - A list contains the address, the display name, tenants, login methods and ownership, 100 users per call. O(gather)
    requires more calls.
  - M(rollcall.identity.kestra_users) accepts the returned users unchanged, and changes nothing.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.gather
  - rollcall.identity.kestra
  - rollcall.identity.kestra.who
options:
  id:
    description: The provider's ID of the user, instead of O(user).
  filters:
    description: Which users to read, if neither O(user) nor O(id) is given.
    type: dict
    suboptions:
      search:
        description:
          - Words to search for in addresses and names. The server decides what matches.
          - With O(filters.tenant), one more call also queries the server's completion.
        type: str
      tenant:
        description:
          - Users with access to the tenant with this ID. This only requires permissions of that tenant, not of the
            instance.
          - The result then does not show which of them are instance owners.
          - An unknown tenant is an error, if the credentials may list tenants.
        type: str
  gather:
    description:
      - What to read in addition. Each choice except V(roles) takes at most one call for each user. V(tenants) takes
        none if the list reports them. Without O(filters.tenant), V(tenants), V(groups) and V(roles) of many users come
        from the lists of the tenants if that takes fewer calls.
      - Reading everything requires the credentials of an instance owner. With O(filters.tenant) and other credentials,
        groups and roles are those in that tenant, their state is V(present) instead of V(exact), and fields that are
        not reported are V(null).
    type: list
    elements: str
    choices:
      profile: First and last name, the restriction and the ownership.
      tokens: The API tokens of each user, without their secrets.
      tenants: The tenants that each user has access to.
      groups: The groups of each user, in all tenants. One more call for the groups of each tenant.
      roles: The roles that are bound to each user. One call for each tenant and user; for many users, the calls for all
        bindings instead.
    default: []
seealso:
  - module: rollcall.identity.kestra_user
  - module: rollcall.identity.kestra_users
  - module: rollcall.identity.kestra_api_token_info
"""

EXAMPLES = r"""
- name: Read Ada with all grants
  rollcall.identity.kestra_user_info:
    api_url: https://kestra.acme.com
    user: ada.lovelace@example.com
    gather: [profile, tenants, groups, roles, tokens]
  register: ada

- name: Read all users without details
  rollcall.identity.kestra_user_info:
    api_url: https://kestra.acme.com
  register: directory

- name: Show the owners of the instance
  ansible.builtin.debug:
    msg: "{{ directory.users | selectattr('instance_owner') | map(attribute='user') }}"

- name: Read users of a tenant by a word in their address
  module_defaults:
    group/rollcall.identity.kestra:
      api_url: https://kestra.acme.com
      api_token: "{{ lookup('ansible.builtin.env', 'MY_KESTRA_TOKEN') }}"
      protect: [svc-*]  # for the tasks of the block that change users
  block:
    - name: Search the tenant
      rollcall.identity.kestra_user_info:
        filters:
          tenant: acme-eu
          search: example.org
"""

RETURN = r"""
users:
  description:
    - The users.
    - All other fields are those of RV(rollcall.identity.kestra_user#module:user).
    - Fields that O(gather) can name are returned only if it names them.
  type: list
  elements: dict
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
      description: V(false) for a user without login methods, tenants and ownership of the instance. V(null) if Kestra
        did not report it.
      type: bool
      returned: always
      sample: true
    tenants:
      description:
        - Tenants that the user has access to, by ID.
        - Returned with V(tenants) in O(gather).
      type: list
      elements: str
      returned: when it was read
      sample: [acme-eu, main]
    tenants_state:
      description: Always V(exact), so that M(rollcall.identity.kestra_users) accepts the user unchanged.
      type: str
      returned: with V(tenants) in O(gather)
      sample: exact
    groups_state:
      description:
        - V(exact), so that M(rollcall.identity.kestra_users) accepts the user unchanged.
        - V(present) if the credentials of a tenant only show a part.
      type: str
      returned: with V(groups) in O(gather)
      sample: exact
    roles_state:
      description:
        - V(exact), so that M(rollcall.identity.kestra_users) accepts the user unchanged.
        - V(present) if the credentials of a tenant only show a part.
      type: str
      returned: with V(roles) in O(gather)
      sample: exact
    tokens:
      description: The API tokens of the user, as M(rollcall.identity.kestra_api_token_info) returns them.
      type: list
      elements: dict
      returned: with V(tokens) in O(gather)
      sample: []
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 4
operation:
  description: The API call that Kestra refused.
  type: str
  returned: when Kestra refused a call
  sample: list_users
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Kestra refused a call
  sample: 401
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import tasks

TASK = tasks.USER_INFO


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
