# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user may be written with, and how one is shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...clock import iso_millis
from ...web import Refused, dumps
from .store import User

if TYPE_CHECKING:
    from . import SendAuth

READ_ONLY = ("id", "username", "hasPasskeys", "createdAt", "lastAuthenticated", "groupPermissions")
# Text fields: least and greatest length. An empty e-mail address or phone number is one that is taken away.
TEXTS = {"firstName": (2, 50), "lastName": (2, 50), "email": (0, 256), "phone": (0, 20)}
LISTS = ("permissions", "permissionGroups")
COMPANY_FIELDS = ("id", "orgID", "name", "createdAt")
KNOWN = (*READ_ONLY, *TEXTS, *LISTS, "role", "company", "messagingPreference")
# The two vocabularies for the tier of a user, each with its ranks. Callers have the ranks 4, 2, 1 and 0.
ROLES = {
    "spec": {"super_admin": 4, "admin": 3, "user": 0},
    "docs": {"Admin": 4, "Registrar": 2, "Authenticator": 1, "None": 0},
}
LOWEST = {"spec": "user", "docs": "None"}
PREFERENCES = ("email", "sms", "both")
_MAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+")


def invalid(field: str, value: Any, text: str) -> Refused:
    """A 422 with ``{error, field, value}``."""
    shown = value if isinstance(value, str) else dumps(value).decode("utf-8")
    return Refused(422, text, attribute=field, errors=[shown])


def rank(provider: SendAuth, role: str | None) -> int:
    return ROLES[provider.options.roles].get(role or "", 0)


def defaults(provider: SendAuth) -> dict[str, Any]:
    """Return the fields that a new user has without being given them."""
    values: dict[str, Any] = {"role": LOWEST[provider.options.roles]}
    if provider.options.messaging_default in PREFERENCES:
        values["messagingPreference"] = provider.options.messaging_default
    return values


def text_list(body: dict[str, Any], name: str, longest: int = 64) -> list[str]:
    """A list of short texts without repetitions. Raises Refused 422."""
    value = body[name]
    if not isinstance(value, list) or not all(isinstance(item, str) and 0 < len(item) <= longest for item in value):
        raise invalid(name, value, f"must be a list of texts with at most {longest} characters")
    return list(dict.fromkeys(value))


def parse(provider: SendAuth, body: dict[str, Any]) -> dict[str, Any]:
    """The fields of a body that may be written, checked; names are required always. Raises Refused 422."""
    unknown = [name for name in body if name not in KNOWN]
    if unknown:
        raise invalid(unknown[0], body[unknown[0]], "unknown field")
    if provider.options.read_only_fields == "refused":
        sent = [name for name in READ_ONLY if name in body]
        if sent:
            raise invalid(sent[0], body[sent[0]], "is read-only")
    for name in ("firstName", "lastName"):
        if name not in body:
            raise invalid(name, "", "is required")
    result: dict[str, Any] = {}
    for name, (least, most) in TEXTS.items():
        if name in body:
            value = body[name]
            if not isinstance(value, str) or not least <= len(value) <= most:
                raise invalid(name, value, f"must be a text of {least} to {most} characters")
            result[name] = value
    if "email" in result and not _MAIL.fullmatch(result["email"]):
        raise invalid("email", result["email"], "must be an e-mail address")
    for name, allowed in (("role", tuple(ROLES[provider.options.roles])), ("messagingPreference", PREFERENCES)):
        if name in body:
            if body[name] not in allowed:
                raise invalid(name, body[name], f"must be one of {', '.join(allowed)}")
            result[name] = body[name]
    if "permissions" in body:
        result["permissions"] = _labels(provider, text_list(body, "permissions"))
    if "permissionGroups" in body:
        result["permissionGroups"] = text_list(body, "permissionGroups")
        for group_id in result["permissionGroups"]:
            if group_id not in provider.store.groups:
                raise invalid("permissionGroups", group_id, "unknown permission group")
    if "company" in body:
        result["company"] = _company(provider, body["company"])
    return result


def _labels(provider: SendAuth, labels: list[str]) -> list[str]:
    """Labels as the option ``unknown_permission`` has it. New ones are made only when the request goes through."""
    if any(not label.isascii() or not label.isprintable() for label in labels):
        raise invalid("permissions", labels, "must be printable ASCII")
    mode, known = provider.options.unknown_permission, provider.store.labels
    unknown = [label for label in labels if label not in known]
    if unknown and mode == "rejected":
        raise invalid("permissions", unknown[0], "unknown permission")
    return [label for label in labels if label in known] if mode == "ignored" else labels


def _company(provider: SendAuth, value: Any) -> str:
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        raise invalid("company", value, "must be an object with an id")
    unknown = [name for name in value if name not in COMPANY_FIELDS]
    if unknown:
        raise invalid(f"company.{unknown[0]}", value[unknown[0]], "unknown field")
    if value["id"] not in provider.store.companies:
        raise invalid("company.id", value["id"], "unknown company")
    company_id: str = value["id"]
    return company_id


def write(provider: SendAuth, user: User, values: dict[str, Any]) -> None:
    """Give a user the parsed values. The index of e-mail addresses is the caller's matter."""
    for label in values.get("permissions", ()):
        provider.store.labels.setdefault(label)
    user.labels = values.get("permissions", user.labels)
    user.groups = values.get("permissionGroups", user.groups)
    user.company = values.get("company", user.company)
    user.set({name: value for name, value in values.items() if name not in (*LISTS, "company")})


def user_value(provider: SendAuth, user: User) -> dict[str, Any]:
    store, fields = provider.store, user.fields
    inherited = dict.fromkeys(label for group_id in user.groups for label in store.groups[group_id].permissions)
    value: dict[str, Any] = {"id": user.id, "role": fields.get("role"), "username": user.name}
    value.update((name, fields[name]) for name in ("firstName", "lastName", "email", "phone") if name in fields)
    if user.company is not None:
        value["company"] = store.companies[user.company]
    lists = {"permissions": user.labels, "groupPermissions": list(inherited), "permissionGroups": user.groups}
    for name, items in lists.items():
        if items or provider.options.empty_lists == "array":
            value[name] = items
        elif provider.options.empty_lists == "null":
            value[name] = None
    if "messagingPreference" in fields:
        value["messagingPreference"] = fields["messagingPreference"]
    value["hasPasskeys"] = user.passkeys > 0
    value["createdAt"] = iso_millis(user.created)
    if "lastAuthenticated" in fields:
        value["lastAuthenticated"] = fields["lastAuthenticated"]
    return value


def user_text(provider: SendAuth, user: User) -> bytes:
    """A user as JSON text, kept until the user changes."""
    if user.cache is None:
        user.cache = dumps(user_value(provider, user))
    return user.cache
