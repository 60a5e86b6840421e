# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: the tags of a user. They can be set and not read, so setting them is an action.

Only tags and values that are defined in SendAuth are sent: what happens to others is not documented.
"""

from __future__ import annotations

import typing as t

from ..._core.errors import ApiError, Problem, first_words, require
from ..._core.http.paging import Row
from ..._core.names import near, nfc
from ..._core.plan.losses import TAGS_REPLACED, Loss
from ..._core.plan.model import Account
from ..._core.run.options import Params
from ..._core.run.report import Context, Result
from ..._core.run.run import perform
from .connection import SendAuth
from .users import Users

_LISTED = 10
"""The number of names that a message lists."""


def set_tags(context: Context, users: Users) -> Result:
    """Set the tags of a user. Raises InputError before that for tags and values that SendAuth does not define."""
    problems = _malformed(context.params)
    desired = {str(name): str(value) for name, value in context.params["tags"].items()}
    tags = dict(desired)

    def defined(account: Account) -> bool:
        rows = _defined(users.connection) if desired else None
        if rows is not None:
            require(_undefined(rows, desired, account.key))
            tags.clear()
            tags.update(_spelt(rows, desired))
        return True

    def act(account: Account) -> Result:
        users.connection.call("set_user_tags", {"user_id": account.id}, json={"tags": tags}, subject=account.key)
        return {}

    return perform(context, users, act, defined, [Loss(TAGS_REPLACED)], problems)


def _malformed(params: Params) -> list[Problem]:
    wrong = [
        name for name, value in params["tags"].items() if value in (None, "") or isinstance(value, (bool, dict, list))
    ]
    text = "tags.{} is empty, or neither text nor a number. Specify text in quotes, or omit the name to remove the tag."
    return [Problem(text.format(name), "invalid_value", option=f"tags.{name}") for name in wrong]


def _defined(connection: SendAuth) -> dict[str, Row] | None:
    """Return the defined tags by composed name (NFC), None if these credentials may not read them."""
    try:
        return {nfc(str(row["name"])): row for row in connection.tag_rows()}
    except ApiError as error:
        if error.status != 403:
            raise
        return None


def _spelt(defined: t.Mapping[str, Row], tags: t.Mapping[str, str]) -> dict[str, str]:
    """Return tags with the names and values as SendAuth defines them, composed or not."""
    spelt = {}
    for name, value in tags.items():
        row = defined[nfc(name)]
        values = row["values"] if isinstance(row.get("values"), list) else []
        spelt[str(row["name"])] = next((str(known) for known in values if nfc(str(known)) == nfc(value)), value)
    return spelt


def _undefined(defined: t.Mapping[str, Row], tags: t.Mapping[str, str], place: str) -> list[Problem]:
    """Return a problem for each tag or value that is not defined or not enabled."""
    problems: list[Problem] = []
    for name, value in tags.items():
        text = _fault(name, value, defined)
        if text:
            problems.append(Problem(f"tags.{name}: {text}", "unknown_tag", place, f"tags.{name}"))
    return problems


def _fault(name: str, value: str, defined: t.Mapping[str, Row]) -> str:
    """Return what is wrong with a tag, empty if it is defined with this value."""
    row = defined.get(nfc(name))
    if row is None:
        return f"SendAuth has no such tag; {_instead(name, list(defined))}. Correct the name, or create the tag first."
    if row.get("enabled") is False:
        return "the tag is disabled. Enable it in SendAuth first."
    values = row.get("values")
    if not isinstance(values, list) or nfc(value) in (nfc(str(known)) for known in values):
        return ""
    shown = repr(first_words(value, 80))
    return (
        f"the tag has no value {shown}; {_instead(value, [str(known) for known in values])}. Correct the value, or add "
        "it to the tag first."
    )


def _instead(name: str, known: t.Sequence[str]) -> str:
    similar = near(name, known)
    if similar:
        return f"similar: {', '.join(map(repr, similar))}"
    return f"known: {', '.join(known[:_LISTED])}" if known else "there are none yet"
