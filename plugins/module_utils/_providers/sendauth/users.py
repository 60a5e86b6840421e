# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: what a user is, how users are read and how a difference is written.

A user who is deleted goes to a list of deleted users, and can be restored from there, or destroyed. An update takes a
whole user; whether it replaces or merges is not documented, so the document that was read is sent back with the changes.
"""

from __future__ import annotations

import re
import typing as t

from ..._core.catalogue import Catalogue
from ..._core.errors import ApiError, RollcallError
from ..._core.model import PROFILE, Account, Desired, Entries, Facet, FacetWish, Field, Schema, Snapshot, Value
from ..._core.names import fold
from ..._core.paging import Listing, Row, Stop
from ..._core.plan import Step, plan_user
from ..._core.provider import Directory
from .connection import PAGE_SIZE, SendAuth

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_RANKS = {"super_admin": 4, "admin": 3, "registrar": 2, "authenticator": 1, "user": 0, "none": 0}
"""Role in small letters -> rank. The specification and the product's documentation name different ones; both are known here."""
_PRIVILEGED = 2
"""The least rank that may write users."""
_LENGTHS = {"first_name": (2, 50), "last_name": (2, 50), "email": (3, 256), "phone": (0, 20)}
_JOINED = (PROFILE, "permissions", "groups")
"""The write group and the facets that travel in one PUT of the whole user."""
_FACETS = {"permissions": "permissions", "groups": "permissionGroups"}
_CONFIRMED = ("role", "company", *_FACETS.values())
"""What the API leaves open what becomes of it, so that it is compared with what was sent."""
_NO_ID = (None, "", "00000000-0000-0000-0000-000000000000")
"""Forms in which a server may write an id that is not set."""


def rank(role: Value) -> int | None:
    """Return the rank of a role, None for a role that is not known here or not told."""
    return _RANKS.get(fold(role)) if isinstance(role, str) else None


def _demotes(before: Value, after: Value) -> str | None:
    """A role that is not known may be a lower one."""
    was, will = rank(before), rank(after)
    return "demoted" if was is None or will is None or will < was else None


def _set_or_none(value: Value) -> Value:
    """Return None for an empty text. As such a field cannot be cleared, an empty text could not be given back."""
    return value or None


def _company(value: Value) -> Value:
    """Return a company as results show it, None for none."""
    if not isinstance(value, dict) or value.get("id") in _NO_ID:
        return None
    return {"id": str(value["id"]), "name": value.get("name")}


def _company_wire(value: Value) -> Value:
    """How a company is assigned is not documented; by its id is assumed."""
    return {"id": value["id"]} if isinstance(value, dict) else None


def normalise(values: t.Mapping[str, Value]) -> dict[str, Value]:
    """Return who is privileged as far as the role tells, the last authentication, and passkeys as the second factor."""
    known: dict[str, Value] = {}
    level = rank(values.get("role"))
    if level is not None:
        known["privileged"] = level >= _PRIVILEGED
    if "last_authenticated" in values:
        known["last_login"] = values["last_authenticated"]
    if values.get("has_passkeys") is not None:
        known["mfa"] = values["has_passkeys"]
    return known


def derive(before: t.Mapping[str, Value], after: dict[str, Value]) -> None:
    """A user who was deleted and is there afterwards has been restored."""
    if before.get("enabled") is False:
        after["enabled"] = True


SCHEMA = Schema(
    provider="sendauth",
    noun="user",
    key="email",
    fields=(
        Field("email", fold=True, read=_set_or_none),
        Field("first_name", wire="firstName", required=True, read=_set_or_none),
        Field("last_name", wire="lastName", required=True, read=_set_or_none),
        # An empty text is a phone number by the specification, null is none.
        Field("phone", write=lambda value: value),
        Field("company", type="raw", read=_company, write=_company_wire),
        Field("role", fold=True, read=_set_or_none, loses=_demotes),
        Field("messaging_preference", wire="messagingPreference", choices=("email", "sms", "both"), read=_set_or_none),
        # A server may leave out what is false.
        Field("has_passkeys", type="bool", wire="hasPasskeys", via="passkeys", writable=False, read=bool,
              loses=lambda before, after: "left without passkeys" if after is False else None),
        # Not of the API: who is deleted is in another list. To disable somebody is to delete them, softly.
        Field("enabled", type="bool", via="life", writable=False, loses=lambda before, after: "disabled" if after is False else None),
        Field("username", writable=False),
        Field("group_permissions", wire="groupPermissions", writable=False),
        Field("created_at", wire="createdAt", writable=False),
        Field("last_authenticated", wire="lastAuthenticated", writable=False),
    ),
    facets=(Facet("permissions", "permission", in_create=True), Facet("groups", "group", in_create=True)),
    states=("present", "absent", "destroyed"),
    disable_is="emulated",
    soft_deletes=True,
    normalise=normalise,
    derive=derive,
    told=("audits", "transactions"),
    extras={"restore": {"type": "bool", "default": False}},
)

_READ_ONLY = {"id", "username", "hasPasskeys", "createdAt", "lastAuthenticated", "groupPermissions"}
_WIRES = {field.on_wire for field in SCHEMA.fields if field.name != "enabled"} | set(_FACETS.values())
_WRITTEN = _WIRES - _READ_ONLY
"""What an update must know of a user, so that it takes nothing away by leaving it out."""


class Users(Directory):
    """The users of a SendAuth organisation; with ``among_deleted`` those who are deleted, to read them."""

    connection: SendAuth
    page_size = PAGE_SIZE
    lookups_up_to = 2  # a list tells its length with the first page, so it may be tried for a few more

    def __init__(self, connection: SendAuth, among_deleted: bool = False, limit: int | None = None, bulk: bool = False) -> None:
        super().__init__(connection, SCHEMA)
        self.bulk = bulk
        self._recent: set[str] = set()
        self.among_deleted = among_deleted
        self.limit = limit
        self.with_groups = False

    # -- reading -------------------------------------------------------------------------------------------------

    def account(self, raw: Row, listed: bool = False, deleted: bool = False) -> Account:
        """Return an account from a user document. One from a list may leave out what another one has."""
        document = dict(raw)
        # A field that a list shows for one user it shows for all: where it is missing then, it is not set.
        shown: set[str] = self.connection.cache.setdefault("listed", set()) if listed else _WIRES
        document.update((name, None) for name in shown.difference(document))
        if "company" in document and _company(document["company"]) is None:
            document["company"] = None  # an empty one must not be sent back
        values = self.schema.read(document)
        values["enabled"] = not deleted
        facets: dict[str, Entries] = {}
        if "permissions" in document:
            facets["permissions"] = {str(label): str(label) for label in document["permissions"] or ()}
        if self.with_groups and "permissionGroups" in document:
            facets["groups"] = self.connection.groups().entries(document["permissionGroups"] or ())
        # Who has no address can be shielded by the id.
        key = str(values.get("email") or f"id {raw['id']}")
        return Account(str(raw["id"]), key, values, facets, document, deleted=deleted and not self.among_deleted)

    def listed(self, listing: Listing) -> list[Account]:
        """Return the accounts of a list of users."""
        shown: set[str] = self.connection.cache.setdefault("listed", set())
        for row in listing.rows:
            shown.update(row)
        return [self.account(row, listed=True) for row in listing.rows]

    def search(self, query: t.Mapping[str, Value], workers: int = 1) -> list[Account]:
        """Return all users that match the server's own filters, from the list that this directory reads."""
        if self.among_deleted:
            rows = self.connection.pages("list_deleted_users", "deleted users", query, workers=workers).rows
            return [self.account(row, deleted=True) for row in rows]
        return self.listed(self.connection.pages("list_users", "users", query, workers=workers))

    def lookup(self, key: str) -> list[Account]:
        """Return the accounts with this address: the search is partial, and whether it knows case is not documented."""
        key = key.strip()
        for form in dict.fromkeys((key, key.lower())):
            found = [account for account in self.search({"q": form}) if fold(account.key) == fold(key)]
            if found:
                return found
        return []

    def get(self, identity: str) -> Account | None:
        """Return the account with this id."""
        if self.among_deleted:
            return next((account for account in self.search({}) if account.id == identity), None)
        answer = self.connection.call("get_user", {"user_id": identity}, subject=f"with id {identity}")
        if answer.absent:
            return None
        return self.account(_user_of(answer.body) or _raise(answer.unreadable("it holds no user with an id")))

    def listing(self, stop: Stop | None = None) -> Snapshot:
        """Return all users; the first page tells how many there are, and the others are read at the same time."""
        listing = self.connection.pages("list_users", "users", workers=self.connection.workers, stop=stop)
        return Snapshot(self.listed(listing), listing.complete, listing.pages)

    def deleted(self, keys: t.Collection[str], ids: t.Collection[str]) -> list[Account]:
        """Return deleted users, by searches for their addresses or from all pages, whichever takes fewer calls."""

        def read(query: t.Mapping[str, Value], stop: Stop | None = None, workers: int = 1) -> Listing:
            return self.connection.pages("list_deleted_users", "deleted users", query, stop=stop, workers=workers)

        def too_long(_found: Listing, total: int | None) -> bool:
            return not ids and total is not None and -(-total // PAGE_SIZE) > len(keys) + 1

        searched = dict.fromkeys(keys)
        listings = [read({}, too_long, self.connection.workers)] if ids or len(searched) > 1 else []
        if not listings or not listings[0].complete:
            listings = self.spread(lambda key: read({"q": key}), list(searched))
        found = {row["id"]: self.account(row, deleted=True) for listing in listings for row in listing.rows}
        return [account for account in found.values() if fold(account.key) in searched or account.id in ids]

    def load(self, account: Account, facets: t.Collection[str], fields: t.Collection[str]) -> None:
        """Read what a list left out; a deleted user has no more than the list of them tells."""
        self.prepare(facets)
        deleted = account.values.get("enabled") is False
        if not deleted and (fields or any(_FACETS[name] not in account.raw for name in facets)):
            account.raw = self.fresh(account).raw
        whole = self.account(account.raw, deleted=deleted)
        account.values, account.facets = whole.values, {**account.facets, **whole.facets}

    def prepare(self, facets: t.Collection[str]) -> None:
        """Take note of whether the ids of permission groups are to be shown by name."""
        self.with_groups = self.with_groups or "groups" in facets

    def resolve(self, desired: t.Sequence[Desired]) -> list[str]:
        """Check permissions, and resolve permission groups and companies to ids."""
        problems: list[str] = []
        labels = self._labels([user.facets["permissions"] for user in desired if "permissions" in user.facets])
        for user in desired:
            for name, wish in user.facets.items():
                catalogue = labels if name == "permissions" else self.connection.groups()
                catalogue.resolve_wish(wish, user.place, problems)
            company = user.fields.get("company")
            if company not in (None, "") and user.state == "present":
                catalogue = self.connection.companies()
                wrong: list[str] = []
                found = list(catalogue.resolve([company], user.place, wrong))
                problems += [text.replace("companys", "companies") for text in wrong]
                user.fields["company"] = {"id": found[0], "name": catalogue.names[found[0]]} if found else None
        return problems

    def _labels(self, wishes: t.Sequence[FacetWish]) -> Catalogue:
        """Return the permission labels that are defined, and those of the wishes that somebody has without that.

        Such a label can be kept, given back and taken away like any other.
        """
        if not wishes:
            return Catalogue("permission", ())
        defined = self.connection.permissions()
        named = dict.fromkeys(str(item) for wish in wishes for item in (*wish.items, *(wish.managed or ())) if not isinstance(item, (dict, list)))
        unknown = [label for label in named if label not in defined.names]
        held = self.spread(lambda label: any(label in account.facets.get("permissions", ()) for account in self.search({"permission": label})), unknown)
        found = [label for label, is_held in zip(unknown, held, strict=True) if is_held]
        return Catalogue("permission", [(label, label) for label in (*defined.names, *found)]) if found else defined

    # -- input ---------------------------------------------------------------------------------------------------

    def check(self, desired: Desired) -> list[str]:
        """Refuse what SendAuth's specification rules out, before anything is read."""
        problems = []
        for key in (desired.key, *desired.previous):
            if key and "@" not in key:
                problems.append(f"{desired.place}: {key!r} is no e-mail address, by which SendAuth's users are found. Without one, use id.")
        if desired.id is not None and not _UUID.fullmatch(desired.id):
            problems.append(f"{desired.place}: id is {desired.id!r}; SendAuth's ids are UUIDs such as 1c6dc9a4-9a5c-4d3b-8f7a-2f5b7f0f3c11.")
        elif desired.id is not None:
            desired.id = desired.id.lower()  # a UUID in capitals is the same one
        if desired.state != "present":
            return problems
        for name, (least, most) in _LENGTHS.items():
            value = desired.fields.get(name)
            if isinstance(value, str) and not least <= len(value) <= most:
                takes = f"{least} to {most}" if least else f"at most {most}"
                problems.append(f"{desired.place}: the length of {name} is {len(value)}; SendAuth takes {takes} characters.")
        if desired.fields.get("role") == "":
            problems.append(f"{desired.place}: role is empty, and every user has one; give the role without rights, such as user.")
        return problems

    def complete(self, desired: Desired, account: Account | None) -> Desired:
        """Bring nobody back with more than is wished: facets become exact, passkeys go, and what stays is reported."""
        if account is None or desired.state != "present":
            return desired
        company, held = desired.fields.get("company"), account.values.get("company")
        if company and held and company["id"] == held["id"]:
            desired.fields["company"] = held  # a user may tell the name otherwise than the list of companies, or not at all
        if not account.deleted:
            return desired
        desired.fields["has_passkeys"] = False
        for facet in self.schema.facets:
            wish = desired.facets.setdefault(facet.name, FacetWish("managed", [], []))
            if wish.items or wish.mode != "managed" or wish.bounds:
                wish.mode = "exact"
        return desired

    # -- writing -------------------------------------------------------------------------------------------------

    def apply(self, step: Step, account: Account | None, desired: Desired) -> tuple[Account | None, Entries]:
        """Execute one step. All that differs in profile, role, permissions and groups is written in one call.

        The first step of these writes the others along, so for them nothing is left.
        """
        if account is None or step.verb not in ("update", "facet", "restore"):
            return super().apply(step, account, desired)
        if step.verb == "restore":
            return self._bring_back(step, account, desired), {}
        if step.via in _JOINED:
            account = self._whole(account)
        return self._finish(account, desired), {}

    def _finish(self, account: Account, desired: Desired) -> Account:
        """Write all that an account lacks, in one call for the document."""
        steps = plan_user(self.schema, desired, account).steps
        joined = [step for step in steps if step.via in _JOINED]
        if joined:
            self._put(account, joined)
        for step in steps:
            if step.via not in _JOINED:
                super().apply(step, account, desired)
        return account

    def _bring_back(self, step: Step, account: Account, desired: Desired) -> Account:
        """Restore a user and take away at once what the user is not to have; if that fails, delete the user again."""
        restored = "may have been restored"
        try:
            super().apply(step, account, desired)
            restored = "was restored before that"
            # What survives a restore is not documented.
            return self._finish(self.fresh(account), desired)
        except RollcallError as error:
            if isinstance(error, ApiError) and error.operation == "restore_user" and error.status < 500:
                raise  # refused, so nothing has happened
            try:
                self.delete(account)
            except RollcallError:
                told = f"{account.key} {restored} and has what the account had: delete the user, or take it away."
            else:
                told = f"{account.key} {restored}, and is deleted again so that nobody has what was not wished."
            error.hint = f"{error.hint} {told}".strip()
            raise

    def _whole(self, account: Account) -> Account:
        """Return an account of which everything is known that an update takes: read it, where a list left something out.

        Where many are written, the list may be old by now, and to send it back would undo what others have changed since.
        """
        if account.raw.keys() >= _WRITTEN and (not self.bulk or account.id in self._recent):
            return account
        self._recent.add(account.id)
        return self.fresh(account)

    def _put(self, account: Account, steps: t.Sequence[Step]) -> None:
        """Send the document of a user back with the changes of some steps, and adopt them."""
        body = {name: value for name, value in account.raw.items() if name not in _READ_ONLY and value not in (None, "")}
        if isinstance(body.get("company"), dict):
            body["company"] = {name: value for name, value in body["company"].items() if name != "createdAt"}
        values: dict[str, Value] = {}
        changes: dict[str, Value] = {}
        for step in steps:
            values.update(step.values)
            changes.update(self.schema.write(step.values))
            if step.verb == "facet":
                changes[_FACETS[step.via]] = list(step.final)
                account.facets[step.via] = step.final
        body.update(changes)
        if body.get("company", self) is None:
            del body["company"]  # there is no documented way to say that there is none
        answer = self.connection.call("update_user", {"user_id": account.id}, json=body, subject=account.key)
        body = {"company": None, **body}
        self._confirm(account, body, changes, answer.body)
        account.values.update(values)
        account.raw = {**account.raw, **body}

    def _confirm(self, account: Account, sent: t.Mapping[str, Value], changes: t.Mapping[str, Value], told: Value) -> None:
        """Compare what was sent with what the answer tells; what it leaves out of the changes is read.

        Raises RollcallError: a change that is accepted and not made would be tried in every run.
        """
        if not isinstance(told, dict) or not told:
            return
        if any(changes.get(wire) and wire not in told for wire in _CONFIRMED):
            told = self.fresh(account).raw
        for wire in _CONFIRMED:
            if wire not in sent or wire not in told:
                continue
            wish, is_now = (_comparable(value) for value in (sent[wire], told[wire]))
            if wish != is_now:
                raise RollcallError(
                    f"SendAuth accepted the change of {account.key}, and {wire} is {is_now or 'empty'} instead of {wish or 'empty'}.",
                    "See in SendAuth's administration what keeps it. What else was asked for is written.",
                )

    def create(self, desired: Desired, step: Step) -> Account:
        """Create a user with everything, permissions and groups as well."""
        body = self.schema.write(step.values)
        body.update({_FACETS[name]: list(entries) for name, entries in step.facets.items()})
        answer = self.connection.call("create_user", json=body, subject=desired.name)
        account = self.account(_user_of(answer.body) or _raise(answer.unreadable("it holds no user with an id")))
        self._confirm(account, body, body, answer.body)
        return account

    def update(self, account: Account, via: str, values: dict[str, Value]) -> None:
        """Write what does not travel in the document: passkeys, which can only go, and the life of the user."""
        if via == "passkeys":
            self.connection.call("remove_user_passkey", {"user_id": account.id}, subject=account.key)
        else:
            self.delete(account)

    def delete(self, account: Account) -> None:
        """Delete a user softly."""
        self.connection.call("delete_user", {"user_id": account.id}, subject=account.key)

    def destroy(self, account: Account) -> None:
        """Remove a deleted user for good. "Not found" is believed after a second look only."""
        answer = self.connection.call("destroy_user", {"user_id": account.id}, subject=account.key)
        if answer.absent and self.deleted((), (account.id,)):
            raise RollcallError(f"{account.key} (id {account.id}) is deleted, and SendAuth does not find the user to destroy.", "Run it again.")

    def restore(self, account: Account) -> None:
        """Bring a deleted user back. "Not found" may be the second answer, after a first that was lost."""
        answer = self.connection.call("restore_user", {"user_id": account.id}, subject=account.key)
        if answer.absent and self.get(account.id) is None:
            raise ApiError("restore_user", f"restore deleted user {account.key}", answer.status, "", "The user is not there any more. Run it again.")

    def cost(self, step: Step) -> int:
        """Return the calls of a step at most: a document that is not known whole is read before it is sent back."""
        return 4 if step.verb == "restore" else 2 if step.via in _JOINED else 1

    def mails(self, steps: t.Sequence[Step], desired: Desired | None) -> int:
        """Count the mails to set a password, which users get who are created with an address and a role with rights."""
        created = next((step.values for step in steps if step.verb == "create"), {})
        role = created.get("role")
        return int(bool(created.get("email")) and role is not None and rank(role) != 0)


def _user_of(body: Value) -> Row | None:
    """Return a body if it is a user."""
    return body if isinstance(body, dict) and body.get("id") else None


def _raise(error: Exception) -> t.NoReturn:
    raise error


def _comparable(value: Value) -> Value:
    """Return a part of a document in the form in which what was sent and what is told compare."""
    if isinstance(value, dict):
        return "" if value.get("id") in _NO_ID else str(value["id"])
    if isinstance(value, list):
        return sorted(str(item) for item in value) or ""
    return fold(value) if isinstance(value, str) else value or ""
