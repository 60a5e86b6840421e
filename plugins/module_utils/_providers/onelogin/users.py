# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: how users are read, and how their desired values are completed."""

from __future__ import annotations

import typing as t

from ..._core.errors import ApiError, InputError, UnreadableAnswer, first_words, require
from ..._core.http.paging import Row, Stop, cursor_pages
from ..._core.names import looks_like, near
from ..._core.plan.model import Account, Desired, DesiredFacet, Entries, Snapshot, Value
from ..._core.plan.steps import Step
from ..._core.run.directory import Directory
from ..._core.wording import agreed
from .connection import OneLogin, data_of
from .login import contradictions, take_hash
from .others import Holders, claim_problem, group_problem, holder_problem, holders_of, search_holders
from .profile import REFUSED
from .shapes import (
    BLOCKING,
    NUMBERS,
    PROFILE,
    SERVER,
    can_log_in,
    flat,
    is_ahead,
    is_number,
    number_text,
    user_fault,
    users_schema,
)
from .writing import UserWriting


class Users(Directory):
    """The users of a OneLogin account."""

    connection: OneLogin
    writer = UserWriting
    page_size = 50  # the documented page of version 1, which has no larger one

    def __init__(
        self, connection: OneLogin, user_key: str = "username", lock_minutes: int = 0, takes_unlisted: bool = False
    ) -> None:
        """``takes_unlisted``: the task disables or deletes the users that it does not name."""
        super().__init__(connection, users_schema(user_key))
        self.lock_minutes = lock_minutes
        self.takes_unlisted = takes_unlisted
        self.holders: Holders | None = None
        """The users by the name or address that is not their natural key; None unless the list of all users was read.
        """
        self.searched: Holders = {}
        """The results of searches for such names and addresses, by the folded value."""
        self.claims: dict[str, Desired] = {}
        """The users to whom this task gives such a name or address, by the folded value."""
        self._whole = {field.on_wire for field in (*PROFILE, *SERVER)} | {"custom_attributes"}

    # -- reading -------------------------------------------------------------------------------------------------

    def account(self, raw: Row, shown: t.Collection[str] | None = None) -> Account:
        """Return an account from a user document of either form.

        ``shown`` are the fields that a list shows for some user: if the document lacks one of them, it is not set;
        other fields are unknown. Without ``shown``, the document is complete, and every missing field is not set.
        """
        document = _document(raw, shown is not None)
        document.update((name, None) for name in set(self._whole if shown is None else shown).difference(document))
        values = self.schema.read(document)
        state, status = values.get("user_state"), values.get("status")
        if "state" in document and "status" in document:
            values["enabled"] = can_log_in(state, status)
        if status is not None:
            values["locked"] = status == "locked" or is_ahead(raw.get("locked_until"))
        if any(isinstance(raw.get(name), str) for name in NUMBERS):
            self.connection.cache["text_ids"] = True
        facets: dict[str, Entries] = {}
        if "custom_attributes" in document:
            facets["attributes"] = {
                name: value for name, value in (document["custom_attributes"] or {}).items() if value not in (None, "")
            }
        roles = document.get("role_ids", document.get("role_id"))
        if "roles" in self.needed and isinstance(roles, list):
            facets["roles"] = self.connection.roles().entries(map(number_text, flat(roles)))
        return Account(number_text(raw["id"]), str(raw.get(self.schema.key) or ""), values, facets, raw)

    def listed(self, rows: t.Sequence[Row]) -> list[Account]:
        """Return accounts from the rows of one list."""
        shown = {name for row in rows for name in _document(row, True)}
        return [self.account(row, shown) for row in rows]

    def lookup(self, key: str) -> list[Account]:
        """Return the accounts with this key. The filter is exact; whether it is case-sensitive is not documented.

        Raises UnreadableAnswer for a user without the field of the filter: such a user could have this key.
        """
        key = key.strip()
        if _is_pattern(key):
            return []  # the key cannot be searched for; check() requires an id in this case
        for form in dict.fromkeys((key, key.lower())):
            rows = self.connection.rows("list_users", "users", {self.schema.key: form})
            self._all_named(rows, f"The search for {self.schema.key} {form!r} returned")
            # Each row by itself: the result must not depend on other look-ups and their order.
            matches = [account for account in (self.account(row, ()) for row in rows) if looks_like(account.key, key)]
            if matches:
                return matches
        return []

    def _all_named(self, rows: t.Iterable[Row], begin: str) -> None:
        for row in rows:
            if not str(row.get(self.schema.key) or "").strip():
                other = "email" if self.schema.key == "username" else "username"
                raise UnreadableAnswer(
                    f"{begin} the user with id {row['id']}, who has no {self.schema.key}.",
                    f"Use user_key: {other}, or add it in OneLogin's administration.",
                )

    def get(self, identity: str) -> Account | None:
        """Return the account with this id."""
        answer = self.connection.call("get_user_by_id", {"user_id": identity}, subject=f"with id {identity}")
        if answer.absent:
            return None
        self.connection.note_form(answer)
        rows = data_of(answer)
        if not rows:
            return None
        fault = user_fault(rows[0]) or ("it contains several users" if len(rows) > 1 else None)
        if fault is not None:
            raise answer.unreadable(fault)
        answer.check_id("user", number_text(rows[0]["id"]), identity)
        return self.account(rows[0])

    def listing(self, stop: Stop | None = None) -> Snapshot:
        """Return all users, page by page: each page contains the cursor of the next one."""
        accounts: list[Account] = []
        shown: set[str] = set()
        sizes: set[int] = set()

        def take(rows: list[Row]) -> None:
            if self.takes_unlisted:  # a user without a name matches no element of the list, and no pattern of protect
                self._all_named(rows, "The list of users contains")
            for row in rows:
                shown.update(_document(row, True))
            accounts.extend(self.account(row, shown) for row in rows)
            sizes.add(len(shown))

        listing = cursor_pages(
            lambda cursor: self.connection.page("list_users", {}, cursor), "users", stop=stop, take=take
        )
        if len(sizes) > 1:  # a later page has fields that the first ones lack
            accounts = [self.account(row, shown) for row in listing.rows]
        if listing.complete:
            self.holders = holders_of(accounts, self.schema.key)
        return Snapshot(accounts, listing.complete, listing.pages, listing.total)

    def load(self, account: Account, facets: t.Collection[str], fields: t.Collection[str]) -> None:
        """Read the roles of a user, or the whole document, if a list left them out."""
        if "roles" in facets:
            account.facets["roles"] = self.connection.roles().entries(self.role_ids(account))
        if fields or "attributes" in facets:
            whole = self.get(account.id)
            if whole is not None:
                account.values.update(whole.values)
                account.facets["attributes"] = whole.facets.get("attributes", {})

    def role_ids(self, account: Account) -> list[str]:
        """Return the current ids of a user's roles."""
        answer = self.connection.call("get_user_roles", {"user_id": account.id}, subject=account.key)
        identities = flat(data_of(answer))
        if not all(map(is_number, identities)):
            raise answer.unreadable("it contains something that is not a role id")
        return [number_text(identity) for identity in identities]

    def resolve(self, desired: t.Sequence[Desired]) -> list[str]:
        """Resolve role names to ids, and check attribute names against those that the account defines."""
        problems: list[str] = []
        for user in desired:
            target = user.facets.get("roles")
            if target is not None:
                self.connection.roles().resolve_desired(target, user.place, problems)
            target = user.facets.get("attributes")
            if target is not None:
                problems += self._resolve_attributes(user, target)
        return problems

    def _resolve_attributes(self, user: Desired, target: DesiredFacet) -> list[str]:
        target.entries = {str(name): None if value is None else str(value) for name, value in target.items.items()}
        target.bounds = dict.fromkeys(target.managed or ())
        problems: list[str] = []
        for name, value in target.items.items():
            option = f"attributes.{name}"
            if isinstance(value, (list, dict)):
                kind = "a list" if isinstance(value, list) else "a mapping"
                text = f"{option} is {kind}; OneLogin stores text. Specify a single text."
                problems.append(user.problem(text, "invalid_value", option))
            elif isinstance(value, (bool, float)):
                quoted = str(value).lower()
                text = (
                    f"{option} is {'a boolean' if isinstance(value, bool) else 'a number'}; OneLogin stores text. "
                    f"Quote it as you wrote it, for example '{quoted}'."
                )
                problems.append(user.problem(text, "unquoted_value", option))
        options = {
            name: target.option_of("attributes", name) for name in map(str, (*target.entries, *target.bounds))
        }
        return problems + self.unknown_attributes(user, options, clears=target.mode == "absent")

    def unknown_attributes(self, user: Desired, options: t.Mapping[str, str], clears: bool = False) -> list[str]:
        """Return a problem for each name of a custom attribute that the account does not define.

        ``options`` maps the names to the options that contain them. ``clears``: the task removes the values.
        """
        known = self.connection.attribute_names()
        problems: list[str] = []
        for name, option in options.items():
            if name not in known:
                similar = near(name, known) or known[:10]
                instead = f", or use one of: {', '.join(similar)}" if similar else "; there are none yet"
                advice = "define it in OneLogin first"
                if clears or "." not in option:
                    advice = "remove it" if "." in option else f"remove it from {option}"
                text = f"there is no custom attribute {name!r}; {advice}{instead}."
                problems.append(user.problem(text, "unknown_attribute", option))
        return problems

    # -- input ---------------------------------------------------------------------------------------------------

    def check(self, desired: Desired) -> list[str]:
        """Refuse keys that the server's filter would read as a pattern, wrong ids, and contradictory values.

        Ids become their shortest form, so that they compare equal to those of the API.
        """
        problems: list[str] = []
        for option, keys in (
            (("user", (desired.key,)), ("previous_users", desired.previous)) if desired.id is None else ()
        ):
            for key in keys:
                if _is_pattern(key):
                    text = f"{key!r} contains a wildcard of OneLogin's filters (* or a leading !); use id."
                    problems.append(desired.problem(text, "invalid_value", option))
        if desired.id is not None:
            if is_number(desired.id):
                desired.id = number_text(desired.id)
            else:
                problems.append(
                    desired.problem(f"id is {first_words(desired.id, 80)!r}; {_IDS}", "invalid_value", "id")
                )
        for name in NUMBERS:
            value = desired.fields.get(name)
            if value and is_number(value):
                desired.fields[name] = number_text(value)
            elif value:
                problems.append(
                    desired.problem(f"{name} is {first_words(str(value), 80)!r}; {_IDS}", "invalid_value", name)
                )
        return problems + contradictions(desired) + take_hash(desired)

    def foresee(self, users: t.Sequence[tuple[Desired, Account | None]]) -> None:
        """Look up who has the names and addresses that the task writes."""
        if self.foresees and self.holders is None:
            search_holders(self, users)

    def complete(self, desired: Desired, account: Account | None) -> Desired:
        """Return the desired user with the changes of status and state that its desired values entail.

        To enable a user also approves the user. To disable a user who was never activated suspends the user, because a
        password would activate the user. Raises InputError for a lock of a suspended user, because a user has only one
        status, and for a group or an address that OneLogin would refuse.
        """
        if desired.state == "present":
            require([*group_problem(self, desired, account), *claim_problem(self, desired, account)])
            if self.foresees or self.holders is not None:
                require(holder_problem(self, desired, account))
        if account is None:
            return desired
        fields, status = desired.fields, account.values.get("status")
        if account.values.get("user_state") not in (None, "approved"):
            if fields.get("enabled") is True:
                fields.setdefault("user_state", "approved")
            elif fields.get("enabled") is False and fields.get("user_state") == "approved" and "status" not in fields:
                account.values["enabled"] = status not in BLOCKING  # whether the login is enabled after the approval
        if (
            fields.get("enabled") is False
            and status == "unactivated"
            and fields.get("user_state", account.values.get("user_state")) == "approved"
        ):
            fields.setdefault("status", "suspended")
        if "status" in fields:
            fields.pop("enabled", None)  # it follows from the status and the state
        self._check_lock(desired, account)
        return desired

    def _check_lock(self, desired: Desired, account: Account) -> None:
        locked, status = desired.fields.get("locked"), account.values.get("status")
        if (
            locked is None
            or locked == account.values.get("locked")
            or status not in BLOCKING
            or (status == "unactivated" and not locked)
        ):
            return
        effect = (
            "a lock would replace that status, and unlocking would enable the login"
            if locked
            else "unlocking would also end the suspension"
        )
        text = (
            f"the user is {status}. A user has only one status, so {effect}. "
            "Use onelogin_user with enabled or status to change it."
        )
        raise InputError(desired.problem(text, "conflict", "state"))

    def disabled(self, account: Account) -> Desired:
        """Return the desired form of an account whose login is blocked: one that was never activated is suspended."""
        desired = super().disabled(account)
        if account.values.get("status") == "unactivated" and account.values.get("user_state") in (None, "approved"):
            desired.fields = {"status": "suspended"}
        return desired

    # -- what writing takes --------------------------------------------------------------------------------------

    def is_duplicate(self, error: ApiError) -> bool:
        """Return whether a refused create may mean that the user exists.

        OneLogin returns 400 for that, as for any wrong value.
        """
        return error.operation == "create_user" and error.status in (*REFUSED, 409)

    def kept_warning(self, name: str, via: str, kept: list[str]) -> str:
        """Return the warning for roles that were kept."""
        return (
            f"{name} keeps the {agreed(len(kept), 'role')} {', '.join(kept)}: a mapping or provisioning in OneLogin "
            f"grants {agreed(len(kept), 'it')}. Change it there; until then every run retries and reports no change."
        )

    def cost(self, step: Step) -> int:
        """Return the calls of a step. Roles are added and removed by two calls, and read again after a removal."""
        if step.verb == "facet" and step.via == "roles":
            return bool(step.add) + 2 * bool(step.remove)
        return 1


_IDS = "OneLogin ids are numbers with at most 18 digits."


def _is_pattern(key: str) -> bool:
    """Return whether OneLogin's filters read a key as a pattern: ``*`` for any text,
    a leading ``!`` for all but that."""
    return "*" in key or key.strip().startswith("!")


def _document(row: Row, of_list: bool) -> dict[str, Value]:
    """Return a row with the names of version 1.

    A list may leave attributes out; a null may mean the same.
    """
    document = dict(row)
    if "preferred_locale_code" in row:
        document.setdefault("locale_code", row["preferred_locale_code"])
    if of_list and document.get("custom_attributes", {}) is None:
        del document["custom_attributes"]
    return document
