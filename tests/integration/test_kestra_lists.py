# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra: tenants, groups and roles of many users, read from the lists of the tenants and read one by one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    RateLimited,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account, Desired, DesiredFacet
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import tasks
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.connection import PAGE, Kestra
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.users import Users
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock, bulk
from simulator.harness import Simulator

FACETS = ("tenants", "groups", "roles")
TENANTS = ("main", "acme-eu", "lab", "empty")
ACCESS, BINDINGS, USER = "list_tenant_access", "search_bindings", "get_user"


def connect(simulator: Simulator, **params: Any) -> Kestra:
    """Return a connection that owns the instance, and that nobody waits for."""
    env = simulator.env
    return Kestra(
        {"api_url": env["KESTRA_API_URL"], "api_token": env["KESTRA_API_TOKEN"], "tenant": "main", **params},
        Masker(),
        FakeClock(),
    )


def directory(simulator: Simulator, everywhere: bool = True) -> Users:
    """Return a directory that will be asked for all facets."""
    users = Users(connect(simulator), everywhere=everywhere)
    users.prepare(FACETS)
    return users


def fill(simulator: Simulator, number: int, seed: int = 1, version: str = "1.3") -> None:
    """Put so many users with random access into four tenants: owners of the instance, users without any,
    service accounts beside them."""
    luck = random.Random(seed)
    simulator.reset(kestra={"version": version})
    simulator.put("tenants", [{"id": "lab"}, {"id": "empty"}], "kestra")
    simulator.put("groups", [{"tenant": "lab", "name": name} for name in ("data", "lab")], "kestra")
    simulator.put("roles", [{"tenant": "lab", "name": name} for name in ("Viewer", "Admin")], "kestra")
    groups = {"main": ("data", "2024", "R&D + Ops / 50%", "研究"), "acme-eu": ("data", "sales"), "lab": ("data", "lab")}
    roles = {"main": ("Admin", "Viewer", "2024"), "acme-eu": ("Viewer", "Ops + EU / 50%"), "lab": ("Viewer", "Admin")}
    people: list[dict[str, Any]] = []
    bindings: list[dict[str, Any]] = []
    for index in range(number):
        tenants = luck.sample(sorted(groups), luck.choice((0, 1, 1, 1, 2, 3)))
        places = [
            {"tenant": tenant, "name": name}
            for tenant in tenants
            for name in luck.sample(groups[tenant], luck.randint(0, 2))
        ]
        email = f"u{index}@x.org"
        people.append(
            {
                "email": email,
                "tenants": tenants,
                "groups": places,
                "superAdmin": luck.random() < 0.1,
                "password": "Sim-Passw0rd",
            }
        )
        for tenant in tenants if luck.random() < 0.4 else ():
            named = [
                {"namespace": namespace} for namespace in luck.sample(("company", "company.data"), luck.randint(0, 2))
            ]
            role = luck.choice(roles[tenant])
            bindings += [
                {"tenant": tenant, "user": email, "role": role, **more} for more in (*named, *[{}] * luck.randint(0, 2))
            ]
    simulator.put("users", people, "kestra")
    machines = simulator.put(
        "service_accounts",
        [{"name": "ci", "tenants": ["main", "lab"], "groups": [{"tenant": "lab", "name": "data"}]}],
        "kestra",
    )
    bindings += [
        {"tenant": "lab", "user": machines[0]["id"], "role": "Viewer"},
        {"tenant": "lab", "group": "data", "role": "Admin"},
    ]
    simulator.put("bindings", bindings, "kestra")


def facts(accounts: Sequence[Account]) -> dict[str, Any]:
    """Return what is known of the access of accounts."""
    return {
        account.id: (account.key, account.facets, account.values.get("enabled"), account.details["bindings"])
        for account in accounts
    }


def one_by_one(simulator: Simulator, everywhere: bool = True) -> dict[str, Any]:
    """Return the access of all users as it is read by id."""
    users = directory(simulator, everywhere)
    accounts = users.listing().accounts
    if not everywhere:
        users.scope = {"lab"}
    users.concurrently(lambda account: users.load(account, FACETS, ()), accounts)
    return facts(accounts)


def counted(simulator: Simulator, work: Callable[[], Any]) -> Counter[str]:
    """Return how often each operation was called meanwhile."""
    mark = simulator.last
    work()
    return Counter(request["operation"] for request in simulator.requests(since=mark, provider="kestra"))


def pages(simulator: Simulator, kind: str) -> int:
    """Return the pages of the lists of all tenants in which there is somebody (access), or of all tenants (bindings).
    """
    state = simulator.state("kestra")
    if kind == ACCESS:
        sizes = Counter(tenant for user in state["users"] for tenant in user["tenants"])
        return sum(-(-size // PAGE) for size in sizes.values())
    sizes = Counter(dict.fromkeys(TENANTS, 0))
    sizes.update(binding["tenant"] for binding in state["bindings"] if binding["type"] == "USER")
    return sum(max(1, -(-size // PAGE)) for size in sizes.values())


@pytest.mark.parametrize(
    ("seed", "version", "number"), [(1, "1.0", 230), (2, "1.3", 260), (3, "2.0", 420), (4, "2.0", 30)]
)
def test_the_lists_give_what_single_reads_give(simulator: Simulator, seed: int, version: str, number: int) -> None:
    fill(simulator, number, seed, version)
    users = directory(simulator)
    accounts = users.listing().accounts
    calls = counted(simulator, lambda: users.load_many(accounts, FACETS))
    assert facts(accounts) == one_by_one(simulator)
    assert (calls[ACCESS], calls[BINDINGS], calls[USER]) == (pages(simulator, ACCESS), pages(simulator, BINDINGS), 0)
    # Beside those, the names: each catalogue once.
    assert (
        calls.total()
        == calls[ACCESS] + calls[BINDINGS] + calls["find"] + calls["search_groups"] + calls["search_roles"]
    )
    assert all(calls[name] <= len(TENANTS) for name in ("find", "search_groups", "search_roles"))


def test_only_the_tenants_that_the_task_looks_at(simulator: Simulator) -> None:
    fill(simulator, 130)
    users = directory(simulator, everywhere=False)
    accounts = users.listing().accounts
    users.scope = {"lab"}
    calls = counted(simulator, lambda: users.load_many(accounts, FACETS))
    assert facts(accounts) == one_by_one(simulator, everywhere=False)
    assert (calls[ACCESS], calls[BINDINGS], calls[USER]) == (1, 1, 0)
    assert {
        key.partition("/")[0] for account in accounts for key in (*account.facets["groups"], *account.facets["roles"])
    } == {"lab"}


@pytest.mark.parametrize("missing", [{"rows_without": ["tenants"]}, {"rows": {"tenants": None}}])
def test_rows_that_do_not_report_the_tenants(simulator: Simulator, missing: dict[str, Any]) -> None:
    """They are known from the lists of all tenants, and so is whether somebody has a way in."""
    fill(simulator, 130)
    simulator.put("users", [{"email": "out@x.org", "tenants": [], "auths": []}], "kestra")
    expected = one_by_one(simulator)
    users = directory(simulator)
    simulator.faults([{"operation": "list_users", "count": 0, **missing}])
    accounts = users.listing().accounts
    assert all("tenants" not in account.facets for account in accounts)
    calls = counted(simulator, lambda: users.load_many(accounts, FACETS))
    assert facts(accounts) == expected
    assert calls[USER] == 0


@pytest.mark.parametrize(("number", "listed"), [(2, False), (3, True), (40, True)])
def test_lists_are_read_where_that_takes_fewer_calls(simulator: Simulator, number: int, listed: bool) -> None:
    """Two pages of main: three users are more."""
    simulator.reset(seed_users=150)
    users = directory(simulator)
    accounts = users.listing().accounts[-number:]
    calls = counted(simulator, lambda: users.load_many(accounts, ["groups"]))
    assert (calls[ACCESS], calls[USER]) == ((2, 0) if listed else (0, number))
    assert all(account.facets["groups"] for account in accounts)


@pytest.mark.parametrize(("number", "first", "singles"), [(3, 0, 3), (4, 1, 4), (12, 12, 0)])
def test_without_the_whole_list_the_first_page_shows_whether_the_others_are_worth_it(
    simulator: Simulator, number: int, first: int, singles: int
) -> None:
    simulator.reset(seed_users=1190)
    users = directory(simulator)
    accounts = _some(simulator, users, number)
    calls = counted(simulator, lambda: users.load_many(accounts, ["groups"]))
    assert (calls[ACCESS], calls[USER]) == (first, singles)


def _some(simulator: Simulator, users: Users, number: int) -> list[Account]:
    """Return some users that are looked up by their addresses."""
    names = [user["email"] for user in simulator.state("kestra")["users"] if user["groups"]][:number]
    return [users.lookup(name)[0] for name in names]


def test_more_bindings_than_users_to_look_for(simulator: Simulator) -> None:
    """The tenant with few bindings is read from its list, the other one is searched."""
    simulator.reset(seed_users=700)
    emails = [user["email"] for user in simulator.state("kestra")["users"] if user["groups"]]
    simulator.put("bindings", [{"user": email, "role": "Viewer"} for email in emails], "kestra")
    simulator.put("users", [{"email": emails[0], "tenants": ["main", "acme-eu"]}], "kestra")
    simulator.put("bindings", [{"tenant": "acme-eu", "user": emails[0], "role": "Viewer"}], "kestra")
    users = directory(simulator)
    accounts = [account for account in users.listing().accounts if account.key in emails[:5]]
    users.many = True
    calls = counted(simulator, lambda: users.load_many(accounts, ["roles"]))
    assert calls[BINDINGS] == 2 + 5
    assert sorted(len(account.facets["roles"]) for account in accounts) == [1, 1, 1, 1, 2]


def test_fields_that_no_list_has_are_read_by_id_and_only_of_whom_they_are_needed(simulator: Simulator) -> None:
    fill(simulator, 130)
    expected = one_by_one(simulator)
    users = directory(simulator)
    accounts = users.listing().accounts
    for account in accounts[5:]:
        account.values["first_name"] = "known"
    calls = counted(simulator, lambda: users.load_many(accounts, FACETS, ("first_name",)))
    assert facts(accounts) == expected
    assert calls[USER] == 5
    assert all("first_name" in account.values for account in accounts)


def test_whom_a_list_does_not_report_is_read_by_id(simulator: Simulator) -> None:
    fill(simulator, 130)
    expected = one_by_one(simulator)
    for missing in ({"rows_without": ["groups"]}, {"rows": {"groups": None}}):
        users = directory(simulator)
        accounts = users.listing().accounts
        inside = [account for account in accounts if "lab" in account.facets["tenants"]]
        simulator.faults([{"operation": ACCESS, "path": "*/lab/tenant-access", "count": 0, **missing}])
        calls = counted(simulator, lambda: users.load_many(accounts, FACETS))  # noqa: B023  # called at once
        assert facts(accounts) == expected
        assert calls[USER] == len(inside)
        simulator.clear_faults()


def test_a_list_that_lags_behind_the_list_of_users(simulator: Simulator) -> None:
    """Who has lost a tenant, or got one, since the list of users was read is read by id: what is known is from one
    moment."""
    fill(simulator, 130)
    users = directory(simulator)
    accounts = users.listing().accounts
    left = next(account for account in accounts if set(account.facets["tenants"]) == {"lab"})
    joined = next(
        account for account in accounts if set(account.facets["tenants"]) == {"main"} and account.key.startswith("u")
    )
    simulator.put("users", [{"email": left.key, "tenants": [], "groups": []}], "kestra")
    simulator.put("users", [{"email": joined.key, "tenants": ["main", "lab"]}], "kestra")
    calls = counted(simulator, lambda: users.load_many(accounts, ["groups"]))
    assert calls[USER] == 2
    assert (set(left.facets["tenants"]), left.facets["groups"], set(joined.facets["tenants"])) == (
        set(),
        {},
        {"main", "lab"},
    )


@pytest.mark.parametrize("status", [403, 404])
def test_a_tenant_whose_list_is_refused(simulator: Simulator, status: int) -> None:
    fill(simulator, 130)
    expected = one_by_one(simulator)
    users = directory(simulator)
    accounts = users.listing().accounts
    simulator.faults([{"operation": ACCESS, "path": "*/lab/tenant-access", "count": 0, "status": status}])
    calls = counted(simulator, lambda: users.load_many(accounts, FACETS))
    assert facts(accounts) == expected
    assert calls[USER] == sum("lab" in account.facets["tenants"] for account in accounts)


def test_a_tenant_whose_list_is_refused_may_be_one_of_who_does_not_report_any(simulator: Simulator) -> None:
    fill(simulator, 60)
    expected = one_by_one(simulator)
    users = directory(simulator)
    simulator.faults([
        {"operation": "list_users", "count": 0, "rows_without": ["tenants"]},
        {"operation": ACCESS, "path": "*/lab/tenant-access", "count": 0, "status": 403},
    ])
    accounts = users.listing().accounts
    calls = counted(simulator, lambda: users.load_many(accounts, FACETS))
    assert facts(accounts) == expected
    assert calls[USER] == len(accounts)


@pytest.mark.parametrize("operation", [ACCESS, BINDINGS])
@pytest.mark.parametrize(("fault", "error"), [
    ({"nth": 3, "count": 0, "repeat_page": True}, UnreadableAnswer),
    ({"nth": 3, "count": 0, "body": {"results": [], "total": 130}}, UnreadableAnswer),
    ({"nth": 3, "count": 0, "body": {"results": [{"name": "nobody"}], "total": 130}}, UnreadableAnswer),
    ({"count": 0, "body": {"results": "none"}}, UnreadableAnswer),
    ({"nth": 3, "count": 0, "status": 500}, ApiError),
])  # fmt: skip
def test_faults_in_the_middle(
    simulator: Simulator, operation: str, fault: dict[str, Any], error: type[Exception]
) -> None:
    """Nothing is guessed from half a list; who was not filled is as before."""
    simulator.reset(seed_users=250)
    emails = [user["email"] for user in simulator.state("kestra")["users"] if user["groups"]]
    simulator.put("bindings", [{"user": email, "role": "Viewer"} for email in emails], "kestra")
    users = Users(connect(simulator, api_retries=0))
    users.prepare(FACETS)
    accounts = users.listing().accounts
    simulator.faults([{"operation": operation, "path": "*/main/*", **fault}])
    with pytest.raises(error):
        users.load_many(accounts, FACETS)
    assert all(("groups" if operation == ACCESS else "roles") not in account.facets for account in accounts)


def test_a_list_that_changes_between_its_pages_is_read_once_more(simulator: Simulator) -> None:
    simulator.reset(seed_users=250)
    expected = one_by_one(simulator)
    users = directory(simulator)
    accounts = users.listing().accounts
    simulator.faults([{"operation": ACCESS, "nth": 2, "body": {"results": [], "total": 249}}])
    calls = counted(simulator, lambda: users.load_many(accounts, FACETS))
    assert facts(accounts) == expected
    assert calls[ACCESS] >= 5
    assert calls[USER] == 0


def test_pages_that_the_rate_limit_does_not_allow(simulator: Simulator) -> None:
    simulator.reset(seed_users=1000)
    users = directory(simulator)
    accounts = users.listing().accounts
    users.connection.transport.limiter.remaining, users.connection.transport.limiter.limit = 6, 6
    with pytest.raises(
        RateLimited, match=r"The lists of the tenants have 10 more pages; the server's rate limit leaves"
    ):
        users.load_many(accounts, ["groups"])


@pytest.mark.parametrize("facet", ["groups", "roles"])
def test_a_bulk_task_takes_pages(simulator: Simulator, facet: str) -> None:
    """The groups of 1,000 users: 11 pages of users, as many of each tenant that there is somebody in, and the names."""
    simulator.reset(seed_users=1000)
    emails = [user["email"] for user in simulator.state("kestra")["users"] if user["groups"]]
    if facet == "roles":
        simulator.put("bindings", [{"user": email, "role": "Viewer"} for email in emails], "kestra")
    users = Users(connect(simulator))
    some = {
        user["email"]: user["groups"][0]["name"] if facet == "groups" else "Viewer"
        for user in simulator.state("kestra")["users"]
        if user["groups"]
    }
    desired = [Desired(email, facets={facet: DesiredFacet("present", [name])}) for email, name in some.items()]
    mark = simulator.last
    result = bulk(users, *desired)
    calls = Counter(request["operation"] for request in simulator.requests(since=mark, provider="kestra"))
    assert result["changed"] is False
    assert (calls["list_users"], calls[ACCESS if facet == "groups" else BINDINGS]) == (
        11,
        {"groups": 11, "roles": 12}[facet],
    )
    assert calls.total() <= 23 + 6


def test_what_is_written_after_lists_leaves_what_others_have_given(simulator: Simulator) -> None:
    """A list may be older than the account: before the groups of a tenant are replaced, they are read by id."""
    simulator.reset(seed_users=40)
    people = [user for user in simulator.state("kestra")["users"] if user["groups"]]
    desired = [Desired(user["email"], facets={"groups": DesiredFacet("present", ["security"])}) for user in people]
    before = {user["email"]: {group["name"] for group in user["groups"]} for user in people}

    class Late(Users):
        def load_listed(self, needs: Any) -> None:
            super().load_listed(needs)
            simulator.put(
                "users", [{"email": people[0]["email"], "groups": [*before[people[0]["email"]], "Finance"]}], "kestra"
            )

    users = Late(connect(simulator))
    assert bulk(users, *desired)["changed"] is True
    after = {user["email"]: {group["name"] for group in user["groups"]} for user in simulator.state("kestra")["users"]}
    expected = {email: names | {"security"} for email, names in before.items()}
    expected[people[0]["email"]].add("Finance")
    assert {email: after[email] for email in expected} == expected


@pytest.mark.parametrize(("gather", "singles"), [(["groups", "roles"], 0), (["groups", "profile"], 120)])
def test_the_info_module_takes_pages(simulator: Simulator, gather: list[str], singles: int) -> None:
    fill(simulator, 117)  # and three with credentials
    expected = {user["id"]: user["groups"] for user in simulator.state("kestra")["users"]}
    connection = connect(simulator)
    shown: list[dict[str, Any]] = []
    context = Context({"user": None, "id": None, "filters": None, "gather": gather}, False, False, Masker())
    calls = counted(simulator, lambda: shown.extend(tasks.USER_INFO.run(context, connection)["users"]))
    assert calls[USER] == singles
    assert {user["id"]: len(user["groups"]) for user in shown} == {
        identity: len(groups) for identity, groups in expected.items()
    }
    assert {user["groups_state"] for user in shown} == {"exact"}
