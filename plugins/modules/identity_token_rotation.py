#!/usr/bin/python
# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: identity_token_rotation
short_description: Replace API tokens in time, one step of a rotation at a time
version_added: 0.1.0
description:
  - Makes a new token when one is due, proves that it works after it was delivered, and revokes older ones in a later
    run.
  - The delivery is a task of yours between two steps, so a rotation is several tasks. The role
    P(rollcall.identity.token_rotation#role) has them in order, with your delivery between them, and is what most
    playbooks use.
  - It serves Kestra EE. For the tokens of the other providers, O(step=check) says what to do instead.
author:
  - The rollcall.identity authors (@rollcall-identity)
options:
  step:
    description: Which step of the rotation to run.
    type: str
    required: true
    choices:
      check: Reports everything that is wrong with O(tokens), O(connections) and the rest, without an API call. The
        later steps rely on it.
      plan: Checks the same, then asks what each token needs and returns RV(plan). Nothing is written.
      make: Makes the token of O(planned). The result holds it as RV(secret), and is never displayed. With C(dest) the
        token is in its file as well, whose former content the result keeps.
      prove: Reads with the token of O(made), once more after O(wait) if it is refused. If O(broken) says that the
        delivery failed, or the token stays refused, the token is revoked and the file gets its former content again.
      finish: Revokes the older tokens of O(plan) that nobody uses any more, and returns the outcome of each entry as
        RV(tokens).
  connections:
    description:
      - Name -> connection, as in O(rollcall.identity.identity_access#module:connections).
      - If a connection has credentials of its own, those of the environment and of C(module_defaults) are ignored for
        it.
    type: dict
    required: true
  tokens:
    description: The tokens, with O(step=check) and O(step=plan). See C(token_rotation_tokens) of the role
      P(rollcall.identity.token_rotation#role).
    type: raw
    default: []
  deliver:
    description: A task file that takes new tokens, for entries that have neither C(deliver) nor C(dest).
    type: str
    default: ""
  dest:
    description:
      - The folder of relative C(dest). Relative paths start where ansible-playbook was started.
      - If there is no O(deliver), tokens of entries that have neither C(deliver) nor C(dest) are written to files in
        it.
    type: str
    default: ""
  overlap:
    description: How long an older token stays after the new one was made, for entries that do not specify it.
    type: str
    default: 1d
  as_of:
    description: The day that is taken for today, such as V(2026-12-31). It has no effect beyond its form, because
      tokens go by the server's clock.
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
    description: Seconds to wait before a token that was refused is tried once more, with O(step=prove).
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
    details: O(step=make) and O(step=prove) do nothing in check mode. RV(tokens) says what would be made and revoked.
  diff_mode:
    description: Returns details on what changes.
    support: none
seealso:
  - module: rollcall.identity.kestra_api_token
  - module: rollcall.identity.kestra_api_token_info
"""

EXAMPLES = r"""
- name: Plan
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

- name: Make the first token that is due
  rollcall.identity.identity_token_rotation:
    step: make
    connections: "{{ identity_connections }}"
    planned: "{{ planned.plan | selectattr('action', 'eq', 'make') | first }}"
  register: made

- name: Try it, after it was delivered
  rollcall.identity.identity_token_rotation:
    step: prove
    connections: "{{ identity_connections }}"
    planned: "{{ planned.plan | selectattr('action', 'eq', 'make') | first }}"
    made: "{{ made }}"
  register: proved

- name: Revoke older tokens
  rollcall.identity.identity_token_rotation:
    step: finish
    connections: "{{ identity_connections }}"
    plan: "{{ planned.plan }}"
    outcomes: ["{{ proved.outcome }}"]
"""

RETURN = r"""
task_files:
  description: The task files that take tokens, with their absolute paths.
  type: list
  elements: str
  returned: with O(step=check)
  sample: [/srv/playbooks/to_vault.yml]
plan:
  description: What happens to each token, in the order of O(tokens). It never holds a token.
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
      description: Whose the token is.
      type: str
      returned: always
      sample: ci-deploy
    name:
      description: Name of the token.
      type: str
      returned: always
      sample: pipeline
    action:
      description: V(make) a token, V(revoke) older ones, V(keep) all as it is, or V(fail) because something is wrong.
      type: str
      returned: always
      sample: make
    detail:
      description: Why.
      type: str
      returned: always
      sample: it is older than rotate_after
    token_id:
      description: ID of the token that is current, V(null) if none is.
      type: str
      returned: always
      sample: U0nPyt1BB8gt3aIiMBSzhw
    revoke:
      description: IDs of older tokens that O(step=finish) revokes.
      type: list
      elements: str
      returned: always
      sample: []
    deliver:
      description: The task file that takes the token. Empty if there is none.
      type: str
      returned: always
      sample: /srv/playbooks/to_vault.yml
    dest:
      description: The file for the token. Empty if there is none.
      type: str
      returned: always
      sample: ""
token_id:
  description: ID of the new token. Empty if none was made.
  type: str
  returned: with O(step=make)
  sample: 6xP2m0vTqzjW1iYc9aLr3k
secret:
  description: The new token. Never displayed.
  type: str
  returned: with O(step=make)
error:
  description: Why no token was made. Empty if one was.
  type: str
  returned: with O(step=make)
  sample: ""
file:
  description: What C(dest) held before, for O(step=prove). V(null) without C(dest). Never displayed.
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
    detail: it is older than rotate_after; older ones are revoked by a later run
tokens:
  description: The outcome of each token. It never holds a token.
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
      description: Whose the token is.
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
      description: ID of the token that is current, V(null) if none is.
      type: str
      returned: always
      sample: 6xP2m0vTqzjW1iYc9aLr3k
    detail:
      description: Why, or what was revoked.
      type: str
      returned: always
      sample: it is older than rotate_after; older ones are revoked by a later run
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
