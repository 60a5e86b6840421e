# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of an access review: one self-contained HTML file that a browser opens from disk. It makes no network
access.

Its template, style and scripts are in the folder ``page_files``. The Content-Security-Policy permits only its own style
and script, by their hashes. No other script can run, even if a name from a directory is inserted into the page as HTML.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
import re
import typing as t

import jinja2
from markupsafe import Markup

from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import agreed

from ..html import visible
from .model import CONNECTION, LOGIN, NOT_PROVIDED, REVOKE, SCHEMA, VERDICTS, Review, Row

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "page_files")
TEMPLATE, STYLE = "page.html.j2", "page.css"
SCRIPTS = (
    "data.js", "rules.js", "decisions.js", "selection.js", "dom.js", "list.js", "panel.js", "matrix.js", "paper.js",
    "main.js",
)
"""The parts of the script. Each part may use the ones before it."""
GONE_LIMIT = 1000
"""The maximum number of rows of the previous review that the page lists as gone; ``review.json`` contains all
of them."""

FLAG_TEXTS: t.Mapping[str, tuple[str, str]] = {
    "active_leaver": ("Active leaver", "The person has left, but can still log in."),
    "orphan_account": ("Orphan account", "The account does not belong to a person in the people data."),
    "expired_grant": ("Expired grant", "The entitlement has expired."),
    "no_active_owner": ("No active owner", "The owner of a service or shared account is unknown or has left."),
    "privileged": ("Privileged", "The grant makes the account an administrator."),
    "unmanaged_grant": ("Unmanaged", "No entitlement of the person gives this grant."),
    "token_without_expiry": ("Token never expires", "The account has an API token that never expires."),
    "no_mfa": ("No MFA", "The account has no second factor."),
    "dormant": ("Dormant", "Nobody has logged in to the account for a long time."),
}
"""Flag -> its label and meaning, in the order of FLAGS."""

_PARTS: t.Mapping[str, t.Mapping[str, str]] = {
    "person": {"id": "person", "name": "name", "kind": "kind", "status": "status", "manager": "manager", "end": "end"},
    "account": {
        "connection": "connection", "provider": "provider", "name": "account", "id": "account_id", "enabled": "enabled",
        "mfa": "mfa", "lastLogin": "last_login", "tokens": "tokens",
    },
    "grant": {
        "facet": "facet", "name": "grant_name", "entitlement": "entitlement", "via": "via", "viaName": "via_name",
        "revocable": "revocable",
    },
    "state": {
        "privileged": "privileged", "flags": "flags", "ticket": "ticket", "until": "until", "reviewer": "reviewer",
        "previous": "previous", "previousReason": "previous_reason", "previousReview": "previous_review",
        "isNew": "new",
    },
}  # fmt: skip
"""Part of a row in the page -> name in that part -> attribute of a Row.

Rows share equal parts, so a part with few different values takes little space.
"""

_UNSAFE = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


def embed(document: t.Any) -> Markup:
    """Return JSON that is safe in a script element: it cannot end the element or begin a comment."""
    return Markup(json.dumps(document, separators=(",", ":")).translate(_UNSAFE))


@functools.cache
def _read(name: str) -> str:
    """Return the text of a file of the page."""
    with open(os.path.join(FOLDER, name), encoding="utf-8", newline="\n") as file:
        return file.read()


def _without_header(text: str) -> str:
    """Return a script or a style without the licence at its top, which the page states once."""
    return re.sub(r"\A(?:/\*.*?\*/|(?://[^\n]*\n)+)\s*", "", text, count=1, flags=re.DOTALL)


@functools.cache
def script() -> str:
    """Return the whole script in one scope: its parts share their definitions, and no other script sees them."""
    parts = "\n".join(_without_header(_read(name)) for name in SCRIPTS)
    return f'\n"use strict";\n(() => {{\n{parts}}})();\n'


@functools.cache
def style() -> str:
    """Return the style sheet."""
    return "\n" + _without_header(_read(STYLE))


def _hash(text: str) -> str:
    """Return the source expression that permits an inline script or style with this text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@functools.cache
def policy() -> str:
    """Return the Content-Security-Policy of the page."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(script())}",
            f"style-src {_hash(style())}",
            *(
                f"{kind}-src 'none'"
                for kind in ("connect", "img", "font", "media", "object", "frame", "worker", "manifest")
            ),
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _table(rows: t.Sequence[Row], part: t.Mapping[str, str]) -> dict[str, t.Any]:
    """Return one part of all rows: its different values, and for each row the index of its value."""
    positions: dict[t.Any, int] = {}
    indexes = []
    for row in rows:
        key = tuple(getattr(row, attribute) for attribute in part.values())
        indexes.append(positions.setdefault(key, len(positions)))
    values = [[_plain(name, value) for name, value in zip(part, key, strict=True)] for key in positions]
    return {"keys": list(part), "values": values, "rows": indexes}


def _plain(name: str, value: t.Any) -> t.Any:
    """Return a value as plain JSON data."""
    if name == "tokens" and value is not None:
        return [[token.name, token.expires] for token in value]
    return value


def data(review: Review, rows: t.Sequence[Row], reviewer: str | None, digest: str) -> dict[str, t.Any]:
    """Return the data for the script of the page."""
    # The page of a connection does not say who decides on it.
    person = reviewer if review.by != CONNECTION else None
    return {
        "schema": SCHEMA,
        "review": review.id,
        "previous": review.previous,
        "digest": digest,
        "reviewer": None if person is None else {"id": person, "name": review.reviewers.get(person, "")},
        "page": "" if reviewer == person else reviewer,
        "reviewers": review.reviewers,
        "incomplete": review.incomplete,
        "connections": list(review.coverage),
        "verdicts": list(VERDICTS),
        "revoke": REVOKE,
        "login": LOGIN,
        "notProvided": NOT_PROVIDED,
        "flags": [[flag, *texts] for flag, texts in FLAG_TEXTS.items()],
        "ids": [row.id for row in rows],
        "parts": {name: _table(rows, part) for name, part in _PARTS.items()},
    }


def _gone(row: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Return a row of ``Review.gone`` as the page shows it."""
    facts = {
        "person": row["name"] or row["person"], "id": row["person"], "connection": row["connection"],
        "account": row["account"] or row["account_id"], "grant": row["grant_name"], "decision": row["verdict"],
    }
    return {name: visible(value or "") for name, value in facts.items()}


@functools.cache
def _environment() -> jinja2.Environment:
    """Return the environment that compiles the templates. It is created once for all pages."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_read),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = visible
    environment.filters["agreed"] = agreed
    return environment


def page(review: Review, rows: t.Sequence[Row], reviewer: str | None, digest: str) -> str:
    """Return the page of a reviewer, or that of the auditor if ``reviewer`` is None.

    ``digest`` is the rows_digest of the whole review, which the file of decisions repeats. ``rows`` are those of this
    page.
    """
    return _environment().get_template(TEMPLATE).render(
        review=review,
        rows=rows,
        reviewer=reviewer,
        reviewer_name=review.reviewers.get(reviewer, "") if reviewer is not None else "",
        digest=digest,
        short=len(rows) < len(review.rows),
        gone=[_gone(row) for row in review.gone[:GONE_LIMIT]],
        flags=FLAG_TEXTS,
        not_provided=NOT_PROVIDED,
        policy=policy(),
        style=Markup(style()),
        script=Markup(script()),
        data=embed(data(review, rows, reviewer, digest)),
    )
