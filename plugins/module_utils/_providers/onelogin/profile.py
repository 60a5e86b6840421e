# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: how profile fields are written, in the documented form and the one that the server accepts."""

from __future__ import annotations

from ..._core.errors import ApiError, RollcallError
from ..._core.http.api import Answer
from ..._core.plan.model import Account, Value
from .connection import OneLogin
from .shapes import NUMBERS

REFUSED = (400, 422)
"""Statuses of an answer that rejects a value."""
_V1_NAMES = {"comment": "notes"}
_BARE_NAMES = {"locale_code": "preferred_locale_code"}
"""The fields whose names differ, for each form."""


def send(
    connection: OneLogin, name: str, path: dict[str, str] | None, values: dict[str, Value], subject: str
) -> Answer:
    """Send profile fields. Ids and cleared fields have two forms.

    If the server refuses one form, the other is sent, and kept for later calls.
    """
    cache = connection.cache
    other = bool(cache.get("other_form"))
    body, alternative = _wire(connection, values, other), _wire(connection, values, not other)
    try:
        return connection.call(name, path, json=body, subject=subject)
    except ApiError as error:
        if error.status not in REFUSED or alternative == body:
            raise
        try:
            answer = connection.call(name, path, json=alternative, subject=subject)
        except ApiError:
            raise error from None
        cache["other_form"] = not other
        return answer


def _wire(connection: OneLogin, values: dict[str, Value], other: bool) -> dict[str, Value]:
    """Return profile fields in the form that the server accepts.

    The documents type all fields as text or number, and none as nullable. An empty text clears a text, null clears an
    id. Ids are numbers if the server returns numbers. ``other`` reverses each of these choices.
    """
    names = _BARE_NAMES if connection.bare else _V1_NAMES
    as_text = bool(connection.cache.get("text_ids")) is not other
    body: dict[str, Value] = {}
    for name, value in values.items():
        number = name in NUMBERS
        if value in (None, ""):
            value = None if number is not other else ""
        elif number:
            value = str(value) if as_text else int(value)
        body[names.get(name, name)] = value
    return body


def check_cleared(connection: OneLogin, answer: Answer, account: Account, values: dict[str, Value]) -> None:
    """Send fields in the other form if the answer shows that they were not cleared. Raises an error if they stay."""
    cleared: dict[str, Value] = {name: "" for name, value in values.items() if value in (None, "")}
    cleared = {name: value for name, value in cleared.items() if _shows(answer, name)}
    if not cleared:
        return
    body = _wire(connection, cleared, not connection.cache.get("other_form"))
    answer = connection.call("update_user", {"user_id": account.id}, json=body, subject=account.key)
    kept = [name for name in cleared if _shows(answer, name)]
    if kept:
        raise RollcallError(
            f"{', '.join(kept)} of {account.key} should be cleared; the server accepted that, but kept the value.",
            "Clear it in OneLogin's administration; a directory or a mapping may set it.", "not_applied",
        )


def row_of(answer: Answer) -> dict[str, Value]:
    """Return the user in the answer to a write, empty if the answer contains none."""
    body = answer.body
    if isinstance(body, dict) and isinstance(body.get("data"), list):
        body = body["data"]
    if isinstance(body, list):
        body = body[0] if body else None
    return body if isinstance(body, dict) else {}


def _shows(answer: Answer, name: str) -> bool:
    """Return whether the answer to a write shows a value of a field."""
    row = row_of(answer)
    return row.get(name) not in (None, "") or row.get(_BARE_NAMES.get(name, name)) not in (None, "")
