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

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.data import load
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Link, Memory
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.begin import begin, file_name, options_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.evidence import evidence, page, text
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.steps import advance
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.schema import PROVIDERS

DAY = "2026-06-15"
ADA = {
    "id": "E1",
    "name": "Ada Lovelace",
    "email": "ada@acme.com",
    "end": "2026-05-01",
    "previous_emails": ["ada@old.com"],
}
KESTRA = {"provider": "kestra", "protect": []}


def settings(connections, /, **changes):
    """Return the parameters of a run, and with them the memory and the evidence of an earlier run."""
    return {
        "people": [ADA], "connections": connections, "as_of": DAY, "person": "E1", "level": "disable",
        "delete_after": "30d", "left_on": "",
        "previous_emails": [], "only": [], "ids": {}, "sessions": "unproven", "proof_wait": 0, "none_found": "fail",
        "check": False, "earlier": {},
        "memory": Memory(), **changes,
    }  # fmt: skip


def started(given):
    """Return the offboarding as it begins, None where something is wrong, and everything that is."""
    problems = []
    options = options_of(given, problems)
    data = load(
        {**given, "entitlements": {}, "rules": []}, "", given["as_of"], "offboard_people_file", problems, entitled=False
    )
    work = begin(options, data, given["memory"], given["as_of"], "2026-06-15T10:00:00Z", given["check"], problems)
    if work is not None:
        work.earlier, work.lenient = given["earlier"], given["none_found"] == "ok"
        work.directories = given.get("directories", {})
    return work, [str(problem) for problem in problems]


def account(provider, **changes):
    """Return an account that can log in and has something of everything, as the provider's info module tells it."""
    shared = {"id": "1", "user": "ada@acme.com", "enabled": True, "last_login": None}
    own = {
        "contabo": {"roles": ["Admin"]},
        "kestra": {
            "tenants": ["main"],
            "groups": [{"tenant": "main", "name": "data"}],
            "roles": [{"tenant": "main", "role": "Dev", "namespace": "a.b"}],
            "tokens": [{"id": "t1", "name": "ci"}, {"id": "t2", "name": "cd"}],
            "instance_owner": False,
        },
        "nextauth": {"permissions": ["users"], "number_accounts": 1},
        "onelogin": {"roles": ["Snowflake", "VPN"]},
        "scim": {"groups": ["data"]},
        "sendauth": {"permissions": ["VPN"], "groups": ["Data"], "has_passkeys": True, "enabled": None},
    }[provider]
    return {**shared, **own, **changes}


class World:
    """Accounts by connection, which answer calls as the modules do.

    ``broken`` are connections or (connection, module) that fail; ``mapped`` roles stay.
    """

    def __init__(self, connections, users, broken=(), mapped=(), stopped=()):
        self.connections, self.users, self.broken, self.mapped, self.stopped = (
            connections,
            users,
            set(broken),
            mapped,
            stopped,
        )
        self.made = []

    def answer(self, call, check):
        name, module, options = call.connection, call.module, call.options
        self.made.append((name, module, options))
        if name in self.broken or (name, module) in self.broken:
            return {"changed": False, "failed": True, "msg": f"{name} does not answer."}
        if name in self.stopped and module != "user_info":
            return {"changed": False, "failed": True, "msg": "It is protected.", "stopped": ["ada@acme.com"]}
        place = bool(options.get("deleted"))
        found = [
            user for user in self.users[name] if (user.get("state") == "absent") is place and self._is(user, options)
        ]
        if module == "user_info" and not found:
            return {"changed": False, "failed": True, "msg": "Nobody.", "found": False}
        if module == "user_info":
            return {"changed": False, "users": copy.deepcopy(found), "api_calls": 1}
        user = next(user for user in self.users[name] if user["id"] == options["id"])
        target = copy.deepcopy(user) if check else user
        before = copy.deepcopy(target)
        self._do(name, module, options, target)
        return {
            "changed": before != target or module == "user_session",
            "user": {**target},
            "api_calls": 1,
            "request_id": "r",
        }

    @staticmethod
    def _is(user, options):
        if "id" in options:
            return user["id"] == options["id"]
        return options.get("user_key") != "email" and user["user"] == options["user"]

    def _do(self, name, module, options, user):
        state = options.get("state")
        if module == "api_token":
            user["tokens"] = [token for token in user["tokens"] if token["id"] != options["token_id"]]
        elif module == "user_passkey":
            user["has_passkeys"] = False
        elif module == "user_accounts" or options.get("enabled") is False:
            user["enabled"] = False
            if self.connections[name]["provider"] == "kestra":
                user.update(tenants=[], groups=[], roles=[], tokens=[], instance_owner=False)
        elif module == "user" and state == "absent" and self.connections[name]["provider"] == "sendauth":
            user.update(state="absent", enabled=False)
        elif module == "user" and state in ("absent", "destroyed"):
            self.users[name] = (
                [other for other in self.users[name] if other["id"] != user["id"]]
                if user in self.users[name]
                else self.users[name]
            )
            user["gone"] = True
        elif module != "user_session":
            for facet in ("roles", "groups", "tenants", "permissions"):
                if facet in options:
                    user[facet] = [item for item in user.get(facet, ()) if item in self.mapped]


def run(given, world):
    """Run an offboarding to its end and return the evidence."""
    work, problems = started(given)
    assert problems == []
    number = 0
    while work.phase != "end":
        number += 1
        answers = [world.answer(call, given["check"]) for call in work.calls]
        advance(work, answers, f"2026-06-15T10:00:{number:02d}Z")
    return evidence(work, "2026-06-15T10:01:00Z", given["none_found"] == "fail")


def rows(document):
    """Return (connection, step, outcome) of the entries."""
    return [(entry["connection"], entry["step"], entry["outcome"]) for entry in document["steps"]]


def outcomes(document, *steps):
    return {entry["outcome"] for entry in document["steps"] if not steps or entry["step"] in steps}


ALL = {provider: {"provider": provider} for provider in PROVIDERS}


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
    assert "would be done" in text(planned)


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


def test_an_answer_counts_as_success_only_if_it_says_so():
    for answer in ({"failed": True, "msg": "broken"}, {"failed": False, "msg": "broken"}, {}):
        work, _problems = started(settings({"ol": {"provider": "onelogin"}}))
        advance(work, [answer] * len(work.calls), "2026-06-15T10:00:00Z")
        assert {entry.outcome for entry in work.entries} == {"failed"}
    work, _problems = started(settings({"ol": {"provider": "onelogin"}}))
    with pytest.raises(ValueError, match="shorter"):
        advance(work, [{}], "2026-06-15T10:00:00Z")


def test_a_run_that_breaks_off_says_so():
    work, _problems = started(settings({"ol": {"provider": "onelogin"}}))
    found = evidence(work, "2026-06-15T10:00:00Z", True)
    assert not found["complete"] and "ended in the phase find" in found["failed"][0]


# -- who is meant ----------------------------------------------------------------------------------------------------


def looked_for(**changes):
    """Return the names by which somebody is looked for in Kestra, and the offboarding."""
    work, problems = started(settings({"kes": {"provider": "kestra"}}, **changes))
    assert problems == []
    return [call.options.get("user") or call.options["id"] for call in work.calls], work


BOB = {"id": "E2", "name": "Bob Bee", "email": "bob@acme.com"}


def test_people_are_found_by_id_by_address_and_without_the_list():
    names = ["ada@acme.com", "ada@old.com"]
    assert looked_for()[0] == looked_for(person="ADA@acme.com")[0] == looked_for(person="ada@old.com")[0] == names
    assert looked_for(person="ada@old.com")[1].person.id == "E1"
    assert looked_for(previous_emails=["a@b"])[0] == [*names, "a@b"]
    found, work = looked_for(person="eve@acme.com", previous_emails=["eve@old.com"])
    assert found == ["eve@acme.com", "eve@old.com"]
    assert "is not in the feed" in work.notes[0]
    assert looked_for(ids={"kes": ["k1", 2]})[0] == ["k1", "2"]
    assert file_name("Eve/../E 1@x") == "Eve%2F..%2FE%201@x"


def test_an_account_that_somebody_else_has_now_is_left_alone():
    heir = {**BOB, "email": "ADA@acme.com"}
    names = looked_for(people=[ADA, heir])[0]
    assert names == ["ada@old.com"]
    found = run(settings({"kes": KESTRA}, people=[ADA, heir]), World({"kes": KESTRA}, {"kes": [account("kestra")]}))
    assert (
        rows(found) == [("kes", "find", "manual")]
        and "E2" in found["manual"][0]
        and "offboard_ids.kes" in found["manual"][0]
    )
    assert looked_for(people=[ADA, {**heir, "status": "left"}])[0] == ["ada@acme.com", "ada@old.com"]
    assert "Specify the id" in started(settings(ALL, people=[ADA, heir], person="ada@acme.com"))[1][0]


BO = {"id": "E3", "email": "bo@acme.com", "status": "left"}


def asked(**changes):
    """Return what OneLogin is asked for."""
    connections = {"ol": {"provider": "onelogin"}}
    calls = started(settings(connections, person="E3", **changes))[0].calls
    return list(dict.fromkeys(call.options.get("id") or call.options["user"] for call in calls))


def test_accounts_are_found_by_the_id_that_people_have():
    assert asked(people=[{**BO, "accounts": {"ol": {"id": 100001}}}]) == ["100001", "bo@acme.com"]
    assert asked(people=[{"id": "E3", "status": "left", "accounts": {"ol": {"id": 100001}}}]) == ["100001"]
    assert asked(people=[{**BO, "accounts": {"ol": {"id": "100001", "user": "bo"}}}]) == ["100001", "bo", "bo@acme.com"]
    assert asked(people=[{**BO, "accounts": {"ol": {"id": 100001, "user": "b*"}}}]) == ["100001", "bo@acme.com"], (
        "a pattern cannot be looked for"
    )
    assert asked(people=[{**BO, "accounts": {"ol": {"id": 100001}}}], ids={"ol": [7]}) == ["7"]
    connections = {"ol": {"provider": "onelogin"}}
    users = [account("onelogin", id="100001", user="bob"), account("onelogin", id="2", user="bo@acme.com")]
    people = [{**BO, "accounts": {"ol": {"id": 100001}}}]
    found = run(settings(connections, person="E3", people=people), World(connections, {"ol": copy.deepcopy(users)}))
    assert [one["id"] for one in found["accounts"]] == ["100001", "2"] and found["complete"]


def test_an_account_that_is_somebody_elses_by_its_id_is_left_alone():
    connections = {"ol": {"provider": "onelogin"}}
    heir = {**BOB, "accounts": {"ol": {"id": 2}}}
    world = World(connections, {"ol": [account("onelogin", id="2", user="bo@acme.com")]})
    found = run(settings(connections, person="E3", people=[BO, heir]), world)
    assert rows(found) == [("ol", "find", "manual")] and "bo@acme.com (id 2) is the account of E2" in found["manual"][0]
    assert {module for _name, module, _options in world.made} == {"user_info"}
    people = [{**BO, "accounts": {"ol": {"id": 1}}}, {**BOB, "email": "bo@acme.com"}]
    assert asked(people=people) == ["1"]


def test_an_ambiguous_account_is_reported_with_the_option_that_helps():
    work, _problems = started(settings({"ol": {"provider": "onelogin"}}))
    answer = {"failed": True, "msg": "ada matches 2 users (ids 1, 2).", "code": "ambiguous_user"}
    advance(work, [answer] * len(work.calls), "2026-06-15T10:00:00Z")
    (entry,) = work.entries
    assert entry.outcome == "failed"
    assert "offboard_ids.ol" in entry.detail


def test_that_nobody_was_found_is_a_failure_unless_it_may_be():
    connections = {"ol": {"provider": "onelogin"}, "kes": KESTRA}
    nobody = {"ol": [], "kes": []}
    found = run(settings(connections, ids={"kes": ["k7"]}), World(connections, nobody))
    missing, failed = found["failed"]
    assert not found["complete"]
    assert missing == "kes: find: There is no account with the id k7. Correct offboard_ids.kes, or remove it there."
    assert "No account was found in ol, so nothing was done. Looked for: ada@acme.com, ada@old.com (in ol)" in failed
    assert "offboard_none_found: ok" in failed
    fine = run(settings(connections, none_found="ok"), World(connections, nobody))
    assert fine["complete"]
    assert "Result: no account was found" in text(fine) and "everything is done" not in text(fine)
    dead = run(settings(connections), World(connections, nobody, broken=["kes"]))
    assert "No account was found in ol" in dead["notes"][0] and "failed, see below" in text(dead)
    assert run(settings(connections), World(connections, {"ol": [account("onelogin")], "kes": []}))["notes"] == []


def test_an_id_that_is_not_there_is_a_failure_unless_an_earlier_run_knew_it():
    given = settings(OL, ids={"ol": ["1", "2"]}, level="delete")
    world = World(OL, {"ol": [account("onelogin")]})
    first = run(given, world)
    assert first["failed"] == [
        "ol: find: There is no account with the id 2. Correct offboard_ids.ol, or remove it there."
    ]
    assert world.users["ol"] == [], "the other one is off nevertheless"
    again = run({**given, "ids": {"ol": ["1"]}, "earlier": first}, world)
    assert again["complete"]


def test_grants_are_shown_without_what_is_not_set():
    role = {"tenant": "main", "role": "Viewer", "namespace": None}
    world = World({"kes": KESTRA}, {"kes": [account("kestra", enabled=False, tokens=[], roles=[role])]})
    found = run(settings({"kes": KESTRA}), world)
    assert any(entry["detail"].endswith("roles: main/Viewer") for entry in found["steps"])
    assert "None" not in text(found)


def test_onelogin_is_asked_by_both_names():
    calls = started(settings({"ol": {"provider": "onelogin", "user_key": "email"}}))[0].calls
    assert [(call.options["user_key"], call.options["user"]) for call in calls[:2]] == [
        ("username", "ada@acme.com"),
        ("email", "ada@acme.com"),
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"person": ""}, "offboard_person is empty"),
        ({"person": "E9"}, "the feed has no person with the id E9"),
        ({"people": [{**ADA, "kind": "break_glass"}]}, "never written"),
        ({"only": ["x"]}, "offboard_connections: there is no connection x"),
        ({"ids": {"kestra": "k"}}, "offboard_ids.kestra: specify a list"),
        ({"ids": {"kestra": [True]}}, "offboard_ids.kestra: specify a list"),
        ({"ids": '{"kestra": "k"}'}, "offboard_ids.kestra: specify a list"),
        ({"ids": "kestra=k"}, "offboard_ids: specify a mapping"),
        ({"ids": '{"kestra": ["k"]'}, "offboard_ids: specify a mapping"),
        ({"ids": ["k"]}, "offboard_ids: specify a mapping"),
        ({"previous_emails": {"a@b": 1}}, "offboard_previous_emails: specify a list of texts, or one text with commas"),
        ({"previous_emails": "[a@b"}, "offboard_previous_emails: specify a list"),
        ({"previous_emails": [["a@b"]]}, "offboard_previous_emails: specify a list"),
        ({"only": 7}, "offboard_connections: specify a list"),
        ({"only": "ol, kestra"}, "offboard_connections: there is no connection ol"),
        ({"left_on": "soon"}, "'soon' is not a day"),
        ({"delete_after": "a month"}, "offboard_delete_after is 'a month'"),
        ({"delete_after": "9999999w"}, "too long"),
        ({"proof_wait": -1}, "-1 is not a number of seconds"),
        ({"connections": {}}, "There are no connections"),
        ({"as_of": "today"}, "today"),
        ({"people": [{**ADA, "end": "2027-01-01"}], "level": "delete"}, "E1 has not left"),
    ],
)
def test_what_is_wrong_is_reported_before_any_call(changes, words):
    work, problems = started(settings(ALL, **changes))
    assert any(words in problem for problem in problems), problems
    assert work is None


def test_everything_that_is_wrong_is_reported_at_once():
    assert len(started(settings(ALL, person="E9", only=["x"]))[1]) == 2


def test_somebody_who_has_not_left_is_noted():
    (note,) = looked_for(people=[{**ADA, "end": "2027-01-01"}])[1].notes
    assert "the role access keeps the person out until the feed changes" in note
    assert looked_for()[1].notes == []


def test_lists_and_ids_may_be_texts_as_surveys_give_them():
    assert looked_for(previous_emails="eve@acme.com")[0][2:] == ["eve@acme.com"]
    assert looked_for(previous_emails=" eve@acme.com ,eve@old.com,")[0][2:] == ["eve@acme.com", "eve@old.com"]
    assert looked_for(previous_emails='["eve@acme.com"]')[0][2:] == ["eve@acme.com"]
    for nothing in ("", " ", None, []):
        assert len(looked_for(previous_emails=nothing, ids=nothing, only=nothing)[0]) == 2
    assert looked_for(ids='{"kes": ["k1", 2]}')[0] == ["k1", "2"]
    assert list(started(settings(ALL, only="contabo,kestra"))[0].searches) == ["contabo", "kestra"]


# -- links ---------------------------------------------------------------------------------------------------------

OL = {"ol": {"provider": "onelogin"}}
LINKED = Memory([Link("E1", "ol", "100001", "ada@acme.com"), Link("E2", "ol", "2", "bob@acme.com")], kept=True)


def ids(document):
    return [one["id"] for one in document["accounts"]]


def test_a_link_is_followed_when_the_address_has_changed():
    users = [
        account("onelogin", id="100001", user="ada.cee@acme.com"),
        account("onelogin", id="3", user="ada@acme.com"),
    ]
    world = World(OL, {"ol": users})
    found = run(settings(OL, memory=LINKED), world)
    assert ids(found) == ["100001"]
    assert found["complete"]
    assert [options for _name, module, options in world.made if module == "user_info" and "user" in options] == [], (
        "no name is looked for"
    )


@pytest.mark.parametrize("gone", ["not there", "deleted"])
def test_where_a_link_leads_nowhere_names_are_looked_for(gone):
    deleted = [account("sendauth", id="100001", state="absent", enabled=False)] if gone == "deleted" else []
    connections = {"ol": {"provider": "sendauth"}}
    world = World(connections, {"ol": [*deleted, account("sendauth", id="4")]})
    found = run(settings(connections, memory=LINKED), world)
    assert "4" in ids(found), "made anew by hand, under the same name"
    assert found["complete"]
    again = run(settings(connections, memory=LINKED, earlier=found), world)
    assert outcomes(again) <= {"already", "manual"}


def test_an_account_that_is_linked_to_somebody_else_is_left_alone():
    world = World(OL, {"ol": [account("onelogin", id="2")]})
    memory = Memory([Link("E2", "ol", "2", "bob@acme.com")], kept=True)
    found = run(settings(OL, memory=memory), world)
    assert rows(found) == [("ol", "find", "manual")]
    assert {module for _name, module, _options in world.made} == {"user_info"}
    work, problems = started(settings(OL, memory=memory, ids={"ol": ["2"]}))
    assert work is None
    assert problems == ["offboard_ids.ol: 2 is the account of E2. Specify the id of an account of E1."]


def test_a_link_whose_account_is_gone_explains_that_nobody_is_found():
    assert run(settings(OL, memory=LINKED), World(OL, {"ol": []}))["complete"]
    person = [{**ADA, "accounts": {"ol": {"id": 7}}}]
    assert not run(settings(OL, people=person), World(OL, {"ol": []}))["complete"], "an id of the feed may be wrong"
    first = run(settings(OL, level="delete"), world := World(OL, {"ol": [account("onelogin")]}))
    assert world.users["ol"] == []
    assert run(settings(OL, level="delete", earlier=first), world)["complete"], "earlier evidence knows the account"


@pytest.mark.parametrize("person", ["E1", "ADA@acme.com"])
def test_somebody_who_is_in_the_links_alone_leaves(person):
    found = run(
        settings(OL, people=[], person=person, memory=LINKED),
        World(OL, {"ol": [account("onelogin", id="100001", user="ada.cee@acme.com")]}),
    )
    assert found["person"]["id"] == "E1"
    assert ids(found) == ["100001"]
    assert "not in the feed" in found["notes"][0]


def test_an_address_that_links_give_to_several_people_is_refused():
    memory = Memory([Link("E1", "ol", "1", "ada@acme.com"), Link("E2", "kes", "2", "ada@acme.com")], kept=True)
    problems = started(settings(OL, people=[], person="ada@acme.com", memory=memory))[1]
    assert problems == [
        "offboard_person: ada@acme.com is the address of E1 and E2. Specify the id of the person who leaves."
    ]


# -- rows that cannot be used ----------------------------------------------------------------------------------------


def test_rows_of_others_that_are_wrong_stop_nothing():
    people = [
        ADA,
        {"id": "E8", "email": "no address"},
        {"email": "nobody@acme.com"},
        {"id": "E9", "email": "ivy@acme.com", "start": "never"},
    ]
    found = run(settings(OL, people=people), World(OL, {"ol": [account("onelogin")]}))
    assert found["complete"] and ids(found) == ["1"]


def test_a_row_of_the_person_that_is_wrong_stops_nothing_either():
    person = {**ADA, "end": "soon", "accounts": {"ol": {"user": "al"}}, "manager": "E77"}
    world = World(OL, {"ol": [account("onelogin", user="al")]})
    found = run(settings(OL, people=[person]), world)
    assert ids(found) == ["1"], "the name of the account is known, although the row is wrong"
    assert found["complete"]
    assert any("Not all of the feed" in note and "end" in note for note in found["notes"])
    assert not any("has not left" in note for note in found["notes"]), "that is not known"


def test_whose_an_account_is_that_two_rows_claim_is_not_guessed():
    people = [{**ADA, "end": "2027-01-01"}, {"id": "E2", "name": "Bob Bee", "email": "ada@acme.com"}]
    world = World(OL, {"ol": [account("onelogin")]})
    found = run(settings(OL, people=people), world)
    assert rows(found) == [("ol", "find", "manual")]
    assert {module for _name, module, _options in world.made} == {"user_info"}


# -- two connections to one directory ----------------------------------------------------------------------------------


@pytest.mark.parametrize("protect", ["", "main", "eu"])
def test_one_account_that_two_connections_show_is_one(protect):
    connections = {
        name: {"provider": "kestra", "protect": ["ada@*"] if protect == name else []} for name in ("main", "eu")
    }
    user = account("kestra")
    world = World(connections, {"main": [user], "eu": [user]}, stopped=[protect] if protect else [])
    found = run(settings(connections, directories=dict.fromkeys(connections, "one")), world)
    assert len(found["accounts"]) == 1
    assert found["complete"] is not bool(protect), "protected by one of them is protected"
    other = "eu" if protect != "eu" else "main"
    assert (other, "find", "already") in rows(found)
    assert {name for name, module, _options in world.made if module != "user_info"} == {protect or "main"}


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
