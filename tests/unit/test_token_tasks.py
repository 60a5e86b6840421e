# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens of Kestra from the option to the wire: what is made, kept and revoked, also where answers are lost
and files fail."""

from __future__ import annotations

import datetime
import json
import os

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account
from ansible_collections.rollcall.identity.plugins.module_utils._core.run import delivery, token_run
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import ConnectionPool, run_task
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import account_tasks, tokens
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.connection import Kestra
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock
from ansible_collections.rollcall.identity.tests.unit.web import Reply

DAY = 86400
NOW = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
DATE = "Sun, 01 Mar 2026 00:00:00 GMT"
ADA = {"id": "u1", "username": "ada@x.org", "tenants": [], "auths": [], "superAdmin": False}
BOT = {"id": "s1", "name": "bot"}
OWNERS = {
    "user": ({"user": "ada@x.org"}, "/users/u1/api-tokens"),
    "service account": ({"service_account": "bot"}, "/service-accounts/s1/api-tokens"),
    "service account of a tenant": (
        {"service_account": "bot", "scope": "tenant"},
        "/main/service-accounts/s1/api-tokens",
    ),
}
ALL_OWNERS = pytest.mark.parametrize("owner", OWNERS)


def ago(seconds):
    """Return a time before NOW as Kestra writes it."""
    return (NOW - datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def token(identity, age, used=None, name="ci", **more):
    """Return a row of the list: a token that was made ``age`` seconds ago, and last used ``used`` seconds ago."""
    return {
        "id": identity, "name": name, "prefix": f"secret-of-{identity}"[:12], "iat": ago(age), "exp": None,
        "extended": False, "expired": False,
        "lastUsed": None if used is None else ago(used), "description": None, **more,
    }  # fmt: skip


class Server:
    """A Kestra that keeps tokens of one owner. ``answers`` are what becomes of each POST in turn; without any it works.

    An answer is a status, or None for a connection that breaks; ``effect`` is None for none, or the seconds after which
    the token is in the list. ``lists`` and ``ends`` are the statuses of the reads and the revocations to come.
    """

    def __init__(self, *rows):
        self.clock = FakeClock()
        self.rows = [(0.0, row) for row in rows]
        self.answers, self.lists, self.ends = [], [], []
        self.lag = 0
        self.more = 0
        self.gone = set()
        self.me = {"id": "caller"}
        self.log = []
        self.made = 0

    def ids(self):
        return [row["id"] for _at, row in self.rows if row["id"] not in self.gone]

    def writes(self):
        return [line for line in self.log if not line.startswith("GET")]

    def __call__(self, request):
        path = request.target.split("?")[0].removeprefix("/api/v1")
        self.log.append(f"{request.method} {path}")
        if path.endswith("/me"):
            return Reply(404, "") if self.me is None else Reply(body=self.me)
        if "/api-tokens" in path:
            reply = {"GET": self.listed, "POST": self.posted, "DELETE": self.revoked}[request.method](request, path)
            reply.headers.setdefault("Date", DATE)
            return reply
        owners = [ADA] if path.startswith("/users") else [BOT]
        if path.endswith(("/u1", "/s1")):
            return Reply(body=owners[0])
        found = [
            one
            for one in owners
            if f"q={(one.get('username') or one['name']).replace('@', '%40')}&" in request.target + "&"
            or path.startswith("/main")
        ]
        return Reply(body={"results": found, "total": len(found)})

    def listed(self, _request, _path):
        status = self.lists.pop(0) if self.lists else 200
        if status != 200:
            return Reply(status, "")
        shown = [row for at, row in self.rows if at <= self.clock.time]
        if self.lag:
            self.lag -= 1
        else:
            shown = [row for row in shown if row["id"] not in self.gone]
        return Reply(body={"results": shown, "total": len(shown) + self.more})

    def posted(self, request, _path):
        status, effect = self.answers.pop(0) if self.answers else (201, 0.0)
        self.made += 1
        name, identity = json.loads(request.body)["name"], f"new{self.made}"
        if effect is not None:
            self.rows.append((self.clock.time + effect, token(identity, 0, name=name, prefix=f"secret-of-{identity}")))
        if status is None:
            return Reply(drop=True)
        return Reply(
            status,
            {"id": identity, "name": name, "fullToken": f"secret-of-{identity}-canary"}
            if status < 300
            else {"message": "Oops"},
        )

    def revoked(self, _request, path):
        status = self.ends.pop(0) if self.ends else 204
        if status == 204:
            self.gone.add(path.rpartition("/")[2])
        return Reply(status, "")


@pytest.fixture
def ask(serve):
    """Return a function that runs the task against a server."""

    def run(world, task=account_tasks.API_TOKEN, check=False, diff=True, **params):
        server = serve(world)
        given = {name: option.get("default") for name, option in task.options.items()}
        given.update({"api_url": server.url, "api_token": "own-token-canary", "api_retries": 0, "name": "ci", **params})
        if not {"user", "id", "service_account", "service_account_id"} & set(params):
            given["user"] = "ada@x.org"
        connection = Kestra(given, Masker(), world.clock)
        pool = ConnectionPool()
        pool.get = lambda *_arguments: connection
        return run_task(task, given, check, diff, pool)

    return run


def codes(result):
    return [notice["code"] for notice in result.get("warning_details", ())]


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
    assert failed["failed"] and "Not revoked: a" in failed["msg"] and "No token was created" in failed["msg"]
    assert state.ids() == ["a", "b"]


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
    assert caught.value.code == "own_token_unknown" and "token a " in caught.value.message
    assert state.ids() == ["a", "c"]


# -- lost answers ----------------------------------------------------------------------------------------------------

UNCLEAR = [None, 500, 502]


@ALL_OWNERS
@pytest.mark.parametrize("status", UNCLEAR)
@pytest.mark.parametrize("effect", [None, 0.0, 1.0, 3.4])
def test_a_lost_answer_leaves_one_token_whose_secret_is_there(ask, owner, status, effect):
    state = Server(token("old", 9, name="other"))
    state.answers = [(status, effect)]
    result = ask(state, **OWNERS[owner][0])
    assert result["secret"] == "secret-of-new2-canary"
    assert (result["token"]["id"], state.ids()) == ("new2", ["old", "new2"])
    again = ask(state, **OWNERS[owner][0])
    assert (again["changed"], again["token"]["id"]) == (False, "new2")


def test_a_token_that_appears_while_the_second_is_made(ask):
    state = Server()
    state.answers = [(None, sum(token_run.LOOKS) + 0.1)]
    posted = state.posted

    def slow(request, path):
        if state.made:
            state.clock.sleep(1.0)
        return posted(request, path)

    state.posted = slow
    result = ask(state)
    assert (state.ids(), codes(result)) == (["new2"], ["late_token"])


def test_a_token_that_has_not_appeared_is_announced(ask):
    state = Server()
    state.answers = [(None, 1e6)]
    result = ask(state)
    assert (result["token"]["id"], codes(result)) == ("new2", ["unclear_answer"])
    assert "other than new2" in result["warnings"][0]


@pytest.mark.parametrize("status", UNCLEAR)
def test_what_is_lost_twice_is_named(ask, status):
    state = Server()
    state.answers = [(status, 0.0), (status, 0.0)]
    result = ask(state)
    assert (result["failed"], result["code"], result["orphaned"]) == (True, "orphaned_token", ["new2"])
    assert "new2" in result["msg"] and "token_id" in result["msg"]
    assert state.ids() == ["new2"]
    state = Server()
    state.answers = [(status, None), (status, None)]
    result = ask(state)
    assert (result["code"], state.ids()) == ("unclear_answer", [])


def test_what_cannot_be_read_or_revoked_is_named(ask):
    state = Server()
    state.answers, state.ends = [(500, 0.0)], [403]
    result = ask(state)
    assert (result["code"], result["orphaned"], state.ids()) == ("orphaned_token", ["new1"], ["new1"])
    assert (
        "answered 500 to create_api_tokens_for_user1 ada@x.org: Oops" in result["msg"]
        and "could not be revoked" in result["msg"]
    )
    state = Server()
    state.answers, state.lists = [(500, 0.0)], [200, 403]
    result = ask(state)
    assert result["code"] == "unclear_answer"
    assert "Oops" in result["msg"] and "could not be read after that" in result["msg"]


def test_several_that_appear_are_left_to_people(ask):
    state = Server()
    state.answers = [(500, 0.0)]
    posted = state.posted

    def with_another(request, path):
        state.rows.append((0.0, token("foreign", 0)))
        return posted(request, path)

    state.posted = with_another
    result = ask(state)
    assert (result["code"], sorted(result["orphaned"]), len(state.ids())) == ("orphaned_token", ["foreign", "new1"], 2)


def test_a_refusal_is_a_refusal(ask):
    state = Server()
    state.answers = [(403, None)]
    result = ask(state)
    assert (result["code"], state.writes()) == ("not_permitted", ["POST /users/u1/api-tokens"])


# -- rows without a name ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [None, "", 7])
def test_a_row_without_a_name_is_no_reason_for_a_second_token(ask, name):
    state = Server(token("a", 3, name=name))
    for params in ({}, {"rotate": "expired", "rotate_after": "1d"}):
        result = ask(state, **params)
        assert (result["code"], state.writes()) == ("unnamed_token", [])
    assert ask(state, state="absent")["changed"] is False
    assert ask(Server(token("a", 3, name=name, expired=True)))["made"] is True
    assert ask(Server(token("a", 3, name=name), token("b", 3)))["changed"] is False


def test_a_list_that_is_not_whole_is_no_reason_for_anything(ask):
    for params in ({}, {"state": "absent"}, {"name": "other"}):
        state = Server(token("a", 3))
        state.more = 1
        result = ask(state, **params)
        assert (result["failed"], state.writes()) == (True, [])
        assert "1 of 2 tokens" in result["msg"]


# -- the file --------------------------------------------------------------------------------------------------------


@ALL_OWNERS
@pytest.mark.parametrize("held", [None, "", "something else", "secret-of-new9-canary"])
def test_a_lost_file_is_reported_and_replaced(ask, tmp_path, owner, held):
    state, dest = Server(), tmp_path / "token"
    who = {**OWNERS[owner][0], "dest": str(dest)}
    first = ask(state, **who)
    assert (first["dest"], dest.read_text(), "secret" in first) == (str(dest), "secret-of-new1-canary\n", False)
    fine = ask(state, **who, rotate="expired")
    assert (fine["changed"], fine["dest"], codes(fine)) == (False, str(dest), [])
    if held is None:
        dest.unlink()
    else:
        dest.write_text(held)
    result = ask(state, **who)
    assert (result["changed"], codes(result), state.ids()) == (False, ["lost_secret"], ["new1"])
    assert str(dest) in result["warnings"][0]
    check = ask(state, check=True, **who, rotate="expired")
    assert (check["changed"], check["token"], state.ids()) == (True, None, ["new1"])
    result = ask(state, **who, rotate="expired")
    assert (result["changed"], result["why"].startswith(str(dest)), codes(result)) == (True, True, [])
    assert (dest.read_text(), state.ids()) == ("secret-of-new2-canary\n", ["new1", "new2"])
    assert ask(state, **who, rotate="expired")["changed"] is False


def test_a_place_that_takes_no_secret_is_refused_before_any_call(ask, tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for place in ("folder", "pipe", "no/file", "a\0b"):
        for check in (True, False):
            state = Server()
            result = ask(state, check=check, dest=str(tmp_path / place))
            assert (result["code"], state.log) == ("invalid_dest", []), place


def test_no_room_is_known_before_anything_is_made(ask, tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(delivery.os, "fsync", full)
    state = Server()
    result = ask(state, dest=str(tmp_path / "token"))
    assert (result["code"], state.writes()) == ("invalid_dest", [])


@ALL_OWNERS
@pytest.mark.parametrize(
    ("ends", "lists", "lag", "text", "alive"),
    [
        ([], [], 0, "was revoked; older", False),
        ([], [], 2, "was revoked; older", False),
        ([], [], 9, "still lists it", False),
        ([], [200, 403], 0, "could not be read to verify it", False),
        ([403], [], 0, "could not be revoked", True),
        ([500], [], 0, "could not be revoked", True),
    ],
)
def test_a_file_that_fails_after_all(ask, tmp_path, monkeypatch, owner, ends, lists, lag, text, alive):
    def taken(_source, _target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(delivery.os, "replace", taken)
    state = Server()
    state.ends, state.lists, state.lag = list(ends), list(lists), 0
    posted = state.posted

    def then_lag(request, path):
        state.lag = lag
        return posted(request, path)

    state.posted = then_lag
    result = ask(state, **OWNERS[owner][0], dest=str(tmp_path / "token"))
    assert result["failed"] and "No space left on device" in result["msg"], "the first error is visible"
    assert text in result["msg"]
    assert ("was revoked; older" in result["msg"]) is (text == "was revoked; older")
    assert ("new1" in result["msg"]) is (text != "was revoked; older")
    assert (state.ids() == ["new1"]) is alive
    assert os.listdir(tmp_path) == []


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
