# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The user document: what a provider declares about its users, who is there (Account) and who should be (Desired)."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..errors import Place, Problem
from ..names import compose, fold, has_lookalikes, skeleton

UNKNOWN = None
"""The value of a normalised field that the API does not report."""
PROFILE = "profile"
"""The write group of the fields that travel in the create and update calls."""
PASSWORD = "password"

Value = t.Any
Entries = dict[str, Value]
"""A facet: for a set, comparison key -> item to show; for a map, name -> value."""


@dataclass(frozen=True)
class Field:
    """A declaration of one field of a user.

    ``wire`` is its name in the API (default: the same). ``via`` names the write group: fields of one group travel in
    one call. ``writable`` False is a field that the server keeps; ``readable`` False one that it never returns.
    ``fold`` compares without case; ``loose`` compares ids that come as numbers or texts: decimal ones by their number,
    so that ``0310003`` is ``310003``, others as texts. ``type``, ``elements`` and ``choices`` are those of the module
    option. ``required`` fields must be specified to create a user, unless ``default`` says what is then sent. ``read``
    and ``write`` convert between wire and option. ``same`` says whether two values that are set mean the same, where
    none of the rules above does. ``loses`` names the loss ("disabled", "demoted") that a change may be, as (before,
    after) -> text or None.
    """

    name: str
    type: str = "str"
    wire: str = ""
    via: str = PROFILE
    writable: bool = True
    readable: bool = True
    fold: bool = False
    loose: bool = False
    secret: bool = False
    required: bool = False
    default: Value = None
    elements: str = ""
    choices: tuple[str, ...] = ()
    read: t.Callable[[Value], Value] | None = None
    write: t.Callable[[Value], Value] | None = None
    same: t.Callable[[Value, Value], bool] | None = None
    loses: t.Callable[[Value, Value], str | None] | None = None

    @property
    def on_wire(self) -> str:
        """Return the name in the API."""
        return self.wire or self.name

    def equal(self, value: Value, other: Value) -> bool:
        """Return whether two values mean the same. None and the empty text both mean "not set"."""
        if value is None or value == "":
            return other is None or other == ""
        if other is None or other == "":
            return False
        if self.same is not None:
            return self.same(value, other)
        if self.fold and isinstance(value, str) and isinstance(other, str):
            return fold(value) == fold(other)
        if self.loose:
            return _identity(value) == _identity(other)
        return bool(value == other)


def _identity(value: Value) -> str:
    """Return the form in which ids compare: a decimal number without leading zeros, or the text without outer blanks.
    """
    text = str(value).strip()
    return (text.lstrip("0") or "0") if text.isascii() and text.isdigit() else text


@dataclass(frozen=True)
class Facet:
    """A declaration of a many-valued part of a user: attributes (a map), roles, groups, permissions (sets).

    ``loss`` says whether taking an entry away counts as a loss, ``shielded`` whether protected users are spared it in
    any case: not where the entry that goes stands for less than the one that comes. ``in_create`` says whether it
    travels in the create call. ``noun`` is one entry in messages. ``typed`` says that the values of a map have types,
    which the provider checks; otherwise they are texts.
    """

    name: str
    noun: str
    kind: str = "set"
    loss: bool = True
    in_create: bool = False
    shielded: bool = True
    typed: bool = False

    @property
    def is_map(self) -> bool:
        """Return whether entries have values."""
        return self.kind == "map"

    def show(self, entries: Entries) -> Value:
        """Return entries as results and diffs have them: a sorted list, or a mapping of the values that are set."""
        if self.is_map:
            return {name: entries[name] for name in sorted(entries) if entries[name] not in (None, "")}
        return sorted(entries.values(), key=_sort_text)


def _sort_text(item: Value) -> str:
    if isinstance(item, dict):
        return " ".join(f"{item[name]}" for name in sorted(item, reverse=True))
    return str(item)


@dataclass(frozen=True)
class Schema:
    """What a provider declares about its users (or another thing with the same life, such as service accounts).

    ``key`` is the field of the natural key. ``states`` are those of the module. ``disable_is`` says how a login is
    blocked: native, emulated or manual. ``knows_privileged`` and ``knows_caller`` say whether the API reports who is
    privileged and who is calling. ``level`` returns the level of a privileged user, None where it is unknown: the last
    one of the highest level is never lost. ``normalise`` computes enabled, privileged, last_login and mfa from field
    values. ``derive(before, after)`` adds to ``after`` what the server changes along with what is written (a status).
    ``soft_deletes`` says that a deleted user can be brought back, with the option ``restore``. ``is_gone`` says whether
    field values are those of a user who was deleted and whom the API still shows: there is nothing left to delete.
    ``extras`` are options of a user that are no fields; they reach ``Desired.options``. ``reported`` are further names
    that an info module may return for a user: they are accepted in ``users`` and ignored.
    """

    provider: str
    noun: str
    key: str
    fields: tuple[Field, ...]
    facets: tuple[Facet, ...] = ()
    states: tuple[str, ...] = ("present", "absent")
    disable_is: str = "native"
    knows_privileged: bool = False
    knows_caller: bool = False
    level: t.Callable[[t.Mapping[str, Value]], int | None] | None = None
    can_rename: bool = True
    soft_deletes: bool = False
    is_gone: t.Callable[[t.Mapping[str, Value]], bool] = lambda values: False
    normalise: t.Callable[[t.Mapping[str, Value]], dict[str, Value]] | None = None
    derive: t.Callable[[t.Mapping[str, Value], dict[str, Value]], None] | None = None
    extras: t.Mapping[str, dict[str, Value]] = field(default_factory=dict)
    reported: tuple[str, ...] = ()

    def field(self, name: str) -> Field:
        """Return a field by its option name. Raises KeyError."""
        return self.index[name]

    def facet(self, name: str) -> Facet:
        """Return a facet by its name. Raises KeyError."""
        for facet in self.facets:
            if facet.name == name:
                return facet
        raise KeyError(name)

    @property
    def index(self) -> dict[str, Field]:
        """Return the fields by name."""
        fields: dict[str, Field] | None = self.__dict__.get("_index")
        if fields is None:
            fields = {field.name: field for field in self.fields}
            object.__setattr__(self, "_index", fields)
        return fields

    def texts(self) -> frozenset[str]:
        """Return the names of fields that hold free text: neither keys nor ids, secrets, choices or names
        that compare without case."""
        return frozenset(
            declared.name
            for declared in self.fields
            if declared.type == "str"
            and not (
                declared.secret or declared.choices or declared.fold or declared.loose or declared.name == self.key
            )
        )

    def ids(self) -> frozenset[str]:
        """Return the names of fields that hold an id of something else, which an empty text clears."""
        return frozenset(declared.name for declared in self.fields if declared.loose and declared.writable)

    @property
    def order(self) -> dict[str, int]:
        """Return the write groups in the order in which they are written: that of their first fields."""
        return {declared.via: number for number, declared in reversed(list(enumerate(self.fields)))}

    def read(self, raw: t.Mapping[str, Value]) -> dict[str, Value]:
        """Return field values from a document of the API, leaving out what it does not hold."""
        values: dict[str, Value] = {}
        for declared in self.fields:
            if declared.readable and declared.on_wire in raw:
                value = raw[declared.on_wire]
                values[declared.name] = declared.read(value) if declared.read else value
        return values

    def write(self, values: t.Mapping[str, Value]) -> dict[str, Value]:
        """Return field values as the API takes them; an empty text becomes null unless the field says otherwise."""
        raw: dict[str, Value] = {}
        for name, value in values.items():
            declared = self.field(name)
            if declared.write:
                raw[declared.on_wire] = declared.write(value)
            else:
                raw[declared.on_wire] = None if value == "" else value
        return raw


@dataclass(slots=True)
class Account:
    """A user as the provider has it. ``values`` holds the readable fields, ``facets`` those that were read.

    ``raw`` is the document of the API, for providers whose update replaces: what the server said, and nothing else.
    ``details`` is what other reads about this account returned, by a name of the provider's. ``owner`` marks the owner
    of the account of the organisation, None where that is unknown; ``deleted`` a user that can be restored.
    """

    id: str
    key: str
    values: dict[str, Value]
    facets: dict[str, Entries] = field(default_factory=dict)
    raw: dict[str, Value] = field(default_factory=dict)
    owner: bool | None = False
    deleted: bool = False
    details: dict[str, Value] = field(default_factory=dict)


@dataclass(slots=True)
class DesiredFacet:
    """What should be in a facet. ``mode`` is present, absent, exact or managed; ``managed`` bounds the last.

    ``items`` are the values as specified; ``entries`` and ``bounds`` are filled once names are resolved to keys.
    """

    mode: str
    items: Value
    managed: list[Value] | None = None
    entries: Entries = field(default_factory=dict)
    bounds: Entries = field(default_factory=dict)


@dataclass(slots=True)
class Desired:
    """Who should be there. Only what is in ``fields`` and ``facets`` is looked at; the rest is left alone.

    ``index`` is the position in the task's list, None in a task for one user. ``always`` names the write-only fields
    that are sent to users who exist, too. ``may_create`` is False for tasks on a part of a user who must exist.
    ``options`` carries what only the provider understands. ``label`` is how messages call a user of a job: the person.
    """

    key: str
    id: str | None = None
    state: str = "present"
    previous: tuple[str, ...] = ()
    fields: dict[str, Value] = field(default_factory=dict)
    facets: dict[str, DesiredFacet] = field(default_factory=dict)
    always: frozenset[str] = frozenset()
    may_create: bool = True
    index: int | None = None
    options: dict[str, Value] = field(default_factory=dict)
    label: str = ""
    _place: Place | None = field(default=None, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.key = compose(self.key)
        self.id = None if self.id is None else self.id.strip()
        self.previous = tuple(map(compose, self.previous))

    @property
    def name(self) -> str:
        """Return how messages call this user."""
        return self.key or f"id {self.id}"

    @property
    def place(self) -> str:
        """Return where in the input this user stands, for messages."""
        if self.label:
            return self.label
        name = self.name
        if self.index is None:
            return name
        if self._place is None or self._place.user != name:
            self._place = Place(f"users[{self.index}] ({name})", name, self.index)
        return self._place

    def problem(self, text: str, code: str = "invalid_value", option: str = "") -> Problem:
        """Return what is wrong with this user, with the user's place before the text."""
        return Problem(text, code, self.place, option)


class Snapshot:
    """Who was found. ``complete`` says whether these are all users of the directory, ``knows_deleted`` whether the
    soft-deleted ones are among them; ``pages`` is how many were read, ``total`` the number of users that the server
    reports."""

    def __init__(
        self, accounts: t.Iterable[Account] = (), complete: bool = False, pages: int = 0, total: int | None = None
    ) -> None:
        self.pages = pages
        self.total = total
        self.accounts: list[Account] = []
        self.complete = complete
        self.knows_deleted = False
        self.by_id: dict[str, Account] = {}
        self.by_key: dict[str, list[Account]] = {}
        self.deleted: dict[str, list[Account]] = {}
        self.deleted_by_id: dict[str, Account] = {}
        self._lookalikes: dict[str, list[Account]] = {}
        for account in accounts:
            self.add(account)

    def add(self, account: Account) -> None:
        """Take an account in; one that is known already is ignored."""
        if account.deleted:
            if account.id not in self.deleted_by_id:
                self.deleted_by_id[account.id] = account
                self.deleted.setdefault(fold(account.key), []).append(account)
        elif account.id not in self.by_id:
            self.accounts.append(account)
            self.by_id[account.id] = account
            self.by_key.setdefault(fold(account.key), []).append(account)
            if has_lookalikes(account.key):
                self._lookalikes.setdefault(skeleton(account.key), []).append(account)

    def named(self, key: str) -> list[Account]:
        """Return the accounts with that natural key; more than one is ambiguous."""
        return self.by_key.get(fold(key), []) if key else []

    def similar(self, key: str) -> list[Account]:
        """Return the accounts whose names look like this one and are spelled with other characters."""
        if not key or (key.isascii() and not self._lookalikes):
            return []
        looks = skeleton(key)
        plain = self.by_key.get(looks, []) if has_lookalikes(key) else []
        return [account for account in (*plain, *self._lookalikes.get(looks, ())) if fold(account.key) != fold(key)]


def document(
    schema: Schema, account_id: str | None, values: t.Mapping[str, Value], facets: t.Mapping[str, Entries]
) -> dict[str, Value]:
    """Return a user as results show it: id, the natural key as ``user``, fields, facets and the normalised fields."""
    shown: dict[str, Value] = {"id": account_id, "user": values.get(schema.key)}
    for declared in schema.fields:
        if declared.readable and declared.name in values:
            shown[declared.name] = values[declared.name]
    for facet in schema.facets:
        if facet.name in facets:
            shown[facet.name] = facet.show(facets[facet.name])
    normal: dict[str, Value] = {"enabled": UNKNOWN, "privileged": UNKNOWN, "last_login": UNKNOWN, "mfa": UNKNOWN}
    if schema.normalise is not None:
        normal.update(schema.normalise(values))
    for name, value in normal.items():
        shown.setdefault(name, value)
    return shown
