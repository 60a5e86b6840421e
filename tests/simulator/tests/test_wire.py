# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults that spoil an answer or hold it back, and what every part of the simulator has in common on the wire."""

from __future__ import annotations

import base64
import json
import socket
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from simulator.harness import Simulator, SimulatorError
from simulator.tests.rawclient import Client

SERVER = quote("sim+main/server+/id01A==", safe="")
NEW = {"firstname": "A", "lastname": "B", "email": "a@b.c", "username": "ab"}
DEEP = b"[" * 3000


def exchange(sim: Simulator, request: bytes) -> bytes:
    """Everything that is answered to raw bytes, up to the end of the connection."""
    with socket.create_connection(("127.0.0.1", urlsplit(sim.url).port or 0), timeout=60) as connection:
        connection.sendall(request)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def test_rows_get_other_fields(sim: Simulator, api: Client) -> None:
    sim.put_users([NEW])
    sim.faults([
        {"operation": "list_users", "rows": {"status": None, "extra": {"a": 1}}, "rows_without": ["email", "username"]},
        {"operation": "list_users2", "rows": {"id": "100001"}},
        {"operation": "get_user2", "rows_without": ["status"]},
        {"operation": "list_users", "nth": 2, "rows": {"after_cursor": 5}, "rows_in": "pagination"},
    ])
    row = api.get("/api/1/users").data[0]
    assert (row["status"], row["extra"], row["firstname"]) == (None, {"a": 1}, "A")
    assert not {"email", "username"} & set(row)
    assert api.get("/api/2/users").json[0]["id"] == "100001"
    assert "status" not in api.get("/api/2/users/100001").json
    assert api.get("/api/1/users").json["pagination"]["after_cursor"] == 5
    assert [item["fault"] for item in sim.requests() if item["kind"] == "read"] == [
        "rows", "rows", "rows_without", "rows",
    ]


def test_bytes_that_are_no_text(sim: Simulator, api: Client) -> None:
    sim.faults(
        [
            {
                "operation": "list_users",
                "base64": base64.b64encode(b'{"data": "\xff\xfe"}').decode(),
                "headers": {"Content-Encoding": "gzip"},
            }
        ]
    )
    reply = api.get("/api/1/users")
    assert (reply.status, reply.body, reply.headers["content-encoding"]) == (200, b'{"data": "\xff\xfe"}', "gzip")


@pytest.mark.parametrize(("when", "there"), [("before", []), ("after", ["ab"])])
def test_an_answer_that_never_comes(sim: Simulator, api: Client, when: str, there: list[str]) -> None:
    body = json.dumps(NEW).encode()
    sim.faults([{"operation": "create_user", "hang": when}])
    head = f"POST /onelogin/api/1/users HTTP/1.1\r\nHost: x\r\nAuthorization: bearer {api.token}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", urlsplit(sim.url).port or 0), timeout=60) as connection:
        connection.sendall(head.encode() + body)
        while not [item for item in sim.requests() if item["fault"] == "hang"]:
            pass
        assert [user["username"] for user in api.get("/api/1/users").data] == there
    assert next(item for item in sim.requests() if item["fault"] == "hang")["status"] is None


def test_an_answer_byte_by_byte(sim: Simulator, api: Client) -> None:
    sim.faults([
        {"operation": "list_users", "trickle": 0.0001},
        {"operation": "get_groups", "trickle": 3600},
        {"operation": "list_roles", "delay_after": 0.001},
    ])
    assert api.get("/api/1/users").data == []
    request = f"GET /onelogin/api/1/groups HTTP/1.1\r\nHost: x\r\nAuthorization: bearer {api.token}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", urlsplit(sim.url).port or 0), timeout=60) as connection:
        connection.sendall(request.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    assert api.get("/api/2/roles").status == 200, "the client that left holds nobody up"


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ({"hang": "now"}, "hang must be"),
        ({"base64": "!"}, "base64 must be"),
        ({"base64": 5}, "base64 must be"),
        ({"rows": []}, "rows must be"),
        ({"rows_without": "id"}, "rows_without must be"),
        ({"trickle": -1}, "trickle must be"),
        ({"delay_after": "1"}, "delay_after must be"),
    ],
)
def test_broken_faults_are_refused(sim: Simulator, fault: dict[str, Any], text: str) -> None:
    with pytest.raises(SimulatorError, match=text):
        sim.faults([fault])


# The wire ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "header", "status"),
    [
        ("POST", "/onelogin/auth/oauth2/v2/token", ("Authorization", "Basic eDp5"), 400),
        ("POST", "/onelogin/api/1/users", ("Authorization", "bearer {onelogin}"), 400),
        ("POST", "/sendauth/api/v1/users", ("Authorization", "Basic c2ltLWFkbWluOnNpbS1hZG1pbi1zZWNyZXQ="), 400),
        ("POST", f"/nextauth/servers/{SERVER}/users/ada/attributes/", ("X-apikey", "sim-root-key"), 400),
        ("POST", f"/nextauth/servers/{SERVER}/permissions/x", ("X-apikey", "sim-root-key"), 404),
        ("POST", "/kestra/api/v1/users", ("Authorization", "{kestra}"), 422),
    ],
)
@pytest.mark.parametrize("body", [DEEP, b'{"a":' * 3000, b"[" * 3000 + b"]" * 3000])
def test_a_body_that_is_nested_too_deeply_is_the_providers_own_refusal(
    sim: Simulator, api: Client, method: str, path: str, header: tuple[str, str], status: int, body: bytes
) -> None:
    name, value = header
    value = value.replace("{onelogin}", api.token).replace("{kestra}", f"Bearer {sim_token(sim)}")
    reply = api.raw(method, path, body, {"Content-Type": "application/json", name: value}, prefix="")
    assert reply.status == status, reply
    assert "simulator_bug" not in reply.json
    assert sim.requests()[-1]["body"] == f"<{len(body)} bytes that are not JSON>"


def sim_token(sim: Simulator) -> str:
    return next(value for name, value in sim.env.items() if name == "KESTRA_API_TOKEN")


def test_head_is_get_without_the_body(sim: Simulator, api: Client) -> None:
    sim.put_users([NEW])
    full, head = api.get("/api/1/users"), api.call("HEAD", "/api/1/users")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", full.headers["content-length"])
    assert (api.call("HEAD", "/api/1/users/5").status, api.call("HEAD", "/auth/oauth2/v2/token").status) == (404, 405)
    assert api.get("/api/1/users").status == 200, "the connection is in order"
    assert sim.writes() == []


def test_a_target_may_be_a_whole_url(sim: Simulator, api: Client) -> None:
    for target in (
        f"{sim.url}/onelogin/api/1/users?limit=1", "HTTP://other.example.com/onelogin/api/1/users",
        f"{sim.url}/_sim/clock",
    ):
        request = f"GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: bearer {api.token}\r\nConnection: close\r\n\r\n"
        assert exchange(sim, request.encode()).startswith(b"HTTP/1.1 200"), target
    assert [item["operation"] for item in sim.requests() if item["kind"] == "read"] == ["list_users", "list_users"]


def test_a_hop_that_resolves_dot_segments(sim: Simulator, api: Client) -> None:
    """A user named ``..`` becomes the server itself; no client can send such a name safely."""
    headers = {"X-apikey": "sim-root-key", "Content-Type": "application/json"}
    users = f"/servers/{SERVER}/users"

    def call(method: str, path: str, body: bytes | None = None) -> int:
        return api.raw(method, path, body, headers, prefix="/nextauth").status

    assert call("POST", f"{users}/%2E%2E/attributes/", b'{"a":"1"}') == 200
    assert [user["userid"] for user in sim.state("nextauth")["users"]] == [".."]
    sim.reset(normalise_paths=True, nextauth={"preset": "company"})
    assert sim.control("GET", "options")["normalise_paths"] is True
    for path in (f"{users}/%2E%2E/attributes/", f"{users}/..%2F../attributes/"):
        call("POST", path, b'{"a":"1"}')
    state = sim.state("nextauth")
    assert state["attributes"] == {"a": "1"}
    assert ".." not in [user["userid"] for user in state["users"]]
    assert [item["operation"] for item in sim.requests()] == ["set_server_attributes", "set_user_attributes"]
    assert call("PUT", f"{users}/%2e./attributes/", b'{"b":"2"}') == 200
    assert json.loads(api.raw("GET", f"/servers/{SERVER}/attributes/", None, headers, prefix="/nextauth").body) == {
        "a": "1",
        "b": "2",
    }
    assert call("GET", f"{users}/%2E/attributes/") == 405, "it is the user named attributes now"
    assert call("DELETE", f"{users}/%2E%2E/attributes/") == 200
    assert sim.state("nextauth")["attributes"] == {}
    assert call("DELETE", f"{users}/%2E%2E/") == 200
    assert sim.state("nextauth")["users"] == [], "the server is gone"
    with pytest.raises(SimulatorError, match="normalise_paths must be"):
        sim.options(normalise_paths="yes")
