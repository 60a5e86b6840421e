# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's fields: which there are, what type they have, who may write them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from ...web import Refused, is_a

STATES = (0, 1, 2, 3)
STATUSES = (0, 1, 2, 3, 4, 5, 7, 8)

# Which states a user may go to from which. The API only says that some moves are refused; these are the simulator's.
MOVES: dict[int, tuple[int, ...]] = {0: (1, 2, 3), 1: (2, 3), 2: (1, 3), 3: (1,)}


@dataclass(frozen=True)
class Field:
    """``profile``: the user directory owns it, for users who come from one."""

    name: str
    kind: type = str
    writable: bool = True
    profile: bool = False
    enum: tuple[int, ...] = ()


def _fields() -> dict[str, Field]:
    fields = [Field("id", int, writable=False)]
    fields += [
        Field(name, profile=True)
        for name in ("username", "email", "firstname", "lastname", "title", "department", "company")
    ]
    fields += [
        Field("comment"),
        Field("group_id", int),
        Field("phone", profile=True),
        Field("state", int, enum=STATES),
        Field("status", int, enum=STATUSES),
        Field("directory_id", int),
        Field("trusted_idp_id", int),
    ]
    fields += [
        Field(name, profile=True)
        for name in (
            "manager_ad_id", "manager_user_id", "samaccountname", "member_of", "userprincipalname",
            "distinguished_name", "external_id",
        )
    ]
    fields += [
        Field(name, writable=False)
        for name in ("activated_at", "last_login", "invitation_sent_at", "updated_at", "created_at")
    ]
    fields += [
        Field("invalid_login_attempts", int),
        Field("locked_until", writable=False),
        Field("password_changed_at", writable=False),
        Field("preferred_locale_code"),
        Field("openid_name"),
    ]
    return {field.name: field for field in fields}


FIELDS = _fields()

# Name in the v1 documentation -> name of the shared model.
V1_INPUT = {"locale_code": "preferred_locale_code", "notes": "comment"}
# The names that only one form has.
ONLY_V1 = frozenset(("openid_name",))
RENAMED_V1 = {"preferred_locale_code": "locale_code"}

# What the v1 documentation types as text though it shows numbers.
TEXT_IDS = frozenset(("group_id", "directory_id"))

PASSWORD_FIELDS = ("password", "password_confirmation", "password_algorithm", "salt")
# Names of the attributes of a user in an answer.
OUTPUT_V1 = (*(RENAMED_V1.get(name, name) for name in FIELDS), "role_id", "custom_attributes")
OUTPUT_BARE = (*(name for name in FIELDS if name not in ONLY_V1), "role_ids", "custom_attributes")


class Rules(NamedTuple):
    """What a server takes. ``clears``: both, null or empty is what empties a text; ``texts``: ids of TEXT_IDS come as
    texts."""

    clears: str = "both"
    texts: bool = False


def check_value(field: Field, name: str, value: Any, rules: Rules) -> Any:
    """The value as it is kept: None for null and for an empty text. Raises Refused 400."""
    if value is None:
        if rules.clears == "empty" and field.kind is str:
            raise Refused(400, "has incorrect data type. It should be -> String", attribute=name)
        return None
    if value == "" and rules.clears == "null":
        raise Refused(400, "can't be blank", attribute=name)
    if rules.texts and field.name in TEXT_IDS:
        if not isinstance(value, str) or not (value == "" or (value.isascii() and value.isdigit())):
            raise Refused(400, "has incorrect data type. It should be -> String", attribute=name)
        return int(value) if value else None
    # bool is an int to Python, but not to the API.
    if not is_a(value, field.kind):
        requested = "a string" if field.kind is str else "an integer"
        raise Refused(400, f"must be {requested}", attribute=name)
    if field.enum and value not in field.enum:
        raise Refused(400, f"is invalid: one of {', '.join(map(str, field.enum))} is expected", attribute=name)
    return None if value == "" else value
