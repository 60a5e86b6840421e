# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SendAuth: users with soft delete, labels and groups, tags, passkeys, transactions, audits, ranks."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from simulator.harness import Simulator
from simulator.tests.clients import documented
from simulator.tests.rawclient import Client

USERS = "/api/v1/users"
NOBODY = f"{USERS}/00000000-0000-4000-8000-000000000000"
NEW = {"firstName": "Ida", "lastName": "Rhodes", "email": "ida@example.com"}


class SendAuthClient(Client):
    """``name`` is a credential such as registrar."""

    def __init__(self, simulator: Simulator, name: str = "admin") -> None:
        basic = base64.b64encode(f"sim-{name}:sim-{name}-secret".encode()).decode()
        super().__init__(simulator, prefix="/sendauth", authorization=f"Basic {basic}")

    def find(self, mail: str, where: str = USERS) -> Any:
        """The user with an e-mail address, or None."""
        rows = self.get(f"{where}?page=1&perPage=100&q={quote(mail)}").json["rows"]
        return next((row for row in rows if row["email"].casefold() == mail.casefold()), None)


@pytest.fixture
def auth(sim: Simulator) -> Iterator[SendAuthClient]:
    sim.reset(sendauth={"preset": "company"})
    with SendAuthClient(sim) as client:
        yield client


def state_of(sim: Simulator, mail: str, kind: str = "users") -> Any:
    return next(user for user in sim.state("sendauth")[kind] if user.get("email") == mail)


@pytest.mark.parametrize("header", ["Basic eDp5", "Basic !!", "Bearer x", "Basic"])
def test_wrong_credentials(auth: SendAuthClient, header: str) -> None:
    reply = auth.call("GET", USERS, Authorization=header)
    assert (reply.status, reply.json["error"]) == (401, "unauthorized")
    assert reply.headers["www-authenticate"].startswith("Basic")


def test_ranks(sim: Simulator, auth: SendAuthClient) -> None:
    one = f"{USERS}/{auth.find('radia.perlman@example.com')['id']}"
    boss = f"{USERS}/{auth.find('grace.hopper@example.com')['id']}"
    calls = {
        ("GET", USERS): 1, ("DELETE", f"{one}/passkey"): 2, ("POST", USERS): 2,
        ("GET", f"{one}/audits"): 4, ("GET", "/api/v1/permissions"): 4, ("POST", "/api/v1/permissions"): 4,
    }
    for name, rank in (("none", 0), ("authenticator", 1), ("registrar", 2), ("admin", 4)):
        with SendAuthClient(sim, name) as client:
            for (method, path), least in calls.items():
                reply = client.call(method, path)
                assert (reply.status == 403) is (rank < least), (name, method, path, reply)
    with SendAuthClient(sim, "registrar") as client:
        assert client.post(USERS, {**NEW, "role": "admin"}).status == 403
        assert client.post(USERS, {**NEW, "role": "user"}).status == 201
        assert client.delete(boss).status == 403
        assert client.put(boss, {"firstName": "Grace", "lastName": "Hopper", "role": "user"}).status == 403


def test_create_and_duplicates(sim: Simulator, auth: SendAuthClient) -> None:
    reply = auth.post(USERS, {**NEW, "permissions": ["2024", "2024"], "phone": "+4512345678"})
    assert reply.status == 201
    made = reply.json
    assert (made["role"], made["username"], made["permissions"], made["hasPasskeys"]) == (
        "user",
        "Ida Rhodes",
        ["2024"],
        False,
    )
    assert auth.get(f"{USERS}/{made['id']}").json == made
    again = auth.post(USERS, {**NEW, "email": "IDA@example.com"})
    assert (again.status, again.json) == (422, {"error": "user already exists", "details": []})
    assert sim.state("sendauth")["mails"] == 0
    boss = auth.post(USERS, {**NEW, "email": "boss@example.com", "role": "admin"}).json
    assert auth.post(USERS, {"firstName": "No", "lastName": "Mail", "role": "admin"}).status == 201
    sent = sim.state("sendauth")["sent"]
    assert [(item["kind"], item["user"]) for item in sent] == [("set_password", boss["id"])]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"lastName": "Only"}, "firstName"),
        ({**NEW, "firstName": "X"}, "firstName"),
        ({**NEW, "lastName": "x" * 51}, "lastName"),
        ({**NEW, "email": "nonsense"}, "email"),
        ({**NEW, "role": "owner"}, "role"),
        ({**NEW, "phone": 45}, "phone"),
        ({**NEW, "permissions": "Snowflake"}, "permissions"),
        ({**NEW, "permissions": ["unknown"]}, "permissions"),
        ({**NEW, "permissionGroups": ["x"]}, "permissionGroups"),
        ({**NEW, "company": {"id": "x"}}, "company.id"),
        ({**NEW, "messagingPreference": "fax"}, "messagingPreference"),
        ({**NEW, "nickname": "i"}, "nickname"),
        ({**NEW, "email": None}, "email"),
    ],
)
def test_wrong_bodies(sim: Simulator, auth: SendAuthClient, body: dict[str, Any], field: str) -> None:
    before = sim.state("sendauth")
    reply = auth.post(USERS, body)
    assert (reply.status, reply.json["field"], sorted(reply.json)) == (422, field, ["error", "field", "value"])
    assert sim.state("sendauth") == before


def test_wrong_requests(auth: SendAuthClient) -> None:
    headers = auth.headers()
    assert auth.raw("POST", USERS, b"{", {**headers, "Content-Type": "application/json"}).status == 400
    assert auth.raw("POST", USERS, b"{}", {**headers, "Content-Type": "text/plain"}).status == 400
    for query in ("page=0", "perPage=101", "perPage=x", "per_page=5", "sortDir=up", "sortBy=shoe", "page=1&page=2"):
        assert auth.get(f"{USERS}?{query}").status == 400, query
    assert (auth.get("/api/v1/nothing").status, auth.get(f"{USERS}/").status, auth.call("PATCH", USERS).status) == (
        404, 404, 405,
    )
    for method, path in (
        ("GET", NOBODY),
        ("PUT", NOBODY),
        ("DELETE", NOBODY),
        ("POST", f"{NOBODY}/register"),
        ("GET", f"{USERS}/not-a-uuid"),
    ):
        reply = auth.call(method, path, NEW if method == "PUT" else None)
        assert (reply.status, reply.json["error"]) == (404, "not found")


def test_lists(sim: Simulator, auth: SendAuthClient) -> None:
    sim.reset(sendauth={"seed_users": 250, "odd_users": True})
    pages = [auth.get(f"{USERS}?page={page}&perPage=100").json for page in (1, 2, 3, 4)]
    assert [len(page["rows"]) for page in pages] == [100, 100, 55, 0]
    assert {page["total"] for page in pages} == {255}
    assert len({row["id"] for page in pages for row in page["rows"]}) == 255
    assert len(auth.get(USERS).json["rows"]) == 20
    assert auth.get(f"{USERS}?q=USER01&perPage=5").json["total"] == 100
    assert auth.get(f"{USERS}?q=%2B4520000007").json["total"] == 1
    assert auth.get(f"{USERS}?q=twin@example.com").json["total"] == 2
    assert auth.find("o'neil+50%/..@example.com")["firstName"] == "O'Neil + Co"
    assert auth.get(f"{USERS}?q=o'neil+50").json["total"] == 0, "a bare plus is a space"
    assert auth.get(f"{USERS}?permission=2024&perPage=100").json["total"] == 17 + 28 - 6
    rows = auth.get(f"{USERS}?sortBy=email&sortDir=desc&perPage=3").json["rows"]
    assert [row["email"] for row in rows] == sorted((row["email"] for row in rows), reverse=True)
    sim.options(sendauth={"max_page_size": 50, "page_size_over": "clamped", "empty_lists": "null"})
    assert len(auth.get(f"{USERS}?perPage=80").json["rows"]) == 50
    assert auth.get(f"{USERS}?q=nobody").json == {"rows": None, "total": 0}


def test_put_replaces_or_merges(sim: Simulator, auth: SendAuthClient) -> None:
    ada = auth.find("ada.lovelace@example.com")
    one = f"{USERS}/{ada['id']}"
    reply = auth.put(one, {**ada, "lastName": "King"})
    assert reply.status == 200
    assert reply.json == {**ada, "lastName": "King", "username": "Ada King"}
    blank = auth.put(one, {"firstName": "Ada", "lastName": "King"}).json
    assert "email" not in blank and "company" not in blank and "phone" not in blank
    assert (blank["permissions"], blank["role"], blank["hasPasskeys"]) == ([], "user", True)
    assert auth.get(f"{USERS}?q=Ada.Lovelace@").json["total"] == 0
    sim.options(sendauth={"update": "merge", "read_only_fields": "refused"})
    katherine = auth.find("katherine.johnson@example.com")
    one = f"{USERS}/{katherine['id']}"
    reply = auth.put(one, katherine)
    assert (reply.status, reply.json["field"]) == (422, "id")
    merged = auth.put(one, {"firstName": "Katherine", "lastName": "Goble", "phone": ""}).json
    assert (merged["permissions"], merged["email"], "phone" in merged) == (
        katherine["permissions"], katherine["email"], False,
    )
    taken = auth.put(one, {"firstName": "Katherine", "lastName": "Goble", "email": "GRACE.hopper@example.com"})
    assert (taken.status, taken.json["field"]) == (422, "email")
    assert auth.put(one, {"lastName": "Goble"}).json["field"] == "firstName"


def test_labels_and_groups(sim: Simulator, auth: SendAuthClient) -> None:
    groups = {group["name"]: group for group in auth.get("/api/v1/permission-groups").json["groups"]}
    assert {"2024", "研究", "Ops / EU + UK", "Twice"} <= set(groups)
    ada = auth.find("ada.lovelace@example.com")
    one = f"{USERS}/{ada['id']}"
    changed = auth.put(
        one, {**ada, "permissionGroups": [groups["Engineering"]["id"]], "groupPermissions": ["ignored"]}
    ).json
    assert changed["groupPermissions"] == ["GitHub", "VPN"]
    assert (
        auth.put(
            f"/api/v1/permission-groups/{groups['Engineering']['id']}/permissions", {"permissions": ["Finance"]}
        ).status
        == 200
    )
    assert auth.get(one).json["groupPermissions"] == ["Finance"]
    sim.options(sendauth={"unknown_permission": "ignored"})
    assert auth.put(one, {**ada, "permissions": ["Snowflake", "new"]}).json["permissions"] == ["Snowflake"]
    sim.options(sendauth={"unknown_permission": "created"})
    assert auth.put(one, {**ada, "permissions": ["new"]}).json["permissions"] == ["new"]
    assert {"name": "new"} in auth.get("/api/v1/permissions").json["permissions"]
    assert auth.post("/api/v1/permissions", {"name": "new"}).status == 422
    assert auth.post("/api/v1/permissions", {"name": "ü"}).status == 422


def test_soft_delete_restore_destroy(sim: Simulator, auth: SendAuthClient) -> None:
    ada = auth.find("ada.lovelace@example.com")
    one, gone = f"{USERS}/{ada['id']}", f"{USERS}/deleted/{ada['id']}"
    assert auth.delete(gone).status == 404, "a live user cannot be destroyed"
    reply = auth.delete(one)
    assert (reply.status, reply.body, reply.headers.get("content-type")) == (200, b"", None)
    assert [
        auth.call(method, one, body).status for method, body in (("GET", None), ("DELETE", None), ("PUT", NEW))
    ] == [404] * 3
    assert auth.find("ada.lovelace@example.com") is None
    assert auth.find("ada.lovelace@example.com", f"{USERS}/deleted") == ada
    assert auth.post(USERS, {**NEW, "email": ada["email"]}).status == 422
    reply = auth.put(gone)
    assert (reply.status, reply.body) == (200, b"")
    assert auth.get(one).json == ada
    sim.options(sendauth={"deleted_email": "free", "restore_drops": ["passkeys", "tags", "permissions"]})
    auth.delete(one)
    other = auth.post(USERS, {**NEW, "email": ada["email"]})
    assert (other.status, auth.put(gone).status) == (201, 422)
    auth.put(f"{USERS}/{other.json['id']}", NEW)
    assert auth.put(gone).status == 200
    restored = auth.get(one).json
    assert (restored["hasPasskeys"], restored["permissions"]) == (False, [])
    assert state_of(sim, ada["email"])["tags"] == {}
    auth.delete(one)
    assert (auth.delete(gone).status, auth.delete(gone).status, auth.put(gone).status) == (200, 404, 404)
    me = auth.find("svc-awx@example.com")
    reply = auth.delete(f"{USERS}/{me['id']}")
    assert (reply.status, reply.json["error"]) == (403, "cannot delete own account")


def test_tags(sim: Simulator, auth: SendAuthClient) -> None:
    ada = auth.find("ada.lovelace@example.com")
    one = f"{USERS}/{ada['id']}/tags"
    reply = auth.put(one, {"tags": {"site": "Zürich", "2024": "1"}})
    assert (reply.status, reply.body) == (200, b"")
    assert state_of(sim, ada["email"])["tags"] == {"site": "Zürich", "2024": "1"}
    assert "tags" not in auth.get(f"{USERS}/{ada['id']}").json
    for tags in ({"unknown": "x"}, {"site": "Berlin"}, {"legacy": "yes"}, {"site": 1}, ["site"]):
        assert auth.put(one, {"tags": tags}).status == 422, tags
    sim.options(sendauth={"tags_update": "merge", "unknown_tag": "ignored"})
    auth.put(one, {"tags": {"department": "Data", "unknown": "x"}})
    assert state_of(sim, ada["email"])["tags"] == {"site": "Zürich", "2024": "1", "department": "Data"}
    sim.options(sendauth={"tags_update": "replace", "unknown_tag": "stored"})
    auth.put(one, {"tags": {"unknown": "x"}})
    assert state_of(sim, ada["email"])["tags"] == {"unknown": "x"}
    assert auth.put(f"{NOBODY}/tags", {"tags": {}}).status == 404
    tag = "/api/v1/tags/cost%20center%20%2F%2050%25"
    made = auth.post("/api/v1/tags", {"name": "n", "values": ["1"]})
    assert [made.status, auth.put(tag, {"enabled": False}).status, auth.delete(tag).status] == [201, 200, 204]
    assert [item["name"] for item in auth.get("/api/v1/tags").json["tags"]] == [
        "department", "site", "2024", "legacy", "n",
    ]


def test_passkeys_and_transactions(sim: Simulator, auth: SendAuthClient) -> None:
    ada, radia = auth.find("ada.lovelace@example.com"), auth.find("radia.perlman@example.com")
    one = f"{USERS}/{radia['id']}"
    assert auth.post(f"{USERS}/{ada['id']}/register").status == 406
    assert auth.post(f"{one}/authenticate").status == 406
    started = auth.post(f"{one}/register")
    assert (started.status, sorted(started.json)) == (201, ["tx"])
    check = f"/api/v1/transactions/{started.json['tx']}/check"
    assert auth.get(check).json == {"state": "pending"}
    sim.put("transactions", [{"user": "radia.perlman@example.com", "state": "verified"}], "sendauth")
    assert auth.get(check).json == {"state": "verified"}
    assert auth.get(one).json["hasPasskeys"] is True
    late = auth.post(f"{one}/authenticate", {"message": "now", "connectwise": "T-1"}).json["tx"]
    sim.clock(301)
    assert auth.get(f"/api/v1/transactions/{late}/check").json == {"state": "expired"}
    assert auth.call("DELETE", f"/api/v1/transactions/{late}/cancel").status == 400
    open_one = auth.post(f"{one}/authenticate").json["tx"]
    assert auth.delete(f"/api/v1/transactions/{open_one}/cancel").status == 200
    rows = auth.get(f"{one}/transactions?page=1&perPage=2").json
    assert ([row["state"] for row in rows["rows"]], rows["total"]) == (["cancelled", "expired"], 3)
    assert auth.get(f"{one}/transactions?q=T-1").json["rows"][0]["message"] == "now"
    assert "completedAt" in auth.get(f"/api/v1/transactions/{open_one}/history").json
    assert auth.get("/api/v1/transactions/x/check").status == 404
    sim.options(sendauth={"transaction_outcome": "denied", "transaction_delay": 10})
    soon = f"/api/v1/transactions/{auth.post(f'{one}/authenticate').json['tx']}/check"
    assert auth.get(soon).json["state"] == "pending"
    sim.clock(11)
    assert auth.get(soon).json["state"] == "denied"
    assert auth.post(f"{one}/authenticate", {"message": "x" * 1025}).status == 422
    assert [auth.delete(f"{one}/passkey").status, auth.delete(f"{one}/passkey").status] == [200, 200]
    sim.options(sendauth={"no_passkey_status": 404})
    assert auth.delete(f"{one}/passkey").status == 404
    assert auth.get(one).json["hasPasskeys"] is False
    assert [item["kind"] for item in sim.state("sendauth")["sent"]] == [
        "register", "authenticate", "authenticate", "authenticate",
    ]
    audits = auth.get(f"{one}/audits?perPage=100").json
    assert audits["rows"][0]["action"] == "user.passkeys.removed"
    assert {"created_at", "subject", "actor"} <= set(audits["rows"][0])


def test_other_options(sim: Simulator, auth: SendAuthClient) -> None:
    sim.reset(
        sendauth={
            "roles": "docs", "messaging_default": "absent", "empty_lists": "absent", "index_delay": 5,
            "error_bodies": "text",
        }
    )
    made = auth.post(USERS, {**NEW, "role": "Registrar"})
    assert made.status == 201
    assert not {"messagingPreference", "permissions", "groupPermissions"} & set(made.json)
    assert auth.find(NEW["email"]) is None
    sim.clock(5)
    assert auth.find(NEW["email"]) == made.json
    reply = auth.post(USERS, NEW)
    assert (reply.status, reply.body, reply.headers["content-type"]) == (
        422,
        b"user already exists\n",
        "text/plain; charset=utf-8",
    )
    sim.options(sendauth={"error_bodies": "empty"})
    assert (auth.get(NOBODY).status, auth.get(NOBODY).body) == (404, b"")
    users = [
        {
            "email": "a@example.com",
            "firstName": "A",
            "tags": {"x": "y"},
            "permissions": ["odd"],
            "permissionGroups": ["2024"],
            "deleted": True,
        }
    ]
    assert sim.put("users", users, "sendauth")[0]["group_names"] == ["2024"]
    assert state_of(sim, "a@example.com", "deleted_users")["permissions"] == ["odd"]


def test_every_operation_fits_its_document(facts: Path, tmp_path: Path) -> None:
    record = tmp_path / "tour.jsonl"
    with documented("sendauth", facts, record, preset="company", seed_users=3) as simulator:
        client = SendAuthClient(simulator)

        def call(method: str, path: str, body: Any = None) -> Any:
            reply = client.call(method, f"/api/v1{path}", body)
            assert reply.status < 300, (method, path, reply)
            return reply.json if reply.body else None

        call("GET", "/users?page=1&perPage=100&q=user&permission=2024&sortBy=email&sortDir=asc")
        for name in (
            "tags", "permissions", "permission-groups", "companies", "approval-groups",
            "users/deleted?page=1&perPage=100&q=alan", "users",
        ):
            call("GET", f"/{name}")
        company = call("POST", "/companies", {"name": "New one"})
        group = call("POST", "/permission-groups", {"name": "New", "permissions": ["2024"]})
        call("PUT", f"/permission-groups/{group['id']}/permissions", {"permissions": ["2025"]})
        call("POST", "/permissions", {"name": "brand-new"})
        call("POST", "/tags", {"name": "new", "values": ["a"], "enabled": True, "description": ""})
        call("PUT", "/tags/new", {"values": ["a", "b"]})
        user = call(
            "POST",
            "/users",
            {**NEW, "company": {"id": company["id"]}, "permissionGroups": [group["id"]], "role": "admin"},
        )
        one = f"/users/{user['id']}"
        call("PUT", one, {"firstName": "Ida", "lastName": "R.", "email": "ida@example.com"})
        call("PUT", f"{one}/tags", {"tags": {"new": "b"}})
        call("DELETE", "/tags/new")
        first = call("POST", f"{one}/register")["tx"]
        simulator.put("transactions", [{"id": first, "state": "verified"}], "sendauth")
        second = call("POST", f"{one}/authenticate", {"message": "m"})["tx"]
        call("DELETE", f"/transactions/{second}/cancel")
        for path in (
            one, f"{one}/transactions", f"{one}/audits", f"/transactions/{first}/check",
            f"/transactions/{first}/history",
        ):
            call("GET", path)
        approval = call("GET", "/approval-groups")[0]["id"]
        call("POST", f"/approval-groups/{approval}{one}")
        call("GET", f"/approval-groups/{approval}")
        call("DELETE", f"/approval-groups/{approval}{one}")
        call("DELETE", f"{one}/passkey")
        call("DELETE", one)
        call("PUT", f"/users/deleted/{user['id']}")
        call("DELETE", one)
        call("DELETE", f"/users/deleted/{user['id']}")
    assert b"sim-admin" not in record.read_bytes()
