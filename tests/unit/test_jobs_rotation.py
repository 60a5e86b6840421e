# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rotation of tokens: the list and what is wrong with it, what becomes of each token, what came of it."""

from __future__ import annotations

import contextlib
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.modules.identity_token_rotation import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import validate
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.rotation.entries import SCHEMA, Reader, Settings
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.rotation.job import run_rotation
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.rotation.model import (
    NewToken,
    OldFile,
    Outcome,
    Planned,
    Proof,
    Step,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.rotation.steps import (
    final,
    outcome,
    proof_of,
    step,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.schema import PROVIDERS
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame

CONNECTIONS = {
    "kes": {"provider": "kestra", "credentials": {"api_token": "canary"}},
    **{name: {"provider": name} for name in PROVIDERS if name != "kestra"},
}
GOOD = {"connection": "kes", "user": "ada@acme.com", "name": "ci", "rotate_after": "30d", "deliver": "/play/vault.yml"}


def read(*tokens, **settings):
    here = os.getcwd()
    files = {
        *(f"/play/{name}.yml" for name in ("vault", "own", "all", "both")),
        f"{here}/both.yml",
        f"{here}/sub/here.yml",
    }
    settled = Settings(**{"folder": here, "playbook_folder": "/play", **settings})
    return Reader(
        list(tokens), CONNECTIONS, settled, files.__contains__, ("/play", "/tokens", here, f"{here}/sub").__contains__
    )


def run(**params):
    """Return the result of a step of the job, which sends nothing here."""
    validated = validate(SPEC, {}, {"step": "check", "connections": CONNECTIONS, **params})
    assert validated.error_messages == []
    return run_rotation(validated.validated_parameters, Frame(folder="/play"))


def problems_of(**params):
    """Return what is wrong with the input of a step."""
    with pytest.raises(InputError) as raised:
        run(**params)
    return [str(problem) for problem in raised.value.problems]


def test_what_is_called_for_an_entry():
    reader = read(
        {**GOOD, "max_age": "60d", "min_remaining": 3600, "description": "for CI"},
        {**GOOD, "user": "bob@acme.com", "dest": "/play/t"},
    )
    assert reader.problems == []
    one, other = reader.entries
    assert one.present == {
        "user": "ada@acme.com", "name": "ci", "state": "present", "rotate": "expired", "overlap": "1d",
        "rotate_after": "30d", "max_age": "60d", "min_remaining": "3600", "description": "for CI",
    }  # fmt: skip
    assert (one.module, one.info, one.who, one.owner, one.number) == (
        "api_token",
        "api_token_info",
        {"user": "ada@acme.com"},
        "ada@acme.com",
        0,
    )
    assert (other.dest, other.deliver) == ("/play/t", "/play/vault.yml")
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
    fields = {name: value for name, value in GOOD.items() if name != "deliver"}
    reader = read({**fields, **entry}, **settings)
    assert reader.problems == []
    assert (reader.entries[0].deliver, reader.entries[0].dest) == tuple(
        path.replace("{here}", os.getcwd()) for path in place
    )


@pytest.mark.parametrize(
    ("change", "settings", "text"),
    [
        ({"connection": "other"}, {}, "no such connection"),
        ({"user": ...}, {}, "specify its owner with exactly one of user, service_account, service_account_id."),
        ({"service_account": "ci"}, {}, "specify its owner with exactly one of"),
        ({"scope": "tenant"}, {}, "scope is for service accounts"),
        ({"name": "Not A Name"}, {}, "Kestra accepts 1 to 63"),
        ({"rotate_after": "soon"}, {}, "rotate_after is 'soon', which is not a duration"),
        ({"rotate_after": ...}, {}, "never be rotated"),
        ({"rotate_after": ..., "min_remaining": "5d"}, {}, "never be rotated"),
        ({"rotate_after": "0"}, {}, "every run would create a token"),
        ({"max_age": "10d", "min_remaining": "10d"}, {}, "every run would create a token"),
        ({"max_age": "0d"}, {}, "max_age is zero"),
        ({"max_age": "30d"}, {}, "expire before overlap (default: token_rotation_overlap)"),
        ({"max_age": "40d", "overlap": "11d"}, {}, "expire before overlap (default: token_rotation_overlap)"),
        (
            {"rotate_after": ..., "max_age": "30d", "min_remaining": "5d", "overlap": "6d"},
            {},
            "expire before overlap (default: token_rotation_overlap)",
        ),
        ({"deliver": ...}, {}, "would be lost"),
        (
            {"deliver": "nothing.yml"},
            {},
            "deliver nothing.yml does not exist, neither where ansible-playbook was started nor",
        ),
        ({"deliver": "/play/nothing"}, {}, "does not exist"),
        ({"dest": "nowhere/token"}, {}, "dest: there is no folder"),
        ({"dest": "/nowhere/token"}, {}, "dest: there is no folder /nowhere. Create it, or specify another path."),
        ({"dest": "token"}, {"dest": "/nowhere"}, "dest: there is no folder /nowhere."),
        ({"dest": "/play"}, {}, "dest: /play is a folder."),
        ({"deliver": ...}, {"dest": "/nowhere"}, "(kes: ci): token_rotation_dest: there is no folder /nowhere."),
        ({"deliver": ...}, {"deliver": "no.yml"}, "(kes: ci): token_rotation_deliver no.yml does not exist"),
        ({}, {"overlap": "soon"}, "(kes: ci): token_rotation_overlap is 'soon', which is not a duration"),
        ({"overlap": "later"}, {"overlap": "soon"}, "(kes: ci): overlap is 'later', which is not a duration"),
        ({"deliver": ...}, {"dest": "/play", "awx": True}, "token_rotation_dest is lost with the container on AWX"),
        ({"deliver": ..., "dest": "/play/token"}, {"awx": True}, "lost with the container on AWX"),
        ({"colour": "red"}, {}, "the key 'colour' is unknown. The keys are 'connection'"),
        ({"rotate_afer": "3d"}, {}, "the key 'rotate_afer' is unknown; similar names: 'rotate_after'"),
        ({"description": None}, {}, "description is empty (null). Omit it, or specify text."),
        ({"name": ...}, {}, "name is missing"),
    ],
)
def test_what_is_wrong_with_an_entry(change, settings, text):
    fields = {name: value for name, value in {**GOOD, **change}.items() if value is not ...}
    problems = read(fields, **settings).problems
    assert len(problems) == 1, problems
    assert text in problems[0]
    assert problems[0].startswith("token_rotation_tokens[0]")


@pytest.mark.parametrize("change", [
    {"max_age": "40d", "overlap": "10d"},
    {"rotate_after": ..., "max_age": "30d", "min_remaining": "5d", "overlap": "5d"}, {"overlap": 0},
    {"max_age": "P31D"},
])  # fmt: skip
def test_times_that_fit(change):
    assert read({name: value for name, value in {**GOOD, **change}.items() if value is not ...}).problems == []


def test_all_problems_are_told_at_once_and_none_twice():
    one, other = ({**GOOD, "name": name, "dest": "/play/t"} for name in "bc")
    problems = read(
        GOOD, {**GOOD, "name": "X"}, {**GOOD, "user": "ADA@acme.com"}, {**GOOD, "connection": "nextauth"}, one, other
    ).problems
    assert len(problems) == 4
    assert "token_rotation_tokens[2] is the same token as token_rotation_tokens[0]" in problems[2]
    assert "token_rotation_tokens[5] is written to the same file as token_rotation_tokens[4]" in problems[3]
    assert Reader("a text", CONNECTIONS, Settings()).problems == [
        "token_rotation_tokens: 'a text' is not a list. Write it as [first, second]."
    ]


def test_nothing_to_rotate_is_a_mistake():
    (no_tokens,) = problems_of(tokens=[])
    assert no_tokens.startswith("There are no tokens. Set token_rotation_tokens, a list with")
    assert problems_of(tokens=[GOOD], connections={}) == ["There are no connections. Set identity_connections."]


def test_everything_wrong_with_the_input_at_once():
    connections = {"kes": {"provider": "kestra", "api_retrys": 3}, "ol": {"provider": "okta"}}
    tokens = [{**GOOD, "name": "X"}, {**GOOD, "connection": "ol"}, {**GOOD, "connection": "kess"}]
    problems = problems_of(tokens=tokens, connections=connections, as_of="soon")
    texts = ("'soon' is not a day", "api_retrys is not an option", "'okta' is not one of", "similar names: kes.")
    assert [text in " ".join(problems) for text in texts] == [True] * 4
    assert len([text for text in problems if text.startswith("token_rotation_tokens[1]")]) == 0, (
        "the connection is what is wrong"
    )


KEYS = st.sampled_from([*SCHEMA["items"]["properties"], "provider", "credentials", "kes"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 3)
    | st.sampled_from(["", "a", "kestra", "kes", "ada@acme.com", "30d", "/play", "x\0y"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


TOKENS = st.fixed_dictionaries(
    {"connection": st.sampled_from(["kes", "a"]), "name": st.sampled_from(["ci", "x\0y"])},
    optional={name: VALUES for name in SCHEMA["items"]["properties"] if name not in ("connection", "name")},
)


@given(VALUES | st.lists(TOKENS, max_size=2), VALUES)
def test_no_form_is_too_odd(tokens, connection):
    """Whatever is wrong with the input is a problem of the input."""
    for connections in ({"kes": connection}, CONNECTIONS):
        with contextlib.suppress(InputError):
            run(tokens=tokens, connections=connections)


def test_options_of_connections_are_checked_before_any_call(tmp_path):
    """What the module of a token refuses is refused for all entries at once, and for a connection once."""
    tokens = [{**GOOD, "deliver": None, "dest": str(tmp_path / name), "name": name} for name in ("a", "b")]
    tokens = [{name: value for name, value in entry.items() if value is not None} for entry in tokens]
    kes = {
        "provider": "kestra",
        "api_url": "https://kestra.acme.com",
        "api_retries": "many",
        "credentials": {"api_token": "canary-of-kes"},
    }
    (problem,) = problems_of(tokens=tokens, connections={"kes": kes})
    assert "api_retries" in problem
    assert "canary" not in problem


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_rotates_or_says_what_to_do(provider):
    life = life_of(provider).token
    problems = read({**GOOD, "connection": "kes" if provider == "kestra" else provider}).problems
    if life.module is not None:
        assert problems == []
    else:
        assert problems[0].endswith(life.text) and len(life.text) > 40


# -- what becomes of each ------------------------------------------------------------------------------------------


def token(identity, issued, used=None, **more):
    return {
        "id": identity,
        "issued_at": f"2026-01-{issued:02}T08:00:00.000Z",
        "last_used_at": used and f"2026-01-{used:02}T08:00:00Z",
        **more,
    }


KEPT = {"made": False, "revoked": []}


def test_what_is_due_is_made():
    assert step({"made": True, "why": "none is valid", "token": None, "revoked": []}) == Step("make", "none is valid")
    kept = [{"id": "a", "code": "overlap"}, {"id": "b", "code": "replaced"}]
    assert step({"made": True, "why": "it is old", "token": None, "kept": kept}) == Step("make", "it is old", "b"), (
        "current until another one is made"
    )


def test_what_is_valid_is_kept():
    found = step({**KEPT, "token": token("b", 5, 6), "warnings": []})
    assert found == Step("keep", "it is valid, and not due", "b")
    assert step(
        {**KEPT, "token": token("b", 5, 6), "warnings": ["this task uses token a."]}
    ).detail.startswith("this task uses token a")


def test_a_newest_token_that_was_never_used_is_replaced():
    due = {**KEPT, "token": token("b", 5)}
    assert step(due).action == "look"
    found = step(due, {"tokens": [token("a", 1, 4), token("b", 5)]})
    assert (found.action, found.token_id) == ("make", "b")
    assert "was never used" in found.detail
    assert step(due, {"tokens": [token("b", 5)]}).action == "make"
    assert step(due, {"tokens": [token("x", 4, expired=True), token("a", 1, 4), token("b", 5)]}).action == "make", (
        "an expired one says nothing"
    )
    assert step(due, {"tokens": [token("old", 1), token("a", 3, 4), token("b", 5)]}).action == "make", (
        "only the two newest count"
    )


def test_two_that_were_never_used_end_it():
    found = step({**KEPT, "token": token("b", 5)}, {"tokens": [token("b", 5), token("a", 4)]})
    assert found.action == "fail"
    assert "b and a, were never used" in found.detail


def test_older_ones_are_revoked_unless_they_are_still_used():
    due = {"made": False, "revoked": ["a", "b"], "token": token("c", 5, 6)}
    assert step(due).action == "look"
    found = step(due, {"tokens": [token("a", 1, 3), token("b", 2), token("c", 5, 6)]})
    assert (found.action, found.revoke, found.token_id) == ("revoke", ("a", "b"), "c")
    found = step(due, {"tokens": [token("a", 1, 9), token("b", 2, 6), token("c", 5, 6)]})
    assert (found.action, found.revoke) == ("revoke", ("b",))
    assert "a was used more recently than the current token" in found.detail
    found = step(due, {"tokens": [token("a", 1, 9), token("b", 2, 8), token("c", 5, 6)]})
    assert (found.action, found.revoke) == ("keep", ())
    assert step(due, {"tokens": [token("a", 1, 9, expired=True), token("b", 2, 3), token("c", 5, 6)]}).revoke == (
        "a",
        "b",
    )


def test_one_that_the_module_keeps_as_in_use_is_compared_with_the_current_one():
    due = {
        "made": False,
        "revoked": [],
        "kept": [{"id": "a", "code": "token_in_use"}, {"id": "b", "code": "protected"}],
        "token": token("c", 5, 8),
    }
    assert step(due).action == "look"
    found = step(due, {"tokens": [token("a", 1, 6), token("b", 2), token("c", 5, 8)]})
    assert (found.action, found.revoke) == ("revoke", ("a",)), (
        "used within the overlap, and no more since the current one is"
    )
    found = step(due, {"tokens": [token("a", 1, 9), token("b", 2), token("c", 5, 8)]})
    assert (found.action, found.revoke) == ("keep", ())
    shielded = {**due, "kept": due["kept"][1:], "warnings": ["the owner is protected"]}
    assert (step(shielded).action, step(shielded).detail) == ("keep", "the owner is protected")


def test_what_is_called_to_look_and_to_make():
    both = {**GOOD, "max_age": "60d", "min_remaining": "5d", "scope": "tenant", "user": ..., "service_account": "ci"}
    (one,) = read({name: value for name, value in both.items() if value is not ...}).entries
    assert one.make == {
        "service_account": "ci", "scope": "tenant", "name": "ci", "state": "present", "rotate": "always",
        "max_age": "60d",
    }
    assert "dest" not in one.present, "a task file may take the file away"
    fields = {name: value for name, value in GOOD.items() if name != "deliver"}
    (filed,) = read({**fields, "dest": "/play/t"}).entries
    assert (filed.present["dest"], "dest" in filed.make) == ("/play/t", False)


def test_what_cannot_be_read_fails():
    failure = {"failed": True, "msg": "Could not reach it."}
    assert step(failure) == Step("fail", "Could not reach it. Nothing was changed.")
    assert step({**KEPT, "token": token("b", 5)}, failure).action == "fail"


def test_plans_travel_as_plain_data():
    (entry,) = read(GOOD).entries
    planned = Planned(entry, Step("revoke", "why", "b", ("a",)))
    assert Planned.of(json.loads(json.dumps(planned.document()))) == planned
    for document in ("text", {}, {**planned.document(), "more": 1}):
        with pytest.raises(InputError, match="what the step plan returned"):
            Planned.of(document)


def test_what_a_step_requires():
    (entry,) = read(GOOD).entries
    planned = Planned(entry, Step("make")).document()
    assert problems_of(step="make") == ["planned is missing: step=make requires it."]
    assert problems_of(step="prove") == [
        "planned is missing: step=prove requires it.",
        "made is missing: step=prove requires it.",
    ]
    assert problems_of(step="finish") == ["plan is missing: step=finish requires it."]
    assert problems_of(step="make", planned=planned, connections={"other": {"provider": "kestra"}}) == [
        (
            "connections: the plan names the connection kes, which is missing here. Add the connection, or run "
            "step=plan again."
        )
    ]
    (problem,) = problems_of(step="prove", planned=planned, made={"secret": "canary"})
    assert problem == "made: specify the result of step=make, unchanged."
    assert "outcomes" in problems_of(step="finish", plan=[planned], outcomes=[{"number": 0}])[0]


@pytest.mark.parametrize(("used", "revoked"), [
    ("2026-01-06T08:00:00.001Z", False), ("2026-01-06T07:59:59.9Z", True), ("2026-01-06T10:00:00+02:00", True),
    ("soon", True),
])  # fmt: skip
def test_times_of_servers(used, revoked):
    due = {"made": False, "revoked": ["a"], "token": {**token("b", 5), "last_used_at": "2026-01-06T08:00:00Z"}}
    assert (step(due, {"tokens": [{**token("a", 1), "last_used_at": used}]}).action == "revoke") is revoked


# -- what came of it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "shown"), [
    ({"tokens": []}, Proof()),
    ({"failed": True, "msg": "no", "status": 403}, Proof()),
    ({"failed": True, "msg": "no", "status": 401}, Proof(refused=True)),
    ({"failed": True, "msg": "no", "status": 503}, Proof(unclear="no")),
    ({"failed": True, "msg": "no"}, Proof(unclear="no")),
])  # fmt: skip
def test_what_trying_has_shown(answer, shown):
    assert proof_of(answer) == shown


DUE = Step("make", "it is older than rotate_after", "old")


@pytest.mark.parametrize(("place", "made", "proof", "what", "current", "texts"), [
    ("deliver", {}, {}, "made", "new", ["older than rotate_after", "a later run revokes"]),
    ("deliver", {"error": "It is full."}, {}, "failed", "old", ["there is no new token to deliver: It is full."]),
    ("deliver", {}, {"broken": "Write it"}, "failed", "old",
     ["task 'Write it'", "new was revoked", "Fix that and run the role again."]),
    ("deliver", {}, {"refused": True}, "failed", "old",
     ["the server rejects it.", "new was revoked", "Restore the old token", "Check that ada@acme.com can log in"]),
    ("dest", {}, {"refused": True, "restored": True}, "failed", "old", ["as it was before", "new was revoked"]),
    ("dest", {}, {"refused": True}, "failed", "old", ["/play/t could not be restored"]),
    ("dest", {}, {"unreadable": True, "restored": True}, "failed", "old",
     ["the new token was written to /play/t, but could not be read from there. The file is as it was before."]),
    ("deliver", {}, {"unclear": "Too slow."}, "failed", "new",
     ["could not be tested: Too slow. The new token and the older ones are kept. Run the role again: it replaces"]),
    ("deliver", {}, {"broken": "Write it", "stays": "Too slow."}, "failed", "new",
     ["Revoke the new token new, which could not be revoked: Too slow. Fix that and run the role again."]),
])  # fmt: skip
def test_outcomes_of_new_tokens(place, made, proof, what, current, texts):
    fields = (
        GOOD
        if place == "deliver"
        else {**{name: value for name, value in GOOD.items() if name != "deliver"}, "dest": "/play/t"}
    )
    (entry,) = read(fields).entries
    found = outcome(Planned(entry, DUE), NewToken("new", "canary", **made), Proof(**proof))
    assert (found.outcome, found.token_id) == (what, current)
    assert all(text in found.detail for text in texts), found.detail


def test_without_an_older_token_none_is_mentioned():
    (entry,) = read(GOOD).entries
    first = Planned(entry, Step("make", "none is valid"))
    for proof in (Proof(unclear="Too slow."), Proof(refused=True), Proof(broken="Write it")):
        detail = outcome(first, NewToken("new", "canary"), proof).detail
        assert "older" not in detail and "old token" not in detail


def test_no_token_is_shown_by_accident():
    made = NewToken("new", "canary", file=OldFile(True, b"canary"))
    assert "canary" not in repr(made)


def test_the_report_names_each_token():
    (entry,) = read(GOOD).entries
    made = Outcome("made", "new", "done")

    def end(action, outcome=None, revoked=None, check=False):
        found = final(Planned(entry, Step(action, "why", "t")), outcome, revoked or {}, check)
        return found.outcome, found.token_id, found.detail

    assert end("make", made) == ("made", "new", "done")
    assert end("make") == ("failed", "t", "this token was not attempted. Run the role again."), "the run was cut off"
    assert end("make", check=True) == ("made", "t", "why")
    assert end("revoke", revoked={"x": ""}) == ("revoked", "t", "why")
    detail = "y could not be revoked: No. Run the role again."
    assert end("revoke", revoked={"x": "", "y": "No."}) == ("failed", "t", detail)
    assert [end("keep")[0], end("fail")[0]] == ["kept", "failed"]
    line = made.line(entry)
    assert line == {
        "connection": "kes", "owner": "ada@acme.com", "name": "ci", "outcome": "made", "token_id": "new",
        "detail": "done",
    }
