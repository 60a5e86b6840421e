#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scim_role_info
short_description: List the groups of a SCIM 2.0 server
version_added: 1.0.0
description:
  - Lists the groups that users can be in, with their IDs and, with O(members=true), their members. Changes nothing.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.gather
  - rollcall.identity.scim
options:
  kinds:
    description: What to list. SCIM servers only have groups.
    type: list
    elements: str
    choices: [groups]
    default: [groups]
  name:
    description:
      - The exact name of the groups to return. Case is ignored. By default and for V(null), all groups are returned. An
        empty text is an error.
      - If the server does not have the name, the list is empty.
    type: str
  members:
    description:
      - Whether to list the members of each group. Groups within groups are not followed.
      - The members come with the list of groups, or take one call for each group. The list of users is also read, for
        their names.
    type: bool
    default: false
  user_key:
    description: The attribute whose value is RV(groups[].members[].user).
    type: str
    choices: [userName, externalId, emails]
    default: userName
seealso:
  - module: rollcall.identity.scim_user_groups
  - module: rollcall.identity.scim_user_info
"""

EXAMPLES = r"""
- name: List the groups
  rollcall.identity.scim_role_info:
    api_url: https://id.example.com/scim/v2
  register: available

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ available.groups | map(attribute='name') }}"

- name: Read users who are on call
  rollcall.identity.scim_role_info:
    api_url: https://id.example.com/scim/v2
    name: on-call
    members: true
"""

RETURN = r"""
groups:
  description: The groups, by name.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: The server's ID of the group.
      type: str
      returned: always
      sample: e9e30dba-f08f-4109-8486-d5c6a331660a
    name:
      description: Name of the group, C(displayName).
      type: str
      returned: always
      sample: data
    external_id:
      description: C(externalId) of the group. V(null) if it has none.
      type: str
      returned: always
      sample: "17"
    members:
      description: The users in the group. V(null) without O(members).
      type: list
      elements: dict
      returned: always
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
api_calls:
  description: Requests that the task sent, including logins and the requests for the server's capabilities.
  type: int
  returned: success
  sample: 5
operation:
  description: The API call that the server refused.
  type: str
  returned: when the server refused a call
  sample: list_groups
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when the server refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.scim import tasks

TASK = tasks.ROLE_INFO


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
