# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nextAuth: virtual servers with users, their attributes as text, accounts, sessions, roles, API keys."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

from ...provider import Operation, Options, Provider
from ...router import Router
from ...web import Answer, Call, Refused, json_answer
from . import auth, seed
from .accounts import account_value
from .operations import OPERATIONS
from .store import GLOBAL, MAIN_SERVER, Key, Server, Session, Store, User


@dataclass(frozen=True)
class NextAuthOptions(Options):
    """See README.md, section nextAuth, for the meaning of each."""

    attributes_form: Literal["object", "list", "string", "garbage"] = "object"
    attributes_type: Literal["text/plain", "application/json"] = "text/plain"
    empty_attributes: Literal["form", "nothing", "null"] = "form"
    empty_post: Literal["creates", "refused"] = "creates"
    other_values: Literal["refused", "stringified", "kept"] = "refused"
    unknown_key_status: Literal[200, 404] = 200
    unknown_user_accounts: Literal[200, 404] = 200
    accounts_of_deleted: Literal["deleted", "orphaned", "refused"] = "deleted"
    move_to_unknown: Literal["refused", "creates"] = "refused"
    no_login_status: Literal[403, 400, 404, 409] = 403
    totalnumber: Literal["present", "absent"] = "present"
    default_limit: int = 25
    max_limit: int = 1000
    unsorted: Literal["stable", "changing"] = "stable"
    like_case: Literal["insensitive", "sensitive"] = "insensitive"
    like_wildcards: bool = True
    timestamps: Literal["seconds", "milliseconds"] = "seconds"
    empty_acl: Literal["absent", "entry"] = "absent"
    unknown_permission: Literal["refused", "stored"] = "refused"
    listed_keys: Literal["clear", "hidden", "absent"] = "clear"
    slashes: Literal["exact", "redirect"] = "exact"
    error_bodies: Literal["json", "text", "empty"] = "json"
    odd_users: bool = False


_ROUTER = Router(OPERATIONS)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class NextAuth(Provider):
    name = "nextauth"
    options_class = NextAuthOptions
    operations = OPERATIONS
    makers = seed.MAKERS
    options: NextAuthOptions
    # The role of the request at hand; handlers run one at a time.
    role: str
    secret_names = frozenset(("hsid", "loginqrdata"))
    secret_headers = frozenset(("x-nonce",))
    document_gaps = {
        ("*", 400): "the document has no status for a broken request",
        ("*", 403): "each call asks for a permission, though only one documents a 403",
        ("*", 404): "the server of the path may not exist, nor the user or the account",
        ("register_user", 409): "nobody is logged in (option no_login_status)",
    }

    @staticmethod
    def amend_document(content: dict[str, Any]) -> None:
        """Attributes may come as JSON, or as nothing: both are options. The generated clients send no content type."""
        path = content["paths"]["/servers/{serverid}/users/{userid}/attributes/"]
        answer = path["get"]["responses"]["200"]
        answer["x-may-be-empty"] = True
        answer["content"]["application/json"] = {"schema": {}}
        # Calls that the vendor lists and that the document leaves out: paths with a dot segment may end at them.
        parameter = [{"$ref": "#/components/parameters/serverid"}]
        done = {"parameters": parameter, "responses": {"200": {"description": "ok"}}}
        verbs = {"get": "get", "post": "set", "put": "update", "delete": "delete"}
        operations = {method: {**done, "operationId": f"{verb}_server_attributes"} for method, verb in verbs.items()}
        content["paths"]["/servers/{serverid}/attributes/"] = operations
        content["paths"]["/servers/{serverid}/"]["delete"] = {**done, "operationId": "delete_server"}
        for method in ("post", "put"):
            path[method]["requestBody"]["content"][""] = {"schema": {}}

    def reset(self) -> None:
        self.store = Store()
        # Which way the next unsorted list goes, with the option ``unsorted``.
        self.turn = False
        seed.build(self)

    def env(self, base_url: str) -> dict[str, str]:
        return {"NEXTAUTH_API_URL": base_url, "NEXTAUTH_API_KEY": "sim-root-key", "NEXTAUTH_SERVER_ID": MAIN_SERVER}

    def make(self, kind: str, item: dict[str, Any]) -> Any:
        """Each item may name its ``serverid``."""
        server_id = item.pop("serverid", MAIN_SERVER)
        if server_id not in self.store.servers:
            raise ValueError(f"no server {server_id!r}")
        return self.makers[kind](self, self.store.servers[server_id], item)

    def moment(self, seconds: float) -> int:
        return int(seconds * 1000) if self.options.timestamps == "milliseconds" else int(seconds)

    # State -----------------------------------------------------------------------------------------------------

    def user_state(self, server: Server, user: User) -> dict[str, Any]:
        acl = self.store.acls[server.id].get(user.role or "", [])
        accounts = [account_value(self, account) for account in server.accounts_of(user.userid)]
        return {
            "userid": user.userid, "attributes": user.attributes, "role": user.role, "permissions": acl,
            "accounts": accounts,
        }

    def session_state(self, session: Session) -> dict[str, Any]:
        live = session.expires is None or session.expires > self.clock.now()
        return {"nonce_sha256": _digest(session.nonce), "accountid": session.account, "live": live}

    def key_state(self, key: Key) -> dict[str, Any]:
        return {"description": key.description, "role": key.role, "apikey_sha256": _digest(key.value)}

    def state(self) -> dict[str, Any]:
        """Users, accounts, sessions and permissions of the exported server, those of the other one under ``servers``.
        """
        store = self.store
        servers = {
            server.id: {
                "attributes": server.attributes,
                "users": [self.user_state(server, user) for user in server.users.values()],
                "accounts": [account_value(self, account) for account in server.accounts.values()],
                "sessions": [self.session_state(session) for session in server.sessions.values()],
                "permissions": store.acls[server.id],
            }
            for server in store.servers.values()
        }
        nothing: dict[str, Any] = {"attributes": {}, "users": [], "accounts": [], "sessions": [], "permissions": {}}
        return {
            **servers.pop(MAIN_SERVER, nothing),
            "servers": servers,
            "global_permissions": store.acls[GLOBAL],
            "roles": list(store.roles),
            "apikeys": [self.key_state(key) for key in store.keys.values()],
            "provoked": store.provoked,
        }

    # Requests --------------------------------------------------------------------------------------------------

    def admit(self, call: Call, operation: Operation) -> None:
        self.role = auth.require_role(self, call)
        auth.require_permission(self, call, operation.needs.split())

    def error(self, call: Call, refused: Refused) -> Answer:
        headers = refused.headers
        if call.operation is None and refused.status == 404 and self.options.slashes == "redirect":
            other = call.raw_path[:-1] if call.raw_path.endswith("/") else call.raw_path + "/"
            if _ROUTER.match(call.method, other)[0] is not None:
                query = f"?{call.raw_query}" if call.raw_query else ""
                return Answer(301, b"", [("Location", f"/{self.name}{other}{query}")])
        if self.options.error_bodies == "empty":
            return Answer(refused.status, b"", headers)
        if self.options.error_bodies == "text":
            return Answer(refused.status, refused.text.encode("utf-8"), headers, "text/plain; charset=utf-8")
        return json_answer(refused.status, {"error": refused.text}, headers)


PROVIDER = NextAuth
