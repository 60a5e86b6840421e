#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scim_user_groups
short_description: Manage the groups of a user of a SCIM 2.0 server
version_added: 1.0.0
description:
  - Adds an existing user to groups, or removes the user from groups.
  - Adds and removes members of a group one by one. Replaces a whole group only if the server does not support PATCH for
    groups, or if all members leave a group that requires members.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.scim
  - rollcall.identity.scim.who
options:
  groups:
    description:
      - The groups, by name. If two groups have the same name, specify a mapping with C({id}) instead.
      - A number is treated as a name. If a name is unknown or ambiguous, the task fails before its first write.
      - An empty list removes all groups with O(state=exact), and is an error otherwise.
    type: list
    elements: raw
    required: true
  state:
    description: What to do with O(groups).
    type: str
    choices:
      present: The user has at least these groups. Others are kept.
      absent: The user has none of these groups. Others are kept.
      exact: The user has exactly these groups.
    default: present
notes:
  - Only direct members are managed. A user can also have access through a group within a group.
seealso:
  - module: rollcall.identity.scim_user
  - module: rollcall.identity.scim_role_info
"""

EXAMPLES = r"""
- name: Add Ada to the group data
  rollcall.identity.scim_user_groups:
    api_url: https://id.example.com/scim/v2
    user: ada.lovelace@example.com
    groups: [data]

- name: Remove Ada from the group on-call
  rollcall.identity.scim_user_groups:
    api_url: https://id.example.com/scim/v2
    user: ada.lovelace@example.com
    groups: [on-call]
    state: absent

- name: Remove the user with this external ID from all groups
  rollcall.identity.scim_user_groups:
    api_url: https://id.example.com/scim/v2
    user_key: externalId
    user: E1042
    groups: []
    state: exact
"""

RETURN = r"""
user:
  description:
    - The user after the task. In check mode, as the user would be.
    - All other fields are those of RV(rollcall.identity.scim_user#module:user).
  type: dict
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
      description: Whether the user can log in. V(null) if the server does not report C(active).
      type: bool
      returned: always
      sample: true
    groups:
      description: The groups that the user is a direct member of, by name, or as a mapping with C(id) if the name is
        not unique.
      type: list
      elements: raw
      returned: when it was read
      sample: [data, staff]
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
      description: The fields that change, before the change.
      type: dict
      returned: always
      sample: {groups: [data]}
    after:
      description: The same fields after the change.
      type: dict
      returned: always
      sample: {groups: []}
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
  sample: patch_group
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when the server refused a call
  sample: 404
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.scim import tasks

TASK = tasks.USER_GROUPS


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
