#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: identity_call
short_description: Run a module of this collection with the options of a connection
version_added: 0.1.0
description:
  - Runs a module for the provider of a connection, with the connection's options and credentials. So one task with a loop serves any number of
    connections, whatever their providers are. The roles of this collection are made with it.
  - If the connection has credentials of its own, those of the environment are not looked at, nor is C(expected_account) there. Other options that it does not
    give, such as C(api_url), come from the environment as with every module.
  - Everything that is wrong with a call is a failure of that call alone. So a loop with O(on_error=report) goes on.
author:
  - The rollcall.identity authors (@rollcall-identity)
options:
  connection:
    description:
      - A connection, as C(identity_connections) of the roles holds them. C(provider) names the provider. C(credentials) holds the options of its
        modules that are secret or belong to a secret. All other entries are options of the provider's modules, such as C(api_url), C(tenant)
        or C(protect).
    type: dict
    required: true
  module:
    description: The module to run, without the name of the provider, such as V(user_info) or V(users).
    type: str
    required: true
  options:
    description: Further options of the module. They win over those of the connection.
    type: dict
    default: {}
  name:
    description: The name of the connection, for the result.
    type: str
  changes:
    description: Whether the result tells the differences as RV(changes), without the diff mode.
    type: bool
    default: false
  on_error:
    description: What becomes of the task if the module fails.
    type: str
    choices:
      fail: It fails, too.
      report: It does not fail, and RV(error) tells why the module did. So a loop tells of all connections.
    default: fail
attributes:
  action:
    description: Is an action plugin.
    support: full
  check_mode:
    description: Can run in check mode, as the module can.
    support: full
  diff_mode:
    description: Tells differences, as the module does.
    support: full
seealso:
  - module: rollcall.identity.onelogin_users
"""

EXAMPLES = r"""
- name: Read the users of all connections
  rollcall.identity.identity_call:
    connection: "{{ identity_connections[item] }}"
    name: "{{ item }}"
    module: user_info
    on_error: report
  loop: "{{ identity_connections | list }}"
  register: read
"""

RETURN = r"""
connection:
  description: O(name), or the provider where that is not given.
  type: str
  returned: always
  sample: ol
changes:
  description: The differences, one entry for each user, as in diff mode.
  type: list
  elements: dict
  returned: with O(changes=true)
error:
  description: Why the module failed.
  type: str
  returned: when the module failed, with O(on_error=report)
  sample: Could not reach https://acme.onelogin.com to log in.
"""
