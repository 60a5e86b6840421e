# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the OpenAPI document of OneLogin lacks, for the validation of traffic."""

from __future__ import annotations

from typing import Any

_CURSOR = "a cursor together with page arguments is refused on every list of version 2"
GAPS = {
    ("generate_token", 500): "credentials end with the user who made them, and the server says 500 then",
    ("get_user_apps", 400): "version 1 refuses ignore_visibility, says the prose; the document has the parameter",
    ("list_roles", 400): _CURSOR,
    ("get_role_users", 400): _CURSOR,
    ("add_role_users", 404): "the role of the path may not exist",
    ("remove_role_users", 422): "a user of the body may not exist",
}


def amend(content: dict[str, Any]) -> None:
    """Adapt the document to what its prose, its samples and the vendor's clients say."""
    schemas = content["components"]["schemas"]
    # Null clears a field in a PUT, and a server may show null for an empty one; the document has no null.
    for name in ("User", "UserV1"):
        for schema in schemas[name]["properties"].values():
            if "enum" not in schema:
                schema["nullable"] = True
    # Typed as texts in the prose of version 1, as numbers in its samples.
    for name in ("group_id", "directory_id"):
        schema = schemas["UserV1"]["properties"][name]
        schema.pop("type", None)
        schema.pop("format", None)
        schema["anyOf"] = [{"type": "integer", "nullable": True}, {"type": "string"}]
    # The list of users of version 2 takes ``sort``, says the prose.
    parameters = content["paths"]["/api/2/users"]["get"]["parameters"]
    if not any(item.get("name") == "sort" for item in parameters):
        parameters.append({"name": "sort", "in": "query", "required": False, "schema": {"type": "string"}})
    # The vendor's older client, version 1.9.1, exchanges an old pair of tokens for a new one, and names itself by the
    # vendor's own header.
    schemas["TokenRequest"]["properties"]["grant_type"]["enum"].append("refresh_token")
    content["paths"]["/auth/oauth2/revoke"]["post"]["security"].append({})
