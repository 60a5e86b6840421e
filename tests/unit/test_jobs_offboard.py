# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One person leaves: which calls are made in which order, what they become in the evidence, and
that runs come to an end."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.evidence import (
    evidence,
    failures,
    page,
    text,
)
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.steps import advance
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.schema import PROVIDERS
from ansible_collections.rollcall.identity.tests.unit.offboard import (
    ADA,
    ALL,
    KESTRA,
    OL,
    World,
    account,
    outcomes,
    rows,
    run,
    settings,
    started,
)


def everywhere(**changes):
    return World(ALL, {provider: [account(provider)] for provider in PROVIDERS}, **changes)


def test_all_providers_and_a_second_run():
    world = everywhere()
    first = run(settings(ALL), world)
    assert first["complete"] and outcomes(first) == {"done", "manual"}
    blocks = [
        number
        for number, (_name, _module, options) in enumerate(world.made)
        if options.get("enabled") is False or options.get("state") in ("blocked",)
    ]
    later = ("user_session", "user_roles", "user_groups", "api_token", "user_passkey")
    others = [number for number, (_name, module, _options) in enumerate(world.made) if module in later]
    assert len(blocks) == 5
    assert max(blocks) < min(others), "the logins are blocked first"
    sendauth = [
        (module, options.get("state"))
        for name, module, options in world.made
        if name == "sendauth" and module != "user_info"
    ]
    assert sendauth == [("user_passkey", "absent"), ("user_roles", "exact"), ("user", "absent")]
    by_name = {(entry["connection"], entry["step"]): entry for entry in first["steps"]}
    assert by_name["onelogin", "grants"]["detail"] == "roles: Snowflake, VPN"
    assert (
        by_name["kestra", "grants"]["detail"]
        == "with the block, tenants: main; groups: main/data; roles: main/Dev in a.b"
    )
    assert by_name["contabo", "block"] == {
        "connection": "contabo", "provider": "contabo", "account": "ada@acme.com", "id": "1", "step": "block",
        "how": "native", "outcome": "done", "detail": "the account is disabled", "request_id": "r",
        "time": "2026-06-15T10:00:02Z",
    }  # fmt: skip
    assert {name for name, step in by_name if step == "proof"} == set(PROVIDERS)
    assert by_name["sendauth", "block"]["how"] == "emulated"

    world.made.clear()
    second = run(settings(ALL, earlier=first), world)
    assert second["complete"] and outcomes(second) == {"already", "manual"}
    assert {module for _name, module, _options in world.made} == {"user_info"}
    assert [entry for entry in second["earlier"] if entry["outcome"] == "done"] == [
        entry for entry in first["steps"] if entry["outcome"] == "done"
    ]
    shown = text(second)
    assert "everything is done" in shown and "Earlier runs:" in shown and "client secret" in shown


def test_check_mode_tells_the_same_and_does_nothing():
    world = everywhere()
    before = copy.deepcopy(world.users)
    planned = run(settings(ALL, check=True), world)
    assert world.users == before
    done = run(settings(ALL), world)
    assert rows(planned) == [row for row in rows(done) if row[1] != "proof"]
    assert "Check mode: nothing was done." in text(planned)


def test_sessions_are_ended_again_unless_that_is_proven():
    connections = {"ol": {"provider": "onelogin"}}

    def sessions(user, **changes):
        world = World(connections, {"ol": [user]})
        return next(
            entry["outcome"]
            for entry in run(settings(connections, **changes), world)["steps"]
            if entry["step"] == "sessions"
        )

    blocked = account("onelogin", enabled=False, roles=[])
    first = run(settings(connections), World(connections, {"ol": [account("onelogin")]}))
    assert sessions(blocked) == "done", "somebody else has blocked it"
    assert sessions(blocked, earlier=first) == "already"
    assert sessions(blocked, earlier=first, sessions="always") == "done"
    assert sessions(account("onelogin"), earlier=first) == "done", "the login was opened again"
    assert sessions(blocked, earlier=first, left_on="2026-06-01") == "done", "the evidence is of another leaving"
    assert sessions({**blocked, "last_login": "2026-06-15T11:00:00.000Z"}, earlier=first) == "done", (
        "somebody has logged in since"
    )
    assert sessions({**blocked, "last_login": "2026-06-15T09:00:00.000Z"}, earlier=first) == "already"
    failed = run(settings(connections), World(connections, {"ol": [account("onelogin")]}, broken=[("ol", "user")]))
    assert outcomes(failed, "sessions") == {"done"}
    assert sessions(blocked, earlier=failed) == "done", "they were ended before the login was blocked"


def test_what_a_mapping_gives_is_for_people():
    connections = {"ol": {"provider": "onelogin"}}
    world = World(connections, {"ol": [account("onelogin")]}, mapped=["VPN"])
    first = run(settings(connections), world)
    assert [row[1:] for row in rows(first) if row[1] in ("grants", "proof")] == [
        ("grants", "done"), ("grants", "manual"), ("proof", "done"),
    ]
    assert first["complete"] and any("VPN is kept" in entry for entry in first["manual"])
    second = run(settings(connections, earlier=first), world)
    assert outcomes(second) == {"already", "manual"}


class _Refusing(World):
    """The last administrator cannot be blocked, and is not protected."""

    def answer(self, call, check):
        self.stopped = ["ol"] if call.module != "user_session" else []
        answer = super().answer(call, check)
        return {**answer, "code": "min_admins"} if "stopped" in answer else answer


@pytest.mark.parametrize(("enabled", "step", "why"), [
    (True, "block", "the login was not blocked"), (False, "grants", "the step grants was refused"),
])  # fmt: skip
def test_what_depends_on_a_refused_step_has_its_code_and_names_it(enabled, step, why):
    connections = {"ol": {"provider": "onelogin"}}
    world = _Refusing(connections, {"ol": [account("onelogin", enabled=enabled)]})
    work, _problems = started(settings(connections, level="delete"))
    while work.phase != "end":
        advance(work, [world.answer(call, False) for call in work.calls], "2026-06-15T10:00:00Z")
    failed = [problem for problem in failures(work) if ": proof: " not in str(problem)]
    assert {problem.code for problem in failed} == {"min_admins"}
    detail = f"Not attempted, because {why}. See the problem with the step {step} of this account."
    assert str(failed[-1]).endswith(f": delete: {detail}")


def test_who_is_shielded_keeps_everything():
    connections = {"ol": {"provider": "onelogin", "protect": ["ada@*"]}, "kes": KESTRA}
    world = World(connections, {"ol": [account("onelogin")], "kes": [account("kestra")]}, stopped=["ol"])
    found = run(settings(connections, level="delete"), world)
    assert {
        entry["outcome"] for entry in found["steps"] if entry["connection"] == "ol" and entry["step"] != "tokens"
    } == {"failed"}
    assert [module for name, module, _options in world.made if name == "ol" and module not in ("user_info",)] == [
        "user"
    ], "only the block was tried"
    assert any("It is protected." in entry for entry in found["failed"])
    text = "Not attempted, because the login was not blocked. See the problem with the step block of this account."
    assert sum(text in entry for entry in found["failed"]) == 2
    assert world.users["kes"] == []
    blocked = World(connections, {"ol": [account("onelogin", enabled=False, roles=[])], "kes": []})
    assert any("protected by 'ada@*'" in entry for entry in run(settings(connections), blocked)["failed"]), (
        "no module for sessions has protect"
    )


@pytest.mark.parametrize(
    ("more", "pattern", "shields"),
    [({}, "ada", True), ({}, "*@acme.com", False), ({"user_key": "email"}, "*@acme.com", True)],
)
def test_protect_is_about_the_name_that_the_connection_goes_by(more, pattern, shields):
    connections = {"ol": {"provider": "onelogin", "protect": [pattern], **more}}
    user = account("onelogin", enabled=False, roles=[], username="ada", email="ada@acme.com")
    found = run(settings(connections), World(connections, {"ol": [user]}))
    assert bool(found["failed"]) is shields


@pytest.mark.parametrize(
    ("changes", "on", "due"),
    [
        ({}, "2026-05-31", True),
        ({"as_of": "2026-05-30"}, "2026-05-31", False),
        ({"as_of": "2026-05-31"}, "2026-05-31", True),
        ({"delete_after": "8w"}, "2026-06-26", False),
        ({"delete_after": "0"}, "2026-05-01", True),
        ({"left_on": "2026-06-14"}, "2026-07-14", False),
        ({"people": [{**ADA, "end": None, "status": "left"}]}, None, False),
        ({"people": [{name: value for name, value in ADA.items() if name != "end"} | {"status": "left"}]}, None, False),
        ({"level": "disable"}, "2026-05-31", False),
    ],
)
def test_accounts_are_deleted_when_they_are_due(changes, on, due):
    given = settings(ALL, **{"level": "delete", **changes})
    world = everywhere()
    found = run(given, world)
    assert (found["delete_on"], found["complete"]) == (on, True)
    assert all(not world.users[provider] for provider in PROVIDERS) is due
    assert ("delete" in {entry["step"] for entry in found["steps"]}) is due
    if due:
        assert "the account no longer exists" in {entry["detail"] for entry in found["steps"]}
        again = run({**given, "earlier": found}, world)
        assert outcomes(again) == {"already"} and {entry["detail"] for entry in again["steps"]} == {
            "no account: looked for ada@acme.com, ada@old.com"
        }
    elif on is None:
        assert "offboard_left_on" in found["deletion"]


def test_a_proof_that_fails_is_looked_at_twice_and_told():
    connections = {"ol": {"provider": "onelogin"}}

    class Late(World):
        """Shows what was written at the third reading."""

        def answer(self, call, check):
            answer = super().answer(call, check)
            late = sum(module == "user_info" for _name, module, _options in self.made) - 5 < self.extra
            return {**answer, "users": [account("onelogin")]} if call.step.name == "proof" and late else answer

    for extra, outcome in ((0, "done"), (1, "done"), (2, "failed")):
        world = Late(connections, {"ol": [account("onelogin")]})
        world.extra = extra
        found = run(settings(connections, proof_wait=5), world)
        assert outcomes(found, "proof") == {outcome}, extra
    assert any("can still log in and it still has roles: Snowflake, VPN" in entry for entry in found["failed"])


def test_what_is_not_in_a_list_comes_before_the_lists():
    class Stuck(World):
        """Shows everything again at the end."""

        def answer(self, call, check):
            users = {"users": [account("kestra", instance_owner=True)]} if call.step.name == "proof" else {}
            return {**super().answer(call, check), **users}

    connections = {"kes": {"provider": "kestra"}}
    found = run(settings(connections), Stuck(connections, {"kes": [account("kestra", instance_owner=True)]}))
    assert any("and it still has instance_owner; " in entry for entry in found["failed"]), found["failed"]


def test_a_failed_search_is_a_failure_and_each_call_has_its_answer():
    work, _problems = started(settings({"ol": {"provider": "onelogin"}}))
    advance(work, [{"failed": True, "msg": "broken"}] * len(work.calls), "2026-06-15T10:00:00Z")
    assert {entry.outcome for entry in work.entries} == {"failed"}
    work, _problems = started(settings({"ol": {"provider": "onelogin"}}))
    with pytest.raises(ValueError, match="shorter"):
        advance(work, [{}], "2026-06-15T10:00:00Z")


def test_a_run_that_breaks_off_says_so():
    work, _problems = started(settings({"ol": {"provider": "onelogin"}}))
    found = evidence(work, "2026-06-15T10:00:00Z", failures(work))
    assert not found["complete"] and "ended in the phase find" in found["failed"][0]


# -- the page --------------------------------------------------------------------------------------------------------


def test_the_page_escapes_what_directories_and_feeds_say():
    hostile = "<script>alert(1)</script>"
    person = {**ADA, "name": f"Ada {hostile}"}
    world = World(OL, {"ol": [account("onelogin", roles=[hostile])]})
    document = run(settings(OL, people=[person]), world)
    document["notes"].append(hostile)
    shown = page(document)
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert "default-src &#39;none&#39;" in shown


# -- in general ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_provider_says_what_becomes_of_each_step(provider):
    steps = life_of(provider).steps
    assert {step.name for step in steps} >= {"block", "sessions", "tokens", "delete"}
    assert any(step.name == "grants" and set(step.holds) >= set(life_of(provider).facets) for step in steps)
    for step in steps:
        assert step.how in ("native", "emulated", "manual")
        assert (step.module is None) == (step.how == "manual")
        assert step.text or step.holds, "an entry has to say something"
    assert [step.how for step in steps if step.name == "block"] == [life_of(provider).how]


MODULES = ["user", "user_accounts", "user_roles", "user_session", "user_passkey", "api_token", "user_info"]


@given(
    st.dictionaries(st.sampled_from(PROVIDERS), st.fixed_dictionaries({
        "able": st.booleans(), "bare": st.booleans(), "there": st.booleans(),
    }), min_size=1),
    st.lists(st.tuples(st.sampled_from(PROVIDERS), st.sampled_from(MODULES)), max_size=4),
    st.sampled_from(["disable", "delete"]),
)  # fmt: skip
def test_runs_come_to_an_end_whatever_fails(about, broken, level):
    connections = {provider: {"provider": provider} for provider in about}
    users = {}
    for provider, shape in about.items():
        user = account(provider)
        if not shape["able"]:
            user["enabled"] = False
            user.update({"state": "absent"} if provider == "sendauth" else {})
        if shape["bare"]:
            user = {name: value if not isinstance(value, list) else [] for name, value in user.items()}
        users[provider] = [user] if shape["there"] else []
    world = World(connections, users, broken=broken)
    first = run(settings(connections, level=level, none_found="ok"), world)
    assert first["complete"] == ("failed" not in outcomes(first))
    for entry in first["steps"]:
        assert entry["outcome"] in ("done", "already", "failed", "manual") and entry["time"]
    world.broken = set()
    second = run(settings(connections, level=level, none_found="ok", earlier=first), world)
    assert second["complete"], second["failed"]
    for provider in connections:
        for user in world.users[provider]:
            assert user.get("state") == "absent" or not life_of(provider).able(user)
            assert user.get("state") == "absent" or not any(
                user.get(name) for step in life_of(provider).steps for name in step.holds
            )
    third = run(settings(connections, level=level, none_found="ok", earlier=second), world)
    assert outcomes(third) <= {"already", "manual"}
    assert text(third)
