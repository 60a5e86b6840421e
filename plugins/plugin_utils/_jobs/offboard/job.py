# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The offboarding, from its parameters to its result. It is ``identity_offboard`` without Ansible."""

from __future__ import annotations

import json
import os
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    InputError,
    Notice,
    Problem,
    Unexpected,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import add_notices

from ..action import deliver_problems, moment, path_of, today
from ..calls import Caller
from ..check import connection_problems
from ..data import Data, load
from ..feed.messages import limited
from ..files import make_folder, problem_of_folder, problem_of_target, read_bytes, write_bytes, write_text
from ..links import Hold, Memory, read_links, write_links
from ..links_warnings import missing_file
from ..session import Frame
from .begin import begin, file_name, options_of
from .evidence import Evidence, evidence, failures, page, text
from .model import SEARCHES, Offboarding
from .steps import advance

_ANOTHER_FILE = (
    "The record that the person stays blocked goes into a new file, and the role access must use the same one."
)


@dataclass
class Run:
    """What the parts of a run share. ``dest`` and ``links`` are absolute paths, or empty."""

    work: Offboarding
    data: Data
    memory: Memory
    caller: Caller
    dest: str
    links: str


def run_offboard(
    params: t.Mapping[str, t.Any], frame: Frame, sleep: t.Callable[[float], None] = time.sleep
) -> dict[str, t.Any]:
    """Return the result of an offboarding: ``evidence``, ``text``, ``files``, ``changed``, and after a failure
    ``failed`` and ``msg``.

    Raises InputError with all problems; in that case, nothing was read. After that, there is evidence whatever happens.
    """
    run = _begun(params, frame)
    missing = missing_file(run.memory, run.links, "offboard_links", _ANOTHER_FILE)
    broken: list[Problem] = []
    stopped: list[Problem] = []
    try:
        stopped = _go_through(run, sleep)
    except Exception as error:
        broken.append(Problem(run.caller.masker.text(Unexpected.of_exception(error).sentence()), Unexpected.code))
    finally:
        broken += stopped or _remember(run)
    result = _result(run, broken)
    notices: dict[str, Notice] = {}
    for notice in (*missing, *run.caller.notices):  # several calls can return the same warning
        notices.setdefault(notice.text, notice)
    add_notices(result, list(notices.values()))
    return result


def _go_through(run: Run, sleep: t.Callable[[float], None]) -> list[Problem]:
    """Go through all phases. Before the first write, remember that the person stays blocked, so that neither a killed
    run nor a concurrent run of the role access restores access.

    Return the problems that prevent this; in that case, nothing was written.
    """
    work, is_remembered = run.work, False
    while work.phase != "end":
        if not is_remembered and work.phase not in SEARCHES:
            problems = _remember(run, begun=False)
            if problems:
                work.phase = "end"
                return problems
            is_remembered = True
        if work.pause:
            sleep(work.pause)
        answers = run.caller.answers(work.calls)
        if work.phase == "find":  # all connections are logged in, so this sends nothing
            work.directories = run.caller.directories(work.searches, revealed=True)
        advance(work, answers, moment())
    return []


def _usable(connections: t.Any, only: t.Collection[str]) -> t.Any:
    """Return the connections, without invalid ones that this run does not use, so that they do not delay an urgent
    offboarding."""
    if not isinstance(connections, dict) or not only:
        return connections
    return {
        name: entry for name, entry in connections.items() if name in only or not connection_problems({name: entry})
    }


def _begun(params: t.Mapping[str, t.Any], frame: Frame) -> Run:
    """Return the run, before its first call. Raises InputError with all problems."""
    problems: list[Problem] = []
    people_file, links, dest = (path_of(params.get(name), frame.folder) for name in ("people_file", "links", "dest"))
    day = today(params.get("as_of"), params.get("timezone") or "")
    options = options_of(params, problems)
    # Entitlements are not needed, so their problems do not stop the offboarding.
    usable = {
        **params,
        "connections": _usable(params.get("connections"), options.only),
        "entitlements": {},
        "rules": [],
    }
    data = load(usable, people_file, day, "offboard_people_file", problems, entitled=False)
    memory = Memory()
    try:
        memory = read_links(links, "offboard_links")
    except InputError as error:
        problems += error.advised()
    problems += problem_of_target(links, "offboard_links") + problem_of_folder(dest, "offboard_dest")
    if not frame.check:
        problems += deliver_problems(params.get("deliver"), dest, "offboard", frame)
    if not dest and not params.get("deliver"):
        advice = "Set offboard_dest or offboard_deliver: without one of them the evidence would be lost."
        problems.append(Problem(advice, "missing_option", option="offboard_dest"))
    caller = Caller(data.connections, frame, remembers=True)
    directories = caller.directories(data.connections)
    memory.share(
        [
            [name for name, other in directories.items() if other == folder]
            for folder in dict.fromkeys(directories.values())
        ]
    )
    work = begin(options, data, memory, day, moment(), frame.check, problems)
    earlier = _earlier(params, work, dest, problems)
    if problems or work is None:
        raise InputError(problems)
    work.earlier, work.directories = earlier, directories
    return Run(work, data, memory, caller, dest, links)


def _remember(run: Run, begun: bool = True) -> list[Problem]:
    """Remember that the person stays blocked, even if a step failed. Return the problem that prevents it.

    Without an account, there is no reason to do so, unless that was accepted. ``begun`` is whether something may have
    been written.
    """
    work, identity = run.work, run.work.person.id
    nothing_to_do = work.phase == "end" and work.options.lenient
    if work.check or not run.memory.kept or not (work.accounts or nothing_to_do):
        return []
    illegible = {row.id or row.email for row in run.data.rejected}
    # Without a row to compare, the hold ends only when a run releases it.
    digest = "" if identity in illegible else run.data.digests.get(identity, "")
    run.memory.add_hold(Hold(identity, moment(), digest))
    try:
        write_links(run.memory, run.links, begun, "offboard_links")
    except InputError as error:
        text = f"The links file does not record that the person stays blocked. {error.sentence()}"
        if not begun:
            text = (
                f"offboard_links: nothing was written, because {run.links} cannot record that {identity} stays "
                f"blocked. {error.sentence()} If the offboarding cannot wait for that, specify another path."
            )
        return [Problem(text, error.code, option="offboard_links")]
    return []


def _earlier(
    params: t.Mapping[str, t.Any], work: Offboarding | None, dest: str, problems: list[Problem]
) -> dict[str, t.Any]:
    """Return the evidence of an earlier run: the specified one, or that in the folder of the evidence.

    A damaged file in this folder does not stop an urgent offboarding. It is noted, and kept under another name.
    """
    specified = params.get("earlier")
    if specified:
        document = _evidence_in(specified, work)
        if document is None:
            problems.append(Problem(_fault_of(specified, work), "bad_evidence", option="offboard_earlier"))
        return document or {}
    if work is None or not dest:
        return {}
    path = os.path.join(dest, f"{file_name(work.person.id)}.json")
    try:
        content = (read_bytes(path, "offboard_dest") or b"").decode("utf-8", "replace")
    except InputError as error:
        problems += error.advised()
        return {}
    document = _evidence_in(content, work) if content else {}
    if document is None:
        work.unreadable = path
        work.notes.append(
            f"{path} is not the evidence of an earlier run about this person, so it is unknown what earlier runs did. "
            f"The file is kept as {_aside(path)}."
        )
    return document or {}


def _fault_of(specified: t.Any, work: Offboarding | None) -> str:
    """Return why offboard_earlier is not the evidence of an earlier run about this person."""
    if isinstance(specified, str) and specified.lstrip("\ufeff \t\r\n")[:1] not in ("{", "["):
        return (
            "offboard_earlier must be the content of the evidence, not a path: {{ lookup('file', 'E1.json') }}. "
            "Correct it, or remove it."
        )
    document = _evidence_in(specified, None)
    if document is None or work is None:
        return "offboard_earlier is damaged: it is not evidence as this role writes it. Restore it, or remove it."
    return (
        f"offboard_earlier is the evidence about {document['person']['id']}, and offboard_person is {work.person.id}. "
        f"Specify the evidence about {work.person.id}, or remove it."
    )


def _evidence_in(document: t.Any, work: Offboarding | None) -> dict[str, t.Any] | None:
    """Return evidence from its text or its content. Return None if it is damaged, or about another person."""
    if isinstance(document, str):
        try:
            document = json.loads(document.lstrip("\ufeff"))
        except ValueError:
            return None
    if not isinstance(document, dict) or not _are_steps(document.get("steps")):
        return None
    if not _are_steps(document.get("earlier", [])):
        return None
    person = document.get("person")
    identity = person.get("id") if isinstance(person, dict) else None
    names = (work.person.id, work.person.email) if work is not None else (identity,)
    return document if identity is None or identity in names else None


def _aside(path: str) -> str:
    """Return a free path beside a file, for its content."""
    stem, number = path.removesuffix(".json"), 1
    while os.path.lexists(beside := f"{stem}.unreadable{'' if number == 1 else f'-{number}'}.json"):
        number += 1
    return beside


def _are_steps(entries: t.Any) -> bool:
    """Return whether these are entries of evidence with valid fields."""
    needed = ("step", "outcome", "time", "how", "detail")
    return isinstance(entries, list) and all(
        isinstance(entry, dict) and all(isinstance(entry.get(name), str) for name in needed) for entry in entries
    )


def _result(run: Run, broken: t.Sequence[Problem]) -> dict[str, t.Any]:
    """Write the evidence in its three formats, and return the result. ``broken`` are the problems that stopped the
    run."""
    work, memory = run.work, run.memory
    failed = [*failures(work), *broken]
    document = evidence(work, moment(), failed)
    others = [problem for row in run.data.rejected if row.id != work.person.id for problem in row.problems]
    document["notes"] += [str(problem) for problem in limited(others, 5)]
    files: dict[str, str] = {}
    if run.dest and not work.check:
        try:
            if work.unreadable:
                write_bytes(_aside(work.unreadable), read_bytes(work.unreadable, "offboard_dest") or b"")
            files = _write(document, os.path.join(run.dest, file_name(work.person.id)))
        except InputError as error:
            failed.append(
                Problem(f"The evidence was not written. {error.sentence()}", error.code, option="offboard_dest")
            )
            document.update(failed=[str(problem) for problem in failed], complete=False)
    result: dict[str, t.Any] = {
        "changed": run.caller.changed, "evidence": document, "text": text(document), "html": page(document),
        "files": files,
        "links": memory.text(run.links.lower().endswith(".json")) if memory.kept else "",
    }
    if not document["complete"]:
        result.update(
            failed=True,
            msg="\n".join(
                [*document["failed"], "Fix the cause and run the role again: completed changes are not repeated."]
            ),
            errors=[problem.facts() for problem in failed],
        )
    return result


def _write(document: Evidence, stem: str) -> dict[str, str]:
    """Write the evidence as JSON, text and HTML. Raises InputError."""
    make_folder(os.path.dirname(stem))
    files = {"json": f"{stem}.json", "text": f"{stem}.txt", "html": f"{stem}.html"}
    write_text(files["json"], json.dumps(document, indent=4, ensure_ascii=False, default=str) + "\n")
    write_text(files["text"], text(document))
    write_text(files["html"], page(document))
    return files
