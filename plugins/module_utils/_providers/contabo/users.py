# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contabo: what a user is, how users are read and how a difference is written."""

from __future__ import annotations

import re
import typing as t

from ..._core.errors import ApiError, RollcallError
from ..._core.guards import require
from ..._core.model import UNKNOWN, Account, Desired, Entries, Facet, Field, Schema, Snapshot, Value
from ..._core.names import fold
from ..._core.paging import Row, Stop
from ..._core.plan import Step, apply_plan, plan_user
from ..._core.provider import Directory
from .connection import PAGE_SIZE, Contabo, broken, one

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST = 255
_NAMES = ("first_name", "last_name")
_PAUSES = (0.0, 0.5, 1.0, 2.0)
"""Seconds before each look at what was written: whether a read sees a write at once is not documented."""
COMPUTED = "computed"
"""The write group of what is written along with something else: no call."""


def _blocks(before: Value, after: Value) -> str | None:
    return "disabled" if before is not False and after is False else None


def _demotes(before: Value, after: Value) -> str | None:
    return "demoted" if before is True and after is False else None


def normalise(values: t.Mapping[str, Value]) -> dict[str, Value]:
    """Return the normalised fields. Somebody who was just created is no administrator unless their roles say so."""
    return {
        "enabled": values.get("enabled", UNKNOWN),
        "privileged": values.get("privileged", False),
        "mfa": values.get("totp", UNKNOWN),
    }


SCHEMA = Schema(
    provider="contabo",
    noun="user",
    key="email",
    fields=(
        Field("email", fold=True, required=True),
        Field("first_name", wire="firstName"),
        Field("last_name", wire="lastName"),
        # The create call wants these three; nobody has to know that.
        Field("enabled", type="bool", required=True, default=True, loses=_blocks),
        Field("totp", type="bool", required=True, default=False),
        Field("locale", required=True, default="en", choices=("de-DE", "de", "en-US", "en")),
        Field("email_verified", type="bool", wire="emailVerified", writable=False),
        Field("owner", type="bool", writable=False),
        Field("privileged", type="bool", via=COMPUTED, writable=False, loses=_demotes),
        Field("tenant_id", wire="tenantId", writable=False),
        Field("customer_id", wire="customerId", writable=False),
    ),
    facets=(Facet("roles", "role", in_create=True),),
    knows_privileged=True,
    knows_caller=True,
    normalise=normalise,
    told=("password_set",),
)


def _wire_ids(entries: Entries) -> list[Value]:
    """Return role ids as the API takes them."""
    return sorted((int(identity) if identity.isdecimal() else identity for identity in entries), key=str)


class Users(Directory):
    """The users of a Contabo customer. ``bulk`` says that many are written, and that not every write is read again."""

    connection: Contabo
    page_size = PAGE_SIZE
    lookups_up_to = 1  # the first page tells how long the list is, and is mostly all of it

    def __init__(self, connection: Contabo, bulk: bool = False) -> None:
        super().__init__(connection, SCHEMA)
        self.bulk = bulk
        self.with_roles = False
        self._recent: set[str] = set()

    # -- reading -------------------------------------------------------------------------------------------------

    def account(self, raw: Row) -> Account:
        """Return an account from a user document. Raises RollcallError where it has no id or address."""
        identity, email = raw.get("userId"), raw.get("email")
        if not isinstance(identity, str) or not identity or not isinstance(email, str):
            raise self.connection.fault("Contabo's answer has a user without userId or email.", "Report it to the provider.")
        values = {**dict.fromkeys(_NAMES), **self.schema.read(raw)}
        owner, roles = raw.get("owner") is True, raw.get("roles")
        facets: dict[str, Entries] = {}
        if isinstance(roles, list):
            values["privileged"] = owner or any(map(self._is_admin, roles))
            if self.with_roles:
                facets["roles"] = self.connection.roles().entries(map(_role_id, roles))
        else:
            values["privileged"] = True if owner else UNKNOWN
        return Account(identity, email, values, facets, raw, owner)

    def _is_admin(self, role: Value) -> bool:
        """Return whether a role is one of administrators: as the user's document tells it, or else the list of roles."""
        if isinstance(role, dict) and "admin" in role:
            return role["admin"] is True
        return self.connection.makes_admin(_role_id(role))

    def lookup(self, key: str) -> list[Account]:
        """Return the accounts with this address. The filter finds parts of addresses, and may know case."""
        for form in dict.fromkeys((key.strip().lower(), key.strip())):
            found = [account for account in self.search({"email": form}) if fold(account.key) == fold(key)]
            if found:
                return found
        return []

    def search(self, query: t.Mapping[str, t.Any]) -> list[Account]:
        """Return the accounts that Contabo's own filters let through."""
        return [self.account(row) for row in self.connection.pages("retrieve_user_list", "users", "userId", query).rows]

    def get(self, identity: str) -> Account | None:
        """Return the account with this id."""
        answer = self.connection.call("retrieve_user", {"userId": identity}, subject=f"with id {identity}")
        return None if self.connection.none_found(answer) else self.account(one(answer))

    def listing(self, stop: Stop | None = None) -> Snapshot:
        """Return all users. The first page tells how many there are, so the others are read at once."""
        accounts: list[Account] = []
        listing = self.connection.pages(
            "retrieve_user_list", "users", "userId", stop=stop, take=lambda rows: accounts.extend(map(self.account, rows))
        )
        self.page_size = self.connection.page_size
        return Snapshot(accounts, listing.complete, listing.pages)

    def load(self, account: Account, facets: t.Collection[str], fields: t.Collection[str]) -> None:
        """Read the whole user where a list left something out. Roles that are not told must not count as none."""
        whole = self.get(account.id)
        if whole is None or not set(facets) <= set(whole.facets):
            raise self.connection.fault(f"Contabo does not tell the roles of {account.key}.", "Nothing was written. Run it again.")
        account.values.update(whole.values)
        account.facets.update(whole.facets)
        account.raw = whole.raw

    def prepare(self, facets: t.Collection[str]) -> None:
        """Take note of whether role ids are to be shown by name."""
        self.with_roles = "roles" in facets

    def resolve(self, desired: t.Sequence[Desired]) -> list[str]:
        """Resolve role names to ids."""
        problems: list[str] = []
        for user in desired:
            wish = user.facets.get("roles")
            if wish is not None:
                self.connection.roles().resolve_wish(wish, user.place, problems)
        return problems

    def password_set(self, account: Account) -> bool:
        """Return whether a user has set a password. Every user has to: none can be given."""
        answer = self.connection.call("retrieve_user_is_password_set", query={"userId": account.id}, subject=account.key)
        told = one(answer).get("isPasswordSet")
        if not isinstance(told, bool):
            raise broken(answer, "it does not tell whether a password is set")
        return told

    # -- input ---------------------------------------------------------------------------------------------------

    def check(self, desired: Desired) -> list[str]:
        """Refuse what cannot be an id, an address or a name of Contabo."""
        problems = []
        if desired.id is not None and not _UUID.fullmatch(desired.id):
            # Without this, ids such as "client" would lead to other calls below /users. One in capitals would find nobody.
            problems.append(f"{desired.place}: id is {desired.id!r}; Contabo's ids are UUIDs in small letters.")
        if desired.fields.get("email") == "":
            problems.append(f"{desired.place}: email is empty; leave it out, or see why it is (an unset variable?).")
        for key in dict.fromkeys((desired.key, *desired.previous, desired.fields.get("email") or "")):
            if key and ("@" not in key or len(key) > _LONGEST):
                problems.append(f"{desired.place}: {key[:_LONGEST]!r} is no e-mail address, by which Contabo names its users.")
        for name in _NAMES:
            if len(desired.fields.get(name) or "") > _LONGEST:
                problems.append(f"{desired.place}: {name} is longer than {_LONGEST} characters.")
        return problems

    def complete(self, desired: Desired, account: Account | None) -> Desired:
        """Refuse to clear a name, and tell whether the wished roles make or unmake an administrator."""
        if desired.state != "present":
            return desired
        if account is not None:
            require([
                f"{desired.place}: {name} is empty, and Contabo cannot clear it: a name has 1 to {_LONGEST} characters. Leave it out, or give another one."
                for name in _NAMES if desired.fields.get(name) == "" and account.values.get(name) not in (None, "")
            ])
        desired.fields.pop("privileged", None)
        if "roles" in desired.facets:
            after = apply_plan(self.schema, plan_user(self.schema, Desired(desired.key, id=desired.id, facets={"roles": desired.facets["roles"]}), account))
            held = after.facets.get("roles", {}) if after is not None else {}
            # Of a role that the user has, the user's own document tells; so nothing changes where the list of roles differs.
            raw = account.raw if account is not None else {}
            told = {_role_id(role): self._is_admin(role) for role in raw.get("roles") or ()}
            privileged = raw.get("owner") is True or any(told.get(role, self.connection.makes_admin(role)) for role in held)
            if privileged or account is not None:
                desired.fields["privileged"] = privileged
        return desired

    # -- writing -------------------------------------------------------------------------------------------------

    def create(self, desired: Desired, step: Step) -> Account:
        """Create a user with roles. The answer has the id alone."""
        body = self.schema.write(step.values)
        roles = step.facets.get("roles")
        if roles:
            body["roles"] = _wire_ids(roles)
        answer = self.connection.call("create_user", json=body, subject=desired.name)
        made = one(answer)
        identity = made.get("userId")
        if not isinstance(identity, str) or not identity:
            raise broken(answer, "it holds no userId")
        account = Account(identity, str(step.values["email"]), {**step.values, **self.schema.read(made)}, raw=made)
        if not self.bulk:
            self._confirm(account, f"{account.key} was created (id {identity})", step.values, roles or ())
        return account

    def apply(self, step: Step, account: Account | None, desired: Desired) -> tuple[Account | None, Entries]:
        """Execute one step. Profile and roles are written in one call: the first step writes the others along, and for them nothing is left."""
        if account is None or step.verb not in ("update", "facet"):
            return super().apply(step, account, desired)
        steps = plan_user(self.schema, desired, account).steps
        if self.bulk and any(one.verb == "facet" and desired.facets[one.via].mode != "exact" for one in steps) and account.id not in self._recent:
            # The API takes the whole list of roles. What others have changed since the list was read is not undone.
            self._recent.add(account.id)
            account = self.fresh(account)
            steps = plan_user(self.schema, desired, account).steps
        steps = [one for one in steps if one.via != COMPUTED]
        apart = [one for one in steps if one.verb == "facet" and not one.final]  # it may be refused, and the rest is not to wait for it
        self._write(account, [one for one in steps if one not in apart])
        self._write(account, apart)
        return account, {}

    def _write(self, account: Account, steps: t.Sequence[Step]) -> None:
        """Write what differs. The answer does not tell the user, who is read again."""
        values = {name: value for step in steps for name, value in step.values.items()}
        roles = next((step for step in steps if step.verb == "facet"), None)
        if not steps:
            return
        body = self.schema.write(values)
        if roles is not None:
            body["roles"] = _wire_ids(roles.final)
        try:
            self.connection.call("update_user", {"userId": account.id}, json=body, subject=account.key)
        except ApiError as error:
            if roles is not None and not roles.final and error.status in (400, 422):
                error.hint = "Contabo may not take an empty list of roles. Leave the user one role, or disable or delete the user."
            raise
        # That an empty list clears is not documented: it is looked at in every case.
        if not self.bulk or (roles is not None and not roles.final):
            what = "change" if roles is None else "roles"
            final, gone = (roles.final, roles.remove) if roles is not None else ({}, {})
            self._confirm(account, f"Contabo accepted the {what} of {account.key}", values, final, gone)
        account.values.update(values)
        if roles is not None:
            account.facets["roles"] = roles.final

    def _confirm(
        self, account: Account, done: str, values: t.Mapping[str, Value], roles: t.Collection[str] = (), gone: t.Collection[str] = ()
    ) -> None:
        """Read a user again until what was written is there: values, roles, and roles that are gone.

        ``done`` begins the message of the RollcallError where it is not so in the end, or cannot be read.
        """
        differs: list[str] = []
        for pause in _PAUSES:
            if pause:
                self.connection.clock.sleep(pause)
            try:
                fresh = self.get(account.id)
            except RollcallError as error:
                error.message = f"{done}, and it could not be read again. {error.message}"
                raise
            if fresh is None:
                differs = ["there is no such user"]
                continue
            differs = [
                f"{name} is {fresh.values.get(name)!r} and not {value!r}"
                for name, value in values.items() if not self.schema.field(name).equal(fresh.values.get(name), value)
            ]
            held = {_role_id(role) for role in (fresh.raw.get("roles") or () if roles or gone else ())}
            differs += [f"role {self.connection.roles().show(identity)} is missing" for identity in roles if identity not in held]
            differs += [f"role {self.connection.roles().show(identity)} is there still" for identity in gone if identity in held]
            if not differs:
                return
        raise self.connection.fault(
            f"{done}, and reading it again does not show it: {', '.join(differs)}.",
            "Change it in the customer panel, or run it again: what was done is not repeated.",
        )

    def delete(self, account: Account) -> None:
        """Delete a user for good."""
        # One who is gone already is no error; a 404 that is not the API's own is.
        self.connection.none_found(self.connection.call("delete_user", {"userId": account.id}, subject=account.key))

    def send_mail(self, account: Account, operation: str, redirect_url: str | None) -> None:
        """Have Contabo send a mail to a user. Raises RollcallError; an unclear answer is not repeated."""
        self.connection.call(operation, {"userId": account.id}, query={"redirectUrl": redirect_url}, subject=account.key)

    def cost(self, step: Step) -> int:
        """Return the calls of a step at most, with the look at a user before or after it."""
        if step.via == COMPUTED:
            return 0
        if step.verb == "delete":
            return 1
        return 2 if not self.bulk or step.verb == "facet" else 1

    def mails(self, steps: t.Sequence[Step], desired: Desired | None) -> int:
        """Return the mails to a user: one to activate a new account, and perhaps one to verify a new address."""
        return sum(step.verb == "create" or "email" in step.changes for step in steps)


def _role_id(role: Value) -> str:
    """Return the id of a role as a user document has it."""
    identity = role.get("roleId") if isinstance(role, dict) else role
    if identity is None:
        raise RollcallError("Contabo's answer has a role without roleId.", "Report it to the provider.")
    return str(identity)
