#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: scim_user_attributes
short_description: Manage attributes of a user of a SCIM 2.0 server
version_added: 1.0.0
description:
  - Sets or clears attributes of an existing user. They can be from the core schema, the enterprise extension, or any
    other schema of the server.
  - Compares attributes according to the server's schema, and only writes those that differ. A second run changes
    nothing.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.converge
  - rollcall.identity.scim
  - rollcall.identity.scim.who
options:
  attributes:
    description:
      - The attributes, path to value. The path of a core attribute is its name, such as C(nickName) or
        C(name.honorificSuffix). The path of an extension's attribute begins with its URN, such as
        C(urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter).
      - A value is any JSON that the server's schema allows, a list for a multi-valued attribute and a mapping for a
        complex one.
      - An empty text, an empty list or V(null) clears the attribute.
      - Required with O(state=present) and O(state=exact). An empty mapping clears all with O(state=exact), and is an
        error with V(present).
      - With O(state=absent), the named attributes are cleared, regardless of their values.
    type: dict
  names:
    description: Paths of attributes to clear with O(state=absent), where this or O(attributes) is required. An error
      otherwise.
    type: list
    elements: str
  state:
    description: What to do with O(attributes).
    type: str
    choices:
      present: These attributes have these values. Others are kept.
      absent: These attributes are cleared. Others are kept.
      exact: These attributes have these values. All others that do not have an option in M(rollcall.identity.scim_user)
        are cleared.
    default: present
notes:
  - An attribute is not a grant, so clearing one does not count as a loss. Users in O(protect) keep their attributes.
seealso:
  - module: rollcall.identity.scim_user
  - module: rollcall.identity.scim_user_info
"""

EXAMPLES = r"""
- name: Set Ada's cost center and badge
  rollcall.identity.scim_user_attributes:
    api_url: https://id.example.com/scim/v2
    user: ada.lovelace@example.com
    attributes:
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter": CC-200
      "urn:example:2.0:User:badge": B-7

- name: Clear Ada's badge
  rollcall.identity.scim_user_attributes:
    api_url: https://id.example.com/scim/v2
    user: ada.lovelace@example.com
    names: ["urn:example:2.0:User:badge"]
    state: absent

- name: Set Ada's addresses
  rollcall.identity.scim_user_attributes:
    api_url: https://id.example.com/scim/v2
    user: ada.lovelace@example.com
    attributes:
      emails:
        - {value: ada.lovelace@example.com, type: work, primary: true}
        - {value: ada@example.org, type: home}
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
    attributes:
      description: Attributes that are set and do not have their own field, path to value.
      type: dict
      returned: when it was read
      sample: {"urn:example:2.0:User:badge": "B-7"}
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
      sample: {attributes: {"urn:example:2.0:User:badge": B-6}}
    after:
      description: The same fields after the change.
      type: dict
      returned: always
      sample: {attributes: {"urn:example:2.0:User:badge": B-7}}
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

TASK = tasks.USER_ATTRIBUTES


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
