# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents: YAML, JSON, and the list of a playbook. Nested mappings become columns such as ``profile.firstName``."""

from __future__ import annotations

import json
import re
import typing as t

import yaml

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Problem

from .model import ACCOUNTS, ATTRIBUTES, FIELDS, LISTS, Row, Scalar, Table, Unreadable
from .text import key, shown, unknown_key

_LISTS = ("identitypeople", "people", "employees", "workers", "users", "value", "data", "reportentry")
"""Keys under which systems put the list of people, in the form of ``key``. The first that exists counts."""
_DEEPEST = 5
"""The number of levels of mappings that become columns."""
_LOADER: t.Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "timestamp", "value")} | {
    "!unsafe"
}
_TYPED = {f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool")}
_NULL, _MERGE = "tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"


class Entry(t.NamedTuple):
    """An element of the list of people: its place, its value, and the problems of its structure."""

    place: str
    value: t.Any
    problems: tuple[Problem, ...] = ()


def table(entries: t.Iterable[Entry]) -> Table:
    """Return the entries as a table whose headings are their keys."""
    headings: dict[str, int] = {}
    flat: list[tuple[Entry, dict[str, t.Any], tuple[Problem, ...]]] = []
    for entry in entries:
        cells: dict[str, t.Any] = {}
        problems = entry.problems
        if isinstance(entry.value, dict):
            _flatten(entry.value, "", 0, cells)
        else:
            problems += (
                Problem(
                    f"a person must be a mapping, such as {{id: E1}}, not {shown(entry.value)}.",
                    "bad_row",
                    entry.place,
                ),
            )
        for heading in cells:
            headings.setdefault(heading, len(headings))
        flat.append((entry, cells, problems))
    names = list(headings)
    return Table(
        names, [Row(entry.place, [cells.get(name) for name in names], problems) for entry, cells, problems in flat]
    )


def _flatten(mapping: dict[t.Any, t.Any], prefix: str, depth: int, cells: dict[str, t.Any]) -> None:
    for name, value in mapping.items():
        heading = f"{prefix}{name}"
        own = key(heading) if depth == 0 else ""
        if own in map(key, LISTS) or not isinstance(value, dict) or depth >= _DEEPEST:
            cells[heading] = value
        elif own == "accounts":
            cells.update({f"{ACCOUNTS}{connection}": about for connection, about in value.items()})
        else:
            _flatten(value, ATTRIBUTES if own == "attributes" else f"{heading}.", depth + 1, cells)


def _choose(lists: t.Mapping[str, t.Any], file: str) -> str:
    """Return the key of the list of people in a document that is a mapping. Raises Unreadable."""
    known = {key(name): name for name in lists}
    for name in _LISTS:
        if name in known:
            return known[name]
    if len(lists) == 1:
        name = next(iter(lists))
        if name.startswith("identity_"):  # another variable, or a misspelt one
            text = f"there is no list of people, only {name}. Rename the key to identity_people if it contains people."
            raise Unreadable(text, place=file)
        return name
    raise _no_list(file, f" It has {len(lists)} lists: {', '.join(lists)}." if lists else "")


def _no_list(file: str, several: str = "") -> Unreadable:
    return Unreadable(
        f"there is no list of people.{several} The file must be a list, or a mapping with identity_people.", place=file
    )


# JSON


class _Repeated(dict[str, t.Any]):
    """A JSON object in which a key occurs twice. Its value is unknown."""

    key = ""


def _object(pairs: list[tuple[str, t.Any]]) -> dict[str, t.Any]:
    mapping = dict(pairs)
    if len(mapping) == len(pairs):
        return mapping
    repeated = _Repeated(mapping)
    names = [name for name, _value in pairs]
    repeated.key = next(name for name in names if names.count(name) > 1)
    repeated.update((name, None) for name in names if names.count(name) > 1)
    return repeated


def _no_number(text: str) -> t.Any:
    raise ValueError(f"{text} is not a JSON number")


_SURPLUS = "something follows the end of the document"
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_number)
_SPACE = re.compile(r"[ \t\r\n]*")


def read_json(text: str, file: str) -> Table:
    """Return the table of a JSON text. Raises Unreadable."""
    try:
        return table(_json_entries(text, file))
    except json.JSONDecodeError as error:
        advice = "Correct this line, or export the file again if it is truncated."
        advice = "Write all people into one list." if error.msg == _SURPLUS else advice
        line = min(error.lineno, last_line(text))
        raise Unreadable(f"the JSON cannot be read: {error.msg}. {advice}", place=f"{file} line {line}") from None
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Unreadable(f"the JSON cannot be read: {reason}. Correct the file.", place=file) from None


def _json_entries(text: str, file: str) -> t.Iterator[Entry]:
    start = _skip(text, 0)
    document, end = _DECODER.raw_decode(text, start)
    surplus = _skip(text, end)
    if surplus != len(text):
        raise json.JSONDecodeError(_SURPLUS, text, surplus)
    if isinstance(document, _Repeated):
        raise Unreadable(f"the key {shown(document.key)} occurs twice. Keep one of them.", "duplicate_key", file)
    if isinstance(document, dict):
        name = _choose({name: value for name, value in document.items() if isinstance(value, list)}, file)
        start = _start_of(text, start, name)
    elif not isinstance(document, list):
        raise _no_list(file)
    position, line = start, 1 + text.count("\n", 0, start)
    position = _skip(text, position + 1)
    while text[position] != "]":
        line += text.count("\n", start, position)
        start = position
        value, position = _DECODER.raw_decode(text, position)
        place = f"{file} line {line}"
        yield Entry(place, value, tuple(_repeated(value, place)))
        position = _skip(text, position)
        if text[position] == ",":
            position = _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _start_of(text: str, position: int, marker: str) -> int:
    """Return where the value of a key of the outermost object begins. The text must be valid JSON."""
    position = _skip(text, position + 1)
    while True:
        name, position = _DECODER.raw_decode(text, position)
        position = _skip(text, _skip(text, position) + 1)
        if name == marker:
            return position
        _value, position = _DECODER.raw_decode(text, position)
        position = _skip(text, _skip(text, position) + 1)


def _repeated(value: t.Any, place: str) -> t.Iterator[Problem]:
    if isinstance(value, _Repeated):
        yield Problem(f"the key {shown(value.key)} occurs twice. Keep one of them.", "duplicate_key", place)
    if isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            if isinstance(part, (dict, list)):
                yield from _repeated(part, place)


# YAML


def read_yaml(text: str, file: str) -> Table:
    """Return the table of a YAML text. Scalars keep their spelling: ``0100`` is not a number. Raises Unreadable."""
    try:
        root = yaml.compose(text, Loader=_LOADER)
        return table(_yaml_entries(root, file))
    except yaml.MarkedYAMLError as error:
        line, reason = yaml_fault(error, text)
        place = f"{file} line {line}" if line else file
        raise Unreadable(f"the YAML cannot be read: {reason}", place=place) from None
    except yaml.YAMLError:
        raise Unreadable(
            "the YAML cannot be read: it contains a character that YAML does not allow. Remove it.", place=file
        ) from None
    except RecursionError:
        raise Unreadable("the YAML cannot be read: it is nested too deeply. Correct the file.", place=file) from None


def last_line(text: str) -> int:
    """Return the number of the last line of a text that is not blank."""
    return text.rstrip().count("\n") + 1


def yaml_fault(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str]:
    """Return the line of a YAML error, or 0 if it is unknown, and sentences about what is wrong and what to do.

    The parser may notice an open quotation mark or bracket only at the end of the text, so the sentences say where the
    open item begins.
    """
    last = last_line(text)
    mark, begin = error.problem_mark or error.context_mark, error.context_mark
    line = min(mark.line + 1, last) if mark else 0
    reason = error.problem or error.context
    if begin is None or begin.line + 1 >= line:
        return line, f"{reason}. Correct this line."
    return line, f"{reason}, in the item that begins in line {begin.line + 1}. Correct the item."


def _yaml_entries(root: yaml.Node | None, file: str) -> t.Iterator[Entry]:
    if root is None:
        raise Unreadable("the file is empty. Export the people again.", place=file)
    elements = root
    if isinstance(root, yaml.MappingNode):
        names = [str(name.value) for name, _value in root.value]
        twice = next((name for name in names if names.count(name) > 1), "")
        if twice:
            line = [name.start_mark.line + 1 for name, _value in root.value if name.value == twice][1]
            text = f"the key {shown(twice)} occurs twice. Keep one of them."
            raise Unreadable(text, "duplicate_key", f"{file} line {line}")
        lists = {str(name.value): value for name, value in root.value if isinstance(value, yaml.SequenceNode)}
        elements = lists[_choose(lists, file)]
    if not isinstance(elements, yaml.SequenceNode):
        raise _no_list(file)
    for node in elements.value:
        converter = _Converter(file)
        value = converter.value(node)
        yield Entry(f"{file} line {node.start_mark.line + 1}", value, tuple(converter.problems))


class _Converter:
    """Converts the nodes of one person to plain values, and reports values that are certainly mistakes."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._known: dict[int, t.Any] = {}

    def value(self, node: yaml.Node) -> t.Any:
        """Return the value of a node. A node that is also used by an alias is converted once; a reference to itself is
        null."""
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) not in self._known:
            self._known[id(node)] = None
            if isinstance(node, yaml.MappingNode):
                self._known[id(node)] = self._mapping(node)
            else:
                self._known[id(node)] = [self.value(item) for item in node.value]
        return self._known[id(node)]

    def _scalar(self, node: yaml.ScalarNode) -> t.Any:
        if node.tag == _NULL:
            return None
        if node.tag not in _PLAIN_TAGS:
            advice = "Replace it with the decrypted value." if node.tag == "!vault" else "Remove the tag."
            self._problem(node, f"{node.tag} cannot be used in a file of people. {advice}", "invalid_value")
            return None
        return Scalar(str(node.value), node.tag) if node.tag in _TYPED else str(node.value)

    def _mapping(self, node: yaml.MappingNode) -> dict[str, t.Any]:
        mapping: dict[str, t.Any] = {}
        merged: dict[str, t.Any] = {}
        for name, value in node.value:
            if name.tag == _MERGE:
                parts = self.value(value)
                for part in parts if isinstance(parts, list) else [parts]:
                    merged = {**(part if isinstance(part, dict) else {}), **merged}
            elif not isinstance(name, yaml.ScalarNode):
                self._problem(name, "a key must be text. Quote it.", "invalid_value")
            elif name.value in mapping:
                self._problem(name, f"the key {shown(name.value)} occurs twice. Keep one of them.", "duplicate_key")
                mapping[name.value] = None  # the value is unknown
            else:
                mapping[str(name.value)] = self.value(value)
        return {**merged, **mapping}

    def _problem(self, node: yaml.Node, text: str, code: str) -> None:
        self.problems.append(Problem(text, code, f"{self.file} line {node.start_mark.line + 1}"))


# The list of a playbook


def read_list(people: t.Sequence[t.Any], name: str) -> Table:
    """Return the table of a list of mappings. Unlike a file, the list may not contain unknown keys."""
    entries = []
    for number, person in enumerate(people):
        place = f"{name}[{number}]"
        entries.append(Entry(place, person, tuple(_unknown_keys(person, place))))
    return table(entries)


_OWN_KEYS = (*FIELDS, "accounts", "attributes")


def _unknown_keys(person: t.Any, place: str) -> t.Iterator[Problem]:
    known = set(map(key, _OWN_KEYS))
    for name in person if isinstance(person, dict) else ():
        text = str(name)
        if key(text) not in known and not text.startswith((ACCOUNTS, ATTRIBUTES)):
            yield Problem(
                f"{unknown_key(text, _OWN_KEYS)} Put other data under attributes.",
                "unknown_key",
                place,
            )
