#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kestra_service_account
short_description: Manage a service account of Kestra EE
version_added: 1.0.0
description:
  - Creates, changes, renames or deletes one service account, with access to tenants and roles.
  - Names of service accounts are not unique. If several have O(name), the task fails and lists their IDs.
  - For the tokens of a service account see M(rollcall.identity.kestra_api_token).
  - The module assumes that access to tenants works for service accounts as documented for users.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.kestra
  - rollcall.identity.kestra.scope
  - rollcall.identity.kestra.access
options:
  name:
    description:
      - Name of the service account, of 1 to 63 lower-case letters and digits with single hyphens between them.
      - With O(id), it is the new name of that service account. At least one of them is required.
    type: str
  id:
    description: Kestra's ID of the service account.
    type: str
  state:
    description: Whether the service account exists.
    type: str
    choices:
      present: It is created if necessary, and matches the other options. If only O(id) is specified, it must exist.
      absent: It is deleted permanently, with its tokens.
    default: present
  description:
    description: Free text about the service account. An empty text clears it.
    type: str
  instance_owner:
    description:
      - Whether the service account is an instance owner, which has all rights. Servers before 2.0 call it superadmin.
      - V(false) for an instance owner counts as a demotion.
    type: bool
seealso:
  - module: rollcall.identity.kestra_api_token
"""

EXAMPLES = r"""
- name: Create a service account for deployments
  rollcall.identity.kestra_service_account:
    api_url: https://kestra.acme.com
    name: ci-deploy
    description: Deploys flows
    tenants: [main]
    roles:
      - {role: Developer, namespace: company.data}
  register: account

- name: Rename the service account
  rollcall.identity.kestra_service_account:
    api_url: https://kestra.acme.com
    id: "{{ account.user.id }}"
    name: ci-flows

- name: Delete a service account of one tenant with a token of that tenant's administrator
  rollcall.identity.kestra_service_account:
    api_url: https://kestra.acme.com
    api_token: "{{ tenant_admin_token }}"
    tenant: acme-eu
    scope: tenant
    name: reports
    state: absent
"""

RETURN = r"""
user:
  description:
    - The service account after the task. In check mode, as it would be.
    - For a deleted account, only RV(user.id), RV(user.user) and RV(user.state). V(null) with O(state=absent) if the
      account did not exist.
    - RV(ignore:enabled), RV(ignore:last_login) and RV(ignore:mfa) are always V(null).
  type: dict
  returned: success
  contains:
    id:
      description: Kestra's ID of the service account. V(null) for one that would be created, in check mode.
      type: str
      returned: always
      sample: 99qOTZtDVzzXvCdnc7v5WL
    user:
      description: Name of the service account.
      type: str
      returned: always
      sample: ci-deploy
    name:
      description: Name of the service account.
      type: str
      returned: when it was read
      sample: ci-deploy
    description:
      description: Free text about it.
      type: str
      returned: when it was read
      sample: Deploys flows
    instance_owner:
      description: Whether it is an instance owner.
      type: bool
      returned: when it was read
      sample: false
    tenants:
      description: Tenants that it has access to, by ID.
      type: list
      elements: str
      returned: when it was read
      sample: [main]
    roles:
      description: Roles that are bound to the account, each with its tenant and namespace. Returned if O(roles) is
        given.
      type: list
      elements: dict
      returned: when it was read
      sample: [{tenant: main, role: Developer, namespace: company.data}]
    privileged:
      description: Whether it is an instance owner, or V(null).
      type: bool
      returned: always
      sample: false
    state:
      description: Always V(absent).
      type: str
      returned: when the service account was deleted
      sample: absent
unmanaged:
  description: What the service account has in addition to O(managed_tenants) and O(managed_roles), by option.
  type: dict
  returned: when there is any
  sample: {tenants: [acme-eu]}
diff:
  description:
    - One entry with the fields that change.
    - Empty if nothing changes.
    - C(before) is empty for a service account that is created, C(after) for one that is deleted.
  type: list
  elements: dict
  returned: in diff mode
  sample:
    - before_header: ci-deploy
      after_header: ci-deploy
      before: {description: null}
      after: {description: Deploys flows}
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 3
stopped:
  description: The service accounts that stopped the task. Nothing was written.
  type: list
  elements: str
  returned: when O(protect) or another guard stopped the task
  sample: [backup]
operation:
  description: The API call that Kestra refused.
  type: str
  returned: when Kestra refused a call
  sample: create_service_account
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when Kestra refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import account_tasks as tasks

TASK = tasks.SERVICE_ACCOUNT


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
