# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth: accounts of users: how they are listed, blocked and registered. Over real sockets."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    GuardError,
    InputError,
    RollcallError,
    UnclearAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account, Desired
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth.accounts import run_accounts
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth.tasks import (
    USER_INFO,
    USER_REGISTRATION,
)
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth.users import Users
from ansible_collections.rollcall.identity.tests.unit.nextauth import ADA, BASE, NOBODY, asked, users
from ansible_collections.rollcall.identity.tests.unit.web import Reply


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
    ("chosen", "text"),
    [
        ({"accounts": [{"id": 2}]}, "The account 2 is still listed."),
        ({"accounts": None, "all": True}, "The accounts 1, 2 are still listed."),
    ],
)
@pytest.mark.parametrize("gone", [False, True])
def test_not_found_is_no_deletion_while_the_account_is_listed(nextauth, chosen, text, gone):
    later = {"accounts": []} if gone else PHONES
    login = nextauth({f"GET {ADA}/attributes/": {}, f"GET {ADA}/accounts": [PHONES, later]})
    if gone:  # somebody else has deleted it
        assert devices(login, check=False, **chosen)["changed"] is True
        return
    with pytest.raises(ApiError) as caught:
        devices(login, check=False, **chosen)
    assert caught.value.code == "not_found"
    assert caught.value.hint.startswith(text)


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
