# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rotation of tokens: what becomes of each token, what came of it."""

from __future__ import annotations

import json

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
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
    still_due,
)
from ansible_collections.rollcall.identity.tests.unit.rotation import GOOD, problems_of, read

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
    tokens = {"tokens": [token("b", 5), token("a", 4)]}
    found = step({**KEPT, "token": token("b", 5)}, tokens, True, "kestra_api_token")
    assert "with kestra_api_token (state: absent with token_id)" in found.detail
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


def test_older_ones_are_compared_again_before_they_are_revoked():
    planned = Step("revoke", "revoked a, b", "c", ("a", "b"), ("z",))
    tokens = [token("z", 1, 2), token("a", 1, 3), token("b", 2), token("c", 5, 6)]
    found = still_due(planned, {"tokens": tokens})
    assert (found.action, found.revoke, found.busy) == ("revoke", ("a", "b"), ("z",)), "one that was in use stays"
    found = still_due(planned, {"tokens": [tokens[0], token("a", 1, 9), token("b", 2, 8), tokens[3]]})
    assert (found.action, found.revoke, found.busy) == ("keep", (), ("z", "a", "b"))
    for left in ([token("a", 1, 3)], [token("a", 1, 3), token("c", 5, 6, expired=True)]):
        found = still_due(planned, {"tokens": left})
        assert (found.action, found.revoke) == ("fail", ())
        assert "the current token c was revoked or has expired during this run. Nothing was revoked" in found.detail


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
     ["task 'Write it'", "new was revoked",
      "If deliver stored the new token somewhere, restore the old one there. Fix the cause"]),
    ("deliver", {}, {"refused": True}, "failed", "old",
     ["the server rejects it.", "new was revoked", "Restore the old token", "Check that ada@acme.com can log in"]),
    ("dest", {}, {"refused": True, "restored": True}, "failed", "old", ["as it was before", "new was revoked"]),
    ("dest", {}, {"refused": True}, "failed", "old", ["/play/t could not be restored"]),
    ("dest", {}, {"unreadable": True, "restored": True}, "failed", "old",
     ["the new token was written to /play/t, but could not be read from there. The file is as it was before."]),
    ("deliver", {}, {"unclear": "Too slow."}, "failed", "new",
     ["could not be tested: Too slow. The new token and the older ones are kept. Run the role again after 10"]),
    ("deliver", {}, {"broken": "Write it", "stays": "Too slow."}, "failed", "new",
     ["Revoke the new token new, which could not be revoked: Too slow. If deliver stored the new"]),
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
