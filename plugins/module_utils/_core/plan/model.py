# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The model of users: their declaration by a provider (Schema), actual users (Account) and desired users (Desired)."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass, field, replace

from ..errors import Place, Problem
from ..names import compose, fold, has_lookalikes, skeleton

UNKNOWN = None
"""The value of a normalised field that the API does not report."""
PROFILE = "profile"
"""The write group of the fields that are sent in the create and update calls."""
PASSWORD = "password"

Value = t.Any
Entries = dict[str, Value]
"""A facet: for a set, comparison key -> item to show; for a map, name -> value."""


@dataclass(frozen=True)
class Field:
    """A declaration of one field of a user.

    ``wire`` is its name in the API (default: the same). ``via`` names the write group: the fields of a group are sent
    in one call. If ``writable`` is False, only the server sets the field; if ``readable`` is False, the server never
    returns it. ``fold`` compares without case. ``loose`` compares ids that can be numbers or texts: decimal ids by
    their number, so that ``0310003`` equals ``310003``, others as texts. ``type`` and ``choices`` are
    those of the module option. ``required`` fields must be specified to create a user, unless they have a ``default``,
    which is then sent. ``address`` fields are e-mail addresses. ``read`` and ``write`` convert between API and option.
    ``same(value, other)`` replaces these comparisons for values that are set. ``loses(before, after)`` returns the loss
    that a change causes, such as "disabled" or "demoted", or None.
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
    address: bool = False
    default: Value = None
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
    """Return the form in which ids compare: a decimal number without leading zeros, or text without outer blanks."""
    text = str(value).strip()
    return (text.lstrip("0") or "0") if text.isascii() and text.isdigit() else text


@dataclass(frozen=True)
class Facet:
    """A declaration of a many-valued part of a user: attributes (a map), roles, groups, permissions (sets).

    If ``loss`` is set, the removal of an entry counts as a loss. Otherwise, if ``shielded`` is set, it is refused for
    protected users only. Neither is set if the removed entry grants less than the added one. If ``in_create`` is set,
    the create call contains the facet. ``noun`` is the name of one entry in messages. If ``typed`` is set, the values
    of a map have types, which the provider checks; otherwise they are texts.
    """

    name: str
    noun: str
    kind: str = "set"
    loss: bool = True
    in_create: bool = False
    shielded: bool = True
    typed: bool = False

    @functools.cached_property
    def is_map(self) -> bool:
        """Whether entries have values."""
        return self.kind == "map"

    @functools.cached_property
    def state_option(self) -> str:
        """The name of the option with the mode, such as ``exact``."""
        return f"{self.name}_state"

    @functools.cached_property
    def managed_option(self) -> str:
        """The name of the option with the entries that a task manages."""
        return f"managed_{self.name}"

    @property
    def empty(self) -> str:
        """Return the words for a value of the option without entries."""
        return "an empty mapping ({})" if self.is_map else "an empty list ([])"

    def show(self, entries: Entries) -> Value:
        """Return entries as results and diffs show them: a sorted list, or a mapping of the values that are set."""
        if self.is_map:
            return {name: entries[name] for name in sorted(entries) if entries[name] not in (None, "")}
        return sorted(entries.values(), key=_sort_text)


def _sort_text(item: Value) -> str:
    if isinstance(item, dict):
        return " ".join(f"{item[name]}" for name in sorted(item, reverse=True))
    return str(item)


NORMALISED = ("enabled", "privileged", "last_login", "mfa")
"""The fields that every user in a result has, with the same meaning for all providers."""


def _fields_of_normal_names(values: t.Mapping[str, Value]) -> dict[str, Value]:
    """Return the normalised fields of a provider whose own fields have the same names and meanings."""
    return {name: values[name] for name in NORMALISED if name in values}


@dataclass(frozen=True)
class Schema:
    """What a provider declares about its users (or about objects with the same life cycle, such as service accounts).

    ``product`` is the provider's name in messages. ``key`` is the field of the natural key; ``key_option`` and
    ``id_option`` are the module's names for the natural key and the id. ``states`` are those of the module.
    ``disable_is`` is how a login is blocked: native, emulated or manual. ``knows_privileged`` and ``knows_caller`` are
    True if the API reports which users are privileged, and which user is calling. ``level`` returns the level of a
    privileged user, None if it is unknown: guards keep the last user of the highest level. ``normalise`` computes
    enabled, privileged, last_login and mfa from field values. ``derive(before, after)`` adds to ``after`` what the
    server changes together with a write, such as a status. With ``soft_deletes``, the option ``restore`` restores a
    deleted user. ``is_gone`` returns whether field values are those of a deleted user that the API still shows: there
    is nothing left to delete. ``extras`` are options of a user that are not fields; they are copied to
    ``Desired.options``. ``reported`` are further names that an info module may return for a user: ``users`` accepts and
    ignores them.
    """

    provider: str
    noun: str
    key: str
    fields: tuple[Field, ...]
    facets: tuple[Facet, ...] = ()
    product: str = ""
    key_option: str = "user"
    id_option: str = "id"
    states: tuple[str, ...] = ("present", "absent")
    disable_is: str = "native"
    knows_privileged: bool = False
    knows_caller: bool = False
    level: t.Callable[[t.Mapping[str, Value]], int | None] | None = None
    can_rename: bool = True
    soft_deletes: bool = False
    is_gone: t.Callable[[t.Mapping[str, Value]], bool] = lambda values: False
    normalise: t.Callable[[t.Mapping[str, Value]], dict[str, Value]] = _fields_of_normal_names
    derive: t.Callable[[t.Mapping[str, Value], dict[str, Value]], None] | None = None
    extras: t.Mapping[str, dict[str, Value]] = field(default_factory=dict)
    reported: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Return the provider's name in messages."""
        return self.product or self.provider

    @property
    def the_id(self) -> str:
        """Return the words for the option with the id in messages."""
        return "the id" if self.id_option == "id" else self.id_option

    def field(self, name: str) -> Field:
        """Return a field by its option name. Raises KeyError."""
        return self.index[name]

    def facet(self, name: str) -> Facet:
        """Return a facet by its name. Raises KeyError."""
        for facet in self.facets:
            if facet.name == name:
                return facet
        raise KeyError(name)

    @functools.cached_property
    def index(self) -> dict[str, Field]:
        """The fields by name."""
        return {field.name: field for field in self.fields}

    @functools.cached_property
    def writable(self) -> tuple[Field, ...]:
        """The fields that tasks can set."""
        return tuple(field for field in self.fields if field.writable)

    def texts(self) -> frozenset[str]:
        """Return the names of free-text fields: neither keys nor ids, secrets, choices or names that compare without
        case."""
        return frozenset(
            declared.name
            for declared in self.fields
            if declared.type == "str"
            and not (
                declared.secret or declared.choices or declared.fold or declared.loose or declared.name == self.key
            )
        )

    def ids(self) -> frozenset[str]:
        """Return the names of fields that contain the id of another object, which an empty text clears."""
        return frozenset(declared.name for declared in self.fields if declared.loose and declared.writable)

    @property
    def order(self) -> dict[str, int]:
        """Return write group -> position in the order of writes, which is the order of the groups' first fields."""
        return {declared.via: number for number, declared in reversed(list(enumerate(self.fields)))}

    def read(self, raw: t.Mapping[str, Value]) -> dict[str, Value]:
        """Return the field values that a document of the API contains."""
        values: dict[str, Value] = {}
        for name, wire, read in self._readable:
            if wire in raw:
                values[name] = raw[wire] if read is None else read(raw[wire])
        return values

    @functools.cached_property
    def _readable(self) -> tuple[tuple[str, str, t.Callable[[Value], Value] | None], ...]:
        """The readable fields: name, name in the API, and conversion. A list reads them for each of its rows."""
        return tuple((declared.name, declared.on_wire, declared.read) for declared in self.fields if declared.readable)

    def write(self, values: t.Mapping[str, Value]) -> dict[str, Value]:
        """Return field values as the API expects them. An empty text becomes null unless the field has a ``write``."""
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
    """A user as the provider reports it. ``values`` has the readable fields, ``facets`` the facets that were read.

    ``raw`` is the unchanged document of the API, for providers whose update replaces the whole document. ``details``
    has the results of other reads of this account, under names that the provider chooses. ``owner`` marks the owner of
    the organisation's account, None if that is unknown. ``deleted`` marks a user that can be restored.
    """

    id: str
    key: str
    values: dict[str, Value]
    facets: dict[str, Entries] = field(default_factory=dict)
    raw: dict[str, Value] = field(default_factory=dict)
    owner: bool | None = False
    deleted: bool = False
    details: dict[str, Value] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the name of this user in messages."""
        return self.key or f"id {self.id}"

    def copy(self) -> Account:
        """Return a copy whose values, facets and details can be changed."""
        return replace(self, values=dict(self.values), facets=dict(self.facets), details=dict(self.details))


@dataclass(slots=True)
class DesiredFacet:
    """The desired entries of a facet. ``mode`` is present, absent, exact or managed; ``managed`` bounds the last mode.

    ``items`` are the values as specified. Resolving names to keys sets ``entries`` and ``bounds``. ``names`` are the
    items that the option ``names`` contains.
    """

    mode: str
    items: Value
    managed: list[Value] | None = None
    entries: Entries = field(default_factory=dict)
    bounds: Entries = field(default_factory=dict)
    names: tuple[str, ...] = ()

    def option_of(self, facet: str, name: str) -> str:
        """Return the option of a map that contains a name: ``names``, ``<facet>.<name>`` or ``managed_<facet>``."""
        if name in self.names:
            return "names"
        return f"{facet}.{name}" if name in (self.items or ()) else f"managed_{facet}"


@dataclass(slots=True)
class Desired:
    """A desired user. Only ``fields`` and ``facets`` are compared; the rest of the account stays unchanged.

    ``index`` is the position in the task's list, None in a task for one user. ``always`` names the write-only fields
    that are also sent for existing users. ``may_create`` is False for tasks on a part of a user that must exist.
    ``options`` are provider-specific. ``label`` is the name in messages for a user of a job: the person.
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
        if self.previous:
            self.previous = tuple(map(compose, self.previous))

    @property
    def name(self) -> str:
        """Return the name of this user in messages."""
        return self.key or f"id {self.id}"

    @property
    def place(self) -> str:
        """Return the position of this user in the input, for messages."""
        if self.label:
            return self.label
        name = self.name
        if self.index is None:
            return name
        if self._place is None or self._place.user != name:
            self._place = Place(f"users[{self.index}] ({name})", name, self.index)
        return self._place

    def problem(self, text: str, code: str = "invalid_value", option: str = "") -> Problem:
        """Return a problem of this user, with the user's place before the text."""
        return Problem(text, code, self.place, option)


class Snapshot:
    """The accounts that were read.

    ``complete`` is True if these are all users of the directory, ``knows_deleted`` if they include the soft-deleted
    ones. ``pages`` is the number of pages that were read, ``total`` the number of users that the server reports.
    """

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
        """Add an account. Ignore one whose id is known already."""
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
        """Return the accounts with this natural key. More than one is ambiguous."""
        return self.by_key.get(fold(key), []) if key else []

    def similar(self, key: str) -> list[Account]:
        """Return the accounts whose names look like this one but consist of other characters."""
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
    for name, value in {**dict.fromkeys(NORMALISED, UNKNOWN), **schema.normalise(values)}.items():
        shown.setdefault(name, value)
    return shown
