# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access job over several connections: two to one directory, and one that cannot be read."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from jobs import PROVIDERS, UNREADABLE, Access, changes, findings, ok, person

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import RateLimited
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.limiter import Limiter
from simulator.harness import Simulator

pytestmark = pytest.mark.in_process(users=5)


MORE = {"client_id": "sim-manage-users-id", "client_secret": "sim-manage-users-secret"}
"""Other credentials of the same account of OneLogin."""


def test_two_pairs_of_credentials_of_one_account_are_one_directory(
    simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    first: dict[str, Any] = {"provider": "onelogin", "user_key": "email"}
    pairs = {"ol": first, "more": {**first, "credentials": MORE}}
    entitlements = {"mail": {"grants": {"ol": {}}}, "data": {"grants": {"more": {"roles": ["Snowflake"]}}}}
    access = Access(simulator, tmp_path, pairs, entitlements)
    joined = ok(access([person(1, "mail", "data")]))
    assert changes(joined) == [("E1", "ol", "create")]
    assert joined["report"]["connections"]["more"]["shared_with"] == "ol"
    assert [operation for _provider, operation in access.sent].count("create_user") == 1
    assert set(access.links()) == {("E1", "ol"), ("E1", "more")}
    assert ok(access([person(1, "mail", "data")]))["changed"] is False
    access.connections = {**pairs, "more": {**pairs["more"], "user_key": "username"}}
    mark = simulator.last
    assert "leads to the same directory as ol, with another user_key" in access([person(1, "mail", "data")])["msg"]
    assert {request["operation"] for request in simulator.requests(since=mark)} == {"generate_token"}
    access.connections = {**pairs, "more": {**pairs["more"], "credentials": {**MORE, "client_secret": "canary"}}}
    failed = access([person(1, "mail", "data")])
    assert "more: Could not log in" in failed["msg"]
    assert "canary" not in str(failed)


def test_two_tenants_of_one_kestra_are_one_directory(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    tenants = {"kes": {"provider": "kestra", "tenant": "main"}, "eu": {"provider": "kestra", "tenant": "acme-eu"}}
    entitlements = {
        "main": {"grants": {"kes": {"groups": ["platform"]}}},
        "eu": {"grants": {"eu": {"groups": [{"tenant": "acme-eu", "name": "sales"}]}}},
    }
    access = Access(simulator, tmp_path, tenants, entitlements)
    joined = ok(access([person(1, "main", "eu"), person(2, "eu")]))
    assert sorted(changes(joined)) == [("E1", "kes", "create"), ("E2", "kes", "create")]
    assert joined["report"]["connections"]["eu"]["shared_with"] == "kes"
    assert set(access.links()) == {(who, name) for who in ("E1", "E2") for name in tenants}
    assert ok(access([person(1, "main", "eu"), person(2, "eu")]))["changed"] is False
    mover = ok(access([person(1, "eu"), person(2, "main")]))
    assert {
        (change["person"], *change["granted"].get("groups", ()), *change["taken"].get("groups", ()))
        for change in mover["report"]["changes"]
    } == {
        ("E1", "main/platform"),
        ("E2", "main/platform", "acme-eu/sales"),
    }
    assert findings(mover) == []
    ok(access([person(1, "eu", status="left"), person(2, "main", status="leave")]))
    back = ok(access([person(1, "eu", status="left"), person(2, "main")]))
    assert ("E2", "kes") in {change[:2] for change in changes(back)}
    assert not any(code == "held_back" for code, _who in findings(back))
    assert ok(access([person(1, "eu", status="left"), person(2, "main")]))["changed"] is False


def three(simulator: Simulator, folder: pathlib.Path) -> Access:
    """Return the job over three providers, where one failed request is one failure."""
    return Access(
        simulator, folder, {name: {"provider": PROVIDERS[name], "api_retries": 0} for name in ("ol", "kes", "co")}
    )


def test_what_fails_half_way_is_named_and_what_was_done_is_remembered(
    simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    access = three(simulator, tmp_path)
    people = [person(number, "base") for number in (1, 2, 3)]
    simulator.faults(
        [
            {
                "provider": "contabo",
                "operation": "create_user",
                "nth": 2,
                "count": 0,
                "status": 403,
                "body": {"message": "no"},
            }
        ]
    )
    result = access(people)
    report = result["report"]
    assert report["outcome"] == "partly"
    assert result["failed"] is True
    assert "co: " in result["msg"]
    failed = {change["person"] for change in report["changes"] if change["error"]}
    assert len(failed) == 2
    for who in failed:
        assert f"Given{who[1:]} Family{who[1:]}" in result["msg"], "all failures are named, not the first alone"
    assert all(not change["done"] for change in report["changes"] if change["error"])
    assert set(access.links()) == {(one["id"], name) for one in people for name in access.connections} - {
        (who, "co") for who in failed
    }
    for name in ("report.json", "report.txt", "report.html"):
        assert sorted(failed)[0] in (tmp_path / name).read_text(encoding="utf-8")
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["failed"]
    simulator.clear_faults()
    again = ok(access(people))
    assert sorted(changes(again)) == sorted((who, "co", "create") for who in failed)


def test_a_directory_that_cannot_be_read_stops_all_or_is_left_out(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    access = three(simulator, tmp_path)
    simulator.faults(UNREADABLE)
    stopped = access([person(1, "base")])
    assert (access.sent, stopped["report"]["outcome"]) == ([], "refused")
    assert not access.file.exists()
    assert "because reading or planning failed for this connection: co. Correct the" in stopped["msg"]
    assert 'To write the remaining connections only, set access_on_error to "continue".' in stopped["msg"]
    assert [entry["code"] for entry in stopped["errors"]] == ["connection_failed", "not_permitted"]
    assert stopped["report"]["errors"] == stopped["errors"]
    assert stopped["code"] == "connection_failed"
    only = access([person(1, "base")], only=["co"])
    assert (only["code"], "continue" in only["msg"]) == ("connection_failed", False), "no connection remains"
    partly = access([person(1, "base")], on_error="continue")
    assert partly["report"]["outcome"] == "partly"
    assert set(access.links()) == {("E1", "ol"), ("E1", "kes")}
    assert partly["changed"] is True


@pytest.mark.parametrize("operation", ["list_users", "create_user"])
def test_no_text_shows_a_secret_of_another_connection(
    simulator: Simulator, tmp_path: pathlib.Path, operation: str
) -> None:
    """A gateway in front of several providers may repeat what another one was sent."""
    access = three(simulator, tmp_path)
    secrets = [simulator.env[name] for name in ("ONELOGIN_CLIENT_SECRET", "KESTRA_API_TOKEN", "CONTABO_API_PASSWORD")]
    body = {"message": f"wrong {' '.join(secrets)}"}
    simulator.faults(
        [{"provider": "onelogin", "operation": operation, "count": 0, "status": 422, "body": body}]
    )
    result = access([person(1, "base")], on_error="continue")
    texts = [json.dumps(result), *(path.read_text(encoding="utf-8") for path in tmp_path.glob("report*"))]
    assert len(texts) == 4
    assert all("wrong ******** ******** ********" in text for text in texts)
    assert [secret for secret in secrets for text in texts if secret in text] == []


def test_what_was_never_begun_is_not_done(
    simulator: Simulator, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = three(simulator, tmp_path)

    def refuse(self: Limiter, calls: int) -> None:
        raise RateLimited("The budget of today is used up.", "Run it again tomorrow.")

    monkeypatch.setattr(Limiter, "afford", refuse)
    result = access([person(1, "base")])
    assert access.sent == []
    assert result["changed"] is False
    assert result["report"]["totals"]["created"] == 0
    assert [(change["done"], change["code"]) for change in result["report"]["changes"]] == [(False, "rate_limited")] * 3
    assert all(change["error"] for change in result["report"]["changes"])
    assert access.links() == {}


def test_a_second_tenant_knows_the_accounts_of_the_first(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    kestra = {"provider": "kestra", "tenant": "main"}
    entitlements = {
        "main": {"grants": {"kes": {"groups": ["platform"]}}},
        "eu": {"grants": {"eu": {"groups": [{"tenant": "acme-eu", "name": "sales"}]}}},
    }
    access = Access(simulator, tmp_path, {"kes": kestra}, entitlements)
    ok(access([person(1, "main")]))
    access.connections = {"kes": kestra, "eu": {"provider": "kestra", "tenant": "acme-eu"}}
    renamed = ok(access([person(1, "main", "eu", name="Other Name", email="new1@acme.com")]))
    assert changes(renamed) == [("E1", "kes", "rename")]
    assert findings(renamed) == []
    assert set(access.links()) == {("E1", "kes"), ("E1", "eu")}


def test_ten_connections_to_one_directory_are_one(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    names = [f"ol{number}" for number in range(10)]
    own = {"client_id": simulator.env["ONELOGIN_CLIENT_ID"], "client_secret": simulator.env["ONELOGIN_CLIENT_SECRET"]}
    access = Access(simulator, tmp_path, {name: {"provider": "onelogin", "credentials": own} for name in names})
    access.entitlements = {"all": {"grants": {name: {} for name in names}}}
    people = [person(1, "all"), person(2, "all")]
    joined = ok(access(people))
    assert sorted(changes(joined)) == [("E1", "ol0", "create"), ("E2", "ol0", "create")]
    assert [part["shared_with"] for name, part in joined["report"]["connections"].items() if name != "ol0"] == [
        "ol0"
    ] * 9
    assert len(access.links()) == 20
    mark = simulator.last
    assert ok(access(people))["changed"] is False
    assert sum(request["operation"] == "list_users" for request in simulator.requests(since=mark)) == 1


def test_connections_to_one_directory_protect_and_limit_together(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    tenants: dict[str, dict[str, Any]] = {
        "kes": {"provider": "kestra", "tenant": "main", "loss_limit": "50%"},
        "eu": {"provider": "kestra", "tenant": "acme-eu", "protect": ["e1@*"], "loss_limit": "100%"},
    }
    entitlements = {"main": {"grants": {"kes": {"groups": ["platform"]}}}}
    access = Access(simulator, tmp_path, tenants, entitlements)
    ok(access([person(number, "main") for number in (1, 2)]))
    leavers = [person(number, "main", status="left") for number in (1, 2)]
    planned = access(leavers, "plan")
    assert "e1@acme.com (protected by 'e1@*' in protect) would be disabled" in planned["msg"]
    assert "Remove the pattern from identity_connections.eu.protect, or" in planned["msg"]
    assert [change["code"] for change in planned["report"]["changes"]] == ["protected", ""]
    del tenants["eu"]["protect"]
    tenants["eu"]["loss_limit"] = "1"
    assert "loss_limit" in access(leavers)["msg"]
    assert access.sent == []
