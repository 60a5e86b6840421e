# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data that the roles work on, as a JSON schema: connections, entitlements, people. docs/identity.schema.json is
made from it."""

from __future__ import annotations

import typing as t

Json = dict[str, t.Any]

PROVIDERS = ("contabo", "kestra", "nextauth", "onelogin", "scim", "sendauth")
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
    "description": "A name, or a mapping that identifies it more closely, as the modules of the provider take it.",
}
_GRANTS = {"type": "array", "items": _GRANT}

CONNECTION: Json = {
    "type": "object",
    "description": (
        "One tenant of one provider: the provider, its connection options, and limits that hold for this connection "
        "only."
    ),
    "properties": {
        "provider": {"enum": list(PROVIDERS), "description": "The provider, whose modules are used."},
        "credentials": {
            "type": "object",
            "description": (
                "Options of the provider's modules that hold credentials. Without it they come from the environment."
            ),
            "additionalProperties": {"type": ["string", "null"]},
        },
        "protect": {
            "type": "array", "items": _TEXT, "description": "Patterns of accounts from which nothing is ever taken.",
        },
    },
    "required": ["provider"],
    "additionalProperties": True,
}

ENTITLEMENT: Json = {
    "type": "object",
    "description": "Something that people can be entitled to: accounts, and grants there.",
    "properties": {
        "owner": {**_TEXT, "description": "ID of the person who is responsible for it."},
        "description": {"type": "string", "description": "What it is for."},
        "retired": {
            "type": "boolean",
            "description": "Whether its grants are taken from everybody. Keep the entry until no account holds them.",
        },
        "grants": {
            "type": "object",
            "description": (
                "Connection -> what is granted there. An empty mapping grants an account without anything else."
            ),
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
        "id": {
            **_TEXT,
            "description": (
                "The ID of the person, which never changes. Use that of the HR system, not the e-mail address."
            ),
        },
        "kind": {
            "enum": ["employee", "contractor", "service", "shared", "break_glass"],
            "description": (
                "By default employee. A contractor requires end; service and shared require owner; "
                "break_glass accounts are never written."
            ),
        },
        "status": {
            "enum": ["active", "leave", "left"],
            "description": (
                "By default active. leave blocks the login and keeps grants; left blocks the login and takes grants."
            ),
        },
        "name": {
            **_TEXT,
            "description": (
                "The whole name. Without given_name and family_name, the word after the last blank is the family name."
            ),
        },
        "given_name": {"type": "string", "description": "The given name, where it does not follow from name."},
        "family_name": {"type": "string", "description": "The family name, where it does not follow from name."},
        "email": {
            "type": "string",
            "pattern": "^[^@\\s]+@[^@\\s]+$",
            "description": "The e-mail address, by which accounts without a link are found.",
        },
        "previous_emails": {
            "type": "array",
            "items": _TEXT,
            "description": "Earlier addresses, so that accounts are renamed instead of created.",
        },
        "manager": {**_TEXT, "description": "ID of the manager."},
        "owner": {**_TEXT, "description": "ID of the person who is responsible for a service or shared account."},
        "start": {**DAY, "description": "The first day with access."},
        "end": {**DAY, "description": "The last day with access. On the next day the person counts as left."},
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
                            "ticket": {"type": "string", "description": "The ticket that granted it, for the record."},
                        },
                        "required": ["name"],
                        "additionalProperties": False,
                    },
                ],
            },
        },
        "attributes": {
            "type": "object",
            "description": "Further facts, such as department, for rules.",
            "additionalProperties": {"type": ["string", "integer", "boolean"]},
        },
        "accounts": {
            "type": "object",
            "description": (
                "Connection -> how the account there differs: user or id, where the address does not identify it, "
                "and fields of the provider."
            ),
            "additionalProperties": {
                "type": "object",
                "properties": {"user": _TEXT, "id": {"type": ["string", "integer"]}},
                "additionalProperties": True,
            },
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
        "identity_connections": {
            "type": "object", "description": "Name -> connection.", "additionalProperties": CONNECTION,
        },
        "identity_entitlements": {
            "type": "object", "description": "Name -> entitlement.", "additionalProperties": ENTITLEMENT,
        },
        "identity_people": {"type": "array", "description": "Everybody, including people who left.", "items": PERSON},
    },
    "additionalProperties": True,
}
