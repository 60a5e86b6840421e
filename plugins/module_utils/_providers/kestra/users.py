# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: the fields of a user, how users are read, and how their desired values are completed."""

from __future__ import annotations

import typing as t

from ..._core.errors import ApiError, InputError
from ..._core.http.paging import Row, Stop
from ..._core.names import fold, looks_like
from ..._core.plan.losses import DEMOTED, DISABLED, when_false
from ..._core.plan.model import PASSWORD, Account, Desired, Facet, Field, Schema, Snapshot, Value
from ..._core.plan.steps import Step
from .access import GROUPS, ROLES, TENANTS
from .connection import USER_NAMES, Kestra, require_names, search_for
from .lists import Lists
from .tokens import USER_TOKENS, Tokens
from .writes import UserWriting


def as_given(value: Value) -> Value:
    """Return a value unchanged. A null in a PATCH leaves the field unchanged, so an empty text clears it."""
    return value


def _restricts(before: Value, after: Value) -> str | None:
    return "restricted" if after is True else None


def _methods(auths: Value) -> Value:
    return [{name: auth.get(name) for name in ("id", "name", "type")} for auth in auths or ()]


def normalise(values: t.Mapping[str, Value]) -> dict[str, Value]:
    """Return the normalised fields that Kestra reports. The last login and the second factor are not among them."""
    known: dict[str, Value] = {}
    for name, field in (("enabled", "enabled"), ("privileged", "instance_owner")):
        if values.get(field) is not None:
            known[name] = values[field]
    return known


def derive(before: t.Mapping[str, Value], after: dict[str, Value]) -> None:
    """Add the values that a change entails.

    The user name is the address. A disabled user has no login methods and owns nothing.
    """
    if after.get("email") != before.get("email") and "username" in before:
        after["username"] = after["email"]
    if before.get("enabled") is not False and after.get("enabled") is False:
        after.update(instance_owner=False, auth_methods=[])


def users_schema(*more: Facet) -> Schema:
    """Return the declaration of a user. ``more`` are the facets of a single module."""
    return Schema(
        provider="kestra",
        product="Kestra",
        noun="user",
        key="email",
        fields=(
            Field("email", fold=True, required=True, address=True),
            Field("first_name", wire="firstName", write=as_given),
            Field("last_name", wire="lastName", write=as_given),
            Field(PASSWORD, via=PASSWORD, readable=False, secret=True),
            Field("instance_owner", type="bool", wire="instanceOwner", via="superadmin", loses=when_false(DEMOTED)),
            Field("restricted", type="bool", via="restricted", loses=_restricts),
            Field("enabled", type="bool", via="enabled", loses=when_false(DISABLED)),
            Field("username", writable=False),
            Field("display_name", wire="displayName", writable=False),
            Field("auth_methods", type="list", wire="auths", writable=False, read=_methods),
        ),
        facets=more or (TENANTS, GROUPS, ROLES),
        disable_is="emulated",
        knows_privileged=True,
        knows_caller=True,
        normalise=normalise,
        derive=derive,
        reported=("tokens",),
    )


class Users(Lists):
    """The users of a Kestra instance."""

    writer = UserWriting

    def __init__(self, connection: Kestra, schema: Schema | None = None, everywhere: bool = True) -> None:
        super().__init__(connection, schema or users_schema(), everywhere)
        self.page_first = True
        self._uncertain: set[str] = set()

    # -- reading -------------------------------------------------------------------------------------------------

    def search(self, key: str) -> list[Account]:
        """Return the accounts with this address.

        The server searches for parts of texts, so the rows are compared here.
        """
        key = key.strip()
        for form in dict.fromkeys((key, key.lower())):
            listing = self.connection.rows(
                "list_users",
                "users",
                query=search_for(form),
                stop=lambda pages, total: any(_is(row, key) for row in pages.rows),
            )
            matches = [self.account(row, whole=False) for row in listing.rows if looks_like(_name_of(row), key)]
            if matches:
                return matches
            require_names("user", listing.rows, USER_NAMES, searched=True)
        return []

    def listing(self, stop: Stop | None = None) -> Snapshot:
        """Return all users, page by page."""
        listing = self.connection.rows("list_users", "users", stop=stop)
        require_names("user", listing.rows, USER_NAMES)
        snapshot = Snapshot(
            [self.account(row, whole=False) for row in listing.rows], listing.complete, listing.pages, listing.total
        )
        self.note_tenants(snapshot)
        return snapshot

    def unreliable_fields(self, desired: Desired, account: Account) -> set[str]:
        """Return the fields that the lists do not show reliably.

        A user who is to be blocked and has no access may still have a token, which no list shows.
        """
        if (
            desired.fields.get("enabled") is not False
            or account.values.get("enabled") is True
            or account.id in self._uncertain
        ):
            return set()
        self._uncertain.add(account.id)
        return {"enabled"}

    def load(self, account: Account, facets: t.Collection[str], fields: t.Collection[str]) -> None:
        """Read what a list left out: the whole document of a user, the bindings, or whether the user has tokens."""
        known = account.values.get("enabled") is False
        missing = set(fields) - ({"enabled"} if known else set())
        if missing or "groups" in facets or "tenants" in facets:
            self.read_whole(account)
            blocks = "enabled" in missing and account.values.get("enabled") is not True
            self.fill(account, facets, methods=blocks or "auth_methods" in missing)
            if "enabled" in missing:
                account.values.setdefault("enabled", None)
        if "enabled" in fields and account.id in self._uncertain and account.values.get("enabled") is False:
            tokens = Tokens(self.connection, USER_TOKENS, account).tokens()
            account.values["enabled"] = any(not token.expired for token in tokens)
        if "roles" in facets:
            account.facets["roles"] = self.roles_of(account)

    # -- input ---------------------------------------------------------------------------------------------------

    def check(self, desired: Desired) -> list[str]:
        """Refuse texts that cannot be an address."""
        return [
            desired.problem(
                f"{option}: {key!r} is not an e-mail address. Kestra identifies users by e-mail address: specify it.",
                "invalid_value",
                option,
            )
            for option, key in (("user", desired.key), *(("previous_users", key) for key in desired.previous))
            if key and "@" not in key
        ]

    def complete(self, desired: Desired, account: Account | None) -> Desired:
        """Set what ``enabled`` means for this account. Raises InputError if the task cannot reach the desired value."""
        enabled = desired.fields.get("enabled")
        blocked = account is not None and account.values.get("enabled") is False
        unsure = account is not None and account.values.get("enabled", False) is None
        if desired.state != "present" or (enabled is None and not (blocked or unsure)):
            return desired
        # What a blocked user already has did not enable the login, so it does not count.
        current = account.facets if account is not None and (blocked or unsure) else {}
        grants = sorted(
            name for name, target in desired.facets.items() if set(target.entries) - set(current.get(name, ()))
        )
        grants += [PASSWORD] if desired.fields.get(PASSWORD) and (account is None or PASSWORD in desired.always) else []
        grants += ["instance_owner"] if desired.fields.get("instance_owner") else []
        if enabled is None:
            if grants:  # a user who gets access can log in again, and limits count that
                desired.fields["enabled"] = True
            return desired
        if enabled is False and grants:
            text = f"enabled is false, and {' and '.join(grants)} would let the user log in. Remove one of them."
            raise InputError(desired.problem(text, "contradiction", "enabled"))
        if enabled is True and not grants and (account is None or blocked):
            password = "a password" if account is None else "a password with update_password: always"
            text = (
                "enabled is true, and the user has no login method, has no tenant and does not own the instance, so "
                f"the user cannot log in. Specify tenants, groups, roles or {password}."
            )
            raise InputError(desired.problem(text, "contradiction", "enabled"))
        if enabled is True and not grants and account is not None and _takes_last_way(desired, account):
            text = (
                "enabled is true, and the user would keep no login method, no tenant and no ownership of the instance. "
                "Keep one of them, or remove enabled."
            )
            raise InputError(desired.problem(text, "contradiction", "enabled"))
        if unsure and (grants or enabled is False):
            return desired
        if account is None or enabled is not blocked:
            del desired.fields["enabled"]  # the user is enabled already, or will be when created
        elif not enabled:
            _forget(account, desired.facets)
        return desired

    def disabled(self, account: Account) -> Desired:
        """Return the desired form of an account without access."""
        _forget(account)
        return super().disabled(account)

    # -- writing -------------------------------------------------------------------------------------------------

    def is_duplicate(self, error: ApiError) -> bool:
        """Return whether a refusal may mean that the user exists already, although no search shows the user yet."""
        return error.operation == "create_user" and error.status in (409, 422)

    def cost(self, step: Step) -> int:
        """Return the calls of a step."""
        if step.verb == "delete" or (step.verb == "update" and step.via == "enabled"):
            return 2 + len(self.connection.tenants().names)
        return super().cost(step)


def _forget(account: Account | None, kept: t.Container[str] = ()) -> None:
    """Remove from the results what a user is about to lose together with the access."""
    if account is not None:
        account.facets = {name: entries for name, entries in account.facets.items() if name in kept}


def _is(row: Row, key: str) -> bool:
    return fold(_name_of(row)) == fold(key)


def _name_of(row: Row) -> str:
    """Return the natural key of a row, empty if it shows none."""
    return str(row.get("username") or row.get("email") or "")


def _takes_last_way(desired: Desired, account: Account) -> bool:
    """Return whether a change removes the last access of a user: no login method, tenant or ownership is left."""
    values, tenants = account.values, desired.facets.get("tenants")
    owner = desired.fields.get("instance_owner", values.get("instance_owner"))
    if (
        values.get("enabled") is not True
        or values.get("auth_methods", True)
        or owner is not False
        or "tenants" not in account.facets
    ):
        return False
    current = set(account.facets["tenants"])
    if tenants is None or tenants.mode == "present":
        return not current
    taken = {"exact": current, "managed": set(tenants.bounds), "absent": set(tenants.entries)}[tenants.mode]
    return not (current - taken) and (tenants.mode == "absent" or not tenants.entries)
