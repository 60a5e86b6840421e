# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kestra EE: users, groups, access to tenants, bindings, service accounts and API tokens, as servers 1.0, 1.3
and 2.0 have them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeVar

from ...provider import Operation, Options, Provider
from ...web import Answer, Call, Refused, json_answer
from . import auth, document, rows, seed, tokens
from .body import Invalid
from .indexes import Indexes
from .operations import OPERATIONS
from .store import Binding, Group, Principal, Role, Store, state_of

Item = TypeVar("Item", Group, Role, Binding)


@dataclass(frozen=True)
class KestraOptions(Options):
    """See README.md, section Kestra, for the meaning of each."""

    version: Literal["1.0", "1.3", "2.0"] = "1.3"
    duplicate_status: Literal[409, 422] = 409
    unknown_status: Literal[404, 400] = 404
    unknown_auth_status: Literal[404, 400, 422, 500] = 404
    wrong_password_status: Literal[422, 400, 401, 403] = 422
    denied_body: Literal["empty", "json"] = "empty"
    unknown_fields: Literal["ignore", "refuse"] = "ignore"
    created_body: Literal["auto", "always", "never"] = "auto"
    put_wipes_tenants: bool = True
    bound_users_linger: bool = False
    unique_bindings: bool = False
    lossy_members: bool = False
    consistency_delay: float = 0.0
    consistency_searches: int = 0
    default_size: int = 10
    max_size: int = 0
    autocomplete_limit: int = 0
    password_min_length: int = 8


class Kestra(Provider):
    name = "kestra"
    options_class = KestraOptions
    operations = OPERATIONS
    makers = seed.MAKERS
    ignores_unknown_query = True
    document_gaps = document.GAPS
    amend_document = staticmethod(document.amend)
    options: KestraOptions
    # Who makes the request at hand; requests are handled one at a time.
    caller: Principal

    def _lag(self) -> tuple[float, int]:
        return self.options.consistency_delay, self.options.consistency_searches

    def reset(self) -> None:
        self.indexes = Indexes(self.clock.now, self._lag)
        self.store = Store(self.indexes)
        self.indexes.immediate = True
        seed.build(self, self.options.seed_users, self.options.preset)
        self.indexes.immediate = False

    def env(self, base_url: str) -> dict[str, str]:
        admin = seed.CREDENTIALS["admin"]
        return {
            "KESTRA_API_TOKEN": admin.token,
            "KESTRA_API_USER": admin.email,
            "KESTRA_API_PASSWORD": seed.PASSWORD,
            "KESTRA_TENANT": "main",
            "KESTRA_API_URL": base_url,
        }

    def put(self, kind: str, items: list[dict[str, Any]]) -> list[Any]:
        self.indexes.immediate = True
        try:
            return super().put(kind, items)
        finally:
            self.indexes.immediate = False

    def state(self) -> dict[str, Any]:
        """``{version, users, service_accounts, tenants, groups, roles, bindings, tokens}``;
        tokens without their value."""
        now, store = self.clock.now(), self.store
        return {
            "version": self.options.version,
            "users": [
                state_of(store, principal, now) for principal in store.principals.values() if not principal.service
            ],
            "service_accounts": [
                state_of(store, principal, now) for principal in store.principals.values() if principal.service
            ],
            "tenants": [asdict(tenant) for tenant in store.tenants.values()],
            "groups": [{**asdict(group), "members": list(group.members)} for group in store.groups.values()],
            "roles": [{**rows.role_detail(role, True), "tenant": role.tenant} for role in store.roles.values()],
            "bindings": [
                {**rows.binding_detail(store, binding), "tenant": binding.tenant} for binding in store.bindings.values()
            ],
            "tokens": [tokens.token_state(self, token, now) for token in store.tokens.values()],
        }

    # Versions --------------------------------------------------------------------------------------------------

    @property
    def is_2(self) -> bool:
        return self.options.version == "2.0"

    @property
    def flag(self) -> str:
        """The name of an administrator's flag in answers."""
        return "instanceOwner" if self.is_2 else "superAdmin"

    @property
    def shows_created_user(self) -> bool:
        chosen = self.options.created_body
        return self.options.version != "1.0" if chosen == "auto" else chosen == "always"

    def shown(self, value: dict[str, Any]) -> dict[str, Any]:
        """A detail with the flag under the name of this version."""
        return {self.flag if name == "superAdmin" else name: item for name, item in value.items()}

    # Requests --------------------------------------------------------------------------------------------------

    def admit(self, call: Call, operation: Operation) -> None:
        self.caller = auth.identify(self, call)
        auth.allow(self, call, operation.needs)

    def duplicate(self, text: str, path: str) -> Refused:
        """The refusal of something that is there already: a conflict or a violation, as the option says."""
        return Refused(409, f"Conflict: {text}") if self.options.duplicate_status == 409 else Invalid([(path, text)])

    def in_tenant(self, items: dict[str, Item], item_id: str, tenant_id: str, text: str) -> Item:
        """A group, role or binding that belongs to the tenant. Raises Refused 404."""
        item = items.get(item_id)
        if item is None or item.tenant != tenant_id:
            raise Refused(404, f"Not Found: {text}")
        return item

    def user_of(self, call: Call) -> Principal:
        """The user of the path. Raises Refused 404 or 400."""
        user = self.store.user(call.params["id"])
        if user is None:
            raise Refused(self.options.unknown_status, "User does not exist for id")
        return user

    def account_of(self, call: Call) -> Principal:
        """The service account of the path, which has access to the path's tenant where there is one.

        Raises Refused 404.
        """
        account = self.store.account(call.params["id"])
        if account is None or ("tenant" in call.params and call.params["tenant"] not in account.tenants):
            raise Refused(404, "Service account does not exist for id")
        return account

    def error(self, call: Call, refused: Refused) -> Answer:
        headers = refused.headers
        if refused.status in (401, 403) and self.options.denied_body == "empty":
            return Answer(refused.status, headers=headers)
        value: dict[str, Any] = {
            "message": refused.text,
            "_links": {"self": {"href": call.raw_path, "templated": False}},
        }
        problems = refused.problems if isinstance(refused, Invalid) else [("", refused.text)]
        value["_embedded"] = {
            "errors": [{"message": text, "path": path} if path else {"message": text} for path, text in problems]
        }
        return json_answer(refused.status, value, headers)


PROVIDER = Kestra
