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


def methods(part: list[Outcome]) -> list[str]:
    """Return the methods of the requests that wrote."""
    return [request["method"] for outcome in part for request in outcome.writes]


def counts(part: list[Outcome]) -> tuple[int, int]:
    """Return how many tasks say that they changed something, and how many requests wrote."""
    return sum(bool(outcome.result.get("changed")) for outcome in part), sum(len(outcome.writes) for outcome in part)


def life_of_two(vault: pathlib.Path) -> list[dict[str, Any]]:
    """Return a list of two tokens: one is delivered by tasks, the other one is written to a file."""
    listed = {"service_account": "backup", "rotate_after": "30d", "overlap": "1d", "deliver": "../vault/take.yml"}
    filed = {"user": ADA, "max_age": "40d", "min_remaining": "10d", "overlap": "2d", "dest": str(vault / "file.token")}
    return [{"connection": "kes", "name": "listed", **listed}, {"connection": "kes", "name": "filed", **filed}]


def assert_a_check_makes_nothing(run: Run, simulator: Simulator, file: pathlib.Path) -> None:
    """Check mode says what would be made."""
    (outcomes,) = results(run)
    made = {name: (line["outcome"], line["token_id"]) for name, line in outcomes.items()}
    assert made == {"listed": ("made", None), "filed": ("made", None)}
    assert run[SHOWN].result["changed"] is True
    assert simulator.writes() == []
    assert not file.exists()


def test_the_life_of_tokens(simulator: Simulator, playbooks: Playbooks, vault: pathlib.Path) -> None:
    simulator.put("users", [{"email": ADA}], provider="kestra")
    file = vault / "file.token"
    given = variables(simulator, vault, life_of_two(vault))
    assert_a_check_makes_nothing(playbooks.run([ROLE], variables=given, arguments=("--check",)), simulator, file)
    # A minute more than the 30 days: ages are in seconds, and the tokens are made within one.
    due, overlap, rest = (after(simulator, seconds) for seconds in (30 * DAY + 60, 1.5 * DAY, DAY))
    run = playbooks.run([ROLE, ROLE, due, ROLE, overlap, ROLE, rest, ROLE], variables=given)
    first, second, third, fourth, fifth = results(run)
    lives = [[line["outcome"] for line in result.values()] for result in (first, second, third, fourth, fifth)]
    assert lives == [["made", "made"], ["kept", "kept"], ["made", "made"], ["revoked", "kept"], ["kept", "revoked"]]
    made, again, renewed, one, other, _end = parts(run)
    assert counts(made)[1] == 2
    assert counts(again) == (0, 0), "a second run changes nothing"
    assert methods(renewed) == ["POST", "POST"], "the old one is left alone"
    assert (methods(one), methods(other)) == (["DELETE"], ["DELETE"]), "until its overlap has passed"
    assert first["listed"]["token_id"] in fourth["listed"]["detail"]
    current = [line["token_id"] for line in third.values()]
    assert [line["token_id"] for line in fifth.values()] == current
    assert [[token["id"] for token in held(simulator, name)] for name in ("listed", "filed")] == [
        [identity] for identity in current
    ]

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secrets = (file.read_text(encoding="utf-8").strip(), (vault / "kes-listed").read_text(encoding="utf-8"))
    assert [secret[:8] for secret in secrets] == [held(simulator, name)[0]["prefix"] for name in ("filed", "listed")]
    assert_silent(run, (*secrets, simulator.env["KESTRA_API_TOKEN"]))


FAILING = ("undelivered", "refused", "filed", "unclear")
"""Tokens whose rotation fails: the tasks that deliver it fail, the server refuses the new one (twice, the second one is
in a file), and the server does not say whether it accepts the new one."""


def put_due_tokens(simulator: Simulator, vault: pathlib.Path) -> dict[str, str]:
    """Put old tokens of Ada and of three service accounts, whose ids are returned; one is in a file, too."""
    simulator.put("users", [{"email": ADA}], provider="kestra")
    ids = {}
    for name in FAILING[1:]:
        accounts = simulator.put("service_accounts", [{"name": name}], provider="kestra")
        (ids[name],) = (account["id"] for account in accounts if account["name"] == name)
    old = {"age": 40 * DAY, "lastUsed": DAY}
    tokens = [{"owner": ids.get(name, ADA), "name": name, "value": f"canary-of-{name}", **old} for name in FAILING]
    put_tokens(simulator, *tokens)
    file = vault / "file.token"
    file.write_text("canary-of-filed\n", encoding="utf-8")
    file.chmod(0o640)
    return ids


def refuse_new_tokens(simulator: Simulator, ids: dict[str, str]) -> None:
    """Let the first use of new tokens fail: the reads of an account before are by the one who rotates, to plan and to
    make."""
    fails = {"refused": {"count": 2, "status": 401}, "filed": {"count": 2, "status": 401}}
    fails["unclear"] = {"count": 1, "status": 500}
    reads = {"provider": "kestra", "operation": "get_service_account", "nth": 3}
    simulator.faults([{**reads, "path": f"*/{ids[name]}", **about} for name, about in fails.items()])


def due_list(ids: dict[str, str], vault: pathlib.Path) -> list[dict[str, Any]]:
    """Return a list of the tokens that fail, one in a connection that cannot be reached, and one that is made."""
    due = {"connection": "kes", "rotate_after": "30d"}
    taken = {**due, "deliver": str(vault / "take.yml")}
    return [
        {**due, "user": ADA, "name": "undelivered", "deliver": str(vault / "fail.yml")},
        {**taken, "service_account_id": ids["refused"], "name": "refused"},
        {**taken, "service_account_id": ids["unclear"], "name": "unclear"},
        {**due, "service_account_id": ids["filed"], "name": "filed", "dest": str(vault / "file.token")},
        {**taken, "connection": "dead", "user": ADA, "name": "elsewhere"},
        {**taken, "user": ADA, "name": "good"},
    ]


def test_what_goes_wrong_leaves_the_old_tokens(simulator: Simulator, playbooks: Playbooks, vault: pathlib.Path) -> None:
    ids = put_due_tokens(simulator, vault)
    refuse_new_tokens(simulator, ids)
    tokens = due_list(ids, vault)
    given = variables(simulator, vault, tokens)
    # Nothing may be taken from who is protected; that a new token is taken back is no loss.
    kes = {**given["identity_connections"]["kes"], "protect": ["*"]}
    given["identity_connections"] = {"kes": kes, "dead": {**kes, "api_url": "http://127.0.0.1:9", "api_retries": 0}}
    run = playbooks.run([ROLE], variables=given, may_fail=True)
    assert run.code == 2
    assert_each_failure_is_named(run)
    assert_old_tokens_are_left(run, simulator, vault)
    secrets = [(vault / f"kes-{name}").read_text(encoding="utf-8") for name in ("refused", "unclear", "good")]
    assert_silent(run, (*secrets, "CANARY: no room", simulator.env["KESTRA_API_TOKEN"]))

    # It is run again: what failed is made, and what could not be tested before is not taken for current.
    rest = [token for token in tokens if token["connection"] == "kes" and "dest" not in token]
    given["token_rotation_tokens"] = [{**token, "deliver": str(vault / "take.yml")} for token in rest]
    (outcomes,) = results(playbooks.run([after(simulator, 660), ROLE], variables=given))
    made = {name: line["outcome"] for name, line in outcomes.items()}
    assert made == {"undelivered": "made", "refused": "made", "unclear": "made", "good": "kept"}
    assert "was never used" in outcomes["unclear"]["detail"]


def assert_each_failure_is_named(run: Run) -> None:
    """The result says what became of each token, and the message of the role names those that failed."""
    (outcomes,) = results(run)
    failed = (*FAILING, "elsewhere")
    assert {name: line["outcome"] for name, line in outcomes.items()} == {
        **dict.fromkeys(failed, "failed"), "good": "made",
    }
    message = run["Fail if a token failed"].message
    assert [name for name in outcomes if f": {name}: " in message] == [name for name in outcomes if name in failed]
    assert "'Write to a vault that is full'" in outcomes["undelivered"]["detail"]
    assert "The file is as it was before." in outcomes["filed"]["detail"]
    assert "could not be tested" in outcomes["unclear"]["detail"]


def assert_old_tokens_are_left(run: Run, simulator: Simulator, vault: pathlib.Path) -> None:
    """A new token that nobody can use is revoked, one that somebody may use is not, and the old ones still work."""
    (outcomes,) = results(run)
    for name in ("undelivered", "refused", "filed"):
        assert [token["prefix"] for token in held(simulator, name)] == ["canary-o"], name
        assert "was revoked; older ones still work" in outcomes[name]["detail"]
    file = vault / "file.token"
    assert (file.read_text(encoding="utf-8"), stat.S_IMODE(file.stat().st_mode)) == ("canary-of-filed\n", 0o640)
    _old, new = held(simulator, "unclear")
    assert new["id"] == outcomes["unclear"]["token_id"]


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

    # The seconds before the second test of a token are needed after it was created.
    run = playbooks.run([ROLE], variables={**given, "token_rotation_wait": ""}, may_fail=True)
    message = run["Check everything before any API call"].message
    assert message.startswith("token_rotation_wait is '', not a whole number such as 5. Specify one")
    assert simulator.requests(provider="kestra") == []


def test_a_play_that_would_lose_tokens_is_refused(
    simulator: Simulator, playbooks: Playbooks, vault: pathlib.Path
) -> None:
    """Every host would create its own token; a task file without its tasks would deliver nothing."""
    simulator.put("users", [{"email": ADA}], provider="kestra")
    tagged = TAKE.replace("  ansible.builtin.copy:", "  tags: vault\n  ansible.builtin.copy:")
    (vault / "tagged.yml").write_text("---" + tagged, encoding="utf-8")
    tokens = [
        {"connection": "kes", "user": ADA, "name": "ci", "rotate_after": "30d", "deliver": str(vault / "tagged.yml")}
    ]
    given = variables(simulator, vault, tokens)
    for play, arguments, text in (
        ({"hosts": "h1,h2"}, ("-i", "h1,h2,"), "The play has 2 hosts (h1, h2)"),
        ({}, ("--skip-tags", "vault"), "--skip-tags vault may leave out tasks that deliver a token"),
    ):
        run = playbooks.run([ROLE], variables=given, play=play, arguments=arguments, may_fail=True)
        assert run.code == 2
        assert text in run["Check everything before any API call"].message
    assert simulator.requests(provider="kestra") == []

    # The tags of the role select it as a whole, with its deliveries.
    role = {"name": "rotate", "ansible.builtin.import_role": {"name": "rollcall.identity.token_rotation"}}
    run = playbooks.run([{**role, "tags": "rotation"}], variables=given, arguments=("--tags", "rotation"))
    (outcomes,) = results(run)
    assert outcomes["ci"]["outcome"] == "made"
    assert (vault / "kes-ci").read_text(encoding="utf-8")[:8] == held(simulator, "ci")[0]["prefix"]


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
