# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth: the fields of a user, how users are read, and how their desired values are completed.

A user is a name with attributes. Logins belong to the user's accounts, each an app on a device.
"""

from __future__ import annotations

import typing as t

from ..._core.errors import ApiError, Problem, RollcallError, first_words, require
from ..._core.http.paging import Row, Stop
from ..._core.names import looks_like, near
from ..._core.plan.losses import DISABLED, when_false
from ..._core.plan.model import UNKNOWN, Account, Desired, DesiredFacet, Entries, Facet, Field, Schema, Snapshot, Value
from ..._core.plan.steps import Step
from ..._core.run.directory import Directory
from .connection import PAGE, PERMISSIONS, NextAuth, rows_of
from .wire import acl_of, attributes_of, device, is_path_step, moment, role_in, same_id, text_of
from .writing import UserWriting

_MOMENT = 3
"""Calls after which a 404 counts as outdated: another client may have created the user since."""
_TEXT = {"Accept": "text/plain, application/json"}


class _Enabled(Field):
    """The field that is true if one of the user's accounts is not blocked. Without accounts, every value matches."""

    def equal(self, value: Value, other: Value) -> bool:
        """Return whether two values are the same. Without an account to block, all values are."""
        return UNKNOWN in (value, other) or super().equal(value, other)


SCHEMA = Schema(
    provider="nextauth",
    product="nextAuth",
    noun="user",
    key="userid",
    fields=(
        Field("userid", fold=True, writable=False, required=True),
        _Enabled("enabled", type="bool", via="accounts", loses=when_false(DISABLED)),
        Field("number_accounts", wire="numberaccounts", writable=False),
        Field("last_login", wire="lastlogin", writable=False, read=moment),
        Field("role", writable=False),
    ),
    facets=(Facet("attributes", "attribute", "map", loss=False, in_create=True), Facet("permissions", "permission")),
    can_rename=False,
    reported=("accounts",),
)


class Users(Directory):
    """The users of one virtual server. With ``everyone``, their list is read with the accounts of all users."""

    connection: NextAuth
    writer = UserWriting
    page_size = PAGE
    page_first = True

    def __init__(self, connection: NextAuth, everyone: bool = False, schema: Schema = SCHEMA) -> None:
        super().__init__(connection, schema)
        self.everyone = everyone
        self._absent: dict[str, int] = {}
        """Name of a missing user -> number of calls made before nextAuth reported that."""

    # -- reading -------------------------------------------------------------------------------------------------

    def get(self, identity: str) -> Account | None:
        """Return the user with exactly this name, with attributes: the only read that shows whether a user exists."""
        account = self._exact(identity)
        if account is None:
            self.connection.prove()
            self._absent[identity] = self.connection.transport.count()
        return account

    def _exact(self, name: str) -> Account | None:
        """Return the user with exactly this name, None after a 404, which may be about the server instead."""
        answer = self.connection.call("get_user_attributes", {"userid": name}, subject=name, headers=_TEXT)
        if answer.absent:
            return None
        self.connection.cache["proven"] = True
        return Account(name, name, {"userid": name}, {"attributes": attributes_of(answer, name)})

    def lookup(self, key: str) -> list[Account]:
        """Return the user with exactly this name, else those whose name differs only in case.

        This prevents duplicates.
        """
        account = self._exact(key)
        if account is not None:
            return [account]
        self._absent[key] = self.connection.transport.count()
        # A search for a part of the name: % and _ may stand for any characters, so only a comparison here decides. It
        # also proves that the 404 was about the user, not about the server. Databases know the case of ASCII letters at
        # least.
        for form in (key.lower(),) if key.isascii() else dict.fromkeys((key.lower(), key.upper())):
            matches = [account for account in self.search({"search": form}) if looks_like(account.key, key)]
            if matches:
                return matches
        return []

    def search(self, query: t.Mapping[str, Value]) -> list[Account]:
        """Return the users that the server's own search or filter returns."""
        return [self.row(row) for row in self.connection.listed("get_users", "users", "userid", query=query).rows]

    def read_row(self, account: Account) -> None:
        """Read what only the list of users shows: the last login and the number of accounts.

        Both stay unknown if the first page of a search does not show the user, or the role of the API key may not list
        users.
        """
        try:
            listing = self.connection.listed(
                "get_users", "users", "userid", query={"search": account.id}, stop=lambda listing, total: True
            )
        except ApiError as error:
            if error.status != 403:
                raise
            return
        for row in listing.rows:
            if str(row["userid"]) == account.id:
                account.values.update(self.row(row).values)

    def row(self, row: Row) -> Account:
        """Return a user from a row of the list, which has no attributes."""
        values = self.schema.read(row)
        values["userid"] = str(row["userid"])
        unreported = {} if "last_login" in values else {"unreported": ("last_login",)}
        values.setdefault("last_login", None)
        if values.get("number_accounts") == 0:
            values["enabled"] = UNKNOWN
        return Account(values["userid"], values["userid"], values, {}, unreported)

    def listing(self, stop: Stop | None = None) -> Snapshot:
        """Return all users. The list is never sorted by the server: the names of its columns are not documented."""
        accounts: list[Account] = []
        listing = self.connection.listed(
            "get_users", "users", "userid", stop=stop, take=lambda rows: accounts.extend(map(self.row, rows))
        )
        if self.everyone and listing.complete:
            self.read_all_accounts(accounts)
        return Snapshot(accounts, listing.complete, listing.pages, listing.total)

    def load(self, account: Account, facets: t.Collection[str], fields: t.Collection[str]) -> None:
        """Read the attributes, the role with its permissions, or the accounts of a user.

        Some proxies change the path of a user named ``..``: nothing is read, and info modules return null.
        """
        if is_path_step(account.id):
            return
        if "attributes" in facets:
            whole = self.get(account.id)
            if whole is None:
                raise RollcallError(
                    f"{account.key} was in the list of users and no longer exists.",
                    "Users were deleted outside this task: run the task again.",
                )
            account.facets["attributes"] = whole.facets["attributes"]
        if "permissions" in facets:
            self._read_permissions(account)
        if fields and "accounts" not in account.details:
            self.read_accounts(account)

    def _read_permissions(self, account: Account) -> None:
        """Read the role and its permissions. A 404 of an existing user means that the user has no role."""
        account.values["role"] = role = self.role_of(account)
        account.facets["permissions"] = {} if role is None else self.permissions_of(account, role)

    def role_of(self, account: Account) -> str | None:
        """Return the id of the role of a user, None if the user has none."""
        answer = self.connection.call("get_user_role", {"userid": account.id}, subject=account.key)
        return None if answer.absent else role_in(answer)

    def all_roles(self) -> list[dict[str, Value]]:
        """Return the roles that have permissions on this server, each with them. The id of a role is its only name."""
        answer = self.connection.call("get_all_permissions")
        roles: dict[str, dict[str, Value]] = {}
        for row in rows_of(answer, "permissions")[0]:
            role, server = row.get("role"), self.connection.server_id
            if not isinstance(role, str) or not role:
                raise answer.unreadable("a row has no role")
            if same_id(row.get("server"), server):
                try:
                    names = sorted(acl_of([row], server, role))
                except ValueError as error:
                    raise answer.unreadable(str(error)) from None
                roles[role] = {
                    "id": role,
                    "name": role,
                    "permissions": sorted({*names, *roles.get(role, {}).get("permissions", ())}),
                }
        return list(roles.values())

    def permissions_of(self, account: Account, role: str) -> Entries:
        """Return the permissions of a role.

        Unreadable permissions are an error: if they counted as none, the next grant would remove them.
        """
        answer = self.connection.call("get_permissions", {"roleid": role}, subject=account.key)
        if answer.absent:
            return {}
        if answer.json_object.get("permissions", ()) is None:
            raise answer.unreadable("its permissions are null")
        try:
            return acl_of(rows_of(answer, "permissions")[0], self.connection.server_id, role)
        except ValueError as error:
            raise answer.unreadable(str(error)) from None

    def accounts_of(self, account: Account) -> list[dict[str, Value]]:
        """Return the accounts of a user, and read them if that has not happened yet."""
        accounts: list[dict[str, Value]] | None = account.details.get("accounts")
        return self.read_accounts(account) if accounts is None else accounts

    def read_accounts(self, account: Account) -> list[dict[str, Value]]:
        """Read the accounts of a user, and set the fields that follow from them."""
        path = {"userid": account.id}
        rows = self.connection.listed("get_user", "accounts", "id", path, subject=account.key, ends_short=True).rows
        return _take(account, rows)

    def read_all_accounts(self, accounts: t.Iterable[Account]) -> None:
        """Read the accounts of all users in one list.

        A user whose accounts disagree with the list of users is read later. So are all users if the role of the API key
        lacks the permission for that list.
        """
        rows_by_user: dict[str, list[Row]] = {}
        try:
            rows_of_all = self.connection.listed("get_all_accounts", "accounts", "id").rows
        except ApiError as error:
            if error.status != 403:
                raise
            return
        for row in rows_of_all:
            rows_by_user.setdefault(str(row.get("userid") or ""), []).append(row)
        for account in accounts:
            rows = rows_by_user.get(account.id, [])
            if account.values.get("number_accounts", len(rows)) == len(rows):
                _take(account, rows)

    def resolve(self, desired: t.Sequence[Desired]) -> list[str]:
        """Keep names unchanged: nextAuth lists neither attributes nor permissions."""
        for user in desired:
            for name, target in user.facets.items():
                if self.schema.facet(name).is_map:
                    target.entries = {str(key): text_of(value) for key, value in target.items.items()}
                else:
                    target.entries = {str(item): str(item) for item in target.items}
                target.bounds = {str(item): str(item) for item in target.managed or ()}
        # One list of all accounts takes fewer calls than a list for each of many users.
        self.everyone = self.everyone or sum("enabled" in user.fields for user in desired) > self.lookups_up_to
        return []

    # -- input ---------------------------------------------------------------------------------------------------

    def check(self, desired: Desired) -> list[str]:
        """Refuse names that would change the meaning of a path, and values that are not texts."""
        problems: list[str] = []
        for option, keys in (
            ("user", (desired.key or None,)),
            ("id", (desired.id,)),
            ("previous_users", desired.previous),
        ):
            for key in keys:
                if key is not None and not key.strip():
                    text = f"{option} is blank. Specify a value, or omit the option."
                    problems.append(desired.problem(text, "blank_value", option))
                elif key is not None and is_path_step(key):
                    problems.append(desired.problem(f"{option} is {key!r}. {_NO_STEP}", "invalid_value", option))
        target = desired.facets.get("attributes")
        if target is not None:
            problems += _wrong_attributes(desired, target)
        target = desired.facets.get("permissions")
        listed = (
            [(f"permissions[{number}]", item) for number, item in enumerate(target.items)] if target is not None else []
        )
        managed = enumerate(target.managed or ()) if target is not None else ()
        for option, item in [*listed, *((f"managed_permissions[{number}]", item) for number, item in managed)]:
            if isinstance(item, bool):
                problems.append(desired.problem(*_unquoted(f"the permission {item!r}", item), option))
            elif (
                not isinstance(item, (str, int))
                or not str(item).strip()
                or "," in str(item)
                or str(item) != str(item).strip()
                or is_path_step(str(item))
            ):
                shown = "a mapping" if isinstance(item, dict) else repr(item)
                advice = "Specify one name per element, such as users or accounts."
                if isinstance(item, str) and item.strip() and "," not in item and not is_path_step(item):
                    advice = "Remove the blanks around the name."
                text = f"{option} is {shown}, which is not a permission. {advice}"
                problems.append(desired.problem(text, "invalid_value", option))
        return problems

    def complete(self, desired: Desired, account: Account | None) -> Desired:
        """Omit ``enabled`` for a new user, who has no account to block. Raises InputError for unknown permissions."""
        require(self._unknown_permissions(desired, account))
        if account is None:
            desired.fields.pop("enabled", None)
        return desired

    def _unknown_permissions(self, desired: Desired, account: Account | None) -> list[Problem]:
        """Return a problem for each permission to grant that is neither documented nor granted to any role.

        No call lists the permissions that exist. Those of all roles are read only for a name that is not documented.
        If the role of the API key may not read them, every name counts as known, but only for a user whose own
        permissions were read: each grant reads those of the role.
        """
        target = desired.facets.get("permissions")
        if desired.state != "present" or target is None or target.mode == "absent":
            return []
        current = account.facets.get("permissions", {}) if account is not None else {}
        items = {str(item): f"permissions[{number}]" for number, item in enumerate(target.items)}
        new = [name for name in items if name not in current and name not in PERMISSIONS]
        known = self.connection.cached("granted permissions", self._granted_permissions) if new else []
        if known is None and account is not None and account.values.get("role") is not None:
            return []
        if known is None:
            text = "the role of the API key may not read permissions. Give it the permission servers."
            return [desired.problem(text, "not_permitted", "permissions")]
        return [
            desired.problem(_unknown(name, [*PERMISSIONS, *known]), "unknown_permission", items[name])
            for name in new if name not in known
        ]

    def _granted_permissions(self) -> list[str] | None:
        """Return the undocumented permissions that roles have, None if the role of the API key may not read them."""
        try:
            roles = self.all_roles()
        except ApiError as error:
            if error.status != 403:
                raise
            return None
        return sorted({name for role in roles for name in role["permissions"]} - set(PERMISSIONS))

    # -- what writing takes --------------------------------------------------------------------------------------

    def seems_absent(self, key: str) -> bool:
        """Return whether a recent look-up did not find this name.

        An old look-up is repeated, and so is one that this method has used before.
        """
        call_number = self._absent.get(key)
        recent = call_number is not None and self.connection.transport.count() - call_number <= _MOMENT
        if not recent and self.get(key) is not None:
            return False
        self._absent.pop(key, None)
        return True

    def kept_warning(self, name: str, via: str, kept: list[str]) -> str:
        """Return the warning for permissions that the plan did not include and that were kept."""
        if via != "permissions":
            return super().kept_warning(name, via, kept)
        listed = ", ".join(kept)
        return (
            f"{name} has permissions that the plan did not show: {listed}. They were kept. "
            "Run the task again to include them."
        )

    def cost(self, step: Step) -> int:
        """Return the calls of a step at most; of accounts, one for a device is the rule."""
        if step.via == "permissions":
            return 3
        if step.verb in ("create", "delete"):
            return 2
        return bool(step.add) + len(step.remove) if step.verb == "facet" else 1


def _unknown(name: str, known: t.Sequence[str]) -> str:
    """Return the text about an unknown permission, with the names that it may mean."""
    similar = near(name, known)
    listed = f"similar names: {', '.join(map(repr, similar))}" if similar else f"known: {', '.join(known)}"
    return (
        f"there is no permission named {first_words(name, 100)!r}; {listed}. To use a permission that no role has yet, "
        "grant it to a role in nextAuth's administration first."
    )


_NO_STEP = "In a URL it would mean another resource. Use another name."


def _unquoted(label: str, value: Value) -> tuple[str, str]:
    """Return text and code of the problem of a value that YAML did not read as a text."""
    kind = "boolean" if isinstance(value, bool) else "number"
    return (
        f"{label} is a {kind}, and nextAuth stores text. Quote it, as '{text_of(value)}' or as you wrote it.",
        "unquoted_value",
    )


def _wrong_attributes(desired: Desired, target: DesiredFacet) -> list[str]:
    """Return what is wrong with the names and values of attributes."""
    problems: list[str] = []
    for name in dict.fromkeys(map(str, (*target.items, *(target.managed or ())))):
        option = f"attributes.{name}"
        if not name.strip():
            text = "an attribute has a blank name. Specify a name."
            problems.append(desired.problem(text, "blank_value", "attributes"))
        elif is_path_step(name):
            text = f"{name!r} cannot be the name of an attribute. {_NO_STEP}"
            problems.append(desired.problem(text, "invalid_value", option))
    for name, value in target.items.items():
        option = f"attributes.{name}"
        if isinstance(value, (dict, list)):
            kind = "mapping" if isinstance(value, dict) else "list"
            problems.append(
                desired.problem(
                    f"the attribute {name} is a {kind}, and nextAuth stores text. Specify text.",
                    "invalid_value",
                    option,
                )
            )
        elif isinstance(value, (bool, float)) and target.mode != "absent":
            problems.append(desired.problem(*_unquoted(f"the attribute {name}", value), option))
    return problems


def _take(account: Account, rows: list[Row]) -> list[dict[str, Value]]:
    """Store the accounts of a user: their number, and whether one can log in."""
    devices = sorted((device(row) for row in rows), key=lambda item: (item["description"], item["id"]))
    account.details["accounts"] = devices
    account.values["number_accounts"] = len(devices)
    account.values["enabled"] = any(not item["blocked"] for item in devices) if devices else UNKNOWN
    return devices
