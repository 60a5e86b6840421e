# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users and lists as JSON text, in both forms: v1 (documented envelope) and bare (the generated clients')."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ...web import JSON_TYPE, Answer, dumps, json_answer
from .fields import FIELDS, ONLY_V1, RENAMED_V1, TEXT_IDS
from .store import User

SUCCESS = {"error": False, "code": 200, "type": "success", "message": "Success"}
_SUCCESS_TEXT = dumps(SUCCESS)


class Shown(NamedTuple):
    """How users are shown. ``nulls``: empty fields are null, else they are left out; ``texts``: some ids of v1 are
    texts."""

    form: str
    nulls: bool
    custom: bool = True
    texts: bool = False


def user_value(user: User, shown: Shown) -> dict[str, Any]:
    """A user as the API shows it."""
    value: dict[str, Any] = {}
    v1 = shown.form == "v1"
    for name in FIELDS:
        item = user.fields.get(name)
        if (item is None and not shown.nulls) or (not v1 and name in ONLY_V1):
            continue
        if v1 and shown.texts and name in TEXT_IDS and item is not None:
            item = str(item)
        value[RENAMED_V1.get(name, name) if v1 else name] = item
    value["role_id" if v1 else "role_ids"] = sorted(user.roles)
    if shown.custom:
        value["custom_attributes"] = dict(user.custom)
    return value


def user_text(user: User, shown: Shown) -> bytes:
    """The same as JSON text, kept until the user changes: a list of thousands is rendered once only."""
    text = user.cache.get(shown)
    if text is None:
        text = user.cache[shown] = dumps(user_value(user, shown))
    return text


def picked(user: User, shown: Shown, names: Iterable[str]) -> bytes:
    """A user with the attributes of ``fields`` only; the id always comes."""
    requested = {"id", *names}
    return dumps({name: item for name, item in user_value(user, shown).items() if name in requested})


def envelope(texts: list[bytes], pagination: dict[str, Any] | None = None) -> Answer:
    """``{"status": ..., ["pagination": ...,] "data": [...]}`` from rendered elements."""
    page = b'"pagination":' + dumps(pagination) + b"," if pagination is not None else b""
    return Answer(
        200, b'{"status":' + _SUCCESS_TEXT + b"," + page + b'"data":[' + b",".join(texts) + b"]}", [], JSON_TYPE
    )


def array(texts: list[bytes], headers: list[tuple[str, str]] | None = None) -> Answer:
    return Answer(200, b"[" + b",".join(texts) + b"]", headers or [], JSON_TYPE)


def done(form: str, text: str = "Success") -> Answer:
    """The answer of an action."""
    status = {**SUCCESS, "message": text}
    return json_answer(200, {"status": status} if form == "v1" else status)
