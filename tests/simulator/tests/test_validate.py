# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Traffic against the OpenAPI document, which lies outside this repository; skipped where it is not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.harness import Simulator
from simulator.tests.clients import documented
from simulator.tests.rawclient import Client


def tour(sim: Simulator, api: Client, wire: str) -> None:
    """Every operation once or more, with good requests only."""
    sim.reset(preset="company", seed_users=60, onelogin={"wire": wire})
    api.call("GET", "/auth/rate_limit", token=api.get_token().json["access_token"])
    token = api.get_token().json["access_token"]

    def call(method: str, path: str, body: Any = None) -> Any:
        reply = api.call(method, path, body, token=token)
        assert reply.status < 300, (method, path, reply)
        return reply

    listed = call("GET", "/api/1/users?limit=20")
    after = listed.headers.get("after-cursor") or listed.json["pagination"]["after_cursor"]
    call("GET", f"/api/1/users?cursor={after}" if wire == "bare" else f"/api/1/users?limit=20&after_cursor={after}")
    call("GET", "/api/1/users?email=ada*&fields=email,status")
    new = {"firstname": "A", "lastname": "B", "email": "ab@example.com", "username": "ab"}
    made = call("POST", "/api/1/users", new).json
    one = f"/api/1/users/{made['id'] if wire == 'bare' else made['data'][0]['id']}"
    call("PUT", one, {"title": "x", "department": None, "status": 1})
    call("GET", one)
    call("GET", "/api/1/users/custom_attributes")
    call("PUT", f"{one}/set_custom_attributes", {"custom_attributes": {"badge": "1"}})
    call("PUT", f"{one}/add_roles", {"role_id_array": [410001, 410002]})
    call("GET", f"{one}/roles")
    call("GET", f"{one}/apps")
    call("PUT", f"{one}/remove_roles", {"role_id_array": [410001]})
    call("PUT", f"{one}/lock_user", {"locked_until": 60})
    call("GET", one)
    call("PUT", f"{one}/logout", {})
    call("PUT", f"{one}/set_state", {"state": 3})
    number = one.rsplit("/", 1)[1]
    call("PUT", f"/api/1/users/set_password_clear_text/{number}", {"password": "pass", "password_confirmation": "pass"})
    salted = {
        "password": "0" * 64,
        "password_confirmation": "0" * 64,
        "password_algorithm": "salt+sha256",
        "password_salt": "s",
    }
    call("PUT", f"/api/1/users/set_password_using_salt/{number}", salted)
    call("DELETE", one)
    call("GET", "/api/1/roles?name=team*")
    call("GET", "/api/1/roles/410001")
    call("GET", "/api/1/groups")
    call("GET", "/api/1/groups/310001")
    listed = call("GET", "/api/2/users?limit=20")
    call("GET", f"/api/2/users?cursor={listed.headers['after-cursor']}")
    call("GET", "/api/2/users?page=2&sort=-username&custom_attributes.badge=*")
    made = call(
        "POST", "/api/2/users?mappings=sync", {**new, "custom_attributes": {"badge": "1"}, "role_ids": [410001]}
    ).json
    two = f"/api/2/users/{made['id']}"
    call("PUT", f"{two}?mappings=disabled&validate_policy=false", {"status": 2, "phone": "+4512345678"})
    call("GET", two)
    call("GET", f"{two}/apps?ignore_visibility=true")
    call("PUT", f"/api/1/users/{made['id']}/lock_user", {"locked_until": 60})
    call("POST", f"{two}/unlock")
    call("GET", "/api/2/users/custom_attributes")
    call("GET", "/api/2/roles?limit=50&fields=users,apps,admins")
    call("GET", "/api/2/roles/410001")
    call("POST", "/api/2/roles/410004/users", [made["id"]])
    call("GET", "/api/2/roles/410004/users?limit=5")
    call("DELETE", "/api/2/roles/410004/users", [made["id"]])
    call("DELETE", two)
    sim.options(onelogin={"empty_fields": "null", "list_custom_attributes": False})
    call("GET", "/api/1/users?limit=3")
    call("GET", "/api/2/users?limit=3")
    sim.options(onelogin={"empty_fields": "absent", "list_custom_attributes": True})
    headers = {"Authorization": api.basic, "Content-Type": "application/json"}
    assert api.raw("POST", "/auth/oauth2/revoke", json.dumps({"access_token": token}).encode(), headers).status == 200


def test_every_operation_fits_its_document(facts: Path, tmp_path: Path) -> None:
    with documented("onelogin", facts, tmp_path / "tour.jsonl") as simulator, Client(simulator) as client:
        tour(simulator, client, "v1")
        tour(simulator, client, "bare")


@pytest.mark.last
def test_the_whole_run_fits_the_documents(facts: Path, record: Path, sim: Simulator) -> None:
    """All that the other tests sent, nonsense included: what was not refused must be right, and so must every answer.
    """
    from simulator.validate import validate_record

    report = validate_record(record, facts, thin=True)
    assert report.problems == []


def test_wrong_traffic_is_found(facts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from simulator.validate import main

    good = {
        "n": 1,
        "provider": "onelogin",
        "operation": "get_user_by_id",
        "method": "GET",
        "path": "/api/1/users/5",
        "query": "",
        "request_headers": {"authorization": "bearer ********"},
        "request_body": "",
        "fault": None,
        "status": 200,
        "response_headers": {"content-type": "application/json"},
        "response_body": '{"status": {"code": 200, "message": "ok"}, "data": [{"id": 5}]}',
    }
    lines = [
        good,
        {**good, "response_body": '{"status": {"code": 200, "message": "ok"}, "data": [{"id": "5"}]}'},
        {**good, "query": "nonsense=1"},
        {**good, "status": 418},
        {**good, "path": "/api/9/users"},
        {
            **good,
            "method": "PUT",
            "path": "/api/1/users/5/set_state",
            "request_body": '{"state": 9}',
            "request_headers": {"content-type": "application/json"},
        },
        {**good, "provider": "nobody"},
        {**good, "status": 502, "fault": "html"},
    ]
    record = tmp_path / "record.jsonl"
    record.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert main([str(record), str(facts)]) == 1
    out = capsys.readouterr().out
    assert "of 8 exchanges validated" in out
    for text in (
        "data", "undocumented query parameter nonsense", "418 is not documented", "the document does not have",
        "no document for nobody", "html",
    ):
        assert text in out
