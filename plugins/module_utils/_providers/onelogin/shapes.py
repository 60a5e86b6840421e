# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: the fields of a user, how they depend on each other, and which rows of an answer are usable."""

from __future__ import annotations

import datetime
import typing as t

from ..._core.durations import moment
from ..._core.http.paging import name_fault
from ..._core.plan.losses import DISABLED, when_false
from ..._core.plan.model import PASSWORD, Facet, Field, Schema, Value

STATES = {0: "unapproved", 1: "approved", 2: "rejected", 3: "unlicensed"}
STATUSES = {
    0: "unactivated",
    1: "active",
    2: "suspended",
    3: "locked",
    4: "password_expired",
    5: "awaiting_password_reset",
    7: "password_pending",
    8: "security_questions_required",
}
BLOCKING = ("unactivated", "suspended")
"""Statuses in which only an administrator can enable the login.

In the others, the user has to do something, or wait.
"""
AWAITING = ("unactivated", "password_expired", "awaiting_password_reset", "password_pending")
"""Statuses that a new password may end."""
ALGORITHMS = ("salt+sha256", "sha256+salt", "bcrypt")
"""How the hash of a password was made: SHA-256 of salt and password in this order, or bcrypt,
whose hash holds its salt."""
_DIGITS = 18
"""The length of the longest text that is read as an id: a 64-bit number can have all numbers of this length."""
NUMBERS = ("group_id", "directory_id", "trusted_idp_id")
"""Ids that the API stores as numbers, and returns and accepts as numbers or texts."""


def code_of(names: t.Mapping[int, str], name: str) -> int:
    """Return the code of a state or status."""
    return next(code for code, known in names.items() if known == name)


def _named(names: t.Mapping[int, str]) -> t.Callable[[Value], Value]:
    def read(code: Value) -> Value:
        """Return the name of a code. A code that is not documented is unknown."""
        return None if code is None else names.get(int(code))

    return read


def _text(value: Value) -> Value:
    return None if value is None else str(value)


def is_number(value: Value) -> bool:
    """Return whether a value is a whole number, or the text of one without a sign and with at most 18 digits."""
    if not isinstance(value, str):
        return isinstance(value, int) and not isinstance(value, bool)
    text = value.strip()
    return text.isascii() and text.isdecimal() and len(text) <= _DIGITS


def number_text(value: Value) -> str:
    """Return a number, or the text of one, as the shortest text: without leading zeros and without blanks."""
    return str(int(value))


# -- what a user is ------------------------------------------------------------------------------------------------


def _unapproves(before: Value, after: Value) -> str | None:
    return "disabled" if before in (None, "approved") and after != "approved" else None


def _locks(before: Value, after: Value) -> str | None:
    return "locked" if after is True else None


def _restricts(before: Value, after: Value) -> str | None:
    if after in BLOCKING:
        return "disabled" if before != "suspended" else None
    return "locked" if after == "locked" else None


PROFILE = (
    Field("username", fold=True, required=True),
    Field("email", fold=True, required=True, address=True),
    Field("firstname", required=True),
    Field("lastname", required=True),
    *(
        Field(name)
        for name in ("title", "department", "company", "phone", "comment", "locale_code", "openid_name", "external_id")
    ),
    *(Field(name) for name in ("samaccountname", "userprincipalname", "distinguished_name", "member_of")),
    # Ids. The API types those of managers as texts.
    *(Field(name, loose=True, read=_text) for name in (*NUMBERS, "manager_ad_id", "manager_user_id")),
)
SERVER = tuple(
    Field(name, writable=False)
    for name in (
        "activated_at", "created_at", "updated_at", "last_login", "invitation_sent_at", "invalid_login_attempts",
        "locked_until", "password_changed_at",
    )
)
ACCESS = (
    # The order of writing: a password may end a status, and a user who is approved and suspended in one task cannot log
    # in between the two calls.
    Field(PASSWORD, via=PASSWORD, readable=False, secret=True),
    Field("status", via="status", choices=tuple(STATUSES.values()), read=_named(STATUSES), loses=_restricts),
    Field("enabled", type="bool", via="enabled", loses=when_false(DISABLED)),
    Field(
        "user_state", wire="state", via="state", choices=tuple(STATES.values()), read=_named(STATES), loses=_unapproves
    ),
    Field("locked", type="bool", via="lock", writable=False, loses=_locks),
)


def can_log_in(state: Value, status: Value) -> bool | None:
    """Return whether the login is enabled, as far as administrators control it; None if OneLogin does not report it."""
    if state not in (None, "approved") or status in BLOCKING:
        return False
    return None if state is None or status is None else True


def derive(before: t.Mapping[str, Value], after: dict[str, Value]) -> None:
    """Add the status that a suspension or a lock entails, and whether the login is then enabled."""

    def changes(name: str) -> bool:
        return name in before and after[name] != before[name]

    if changes("status"):
        after["locked"] = after["status"] == "locked"
    elif changes("locked"):
        after["status"] = "locked" if after["locked"] else "active"
    elif changes("enabled"):
        if not after["enabled"]:
            after["status"] = "suspended"
        elif before.get("status") in BLOCKING:
            after["status"] = "active"
    if "user_state" in before and "status" in before:
        after["enabled"] = can_log_in(after["user_state"], after["status"])


def users_schema(user_key: str) -> Schema:
    """Return the declaration of a user. ``user_key`` is the field that ``user`` refers to: username or email."""
    return Schema(
        provider="onelogin",
        product="OneLogin",
        noun="user",
        key=user_key,
        fields=(*PROFILE, *ACCESS, *SERVER),
        facets=(Facet("attributes", "attribute", "map", loss=False), Facet("roles", "role")),
        derive=derive,
        reported=("apps",),
        extras={
            "password_method": {
                "type": "str",
                "choices": ["salted", "clear_text"],
                "default": "salted",
                "no_log": False,
            },
            "password_hash": {"type": "str", "no_log": True},
            "password_salt": {"type": "str", "no_log": True},
            "password_algorithm": {
                "type": "str",
                "choices": list(ALGORITHMS),
                "default": ALGORITHMS[0],
                "no_log": False,
            },
        },
    )


# -- rows of answers -----------------------------------------------------------------------------------------------


def user_fault(row: Value) -> str | None:
    """Return why a row of an answer is not readable as a user, None if it is."""
    fault = _identity_fault(row, "user")
    if fault is not None:
        return fault
    fault = name_fault(row, ("username", "email"))
    if fault is not None:
        return fault
    name = f"user {row['id']}"
    for field in (*PROFILE, *SERVER):
        if isinstance(row.get(field.on_wire), (dict, list)):
            return f"{field.on_wire} of {name} is not text"
    for key in ("state", "status"):
        if row.get(key) is not None and not is_number(row[key]):
            return f"{key} of {name} is not a number"
    attributes = row.get("custom_attributes")
    if attributes is not None and (
        not isinstance(attributes, dict) or any(isinstance(value, (dict, list)) for value in attributes.values())
    ):
        return f"custom_attributes of {name} are not a mapping of text"
    for key in ("role_id", "role_ids"):
        roles = row.get(key)
        if roles is not None and (not isinstance(roles, list) or not all(map(is_number, flat(roles)))):
            return f"{key} of {name} is not a list of ids"
    return None


def named_fault(row: Value) -> str | None:
    """Return why a row is not readable as a role or a group, None if it is."""
    fault = _identity_fault(row, "row")
    if fault is None and (not isinstance(row.get("name"), str) or not row["name"]):
        fault = f"row {row['id']} has no name"
    return fault


def _identity_fault(row: Value, noun: str) -> str | None:
    if not isinstance(row, dict):
        return f"a {noun} is not an object"
    return None if is_number(row.get("id")) else f"a {noun} has no id"


def flat(rows: list[Value]) -> list[Value]:
    """Return rows without the list that version 1 wraps around ids and names (``[[1, 2]]``, empty ``[[]]``)."""
    return [item for row in rows for item in (row if isinstance(row, list) else [row])]


def is_ahead(text: Value) -> bool:
    """Return whether a time stamp is in the future. An unreadable one is not."""
    when = moment(text)
    return when is not None and when > datetime.datetime.now(datetime.timezone.utc)
