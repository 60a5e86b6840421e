#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nextauth_user_attributes
short_description: Manage the attributes of a nextAuth user
version_added: 1.0.0
description:
  - Sets or clears attributes of an existing user. An attribute can have any name.
  - The module only sends attributes that differ. One call sets all of them; clearing takes one call for each attribute.
    A second run changes nothing.
  - With O(state=exact), one call replaces all attributes if one of them is cleared.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.nextauth
  - rollcall.identity.nextauth.values
options:
  attributes:
    description:
      - The attributes, name to value. Values are compared and sent as text.
      - An empty text or V(null) clears the attribute.
      - Required with O(state=present) and O(state=exact). An empty mapping clears all with O(state=exact), and is an
        error with V(present).
      - With O(state=absent), the named attributes are cleared, regardless of their values.
    type: dict
  names:
    description: Names of attributes to clear with O(state=absent), where this or O(attributes) is required. An error
      otherwise.
    type: list
    elements: str
  state:
    description: What to do with O(attributes).
    type: str
    choices:
      present: These attributes have these values. Others are kept.
      absent: The named attributes are cleared. Others are kept.
      exact: These attributes have these values, and all others are cleared.
    default: present
notes:
  - An attribute is not a grant, so clearing one does not count as a loss. Users in O(protect) keep their attributes.
seealso:
  - module: rollcall.identity.nextauth_user
  - module: rollcall.identity.nextauth_user_info
"""

EXAMPLES = r"""
- name: Set Ada's cost center
  rollcall.identity.nextauth_user_attributes:
    server_id: "{{ nextauth_server_id }}"
    user: ada.lovelace@example.com
    attributes:
      cost_center: CC-200

- name: Clear Ada's badge
  rollcall.identity.nextauth_user_attributes:
    server_id: "{{ nextauth_server_id }}"
    user: ada.lovelace@example.com
    names: [badge]
    state: absent

- name: Set exactly these attributes of the user with exactly this name
  rollcall.identity.nextauth_user_attributes:
    server_id: "{{ nextauth_server_id }}"
    id: Ada.Lovelace
    attributes:
      employee_id: E1042
      cost_center: CC-200
    state: exact
"""

RETURN = r"""
user:
  description:
    - The user after the task. In check mode, as the user would be.
    - All other fields are those of RV(rollcall.identity.nextauth_user#module:user).
  type: dict
  returned: success
  contains:
    id:
      description: The name of the user, which is also the ID.
      type: str
      returned: always
      sample: ada.lovelace@example.com
    user:
      description: The name of the user.
      type: str
      returned: always
      sample: ada.lovelace@example.com
    enabled:
      description:
        - Whether the user has an account that is not blocked. V(null) for a user without accounts, and if the accounts
          were not read.
        - Not read by this module.
      type: bool
      returned: always
      sample: true
    attributes:
      description: Attributes that are set, name to value.
      type: dict
      returned: when it was read
      sample: {department: Data}
    permissions:
      description: Permissions of the user's role on this virtual server, sorted. Not read by this module.
      type: list
      elements: str
      returned: when it was read
      sample: [sessions]
diff:
  description:
    - One entry with the fields that change.
    - Empty if nothing changes.
    - C(before) is empty for a user who is created, C(after) for one who is deleted.
  type: list
  elements: dict
  returned: in diff mode
  sample:
    - before_header: ada.lovelace@example.com
      after_header: ada.lovelace@example.com
      before: {attributes: {cost_center: CC-101}}
      after: {attributes: {cost_center: CC-200}}
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 2
stopped:
  description: The users who stopped the task. Nothing was written.
  type: list
  elements: str
  returned: when O(protect) stopped the task
  sample: [svc-awx]
operation:
  description: The API call that nextAuth refused.
  type: str
  returned: when nextAuth refused a call
  sample: update_user_attributes
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when nextAuth refused a call
  sample: 403
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth import tasks

TASK = tasks.USER_ATTRIBUTES


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
