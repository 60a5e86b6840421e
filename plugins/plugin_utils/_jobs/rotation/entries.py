# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list of tokens to rotate: its problems, and the calls for each entry."""

from __future__ import annotations

import os
import re
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.durations import seconds
from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import fold

from ..action import shipped_file
from ..check import near
from ..delivery import refusal_of
from ..life import TokenLife, life_of
from ..schema import PROVIDERS
from ..session import Frame
from ..validate import violations
from .model import Document, Entry

OPTION = "token_rotation_tokens"
_TEXT = {"type": "string", "minLength": 1}
_DURATION = {"type": ["string", "integer"]}
_TEXTS = ("connection", "user", "service_account", "service_account_id", "name", "deliver", "dest")
_DURATIONS = ("max_age", "min_remaining", "rotate_after", "overlap")
ENTRY: dict[str, t.Any] = {
    "type": "object",
    "properties": {
        **dict.fromkeys(_TEXTS, _TEXT),
        **dict.fromkeys(_DURATIONS, _DURATION),
        "scope": {"enum": ["instance", "tenant"]},
        "description": {"type": "string"},
        "extended": {"type": "boolean"},
    },
    "required": ["connection", "name"],
    "additionalProperties": False,
}
"""The schema of an entry."""


class Reader:
    """Reads the list of tokens: its entries and problems.

    It does not report problems of connections. ``delivers`` is whether a task file delivers any token.
    """

    def __init__(self, params: Document, frame: Frame) -> None:
        self._params, self._frame = params, frame
        tokens = params["tokens"]
        self.entries: list[Entry] = []
        texts = violations({"type": "array"}, tokens, OPTION)
        self.problems = [Problem(text, "invalid_value", option=OPTION) for text in texts]
        self.delivers = False
        if not self.problems and not tokens:
            text = (
                f"There are no tokens. Set {OPTION}, a list with connection, name, owner, "
                "when to rotate and where to deliver."
            )
            self.problems.append(Problem(text, "missing_option", option=OPTION))
        if self.problems:
            return
        self.delivers = bool(params["deliver"]) or any(isinstance(row, dict) and row.get("deliver") for row in tokens)
        for number, row in enumerate(tokens):
            texts = violations(ENTRY, row, f"{OPTION}[{number}]")
            self.problems += [Problem(text, "invalid_value", option=OPTION) for text in texts]
            if not texts:  # the following checks rely on a valid structure
                place = place_of(number, row["connection"], row["name"])
                texts = self._problems_of(number, row)
                self.problems += [Problem(text, "invalid_value", place, OPTION) for text in texts]
        self._refuse_repeated(lambda entry: fold(entry.key), "is the same token as")
        self._refuse_repeated(lambda entry: entry.dest and _real(entry.dest), "is written to the same file as")

    def _problems_of(self, number: int, row: Document) -> list[str]:
        """Return the problems of an entry. If there are none, add it to ``entries``."""
        connections = self._params["connections"]
        connection = connections.get(row["connection"])
        if connection is None:
            similar = near(row["connection"], list(connections))
            return [f"there is no such connection in identity_connections{similar}"]
        if not isinstance(connection, dict) or connection.get("provider") not in PROVIDERS:
            return []
        provider = connection["provider"]
        life = life_of(provider).token
        if life.module is None:
            return [f"{provider}: tokens cannot be rotated. {life.text}"]
        texts = []
        owners = [name for name in life.owners if row.get(name)]
        if len(owners) != 1:
            texts.append(f"specify its owner with exactly one of {', '.join(life.owners)}.")
        if "scope" in row and "user" in row:
            texts.append("scope is for service accounts; remove it.")
        texts += life.check(row["name"])
        times, wrong = self._times(row)
        texts += wrong or _untimely(times)
        deliver, dest, wrong = self._places(row, row[owners[0]] if owners else "")
        texts += wrong
        if not texts:
            self.entries.append(_entry(number, row, life, owners[0], times, deliver, dest))
        return texts

    def _times(self, row: Document) -> tuple[dict[str, str], list[str]]:
        """Return the durations of an entry and their problems."""
        times = {name: str(row[name]) for name in _DURATIONS if name in row}
        times.setdefault("overlap", self._params["overlap"])
        wrong = []
        for name, text in times.items():
            try:
                seconds(text, name if name in row else "token_rotation_overlap")
            except InputError as error:
                wrong.append(error.sentence())
        return times, wrong

    def _places(self, row: Document, owner: str) -> tuple[str, str, list[str]]:
        """Return the destinations of the token, a task file and a file, and their problems."""
        texts: list[str] = []
        option = {name: name if row.get(name) else f"token_rotation_{name}" for name in ("deliver", "dest")}
        deliver, dest, folder = (
            os.path.expanduser(str(text or "")) for text in (row.get("deliver"), row.get("dest"), self._params["dest"])
        )
        if not deliver and not dest:
            deliver = os.path.expanduser(str(self._params["deliver"] or ""))
        if not deliver and not dest and folder:
            dest = re.sub(r"[^\w.@+-]", "_", f"{row['connection']}-{owner}-{row['name']}.token")
        if not deliver and not dest:
            texts.append(
                "a new token would be lost; specify deliver, a task file that stores it, or dest, a file."
            )
        elif not deliver and self._frame.awx:
            texts.append(
                f"{option['dest']} is lost with the container on AWX; specify deliver, a task file that stores the "
                "token elsewhere."
            )
        if deliver:
            deliver, refusal = self._task_file(deliver)
            texts += [f"{option['deliver']} {deliver} {refusal}"] if refusal else []
        dest = os.path.abspath(os.path.join(self._frame.folder, folder, dest)) if dest else ""
        if dest and os.path.isdir(dest):
            texts.append(f"{option['dest']}: {dest} is a folder. Specify the path of a file.")
        elif dest and not os.path.isdir(os.path.dirname(dest)):
            folder = os.path.dirname(dest)
            texts.append(f"{option['dest']}: there is no folder {folder}. Create it, or specify another path.")
        return deliver, dest, texts

    def _task_file(self, deliver: str) -> tuple[str, str]:
        """Return the path of a task file, and why it cannot deliver a token, or an empty text."""
        # The playbook of the role is in the collection, so the start folder comes first.
        started = os.path.abspath(os.path.join(self._frame.folder, deliver))
        for path in (started, os.path.join(self._frame.playbook_folder, deliver)):
            if os.path.isfile(path):
                return path, refusal_of(path)
        if shipped_file(deliver):
            refusal = "is for results and refuses tokens. Specify a task file that puts the token into a secret store."
            return deliver, refusal
        return deliver, (
            "does not exist, neither where ansible-playbook was started nor in the playbook's folder. "
            "Specify the path of a task file."
        )

    def _refuse_repeated(self, value_of: t.Callable[[Entry], str], text: str) -> None:
        """Add a problem for each entry that has the value of an earlier one. Empty values do not count."""
        first: dict[str, int] = {}
        for entry in self.entries:
            value = value_of(entry)
            if value and first.setdefault(value, entry.number) != entry.number:
                sentence = f"{OPTION}[{entry.number}] {text} {OPTION}[{first[value]}]; remove one or change it."
                self.problems.append(Problem(sentence, "duplicate_entry", option=OPTION))


def place_of(number: int, connection: str, name: str) -> str:
    """Return the place of an entry, for messages."""
    return f"{OPTION}[{number}] ({connection}: {name})"


def _real(path: str) -> str:
    """Return a path without symbolic links in its folder."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


def _untimely(times: t.Mapping[str, str]) -> list[str]:
    """Return the problems of a combination of valid durations."""
    length = {name: seconds(text, name) for name, text in times.items()}
    after, age, left, overlap = (
        length.get("rotate_after"),
        length.get("max_age"),
        length.get("min_remaining", 0.0),
        length["overlap"],
    )
    texts = []
    if after is None and not (left and age is not None):
        texts.append("it would never be rotated; specify rotate_after, or max_age and min_remaining.")
    if after is not None and not after:
        texts.append("rotate_after is zero: every run would create a token. Raise it.")
    if age is not None and not age:
        texts.append("max_age is zero. Omit it for a token that never expires.")
    elif age is not None:
        if left >= age:
            texts.append("min_remaining is not less than max_age: every run would create a token. Lower min_remaining.")
        # The old token must remain valid until the overlap has passed, whichever rule applies first.
        begins = min(age - left if left else age, after if after is not None else age)
        if begins + overlap > age and not texts:
            advice = (
                "min_remaining must be at least overlap, and less than max_age. Make overlap shorter, or min_remaining "
                "longer."
                if after is None or (left and age - left <= after) else
                "rotate_after and overlap together must not exceed max_age. Make overlap or rotate_after shorter, or "
                "max_age longer."
            )
            texts.append(
                f"the old token would expire before overlap (default: token_rotation_overlap) has passed: {advice}"
            )
    return texts


def _entry(
    number: int, row: Document, life: TokenLife, owner: str, times: t.Mapping[str, str], deliver: str, dest: str
) -> Entry:
    """Return an entry with its calls. A file that only the module writes is also checked in every run."""
    scope = {"scope": row["scope"]} if "scope" in row else {}
    owner_scope = {owner: row[owner], **scope}
    same = {
        **owner_scope,
        **{name: row[name] for name in life.options if name in row},
        "name": row["name"],
        "state": "present",
    }
    file = {"dest": dest} if dest and not deliver else {}
    age = {"max_age": times["max_age"]} if "max_age" in times else {}
    return Entry(
        number,
        row["connection"],
        row[owner],
        row["name"],
        deliver=deliver,
        dest=dest,
        key=(
            f"{row['connection']}: {' '.join(f'{option} {value}' for option, value in owner_scope.items())}: "
            f"{row['name']}"
        ),
        module=str(life.module),
        info=life.info,
        credential=life.credential,
        who=owner_scope,
        present={**same, "rotate": "expired", **times, **file},
        make={**same, "rotate": "always", **age},
    )
