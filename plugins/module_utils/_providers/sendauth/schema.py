# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: the declaration of a user's fields and facets, and the values that depend on them. Pure functions."""

from __future__ import annotations

import typing as t

from ..._core.names import fold
from ..._core.plan.model import PROFILE, Facet, Field, Schema, Value

_RANKS = {"super_admin": 4, "admin": 3, "registrar": 2, "authenticator": 1, "user": 0, "none": 0}
"""Role in small letters -> rank. The specification and the product's documentation name different ones; both are known
here.
"""
_PRIVILEGED = 2
"""The lowest rank that may write users."""
JOINED = (PROFILE, "permissions", "groups")
"""The write group and the facets that are written in one PUT of the whole user."""
FACETS = {"permissions": "permissions", "groups": "permissionGroups"}
NO_ID = (None, "", "00000000-0000-0000-0000-000000000000")
"""The forms in which a server may return an id that is not set."""


def rank(role: Value) -> int | None:
    """Return the rank of a role, None for a role that is unknown or not reported."""
    return _RANKS.get(fold(role)) if isinstance(role, str) else None


def _demotes(before: Value, after: Value) -> str | None:
    """Return the loss of a change of role. An unknown role may be a lower one."""
    was, will = rank(before), rank(after)
    return "demoted" if was is None or will is None or will < was else None


def _set_or_none(value: Value) -> Value:
    """Return None for an empty text. Such a field cannot be cleared, so results must not contain an empty text."""
    return value or None


def company_of(value: Value) -> Value:
    """Return a company as results show it, None for none."""
    if not isinstance(value, dict) or value.get("id") in NO_ID:
        return None
    return {"id": str(value["id"]), "name": value.get("name")}


def _company_wire(value: Value) -> Value:
    """Return the value that assigns a company. The form is not documented; the id is assumed."""
    return {"id": value["id"]} if isinstance(value, dict) else None


def normalise(values: t.Mapping[str, Value]) -> dict[str, Value]:
    """Return the normalised fields: privileged, if the role shows it, the last login, and the second factor.

    Passkeys are the second factor.
    """
    known: dict[str, Value] = {}
    level = rank(values.get("role"))
    if level is not None:
        known["privileged"] = level >= _PRIVILEGED
    if "last_authenticated" in values:
        known["last_login"] = values["last_authenticated"]
    if values.get("has_passkeys") is not None:
        known["mfa"] = values["has_passkeys"]
    return known


def derive(before: t.Mapping[str, Value], after: dict[str, Value]) -> None:
    """Mark a deleted user who exists afterwards as restored."""
    if before.get("enabled") is False:
        after["enabled"] = True


SCHEMA = Schema(
    provider="sendauth",
    product="SendAuth",
    noun="user",
    key="email",
    fields=(
        Field("email", fold=True, address=True, read=_set_or_none),
        Field("first_name", wire="firstName", required=True, read=_set_or_none),
        Field("last_name", wire="lastName", required=True, read=_set_or_none),
        # By the specification, an empty text is a phone number, but null is not.
        Field("phone", write=lambda value: value),
        Field("company", type="raw", read=company_of, write=_company_wire),
        Field("role", fold=True, read=_set_or_none, loses=_demotes),
        Field("messaging_preference", wire="messagingPreference", choices=("email", "sms", "both"), read=_set_or_none),
        # A server may leave out what is false.
        Field(
            "has_passkeys",
            type="bool",
            wire="hasPasskeys",
            via="passkeys",
            writable=False,
            read=bool,
            loses=lambda before, after: "left without passkeys" if after is False else None,
        ),
        # Not a field of the API: deleted users are in another list. To disable a user is to delete the user softly.
        Field(
            "enabled",
            type="bool",
            via="life",
            writable=False,
            loses=lambda before, after: "disabled" if after is False else None,
        ),
        Field("username", writable=False),
        Field("group_permissions", wire="groupPermissions", writable=False),
        Field("created_at", wire="createdAt", writable=False),
        Field("last_authenticated", wire="lastAuthenticated", writable=False),
    ),
    facets=(Facet("permissions", "permission", in_create=True), Facet("groups", "group", in_create=True)),
    states=("present", "absent", "destroyed"),
    disable_is="emulated",
    knows_privileged=True,
    level=lambda values: rank(values.get("role")),
    soft_deletes=True,
    normalise=normalise,
    derive=derive,
    reported=("audits", "transactions"),
    extras={"restore": {"type": "bool", "default": False}, "keep_passkeys": {"type": "bool", "default": False}},
)

READ_ONLY = {"id", "username", "hasPasskeys", "createdAt", "lastAuthenticated", "groupPermissions"}
WIRES = {field.on_wire for field in SCHEMA.fields if field.name != "enabled"} | set(FACETS.values())
WRITTEN = WIRES - READ_ONLY
"""The fields that an update must know, because it would remove those that it leaves out."""
