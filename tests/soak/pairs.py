# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two bulk runs at once on one directory: nothing is lost that neither takes away, nobody is there twice, and reruns
end right.

The runs are threads that take turns, request by request, in an order that the seed decides.
"""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Iterator
from typing import Any

from cases import Case, directory, prepare, shown, smallest, wish
from directories import promises
from engine import Bench, Gate, Report, Result, wrong
from worlds import NAMES, WORLDS, Person, World, entries, fold

_WINDOW = 2
"""Requests after which a user is read again before a write that replaces what is there."""
_LIMITS = {"min_admins": 0, "loss_limit": "1000"}
Log = list[tuple[int, dict[str, Any]]]


class Turns:
    """Lets two threads send one request after the other. The one whose turn it is sends its next request, or ends.

    ``sent`` are the threads of the requests so far.
    """

    def __init__(self, chance: random.Random, switch: float) -> None:
        self._chance = chance
        self._switch = switch
        self._running = {0, 1}
        self.sent: list[int] = []
        self._turn = chance.randrange(2)
        self._moved = threading.Condition()

    def gate(self, number: int) -> Gate:
        """Return what surrounds each request of one of the threads."""

        @contextlib.contextmanager
        def passed() -> Iterator[None]:
            with self._moved:
                self._moved.wait_for(lambda: self._turn == number)
            self.sent.append(number)
            try:
                yield
            finally:
                self._next(number)

        return passed

    def end(self, number: int) -> None:
        """Let the other thread go on alone."""
        with self._moved:
            self._moved.wait_for(lambda: self._turn == number or self._running == {number})
            self._running.discard(number)
        self._next(number)

    def _next(self, number: int) -> None:
        with self._moved:
            if not self._running:
                return
            if number not in self._running or (len(self._running) > 1 and self._chance.random() < self._switch):
                self._turn = 1 - number
            self._moved.notify_all()


def run(bench: Bench, report: Report, chance: random.Random, share: float) -> None:
    """Run one random pair."""
    case = directory(chance)
    world = WORLDS[case["provider"]]
    names = chance.sample(NAMES, chance.randrange(1, 6))
    case["module"] = f"{case['provider']}_users"
    former = (
        {names[0]: [next(name for name in NAMES if name not in names)]}
        if world.renames and chance.random() < 0.3
        else {}
    )
    lists = [
        [_wish(chance, world, name, former.get(name)) for name in names if chance.random() < 0.9] for _run in range(2)
    ]
    facet, shared = chance.choice(sorted(set(world.facets) - world.maps)), chance.choice(names)
    for users in lists:  # both give something to one user
        items = entries(chance, world, facet)
        for user in users if chance.random() < 0.7 else ():
            if items and user["user"] == shared and user.get("state", "present") == "present":
                user.update({facet: items, f"{facet}_state": "present", f"managed_{facet}": None})
    prepare(bench, case)  # an element that is refused by itself is left out
    case["lists"] = [[user for user in users if not _refused(bench, case, [user])] for users in lists]
    case["order"], case["switch"] = chance.randrange(10**6), chance.choice((0.1, 0.3, 0.6))
    problem = judge(bench, case, report)
    if problem:
        kind = problem.partition(":")[0]
        small = smallest(case, lambda smaller: judge(bench, smaller).partition(":")[0] == kind)
        report.fail(f"{judge(bench, small) or problem}\n  {shown(small)}")


def _wish(chance: random.Random, world: World, name: str, former: list[str] | None) -> dict[str, Any]:
    """Return an element of ``users``; ``former`` are names that the user may still have."""
    user = wish(chance, world, name, set(NAMES))
    kept = {option: value for option, value in user.items() if option not in ("id", "update_password")}
    return {**kept, "user": name, **({"previous_users": former} if former else {})}


def _refused(bench: Bench, case: Case, users: list[dict[str, Any]]) -> bool:
    return bool(bench.run(case["module"], {"users": users, **_LIMITS}, check=True).get("failed"))


def judge(bench: Bench, case: Case, report: Report | None = None) -> str:
    """Run two lists at once, then one after the other. Return what is wrong, its kind first, or an empty text."""
    world, simulator = WORLDS[case["provider"]], bench.simulator
    prepare(bench, case)
    if any(_refused(bench, case, users) for users in case["lists"]):
        return ""
    before = world.read(simulator.state(case["provider"]))
    mark = simulator.last
    results, sent = at_once(bench, case)
    log = list(zip(sent, simulator.requests(since=mark), strict=True))
    after = world.read(simulator.state(case["provider"]))
    if report is not None:
        report.counts["pairs"] += 1
        report.counts["pairs that wrote"] += len(simulator.writes(since=mark)) > 1
    for result in results:
        if wrong(result):
            return wrong(result)
    problem = _lost(world, case["lists"], results, before, after, log)
    return problem or _reruns(bench, case) or _twice(bench, case, world.read(simulator.state(case["provider"])))


def at_once(bench: Bench, case: Case) -> tuple[list[Result], list[int]]:
    """Run both lists of a case in threads. Return their results, and which of them sent each request."""
    turns = Turns(random.Random(case["order"]), case["switch"])
    results: list[Result] = [{}, {}]

    def one(number: int) -> None:
        try:
            params = {"users": case["lists"][number], "max_concurrency": 1, **_LIMITS}
            results[number] = bench.run(case["module"], params, gate=turns.gate(number))
        finally:
            turns.end(number)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results, turns.sent


def _twice(bench: Bench, case: Case, people: list[Person]) -> str:
    """Return who is there twice, or whose role stays because two runs gave it at once, each with a binding of its own.
    """
    names = sorted(fold(person.name) for person in people if not person.deleted)
    if len(names) != len(set(names)):
        return f"somebody is there twice: {names}"
    for person in people:
        bindings = person.document.get("held", [])
        if len(bindings) == len(set(bindings)):
            continue
        if case["options"].get("unique_bindings") or not all(_wishes(case, number, person) for number in range(2)):
            return f"a binding is there twice: {person.name}, {bindings}"
        bench.run("kestra_user", {"id": person.id, "roles": [], "roles_state": "exact"})
        left = next(other for other in WORLDS["kestra"].read(bench.simulator.state("kestra")) if other.id == person.id)
        if left.grants["roles"]:
            return f"a binding that is there twice is not removed: {person.name}, {left.grants['roles']}"
    return ""


def _wishes(case: Case, number: int, person: Person) -> bool:
    """Return whether one of the lists wishes for roles of a person."""
    return any(user.get("roles") and fold(user["user"]) == fold(person.name) for user in case["lists"][number])


# -- what may be lost ------------------------------------------------------------------------------------------------


def _takes(world: World, facet: str, user: dict[str, Any] | None, entry: str) -> bool:
    """Return whether an element of ``users`` may take an entry away, or change it."""
    if user is None:
        return False
    if (
        user.get("state", "present") != "present"
        or user.get("restore")
        or (world.provider == "kestra" and user.get("enabled") is False)
    ):
        return True
    if user.get(facet) is None:
        if (
            world.provider == "kestra"
            and user.get("tenants") is not None
            and user.get("tenants_state") in ("exact", "managed")
        ):
            return facet != "tenants"  # what is in a tenant goes with it
        return False
    if facet in world.maps:
        named = {*user[facet], *(user.get(f"managed_{facet}") or ())}
        return entry in named or user.get(f"{facet}_state") == "exact"
    if entry in _wanted(world, facet, user):
        return False
    if world.provider == "kestra" and user.get("tenants_state") in ("exact", "managed"):
        return True
    bounds = {world.label(facet, item) for item in user.get(f"managed_{facet}") or ()}
    return user.get(f"{facet}_state") == "exact" or entry in bounds


def _wanted(world: World, facet: str, user: dict[str, Any] | None) -> set[str]:
    """Return the entries of a set that an element of ``users`` wishes for."""
    if user is None or user.get("state", "present") != "present" or facet in world.maps:
        return set()
    return {world.label(facet, item) for item in user.get(facet) or ()}


def _lost(
    world: World,
    lists: list[list[dict[str, Any]]],
    results: list[Result],
    before: list[Person],
    after: list[Person],
    log: Log,
) -> str:
    """Return what is lost although neither run takes it away."""
    left = {fold(person.name): person for person in after if not person.deleted}
    was = {fold(person.name): person for person in before if not person.deleted}
    wished = [{fold(user["user"]): user for user in users} for users in lists]
    for user in (*lists[0], *lists[1]):
        for former in map(fold, user.get("previous_users") or ()):
            if fold(user["user"]) not in was and former in was:
                was[fold(user["user"])] = was.pop(former)
    for name in sorted({*was, *wished[0], *wished[1]}):
        users = [one.get(name) for one in wished]
        if any(user is not None and user.get("state", "present") != "present" for user in users):
            continue
        now = left.get(name)
        done = [not result.get("failed") and name not in _adopted(result) for result in results]
        if now is None:
            if name in was or any(user is not None and ok for user, ok in zip(users, done, strict=True)):
                return f"somebody is lost: {name}"
            continue
        done = [ok and not _crossed(log, now.id, number) for number, ok in enumerate(done)]
        for facet in world.facets:
            problem = _lost_entries(world, facet, users, done, was.get(name), now)
            if problem:
                return problem
        problem = _lost_fields(world, users, done, was.get(name), now)
        if problem:
            return problem
    return ""


def _crossed(log: Log, identity: str, number: int) -> bool:
    """Return whether a run wrote a user between the other's last look at that user and the write that follows.

    An API whose writes replace what is there leaves this window open: it is no longer than ``_WINDOW`` requests.
    """
    own: list[bool] = []  # since the other one's last look, its requests: False, and writes of this run: True
    for run, item in log:
        about = identity in item["path"]
        reads = item["kind"] == "read" or item["method"] in ("GET", "HEAD")
        if run == number:
            own += [True] if about and not reads else []
        elif about and reads:
            own = []
        elif about and True in own and own.count(False) <= _WINDOW:
            return True
        else:
            own.append(False)
    return False


def _lost_entries(
    world: World, facet: str, users: list[dict[str, Any] | None], done: list[bool], was: Person | None, now: Person
) -> str:
    """Return the entries of a facet that are lost."""
    held = was.grants[facet] if was else {}
    safe = {entry for entry in held if not any(_takes(world, facet, user, entry) for user in users)}
    if facet in world.maps:
        changed = {name: held[name] for name in safe if now.grants[facet].get(name) != held[name]}
        if changed:
            return f"an entry of {facet} is lost that neither run changes: {now.name}, {changed}"
        return ""
    for number in range(2):
        if done[number]:
            safe |= {
                entry
                for entry in _wanted(world, facet, users[number])
                if not _takes(world, facet, users[1 - number], entry)
            }
    if world.provider == "kestra" and any(_takes(world, "tenants", user, "main") for user in users):
        return ""
    missing = safe - now.grants[facet]
    return f"an entry of {facet} is lost that neither run takes away: {now.name}, {sorted(missing)}" if missing else ""


def _lost_fields(
    world: World, users: list[dict[str, Any] | None], done: list[bool], was: Person | None, now: Person
) -> str:
    """Return the fields that one run has set, or neither, and that have another value."""
    for option, wire in world.wires.items():
        values = [user[option] for user in users if user is not None and option in user]
        actual = now.document.get(wire)
        if not values and was is not None and _text(actual) != _text(was.document.get(wire)):
            return f"a field is changed that neither run sets: {now.name}, {option}, {actual!r}"
        if len(values) == 1 and all(done) and _text(actual) != _text(values[0]):
            return f"a field that one run sets is lost: {now.name}, {option}, {actual!r} is not {values[0]!r}"
    return ""


def _adopted(result: Result) -> set[str]:
    """Return whom the other run had created meanwhile: nothing is taken from them, and a warning asks for another run.
    """
    return {
        fold(notice.get("user", "")) for notice in result.get("warning_details") or () if notice["code"] == "adopted"
    }


def _text(value: Any) -> str:
    return fold("" if value is None else value)


# -- afterwards ------------------------------------------------------------------------------------------------------


def _reruns(bench: Bench, case: Case) -> str:
    """Return what is wrong with one more run of each list."""
    world, simulator = WORLDS[case["provider"]], bench.simulator
    gone = any(user.get("state", "present") != "present" for users in case["lists"] for user in users)
    for users in case["lists"]:
        params = {"users": users, **_LIMITS}
        before = world.read(simulator.state(case["provider"]))
        mark = simulator.last
        result = bench.run(case["module"], params)
        if result.get("failed"):
            codes = {error.get("code") for error in result.get("errors") or ()}
            if not gone or simulator.writes(since=mark):  # somebody was deleted whom this list wants, and cannot create
                return f"a rerun fails {sorted(map(str, codes))}: {result['msg']}"
            continue
        again = {**case, "params": params}
        problem = promises(world, again, before, world.read(simulator.state(case["provider"])))
        mark = simulator.last
        second = bench.run(case["module"], params)
        kept = any(
            notice["code"] in ("kept_by_server", "given_meanwhile") for notice in second.get("warning_details") or ()
        )
        if second.get("failed") or second["changed"] or (simulator.writes(since=mark) and not kept):
            return f"a second rerun is not quiet: {second.get('msg') or second.get('diff')}"
        if problem:
            return f"after a rerun {problem}"
    return ""
