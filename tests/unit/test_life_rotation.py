# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rotation of tokens: the list and what is wrong with it, what becomes of each token, what came of it."""

from __future__ import annotations

import os

import pytest

from ansible_collections.rollcall.identity.plugins.plugin_utils._life.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.rotation import Reader, outcome, proof, report, steps
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.schema import PROVIDERS

CONNECTIONS = {"kes": {"provider": "kestra", "credentials": {"api_token": "canary"}}, **{name: {"provider": name} for name in PROVIDERS if name != "kestra"}}
SETTINGS = {"deliver": "", "dest": "", "overlap": "1d", "awx": False, "playbook_dir": "/play"}
GOOD = {"connection": "kes", "user": "ada@acme.com", "name": "ci", "rotate_after": "30d", "deliver": "/play/vault.yml"}


def read(*tokens, **settings):
    here = os.getcwd()
    files = {*(f"/play/{name}.yml" for name in ("vault", "own", "all", "both")), f"{here}/both.yml", f"{here}/sub/here.yml"}
    return Reader(list(tokens), CONNECTIONS, {**SETTINGS, **settings}, files.__contains__, ("/play", "/tokens", here, f"{here}/sub").__contains__)


def test_what_is_called_for_an_entry():
    reader = read({**GOOD, "max_age": "60d", "min_remaining": 3600, "description": "for CI"}, {**GOOD, "user": "bob@acme.com", "dest": "/play/t"})
    assert reader.problems == []
    one, other = reader.entries
    assert one["present"] == {
        "user": "ada@acme.com", "name": "ci", "state": "present", "rotate": "expired", "overlap": "1d", "rotate_after": "30d", "max_age": "60d",
        "min_remaining": "3600", "description": "for CI",
    }  # fmt: skip
    assert (one["module"], one["info"], one["who"], one["owner"], one["number"]) == ("api_token", "api_token_info", {"user": "ada@acme.com"}, "ada@acme.com", 0)
    assert (other["dest"], other["deliver"]) == ("/play/t", "/play/vault.yml")
    assert "canary" not in repr(reader.entries)


@pytest.mark.parametrize(("entry", "settings", "place"), [
    ({"deliver": "/play/own.yml"}, {"deliver": "/play/all.yml", "dest": "/tokens"}, ("/play/own.yml", "")),
    ({}, {"deliver": "/play/all.yml", "dest": "/tokens"}, ("/play/all.yml", "")),
    ({}, {"dest": "/tokens"}, ("", "/tokens/kes-ada@acme.com-ci.token")),
    ({"dest": "mine"}, {"dest": "/tokens", "deliver": "/play/all.yml"}, ("", "/tokens/mine")),
    ({"dest": "/play/mine"}, {"dest": "/tokens"}, ("", "/play/mine")),
    ({"deliver": "own.yml"}, {}, ("/play/own.yml", "")),
    ({"deliver": "sub/here.yml"}, {}, ("{here}/sub/here.yml", "")),
    ({"deliver": "sub/../both.yml"}, {}, ("{here}/both.yml", "")),
    ({}, {"deliver": "all.yml"}, ("/play/all.yml", "")),
    ({"dest": "mine"}, {}, ("", "{here}/mine")),
    ({"dest": "mine"}, {"dest": "sub"}, ("", "{here}/sub/mine")),
    ({"dest": "../mine"}, {"dest": "/play/sub"}, ("", "/play/mine")),
])  # fmt: skip
def test_where_a_token_goes(entry, settings, place):
    given = {name: value for name, value in GOOD.items() if name != "deliver"}
    reader = read({**given, **entry}, **settings)
    assert reader.problems == []
    assert (reader.entries[0]["deliver"], reader.entries[0]["dest"]) == tuple(path.replace("{here}", os.getcwd()) for path in place)


@pytest.mark.parametrize(("change", "settings", "text"), [
    ({"connection": "other"}, {}, "no such connection"),
    ({"user": ...}, {}, "give whose it is, one of user, service_account, service_account_id."),
    ({"service_account": "ci"}, {}, "give whose it is"),
    ({"scope": "tenant"}, {}, "scope is for service accounts"),
    ({"name": "Not A Name"}, {}, "Kestra takes 1 to 63"),
    ({"rotate_after": "soon"}, {}, "rotate_after is 'soon', which is no duration"),
    ({"rotate_after": ...}, {}, "never be rotated"),
    ({"rotate_after": ..., "min_remaining": "5d"}, {}, "never be rotated"),
    ({"rotate_after": "0"}, {}, "every run would make a token"),
    ({"max_age": "10d", "min_remaining": "10d"}, {}, "every run would make a token"),
    ({"max_age": "0d"}, {}, "max_age is nothing"),
    ({"max_age": "30d"}, {}, "expire before the overlap has passed"),
    ({"max_age": "40d", "overlap": "11d"}, {}, "expire before the overlap has passed"),
    ({"rotate_after": ..., "max_age": "30d", "min_remaining": "5d", "overlap": "6d"}, {}, "expire before the overlap has passed"),
    ({"deliver": ...}, {}, "would go nowhere"),
    ({"deliver": "nothing.yml"}, {}, "deliver nothing.yml is not there, neither where it is started nor in the playbook's folder."),
    ({"deliver": "/play/nothing"}, {}, "is not there"),
    ({"dest": "nowhere/token"}, {}, "a folder that is there"),
    ({"dest": "/nowhere/token"}, {}, "a folder that is there"),
    ({"dest": "/play"}, {}, "must be a file"),
    ({"deliver": ..., "dest": "/play/token"}, {"awx": True}, "gone with the container on AWX"),
    ({"colour": "red"}, {}, "colour is unknown; there are connection"),
    ({"rotate_afer": "3d"}, {}, "rotate_afer is unknown; near names: rotate_after"),
    ({"description": None}, {}, "description is empty (null). Leave it out, or give a text."),
    ({"name": ...}, {}, "name is missing"),
])  # fmt: skip
def test_what_is_wrong_with_an_entry(change, settings, text):
    given = {name: value for name, value in {**GOOD, **change}.items() if value is not ...}
    problems = read(given, **settings).problems
    assert len(problems) == 1, problems
    assert text in problems[0]
    assert problems[0].startswith("token_rotation_tokens[0]")


@pytest.mark.parametrize("change", [
    {"max_age": "40d", "overlap": "10d"}, {"rotate_after": ..., "max_age": "30d", "min_remaining": "5d", "overlap": "5d"}, {"overlap": 0}, {"max_age": "P31D"},
])  # fmt: skip
def test_times_that_fit(change):
    assert read({name: value for name, value in {**GOOD, **change}.items() if value is not ...}).problems == []


def test_all_problems_are_told_at_once_and_none_twice():
    one, other = ({**GOOD, "name": name, "dest": "/play/t"} for name in "bc")
    problems = read(GOOD, {**GOOD, "name": "X"}, {**GOOD, "user": "ADA@acme.com"}, {**GOOD, "connection": "nextauth"}, one, other).problems
    assert len(problems) == 4
    assert "token_rotation_tokens[2] is the same token as token_rotation_tokens[0]" in problems[2]
    assert "token_rotation_tokens[5] is written to the same file as token_rotation_tokens[4]" in problems[3]
    assert Reader("a text", CONNECTIONS, SETTINGS).problems == ["token_rotation_tokens: 'a text' is not a list."]


def test_nothing_to_rotate_is_a_mistake():
    no_connections, no_tokens = Reader([], {}, SETTINGS).problems
    assert no_connections == "There are no connections. Set identity_connections."
    assert no_tokens.startswith("There are no tokens. Set token_rotation_tokens, a list with")
    assert Reader([], CONNECTIONS, SETTINGS).problems == [no_tokens]
    assert Reader([GOOD], {}, SETTINGS).problems == [no_connections]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_rotates_or_says_what_to_do(provider):
    life = life_of(provider).token
    problems = read({**GOOD, "connection": "kes" if provider == "kestra" else provider}).problems
    assert (problems == []) is (life.module is not None)
    assert life.module or (problems[0].endswith(life.text) and len(life.text) > 40)


# -- what becomes of each ------------------------------------------------------------------------------------------


def token(identity, issued, used=None, **more):
    return {"id": identity, "issued_at": f"2026-01-{issued:02}T08:00:00.000Z", "last_used_at": used and f"2026-01-{used:02}T08:00:00Z", **more}


def step(told, held=None):
    entry = read(GOOD).entries[0]
    return steps([entry], [told], {} if held is None else {0: held})[0]


KEPT = {"made": False, "revoked": []}


def test_what_is_due_is_made():
    assert step({"made": True, "why": "none is valid", "token": None, "revoked": []}) == {
        "number": 0, "action": "make", "detail": "none is valid", "token_id": None, "revoke": [],
    }  # fmt: skip


def test_what_is_valid_is_kept():
    found = step({**KEPT, "token": token("b", 5, 6), "warnings": []})
    assert (found["action"], found["token_id"], found["revoke"]) == ("keep", "b", [])
    assert step({**KEPT, "token": token("b", 5, 6), "warnings": ["token a is the one this task works with."]})["detail"].startswith("token a")


def test_a_newest_token_that_was_never_used_is_replaced():
    told = {**KEPT, "token": token("b", 5)}
    assert step(told)["action"] == "look"
    found = step(told, {"tokens": [token("a", 1, 4), token("b", 5)]})
    assert (found["action"], found["token_id"]) == ("make", "b")
    assert "was never used" in found["detail"]
    assert step(told, {"tokens": [token("b", 5)]})["action"] == "make"
    assert step(told, {"tokens": [token("x", 4, expired=True), token("a", 1, 4), token("b", 5)]})["action"] == "make", "an expired one says nothing"
    assert step(told, {"tokens": [token("old", 1), token("a", 3, 4), token("b", 5)]})["action"] == "make", "only the two newest count"


def test_two_that_were_never_used_end_it():
    found = step({**KEPT, "token": token("b", 5)}, {"tokens": [token("b", 5), token("a", 4)]})
    assert found["action"] == "fail"
    assert "b and a, were never used" in found["detail"]


def test_older_ones_are_revoked_unless_they_are_still_used():
    told = {"made": False, "revoked": ["a", "b"], "token": token("c", 5, 6)}
    assert step(told)["action"] == "look"
    found = step(told, {"tokens": [token("a", 1, 3), token("b", 2), token("c", 5, 6)]})
    assert (found["action"], found["revoke"], found["token_id"]) == ("revoke", ["a", "b"], "c")
    found = step(told, {"tokens": [token("a", 1, 9), token("b", 2, 6), token("c", 5, 6)]})
    assert (found["action"], found["revoke"]) == ("revoke", ["b"])
    assert "a was used after the current one" in found["detail"]
    found = step(told, {"tokens": [token("a", 1, 9), token("b", 2, 8), token("c", 5, 6)]})
    assert (found["action"], found["revoke"]) == ("keep", [])
    assert step(told, {"tokens": [token("a", 1, 9, expired=True), token("b", 2, 3), token("c", 5, 6)]})["revoke"] == ["a", "b"]


def test_one_that_the_module_keeps_as_in_use_is_compared_with_the_current_one():
    told = {"made": False, "revoked": [], "kept": [{"id": "a", "code": "token_in_use"}, {"id": "b", "code": "protected"}], "token": token("c", 5, 8)}
    assert step(told)["action"] == "look"
    found = step(told, {"tokens": [token("a", 1, 6), token("b", 2), token("c", 5, 8)]})
    assert (found["action"], found["revoke"]) == ("revoke", ["a"]), "used within the overlap, and no more since the current one is"
    found = step(told, {"tokens": [token("a", 1, 9), token("b", 2), token("c", 5, 8)]})
    assert (found["action"], found["revoke"]) == ("keep", [])
    shielded = {**told, "kept": told["kept"][1:], "warnings": ["the owner is protected"]}
    assert (step(shielded)["action"], step(shielded)["detail"]) == ("keep", "the owner is protected")


def test_what_is_called_to_look_and_to_make():
    both = {**GOOD, "max_age": "60d", "min_remaining": "5d", "scope": "tenant", "user": ..., "service_account": "ci"}
    (one,) = read({name: value for name, value in both.items() if value is not ...}).entries
    assert one["make"] == {"service_account": "ci", "scope": "tenant", "name": "ci", "state": "present", "rotate": "always", "max_age": "60d"}
    assert "dest" not in one["present"], "a task file may take the file away"
    given = {name: value for name, value in GOOD.items() if name != "deliver"}
    (filed,) = read({**given, "dest": "/play/t"}).entries
    assert (filed["present"]["dest"], "dest" in filed["make"]) == ("/play/t", False)


def test_what_cannot_be_read_fails_and_the_others_go_on():
    entries = read(GOOD, {**GOOD, "name": "other"}).entries
    found = steps(entries, [{"error": "Could not reach it."}, {"made": True, "why": "rotate"}], {})
    assert [one["action"] for one in found] == ["fail", "make"]
    assert found[0]["detail"] == "Could not reach it. Nothing was changed."
    assert step({**KEPT, "token": token("b", 5)}, {"error": "Could not read."})["action"] == "fail"


@pytest.mark.parametrize(("used", "revoked"), [
    ("2026-01-06T08:00:00.001Z", False), ("2026-01-06T07:59:59.9Z", True), ("2026-01-06T10:00:00+02:00", True), ("soon", True),
])  # fmt: skip
def test_times_of_servers(used, revoked):
    told = {"made": False, "revoked": ["a"], "token": {**token("b", 5), "last_used_at": "2026-01-06T08:00:00Z"}}
    assert (step(told, {"tokens": [{**token("a", 1), "last_used_at": used}]})["action"] == "revoke") is revoked


# -- what came of it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tried", "shown"), [
    ([{"tokens": []}], ""),
    ([{"error": "no", "status": 403}], ""),
    ([{"error": "no", "status": 401}], "refused"),
    ([{"error": "no", "status": 401}, {"tokens": []}], ""),
    ([{"error": "no", "status": 401}, {"skipped": True}], "refused"),
    ([{"error": "no", "status": 503}, {}], "unclear"),
    ([{"error": "no"}], "unclear"),
    ([{}, {}], ""),
])  # fmt: skip
def test_what_trying_has_shown(tried, shown):
    assert proof(tried)["proof"] == shown


FILE, TASKS = {"dest": "/play/t", "deliver": ""}, {"dest": "", "deliver": "/play/vault.yml"}
DUE = {"number": 0, "action": "make", "detail": "it is older than rotate_after", "token_id": "old", "revoke": []}


@pytest.mark.parametrize(("entry", "did", "what", "current", "texts"), [
    (TASKS, {"proof": ""}, "made", "new", ["older than rotate_after", "revoked by a later run"]),
    (TASKS, {"error": "The server is full."}, "failed", "old", ["no token was made: The server is full."]),
    (TASKS, {"broken": "Write it"}, "failed", "old", ["task 'Write it'", "new was revoked", "run it again"]),
    (TASKS, {"proof": "refused"}, "failed", "old", ["is refused", "new was revoked", "Put the old token back"]),
    (FILE, {"proof": "refused", "restored": True}, "failed", "old", ["as it was before", "new was revoked"]),
    (FILE, {"proof": "refused"}, "failed", "old", ["/play/t could not be put back"]),
    (TASKS, {"proof": "unclear", "why": "Too slow."}, "failed", "new", ["could not be tried: Too slow.", "It stays"]),
    (TASKS, {"broken": "Write it", "taken_back": "Too slow."}, "failed", "new", ["could not be revoked: Too slow.", "Revoke it."]),
])  # fmt: skip
def test_what_came_of_a_new_token(entry, did, what, current, texts):
    found = outcome(DUE, entry, {"token_id": "new", "proof": "", "why": "", **did})
    assert (found["outcome"], found["token_id"]) == (what, current)
    assert all(text in found["detail"] for text in texts), found["detail"]


def test_the_report_names_each_token():
    names = ("due", "old", "fine", "wrong", "stuck")
    entries = read(*({**GOOD, "name": name} for name in names)).entries
    actions = ("make", "revoke", "keep", "fail", "revoke")
    planned = [{"number": number, "action": action, "token_id": "t", "detail": "why", "revoke": []} for number, action in enumerate(actions)]
    made = {0: {"outcome": "made", "token_id": "new", "detail": "done"}}
    gone = [{"number": 1, "token_id": "x", "error": None}, {"number": 4, "token_id": "y", "error": "No."}]
    found = report(entries, planned, made, gone, False)
    assert [(one["name"], one["outcome"], one["token_id"]) for one in found] == [
        ("due", "made", "new"), ("old", "revoked", "t"), ("fine", "kept", "t"), ("wrong", "failed", "t"), ("stuck", "failed", "t"),
    ]  # fmt: skip
    assert found[4]["detail"] == "y could not be revoked: No. Run it again."
    assert set(found[0]) == {"connection", "owner", "name", "outcome", "detail", "token_id"}
    assert [one["outcome"] for one in report(entries, planned, {}, [], True)] == ["made", "revoked", "kept", "failed", "revoked"], "check mode"
    assert report(entries, planned, {}, [], False)[0]["outcome"] == "failed", "the run was cut off"
