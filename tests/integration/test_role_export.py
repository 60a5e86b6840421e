# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role export: live directories become files, twice the same ones, with which the role access has nothing to do."""

from __future__ import annotations

import functools
import pathlib
import stat
from typing import Any

import pytest
import yaml
from jobs import reset_odd_company, untagged
from playbooks import Playbooks, Run, include_role
from scenarios import assert_silent, secrets_of

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.calls import Caller, ModuleCall, error_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from simulator.harness import Simulator

PROVIDERS = {"ol": "onelogin", "kes": "kestra", "con": "contabo", "na": "nextauth", "sa": "sendauth"}
SECRETS = {
    "ol": ("client_id", "client_secret"), "kes": ("api_token",),
    "con": ("client_id", "client_secret", "api_user", "api_password"), "na": ("api_key",),
}
ADDRESSES = ("api_url", "auth_url", "server_id")
HOSTILE = "{{ lookup('ansible.builtin.pipe', 'touch pwned') }}"
role = functools.partial(include_role, "export")


def connection(simulator: Simulator, name: str, **more: Any) -> dict[str, Any]:
    """Return a connection to a provider of the simulator, with addresses and credentials of its own
    where there are any."""
    provider = PROVIDERS[name]
    credentials = {option: simulator.env[f"{provider}_{option}".upper()] for option in SECRETS.get(name, ())}
    addresses = {
        option: simulator.env[variable]
        for option in ADDRESSES
        if (variable := f"{provider}_{option}".upper()) in simulator.env
    }
    return {"provider": provider, **({"credentials": credentials, **addresses} if credentials else {}), **more}


def files(folder: pathlib.Path) -> dict[str, bytes]:
    """Return the content of all files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def named(run: Run, name: str) -> list[Any]:
    """Return the outcomes of all tasks of a name, in their order."""
    return [outcome for outcome in run.outcomes if outcome.name == name]


@pytest.fixture
def company(simulator: Simulator) -> Simulator:
    """The company with names of all kinds, eight more users, and some whose values try to inject code."""
    reset_odd_company(simulator, 8)
    simulator.put_users(
        [
            {
                "username": "mallory",
                "email": "mallory@example.com",
                "firstname": HOSTILE,
                "lastname": "#jinja2: x\n{% raw %}",
            },
            {
                "username": "user0001-admin",
                "email": "zero@example.com",
                "firstname": "Zero",
                "lastname": "One",
                "roles": ["Administrators"],
            },
            {
                "username": "margaret@example.com", "email": "mhamilton@example.com", "firstname": "Margaret",
                "lastname": "Hamilton",
            },
        ]
    )
    simulator.put_users(
        [
            {
                "email": "blocked@example.com",
                "firstName": "No",
                "lastName": "Way",
                "auths": [],
                "tenants": [],
                "groups": [],
            }
        ],
        "kestra",
    )
    return simulator


def test_twice_the_same_and_nothing_for_access_to_do(
    company: Simulator, playbooks: Playbooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections = {name: connection(company, name) for name in PROVIDERS}
    folder = playbooks.folder / "made here"
    run = export_thrice(playbooks, folder, connections)
    assert not [item for item in company.writes() if item["provider"] in PROVIDERS.values()]
    assert_the_second_writes_nothing(run)
    made = files(folder)
    assert_files(folder, made)
    result = run["Keep the result"].result["ansible_facts"]["export_result"]
    assert_result(result, made)
    # Their secrets are in the variables of the run, and nowhere else.
    assert_silent(run, secrets_of(company))
    assert not [secret for secret in secrets_of(company) for text in made.values() if secret.encode() in text]
    assert_access_has_nothing_to_do(playbooks, folder, connections, result)
    for name in (name for name in company.env if name.startswith("SENDAUTH_")):
        monkeypatch.setenv(name, company.env[name])
    assert_modules_have_nothing_to_do(connections, made, result)
    assert not list(playbooks.folder.rglob("pwned"))


def export_thrice(playbooks: Playbooks, folder: pathlib.Path, connections: dict[str, Any]) -> Run:
    """Export in check mode, for real over a file that is there, and again."""
    folder.mkdir()
    (folder / "people.yml").write_text("identity_people: []", encoding="utf-8")
    variables = {"identity_connections": connections, "export_dest": f"../{folder.name}", "export_bundles": True}
    check = role("check", check_mode=True, diff=True, vars={"export_connections": ["ol"], "export_dest": "not made"})
    # The warm interpreter of this front end spares most of the time of the modules that write files.
    return playbooks.run(
        [check, role("export", vars={"export_overwrite": True}), role("again")], "module", variables=variables
    )


def assert_the_second_writes_nothing(run: Run) -> None:
    """Check mode shows what would be written, and writes nothing; neither does a second run."""
    written = named(run, "Read all connections and write the files")
    assert [outcome.result["changed"] for outcome in written] == [True, True, False]
    assert not (run.folder / "not made").exists()
    assert "ada.lovelace" in written[0].result["diff"][0]["after"]


def assert_files(folder: pathlib.Path, made: dict[str, bytes]) -> None:
    """One file for each connection and each kind of data, which nobody else can read."""
    lists = [f"connections/{name}.yml" for name in sorted(PROVIDERS)]
    assert list(made) == [*lists, "entitlements.yml", "links.yml", "people.csv", "people.yml"]
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in made} == {0o600}


def assert_result(result: dict[str, Any], made: dict[str, bytes]) -> None:
    """The result counts what the files hold."""
    assert result["unreadable"] == {}
    assert result["bundles"] > 0
    assert result["people"] == len(untagged(made["people.yml"])["identity_people"])
    assert result["connections"]["ol"] == {"users": 23, "accounts": 23}


def assert_access_has_nothing_to_do(
    playbooks: Playbooks, folder: pathlib.Path, connections: dict[str, Any], result: dict[str, Any]
) -> None:
    """The role access plans no change over the files, and runs nothing that a name in a directory holds."""
    name = "{{ (identity_people | selectattr('id', 'equalto', 'mallory') | first).given_name }}"
    run = playbooks.run(
        [
            {"name": "access", "ansible.builtin.include_role": {"name": "rollcall.identity.access"}},
            {"name": "mallory", "ansible.builtin.debug": {"msg": name}},
        ],
        variables={"identity_connections": connections},
        arguments=("-e", f"@{folder / 'people.yml'}", "-e", f"@{folder / 'entitlements.yml'}"),
    )
    plan = run["Keep the result"].result["ansible_facts"]["access_result"]
    assert plan["totals"]["changed"] == 0, plan["text"]
    assert plan["totals"]["unchanged"] == result["accounts"]
    assert plan["losses"] == plan["failed"] == []
    assert run["mallory"].result["msg"] == HOSTILE


def assert_modules_have_nothing_to_do(
    connections: dict[str, Any], made: dict[str, bytes], result: dict[str, Any]
) -> None:
    """The modules of many users change nothing with the lists of users, and know all users but one: nextAuth's seed
    has a user whom no module may address, whom the export leaves out and names."""
    users = {name: untagged(made[f"connections/{name}.yml"])["users"] for name in connections}
    calls = [ModuleCall(name, "users", {"users": some, "unlisted": "report"}) for name, some in users.items()]
    answers = Caller(connections, Frame()).answers(calls)
    assert [(error_of(answer), answer["changed"]) for answer in answers] == [("", False)] * len(connections)
    assert [entry for answer in answers for entry in answer["unlisted"]] == [".."]
    assert [note for note in result["left_out"] if "'..'" in note]


def test_ten_connections_and_one_that_cannot_be_reached(simulator: Simulator, playbooks: Playbooks) -> None:
    simulator.reset(seed_users=3)
    many = {
        f"ol{number}": connection(simulator, "ol", **({"user_key": "email"} if number % 2 else {}))
        for number in range(10)
    }
    away = {"away": connection(simulator, "kes", api_url="http://127.0.0.1:9/kestra", api_retries=0)}
    deliver = playbooks.folder / "deliver.yml"
    deliver.write_text(
        '[{name: taken, ansible.builtin.debug: {msg: "{{ identity_delivery.content }}"}}]', encoding="utf-8"
    )
    run = playbooks.run(
        [role("export")],
        variables={"identity_connections": {**many, **away}, "export_deliver": str(deliver)},
        may_fail=True,
    )
    taken = run["taken"].result["msg"]
    assert run.code == 2
    assert "away could not be read and is missing from the files." in run["Fail if a connection is missing"].message
    assert "Could not reach http://127.0.0.1:9/" in run["Fail if a connection is missing"].message
    assert sorted(taken) == [
        *(f"connections/ol{number}.yml" for number in range(10)),
        "entitlements.yml",
        "links.yml",
        "people.csv",
        "people.yml",
    ]
    assert "NOT INCLUDED, because it could not be read: away." in taken["people.yml"]
    people = yaml.safe_load(taken["people.yml"])["identity_people"]
    assert [one["id"] for one in people] == ["user0001", "user0002", "user0003"]
    assert people[0]["accounts"] == {f"ol{number}": {"user": "user0001"} for number in range(0, 10, 2)}
    assert_silent(run, secrets_of(simulator))


def attempt(name: str, task: dict[str, Any]) -> dict[str, Any]:
    """Return a task that goes on if another one fails, and shows the message of the failure."""
    shown = {"name": name, "ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg }}"}}
    return {"name": f"{name}: attempt", "block": [task], "rescue": [shown]}


def taker(folder: pathlib.Path) -> pathlib.Path:
    """Write a task file that delivers: it copies the people of an export to ``taken.yml``, and says what it got."""
    people = "{{ identity_delivery.content['people.yml'] }}"
    copy = {"content": people, "dest": str(folder / "taken.yml"), "mode": "0600"}
    path = folder / "deliver.yml"
    path.write_text(yaml.safe_dump([
        {"name": "taken", "ansible.builtin.copy": copy},
        {"name": "kind", "ansible.builtin.debug": {"msg": "{{ identity_delivery.kind }} {{ identity_delivery.name }}"}},
    ]), encoding="utf-8")  # fmt: skip
    return path


def test_delivery_and_what_is_refused_before_anybody_is_asked(simulator: Simulator, playbooks: Playbooks) -> None:
    simulator.reset(seed_users=2)
    mine, deliver = playbooks.folder / "people.yml", taker(playbooks.folder)
    mine.write_text("identity_people: []", encoding="utf-8")
    away = connection(simulator, "ol", api_url="http://127.0.0.1:9/onelogin", api_retries=0)
    variables = {
        "identity_connections": {"con": connection(simulator, "con"), "away": away},
        "identity_as_of": "2026-06-15",
        "awx_job_id": "7",
    }
    wrong = {"export_dest": "..", "export_connections": "con, nowhere", "export_deliver": "lost.yml"}
    requests = {"url": f"{simulator.url}/_sim/requests?since={simulator.last}"}
    tasks = [
        attempt("why", role("on AWX", vars=wrong)),
        {"name": "asked", "ansible.builtin.uri": requests, "register": "asked"},
        role("delivered", vars={"export_deliver": "../deliver.yml", "export_on_missing": "report"}),
        attempt("why not", role("nobody", vars={"export_deliver": str(deliver), "export_connections": ["away"]})),
    ]
    run = playbooks.run(tasks, variables=variables)
    why = run["why"].result["msg"]
    assert "there is no connection nowhere" in why
    assert "lost with the container on AWX" in why
    assert "export_deliver: there is no file " in why
    assert f"{mine} was not written by an export" in why
    assert run["asked"].result["json"]["requests"] == []
    assert len(named(run, "taken")) == 1
    assert run["kind"].result["msg"] == "export export-2026-06-15"
    assert b"user0001@example.com" in (playbooks.folder / "taken.yml").read_bytes()
    assert "No connection could be read, so nothing was written." in run["why not"].result["msg"]
    assert_silent(run, secrets_of(simulator))
