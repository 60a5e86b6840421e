# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The evidence of an offboarding: a document for programs, and a text for people."""

from __future__ import annotations

import typing as t

from .offboard import ALREADY, DONE, FAILED, MANUAL
from .offboard_start import sought

State = dict[str, t.Any]
Evidence = dict[str, t.Any]


def evidence(state: State, moment: str) -> Evidence:
    """Return the evidence as it is now: what this run did, and what earlier ones did as far as they are known."""
    failed = [f"{_place(entry)}: {entry['step']}: {entry['detail']}" for entry in state["steps"] if entry["outcome"] == FAILED]
    unfinished = state["phase"] != "end"
    if unfinished:
        failed.append(f"The run ended in the phase {state['phase']}, before everything was done.")
    return {
        "kind": "offboard",
        "person": state["person"],
        "level": state["level"],
        "as_of": state["as_of"],
        "left_on": state["left_on"],
        "delete_on": state["delete_on"],
        "deletion": _deletion(state),
        "check_mode": state["check"],
        "begun": state["begun"],
        "ended": moment,
        "complete": not failed,
        "failed": failed,
        "manual": list(dict.fromkeys(f"{_place(entry)}: {entry['step']}: {entry['detail']}" for entry in state["steps"] if entry["outcome"] == MANUAL)),
        "notes": [*state["notes"], *_nobody_found(state)],
        "accounts": [{name: account[name] for name in ("connection", "provider", "id", "user")} for account in state["accounts"]],
        "steps": state["steps"],
        "earlier": _earlier(state["earlier"]),
    }


def _place(entry: t.Mapping[str, t.Any]) -> str:
    return f"{entry['connection']} ({entry['account']})" if entry.get("account") else str(entry["connection"])


def _nobody_found(state: State) -> list[str]:
    """Return a note where no connection has an account: with a wrong name it looks the same."""
    failed = {entry["connection"] for entry in state["steps"] if entry["outcome"] == FAILED}
    asked = {name: about for name, about in state["connections"].items() if name not in failed}
    if state["phase"] != "end" or state["accounts"] or not asked:
        return []
    places: dict[str, list[str]] = {}
    for name, about in asked.items():
        places.setdefault(sought(about) or "nothing, because no name is known there", []).append(name)
    names = "; ".join(f"{text} (in {', '.join(found)})" for text, found in places.items())
    where = f"in {', '.join(asked)}" if failed else "in any connection"
    return [f"No account was found {where}, so nothing was done. Looked for: {names}. If that is not how accounts are called, give offboard_ids."]


def _deletion(state: State) -> str:
    """Return what is to be known about the deletion of the accounts."""
    if state["level"] != "delete":
        return "Accounts are kept. offboard_level: delete deletes them once they are due."
    if state["delete_on"] is None:
        return "Not due, because it is not known since when the person is gone: give end in identity_people, or offboard_left_on."
    if not state["due"]:
        return f"Due on {state['delete_on']}: run it again then. Until then accounts are kept."
    return f"Due since {state['delete_on']}."


def _earlier(before: Evidence) -> list[State]:
    """Return what earlier runs have done, oldest first."""
    found = [*before.get("earlier", ()), *(entry for entry in before.get("steps", ()) if entry["outcome"] in (DONE, FAILED))]
    return [entry for number, entry in enumerate(found) if entry not in found[:number]]


def text(document: Evidence) -> str:
    """Return the evidence as a text for people."""
    person = document["person"]
    known = ", ".join(str(person[name]) for name in ("id", "email") if person.get(name) and person[name] != person.get("name"))
    lines = [
        f"Offboarding of {person['name']} ({known})" if person.get("name") else f"Offboarding of {person['id']}",
        f"Level {document['level']}, for {document['as_of']}, from {document['begun']} to {document['ended']}",
        *(["Check mode: this is what would be done."] if document["check_mode"] else []),
        f"Result: {_result(document)}",
        f"Deletion: {document['deletion']}",
    ]
    lines += [f"Note: {note}" for note in document["notes"]]
    for place in dict.fromkeys(map(_place, document["steps"])):
        entries = [entry for entry in document["steps"] if _place(entry) == place]
        lines += ["", f"{place}, {entries[0]['provider']}"]
        lines += [_line(entry) for entry in entries]
    for title, entries in (("By hand", document["manual"]), ("Failed (mend it and run it again: what was done is not repeated)", document["failed"])):
        if entries:
            lines += ["", f"{title}:", *(f"  - {entry}" for entry in entries)]
    if document["earlier"]:
        lines += ["", "Earlier runs:", *(f"{_line(entry)}  {_place(entry)}" for entry in document["earlier"] if entry["outcome"] == DONE)]
    return "\n".join(lines) + "\n"


def _result(document: Evidence) -> str:
    if not document["complete"]:
        return f"{len(document['failed'])} failed, see below"
    return "everything is done" if document["accounts"] else "no account was found in any connection, see the note"


def _line(entry: t.Mapping[str, t.Any]) -> str:
    request = f"  [request {entry['request_id']}]" if entry.get("request_id") else ""
    detail = entry["detail"] if entry["outcome"] in (DONE, ALREADY) else "see below"
    return f"  {entry['step']:<9} {entry['outcome']:<8} {entry['how']:<9} {entry['time']}  {detail}{request}"
