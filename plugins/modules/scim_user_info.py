#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scim_user_info
short_description: Read users of a SCIM 2.0 server
version_added: 0.1.0
description:
  - Reads one user, those that match a filter, or all of them. Nothing changes.
  - One user who does not exist is an error. A filter that matches nobody gives an empty list.
  - The profile comes with the list, up to 200 users to a call. Members of groups are read from the list of groups.
  - The users can be given to M(rollcall.identity.scim_users) as they are, and change nothing there.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.gather
  - rollcall.identity.scim
  - rollcall.identity.scim.who
options:
  filters:
    description: Which users to read, if neither O(user) nor O(id) is given.
    type: dict
    suboptions:
      expression:
        description: A filter of RFC 7644, such as V(userType eq "Employee"). An error if the server has no filters.
        type: str
  gather:
    description: What to read beside the profile.
    type: list
    elements: str
    choices:
      groups: The groups of each user.
      attributes: All attributes that are set and have no field of their own.
    default: []
seealso:
  - module: rollcall.identity.scim_users
  - module: rollcall.identity.scim_role_info
"""

EXAMPLES = r"""
- name: Read Ada with her groups
  rollcall.identity.scim_user_info:
    api_url: https://id.example.com/scim/v2
    user: ada.lovelace@example.com
    gather: [groups]
  register: ada

- name: Read all employees
  rollcall.identity.scim_user_info:
    api_url: https://id.example.com/scim/v2
    filters:
      expression: userType eq "Employee"
  register: employees

- name: Read everybody, with the same connection for all tasks of the block
  module_defaults:
    group/rollcall.identity.scim:
      api_url: https://id.example.com/scim/v2
      api_token: "{{ vault_scim_token }}"
      protect: [svc-*]  # for the tasks of the block that change users
  block:
    - name: Read all users
      rollcall.identity.scim_user_info:
      register: everybody

    - name: Show who may log in
      ansible.builtin.debug:
        msg: "{{ everybody.users | selectattr('enabled') | map(attribute='user') }}"
"""

RETURN = r"""
users:
  description: The users.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: The server's ID of the user.
      type: str
      returned: always
      sample: 2819c223-7f76-453a-919d-413861904646
    user:
      description: The value of the attribute that O(user_key) names.
      type: str
      returned: always
      sample: ada.lovelace@example.com
    enabled:
      description: Whether the user may log in. V(null) where the server does not report C(active).
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
      description: Name that is shown.
      type: str
      returned: when the server reports it
      sample: Ada Lovelace
    formatted_name:
      description: Full name as it is written.
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
      description: What follows the name.
      type: str
      returned: when the server reports it
      sample: ""
    nick_name:
      description: What the user is called.
      type: str
      returned: when the server reports it
      sample: Ada
    email:
      description: The primary e-mail address, or the only one.
      type: str
      returned: when the server reports it
      sample: ada.lovelace@example.com
    phone:
      description: The primary telephone number, or the first one.
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
      description: Attributes that are set and have no field of their own, path to value. Returned with V(attributes) in
        O(gather).
      type: dict
      returned: when it was read
      sample: {"urn:example:2.0:User:badge": "B-7"}
    groups:
      description: Groups with the user as a direct member, by name, or a mapping with C(id) where others have the name.
        Returned with V(groups) in O(gather).
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
    attributes_state:
      description: Always V(exact), so that the user can be given to M(rollcall.identity.scim_users) as it is.
      type: str
      returned: with V(attributes) in O(gather)
      sample: exact
    groups_state:
      description: Always V(exact), so that the user can be given to M(rollcall.identity.scim_users) as it is.
      type: str
      returned: with V(groups) in O(gather)
      sample: exact
api_calls:
  description: Requests that the task sent, log-ins and what was read of the server's abilities included.
  type: int
  returned: success
  sample: 5
operation:
  description: The API call that the server refused.
  type: str
  returned: when the server refused a call
  sample: list_users
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when the server refused a call
  sample: 401
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.scim import tasks

TASK = tasks.USER_INFO


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
