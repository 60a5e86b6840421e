# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Presets: how the files of common HR systems and directories are read.

A preset is a YAML file with ``columns``, ``values`` and ``date_format``, each like the option of that name. The presets
of the collection are in the folder ``preset_files``. A user can copy and change one, and specify its path.
"""

from __future__ import annotations

import functools
import os
import typing as t
from dataclasses import dataclass, field

import yaml

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import Problem

from .columns import columns_problems, headings_of
from .days import format_list, format_problems
from .documents import yaml_fault
from .model import PRESET
from .text import hint, key, shown, unknown_key
from .words import values_problems

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "preset_files")
_LOADER: t.Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KEYS = ("columns", "values", "date_format", "description")


@dataclass(frozen=True)
class Preset:
    """The content of a preset; see FeedOptions."""

    columns: t.Mapping[str, t.Any] = field(default_factory=dict)
    values: t.Mapping[str, t.Any] = field(default_factory=dict)
    date_format: tuple[str, ...] = ()


@functools.cache
def names() -> tuple[str, ...]:
    """Return the names of the presets of the collection."""
    return tuple(sorted(name.removesuffix(".yml") for name in os.listdir(FOLDER) if name.endswith(".yml")))


def load(name: str) -> tuple[Preset, list[Problem]]:
    """Return a preset by its name or the path of its file, and its problems. Without a name, the preset is empty."""
    if not name:
        return Preset(), []
    if name in names():
        return _builtin(name)
    if os.sep not in name and not name.endswith((".yml", ".yaml", ".json")):
        advice = f"{hint(name, names(), 'preset')} Specify your own by its path."
        text = f"{PRESET}: there is no preset named {shown(name)}. {advice}"
        return Preset(), [Problem(text, "unknown_preset", option=PRESET)]
    return _read(name, name)


@functools.cache
def _builtin(name: str) -> tuple[Preset, list[Problem]]:
    return _read(os.path.join(FOLDER, f"{name}.yml"), name)


def _read(path: str, name: str) -> tuple[Preset, list[Problem]]:
    try:
        with open(path, "rb") as file:
            data = file.read()
        document = yaml.load(data, Loader=_LOADER)  # a safe loader
    except OSError as error:
        return Preset(), [
            Problem(
                f"{PRESET}: {name} cannot be read: {error.strerror}. Correct the path or its permissions.",
                "unknown_preset", option=PRESET,
            )
        ]
    except (yaml.YAMLError, ValueError) as error:
        line, reason = 0, "Correct it."
        if isinstance(error, yaml.MarkedYAMLError):
            line, reason = yaml_fault(error, data.decode("utf-8", "replace"))
        text = f"{PRESET}: {name}{f' line {line}' if line else ''} is not valid YAML{': ' if line else '. '}{reason}"
        return Preset(), [Problem(text, "unreadable_preset", option=PRESET)]
    return _preset(document, name)


def _preset(document: t.Any, name: str) -> tuple[Preset, list[Problem]]:
    if not isinstance(document, dict):
        return Preset(), [
            Problem(f"{PRESET}: {name} must be a mapping with columns and values.", "unreadable_preset", option=PRESET)
        ]
    problems = [
        Problem(f"{PRESET}: {name}: {unknown_key(str(word), _KEYS)}", "unknown_key", option=PRESET)
        for word in document
        if word not in _KEYS
    ]
    columns, values = document.get("columns") or {}, document.get("values") or {}
    formats = document.get("date_format") or ()
    problems += columns_problems(columns, f"{name}: columns") + values_problems(values, f"{name}: values")
    problems += format_problems(formats, f"{name}: date_format")
    return (Preset() if problems else Preset(columns, values, format_list(formats))), problems


def fitting(headings: t.Iterable[str]) -> list[str]:
    """Return the names of at most two presets that match an id and most other fields, the best first."""
    present = set(map(key, headings))
    scores = []
    for name in names():
        columns = load(name)[0].columns
        matched = [
            field
            for field, source in columns.items()
            # A heading that is itself the name of a field does not identify the source of the file.
            if any(key(heading) in present and key(heading) != key(field) for heading in headings_of(source))
        ]
        if "id" in matched and len(matched) > 2:
            scores.append((-len(matched), name))
    return [name for _score, name in sorted(scores)][:2]
