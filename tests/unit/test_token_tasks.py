# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens of Kestra from the option to the wire: what is made, kept and revoked, and which options are refused."""

from __future__ import annotations

import json
import os

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account
from ansible_collections.rollcall.identity.plugins.module_utils._core.run import token_run
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import tokens
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.connection import Kestra
from ansible_collections.rollcall.identity.tests.unit.tokens import ALL_OWNERS, OWNERS, Server, codes, token

DAY = 86400


def kept(result):
    return {entry["id"]: entry["code"] for entry in result["kept"]}


# -- what is revoked -------------------------------------------------------------------------------------------------


@ALL_OWNERS
@pytest.mark.parametrize("protect", [[], ["*"]])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"rotate": "expired"},
        {"rotate": "expired", "rotate_after": "90d"},
        {"rotate": "expired", "min_remaining": "1d"},
    ],
)
def test_nothing_is_revoked_unless_the_task_says_so(ask, owner, protect, more):
    state = Server(token("a", 40 * DAY, used=60), token("b", 30 * DAY, used=50 * 3600), token("c", 2 * DAY, used=60))
    result = ask(state, **OWNERS[owner][0], protect=protect, **more)
    assert (result["changed"], result["revoked"], kept(result)) == (
        False,
        [],
        {"a": "not_requested", "b": "not_requested"},
    )
    assert (result["token"]["id"], state.writes(), codes(result)) == ("c", [], [])


@ALL_OWNERS
@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("more", [{}, {"rotate": "expired", "rotate_after": "90d"}])
def test_overlap_revokes_older_ones_in_time(ask, owner, check, more):
    state = Server(token("a", 40 * DAY, used=3 * DAY), token("b", 2 * DAY, used=60))
    result = ask(state, check=check, **OWNERS[owner][0], overlap="1d", **more)
    assert (result["changed"], result["revoked"], kept(result), result["token"]["id"]) == (True, ["a"], {}, "b")
    assert state.writes() == ([] if check else [f"DELETE {OWNERS[owner][1]}/a"])
    assert result["diff"] == [{"before": {"tokens": ["a", "b"]}, "after": {"tokens": ["b"]}}]


@pytest.mark.parametrize(
    ("older", "current", "params", "code", "warns"),
    [
        ({"used": 60}, {"used": 60}, {}, "token_in_use", True),
        ({"used": 2 * DAY - 1}, {"used": 60}, {}, "token_in_use", True),
        ({"used": 3 * DAY}, {"used": 60}, {"overlap": "3d"}, "overlap", False),
        ({"used": 3 * DAY}, {}, {}, "unused_successor", True),
        ({"used": 3 * DAY}, {"used": 60}, {"protect": ["ADA@*"]}, "protected", True),
        ({"prefix": "own-to"}, {"used": 60}, {}, "own_token", True),
        ({"iat": None}, {"used": 60}, {}, "unclear_times", True),
        ({"iat": "soon"}, {"used": 60}, {}, "unclear_times", True),
        ({"lastUsed": "soon"}, {"used": 60}, {}, "unclear_times", True),
        ({"used": 3 * DAY}, {"used": 60, "exp": "soon"}, {}, "unclear_times", True),
    ],
)
def test_what_stays_and_why(ask, older, current, params, code, warns):
    state = Server(token("a", 40 * DAY, **older), token("b", 2 * DAY, **current))
    result = ask(state, **{"overlap": "1d", **params})
    assert (result["changed"], result["revoked"], kept(result)) == (False, [], {"a": code})
    assert codes(result) == ([code] if warns else [])
    assert state.writes() == []


def test_what_has_expired_needs_no_successor_in_use(ask):
    state = Server(token("a", 40 * DAY, used=60, expired=True), token("b", 2 * DAY))
    assert ask(state, overlap="0")["revoked"] == ["a"]


def test_two_of_one_moment(ask):
    result = ask(Server(token("a", DAY, used=60), token("b", DAY, used=60)), overlap="0")
    assert (result["revoked"], kept(result)) == ([], {"a": "unclear_times"})
    assert "If nothing uses it, use state: absent with its token_id." in result["warnings"][0]


@pytest.mark.parametrize(
    ("older", "current", "params", "warning"),
    [
        ({"lastUsed": "soon"}, {"exp": "never"}, {"overlap": "1d"},
         "the server reports no readable last_used_at of token a and no readable expires_at of token b. Token a was"),
        ({}, {"lastUsed": "soon"}, {"rotate": "expired", "rotate_after": "90d"}, None),
        ({}, {"iat": "soon"}, {"rotate": "expired"}, None),
        ({"iat": "soon"}, {"iat": "soon", "exp": "later"}, {"rotate": "expired", "rotate_after": "90d"},
         "the server reports no readable issued_at and expires_at of token b, so it is unknown whether to replace"),
    ],
)  # fmt: skip
def test_times_that_no_decision_needs_are_no_warning(ask, older, current, params, warning):
    result = ask(Server(token("a", 40 * DAY, **older), token("b", 2 * DAY, **current)), **params)
    if warning is None:
        assert (result["changed"], codes(result)) == (False, [])
    else:
        assert codes(result) == ["unclear_times"] and warning in result["warnings"][0]


@pytest.mark.parametrize("more", [{}, {"rotate": "expired", "rotate_after": "90d"}])
def test_tokens_that_tasks_created_at_the_same_time_are_named(ask, more):
    rows = [token("old", 40 * DAY), token("a", 2 * DAY + 20, used=60), token("b", 2 * DAY, used=60)]
    rows.append(token("c", 2 * DAY))
    result = ask(Server(*rows), **more)
    assert (result["changed"], codes(result), result["token"]["id"]) == (False, ["duplicate_token"], "c")
    text = "3 valid tokens are named ci and were created at about the same time: a, b, c."
    assert result["warnings"][0].startswith(text) and "(state: absent with token_id)" in result["warnings"][0]
    rows[1]["expired"] = rows[3]["expired"] = True
    assert codes(ask(Server(*rows), **more)) == [], "only valid tokens are duplicates"


@pytest.mark.parametrize(
    ("age", "more"), [(3 * DAY, {}), (2 * DAY + 5, {"overlap": "3d"}), (2 * DAY + 5, {"rotate": "always"})]
)
def test_tokens_of_a_rotation_are_no_duplicates(ask, age, more):
    assert codes(ask(Server(token("a", age, used=60), token("b", 2 * DAY, used=60)), **more)) == []


def test_tasks_that_run_at_the_same_time_create_duplicates(ask):
    state = Server()
    posted = state.posted

    def raced(request, path):
        state.posted = posted
        assert ask(state)["secret"], "another task runs between this one's read and its creation"
        return posted(request, path)

    state.posted = raced
    first = ask(state)
    assert (first["changed"], len(state.ids())) == (True, 2)
    again = ask(state)
    assert (again["changed"], codes(again)) == (False, ["duplicate_token"])
    ask(state, state="absent", token_id="new1", name=None)
    assert codes(ask(state)) == []


def test_where_every_run_makes_one_the_older_ones_go(ask):
    state = Server(token("a", 40 * DAY, used=30 * DAY), token("b", 20 * DAY, used=60))
    result = ask(state, rotate="always", overlap="1d")
    assert (result["revoked"], kept(result), result["token"]["id"]) == (["a"], {"b": "replaced"}, "new1")
    assert [line.split()[0] for line in state.writes()] == ["DELETE", "POST"], (
        "a failed revocation must not lose the new secret"
    )
    state = Server(token("a", 40 * DAY, used=30 * DAY), token("b", 20 * DAY, used=60))
    state.ends = [403]
    failed = ask(state, rotate="always", overlap="1d")
    assert failed["failed"] and failed["msg"].endswith("Not revoked: a. No token was created.")
    assert state.ids() == ["a", "b"]


@pytest.mark.parametrize(
    ("ends", "revoked", "end"),
    [
        ([403], [], "Not revoked: a, b."),
        ([204, 403], ["a"], "Not revoked: b."),
        ([500], [], "It is unclear whether token a was revoked. Not revoked: b."),
        ([204, 500], ["a"], "It is unclear whether token b was revoked."),
    ],
)
def test_a_revocation_that_fails_says_which_tokens_are_left(ask, ends, revoked, end):
    state = Server(token("a", 3), token("b", 3))
    state.ends = list(ends)
    failed = ask(state, state="absent")
    assert (failed["failed"], failed["revoked"], failed["msg"].endswith(end)) == (True, revoked, True), failed["msg"]


# -- absent ----------------------------------------------------------------------------------------------------------


@ALL_OWNERS
@pytest.mark.parametrize("gone", [False, True])
def test_not_found_is_no_revocation_while_the_token_is_listed(ask, owner, gone):
    who, _path = OWNERS[owner]
    state = Server(token("a", 3))
    state.ends = [404]
    state.lag = 2 if gone else 0
    state.gone = {"a"} if gone else set()
    result = ask(state, **who, state="absent")
    if gone:  # somebody else has revoked it, and the list lags
        assert (result["changed"], result["revoked"]) == (True, ["a"])
    else:
        assert (result["failed"], result["code"], result["revoked"]) == (True, "not_found", [])
        assert "Token a is still in the list" in result["msg"]


@ALL_OWNERS
def test_only_what_is_named_is_revoked(ask, owner):
    who, path = OWNERS[owner]
    rows = (token("a", 3), token("b", 2), token("c", 1, name="other"))
    state = Server(*rows)
    result = ask(state, **who, state="absent", token_id=" b ", name=None)
    assert (result["revoked"], result["token"], state.writes()) == (["b"], None, [f"DELETE {path}/b"])
    assert ask(state, **who, state="absent", token_id="b", name=None)["changed"] is False
    assert ask(state, **who, state="absent")["revoked"] == ["a"]
    for params in (
        {"token_id": "", "name": "ci"},
        {"token_id": "", "name": None},
        {"token_id": None, "name": ""},
        {"token_id": "A", "name": None},
    ):
        again = Server(*rows)
        assert ask(again, **who, state="absent", **params)["changed"] is False
        assert again.writes() == [], params
    odd = ask(Server(*rows), **who, state="absent", token_id="c", name="ci")
    assert (odd["failed"], odd["code"]) == (True, "id_mismatch")


@pytest.mark.parametrize("params", [{}, {"token_id": "a", "name": None}])
def test_protect_shields_every_token_of_an_owner(ask, params):
    state = Server(token("a", 3))
    result = ask(state, state="absent", protect=["ada@*"], **params)
    assert (result["failed"], result["code"], result["stopped"]) == (True, "protected", ["ada@x.org"])
    assert state.writes() == []
    assert ask(state, state="absent", name="other", protect=["ada@*"])["changed"] is False


@pytest.mark.parametrize("prefix", [None, "", "***", " ", 7])
@pytest.mark.parametrize(
    ("me", "code"), [({"id": "u1"}, "own_token_unknown"), (None, "own_token_unknown"), ({"id": "caller"}, None)]
)
def test_what_may_be_the_own_token_is_not_revoked(ask, prefix, me, code):
    def state():
        made = Server(token("a", 40 * DAY, used=30 * DAY, prefix=prefix), token("b", 2 * DAY, used=60))
        made.me = me
        return made

    for params in ({"state": "absent"}, {"state": "absent", "token_id": "a", "name": None}):
        server = state()
        result = ask(server, **params)
        assert result.get("code") == code
        assert bool(server.writes()) is (code is None)
    server = state()
    result = ask(server, overlap="1d")
    assert kept(result) == ({"a": code} if code else {})
    assert bool(server.writes()) is (code is None)


def test_a_password_has_no_own_token(ask):
    state = Server(token("a", 3, prefix=None))
    state.me = None
    assert ask(state, state="absent", api_token=None, api_user="me@x.org", api_password="canary")["revoked"] == ["a"]


def test_blocking_ends_all_other_tokens_and_says_which_it_left(serve):
    state = Server(token("a", 3, prefix=None), token("b", 2), token("c", 1, prefix="own-token"))
    state.me = None
    connection = Kestra(
        {"api_url": serve(state).url, "api_token": "own-token-canary", "api_retries": 0}, Masker(), state.clock
    )
    with pytest.raises(token_run.RollcallError) as caught:
        tokens.Tokens(connection, tokens.USER_TOKENS, Account("u1", "ada@x.org", {})).revoke_all()
    assert caught.value.code == "own_token_unknown" and "no prefix of token a," in caught.value.message
    assert state.ids() == ["a", "c"]


def test_tokens_without_a_prefix_agree_in_number(ask):
    rows = [token(name, 3, prefix=None) for name in ("a", "b")]
    state = Server(*rows)
    state.me = None
    text = "no prefix of tokens a, b, so this task may be using one of them. These tokens were not revoked."
    assert text in ask(state, state="absent")["msg"]


# -- options ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "code", "option"),
    [
        ({"rotate_after": "90d"}, "no_effect", "rotate_after"),
        ({"rotate_after": "90d", "rotate": "always"}, "no_effect", "rotate_after"),
        ({"min_remaining": "90d"}, "no_effect", "min_remaining"),
        ({"min_remaining": "1h", "rotate": "always"}, "no_effect", "min_remaining"),
        ({"token_id": "a"}, "no_effect", "token_id"),
        ({"max_age": ""}, "invalid_duration", "max_age"),
        ({"max_age": "0"}, "invalid_duration", "max_age"),
        ({"overlap": "soon"}, "invalid_duration", "overlap"),
        ({"overlap": ""}, "invalid_duration", "overlap"),
        ({"rotate": "expired", "rotate_after": "0d"}, "invalid_duration", "rotate_after"),
        ({"rotate": "expired", "min_remaining": "30d", "max_age": "30d"}, "invalid_duration", "min_remaining"),
        ({"name": None}, "missing_option", "name"),
        ({"name": ""}, "invalid_name", "name"),
        ({"name": "Not Good"}, "invalid_name", "name"),
        ({"user": ""}, "blank_value", "user"),
    ],
)
def test_options_that_cannot_be_meant(ask, params, code, option):
    state = Server(token("a", 40 * DAY, used=60), token("b", 2 * DAY, used=60))
    result = ask(state, **params)
    assert result["failed"] is True
    assert [(error["code"], error.get("option")) for error in result["errors"]] == [(code, option)]
    assert option in result["msg"] or code == "blank_value"
    if code == "no_effect" and option != "token_id":
        assert "rotate: " in result["msg"]
    assert state.writes() == []


@pytest.mark.parametrize(
    "more",
    [
        {"rotate": "always"},
        {"rotate": "expired"},
        {"min_remaining": "1d"},
        {"rotate_after": "1d"},
        {"overlap": "1d"},
        {"max_age": "30d"},
        {"dest": "/nonexistent/token"},
        {"description": "for CI"},
        {"extended": True},
    ],
)
def test_what_is_about_a_new_token_has_no_effect_on_one_that_is_revoked(ask, more):
    state = Server(token("a", 40 * DAY, used=60))
    result = ask(state, state="absent", **more)
    assert [(error["code"], error["option"]) for error in result["errors"]] == [("no_effect", next(iter(more)))]
    assert state.ids() == ["a"] and state.log == []


def test_all_that_is_wrong_is_reported_at_once(ask):
    result = ask(Server(), rotate_after="soon", min_remaining="later", max_age="0")
    assert len(result["errors"]) >= 4


def test_name_times_and_dest_are_reported_at_once(ask, tmp_path):
    wrong = {"name": "Pipe Line", "max_age": "30 days", "overlap": "soon", "dest": str(tmp_path)}
    result = ask(Server(), user="ada@acme.com", **wrong)
    assert [error["option"] for error in result["errors"]] == ["name", "dest", "overlap", "max_age"]
    assert result["msg"].count("Nothing was") == 1


def test_the_token_that_was_made_is_described_and_its_secret_is_apart(ask):
    result = ask(Server(), max_age="30d", description="for CI", extended=True)
    assert result["token"] == {
        "id": "new1", "name": "ci", "description": "for CI", "prefix": None, "issued_at": "2026-03-01T00:00:00Z",
        "expires_at": "2026-03-31T00:00:00Z", "last_used_at": None, "extended": True,
    }  # fmt: skip
    assert result["secret"] == "secret-of-new1-canary"
    assert "canary" not in json.dumps({name: value for name, value in result.items() if name != "secret"})


# -- check mode ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [{"user": "new@x.org"}, {"service_account": "new"}])
def test_an_owner_who_comes_later_is_no_error_in_check_mode(ask, tmp_path, who):
    state, dest = Server(), str(tmp_path / "token")
    result = ask(state, check=True, dest=dest, **who)
    assert (result["changed"], result["made"], result["token"], result["dest"]) == (True, True, None, dest)
    assert (result["user"], codes(result)) == (
        {"id": None, "user": next(iter(who.values()))},
        ["missing_in_check_mode"],
    )
    assert result["diff"] == [{"before": {"tokens": []}, "after": {"tokens": ["(new)"]}}]
    assert (state.writes(), os.listdir(tmp_path)) == ([], [])
    for wanted in ("present", "absent"):
        result = ask(state, **who, check=False, state=wanted)
        assert (result["failed"], result["found"]) == (True, False)
    result = ask(state, **who, check=True, state="absent")
    assert (result["changed"], result["revoked"], codes(result)) == (False, [], ["missing_in_check_mode"])


def test_an_id_that_is_not_there_is_an_error_in_check_mode(ask):
    for who in ({"id": "nobody"}, {"service_account_id": "nobody"}):
        state = Server()
        assert ask(state, check=True, **who)["failed"] is True
