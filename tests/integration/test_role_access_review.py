# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role access_review as Ansible runs it: opened with hostile data, shown and delivered, decided by a file,
and closed."""

from __future__ import annotations

import functools
import json
import pathlib
from typing import Any

from playbooks import Playbooks, Run, include_role
from reviews import Row, decisions_about
from scenarios import assert_silent, secrets_of

from simulator.harness import Simulator

HOSTILE = "{{ lookup('ansible.builtin.pipe', 'touch pwned') }}"
role = functools.partial(include_role, "access_review")


DELIVERED = "{{ identity_delivery.kind }} {{ identity_delivery.name }} {{ identity_delivery.content | length }}"
VARIABLES: dict[str, Any] = {
    "identity_connections": {"ol": {"provider": "onelogin"}}, "identity_as_of": "2026-06-15",
    "access_review_dest": "../q2", "access_review_id": "q2",
    "access_review_by": "manager", "access_review_deliver": "../deliver.yml",
    "identity_people": [
        {"id": "E1", "name": "Ada Bee", "email": "ada@acme.com", "manager": "E2"},
        {"id": "E2", "name": "Grace Hopper", "email": "grace@acme.com"},
    ],
}  # fmt: skip


def put_hostile_ada(simulator: Simulator) -> None:
    """Put a user whose name is a template, and who has a role."""
    ada = {"username": "ada", "email": "ada@acme.com", "firstname": HOSTILE, "lastname": "Bee", "roles": ["Snowflake"]}
    simulator.reset(seed_users=2)
    simulator.put_users([ada], "onelogin")


def changed(run: Run) -> list[bool]:
    """Return whether each run of the role changed something."""
    return [outcome.result["changed"] for outcome in run.outcomes if outcome.name == "Open or close the review"]


def test_a_review_is_opened_delivered_decided_and_closed(simulator: Simulator, playbooks: Playbooks) -> None:
    put_hostile_ada(simulator)
    deliver = [{"name": "Delivered", "ansible.builtin.debug": {"msg": DELIVERED}}]
    (playbooks.folder / "deliver.yml").write_text(json.dumps(deliver), encoding="utf-8")
    folder = playbooks.folder / "q2"

    opened = playbooks.run([role("check", check_mode=True), role("open"), role("again")], variables=VARIABLES)
    assert changed(opened) == [True, True, False]
    assert [item for item in simulator.writes() if item["provider"] == "onelogin"] == []
    delivered = [outcome.result["msg"] for outcome in opened.outcomes if outcome.name == "Delivered"]
    assert delivered == ["access_review_open access-review-q2 5"] * 3
    assert_files_for_managers(folder)
    assert_silent(opened, secrets_of(simulator))

    decide(folder)
    digest = opened["Keep the result"].result["ansible_facts"]["access_review_result"]["manifest_digest"]
    closing = {
        "access_review_state": "close", "access_review_undecided": "keep", "access_review_digest": digest,
        "access_review_max_age": "36500d",
    }  # fmt: skip
    mark = simulator.last
    close = role("close", vars={"access_review_loss_limit": "5"})
    closed = playbooks.run([close, role("again")], variables={**VARIABLES, **closing})
    assert changed(closed) == [True, False]
    sent = [item["operation"] for item in simulator.writes(since=mark) if item["provider"] == "onelogin"]
    assert [name for name in sent if name != "generate_token"] == ["remove_user_role"]
    assert (folder / "closed.json").exists()
    assert_no_secret_in(folder, secrets_of(simulator))
    assert not list(playbooks.folder.rglob("pwned"))


def assert_files_for_managers(folder: pathlib.Path) -> None:
    """Each manager has a page, and the rows of Ada are for hers."""
    assert sorted(path.name for path in folder.iterdir()) == [
        "manifest.json", "review-e2.html", "review.csv", "review.html", "review.json",
    ]
    document = json.loads((folder / "review.json").read_text(encoding="utf-8"))
    assert {row["reviewer"] for row in document["rows"] if row["person"] == "E1"} == {"E2"}


def decide(folder: pathlib.Path) -> None:
    """Save the decisions of Ada's manager: one role is revoked."""
    document = json.loads((folder / "review.json").read_text(encoding="utf-8"))

    def choose(row: Row) -> str:
        if row["person"] != "E1":
            return ""
        return "revoke" if row["grant_name"] == "Snowflake" else "keep"

    content = decisions_about(document, choose, "E2")
    (folder / "decisions").mkdir()
    (folder / "decisions" / "e2.json").write_text(json.dumps(content), encoding="utf-8")


def assert_no_secret_in(folder: pathlib.Path, secrets: tuple[str, ...]) -> None:
    """No file of the review holds a secret."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()}
    assert [(name, secret) for name, text in texts.items() for secret in secrets if secret in text] == []
