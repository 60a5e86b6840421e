# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contabo: tokens, request ids, users, mails, roles, the client and its secret."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from simulator.harness import Simulator
from simulator.tests.clients import documented
from simulator.tests.rawclient import Client, Reply

TOKEN = "/auth/realms/contabo/protocol/openid-connect/token"
USERS, ROLES = "/v1/users", "/v1/roles"
NEW = {
    "firstName": "Ida", "lastName": "Rhodes", "email": "Ida@Example.com", "enabled": True, "totp": False,
    "locale": "en",
}
SERVICE, OWNER = ("svc-awx@example.com", "sim-svc-awx-password"), ("owner@example.com", "sim-owner-password")


class ContaboClient(Client):
    def __init__(self, simulator: Simulator, login: tuple[str, str] = SERVICE) -> None:
        super().__init__(simulator, prefix="/contabo")
        self.login = login
        self.secret = "sim-client-secret"

    def ask(self, **fields: str) -> Reply:
        """The token call with the right fields, changed by ``fields``; an empty one is left out."""
        form = {
            "grant_type": "password", "client_id": "sim-client-id", "client_secret": self.secret,
            "username": self.login[0], "password": self.login[1],
        }
        body = urlencode({name: value for name, value in {**form, **fields}.items() if value}).encode()
        return self.raw("POST", TOKEN, body, {"Content-Type": "application/x-www-form-urlencoded"})

    @property
    def token(self) -> str:
        if self._token is None:
            self._token = self.ask().json["access_token"]
        return self._token

    def headers(self, token: str | None = None) -> dict[str, str]:
        authorization = f"Bearer {token or self.token}"
        return {"Authorization": authorization, "x-request-id": str(uuid.uuid4()), "x-trace-id": "tests"}

    def find(self, mail: str) -> Any:
        rows = self.get(f"{USERS}?{urlencode({'email': mail, 'size': 100})}").json["data"]
        return next(row for row in rows if row["email"] == mail.lower())


@pytest.fixture
def con(sim: Simulator) -> Iterator[ContaboClient]:
    sim.reset(contabo={"preset": "company"})
    with ContaboClient(sim) as client:
        yield client


def claims_of(token: str) -> Any:
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def test_token(sim: Simulator, con: ContaboClient) -> None:
    answer = con.ask().json
    claims = claims_of(answer["access_token"])
    assert (claims["tenantId"], claims["customerId"], claims["preferred_username"]) == ("INT", "12345678", SERVICE[0])
    assert (answer["expires_in"], answer["token_type"], claims["exp"] - claims["iat"]) == (300, "Bearer", 300)
    assert con.get(USERS).status == 200
    sim.clock(301)
    expired = con.get(USERS)
    assert (expired.status, expired.json) == (401, {"statusCode": 401, "message": "Unauthorized"})
    fresh = con.ask(grant_type="refresh_token", refresh_token=answer["refresh_token"], username="", password="")
    assert con.call("GET", USERS, token=fresh.json["access_token"]).status == 200
    assert con.call("GET", USERS, token=fresh.json["refresh_token"]).status == 401, "a refresh token opens nothing"
    assert con.call("GET", USERS, token=fresh.json["access_token"][:-4] + "AAAA").status == 401
    sim.clock(1800)
    late = con.ask(grant_type="refresh_token", refresh_token=fresh.json["refresh_token"])
    assert (late.status, late.json) == (400, {"error": "invalid_grant", "error_description": "Token is not active"})
    sim.options(contabo={"refresh": False, "token_lifetime": 5})
    assert sorted(con.ask().json) == [
        "access_token", "expires_in", "not-before-policy", "scope", "session_state", "token_type",
    ]
    assert con.ask(grant_type="refresh_token", refresh_token="x").json["error"] == "unsupported_grant_type"
    assert sim.state("contabo")["tokens"] == {"logins": 3, "refreshes": 1}


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "unauthorized_client"),
        ({"client_id": "wrong"}, 401, "unauthorized_client"),
        ({"password": "wrong"}, 401, "invalid_grant"),
        ({"username": "nobody@example.com"}, 401, "invalid_grant"),
        ({"username": "ada.lovelace@example.com"}, 401, "invalid_grant"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({"username": ""}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "nonsense"}, 400, "invalid_grant"),
    ],
)
def test_token_refusals(con: ContaboClient, fields: dict[str, str], status: int, error: str) -> None:
    reply = con.ask(**fields)
    assert (reply.status, reply.json["error"]) == (status, error)


def test_token_call_takes_a_form_only(con: ContaboClient) -> None:
    assert con.raw("POST", TOKEN, b"{}", {"Content-Type": "application/json"}).status == 415
    assert con.raw("POST", TOKEN + "/", b"", {}).json == {"error": "HTTP 404 Not found"}


@pytest.mark.parametrize(
    "given", [None, "", "1", "not-a-uuid", "0f8fad5b-d9cb-969f-a165-70867728950e", "0f8fad5bd9cb469fa16570867728950e"]
)
def test_request_id_is_required(con: ContaboClient, given: str | None) -> None:
    reply = con.call("GET", USERS, x_request_id=given)
    assert (reply.status, reply.json["statusCode"]) == (400, 400)


def test_request_id_is_new_each_time(sim: Simulator, con: ContaboClient) -> None:
    given = str(uuid.uuid4())
    statuses = [con.call("GET", USERS, x_request_id=item).status for item in (given, given, given.upper())]
    assert statuses == [200, 400, 400]
    sim.options(contabo={"repeated_request_id": "accepted"})
    assert con.call("GET", USERS, x_request_id=given).status == 200


def test_rights(sim: Simulator, con: ContaboClient) -> None:
    sim.put(
        "users",
        [
            {"email": "r@example.com", "roles": ["User reader"], "api_password": "r"},
            {"email": "n@example.com", "api_password": "n"},
        ],
        "contabo",
    )
    for login, statuses in (
        (OWNER, [200, 200, 400]),
        (("r@example.com", "r"), [200, 403, 403]),
        (("n@example.com", "n"), [403, 403, 403]),
    ):
        with ContaboClient(sim, login) as client:
            replies = [client.get(USERS), client.get(f"{USERS}/client"), client.post(USERS, {})]
            assert [reply.status for reply in replies] == statuses, login
            assert client.call("HEAD", USERS).status == statuses[0], login
    with ContaboClient(sim, ("r@example.com", "r")) as client:
        token = client.token
        one = f"{USERS}/{con.find('r@example.com')['userId']}"
        assert con.patch(one, {"enabled": False}).status == 200
        assert client.call("GET", USERS, token=token).status == 401
        assert client.ask().json == {"error": "invalid_grant", "error_description": "Account disabled"}


def test_lists(sim: Simulator, con: ContaboClient) -> None:
    sim.reset(contabo={"seed_users": 250, "odd_users": True})
    first = con.get(f"{USERS}?size=100").json
    assert first["_pagination"] == {"page": 1, "size": 100, "totalElements": 257, "totalPages": 3}
    assert sorted(first["_links"]) == ["first", "last", "next", "self"]
    last = con.get(f"{USERS}?page=3&size=100").json
    assert (len(last["data"]), sorted(last["_links"])) == (57, ["first", "last", "previous", "self"])
    assert con.call("GET", first["_links"]["next"]).json["data"][0]["email"] == "user0094@example.com"
    assert len(con.get(USERS).json["data"]) == 10
    assert con.get(f"{USERS}?size=1000").json["_pagination"]["size"] == 100
    assert con.get(f"{USERS}?email=TWIN%40example.com").json["_pagination"]["totalElements"] == 2
    assert con.find("o'neil+50%/..@example.com")["lastName"] == "50% / .."
    assert [row["email"] for row in con.get(f"{USERS}?owner=true").json["data"]] == ["owner@example.com"]
    rows = con.get(f"{USERS}?orderBy=lastName:DESC,email:ASC&size=50").json["data"]
    assert rows[0]["lastName"] == "研究"
    assert con.get(f"{USERS}?orderBy=lastName:DESC&orderBy=email:ASC&size=50").json["data"] == rows
    nothing = con.get(f"{USERS}?email=nobody")
    assert (nothing.status, nothing.json) == (404, {"statusCode": 404, "message": "No results"})
    assert con.get(f"{USERS}?page=99").json["data"] == []
    sim.options(contabo={"empty_list": "200", "size_over": "refused", "message_form": "text"})
    assert con.get(f"{USERS}?email=nobody").json["_pagination"]["totalElements"] == 0
    assert con.get(f"{USERS}?size=101").json == {"statusCode": 400, "message": "size must not be greater than 100"}
    for query in ("page=0", "size=x", "enabled=yes", "orderBy=shoe:ASC", "mail=x", "email=a&email=b"):
        assert con.get(f"{USERS}?{query}").status == 400, query


def test_create(sim: Simulator, con: ContaboClient) -> None:
    reply = con.post(USERS, {**NEW, "roles": [5004, 5004, 5009]})
    assert reply.status == 201
    assert sorted(reply.json["data"][0]) == ["customerId", "tenantId", "userId"]
    one = reply.json["_links"]["self"]
    user = con.get(one).json["data"][0]
    assert (user["email"], user["emailVerified"], user["owner"]) == ("ida@example.com", False, False)
    assert [(role["roleId"], role["name"]) for role in user["roles"]] == [(5004, "Snowflake"), (5009, "2024")]
    assert user["roles"][0]["permissions"][0]["resources"] == [{"tagId": 7001, "tagName": "prod"}]
    again = con.post(USERS, {**NEW, "email": "IDA@example.com"})
    assert (again.status, again.json["statusCode"]) == (409, 409)
    state = sim.state("contabo")
    assert (state["mails"], state["sent"][0]["kind"]) == (1, "activation")
    bare = con.post(
        USERS,
        {name: NEW[name] if name != "email" else "bare@example.com" for name in ("email", "enabled", "totp", "locale")},
    )
    assert con.get(bare.json["_links"]["self"]).json["data"][0]["firstName"] == ""
    sim.options(contabo={"empty_names": "absent", "strict_names": True, "lower_case_emails": False})
    assert "firstName" not in con.get(bare.json["_links"]["self"]).json["data"][0]
    assert con.post(USERS, {**NEW, "email": "Up@example.com", "lastName": "O'Neil"}).status == 400
    made = con.post(USERS, {**NEW, "email": "Up@example.com"}).json["_links"]["self"]
    assert con.get(made).json["data"][0]["email"] == "Up@example.com"


@pytest.mark.parametrize(
    "change",
    [
        {"email": None},
        {"email": "nonsense"},
        {"enabled": "true"},
        {"totp": 1},
        {"locale": "fr"},
        {"roles": ["Snowflake"]},
        {"roles": [1]},
        {"roles": [{"roleId": 5004}]},
        {"firstName": ""},
        {"admin": True},
        {"emailVerified": True},
    ],
)
def test_wrong_bodies(sim: Simulator, con: ContaboClient, change: dict[str, Any]) -> None:
    before = sim.state("contabo")["users"]
    assert con.post(USERS, {**NEW, **change}).status == 400
    assert con.patch(f"{USERS}/{con.find('ada.lovelace@example.com')['userId']}", change).status == 400
    assert sim.state("contabo")["users"] == before


def test_required_fields_and_paths(con: ContaboClient) -> None:
    reply = con.post(USERS, {"firstName": "x"})
    assert reply.json["message"] == [f"{name} should not be empty" for name in ("email", "enabled", "totp", "locale")]
    replies = [con.get(f"{USERS}/unknown"), con.get(f"{USERS}/"), con.put(USERS), con.delete(f"{USERS}/client")]
    assert [reply.status for reply in replies] == [404, 404, 405, 404]
    assert (
        con.raw(
            "POST", USERS, b"{}", {"Authorization": f"Bearer {con.token}", "x-request-id": str(uuid.uuid4())}
        ).status
        == 400
    )


def test_update_merges(sim: Simulator, con: ContaboClient) -> None:
    ada = con.find("ada.lovelace@example.com")
    one = f"{USERS}/{ada['userId']}"
    reply = con.patch(one, {"enabled": False, "roles": [5009]})
    assert (reply.status, reply.json) == (200, {"_links": {"self": one}})
    changed = con.get(one).json["data"][0]
    assert ([role["roleId"] for role in changed.pop("roles")], changed.pop("enabled")) == ([5009], False)
    assert changed == {name: value for name, value in ada.items() if name not in ("roles", "enabled")}
    con.patch(one, {"roles": []})
    assert con.get(one).json["data"][0]["roles"] == []
    sim.options(contabo={"empty_roles": "refused"})
    assert con.patch(one, {"roles": []}).status == 400
    assert con.patch(one, {"email": "GRACE.hopper@example.com"}).status == 409
    assert con.patch(one, {"email": "Countess@example.com"}).status == 200
    moved = con.find("countess@example.com")
    assert (moved["userId"], moved["emailVerified"]) == (ada["userId"], False)
    assert [item["kind"] for item in sim.state("contabo")["sent"]] == ["verification"]
    audits = con.get(f"{USERS}/audits?userId={ada['userId']}").json["data"]
    assert [row["action"] for row in audits] == ["UPDATED"] * 3
    assert (audits[0]["changes"]["new"], audits[0]["username"], audits[0]["traceId"]) == (
        {"email": "countess@example.com"},
        SERVICE[0],
        "tests",
    )
    assert con.get(f"{USERS}/audits?requestId={audits[1]['requestId']}").json["data"] == [audits[1]]
    assert con.get(f"{USERS}/audits?startDate=2020-13-01").status == 400
    assert (con.delete(one).status, con.delete(one).status, con.get(one).status) == (204, 404, 404)


def test_the_owner_is_safe(sim: Simulator, con: ContaboClient) -> None:
    owner = con.find("owner@example.com")
    one = f"{USERS}/{owner['userId']}"
    assert con.patch(one, {"roles": [5004]}).status == 200
    replies = [con.delete(one), con.patch(one, {"enabled": False}), con.patch(one, {"roles": []})]
    assert [reply.status for reply in replies] == [403] * 3
    assert con.patch(one, {"lastName": "New", "roles": [5004, 5005]}).status == 200


def test_mails(sim: Simulator, con: ContaboClient) -> None:
    radia, edsger = con.find("radia.perlman@example.com"), con.find("edsger.dijkstra@example.com")
    reply = con.post(f"{USERS}/{radia['userId']}/resend-email-verification?redirectUrl=https%3A%2F%2Fexample.com")
    assert (reply.status, reply.body) == (204, b"")
    assert con.post(f"{USERS}/{edsger['userId']}/reset-password").status == 204
    assert con.post(f"{USERS}/{edsger['userId']}/reset-password?redirectUrl=nonsense").status == 400
    assert [(item["kind"], item["redirect"]) for item in sim.state("contabo")["sent"]] == [
        ("verification", "https://example.com"),
        ("password_reset", None),
    ]
    sets = [
        con.get(f"{USERS}/is-password-set?userId={user['userId']}").json["data"][0]["isPasswordSet"]
        for user in (radia, edsger)
    ]
    assert sets == [True, False]
    assert con.get(f"{USERS}/is-password-set").json["data"][0]["isPasswordSet"] is True
    assert con.get(f"{USERS}/is-password-set?userId=x").status == 404
    sim.options(contabo={"verified_status": 409})
    assert con.post(f"{USERS}/{edsger['userId']}/resend-email-verification").status == 409


def test_client_and_its_secret(sim: Simulator, con: ContaboClient) -> None:
    client = con.get(f"{USERS}/client").json["data"][0]
    assert (client["clientId"], client["secret"]) == ("sim-client-id", "sim-client-secret")
    refresh = con.ask().json["refresh_token"]
    new = con.put(f"{USERS}/client/secret").json["data"][0]["secret"]
    assert con.ask().json["error"] == "unauthorized_client"
    assert con.ask(grant_type="refresh_token", refresh_token=refresh).status == 401
    assert con.get(USERS).status == 200, "a token that was given lives on"
    con.secret = new
    assert con.ask().status == 200
    assert con.ask(grant_type="refresh_token", refresh_token=refresh).status == 200
    shown = json.dumps([sim.state("contabo"), sim.requests()])
    assert new not in shown and "sim-client-secret" not in shown and refresh not in shown and SERVICE[1] not in shown


def test_roles(sim: Simulator, con: ContaboClient) -> None:
    assert con.get(f"{ROLES}?size=100").json["_pagination"]["totalElements"] == 19
    assert [role["name"] for role in con.get(f"{ROLES}?name=FINANCE").json["data"]] == ["Finance", "finance"]
    assert [role["type"] for role in con.get(f"{ROLES}?name=Twice&type=custom").json["data"]] == ["custom", "custom"]
    assert con.get(f"{ROLES}?name=nothing").status == 404
    assert con.get(f"{ROLES}?type=odd").status == 400
    sim.options(contabo={"role_name_filter": "exact"})
    assert [role["name"] for role in con.get(f"{ROLES}?name=finance").json["data"]] == ["finance"]
    body = {
        "name": "Made",
        "admin": False,
        "accessAllResources": False,
        "permissions": [{"apiName": "/v1/users", "actions": ["READ"], "resources": [7002]}],
    }
    one = con.post(ROLES, body).json["_links"]["self"]
    role = con.get(one).json["data"][0]
    assert (role["type"], role["permissions"][0]["resources"]) == ("custom", [{"tagId": 7002, "tagName": "dev"}])
    assert con.put(one, {"name": "Made"}).status == 400
    assert con.put(one, {"name": "Renamed", "admin": False, "accessAllResources": True}).json == {
        "_links": {"self": one}
    }
    assert con.get(one).json["data"][0]["permissions"] == role["permissions"]
    ada = f"{USERS}/{con.find('ada.lovelace@example.com')['userId']}"
    con.patch(ada, {"roles": [role["roleId"]]})
    assert con.delete(one).status == 409
    con.patch(ada, {"roles": []})
    assert (con.delete(one).status, con.get(one).status, con.get(f"{ROLES}/x").status) == (204, 404, 400)
    assert con.delete(f"{ROLES}/5001").status == 403
    for wrong in (
        {"apiName": "/v9", "actions": []},
        {"apiName": "/v1/users", "actions": ["WRITE"]},
        {"apiName": "/v1/users", "actions": [], "resources": [1]},
    ):
        assert con.post(ROLES, {**body, "permissions": [wrong]}).status == 400, wrong


def test_limits(sim: Simulator, con: ContaboClient) -> None:
    assert con.get(USERS).status == 200
    sim.options(contabo={"rate_limit": 2, "payment_required": ["create_user"]})
    assert con.post(USERS, NEW).status == 402
    reply = con.get(USERS)
    assert (reply.status, reply.json["statusCode"]) == (429, 429)
    sim.clock(int(reply.headers["retry-after"]))
    assert con.get(USERS).status == 200


def test_every_operation_fits_its_document(facts: Path, tmp_path: Path) -> None:
    record = tmp_path / "tour.jsonl"
    with documented("contabo", facts, record, preset="company", seed_users=3) as simulator:
        client = ContaboClient(simulator)
        refresh = client.ask().json["refresh_token"]
        client.ask(grant_type="refresh_token", refresh_token=refresh, username="", password="")

        def call(method: str, path: str, body: Any = None) -> Any:
            reply = client.call(method, path, body)
            assert reply.status < 300, (method, path, reply)
            return reply.json if reply.body else None

        call("GET", f"{USERS}?page=1&size=2&email=a&enabled=true&owner=false&orderBy=email:ASC")
        role = call("POST", ROLES, {"name": "x", "admin": False, "accessAllResources": True})["_links"]["self"]
        call("GET", role)
        call("GET", f"{ROLES}?type=custom&size=50")
        call("GET", f"{ROLES}/api-permissions")
        call("PUT", role, {"name": "y", "admin": False, "accessAllResources": True, "permissions": []})
        call("DELETE", role)
        one = call("POST", USERS, {**NEW, "roles": [5001]})["_links"]["self"]
        call("GET", one)
        call("PATCH", one, {"roles": [], "locale": "de"})
        call("POST", f"{one}/reset-password?redirectUrl=https%3A%2F%2Fexample.com")
        call("POST", f"{one}/resend-email-verification")
        call("GET", f"{USERS}/is-password-set?userId={one.rsplit('/')[-1]}")
        call("GET", f"{USERS}/audits?startDate=2020-01-01&endDate=2199-01-01")
        call("DELETE", one)
        call("GET", f"{USERS}/client")
        call("PUT", f"{USERS}/client/secret")
    assert b"sim-client-secret" not in record.read_bytes()
