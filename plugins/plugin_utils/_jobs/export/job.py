# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The export, from its parameters to its result. It is ``identity_export`` without Ansible."""

from __future__ import annotations

import functools
import os
import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    InputError,
    Notice,
    Problem,
    RollcallError,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.names import near
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import add_notices
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import agreed, counted

from ..action import common_code, deliver_problems, path_of, today
from ..check import unknown_connections
from ..data import Data, load
from ..files import locked, make_folder, problem_of_folder, read_text, write_text
from ..links import Memory, read_links
from ..people import LEFT
from ..session import Frame, Session, at_once, attempt, masker_of, notices_of, open_session
from ..variables import texts_of
from .export import Export
from .files import differing, documents, edited, names_of_files
from .join import value_of

_EDITED = (
    "Specify another export_dest and compare the files, move away what you need, or set export_overwrite: true. "
    "Nothing was read or written."
)
"""What to do about files that an export would overwrite."""


def run_export(params: t.Mapping[str, t.Any], frame: Frame) -> dict[str, t.Any]:
    """Return the result of an export: ``export``, ``content`` (file name -> text), ``changed``, and after a failure
    ``failed`` and ``msg``.

    Raises InputError with all problems; in that case, nothing was read. Raises RollcallError if no connection could be
    read.
    """
    problems: list[Problem] = []
    day = today(params.get("as_of"), params.get("timezone") or "")
    people_file, dest = path_of(params.get("people_file"), frame.folder), path_of(params.get("dest"), frame.folder)
    data = load(
        {**params, "entitlements": {}, "rules": []}, people_file, day, "export_people_file", problems, entitled=False
    )
    problems += unusable(data)
    names = _names(params, data, problems)
    memory = _memory(dest, problems)
    problems += _problems(params, names, dest, data) + deliver_problems(params.get("deliver"), dest, "export", frame)
    if problems:
        edited_files = any(problem.code == "file_exists" for problem in problems)
        raise InputError(problems, _EDITED if edited_files else "")
    sessions, unread = _read({name: data.connections[name] for name in names}, frame)
    errors = {name: str(problem) for name, problem in unread.items()}
    texts = "\n".join(f"{name}: {text}" for name, text in errors.items())
    if not sessions:
        code = common_code(problem.code for problem in unread.values())
        raise RollcallError("No connection could be read, so nothing was written.", texts, code)
    directories = {
        session.name: [dict(account.values) for account in session.accounts() if not account.deleted]
        for session in sessions
    }
    export = Export(
        data.connections, directories, params["bundle_min"] if params["bundles"] else 0,
        data.people if people_file else (), params["join"], memory,
    )
    exported = documents(export, errors)
    content = exported["files"]
    result: dict[str, t.Any] = {"export": exported["result"], "content": content, "changed": False, "files": []}
    rejected = [str(problem) for row in data.rejected for problem in row.problems]
    masker = masker_of(data.connections, frame.defaults)
    notices = [notice for session in sessions for notice in notices_of(session, masker)]
    add_notices(result, [*notices, *_about_rows(data, rejected)])
    if dest:
        outdated = differing(dest, content)
        if frame.diff:
            result["diff"] = [_diff(os.path.join(dest, name), content[name]) for name in outdated]
        result["files"] = _write(content, dest, outdated, frame.check, memory.source)
        result["changed"] = bool(result["files"])
    result["export"]["text"] += [f"not joined: {text}" for text in rejected[:25]]
    if errors and params["on_missing"] == "fail":
        are = agreed(len(errors), "is")
        message = f"{', '.join(errors)} could not be read and {are} missing from the files.\n{texts}\n"
        result.update(
            failed=True, msg=f"{message}Fix that and run the export again, or set export_on_missing: report.",
            errors=[{"code": unread[name].code, "message": f"{name}: {text}"} for name, text in errors.items()],
        )
    return result


def unusable(data: Data) -> list[Problem]:
    """Return the problems of a file of people if no row of a person who has not left can be used: all accounts would be
    exported without the file."""
    if not data.rejected or any(person.status != LEFT for person in data.people):
        return []
    problems = [problem for row in data.rejected for problem in row.problems]
    text = (
        f"export_people_file: no row of {data.feed} can be used. Correct the file, or the options that describe it: "
        "export_columns, export_values, export_preset, export_date_format."
    )
    return [Problem(text, "unusable_feed", option="export_people_file"), *problems[:25]]


def _about_rows(data: Data, rejected: t.Sequence[str]) -> list[Notice]:
    """Return a warning about rows that cannot be used: their accounts are exported as if the file lacked them.

    Without a file, return the warnings about the options that describe it.
    """
    if not rejected:
        return [notice for notice in data.notices if notice.code == "no_effect"]
    number, more = len(data.rejected), len(rejected) - 5
    text = (
        f"{data.feed}: {number} of {counted(data.rows, 'row')} cannot be used, so the accounts of "
        f"{agreed(number, 'this')} {agreed(number, 'person')} are exported without HR data. "
        f"Correct the {agreed(number, 'row')} and run the export again. {' '.join(rejected[:5])}"
    )
    if more > 0:
        text = f"{text} There {agreed(more, 'is')} {counted(more, 'more problem')}."
    return [Notice("incomplete_feed", text)]


def _memory(dest: str, problems: list[Problem]) -> Memory:
    """Return the memory of the links file of an earlier export. A damaged file is never overwritten."""
    try:
        return read_links(os.path.join(dest, "links.yml") if dest else "", "export_dest")
    except InputError as error:
        problems += error.advised()
        return Memory()


def _names(params: t.Mapping[str, t.Any], data: Data, problems: list[Problem]) -> list[str]:
    """Return the connections to export, in their order."""
    try:
        chosen = texts_of(params.get("only"), "export_connections")
    except InputError as error:
        problems += error.problems
        return []
    if data.connections:
        problems += unknown_connections("export_connections", chosen, data.connections)
    return [name for name in chosen or data.connections if name in data.connections]


def _problems(params: t.Mapping[str, t.Any], names: t.Sequence[str], dest: str, data: Data) -> list[Problem]:
    """Return the problems of the export's options, except those of people and connections."""
    problems = [
        Problem(
            f"identity_connections.{name}: the name cannot be used as a file name. Rename the connection.",
            "invalid_value",
            option="identity_connections",
        ) for name in names if "/" in name or "\0" in name or name in (".", "..")
    ]
    if params["bundle_min"] < 2:
        text = f"export_bundle_min is {params['bundle_min']}; a bundle requires at least 2 people. Raise it."
        problems.append(Problem(text, "invalid_value", option="export_bundle_min"))
    if params["join"] != "email" and not params.get("people_file"):
        text = (
            f"export_join is {params['join']}, but export_people_file, the HR file with that column, is missing. Set "
            "export_people_file, or remove export_join."
        )
        problems.append(Problem(text, "missing_option", option="export_join"))
    elif data.people and not any(value_of(person, params["join"]) for person in data.people):
        columns = sorted({name for person in data.people for name in person.attributes})
        names = near(params["join"], columns)
        similar = f"; similar names: {', '.join(names)}." if names else ". Correct export_join, or remove it."
        text = f"export_join: no row of {data.feed} has a value in {params['join']}{similar}"
        problems.append(Problem(text, "unknown_column", option="export_join"))
    if not dest and not params.get("deliver"):
        text = "Set export_dest, a folder for the files, or export_deliver, a task file that stores them."
        problems.append(Problem(text, "missing_option", option="export_dest"))
    problems += problem_of_folder(dest, "export_dest")
    if dest and not problems and not params["overwrite"]:
        texts = edited(dest, names_of_files(names))
        problems += [Problem(text, "file_exists", option="export_dest") for text in texts]
    return problems


def _read(entries: t.Mapping[str, t.Any], frame: Frame) -> tuple[list[Session], dict[str, Problem]]:
    """Return the connections whose accounts were completely read, and why the others were not."""
    sessions: list[Session] = []
    errors: dict[str, Problem] = {}
    masker = masker_of(entries, frame.defaults)
    for name, entry in entries.items():
        opened, error = attempt(functools.partial(open_session, name, entry, frame))
        if opened is not None:
            sessions.append(opened)
        elif error is not None:
            errors[name] = Problem(masker.text(error.sentence()), error.code)

    def read(session: Session) -> None:
        facets, fields = session.life.facets, session.life.fields(session.entry)
        session.read(facets)
        session.load([account.id for account in session.accounts()], facets, fields)

    done = []
    for session, (_nothing, failure) in zip(sessions, at_once(read, sessions), strict=True):
        if failure is None:
            done.append(session)
        else:
            text = masker.text(session.context.masker.text(failure.sentence()))
            errors[session.name] = Problem(text, failure.code)
    return done, {name: errors[name] for name in entries if name in errors}


def _diff(path: str, text: str) -> dict[str, str]:
    """Return the difference between a file and its new text. A file that cannot be read counts as empty."""
    try:
        before = read_text(path, "export_dest") or ""
    except InputError:
        before = ""
    return {"before_header": path, "after_header": path, "before": before, "after": text}


def _write(content: t.Mapping[str, str], dest: str, names: list[str], check: bool, links: str | None) -> list[str]:
    """Write the files that differ, and return their names. ``links`` is the content of the links file that was read, or
    None if there was none.

    Raises InputError if another run has written links meanwhile; in that case, nothing is written.
    """
    if not names or check:
        return names
    make_folder(os.path.join(dest, "connections"))
    path = os.path.join(dest, "links.yml")
    with locked(path):
        if read_text(path, "export_dest") != links:
            text = f"{path} was changed by another run while the directories were read."
            raise InputError(
                Problem(text, "links_conflict", option="export_dest"), "Nothing was written. Run the export again."
            )
        for name in names:
            write_text(os.path.join(dest, name), content[name])
    return names
