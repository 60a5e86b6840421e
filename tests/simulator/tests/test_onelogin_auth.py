# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OneLogin: tokens, scopes, rate limit."""

from __future__ import annotations

import json

import pytest

from simulator.harness import Simulator
from simulator.tests.rawclient import Client

TOKEN = "/auth/oauth2/v2/token"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}
GRANT = b'{"grant_type":"client_credentials"}'


def test_token_answer(sim: Simulator, api: Client) -> None:
    value = api.get_token().json
    assert sorted(value) == ["access_token", "account_id", "created_at", "expires_in", "refresh_token", "token_type"]
    assert (value["account_id"], value["expires_in"], value["token_type"]) == (88123, 36000, "bearer")


def test_refresh(sim: Simulator, api: Client) -> None:
    old = api.get_token().json
    pair = {"access_token": old["access_token"], "refresh_token": old["refresh_token"]}
    body = json.dumps({"grant_type": "refresh_token", **pair}).encode()
    new = api.raw("POST", TOKEN, body, JSON).json
    assert new["access_token"] != old["access_token"]
    assert new["account_id"] == old["account_id"]
    assert api.raw("POST", TOKEN, body, JSON).status == 401, "a pair is good for one refresh"
    assert (
        api.raw(
            "POST",
            TOKEN,
            json.dumps({"grant_type": "refresh_token", "access_token": new["access_token"]}).encode(),
            JSON,
        ).status
        == 401
    )


def test_three_ways_to_name_the_client(sim: Simulator, api: Client) -> None:
    vendor = f"client_id:{api.client_id}, client_secret:{api.client_secret}"
    form = f"grant_type=client_credentials&client_id={api.client_id}&client_secret={api.client_secret}"
    replies = [
        api.get_token(),
        api.raw("POST", TOKEN, GRANT, {**JSON, "Authorization": vendor}),
        api.raw("POST", TOKEN, form.encode(), FORM),
        api.raw("POST", TOKEN, b"grant_type=client_credentials", {**FORM, "Authorization": api.basic}),
    ]
    assert [reply.status for reply in replies] == [200] * 4
    assert len({reply.json["access_token"] for reply in replies}) == 1


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (GRANT, {**JSON, "Authorization": "Basic c29tZW9uZTp3cm9uZw=="}, 401),
        (GRANT, {**JSON, "Authorization": "Basic !!"}, 400),
        (GRANT, {**JSON, "Authorization": "client_id=x"}, 400),
        (GRANT, JSON, 401),
        (b"{}", JSON, 400),
        (b'{"grant_type":"password"}', JSON, 400),
        (b"not json", JSON, 400),
        (GRANT, {"Content-Type": "text/plain"}, 400),
        (b"", JSON, 400),
    ],
)
def test_token_refusals(sim: Simulator, api: Client, body: bytes, headers: dict[str, str], status: int) -> None:
    reply = api.raw("POST", TOKEN, body, headers)
    assert reply.status == status
    assert reply.json["status"]["error"] is True
    assert reply.json["status"]["code"] == status


def test_token_error_with_status_200(sim: Simulator, api: Client) -> None:
    sim.options(onelogin={"token_errors_as_200": True})
    reply = api.raw("POST", TOKEN, GRANT, {**JSON, "Authorization": "Basic eDp5"})
    assert (reply.status, reply.json["status"]["code"], reply.json["status"]["type"]) == (200, 401, "Unauthorized")


def test_dead_credential(sim: Simulator, api: Client) -> None:
    sim.options(onelogin={"dead_credentials": ["manage_all"]})
    assert api.get_token().status == 500


def test_the_token_stays_until_it_expires(sim: Simulator, api: Client) -> None:
    first = api.get_token().json
    sim.clock(35990)
    again = api.get_token().json
    assert again == first
    assert api.get("/api/1/users").status == 200
    sim.clock(20)
    reply = api.get("/api/1/users")
    assert (reply.status, reply.message) == (401, "Authentication Failure")
    assert api.get_token().json["access_token"] != first["access_token"]


def test_revoke(sim: Simulator, api: Client) -> None:
    old = api.token
    body = b'{"access_token":"%s"}' % old.encode()
    assert api.raw("POST", "/auth/oauth2/revoke", body, JSON).status == 401
    assert api.raw("POST", "/auth/oauth2/revoke", b"{}", {**JSON, "Authorization": api.basic}).status == 400
    with Client(sim, "read-all") as other:
        assert other.raw("POST", "/auth/oauth2/revoke", body, {**JSON, "Authorization": other.basic}).status == 404
    assert api.raw("POST", "/auth/oauth2/revoke", body, {**JSON, "Authorization": api.basic}).status == 200
    assert api.get("/api/1/users").status == 401
    assert api.get_token().json["access_token"] != old
    assert [item["credential"] for item in sim.state("onelogin")["tokens"]] == ["manage_all"]


@pytest.mark.parametrize(
    ("header", "status", "text"),
    [
        ("bearer {}", 200, None),
        ("Bearer {}", 200, None),
        ("bearer:{}", 200, None),
        ("bearer: {}", 200, None),
        ("token {}", 400, "Authorization Information is incorrect"),
        ("{}", 400, "Authorization Information is incorrect"),
        ("bearer wrong", 401, "Authentication Failure"),
        (None, 401, "Authentication Failure"),
    ],
)
def test_authorization_header(sim: Simulator, api: Client, header: str | None, status: int, text: str | None) -> None:
    reply = api.raw("GET", "/api/1/groups", None, {"Authorization": header.format(api.token)} if header else {})
    assert reply.status == status
    if text:
        assert reply.message == text


SCOPES = {
    "list_users": ("GET", "/api/1/users", {"manage-all", "read-all", "manage-users", "read-users"}),
    "roles": ("GET", "/api/1/users/1/roles", {"manage-all", "read-all"}),
    "logout": ("PUT", "/api/1/users/1/logout", {"manage-all", "manage-users"}),
    "add_roles": ("PUT", "/api/1/users/1/add_roles", {"manage-all", "manage-users"}),
    "remove_roles": ("PUT", "/api/1/users/1/remove_roles", {"manage-all"}),
    "set_state": ("PUT", "/api/1/users/1/set_state", {"manage-all"}),
    "lock": ("PUT", "/api/1/users/1/lock_user", {"manage-all"}),
    "password": ("PUT", "/api/1/users/set_password_clear_text/1", {"manage-all"}),
    "rate_limit": ("GET", "/auth/rate_limit", {"manage-all", "read-all", "manage-users", "read-users", "auth-only"}),
}


@pytest.mark.parametrize("credential", ["manage-all", "read-all", "manage-users", "read-users", "auth-only"])
def test_scopes(sim: Simulator, credential: str) -> None:
    with Client(sim, credential) as client:
        for name, (method, path, allowed) in SCOPES.items():
            reply = client.call(method, path)
            refused = reply.status == 401 and reply.message == "Insufficient Permission"
            assert refused is (credential not in allowed), (name, reply)
        reply = client.get("/api/2/roles")
        assert (reply.status == 401) is (credential not in ("manage-all", "read-all"))


def test_rate_limit(sim: Simulator, api: Client) -> None:
    sim.options(onelogin={"rate_limit": 3})
    replies = [api.get("/api/1/users"), api.get("/api/2/users"), api.get("/api/1/groups"), api.get("/api/1/users")]
    assert [reply.status for reply in replies] == [200, 200, 200, 429]
    assert [reply.headers["x-ratelimit-remaining"] for reply in replies] == ["2", "1", "0", "0"]
    assert replies[0].headers["x-ratelimit-limit"] == "3"
    assert 3590 < int(replies[3].headers["retry-after"]) <= 3600
    limit = api.get("/auth/rate_limit").data
    assert (limit["X-RateLimit-Limit"], limit["X-RateLimit-Remaining"]) == (3, 0)
    # The limit is the account's, not the credential's.
    with Client(sim, "read-all") as other:
        assert other.get("/api/1/users").status == 429
    sim.clock(int(replies[3].headers["retry-after"]))
    reply = api.get("/api/1/users")
    assert (reply.status, reply.headers["x-ratelimit-remaining"]) == (200, "2")
