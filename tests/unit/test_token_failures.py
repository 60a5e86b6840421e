# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens of Kestra where answers are lost, rows lack a name, and files fail."""

from __future__ import annotations

import os

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.run import delivery, token_run
from ansible_collections.rollcall.identity.tests.unit.tokens import ALL_OWNERS, OWNERS, Server, codes, token

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
    assert "There is a new token named ci: new2. Its secret is lost." in result["msg"]
    assert result["msg"].endswith("Revoke it (state: absent with token_id), then run the task again.")
    assert state.ids() == ["new2"]
    state = Server()
    state.answers = [(status, None), (status, None)]
    result = ask(state)
    assert (result["code"], state.ids()) == ("unclear_answer", [])
    assert result["msg"].endswith("its secret is lost: revoke it (state: absent with token_id).")


def test_what_cannot_be_read_or_revoked_is_named(ask):
    state = Server()
    state.answers, state.ends = [(500, 0.0)], [403]
    result = ask(state)
    assert (result["code"], result["orphaned"], state.ids()) == ("orphaned_token", ["new1"], ["new1"])
    assert (
        "answered 500 to create_api_tokens_for_user1 ada@x.org: Oops" in result["msg"]
        and "Its secret is lost. Token new1 could not be revoked: " in result["msg"]
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
    assert "There are new tokens named ci: foreign, new1. The secrets of those that this task" in result["msg"]
    assert "Revoke the unused ones (state: absent with token_id), then run the task again." in result["msg"]


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (
            [None],
            (
                "There is a new token that may be named ci: new1. If this task created it, its secret is lost. If "
                "nothing uses this token, revoke it (state: absent with token_id), then run the task again."
            ),
        ),
        (
            [None, "ci"],
            "If this task created one of them, its secret is lost. Revoke the unused ones (state: absent",
        ),
    ],
)
def test_a_token_without_a_name_may_be_that_of_another(ask, names, text):
    state = Server()
    state.answers = [(500, 0.0)]
    posted = state.posted

    def nameless(request, path):
        if names[1:]:
            state.rows.append((0.0, token("foreign", 0, name=names[1])))
        reply = posted(request, path)
        state.rows[-1][1]["name"] = names[0]
        return reply

    state.posted = nameless
    result = ask(state)
    assert (result["code"], "new1" in state.ids()) == ("orphaned_token", True)
    assert text in result["msg"]


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


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "no name for token t0. It may already be named 'ci', so no token was created. Nothing was written."),
        (3, "no name for tokens t0, t1, t2. One of them may already be named 'ci', so no token was created."),
    ],
)
def test_rows_without_a_name_agree_in_number(ask, number, text):
    assert text in ask(Server(*(token(f"t{index}", 3, name=None) for index in range(number))))["msg"]


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
        ([], [], 0, "The new token ci was revoked.", False),
        ([], [], 2, "The new token ci was revoked.", False),
        ([], [], 9, "still lists it. Check the owner's tokens. If token new1 still exists, revoke it (", False),
        ([], [200, 403], 0, "could not be read to verify this", False),
        ([403], [], 0, "The new token new1 could not be revoked", True),
        ([500], [], 0, "and its secret is lost: revoke it (state: absent with token_id).", True),
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
    assert ("was revoked." in result["msg"]) is ("was revoked." in text)
    assert ("new1" in result["msg"]) is ("was revoked." not in text)
    assert "still works" not in result["msg"], "there was no valid token before"
    assert (state.ids() == ["new1"]) is alive
    assert os.listdir(tmp_path) == []


def test_after_a_file_that_fails_the_older_token_is_named(ask, tmp_path, monkeypatch):
    def taken(_source, _target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(delivery.os, "replace", taken)
    result = ask(Server(token("a", 3)), rotate="always", dest=str(tmp_path / "token"))
    assert result["msg"].endswith("The new token ci was revoked. Token a still works.")
