# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random directories and desired lists: check mode foretells the real run and writes nothing, and a second run is
quiet.

Nobody who is not concerned changes, nobody who is protected loses anything, and each facet holds what its mode
promises.
"""

from __future__ import annotations

import fnmatch
import random
from typing import Any

from cases import Case, directory, prepare, shown, smallest, task
from engine import Bench, Report, Result, difference, wrong
from worlds import WORLDS, Person, World, fold

_SAME = (
    "changed", "diff", "summary", "losses", "mails", "plan_digest", "unlisted", "spared", "unmanaged", "code", "errors",
    "msg",
)
_KEPT = ("changed", "diff", "summary")


def run(bench: Bench, report: Report, chance: random.Random, share: float) -> None:
    """Run one random case."""
    case = directory(chance)
    case.update(task(chance, case["provider"]), approve=chance.random() < 0.3)
    problem = judge(bench, case, report)
    if problem:
        kind = problem.partition(":")[0]
        small = smallest(case, lambda smaller: judge(bench, smaller).partition(":")[0] == kind)
        report.fail(f"{judge(bench, small) or problem}\n  {shown(small)}")


def judge(bench: Bench, case: Case, report: Report | None = None) -> str:
    """Run a case in check mode, for real and once more. Return what is wrong, its kind first, or an empty text."""
    provider, module, params = case["provider"], case["module"], case["params"]
    simulator, world = bench.simulator, WORLDS[provider]
    prepare(bench, case)
    before, state = bench.view(provider), world.read(simulator.state(provider))
    mark = simulator.last
    foretold = bench.run(module, params, check=True)
    if simulator.writes(since=mark) or bench.view(provider) != before:
        return f"check mode writes: {[item['operation'] for item in simulator.writes(since=mark)]}"
    mark, mails = simulator.last, _mails(bench, provider)
    digest = (
        {"plan_digest": foretold["plan_digest"]}
        if case.get("approve") and not foretold.get("failed") and "users" in params
        else {}
    )
    real = bench.run(module, {**params, **digest})
    writes = [item["operation"] for item in simulator.writes(since=mark)]
    after = bench.view(provider)
    if report is not None:
        report.counts["directories"] += 1
        report.counts["directories refused"] += bool(real.get("failed"))
    problem = _compared(foretold, real) or wrong(real)
    if problem:
        return problem
    if real.get("failed"):
        return f"a refused task writes: {writes}" if writes or before != after else ""
    kept = any(notice["code"] == "kept_by_server" for notice in real.get("warning_details") or ())
    if (real["changed"] != bool(writes) and not kept) or (before != after and not writes):
        return f"changed is {real['changed']}, but the writes are: {writes}"
    if "mails" in real and _mails(bench, provider) - mails != real["mails"]:
        return f"the number of mails is wrong: {_mails(bench, provider) - mails} were sent, mails is {real['mails']}"
    people = world.read(simulator.state(provider))
    return _second(bench, case, after) or _losses(world, case, state, people) or promises(world, case, state, people)


def _mails(bench: Bench, provider: str) -> int:
    return int(bench.simulator.state(provider).get("mails") or 0) if provider in ("sendauth", "contabo") else 0


def _compared(foretold: Result, real: Result) -> str:
    """Return how a real run differs from what check mode has foretold."""
    notices = {notice["code"] for result in (foretold, real) for notice in result.get("warning_details") or ()}
    if "missing_in_check_mode" in notices and real.get("failed"):
        return ""  # an earlier task may have been about to create the user
    if bool(foretold.get("failed")) != bool(real.get("failed")):
        codes = [
            error.get("call") or error.get("code")
            for result in (foretold, real)
            for error in result.get("errors") or ()
        ]
        return (
            f"check mode and the real run do not fail alike {codes}: {foretold.get('msg', 'success')} / "
            f"{real.get('msg', 'success')}"
        )
    for name in _SAME:
        if "kept_by_server" in notices and name in _KEPT:
            continue  # what a server will not take away cannot be foretold
        if foretold.get(name) != real.get(name):
            return f"{name} is not as foretold: {difference(foretold.get(name), real.get(name))}"
    for user, other in zip(_users(foretold), _users(real), strict=True):
        for field, value in user.items():
            if value is not None and field != "id" and other.get(field) != value and "kept_by_server" not in notices:
                return f"a user is not as foretold: {user.get('user')}, {field}, {value!r} and {other.get(field)!r}"
    return ""


def _users(result: Result) -> list[dict[str, Any]]:
    """Return the users of a result, one or many."""
    return [user for user in (*(result.get("users") or ()), result.get("user")) if user is not None]


def _second(bench: Bench, case: Case, after: Any) -> str:
    """Return what is wrong with a second run."""
    users = case["params"].get("users") or [case["params"]]
    if any(user.get("update_password") == "always" for user in users):
        return ""
    mark = bench.simulator.last
    result = bench.run(case["module"], case["params"])
    writes = [item["operation"] for item in bench.simulator.writes(since=mark)]
    if result.get("failed"):
        return f"the second run fails: {result['msg']}"
    kept = any(notice["code"] == "kept_by_server" for notice in result.get("warning_details") or ())
    if (writes and not kept) or result["changed"] or bench.view(case["provider"]) != after:
        return f"the second run is not quiet: {writes}, {result.get('diff')}"
    if (result.get("losses") and not kept) or result.get("diff"):
        return f"the second run reports something: {result.get('losses')}, {result.get('diff')}"
    return ""


# -- what a task may do ----------------------------------------------------------------------------------------------


def _meant(user: dict[str, Any], person: Person) -> bool:
    """Return whether an element of ``users`` may mean a person."""
    names = {fold(name) for name in (user.get("user"), *(user.get("previous_users") or ())) if name}
    return str(user.get("id")) == person.id or fold(person.name) in names


def _losses(world: World, case: Case, before: list[Person], after: list[Person]) -> str:
    """Return who has changed without being meant, or has lost something although protected."""
    params = case["params"]
    users = params.get("users", [params])
    everybody = params.get("unlisted") in ("disable", "delete")
    left = {person.id: person for person in after}
    for person in before:
        now = left.get(person.id)
        meant = any(_meant(user, person) for user in users)
        if not meant and not everybody and (now is None or now.document != person.document):
            return f"somebody else is changed: {person.name}, {difference(person.document, now and now.document)}"
        if (
            not any(fnmatch.fnmatchcase(fold(person.name), fold(pattern)) for pattern in params.get("protect") or ())
            or person.deleted
        ):
            continue
        if now is None or now.deleted or (person.enabled and not now.enabled) or now.name != person.name:
            return f"somebody protected is lost: {person.name}"
        for facet in set(world.facets) - world.maps:
            if not person.grants[facet] <= now.grants[facet]:
                return f"somebody protected loses {facet}: {person.name}, {person.grants[facet] - now.grants[facet]}"
    names = [fold(person.name) for person in after if not person.deleted]
    if len(names) != len(set(names)):
        return f"somebody is there twice: {sorted(names)}"
    return ""


def promises(world: World, case: Case, before: list[Person], after: list[Person]) -> str:
    """Return whose facets do not hold what their modes promise."""
    params = case["params"]
    if case["module"] in world.others:
        return ""
    single = case["module"] in world.modules
    for user in params.get("users", [params]):
        matches = [person for person in before if _meant(user, person)]
        if len(matches) > 1 or any(person.deleted for person in matches):
            continue
        was = matches[0] if matches else None
        now = next(
            (
                person
                for person in after
                if (was and person.id == was.id) or (not was and fold(person.name) == fold(user.get("user")))
            ),
            None,
        )
        if not single and user.get("state", "present") != "present":
            if now is not None and not now.deleted and str(user.get("id", now.id)) == now.id:
                return f"somebody is there who must be absent: {now.name}"
            continue
        if world.provider == "kestra" and user.get("enabled") is False:
            continue  # who is disabled there has no access to anything
        if now is None:
            return f"somebody is missing: {user.get('user')}"
        for facet in world.facets:
            mode = user.get("state") if single else user.get(f"{facet}_state")
            problem = _promise(
                world, facet, user, (mode or "present") if user.get(facet) is not None else "alone", was, now
            )
            if problem:
                return problem
    return ""


def _promise(world: World, facet: str, user: dict[str, Any], mode: str, was: Person | None, now: Person) -> str:
    """Return what is wrong with one facet of a person: what has to be there, and what may be there."""
    held: Any = was.grants[facet] if was else {} if facet in world.maps else set()
    items = user.get(facet) or []
    bounds = user.get(f"managed_{facet}") or []
    if facet in world.maps:
        wanted: Any = {name: str(value) for name, value in dict(items).items() if value not in (None, "")}
        gone = {"exact": set(held), "managed": {*bounds, *items}, "absent": set(items), "present": set(items)}.get(
            mode, set()
        )
        expected: Any = {
            **{name: value for name, value in held.items() if name not in gone},
            **({} if mode == "absent" else wanted),
        }
        least, most = expected, expected
    else:
        wanted = {world.label(facet, item) for item in items}
        inside = {world.label(facet, item) for item in bounds}
        expected = {
            "exact": wanted,
            "managed": (held - inside) | wanted,
            "absent": held - wanted,
            "present": held | wanted,
        }.get(mode, held)
        least, most = expected, set(expected)
        if world.provider == "kestra":
            least, most = _of_kestra(facet, mode, user, expected, held, now)
        if was:
            most = most | (was.kept & held)
    actual = now.grants[facet]
    if facet in world.maps:
        return "" if actual == expected else f"{facet} are wrong ({mode}): {now.name}, {held} and {items} give {actual}"
    if not least <= actual <= most:
        return f"{facet} are wrong ({mode}): {now.name}, {sorted(held)} with {sorted(wanted)} give {sorted(actual)}"
    return ""


def _of_kestra(
    facet: str, mode: str, user: dict[str, Any], expected: set[str], held: set[str], now: Person
) -> tuple[set[str], set[str]]:
    """Return the least and the most that a facet of Kestra holds: what is in a tenant goes and comes with the access to
    it."""
    tenants = now.grants["tenants"]
    if facet == "tenants":
        brought = {entry.partition("/")[0] for name in ("groups", "roles") for entry in now.grants[name]}
        return expected if mode != "alone" or user.get("groups") is None else set(), expected | brought
    least = {entry for entry in expected if entry.partition("/")[0] in tenants}
    return least, set(expected) | (held if mode == "exact" and "state" in user else set())
