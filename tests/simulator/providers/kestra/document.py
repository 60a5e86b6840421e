# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the OpenAPI document of Kestra lacks, for the validation of traffic."""

from __future__ import annotations

from typing import Any

GAPS = {
    ("*", 400): "unknown ids may be answered so, says the vendor's own tests; bad filters too",
    ("*", 403): "every call but those of the caller needs a permission",
    ("*", 404): "tenant or object of the path may not exist",
    ("*", 415): "every call with a body wants JSON",
    ("*", 422): "validation of the body and of the query is documented nowhere",
    ("*", 500): "sorting by an unknown column is an error of the database",
    ("create_user", 409): "e-mail taken",
    ("update_user", 409): "e-mail taken",
    ("patch_user", 409): "e-mail taken",
    ("create_binding", 409): "option unique_bindings",
    ("create_tenant_access_1", 409): "user has access already",
}


def amend(content: dict[str, Any]) -> None:
    """Adapt the document of 2.0 to the actual requests and to 1.x.

    Requests send filters as ``filters[field][OP]=value``, not as JSON. When 1.0 creates a user, the answer has no body.
    Permissions of 1.x are CRUD; 2.0 has no action READ.
    """
    for item in content["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] == "filters":
                    parameter["name"], parameter["schema"] = "filters[field][operation]", {"type": "string"}
    content["paths"]["/api/v1/users"]["post"]["responses"]["201"]["x-may-be-empty"] = True
    content["components"]["schemas"]["Action"]["enum"].append("READ")
