#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: identity_token_rotation
short_description: Replace API tokens before they expire, one step of a rotation at a time
version_added: 1.0.0
description:
  - Creates a new token when one is due, tests it after the delivery, and revokes the older tokens in a later run.
  - The delivery is your own task between two steps, so a rotation consists of several tasks. Most playbooks use the
    role P(rollcall.identity.token_rotation#role), which runs them in order, with your delivery between them.
  - Supports Kestra EE. For the tokens of the other providers, O(step=check) says what to do instead.
author:
  - The rollcall.identity authors (@rollcall-identity)
options:
  step:
    description: Which step of the rotation to run.
    type: str
    required: true
    choices:
      check: Reports all problems of the options, without an API call. The later steps rely on it. The task fails if the
        play has several hosts, or if C(--skip-tags) may leave out tasks of a delivery.
      plan: Does the same checks, reads the tokens, and returns RV(plan). It fails if two entries are the same token.
        Writes nothing.
      make: Creates the token of O(planned). The result contains it as RV(secret), and the task never displays it. With
        C(dest), the task also writes the token to the file, and returns the previous content of the file. The file has
        the mode 0600. If it existed, it keeps its user and group, if the process may set them.
      prove: Sends a read request with the token of O(made), and once more after O(wait) if it is refused. If O(broken)
        says that the delivery failed, or the token is refused again, the task revokes the token and restores the file.
      finish: Revokes the older tokens of O(plan) that are no longer used, and returns the outcome of each entry as
        RV(tokens). The task reads the last use of each again before it revokes them.
  connections:
    description:
      - Maps a name to a connection, as in O(rollcall.identity.identity_access#module:connections).
      - A connection with its own credentials ignores those of the environment and of C(module_defaults).
    type: dict
    required: true
  tokens:
    description: The tokens, with O(step=check) and O(step=plan). See C(token_rotation_tokens) of the role
      P(rollcall.identity.token_rotation#role).
    type: raw
    default: []
  deliver:
    description: A task file that delivers new tokens, for entries that have neither C(deliver) nor C(dest).
    type: str
    default: ""
  dest:
    description:
      - The folder from which a relative C(dest) starts. It is relative to the folder in which ansible-playbook was
        started.
      - Without O(deliver), tokens of entries that have neither C(deliver) nor C(dest) are written to files in this
        folder.
    type: str
    default: ""
  overlap:
    description: How long an older token is kept after the new one was created, for entries without their own
      C(overlap).
    type: str
    default: 1d
  as_of:
    description: The day that dates are compared with in the other jobs, such as V(2026-12-31). This task checks only
      its format, because the age of a token is computed with the server's clock.
    type: raw
  planned:
    description: One entry of RV(plan), unchanged. Required with O(step=make) and O(step=prove).
    type: dict
  made:
    description: The registered result of O(step=make), unchanged. Required with O(step=prove).
    type: dict
  broken:
    description: The name of the task of the delivery that failed, with O(step=prove). Empty if it succeeded.
    type: str
    default: ""
  wait:
    description: Seconds to wait before a token that was refused is tested once more, with O(step=prove).
    type: int
    default: 5
  plan:
    description: RV(plan), unchanged. Required with O(step=finish).
    type: list
    elements: dict
  outcomes:
    description: RV(outcome) of each O(step=prove), with O(step=finish).
    type: list
    elements: dict
    default: []
attributes:
  action:
    description: Is an action plugin.
    support: full
  check_mode:
    description: Can run in check mode and report what it would do.
    support: full
    details: O(step=make) and O(step=prove) do nothing in check mode. RV(tokens) says what would be created and revoked.
  diff_mode:
    description: Returns details on what changes.
    support: none
seealso:
  - module: rollcall.identity.kestra_api_token
  - module: rollcall.identity.kestra_api_token_info
"""

EXAMPLES = r"""
- name: Plan the rotation of one token
  rollcall.identity.identity_token_rotation:
    step: plan
    connections: "{{ identity_connections }}"
    tokens:
      - connection: kes
        service_account: ci-deploy
        name: pipeline
        rotate_after: 30d
        deliver: to_vault.yml
  register: planned

- name: Create the token if it is due
  rollcall.identity.identity_token_rotation:
    step: make
    connections: "{{ identity_connections }}"
    planned: "{{ planned.plan[0] }}"
  register: made
  when: planned.plan[0].action == 'make'

- name: Deliver the new token
  when: made.secret | default('') | length > 0
  block:
    - name: Run the task file that stores the token
      ansible.builtin.include_tasks:
        file: "{{ planned.plan[0].deliver }}"
        apply:
          no_log: true
      vars:
        identity_delivery:
          token: "{{ made.secret }}"
  rescue:
    - name: Remember which task failed
      ansible.builtin.set_fact:
        failed_delivery: "{{ ansible_failed_task.name }}"

- name: Test the token, and revoke it if it was not delivered or does not work
  rollcall.identity.identity_token_rotation:
    step: prove
    connections: "{{ identity_connections }}"
    planned: "{{ planned.plan[0] }}"
    made: "{{ made }}"
    broken: "{{ failed_delivery | default('') }}"
  register: proved
  when: made is not skipped

- name: Revoke older tokens
  rollcall.identity.identity_token_rotation:
    step: finish
    connections: "{{ identity_connections }}"
    plan: "{{ planned.plan }}"
    outcomes: "{{ [] if proved is skipped else [proved.outcome] }}"
  register: finished

- name: Fail if the token could not be rotated or checked
  ansible.builtin.assert:
    that: finished.tokens[0].outcome != 'failed'
    fail_msg: "{{ finished.tokens[0].detail }}"
"""

RETURN = r"""
task_files:
  description: The absolute paths of the task files that deliver tokens.
  type: list
  elements: str
  returned: with O(step=check)
  sample: [/srv/playbooks/to_vault.yml]
plan:
  description: What happens to each token, in the order of O(tokens). It never contains a token.
  type: list
  elements: dict
  returned: with O(step=plan)
  contains:
    number:
      description: Position in O(tokens), from 0.
      type: int
      returned: always
      sample: 0
    key:
      description: Connection, owner and name, for labels.
      type: str
      returned: always
      sample: "kes: service_account ci-deploy: pipeline"
    connection:
      description: Name of the connection.
      type: str
      returned: always
      sample: kes
    owner:
      description: The owner of the token.
      type: str
      returned: always
      sample: ci-deploy
    name:
      description: Name of the token.
      type: str
      returned: always
      sample: pipeline
    action:
      description: V(make) creates a token, V(revoke) revokes older ones, V(keep) changes nothing, and V(fail) reports a
        problem.
      type: str
      returned: always
      sample: make
    detail:
      description: Why.
      type: str
      returned: always
      sample: it is older than rotate_after
    token_id:
      description: ID of the current token. V(null) if there is none.
      type: str
      returned: always
      sample: U0nPyt1BB8gt3aIiMBSzhw
    revoke:
      description: IDs of older tokens that O(step=finish) revokes.
      type: list
      elements: str
      returned: always
      sample: []
    busy:
      description: IDs of older tokens that are kept because they were used more recently than the current one.
      type: list
      elements: str
      returned: always
      sample: []
    deliver:
      description: The task file that delivers the token. Empty if there is none.
      type: str
      returned: always
      sample: /srv/playbooks/to_vault.yml
    dest:
      description: The file for the token. Empty if there is none.
      type: str
      returned: always
      sample: ""
token_id:
  description: ID of the new token. Empty if none was created.
  type: str
  returned: with O(step=make)
  sample: 6xP2m0vTqzjW1iYc9aLr3k
secret:
  description: The new token. The task never displays it.
  type: str
  returned: with O(step=make)
error:
  description: Why there is no new token to deliver. Empty if there is one.
  type: str
  returned: with O(step=make)
  sample: ""
file:
  description: The previous content of C(dest), for O(step=prove). V(null) without C(dest). The task never displays it.
  type: dict
  returned: with O(step=make)
outcome:
  description: The outcome of one token, with C(number), C(outcome), C(detail) and C(token_id), for O(outcomes).
  type: dict
  returned: with O(step=prove)
  sample:
    number: 0
    outcome: made
    token_id: 6xP2m0vTqzjW1iYc9aLr3k
    detail: it is older than rotate_after; a later run revokes the older tokens
tokens:
  description: The outcome of each token. It never contains a token.
  type: list
  elements: dict
  returned: with O(step=finish)
  contains:
    connection:
      description: Name of the connection.
      type: str
      returned: always
      sample: kes
    owner:
      description: The owner of the token.
      type: str
      returned: always
      sample: ci-deploy
    name:
      description: Name of the token.
      type: str
      returned: always
      sample: pipeline
    outcome:
      description: V(made), V(kept), V(revoked) or V(failed).
      type: str
      returned: always
      sample: made
    token_id:
      description: ID of the current token. V(null) if there is none.
      type: str
      returned: always
      sample: 6xP2m0vTqzjW1iYc9aLr3k
    detail:
      description: Why, or what was revoked.
      type: str
      returned: always
      sample: it is older than rotate_after; a later run revokes the older tokens
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
  sample: [{code: missing_option, message: "plan is missing: step=finish requires it.", option: plan}]
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rollcall.identity.plugins.module_utils._core.run.job_options import Spec

SPEC: Spec = {
    "step": {"type": "str", "required": True, "choices": ["check", "plan", "make", "prove", "finish"]},
    "connections": {"type": "dict", "required": True},
    "tokens": {"type": "raw", "default": [], "no_log": False},
    "deliver": {"type": "str", "default": ""},
    "dest": {"type": "str", "default": ""},
    "overlap": {"type": "str", "default": "1d"},
    "as_of": {"type": "raw"},
    "planned": {"type": "dict"},
    "made": {"type": "dict", "no_log": True},
    "broken": {"type": "str", "default": ""},
    "wait": {"type": "int", "default": 5},
    "plan": {"type": "list", "elements": "dict"},
    "outcomes": {"type": "list", "elements": "dict", "default": []},
}


def main() -> None:
    """Refuse to run on a target: the action of the same name does the work on the controller."""
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    module.fail_json(
        msg="identity_token_rotation runs on the controller, by its action plugin. "
        "Call it as rollcall.identity.identity_token_rotation."
    )


if __name__ == "__main__":
    main()
