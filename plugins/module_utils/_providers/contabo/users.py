# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contabo: the fields of a user, how users are read, and how their desired values are completed."""

from __future__ import annotations

import re
import typing as t

from ..._core.errors import RollcallError, concerning, require
from ..._core.http.paging import Row, Stop
from ..._core.names import fold, looks_like
from ..._core.plan.losses import DEMOTED, DISABLED, when_false
from ..._core.plan.model import PROFILE, UNKNOWN, Account, Desired, Entries, Facet, Field, Schema, Snapshot, Value
from ..._core.plan.plan import apply_plan, plan_user
from ..._core.plan.steps import Step
from ..._core.run.directory import Directory
from .connection import PAGE_SIZE, Contabo
from .wire import broken, single_row
from .writing import COMPUTED, UserWriting

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LONGEST = 255
_NAMES = ("first_name", "last_name")


def any_of(answers: t.Iterable[bool | None]) -> bool | None:
    """Return whether one of the answers is true. If none is true and one is unknown, the result is unknown."""
    known = list(answers)
    return True if True in known else None if None in known else False


def derive(before: t.Mapping[str, Value], after: dict[str, Value]) -> None:
    """Mark a new address as not verified."""
    if fold(str(before.get("email") or "")) != fold(str(after.get("email") or "")):
        after["email_verified"] = False


def normalise(values: t.Mapping[str, Value]) -> dict[str, Value]:
    """Return the normalised fields. A new user is an administrator only if the roles make them one."""
    return {
        "enabled": values.get("enabled", UNKNOWN),
        "privileged": values.get("privileged", False),
        "mfa": values.get("totp", UNKNOWN),
    }


SCHEMA = Schema(
    provider="contabo",
    product="Contabo",
    noun="user",
    key="email",
    fields=(
        Field("email", fold=True, required=True, address=True),
        Field("first_name", wire="firstName"),
        Field("last_name", wire="lastName"),
        # The create call requires these three, so the module has defaults for them.
        Field("enabled", type="bool", required=True, default=True, loses=when_false(DISABLED)),
        Field("totp", type="bool", required=True, default=False),
        Field("locale", required=True, default="en", choices=("de-DE", "de", "en-US", "en")),
        Field("email_verified", type="bool", wire="emailVerified", writable=False),
        Field("owner", type="bool", writable=False),
        Field("privileged", type="bool", via=COMPUTED, writable=False, loses=when_false(DEMOTED)),
        Field("tenant_id", wire="tenantId", writable=False),
        Field("customer_id", wire="customerId", writable=False),
    ),
    facets=(Facet("roles", "role", in_create=True),),
    knows_privileged=True,
    knows_caller=True,
    normalise=normalise,
    derive=derive,
    reported=("password_set",),
)


class Users(Directory):
    """The users of a Contabo customer. ``bulk``: many users are written, and not every write is read again."""

    connection: Contabo
    writer = UserWriting
    page_size = PAGE_SIZE
    replaces = frozenset({"roles"})
    reads_first = True
    joined = frozenset({PROFILE, COMPUTED, "roles"})
    lookups_up_to = 1  # the first page reports the length of the list, and mostly contains the whole list

    def __init__(self, connection: Contabo, bulk: bool = False) -> None:
        super().__init__(connection, SCHEMA)
        self.bulk = bulk

    # -- reading -------------------------------------------------------------------------------------------------

    def account(self, raw: Row) -> Account:
        """Return an account from a user document. Raises RollcallError if it has no id or address."""
        identity, email = raw.get("userId"), raw.get("email")
        if not isinstance(identity, str) or not identity or not isinstance(email, str) or not email.strip():
            raise self.connection.unreadable("Contabo's answer has a user without userId or email.")
        values = {**dict.fromkeys(_NAMES), **self.schema.read(raw)}
        roles = raw.get("roles")
        facets: dict[str, Entries] = {}
        if isinstance(roles, list):
            values["privileged"] = any_of((_owns(raw), *map(self._is_admin, roles)))
            if "roles" in self.needed:
                facets["roles"] = self.connection.roles().entries(map(self.role_id, roles))
        else:
            values["privileged"] = any_of((_owns(raw), UNKNOWN))
        return Account(identity, email, values, facets, raw, _owns(raw))

    def role_id(self, role: Value) -> str:
        """Return the id of a role in a user document. Raises UnreadableAnswer if it has none."""
        identity = role.get("roleId") if isinstance(role, dict) else role
        if not isinstance(identity, (int, str)) or isinstance(identity, bool) or identity == "":
            raise self.connection.unreadable("Contabo's answer has a role without roleId.")
        return str(identity)

    def _is_admin(self, role: Value) -> bool | None:
        """Return whether a role is one of administrators: by the user's document, else by the list of roles."""
        if isinstance(role, dict) and isinstance(role.get("admin"), bool):
            return bool(role["admin"])
        return self.connection.makes_admin(self.role_id(role))

    def lookup(self, key: str) -> list[Account]:
        """Return the accounts with this address. The filter matches parts of addresses, and may be case-sensitive."""
        for form in dict.fromkeys((key.strip().lower(), key.strip())):
            matches = [account for account in self.search({"email": form}) if looks_like(account.key, key)]
            if matches:
                return matches
        return []

    def search(self, query: t.Mapping[str, t.Any]) -> list[Account]:
        """Return the accounts that match Contabo's own filters."""
        return [self.account(row) for row in self.connection.pages("retrieve_user_list", "users", "userId", query).rows]

    def get(self, identity: str) -> Account | None:
        """Return the account with this id."""
        answer = self.connection.call("retrieve_user", {"userId": identity}, subject=f"with id {identity}")
        if self.connection.none_found(answer):
            return None
        account = self.account(single_row(answer))
        answer.check_id("user", account.id, identity)
        return account

    def listing(self, stop: Stop | None = None) -> Snapshot:
        """Return all users. The first page reports their number, so the other pages are read in parallel."""
        accounts: list[Account] = []
        listing = self.connection.pages(
            "retrieve_user_list",
            "users",
            "userId",
            stop=stop,
            take=lambda rows: accounts.extend(map(self.account, rows)),
        )
        self.page_size = self.connection.page_sizes.get("retrieve_user_list", PAGE_SIZE)
        return Snapshot(accounts, listing.complete, listing.pages, listing.total)

    def load(self, account: Account, facets: t.Collection[str], fields: t.Collection[str]) -> None:
        """Read the whole user if a list left out a field. Roles that are not reported must not count as no roles."""
        whole = self.fresh(account)
        if not set(facets) <= set(whole.facets):
            with concerning(account.key):
                raise self._unknown_roles(account)
        account.values.update(whole.values)
        account.facets.update(whole.facets)
        account.raw = whole.raw

    def roles_of(self, account: Account) -> Entries:
        """Return the roles of an account. Raises UnreadableAnswer if Contabo does not report them."""
        if "roles" not in account.facets:
            raise self.connection.unreadable(f"Contabo does not report the roles of {account.key} (id {account.id}).")
        return account.facets["roles"]

    def _unknown_roles(self, account: Account) -> RollcallError:
        text = f"Contabo does not report the roles of {account.key}: the answer to retrieve_user has no list of them."
        return self.connection.unreadable(
            text,
            "Roles are written as a whole list, so none are written. Run the task again, or report this answer to the "
            "provider.",
        )

    def resolve(self, desired: t.Sequence[Desired]) -> list[str]:
        """Resolve role names to ids."""
        problems: list[str] = []
        for user in desired:
            target = user.facets.get("roles")
            if target is not None:
                self.connection.roles().resolve_desired(target, user.place, problems)
        return problems

    def password_set(self, account: Account) -> bool:
        """Return whether a user has set a password. Only users can set it: the API has no call for that."""
        answer = self.connection.call(
            "retrieve_user_is_password_set", query={"userId": account.id}, subject=account.key
        )
        reported = single_row(answer).get("isPasswordSet")
        if not isinstance(reported, bool):
            raise broken(answer, "it does not say whether a password is set")
        return reported

    # -- input ---------------------------------------------------------------------------------------------------

    def check(self, desired: Desired) -> list[str]:
        """Refuse ids, addresses and names that Contabo cannot have."""
        problems: list[str] = []
        if desired.id is not None and not _UUID.fullmatch(desired.id):
            # Without this check, an id such as "client" would reach other calls below /users, and an id in capitals
            # would match no user.
            problems.append(
                desired.problem(f"id is {desired.id!r}; Contabo's ids are UUIDs in lower case.", option="id")
            )
        if desired.fields.get("email") == "":
            problems.append(
                desired.problem("email is empty. Specify a value, or omit the option.", "blank_value", "email")
            )
        addresses = {desired.fields.get("email") or "": "email", **dict.fromkeys(desired.previous, "previous_users")}
        for key, option in {**addresses, desired.key: "user"}.items():
            if len(key) > _LONGEST:
                text = f"{option} is longer than {_LONGEST} characters. Specify the e-mail address of the user."
                problems.append(desired.problem(text, option=option))
            elif key and "@" not in key:
                text = (
                    f"{option}: {key!r} is not an e-mail address. Contabo identifies users by e-mail address: specify "
                    "it."
                )
                problems.append(desired.problem(text, option=option))
        for name in _NAMES:
            if len(desired.fields.get(name) or "") > _LONGEST:
                problems.append(desired.problem(f"{name} is longer than {_LONGEST} characters.", option=name))
        return problems

    def complete(self, desired: Desired, account: Account | None) -> Desired:
        """Refuse to clear a name, and set whether the desired roles make the user an administrator."""
        if desired.state != "present":
            return desired
        if account is not None:
            require(
                [
                    desired.problem(
                        f"{name} is empty, and Contabo cannot clear it. "
                        f"Specify 1 to {_LONGEST} characters, or omit {name}.",
                        "blank_value",
                        name,
                    )
                    for name in _NAMES
                    if desired.fields.get(name) == "" and account.values.get(name) not in (None, "")
                ]
            )
        desired.fields.pop("privileged", None)
        if "roles" in desired.facets:
            after = apply_plan(
                self.schema,
                plan_user(
                    self.schema, Desired(desired.key, id=desired.id, facets={"roles": desired.facets["roles"]}), account
                ),
            )
            role_ids = after.facets.get("roles", {}) if after is not None else {}
            # For a role that the user has, the user's own document counts: the plan has no change if only the list of
            # roles differs.
            raw: Row = account.raw if account is not None else {"owner": False}
            reported = {self.role_id(role): self._is_admin(role) for role in raw.get("roles") or ()}
            privileged = any_of(
                (_owns(raw), *(reported.get(role, self.connection.makes_admin(role)) for role in role_ids))
            )
            if privileged or (privileged is False and account is not None):
                desired.fields["privileged"] = privileged
        return desired

    # -- what writing takes --------------------------------------------------------------------------------------

    def read_again(self, account: Account, step: Step) -> Account:
        """Return the current account. Raises UnreadableAnswer if Contabo does not report the roles."""
        fresh = self.fresh(account)
        if "roles" not in fresh.facets:
            raise self._unknown_roles(account)
        return fresh

    def cost(self, step: Step) -> int:
        """Return the maximum number of calls of a step, including the read before or after it."""
        if step.via == COMPUTED:
            return 0
        if step.verb == "delete":
            return 1
        return 1 if self.bulk else 2

    def mails(self, steps: t.Sequence[Step], desired: Desired | None) -> int:
        """Return the mails to a user: to activate a new account, and perhaps to verify a new address."""
        return sum(step.verb == "create" or "email" in step.changes for step in steps)


def _owns(raw: t.Mapping[str, Value]) -> bool | None:
    """Return whether a user is the owner, None if the document does not show it."""
    owner: bool | None = raw["owner"] if isinstance(raw.get("owner"), bool) else None
    return owner
