# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The evidence of an offboarding: a document for programs, and a text and a page for people."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Problem

from ..html import render
from .model import ALREADY, DONE, FAILED, MANUAL, Entry, Offboarding

Evidence = dict[str, t.Any]


def evidence(work: Offboarding, moment: str, failed: t.Sequence[Problem]) -> Evidence:
    """Return the current evidence: what this run did and what failed, and what is known of earlier runs."""
    nobody = _nobody_found(work)
    manual = [_sentence(entry) for entry in work.entries if entry.outcome == MANUAL]
    person = work.person
    return {
        "kind": "offboard",
        "person": {
            "id": person.id,
            "name": person.whole_name or None,
            "email": person.email or None,
            "kind": person.kind,
            "manager": person.manager or None,
        },
        "level": work.options.level,
        "as_of": work.day,
        "left_on": work.left_on,
        "delete_on": work.delete_on,
        "deletion": _deletion(work),
        "check_mode": work.check,
        "begun": work.begun,
        "ended": moment,
        "complete": not failed,
        "failed": [str(problem) for problem in failed],
        "manual": list(dict.fromkeys(manual)),
        "notes": [*work.notes, *([nobody] if nobody else [])],
        "accounts": [
            {"connection": account.connection, "provider": account.provider, "id": account.id, "user": account.user}
            for account in work.accounts
        ],
        "steps": [entry.document() for entry in work.entries],
        "earlier": _earlier(work.earlier),
    }


def failures(work: Offboarding) -> list[Problem]:
    """Return the failures with their codes."""
    failed = [Problem(_sentence(entry), entry.code or "error") for entry in work.entries if entry.outcome == FAILED]
    if work.phase != "end":
        failed.append(Problem(f"The run ended in the phase {work.phase}, before it was complete.", "unexpected"))
    nobody = _nobody_found(work)
    if nobody and not work.options.lenient and not _known(work):
        text = f"{nobody} If the person has no account, set offboard_none_found: ok."
        failed.append(Problem(text, "user_not_found"))
    return failed


def _known(work: Offboarding) -> bool:
    """Return whether a result without accounts is plausible: an earlier run or a link has found one, or another person
    has the name."""
    linked = any(search.linked for search in work.searches.values())
    earlier = any(entry.get("id") for entry in work.earlier_steps)
    return linked or earlier or any(entry.outcome == MANUAL for entry in work.entries)


def _sentence(entry: Entry) -> str:
    return f"{_place_of(entry.document())}: {entry.step}: {entry.detail}"


def _nobody_found(work: Offboarding) -> str:
    """Return a sentence if no connection has an account: a wrong name has the same result.

    Return an empty text if a connection has one.
    """
    failed = {entry.connection for entry in work.entries if entry.outcome == FAILED}
    searched = {name: search for name, search in work.searches.items() if name not in failed}
    if work.phase != "end" or work.accounts or not searched:
        return ""
    places: dict[str, list[str]] = {}
    for name, search in searched.items():
        places.setdefault(search.searched or "nothing, because no name is known there", []).append(name)
    names = "; ".join(f"{text} (in {', '.join(entries)})" for text, entries in places.items())
    where = f"in {', '.join(searched)}" if failed else "in any connection"
    return (
        f"No account was found {where}, so nothing was done. Looked for: {names}. "
        "If accounts have other names, specify offboard_ids."
    )


def _deletion(work: Offboarding) -> str:
    """Return the text about when the accounts are deleted."""
    if work.options.level != "delete":
        return "Accounts are kept. offboard_level: delete deletes them once they are due."
    if work.delete_on is None:
        return "Not due, because the last day is not known: set end in the feed, or offboard_left_on."
    if not work.due:
        return f"Due on {work.delete_on}. Run the role again then. Until then, the accounts are kept."
    return f"Due since {work.delete_on}."


def _earlier(before: Evidence) -> list[dict[str, t.Any]]:
    """Return the steps of earlier runs, oldest first."""
    entries = [
        *before.get("earlier", ()),
        *(entry for entry in before.get("steps", ()) if entry["outcome"] in (DONE, FAILED)),
    ]
    return [entry for number, entry in enumerate(entries) if entry not in entries[:number]]


def text(document: Evidence) -> str:
    """Return the evidence as a text for people."""
    lines = [
        _title(document),
        f"Level {document['level']}, for {document['as_of']}, from {document['begun']} to {document['ended']}",
        *(["Check mode: nothing was done. A real run would report:"] if document["check_mode"] else []),
        f"Result: {_result(document)}",
        f"Deletion: {document['deletion']}",
    ]
    lines += [f"Note: {note}" for note in document["notes"]]
    for place, entries in _by_place(document["steps"]).items():
        lines += ["", f"{place}, {entries[0]['provider']}"]
        lines += [_line(entry) for entry in entries]
    for title, entries in (
        ("Manual steps", document["manual"]),
        ("Failed (fix the cause and run the role again: completed changes are not repeated)", document["failed"]),
    ):
        if entries:
            lines += ["", f"{title}:", *(f"  - {entry}" for entry in entries)]
    if document["earlier"]:
        done = [entry for entry in document["earlier"] if entry["outcome"] == DONE]
        lines += ["", "Earlier runs:", *(f"{_line(entry)}  {_place_of(entry)}" for entry in done)]
    return "\n".join(lines) + "\n"


def _title(document: Evidence) -> str:
    person = document["person"]
    known = ", ".join(
        str(person[name]) for name in ("id", "email") if person.get(name) and person[name] != person.get("name")
    )
    return f"Offboarding of {person['name']} ({known})" if person.get("name") else f"Offboarding of {person['id']}"


def _result(document: Evidence) -> str:
    """Return the result as text."""
    if not document["complete"]:
        return f"{len(document['failed'])} failed, see below"
    if not document["accounts"]:
        return "no account was found in any connection, see the note"
    return "everything is done, except the manual steps below" if document["manual"] else "everything is done"


def _by_place(entries: t.Iterable[dict[str, t.Any]]) -> dict[str, list[dict[str, t.Any]]]:
    places: dict[str, list[dict[str, t.Any]]] = {}
    for entry in entries:
        places.setdefault(_place_of(entry), []).append(entry)
    return places


def _place_of(entry: t.Mapping[str, t.Any]) -> str:
    return f"{entry['connection']} ({entry['account']})" if entry.get("account") else str(entry["connection"])


def _line(entry: t.Mapping[str, t.Any]) -> str:
    request = f"  [request {entry['request_id']}]" if entry.get("request_id") else ""
    detail = entry["detail"] if entry["outcome"] in (DONE, ALREADY) else "see below"
    return f"  {entry['step']:<9} {entry['outcome']:<8} {entry['how']:<9} {entry['time']}  {detail}{request}"


_PAGE = """{% extends "frame" %}
{% block title %}{{ title }}{% endblock %}
{% block main %}
<h1>{{ title }}</h1>
<p class="dim">Level {{ document.level }}, for {{ document.as_of }}, {{ document.begun }} to {{ document.ended }}
{% if document.check_mode %}, check mode{% endif %}</p>
<div class="banner {{ "good" if document.complete else "bad" }}" role="status"><strong>{{ result }}</strong>
{% for entry in document.failed %}<p>{{ entry }}</p>{% endfor %}</div>
<p>{{ document.deletion }}</p>
{% for note in document.notes %}<p>{{ note }}</p>{% endfor %}
{% if document.manual %}
<h2>Manual steps</h2>
<ul>{% for entry in document.manual %}<li>{{ entry }}</li>{% endfor %}</ul>
{% endif %}
{% for place, entries in places.items() %}
<h2>{{ place }} <span class="dim">{{ entries[0].provider }}</span></h2>
<div class="scroll"><table><thead><tr><th scope="col">Step</th><th scope="col">Outcome</th><th scope="col">How</th>
<th scope="col">Time</th>
<th scope="col">Detail</th></tr></thead><tbody>
{% for entry in entries %}
<tr><td data-label="Step">{{ entry.step }}</td><td data-label="Outcome">
<span class="tag {{ tags[entry.outcome] }}">{{ entry.outcome }}</span></td>
<td data-label="How">{{ entry.how }}</td><td data-label="Time">{{ entry.time }}</td>
<td data-label="Detail">{{ entry.detail }}{% if entry.request_id %}
<span class="dim">request {{ entry.request_id }}</span>{% endif %}</td></tr>
{% endfor %}
</tbody></table></div>
{% endfor %}
{% endblock %}
"""


def page(document: Evidence) -> str:
    """Return the evidence as one self-contained HTML page."""
    tags = {DONE: "good", ALREADY: "good", FAILED: "bad", MANUAL: "warn"}
    return render(
        _PAGE,
        document=document,
        title=_title(document),
        result=_result(document),
        places=_by_place(document["steps"]),
        tags=tags,
    )
