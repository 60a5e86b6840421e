# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server, or a proxy before it, that answers a read by id with another object: its grants must not count, and no
write must follow."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import UnreadableAnswer
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.api import Answer, Operation

USERS = {
    "sendauth": "get_user",
    "kestra": "get_user",
    "contabo": "retrieve_user",
    "onelogin": "get_user_by_id",
}
ACCOUNTS = {"instance": "get_service_account", "tenant": "get_service_account_for_tenant"}


def repeat(bench, provider, operation):
    """Answer the next reads by id with the last answer; return what the directory contains."""
    bench.simulator.faults([{"provider": provider, "operation": operation, "repeat_page": True, "count": 9}])
    state = bench.simulator.state(provider)
    state.pop("tokens", None)
    return state


@pytest.mark.parametrize("provider", USERS)
@pytest.mark.parametrize(("module", "options"), [("user_info", {}), ("user", {"state": "absent"})])
def test_a_read_of_a_user_refuses_the_answer_about_another_one(bench, provider, module, options):
    bench.reset()
    other, requested = (row["id"] for row in bench.run(f"{provider}_user_info", {})["users"][-2:])
    assert bench.run(f"{provider}_user_info", {"id": other})["users"][0]["id"] == other
    before = repeat(bench, provider, USERS[provider])
    result = bench.run(f"{provider}_{module}", {"id": requested, **options})
    assert result["failed"]
    assert f"it contains the user with id {other}, not {requested}" in result["msg"]
    assert repeat(bench, provider, USERS[provider]) == before


@pytest.mark.parametrize("scope", ACCOUNTS)
def test_a_read_of_a_service_account_refuses_the_answer_about_another_one(bench, scope):
    bench.reset()
    robots = [{"id": name, "name": name, "tenants": ["main"]} for name in ("robot", "backup")]
    bench.simulator.put("service_accounts", robots, "kestra")
    account = {"scope": scope, "state": "absent"}
    assert bench.run("kestra_service_account", {**account, "id": "robot"}, check=True)["changed"]
    before = repeat(bench, "kestra", ACCOUNTS[scope])
    result = bench.run("kestra_service_account", {**account, "id": "backup"})
    assert "it contains the service account with id robot, not backup" in result["msg"]
    assert repeat(bench, "kestra", ACCOUNTS[scope]) == before


def test_capitals_of_a_uuid_do_not_matter():
    answer = Answer(Operation("get_user", "GET", "/users/{id}", "read user"), 200, {}, '{"id": "9ace"}')
    answer.check_id("user", "9ace", "9ACE")
    with pytest.raises(UnreadableAnswer, match="it contains the user with id 9ace, not 9acf"):
        answer.check_id("user", "9ace", "9acf")
