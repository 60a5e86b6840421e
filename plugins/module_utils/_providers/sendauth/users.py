# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: how users are read, and how their desired values are completed.

A deleted user moves to a list of deleted users. From there, the user can be restored or deleted permanently.
"""

from __future__ import annotations

import re
import typing as t

from ..._core.errors import ApiError, InputError, Notice, UnreadableAnswer
from ..._core.http.api import Answer
from ..._core.http.paging import Listing, Row, Stop, settled
from ..._core.names import fold, looks_like, nfc
from ..._core.plan.catalogue import Catalogue
from ..._core.plan.model import Account, Desired, DesiredFacet, Entries, Snapshot, Value
from ..._core.plan.steps import Step
from ..._core.run.directory import Directory
from .connection import PAGE_SIZE, SendAuth
from .roles import doubt, spelling, unknown
from .schema import FACETS, JOINED, SCHEMA, WIRES, WRITTEN, company_of, rank
from .writing import UserWriting

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LENGTHS = {"first_name": (2, 50), "last_name": (2, 50), "email": (3, 256), "phone": (0, 20)}


class Users(Directory):
    """The users of a SendAuth organisation. With ``among_deleted``, this directory reads the deleted users."""

    connection: SendAuth
    writer = UserWriting
    page_size = PAGE_SIZE
    replaces = joined = frozenset(JOINED)
    reads_first = True
    missing_advice = "If the user was deleted, restore it with sendauth_user and restore: true."
    lookups_up_to = 2  # the first page reports the length of the list, so it is tried for a few more users

    def __init__(self, connection: SendAuth, among_deleted: bool = False, limit: int | None = None) -> None:
        super().__init__(connection, SCHEMA)
        self._rows: dict[str, Row] = {}
        """Id -> the document in a list."""
        self.among_deleted = among_deleted
        self.limit = limit
        self.with_groups = False
        self._everybody: list[Account] | None = None

    # -- reading -------------------------------------------------------------------------------------------------

    def account(self, raw: Row, listed: bool = False, deleted: bool = False) -> Account:
        """Return an account from a user document. A document from a list may have fewer fields than another one."""
        document = _checked(raw)
        # A list that shows a field for one user shows it for all: if the field is missing in a row, it is not set.
        shown: set[str] = self.connection.cache.setdefault("listed", set()) if listed else WIRES
        document.update((name, None) for name in shown.difference(document))
        if "company" in document and company_of(document["company"]) is None:
            document["company"] = None  # an empty value must not be sent back
        if document.get("role"):
            self._roles().add(document["role"])
        values = self.schema.read(document)
        values["enabled"] = not deleted
        facets: dict[str, Entries] = {}
        if "permissions" in document:
            facets["permissions"] = {str(label): str(label) for label in document["permissions"] or ()}
        if self.with_groups and "permissionGroups" in document:
            facets["groups"] = self.connection.groups().entries(document["permissionGroups"] or ())
        # The id can protect a user who has no address.
        key = values["email"] if values.get("email") else f"id {raw['id']}"
        return Account(raw["id"], key, values, facets, document, deleted=deleted and not self.among_deleted)

    def listed(self, listing: Listing) -> list[Account]:
        """Return the accounts of a list of users."""
        shown: set[str] = self.connection.cache.setdefault("listed", set())
        for row in listing.rows:
            shown.update(row)
        accounts = [self.account(row, listed=True) for row in listing.rows]
        self._rows.update((account.id, account.raw) for account in accounts)
        return accounts

    def search(self, query: t.Mapping[str, Value], workers: int = 1) -> list[Account]:
        """Return all users that match the server's own filters, from the list that this directory reads."""
        if self.among_deleted:
            rows = self.connection.pages("list_deleted_users", "deleted users", query, workers=workers).rows
            return [self.account(row, deleted=True) for row in rows]
        return self.listed(self.connection.pages("list_users", "users", query, workers=workers))

    def lookup(self, key: str) -> list[Account]:
        """Return the accounts with this address.

        The search matches parts of addresses; whether it is case-sensitive is not documented.
        """
        key = key.strip()
        for form in dict.fromkeys((key, key.lower())):
            accounts = self.search({"q": form})
            matches = [account for account in accounts if looks_like(account.key, key)]
            # A matching row without an address may be a user with this address.
            hidden = (
                [self.get(account.id) for account in accounts if not account.values.get("email")] if not matches else []
            )
            matches += [account for account in hidden if account is not None and fold(account.key) == fold(key)]
            if matches:
                return matches
        return []

    def get(self, identity: str) -> Account | None:
        """Return the account with this id."""
        if self.among_deleted:
            return next((account for account in self.search({}) if account.id == identity), None)
        answer = self.connection.call("get_user", {"user_id": identity}, subject=f"with id {identity}")
        if answer.absent:
            return None
        account = self.account_in(answer)
        answer.check_id("user", account.id, identity)
        return account

    def account_in(self, answer: Answer) -> Account:
        """Return the account of an answer. Raises UnreadableAnswer if it has none."""
        row = answer.json_object
        if not isinstance(row.get("id"), str) or not row["id"]:
            raise answer.unreadable("it contains no user with an id")
        return self.account(row)

    def fresh(self, account: Account) -> Account:
        """Return the current account, with all fields that an update has to repeat."""
        return self.filled(super().fresh(account))

    def filled(self, account: Account) -> Account:
        """Return an account, with fields from the list of users for those that its document lacks or has as null.

        An update that replaces the user would remove these fields. A field that neither of them shows is not set.
        Raises UnreadableAnswer if the list does not show the user.
        """
        unknown = [name for name in sorted(WRITTEN) if account.raw.get(name) is None]
        row = self._rows.get(account.id)
        if not unknown or (row is not None and all(row.get(name) is None for name in unknown)):
            return account
        for name in ("email", "lastName", "firstName", "username"):
            word = account.raw.get(name) or (row or {}).get(name)
            if word:
                self.search({"q": word})  # read again: the values in an earlier list may have been removed since
                break
        row = self._rows.get(account.id)
        if row is None:
            raise UnreadableAnswer(
                f"{account.key} (id {account.id}): SendAuth does not report {', '.join(unknown)}, "
                "and the list of users does not show this user. An update could remove what is not reported.",
                "Nothing was written for this user. Check the permissions of these credentials, and run the task "
                "again.",
            )
        return self.account({**account.raw, **{name: row[name] for name in unknown if row.get(name) is not None}})

    def listing(self, stop: Stop | None = None) -> Snapshot:
        """Return all users. The first page reports their number, and the other pages are read in parallel."""
        listing = self.connection.pages("list_users", "users", workers=self.connection.workers, stop=stop)
        accounts = self.listed(listing)
        if accounts and not any(account.values.get("email") for account in accounts):
            shown = self.get(accounts[0].id)
            if shown is not None and shown.values.get("email"):
                raise UnreadableAnswer(
                    f"The list of users shows no addresses, but user {shown.key} (id {shown.id}) has one.",
                    "No user was treated as missing. Check the permissions of these credentials and any proxy that "
                    "may change answers.",
                )
        return Snapshot(accounts, listing.complete, listing.pages, listing.total)

    def deleted(self, keys: t.Collection[str], ids: t.Collection[str]) -> list[Account]:
        """Return deleted users, by searches for their addresses or from all pages, whichever takes fewer calls."""

        def read(query: t.Mapping[str, Value], stop: Stop | None = None, workers: int = 1) -> Listing:
            return self.connection.pages("list_deleted_users", "deleted users", query, stop=stop, workers=workers)

        def too_long(_listed: Listing, total: int | None) -> bool:
            return not ids and total is not None and -(-total // PAGE_SIZE) > len(keys) + 1

        searched = dict.fromkeys(keys)
        listings = [read({}, too_long, self.connection.workers)] if ids or len(searched) > 1 else []
        if not listings or not listings[0].complete:
            listings = self.concurrently(lambda key: read({"q": key}), list(searched))
        accounts = {row["id"]: self.account(row, deleted=True) for listing in listings for row in listing.rows}
        return [account for account in accounts.values() if fold(account.key) in searched or account.id in ids]

    def all_deleted(self) -> list[Account]:
        """Return all deleted users, from the pages of their list."""
        rows = settled(
            lambda: self.connection.pages("list_deleted_users", "deleted users", {}, workers=self.connection.workers)
        ).rows
        return [self.account(row, deleted=True) for row in rows]

    def load(self, account: Account, facets: t.Collection[str], fields: t.Collection[str]) -> None:
        """Read what a list left out. For a deleted user, the list shows everything."""
        self.prepare(facets)
        deleted = account.values.get("enabled") is False
        if not deleted and (fields or any(FACETS[name] not in account.raw for name in facets)):
            account.raw = self.fresh(account).raw
        whole = self.account(account.raw, deleted=deleted)
        account.values, account.facets = whole.values, {**account.facets, **whole.facets}

    def everybody(self) -> list[Account]:
        """Return all users, read once in a task."""
        if self._everybody is None:
            self._everybody = settled(self.listing).accounts
        return self._everybody

    def _roles(self) -> set[str]:
        """Return the roles of all users that this connection has read."""
        roles: set[str] = self.connection.cache.setdefault("roles", set())
        return roles

    def granted(self, account: Account, facet: str) -> t.Collection[str]:
        """Return the permission labels or the ids of the groups that an account has, from its document."""
        raw = account.raw if FACETS[facet] in account.raw else self.fresh(account).raw
        return raw.get(FACETS[facet]) or ()

    def prepare(self, facets: t.Collection[str]) -> None:
        """Note whether results show the ids of permission groups by name."""
        self.with_groups = self.with_groups or "groups" in facets

    def resolve(self, desired: t.Sequence[Desired]) -> list[str]:
        """Check permissions, and resolve permission groups and companies to ids."""
        problems: list[str] = []
        labels = self._labels([user.facets["permissions"] for user in desired if "permissions" in user.facets])
        for user in desired:
            for name, target in user.facets.items():
                catalogue = labels if name == "permissions" else self.connection.groups()
                catalogue.resolve_desired(target, user.place, problems, name)
            company = user.fields.get("company")
            if company not in (None, "") and user.state == "present":
                catalogue = self.connection.companies()
                identity = catalogue.identify(company, user.place, problems, "company")
                user.fields["company"] = (
                    None if identity is None else {"id": identity, "name": catalogue.names[identity]}
                )
        return problems

    def _labels(self, targets: t.Sequence[DesiredFacet]) -> Catalogue:
        """Return the defined permission labels, and the desired ones that a user has although they are not defined.

        Such a label can be kept, granted and revoked like any other. Only an Admin may read which labels are defined.
        For others every label counts as defined: users have the label itself, and the result is compared after the
        write.
        """
        items = [item for target in targets for item in (*target.items, *(target.managed or ()))]
        if not items:
            return Catalogue("permission", ())
        named = dict.fromkeys(str(item) for item in items if not isinstance(item, (dict, list)))
        try:
            defined = self.connection.permissions()
        except ApiError as error:
            if error.status != 403:
                raise
            labels = [
                *named,
                *(str(item.get("id") or item.get("name") or "") for item in items if isinstance(item, dict)),
            ]
            return Catalogue("permission", [(label, label) for label in dict.fromkeys(labels) if label])
        known = set(map(nfc, defined.names))
        unknown = [label for label in named if nfc(label) not in known]
        is_granted = self.concurrently(
            lambda label: any(
                label in account.facets.get("permissions", ()) for account in self.search({"permission": label})
            ),
            unknown,
        )
        granted = [label for label, has_users in zip(unknown, is_granted, strict=True) if has_users]
        return Catalogue("permission", [(label, label) for label in (*defined.names, *granted)]) if granted else defined

    # -- input ---------------------------------------------------------------------------------------------------

    def check(self, desired: Desired) -> list[str]:
        """Refuse values that SendAuth's specification excludes, before any read."""
        problems: list[str] = []
        for option, key in (("user", desired.key), *(("previous_users", key) for key in desired.previous)):
            if key and "@" not in key:
                text = (
                    f"{option}: {key!r} is not an e-mail address. SendAuth identifies users by e-mail address: specify "
                    "it, or id for an existing user without one."
                )
                problems.append(desired.problem(text, "invalid_value", option))
        if desired.id is not None and not _UUID.fullmatch(desired.id):
            text = f"id is {desired.id!r}; SendAuth's ids are UUIDs such as 1c6dc9a4-9a5c-4d3b-8f7a-2f5b7f0f3c11."
            problems.append(desired.problem(text, "invalid_value", "id"))
        elif desired.id is not None:
            desired.id = desired.id.lower()  # a UUID in upper case is the same one
        if desired.state == "destroyed" and desired.options.get("restore"):
            text = "restore: true contradicts state: destroyed, which deletes the user permanently. Remove one of them."
            problems.append(desired.problem(text, "contradiction", "restore"))
        if desired.state != "present":
            return problems
        if desired.options.get("keep_passkeys") and not desired.options.get("restore"):
            problems.append(desired.problem("keep_passkeys requires restore: true.", "missing_field", "keep_passkeys"))
        for name, (least, most) in _LENGTHS.items():
            value = desired.fields.get(name)
            if isinstance(value, str) and not least <= len(value) <= most:
                takes = f"{least} to {most}" if least else f"at most {most}"
                text = f"the length of {name} is {len(value)}; SendAuth accepts {takes} characters."
                problems.append(desired.problem(text, "invalid_value" if value else "blank_value", name))
        if desired.fields.get("role") == "":
            text = "role is empty, and every user has a role. Specify a role without permissions, such as user."
            problems.append(desired.problem(text, "blank_value", "role"))
        return problems

    def complete(self, desired: Desired, account: Account | None) -> Desired:
        """Check and spell a role that is written. Restore a user with no more access than desired, and report what
        stays.

        Facets of a restored user become exact, and passkeys are removed unless the task keeps them.
        """
        if desired.state != "present":
            return desired
        self._complete_role(desired, account)
        if account is None:
            return desired
        company, current = desired.fields.get("company"), account.values.get("company")
        if company and current and company["id"] == current["id"]:
            # the name of the company may differ from that in the list of companies, or be missing
            desired.fields["company"] = current
        if not account.deleted:
            return desired
        if not desired.options.get("keep_passkeys"):
            desired.fields["has_passkeys"] = False
        for facet in self.schema.facets:
            target = desired.facets.setdefault(facet.name, DesiredFacet("managed", [], []))
            if target.items or target.mode != "managed" or target.bounds:
                target.mode = "exact"
        return desired

    def late_problems(self, desired: t.Sequence[Desired]) -> list[str]:
        """Return the problems of roles. Which roles exist depends on the users, so ``complete`` checks them."""
        problems: list[str] = []
        for user in desired:
            try:
                if user.state == "present":
                    self._complete_role(user, None)
            except InputError as error:
                problems += error.problems
        return problems

    def _complete_role(self, desired: Desired, account: Account | None) -> None:
        """Set the desired role to the server's spelling. Raises InputError if there is no such role.

        SendAuth has no list of roles. If no user has been read yet, a page of users shows the spelling. All users are
        read only for a role that is not documented.
        """
        role = desired.fields.get("role")
        if not role or (account is not None and fold(role) == fold(account.values.get("role") or "")):
            return
        if not self._roles():
            self.connection.cached("some users", lambda: self.listing(lambda listing, total: True))
        spelt = spelling(role, self._roles())
        if spelt is None:
            self.connection.cached("all users", lambda: settled(self.listing))
            spelt = spelling(role, self._roles())
        if spelt is None:
            raise InputError(desired.problem(unknown(role, self._roles()), "unknown_role", "role"))
        desired.fields["role"] = spelt
        reason = doubt(spelt, self._roles())
        if reason:
            self.notices.append(Notice("unverified_role", f"{desired.place}: {reason}", desired.place))

    # -- what writing takes --------------------------------------------------------------------------------------

    def is_duplicate(self, error: ApiError) -> bool:
        """Return whether a refused create may mean that the user exists: its status 422 has other causes, too."""
        return error.operation == "create_user" and error.status in (409, 422)

    def cost(self, step: Step) -> int:
        """Return the maximum number of calls of a step. An incomplete document is read before an update."""
        return 4 if step.verb == "restore" else 1

    def mails(self, steps: t.Sequence[Step], desired: Desired | None) -> int:
        """Return the number of mails to set a password.

        New users with an address get one, unless their role is the lowest.
        """
        created = next((step.values for step in steps if step.verb == "create"), {})
        role = created.get("role")
        return int(bool(created.get("email")) and role is not None and rank(role) != 0)


def _checked(raw: Row) -> Row:
    """Return a copy of a user document.

    Raises UnreadableAnswer if a part has a form that an update would not preserve.
    """
    unreadable = [
        name
        for name in ("email", "role", "firstName", "lastName", "phone")
        if not isinstance(raw.get(name), (str, type(None)))
    ]
    unreadable += ["hasPasskeys"] if not isinstance(raw.get("hasPasskeys"), (bool, type(None))) else []
    unreadable += ["company"] if not isinstance(raw.get("company"), (dict, type(None))) else []
    for name in FACETS.values():
        items = raw.get(name)
        if items is not None and not (
            isinstance(items, list) and all(isinstance(item, str) and item for item in items)
        ):
            unreadable.append(name)
    if unreadable or not isinstance(raw.get("id"), str) or not raw["id"]:
        raise UnreadableAnswer(
            f"SendAuth's answer has a user (id {raw.get('id')!r}) whose {' and '.join(unreadable) or 'id'} cannot be "
            "read.",
            "Report this answer to SendAuth.",
        )
    return dict(raw)
