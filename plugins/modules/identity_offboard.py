#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: identity_offboard
short_description: Remove all access of one person, in all connections, and prove it
version_added: 1.0.0
description:
  - Finds the person's accounts in every connection, by links, IDs and names. Blocks the logins first, then ends
    sessions, revokes tokens, removes grants, and reads the accounts again as proof.
  - The result lists what a provider's API cannot do as manual steps.
  - If a connection or a step fails, the module continues with the others and fails at its end. Run it again until
    everything is done.
  - With O(links), M(rollcall.identity.identity_access) gives the person no access until the person's row in the
    feed changes, or O(rollcall.identity.identity_access#module:release) names the person.
author:
  - The rollcall.identity authors (@rollcall-identity)
extends_documentation_fragment:
  - rollcall.identity.jobs
  - rollcall.identity.jobs.feed
options:
  person:
    description: The ID or e-mail address of the person who leaves. With an address, the person need not be in the feed.
    type: str
    required: true
  level:
    description: V(disable) blocks the login, ends sessions, revokes tokens and removes grants. V(delete) also deletes
      the accounts after O(delete_after).
    type: str
    choices: [disable, delete]
    default: disable
  delete_after:
    description: How long accounts are kept after the last day, such as V(30d) or V(8w). V(0) deletes at once.
    type: str
    default: 30d
  left_on:
    description: The last day of the person, such as V(2026-12-31). By default the C(end) of the person. If neither is
      known, nothing is deleted.
    type: str
    default: ""
  previous_emails:
    description: Earlier e-mail addresses, in addition to those in the feed. A list, or a text with commas.
    type: raw
    default: []
  ids:
    description: Maps a connection to a list of IDs of the person's accounts. The module does not search for names in
      that connection. A mapping, or its JSON text.
    type: raw
    default: {}
  none_found:
    description: V(fail) fails if no connection has an account of the person, or if an ID in O(ids) does not exist,
      because the name or the ID may be wrong. V(ok) accepts both.
    type: str
    choices: [fail, ok]
    default: fail
  sessions:
    description: V(unproven) ends sessions unless earlier evidence shows that they ended after the block. V(always)
      ends them in each run.
    type: str
    choices: [unproven, always]
    default: unproven
  proof_wait:
    description: Seconds before an account that fails the proof is read once more. V(0) turns this off.
    type: int
    default: 5
  dest:
    description: A folder for the evidence, which is created if it does not exist. For each person, the module writes
      JSON, text and HTML files.
    type: path
  earlier:
    description: The evidence of the previous run, as a mapping or its JSON text. By default the file in O(dest).
    type: raw
    default: {}
seealso:
  - module: rollcall.identity.identity_access
"""

EXAMPLES = r"""
- name: Remove all access of a person
  rollcall.identity.identity_offboard:
    person: E1042
    connections:
      ol:
        provider: onelogin
        api_url: https://acme.onelogin.com
    people_file: people.csv
    links: links.yml
    dest: offboard
"""

RETURN = r"""
evidence:
  description: The evidence of the run.
  type: dict
  returned: when the input is right
  contains:
    kind:
      description: Always V(offboard).
      type: str
      returned: always
      sample: offboard
    person:
      description: Who leaves, with C(id), C(name), C(email), C(kind) and C(manager) as far as they are known.
      type: dict
      returned: always
      sample: {id: E1042, name: Ada Lovelace, email: ada@acme.com, kind: employee, manager: null}
    level:
      description: O(level).
      type: str
      returned: always
      sample: disable
    as_of:
      description: The day that dates were compared with.
      type: str
      returned: always
      sample: "2026-12-31"
    left_on:
      description: The last day. V(null) if it is not known.
      type: str
      returned: always
      sample: "2026-12-31"
    delete_on:
      description: The first day on which accounts may be deleted. V(null) if the last day is not known.
      type: str
      returned: always
      sample: "2027-01-30"
    deletion:
      description: When accounts are deleted, in words.
      type: str
      returned: always
      sample: "Due on 2027-01-30. Run the role again then. Until then, the accounts are kept."
    check_mode:
      description: Whether the task ran in check mode.
      type: bool
      returned: always
      sample: false
    begun:
      description: When the run began, in UTC.
      type: str
      returned: always
      sample: "2026-12-31T08:00:00Z"
    ended:
      description: When the run ended, in UTC.
      type: str
      returned: always
      sample: "2026-12-31T08:00:09Z"
    complete:
      description: Whether all steps that the APIs support are done.
      type: bool
      returned: always
      sample: true
    failed:
      description: What failed.
      type: list
      elements: str
      returned: always
      sample: []
    manual:
      description: What must be done in the provider's administration.
      type: list
      elements: str
      returned: always
      sample: []
    notes:
      description: Notes, for example that the person is still active in the feed.
      type: list
      elements: str
      returned: always
      sample: []
    accounts:
      description: The accounts that were found.
      type: list
      elements: dict
      returned: always
      sample: [{connection: ol, provider: onelogin, id: "100001", user: ada.lovelace}]
    steps:
      description:
        - One entry for each step of each account, with C(connection), C(provider), C(account), C(id), C(step), C(how),
          C(outcome), C(detail), C(request_id) and C(time).
        - The outcome is V(done), V(already), V(failed) or V(manual).
      type: list
      elements: dict
      returned: always
      sample: []
    earlier:
      description: The steps of earlier runs, from their evidence.
      type: list
      elements: dict
      returned: always
      sample: []
text:
  description: The evidence as a text.
  type: str
  returned: when the input is right
html:
  description: The evidence as a self-contained HTML page.
  type: str
  returned: when the input is right
files:
  description: The files that were written, by form. Empty without O(dest) and in check mode.
  type: dict
  returned: when the input is right
  sample: {json: /srv/offboard/E1042.json, text: /srv/offboard/E1042.txt, html: /srv/offboard/E1042.html}
links:
  description: The content of the links file after the run. Empty if there is none.
  type: str
  returned: when the input is right
warning_details:
  description: The same warnings as in C(warnings), in the same order, each with C(code), C(message) and, if it is about
    one user or person, C(user).
  type: list
  elements: dict
  returned: if there are warnings
  sample:
    - code: kept_by_server
      message: "ol: ada keeps the role VPN: a mapping or provisioning in OneLogin grants it. Change it there; until
        then every run retries and reports no change."
      user: ada
code:
  description: The code of the failure. If there are several, V(invalid_input) for the input, else V(partial_failure).
  type: str
  returned: on failure
  sample: user_not_found
errors:
  description: Everything that is wrong with the input, or that failed, each with C(code), C(message) and, if known,
    C(option).
  type: list
  elements: dict
  returned: on failure
  sample: [{code: user_not_found, message: "offboard_person: no person has the ID E1.", option: offboard_person}]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.job_options import FEED, SHARED

SPEC = {
    **SHARED,
    **FEED,
    "person": {"type": "str", "required": True},
    "level": {"type": "str", "choices": ["disable", "delete"], "default": "disable"},
    "delete_after": {"type": "str", "default": "30d"},
    "left_on": {"type": "str", "default": ""},
    "previous_emails": {"type": "raw", "default": []},
    "ids": {"type": "raw", "default": {}},
    "none_found": {"type": "str", "choices": ["fail", "ok"], "default": "fail"},
    "sessions": {"type": "str", "choices": ["unproven", "always"], "default": "unproven"},
    "proof_wait": {"type": "int", "default": 5},
    "dest": {"type": "path"},
    "earlier": {"type": "raw", "default": {}},
}


def main() -> None:
    """Refuse to run on a target: the action of the same name does the work on the controller."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    module.fail_json(
        msg="identity_offboard runs on the controller, by its action plugin. "
        "Call it as rollcall.identity.identity_offboard."
    )


if __name__ == "__main__":
    main()
