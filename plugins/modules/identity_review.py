#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: identity_review
short_description: Open an access review of all connections, and close it after the decisions
version_added: 1.0.0
description:
  - O(state=open) reads the directory of every connection once and writes who has access to what, as a self-contained
    HTML page, CSV and JSON, with a manifest of SHA-256 digests. It does not write to any connection.
  - Reviewers decide on the page, in a browser, which saves their decisions as a JSON file.
  - O(state=close) checks these decisions against the manifest, removes what was revoked within the limits of each
    connection, reads again, and writes the evidence. A second close with the same decisions changes nothing. With other
    decisions, it keeps the earlier evidence under names that contain the time of the earlier close.
  - A fact that the API of a provider does not report is V(null) in JSON and C(not provided by the API) in CSV and HTML.
    That is not the same as never.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.jobs
  - rollcall.identity.jobs.feed
options:
  state:
    description: V(open) opens a review. V(close) closes it.
    type: str
    choices: [open, close]
    default: open
  id:
    description:
      - The ID of the review, which names the decision files. Letters, digits, dots, underscores and hyphens.
      - The default is the day, O(as_of) or today. With O(state=close), the default is the ID of the review in O(dest).
    type: str
    default: ""
  dest:
    description:
      - The folder of the review, which is created if it does not exist. O(state=open) writes into it, O(state=close)
        reads from it and writes to it.
      - A review with decisions is never replaced.
    type: path
  by:
    description:
      - Who decides. V(none) creates one page for the auditor. The other values also create a page for each reviewer,
        with only the rows of that reviewer.
      - V(manager) is the manager of the person, or the owner of a service or shared account. V(owner) is the owner of
        an entitlement that gives the grant, otherwise the manager. V(connection) creates a page for each connection.
      - If every possible reviewer of a row is unknown, has left, or would review their own account, the row stays with
        the auditor.
    type: str
    choices: [none, manager, owner, connection]
    default: none
  previous:
    description: The V(closed.json) or V(review.json) of the previous review, or its folder. The pages show its
      decisions, what is new and what is gone.
    type: path
  dormant_days:
    description: How many days without a login make an account dormant. Without any login, the days count from the
      creation of the account. Accounts that cannot log in, or whose last login the API does not report, are not
      dormant.
    type: int
    default: 90
  details:
    description:
      - Whether to read facts that take one call for each account, such as API tokens of Kestra, and whether a user of
        Kestra or nextAuth can log in. In a terminal, or with C(-v), the task shows the maximum number of calls before
        it makes them.
      - Facts that are not read are V(null) in the review.
    type: bool
    default: true
  on_missing:
    description:
      - V(fail) fails at the end if a connection could not be read. In both cases, the files are written, with a banner
        that says what is missing.
    type: str
    choices: [fail, report]
    default: fail
  decisions:
    description:
      - With O(state=close), paths of decision files, or of folders with such files. A list, or a text with commas.
      - The default is the folder C(decisions) in O(dest).
    type: raw
    default: []
  undecided:
    description: With O(state=close), what happens to rows without a decision. V(fail) does not close the review.
    type: str
    choices: [fail, keep, revoke]
    default: fail
  digest:
    description:
      - With O(state=close), the RV(review.manifest_digest) that the task with O(state=open) returned. If the manifest
        has another digest, nothing is written.
      - An empty text is an error. With null, or no value, the digest is not compared.
    type: str
  max_age:
    description: With O(state=close), the maximum age of the review, such as V(90d). An older review is rejected. An
      empty text is an error. With O(as_of), the age is the number of days from the day of the review to this day.
    type: str
    default: 90d
  loss_limit:
    description:
      - With O(state=close), how many accounts of a connection may lose something, as a number or a percentage, in
        connections without their own C(loss_limit).
    type: str
    default: ""
  min_admins:
    description: With O(state=close), how many administrators must remain, in connections without their own
      C(min_admins).
    type: int
  on_error:
    description: With O(state=close), if a connection cannot be read or planned, V(stop) writes to no connection,
      V(continue) writes to the others.
    type: str
    choices: [stop, continue]
    default: continue
seealso:
  - module: rollcall.identity.identity_access
  - module: rollcall.identity.identity_offboard
"""

EXAMPLES = r"""
- name: Open the review of the quarter
  rollcall.identity.identity_review:
    connections: "{{ identity_connections }}"
    entitlements: "{{ identity_entitlements }}"
    people_file: people.csv
    links: links.yml
    id: 2026-q4
    by: manager
    dest: reviews/2026-q4

- name: Close the review, once the decision files are in reviews/2026-q4/decisions
  rollcall.identity.identity_review:
    state: close
    connections: "{{ identity_connections }}"
    entitlements: "{{ identity_entitlements }}"
    people_file: people.csv
    links: links.yml
    dest: reviews/2026-q4
    undecided: keep

- name: Open the next review, which shows the earlier decisions
  rollcall.identity.identity_review:
    connections: "{{ identity_connections }}"
    entitlements: "{{ identity_entitlements }}"
    people_file: people.csv
    links: links.yml
    id: 2027-q1
    by: manager
    previous: reviews/2026-q4
    dest: reviews/2027-q1
"""

RETURN = r"""
review:
  description: The review.
  type: dict
  returned: when directories were read
  contains:
    id:
      description: The ID of the review.
      type: str
      returned: always
      sample: 2026-q4
    day:
      description: The day that dates were compared with.
      type: str
      returned: always
      sample: "2026-12-31"
    rows:
      description: The number of rows, one for each grant of each account.
      type: int
      returned: always
      sample: 412
    accounts:
      description: The number of accounts.
      type: int
      returned: with O(state=open)
      sample: 130
    people:
      description: The number of people in the feed.
      type: int
      returned: with O(state=open)
      sample: 120
    flags:
      description: Flag -> the number of rows that have it.
      type: dict
      returned: with O(state=open)
      sample: {orphan_account: 2, privileged: 11}
    incomplete:
      description: Names of the connections that could not be read when the review was opened.
      type: list
      elements: str
      returned: always
      sample: []
    left_out:
      description: Names of the connections for which the review is not closed yet.
      type: list
      elements: str
      returned: with O(state=close)
      sample: []
    opened:
      description: When the review was opened, in UTC.
      type: str
      returned: with O(state=close)
      sample: "2026-12-31T08:00:00Z"
    closed:
      description: When the evidence last changed, in UTC.
      type: str
      returned: with O(state=close)
      sample: "2027-01-14T08:00:00Z"
    outcomes:
      description:
        - Outcome -> the number of rows. C(removed) and C(already_removed) were read again, C(follow_up) is the decision
          C(change), C(manual) must be revoked manually, and C(returned) was removed by an earlier close and exists
          again.
      type: dict
      returned: with O(state=close)
      sample: {failed: 0, returned: 0, manual: 1, follow_up: 2, removed: 9, already_removed: 1, kept: 399, left_out: 0}
    failures:
      description: Connection -> why it could not be read, planned or written.
      type: dict
      returned: with O(state=close)
      sample: {}
    removed:
      description: The removed rows, as in C(closed.json), with the C(time) of each. In check mode the rows that would
        be removed, without a time.
      type: list
      elements: dict
      returned: with O(state=close)
      sample: []
    failed:
      description: The rows that were revoked and may still exist, each with C(detail) and C(code).
      type: list
      elements: dict
      returned: with O(state=close)
      sample: []
    returned:
      description: The rows that exist again. Removing them requires a new review.
      type: list
      elements: dict
      returned: with O(state=close)
      sample: []
    manual:
      description: The rows that must be revoked manually, each with C(detail).
      type: list
      elements: dict
      returned: with O(state=close)
      sample: []
    follow_up:
      description: The rows with the decision C(change), each with the C(reason), which says what must change.
      type: list
      elements: dict
      returned: with O(state=close)
      sample: []
    given_again:
      description: The rows whose grants an entitlement still gives, so that the next run of the role access grants them
        again, each with C(given_again_by) and C(advice).
      type: list
      elements: dict
      returned: with O(state=close)
      sample: []
    pages:
      description: The names of the HTML pages.
      type: list
      elements: str
      returned: with O(state=open)
      sample: [review.html, review-e7.html]
    manifest_digest:
      description: SHA-256 of C(manifest.json), for O(digest); with O(state=close), that of C(closed-manifest.json).
      type: str
      returned: always
      sample: 4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945
    text:
      description: The result as lines for a log.
      type: list
      elements: str
      returned: always
      sample: ["Review 2026-q4 of 2026-12-31: 412 rows of 130 accounts, 120 people in the feed"]
content:
  description: The name of each file -> its text.
  type: dict
  returned: when directories were read
files:
  description: The names of the files that were written. Files in O(dest) that do not differ are not written.
  type: list
  elements: str
  returned: when directories were read
  sample: [review.json, review.csv, review.html, manifest.json]
warning_details:
  description: The same warnings as in C(warnings), in the same order, each with C(code), C(message) and, if it is about
    one user or person, C(user).
  type: list
  elements: dict
  returned: if there are warnings
  sample:
    - code: other_page
      message: E7 has decided 2 rows of the page of E9.
code:
  description: The code of the failure. If there are several, V(invalid_input) for the input, else V(partial_failure).
  type: str
  returned: on failure
  sample: invalid_value
errors:
  description: Everything that is wrong with the input or the decisions, or that failed, each with C(code), C(message)
    and, if known, C(option). Rows that were revoked and may still exist also have C(user) and C(row).
  type: list
  elements: dict
  returned: on failure
  sample:
    - code: invalid_value
      message: access_review_dormant_days is 0; the minimum is 1. Raise it.
      option: access_review_dormant_days
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.job_options import FEED, SHARED

SPEC = {
    **SHARED,
    **FEED,
    "state": {"type": "str", "choices": ["open", "close"], "default": "open"},
    "id": {"type": "str", "default": ""},
    "dest": {"type": "path"},
    "by": {"type": "str", "choices": ["none", "manager", "owner", "connection"], "default": "none"},
    "previous": {"type": "path"},
    "dormant_days": {"type": "int", "default": 90},
    "details": {"type": "bool", "default": True},
    "on_missing": {"type": "str", "choices": ["fail", "report"], "default": "fail"},
    "decisions": {"type": "raw", "default": []},
    "undecided": {"type": "str", "choices": ["fail", "keep", "revoke"], "default": "fail"},
    "digest": {"type": "str"},
    "max_age": {"type": "str", "default": "90d"},
    "loss_limit": {"type": "str", "default": ""},
    "min_admins": {"type": "int"},
    "on_error": {"type": "str", "choices": ["stop", "continue"], "default": "continue"},
}


def main() -> None:
    """Refuse to run on a target: the action of the same name does the work on the controller."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    module.fail_json(
        msg="identity_review runs on the controller, by its action plugin. "
        "Call it as rollcall.identity.identity_review."
    )


if __name__ == "__main__":
    main()
