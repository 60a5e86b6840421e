# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The evidence of a closed review: the same rows as JSON, CSV and HTML, and a manifest of their digests."""

from __future__ import annotations

import csv
import io
import typing as t
from collections import Counter

from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import counted

from ..html import render
from .closed import (
    ALREADY,
    CLOSED,
    CLOSED_KIND,
    FAILED,
    FOLLOW_UP,
    KEPT,
    LEFT_OUT,
    MANUAL,
    OUTCOMES,
    REMOVED,
    RETURNED,
    body_digest,
)
from .documents import Json, sha256
from .model import LOGIN, SCHEMA
from .output import MULTILINE, cell, dumped

CLOSED_MANIFEST = "closed-manifest.json"
FILES = (CLOSED, "closed.csv", "closed.html", CLOSED_MANIFEST)
"""The files of the evidence."""
_COLUMNS = (
    "outcome", "decision", "reason", "decided_by", "decided_by_name", "decided", "connection", "provider", "account",
    "account_id", "facet", "grant_name", "grant_id", "person", "name", "kind", "privileged", "flags", "via", "via_name",
    "via_id", "reviewer", "time", "detail", "given_again_by", "advice", "id",
)  # fmt: skip
_WORDS = {
    KEPT: "kept", REMOVED: "removed", ALREADY: "already removed", FAILED: "failed", FOLLOW_UP: "manual change",
    MANUAL: "manual revocation", RETURNED: "returned", LEFT_OUT: "left out",
}
_TAGS = {
    KEPT: "good", REMOVED: "good", ALREADY: "good", FAILED: "bad", FOLLOW_UP: "warn", MANUAL: "warn", RETURNED: "bad",
    LEFT_OUT: "warn",
}
_ATTENTION = (FAILED, RETURNED, MANUAL, FOLLOW_UP)
"""The outcomes that somebody has to act upon."""
_MOST_KEPT = 5000
"""The maximum number of kept rows on the page, because a browser has to show it. The other files contain all rows."""
_TOGETHER = 5
"""The number of rows that a line of a log names."""
_SHOWN = 200
"""The maximum number of lines that a log shows. The files contain all rows."""


def document_of(head: Json, rows: t.Sequence[Json]) -> Json:
    """Return the closed evidence: its facts, and its rows in a fixed order, those that need attention first."""

    def order(row: Json) -> tuple[t.Any, ...]:
        return (
            OUTCOMES.index(row["outcome"]),
            row["connection"],
            fold(row["account"]),
            row["account_id"],
            row["facet"],
            fold(row["grant_name"]),
            row["id"],
        )

    counts = Counter(row["outcome"] for row in rows)
    document = {
        "schema": SCHEMA,
        "kind": CLOSED_KIND,
        **head,
        "outcomes": {name: counts.get(name, 0) for name in OUTCOMES},
        "rows": sorted(rows, key=order),
    }
    return {**document, "digest": body_digest(document)}


def files_of(document: Json) -> dict[str, str]:
    """Return the files of the evidence, name -> text."""
    files = {CLOSED: dumped(document), "closed.csv": _csv(document["rows"]), "closed.html": _page(document)}
    manifest = {
        "schema": SCHEMA, "kind": "access_review_closed_manifest", "review": document["review"],
        "opened": document["opened"], "closed": document["closed"],
        "rows": len(document["rows"]), "read": document["read"],
        "files": {name: sha256(text) for name, text in files.items()},
    }
    return {**files, CLOSED_MANIFEST: dumped(manifest)}


def _csv(rows: t.Sequence[Json]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(
        [
            cell(tuple(row[name]) if name == "flags" else row[name], name == "privileged", MULTILINE.get(name, ""))
            for name in _COLUMNS
        ]
        for row in rows
    )
    return text.getvalue()


def _grant(row: Json) -> str:
    return "the login" if row["facet"] == LOGIN else str(row["grant_name"])


def noun_of(facet: str) -> str:
    """Return what a grant of a facet is: a role, a group, an app, and so on."""
    return facet.removesuffix("s")


def _whose(row: Json) -> str:
    person = " ".join(filter(None, (row["person"], row["name"])))
    return f"{row['account']} ({person})" if person else str(row["account"])


def plain(text: t.Any) -> str:
    """Return a text for a log: on one line, without characters that control a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in str(text))


def lines(document: Json, check: bool, earlier: t.Mapping[str, Json], failures: t.Mapping[str, str]) -> list[str]:
    """Return the result for a log: what has changed since the previous run, and what needs attention."""
    counts = _amounts(document["outcomes"]) or "no rows"
    head = f"Access review {plain(document['review'])}{' (check mode: nothing is written)' if check else ''}: {counts}."
    output = [head, *(f"{name}: FAILED: {plain(text)}" for name, text in failures.items())]
    if document["incomplete"]:
        output.append(f"INCOMPLETE: could not be read when the review was opened: {', '.join(document['incomplete'])}")
    if document["left_out"]:
        output.append(f"INCOMPLETE: left out when it was closed: {', '.join(document['left_out'])}")
    shown = [row for row in document["rows"] if _is_shown(row, earlier.get(row["id"]))]
    explained = [row for row in shown if row["outcome"] in (FAILED, RETURNED, MANUAL)]
    others = [row for row in shown if row["outcome"] not in (FAILED, RETURNED, MANUAL)]
    output += [plain(line) for line in alike(explained)][:_SHOWN] + [_line(row, check) for row in others[:_SHOWN]]
    if len(others) > _SHOWN:
        output.append(f"and {len(others) - _SHOWN} more, see closed.csv.")
    return output + _given_again(document, earlier)[:_SHOWN]


def _amounts(outcomes: t.Mapping[str, int]) -> str:
    """Return the number of rows with each outcome."""
    nouns = (FOLLOW_UP, MANUAL)
    return ", ".join(
        counted(number, _WORDS[name]) if name in nouns else f"{number} {_WORDS[name]}"
        for name, number in outcomes.items()
        if number
    )


def _given_again(document: Json, earlier: t.Mapping[str, Json]) -> list[str]:
    """Return a line for each source that would grant something again, unless the previous run has reported it."""
    sources: dict[str, list[Json]] = {}
    for row in document["rows"]:
        before = earlier.get(row["id"])
        if row["given_again_by"] and (before is None or before["given_again_by"] != row["given_again_by"]):
            sources.setdefault(row["given_again_by"], []).append(row)
    lines = []
    for source, rows in sources.items():
        # a role and its app may have the same name
        names = list(dict.fromkeys(f"{row['connection']}: {_grant(row)}" for row in rows))
        label = "; ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        advice = (
            str(rows[0]["advice"])
            if len(names) == 1
            else f"{rows[0]['advice'].partition(';')[0]}; or remove these grants from the entitlement."
        )
        lines.append(plain(f"The {source} would give this again: {label}. {advice}"))
    return lines


def alike(rows: t.Sequence[Json]) -> list[str]:
    """Return one line for each outcome and reason. The line names the first of its rows."""
    kinds: dict[tuple[str, str, str], list[Json]] = {}
    for row in rows:
        kinds.setdefault((row["connection"], row["outcome"], row["detail"]), []).append(row)
    lines = []
    for (connection, outcome, detail), some in kinds.items():
        names = "; ".join(f"{_grant(row)} of {_whose(row)}" for row in some[:_TOGETHER])
        more = f"; and {len(some) - _TOGETHER} more" if len(some) > _TOGETHER else ""
        lines.append(f"{connection}: {names}{more}: {_WORDS[outcome]}{f', {detail}' if detail else ''}")
    return lines


def _is_shown(row: Json, before: Json | None) -> bool:
    """Return whether a log shows a row. ``before`` is the row in the evidence of the earlier run."""
    if row["outcome"] in _ATTENTION:
        return True
    return row["outcome"] in (REMOVED, ALREADY) and (before is None or before["outcome"] != row["outcome"])


def _line(row: Json, check: bool) -> str:
    word = "would be removed" if check and row["outcome"] == REMOVED and not row["time"] else _WORDS[row["outcome"]]
    noun = f"{noun_of(row['facet'])} " if row["code"] == "comes_with_another" else ""  # both may have the same name
    label = f"{row['connection']}: {noun}{_grant(row)} of {_whose(row)}: {word}"
    why = row["reason"] if row["outcome"] == FOLLOW_UP else row["detail"]
    return plain(f"{label}{f', {why}' if why else ''}")


_PAGE = """{% extends "frame" %}
{% block title %}Access review {{ document.review }}, closed{% endblock %}
{% block main %}
<h1>Access review {{ document.review }}, closed</h1>
<p class="dim">Opened {{ document.opened }}, last changed {{ document.closed }},
rollcall.identity {{ document.version }}
{% if document.job %}, AWX job {{ document.job }}{% endif %}</p>
{% if document.incomplete or document.left_out %}
<div class="banner bad" role="status"><strong>INCOMPLETE</strong>
{% if document.incomplete %}
<p>Could not be read when the review was opened: {{ document.incomplete | join(", ") }}</p>{% endif %}
{% if document.left_out %}<p>Left out when it was closed: {{ document.left_out | join(", ") }}</p>{% endif %}</div>
{% endif %}
<div class="banner {{ "bad" if document.outcomes.failed or document.outcomes.returned else "good" }}" role="status">
<strong>{{ rows | length | counted("row") }}</strong>
<p>{{ outcomes }}</p></div>
{% macro table(rows, caption) %}
<div class="scroll"><table><caption>{{ caption }}</caption><thead><tr><th scope="col">Outcome</th>
<th scope="col">Connection</th><th scope="col">Account</th>
<th scope="col">Person</th><th scope="col">Grant</th><th scope="col">Decision</th><th scope="col">Reason</th>
<th scope="col">Reviewer</th>
<th scope="col">Time</th><th scope="col">Detail</th></tr></thead><tbody>
{% for row in rows %}
<tr><td data-label="Outcome"><span class="tag {{ tags[row.outcome] }}">{{ words[row.outcome] }}</span></td>
<td data-label="Connection">{{ row.connection }}</td>
<td data-label="Account">{{ row.account }}</td><td data-label="Person">{{ row.person }} {{ row.name }}</td>
<td data-label="Grant">{{ "the login" if row.facet == "login" else row.grant_name }}</td>
<td data-label="Decision">{{ row.decision }}</td>
<td data-label="Reason">{{ row.reason }}</td><td data-label="Reviewer">{{ row.decided_by }}
{{ row.decided_by_name }}</td>
<td data-label="Time" style="white-space: nowrap">{{ row.time }}</td><td data-label="Detail">{{ row.detail }}
{% if row.given_again_by %} Would be given again by the {{ row.given_again_by }}. {{ row.advice }}{% endif %}</td></tr>
{% endfor %}
</tbody></table></div>
{% endmacro %}
{% if attention %}<h2>Needs attention</h2>{{ table(attention, attention | length | counted("row")) }}{% endif %}
{% if removed %}<h2>Removed</h2>
{{ table(removed, removed | length | counted("row") ~ ", verified by reading the directories again") }}{% endif %}
{% if others %}<h2>Kept</h2><details><summary>{{ others | length | counted("row") }}</summary>
{{ table(others[:most], others | length | counted("row")) }}
{% if others | length > most %}<p>and {{ others | length - most }} more, see closed.csv.</p>{% endif %}
</details>{% endif %}
<h2>What was read</h2>
<ul class="plain">{% for name, digest in document.read.items() %}<li>{{ name }}
<code>{{ digest }}</code></li>{% endfor %}</ul>
{% endblock %}
"""


def _page(document: Json) -> str:
    rows = document["rows"]
    removed = [row for row in rows if row["outcome"] in (REMOVED, ALREADY)]
    attention = [row for row in rows if row["outcome"] in _ATTENTION]
    others = [row for row in rows if row["outcome"] in (KEPT, LEFT_OUT)]
    return render(
        _PAGE, document=document, rows=rows, words=_WORDS, tags=_TAGS, removed=removed, attention=attention,
        others=others, most=_MOST_KEPT, outcomes=_amounts(document["outcomes"]),
    )
