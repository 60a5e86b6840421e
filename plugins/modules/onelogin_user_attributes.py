#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: onelogin_user_attributes
short_description: Manage the custom attributes of a OneLogin user
version_added: 1.0.0
description:
  - Sets or clears custom attributes of an existing user. The attributes must be defined in OneLogin. With an undefined
    name, the task fails before its first write.
  - The module only sends attributes that differ, in one call that leaves all others as they are. A second run changes
    nothing.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.onelogin
  - rollcall.identity.onelogin.who
options:
  attributes:
    description:
      - The custom attributes, short name to value. Values are compared and sent as text.
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
  - module: rollcall.identity.onelogin_user
  - module: rollcall.identity.onelogin_user_info
"""

EXAMPLES = r"""
- name: Set Ada's cost center
  rollcall.identity.onelogin_user_attributes:
    api_url: https://acme.onelogin.com
    user: ada.lovelace
    attributes:
      cost_center: CC-200

- name: Clear Ada's badge
  rollcall.identity.onelogin_user_attributes:
    api_url: https://acme.onelogin.com
    user: ada.lovelace
    names: [badge]
    state: absent

- name: Set exactly these attributes of the user with this ID
  rollcall.identity.onelogin_user_attributes:
    api_url: https://acme.onelogin.com
    id: "100012"
    attributes:
      employee_id: E1042
      cost_center: CC-200
    state: exact
"""

RETURN = r"""
user:
  description:
    - The user after the task. In check mode, as the user would be.
    - Fields that only OneLogin sets, such as RV(rollcall.identity.onelogin_user#module:user.updated_at), are as they
      were before the task.
    - All other fields are those of RV(rollcall.identity.onelogin_user#module:user).
  type: dict
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
    attributes:
      description: Custom attributes that are set, short name to value.
      type: dict
      returned: when it was read
      sample: {cost_center: CC-101}
    roles:
      description: Roles by name, sorted. A role is a mapping with its C(id) if the name is not unique. Not read by
        this module.
      type: list
      elements: raw
      returned: when it was read
      sample: [Default, Snowflake]
diff:
  description: One entry with the fields that change. Empty if nothing changes.
  type: list
  elements: dict
  returned: in diff mode
  sample:
    - before_header: ada.lovelace
      after_header: ada.lovelace
      before: {attributes: {cost_center: CC-101}}
      after: {attributes: {cost_center: CC-200}}
api_calls:
  description: Requests that the task sent, including logins.
  type: int
  returned: success
  sample: 4
stopped:
  description: The users who stopped the task. Nothing was written.
  type: list
  elements: str
  returned: when O(protect) stopped the task
  sample: [svc-awx]
operation:
  description: The API call that OneLogin refused.
  type: str
  returned: when OneLogin refused a call
  sample: set_custom_attributes
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when OneLogin refused a call
  sample: 400
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import tasks

TASK = tasks.USER_ATTRIBUTES


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
