# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an offboarding begins: who is meant, what is wrong with the variables, when accounts may be deleted, and where to look for them."""

from __future__ import annotations

import datetime
import json
import math
import typing as t
import urllib.parse

from ansible_collections.rollcall.identity.plugins.module_utils._core.durations import seconds
from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError

from .check import problems as data_problems
from .export import is_pattern
from .feed import read_people
from .life import Life, life_of
from .people import LEFT, Person, account_id, account_names, fold, standing, written
from .validate import is_day

State = dict[str, t.Any]
Settings = t.Mapping[str, t.Any]


def begin(settings: Settings) -> State:
    """Return the first state, with the calls that find the person. Its ``problems`` are all that is wrong; then there are no calls.

    ``settings`` has identity_people, identity_entitlements, identity_connections, and as_of, person, level, delete_after, left_on,
    previous_emails, connections, ids, sessions, wait, check, earlier (the evidence of an earlier run), moment (the time); perhaps
    people_file and people_text, a file of people in place of the list, whose text is None where there is no such file.
    """
    day = str(settings["as_of"])
    settings = {**settings, "as_of": day}
    problems = _read_texts(settings)
    unread = _read_people(settings)
    # Of owners nothing can be said where people could not be read.
    checked = ("identity_connections",) if unread else ("identity_people", "identity_entitlements", "identity_connections")
    problems += unread + data_problems({name: settings[name] for name in checked}, day)
    state: State = {
        "problems": problems, "notes": [], "calls": [], "accounts": [], "steps": [], "phase": "find", "pause": 0, "begun": settings["moment"],
        "time": settings["moment"], "as_of": day, "level": settings["level"], "sessions": settings["sessions"], "wait": int(settings["wait"]),
        "check": settings["check"], "earlier": {}, "person": {"id": str(settings["person"])}, "due": False, "left_on": None, "delete_on": None,
        "connections": {}, "file": "",
    }  # fmt: skip
    if problems:  # what follows relies on the form
        return state
    connections = settings["identity_connections"]
    problems += _wrong_connections(settings)
    people: list[Person] = settings["identity_people"]
    person, found = _person(settings, people)
    problems += found
    state = remember(state, settings["earlier"])
    problems = state["problems"]
    state["file"] = file_name(person["id"]) if person else ""
    if person is None or not is_day(day):
        return state
    state["person"] = {name: person.get(name) for name in ("id", "name", "email", "kind", "manager")}
    if not written(person):
        problems.append(f"{person['id']} is for emergencies (kind: break_glass), and is never written. Correct offboard_person.")
    _dates(state, settings, person, problems)
    _note_standing(state, person, people, day, problems)
    names = settings["connections"] or list(connections)
    for name in names if not problems else ():
        state["connections"][name] = _connection(state, settings, name, person, people)
    state["calls"] = calls_to_find(state)
    return state


def remember(state: State, given: t.Any) -> State:
    """Return a state that knows the evidence of an earlier run, which is a mapping or its text."""
    evidence = given or {}
    if isinstance(evidence, str):
        try:
            evidence = json.loads(evidence)
        except ValueError:
            evidence = None
    if isinstance(evidence, dict) and all(isinstance(evidence.get(name, []), list) for name in ("steps", "earlier")):
        return {**state, "earlier": evidence}
    text = "The evidence of an earlier run (offboard_earlier, or the file in offboard_dest) is none. Correct it, or move it away."
    return {**state, "problems": [*state["problems"], text]}


def _read_texts(settings: dict[str, t.Any]) -> list[str]:
    """Take lists and mappings from texts, as ``-e name=value`` and the surveys of AWX give them. Return what is wrong with them."""
    found = []
    for option in ("previous_emails", "connections"):
        given = _from_json(settings[option])
        if isinstance(given, str):
            given = given.split(",")
        if not isinstance(given, list) or not all(_is_text(item) for item in given):
            found.append(f"offboard_{option}: give a list of texts, or one text with commas.")
            given = []
        settings[option] = list(dict.fromkeys(filter(None, (str(item).strip() for item in given))))
    given = _from_json(settings["ids"])
    given = {} if given in ("", []) else given
    if not isinstance(given, dict):
        found.append('offboard_ids: give a mapping of connections to lists of ids. As a text it is JSON, such as {"ol": ["100001"]}.')
        given = {}
    settings["ids"] = given
    return found


def _is_text(value: t.Any) -> bool:
    """Return whether a value is a text, or a number that YAML has made of one."""
    return isinstance(value, (str, int)) and not isinstance(value, bool)


def _from_json(value: t.Any) -> t.Any:
    """Return what a text holds that begins as JSON does, False if it is none; other values as they are, nothing as an empty list."""
    text = value.strip() if isinstance(value, str) else value
    if not isinstance(text, str) or text[:1] not in ("[", "{"):
        return [] if text is None else text
    try:
        return json.loads(text)
    except ValueError:
        return False


def _read_people(settings: dict[str, t.Any]) -> list[str]:
    """Take the people from a file, where one is given. Return what is wrong with it."""
    path = settings.get("people_file")
    if not path:
        return []
    settings["identity_people"] = []
    if settings["people_text"] is None:
        return [f"offboard_people_file: there is no file {path}. Give the path of the people, from where it is started."]
    try:
        settings["identity_people"] = read_people(settings["people_text"], path)
    except ValueError as error:
        return [f"offboard_people_file: {line}" for line in str(error).split("\n")]
    return []


def file_name(person: str) -> str:
    """Return the name of a person's evidence, without its end. Ids may hold anything."""
    return urllib.parse.quote(person, safe="@+").lstrip(".") or "person"


def _wrong_connections(settings: Settings) -> list[str]:
    known = settings["identity_connections"]
    found = [] if known else ["There are no connections. Set identity_connections."]
    for option in ("connections", "ids"):
        found += [f"offboard_{option}: there is no connection {name} in identity_connections." for name in settings[option] if name not in known]
    for name, ids in settings["ids"].items():
        if not isinstance(ids, list) or not ids or not all(_is_text(identity) for identity in ids):
            found.append(f"offboard_ids.{name}: give a list of ids.")
    return found


def _person(settings: Settings, people: t.Sequence[Person]) -> tuple[Person | None, list[str]]:
    """Return who is meant, by the id or an address; an address may be that of somebody who is not in the list."""
    wanted, more = str(settings["person"] or "").strip(), settings["previous_emails"]
    if not wanted:
        return None, ["offboard_person is empty. Give the id of a person, or an e-mail address."]
    found = [person for person in people if person["id"] == wanted]
    if not found and "@" in wanted:
        found = [person for person in people if fold(person.get("email") or "") == fold(wanted)]
        found = found or [person for person in people if fold(wanted) in map(fold, person.get("previous_emails") or ())]
    if len(found) > 1:
        ids = " and ".join(person["id"] for person in found)
        return None, [f"offboard_person: {wanted} is the address of {ids}. Give the id of the one who leaves."]
    if found:
        return {**found[0], "previous_emails": [*(found[0].get("previous_emails") or ()), *more]}, []
    if "@" not in wanted:
        return None, [f"offboard_person: nobody in identity_people has the id {wanted}. For somebody who is not in it, give the e-mail address."]
    return {"id": wanted, "email": wanted, "previous_emails": more}, []


def _dates(state: State, settings: Settings, person: Person, problems: list[str]) -> None:
    """Settle since when the person is gone, and whether accounts may be deleted today."""
    left_on = settings["left_on"] or person.get("end")
    if left_on and not is_day(str(left_on)):
        problems.append(f"offboard_left_on: {left_on!r} is no day; write it as 2026-12-31.")
        return
    state["left_on"] = left_on or None
    try:
        days = math.ceil(seconds(str(settings["delete_after"]), "offboard_delete_after") / 86400)
        if left_on:
            state["delete_on"] = (datetime.date.fromisoformat(left_on) + datetime.timedelta(days)).isoformat()
    except InputError as error:
        problems.append(error.sentence())
    except OverflowError:
        problems.append("offboard_delete_after is too long.")
    state["due"] = state["level"] == "delete" and state["delete_on"] is not None and state["delete_on"] <= state["as_of"]


def _note_standing(state: State, person: Person, people: t.Sequence[Person], day: str, problems: list[str]) -> None:
    """Tell what the list of people says otherwise: the role access would let somebody in again who is active there."""
    if not any(other["id"] == person["id"] for other in people):
        state["notes"].append(
            f"{person['id']} is nobody in identity_people: accounts were looked for by this address and offboard_previous_emails alone. "
            "Those of another name are not found; give them in offboard_ids."
        )
    elif standing(person, day) != LEFT:
        text = f"identity_people says that {person['id']} has not left. Set status: left there, or an end"
        if state["level"] == "delete":
            problems.append(f"offboard_level is delete, and {text}.")
        else:
            state["notes"].append(f"{text}; until then the role access lets the person in again.")


def _connection(state: State, settings: Settings, name: str, person: Person, people: t.Sequence[Person]) -> State:
    """Return what is known of a connection: by which ids and names the person may be there. What somebody else has now is left out."""
    about = settings["identity_connections"][name]
    # The field that names accounts here, whatever they are found by: protect is about that one.
    key = about.get("user_key") or life_of(about["provider"]).keys[0].get("user_key") or "user"
    found: State = {
        "provider": about["provider"], "key": key, "protect": list(about.get("protect") or ()), "ids": [], "names": [], "others": {}, "taken": [],
    }  # fmt: skip
    if settings["ids"].get(name):
        found["ids"] = [str(identity).strip() for identity in settings["ids"][name]]
        return found
    there = [other for other in people if other["id"] != person["id"] and (standing(other, state["as_of"]) != LEFT or not written(other))]
    owners = {fold(account_names(other, name).key): other["id"] for other in there}
    found["others"] = {account_id(other, name): other["id"] for other in there if account_id(other, name)}
    found["ids"] = [identity for identity in [account_id(person, name)] if identity]
    known = account_names(person, name)
    for text in dict.fromkeys(filter(None, (known.key, *known.earlier))):
        owner = owners.get(fold(text))
        if owner is None and not (found["ids"] and is_pattern(text)):
            found["names"].append(text)
        elif owner is not None and text == known.key and not found["ids"]:
            found["taken"].append(left_alone(text, owner, person["id"], name))
    return found


def left_alone(text: str, owner: str, person: str, connection: str) -> str:
    """Return what is to be said of an account that looked like the person's and is somebody else's."""
    return f"{text} is the account of {owner} now, and was left alone. If {person} has one here, give its id in offboard_ids.{connection}."


def sought(about: State) -> str:
    """Return what was looked for in a connection, as a text; empty where nothing is known."""
    return ", ".join([*(f"id {identity}" for identity in about["ids"]), *about["names"]])


def calls_to_find(state: State) -> list[State]:
    """Return the calls that look for the person: by each name, in each way and place in which the provider knows accounts."""
    calls = []
    for name, about in state["connections"].items():
        life = life_of(about["provider"])
        who = [{"id": identity} for identity in about["ids"]] + [{**key, "user": text} for text in about["names"] for key in life.keys]
        for options in who:
            for place in life.places:
                calls.append({
                    "connection": name, "module": "user_info", "options": {**options, **place, "gather": gathered(life)},
                    "label": f"{name}: {options.get('user') or options.get('id')}",
                })  # fmt: skip
    return calls


def gathered(life: Life) -> list[str]:
    """Return what must be gathered of an account for its offboarding."""
    return list(dict.fromkeys([*life.facets, *life.reads, *(name for step in life.steps for name in step.gather)]))
