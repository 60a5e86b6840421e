#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: identity_export
short_description: Write the current accounts as people, entitlements and links
version_added: 1.0.0
description:
  - Reads the directory of every connection once and writes the files that M(rollcall.identity.identity_access) reads.
    Without O(people_file) and without changes to the files, that module plans no changes. Every change that you make in
    the files appears in its plan.
  - With O(people_file), an HR file, accounts are assigned to its people, who keep their IDs. The plan then also blocks
    the accounts of people who, according to that file, have left, are on leave or have not started.
  - The order is fixed, so the same directories result in identical files. Files that were changed after an export
    are never replaced without O(overwrite).
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.jobs
  - rollcall.identity.jobs.feed
options:
  join:
    description: The field that matches accounts with the people in O(people_file). V(email), or the name of another
      field or column.
    type: str
    default: email
  bundles:
    description: Whether to propose one entitlement for a set of grants that many people have.
    type: bool
    default: false
  bundle_min:
    description: How many people must have such a set.
    type: int
    default: 3
  overwrite:
    description: Whether to replace files that were changed after an export.
    type: bool
    default: false
  on_missing:
    description: V(fail) fails at the end if a connection could not be read.
    type: str
    choices: [fail, report]
    default: fail
  dest:
    description: A folder for the files. It is created if it does not exist.
    type: path
seealso:
  - module: rollcall.identity.identity_access
"""

EXAMPLES = r"""
- name: Write the current accounts
  rollcall.identity.identity_export:
    connections:
      ol:
        provider: onelogin
        api_url: https://acme.onelogin.com
    dest: identity

- name: Match the accounts with an HR file
  rollcall.identity.identity_export:
    connections: "{{ identity_connections }}"
    people_file: workday.csv
    preset: workday
    date_format: "%m/%d/%Y"
    dest: identity
"""

RETURN = r"""
export:
  description: The result of the export.
  type: dict
  returned: when a connection could be read
  contains:
    people:
      description: The number of people.
      type: int
      returned: always
      sample: 120
    accounts:
      description: The number of their accounts.
      type: int
      returned: always
      sample: 240
    entitlements:
      description: The number of entitlements.
      type: int
      returned: always
      sample: 14
    bundles:
      description: How many of the entitlements are proposed sets of grants.
      type: int
      returned: always
      sample: 0
    connections:
      description: Connection -> C(users), how many it has, and C(accounts), how many of them belong to a person.
      type: dict
      returned: always
      sample: {ol: {users: 130, accounts: 120}}
    left_out:
      description: What a directory contains and the files do not, and why.
      type: list
      elements: str
      returned: always
      sample: []
    strangers:
      description: Accounts that do not belong to a person in the HR file.
      type: list
      elements: str
      returned: always
      sample: ["ol: svc-awx"]
    unreadable:
      description: Connection -> why it could not be read.
      type: dict
      returned: always
      sample: {}
    files:
      description: The names of all files of the export.
      type: list
      elements: str
      returned: always
      sample: [people.yml, entitlements.yml, links.yml, connections/ol.yml, people.csv]
    text:
      description: The result as lines for a log.
      type: list
      elements: str
      returned: always
      sample: ["120 people with 240 accounts and 14 entitlements"]
content:
  description: The name of each file -> its text.
  type: dict
  returned: when a connection could be read
files:
  description: The names of the files that were written. Files in O(dest) that do not differ are not written.
  type: list
  elements: str
  returned: when a connection could be read
warning_details:
  description: The same warnings as in C(warnings), in the same order, each with C(code), C(message) and, if it is about
    one user or person, C(user).
  type: list
  elements: dict
  returned: if there are warnings
  sample:
    - code: incomplete_feed
      message: "people.csv: 1 of 120 rows cannot be used, so the accounts of this person are exported without HR data."
code:
  description: The code of the failure. If there are several, V(invalid_input) for the input, else V(partial_failure).
  type: str
  returned: on failure
  sample: missing_option
errors:
  description: Everything that is wrong with the input, or that failed, each with C(code), C(message) and, if known,
    C(option).
  type: list
  elements: dict
  returned: on failure
  sample:
    - code: missing_option
      message: Set export_dest, a folder for the files, or export_deliver, a task file that stores them.
      option: export_dest
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.job_options import FEED, SHARED

SPEC = {
    **SHARED,
    **FEED,
    "join": {"type": "str", "default": "email"},
    "bundles": {"type": "bool", "default": False},
    "bundle_min": {"type": "int", "default": 3},
    "overwrite": {"type": "bool", "default": False},
    "on_missing": {"type": "str", "choices": ["fail", "report"], "default": "fail"},
    "dest": {"type": "path"},
}


def main() -> None:
    """Refuse to run on a target: the action of the same name does the work on the controller."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    module.fail_json(
        msg="identity_export runs on the controller, by its action plugin. "
        "Call it as rollcall.identity.identity_export."
    )


if __name__ == "__main__":
    main()
