# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth: how users are found, and what is written. Over real sockets."""

from __future__ import annotations

import json

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    GuardError,
    InputError,
    RollcallError,
    UnclearAnswer,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account, Desired, DesiredFacet
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.plan import plan_user
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import Step
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.execute import execute
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth import tasks
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth.accounts import run_accounts
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth.connection import (
    OPERATIONS,
    NextAuth,
)
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth.keys import run_api_token
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth.tasks import (
    USER_INFO,
    USER_REGISTRATION,
)
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth.users import SCHEMA, Users
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock, bulk
from ansible_collections.rollcall.identity.tests.unit.web import Reply

BASE = "/servers/s%2B1%2F%3D"
ADA = BASE + "/users/ada"
NOBODY = Reply(404, b"")


@pytest.fixture
def nextauth(serve):
    """Return a function that connects to a nextAuth with answers by method and path, a list for answers in order."""

    def connect(routes, **params):
        def route(request):
            reply = routes.get(f"{request.method} {request.target.split('?')[0]}", NOBODY)
            if isinstance(reply, list):
                reply = reply.pop(0) if len(reply) > 1 else reply[0]
            return reply if isinstance(reply, Reply) else Reply(body=reply)

        server = serve(route)
        made = NextAuth(
            {"api_url": server.url, "api_key": "canary-key", "server_id": "s+1/=", **params}, Masker(), FakeClock()
        )
        made.server = server
        return made

    return connect


def asked(connection, start=0):
    """Return what the server was asked: method and target, with the body where there is one."""
    return [
        f"{request.method} {request.target}{' ' + request.body.decode() if request.body else ''}"
        for request in connection.server.requests[start:]
    ]


def users(*names, total=None):
    """Return a page of users."""
    body = {"users": [{"userid": name, "numberaccounts": 1} for name in names]}
    return body if total is None else {**body, "totalnumber": total}


# -- the connection ------------------------------------------------------------------------------------------------


def test_headers_and_the_server_in_the_path(nextauth):
    login = nextauth({f"GET {ADA}/attributes/": {}}, role_id="role/1==")
    assert Users(login).get("ada") is not None
    (request,) = login.server.requests
    assert request.target == ADA + "/attributes/"
    assert (request.headers["x-apikey"], request.headers["x-su"]) == ("canary-key", "role/1==")
    assert request.headers["accept"] == "text/plain, application/json"
    plain = nextauth({f"GET {ADA}/attributes/": {}})
    Users(plain).get("ada")
    assert "x-su" not in plain.server.requests[0].headers


@pytest.mark.parametrize("name", ["a/b", "50%", "a+b", "ä@研究", "%2F", "a b?#"])
def test_any_name_is_one_segment(nextauth, name):
    login = nextauth({})
    with pytest.raises(ApiError):
        Users(login).get(name)
    path = login.server.requests[0].target
    assert path.count("/") == 6 and path.isascii() and "?" not in path and "/./" not in path and "/../" not in path


@pytest.mark.parametrize("name", ["..", ".", "%2e%2E", "%252e", "a/../b", "..%2f"])
def test_no_part_of_a_path_is_a_step(nextauth, name):
    """A hop that resolves it would reach another resource: nothing is sent, whichever part it is
    and wherever it comes from."""
    login = nextauth({})
    directory, account = Users(login), Account(name, name, {"number_accounts": 1})
    calls = [
        lambda: directory.get(name),
        lambda: directory.lookup(name),
        lambda: directory.writing(Desired("ada"), account).delete(),
        lambda: directory.read_accounts(account),
        lambda: directory.writing(Desired("ada"), Account("ada", "ada", {})).set_blocked(name, True),
        lambda: directory.writing(target("absent", {name: None}), Account("ada", "ada", {})).facet(
            Step("facet", "attributes", remove={name: "x"})
        ),
        lambda: directory.permissions_of(Account("ada", "ada", {}), name),
    ]
    for call in calls:
        with pytest.raises(RollcallError) as caught:
            call()
        assert caught.value.code == "invalid_value" and "could resolve it" in caught.value.message
    directory.load(account, {"permissions", "attributes"}, ())  # one such user does not keep the others from being read
    assert account.facets == {}
    assert login.server.requests == []
    for option in ("server_id", "role_id"):
        with pytest.raises(InputError, match=option):
            nextauth({}, **{option: name})


@pytest.mark.parametrize(
    "params", [{"api_key": None}, {"server_id": ""}, {"server_id": "s%2B1"}, {"server_id": "a b"}, {"server_id": ".."}]
)
def test_credentials_that_are_none(nextauth, params):
    with pytest.raises(InputError):
        nextauth({}, **params)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"serverid": "s+1/="}, None),
        ({"serverid": "s-1_"}, None),
        (Reply(403, b""), None),
        (NOBODY, "server answered 404"),
        (Reply(401, b"bad key"), "bad key"),
        ({"serverid": "other"}, "describes the server other"),
        ({}, "contains no serverid"),
    ],
)
def test_the_expected_server_is_read(nextauth, answer, problem):
    login = nextauth({f"GET {BASE}/": answer}, expected_account=" s+1/= ")
    if problem is None:
        login.verify()
        login.verify()
        assert len(login.server.requests) == 1
    else:
        with pytest.raises(RollcallError, match=problem):
            login.verify()


def test_the_expected_server_compares_with_case(nextauth):
    login = nextauth({}, expected_account="S+1/=")
    with pytest.raises(InputError, match=r"expected_account is S\+1/=, and server_id is s\+1/="):
        login.verify()
    assert login.server.requests == []


# -- reading -------------------------------------------------------------------------------------------------------


def test_exactly_this_name_comes_first(nextauth):
    login = nextauth({f"GET {ADA}/attributes/": {"site": "x"}})
    (account,) = Users(login).lookup("ada")
    assert (account.id, account.facets) == ("ada", {"attributes": {"site": "x"}})
    assert len(login.server.requests) == 1


def test_a_look_up_keeps_whose_name_looks_alike(nextauth):
    login = nextauth({f"GET {BASE}/users/kim/attributes/": NOBODY, f"GET {BASE}/users/": [users("\u212aim"), users()]})
    assert [account.id for account in Users(login).lookup("kim")] == ["\u212aim"]


def test_another_spelling_is_found_by_comparison(nextauth):
    login = nextauth({f"GET {BASE}/users/": [users("Ada.2", "ADA", "Ada", "xada"), users()]})
    assert [account.id for account in Users(login).lookup("ada")] == ["ADA", "Ada"]
    assert asked(login)[1] == f"GET {BASE}/users/?limit=100&marker=0&search=ada"


def test_a_404_of_another_server_is_not_nobody(nextauth):
    for read in (lambda directory: directory.lookup("ada"), lambda directory: directory.get("ada")):
        with pytest.raises(ApiError, match="get_users"):
            read(Users(nextauth({})))


def test_lists_go_on_until_the_end(nextauth):
    capped = nextauth(
        {f"GET {BASE}/users/": [users("a", "b"), users("c", "d"), users("e"), users()]}, max_concurrency=1
    )
    snapshot = Users(capped).listing()
    assert [account.id for account in snapshot.accounts] == list("abcde") and snapshot.complete
    assert [line.split("marker=")[1] for line in asked(capped)] == ["0", "2", "4", "5"], (
        "a server may give fewer rows than it is asked for"
    )
    told = nextauth({f"GET {BASE}/users/": [users("a", "b", total=3), users("c", total=3)]})
    assert Users(told).listing().complete and len(told.server.requests) == 2
    assert not any("sort" in line for line in asked(told) + asked(capped))
    short = nextauth({f"GET {BASE}/users/": [users("a", "b", total=4), users(total=4)]})
    with pytest.raises(UnreadableAnswer, match="ended after 2 of 4"):
        Users(short).listing()
    stuck = nextauth({f"GET {BASE}/users/": users("a", "b")})
    with pytest.raises(UnreadableAnswer, match="repeats itself"):
        Users(stuck).listing()


def test_a_namesake_on_the_first_page_is_not_taken_for_whom_nobody_has_looked_up(nextauth):
    page = [f"u{number}" for number in range(98)]
    login = nextauth({
        f"GET {BASE}/users/": users("BOB", *page, total=4001), f"GET {BASE}/users/bob/attributes/": {},
        f"DELETE {BASE}/users/bob/accounts": {}, f"DELETE {BASE}/users/bob/": {},
    })
    result = bulk(Users(login), Desired("bob", state="absent"), Desired("u7"), Desired("u8"), Desired("u9"))
    assert [line for line in asked(login) if "DELETE" in line] == [
        f"DELETE {BASE}/users/bob/accounts",
        f"DELETE {BASE}/users/bob/",
    ]
    assert (result["summary"]["deleted"], result["reads"]) == (1, "1 page of 100, 1 look-ups")


def test_a_few_users_of_a_small_directory_are_one_call(nextauth):
    login = nextauth({f"GET {BASE}/users/": users(*(f"u{number}" for number in range(60)), total=60)})
    wished = [
        Desired(f"{'u' if number < 10 else 'gone'}{number}", state="present" if number < 10 else "absent")
        for number in range(20)
    ]
    result = bulk(Users(login), *wished)
    assert (result["changed"], result["reads"], result["api_calls"]) == (False, "1 page of 100, 0 look-ups", 1)
    alone = nextauth({f"GET {ADA}/attributes/": {}})
    assert bulk(Users(alone), Desired("ada"))["reads"] == "0 pages, 1 look-ups"


def test_a_search_may_come_with_the_number_of_all_users(nextauth):
    login = nextauth({f"GET {BASE}/users/": [users("ADA", total=250), users(total=250)]})
    assert [account.id for account in Users(login).lookup("ada")] == ["ADA"]
    nobody = nextauth({f"GET {BASE}/users/": users(total=250)})
    assert Users(nobody).lookup("ada") == []
    fits = nextauth({f"GET {BASE}/users/": users("ADA", total=1)})
    assert [account.id for account in Users(fits).lookup("ada")] == ["ADA"]
    assert (len(login.server.requests), len(nobody.server.requests), len(fits.server.requests)) == (3, 2, 2)


def test_all_accounts_of_a_user_who_has_more_than_a_page(nextauth):
    pages = [{"accounts": [{"id": number} for number in numbers]} for numbers in (range(25), range(25, 30))]
    login = nextauth({f"GET {ADA}/accounts": pages})
    assert len(Users(login).read_accounts(Account("ada", "ada", {}))) == 30
    few = nextauth({f"GET {ADA}/accounts": {"accounts": [{"id": 1}]}})
    assert len(Users(few).read_accounts(Account("ada", "ada", {}))) == len(few.server.requests) == 1


def test_a_role_that_is_not_there_has_no_permissions(nextauth):
    login = nextauth({f"GET {ADA}/role/": NOBODY})
    account = Account("ada", "ada", {"userid": "ada"})
    Users(login).load(account, {"permissions"}, ())
    assert (account.values["role"], account.facets["permissions"]) == (None, {})
    assert asked(login) == [f"GET {ADA}/role/"]


@pytest.mark.parametrize(
    ("role", "permissions", "problem"),
    [
        ({}, None, "contains no role"), ("[]", None, "contains no role"), ('"r/1"', None, "contains no role"),
        ({"role": 7}, None, "contains no role"),
        ({"role": None}, None, "contains no role"), ({"role": ""}, None, "contains no role"),
        ({"role": " "}, None, "contains no role"),
        ({"role": "r/1"}, {"permissions": None}, "permissions are null"),
        ({"role": "r/1"}, {"permissions": [{"server": "x", "role": "r/1", "acl": "users"}]}, "none of its permissions"),
        ({"role": "r/1"}, {"acl": "users"}, "no list of permissions"),
    ],
)  # fmt: skip
def test_permissions_that_cannot_be_read_are_not_none(nextauth, role, permissions, problem):
    login = nextauth({f"GET {ADA}/role/": role, f"GET {BASE}/permissions/r%2F1": permissions})
    with pytest.raises(UnreadableAnswer, match=problem):
        Users(login).load(Account("ada", "ada", {"userid": "ada"}), {"permissions"}, ())


def test_all_accounts_are_one_list(nextauth):
    rows = [
        {"id": 1, "userid": "a", "description": "x", "blocked": True},
        {"id": 2, "userid": "b", "description": "y"},
        {"id": 3, "description": "free"},
    ]
    login = nextauth(
        {
            f"GET {BASE}/users/": users("a", "b", "c", total=3),
            f"GET {BASE}/accounts/": {"accounts": rows, "totalnumber": 3},
        }
    )
    accounts = {account.id: account.values.get("enabled") for account in Users(login, everyone=True).listing().accounts}
    assert accounts == {"a": False, "b": True, "c": None}, (
        "c has an account that the list does not know: it is read later"
    )


@pytest.mark.parametrize(
    ("rows", "enabled"),
    [
        ([], None),
        ([{"id": 1, "blocked": True}], False),
        ([{"id": 1, "blocked": True}, {"id": 2}], True),
        ([{"id": 2, "blocked": False}], True),
    ],
)
def test_who_can_log_in(nextauth, rows, enabled):
    login = nextauth({f"GET {ADA}/accounts": {"accounts": rows}})
    account = Account("ada", "ada", {"userid": "ada"})
    Users(login).load(account, (), {"enabled"})
    assert account.values["enabled"] == enabled
    for target in (True, False):
        plan = plan_user(SCHEMA, Desired("ada", fields={"enabled": target}), account)
        assert bool(plan.steps) == (enabled is not None and enabled != target)
        assert list(map(str, plan.losses)) == (["is disabled"] if plan.steps and not target else [])


# -- input ---------------------------------------------------------------------------------------------------------


def target(mode="present", items=None, managed=None, name="attributes", **more):
    """Return a desired user with one facet."""
    return Desired("ada", facets={name: DesiredFacet(mode, items, managed)}, **more)


@pytest.mark.parametrize(
    ("desired", "faults"),
    [
        (Desired(".."), 1),
        (Desired("ada", id="%2e%2e"), 1),
        (Desired("ada", previous=(".", "x/../y")), 2),
        (Desired("ada", id=""), 1),
        (Desired("ada", previous=("", " ")), 2),
        (target(items={"a": "x", "": "y", ".": "z", "..": None}), 3),
        (target("absent", {"": None}), 1),
        (target("managed", {"a": "x"}, ["a", "", ".."]), 2),
        (target(items={"a": ["x"], "b": {"c": 1}}), 2),
        (target(items=["users", "a,b", "", " x", {"name": "y"}], name="permissions"), 4),
        (target("managed", ["users"], ["users", "a,b"], name="permissions"), 1),
        (target(items=[2024], name="permissions"), 0),
        (target(items=[True, 1.5, ".."], name="permissions"), 3),
        (target(items={"a": True, "b": 1.5, "c": 12, "d": "yes", "e": ""}), 2),
        (target("absent", {"a": True}), 0),
    ],
)
def test_input_that_means_something_else_in_an_address(nextauth, desired, faults):
    assert len(Users(nextauth({})).check(desired)) == faults


def test_a_boolean_is_no_text(nextauth):
    (problem,) = Users(nextauth({})).check(target(items={"vip": True}))
    assert (problem.code, problem.option, problem.place) == ("unquoted_value", "attributes.vip", "ada")
    assert "'true'" in problem


# -- writing -------------------------------------------------------------------------------------------------------


def test_nobody_is_created_without_a_404(nextauth):
    login = nextauth({f"GET {ADA}/attributes/": {"kept": "x"}})
    with pytest.raises(UnclearAnswer, match="did not exist when the plan was made, and exists now"):
        Users(login).writing(Desired("ada")).create(Step("create", facets={"attributes": {"site": "y"}}))
    assert [line for line in asked(login) if not line.startswith("GET")] == []


def test_created_after_a_404(nextauth):
    login = nextauth({f"GET {BASE}/users/": users(), f"POST {ADA}/attributes/": Reply(200, b"")})
    directory = Users(login)
    assert directory.lookup("ada") == []
    directory.writing(Desired("ada")).create(Step("create", facets={"attributes": {"site": "y"}}))
    assert asked(login, 2) == [f'POST {ADA}/attributes/ {{"site": "y"}}']


def test_somebody_who_was_created_meanwhile_keeps_the_attributes(nextauth):
    """The call that creates replaces: who has come since the look-up is read, and gets what is missing."""
    login = nextauth({
        f"GET {ADA}/attributes/": [NOBODY, {"theirs": "x"}], f"GET {BASE}/users/": users(),
        f"PUT {ADA}/attributes/": Reply(200, b""),
    })  # fmt: skip
    directory, desired = Users(login), target(items={"site": "y"})
    assert directory.lookup("ada") == []
    directory.resolve([desired])
    for _number in range(4):
        login.call("get_users")
    (outcome,) = execute(directory, [plan_user(SCHEMA, desired, None)], True)
    assert outcome.error is None
    assert [line for line in asked(login) if not line.startswith("GET")] == [f'PUT {ADA}/attributes/ {{"site": "y"}}']


def test_a_user_without_attributes_must_be_there_afterwards(nextauth):
    login = nextauth({f"GET {BASE}/users/": users(), f"POST {ADA}/attributes/": Reply(200, b"")})
    with pytest.raises(RollcallError, match="created no user"):
        Users(login).writing(Desired("ada")).create(Step("create"))
    assert f"POST {ADA}/attributes/ {{}}" in asked(login)


@pytest.mark.parametrize(
    ("mode", "items", "sent"),
    [
        ("present", {"a": "2", "c": "3"}, [f'PUT {ADA}/attributes/ {{"a": "2", "c": "3"}}']),
        ("present", {"a": ""}, [f"DELETE {ADA}/attributes/a"]),
        ("absent", {"a": None, "b/1": None}, [f"DELETE {ADA}/attributes/a", f"DELETE {ADA}/attributes/b%2F1"]),
        ("managed", {"c": "3"}, [f'PUT {ADA}/attributes/ {{"c": "3"}}', f"DELETE {ADA}/attributes/a"]),
        ("exact", {"a": "1", "b/1": "x", "c": "3"}, [f'PUT {ADA}/attributes/ {{"c": "3"}}']),
        ("exact", {"a": "1", "c": "3"}, [f'POST {ADA}/attributes/ {{"a": "1", "c": "3"}}']),
        ("exact", {}, [f"DELETE {ADA}/attributes/"]),
    ],
)
def test_only_exact_replaces(nextauth, mode, items, sent):
    done = Reply(200, b"")
    login = nextauth({line.split(" {")[0]: done for line in sent})
    directory = Users(login)
    account = Account("ada", "ada", {"userid": "ada"}, {"attributes": {"a": "1", "b/1": "x"}})
    desired = target(mode, items, ["a", "c"] if mode == "managed" else None)
    directory.resolve([desired])
    (step,) = plan_user(SCHEMA, desired, account).steps
    writing = directory.writing(desired, account)
    writing.write(step)
    after = writing.account
    assert asked(login) == sent
    assert after.facets["attributes"] == step.final


def test_an_attribute_whose_deletion_had_no_answer(nextauth):
    """Sent again, it is answered with 404 by a server that knows the attribute no more: the user is read,
    and the rest is done."""
    done, left = Reply(200, b""), {"b": "2"}
    login = nextauth({
        f"DELETE {ADA}/attributes/a": [Reply(drop=True), NOBODY], f"DELETE {ADA}/attributes/b": done,
        f"GET {ADA}/attributes/": left,
    })  # fmt: skip
    directory, account = Users(login), Account("ada", "ada", {"userid": "ada"}, {"attributes": {"a": "1", "b": "2"}})
    desired = target("absent", {"a": None, "b": None})
    directory.resolve([desired])
    (outcome,) = execute(directory, [plan_user(SCHEMA, desired, account)], True)
    assert outcome.error is None
    assert asked(login) == [f"DELETE {ADA}/attributes/a"] * 2 + [f"GET {ADA}/attributes/", f"DELETE {ADA}/attributes/b"]


def test_an_attribute_that_a_server_does_not_delete(nextauth):
    login = nextauth({f"GET {ADA}/attributes/": {"a": "1"}})
    directory, account = Users(login), Account("ada", "ada", {"userid": "ada"}, {"attributes": {"a": "1"}})
    desired = target("absent", {"a": None})
    directory.resolve([desired])
    (outcome,) = execute(directory, [plan_user(SCHEMA, desired, account)], True)
    assert "ada or the attribute a does not exist" in outcome.error.message


def permissions(login, mode="present", items=(), actual=None, role="r/1", managed=None):
    """Write permissions of Ada, who had ``actual`` when the plan was made. Return the requests and the outcome."""
    directory = Users(login)
    account = Account(
        "ada", "ada", {"userid": "ada", "role": role}, {"permissions": {name: name for name in actual or ()}}
    )
    desired = target(mode, list(items), managed, name="permissions")
    directory.resolve([desired])
    start = len(login.server.requests)
    (outcome,) = execute(directory, [plan_user(SCHEMA, desired, account)], True)
    return asked(login, start), outcome


ACL = f"{BASE}/permissions/r%2F1"


def granted(*names):
    """Return the answer with the permissions of a role."""
    return {"permissions": [{"server": "s+1/=", "role": "r/1", "acl": ",".join(names)}]}


@pytest.mark.parametrize(
    ("mode", "items", "planned", "current", "sent", "kept"),
    [
        (
            "present",
            ["users"],
            ["sessions"],
            ["accounts", "sessions"],
            '["accounts", "sessions", "users"]',
            ["accounts"],
        ),
        ("absent", ["sessions"], ["sessions"], ["accounts", "sessions"], '["accounts"]', ["accounts"]),
        ("exact", ["users"], ["sessions"], ["accounts", "sessions"], '["accounts", "users"]', ["accounts"]),
        ("present", ["users", "sessions"], ["sessions"], [], '["sessions", "users"]', []),
        ("present", ["users"], [], ["users"], None, []),
        ("exact", [], ["sessions"], ["sessions"], "", []),
        ("exact", [], ["sessions"], [], None, []),
    ],
)
def test_what_others_grant_meanwhile_stays(nextauth, mode, items, planned, current, sent, kept):
    """A grant overwrites: the permissions are read right before it, and what the plan did not show is kept
    and reported."""
    done = Reply(200, b"")
    login = nextauth({f"GET {ACL}": granted(*current), f"POST {ACL}": done, f"DELETE {ACL}": done})
    requests, outcome = permissions(login, mode, items, planned)
    written = [] if sent is None else [f"POST {ACL} {sent}"] if sent else [f"DELETE {ACL}"]
    assert requests == [f"GET {ACL}", *written]
    assert outcome.error is None and sorted(outcome.kept.get("permissions", ())) == kept


def test_a_role_that_no_read_showed_keeps_its_permissions(nextauth):
    login = nextauth(
        {f"POST {ADA}/role/": {"role": "r/1"}, f"GET {ACL}": granted("root"), f"POST {ACL}": Reply(200, b"")}
    )
    requests, outcome = permissions(login, "exact", ["users"], role=None)
    assert requests == [f"POST {ADA}/role/", f"GET {ACL}", f'POST {ACL} ["root", "users"]']
    assert outcome.kept == {"permissions": {"root": "root"}}
    assert "permissions that the plan did not show: root" in Users(login).kept_warning("ada", "permissions", ["root"])


@pytest.mark.parametrize(
    "answer", [Reply(403, b""), {"permissions": None}, {"permissions": [{"role": "r/1"}]}, Reply(200, b"<html>")]
)
def test_permissions_that_cannot_be_read_are_not_overwritten(nextauth, answer):
    login = nextauth({f"POST {ADA}/role/": {"role": "r/1"}, f"GET {ACL}": answer})
    requests, outcome = permissions(login, "present", ["users"], role=None)
    assert outcome.error is not None
    assert not any(line.startswith(f"POST {ACL}") for line in requests)


def info(login, **params):
    """Read users as the info module does."""
    given = {"user": None, "id": None, "filters": None, "gather": [], **params}
    return USER_INFO.run(Context(given, False, False, login.masker), login)["users"]


def test_the_accounts_of_many_without_the_permission_for_the_list_of_all(nextauth):
    names = [f"u{number:02}" for number in range(25)]
    routes = {
        f"GET {BASE}/users/{name}/accounts": {"accounts": [{"id": number, "blocked": False}]}
        for number, name in enumerate(names)
    }
    for refusal in ({}, {f"GET {BASE}/accounts/": Reply(403, b"")}):
        login = nextauth(
            {
                f"GET {BASE}/users/": users(*names, total=25),
                f"GET {BASE}/accounts/": Reply(500, b""),
                **routes,
                **refusal,
            },
            api_retries=0,
        )
        if not refusal:
            with pytest.raises(ApiError):
                info(login, gather=["accounts"])
            continue
        found = info(login, gather=["accounts"])
        assert [user["enabled"] for user in found] == [True] * 25
        assert len(login.server.requests) == 27, (
            "the list of users, the refused list of accounts, and one call for each user"
        )


def test_one_user_shows_the_last_login_of_the_list(nextauth):
    row = {"userid": "ada", "numberaccounts": 1, "lastlogin": 1767600000}
    phone = {"accounts": [{"id": 1, "blocked": False, "lastlogin": 1}]}
    routes = {
        f"GET {ADA}/attributes/": {},
        f"GET {BASE}/users/": {"users": [{"userid": "Ada2"}, row], "totalnumber": 2},
        f"GET {ADA}/accounts": phone,
    }
    for gather in ([], ["accounts"]):
        (alone,) = info(nextauth(routes), user="ada", gather=gather)
        assert (alone["last_login"], alone["number_accounts"]) == ("2026-01-05T08:00:00Z", 1)
    long = nextauth({**routes, f"GET {BASE}/users/": users("a", "b", total=900)})
    (unknown,) = info(long, user="ada", gather=["accounts"])
    assert (unknown["last_login"], len(long.server.requests)) == (None, 3)
    refused = nextauth({**routes, f"GET {BASE}/users/": Reply(403, b"")})
    assert info(refused, user="ada")[0]["last_login"] is None


def devices(login, *chosen, check=True, **params):
    """Run the task on the accounts of Ada, who has two telephones."""
    given = {
        "user": "ada",
        "id": None,
        "state": "absent",
        "accounts": list(chosen),
        "all": None,
        "protect": [],
        **params,
    }
    return run_accounts(Context(given, check, True, login.masker), login)


@pytest.mark.parametrize(
    ("chosen", "state", "changed"),
    [("Phone", "blocked", True), ("Phone", "unblocked", True), ("Phone", "absent", False), (None, "blocked", False)],
)
def test_accounts_of_somebody_who_comes_later_are_assumed_in_check_mode(nextauth, chosen, state, changed):
    login = nextauth({f"GET {ADA}/attributes/": NOBODY, f"GET {BASE}/users/": users()})
    result = (
        devices(login, chosen, state=state, check=True)
        if chosen
        else devices(login, state=state, check=True, accounts=None, all=True)
    )
    assert (result["changed"], len(result["accounts"])) == (changed, int(changed))
    assert all(line.startswith("GET ") for line in asked(login))


PHONES = {"accounts": [{"id": 1, "description": "Phone"}, {"id": 2, "description": "Phone"}]}


def test_an_account_that_could_be_another_is_not_taken_for_gone(nextauth):
    login = nextauth({f"GET {ADA}/attributes/": {}, f"GET {ADA}/accounts": PHONES})
    for item in ("Phone", {"name": "Phone"}):
        with pytest.raises(InputError, match="2 accounts are named 'Phone'"):
            devices(login, item)
    for item in ([], {}, {"name": ["Phone"]}):
        with pytest.raises(InputError, match="the name of an account is missing"):
            devices(login, item)
    for item in ({"id": 1, "stat": "absent"}, {"id": 1, "name": "Tablet"}, {"id": 7, "description": "x"}):
        with pytest.raises(InputError):
            devices(login, item)
    for item in ("Tablet", 2024, {"name": "Tablet"}, {"name": 2024}, {"id": 3}):
        assert devices(login, item)["changed"] is False
    assert devices(login, {"id": 2})["accounts"] == [{"id": "1", "description": "Phone", "blocked": False}]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Reply(200, b""), None),
        ({"id": 1, "blocked": True}, None),
        ({"id": 1}, None),
        ({"id": 1, "blocked": False}, "not_applied"),
        (Reply(200, b"<html>Sign in</html>", {"Content-Type": "text/html"}), "unclear_answer"),
    ],
)
def test_an_account_is_blocked_where_the_answer_does_not_say_otherwise(nextauth, answer, code):
    login = nextauth({f"PUT {BASE}/accounts/1/": answer})
    if code is None:
        Users(login).writing(Desired("ada"), Account("ada", "ada", {})).set_blocked("1", True)
    else:
        with pytest.raises(RollcallError) as caught:
            Users(login).writing(Desired("ada"), Account("ada", "ada", {})).set_blocked("1", True)
        assert caught.value.code == code


@pytest.mark.parametrize(("state", "allowed"), [("unblocked", True), ("blocked", False), ("absent", False)])
def test_a_protected_user_can_be_unblocked_and_no_more(nextauth, state, allowed):
    phones = {
        "accounts": [
            {"id": 1, "description": "Phone", "blocked": True},
            {"id": 2, "description": "Tablet", "blocked": False},
        ]
    }
    login = nextauth({f"GET {ADA}/attributes/": {}, f"GET {ADA}/accounts": phones})
    number = {"unblocked": 1, "blocked": 2, "absent": 1}[state]
    if allowed:
        assert devices(login, {"id": number}, state=state, protect=["ada"])["changed"] is True
    else:
        with pytest.raises(GuardError, match="protected"):
            devices(login, {"id": number}, state=state, protect=["ada"])


def test_a_registration_without_an_answer(nextauth):
    login = nextauth({f"POST {BASE}/sessions/registeruser": Reply(drop=True)})
    with pytest.raises(UnclearAnswer) as caught:
        USER_REGISTRATION.run(Context({"user": "ada", "nonce": "n-1"}, False, False, login.masker), login)
    assert "nextauth_user_info" in caught.value.hint and "reads first" not in caught.value.sentence()
    assert len(login.server.requests) == 1


# -- API keys ------------------------------------------------------------------------------------------------------

LISTED = {
    "apikeys": [
        {"apikey": "canary-old", "role": "r", "description": "report"},
        {"apikey": "canary-own", "role": "r", "description": "Report"},
    ]
}


KEY = {"id": None, "name": "report", "role": "r", "expires_at": None}


def keys(login, check=False, **params):
    """Run the task on API keys."""
    given = {"name": "report", "state": "present", "rotate": "never", "dest": None, **params}
    return run_api_token(Context(given, check, True, login.masker), login)


def test_a_key_that_is_there_is_not_told(nextauth):
    login = nextauth({"GET /apikeys/": LISTED})
    result = keys(login)
    assert (result["changed"], result["token"], result["diff"]) == (False, KEY, [])
    assert "canary" not in json.dumps(result)
    assert login.masker.text("canary-old canary-own canary-key") == "******** ******** ********"


def test_a_key_is_made_once_and_told_once(nextauth, tmp_path):
    routes = {
        "GET /apikeys/": {"apikeys": None},
        "POST /apikeys/": {"apikey": "canary-new", "role": "r", "description": "report"},
    }
    login = nextauth(routes)
    assert keys(login, check=True)["token"] is None
    assert len(login.server.requests) == 1
    result = keys(login)
    assert (result["made"], result["secret"], result["token"]) == (True, "canary-new", KEY)
    assert asked(login)[-1] == "POST /apikeys/?description=report"
    filed = keys(login, dest=str(tmp_path / "key"))
    assert "secret" not in filed and (tmp_path / "key").read_text() == "canary-new\n"


def test_a_key_that_gets_another_name(nextauth):
    login = nextauth(
        {
            "GET /apikeys/": {"apikeys": []},
            "POST /apikeys/": {"apikey": "canary-new", "role": "r", "description": "repo"},
        }
    )
    context = Context(
        {"name": "report", "state": "present", "rotate": "never", "dest": None}, False, False, login.masker
    )
    assert run_api_token(context, login)["secret"] == "canary-new"
    (warning,) = [notice.text for notice in context.notices]
    assert "'repo'" in warning and "next run creates another one" in warning


@pytest.mark.parametrize(
    ("routes", "params", "text"),
    [
        ({"GET /apikeys/": LISTED}, {"state": "absent"}, "cannot delete it"),
        ({"GET /apikeys/": LISTED}, {"rotate": "always"}, "cannot delete a key"),
        ({}, {"name": " "}, "name is empty"),
        ({}, {"name": "report "}, "begins or ends with whitespace"),
        ({}, {"dest": "/nowhere/at/all"}, "cannot be written"),
        ({"GET /apikeys/": Reply(200, b"canary-own, canary-old")}, {}, "not JSON"),
        ({"GET /apikeys/": {"keys": ["canary-old"]}}, {}, "no list of apikeys"),
        ({"GET /apikeys/": [{"apikeys": []}, LISTED], "POST /apikeys/": Reply(drop=True)}, {}, "its secret is lost"),
        (
            {"GET /apikeys/": {"apikeys": []}, "POST /apikeys/": Reply(200, b'"canary-n')},
            {},
            "No API key report has appeared",
        ),
    ],
)
def test_keys_that_cannot_be_had(nextauth, routes, params, text):
    with pytest.raises(RollcallError) as caught:
        keys(nextauth(routes), **params)
    assert text in caught.value.sentence()
    assert "canary" not in caught.value.sentence()


@pytest.mark.parametrize("reply", [Reply(drop=True), Reply(500, b"oops"), Reply(502, b"<html>"), Reply(200, b"{}")])
@pytest.mark.parametrize(
    ("looks", "code", "text"),
    [
        (1, "orphaned_token", "its secret is lost"),
        (3, "orphaned_token", "its secret is lost"),
        (9, "unclear_answer", "so far"),
    ],
)
def test_a_key_that_appears_in_time_or_not(nextauth, reply, looks, code, text):
    lists = [{"apikeys": []}] * looks + [LISTED] * 9
    login = nextauth({"GET /apikeys/": lists, "POST /apikeys/": reply})
    with pytest.raises(RollcallError) as caught:
        keys(login)
    assert (caught.value.code, text in caught.value.message) == (code, True)
    assert [line for line in asked(login) if line.startswith("POST")] == ["POST /apikeys/?description=report"], (
        "no other is made: none can be deleted"
    )


def test_keys_that_cannot_be_read_after_a_lost_answer(nextauth):
    login = nextauth({"GET /apikeys/": [{"apikeys": []}, Reply(403, b"no")], "POST /apikeys/": Reply(500, b"oops")})
    with pytest.raises(RollcallError) as caught:
        keys(login)
    assert "answered 500" in caught.value.message and "could not be read after that" in caught.value.message


def test_a_key_without_a_description_is_no_reason_for_another(nextauth):
    login = nextauth(
        {
            "GET /apikeys/": {
                "apikeys": [
                    {"apikey": "canary-old", "role": "r", "description": None},
                    {"apikey": "canary-own", "description": ""},
                ]
            }
        }
    )
    with pytest.raises(InputError) as caught:
        keys(login)
    assert caught.value.code == "unnamed_token"
    assert len(login.server.requests) == 1


@pytest.mark.parametrize(
    ("held", "listed", "warns"),
    [
        (None, "canary-old", True),
        ("", "canary-old", True),
        ("another", "canary-old", True),
        ("canary-old", "canary-old", False),
        ("whatever", "cana****", False),
        ("two words", "", True),
        ("whatever", "", False),
    ],
)
def test_a_key_whose_file_is_lost(nextauth, tmp_path, held, listed, warns):
    dest = tmp_path / "key"
    if held is not None:
        dest.write_text(held)
    login = nextauth({"GET /apikeys/": {"apikeys": [{"apikey": listed, "role": "r", "description": "report"}]}})
    context = Context(
        {"name": "report", "state": "present", "rotate": "never", "dest": str(dest)}, False, False, login.masker
    )
    result = run_api_token(context, login)
    assert (result["changed"], result["dest"]) == (False, str(dest))
    assert [notice.code for notice in context.notices] == (["lost_secret"] if warns else [])
    assert not any("canary" in notice.text for notice in context.notices)


# -- what can be granted -------------------------------------------------------------------------------------------


def granting(login, **params):
    """List what can be granted."""
    every = {"kinds": ["roles"], "name": None, "members": False, **params}
    return tasks.ROLE_INFO.run(Context(every, False, False, login.masker), login)["roles"]


ALL = f"GET {BASE}/permissions/"
ROWS = {"permissions": [
    {"server": "s+1/=", "role": "r/1", "acl": "users,accounts"}, {"server": "s+1/=", "role": "r/2", "acl": ""},
    {"server": "x", "role": "r/3", "acl": "root"},
]}  # fmt: skip


def test_roles_of_this_server_are_listed_with_their_permissions(nextauth):
    login = nextauth({ALL: ROWS})
    assert granting(login) == [
        {"id": "r/1", "name": "r/1", "permissions": ["accounts", "users"], "members": None},
        {"id": "r/2", "name": "r/2", "permissions": [], "members": None},
    ]  # fmt: skip
    assert len(login.server.requests) == 1


def test_members_of_roles_are_read_user_by_user(nextauth):
    routes = {ALL: ROWS, f"GET {BASE}/users/": users("ada", "bob", "cy", total=3), f"GET {ADA}/role/": {"role": "r/1"},
              f"GET {BASE}/users/bob/role/": {"role": "other"}}  # fmt: skip
    assert [role["members"] for role in granting(nextauth(routes), members=True)] == [
        [{"id": "ada", "user": "ada"}],
        [],
    ]


@pytest.mark.parametrize("row", [{"role": None, "acl": "x"}, {"role": "r/1"}, {"role": "r/1", "acl": 7}])
def test_roles_that_cannot_be_read_are_an_error(nextauth, row):
    with pytest.raises(UnreadableAnswer):
        granting(nextauth({ALL: {"permissions": [row]}}))


@pytest.mark.parametrize("name", sorted(name for name, operation in OPERATIONS.items() if not operation.is_read))
def test_a_page_of_a_proxy_is_no_success_of_a_write(nextauth, name):
    operation = OPERATIONS[name]
    parameters = {"userid": "ada", "attributekey": "site", "accountid": "1", "roleid": "r", "serverid": "s+1/="}
    target = operation.target(parameters, None)
    page = Reply(200, b"<!DOCTYPE html><html>Sign in</html>", {"Content-Type": "text/html"})
    with pytest.raises(UnclearAnswer):
        nextauth({f"{operation.method} {target}": page}).call(name, parameters, subject="ada")
