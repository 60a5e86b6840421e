# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scenarios: what every module must do, written once. A provider's case names its modules, values and requests."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml
from playbooks import FRONT_ENDS, Outcome, Playbooks, Run, comparable

from selection import ALL
from simulator.harness import Simulator

Request = tuple[str, str, Any]
"""Method, pattern of the path below the provider's base, and the body (None: not compared)."""
OF_CORE = {"changed", "failed", "invocation", "warnings", "warning_details", "diff", "censored", "deprecations"}
"""Keys that every result may have, documented by Ansible itself."""
RESERVED = {"results", "skipped", "items", "keys", "rc", "exception", "ansible_facts", "stdout", "stderr"}


@dataclass
class Step:
    """One task of a scenario.

    ``kind`` is converge (its second run changes nothing), perform (changes whenever it runs) or gather (never changes).
    ``changed`` is what the first run reports, ``writes`` the requests that it must send, in their order (None: at least
    one). ``result`` holds parts that the result must have, ``expect(outcome)`` asserts what else must hold.
    """

    name: str
    args: dict[str, Any]
    changed: bool = True
    writes: list[Request] | None = field(default_factory=list)
    kind: str = "converge"
    module: str = ""
    warns: str = ""
    settles: bool = True
    registered: bool = True
    result: dict[str, Any] = field(default_factory=dict)
    expect: Callable[[Outcome], None] | None = None


@dataclass
class Scenario:
    """The life of something under one module. ``prepare`` sets the simulator up before each front end runs it.

    ``after(state)`` asserts what the provider holds at the end. ``secrets`` are canaries that nothing may show.
    ``front_ends`` may be the worker alone where another scenario of the module runs through both, and this one differs
    from it in the server, not in the module. ``ids`` is a pattern of ids that the
    server draws at random, and by which it may sort.
    """

    module: str
    steps: list[Step]
    name: str = "life"
    prepare: Callable[[Simulator], None] = lambda simulator: None
    after: Callable[[dict[str, Any]], None] | None = None
    secrets: tuple[str, ...] = ()
    defaults: dict[str, Any] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    front_ends: tuple[str, ...] = tuple(FRONT_ENDS)
    ids: str = ""


def shown_by(scenario: Scenario) -> int:
    """Return the number of the first steps in which each module of a scenario shows each kind of step."""
    kinds = [(step.module or scenario.module, step.kind) for step in scenario.steps]
    return max(kinds.index(kind) for kind in kinds) + 1


def tasks_of(scenario: Scenario, front_end: str) -> list[dict[str, Any]]:
    """Return the tasks of a scenario: each step in check mode, for real, and again.

    Check mode and "again" are left out where an earlier step of the same module and kind shows them: for a module in a
    process of its own, which starts slowly, since the worker has them, and for what only reads. `make test` runs less
    in such processes: a scenario ends once each module has shown each kind of step, has check mode and "again" only for
    the module of single users, and is left out for what only reads.
    """
    tasks: list[dict[str, Any]] = []
    registered: dict[str, str] = {}
    shown: set[str] = set()
    steps = scenario.steps if front_end == "worker" or ALL else scenario.steps[: shown_by(scenario)]
    for number, step in enumerate(steps):
        module = f"rollcall.identity.{step.module or scenario.module}"
        for run in ("check", "real", "again"):
            once = step.kind == "gather" or (front_end == "module" and step.kind != "perform")
            if run != "real" and once and f"{module} {step.kind}" in shown:
                continue
            if run != "real" and front_end == "module" and not ALL and not scenario.module.endswith("_user"):
                continue
            register = f"result_{number}_{run}"
            tasks.append(
                {
                    "name": f"{step.name}: {run}",
                    module: step.args,
                    "diff": True,
                    "register": register,
                    **({"check_mode": True} if run == "check" else {}),
                }
            )
            if step.registered and run == "real":
                registered[register] = "{{ " + register + " }}"
        shown.add(f"{module} {step.kind}")
    tasks.append({"name": "registered", "ansible.builtin.debug": {"msg": registered}})
    return tasks


def play(scenario: Scenario, playbooks: Playbooks, provider: str) -> Run:
    """Run a scenario through its front ends, assert all that holds for every module, and return the worker's run."""
    simulator = playbooks.simulator

    def prepare(recorded: Simulator) -> None:
        recorded.reset(**scenario.options)
        scenario.prepare(recorded)

    front_ends = scenario.front_ends
    if not ALL and all(step.kind == "gather" for step in scenario.steps):
        front_ends = ("worker",)
    tasks = {front_end: tasks_of(scenario, front_end) for front_end in front_ends}
    runs = playbooks.run_both(tasks, prepare, provider, defaults=scenario.defaults, env=scenario.env)
    for front_end, run in runs.items():
        ran = [outcome.name for outcome in run.outcomes]
        assert ran == [task["name"] for task in tasks[front_end]], "a task is missing, and nothing would be said of it"
        complete = ALL or front_end == "worker"
        for step in scenario.steps if complete else scenario.steps[: shown_by(scenario)]:
            _assert_step(run, step, provider)
        if scenario.after is not None and complete:
            scenario.after(run.state or simulator.state(provider))
        assert_silent(run, (*scenario.secrets, *secrets_of(simulator)))
    if "module" in runs:
        same_results(runs["worker"], runs["module"], scenario.ids)
    return runs["worker"]


def _assert_step(run: Run, step: Step, provider: str) -> None:
    real = run[f"{step.name}: real"]
    check = run.by_name.get(f"{step.name}: check", real)
    again = run.by_name.get(f"{step.name}: again", real)
    where = f"{step.name}: "
    assert check is real or check.writes == [], where + "check mode wrote"
    assert real.result["changed"] is step.changed, where + f"changed is {real.result['changed']}"
    if step.settles:
        assert predicted(check) == predicted(real), where + "check mode and the real run differ"
    if step.writes is not None:
        assert_requests(real, step.writes, provider, where)
    else:
        assert real.writes, where + "nothing was written"
    if step.kind == "gather":
        assert real.result["changed"] is False
        assert real.writes == again.writes == []
    elif again is not real:
        assert again.result["changed"] is (step.changed if step.kind == "perform" else False), where + "the second run"
        if step.kind == "converge" and step.settles:
            assert again.writes == [], where + "the second run wrote"
        if step.kind == "converge":
            assert again.result.get("diff", []) == [], where + "the second run has a diff"
    if step.warns:
        assert any(step.warns in text for text in real.result.get("warnings", [])), where + "no warning"
    for name, value in step.result.items():
        assert comparable(real.result.get(name)) == value, where + name
    if step.expect is not None:
        step.expect(real)


def assert_requests(outcome: Outcome, expected: list[Request], provider: str, where: str = "") -> None:
    """Assert that the writes are exactly these."""
    sent = [(item["method"], item["path"], item["body"]) for item in outcome.writes]
    assert len(sent) == len(expected), where + f"sent {sent}, expected {expected}"
    for (method, path, body), (wanted_method, pattern, wanted_body) in zip(sent, expected, strict=True):
        assert method == wanted_method, where + f"{method} {path}"
        assert re.fullmatch(f"/{provider}{pattern}", path), where + f"{path} is not {pattern}"
        if wanted_body is not None:
            assert body == wanted_body, where + f"{method} {path}"


def expect_users(number: int) -> Callable[[Outcome], None]:
    """Return an assertion on the number of users in a result."""

    def check(outcome: Outcome) -> None:
        assert len(outcome.result["users"]) == number

    return check


_PREDICTED = ("changed", "diff", "summary", "plan_digest", "mails", "unlisted", "spared", "unmanaged")


def predicted(outcome: Outcome) -> dict[str, Any]:
    """Return the parts of a result that check mode promises; an id is not known before the user is."""
    found = {name: comparable(outcome.result[name]) for name in _PREDICTED if name in outcome.result}
    users = outcome.result.get("users", [outcome.result.get("user")])
    found["users"] = [{**comparable(user), "id": None} if isinstance(user, dict) else user for user in users]
    return found


def secrets_of(simulator: Simulator) -> tuple[str, ...]:
    """Return the credentials of the simulator, which nothing may show."""
    kinds = ("_SECRET", "_PASSWORD", "_TOKEN", "_KEY")
    return tuple(value for name, value in simulator.env.items() if name.endswith(kinds))


def assert_silent(run: Run, secrets: tuple[str, ...]) -> None:
    """Assert that no canary occurs in what was printed or in any file that the run left."""
    assert secrets, "a scenario without a secret shows nothing"
    texts = {"output": run.output}
    for path in (path for folder in (run.folder, run.home) for path in folder.rglob("*")):
        if path.is_file() and path.name != "playbook.yml":
            texts[path.name] = path.read_text(encoding="utf-8", errors="replace")
    for secret in secrets:
        for name, text in texts.items():
            place = text.find(secret)
            assert place < 0, f"a secret is shown in {name}: ...{text[max(0, place - 300):place]}"


def same_results(worker: Run, module: Run, ids: str = "") -> None:
    """Assert that both front ends returned and registered the same for every task that both ran.

    ``ids`` as of a scenario.
    """
    assert set(module.by_name) <= set(worker.by_name)
    for other in module.outcomes:
        one = worker[other.name]
        assert without(ids, shared(one, module)) == without(ids, shared(other, module)), (
            f"{one.name}: the front ends differ"
        )
        assert without(ids, requested(one)) == without(ids, requested(other)), (
            f"{one.name}: the front ends send different requests"
        )


def without(ids: str, value: Any) -> Any:
    """Return a value with a word in the place of each id, and lists in an order that the ids do not make."""
    if not ids:
        return value
    if isinstance(value, dict):
        return {without(ids, name): without(ids, item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return sorted((without(ids, item) for item in value), key=repr)
    return re.sub(ids, "<id>", value) if isinstance(value, str) else value


def requested(outcome: Outcome) -> tuple[list[Any], list[Any]]:
    """Return the reads, in no order since some are made side by side, and the writes in theirs."""
    reads = [(item["method"], item["path"], str(item["body"])) for item in outcome.requests if item["kind"] != "write"]
    return sorted(reads), [(item["method"], item["path"], item["body"]) for item in outcome.writes]


def shared(outcome: Outcome, run: Run) -> Any:
    """Return a result as it can be compared; of what was registered, that of the tasks of a run."""
    result = comparable(outcome.result)
    if outcome.name == "registered":
        result["msg"] = {
            name: value for name, value in result["msg"].items() if name in run["registered"].result["msg"]
        }
    return result


def assert_documented(scenario: Scenario, run: Run) -> None:
    """The result's keys are those of the RETURN documentation, and none is one of core's own."""
    for outcome in run.outcomes:
        if outcome.name == "registered":
            continue
        step = next(step for step in scenario.steps if outcome.name.startswith(step.name + ": "))
        shown = {key for key in outcome.result if not key.startswith("_ansible")} - OF_CORE
        assert shown <= returned(step.module or scenario.module), outcome.name
        assert not shown & RESERVED, outcome.name
        if "censored" not in outcome.result:
            assert promised(step.module or scenario.module) <= shown | OF_CORE, outcome.name


@functools.cache
def documented(module: str) -> dict[str, Any]:
    """Return the RETURN documentation of a module."""
    loaded = importlib.import_module(f"ansible_collections.rollcall.identity.plugins.modules.{module}")
    return yaml.safe_load(loaded.RETURN) or {}


def returned(module: str) -> set[str]:
    """Return all keys that a module's documentation names."""
    return set(documented(module))


def promised(module: str) -> set[str]:
    """Return the keys that it promises for every success."""
    return {name for name, about in documented(module).items() if about["returned"] in ("always", "success")}
