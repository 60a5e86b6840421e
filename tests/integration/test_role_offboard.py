# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role offboard: one person leaves everywhere, with what each provider holds afterwards, and the evidence."""

from __future__ import annotations

import json
import os
import pathlib
import re
import stat
from typing import Any

import pytest
from playbooks import Playbooks, Run
from scenarios import assert_silent, secrets_of

from simulator.harness import Simulator

DAY = "2026-06-15"
MAIL = "ada@example.com"
TOKEN = "canary-token-of-ada"
ADA = {"id": "E1", "name": "Ada Lovelace", "email": MAIL, "end": "2026-06-01", "accounts": {"ol": {"user": "ada"}}}
NAMES = {"ol": "onelogin", "kes": "kestra", "co": "contabo", "sa": "sendauth", "na": "nextauth"}
FIVE = {name: {"provider": provider} for name, provider in NAMES.items()}


@pytest.fixture
def ada(simulator: Simulator) -> Simulator:
    """Ada has an account with grants in all five."""
    simulator.put_users(
        [{"username": "ada", "email": MAIL, "firstname": "Ada", "lastname": "Lovelace", "roles": ["Snowflake", "2024"]}]
    )
    simulator.put_users(
        [
            {
                "email": MAIL,
                "password": "Sim-Passw0rd",
                "groups": ["data", {"tenant": "acme-eu", "name": "sales"}],
                "sessions": 2,
            }
        ],
        "kestra",
    )
    simulator.put(
        "bindings", [{"tenant": "main", "user": MAIL, "role": "Developer", "namespace": "company.data"}], "kestra"
    )
    simulator.put(
        "tokens",
        [{"owner": MAIL, "name": "ci", "value": TOKEN}, {"owner": MAIL, "name": "cd", "value": f"{TOKEN}-2"}],
        "kestra",
    )
    simulator.put_users(
        [{"email": MAIL, "enabled": True, "totp": False, "locale": "en", "roles": ["Snowflake"]}], "contabo"
    )
    names = {"firstName": "Ada", "lastName": "Lovelace"}
    simulator.put_users(
        [{"email": MAIL, **names, "permissions": ["VPN"], "permissionGroups": ["Data"], "passkeys": 1}], "sendauth"
    )
    simulator.put_users([{"userid": MAIL, "permissions": ["users"], "accounts": ["Phone", "Tablet"]}], "nextauth")
    return simulator


def offboard(playbooks: Playbooks, *arguments: str, may_fail: bool = False, **variables: Any) -> Run:
    """Run the role. Evidence goes below the folder of the test."""
    values = {
        "identity_people": [ADA], "identity_connections": FIVE, "identity_as_of": DAY, "offboard_person": "E1",
        "offboard_proof_wait": 0,
        "offboard_dest": str(playbooks.folder / "evidence"), **variables,
    }  # fmt: skip
    task = {"name": "offboard", "ansible.builtin.include_role": {"name": "rollcall.identity.offboard"}}
    return playbooks.run([task], variables=values, arguments=arguments, may_fail=may_fail)


def result(run: Run) -> dict[str, Any]:
    """Return the evidence."""
    found: dict[str, Any] = run["Keep the evidence"].result["ansible_facts"]["offboard_result"]
    return found


def rows(run: Run, *connections: str) -> list[tuple[str, str, str]]:
    """Return (connection, step, outcome) of the entries."""
    return [
        (entry["connection"], entry["step"], entry["outcome"])
        for entry in result(run)["steps"]
        if not connections or entry["connection"] in connections
    ]


def outcomes(run: Run, *connections: str) -> set[str]:
    return {outcome for _connection, _step, outcome in rows(run, *connections)}


def writes(run: Run) -> list[tuple[str, str]]:
    """Return (provider, operation) of all writes of a run, in their order."""
    return [(request["provider"], request["operation"]) for outcome in run.outcomes for request in outcome.writes]


def changed(run: Run) -> int:
    """Return the number of tasks that have changed something, as Ansible counts it."""
    found = re.search(r"changed=(\d+)", run.output)
    assert found is not None
    return int(found[1])


def user_of(simulator: Simulator, provider: str) -> dict[str, Any] | None:
    """Return Ada as a provider has her."""
    users = simulator.state(provider)["users"]
    return next((user for user in users if MAIL in (user.get("email"), user.get("userid"))), None)


def test_one_person_leaves_everywhere(ada: Simulator, playbooks: Playbooks) -> None:
    home = {"offboard_dest": f"~/{os.path.relpath(playbooks.folder / 'evidence', os.path.expanduser('~'))}"}
    planned = offboard(playbooks, "--check", **home)
    assert writes(planned) == []
    assert not (playbooks.folder / "evidence").exists()

    done = offboard(playbooks, **home)
    assert outcomes(done) == {"done", "manual"}
    assert rows(planned) == [row for row in rows(done) if row[1] != "proof"]
    assert len([row for row in rows(done) if row[1:] == ("proof", "done")]) == 5
    sent = writes(done)
    blocks = [
        ("onelogin", "update_user2"), ("kestra", "delete_user_auth_method"), ("contabo", "update_user"),
        ("nextauth", "update_account"),
    ]
    blocks.append(("sendauth", "delete_user"))
    others = [("onelogin", "log_out_user"), ("onelogin", "remove_user_role"), ("nextauth", "revoke_permissions")]
    assert max(map(sent.index, blocks)) < min(map(sent.index, others)), "logins are blocked first"
    assert sent.index(("sendauth", "remove_user_passkey")) < sent.index(("sendauth", "delete_user"))

    onelogin, kestra, contabo, nextauth = (
        user_of(ada, provider) for provider in ("onelogin", "kestra", "contabo", "nextauth")
    )
    assert onelogin is not None and kestra is not None and contabo is not None and nextauth is not None
    assert (onelogin["status"], onelogin["role_names"], onelogin["logouts"]) == (2, [], 1)
    assert not any(kestra[name] for name in ("tenants", "groups", "auths", "sessions", "superAdmin"))
    assert not any(token["owner"] == kestra["id"] for token in ada.state("kestra")["tokens"])
    assert (contabo["enabled"], contabo["roles"]) == (False, [])
    assert nextauth["permissions"] == [] and all(account["blocked"] for account in nextauth["accounts"])
    assert user_of(ada, "sendauth") is None
    (deleted,) = (user for user in ada.state("sendauth")["deleted_users"] if user["email"] == MAIL)
    assert not deleted["permissions"] and not deleted["permissionGroups"] and not deleted["hasPasskeys"]

    file = playbooks.folder / "evidence" / "E1.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert json.loads(file.read_text(encoding="utf-8")) == result(done)
    text = (file.parent / "E1.txt").read_text(encoding="utf-8")
    assert "Offboarding of Ada Lovelace" in text and "client secret" in text

    again = offboard(playbooks, **home)
    assert (writes(again), changed(again), outcomes(again)) == ([], 0, {"already", "manual"})
    assert [entry["step"] for entry in result(again)["earlier"]].count("block") == 5

    for run in (planned, done, again):
        assert_silent(run, (TOKEN, *secrets_of(ada)))


def test_goes_on_past_what_fails_and_is_run_again(
    ada: Simulator, playbooks: Playbooks, settings: dict[str, str]
) -> None:
    login = {
        "client_id": settings["ONELOGIN_CLIENT_ID"],
        "client_secret": "{{ lookup('env', 'ONELOGIN_CLIENT_SECRET') }}",
    }
    ol = {"provider": "onelogin", "api_url": settings["ONELOGIN_API_URL"], "credentials": login}
    ten: dict[str, Any] = {f"ol{number}": {**ol, "user_key": ("username", "email")[number % 2]} for number in range(10)}
    dead = {**ten["ol9"], "api_url": "http://127.0.0.1:9/onelogin", "api_retries": 0}
    ada.faults([
        {"provider": "kestra", "operation": "delete_refresh_token", "count": 0, "status": 500},
        {"provider": "nextauth", "operation": "revoke_permissions", "count": 0, "status": 403},
    ])  # fmt: skip
    connections = {**ten, "ol9": dead, "kes": FIVE["kes"], "na": FIVE["na"]}
    people = [{name: value for name, value in ADA.items() if name != "accounts"}]
    first = offboard(playbooks, identity_connections=connections, identity_people=people, may_fail=True)
    assert first.code != 0
    assert rows(first, "ol9") == [("ol9", "find", "failed")]
    assert ("kes", "block", "failed") in rows(first) and ("kes", "sessions", "failed") in rows(first)
    assert ("na", "block", "done") in rows(first) and ("na", "grants", "failed") in rows(first)
    assert ("ol0", "block", "done") in rows(first) and ("ol8", "proof", "already") not in rows(first, "ol0")
    assert "failed" not in {outcome for number in range(9) for outcome in outcomes(first, f"ol{number}")}
    assert (
        "127.0.0.1:9" in first["Fail if a step failed"].message
        and "run the role again" in first["Fail if a step failed"].message
    )
    assert not result(first)["complete"]
    assert (playbooks.folder / "evidence" / "E1.txt").exists(), "what was done is reported although something failed"
    assert {
        request["path"]
        for outcome in first.outcomes
        for request in outcome.writes
        if request["operation"] == "log_out_user"
    }

    ada.clear_faults()
    mended = {**connections, "ol9": ten["ol9"]}
    second = offboard(playbooks, identity_connections=mended, identity_people=people)
    assert result(second)["complete"]
    assert ("kes", "sessions", "done") in rows(second) and ("na", "grants", "done") in rows(second)
    assert outcomes(second, "ol0") == {"already", "manual"}
    for run in (first, second):
        assert_silent(
            run, (ada.env["ONELOGIN_CLIENT_SECRET"], ada.env["KESTRA_API_TOKEN"], ada.env["NEXTAUTH_API_KEY"], TOKEN)
        )


def test_who_is_protected_keeps_everything_and_nothing_is_deleted_early(ada: Simulator, playbooks: Playbooks) -> None:
    connections = {**{name: FIVE[name] for name in ("kes", "co")}, "ol": {"provider": "onelogin", "protect": ["ad*"]}}
    contabo = user_of(ada, "contabo")
    assert contabo is not None
    # As a survey or -e gives them.
    texts = {
        "offboard_connections": "kes, co,ol",
        "offboard_previous_emails": MAIL,
        "offboard_ids": json.dumps({"co": [contabo["userId"]]}),
    }
    connections["na"] = FIVE["na"]
    people = [{"id": "E1", "email": "ada@new.example.com", "end": "2026-06-01", "accounts": {"ol": {"user": "ada"}}}]
    run = offboard(
        playbooks,
        identity_connections=connections,
        identity_people=people,
        offboard_level="delete",
        may_fail=True,
        **texts,
    )
    assert {connection for connection, _step, _outcome in rows(run)} == {"kes", "co", "ol"}
    assert run.code != 0
    assert not [sent for sent in writes(run) if sent[0] == "onelogin"]
    assert outcomes(run, "ol") == {"failed", "manual"}
    assert "protected by 'ad*' in protect" in run["Fail if a step failed"].message
    assert outcomes(run, "kes", "co") == {"done", "manual"}
    assert "Due on 2026-07-01" in result(run)["deletion"]
    assert user_of(ada, "kestra") is not None and user_of(ada, "contabo") is not None


def test_what_is_due_is_deleted_and_evidence_is_delivered(
    ada: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path
) -> None:
    deliver = tmp_path / "deliver.yml"
    file = str(tmp_path / "delivered-{{ identity_delivery.name }}")
    task = {
        "name": "hand over",
        "ansible.builtin.copy": {"content": "{{ identity_delivery.content | to_json }} ", "dest": file, "mode": "0600"},
        "changed_when": False,
    }
    deliver.write_text(json.dumps([task]), encoding="utf-8")
    variables = {
        "identity_as_of": "2026-07-01",
        "offboard_level": "delete",
        "offboard_dest": "",
        "offboard_deliver": str(deliver),
        "awx_job_id": 7,
    }
    run = offboard(playbooks, **variables)
    assert [row for row in rows(run) if row[1] == "delete"] == [(name, "delete", "done") for name in FIVE]
    assert {
        user_of(ada, provider) is None for provider in ("onelogin", "kestra", "contabo", "sendauth", "nextauth")
    } == {True}
    assert MAIL not in json.dumps(ada.state("sendauth")["deleted_users"])
    delivered = json.loads((tmp_path / "delivered-E1").read_text(encoding="utf-8"))
    assert delivered == result(run) and delivered["complete"]

    again = offboard(playbooks, **variables, offboard_earlier=delivered)
    assert (writes(again), changed(again)) == ([], 0)
    assert rows(again) == [(name, "find", "already") for name in FIVE]
    assert len(result(again)["earlier"]) >= 5


def test_all_problems_are_reported_before_any_api_call(ada: Simulator, playbooks: Playbooks) -> None:
    wrong = {"offboard_person": "E9", "offboard_connections": ["west"], "offboard_deliver": "nowhere.yml"}
    run = offboard(playbooks, **wrong, awx_job_id=7, may_fail=True)
    message = run["Report all problems before any API call"].message
    for text in ("the feed has no person with the id E9", "no connection west", "there is no file"):
        assert text in message
    wrong = {
        "offboard_people_file": "nowhere.csv",
        "identity_connections": {**FIVE, "bad": {"provider": "kestra", "protekt": []}},
    }
    lost = offboard(playbooks, **wrong, awx_job_id=7, may_fail=True)
    message = lost["Report all problems before any API call"].message
    assert "Set offboard_deliver" in message and "bad.protekt is not an option of kestra's modules" in message
    assert f"offboard_people_file: there is no file {lost.folder / 'nowhere.csv'}." in message
    assert run.code != 0 and lost.code != 0
    assert not [request for one in (run, lost) for outcome in one.outcomes for request in outcome.requests]


def test_the_evidence_goes_to_the_folder_in_which_ansible_was_started(ada: Simulator, playbooks: Playbooks) -> None:
    """A program that starts Ansible in another folder may leave PWD as it was."""
    elsewhere = playbooks.folder / "elsewhere"
    elsewhere.mkdir()
    task = {"name": "offboard", "ansible.builtin.include_role": {"name": "rollcall.identity.offboard"}}
    variables = {
        "identity_people": [ADA], "identity_connections": {"ol": FIVE["ol"]}, "identity_as_of": DAY,
        "offboard_person": "E1", "offboard_proof_wait": 0,
    }  # fmt: skip
    run = playbooks.run([task], variables=variables, env={"PWD": str(elsewhere)})
    assert sorted(path.name for path in (run.folder / "offboard").iterdir()) == ["E1.html", "E1.json", "E1.txt"]
    assert list(elsewhere.iterdir()) == []


def test_the_next_access_reads_the_same_row_and_keeps_the_person_out(
    simulator: Simulator, playbooks: Playbooks
) -> None:
    """A row that offboard read without the mapping of access would be another one, and would end the hold."""
    simulator.put_users(
        [{"username": "ada", "email": MAIL, "firstname": "Ada", "lastname": "Lovelace", "roles": ["Snowflake"]}]
    )
    feed = playbooks.folder / "hr.csv"
    feed.write_text(f"Number,Full name,Mail,State\nE1,Ada Lovelace,{MAIL},Employed\n", encoding="utf-8")
    variables = {
        "identity_entitlements": {"data": {"grants": {"ol": {"roles": ["Snowflake"]}}}},
        "identity_links": str(playbooks.folder / "links.yml"),
        "identity_connections": {"ol": {"provider": "onelogin"}},
        "identity_rules": [{"when": {"id": "*"}, "entitlements": ["data"]}],
        "access_people_file": str(feed),
        "access_mode": "apply",
        "access_values": {"status": {"Employed": "active"}},
        "access_columns": {
            "id": "Number",
            "name": "Full name",
            "email": "Mail",
            "status": "State",
            "accounts.ol": {"value": "ada"},
        },
    }
    access = {"name": "access", "ansible.builtin.include_role": {"name": "rollcall.identity.access"}}
    linked = playbooks.run([access], variables={**variables, "identity_as_of": DAY})
    assert linked.code == 0
    assert result(offboard(playbooks, **{**variables, "identity_people": []}, offboard_people_file=str(feed)))[
        "complete"
    ]
    night = playbooks.run([access], variables={**variables, "identity_as_of": DAY})
    report = night["Keep the result"].result["ansible_facts"]["access_result"]
    assert [finding["code"] for finding in report["findings"]] == ["offboarded"]
    (user,) = (user for user in simulator.state("onelogin")["users"] if user["username"] == "ada")
    assert user["status"] == 2
    assert writes(night) == []
