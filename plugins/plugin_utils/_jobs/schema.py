# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The JSON schema of the roles' input: connections, entitlements, people. docs/identity.schema.json is generated from
it."""

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
    "description": "A name, or a mapping with more keys, as the modules of the provider accept it.",
}
_GRANTS = {"type": "array", "items": _GRANT}

CONNECTION: Json = {
    "type": "object",
    "description": (
        "One tenant of one provider: the provider, its connection options, and limits that apply only to this "
        "connection."
    ),
    "properties": {
        "provider": {"enum": list(PROVIDERS), "description": "The provider. The role uses its modules."},
        "credentials": {
            "type": "object",
            "description": (
                "Options of the provider's modules that contain credentials. By default they come from the environment."
            ),
            "additionalProperties": {"type": ["string", "null"]},
        },
        "protect": {
            "type": "array",
            "items": _TEXT,
            "description": "Patterns of accounts that never lose anything.",
        },
    },
    "required": ["provider"],
    "additionalProperties": True,
}

ENTITLEMENT: Json = {
    "type": "object",
    "description": "Something that people are entitled to: accounts, and grants of these accounts.",
    "properties": {
        "owner": {**_TEXT, "description": "ID of the person who is responsible for it."},
        "description": {"type": "string", "description": "The purpose of the entitlement."},
        "retired": {
            "type": "boolean",
            "description": "If true, its grants are revoked from all accounts. Keep it until no account has them.",
        },
        "grants": {
            "type": "object",
            "description": (
                "Maps a connection to its grants. A connection with an empty mapping gives an account without grants."
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
                "By default active. leave blocks the login, and keeps grants if the provider can block a login without "
                "removing them; left blocks the login and revokes grants."
            ),
        },
        "name": {
            **_TEXT,
            "description": ("The full name. Without given_name and family_name, its last word is the family name."),
        },
        "given_name": {"type": "string", "description": "The given name, if it does not follow from name."},
        "family_name": {"type": "string", "description": "The family name, if it does not follow from name."},
        "email": {
            "type": "string",
            "pattern": "^[^@\\s]+@[^@\\s]+$",
            "description": "The e-mail address. It matches accounts that have no link.",
        },
        "previous_emails": {
            "type": "array",
            "items": _TEXT,
            "description": "Earlier e-mail addresses. Accounts with these addresses are renamed, not created again.",
        },
        "manager": {**_TEXT, "description": "ID of the manager."},
        "owner": {**_TEXT, "description": "ID of the person who is responsible for a service or shared account."},
        "start": {**DAY, "description": "The first day with access."},
        "end": {**DAY, "description": "The last day with access. From the next day on, the person counts as left."},
        "entitlements": {
            "type": "array",
            "description": "Names of entitlements.",
            "items": {
                "anyOf": [
                    _TEXT,
                    {
                        "type": "object",
                        "properties": {
                            "name": _TEXT,
                            "until": {**DAY, "description": "The last day of the entitlement."},
                            "ticket": {
                                "type": "string",
                                "description": "The ticket with the approval, for your records.",
                            },
                        },
                        "required": ["name"],
                        "additionalProperties": False,
                    },
                ],
            },
        },
        "attributes": {
            "type": "object",
            "description": "Other facts that rules can use, such as department.",
            "additionalProperties": {"type": ["string", "integer", "boolean"]},
        },
        "accounts": {
            "type": "object",
            "description": (
                "Maps a connection to facts about the person's account: user or id, if the address does not identify "
                "it, and fields of the provider whose values differ from those that the role would write."
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
            "type": "object",
            "description": "Maps a name to a connection.",
            "additionalProperties": CONNECTION,
        },
        "identity_entitlements": {
            "type": "object",
            "description": "Maps a name to an entitlement.",
            "additionalProperties": ENTITLEMENT,
        },
        "identity_people": {
            "type": "array",
            "description": "All people, including those who have left.",
            "items": PERSON,
        },
    },
    "additionalProperties": True,
}
