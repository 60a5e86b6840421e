#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: identity_access
short_description: Give people the accounts and grants that they are entitled to, in all connections
version_added: 1.0.0
description:
  - Reads the directories of all connections once, at the same time, and plans the changes for joiners, movers and
    leavers from one list of people.
  - O(mode=plan) reports what would change, with a digest. O(mode=apply) writes the changes, within the limits of
    each connection.
  - The module reads and plans every connection before it writes anything.
  - After the first match, the file O(links) identifies a person's account by its immutable ID. People without a link
    are matched by name, if the match is certain.
  - The role P(rollcall.identity.access#role) runs this module and delivers the report.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.jobs
  - rollcall.identity.jobs.feed
options:
  mode:
    description: V(plan) reports what would change. V(apply) writes the changes.
    type: str
    choices: [plan, apply]
    default: plan
  plan_digest:
    description:
      - The digest of an approved plan. If the plan of this run has another digest, nothing is written.
      - If there is nothing to change, the digest does not matter.
      - An empty text is an error, so that a variable without a value does not apply an unapproved plan. Null, or no
        value, requires no approval.
    type: str
  min_people:
    description: The smallest number of people in a complete feed. A shorter feed is rejected as truncated, before
      anything is read or written.
    type: int
    default: 1
  max_feed_age:
    description:
      - The maximum age of the feed, such as V(36h) or V(2d). An older feed is rejected.
      - An empty text is an error. With null, or no value, any age is accepted.
    type: str
  feed_time:
    description: When the feed was created, such as V(2026-12-31T08:00:00Z), if its file does not show it.
    type: str
    default: ""
  unlisted:
    description: What happens to accounts that do not belong to a person, within the limits of the connection.
    type: str
    choices: [ignore, report, disable]
    default: report
  on_error:
    description: If a connection cannot be read or planned, V(stop) writes to no connection, V(continue) writes to the
      others.
    type: str
    choices: [stop, continue]
    default: stop
  on_bad_rows:
    description:
      - V(stop) stops the run if a row is invalid. By default V(continue) with O(people_file), and V(stop) with
        O(people).
      - V(continue) processes all other people, leaves the accounts of the invalid rows alone, and fails at the end.
      - The option also applies to a value of a person that the provider does not accept. With V(stop), nothing is
        written to the connection. With V(continue), only the changes of that person in the connection fail.
    type: str
    choices: [stop, continue]
  vanished:
    description: What happens to people who have linked accounts and are no longer in the feed.
    type: str
    choices: [report, block]
    default: report
  lead_days:
    description: Access begins this number of days before the C(start) of a person.
    type: int
    default: 0
  adopt:
    description:
      - IDs of accounts that you confirm to belong to the people whose user name or address they have. A list, or a text
        with commas.
      - If such an account is linked to a person who has left or is no longer in the feed, it gets a link to the person
        with its address and given name instead.
    type: raw
    default: []
  adopt_limit:
    description:
      - How many accounts with an uncertain match may be adopted without O(adopt), as a number or a percentage of the
        directory. The report lists each of them.
      - By default such accounts are held back. A match is uncertain if the login is blocked, if the account is deleted,
        or if it has another given name and grants that no entitlement of the person gives.
    type: str
    default: ""
  release:
    description: IDs of people who were offboarded and get access again. A list, or a text with commas.
    type: raw
    default: []
  create_limit:
    description:
      - How many accounts may be created in a connection without its own C(create_limit), as a number or a
        percentage.
      - By default, the limit in C(module_defaults) for the bulk module, otherwise 10 % of the directory, and at least
        20. A directory with at most 20 accounts has no limit.
    type: str
    default: ""
  reopen_limit:
    description: How many blocked logins may be unblocked, as for O(create_limit).
    type: str
    default: ""
  rename_limit:
    description: How many accounts may be renamed, as for O(create_limit).
    type: str
    default: ""
  dest:
    description:
      - The path of the report as JSON. The task also writes it as C(.txt) and C(.html) beside this file, whatever the
        outcome.
      - A missing folder is created, for its owner only.
    type: path
seealso:
  - module: rollcall.identity.identity_offboard
  - module: rollcall.identity.identity_export
"""

EXAMPLES = r"""
- name: Plan the accounts and grants of all people
  vars:
    identity_connections:
      ol:
        provider: onelogin
        api_url: https://acme.onelogin.com
        user_key: email
    identity_entitlements:
      staff:
        grants:
          ol: {}
      data-engineer:
        grants:
          ol:
            roles: [Snowflake]
  block:
    - name: Plan
      rollcall.identity.identity_access:
        connections: "{{ identity_connections }}"
        entitlements: "{{ identity_entitlements }}"
        people_file: people.csv
        links: links.yml
        dest: reports/access.json
      register: plan

    - name: Apply the approved plan
      rollcall.identity.identity_access:
        connections: "{{ identity_connections }}"
        entitlements: "{{ identity_entitlements }}"
        people_file: people.csv
        links: links.yml
        mode: apply
        plan_digest: "{{ plan.report.digest }}"
"""

RETURN = r"""
report:
  description: The whole report, in every outcome.
  type: dict
  returned: when the options could be read
  contains:
    day:
      description: The day that dates were compared with.
      type: str
      returned: always
      sample: "2026-12-31"
    mode:
      description: V(plan) or V(apply).
      type: str
      returned: always
      sample: plan
    outcome:
      description: V(planned), V(applied), V(partly) (some accounts failed), V(failed) (all changes failed, and nothing
        was written), V(refused) (nothing was written) or V(invalid) (nothing was read).
      type: str
      returned: always
      sample: planned
    check_mode:
      description: Whether the task ran in check mode.
      type: bool
      returned: always
      sample: false
    digest:
      description: SHA-256 of the plans of all connections, for O(plan_digest).
      type: str
      returned: always
      sample: 4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945
    begun:
      description: When the run began, in UTC. Empty if nothing was read.
      type: str
      returned: always
      sample: "2026-12-31T08:00:00Z"
    ended:
      description: When the run ended, in UTC. Empty if nothing was read.
      type: str
      returned: always
      sample: "2026-12-31T08:00:04Z"
    feed:
      description: The name of O(people_file), empty for O(people).
      type: str
      returned: always
      sample: hr.csv
    people:
      description: The number of people that could be used.
      type: int
      returned: always
      sample: 3000
    rows:
      description: The number of rows in the feed.
      type: int
      returned: always
      sample: 3001
    totals:
      description: Numbers of accounts in all connections, by what happens to them, with C(changed) and C(mails).
      type: dict
      returned: always
      sample: {created: 1, changed: 1}
    connections:
      description:
        - The same numbers for each connection, with C(provider), C(accounts), C(api_calls), C(unmanaged) (account ->
          grants that no entitlement names) and C(strangers) (accounts that do not belong to a person).
        - C(error) and C(code) if the connection failed, C(shared_with) if another connection has the same directory.
      type: dict
      returned: always
      sample: {ol: {created: 1, changed: 1}}
    changes:
      description:
        - One entry for each account that changes, privileged accounts first.
        - It has C(connection), C(person), C(label), C(account), C(account_id), C(operation), C(granted), C(taken),
          C(fields), C(renamed_from), C(opened), C(blocked), C(adopted), C(privileged), C(entitlements), and C(done),
          C(error) and C(code) after a run that writes.
      type: list
      elements: dict
      returned: always
      sample:
        - connection: ol
          person: E1042
          account: ada@acme.com
          operation: create
          granted: {roles: [Snowflake]}
          done: false
    findings:
      description:
        - What needs a decision, each with C(code), C(connection), C(person), C(account), C(account_id), C(text)
          and C(advice).
        - The code is, for example, V(held_back), V(offboarded), V(vanished), V(no_entitlement), V(second_account),
          V(name_taken), V(cannot_rename), V(cannot_block), V(grants_gone), V(may_be_same_person) or V(adopted).
      type: list
      elements: dict
      returned: always
      sample: []
    rejected:
      description: Rows of the feed that could not be used, each with C(text) and the place in C(label).
      type: list
      elements: dict
      returned: always
      sample: []
    losses:
      description: What accounts lose, with C(connection) and C(person).
      type: list
      elements: dict
      returned: always
      sample: []
    drift:
      description:
        - Every difference between the accounts and the desired state, with C(connection), C(account), C(person),
          C(kind), C(text), C(before) and C(after).
        - The kind is V(missing), V(extra), V(attribute), V(unmanaged) or V(unreadable).
      type: list
      elements: dict
      returned: always
      sample: []
    failed:
      description: One sentence for everything that failed.
      type: list
      elements: str
      returned: always
      sample: []
    errors:
      description: The same failures, each with C(code), C(message) and, if known, C(option).
      type: list
      elements: dict
      returned: always
      sample: []
    warnings:
      description: Warnings, such as owners who have left.
      type: list
      elements: str
      returned: always
      sample: []
    warning_details:
      description: The same warnings in the same order, each with C(code), C(message) and, if it is about one user or
        person, C(user).
      type: list
      elements: dict
      returned: always
      sample: [{code: owner_left, message: "S1: the owner E1 has left. Specify another owner.", user: S1}]
    text:
      description: The report as lines for a log.
      type: list
      elements: str
      returned: always
      sample: ["Plan for 2026-12-31, digest 4f53cda1...", "ol: 1 created"]
html:
  description: The report as a self-contained HTML page.
  type: str
  returned: when the options could be read
files:
  description: The files that were written, by form. Empty without O(dest).
  type: dict
  returned: when the options could be read
  sample: {json: /srv/access.json, text: /srv/access.txt, html: /srv/access.html}
links:
  description: The content of the links file after the run. Empty if there is none.
  type: str
  returned: when directories were read
links_changed:
  description: Whether the links file was written.
  type: bool
  returned: when directories were read
warning_details:
  description: The same warnings as in C(warnings), in the same order, each with C(code), C(message) and, if it is about
    one user or person, C(user).
  type: list
  elements: dict
  returned: if there are warnings
  sample:
    - code: owner_left
      message: "S1: the owner E1 has left. Specify another owner."
      user: S1
code:
  description: The code of the failure. If there are several, V(invalid_input) for the input, else V(partial_failure).
  type: str
  returned: on failure
  sample: no_file
errors:
  description: Everything that is wrong with the input, or that failed, each with C(code), C(message) and, if known,
    C(option).
  type: list
  elements: dict
  returned: on failure
  sample: [{code: no_file, message: "access_people_file: there is no file /srv/hr.csv.", option: access_people_file}]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.job_options import FEED, SHARED

SPEC = {
    **SHARED,
    **FEED,
    "mode": {"type": "str", "choices": ["plan", "apply"], "default": "plan"},
    "plan_digest": {"type": "str"},
    "min_people": {"type": "int", "default": 1},
    "max_feed_age": {"type": "str"},
    "feed_time": {"type": "str", "default": ""},
    "unlisted": {"type": "str", "choices": ["ignore", "report", "disable"], "default": "report"},
    "on_error": {"type": "str", "choices": ["stop", "continue"], "default": "stop"},
    "on_bad_rows": {"type": "str", "choices": ["stop", "continue"]},
    "vanished": {"type": "str", "choices": ["report", "block"], "default": "report"},
    "lead_days": {"type": "int", "default": 0},
    "adopt": {"type": "raw", "default": []},
    "adopt_limit": {"type": "str", "default": ""},
    "release": {"type": "raw", "default": []},
    "create_limit": {"type": "str", "default": ""},
    "reopen_limit": {"type": "str", "default": ""},
    "rename_limit": {"type": "str", "default": ""},
    "dest": {"type": "path"},
}


def main() -> None:
    """Refuse to run on a target: the action of the same name does the work on the controller."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    module.fail_json(
        msg="identity_access runs on the controller, by its action plugin. "
        "Call it as rollcall.identity.identity_access."
    )


if __name__ == "__main__":
    main()
