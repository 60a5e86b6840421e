# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM 2.0: how users are read, and how their desired values are completed."""

from __future__ import annotations

import functools
import threading
import typing as t
from dataclasses import replace

from ..._core.errors import Notice, Problem, UnreadableAnswer, require
from ..._core.http.paging import Row, Stop, name_fault, settled
from ..._core.names import fold, looks_like, near
from ..._core.plan.model import PROFILE, Account, Desired, DesiredFacet, Entries, Snapshot, Value
from ..._core.plan.steps import Step
from ..._core.run.directory import Directory, Need
from .attributes import Attribute, equal, fault, missing, read_only_part, typed
from .connection import Scim, quoted, resource_of
from .groups import Memberships, groups_of, memberships
from .shapes import (
    CANONICAL,
    COMMON,
    CORE,
    LISTS,
    SERVER,
    clears,
    empty,
    look,
    one_value,
    option_of,
    place,
    split,
    users_schema,
)
from .writing import UserWriting

_FILTERS = {"user_name": "userName", "external_id": "externalId", "email": "emails.value"}
"""Natural key -> the attribute in the filter of a look-up."""


class FoldedSnapshot(Snapshot):
    """Accounts that match a name in another case only if the server is not case-sensitive."""

    def __init__(self, directory: Users, *args: t.Any) -> None:
        self._directory = directory
        super().__init__(*args)

    def named(self, key: str) -> list[Account]:
        """Return the accounts with that natural key."""
        return self._directory.meant(super().named(key), key)


class Users(Directory):
    """The users of a SCIM service."""

    connection: Scim
    writer = UserWriting
    page_first = True
    joined = frozenset({PROFILE, "attributes"})

    def __init__(self, connection: Scim, user_key: str = "userName", takes_unlisted: bool = False) -> None:
        """``takes_unlisted``: the task disables or deletes the users that it does not name."""
        super().__init__(connection, users_schema(user_key, connection.case_exact, connection.deviations.keeps_deleted))
        self.memberships = connection.cached("memberships", lambda: Memberships(connection))
        self.takes_unlisted = takes_unlisted
        self._kept = {"user_name", "enabled", self.schema.key}  # options that nothing clears
        self._everybody: Snapshot | None = None
        self._taken: set[str] = set()
        self._lock = threading.Lock()

    # -- reading -------------------------------------------------------------------------------------------------

    def account(self, raw: Row) -> Account:
        """Return an account from the document of a user. A missing field is not set (RFC 7643, 2.5)."""
        raw = {CANONICAL.get(name.lower(), name): value for name, value in raw.items()}
        wrong = name_fault(raw, ("userName", "externalId"))
        if wrong is not None:
            raise ValueError(wrong)
        values = self.schema.read({declared.on_wire: look(raw, declared.on_wire) for declared in self.schema.fields})
        return Account(str(raw["id"]), str(values.get(self.schema.key) or ""), values, {}, raw)

    def meant(self, accounts: list[Account], key: str) -> list[Account]:
        """Return the accounts with a name. Another spelling matches only if case makes no difference."""
        exact = [account for account in accounts if account.key == key]
        same = [account for account in accounts if fold(account.key) == fold(key)]
        if exact or not same:
            return exact or accounts
        exactly = self.connection.case_exact(self.schema.field(self.schema.key).on_wire)
        return [account for account in accounts if account not in same] if exactly else accounts

    def lookup(self, key: str) -> list[Account]:
        """Return the accounts with this key, by a filter if the server supports it, else from the list."""
        key = key.strip()
        accounts = self._matching(key)
        if accounts or (accounts is not None and key not in self._taken and self._trusts(key)):
            return self.meant(accounts, key)
        return self._listed(key)

    def _matching(self, key: str) -> list[Account] | None:
        rows = self.connection.filtered("users", f"{_FILTERS[self.schema.key]} eq {quoted(key)}")
        accounts = map(self.account, rows or ())
        return None if rows is None else [account for account in accounts if looks_like(account.key, key)]

    def _trusts(self, key: str) -> bool:
        """Return whether an empty result of a filter proves that no user has this key.

        Some servers read the value of a filter literally: its escapes, and its case where that makes no difference.
        """
        if quoted(key) != f'"{key}"':
            return False
        exactly = self.connection.case_exact(self.schema.field(self.schema.key).on_wire)
        caseless = exactly or key.swapcase() == key
        return caseless or self.connection.cached(f"filters fold {self.schema.key}", self._folds)

    def _folds(self) -> bool:
        """Return whether a filter returns a user of the first page by the key in another case."""
        listing = self.connection.rows("users", stop=lambda listing, total: True)
        for account in map(self.account, listing.rows):
            other = account.key.swapcase()
            if other != account.key and fold(other) == fold(account.key) and quoted(other) == f'"{other}"':
                return account.id in [match.id for match in self._matching(other) or ()]
        return listing.complete  # no key contains letters

    def _listed(self, key: str) -> list[Account]:
        with self._lock:  # one thread reads for all threads
            if self._everybody is None:
                self._everybody = settled(self.listing)
            return [*self._everybody.named(key), *self._everybody.similar(key)]

    def distrust(self, key: str, taken: bool) -> None:
        """Read the list again for the next look-up, and search it for an existing name that no filter returned."""
        self._everybody = None
        if taken:
            self._taken.add(key.strip())

    def get(self, identity: str) -> Account | None:
        """Return the account with this id."""
        answer = self.connection.call("get_user", {"id": identity}, subject=f"with id {identity}")
        if answer.absent:
            return None
        resource = resource_of(answer)
        answer.check_id("user", resource["id"], identity)
        return self.account(resource)

    def listing(self, stop: Stop | None = None) -> Snapshot:
        """Return all users. Without filters, users cannot be looked up, so the list is always read to its end."""
        return self.search({}, stop)

    def search(self, query: t.Mapping[str, str], stop: Stop | None = None) -> Snapshot:
        """Return the users of a list."""
        accounts: list[Account] = []
        self.page_size = self.connection.page_size
        filters = self.connection.supports("filter")
        listing = self.connection.rows(
            "users", query, take=lambda rows: accounts.extend(map(self.account, rows)),
            stop=lambda listing, total: stop is not None and stop(listing, total) and filters,
        )
        nameless = next((account for account in accounts if not account.key), None)
        if nameless is not None and self.takes_unlisted:  # matches neither an element of the list nor protect
            text = f"The user with id {nameless.id} has no {self.schema.key}."
            raise UnreadableAnswer(text, f"Use another user_key, or add the {self.schema.key} on the server.")
        return FoldedSnapshot(self, accounts, listing.complete, listing.pages, listing.total)

    def load(self, account: Account, facets: t.Collection[str], fields: t.Collection[str]) -> None:
        """Fill the facets of one user."""
        if "attributes" in facets:
            account.facets["attributes"] = self.attributes_of(account)
        if "groups" in facets:
            self._take_groups(account, groups_of(self, account))

    def _take_groups(self, account: Account, groups: dict[str, str]) -> None:
        account.facets["groups"] = self.connection.groups().entries(sorted(groups))
        account.details["named by"] = groups

    def load_listed(self, needs: t.Sequence[Need]) -> None:
        """Fill the groups of several users from one list of all groups with their members."""
        accounts = [account for account, facets, _fields in needs if "groups" in facets]
        if len(accounts) > 1:
            groups = memberships(self, accounts)
            for account in accounts:
                self._take_groups(account, groups[account.id])

    def attributes_of(self, account: Account) -> Entries:
        """Return the attributes of a user that are not options and are writable, by their paths."""
        known = self.connection.attributes()
        paths: dict[str, Value] = {}
        for name, value in account.raw.items():
            if name.lower().startswith("urn:") and isinstance(value, dict):
                paths.update((f"{name}:{part}", item) for part, item in value.items())
            elif name == "name" and isinstance(value, dict):
                paths.update((f"name.{part}", item) for part, item in value.items())
            elif name not in SERVER and name not in LISTS:
                paths[name] = value

        def shown(path: str) -> bool:
            declared = known.get(path.lower())
            return not option_of(path) and (declared.mutability != "readOnly" if declared is not None else not known)

        return {path: value for path, value in paths.items() if shown(path) and not empty(value)}

    # -- what is desired -----------------------------------------------------------------------------------------

    def resolve(self, desired: t.Sequence[Desired]) -> list[str]:
        """Resolve names of groups, and the paths and values of attributes by the server's schemas."""
        problems: list[str] = []
        for user in desired:
            target = user.facets.get("groups")
            if target is not None:
                self.connection.groups().resolve_desired(target, user.place, problems)
            target = user.facets.get("attributes")
            if target is not None:
                problems += self._resolve_attributes(user, target)
        return problems

    def _resolve_attributes(self, user: Desired, target: DesiredFacet) -> list[Problem]:
        known, problems, cleared = self.connection.attributes(), list[Problem](), list[str]()
        target.entries, target.bounds = {}, {}

        def wrong(name: Value, text: str, code: str = "invalid_value") -> None:
            option = target.option_of("attributes", str(name))
            where = option if "." in option else f"{option}: {name}"
            problems.append(user.problem(f"{where} {text}", code, option))

        for name in map(str, target.managed or ()):
            path = self._path(name, wrong)
            if option_of(path):
                cleared.append(option_of(path))
            elif path:
                target.bounds[path] = None
        for name, value in target.items.items():
            path = self._path(str(name), wrong)
            option, current = option_of(path), user.fields.get(LISTS.get(path, ""))
            declared = known.get(path.lower())
            if option:
                declared = Attribute(path, "boolean" if option == "enabled" else "string")
            try:
                value = None if target.mode == "absent" else self._typed(user, str(name), declared, value)
            except ValueError as takes:
                wrong(name, f"must be {takes}.")
                continue
            if option:
                self._take_option(user, option, "" if value is None else value, functools.partial(wrong, name))
            elif current is not None and one_value(value) != current:
                wrong(name, f"differs from {LISTS[path]}, which is {current!r}. Remove one of them.", "contradiction")
            elif path in target.entries:
                text = "is the same attribute as another entry of the mapping. Remove one of them."
                wrong(name, text, "contradiction")
            elif path:
                target.entries[path] = value
        for path in target.entries:
            parent = path.rpartition(".")[0] if split(path)[2] else ""
            if parent in target.entries:
                wrong(path, f"is part of {parent}, which is also specified. Remove one of them.", "contradiction")
        for option in cleared:
            if option not in self._kept:
                user.fields.setdefault(option, "")
        return problems

    def _typed(self, user: Desired, name: str, attribute: Attribute | None, value: Value) -> Value:
        """Return a value in the type of its attribute, and warn of numbers that become texts. Raises ValueError."""
        numbers: list[int] = []
        value = typed(attribute, value, numbers)
        for number in numbers:
            text = f"{user.place}: attributes.{name} contains the number {number}, which is written as the text "
            text += f"'{number}'. Quote it if leading zeros or a sign matter."
            self.notices.append(Notice("coerced_value", text, user.place))
        return value

    def _path(self, name: str, wrong: t.Callable[..., None]) -> str:
        """Return the path that a name refers to, in the server's spelling; empty if ``wrong`` has the reason."""
        known = self.connection.attributes()
        path = name.rpartition(":")[2] if name.lower().startswith(f"{CORE}:".lower()) else name
        declared = known.get(path.lower())
        if path.lower() == "password":
            wrong(name, "cannot be written as an attribute. Use the option password.")
        elif path.partition(".")[0].lower() in SERVER or (declared is not None and declared.mutability == "readOnly"):
            wrong(name, "is read-only: only the server sets it. Remove it.")
        elif declared is not None and declared.returned == "never":
            wrong(name, "is never returned, so it cannot be compared. Remove it.")
        elif declared is None and known and path not in COMMON:
            similar = ", ".join(near(path, (attribute.path for attribute in known.values())))
            near_names = f"Similar names: {similar}." if similar else "Correct the name, or remove it."
            wrong(name, f"is not in the server's schemas. {near_names}", "unknown_attribute")
        else:
            return path if declared is None else declared.path
        return ""

    def _take_option(self, user: Desired, option: str, value: Value, wrong: t.Callable[[str, str], None]) -> None:
        """Use an attribute that has an option of its own as that option."""
        declared = self.schema.field(option)
        if option in user.fields and not declared.equal(user.fields[option], value):
            name = "user" if option == self.schema.key and user.fields[option] == user.key else option
            text = f"is {value!r}, and {name}, which sets the same attribute, is {user.fields[option]!r}. Remove one."
            if name == "user":
                text = f"is {value!r}, and user, which is the same attribute, is {user.key!r}. "
                text += "Remove it from attributes."
            wrong(text, "contradiction")
        elif value == "" and option in self._kept:
            advice = "Remove it from the task."
            if user.facets["attributes"].mode != "absent":
                advice = "Specify a value, or remove it from the task."
            wrong(f"cannot be cleared. {advice}", "invalid_value")
        else:
            user.fields[option] = value

    def complete(self, desired: Desired, account: Account | None) -> Desired:
        """Return the desired user, with equal attributes in the form that the account has.

        Raises InputError for fields that the server does not have or that are read-only.
        """
        needless = {name for path, name in LISTS.items() if account is not None and not clears(look(account.raw, path))}
        needless = {name for name in needless if desired.fields.get(name) == ""}
        if desired.fields.get("enabled") is True and (account is None or account.values.get("enabled") is None):
            schema = self.connection.attributes()
            if schema and "active" not in schema:  # this server blocks no logins
                needless.add("enabled")
        if needless:
            fields = {name: value for name, value in desired.fields.items() if name not in needless}
            desired = replace(desired, fields=fields)
        require(
            self._impossible(desired, account) or self._incomplete(desired, account) or self._gone(desired, account)
        )
        target = desired.facets.get("attributes")
        if target is None:
            return desired
        known, current = self.connection.attributes(), dict[str, Value]()
        if account is not None and account.raw:
            current = self._compared(account, [*target.entries, *target.bounds])
        entries, problems = dict(target.entries), self._required(desired, target, current)
        for path, value in target.entries.items():
            declared = known.get(path.lower())
            text = ""
            if path in current and equal(declared, current[path], value):
                entries[path] = current[path]
            elif declared is not None and path in current and declared.mutability == "immutable":
                text = f"attributes.{path} cannot be changed: it is immutable. Remove it."
            elif declared is not None and read_only_part(declared, value):
                text = f"attributes.{path} contains {read_only_part(declared, value)}, which is read-only. Remove it."
            elif declared is not None and fault(declared, value):
                text = f"attributes.{path} {fault(declared, value)}"
            problems += [desired.problem(text, "invalid_value", f"attributes.{path}")] if text else []
        require(problems)
        return replace(desired, facets={**desired.facets, "attributes": replace(target, entries=entries)})

    def _compared(self, account: Account, paths: t.Sequence[str]) -> Entries:
        """Return the attributes of an account, with those at these paths in any case."""
        known = self.connection.attributes()
        self._request(account, [known.get(path.lower()) for path in paths])
        current = account.facets.setdefault("attributes", self.attributes_of(account))
        for path in paths:
            value = look(account.raw, path)
            if path in current or empty(value):
                continue
            current[path] = value
            parent = path.rpartition(".")[0] if split(path)[2] else ""
            if isinstance(current.get(parent), dict):  # part by part, so that the others are unchanged
                current.update((f"{parent}.{part}", item) for part, item in current.pop(parent).items())
        return current

    def _request(self, account: Account, attributes: t.Iterable[Attribute | None]) -> None:
        """Read the attributes of an account that the server returns only on request (RFC 7643, 7)."""
        paths = [known.path for known in attributes if known is not None and known.returned == "request"]
        missing = [path for path in dict.fromkeys(paths) if empty(look(account.raw, path))]
        if missing:
            query = {"attributes": ",".join(missing)}
            answer = self.connection.call("get_user", {"id": account.id}, query, subject=account.key)
            raw = {} if answer.absent else self.account(resource_of(answer)).raw
            for path in missing:
                place(account.raw, path, look(raw, path))

    def _required(self, desired: Desired, target: DesiredFacet, current: Entries) -> list[Problem]:
        """Return a problem for each attribute that would be removed and that the server's schemas require."""
        known = self.connection.attributes()
        removed = {
            "absent": current.keys() & target.entries.keys(), "exact": current.keys() - target.entries.keys(),
            "managed": (current.keys() & target.bounds.keys()) - target.entries.keys(),
        }.get(target.mode, set())
        removed |= {path for path in current.keys() & target.entries.keys() if empty(target.entries[path])}
        required = sorted(path for path in removed if path.lower() in known and known[path.lower()].required)
        adding = {
            "exact": "Add it to attributes.", "managed": "Add it to attributes, or remove it from managed_attributes.",
        }

        def advice(path: str) -> str:
            if target.mode == "absent":
                return "Remove it from the task."
            return "Specify a value." if path in target.entries else adding[target.mode]

        return [
            desired.problem(
                f"attributes.{path} cannot be removed: this server requires it. {advice(path)}", "invalid_value",
                f"attributes.{path}",
            )
            for path in required
        ]  # fmt: skip

    def _gone(self, desired: Desired, account: Account | None) -> list[Problem]:
        """Return the problem that a user who counts as absent would join groups. Such a user may leave groups."""
        target = desired.facets.get("groups")
        if account is None or desired.may_create or target is None or not self.schema.is_gone(account.values):
            return []
        if target.mode == "absent" or target.entries.keys() <= account.facets.get("groups", {}).keys():
            return []
        text = "the user is deactivated and counts as absent. First activate the user with enabled: true."
        return [desired.problem(text, "user_not_found", "groups")]

    def _incomplete(self, desired: Desired, account: Account | None) -> list[Problem]:
        """Return a problem for each attribute that a new user lacks and the server's schemas require."""
        if account is not None or desired.state != "present" or not desired.may_create:
            return []
        document: Row = {}
        target = desired.facets.get("attributes")
        for name, value in desired.fields.items():
            place(document, self.schema.field(name).on_wire, value)
        for path, value in (target.entries if target is not None else {}).items():
            place(document, path, value)
        problems: list[Problem] = []
        for path in missing(self.connection.attributes(), document):
            option = option_of(path) or LISTS.get(path) or option_of(f"{path}.formatted") or f"attributes.{path}"
            text = f"the user does not exist, and this server requires {path} to create it. Specify {option}."
            problems.append(desired.problem(text, "missing_field", option))
        return problems

    def _impossible(self, desired: Desired, account: Account | None) -> list[Problem]:
        """Return what is wrong with the fields to write, by the server's schemas, which are read only for them."""
        problems: list[Problem] = []
        for name, value in desired.fields.items() if desired.state == "present" else ():
            declared = self.schema.field(name)
            before = account.values.get(name) if account is not None else None
            unsent = account is not None and not declared.readable and name not in desired.always
            if unsent or declared.equal(before, value):
                continue
            known = self.connection.attributes()
            attribute = known.get(declared.on_wire.lower())
            if attribute is not None and attribute.returned == "request" and account is not None and account.raw:
                self._request(account, [attribute])
                account.values[name] = before = self.account(account.raw).values[name]
                if declared.equal(before, value):
                    continue
            if attribute is not None and attribute.returned == "never" and declared.readable:
                text = f"{name} is never returned by this server, so it cannot be compared. Remove {name}."
                problems.append(desired.problem(text, "invalid_value", name))
            elif known and attribute is None and declared.on_wire not in COMMON:
                text = f"this server has no attribute {declared.on_wire}. Remove {name}."
                if name == "enabled":  # a job sets it, too
                    text = (
                        "this server has no attribute active, so SCIM cannot disable its users. Delete the user, or "
                        "disable the user on the server; if the task specifies enabled, remove it."
                    )
                problems.append(desired.problem(text, "unknown_attribute", name))
            elif attribute is not None and attribute.mutability in ("readOnly", "" if empty(before) else "immutable"):
                text = f"{name} cannot be changed: {declared.on_wire} is {attribute.mutability}. Remove it."
                problems.append(desired.problem(text, "invalid_value", name))
            elif attribute is not None and attribute.required and empty(value):
                text = f"{name} cannot be cleared: this server requires {declared.on_wire}. Specify a value."
                problems.append(desired.problem(text, "blank_value", name))
            elif attribute is not None and fault(attribute, value):
                problems.append(desired.problem(f"{name} {fault(attribute, value)}", "invalid_value", name))
        return problems

    # -- writing -------------------------------------------------------------------------------------------------

    def cost(self, step: Step) -> int:
        """Return the calls of a step. Each group is written by itself, and a read precedes a PUT."""
        if step.verb == "facet" and step.via == "groups":
            return len(step.add) + len(step.remove)
        if step.verb in ("create", "delete"):
            return 1
        reads = self.sends_list(step) and not self.connection.supports("etag")
        return 2 if reads or not self.connection.supports("patch") else 1

    def sends_list(self, step: Step) -> bool:
        """Return whether a step writes a whole list for which an option has one value."""
        return not step.values.keys().isdisjoint(LISTS.values())
