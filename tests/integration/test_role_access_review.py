# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role access_review as Ansible runs it: opened with hostile data, shown and delivered, decided by a file,
and closed."""

from __future__ import annotations

import functools
import json

from playbooks import Playbooks, include_role
from scenarios import assert_silent, secrets_of

from simulator.harness import Simulator

HOSTILE = "{{ lookup('ansible.builtin.pipe', 'touch pwned') }}"
role = functools.partial(include_role, "access_review")


def test_a_review_is_opened_delivered_decided_and_closed(simulator: Simulator, playbooks: Playbooks) -> None:
    simulator.reset(seed_users=2)
    simulator.put_users(
        [{"username": "ada", "email": "ada@acme.com", "firstname": HOSTILE, "lastname": "Bee", "roles": ["Snowflake"]}],
        "onelogin",
    )
    text = "{{ identity_delivery.kind }} {{ identity_delivery.name }} {{ identity_delivery.content | length }}"
    deliver = [{"name": "Delivered", "ansible.builtin.debug": {"msg": text}}]
    (playbooks.folder / "deliver.yml").write_text(json.dumps(deliver), encoding="utf-8")
    variables = {
        "identity_connections": {"ol": {"provider": "onelogin"}}, "identity_as_of": "2026-06-15",
        "access_review_dest": "../q2", "access_review_id": "q2",
        "access_review_by": "manager", "access_review_deliver": "../deliver.yml",
        "identity_people": [
            {"id": "E1", "name": "Ada Bee", "email": "ada@acme.com", "manager": "E2"},
            {"id": "E2", "name": "Grace Hopper", "email": "grace@acme.com"},
        ],
    }  # fmt: skip
    run = playbooks.run([role("check", check_mode=True), role("open"), role("again")], variables=variables)
    assert run.code == 0, run
    assert [item for item in simulator.writes() if item["provider"] == "onelogin"] == []
    opened = [outcome.result["changed"] for outcome in run.outcomes if outcome.name == "Open or close the review"]
    assert opened == [True, True, False]
    assert [outcome.result["msg"] for outcome in run.outcomes if outcome.name == "Delivered"] == [
        "access_review_open access-review-q2 5"
    ] * 3
    result = run["Keep the result"].result["ansible_facts"]["access_review_result"]
    folder = playbooks.folder / "q2"
    assert sorted(path.name for path in folder.iterdir()) == [
        "manifest.json", "review-e2.html", "review.csv", "review.html", "review.json",
    ]
    document = json.loads((folder / "review.json").read_text(encoding="utf-8"))
    rows = document["rows"]
    assert {row["reviewer"] for row in rows if row["person"] == "E1"} == {"E2"}
    secrets = secrets_of(simulator)
    assert_silent(run, secrets)
    assert not [secret for secret in secrets for path in folder.iterdir() if secret in path.read_text(encoding="utf-8")]

    (folder / "decisions").mkdir()
    decisions = {
        "schema": 1, "kind": "access_review_decisions", "review": "q2", "rows_digest": document["rows_digest"],
        "reviewer": {"id": "E2", "name": "Grace Hopper"}, "saved": "2026-06-16T08:00:00Z",
        "decisions": [
            {
                "row": row["id"], "verdict": "revoke" if row["grant_name"] == "Snowflake" else "keep",
                "reason": "as discussed",
                "connection": row["connection"], "account_id": row["account_id"], "grant_name": row["grant_name"],
                "time": "2026-06-16T08:00:00Z",
            }
            for row in rows if row["person"] == "E1"
        ],
    }  # fmt: skip
    (folder / "decisions" / "e2.json").write_text(json.dumps(decisions), encoding="utf-8")
    closing = {
        **variables, "access_review_state": "close", "access_review_undecided": "keep",
        "access_review_digest": result["manifest_digest"],
        "access_review_max_age": "",
    }  # fmt: skip
    mark = simulator.last
    run = playbooks.run([role("close", vars={"access_review_loss_limit": "5"}), role("again")], variables=closing)
    assert run.code == 0, run
    sent = [item["operation"] for item in simulator.writes(since=mark) if item["provider"] == "onelogin"]
    assert [name for name in sent if name != "generate_token"] == ["remove_user_role"]
    assert [outcome.result["changed"] for outcome in run.outcomes if outcome.name == "Open or close the review"] == [
        True,
        False,
    ]
    assert (folder / "closed.json").exists()
    assert not list(playbooks.folder.rglob("pwned"))
