# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API keys, impersonation, permissions; and the query values that several calls have."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from ...web import Call, Refused, whole_number
from .store import GLOBAL, Server

if TYPE_CHECKING:
    from . import NextAuth


def require_role(provider: NextAuth, call: Call) -> str:
    """Return the role of the key, or the role in ``X-su``. Raises Refused 401, 403."""
    store = provider.store
    key = store.keys.get(call.headers.get("x-apikey", ""))
    if key is None or not hmac.compare_digest(key.value.encode(), call.headers["x-apikey"].encode("utf-8", "replace")):
        raise Refused(401, "invalid API key")
    requested = call.headers.get("x-su")
    if requested is None:
        return key.role
    if not {"root", "setrid"} & set(store.acls[GLOBAL].get(key.role, ())):
        raise Refused(403, "X-su needs the global permission root or setrid")
    if requested not in store.roles:
        raise Refused(403, "X-su names no role")
    return requested


def require_permission(provider: NextAuth, call: Call, permissions: list[str]) -> None:
    """Require one of the permissions, or root, on the server of the path. Raises Refused 403.

    The word "global" among them, or a path without a server, requires a global permission.
    """
    server_id = GLOBAL if "global" in permissions else call.params.get("serverid", GLOBAL)
    permissions = [name for name in permissions if name != "global"]
    if not {*permissions, "root"} & provider.store.permissions(provider.role, server_id):
        raise Refused(403, f"permission {' or '.join(permissions)} is missing")


def server_of(provider: NextAuth, call: Call) -> Server:
    server = provider.store.servers.get(call.params["serverid"])
    if server is None:
        raise Refused(404, "server not found")
    return server


def whole(call: Call, name: str, default: int, least: int) -> int:
    """A whole number of the query. Raises Refused 400."""
    value = whole_number(call.args[name], least) if name in call.args else default
    if value is None:
        raise Refused(400, f"{name} must be a whole number from {least}")
    return value


def needed(call: Call, name: str) -> str:
    """A query value that must be there and not be empty. Raises Refused 400."""
    value = call.args.get(name)
    if not value:
        raise Refused(400, f"{name} is missing")
    return value


def nonce_of(call: Call) -> str:
    value = call.headers.get("x-nonce")
    if not value:
        raise Refused(400, "X-nonce is missing")
    return value
