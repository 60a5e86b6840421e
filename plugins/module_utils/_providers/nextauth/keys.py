# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth: API keys. They can be created, and listed by description, but not deleted. A list shows secrets."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..._core.errors import InputError, Problem, RollcallError, require
from ..._core.names import nfc
from ..._core.run.connection import Connection
from ..._core.run.delivery import content, deliver, dest_of, dest_problems, rehearse
from ..._core.run.report import Context, Result
from ..._core.run.token_run import looks, unclear
from ..._core.run.tokens import ineffective
from ..._core.wording import agreed
from .connection import NextAuth, rows_of

_BY_HAND = "Delete the key in nextAuth's administration."


@dataclass
class Keys:
    """The keys of the current role: those with the name, their secrets, and the number of keys that show no name."""

    named: list[dict[str, t.Any]] = field(default_factory=list)
    unnamed: int = 0
    secrets: list[str] = field(default_factory=list)

    def known_by(self, text: str) -> bool:
        """Return whether a text can be the secret of one of the keys.

        Servers may show only a part of secrets, or none.
        """
        whole = [secret for secret in self.secrets if secret.isalnum() or not set(secret) & set("*…. ")]
        if len(whole) == len(self.named):
            return text in whole
        return text.isprintable() and " " not in text


def _read(login: NextAuth, name: str) -> Keys:
    """Return the keys with this description, composed (NFC) or not, and mask all secrets of the list."""
    rows, _total = rows_of(login.call("get_api_keys"), "apikeys")
    login.masker.add(*(row["apikey"] for row in rows if isinstance(row.get("apikey"), str)))
    keys = Keys(unnamed=sum(not isinstance(row.get("description"), str) for row in rows))
    for row in rows:
        if isinstance(row.get("description"), str) and nfc(row["description"]) == nfc(name):
            keys.named.append({"id": None, "name": name, "role": row.get("role"), "expires_at": None})
            keys.secrets += [row["apikey"]] if isinstance(row.get("apikey"), str) and row["apikey"] else []
    return keys


def _make(context: Context, login: NextAuth, name: str, before: int) -> tuple[str, dict[str, t.Any]]:
    """Create a key, and return its secret and its result. ``before`` is the number of keys with the name so far."""
    try:
        answer = login.call("create_api_key", query={"description": name}, subject=name)
        body = answer.json_object
        secret = body.get("apikey")
        if not isinstance(secret, str) or not secret.strip():
            raise answer.unreadable("it contains no apikey")
    except RollcallError as error:
        if not unclear(error):
            raise
        raise _lost(login, name, before, error) from None
    login.masker.add(secret)
    kept = body.get("description")
    if kept is not None and nfc(str(kept)) != nfc(name):
        context.warn(
            f"nextAuth named the API key {kept!r} instead of {name!r}. Use that name from now on, or the next run "
            "creates another one.",
            "renamed_token", name,
        )  # fmt: skip
    return secret, {"id": None, "name": name, "role": body.get("role"), "expires_at": None}


def _lost(login: NextAuth, name: str, before: int, error: RollcallError) -> RollcallError:
    """Return the error for a key that may exist. It cannot be deleted, so no other key is created."""
    for _look in looks(login.clock.sleep):
        try:
            appeared = len(_read(login, name).named) > before
        except RollcallError as second:
            return RollcallError(
                f"{error.message} The API keys could not be read after that ({second.message}), so there may be a "
                f"key {name} whose secret is lost.",
                "Check for it. If it exists, delete it in nextAuth's administration.", "unclear_answer",
            )  # fmt: skip
        if appeared:
            return RollcallError(
                f"{error.message} There is an API key {name} now, and its secret is lost with the answer.",
                f"{_BY_HAND} Then run the task again. Or keep that key, and use another name.", "orphaned_token",
            )  # fmt: skip
    return RollcallError(
        f"{error.message} No API key {name} has appeared so far.",
        "Run the task again. If it then reports that the key exists, the secret of that key is lost: delete the key in "
        "nextAuth's administration.",
        "unclear_answer",
    )  # fmt: skip


def _check(context: Context) -> None:
    """Raise InputError, before any call, if the options cannot be met."""
    params = context.params
    problems = ineffective(params)
    name = params.get("name") or ""
    if not name or name != name.strip():
        text = (
            "name is empty, or begins or ends with whitespace, which a server may strip. Specify the name without "
            "surrounding whitespace."
        )
        problems.append(Problem(text, "blank_value", option="name"))
    if params["state"] == "present":
        if params["rotate"] != "never":
            text = (
                "rotate is always, and nextAuth's API cannot delete a key. Create a key with another name, and switch "
                "everything that uses the old one. Then delete the old one in nextAuth's administration."
            )
            problems.append(Problem(text, "not_supported", option="rotate"))
        problems += dest_problems(dest_of(params))
    require(problems)


def _check_keys(context: Context, keys: Keys) -> None:
    """Raise InputError if the state cannot be reached. Warn about unusual existing keys."""
    params, name = context.params, context.params["name"]
    if params["state"] == "absent":
        if keys.named:
            raise InputError(
                [
                    Problem(
                        f"There is an API key {name}, and nextAuth's API cannot delete it.",
                        "not_supported",
                        option="state",
                    )
                ],
                f"{_BY_HAND} Nothing was written.",
            )
        return
    if not keys.named and keys.unnamed:
        which = "That key" if keys.unnamed == 1 else "One of them"
        text = (
            f"The list shows no description for {keys.unnamed} of the API keys. {which} may already be named "
            f"{name!r}, so no key was created."
        )
        raise InputError(
            [Problem(text, "unnamed_token")],
            f"Nothing was written. Add the missing {agreed(keys.unnamed, 'description')}, or delete "
            f"{agreed(keys.unnamed, 'this')} {agreed(keys.unnamed, 'key')}, in nextAuth's administration.",
        )
    if len(keys.named) > 1:
        text = (
            f"{len(keys.named)} API keys are named {name}; nextAuth allows that. Delete the unused ones in its "
            "administration."
        )
        context.warn(text, "duplicate_token", name)
    dest = dest_of(params)
    if keys.named and dest is not None:
        text = content(dest) or ""
        if not keys.known_by(text):
            what = "contains something else" if text else "does not contain its secret"
            context.warn(
                f"The API key {name} exists, and {dest} {what}. The secret is shown only when the key is created: "
                f"{dest} was not written. If the secret is lost, delete the key in nextAuth's administration and run "
                "the task again.",
                "lost_secret",
                name,
            )


def run_api_token(context: Context, connection: Connection) -> Result:
    """Create an API key unless there is one with this description. Only this result contains the secret."""
    with connection.alone(f"API key {context.params['name']}", context.check):
        return _run(context, t.cast(NextAuth, connection))


def _run(context: Context, login: NextAuth) -> Result:
    params = context.params
    _check(context)
    name, dest = params["name"], dest_of(params)
    start = login.transport.count()
    login.verify()
    keys = _read(login, name)
    _check_keys(context, keys)
    make = params["state"] == "present" and not keys.named
    result: Result = {
        "changed": make, "made": make, "why": "there is none" if make else "", "revoked": [],
        "token": keys.named[0] if keys.named else None,
        **({"dest": dest} if dest is not None and params["state"] == "present" else {}),
    }  # fmt: skip
    if make and not context.check:
        rehearse(dest)
        secret, result["token"] = _make(context, login, name, len(keys.named))
        try:
            result.update(deliver(context, secret)[0])
        except RollcallError as error:
            error.hint = f"{error.hint} The API key {name} was created, and its secret is lost. {_BY_HAND}"
            raise
    if context.diff:
        shown = [{"before": {"tokens": [item["name"] for item in keys.named]}, "after": {"tokens": [name]}}]
        result["diff"] = shown if make else []
    result["api_calls"] = login.transport.count() - start
    return result
