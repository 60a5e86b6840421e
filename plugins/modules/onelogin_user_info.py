#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: onelogin_user_info
short_description: Read users of OneLogin
version_added: 1.0.0
description:
  - Reads one user, the users who match filters, or all users. Changes nothing.
  - If a single user does not exist, the task fails. If filters do not match, the list is empty.
  - One call reads the profiles of 50 users. O(gather) may require one call for each user.
  - M(rollcall.identity.onelogin_users) accepts the returned users unchanged, and changes nothing.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.gather
  - rollcall.identity.onelogin
  - rollcall.identity.onelogin.who
options:
  id:
    description: The provider's ID of the user, instead of O(user).
  filters:
    description:
      - Which users to read, if neither O(user) nor O(id) is given. All filters must match.
      - These are OneLogin's own filters. A C(*) in a text matches any characters. An empty text is an error.
      - Version 1 of the API has the filters O(filters.role), O(filters.manager_ad_id) and O(filters.userprincipalname).
        Version 2 has those for logins, changes, applications, IDs and custom attributes. If you use filters of both,
        the module reads both lists.
      - Specify times as V(2026-01-31T00:00:00.000Z), or as a date. A time without a zone is in UTC.
    type: dict
    suboptions:
      username:
        description: User name.
        type: str
      email:
        description: E-mail address.
        type: str
      firstname:
        description: First name.
        type: str
      lastname:
        description: Last name.
        type: str
      samaccountname:
        description: Login name in Active Directory.
        type: str
      directory_id:
        description: ID of the directory that users come from. An unknown ID matches no user.
        type: str
      external_id:
        description: ID in an external directory.
        type: str
      manager_ad_id:
        description: ID of the manager in Active Directory.
        type: str
      userprincipalname:
        description: User principal name in Active Directory.
        type: str
      created_since:
        description: Created at this time or later.
        type: str
      created_until:
        description: Created at this time or earlier.
        type: str
      updated_since:
        description: Changed at this time or later.
        type: str
      updated_until:
        description: Last changed at this time or earlier.
        type: str
      last_login_since:
        description: Last logged in at this time or later.
        type: str
      last_login_until:
        description: Last logged in at this time or earlier. Users who never logged in are not included.
        type: str
      user_ids:
        description: IDs of users, at most 500.
        type: list
        elements: str
      app_id:
        description: ID of an application that the users have. An unknown ID matches no user.
        type: str
      custom_attributes:
        description: Custom attributes by short name, each with the value that users have. An unknown name is an error.
        type: dict
      role:
        description: A role that the users have, by name, or by ID as a mapping C({id}). An unknown role is an error.
        type: raw
      fields:
        description:
          - Fields of users to read. By default, all fields are read. The ID and the field of O(user_key) are always
            read.
          - They have the names of RV(users). Fields that are not read are not returned, and
            RV(rollcall.identity.onelogin_user#module:user.enabled) is V(null) without its field here.
        type: list
        elements: str
      sort:
        description: Field by which OneLogin sorts the users, with C(-) before it for the reverse order, such as
          V(-last_login).
        type: str
      limit:
        description: The maximum number of users to return. The module does not read more pages than necessary.
        type: int
  gather:
    description: What to read in addition to the profile.
    type: list
    elements: str
    choices:
      apps: The applications of each user. One call for each user.
      roles: The roles of each user by name. One call for the roles of the account, and one for each user if the list
        does not report them.
      attributes: The custom attributes of each user and their names. One call for each user if the list does not report
        them.
    default: []
seealso:
  - module: rollcall.identity.onelogin_user
  - module: rollcall.identity.onelogin_users
"""

EXAMPLES = r"""
- name: Read Ada with her roles, attributes and applications
  rollcall.identity.onelogin_user_info:
    api_url: https://acme.onelogin.com
    user: ada.lovelace
    gather: [roles, attributes, apps]
  register: ada

- name: Read users with a role who were created before this year
  rollcall.identity.onelogin_user_info:
    api_url: https://acme.onelogin.com
    filters:
      role: Administrators
      created_until: "2026-01-01T00:00:00.000Z"
  register: administrators

- name: Read users who have not logged in since the summer, longest absence first
  rollcall.identity.onelogin_user_info:
    api_url: https://acme.onelogin.com
    filters:
      last_login_until: "2026-07-01"
      custom_attributes:
        cost_center: CC-101
      fields: [email, last_login, enabled]
      sort: last_login
      limit: 20

- name: Show administrators who have never logged in
  ansible.builtin.debug:
    msg: "{{ administrators.users | rejectattr('last_login') | map(attribute='email') }}"

- name: Read all users, with options for a group of tasks
  module_defaults:
    group/rollcall.identity.onelogin:
      api_url: https://acme.onelogin.com
      client_id: "{{ onelogin_client_id }}"
      client_secret: "{{ vault_onelogin_client_secret }}"
      max_wait: 600
      protect: [svc-*]  # for the tasks of the block that change users
  block:
    - name: Read all users
      rollcall.identity.onelogin_user_info:
      register: directory
"""

RETURN = r"""
users:
  description:
    - The users.
    - All other fields are those of RV(rollcall.identity.onelogin_user#module:user).
    - Fields that O(gather) can name are returned only if it names them.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: OneLogin's ID of the user.
      type: str
      returned: always
      sample: "100012"
    user:
      description: The value of the field that O(user_key) names.
      type: str
      returned: always
      sample: ada.lovelace
    last_login:
      description: When the user last logged in. V(null) if never, or if OneLogin omits the field.
      type: str
      returned: always
      sample: "2026-01-05T08:00:00.000Z"
    roles:
      description: Roles by name, sorted. A role is a mapping with its C(id) if the name is not unique. Returned
        with V(roles) in O(gather).
      type: list
      elements: raw
      returned: when it was read
      sample: [Default, Snowflake]
    attributes_state:
      description: Always V(exact), so that M(rollcall.identity.onelogin_users) accepts the user unchanged.
      type: str
      returned: with V(attributes) in O(gather)
      sample: exact
    roles_state:
      description: Always V(exact), so that M(rollcall.identity.onelogin_users) accepts the user unchanged.
      type: str
      returned: with V(roles) in O(gather)
      sample: exact
    apps:
      description: Applications that the user has, each with all fields that OneLogin reports.
      type: list
      elements: dict
      returned: with V(apps) in O(gather)
      contains:
        id:
          description: ID of the application.
          type: str
          returned: always
          sample: "510001"
        name:
          description: Name of the application.
          type: str
          returned: always
          sample: Snowflake
        provisioning_state:
          description: State of the provisioning to the application, V(null) if OneLogin does not report it.
          type: str
          returned: always
          sample: provisioned
attribute_names:
  description: Short names of all custom attributes that the account defines.
  type: list
  elements: str
  returned: with V(attributes) in O(gather)
  sample: [employee_id, cost_center]
api_calls:
  description: Requests that the task sent, including logins.
  type: int
  returned: success
  sample: 4
operation:
  description: The API call that OneLogin refused.
  type: str
  returned: when OneLogin refused a call
  sample: list_users
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when OneLogin refused a call
  sample: 401
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import tasks

TASK = tasks.USER_INFO


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
