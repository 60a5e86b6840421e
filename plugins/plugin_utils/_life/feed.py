# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""People from a file: YAML, JSON or CSV."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import typing as t

import yaml

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain

from .people import Person
from .schema import PERSON
from .validate import near


class _Loader(yaml.SafeLoader):
    """Takes a text that is marked as no template, as an export marks it, for the text that it is."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(t.cast("yaml.ScalarNode", node)))
_LISTS = {name for name, about in PERSON["properties"].items() if about.get("type") == "array"}
_COLUMNS = [name for name in PERSON["properties"] if name != "accounts"]
_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
_MOST = 20
"""So many mistakes of a file are told: a file that is wrong in all lines has one cause."""


def read_people(text: str, path: str) -> list[Person]:
    """Return the people of a file: those of ``identity_people``, or the whole document.

    Raises ValueError with what is wrong, a sentence in each line.
    """
    text = text.removeprefix("\ufeff")
    foreign = sorted({_line(text, found.start()) for found in re.finditer("[\ud800-\udfff]", text)})
    if foreign:
        lines = f"line{'s' * (len(foreign) > 1)} {', '.join(map(str, foreign[:_MOST]))}{' and others' * (len(foreign) > _MOST)}"
        raise ValueError(f"{path} is no UTF-8 text: {lines}. Save it as UTF-8; Excel calls that CSV UTF-8.")
    if path.lower().endswith(".csv"):
        return read_csv(text)
    try:
        # The loader is a safe one with one more tag.
        found = plain(json.loads(text) if path.lower().endswith(".json") else yaml.load(text, Loader=_Loader))
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"{path} cannot be read: {error}. It is to be YAML, or JSON or CSV by the end of its name.") from None
    people = found.get("identity_people") if isinstance(found, dict) else found
    if not isinstance(people, list):
        raise ValueError(f"{path} holds no list of people, by itself or as identity_people.")
    return people


def _line(text: str, position: int) -> int:
    return len(re.findall("\r\n|\r|\n", text[:position])) + 1


def read_csv(text: str) -> list[Person]:
    """Return the people of a CSV file with a heading; empty cells are left out.

    Cells are separated by commas, semicolons or tabs, as those of the heading are. Lists are separated by semicolons. An entitlement may end
    with ``until=2026-12-31`` and ``ticket=R-1``. A column ``accounts.<connection>`` is the name of the account there. Raises ValueError for
    columns and cells that nobody could mean, with a sentence for each in a line of its own.
    """
    text = text.removeprefix("\ufeff")
    separator, last = _separator(text), _line(text, len(text))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    people: list[Person] = []
    wrong: list[str] = []
    try:
        heading = [name.strip() for name in next(rows, [])]
        wrong += _heading_problems(heading)
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if separator == "\t" and rows.line_num == last:
                row += [""] * (len(heading) - len(row))  # tabs at the end of a text are lost where its blanks are
            if len(row) != len(heading):
                quotes = f" Put a cell that holds a {_SEPARATORS[separator]} into quotes." if len(row) > len(heading) else ""
                wrong.append(f"Line {rows.line_num} of the CSV file has {len(row)} cells, and its heading has {len(heading)}.{quotes}")
                continue
            cells = {name: cell.strip() for name, cell in zip(heading, row, strict=True) if cell.strip()}
            people.append(_person(cells, rows.line_num, wrong))
    except csv.Error as error:
        wrong.append(f"Line {rows.line_num} of the CSV file cannot be read: {error}.")
    if wrong:
        more = [f"The CSV file has {len(wrong) - _MOST} more mistakes of such kinds."] if len(wrong) > _MOST else []
        raise ValueError("\n".join([*wrong[:_MOST], *more]))
    return people


def _separator(text: str) -> str:
    """Return what separates the cells: the name of a column has none of the three."""
    heading = re.split("[\r\n]", text, maxsplit=1)[0]
    return max(_SEPARATORS, key=heading.count)  # the comma, where there is none


def _heading_problems(heading: t.Sequence[str]) -> list[str]:
    found = []
    for name in dict.fromkeys(heading):
        if name in ("accounts", "accounts."):
            found.append(f"{name} is to be accounts.<connection>")
        elif not name:
            found.append("a column has no name")
        elif name not in _COLUMNS and not name.startswith("accounts."):
            found.append(f"{name} is unknown; {near(name, _COLUMNS)}")
        if name and heading.count(name) > 1:
            found.append(f"{name} is there {heading.count(name)} times")
    if heading and not found:
        return []
    about = f"{', '.join(heading)}: {'; '.join(found)}" if heading else "missing"
    return [f"The heading of the CSV file is {about}. Columns are {', '.join(_COLUMNS)} and accounts.<connection>, each once."]


def _person(cells: dict[str, str], line: int, wrong: list[str]) -> Person:
    person: Person = {}
    for name, cell in cells.items():
        if name.startswith("accounts."):
            person.setdefault("accounts", {})[name.removeprefix("accounts.")] = {"user": cell}
        elif name in _LISTS:
            items = [item.strip() for item in cell.split(";") if item.strip()]
            person[name] = [_entitlement(item, line, wrong) for item in items] if name == "entitlements" else items
        else:
            person[name] = cell
    return person


def _entitlement(text: str, line: int, wrong: list[str]) -> t.Any:
    name, *more = text.split()
    pairs = [part.partition("=") for part in more]
    if any(key not in ("until", "ticket") or not value for key, _sign, value in pairs):
        wrong.append(f"Line {line} of the CSV file: entitlement {text!r} is to be a name, perhaps with until=2026-12-31 and ticket=R-1.")
    return {"name": name, **{key: value for key, _sign, value in pairs}} if pairs else name


_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def feed_problems(people: t.Any, least: int, max_age: str, changed: float | None, told: str, now: float) -> list[str]:
    """Return what is wrong with a feed as a whole: fewer people than ``least``, or older than ``max_age`` such as 36h or 2d.

    ``changed`` is when its file was written, ``told`` when it was made as its source says; the older one counts.
    ``changed`` and ``now`` are seconds since 1970.
    """
    found = []
    if isinstance(people, list) and len(people) < least:  # what is none is told by whoever reads it
        found.append(f"There are {len(people)} people, and access_min_people is {least}: is the feed cut off? Nothing was done.")
    if not max_age:
        return found
    unit = _UNITS.get(max_age[-1:])
    if unit is None or not max_age[:-1].isdecimal():
        return [*found, f"access_max_feed_age is {max_age!r}; write it as 36h or 2d."]
    times = [] if changed is None else [changed]
    if told:
        try:
            when = datetime.datetime.fromisoformat(told.replace("Z", "+00:00"))
        except ValueError:
            return [*found, f"access_feed_time is {told!r}; write it as 2026-12-31T08:00:00Z."]
        times.append((when if when.tzinfo else when.replace(tzinfo=datetime.timezone.utc)).timestamp())
    if not times:
        return [*found, "access_max_feed_age is given, and the age of the people is not known: give access_people_file, or access_feed_time."]
    age = now - min(times)
    if age > int(max_age[:-1]) * unit:
        found.append(f"The people are {age / 3600:.1f} hours old, and access_max_feed_age is {max_age}: does the feed still run? Nothing was done.")
    return found
