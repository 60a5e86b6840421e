# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data that the roles work on, as a JSON schema: connections, entitlements, people. docs/identity.schema.json is made from it."""

from __future__ import annotations

import typing as t

Json = dict[str, t.Any]

PROVIDERS = ("contabo", "kestra", "nextauth", "onelogin", "sendauth")
DAY = {"type": "string", "format": "date"}
_TEXT = {"type": "string", "minLength": 1}
_GRANT = {
    "anyOf": [
        _TEXT,
        {
            "type": "object",
            "properties": {
                "name": _TEXT,
                "id": {"type": ["string", "integer"]},
                "role": _TEXT,
                "tenant": _TEXT,
                "namespace": {"type": "string"},
            },
            "additionalProperties": False,
        },
    ],
    "description": "A name, or a mapping that names more closely what is meant, as the modules of the provider take it.",
}
_GRANTS = {"type": "array", "items": _GRANT}

CONNECTION: Json = {
    "type": "object",
    "description": "One tenant of one provider: the provider, its connection options, and limits that hold for this connection only.",
    "properties": {
        "provider": {"enum": list(PROVIDERS), "description": "Whose modules serve it."},
        "credentials": {
            "type": "object",
            "description": "The options of the provider's modules that hold credentials. Where none are given, they come from the environment.",
            "additionalProperties": {"type": ["string", "null"]},
        },
        "protect": {"type": "array", "items": _TEXT, "description": "Patterns of accounts that nothing is ever taken from."},
    },
    "required": ["provider"],
    "additionalProperties": True,
}

ENTITLEMENT: Json = {
    "type": "object",
    "description": "Something that people can be entitled to: accounts, with what they may do there.",
    "properties": {
        "owner": {**_TEXT, "description": "Id of the person who answers for it."},
        "description": {"type": "string", "description": "What it is for."},
        "grants": {
            "type": "object",
            "description": "Connection -> what is granted there. An empty mapping is an account and no more.",
            "additionalProperties": {
                "type": "object",
                "properties": dict.fromkeys(("roles", "groups", "permissions", "tenants"), _GRANTS),
                "additionalProperties": False,
            },
        },
    },
    "required": ["grants"],
    "additionalProperties": False,
}

PERSON: Json = {
    "type": "object",
    "description": "A person, or something else that has accounts.",
    "properties": {
        "id": {**_TEXT, "description": "What the person is known by in all places and for good; never the e-mail address."},
        "kind": {
            "enum": ["employee", "contractor", "service", "shared", "break_glass"],
            "description": "An employee if not given. A contractor needs end; service and shared need owner; break_glass is never written.",
        },
        "status": {
            "enum": ["active", "leave", "left"],
            "description": "Active if not given. On leave the login is blocked and grants are kept; who has left loses both.",
        },
        "name": {**_TEXT, "description": "The whole name. What follows its last blank is the family name, unless that is given."},
        "given_name": {"type": "string", "description": "Where name does not tell."},
        "family_name": {"type": "string", "description": "Where name does not tell."},
        "email": {"type": "string", "pattern": "^[^@\\s]+@[^@\\s]+$", "description": "The address, by which accounts are found."},
        "previous_emails": {"type": "array", "items": _TEXT, "description": "Earlier addresses, so that accounts are renamed and not made anew."},
        "manager": {**_TEXT, "description": "Id of the manager."},
        "owner": {**_TEXT, "description": "Id of the person who answers for a service or shared account."},
        "start": {**DAY, "description": "The first day on which the person is there."},
        "end": {**DAY, "description": "The last day on which the person is there. From the next one on, they have left."},
        "entitlements": {
            "type": "array",
            "description": "What the person is entitled to.",
            "items": {
                "anyOf": [
                    _TEXT,
                    {
                        "type": "object",
                        "properties": {
                            "name": _TEXT,
                            "until": {**DAY, "description": "The last day on which it holds."},
                            "ticket": {"type": "string", "description": "Who said so, and where; for the record."},
                        },
                        "required": ["name"],
                        "additionalProperties": False,
                    },
                ],
            },
        },
        "accounts": {
            "type": "object",
            "description": "Connection -> how the account there differs: user, or id, where the address does not tell which it is, and fields of the provider.",
            "additionalProperties": {"type": "object", "properties": {"user": _TEXT, "id": {"type": ["string", "integer"]}}, "additionalProperties": True},
        },
    },
    "required": ["id"],
    "additionalProperties": False,
}

SCHEMA: Json = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "People, entitlements and connections of rollcall.identity",
    "type": "object",
    "properties": {
        "identity_connections": {"type": "object", "description": "Name -> connection.", "additionalProperties": CONNECTION},
        "identity_entitlements": {"type": "object", "description": "Name -> entitlement.", "additionalProperties": ENTITLEMENT},
        "identity_people": {"type": "array", "description": "Everybody, those who have left included.", "items": PERSON},
    },
    "additionalProperties": True,
}
