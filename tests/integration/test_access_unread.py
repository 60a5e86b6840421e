# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access job with accounts whose grants the provider does not show: only the changes of these people fail."""

from __future__ import annotations

from typing import Any

import pytest
from jobs import Access, changes, ok, person

from simulator.harness import Simulator

pytestmark = pytest.mark.in_process(users=5)


def company(access: Access) -> list[dict[str, Any]]:
    """Create three accounts with links. Return the next feed: E1 loses a role, E2 joins, E3 and E4 leave."""
    access.connections["ol"]["loss_limit"] = "50%"
    ok(access([person(number, "data", "mail") for number in (1, 3, 4)]))
    left = [person(number, "data", status="left") for number in (3, 4)]
    return [person(1, "mail"), person(2, "mail"), *left]


def unlisted(fault: dict[str, Any], path: str = "*") -> list[dict[str, Any]]:
    """Return faults: the list of users leaves out the roles, and so the roles of each user are read, with a fault."""
    return [
        {"provider": "onelogin", "operation": "list_users", "count": 0, "rows_without": ["role_id"]},
        {"provider": "onelogin", "operation": "get_user_roles", "path": path, "count": 0, **fault},
    ]


def roles_of(access: Access, name: str) -> str:
    """Return the path of the roles of a user."""
    return f"*/users/{access.users()[name]['id']}/roles"


@pytest.mark.parametrize(("fault", "code"), [
    ({"status": 500, "body": {"message": "broken"}}, "server_error"),
    ({"status": 404, "body": {"message": "gone"}}, "not_found"),
    ({"status": 200, "body": "nothing"}, "unreadable_answer"),
    ({"truncate": "json"}, "unreadable_answer"),
])  # fmt: skip
def test_a_person_whose_grants_cannot_be_read_keeps_no_leaver_in(
    access: Access, simulator: Simulator, fault: dict[str, Any], code: str
) -> None:
    people, before, linked = company(access), access.users()["e1@acme.com"], access.links()
    simulator.faults(unlisted(fault, roles_of(access, "e1@acme.com")))
    planned, rehearsed = access(people, "plan"), access(people, check=True)
    assert access.sent == []
    applied = access(people, plan_digest=planned["report"]["digest"])
    for run in (planned, rehearsed, applied):
        assert [error["code"] for error in run["errors"]] == [code]
        assert "get_user_roles" in run["msg"] and "The account is unchanged." in run["msg"]
        assert changes(run) == [
            ("E1", "ol", "update"), ("E2", "ol", "create"), ("E3", "ol", "disable"), ("E4", "ol", "disable"),
        ]
        assert [change["code"] for change in run["report"]["changes"]] == [code, "", "", ""]
        assert run["report"]["digest"] == planned["report"]["digest"]
        assert run["report"]["totals"]["failed"] == 1
    assert [run["report"]["outcome"] for run in (planned, rehearsed, applied)] == ["planned", "partly", "partly"]
    assert (access.users()["e1@acme.com"], access.users()["e3@acme.com"]["status"]) == (before, 2)
    assert access.links().items() >= linked.items()
    again = access(people)
    assert (access.sent, again["changed"], [error["code"] for error in again["errors"]]) == ([], False, [code])
    simulator.clear_faults()
    simulator.faults(unlisted({}, "none")[:1])
    assert changes(ok(access(people))) == [("E1", "ol", "update")]
    assert ok(access(people))["changed"] is False


@pytest.mark.parametrize(("everybody", "fault"), [
    (False, {"status": 403, "body": {"message": "no"}}),
    (False, {"drop": "before"}),
    (True, {"status": 500, "body": {"message": "broken"}}),
])  # fmt: skip
def test_an_error_of_the_connection_refuses_it(
    access: Access, simulator: Simulator, everybody: bool, fault: dict[str, Any]
) -> None:
    people = company(access)
    access.connections["ol"].update(api_retries=0)
    simulator.faults(unlisted(fault) if everybody else unlisted(fault, roles_of(access, "e1@acme.com")))
    refused = access(people)
    assert (refused["code"], refused["report"]["outcome"], access.sent) == ("connection_failed", "refused", [])


def test_a_list_that_cannot_be_read_refuses_the_connection(access: Access, simulator: Simulator) -> None:
    people = company(access)
    simulator.faults([{"provider": "onelogin", "operation": "get_role_by_name", "count": 0, "status": 500, "body": {}}])
    refused = access(people)
    assert (refused["code"], refused["report"]["outcome"], access.sent) == ("connection_failed", "refused", [])
