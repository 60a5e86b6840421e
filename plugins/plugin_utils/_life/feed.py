# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""People from a file: YAML, JSON or CSV."""

from __future__ import annotations

import csv
import datetime
import io
import json
import typing as t

import yaml

from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import plain

from .people import Person
from .schema import PERSON


class _Loader(yaml.SafeLoader):
    """Takes a text that is marked as no template, as an export marks it, for the text that it is."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(t.cast("yaml.ScalarNode", node)))
_LISTS = {name for name, about in PERSON["properties"].items() if about.get("type") == "array"}


def read_people(text: str, path: str) -> list[Person]:
    """Return the people of a file: those of ``identity_people``, or the whole document. Raises ValueError with what is wrong."""
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


def read_csv(text: str) -> list[Person]:
    """Return the people of a CSV file with a heading; empty cells are left out.

    Lists are separated by semicolons. An entitlement may end with ``until=2026-12-31`` and ``ticket=R-1``. A column ``accounts.<connection>`` is the
    name of the account there. Raises ValueError for columns and cells that nobody could mean.
    """
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        heading = [name.strip() for name in next(rows, [])]
        unknown = [name for name in heading if name not in PERSON["properties"] and not (name.startswith("accounts.") and name != "accounts.")]
        if not heading or unknown or "accounts" in heading or len(set(heading)) != len(heading):
            raise ValueError(
                f"The heading of the CSV file is {', '.join(heading) or 'missing'}. Columns are "
                f"{', '.join(name for name in PERSON['properties'] if name != 'accounts')} and accounts.<connection>, each once."
            )
        people = []
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(heading):
                raise ValueError(f"Line {rows.line_num} of the CSV file has {len(row)} cells, and its heading has {len(heading)}.")
            people.append(_person({name: cell.strip() for name, cell in zip(heading, row, strict=True) if cell.strip()}, rows.line_num))
    except csv.Error as error:
        raise ValueError(f"Line {rows.line_num} of the CSV file cannot be read: {error}.") from None
    return people


def _person(cells: dict[str, str], line: int) -> Person:
    person: Person = {}
    for name, cell in cells.items():
        if name.startswith("accounts."):
            person.setdefault("accounts", {})[name.removeprefix("accounts.")] = {"user": cell}
        elif name in _LISTS:
            items = [item.strip() for item in cell.split(";") if item.strip()]
            person[name] = [_entitlement(item, line) for item in items] if name == "entitlements" else items
        else:
            person[name] = cell
    return person


def _entitlement(text: str, line: int) -> t.Any:
    name, *more = text.split()
    pairs = [part.partition("=") for part in more]
    if any(key not in ("until", "ticket") or not value for key, _sign, value in pairs):
        raise ValueError(f"Line {line} of the CSV file: entitlement {text!r} is to be a name, perhaps with until=2026-12-31 and ticket=R-1.")
    return {"name": name, **{key: value for key, _sign, value in pairs}} if pairs else name


_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def feed_problems(people: list[Person], least: int, max_age: str, changed: float | None, told: str, now: float) -> list[str]:
    """Return what is wrong with a feed as a whole: fewer people than ``least``, or older than ``max_age`` such as 36h or 2d.

    ``changed`` is when its file was written, ``told`` when it was made as its source says; the older one counts.
    ``changed`` and ``now`` are seconds since 1970.
    """
    found = []
    if len(people) < least:
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
