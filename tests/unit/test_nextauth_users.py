# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth: addresses, input, and how users, their accounts and their roles are read. Over real sockets."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    InputError,
    RollcallError,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account, Desired
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.plan import plan_user
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import Step
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth import tasks
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth.users import SCHEMA, Users
from ansible_collections.rollcall.identity.tests.unit.fakes import bulk
from ansible_collections.rollcall.identity.tests.unit.nextauth import ADA, BASE, NOBODY, asked, target, users
from ansible_collections.rollcall.identity.tests.unit.web import Reply

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
    assert (result["summary"]["deleted"], result["reads"]) == (1, "1 page of 100, 1 look-up")


def test_a_few_users_of_a_small_directory_are_one_call(nextauth):
    login = nextauth({f"GET {BASE}/users/": users(*(f"u{number}" for number in range(60)), total=60)})
    wished = [
        Desired(f"{'u' if number < 10 else 'gone'}{number}", state="present" if number < 10 else "absent")
        for number in range(20)
    ]
    result = bulk(Users(login), *wished)
    assert (result["changed"], result["reads"], result["api_calls"]) == (False, "1 page of 100, 0 look-ups", 1)
    alone = nextauth({f"GET {ADA}/attributes/": {}})
    assert bulk(Users(alone), Desired("ada"))["reads"] == "0 pages, 1 look-up"


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
    for wanted in (True, False):
        plan = plan_user(SCHEMA, Desired("ada", fields={"enabled": wanted}), account)
        assert bool(plan.steps) == (enabled is not None and enabled != wanted)
        assert list(map(str, plan.losses)) == (["is disabled"] if plan.steps and not wanted else [])


# -- input ---------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(("name", "advice"), [
    (" users", "Remove the blanks around the name."),
    ("users,accounts", "Specify one name per element, such as users or accounts."),
])  # fmt: skip
def test_the_advice_about_a_permission_fits_its_mistake(nextauth, name, advice):
    (problem,) = Users(nextauth({})).check(target(items=[name], name="permissions"))
    assert problem.endswith(f"is {name!r}, which is not a permission. {advice}")


def test_a_boolean_is_no_text(nextauth):
    (problem,) = Users(nextauth({})).check(target(items={"vip": True}))
    assert (problem.code, problem.option, problem.place) == ("unquoted_value", "attributes.vip", "ada")
    assert "'true'" in problem


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
