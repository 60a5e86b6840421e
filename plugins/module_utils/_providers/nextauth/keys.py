# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth: API keys. They can be made and listed, by their description, and not deleted; a list holds their secrets."""

from __future__ import annotations

import os
import typing as t

from ..._core.delivery import check_dest, deliver
from ..._core.errors import InputError, RollcallError, UnclearAnswer
from ..._core.provider import Connection
from ..._core.run import Context, Result
from .connection import NextAuth, rows_of

_BY_HAND = "Delete keys in nextAuth's administration."


def _named(login: NextAuth, name: str) -> list[dict[str, t.Any]]:
    """Return role and description of the keys with this description; all secrets of the list are masked from here on."""
    rows, _total = rows_of(login.call("get_api_keys"), "apikeys")
    login.masker.add(*(row["apikey"] for row in rows if isinstance(row.get("apikey"), str)))
    return [{"name": name, "role": row.get("role")} for row in rows if row.get("description") == name]


def _make(context: Context, login: NextAuth, name: str) -> tuple[str, dict[str, t.Any]]:
    """Make a key and return its secret and what results show of it."""
    try:
        answer = login.call("create_api_key", query={"description": name}, subject=name)
        body = answer.body
        secret = body.get("apikey") if isinstance(body, dict) else None
        if not isinstance(secret, str) or not secret:
            raise answer.unreadable("it holds no apikey")
    except UnclearAnswer as error:
        if _named(login, name):
            raise RollcallError(
                f"{error.message} There is an API key {name} now, and its secret is lost with the answer.",
                f"{_BY_HAND} Then run it again, or use another name: this one counts as there.",
            ) from None
        raise RollcallError(f"{error.message} No API key {name} is there.", "Run it again.") from None
    login.masker.add(secret)
    kept = body.get("description")
    if kept not in (None, name):
        context.warn(f"nextAuth has named the API key {kept!r}, so it is not found as {name!r}: use that name from now on, or the next run makes another.")
    return secret, {"name": name, "role": body.get("role")}


def run_api_token(context: Context, connection: Connection) -> Result:
    """Make an API key unless there is one with this description. The secret is told once, here."""
    params, login = context.params, t.cast(NextAuth, connection)
    name, dest = params["name"], params["dest"]
    if not name or name != name.strip():
        raise InputError("name is empty, or has blanks at an end.", "A key is found by its name, which a server may cut: give it without.")
    if params["rotate"] != "never":
        raise InputError(
            "rotate is always, and nextAuth's API cannot delete a key.",
            f"Make a key with another name, switch what uses the old one, and then delete that. {_BY_HAND}",
        )
    start = login.transport.count()
    check_dest(dest)
    login.verify()
    held = _named(login, name)
    if params["state"] == "absent" and held:
        raise InputError(f"There is an API key {name}, and nextAuth's API cannot delete it.", f"{_BY_HAND} Nothing was written.")
    make = params["state"] == "present" and not held
    if len(held) > 1:
        context.warn(f"{len(held)} API keys are named {name}; nextAuth allows that. Delete those that nobody uses in its administration.")
    if held and dest and not os.path.exists(dest):
        context.warn(f"The API key {name} exists, and its secret is told only when it is made: {dest} was not written.")
    result: Result = {"changed": make, "made": make, "token": held[0] if held else None}
    if make and not context.check:
        secret, result["token"] = _make(context, login, name)
        try:
            result.update(deliver(context, "secret", secret)[0])
        except RollcallError as error:
            error.hint = f"{error.hint} The API key {name} was made, and its secret is lost. {_BY_HAND}"
            raise
    if context.diff:
        shown = [{"before": {"tokens": [item["name"] for item in held]}, "after": {"tokens": [name]}}]
        result["diff"] = shown if make else []
    result["api_calls"] = login.transport.count() - start
    return result
