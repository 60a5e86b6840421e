# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access job, from its parameters to its result. It is ``identity_access`` without Ansible."""

from __future__ import annotations

import json
import os
import typing as t
from collections import Counter

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError, Notice, Problem
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.guards import is_digest
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import add_notices
from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import agreed, counted

from ..action import deliver_problems, moment, now, path_of, today
from ..check import limit_problems, unknown_connections
from ..data import Data, age_option_problems, age_problems, load
from ..feed.messages import limited, limited_notices
from ..files import make_folder_of, problem_of_target, write_text
from ..links import Memory, newer_holds, read_links, write_links
from ..links_warnings import missing_file
from ..session import Frame, attempt, masker_of
from ..variables import texts_of, variable_of
from .intent import Settings
from .model import APPLIED, FAILED, INVALID, PARTLY, REFUSED, AccessReport, Finding
from .page import page
from .report import document, lines, one_line
from .run import AccessOptions, AccessRun

_LIMITS = ("create_limit", "reopen_limit", "rename_limit", "loss_limit", "max_mails", "min_admins")
"""Limits that the job sets for connections that do not specify them."""
_MANY_GONE = 5
"""The minimum number of missing people for a warning that the feed may be truncated. They must also be at least a fifth
of all people."""


def run_access(params: t.Mapping[str, t.Any], frame: Frame) -> dict[str, t.Any]:
    """Return the result of an access run: ``report``, ``changed``, ``files``, and after a failure ``failed`` and
    ``msg``.

    If the input is invalid, the result lists all problems, and nothing was read.
    """
    day, problems = _day(params)
    paths = _paths(params, frame)
    data = load(params, paths["people_file"], day, "access_people_file", problems)
    age = params["max_feed_age"], params["feed_time"]
    problems += (
        age_option_problems(*age) if problems else age_problems(data, params["min_people"], *age, now().timestamp())
    )
    memory = Memory()
    try:
        memory = read_links(paths["links"], "access_links")
        data.identify(memory)
    except InputError as error:
        problems += error.advised()
    problems += problem_of_target(paths["links"], "access_links") + problem_of_target(
        paths["dest"], "access_dest", create=True
    )
    links = paths["links"] if params["mode"] == "apply" else ""
    overwritten = _overwritten(paths)
    problems += overwritten + deliver_problems(params.get("deliver"), paths["dest"], "access", frame, links)
    goes_on = _goes_on(params, paths["people_file"])
    options, wrong = _options(params, data, day, goes_on)
    problems += wrong
    report = AccessReport(
        day, params["mode"], check=frame.check, feed=data.feed, people=len(data.people), rows=data.rows
    )
    report.rejected = [
        Finding("rejected_row", " ".join(map(str, row.problems)), person=row.id, label=row.place)
        for row in data.rejected
    ]
    report.notices = list(data.notices)
    if problems or (data.rejected and not goes_on):
        problems = [*problems, *(problem for row in data.rejected for problem in row.problems)]
        return _invalid(report, problems, "" if overwritten else paths["dest"])
    return _run(params, data, memory, options, report, paths, frame)


def refuse_access(
    arguments: t.Mapping[str, t.Any], frame: Frame, problems: t.Sequence[Problem], masker: Masker
) -> dict[str, t.Any]:
    """Return the result of a run whose arguments have the wrong form. Nothing was read.

    The report is written unless ``dest`` is among these arguments, or is the path of the links or the people.
    """
    texts = {name: value if isinstance(value, str) else "" for name, value in arguments.items()}
    paths = _paths(texts, frame)
    report = AccessReport(_day(texts)[0], texts.get("mode") or "plan", check=frame.check)
    masked = [Problem(masker.text(each.text), each.code, each.place, each.option) for each in problems]
    return _invalid(report, masked, "" if _overwritten(paths) else paths["dest"])


def _day(params: t.Mapping[str, t.Any]) -> tuple[str, list[Problem]]:
    """Return the day of the run, and the problems of its time zone. With problems, it is the day in UTC."""
    try:
        return today(params.get("as_of"), params.get("timezone") or ""), []
    except InputError as error:
        return today(params.get("as_of"), ""), error.problems


def _paths(params: t.Mapping[str, t.Any], frame: Frame) -> dict[str, str]:
    """Return the absolute paths of the files that the options name, by option."""
    return {name: path_of(params.get(name), frame.folder) for name in ("people_file", "links", "dest")}


def _forms(dest: str) -> dict[str, str]:
    """Return the paths of a report's files, by format."""
    stem = dest.removesuffix(".json")
    return {"json": dest, "text": f"{stem}.txt", "html": f"{stem}.html"}


def _overwritten(paths: t.Mapping[str, str]) -> list[Problem]:
    """Return a problem if the report would overwrite the links or the people."""
    reports = set(map(os.path.realpath, _forms(paths["dest"]).values())) if paths["dest"] else set()
    return [
        Problem(
            f"access_dest: the report would replace {paths[name]}, which is access_{name}. Specify another path.",
            "invalid_value", option="access_dest",
        )
        for name in ("links", "people_file")
        if paths[name] and os.path.realpath(paths[name]) in reports
    ]


def _shrunk(report: AccessReport) -> list[Notice]:
    """Return a warning if the feed may be truncated: many linked people are missing."""
    vanished = {finding.person for finding in report.findings if finding.code == "vanished"}
    known = len(vanished) + report.people
    if len(vanished) < _MANY_GONE or len(vanished) * 5 < known:
        return []
    text = (
        f"{len(vanished)} people who have accounts are no longer in the feed, which contains "
        f"{counted(report.people, 'person')}: is the feed truncated? Set access_min_people to the minimum of a "
        "complete feed."
    )
    return [Notice("feed_too_short", text)]


def _orphaned(params: t.Mapping[str, t.Any], memory: Memory) -> list[Notice]:
    """Return a warning for links of unknown connections, such as renamed ones: no run uses these links."""
    count = Counter(link.connection for link in memory.links if link.connection not in params["connections"])
    return [
        Notice(
            "unknown_connection",
            f"access_links: {counted(number, 'link', 'belongs')} to the connection {name}, which is not in "
            f"identity_connections. If it was renamed, change its name in the {agreed(number, 'link')}.",
        )
        for name, number in sorted(count.items())
    ]


def _goes_on(params: t.Mapping[str, t.Any], path: str) -> bool:
    """Return whether the run continues without the rows that cannot be used. Default: true for a file, false for a
    variable."""
    chosen = params.get("on_bad_rows") or ("continue" if path else "stop")
    return bool(chosen == "continue")


def _options(
    params: t.Mapping[str, t.Any], data: Data, day: str, goes_on: bool
) -> tuple[AccessOptions, list[Problem]]:
    """Return the options of the run and their problems. ``goes_on`` is whether it continues without invalid people."""
    problems: list[Problem] = []
    lists: dict[str, list[str]] = {}
    for name in ("only", "adopt", "release"):
        try:
            lists[name] = texts_of(params.get(name), variable_of(name, "access"))
        except InputError as error:
            problems += error.problems
            lists[name] = []
    if data.connections:
        problems += unknown_connections("access_connections", lists["only"], data.connections)
    problems += limit_problems(params, ("create_limit", "reopen_limit", "rename_limit", "adopt_limit"), "access_")
    problems += [
        Problem(f"access_{name} is {params[name]}; the minimum is 0.", "invalid_value", option=f"access_{name}")
        for name in ("lead_days", "min_people") if params[name] < 0
    ]
    digest = params.get("plan_digest") or ""
    if digest and not is_digest(digest):
        text = (
            f"access_plan_digest is {digest!r}, which does not have the 64 hexadecimal digits of a digest. Specify the "
            "whole digest of the approved plan."
        )
        problems.append(Problem(text, "plan_digest", option="access_plan_digest"))
    names = lists["only"] or list(data.connections)
    data.connections = {name: data.connections[name] for name in names if name in data.connections}
    settings = Settings(
        day=day,
        lead_days=max(0, params["lead_days"]),
        adopt=frozenset(lists["adopt"]),
        release=frozenset(lists["release"]),
        vanished=params["vanished"],
        reserved=data.reserved,
        blind=data.blind,
    )
    limits = {name: params[name] for name in _LIMITS if params.get(name) not in (None, "")}
    options = AccessOptions(
        apply=params["mode"] == "apply",
        digest=digest,
        unlisted=params["unlisted"],
        stop_on_error=params["on_error"] == "stop",
        limits=limits,
        adopt_limit=params.get("adopt_limit") or None,
        settings=settings,
        complete=data.complete,
        goes_on=goes_on,
    )
    return options, problems


def _run(
    params: t.Mapping[str, t.Any],
    data: Data,
    memory: Memory,
    options: AccessOptions,
    report: AccessReport,
    paths: t.Mapping[str, str],
    frame: Frame,
) -> dict[str, t.Any]:
    try:
        run = AccessRun(
            options, data.people, data.entitlements, memory, data.connections, frame, moment,
            lambda: newer_holds(memory, paths["links"], "access_links"),
        )
    except InputError as error:  # a connection cannot be opened: nothing was read
        return _invalid(report, error.problems, paths["dest"])
    useless = [
        Notice("no_effect", "access_plan_digest has no effect with access_mode: plan. Set access_mode: apply.")
    ] if options.digest and not options.apply else []
    first = "On a first run, that is expected: the first run that writes creates it."
    missing = missing_file(memory, paths["links"], "access_links", first)
    _nothing, failed = attempt(lambda: run.run(report))
    if failed is not None:  # unexpected: report and link what is known
        report.outcome = PARTLY if options.apply else REFUSED
        text = masker_of(data.connections, frame.defaults).text(failed.sentence())
        report.failed.append(Problem(text, failed.code))
    if not memory.kept:
        text = (
            "No links file is used (access_links), so accounts are matched by name in every run, and uncertain "
            "matches are held back. The role export creates the first links file."
        )
        report.notices.append(Notice("no_links", text))
    report.notices += [*useless, *missing, *_shrunk(report), *_orphaned(params, memory), *data.notices]
    links_changed = False
    if memory.kept and options.apply and not frame.check and report.outcome in (APPLIED, PARTLY, FAILED):
        try:
            links_changed = write_links(memory, paths["links"], option="access_links")
        except InputError as error:  # the report still contains what was done
            text = f"access_links: not everything was saved. {error.sentence()}"
            report.failed.append(Problem(text, error.code, option="access_links"))
    report.failed += limited([problem for row in data.rejected for problem in row.problems])
    result = _result(report, paths["dest"])
    result["links"] = memory.text(paths["links"].lower().endswith(".json")) if memory.kept else ""
    result["links_changed"] = links_changed
    return result


def _invalid(report: AccessReport, problems: t.Sequence[Problem], dest: str) -> dict[str, t.Any]:
    """Return the result of a run with invalid input, with the report if it can be written."""
    report.outcome = INVALID
    report.failed = limited(problems)
    result = _result(report, dest if not problem_of_target(dest, "access_dest", create=True) else "")
    result["errors"] = [problem.facts() for problem in problems[:100]]
    result["code"] = InputError(problems).code
    return result


def _result(report: AccessReport, dest: str) -> dict[str, t.Any]:
    """Write the report in its three formats, and return the result."""
    published = document(report)
    html = page(report)
    files: dict[str, str] = {}
    if dest:
        files = _forms(dest)
        try:
            make_folder_of(dest)
            text = json.dumps(published, indent=4, sort_keys=True, ensure_ascii=False, default=str)
            write_text(files["json"], f"{text}\n")
            write_text(files["text"], "\n".join(lines(report)) + "\n")
            write_text(files["html"], html)
        except InputError as error:
            text = f"access_dest: the report was not written completely. {error.sentence()}"
            report.failed.append(Problem(text, error.code, option="access_dest"))
            published = document(report)
    changed = any(change.done for change in report.changes) or (
        report.check and report.mode == "apply" and report.outcome in (APPLIED, PARTLY)
        and any(not change.error for change in report.changes)
    )
    result: dict[str, t.Any] = {"changed": changed, "report": published, "html": html, "files": files}
    add_notices(result, limited_notices(report.notices))
    if report.failed:
        again = {FAILED: ["Fix the cause and run the role again."]}.get(report.outcome, [])
        if report.outcome in (APPLIED, PARTLY):
            again = ["Fix the cause and run the role again: completed changes are not repeated."]
        result.update(failed=True, msg="\n".join(map(one_line, [*report.failed, *again])), errors=published["errors"])
        if report.outcome == REFUSED:
            # the reason why nothing was written; the other failures are its causes
            result["code"] = report.failed[0].code
    return result
