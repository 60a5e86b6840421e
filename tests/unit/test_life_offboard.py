# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One person leaves: which calls are made in which order, what they become in the evidence, and that runs come to an end."""

from __future__ import annotations

import copy
import json
import pathlib

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rollcall.identity.plugins.plugin_utils._life.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.offboard import PHASES, advance
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.offboard_report import evidence, text
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.offboard_start import begin, remember
from ansible_collections.rollcall.identity.plugins.plugin_utils._life.schema import PROVIDERS

DAY = "2026-06-15"
ADA = {"id": "E1", "name": "Ada Lovelace", "email": "ada@acme.com", "end": "2026-05-01", "previous_emails": ["ada@old.com"]}
KESTRA = {"provider": "kestra", "protect": []}


def settings(connections, /, **changes):
    """Return the settings of a run."""
    return {
        "identity_people": [ADA], "identity_entitlements": {}, "identity_connections": connections, "as_of": DAY, "person": "E1", "level": "disable",
        "delete_after": "30d", "left_on": "", "previous_emails": [], "connections": [], "ids": {}, "sessions": "unproven", "wait": 0, "check": False,
        "earlier": {}, "moment": "2026-06-15T10:00:00Z", **changes,
    }  # fmt: skip


def account(provider, **changes):
    """Return an account that can log in and has something of everything, as the provider's info module tells it."""
    shared = {"id": "1", "user": "ada@acme.com", "enabled": True, "last_login": None}
    own = {
        "contabo": {"roles": ["Admin"]},
        "kestra": {"tenants": ["main"], "groups": [{"tenant": "main", "name": "data"}], "roles": [{"tenant": "main", "role": "Dev", "namespace": "a.b"}],
                   "tokens": [{"id": "t1", "name": "ci"}, {"id": "t2", "name": "cd"}], "instance_owner": False},
        "nextauth": {"permissions": ["users"], "number_accounts": 1},
        "onelogin": {"roles": ["Snowflake", "VPN"]},
        "sendauth": {"permissions": ["VPN"], "groups": ["Data"], "has_passkeys": True, "enabled": None},
    }[provider]  # fmt: skip
    return {**shared, **own, **changes}


class World:
    """Accounts by connection, which answer calls as the modules do. ``broken`` are connections or (connection, module) that fail; ``mapped`` roles stay."""

    def __init__(self, connections, users, broken=(), mapped=(), stopped=()):
        self.connections, self.users, self.broken, self.mapped, self.stopped = connections, users, set(broken), mapped, stopped
        self.made = []

    def answer(self, call, check):
        name, module, options = call["connection"], call["module"], call["options"]
        self.made.append((name, module, options))
        if name in self.broken or (name, module) in self.broken:
            return {"changed": False, "error": f"{name} does not answer."}
        if name in self.stopped and module != "user_info":
            return {"changed": False, "error": "It is protected.", "stopped": ["ada@acme.com"]}
        place = bool(options.get("deleted"))
        found = [user for user in self.users[name] if (user.get("state") == "absent") is place and self._is(user, options)]
        if module == "user_info":
            return {"changed": False, "users": copy.deepcopy(found), "api_calls": 1} if found else {"changed": False, "error": "Nobody.", "found": False}
        user = next(user for user in self.users[name] if user["id"] == options["id"])
        target = copy.deepcopy(user) if check else user
        before = copy.deepcopy(target)
        self._do(name, module, options, target)
        return {"changed": before != target or module == "user_session", "user": {**target}, "api_calls": 1, "request_id": "r"}

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
            self.users[name] = [other for other in self.users[name] if other["id"] != user["id"]] if user in self.users[name] else self.users[name]
            user["gone"] = True
        elif module != "user_session":
            for facet in ("roles", "groups", "tenants", "permissions"):
                if facet in options:
                    user[facet] = [item for item in user.get(facet, ()) if item in self.mapped]


def run(given, world):
    """Run an offboarding to its end and return the evidence."""
    state = begin(given)
    assert state["problems"] == []
    number = 0
    while state["phase"] != "end":
        number += 1
        answers = [world.answer(call, given["check"]) for call in state["calls"]]
        json.dumps(state)
        state = advance(state, answers, f"2026-06-15T10:00:{number:02d}Z")
    return evidence(state, "2026-06-15T10:01:00Z")


def rows(document):
    """Return (connection, step, outcome) of the entries."""
    return [(entry["connection"], entry["step"], entry["outcome"]) for entry in document["steps"]]


def outcomes(document, *steps):
    return {entry["outcome"] for entry in document["steps"] if not steps or entry["step"] in steps}


ALL = {provider: {"provider": provider} for provider in PROVIDERS}


def everywhere(**changes):
    return World(ALL, {provider: [account(provider)] for provider in PROVIDERS}, **changes)


def test_all_five_and_a_second_run():
    world = everywhere()
    first = run(settings(ALL), world)
    assert first["complete"] and outcomes(first) == {"done", "manual"}
    blocks = [number for number, (_name, _module, options) in enumerate(world.made) if options.get("enabled") is False or options.get("state") in ("blocked",)]
    others = [number for number, (_name, module, _options) in enumerate(world.made) if module in ("user_session", "user_roles", "api_token", "user_passkey")]
    assert len(blocks) == 4
    assert max(blocks) < min(others), "the logins are blocked first"
    sendauth = [(module, options.get("state")) for name, module, options in world.made if name == "sendauth" and module != "user_info"]
    assert sendauth == [("user_passkey", "absent"), ("user_roles", "exact"), ("user", "absent")]
    by_name = {(entry["connection"], entry["step"]): entry for entry in first["steps"]}
    assert by_name["onelogin", "grants"]["detail"] == "roles: Snowflake, VPN"
    assert by_name["kestra", "grants"]["detail"] == "with the block, tenants: main; groups: main/data; roles: main/Dev in a.b"
    assert by_name["contabo", "block"] == {
        "connection": "contabo", "provider": "contabo", "account": "ada@acme.com", "id": "1", "step": "block", "how": "native", "outcome": "done",
        "detail": "the account is disabled", "request_id": "r", "time": "2026-06-15T10:00:02Z",
    }  # fmt: skip
    assert {name for name, step in by_name if step == "proof"} == set(PROVIDERS)
    assert by_name["sendauth", "block"]["how"] == "emulated"

    world.made.clear()
    second = run(settings(ALL, earlier=first), world)
    assert second["complete"] and outcomes(second) == {"already", "manual"}
    assert {module for _name, module, _options in world.made} == {"user_info"}
    assert [entry for entry in second["earlier"] if entry["outcome"] == "done"] == [entry for entry in first["steps"] if entry["outcome"] == "done"]
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
        return next(entry["outcome"] for entry in run(settings(connections, **changes), world)["steps"] if entry["step"] == "sessions")

    blocked = account("onelogin", enabled=False, roles=[])
    first = run(settings(connections), World(connections, {"ol": [account("onelogin")]}))
    assert sessions(blocked) == "done", "somebody else has blocked it"
    assert sessions(blocked, earlier=first) == "already"
    assert sessions(blocked, earlier=first, sessions="always") == "done"
    assert sessions(account("onelogin"), earlier=first) == "done", "the login was opened again"
    assert sessions(blocked, earlier=first, left_on="2026-06-01") == "done", "the evidence is of another leaving"
    assert sessions({**blocked, "last_login": "2026-06-15T11:00:00.000Z"}, earlier=first) == "done", "somebody has logged in since"
    assert sessions({**blocked, "last_login": "2026-06-15T09:00:00.000Z"}, earlier=first) == "already"
    failed = run(settings(connections), World(connections, {"ol": [account("onelogin")]}, broken=[("ol", "user")]))
    assert outcomes(failed, "sessions") == {"done"}
    assert sessions(blocked, earlier=failed) == "done", "they were ended before the login was blocked"


def test_what_a_mapping_gives_is_for_people():
    connections = {"ol": {"provider": "onelogin"}}
    world = World(connections, {"ol": [account("onelogin")]}, mapped=["VPN"])
    first = run(settings(connections), world)
    assert [row[1:] for row in rows(first) if row[1] in ("grants", "proof")] == [("grants", "done"), ("grants", "manual"), ("proof", "done")]
    assert first["complete"] and any("VPN stays" in entry for entry in first["manual"])
    second = run(settings(connections, earlier=first), world)
    assert outcomes(second) == {"already", "manual"}


def test_who_is_shielded_keeps_everything():
    connections = {"ol": {"provider": "onelogin", "protect": ["ada@*"]}, "kes": KESTRA}
    world = World(connections, {"ol": [account("onelogin")], "kes": [account("kestra")]}, stopped=["ol"])
    found = run(settings(connections, level="delete"), world)
    assert {entry["outcome"] for entry in found["steps"] if entry["connection"] == "ol" and entry["step"] != "tokens"} == {"failed"}
    assert [module for name, module, _options in world.made if name == "ol" and module not in ("user_info",)] == ["user"], "only the block was tried"
    assert any("It is protected." in entry for entry in found["failed"])
    assert world.users["kes"] == []
    blocked = World(connections, {"ol": [account("onelogin", enabled=False, roles=[])], "kes": []})
    assert any("protected by 'ada@*'" in entry for entry in run(settings(connections), blocked)["failed"]), "no module for sessions has protect"


@pytest.mark.parametrize(("more", "pattern", "shields"), [({}, "ada", True), ({}, "*@acme.com", False), ({"user_key": "email"}, "*@acme.com", True)])
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
        ({"identity_people": [{**ADA, "end": None, "status": "left"}]}, None, None),
        ({"identity_people": [{name: value for name, value in ADA.items() if name != "end"} | {"status": "left"}]}, None, False),
        ({"level": "disable"}, "2026-05-31", False),
    ],
)
def test_accounts_are_deleted_when_they_are_due(changes, on, due):
    given = settings(ALL, **{"level": "delete", **changes})
    if due is None:
        assert begin(given)["problems"]
        return
    world = everywhere()
    found = run(given, world)
    assert (found["delete_on"], found["complete"]) == (on, True)
    assert all(not world.users[provider] for provider in PROVIDERS) is due
    assert ("delete" in {entry["step"] for entry in found["steps"]}) is due
    if due:
        assert "the account is not there any more" in {entry["detail"] for entry in found["steps"]}
        again = run({**given, "earlier": found}, world)
        assert outcomes(again) == {"already"} and {entry["detail"] for entry in again["steps"]} == {"no account: looked for ada@acme.com, ada@old.com"}
    elif on is None:
        assert "offboard_left_on" in found["deletion"]


def test_a_proof_that_fails_is_looked_at_twice_and_told():
    connections = {"ol": {"provider": "onelogin"}}

    class Late(World):
        """Shows what was written at the third reading."""

        def answer(self, call, check):
            answer = super().answer(call, check)
            late = sum(module == "user_info" for _name, module, _options in self.made) - 5 < self.extra
            return {**answer, "users": [account("onelogin")]} if call["step"] == "proof" and late else answer

    for extra, outcome in ((0, "done"), (1, "done"), (2, "failed")):
        world = Late(connections, {"ol": [account("onelogin")]})
        world.extra = extra
        world.answer = lambda call, check, world=world: Late.answer(world, {"step": None, **call}, check)
        found = run(settings(connections, wait=5), world)
        assert outcomes(found, "proof") == {outcome}, extra
    assert any("can still log in and it still has roles: Snowflake, VPN" in entry for entry in found["failed"])


def test_an_answer_counts_as_success_only_if_it_says_so():
    state = begin(settings({"ol": {"provider": "onelogin"}}))
    for answer in ({"failed": True, "msg": "broken"}, {"failed": False, "msg": "broken"}, {}):
        found = advance(state, [answer] * len(state["calls"]), "2026-06-15T10:00:00Z")
        assert {entry["outcome"] for entry in found["steps"]} == {"failed"}
    with pytest.raises(ValueError, match="shorter"):
        advance(state, [{}], "2026-06-15T10:00:00Z")


def test_a_run_that_breaks_off_says_so():
    state = begin(settings({"ol": {"provider": "onelogin"}}))
    found = evidence(state, "2026-06-15T10:00:00Z")
    assert not found["complete"] and "ended in the phase find" in found["failed"][0]


# -- who is meant ----------------------------------------------------------------------------------------------------


def looked_for(**changes):
    """Return the names by which somebody is looked for in Kestra, and the state."""
    state = begin(settings({"kes": {"provider": "kestra"}}, **changes))
    assert state["problems"] == []
    return [call["options"].get("user") or call["options"]["id"] for call in state["calls"]], state


BOB = {"id": "E2", "name": "Bob Bee", "email": "bob@acme.com"}


def test_people_are_found_by_id_by_address_and_without_the_list():
    names = ["ada@acme.com", "ada@old.com"]
    assert looked_for()[0] == looked_for(person="ADA@acme.com")[0] == looked_for(person="ada@old.com")[0] == names
    assert looked_for(person="ada@old.com")[1]["person"]["id"] == "E1"
    assert looked_for(previous_emails=["a@b"])[0] == [*names, "a@b"]
    found, state = looked_for(person="eve@acme.com", previous_emails=["eve@old.com"])
    assert found == ["eve@acme.com", "eve@old.com"]
    assert "is nobody in identity_people" in state["notes"][0]
    assert looked_for(ids={"kes": ["k1", 2]})[0] == ["k1", "2"]
    assert looked_for(person="Eve/../E 1@x")[1]["file"] == "Eve%2F..%2FE%201@x"


def test_an_account_that_somebody_else_has_now_is_left_alone():
    heir = {**BOB, "email": "ADA@acme.com"}
    names = looked_for(identity_people=[ADA, heir])[0]
    assert names == ["ada@old.com"]
    found = run(settings({"kes": KESTRA}, identity_people=[ADA, heir]), World({"kes": KESTRA}, {"kes": [account("kestra")]}))
    assert rows(found) == [("kes", "find", "manual")] and "E2" in found["manual"][0] and "offboard_ids.kes" in found["manual"][0]
    assert looked_for(identity_people=[ADA, {**heir, "status": "left"}])[0] == ["ada@acme.com", "ada@old.com"]
    assert "Give the id" in begin(settings(ALL, identity_people=[ADA, heir], person="ada@acme.com"))["problems"][0]


BO = {"id": "E3", "email": "bo@acme.com", "status": "left"}


def asked(**changes):
    """Return what OneLogin is asked for."""
    connections = {"ol": {"provider": "onelogin"}}
    calls = begin(settings(connections, person="E3", **changes))["calls"]
    return list(dict.fromkeys(call["options"].get("id") or call["options"]["user"] for call in calls))


def test_accounts_are_found_by_the_id_that_people_have():
    assert asked(identity_people=[{**BO, "accounts": {"ol": {"id": 100001}}}]) == ["100001", "bo@acme.com"]
    assert asked(identity_people=[{"id": "E3", "status": "left", "accounts": {"ol": {"id": 100001}}}]) == ["100001"]
    assert asked(identity_people=[{**BO, "accounts": {"ol": {"id": "100001", "user": "bo"}}}]) == ["100001", "bo", "bo@acme.com"]
    assert asked(identity_people=[{**BO, "accounts": {"ol": {"id": 100001, "user": "b*"}}}]) == ["100001", "bo@acme.com"], "a pattern cannot be looked for"
    assert asked(identity_people=[{**BO, "accounts": {"ol": {"id": 100001}}}], ids={"ol": [7]}) == ["7"]
    connections = {"ol": {"provider": "onelogin"}}
    users = [account("onelogin", id="100001", user="bob"), account("onelogin", id="2", user="bo@acme.com")]
    people = [{**BO, "accounts": {"ol": {"id": 100001}}}]
    found = run(settings(connections, person="E3", identity_people=people), World(connections, {"ol": copy.deepcopy(users)}))
    assert [one["id"] for one in found["accounts"]] == ["100001", "2"] and found["complete"]


def test_an_account_that_is_somebody_elses_by_its_id_is_left_alone():
    connections = {"ol": {"provider": "onelogin"}}
    heir = {**BOB, "accounts": {"ol": {"id": 2}}}
    world = World(connections, {"ol": [account("onelogin", id="2", user="bo@acme.com")]})
    found = run(settings(connections, person="E3", identity_people=[BO, heir]), world)
    assert rows(found) == [("ol", "find", "manual")] and "bo@acme.com (id 2) is the account of E2" in found["manual"][0]
    assert {module for _name, module, _options in world.made} == {"user_info"}
    people = [{**BO, "accounts": {"ol": {"id": 1}}}, {**BOB, "email": "bo@acme.com"}]
    assert asked(identity_people=people) == ["1"]


def test_an_ambiguous_account_is_told_with_the_variable_that_helps():
    state = begin(settings({"ol": {"provider": "onelogin"}}))
    for told in ("ada matches 2 users (ids 1, 2). Say which one with id.", "ada: 'a*' holds a wildcard of OneLogin's filters (* or a leading !); use id."):
        found = advance(state, [{"changed": False, "error": told}] * len(state["calls"]), "2026-06-15T10:00:00Z")
        (entry,) = found["steps"]
        assert "offboard_ids.ol." in entry["detail"] and " id." not in entry["detail"]


def test_that_nobody_was_found_is_said():
    connections = {"ol": {"provider": "onelogin"}, "kes": KESTRA}
    found = run(settings(connections, ids={"kes": ["k7"]}), World(connections, {"ol": [], "kes": []}))
    assert found["complete"]
    (note,) = found["notes"]
    assert "No account was found in any connection" in note and "ada@acme.com, ada@old.com (in ol); id k7 (in kes)" in note
    shown = text(found)
    assert "Result: no account was found" in shown and note in shown and "everything is done" not in shown
    dead = run(settings(connections), World(connections, {"ol": [], "kes": []}, broken=["kes"]))
    assert "No account was found in ol" in dead["notes"][0] and "1 failed" in text(dead)
    assert run(settings(connections), World(connections, {"ol": [account("onelogin")], "kes": []}))["notes"] == []


def test_grants_are_shown_without_what_is_not_set():
    role = {"tenant": "main", "role": "Viewer", "namespace": None}
    world = World({"kes": KESTRA}, {"kes": [account("kestra", enabled=False, tokens=[], roles=[role])]})
    found = run(settings({"kes": KESTRA}), world)
    assert any(entry["detail"].endswith("roles: main/Viewer") for entry in found["steps"])
    assert "None" not in text(found)


def test_onelogin_is_asked_by_both_names():
    calls = begin(settings({"ol": {"provider": "onelogin", "user_key": "email"}}))["calls"]
    assert [(call["options"]["user_key"], call["options"]["user"]) for call in calls[:2]] == [("username", "ada@acme.com"), ("email", "ada@acme.com")]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"person": ""}, "offboard_person is empty"),
        ({"person": "E9"}, "nobody in identity_people has the id E9"),
        ({"identity_people": [{**ADA, "kind": "break_glass"}]}, "never written"),
        ({"connections": ["x"]}, "offboard_connections: there is no connection x"),
        ({"ids": {"kestra": "k"}}, "offboard_ids.kestra: give a list"),
        ({"ids": {"kestra": [True]}}, "offboard_ids.kestra: give a list"),
        ({"ids": '{"kestra": "k"}'}, "offboard_ids.kestra: give a list"),
        ({"ids": "kestra=k"}, "offboard_ids: give a mapping"),
        ({"ids": '{"kestra": ["k"]'}, "offboard_ids: give a mapping"),
        ({"ids": ["k"]}, "offboard_ids: give a mapping"),
        ({"previous_emails": {"a@b": 1}}, "offboard_previous_emails: give a list of texts, or one text with commas"),
        ({"previous_emails": "[a@b"}, "offboard_previous_emails: give a list"),
        ({"previous_emails": [["a@b"]]}, "offboard_previous_emails: give a list"),
        ({"connections": 7}, "offboard_connections: give a list"),
        ({"connections": "ol, kestra"}, "offboard_connections: there is no connection ol"),
        ({"left_on": "soon"}, "'soon' is no day"),
        ({"delete_after": "a month"}, "offboard_delete_after is 'a month'"),
        ({"delete_after": "9999999w"}, "too long"),
        ({"identity_connections": {}}, "There are no connections"),
        ({"as_of": "today"}, "'today' is no day"),
        ({"identity_people": [{**ADA, "staus": "left"}]}, "staus is unknown"),
        ({"earlier": "{"}, "Correct it, or move it away"),
        ({"earlier": {"steps": 7}}, "Correct it, or move it away"),
        ({"identity_people": [{**ADA, "end": "2027-01-01"}], "level": "delete"}, "E1 has not left"),
        ({"people_file": "people.yml", "people_text": "{"}, "offboard_people_file: people.yml cannot be read"),
        ({"people_file": "/a/people.yml", "people_text": None}, "offboard_people_file: there is no file /a/people.yml. Give"),
    ],
)
def test_what_is_wrong_is_told_before_anybody_is_asked(changes, told):
    state = begin(settings(ALL, **changes))
    assert any(told in problem for problem in state["problems"]), state["problems"]
    assert state["calls"] == []


def test_everything_that_is_wrong_is_told_at_once():
    assert len(begin(settings(ALL, person="E9", connections=["x"], earlier="{"))["problems"]) == 3


def test_somebody_who_has_not_left_is_told_about():
    (note,) = looked_for(identity_people=[{**ADA, "end": "2027-01-01"}])[1]["notes"]
    assert "the role access lets the person in again" in note
    assert looked_for()[1]["notes"] == []


def test_people_may_come_from_a_file():
    assert looked_for(identity_people=[], people_file="p.csv", people_text="id,email,status\nE1,a@b,left\n")[0] == ["a@b"]


def test_where_there_is_no_file_of_people_that_alone_is_told_of_them():
    entitlements = {"mail": {"owner": "E1", "grants": {}}}
    (problem,) = begin(settings(ALL, people_file="p.yml", people_text=None, identity_entitlements=entitlements))["problems"]
    assert "there is no file p.yml" in problem
    csv = "id,email,status\nE1,a@b,left,x\nE2\n"
    assert [problem.partition(":")[0] for problem in begin(settings(ALL, people_file="p.csv", people_text=csv))["problems"]] == ["offboard_people_file"] * 2


def test_lists_and_ids_may_be_texts_as_surveys_give_them():
    assert looked_for(previous_emails="eve@acme.com")[0][2:] == ["eve@acme.com"]
    assert looked_for(previous_emails=" eve@acme.com ,eve@old.com,")[0][2:] == ["eve@acme.com", "eve@old.com"]
    assert looked_for(previous_emails='["eve@acme.com"]')[0][2:] == ["eve@acme.com"]
    for nothing in ("", " ", None, []):
        assert len(looked_for(previous_emails=nothing, ids=nothing, connections=nothing)[0]) == 2
    assert looked_for(ids='{"kes": ["k1", 2]}')[0] == ["k1", "2"]
    state = begin(settings(ALL, connections="contabo,kestra"))
    assert list(state["connections"]) == ["contabo", "kestra"]


def test_earlier_evidence_may_be_a_text():
    state = begin(settings(ALL))
    assert remember(state, '{"steps": []}')["earlier"] == {"steps": []}
    assert remember(state, "")["earlier"] == remember(state, {})["earlier"] == {}


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
    first = run(settings(connections, level=level), world)
    assert first["complete"] == ("failed" not in outcomes(first))
    for entry in first["steps"]:
        assert entry["outcome"] in ("done", "already", "failed", "manual") and entry["time"]
    world.broken = set()
    second = run(settings(connections, level=level, earlier=first), world)
    assert second["complete"], second["failed"]
    for provider in connections:
        for user in world.users[provider]:
            assert user.get("state") == "absent" or not life_of(provider).able(user)
            assert user.get("state") == "absent" or not any(user.get(name) for step in life_of(provider).steps for name in step.holds)
    third = run(settings(connections, level=level, earlier=second), world)
    assert outcomes(third) <= {"already", "manual"}
    assert text(third)


def test_the_role_goes_through_as_many_phases_as_there_are():
    tasks = yaml.safe_load((pathlib.Path(__file__).resolve().parents[2] / "roles" / "offboard" / "tasks" / "main.yml").read_text(encoding="utf-8"))
    assert len(tasks[1]["block"][0]["loop"]) == len(PHASES) - 1
