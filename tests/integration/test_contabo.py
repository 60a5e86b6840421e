# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contabo: what its scenarios cannot show: a secret that nobody knows before, a token that ends,
and who is shielded."""

from __future__ import annotations

from typing import Any

import pytest
from playbooks import FRONT_ENDS, Playbooks
from scenarios import assert_silent

from simulator.harness import Simulator

USER, ROTATE, INFO = (f"rollcall.identity.contabo_{noun}" for noun in ("user", "client_secret", "user_info"))


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_a_rotated_secret_is_registered_and_never_shown(
    front_end: str, simulator: Simulator, playbooks: Playbooks
) -> None:
    new = {"client_secret": "{{ rotated.secret }}"}
    tasks: list[dict[str, Any]] = [
        {"name": "unconfirmed", ROTATE: {}, "ignore_errors": True},
        {"name": "async", ROTATE: {"confirm": True}, "async": 60, "poll": 1, "ignore_errors": True},
        {"name": "rotate", ROTATE: {"confirm": True}, "register": "rotated"},
        {"name": "work on", INFO: {"filters": {"owner": True}, **new}},
        {"name": "the old one", INFO: {"filters": {"owner": True}}, "ignore_errors": True},
        {
            "name": "keep",
            "ansible.builtin.copy": {"content": "{{ rotated.secret }}", "dest": "first.txt", "mode": "0600"},
            "no_log": True,
        },
        {"name": "to a file", ROTATE: {"confirm": True, "dest": "second.txt", **new}, "register": "filed"},
        {"name": "filed", "ansible.builtin.debug": {"msg": "{{ filed.keys() | sort }}"}},
    ]
    run = playbooks.run(tasks, front_end)
    assert "confirm" in run["unconfirmed"].message
    assert run["async"].failed
    assert run["unconfirmed"].requests == run["async"].requests == []
    assert len(run["work on"].result["users"]) == 1
    assert "Check client_id and client_secret" in run["the old one"].message
    assert "secret" not in run["filed"].result["msg"]
    secrets = []
    for name in ("first.txt", "second.txt"):
        file = run.folder / name
        secrets.append(file.read_text(encoding="utf-8").strip())
        assert file.stat().st_mode & 0o777 == 0o600
        file.unlink()
    assert len(set(secrets)) == 2
    assert_silent(run, (*secrets, simulator.env["CONTABO_CLIENT_SECRET"], simulator.env["CONTABO_API_PASSWORD"]))


@pytest.mark.parametrize("refresh", [True, False])
def test_a_token_that_ends_within_a_task(refresh: bool, simulator: Simulator, playbooks: Playbooks) -> None:
    # Five minutes pass on the server, not here: to the task the token is good still, and the server says 401.
    simulator.options(contabo={"refresh": refresh})
    simulator.faults(
        [{"provider": "contabo", "operation": name, "advance": 301} for name in ("retrieve_user_list", "create_user")]
    )
    run = playbooks.run([{"name": "create", USER: {"user": "ada@example.com", "roles": ["Snowflake"]}}])
    assert run["create"].result["changed"] is True
    # Nobody has the address yet: the list says so with a 404.
    sent = [(item["operation"], item["status"]) for item in run["create"].requests]
    for name, good in (("retrieve_user_list", 404), ("create_user", 201)):
        assert [status for operation, status in sent if operation == name] == [401, good]
    assert simulator.state("contabo")["tokens"] == (
        {"logins": 1, "refreshes": 2} if refresh else {"logins": 3, "refreshes": 0}
    )


def test_who_is_shielded(simulator: Simulator, playbooks: Playbooks) -> None:
    simulator.put_users([{"email": "second@example.com", "roles": ["Administrator"]}], provider="contabo")
    users = "rollcall.identity.contabo_users"
    run = playbooks.run(
        [
            {"name": "the owner", USER: {"user": "OWNER@example.com", "enabled": False}, "ignore_errors": True},
            {
                "name": "the caller",
                "rollcall.identity.contabo_user_roles": {"user": "svc-awx@example.com", "roles": [], "state": "exact"},
                "ignore_errors": True,
            },
            {
                "name": "an administrator",
                users: {
                    "users": [{"user": "second@example.com", "roles": ["Snowflake"], "roles_state": "exact"}],
                    "unlisted": "report",
                    "min_admins": 3,
                },
                "diff": True,
                "ignore_errors": True,
            },
            {
                "name": "too many mails",
                users: {"users": [{"user": f"u{number}@example.com"} for number in range(4)], "max_mails": 3},
                "ignore_errors": True,
            },
            {
                "name": "another account",
                users: {"users": [{"user": "a@example.com"}], "expected_account": "87654321"},
                "ignore_errors": True,
            },
        ]
    )
    assert "the owner of the account" in run["the owner"].message
    assert "the user of these credentials" in run["the caller"].message
    assert "would leave 2 privileged users" in run["an administrator"].message
    assert "max_mails is 3" in run["too many mails"].message
    assert (
        "expected_account is 87654321, and these credentials belong to account 12345678"
        in run["another account"].message
    )
    assert [outcome.writes for outcome in run.outcomes] == [[]] * 5


@pytest.mark.parametrize("answer", ["ignored", "refused"])
def test_roles_that_do_not_clear(answer: str, simulator: Simulator, playbooks: Playbooks) -> None:
    simulator.options(contabo={"empty_roles": answer})
    simulator.put_users([{"email": "ada@example.com", "roles": ["Snowflake"]}], provider="contabo")
    clear = {"roles": [], "roles_state": "exact"}
    run = playbooks.run(
        [
            {"name": "one", USER: {"user": "ada@example.com", **clear}, "ignore_errors": True},
            {
                "name": "many",
                "rollcall.identity.contabo_users": {"users": [{"user": "ada@example.com", **clear}]},
                "ignore_errors": True,
            },
        ]
    )
    for name in ("one", "many"):
        assert run[name].failed
        assert ("Snowflake is still there" if answer == "ignored" else "may reject an empty list") in run[
            name
        ].message
