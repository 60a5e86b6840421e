#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sendauth_user_tags
short_description: Set the tags of a SendAuth user
version_added: 1.0.0
description:
  - Sets all tags of a user, name to value.
  - SendAuth does not report the tags of a user, so the module cannot compare them. The task always sends them and
    reports a change, also in check mode. Use C(when) to run it only if something has changed.
  - SendAuth does not document what happens to tags that are not in O(tags). The module assumes that SendAuth removes
    them, so specify all tags of the user.
  - The task always fails for a user in O(protect), because the user might lose a tag.
  - A tag that is not defined in SendAuth, is disabled or does not have the value is an error, because SendAuth does not
    document what happens to it. If the credentials are not permitted to read the tags, only SendAuth
    can refuse them.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.attributes
  - rollcall.identity.attributes.perform
  - rollcall.identity.sendauth
  - rollcall.identity.sendauth.who
options:
  tags:
    description:
      - All tags of the user, name to value. Each tag has one value. Numbers are sent as text.
      - An empty mapping removes all tags.
    type: dict
    required: true
seealso:
  - module: rollcall.identity.sendauth_user
  - module: rollcall.identity.sendauth_user_info
"""

EXAMPLES = r"""
- name: Create Ada, or update her
  rollcall.identity.sendauth_user:
    user: ada.lovelace@example.com
    first_name: Ada
    last_name: Lovelace
    phone: "+4520123456"
  register: ada

- name: Set Ada's tags if she is new or has changed
  rollcall.identity.sendauth_user_tags:
    user: ada.lovelace@example.com
    tags:
      department: Data
      site: Aarhus
  when: ada is changed
"""

RETURN = r"""
user:
  description: The user.
  type: dict
  returned: success
  contains:
    id:
      description: SendAuth's ID of the user.
      type: str
      returned: always
      sample: 1c6dc9a4-9a5c-4d3b-8f7a-2f5b7f0f3c11
    user:
      description: E-mail address of the user.
      type: str
      returned: always
      sample: ada.lovelace@example.com
api_calls:
  description: Requests that the task sent.
  type: int
  returned: success
  sample: 2
stopped:
  description: The user who stopped the task. Nothing was written.
  type: list
  elements: str
  returned: when O(protect) stopped the task
  sample: [svc-awx@example.com]
operation:
  description: The API call that SendAuth refused.
  type: str
  returned: when SendAuth refused a call
  sample: set_user_tags
status:
  description: The HTTP status of the refusal.
  type: int
  returned: when SendAuth refused a call
  sample: 422
"""

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.front_module import serve
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth import tasks

TASK = tasks.USER_TAGS


def main() -> None:
    """Run the module."""
    serve(TASK)


if __name__ == "__main__":
    main()
