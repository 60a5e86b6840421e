# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame: routing, control routes, log and masking, faults, clock, harness."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from simulator.harness import Simulator, SimulatorError
from simulator.masking import COMMON_HEADERS, MASK, mask_headers, mask_value
from simulator.provider import Operation
from simulator.router import Router
from simulator.tests.rawclient import Client


def _router(*rows: tuple[str, str]) -> Router:
    def handler(_provider: Any, _call: Any) -> Any:
        raise AssertionError

    return Router(Operation(method, path, handler, id=f"{method} {path}") for method, path in rows)


@pytest.mark.parametrize(
    ("method", "path", "wanted", "params"),
    [
        ("GET", "/servers/a%2Fb%2B%3D/users/..%2Fx%20y/", "GET /servers/{s}/users/{u}/", {"s": "a/b+=", "u": "../x y"}),
        ("GET", "/servers/s/users/u", None, {}),
        ("GET", "/servers/s/users//", None, {}),
        ("GET", "/servers/s/users/u/accounts", "GET /servers/{s}/users/{u}/accounts", {"s": "s", "u": "u"}),
        ("GET", "/servers/s/users/u/accounts/", None, {}),
        ("GET", "/servers/s/users/", "GET /servers/{s}/users/", {"s": "s"}),
        ("GET", "/servers/%C3%BC/users/", "GET /servers/{s}/users/", {"s": "ü"}),
        ("GET", "/servers/%FF/users/", None, {}),
        ("GET", "/a/fixed", "GET /a/fixed", {}),
        ("DELETE", "/a/fixed", "DELETE /a/{id}", {"id": "fixed"}),
    ],
)
def test_router_decodes_each_segment(method: str, path: str, wanted: str | None, params: dict[str, str]) -> None:
    router = _router(
        ("GET", "/servers/{s}/users/"), ("GET", "/servers/{s}/users/{u}/"), ("GET", "/servers/{s}/users/{u}/accounts"),
        ("GET", "/a/fixed"), ("DELETE", "/a/{id}"),
    )
    operation, found, _allowed = router.match(method, path)
    assert (operation.id if operation else None, found) == (wanted, params)


def test_router_tells_the_methods_of_a_path() -> None:
    router = _router(("GET", "/a/{id}"), ("PUT", "/a/{id}"))
    assert router.match("POST", "/a/1") == (None, {}, ["GET", "PUT"])


def test_masking_keeps_shapes() -> None:
    names = frozenset(("password", "tokens"))
    value = {"password": "x", "n": 1, "tokens": [{"deep": "y", "n": 2}], "user": {"Password": None}}
    assert mask_value(value, names) == {
        "password": MASK,
        "n": 1,
        "tokens": [{"deep": MASK, "n": 2}],
        "user": {"Password": None},
    }
    pairs = [("Authorization", "bearer:secret"), ("authorization", "Basic abc"), ("Accept", "x")]
    assert mask_headers(pairs, COMMON_HEADERS) == {"authorization": f"{MASK}, Basic {MASK}", "accept": "x"}


def test_start_prints_the_environment(sim: Simulator) -> None:
    assert sim.env == {
        "ONELOGIN_CLIENT_ID": "sim-manage-all-id",
        "ONELOGIN_CLIENT_SECRET": "sim-manage-all-secret",
        "ONELOGIN_API_URL": f"{sim.url}/onelogin",
        "KESTRA_API_TOKEN": "simadmin-token-of-an-administrator",
        "KESTRA_API_USER": "sim-admin@example.com",
        "KESTRA_API_PASSWORD": "Sim-Passw0rd",
        "KESTRA_TENANT": "main",
        "KESTRA_API_URL": f"{sim.url}/kestra",
        "SENDAUTH_API_URL": f"{sim.url}/sendauth",
        "SENDAUTH_API_USER": "sim-admin",
        "SENDAUTH_API_PASSWORD": "sim-admin-secret",
        "CONTABO_API_URL": f"{sim.url}/contabo",
        "CONTABO_AUTH_URL": f"{sim.url}/contabo",
        "CONTABO_CLIENT_ID": "sim-client-id",
        "CONTABO_CLIENT_SECRET": "sim-client-secret",
        "CONTABO_API_USER": "svc-awx@example.com",
        "CONTABO_API_PASSWORD": "sim-svc-awx-password",
        "NEXTAUTH_API_URL": f"{sim.url}/nextauth",
        "NEXTAUTH_API_KEY": "sim-root-key",
        "NEXTAUTH_SERVER_ID": "sim+main/server+/id01A==",
    }


def test_a_port_in_use_is_an_error(sim: Simulator, capfd: pytest.CaptureFixture[str]) -> None:
    port = int(sim.url.rsplit(":", 1)[1])
    with pytest.raises(SimulatorError, match="did not start"):
        Simulator.start(port=port)
    message = capfd.readouterr().err
    assert f"simulator: port {port} is in use." in message
    assert f"specify another port: --port {port + 1}" in message


def test_log_counts_and_masks(sim: Simulator, api: Client) -> None:
    user = sim.put_users([{"username": "ada"}])[0]
    mark = sim.last
    api.put(
        f"/api/1/users/set_password_clear_text/{user['id']}",
        {"password": "hunter22", "password_confirmation": "hunter22"},
    )
    api.get("/api/1/users?email=a%40b.c")
    token, entry, lookup = sim.requests(since=mark)
    assert token["kind"] == "auth"
    assert entry["operation"] == "update_password_insecure"
    assert entry["path"] == f"/onelogin/api/1/users/set_password_clear_text/{user['id']}"
    assert entry["body"] == {"password": MASK, "password_confirmation": MASK}
    assert (entry["method"], entry["status"], entry["kind"]) == ("PUT", 200, "write")
    assert lookup["query"] == "email=a%40b.c"
    assert [item["operation"] for item in sim.writes(since=mark)] == ["update_password_insecure"]
    assert [item["n"] for item in sim.requests(since=mark)] == [mark + 1, mark + 2, mark + 3]
    sim.forget()
    assert sim.requests() == []
    assert sim.last == mark + 3


def test_no_secret_in_log_state_and_record(sim: Simulator, api: Client, record: Any) -> None:
    user = sim.put_users([{"username": "ada", "password": "canary-put"}])[0]
    form = f"grant_type=client_credentials&client_id={api.client_id}&client_secret={api.client_secret}".encode()
    assert (
        api.raw("POST", "/auth/oauth2/v2/token", form, {"Content-Type": "application/x-www-form-urlencoded"}).status
        == 200
    )
    api.put(
        f"/api/1/users/set_password_clear_text/{user['id']}",
        {"password": "canary-clear", "password_confirmation": "canary-clear"},
    )
    api.post("/api/2/users", {"username": "bob", "password": "canary-v2", "password_confirmation": "canary-v2"})
    everything = json.dumps([sim.requests(), sim.state("onelogin")]) + record.read_text()
    for secret in ("canary", api.client_secret, api.token):
        assert secret not in everything


def test_unknown_provider_path_and_method(sim: Simulator, api: Client) -> None:
    assert api.raw("GET", "/nobody/x", prefix="").status == 404
    reply = api.get("/api/1/users/")
    assert (reply.status, reply.message) == (404, "Not found")
    reply = api.call("PATCH", "/api/1/users/1")
    assert (reply.status, reply.headers["allow"]) == (405, "DELETE, GET, PUT")
    assert api.get("/api/1/%75sers").status == 200


def test_control_refuses_what_it_does_not_know(sim: Simulator) -> None:
    with pytest.raises(SimulatorError, match="unknown option"):
        sim.reset(onelogin={"nonsense": 1})
    with pytest.raises(SimulatorError, match="must be one of"):
        sim.options(onelogin={"wire": "v9"})
    with pytest.raises(SimulatorError, match="must be int"):
        sim.options(seed_users="3")
    with pytest.raises(SimulatorError, match="unknown fault keys"):
        sim.faults([{"stauts": 500}])
    with pytest.raises(SimulatorError, match="what happens"):
        sim.faults([{"operation": "list_users"}])
    with pytest.raises(SimulatorError, match="no provider"):
        sim.state("nobody")
    with pytest.raises(SimulatorError, match="unknown fields"):
        sim.put_users([{"nonsense": 1}])
    with pytest.raises(SimulatorError, match="forward"):
        sim.clock(-1)


def test_reset_goes_back_to_the_start(sim: Simulator, api: Client) -> None:
    sim.reset(seed_users=3, latency=0.001, onelogin={"rate_limit": 7})
    api.get("/api/1/users")
    sim.clock(50)
    sim.faults([{"status": 500}])
    assert len(sim.state("onelogin")["users"]) == 3
    options = sim.reset()
    assert (options["latency"], options["onelogin"]["rate_limit"]) == (0, 5000)
    assert sim.state("onelogin")["users"] == []
    assert sim.requests() == []
    assert sim.control("GET", "clock")["offset"] == 0
    assert sim.control("GET", "faults")["faults"] == []


def test_options_keep_the_state(sim: Simulator, api: Client) -> None:
    sim.put_users([{"username": "ada"}])
    sim.options(onelogin={"wire": "bare"})
    assert [item["username"] for item in api.get("/api/1/users").json] == ["ada"]


@contextlib.contextmanager
def _unanswered(sim: Simulator) -> Iterator[None]:
    """Send a request and go on once the simulator has it and has not answered it."""
    address = urlsplit(sim.url)
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall(f"GET /onelogin/api/1/groups HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
        while not (requests := sim.requests()):
            pass
        assert [item["status"] for item in requests] == [None]
        yield


def test_a_delay_holds_one_request_up() -> None:
    with Simulator.start() as sim, Client(sim) as api:
        sim.faults([{"operation": "get_groups", "delay": 3600}])
        with _unanswered(sim):
            assert api.get("/api/1/groups").status == 200


def test_latency_is_for_providers_only(sim: Simulator, api: Client) -> None:
    sim.reset(latency=0.001)
    assert api.get_token().status == 200
    with Simulator.start(latency=3600) as slow, _unanswered(slow):
        assert slow.control("GET", "options")["latency"] == 3600, "an hour has not passed"


def test_operations_are_listed(sim: Simulator) -> None:
    rows = sim.operations()
    assert len([row for row in rows if row["provider"] == "onelogin"]) == 36
    assert {
        "provider": "onelogin", "operation": "list_users", "method": "GET", "path": "/api/1/users", "kind": "read",
    } in rows


def _names(api: Client) -> list[str]:
    return [item["username"] for item in api.get("/api/1/users").data]


NEW = {"firstname": "A", "lastname": "B", "email": "a@b.c", "username": "ab"}


def test_fault_status_hits_the_nth_match(sim: Simulator, api: Client) -> None:
    sim.faults(
        [
            {
                "operation": "list_users",
                "nth": 2,
                "count": 2,
                "status": 503,
                "headers": {"Retry-After": "1"},
                "body": {"x": 1},
            }
        ]
    )
    replies = [api.get("/api/1/users") for _attempt in range(4)]
    assert [reply.status for reply in replies] == [200, 503, 503, 200]
    assert (replies[1].headers["retry-after"], replies[1].json) == ("1", {"x": 1})
    assert api.get("/api/1/roles").status == 200
    faults = sim.control("GET", "faults")["faults"]
    assert (faults[0]["seen"], faults[0]["used"]) == (4, 2)
    assert [item["fault"] for item in sim.requests()[1:4]] == [None, "status", "status"]


def test_fault_with_and_without_effect(sim: Simulator, api: Client) -> None:
    sim.faults(
        [{"operation": "create_user", "status": 502}, {"operation": "create_user", "status": 504, "effect": True}]
    )
    assert api.post("/api/1/users", NEW).status == 502
    assert _names(api) == []
    assert api.post("/api/1/users", NEW).status == 504
    assert _names(api) == ["ab"]


@pytest.mark.parametrize(("when", "there"), [("before", []), ("after", ["ab"])])
def test_fault_drop(sim: Simulator, api: Client, when: str, there: list[str]) -> None:
    sim.faults([{"operation": "create_user", "drop": when}])
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        api.post("/api/1/users", NEW)
    assert _names(api) == there
    entry = next(item for item in sim.requests() if item["operation"] == "create_user")
    assert (entry["status"], entry["fault"]) == (None, "drop")


def test_fault_truncated(sim: Simulator, api: Client) -> None:
    sim.faults([{"operation": "list_users", "truncate": "length"}, {"operation": "list_users", "truncate": "json"}])
    with pytest.raises(http.client.IncompleteRead):
        api.get("/api/1/users")
    reply = api.get("/api/1/users")
    assert reply.status == 200
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|delimiter"):
        json.loads(reply.body)


def test_fault_repeats_a_page(sim: Simulator, api: Client) -> None:
    sim.reset(seed_users=101)
    first = api.get("/api/1/users").json
    sim.faults([{"operation": "list_users", "repeat_page": True}])
    path = f"/api/1/users?after_cursor={first['pagination']['after_cursor']}"
    assert api.get(path).json == first
    assert api.get(path).json["data"][0]["id"] == first["data"][-1]["id"] + 1


def test_a_fault_moves_the_clock(sim: Simulator, api: Client) -> None:
    sim.options(onelogin={"rate_limit": 3})
    sim.faults([{"operation": "list_users", "nth": 4, "advance": 3600}])
    assert [api.get("/api/1/users").status for _call in range(4)] == [200, 200, 200, 200], (
        "the hour of the limit is over"
    )
    assert [item["fault"] for item in sim.requests() if item["operation"] == "list_users"][-1] == "advance"
    for wrong in (-1, "60", True):
        with pytest.raises(SimulatorError, match="advance must be a number of seconds"):
            sim.faults([{"advance": wrong}])


def test_fault_html_redirect_delay_and_path(sim: Simulator, api: Client) -> None:
    sim.faults([
        {"operation": "list_users", "html": True},
        {"operation": "list_users", "html": True, "status": 200},
        {"method": "PUT", "path": "/api/1/users/77*", "redirect": "http://other.example.com/x"},
        {"operation": "get_groups", "delay": 0.001},
        {"operation": "get_groups", "body": "no JSON at all"},
    ])
    reply = api.get("/api/1/users")
    assert (reply.status, reply.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert b"<html>" in reply.body
    assert api.get("/api/1/users").status == 200
    assert api.put("/api/1/users/78/logout").status == 404
    reply = api.put("/api/1/users/77/logout")
    assert (reply.status, reply.headers["location"]) == (302, "http://other.example.com/x")
    assert api.get("/api/1/groups").status == 200
    assert api.get("/api/1/groups").body == b"no JSON at all"
    sim.clear_faults()
    assert api.get("/api/1/groups").status == 200


def test_faults_and_preset_from_the_command_line(running: Simulator, tmp_path: Any) -> None:
    file = tmp_path / "faults.json"
    file.write_text('[{"operation": "generate_token", "status": 503}]')
    with (
        Simulator.start(preset="company", wire="bare", faults=file, kestra="1.3") as simulator,
        Client(simulator) as client,
    ):
        assert client.get_token().status == 503
        assert len(client.get("/api/1/users").json) == 12
    simulator.close()
    assert simulator.process.returncode == 0


@pytest.mark.parametrize("sent", [b"", b'{"username": "ha'])
def test_nobody_acts_on_half_a_request(sim: Simulator, sent: bytes) -> None:
    address = urlsplit(sim.url)
    mark = sim.last
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        head = (
            f"POST /onelogin/api/1/users HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: "
            "application/json\r\nContent-Length: 400\r\n\r\n"
        )
        connection.sendall(head.encode() + sent)
    # One that comes later is answered, so the one before has been dealt with.
    assert sim.control("GET", "state", provider="onelogin")["users"] is not None
    assert sim.requests(since=mark) == []
