# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: what a user is, how users are read and how a difference is written."""

from __future__ import annotations

import datetime
import difflib
import hashlib
import secrets
import typing as t

from ..._core.errors import ApiError, InputError, RollcallError
from ..._core.model import PASSWORD, Account, Desired, Entries, Facet, Field, Schema, Snapshot, Value, fold
from ..._core.paging import Row, Stop, cursor_pages
from ..._core.plan import Step
from ..._core.provider import Directory
from .connection import OneLogin, data_of, flat

STATES = {0: "unapproved", 1: "approved", 2: "rejected", 3: "unlicensed"}
STATUSES = {
    0: "unactivated",
    1: "active",
    2: "suspended",
    3: "locked",
    4: "password_expired",
    5: "awaiting_password_reset",
    7: "password_pending",
    8: "security_questions_required",
}
_V1_NAMES = {"comment": "notes"}
_BARE_NAMES = {"locale_code": "preferred_locale_code"}
"""What each form takes under another name than ours."""
_NUMBERS = ("group_id", "directory_id", "trusted_idp_id")


def _named(names: dict[int, str]) -> t.Callable[[Value], Value]:
    def read(code: Value) -> Value:
        return None if code is None else names.get(int(code), f"unknown ({code})")

    return read


def _text(value: Value) -> Value:
    return None if value is None else str(value)


def _number(value: Value) -> Value:
    return None if value == "" else int(value)


def _blocks(before: Value, after: Value) -> str | None:
    return "disabled" if before is not False and after is False else None


def _unapproves(before: Value, after: Value) -> str | None:
    return "disabled" if before in (None, "approved") and after != "approved" else None


def _locks(before: Value, after: Value) -> str | None:
    return "locked" if after is True else None


_PROFILE = (
    Field("username", fold=True, required=True),
    Field("email", fold=True, required=True),
    Field("firstname", required=True),
    Field("lastname", required=True),
    *(Field(name) for name in ("title", "department", "company", "phone", "comment", "locale_code", "openid_name", "external_id")),
    *(Field(name) for name in ("samaccountname", "userprincipalname", "distinguished_name", "member_of")),
    *(Field(name, loose=True, read=_text, write=_number) for name in _NUMBERS),
    # Ids as well, and texts to the API.
    *(Field(name, loose=True, read=_text) for name in ("manager_ad_id", "manager_user_id")),
)
_SERVER = tuple(
    Field(name, writable=False)
    for name in (
        "activated_at", "created_at", "updated_at", "last_login", "invitation_sent_at", "invalid_login_attempts",
        "locked_until", "password_changed_at",
    )
)
_ACCESS = (
    # In this order they are written: who is approved and suspended at once cannot log in between the two calls.
    Field("enabled", type="bool", via="enabled", loses=_blocks),
    Field("user_state", wire="state", via="state", choices=tuple(STATES.values()), read=_named(STATES), loses=_unapproves),
    Field("status", writable=False, read=_named(STATUSES)),
    Field("locked", type="bool", via="lock", writable=False, loses=_locks),
    Field(PASSWORD, via=PASSWORD, readable=False, secret=True),
)


def normalise(values: t.Mapping[str, Value]) -> dict[str, Value]:
    """Return what OneLogin tells of the normalised fields: not who is privileged, nor who has a second factor."""
    known: dict[str, Value] = {}
    for name in ("enabled", "last_login"):
        if name in values:
            known[name] = values[name]
    return known


def derive(before: t.Mapping[str, Value], after: dict[str, Value]) -> None:
    """Add the status that goes with a suspension or a lock, and whether the login is open after a change of state."""
    for name, on, off in (("locked", "locked", "active"), ("enabled", "active", "suspended")):
        if name in before and after[name] != before[name] and (name == "locked" or before.get("status") == "suspended" or not after[name]):
            after["status"] = on if after[name] else off
    if "user_state" in before and after["user_state"] != before["user_state"]:
        after["enabled"] = after["user_state"] == "approved" and after.get("status") != "suspended"


def users_schema(user_key: str) -> Schema:
    """Return the declaration of a user; ``user_key`` is the field that ``user`` names: username or email."""
    return Schema(
        provider="onelogin",
        noun="user",
        key=user_key,
        fields=(*_PROFILE, *_ACCESS, *_SERVER),
        facets=(Facet("attributes", "attribute", "map", loss=False), Facet("roles", "role")),
        normalise=normalise,
        derive=derive,
        told=("apps",),
        extras={"password_method": {"type": "str", "choices": ["salted", "clear_text"], "default": "salted", "no_log": False}},
    )


class Users(Directory):
    """The users of a OneLogin account."""

    connection: OneLogin
    page_size = 50  # the documented page of version 1; it has no larger one

    def __init__(self, connection: OneLogin, user_key: str = "username", lock_minutes: int = 0) -> None:
        super().__init__(connection, users_schema(user_key))
        self.lock_minutes = lock_minutes
        self.with_roles = False
        self._whole = {field.on_wire for field in (*_PROFILE, *_SERVER)} | {"custom_attributes"}

    # -- reading -------------------------------------------------------------------------------------------------

    def account(self, raw: Row, listed: bool = False) -> Account:
        """Return an account from a user document of either form; one from a list may leave fields out."""
        document = dict(raw)
        if "preferred_locale_code" in raw:
            document.setdefault("locale_code", raw["preferred_locale_code"])
        if listed and document.get("custom_attributes", {}) is None:
            del document["custom_attributes"]  # a list may leave the values out, and null may be its way to say so
        # A field that a list shows for one user it shows for all: where it is missing then, it is not set.
        shown = self.connection.cache.setdefault("listed", set()) if listed else self._whole
        if listed:
            shown.update(document)
        document.update((name, None) for name in shown.difference(document))
        values = self.schema.read(document)
        state, status = values.get("user_state"), values.get("status")
        if state is not None and status is not None:
            values["enabled"] = state == "approved" and status != "suspended"
        if status is not None:
            values["locked"] = status == "locked" or _ahead(raw.get("locked_until"))
        facets: dict[str, Entries] = {}
        if "custom_attributes" in document:
            facets["attributes"] = {name: value for name, value in (document["custom_attributes"] or {}).items() if value not in (None, "")}
        roles = document.get("role_ids", document.get("role_id"))
        if self.with_roles and isinstance(roles, list):
            facets["roles"] = self.connection.roles().entries(flat(roles))
        return Account(str(raw["id"]), str(raw.get(self.schema.key) or ""), values, facets, raw)

    def listed(self, raw: Row) -> Account:
        """Return an account from a row of a list."""
        return self.account(raw, listed=True)

    def lookup(self, key: str) -> list[Account]:
        """Return the accounts with this key; the filter is exact, and whether it knows case is not documented."""
        key = key.strip()
        if _is_pattern(key):
            return []  # not to be searched for; check() has seen to it that there is an id
        for form in dict.fromkeys((key, key.lower())):
            rows = self.connection.rows("list_users", "users", {self.schema.key: form})
            found = [account for account in map(self.listed, rows) if fold(account.key) == fold(key)]
            if found:
                return found
        return []

    def get(self, identity: str) -> Account | None:
        """Return the account with this id."""
        answer = self.connection.call("get_user_by_id", {"user_id": identity}, subject=f"with id {identity}")
        rows = [] if answer.absent else data_of(answer)
        return self.account(rows[0]) if rows else None

    def listing(self, stop: Stop | None = None) -> Snapshot:
        """Return all users, page by page: each page names the next one."""
        accounts: list[Account] = []
        known = set[int]()

        def take(rows: list[Row]) -> None:
            accounts.extend(map(self.listed, rows))
            known.add(len(self.connection.cache.get("listed", ())))

        listing = cursor_pages(lambda cursor: self.connection.page("list_users", {}, cursor), "users", stop=stop, take=take)
        if len(known) > 1:  # a later page showed that the list tells more than the first ones did
            accounts = [self.listed(row) for row in listing.rows]
        return Snapshot(accounts, listing.complete, listing.pages)

    def load(self, account: Account, facets: t.Collection[str], fields: t.Collection[str]) -> None:
        """Read the roles of a user, or the whole document, where a list left them out."""
        if "roles" in facets:
            account.facets["roles"] = self.connection.roles().entries(self._role_ids(account))
        if fields or "attributes" in facets:
            whole = self.get(account.id)
            if whole is not None:
                account.values.update(whole.values)
                account.facets["attributes"] = whole.facets.get("attributes", {})

    def _role_ids(self, account: Account) -> list[str]:
        """Return the ids of a user's roles as they are now."""
        answer = self.connection.call("get_user_roles", {"user_id": account.id}, subject=account.key)
        return [str(identity) for identity in flat(data_of(answer))]

    def prepare(self, facets: t.Collection[str]) -> None:
        """Take note of whether role ids are to be shown by name."""
        self.with_roles = "roles" in facets

    def resolve(self, desired: t.Sequence[Desired]) -> list[str]:
        """Resolve role names to ids and check attribute names against those that the account defines."""
        problems: list[str] = []
        for user in desired:
            wish = user.facets.get("roles")
            if wish is not None:
                self.connection.roles().resolve_wish(wish, user.place, problems)
            wish = user.facets.get("attributes")
            if wish is not None:
                wish.entries = {str(name): None if value is None else str(value) for name, value in wish.items.items()}
                wish.bounds = dict.fromkeys(wish.managed or ())
                problems += [
                    f"{user.place}: the custom attribute {name!r} is a list or a mapping; OneLogin keeps texts."
                    for name, value in wish.items.items() if isinstance(value, (list, dict))
                ]
                problems += self._unknown_attributes(user.place, dict.fromkeys((*wish.entries, *wish.bounds)))
        return problems

    def _unknown_attributes(self, place: str, names: t.Iterable[str]) -> list[str]:
        """Return a problem for each name that the account does not define."""
        known = self.connection.attribute_names()
        problems = []
        for name in names:
            if name not in known:
                near = difflib.get_close_matches(name, known, 3) or known[:10]
                instead = f", or use one of: {', '.join(near)}" if near else "; there are none yet"
                problems.append(f"{place}: there is no custom attribute {name!r}; define it in OneLogin first{instead}.")
        return problems

    # -- input ---------------------------------------------------------------------------------------------------

    def check(self, desired: Desired) -> list[str]:
        """Refuse keys that the server's filter would read as a pattern, ids that are none, and wishes that contradict."""
        problems = []
        for key in (desired.key, *desired.previous) if desired.id is None else ():
            if _is_pattern(key):
                problems.append(f"{desired.place}: {key!r} holds a wildcard of OneLogin's filters (* or a leading !); use id.")
        if desired.id is not None and not desired.id.isdecimal():
            problems.append(f"{desired.place}: id is {desired.id!r}; OneLogin ids are numbers.")
        for name in _NUMBERS:
            value = desired.fields.get(name)
            if value and not str(value).isdecimal():
                problems.append(f"{desired.place}: {name} is {value!r}; it is a number.")
        state = desired.fields.get("user_state")
        if desired.fields.get("enabled") is True and state not in (None, "approved"):
            problems.append(f"{desired.place}: enabled is true and user_state is {state}; only an approved user can log in.")
        return problems

    def complete(self, desired: Desired, account: Account | None) -> Desired:
        """Make an account approved that is to be enabled, and suspended one that is to be approved and not enabled.

        Raises InputError for a lock of a suspended user: the status can be one of them only.
        """
        if account is None:
            return desired
        suspended = account.values.get("status") == "suspended"
        if account.values.get("user_state") not in (None, "approved"):
            if desired.fields.get("enabled") is True:
                desired.fields.setdefault("user_state", "approved")
            elif desired.fields.get("enabled") is False and desired.fields.get("user_state") == "approved":
                account.values["enabled"] = not suspended  # what the approval leaves of it
        locked = desired.fields.get("locked")
        if suspended and locked is not None and locked != account.values.get("locked"):
            raise InputError(
                f"{desired.name} is suspended, and {'a lock would take the place of the suspension' if locked else 'to unlock would end the suspension, too'}: "
                "a user has one status. Use onelogin_user with enabled to suspend, and to end that."
            )
        return desired

    # -- writing -------------------------------------------------------------------------------------------------

    def create(self, desired: Desired, step: Step) -> Account:
        """Create a user; version 1 takes the profile alone."""
        answer = self.connection.call("create_user", json=self._wire(step.values), subject=desired.name)
        rows = data_of(answer)
        if not rows or not isinstance(rows[0], dict) or "id" not in rows[0]:
            raise answer.unreadable("it holds no user with an id")
        return self.account(rows[0])

    def update(self, account: Account, via: str, values: dict[str, Value]) -> None:
        """Write one group of fields: the profile, the state, the status or the lock."""
        path = {"user_id": account.id}
        if via == "state":
            self._set_state(account, values["user_state"])
        elif via == "enabled":
            self._enable(account, values["enabled"])
        elif via == "lock":
            if values["locked"]:
                self.connection.call("lock_account_user", path, json={"locked_until": self.lock_minutes}, subject=account.key)
            else:
                self._set_status(account, 1)
        else:
            self.connection.call("update_user", path, json=self._wire(values), subject=account.key)

    def apply(self, step: Step, account: Account | None, desired: Desired) -> tuple[Account | None, Entries]:
        """Execute one step; a password is set by a method that is no field of the user."""
        if account is None or step.via != PASSWORD:
            return super().apply(step, account, desired)
        self.set_password(account, step.values[PASSWORD], desired.options.get("password_method") or "salted")
        return account, {}

    def _wire(self, values: dict[str, Value]) -> dict[str, Value]:
        """Return profile fields as the server takes them."""
        names = _BARE_NAMES if self.connection.bare else _V1_NAMES
        return {names.get(name, name): value for name, value in self.schema.write(values).items()}

    def _set_state(self, account: Account, state: str) -> None:
        code = next(code for code, name in STATES.items() if name == state)
        try:
            self.connection.call("set_user_state", {"user_id": account.id}, json={"state": code}, subject=account.key)
        except ApiError as error:
            if "already" not in error.answer.lower():
                raise

    def _enable(self, account: Account, enabled: bool) -> None:
        """Suspend or reactivate; an account that is blocked by its state alone needs no change of status."""
        suspended = account.values.get("status") == "suspended"
        if enabled and not suspended:
            return
        self._set_status(account, 1 if enabled else 2)

    def _set_status(self, account: Account, code: int) -> None:
        """Set the status through version 2, the only one that takes it, and check that the server did."""
        answer = self.connection.call("update_user2", {"user_id": account.id}, json={"status": code}, subject=account.key)
        rows = data_of(answer) if answer.body is not None else []
        told = rows[0].get("status") if rows and isinstance(rows[0], dict) else None
        if told is not None and str(told) != str(code):
            raise RollcallError(
                f"{account.key} should be {STATUSES[code]}; the server accepted that, and the status is {_named(STATUSES)(told)}.",
                "Change it in OneLogin's administration; a policy or a directory may decide it there.",
            )

    def set_password(self, account: Account, password: str, method: str, salt: str | None = None, validate_policy: bool = False) -> None:
        """Set a password: ``clear_text``, or ``salted``, where only the hash of salt and password travels."""
        if method == "clear_text":
            body: dict[str, Value] = {"password": password, "password_confirmation": password, "validate_policy": validate_policy}
            self.connection.call("update_password_insecure", {"user_id": account.id}, json=body, subject=account.key)
            return
        salt = salt or secrets.token_hex(20)
        digest = hashlib.sha256((salt + password).encode("utf-8")).hexdigest()
        self.connection.masker.add(digest, salt)
        body = {"password": digest, "password_confirmation": digest, "password_algorithm": "salt+sha256", "password_salt": salt}
        self.connection.call("update_password_secure", {"user_id": account.id}, json=body, subject=account.key)

    def write_facet(self, account: Account, step: Step) -> Entries:
        """Write roles as strict deltas, attributes as a merge in which an empty text clears."""
        if step.via == "attributes":
            values = {**step.add, **dict.fromkeys(step.remove, "")}
            self.connection.call("set_custom_attributes", {"user_id": account.id}, json={"custom_attributes": values}, subject=account.key)
            return {}
        self._change_roles(account, "add_roles_to_user", list(step.add))
        if not step.remove:
            return {}
        self._change_roles(account, "remove_user_role", list(step.remove))
        # Roles that a mapping or provisioning gives stay, although the call succeeds.
        left = self._role_ids(account)
        return {identity: item for identity, item in step.remove.items() if identity in left}

    def _change_roles(self, account: Account, operation: str, identities: list[str]) -> None:
        """Add or remove roles. One that a mapping has given or taken meanwhile has OneLogin refuse them all: the rest is sent again."""

        def send(chosen: list[str]) -> None:
            body = {"role_id_array": [int(identity) for identity in chosen]}
            self.connection.call(operation, {"user_id": account.id}, json=body, subject=account.key)

        if not identities:
            return
        try:
            send(identities)
        except ApiError as error:
            if error.status != 400 or "included" not in error.answer.lower():
                raise
            held = self._role_ids(account)
            adds = operation == "add_roles_to_user"
            rest = [identity for identity in identities if (identity in held) is not adds]
            if rest == identities:
                raise
            if rest:
                send(rest)

    def kept_warning(self, name: str, via: str, kept: list[str]) -> str:
        """Return the warning for roles that stayed."""
        return (
            f"{name} keeps the roles {', '.join(kept)}: a mapping or provisioning in OneLogin gives them. Change it there; "
            "until then every run tries again and reports no change."
        )

    def delete(self, account: Account) -> None:
        """Delete a user for good."""
        self.connection.call("delete_user", {"user_id": account.id}, subject=account.key)

    def cost(self, step: Step) -> int:
        """Return the calls of a step: roles are added and removed by two, and read again after a removal."""
        if step.verb == "facet" and step.via == "roles":
            return bool(step.add) + 2 * bool(step.remove)
        return 1


def _is_pattern(key: str) -> bool:
    """Return whether OneLogin's filters read a key as a pattern: ``*`` for any text, a leading ``!`` for all but that."""
    return "*" in key or key.strip().startswith("!")


def _ahead(moment: Value) -> bool:
    """Return whether a time stamp lies in the future. Unreadable ones do not."""
    if not isinstance(moment, str) or not moment:
        return False
    try:
        when = datetime.datetime.fromisoformat(moment.replace("Z", "+00:00"))
    except ValueError:
        return False
    if when.tzinfo is None:
        when = when.replace(tzinfo=datetime.timezone.utc)
    return when > datetime.datetime.now(datetime.timezone.utc)
