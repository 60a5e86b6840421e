# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role token_rotation: new tokens are made, delivered and tried, old ones revoked later,
and nobody is cut off by what goes wrong."""

from __future__ import annotations

import base64
import pathlib
import stat
from typing import Any

import pytest
import yaml
from playbooks import Outcome, Playbooks, Run
from scenarios import assert_silent

from simulator.harness import Simulator

ADA = "ada@example.com"
DAY = 86400
SHOWN = "Show the result"
ROLE = {"name": "rotate", "ansible.builtin.include_role": {"name": "rollcall.identity.token_rotation"}}
TAKE = """
- name: Put it into the vault
  ansible.builtin.copy:
    content: "{{ identity_delivery.token }}"
    dest: "{{ vault }}/{{ identity_delivery.connection }}-{{ identity_delivery.name }}"
    mode: "0600"
- name: Note what came
  ansible.builtin.debug:
    msg: "{{ identity_delivery }}"
"""
FAIL = """
- name: Write to a vault that is full
  ansible.builtin.command:
    argv: [sh, -c, 'echo "CANARY: no room for $0" >&2; exit 3', "{{ identity_delivery.token }}"]
"""


@pytest.fixture
def vault(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder outside those of the runs, in which tokens may lie, with task lists that deliver."""
    folder = tmp_path / "vault"
    folder.mkdir()
    (folder / "take.yml").write_text("---" + TAKE, encoding="utf-8")
    (folder / "fail.yml").write_text("---" + FAIL, encoding="utf-8")
    (folder / "broken.yml").write_text("- name: [\n", encoding="utf-8")
    return folder


def after(simulator: Simulator, seconds: float) -> dict[str, Any]:
    """Return a task that moves the clock."""
    body = {"advance": seconds}
    return {
        "name": "time passes",
        "ansible.builtin.uri": {
            "url": f"{simulator.url}/_sim/clock", "method": "POST", "body": body, "body_format": "json",
        },
    }


def variables(simulator: Simulator, vault: pathlib.Path, tokens: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Return the variables of a play; the connection has credentials of its own."""
    connection = {
        "provider": "kestra",
        "api_url": simulator.env["KESTRA_API_URL"],
        "credentials": {"api_token": simulator.env["KESTRA_API_TOKEN"]},
    }
    return {
        "vault": str(vault),
        "identity_connections": {"kes": connection},
        "token_rotation_tokens": tokens,
        "token_rotation_wait": 0,
        **more,
    }


def put_tokens(simulator: Simulator, *tokens: dict[str, Any]) -> None:
    simulator.put("tokens", list(tokens), provider="kestra")


def held(simulator: Simulator, name: str) -> list[dict[str, Any]]:
    """Return the tokens of a name, the oldest first."""
    found = [token for token in simulator.state("kestra")["tokens"] if token["name"] == name]
    return sorted(found, key=lambda token: str(token["iat"]))


def results(run: Run) -> list[dict[str, dict[str, Any]]]:
    """Return the result of each run of the role in a play, by the names of the tokens."""
    return [{line["name"]: line for line in outcome.result["msg"]} for outcome in run.outcomes if outcome.name == SHOWN]


def parts(run: Run) -> list[list[Outcome]]:
    """Return the tasks of a play, cut after each run of the role."""
    found: list[list[Outcome]] = [[]]
    for outcome in run.outcomes:
        found[-1].append(outcome)
        if outcome.name == SHOWN:
            found.append([])
    return found


def counts(part: list[Outcome]) -> tuple[int, int]:
    """Return how many tasks say that they changed something, and how many requests wrote."""
    return sum(bool(outcome.result.get("changed")) for outcome in part), sum(len(outcome.writes) for outcome in part)


def test_the_life_of_tokens(simulator: Simulator, playbooks: Playbooks, vault: pathlib.Path) -> None:
    simulator.put("users", [{"email": ADA}], provider="kestra")
    file = vault / "file.token"
    tokens = [
        {
            "connection": "kes", "service_account": "backup", "name": "listed", "rotate_after": "30d", "overlap": "1d",
            "deliver": "../vault/take.yml",
        },
        {
            "connection": "kes",
            "user": ADA,
            "name": "filed",
            "max_age": "40d",
            "min_remaining": "10d",
            "overlap": "2d",
            "dest": str(file),
        },
    ]
    given = variables(simulator, vault, tokens)

    check = playbooks.run([ROLE], variables=given, arguments=("--check",))
    (outcomes,) = results(check)
    assert {name: (line["outcome"], line["token_id"]) for name, line in outcomes.items()} == {
        "listed": ("made", None),
        "filed": ("made", None),
    }
    assert check[SHOWN].result["changed"] is True
    assert simulator.writes() == []
    assert not file.exists()

    run = playbooks.run(
        # A minute more than the 30 days: ages are in seconds, and the tokens are made within one.
        [
            *(ROLE, ROLE, after(simulator, 30 * DAY + 60), ROLE),
            *(after(simulator, 1.5 * DAY), ROLE, after(simulator, DAY), ROLE),
        ],
        variables=given,
    )
    first, second, third, fourth, fifth = results(run)
    made, again, due, one, other, _end = parts(run)
    assert [line["outcome"] for line in first.values()] == ["made", "made"]
    assert counts(made)[1] == 2
    assert counts(again) == (0, 0), "a second run changes nothing"
    assert [line["outcome"] for line in second.values()] == ["kept", "kept"]
    assert [line["outcome"] for line in third.values()] == ["made", "made"]
    assert [item["method"] for outcome in due for item in outcome.writes] == ["POST", "POST"], (
        "the old one is left alone"
    )
    assert [line["outcome"] for line in fourth.values()] == ["revoked", "kept"], "the overlap of one has passed"
    assert first["listed"]["token_id"] in fourth["listed"]["detail"]
    assert [line["outcome"] for line in fifth.values()] == ["kept", "revoked"]
    assert [[item["method"] for outcome in part for item in outcome.writes] for part in (one, other)] == [
        ["DELETE"],
        ["DELETE"],
    ]
    assert [line["token_id"] for line in fifth.values()] == [line["token_id"] for line in third.values()]
    assert [[token["id"] for token in held(simulator, name)] for name in ("listed", "filed")] == [
        [line["token_id"]] for line in third.values()
    ]

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secrets = (file.read_text(encoding="utf-8").strip(), (vault / "kes-listed").read_text(encoding="utf-8"))
    assert [secret[:8] for secret in secrets] == [held(simulator, name)[0]["prefix"] for name in ("filed", "listed")]
    assert_silent(run, (*secrets, simulator.env["KESTRA_API_TOKEN"]))


def test_what_goes_wrong_leaves_the_old_tokens(simulator: Simulator, playbooks: Playbooks, vault: pathlib.Path) -> None:
    ids = {}
    for name in ("refused", "filed", "unclear"):
        (account,) = (
            one["id"]
            for one in simulator.put("service_accounts", [{"name": name}], provider="kestra")
            if one["name"] == name
        )
        ids[name] = account
    simulator.put("users", [{"email": ADA}], provider="kestra")
    names = ("undelivered", *ids)
    owners = {name: ids.get(name, ADA) for name in names}
    put_tokens(
        simulator,
        *(
            {"owner": owner, "name": name, "value": f"canary-of-{name}", "age": 40 * DAY, "lastUsed": DAY}
            for name, owner in owners.items()
        ),
    )
    file = vault / "file.token"
    file.write_text("canary-of-filed\n", encoding="utf-8")
    file.chmod(0o640)
    # The first two reads of an account are by the one who rotates: to plan, and to make. Then the new token is tried.
    simulator.faults(
        [
            {
                "provider": "kestra", "operation": "get_service_account", "path": f"*/{ids['refused']}", "nth": 3,
                "count": 2, "status": 401,
            },
            {
                "provider": "kestra", "operation": "get_service_account", "path": f"*/{ids['filed']}", "nth": 3,
                "count": 2, "status": 401,
            },
            {
                "provider": "kestra", "operation": "get_service_account", "path": f"*/{ids['unclear']}", "nth": 3,
                "count": 1, "status": 500,
            },
        ]
    )
    due = {"connection": "kes", "rotate_after": "30d", "deliver": str(vault / "take.yml")}
    tokens = [
        {**due, "user": ADA, "name": "undelivered", "deliver": str(vault / "fail.yml")},
        *({**due, "service_account_id": ids[name], "name": name} for name in ("refused", "unclear")),
        {
            "connection": "kes",
            "rotate_after": "30d",
            "service_account_id": ids["filed"],
            "name": "filed",
            "dest": str(file),
        },
        {**due, "connection": "dead", "user": ADA, "name": "elsewhere"},
        {**due, "user": ADA, "name": "good"},
    ]
    given = variables(simulator, vault, tokens)
    # Nothing may be taken from who is protected; that a new token is taken back is no loss.
    given["identity_connections"]["kes"]["protect"] = ["*"]
    given["identity_connections"]["dead"] = {
        **given["identity_connections"]["kes"],
        "api_url": "http://127.0.0.1:9",
        "api_retries": 0,
    }
    run = playbooks.run([ROLE], variables=given, may_fail=True)
    (outcomes,) = results(run)
    assert {name: line["outcome"] for name, line in outcomes.items()} == {
        **dict.fromkeys((*names, "elsewhere"), "failed"),
        "good": "made",
    }
    assert run.code == 2
    message = run["Fail if a token failed"].message
    assert all(f": {name}: " in message for name in (*names, "elsewhere"))
    assert ": good: " not in message
    assert "'Write to a vault that is full'" in outcomes["undelivered"]["detail"]
    assert "The file is as it was before." in outcomes["filed"]["detail"]
    assert "could not be tested" in outcomes["unclear"]["detail"]
    for name in ("undelivered", "refused", "filed"):
        assert [token["prefix"] for token in held(simulator, name)] == ["canary-o"], name
        assert "was revoked; older ones still work" in outcomes[name]["detail"]
    assert (file.read_text(encoding="utf-8"), stat.S_IMODE(file.stat().st_mode)) == ("canary-of-filed\n", 0o640)
    assert len(held(simulator, "unclear")) == 2
    assert held(simulator, "unclear")[1]["id"] == outcomes["unclear"]["token_id"]
    secrets = [(vault / f"kes-{name}").read_text(encoding="utf-8") for name in ("refused", "unclear", "good")]
    assert_silent(run, (*secrets, "CANARY: no room", simulator.env["KESTRA_API_TOKEN"]))

    # It is run again: what failed is made, and what could not be tested before is not taken for current.
    tokens = [
        {**token, "deliver": str(vault / "take.yml")}
        for token in tokens
        if token["connection"] == "kes" and "dest" not in token
    ]
    again = playbooks.run([ROLE], variables={**given, "token_rotation_tokens": tokens})
    (outcomes,) = results(again)
    assert {name: line["outcome"] for name, line in outcomes.items()} == {
        **dict.fromkeys(("undelivered", "refused", "unclear"), "made"),
        "good": "kept",
    }
    assert "was never used" in outcomes["unclear"]["detail"]


def test_a_token_that_never_arrived_is_not_current(
    simulator: Simulator, playbooks: Playbooks, vault: pathlib.Path
) -> None:
    simulator.put("users", [{"email": ADA}], provider="kestra")
    put_tokens(
        simulator,
        {"owner": ADA, "name": "cut-off", "age": 3 * DAY, "lastUsed": 60},
        {"owner": ADA, "name": "cut-off", "age": 2 * DAY},
        {"owner": ADA, "name": "twice", "age": 3 * DAY}, {"owner": ADA, "name": "twice", "age": 2 * DAY},
        {"owner": ADA, "name": "late", "age": 3 * DAY, "lastUsed": 60},
        {"owner": ADA, "name": "late", "age": 2 * DAY, "lastUsed": DAY},
    )  # fmt: skip
    due = {"connection": "kes", "user": ADA, "rotate_after": "30d", "deliver": str(vault / "take.yml")}
    tokens = [{**due, "name": name} for name in ("cut-off", "twice", "late")]
    tasks = [
        {"name": "whole", "block": [ROLE], "rescue": [{"name": "goes on", "ansible.builtin.debug": {"msg": "on"}}]},
        after(simulator, 2 * DAY),
        ROLE,
    ]
    run = playbooks.run(tasks, variables=variables(simulator, vault, tokens), may_fail=True)
    first, second = results(run)
    assert [line["outcome"] for line in first.values()] == ["made", "failed", "kept"]
    assert "were never used" in first["twice"]["detail"]
    assert "was used more recently than the current token" in first["late"]["detail"], "somebody works with the old one"
    assert [line["outcome"] for line in second.values()] == ["revoked", "failed", "kept"]
    (left,) = held(simulator, "cut-off")
    assert left["id"] == first["cut-off"]["token_id"]
    assert [len(held(simulator, name)) for name in ("twice", "late")] == [2, 2]
    assert_silent(run, ((vault / "kes-cut-off").read_text(encoding="utf-8"), simulator.env["KESTRA_API_TOKEN"]))


def test_ten_connections(simulator: Simulator, playbooks: Playbooks, vault: pathlib.Path) -> None:
    simulator.put("users", [{"email": ADA}], provider="kestra")
    given = variables(simulator, vault, [])
    (connection,) = given["identity_connections"].values()
    names = [f"k{number}" for number in range(10)]
    given["identity_connections"] = dict.fromkeys(names, connection)
    given["token_rotation_tokens"] = [
        {"connection": name, "user": ADA, "name": f"ci-{name}", "rotate_after": "30d"} for name in names
    ]
    given["token_rotation_tokens"][0]["dest"] = str(vault / "k0.token")
    given["taken"] = {}
    delivered = [
        {
            "name": "Take it",
            "ansible.builtin.set_fact": {
                "taken": "{{ taken | combine({identity_delivery.name: identity_delivery.token}) }}"
            },
        }
    ]
    (vault / "remember.yml").write_text(yaml.safe_dump(delivered), encoding="utf-8")
    count = {
        "name": "taken",
        "ansible.builtin.debug": {"msg": ["{{ taken.keys() }}", "{{ taken.values() | unique | length }} tokens"]},
    }
    run = playbooks.run([ROLE, count], variables={**given, "token_rotation_deliver": str(vault / "remember.yml")})
    (outcomes,) = results(run)
    assert [(line["connection"], line["outcome"]) for line in outcomes.values()] == [(name, "made") for name in names]
    assert run["taken"].result["msg"] == [[f"ci-{name}" for name in names[1:]], "9 tokens"]
    assert sum(token["name"].startswith("ci-") for token in simulator.state("kestra")["tokens"]) == 10
    assert_silent(run, ((vault / "k0.token").read_text(encoding="utf-8").strip(), simulator.env["KESTRA_API_TOKEN"]))


def test_what_is_wrong_is_told_before_anybody_is_asked(
    simulator: Simulator, playbooks: Playbooks, vault: pathlib.Path
) -> None:
    given = variables(simulator, vault, [
        {"connection": "kes", "user": ADA, "name": "filed", "rotate_after": "30d", "dest": str(vault / "token")},
        {"connection": "nx", "user": ADA, "name": "key", "rotate_after": "30d", "deliver": str(vault / "take.yml")},
        {"connection": "kes", "user": ADA, "name": "Bad Name", "deliver": str(vault / "take.yml")},
    ])  # fmt: skip
    given["identity_connections"]["nx"] = {"provider": "nextauth"}
    given["token_rotation_tokens"] += [
        {"connection": "kes", "user": ADA, "name": name, "rotate_after": "30d", "deliver": f"rollcall.identity.{name}"}
        for name in ("git", "fax")
    ]
    run = playbooks.run([ROLE], variables={**given, "awx_job_id": 7}, may_fail=True)
    message = run["Check everything before any API call"].message
    texts = (
        "lost with the container on AWX", "nextAuth manually", "Kestra accepts 1 to 63", "would never be rotated",
        "deliver rollcall.identity.git is for results and refuses tokens",
        "deliver rollcall.identity.fax does not exist",
    )  # fmt: skip
    assert [text in message for text in texts] == [True] * len(texts), message
    assert simulator.requests(provider="kestra") == []
    assert_silent(run, (simulator.env["KESTRA_API_TOKEN"],))

    # Ansible itself reads the task file before there is a token.
    tokens = [
        {"connection": "kes", "user": ADA, "name": "ci", "rotate_after": "30d", "deliver": str(vault / "broken.yml")}
    ]
    run = playbooks.run([ROLE], variables={**given, "token_rotation_tokens": tokens, "awx_job_id": 7}, may_fail=True)
    assert run.code != 0
    assert "broken.yml" in run.output
    assert simulator.requests(provider="kestra") == []


def test_the_steps_show_no_token_without_the_role(
    simulator: Simulator, playbooks: Playbooks, vault: pathlib.Path
) -> None:
    """Nothing is shown in a task of the user's own, which does not set no_log, whatever goes wrong."""
    simulator.put("users", [{"email": ADA}], provider="kestra")
    file = vault / "file.token"
    file.write_text("canary-of-filed\n", encoding="utf-8")
    tokens = [
        {"connection": "kes", "user": ADA, "name": "filed", "rotate_after": "30d", "dest": str(file)},
        {"connection": "kes", "user": ADA, "name": "listed", "rotate_after": "30d", "deliver": str(vault / "take.yml")},
    ]
    given = variables(simulator, vault, [])

    def task(name: str, step: str, **options: Any) -> dict[str, Any]:
        action = {"step": step, "connections": "{{ identity_connections }}", **options}
        return {
            "name": name, "rollcall.identity.identity_token_rotation": action, "register": name, "ignore_errors": True,
        }

    first, second = "{{ plan.plan[0] }}", "{{ plan.plan[1] }}"
    both = "{{ filed.secret }} {{ listed.secret }}"
    copy = {
        "name": "keep them",
        "ansible.builtin.copy": {"content": both, "dest": str(vault / "both"), "mode": "0600"},
        "no_log": True,
    }
    run = playbooks.run(
        [
            task("plan", "plan", tokens=tokens),
            task("filed", "make", planned=first), task("listed", "make", planned=second), copy,
            task("no_text", "prove", planned=first, made="{{ filed.secret }}"),
            task("no_result", "prove", planned=first, made={"secret": "{{ filed.secret }}"}),
            task("no_such_option", "prove", planned=first, made="{{ filed }}", secret="{{ filed.secret }}"),
            task("no_plan", "prove", planned={"secret": "{{ filed.secret }}"}, made="{{ filed }}"),
            task("broken", "prove", planned=first, made="{{ filed }}", broken="Put it into the vault", wait=0),
            task("proved", "prove", planned=second, made="{{ listed }}", wait=0),
            task("finished", "finish", plan="{{ plan.plan }}", outcomes="{{ [broken.outcome, proved.outcome] }}"),
            task("missing", "make"),
        ],
        variables=given, may_fail=True,
    )  # fmt: skip
    failed = {outcome.name for outcome in run.outcomes if outcome.failed}
    assert failed == {"no_text", "no_result", "no_such_option", "no_plan", "missing"}
    assert run["missing"].message.startswith("planned is missing: step=make requires it."), "a failure is shown"
    assert [line["outcome"] for line in run["finished"].result["tokens"]] == ["failed", "made"]
    assert file.read_text(encoding="utf-8") == "canary-of-filed\n"
    secrets = (vault / "both").read_text(encoding="utf-8").split()
    assert [item["prefix"] for item in simulator.state("kestra")["tokens"] if item["name"] == "listed"] == [
        secrets[1][:8]
    ]
    old = base64.b64encode(file.read_bytes()).decode()
    assert_silent(run, (*secrets, "canary-of-filed", old, simulator.env["KESTRA_API_TOKEN"]))
