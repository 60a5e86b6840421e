#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scim_user
short_description: Manage a user of a SCIM 2.0 server
version_added: 1.0.0
description:
  - Creates, changes, renames, disables or deletes one user of a SCIM 2.0 server, with attributes of any schema
    and memberships of groups.
  - The module compares the specified options with the server's data and writes only the difference. A second run
    changes nothing, unless O(update_password=always) is set.
  - Reads the server's capabilities. If the server does not support PATCH, the module reads the user again and replaces
    it with a document that keeps everything else.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.scim
  - rollcall.identity.scim.who
  - rollcall.identity.scim.user
seealso:
  - module: rollcall.identity.scim_users
  - module: rollcall.identity.scim_user_info
  - module: rollcall.identity.scim_user_groups
  - module: rollcall.identity.scim_user_attributes
"""

EXAMPLES = r"""
# If a task does not specify the token, it comes from SCIM_API_TOKEN in the environment.
- name: Create Ada, or update her
  rollcall.identity.scim_user:
    api_url: https://id.example.com/scim/v2
    user: ada.lovelace@example.com
    given_name: Ada
    family_name: Lovelace
    email: ada.lovelace@example.com
    department: Data
    groups: [data]

- name: Put Ada into exactly these groups, and set her badge
  rollcall.identity.scim_user:
    api_url: https://id.example.com/scim/v2
    api_token: "{{ vault_scim_token }}"
    user: ada.lovelace@example.com
    groups: [data, staff]
    groups_state: exact
    attributes:
      "urn:example:2.0:User:badge": B-7

- name: Give Ada one of the groups that this playbook manages
  rollcall.identity.scim_user:
    api_url: https://id.example.com/scim/v2
    user: ada.lovelace@example.com
    groups: [data]
    groups_state: managed
    managed_groups: [data, platform]

- name: Rename Ada, and keep her account
  rollcall.identity.scim_user:
    api_url: https://id.example.com/scim/v2
    user: ada.king@example.com
    previous_users: [ada.lovelace@example.com]
    family_name: King

- name: Block Alan's login
  rollcall.identity.scim_user:
    api_url: https://id.example.com/scim/v2
    user: alan.turing@example.com
    enabled: false

- name: Delete Dennis, unless he is protected
  rollcall.identity.scim_user:
    api_url: https://id.example.com/scim/v2
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
  type: dict
  returned: success
  contains:
    id:
      description: The server's ID of the user. V(null) for a user who would be created, in check mode.
      type: str
      returned: always
      sample: 2819c223-7f76-453a-919d-413861904646
    user:
      description: The value of the attribute that O(user_key) names.
      type: str
      returned: always
      sample: ada.lovelace@example.com
    enabled:
      description: Whether the user can log in. V(null) if the server does not report C(active).
      type: bool
      returned: always
      sample: true
    user_name:
      description: C(userName).
      type: str
      returned: when the server reports it
      sample: ada.lovelace@example.com
    external_id:
      description: C(externalId).
      type: str
      returned: when the server reports it
      sample: E1042
    display_name:
      description: Display name.
      type: str
      returned: when the server reports it
      sample: Ada Lovelace
    formatted_name:
      description: Full name.
      type: str
      returned: when the server reports it
      sample: Ms. Ada Lovelace
    given_name:
      description: First name.
      type: str
      returned: when the server reports it
      sample: Ada
    middle_name:
      description: Middle name.
      type: str
      returned: when the server reports it
      sample: ""
    family_name:
      description: Last name.
      type: str
      returned: when the server reports it
      sample: Lovelace
    honorific_prefix:
      description: Title before the name.
      type: str
      returned: when the server reports it
      sample: Ms.
    honorific_suffix:
      description: Suffix after the name.
      type: str
      returned: when the server reports it
      sample: ""
    nick_name:
      description: Nickname.
      type: str
      returned: when the server reports it
      sample: Ada
    email:
      description: The primary e-mail address, otherwise the work address, otherwise the first one.
      type: str
      returned: when the server reports it
      sample: ada.lovelace@example.com
    phone:
      description: The primary telephone number, otherwise the work number, otherwise the first one.
      type: str
      returned: when the server reports it
      sample: +44 20 7946 0001
    title:
      description: Job title.
      type: str
      returned: when the server reports it
      sample: Analyst
    user_type:
      description: Kind of user.
      type: str
      returned: when the server reports it
      sample: Employee
    preferred_language:
      description: Language.
      type: str
      returned: when the server reports it
      sample: en-GB
    locale:
      description: Locale.
      type: str
      returned: when the server reports it
      sample: en-GB
    timezone:
      description: Time zone.
      type: str
      returned: when the server reports it
      sample: Europe/London
    profile_url:
      description: Address of a page about the user.
      type: str
      returned: when the server reports it
      sample: https://id.example.com/ada
    employee_number:
      description: Employee number.
      type: str
      returned: when the server reports it
      sample: "1042"
    cost_center:
      description: Cost center.
      type: str
      returned: when the server reports it
      sample: CC-200
    organization:
      description: Organization.
      type: str
      returned: when the server reports it
      sample: Example
    division:
      description: Division.
      type: str
      returned: when the server reports it
      sample: Engines
    department:
      description: Department.
      type: str
      returned: when the server reports it
      sample: Data
    manager:
      description: The server's ID of the manager.
      type: str
      returned: when the server reports it
      sample: 26118915-6090-4610-87e4-49d8ca9f808d
    attributes:
      description: Attributes that are set and do not have their own field, path to value. Returned if O(attributes) is
        given.
      type: dict
      returned: when it was read
      sample: {"urn:example:2.0:User:badge": "B-7"}
    groups:
      description: The groups that the user is a direct member of, by name, or as a mapping with C(id) if the name is
        not unique. Returned if O(groups) is given.
      type: list
      elements: raw
      returned: when it was read
      sample: [data, staff]
    privileged:
      description: Always V(null). SCIM does not report it.
      type: bool
      returned: always
      sample: null
    last_login:
      description: Always V(null). SCIM does not report it.
      type: str
      returned: always
      sample: null
    mfa:
      description: Always V(null). SCIM does not report it.
      type: bool
      returned: always
      sample: null
    state:
      description: Always V(absent).
      type: str
      returned: when the user was deleted
      sample: absent
unmanaged:
  description: What the user has in addition to O(managed_groups) and O(managed_attributes), by option.
  type: dict
  returned: when there is any
  sample: {groups: [on-call]}
diff:
  description: The changes. Empty if nothing changes.
  type: list
  elements: dict
  returned: in diff mode
  contains:
    before_header:
      description: The user.
      type: str
      returned: always
      sample: ada.lovelace@example.com
    after_header:
      description: The user.
      type: str
      returned: always
      sample: ada.lovelace@example.com
    before:
      description: The fields that change, before the change. Empty for a user who is created.
      type: dict
      returned: always
      sample: {enabled: true, family_name: Lovelace}
    after:
      description: The same fields after the change. Empty for a user who is deleted.
      type: dict
      returned: always
      sample: {enabled: false, family_name: King}
api_calls:
  description: Requests that the task sent, including logins and the requests for the server's capabilities.
  type: int
  returned: success
  sample: 5
stopped:
  description: The users who stopped the task. Nothing was written.
  type: list
  elements: str
  returned: when O(protect) stopped the task
  sample: [svc-awx@example.com]
operation:
  description: The API call that the server refused.
  type: str
  returned: when the server refused a call
  sample: patch_user
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when the server refused a call
  sample: 400
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.scim import tasks

TASK = tasks.USER


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
