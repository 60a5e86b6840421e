# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nextAuth: what a user is, how users are read and how a difference is written.

A user is a name with attributes. Who logs in are the user's accounts, each an app on a device.
"""

from __future__ import annotations

import typing as t

from ..._core.errors import ApiError, RollcallError, UnclearAnswer
from ..._core.http.api import Answer
from ..._core.http.paging import Row, Stop
from ..._core.names import looks_like
from ..._core.plan.model import UNKNOWN, Account, Desired, DesiredFacet, Entries, Facet, Field, Schema, Snapshot, Value
from ..._core.plan.plan import Step
from ..._core.run.provider import Directory
from .connection import PAGE, NextAuth, rows_of
from .wire import acl_of, attributes_of, device, is_path_step, moment, same_id, text_of

_MOMENT = 3
"""Calls after which a 404 counts as old: somebody else may have created the user since."""
_TEXT = {"Accept": "text/plain, application/json"}


class _Enabled(Field):
    """Whether one of the user's accounts is not blocked. A user without accounts matches either way."""

    def equal(self, one: Value, other: Value) -> bool:
        """Return whether two values mean the same; where there is nothing to block, all of them do."""
        return UNKNOWN in (one, other) or super().equal(one, other)


def _blocks(before: Value, after: Value) -> str | None:
    return "disabled" if before is not False and after is False else None


def normalise(values: t.Mapping[str, Value]) -> dict[str, Value]:
    """Return what nextAuth tells of the normalised fields: not who is privileged, and every login is by key and PIN."""
    return {name: values[name] for name in ("enabled", "last_login") if name in values}


SCHEMA = Schema(
    provider="nextauth",
    noun="user",
    key="userid",
    fields=(
        Field("userid", fold=True, writable=False, required=True),
        _Enabled("enabled", type="bool", via="accounts", loses=_blocks),
        Field("number_accounts", wire="numberaccounts", writable=False),
        Field("last_login", wire="lastlogin", writable=False, read=moment),
        Field("role", writable=False),
    ),
    facets=(Facet("attributes", "attribute", "map", loss=False, in_create=True), Facet("permissions", "permission")),
    can_rename=False,
    normalise=normalise,
    told=("accounts",),
)


class Users(Directory):
    """The users of one virtual server. With ``everyone`` the accounts of all users are read along with their list."""

    connection: NextAuth
    page_size = PAGE
    page_first = True

    def __init__(self, connection: NextAuth, everyone: bool = False, schema: Schema = SCHEMA) -> None:
        super().__init__(connection, schema)
        self.everyone = everyone
        self._absent: dict[str, int] = {}
        """Name of somebody who was not there -> calls that had been made when nextAuth said so."""

    # -- reading -------------------------------------------------------------------------------------------------

    def get(self, identity: str) -> Account | None:
        """Return the user with exactly this name, with attributes: the only read that says whether somebody exists."""
        answer = self.connection.call("get_user_attributes", {"userid": identity}, subject=identity, headers=_TEXT)
        if answer.absent:
            self.connection.prove()
            self._absent[identity] = self.connection.transport.count()
            return None
        self.connection.cache["proven"] = True
        return Account(identity, identity, {"userid": identity}, {"attributes": attributes_of(answer, identity)})

    def lookup(self, key: str) -> list[Account]:
        """Return the user with exactly this name, else those whose name differs in case alone, so that nobody is made twice."""
        answer = self.connection.call("get_user_attributes", {"userid": key}, subject=key, headers=_TEXT)
        if not answer.absent:
            self.connection.cache["proven"] = True
            return [Account(key, key, {"userid": key}, {"attributes": attributes_of(answer, key)})]
        self._absent[key] = self.connection.transport.count()
        # A search for a part of the name: % and _ may stand for any characters, so only a comparison here decides. It also
        # proves that the 404 was about the user, not about the server. Databases know the case of ASCII letters at least.
        for form in (key.lower(),) if key.isascii() else dict.fromkeys((key.lower(), key.upper())):
            found = [account for account in self.found({"search": form}) if looks_like(account.key, key)]
            if found:
                return found
        return []

    def found(self, query: t.Mapping[str, Value]) -> list[Account]:
        """Return the users that the server's own search or filter finds."""
        return [self.row(row) for row in self.connection.listed("get_users", "users", "userid", query=query).rows]

    def read_row(self, account: Account) -> None:
        """Read what only the list of users shows: the last login and the number of accounts.

        Both stay unknown where the first page of a search does not show the user, or the role of the API key may not
        list users.
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
        values.setdefault("last_login", None)
        if values.get("number_accounts") == 0:
            values["enabled"] = UNKNOWN
        return Account(values["userid"], values["userid"], values)

    def listing(self, stop: Stop | None = None) -> Snapshot:
        """Return all users. The list is never sorted by the server: the names of its columns are not documented."""
        accounts: list[Account] = []
        listing = self.connection.listed("get_users", "users", "userid", stop=stop, take=lambda rows: accounts.extend(map(self.row, rows)))
        if self.everyone and listing.complete:
            self.read_all_accounts(accounts)
        return Snapshot(accounts, listing.complete, listing.pages, listing.total)

    def load(self, account: Account, facets: t.Collection[str], fields: t.Collection[str]) -> None:
        """Read the attributes, the role with its permissions, or the accounts of a user.

        A user named ``..`` has no address that every proxy leaves alone: nothing is read, and info modules return null.
        """
        if is_path_step(account.id):
            return
        if "attributes" in facets:
            whole = self.get(account.id)
            if whole is None:
                raise RollcallError(f"{account.key} was in the list of users and is gone now.", "Somebody else deletes users: run it again.")
            account.facets["attributes"] = whole.facets["attributes"]
        if "permissions" in facets:
            self._read_permissions(account)
        if fields and "accounts" not in account.raw:
            self.read_accounts(account)

    def _read_permissions(self, account: Account) -> None:
        """Read the role and its permissions; a user without a role has none (a 404, and the user is known to exist)."""
        account.values["role"] = role = self.role_of(account)
        account.facets["permissions"] = {} if role is None else self._permissions_of(account, role)

    def role_of(self, account: Account) -> str | None:
        """Return the id of the role of a user, None where the user has none."""
        answer = self.connection.call("get_user_role", {"userid": account.id}, subject=account.key)
        return None if answer.absent else _role(answer)

    def all_roles(self) -> list[dict[str, Value]]:
        """Return the roles that have permissions on this server, each with them. A role has no name but its id."""
        answer = self.connection.call("get_all_permissions")
        found: dict[str, dict[str, Value]] = {}
        for row in rows_of(answer, "permissions")[0]:
            role, server = row.get("role"), self.connection.server_id
            if not isinstance(role, str) or not role:
                raise answer.unreadable("a row has no role")
            if same_id(row.get("server"), server):
                try:
                    names = sorted(acl_of([row], server, role))
                except ValueError as error:
                    raise answer.unreadable(str(error)) from None
                found[role] = {
                    "id": role,
                    "name": role,
                    "permissions": sorted({*names, *found.get(role, {}).get("permissions", ())}),
                }
        return list(found.values())

    def _permissions_of(self, account: Account, role: str) -> Entries:
        """Return the permissions of a role. What cannot be read is an error: taken for none, the next grant would wipe
        it.
        """
        answer = self.connection.call("get_permissions", {"roleid": role}, subject=account.key)
        if answer.absent:
            return {}
        if isinstance(answer.body, dict) and answer.body.get("permissions", ()) is None:
            raise answer.unreadable("its permissions are null")
        try:
            return acl_of(rows_of(answer, "permissions")[0], self.connection.server_id, role)
        except ValueError as error:
            raise answer.unreadable(str(error)) from None

    def read_accounts(self, account: Account) -> list[dict[str, Value]]:
        """Read the accounts of a user, and what follows from them."""
        path = {"userid": account.id}
        rows = self.connection.listed("get_user", "accounts", "id", path, subject=account.key, ends_short=True).rows
        return _take(account, rows)

    def read_all_accounts(self, accounts: t.Iterable[Account]) -> None:
        """Read the accounts of all users in one list. Where it does not fit the list of users, a user's are read later.

        So are those of all users where the role of the API key lacks the permission for that list.
        """
        held: dict[str, list[Row]] = {}
        try:
            rows_of_all = self.connection.listed("get_all_accounts", "accounts", "id").rows
        except ApiError as error:
            if error.status != 403:
                raise
            return
        for row in rows_of_all:
            held.setdefault(str(row.get("userid") or ""), []).append(row)
        for account in accounts:
            rows = held.get(account.id, [])
            if account.values.get("number_accounts", len(rows)) == len(rows):
                _take(account, rows)

    def resolve(self, desired: t.Sequence[Desired]) -> list[str]:
        """Take names as they are: nextAuth tells neither which attributes nor which permissions there are."""
        for user in desired:
            for name, target in user.facets.items():
                if self.schema.facet(name).is_map:
                    target.entries = {str(key): text_of(value) for key, value in target.items.items()}
                else:
                    target.entries = {str(item): str(item) for item in target.items}
                target.bounds = {str(item): str(item) for item in target.managed or ()}
        # One list of all accounts is fewer calls than those of each of many users.
        self.everyone = self.everyone or sum("enabled" in user.fields for user in desired) > self.lookups_up_to
        return []

    # -- input ---------------------------------------------------------------------------------------------------

    def check(self, desired: Desired) -> list[str]:
        """Refuse names that would change the meaning of a path, and values that are no texts."""
        problems: list[str] = []
        for option, keys in (
            ("user", (desired.key or None,)),
            ("id", (desired.id,)),
            ("previous_users", desired.previous),
        ):
            for key in keys:
                if key is not None and not key.strip():
                    problems.append(desired.problem(f"{option} is blank.", "blank_value", option))
                elif key is not None and is_path_step(key):
                    problems.append(desired.problem(f"{option} is {key!r}. {_NO_STEP}", "invalid_value", option))
        target = desired.facets.get("attributes")
        if target is not None:
            problems += _wrong_attributes(desired, target)
        target = desired.facets.get("permissions")
        listed = [(f"permissions[{number}]", item) for number, item in enumerate(target.items)] if target is not None else []
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
                text = f"{option} is {shown}, which is no permission. Specify one name per element, such as users or accounts."
                problems.append(desired.problem(text, "invalid_value", option))
        return problems

    def complete(self, desired: Desired, account: Account | None) -> Desired:
        """Leave ``enabled`` out for a new user, who has no account that could be blocked."""
        if account is None:
            desired.fields.pop("enabled", None)
        return desired

    # -- writing -------------------------------------------------------------------------------------------------

    def create(self, desired: Desired, step: Step) -> Account:
        """Create a user with attributes, right after a 404 only: the same call wipes the attributes of a user who
        exists.
        """
        key = desired.key
        seen = self._absent.get(key)
        if (seen is None or self.connection.transport.count() - seen > _MOMENT) and self.get(key) is not None:
            raise UnclearAnswer(f"{key} did not exist when the plan was made, and exists now.", "Run the task again.")
        self._absent.pop(key, None)
        attributes = step.facets.get("attributes", {})
        self.connection.call("set_user_attributes", {"userid": key}, json=attributes, subject=key)
        # Whether an empty object creates somebody is not documented.
        if not attributes and self.get(key) is None:
            raise RollcallError(f"nextAuth accepted {key} without attributes and created nobody.", "Give the user an attribute at least.")
        return Account(key, key, {"userid": key}, {"attributes": dict(attributes)})

    def update(self, account: Account, via: str, values: dict[str, Value]) -> None:
        """Block all accounts of a user, or unblock them."""
        for item in account.raw["accounts"] if "accounts" in account.raw else self.read_accounts(account):
            if item["blocked"] == values["enabled"]:
                self.set_blocked(account, item["id"], not values["enabled"])

    def set_blocked(self, account: Account, identity: str, blocked: bool) -> None:
        """Block or unblock one account; the value travels in the query.

        Raises RollcallError where the answer shows the account as it was.
        """
        answer = self.connection.call(
            "update_account", {"accountid": identity}, {"blocked": blocked}, subject=account.key
        )
        if isinstance(answer.body, dict) and answer.body.get("blocked", blocked) is not blocked:
            raise RollcallError(
                f"nextAuth accepted the change of account {identity} of {account.key}, and the account is still "
                f"{'open' if blocked else 'blocked'}.",
                "Change it in nextAuth's administration, or run the task again.",
                "not_applied",
            )

    def apply(self, step: Step, account: Account | None, desired: Desired) -> tuple[Account | None, Entries]:
        """Execute one step. Attributes that are to be exactly these are replaced in one call."""
        if account is None or step.verb != "facet":
            return super().apply(step, account, desired)
        if step.via == "permissions":
            return account, self._write_permissions(account, step, desired.facets["permissions"])
        if not (step.via == "attributes" and step.remove and desired.facets["attributes"].mode == "exact"):
            return super().apply(step, account, desired)
        path = {"userid": account.id}
        if step.final:
            self.connection.call("set_user_attributes", path, json=step.final, subject=account.key)
        else:
            self.connection.call("delete_user_attributes", path, subject=account.key)
        account.facets["attributes"] = dict(step.final)
        return account, {}

    def write_facet(self, account: Account, step: Step) -> Entries:
        """Write attributes as a merge and single deletions."""
        path = {"userid": account.id}
        if step.add:
            self.connection.call("update_user_attributes", path, json=step.add, subject=account.key)
        for name in step.remove:
            answer = self.connection.call("delete_user_attribute", {**path, "attributekey": name}, subject=account.key)
            if answer.absent:  # perhaps because an earlier sending, whose answer was lost, has deleted it
                raise UnclearAnswer(f"nextAuth says that {account.key} or the attribute {name} is not there.", "Somebody else changes users: run it again.")
        return {}

    def _write_permissions(self, account: Account, step: Step, target: DesiredFacet) -> Entries:
        """Grant what the role is to have. A grant overwrites, so the permissions are read right before it.

        Only what the plan takes away goes. Return the permissions that the plan did not know: granted meanwhile, or
        those of
        a role that no read showed and that get-or-create returned.
        """
        role = account.values.get("role")
        if role is None:
            role = _role(self.connection.call("get_or_create_user_role", {"userid": account.id}, subject=account.key))
            account.values["role"] = role
        current = self._permissions_of(account, role)
        final = {name: item for name, item in current.items() if name not in step.remove}
        if target.mode != "absent":
            final.update(target.entries)
        if final and final != current:
            self.connection.call("grant_permissions", {"roleid": role}, json=sorted(final), subject=account.key)
        elif current and not final:
            self.connection.call("revoke_permissions", {"roleid": role}, subject=account.key)
        account.facets["permissions"] = final
        return {name: item for name, item in final.items() if name not in step.final}

    def kept_warning(self, name: str, via: str, kept: list[str]) -> str:
        """Return the warning for permissions that the plan did not know and that were kept."""
        if via != "permissions":
            return super().kept_warning(name, via, kept)
        listed = ", ".join(kept)
        return f"{name} has permissions that the plan did not show: {listed}. They were kept. Run the task again to plan with them."

    def delete(self, account: Account) -> None:
        """Delete a user, and the accounts first: nobody says that they go along, and they would log in as the next user of that name."""
        if account.values.get("number_accounts") != 0:
            self.connection.call("delete_user_accounts", {"userid": account.id}, subject=account.key)
        self.connection.call("delete_user", {"userid": account.id}, subject=account.key)

    def cost(self, step: Step) -> int:
        """Return the calls of a step at most; of accounts, one for a device is the rule."""
        if step.via == "permissions":
            return 3
        if step.verb in ("create", "delete"):
            return 2
        return bool(step.add) + len(step.remove) if step.verb == "facet" else 1


_NO_STEP = "As a part of an address it means another resource. Use another name."


def _unquoted(what: str, value: Value) -> tuple[str, str]:
    """Return text and code of the problem of a value that YAML took for something else than a text."""
    kind = "boolean" if isinstance(value, bool) else "number"
    return (
        f"{what} is a {kind}, and nextAuth stores text. Write it in quotes, as '{text_of(value)}' or as it was meant.",
        "unquoted_value",
    )


def _wrong_attributes(desired: Desired, target: DesiredFacet) -> list[str]:
    """Return what is wrong with the names and values of attributes."""
    problems: list[str] = []
    for name in dict.fromkeys(map(str, (*target.items, *(target.managed or ())))):
        option = f"attributes.{name}"
        if not name.strip():
            problems.append(desired.problem("an attribute has a blank name.", "blank_value", "attributes"))
        elif is_path_step(name):
            problems.append(desired.problem(f"{name!r} cannot name an attribute. {_NO_STEP}", "invalid_value", option))
    for name, value in target.items.items():
        option = f"attributes.{name}"
        if isinstance(value, (dict, list)):
            kind = "mapping" if isinstance(value, dict) else "list"
            problems.append(
                desired.problem(
                    f"the attribute {name} is a {kind}, and nextAuth stores text. Specify a text.",
                    "invalid_value",
                    option,
                )
            )
        elif isinstance(value, (bool, float)) and target.mode != "absent":
            problems.append(desired.problem(*_unquoted(f"the attribute {name}", value), option))
    return problems


def _role(answer: Answer) -> str:
    """Return the id of the role that an answer holds. Raises for an empty one: no role is a 404, and this role may
    have permissions.
    """
    body = answer.body
    role = body.get("role") if isinstance(body, dict) else None
    if not isinstance(role, str) or not role.strip():
        raise answer.unreadable("it holds no role")
    return role


def _take(account: Account, rows: list[Row]) -> list[dict[str, Value]]:
    """Take the accounts of a user over: how many there are, and whether one can log in."""
    held = sorted((device(row) for row in rows), key=lambda item: (item["description"], item["id"]))
    account.raw = {**account.raw, "accounts": held}
    account.values["number_accounts"] = len(held)
    account.values["enabled"] = any(not item["blocked"] for item in held) if held else UNKNOWN
    return held
