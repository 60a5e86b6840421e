# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The memory of the jobs: which person owns which account, by its immutable id, and who was offboarded and stays
blocked.

The file is YAML or JSON with ``schema: 1`` and ``count``, the number of entries, which reveals a truncated file. A job
reads it at the start and replaces the whole file at the end, so that the old file survives a fault. An offboarding also
writes its hold before its first change, and a run of the role access reads the holds again before it writes. A damaged
file, or one of another schema, is refused and never overwritten. Concurrent runs lose no entries: a run that writes
holds a lock and merges what other runs have written since it read the file.
"""

from __future__ import annotations

import hashlib
import json
import os
import typing as t
from dataclasses import asdict, dataclass, replace

import yaml

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import agreed, counted, listed

from .files import locked, read_text, write_text
from .people import Person, names_of

SCHEMA = 1
_LOADER: t.Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""A safe loader, the one in C if PyYAML has it: it reads thousands of links in a moment. It reads every scalar as text,
so that an id such as 0123 in an edited file does not become a number, nor a time an object."""
_HEADER = (
    "# Who is who: written by the roles access, offboard and export of rollcall.identity. "
    "Keep it with the people data.\n"
)


@dataclass(frozen=True)
class Link:
    """The owner of an account: person, connection, immutable account id, last known name, and when it was
    linked (UTC)."""

    person: str
    connection: str
    account: str
    name: str = ""
    linked: str = ""


@dataclass(frozen=True)
class Hold:
    """A person who was offboarded. ``since`` is the time (UTC), ``feed`` the digest of the person's row at that
    time."""

    person: str
    since: str = ""
    feed: str = ""
    by: str = "offboard"


class Memory:
    """Links and holds. ``kept`` is False if no file is used: the run then saves nothing."""

    def __init__(
        self, links: t.Iterable[Link] = (), holds: t.Iterable[Hold] = (), kept: bool = False, source: str | None = None
    ) -> None:
        self.kept = kept
        self.source = source
        """The text of the file that was read, or None if there was no file."""
        self.holds = list(holds)
        self._shared: dict[str, tuple[str, ...]] = {}
        self._links: dict[tuple[str, str], Link] = {(link.connection, link.account): link for link in links}
        self._by_person: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self._by_name: dict[tuple[str, str], list[str]] = {}
        self._begun = dict(self._links) if source is not None else {}
        self._begun_holds = self._holds_by_person() if source is not None else {}
        for link in self._links.values():
            self._index(link)

    @property
    def changed(self) -> bool:
        """Return whether the memory differs from the file that was read."""
        return self._links != self._begun or self._holds_by_person() != self._begun_holds

    def _holds_by_person(self) -> dict[str, Hold]:
        return {hold.person: hold for hold in self.holds}

    def has_read(self, hold: Hold) -> bool:
        """Return whether the file contained a hold when this run read or wrote it."""
        return self._begun_holds.get(hold.person) == hold

    def saved(self, text: str) -> None:
        """Note that the file now contains this memory, as ``text``."""
        self.source, self._begun, self._begun_holds = text, dict(self._links), self._holds_by_person()

    def share(self, groups: t.Iterable[t.Sequence[str]]) -> None:
        """Note which connections lead to the same directory: a link in one of them is valid in the others, too."""
        self._shared = {
            name: (name, *(other for other in group if other != name)) for group in groups for name in group
        }

    def _same(self, connection: str) -> tuple[str, ...]:
        return self._shared.get(connection, (connection,))

    def absorb(self, other: Memory) -> list[Link]:
        """Merge the changes that other runs have written since this run read the file. Return the links of this run
        that contradict them.

        A change by either run is kept. If both have linked an account to different people, the link in the file is
        kept.
        """
        contradicted: list[Link] = []
        for key in dict.fromkeys([*self._begun, *other._links]):
            begun, mine, theirs = self._begun.get(key), self._links.get(key), other._links.get(key)
            if theirs in (begun, mine):
                continue
            if mine != begun and mine is not None and (theirs is None or theirs.person == mine.person):
                continue  # this run has read the account later
            if mine != begun and mine is not None:
                contradicted.append(mine)
            self._put(key, theirs)
        theirs_by_person = other._holds_by_person()
        self.holds = self._holds_with(theirs_by_person)
        self.source, self._begun, self._begun_holds = other.source, dict(other._links), theirs_by_person
        return contradicted

    def _holds_with(self, theirs: t.Mapping[str, Hold]) -> list[Hold]:
        """Return the holds of this run and of others. A hold ends if one run released it and no other renewed it."""
        mine, holds = self._holds_by_person(), []
        for person in dict.fromkeys([*mine, *theirs]):
            begun, own, other = self._begun_holds.get(person), mine.get(person), theirs.get(person)
            if own == begun or other == begun:
                hold = other if own == begun else own
            else:
                hold = max(filter(None, (own, other)), key=lambda hold: hold.since)
            holds += [hold] if hold is not None else []
        return holds

    def _put(self, key: tuple[str, str], link: Link | None) -> None:
        if link is None:
            self._links.pop(key, None)
        else:
            self._links[key] = link
            self._index(link)

    def _index(self, link: Link) -> None:
        accounts = self._by_person.setdefault((link.person, link.connection), [])
        if (link.connection, link.account) not in accounts:
            accounts.append((link.connection, link.account))
        if link.name:
            self._by_name.setdefault((link.connection, fold(link.name)), []).append(link.person)

    @property
    def links(self) -> list[Link]:
        """Return all links."""
        return list(self._links.values())

    def of(self, person: str, connection: str) -> list[Link]:
        """Return the links of a person in a connection, the oldest first."""
        keys = [key for name in self._same(connection) for key in self._by_person.get((person, name), ())]
        links = [self._links[key] for key in keys if key in self._links]
        return list({link.account: link for link in reversed(links) if link.person == person}.values())[::-1]

    def owner(self, connection: str, account: str) -> str | None:
        """Return the person to whom an account is linked, or None."""
        links = (self._links.get((name, account)) for name in self._same(connection))
        return next((link.person for link in links if link is not None), None)

    def owners(self, connection: str) -> dict[str, str]:
        """Return the people to whom the accounts of a connection are linked, by account id."""
        same = self._same(connection)
        links = sorted(self._links.values(), key=lambda link: link.connection != connection, reverse=True)
        return {link.account: link.person for link in links if link.connection in same}

    def last_named(self, connection: str, name: str) -> list[str]:
        """Return the people whose accounts last had this name."""
        return list(
            dict.fromkeys(
                person
                for name_of_connection in self._same(connection)
                for person in self._by_name.get((name_of_connection, fold(name)), ())
            )
        )

    def hold(self, person: str, email: str = "") -> Hold | None:
        """Return the hold of a person, or None. A person who was not in the feed is held by address."""
        by_address = [hold for hold in self.holds if email and "@" in hold.person and fold(hold.person) == fold(email)]
        return next((hold for hold in self.holds if hold.person == person), next(iter(by_address), None))

    def people(self) -> list[str]:
        """Return all people who have links."""
        return list(dict.fromkeys(link.person for link in self._links.values()))

    def link(self, person: str, connection: str, account: str, name: str, moment: str) -> None:
        """Remember the owner of an account. An existing link keeps its time; its name is updated."""
        old = self._links.get((connection, account))
        if old is not None and old.person == person:
            new = replace(old, name=name or old.name)
        else:
            new = Link(person, connection, account, name, moment)
        self._links[(connection, account)] = new
        self._index(new)

    def add_hold(self, hold: Hold) -> None:
        """Remember that a person was offboarded.

        A later hold replaces an earlier one, unless the feed is the same since then.
        """
        if any((earlier.person, earlier.feed) == (hold.person, hold.feed) for earlier in self.holds):
            return
        self.release({hold.person})
        self.holds.append(hold)

    def release(self, people: t.Collection[str]) -> None:
        """Forget the holds of these people."""
        self.holds = [hold for hold in self.holds if hold.person not in people]

    def text(self, as_json: bool = False) -> str:
        """Return the content of the file, in an order that does not depend on the run."""
        document: dict[str, t.Any] = {
            "schema": SCHEMA,
            "count": len(self._links) + len(self.holds),
            "links": [
                _encodable(asdict(link))
                for link in sorted(self.links, key=lambda link: (link.person, link.connection, link.account))
            ],
            "holds": [_encodable(asdict(hold)) for hold in sorted(self.holds, key=lambda hold: hold.person)],
        }
        if as_json:
            return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        lines = [_HEADER + "---", f"schema: {SCHEMA}", f"count: {document['count']}"]
        for name in ("links", "holds"):
            # One line per entry, for version control. JSON is YAML, too.
            lines += (
                [f"{name}:", *(f"  - {_line(entry)}" for entry in document[name])]
                if document[name]
                else [f"{name}: []"]
            )
        return "\n".join(lines) + "\n"


_FACTS = ("id", "kind", "status", "start", "end")
"""The fields of a row that count as a change, in addition to names, address and entitlements: identity, and when the
person is there."""


def _encodable(entry: dict[str, str]) -> dict[str, str]:
    """Return an entry without lone surrogates, which an answer may contain but a file cannot."""
    return {name: value.encode("utf-8", "replace").decode() for name, value in entry.items()}


def _line(entry: dict[str, t.Any]) -> str:
    """Return an entry as JSON on one line, with characters escaped that YAML cannot read."""
    text = json.dumps(entry, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(entry)


def row_digest(person: Person) -> str:
    """Return the SHA-256 of a person's data in the feed. It changes if HR changes the data.

    Further columns do not count, because exports have some that change every night. Entitlements from rules do not
    count, nor does another spelling of the same data: the order of a list, letter case, or where a name is split.
    """
    own = sorted(
        {(granted.name, granted.until, granted.ticket) for granted in person.entitlements if not granted.ruled}
    )
    data = {
        **{name: getattr(person, name) for name in _FACTS},
        "entitlements": own,
        "email": fold(person.email),
        "name": fold(" ".join(names_of(person))),
    }
    return hashlib.sha256(
        json.dumps(data, sort_keys=True, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")
    ).hexdigest()


def read_links(path: str, option: str) -> Memory:
    """Return the memory in a file. It is empty if the file does not exist or there is no path.

    Raises InputError (bad_links) for a damaged file or one of another schema. ``option`` is the name of the option in
    messages.
    """
    if not path:
        return Memory()
    text = read_text(path, option)
    if text is None:
        return Memory(kept=True)
    try:
        plain = text.lstrip("\ufeff")
        document = json.loads(plain) if path.lower().endswith(".json") else yaml.load(plain, Loader=_LOADER)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise _bad(path, option, _illegible(error)) from None
    if not isinstance(document, dict) or "schema" not in document:
        raise _bad(path, option, "it is not a mapping with schema, links and holds")
    if str(document["schema"]) != str(SCHEMA):
        raise _bad(path, option, f"its schema is {document['schema']!r}, and this version reads schema {SCHEMA}")
    links = _entries(document, "links", Link, ("person", "connection", "account"), path, option)
    holds = _entries(document, "holds", Hold, ("person",), path, option)
    if str(document.get("count", len(links) + len(holds))) != str(len(links) + len(holds)):
        reason = (
            f"its count is {document['count']!r} and it contains {counted(len(links) + len(holds), 'entry')}: "
            "it was truncated, or edited (if it was edited, remove count)"
        )
        raise _bad(path, option, reason)
    seen: dict[tuple[str, str], str] = {}
    for link in links:
        other = seen.setdefault((link.connection, link.account), link.person)
        if other != link.person:
            raise _bad(
                path, option, f"account {link.account} of {link.connection} is linked to {other} and to {link.person}"
            )
    return Memory(links, holds, kept=True, source=text)


_Kind = t.TypeVar("_Kind", Link, Hold)


def _entries(
    document: dict[str, t.Any], name: str, kind: type[_Kind], required: tuple[str, ...], path: str, option: str
) -> list[_Kind]:
    """Return the entries of one list of the file."""
    rows = document.get(name)
    if not isinstance(rows, list):
        raise _bad(path, option, f"{name} is not a list")
    entries: list[_Kind] = []
    known = set(kind.__dataclass_fields__)
    for number, row in enumerate(rows):
        if not isinstance(row, dict) or not all(row.get(part) not in (None, "") for part in required):
            raise _bad(path, option, f"{name}[{number}] is not a mapping with {', '.join(required)}")
        unknown = sorted(str(key) for key in set(row) - known)
        if unknown:
            keys = f"{agreed(len(unknown), 'key')} {', '.join(unknown)}"
            raise _bad(path, option, f"{name}[{number}] has the unknown {keys}")
        if not all(isinstance(value, (str, int)) and not isinstance(value, bool) for value in row.values()):
            raise _bad(path, option, f"{name}[{number}] contains something other than text")
        entries.append(kind(**{part: str(value) for part, value in row.items()}))
    return entries


def _illegible(error: Exception) -> str:
    """Return why a file cannot be parsed, with the line."""
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno} is not valid JSON: {error.msg}"
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1} is not valid YAML: {error.problem or error.context}"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return "it contains a character that YAML does not allow"


def _bad(path: str, option: str, reason: str) -> InputError:
    return InputError(
        Problem(f"{option}: {path} is not used: {reason}.", "bad_links", option=option),
        "It was left unchanged. Restore the file from your version control, or specify another path.",
    )


def newer_holds(memory: Memory, path: str, option: str) -> list[Hold]:
    """Return the holds that other runs have written since this run read the file. Raises InputError, as ``read_links``
    does."""
    text = read_text(path, option) if memory.kept else None
    if text is None or text == memory.source:
        return []
    return [hold for hold in read_links(path, option).holds if not memory.has_read(hold)]


def write_links(memory: Memory, path: str, aside: bool = True, option: str = "identity_links") -> bool:
    """Replace the file if it is missing or this run has changes, and return whether it was replaced. Changes by other
    runs are kept.

    Raises InputError if the file cannot be written, or if another run has linked an account to another person. The
    file is then intact, and with ``aside``, the memory of this run is in a file beside it. ``option`` is the name of
    the option in messages.
    """
    try:
        with locked(path):
            current, contradicted = read_text(path, option), []
            if current is not None and current != memory.source:
                contradicted = memory.absorb(read_links(path, option))
            changed = current is None or memory.changed
            if changed:
                text = memory.text(path.lower().endswith(".json"))
                write_text(path, text)
                memory.saved(text)
    except InputError as error:
        if memory.changed and aside:
            error.hint = f"{error.hint} {_put_aside(memory, path, _LACKING)}".strip()
        raise
    if contradicted:
        raise _contradiction(memory, contradicted, path, option)
    return changed


_LACKING = "The new links are in {beside}. Add those that {path} lacks; then delete {beside}."
_DECIDE = (
    "The new links are in {beside}. For each account above, decide who owns it and correct its link in {path}; then "
    "delete {beside}."
)


def _contradiction(memory: Memory, contradicted: t.Sequence[Link], path: str, option: str) -> InputError:
    """Return the error about accounts that two runs have linked to different people."""
    accounts = [
        f"account {link.account} of {link.connection} to {memory.owner(link.connection, link.account)}, and this run "
        f"to {link.person}"
        for link in contradicted
    ]
    number = len(accounts)
    text = f"Another run has linked {counted(number, 'account')} to other people: {listed(accounts)}."
    these = f"{agreed(number, 'this')} {agreed(number, 'account')}"
    mine = Memory([*memory.links, *contradicted], memory.holds)
    return InputError(
        Problem(text, "links_conflict", option=option),
        f"{path} keeps the links of the other run for {these}, and all other links of both runs. "
        f"{_put_aside(mine, path, _DECIDE)}",
    )


def _put_aside(memory: Memory, path: str, advice: str) -> str:
    """Save the memory of a run beside the file that does not contain it. Return advice for the user."""
    stem, end = os.path.splitext(path)
    number = 1
    while os.path.lexists(beside := f"{stem}.unmerged{'' if number == 1 else f'-{number}'}{end}"):
        number += 1
    try:
        write_text(beside, memory.text(path.lower().endswith(".json")))
    except InputError:
        return "The new links are only in the result (links): save them before the next run."
    return advice.format(beside=beside, path=path)
