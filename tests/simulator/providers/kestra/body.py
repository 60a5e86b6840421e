# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Request bodies: their fields, and the shape of what is said about wrong ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...web import Call, Refused, loads

if TYPE_CHECKING:
    from . import Kestra

NAME = re.compile(r"(?=.{1,63}$)[a-z0-9]+(?:-[a-z0-9]+)*")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
# What java.time.Duration reads: days and below, no years, months or weeks.
_DURATION = re.compile(
    r"([-+]?)P(?:([-+]?\d+)D)?(T(?:([-+]?\d+)H)?(?:([-+]?\d+)M)?(?:([-+]?\d+(?:[.,]\d{0,9})?)S)?)?",
    re.IGNORECASE,
)


class Invalid(Refused):
    """422 with what is wrong and where: ``problems`` is a list of (path, message)."""

    def __init__(self, problems: Sequence[tuple[str, str]], status: int = 422) -> None:
        super().__init__(status, "Invalid entity: " + ", ".join(f"{path}: {text}" for path, text in problems))
        self.problems = list(problems)


@dataclass(frozen=True)
class Text:
    required: bool = False
    pattern: re.Pattern[str] | None = None
    # False: "" is as good as nothing where the field is required.
    empty: bool = True
    choices: tuple[str, ...] = ()

    def problem(self, value: Any) -> str | None:
        if not isinstance(value, str):
            return "must be a string"
        if not self.empty and not value.strip():
            return "must not be blank"
        if self.pattern is not None and not self.pattern.fullmatch(value):
            return f'must match "{self.pattern.pattern}"'
        if self.choices and value not in self.choices:
            return f"must be one of {', '.join(self.choices)}"
        return None


@dataclass(frozen=True)
class Flag:
    required: bool = False

    def problem(self, value: Any) -> str | None:
        return None if isinstance(value, bool) else "must be a boolean"


@dataclass(frozen=True)
class Texts:
    required: bool = False

    def problem(self, value: Any) -> str | None:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            return "must be a list of strings"
        return None


@dataclass(frozen=True)
class Refs:
    """``[{"id": text}]``."""

    required: bool = False

    def problem(self, value: Any) -> str | None:
        fits = isinstance(value, list) and all(
            isinstance(item, dict) and isinstance(item.get("id"), str) for item in value
        )
        return None if fits else "must be a list of objects with an id"


Fields = dict[str, Text | Flag | Texts | Refs]

PASSWORD = Text(empty=False)
USER: Fields = {
    "tenants": Texts(),
    "groups": Texts(),
    "firstName": Text(),
    "lastName": Text(),
    "email": Text(required=True, pattern=EMAIL),
    "password": PASSWORD,
    "superAdmin": Flag(),
    "restricted": Flag(),
}
USER_DETAILS: Fields = {"firstName": Text(), "lastName": Text(), "email": Text(pattern=EMAIL)}
SUPER_ADMIN: Fields = {"superAdmin": Flag(required=True)}
RESTRICTED: Fields = {"restricted": Flag(required=True)}
NEW_PASSWORD: Fields = {"password": Text(required=True, empty=False)}
OWN_PASSWORD: Fields = {"oldPassword": Text(required=True), "newPassword": Text(required=True, empty=False)}
TOKEN: Fields = {"name": Text(required=True, pattern=NAME), "description": Text(), "maxAge": Text(), "extended": Flag()}
AUTOCOMPLETE: Fields = {"q": Text(), "ids": Texts(), "existingOnly": Flag()}
USER_AUTOCOMPLETE: Fields = {**AUTOCOMPLETE, "username": Text()}
IDS: Fields = {"ids": Texts()}
NEW_GROUP: Fields = {"name": Text(required=True, empty=False), "description": Text(), "membersId": Texts()}
GROUP: Fields = {"name": Text(required=True, empty=False), "description": Text()}
GROUP_IDS: Fields = {"groupIds": Texts(required=True)}
ACCESS: Fields = {"email": Text(required=True, empty=False)}
BINDING: Fields = {
    "type": Text(required=True, choices=("USER", "GROUP")),
    "externalId": Text(required=True, empty=False),
    "roleId": Text(required=True, empty=False),
    "namespaceId": Text(empty=False),
}
ACCOUNT: Fields = {
    "name": Text(required=True, pattern=NAME),
    "description": Text(),
    "superAdmin": Flag(),
    "tenants": Texts(),
}
ACCOUNT_DETAILS: Fields = {"name": Text(required=True, pattern=NAME), "description": Text()}
TENANT_ACCOUNT: Fields = {
    "name": Text(required=True, pattern=NAME),
    "description": Text(),
    "superAdmin": Flag(),
    "groups": Refs(),
}


def read(provider: Kestra, call: Call, fields: Fields, status: int = 422) -> dict[str, Any]:
    """The known fields of the body that are not null. Raises Refused: 415, or ``status`` with every problem."""
    if not call.body:
        raise Refused(status, "Invalid route params: Required Body [body] not specified")
    if call.content_type != "application/json":
        raise Refused(415, f"Content Type [{call.content_type}] not allowed. Allowed types: [application/json]")
    try:
        body = loads(call.body)
    except ValueError:
        raise Refused(status, "Invalid json: the body cannot be parsed") from None
    if not isinstance(body, dict):
        raise Refused(status, "Invalid json mapping: an object is expected")
    problems = []
    if provider.options.unknown_fields == "refuse":
        problems += [(name, "is not a field of this request") for name in body if name not in fields]
    for name, field in fields.items():
        value = body.get(name)
        if value is None:
            if field.required:
                problems.append((name, "must not be null"))
            continue
        text = field.problem(value)
        if text:
            problems.append((name, text))
    if problems:
        raise Invalid(problems, status)
    return {name: body[name] for name in fields if body.get(name) is not None}


def duration(text: str) -> float | None:
    """Seconds of an ISO-8601 duration such as ``P30D`` or ``PT1H30M``; None where it cannot be read."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.group(2, 4, 5, 6)) or match.group(3) in ("T", "t"):
        return None
    days, hours, minutes = (int(match.group(number) or 0) for number in (2, 4, 5))
    seconds = float((match.group(6) or "0").replace(",", "."))
    total = days * 86400 + hours * 3600 + minutes * 60 + seconds
    return -total if match.group(1) == "-" else total


def check_password(provider: Kestra, password: str, path: str) -> None:
    """The policy. Raises Invalid."""
    least = provider.options.password_min_length
    if least and (len(password) < least or not all(re.search(part, password) for part in ("[a-z]", "[A-Z]", "[0-9]"))):
        text = f"must have {least} characters or more, with a lower-case letter, an upper-case letter and a digit"
        raise Invalid([(path, text)])
