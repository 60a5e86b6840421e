# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The offboarding job in this process: evidence in every outcome, who stays out, and whose credentials are used."""

from __future__ import annotations

import json
import os
import pathlib
import stat
from typing import Any

import pytest
import yaml
from jobs import PROVIDERS, arguments_of, ok, plain, warned

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.modules.identity_offboard import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs import calls
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Hold, Link, Memory
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard import job
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from simulator.harness import Simulator

MAIL = "ada@acme.com"
ADA = {
    "id": "E1",
    "name": "Ada Lovelace",
    "email": MAIL,
    "end": "2026-06-01",
    "entitlements": ["nobody knows"],
    "manager": "E99",
}
ALL = {name: {"provider": provider} for name, provider in PROVIDERS.items()}
OL = {"ol": {"provider": "onelogin", "user_key": "email"}}

pytestmark = pytest.mark.in_process(users=0)


@pytest.fixture
def simulator(simulator: Simulator) -> Simulator:
    """Ada has an account with grants at each provider."""
    simulator.put_users(
        [{"username": MAIL, "email": MAIL, "firstname": "Ada", "lastname": "Lovelace", "roles": ["Snowflake"]}]
    )
    simulator.put_users(
        [{"email": MAIL, "groups": ["data", {"tenant": "acme-eu", "name": "sales"}], "sessions": 1}], "kestra"
    )
    simulator.put("tokens", [{"owner": MAIL, "name": "ci", "value": "canary-token-of-ada"}], "kestra")
    simulator.put_users([{"email": MAIL, "enabled": True, "roles": ["Snowflake"]}], "contabo")
    simulator.put_users(
        [{"email": MAIL, "firstName": "Ada", "lastName": "Lovelace", "permissions": ["VPN"], "passkeys": 1}], "sendauth"
    )
    simulator.put_users([{"userid": MAIL, "permissions": ["users"], "accounts": ["Phone"]}], "nextauth")
    return simulator


def offboard(folder: pathlib.Path, frame: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
    """Run the job with a links file and a folder for the evidence, and return its result."""
    arguments = {
        "connections": ALL, "people": [ADA], "as_of": "2026-06-15", "person": "E1", "proof_wait": 0,
        "links": str(folder / "links.yml"),
        "dest": str(folder / "evidence"), **params,
    }  # fmt: skip
    settings = Frame(**{"folder": str(folder), **(frame or {})})
    return plain(job.run_offboard(arguments_of(SPEC, arguments), settings, lambda seconds: None))


def rows(result: dict[str, Any], *connections: str) -> list[tuple[str, str, str]]:
    """Return (connection, step, outcome) of the evidence."""
    steps = result["evidence"]["steps"]
    return [
        (entry["connection"], entry["step"], entry["outcome"])
        for entry in steps
        if not connections or entry["connection"] in connections
    ]


def holds(folder: pathlib.Path) -> list[dict[str, Any]]:
    """Return the holds in the links file."""
    path = folder / "links.yml"
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["holds"] if path.exists() else []
    return found


def status(simulator: Simulator, email: str) -> int:
    """Return the status of a user of OneLogin: 1 is active, 2 suspended."""
    return next(int(user["status"]) for user in simulator.state("onelogin")["users"] if user["email"] == email)


def put(simulator: Simulator, email: str, **more: Any) -> str:
    """Put a user into OneLogin and return the id."""
    users = simulator.put_users([{"username": email, "email": email, "firstname": "A", "lastname": "B", **more}])
    return str(next(user["id"] for user in users if user["email"] == email))


def test_a_number_that_may_be_an_id_without_its_leading_zero_is_refused(
    simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    """ansible-core 2.19 and later read the survey answer 0042 as the octal number 34, which may be somebody else's id.
    """
    people = [
        {**ADA, "id": "0042"},
        {**ADA, "id": "34", "email": "bob@acme.com"},
        {**ADA, "id": "77", "email": "eve@acme.com"},
    ]
    mark = simulator.last
    with pytest.raises(InputError, match="may be the id 0042 without its leading zero"):
        offboard(tmp_path, people=people, person=34, connections=OL)
    assert simulator.last == mark
    assert offboard(tmp_path, people=people, person="0042", connections=OL)["evidence"]["person"]["id"] == "0042"
    assert [hold["person"] for hold in holds(tmp_path)] == ["0042"], (
        "0042 is in the links file alone when it is launched again"
    )
    link = {"person": "0042", "connection": "ol", "account": "7", "name": "ada", "linked": "2026-01-01T00:00:00Z"}
    for kept in ({"schema": 1, "holds": holds(tmp_path), "links": []}, {"schema": 1, "holds": [], "links": [link]}):
        (tmp_path / "links.yml").write_text(yaml.safe_dump(kept), encoding="utf-8")
        mark = simulator.last
        with pytest.raises(InputError, match="may be the id 0042 without its leading zero"):
            offboard(tmp_path, people=people[1:], person=34, connections=OL)
        assert simulator.last == mark


def test_evidence_is_written_in_three_forms_and_a_second_run_changes_nothing(
    simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    planned = ok(offboard(tmp_path, {"check": True}))
    assert planned["changed"]
    assert (simulator.writes(), planned["files"], list(tmp_path.iterdir())) == ([], {}, []), (
        "check mode writes nothing, and holds nobody"
    )
    done = ok(offboard(tmp_path))
    assert done["changed"]
    assert rows(planned) == [row for row in rows(done) if row[1] != "proof"]
    assert {outcome for _name, _step, outcome in rows(done)} == {"done", "manual"}
    folder = tmp_path / "evidence"
    assert sorted(path.name for path in folder.iterdir()) == ["E1.html", "E1.json", "E1.txt"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in (*folder.iterdir(), tmp_path / "links.yml")} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert json.loads((folder / "E1.json").read_text(encoding="utf-8")) == done["evidence"]
    assert [hold["person"] for hold in holds(tmp_path)] == ["E1"]
    kept = (tmp_path / "links.yml").read_bytes()
    mark = simulator.last
    again = ok(offboard(tmp_path))
    assert (again["changed"], simulator.writes(since=mark)) == (False, [])
    assert {outcome for _name, _step, outcome in rows(again)} == {"already", "manual"}
    assert (tmp_path / "links.yml").read_bytes() == kept, "the time of the hold is that of the first run"


def test_a_step_that_fails_is_named_and_the_person_stays_out(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    simulator.faults([{"provider": "nextauth", "operation": "revoke_permissions", "count": 0, "status": 403}])
    failed = offboard(tmp_path)
    assert failed["failed"]
    assert failed["changed"]
    assert "na (ada@acme.com): grants" in failed["msg"]
    assert [entry["message"] for entry in failed["errors"]] == failed["evidence"]["failed"]
    assert [entry["code"] for entry in failed["errors"]] == ["not_permitted", "not_applied"]
    assert ("ol", "proof", "done") in rows(failed)
    assert [hold["person"] for hold in holds(tmp_path)] == ["E1"]
    assert (tmp_path / "evidence" / "E1.html").exists()


def test_whatever_happens_there_is_evidence(
    simulator: Simulator, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance, secret = job.advance, simulator.env["KESTRA_API_TOKEN"]

    def broken(work: Any, answers: Any, moment: str) -> None:
        if work.phase == "steps":
            raise KeyError(secret)
        advance(work, answers, moment)

    monkeypatch.setattr(job, "advance", broken)
    failed = offboard(tmp_path)
    assert failed["failed"]
    assert failed["changed"]
    assert "Unexpected KeyError" in failed["msg"]
    assert "ended in the phase steps" in failed["msg"]
    assert [entry["code"] for entry in failed["errors"]] == ["unexpected", "unexpected"]
    assert secret not in str(failed)
    assert ("ol", "block", "done") in rows(failed)
    assert (tmp_path / "evidence" / "E1.json").exists()
    assert [hold["person"] for hold in holds(tmp_path)] == ["E1"]


def test_what_is_unexpected_in_one_call_is_that_calls_failure(
    simulator: Simulator, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_task, secret = calls.run_task, simulator.env["NEXTAUTH_API_KEY"]

    def broken(task: Any, params: Any, *more: Any) -> Any:
        if ".contabo." in task.connect.__module__ and not params.get("gather"):
            raise RuntimeError(f"boom {secret}")
        return run_task(task, params, *more)

    monkeypatch.setattr(calls, "run_task", broken)
    failed = offboard(tmp_path)
    assert {name for name, _step, outcome in rows(failed) if outcome == "failed"} == {"co"}
    assert failed["evidence"]["accounts"] != []
    assert ("ol", "proof", "done") in rows(failed)
    assert secret not in str(failed), "the secret of another connection"


def test_a_full_disk_at_the_end_fails_and_loses_nothing(
    simulator: Simulator, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = os.replace

    def full(source: Any, target: Any) -> None:
        if "evidence" in str(target):
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", full)
    failed = offboard(tmp_path)
    assert failed["failed"]
    assert "No space left on device" in failed["msg"]
    assert ("ol", "proof", "done") in rows(failed)
    assert status(simulator, MAIL) == 2


def test_a_link_is_followed_and_accounts_of_others_are_left_alone(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    renamed, other = put(simulator, "ada.cee@acme.com"), put(simulator, "bob@acme.com")
    heir = next(str(user["id"]) for user in simulator.state("onelogin")["users"] if user["email"] == MAIL)
    memory = Memory(
        [Link("E1", "ol", renamed, MAIL), Link("E2", "ol", other, "bob@acme.com"), Link("E3", "ol", heir, MAIL)],
        kept=True,
    )
    (tmp_path / "links.yml").write_text(memory.text(), encoding="utf-8")
    done = ok(offboard(tmp_path, connections=OL))
    assert [account["id"] for account in done["evidence"]["accounts"]] == [renamed]
    assert (status(simulator, "ada.cee@acme.com"), status(simulator, MAIL), status(simulator, "bob@acme.com")) == (
        2, 1, 1,
    )
    with pytest.raises(InputError, match="is the account of E2"):
        offboard(tmp_path, connections=OL, ids={"ol": [other]})
    alone = ok(offboard(tmp_path, connections=OL, people=[], person="E2"))
    assert status(simulator, "bob@acme.com") == 2
    assert alone["evidence"]["person"]["id"] == "E2"
    assert {hold["person"]: hold["feed"] for hold in holds(tmp_path)} == {"E1": holds(tmp_path)[0]["feed"], "E2": ""}


def test_nobody_found_is_a_failure_unless_it_may_be(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    nobody = {"people": [{**ADA, "email": "nobody@acme.com"}]}
    failed = offboard(tmp_path, **nobody)
    assert failed["failed"]
    assert "offboard_none_found: ok" in failed["msg"]
    assert [entry["code"] for entry in failed["errors"]] == ["user_not_found"]
    assert holds(tmp_path) == []
    assert (tmp_path / "evidence" / "E1.txt").exists()
    fine = ok(offboard(tmp_path, none_found="ok", **nobody))
    assert fine["changed"] is False
    assert [hold["person"] for hold in holds(tmp_path)] == ["E1"], "and gets no account either"


def test_a_connection_that_is_wrong_and_left_out_stops_nobody(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    connections = {**ALL, "new": {"provider": "kestra", "protekt": []}}
    with pytest.raises(InputError, match=r"new\.protekt is not an option"):
        offboard(tmp_path, connections=connections)
    person = {**ADA, "accounts": {"new": {"user": MAIL}}}
    done = ok(offboard(tmp_path, connections=connections, people=[person], only=["ol"]))
    assert [account["connection"] for account in done["evidence"]["accounts"]] == ["ol"]
    assert status(simulator, MAIL) == 2


def test_rows_that_are_wrong_stop_no_offboarding(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "id,name,email,status,end\nE1,Ada Lovelace,ada@acme.com,active,31.31.2026\nE2,Bob,no "
        "address,active,\nE3,Eve,eve@acme.com,gone fishing,\n",
        encoding="utf-8",
    )
    done = ok(
        offboard(
            tmp_path,
            people=None,
            people_file=str(file),
            connections=OL,
            entitlements={"data": {"grants": {"nowhere": {}}}},
        )
    )
    assert status(simulator, MAIL) == 2
    assert any("31.31.2026" in note for note in done["evidence"]["notes"])
    assert [hold["feed"] for hold in holds(tmp_path)] == [""], "until it is released: nobody knows what the row says"


def test_warnings_of_modules_keep_their_codes(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    put(simulator, "eve@acme.com", roles=["Snowflake"], mapped_roles=["VPN"])
    people = [{**ADA, "id": "E3", "email": "eve@acme.com"}]
    done = offboard(tmp_path, people=people, person="E3", connections=OL)
    (_missing, (code, text)) = warned(done)
    assert code == "kept_by_server"
    assert text.startswith("ol: eve@acme.com keeps the role VPN: a mapping or provisioning in OneLogin grants it.")
    assert [detail["user"] for detail in done["warning_details"] if "user" in detail] == ["eve@acme.com"]
    assert warned(offboard(tmp_path, connections=OL)) == []


def test_a_warning_of_many_calls_appears_once_without_secrets(
    simulator: Simulator, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, secret = calls.run_task, simulator.env["ONELOGIN_CLIENT_SECRET"]

    def warning(*arguments: Any) -> dict[str, Any]:
        detail = {"code": "notice", "message": f"{secret} is old", "user": f"the user of {secret}"}
        return {**run(*arguments), "warnings": [detail["message"]], "warning_details": [detail]}

    monkeypatch.setattr(calls, "run_task", warning)
    own = {"client_id": simulator.env["ONELOGIN_CLIENT_ID"], "client_secret": secret}
    done = ok(offboard(tmp_path, connections={"ol": {**OL["ol"], "credentials": own}}))
    (_missing, (code, text)) = warned(done)
    assert (code, text[:4], text[-7:]) == ("notice", "ol: ", " is old")
    assert done["warning_details"][1]["user"].startswith("the user of ")
    assert secret not in str(done)


@pytest.mark.parametrize(
    "content", ["schema: 2\nlinks: []\nholds: []\n", "links: [", "schema: 1\ncount: 3\nlinks: []\nholds: []\n"]
)
def test_damaged_links_are_refused_and_stay(simulator: Simulator, tmp_path: pathlib.Path, content: str) -> None:
    (tmp_path / "links.yml").write_text(content, encoding="utf-8")
    mark = simulator.last
    with pytest.raises(InputError, match="offboard_links"):
        offboard(tmp_path)
    assert simulator.requests(since=mark) == []
    assert (tmp_path / "links.yml").read_text(encoding="utf-8") == content


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"steps": [7]}',
        '{"steps": [{"step": "sessions"}]}',
        '{"earlier": [{"step": "block", "outcome": 1}]}',
    ],
)
def test_damaged_evidence_stops_no_offboarding_and_is_kept(
    simulator: Simulator, tmp_path: pathlib.Path, content: str
) -> None:
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "E1.json").write_text(content, encoding="utf-8")
    mark = simulator.last
    with pytest.raises(InputError, match="offboard_earlier is damaged: it is not evidence as this role writes it"):
        offboard(tmp_path, earlier=content)
    assert simulator.requests(since=mark) == []
    ol = {"ol": ALL["ol"]}
    checked = ok(offboard(tmp_path, {"check": True}, connections=ol))
    assert sorted(path.name for path in folder.iterdir()) == ["E1.json"]
    result = ok(offboard(tmp_path, connections=ol))
    assert [note for note in result["evidence"]["notes"] if "E1.unreadable.json" in note] == [
        note for note in checked["evidence"]["notes"] if "E1.unreadable.json" in note
    ] != []
    assert status(simulator, "ada@acme.com") == 2
    assert (folder / "E1.unreadable.json").read_text(encoding="utf-8") == content
    assert ok(offboard(tmp_path, connections=ol))["changed"] is False


def test_evidence_about_another_person_proves_nothing(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    """The file may have been renamed, or its id edited."""
    ol = {"ol": ALL["ol"]}
    evidence = ok(offboard(tmp_path, connections=ol))["evidence"]
    file = tmp_path / "evidence" / "E1.json"
    file.write_text("\ufeff" + file.read_text(encoding="utf-8"), encoding="utf-8")
    assert ok(offboard(tmp_path, connections=ol))["changed"] is False, "an editor added a byte order mark"
    other = json.dumps({**evidence, "person": {**evidence["person"], "id": "E2", "email": "bob@acme.com"}})
    with pytest.raises(InputError, match="offboard_earlier is the evidence about E2, and offboard_person is E1"):
        offboard(tmp_path, connections=ol, earlier=other)
    file.write_text(other, encoding="utf-8")
    assert ("ol", "sessions", "done") in rows(ok(offboard(tmp_path, connections=ol)))


def test_what_a_leaver_is_responsible_for_is_noted(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    service = {"kind": "service", "owner": "E1", "email": "backup@acme.com"}
    people = [ADA, {**service, "id": "S1", "name": "Backup"}, {**service, "id": "S2", "status": "left"}]
    notes = ok(offboard(tmp_path, people=people, connections={"ol": ALL["ol"]}))["evidence"]["notes"]
    assert (
        "E1 is the owner of S1 Backup: specify another owner in the feed, and change the credentials that the person "
        "may know."
    ) in notes


def test_targets_that_cannot_be_written_are_refused_before_any_call(
    simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    mark = simulator.last
    with pytest.raises(InputError) as caught:
        offboard(tmp_path, links=str(tmp_path / "no" / "links.yml"), dest=str(tmp_path / "file" / "evidence"))
    assert "offboard_links: there is no folder" in str(caught.value)
    assert "offboard_dest" in str(caught.value)
    assert simulator.requests(since=mark) == []


def test_links_are_json_where_their_file_is(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "links.json"
    done = ok(offboard(tmp_path, connections=OL, links=str(path)))
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(done["links"])


def test_two_connections_to_one_kestra_are_one_directory(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    connections = {"main": {"provider": "kestra", "tenant": "main"}, "eu": {"provider": "kestra", "tenant": "acme-eu"}}
    done = ok(offboard(tmp_path, connections=connections))
    assert rows(done, "eu") == [("eu", "find", "already")]
    assert {outcome for _name, _step, outcome in rows(done, "main")} == {"done"}
    user = next(user for user in simulator.state("kestra")["users"] if user["email"] == MAIL)
    assert not any(user[name] for name in ("tenants", "groups", "auths"))


def test_a_link_of_one_tenant_holds_for_the_other_one_as_well(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    connections = {"main": {"provider": "kestra", "tenant": "main"}, "eu": {"provider": "kestra", "tenant": "acme-eu"}}
    simulator.put_users([{"email": "ada.cee@acme.com", "groups": ["data"]}], "kestra")
    ids = {user["email"]: str(user["id"]) for user in simulator.state("kestra")["users"]}
    memory = Memory(
        [Link("E1", "main", ids["ada.cee@acme.com"], "ada.cee@acme.com"), Link("E2", "main", ids[MAIL], MAIL)],
        kept=True,
    )
    (tmp_path / "links.yml").write_text(memory.text(), encoding="utf-8")
    done = ok(offboard(tmp_path, connections=connections))
    assert [account["user"] for account in done["evidence"]["accounts"]] == ["ada.cee@acme.com"]
    heir = next(user for user in simulator.state("kestra")["users"] if user["email"] == MAIL)
    assert heir["groups"], "the account of E2, who has Ada's former address"
    with pytest.raises(InputError, match="is the account of E2"):
        offboard(tmp_path, connections=connections, ids={"eu": [ids[MAIL]]})


def test_no_connection_uses_the_credentials_of_another(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    own = {name: simulator.env[f"ONELOGIN_{name}".upper()] for name in ("client_id", "client_secret")}
    connections = {
        "own": {**OL["ol"], "credentials": own},
        "half": {**OL["ol"], "credentials": {"client_id": own["client_id"]}},
        "wrong": {**OL["ol"], "credentials": {**own, "client_secret": "canary-of-a-wrong-secret"}},
        **{f"co{number}": {"provider": "contabo"} for number in range(4)},
    }
    before = dict(os.environ)
    failed = offboard(tmp_path, connections=connections)
    assert dict(os.environ) == before
    assert rows(failed, "half") == [("half", "find", "failed")]
    assert rows(failed, "wrong") == [("wrong", "find", "failed")]
    assert ("own", "proof", "done") in rows(failed)
    assert "ignores those in the environment" in failed["msg"]
    assert [entry["code"] for entry in failed["errors"]] == ["missing_credentials", "not_authenticated"]
    for secret in ("canary-of-a-wrong-secret", *own.values(), simulator.env["CONTABO_API_PASSWORD"]):
        assert secret not in str(failed)
    assert rows(failed, "co1") == [("co1", "find", "already")], "one directory"


def test_the_page_shows_no_markup_of_others(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    hostile = "<script>alert(1)</script>"
    simulator.put("roles", [{"name": hostile, "users": []}])
    put(simulator, "eve@acme.com", roles=[hostile])
    person = {**ADA, "name": f"Eve {hostile}", "email": "eve@acme.com"}
    done = ok(offboard(tmp_path, connections=OL, people=[person]))
    assert hostile in done["text"]
    assert "<script" not in done["html"]
    assert "&lt;script&gt;" in (tmp_path / "evidence" / "E1.html").read_text(encoding="utf-8")


def test_a_hold_that_is_there_stays_with_the_same_feed(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    (tmp_path / "links.yml").write_text(
        Memory(holds=[Hold("E1", "2026-01-01T00:00:00Z", "0" * 64)], kept=True).text(), encoding="utf-8"
    )
    ok(offboard(tmp_path, connections=OL))
    (hold,) = holds(tmp_path)
    assert hold["since"] != "2026-01-01T00:00:00Z", "the feed has changed since"
    first = hold["since"]
    ok(offboard(tmp_path, connections=OL))
    assert holds(tmp_path)[0]["since"] == first


def test_two_pairs_of_credentials_of_one_account_are_one_account(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    more = {"client_id": "sim-read-all-id", "client_secret": "sim-read-all-secret"}
    done = ok(offboard(tmp_path, connections={**OL, "more": {**OL["ol"], "credentials": more}}))
    assert [entry["connection"] for entry in done["evidence"]["accounts"]] == ["ol"]
    assert any("is the account that ol also shows" in entry["detail"] for entry in done["evidence"]["steps"])
    assert [request["operation"] for request in simulator.writes()].count("update_user2") == 1
