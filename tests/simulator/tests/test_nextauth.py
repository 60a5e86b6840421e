# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nextAuth: users and attributes, accounts, sessions, roles, permissions, API keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from simulator.harness import Simulator
from simulator.tests.clients import documented
from simulator.tests.rawclient import Client

SERVER = "sim+main/server+/id01A=="
ADA = "Ada.Lovelace@Example.com"
ODD = ["1042", "a+b/c%d", "..", "100%_sure", "研究", "Ünal ü", "o'neil+50%/..@example.com", "a b", "?q=1#x", "."]


def at(server: str = SERVER) -> str:
    return f"/servers/{quote(server, safe='')}"


def of(userid: str, rest: str = "attributes/") -> str:
    return f"{at()}/users/{quote(userid, safe='')}/{rest}"


class NextAuthClient(Client):
    def __init__(self, simulator: Simulator, key: str = "root", role: str | None = None) -> None:
        super().__init__(simulator, prefix="/nextauth")
        self.key, self.role = key, role

    def headers(self, token: str | None = None) -> dict[str, str]:
        return {"X-apikey": f"sim-{self.key}-key", **({"X-su": self.role} if self.role else {})}

    def attributes(self, userid: str) -> Any:
        return self.get(of(userid)).json


@pytest.fixture
def nxt(sim: Simulator) -> Iterator[NextAuthClient]:
    sim.reset(nextauth={"preset": "company"})
    with NextAuthClient(sim) as client:
        yield client


def test_keys_and_permissions(sim: Simulator, nxt: NextAuthClient) -> None:
    for headers in ({}, {"X-apikey": "wrong"}, {"X-apikey": ""}, {"X-apikey": "sim-röot-key"}):
        reply = nxt.raw("GET", f"{at()}/users/", None, headers)
        assert (reply.status, reply.json) == (401, {"error": "invalid API key"})
    reads = {
        f"{at()}/users/": {"root", "users"},
        of(ADA): {"root", "users", "sessions"},
        f"{at()}/accounts/": {"root", "accounts"},
        f"{at()}/permissions/": {"root", "servers"},
        "/servers/": {"root", "servers"},
        "/apikeys/": {"root", "servers"},
    }
    for key in ("root", "users", "accounts", "sessions", "servers", "other", "nothing"):
        with NextAuthClient(sim, key) as client:
            for path, allowed in reads.items():
                assert client.get(path).status == (200 if key in allowed else 403), (key, path)
    with NextAuthClient(sim, "other") as client:
        assert client.get(f"{at('sim+other/server/id002A=')}/users/").json == {"users": [], "totalnumber": 0}
    assert (nxt.get(f"{at('unknown')}/users/").status, nxt.get(f"/servers/{SERVER}/users/").status) == (404, 404)


def test_impersonation(sim: Simulator, nxt: NextAuthClient) -> None:
    role = nxt.get(of("Grace.Hopper@example.com", "role/")).json["role"]
    for key, status in (("root", 200), ("setrid", 200), ("users", 403)):
        with NextAuthClient(sim, key, role) as client:
            assert client.get(f"{at()}/users/").status == status
            assert client.get("/apikeys/").status == 403
    with NextAuthClient(sim, "root", "unknown") as client:
        assert client.get(f"{at()}/users/").status == 403


@pytest.mark.parametrize("userid", ODD)
def test_any_name_is_a_user(nxt: NextAuthClient, userid: str) -> None:
    path = of(userid).replace("/./", "/%2E/").replace("/../", "/%2E%2E/")
    assert nxt.get(path).status == 404
    reply = nxt.post(path, {"key / 1": "ü", "2024": "x"})
    assert (reply.status, reply.body, reply.headers.get("content-type")) == (200, b"", None)
    assert nxt.get(path).json == {"key / 1": "ü", "2024": "x"}
    assert nxt.delete(f"{path}{quote('key / 1', safe='')}").status == 200
    assert nxt.get(path).json == {"2024": "x"}
    found = nxt.get(f"{at()}/users/?{urlencode({'search': userid, 'limit': 100})}").json["users"]
    assert userid in [user["userid"] for user in found]
    assert nxt.delete(path.removesuffix("attributes/")).status == 200
    assert nxt.get(path).status == 404


def test_attributes(sim: Simulator, nxt: NextAuthClient) -> None:
    before = nxt.attributes(ADA)
    assert before["firstname"] == "Ada"
    assert nxt.get(of(ADA)).headers["content-type"] == "text/plain; charset=utf-8"
    assert nxt.put(of(ADA), {"title": "Countess"}).status == 200
    assert nxt.attributes(ADA) == {**before, "title": "Countess"}
    assert nxt.put(of("nobody"), {"title": "x"}).status == 404
    assert nxt.post(of(ADA), {"only": "this"}).status == 200
    assert nxt.attributes(ADA) == {"only": "this"}
    assert nxt.delete(of(ADA, "attributes/unknown")).status == 200
    sim.options(nextauth={"unknown_key_status": 404})
    assert nxt.delete(of(ADA, "attributes/unknown")).status == 404
    assert (nxt.delete(of(ADA)).status, nxt.attributes(ADA)) == (200, {})
    assert nxt.post(of("new"), {}).status == 200
    sim.options(nextauth={"empty_post": "refused"})
    assert nxt.post(of("newer"), {}).status == 400
    for body in ([], "x", {"a": 1}, {"a": None}, {"": "x"}):
        assert nxt.post(of(ADA), body).status == 400, body
    assert nxt.raw("POST", of(ADA), b"{", nxt.headers()).status == 400
    assert nxt.raw("POST", of(ADA), b"{}", {**nxt.headers(), "Content-Type": "text/plain"}).status == 400
    assert nxt.raw("PUT", of(ADA), b'{"a":"b"}', nxt.headers()).status == 200, (
        "the generated clients send no content type"
    )
    sim.options(nextauth={"other_values": "stringified"})
    assert (nxt.put(of(ADA), {"n": 1, "b": True}).status, nxt.put(of(ADA), {"n": []}).status) == (200, 400)
    assert nxt.attributes(ADA) == {"a": "b", "n": "1", "b": "true"}
    sim.options(nextauth={"other_values": "kept"})
    nxt.put(of(ADA), {"n": [1]})
    assert nxt.attributes(ADA)["n"] == [1]


def test_forms_of_attributes(sim: Simulator, nxt: NextAuthClient) -> None:
    nxt.post(of(ADA), {"a": "1", "b": "ü"})
    bodies = {
        "object": '{"a":"1","b":"ü"}', "list": '[{"key":"a","value":"1"},{"key":"b","value":"ü"}]',
        "string": '"{\\"a\\":\\"1\\",\\"b\\":\\"ü\\"}"', "garbage": "a: 1\nb: ü\n",
    }
    for form, body in bodies.items():
        sim.options(nextauth={"attributes_form": form})
        assert nxt.get(of(ADA)).body.decode() == body
    nxt.delete(of(ADA))
    for empty, body in (("form", "(none)\n"), ("null", "null"), ("nothing", "")):
        sim.options(
            nextauth={
                "empty_attributes": empty,
                "attributes_type": "application/json" if empty == "null" else "text/plain",
            }
        )
        assert nxt.get(of(ADA)).body.decode() == body


def test_lists(sim: Simulator, nxt: NextAuthClient) -> None:
    sim.reset(nextauth={"seed_users": 250, "odd_users": True})
    users = f"{at()}/users/"
    pages = [nxt.get(f"{users}?limit=100&marker={marker}").json for marker in (0, 100, 200, 300)]
    assert [len(page["users"]) for page in pages] == [100, 100, 60, 0]
    assert {page["totalnumber"] for page in pages} == {260}
    assert len({user["userid"] for page in pages for user in page["users"]}) == 260
    assert len(nxt.get(users).json["users"]) == 25
    assert nxt.get(f"{users}?search=USER01").json["totalnumber"] == 100
    assert [user["userid"] for user in nxt.get(f"{users}?search=100%25_sure").json["users"]] == [
        "100%_sure",
        "100-sure",
    ]
    sim.options(nextauth={"like_wildcards": False, "like_case": "sensitive", "totalnumber": "absent"})
    assert nxt.get(f"{users}?search=100%25_sure").json == {
        "users": [{"userid": "100%_sure", "numberaccounts": 0, "lastlogin": 0}]
    }
    assert nxt.get(f"{users}?search=USER01").json == {"users": []}
    assert nxt.get(f"{users}?filter=employee_id%3DE00007").json["users"][0]["userid"] == "user0007@example.com"
    assert len(nxt.get(f"{users}?filter=department%3Din%3AData,Sales&limit=500").json["users"]) == 84
    rows = nxt.get(f"{users}?sort=numberaccounts:desc,userid:asc&limit=3").json["users"]
    assert [(row["userid"], row["numberaccounts"]) for row in rows] == [
        (f"user000{number}@example.com", 1) for number in (1, 2, 3)
    ]
    for query in (
        "limit=0", "limit=x", "marker=-1", "sort=shoe", "sort=userid:up", "filter=x", "q=x", "limit=1&limit=2",
    ):
        assert nxt.get(f"{users}?{query}").status == 400, query
    sim.options(nextauth={"unsorted": "changing", "max_limit": 10, "timestamps": "milliseconds"})
    first, second = (nxt.get(f"{users}?limit=100").json["users"] for _turn in range(2))
    assert (len(first), len(second), first == second) == (10, 10, False)
    assert max(user["lastlogin"] for user in first + second) > 10**12


def test_accounts(sim: Simulator, nxt: NextAuthClient) -> None:
    mine = nxt.get(of(ADA, "accounts")).json
    assert ([item["description"] for item in mine["accounts"]], mine["totalnumber"]) == (["Phone", "Tablet / Büro"], 2)
    one = f"{at()}/accounts/{mine['accounts'][1]['id']}"
    assert nxt.put(f"{one}/?blocked=true").json["blocked"] is True
    assert nxt.get(f"{one}/").json["blocked"] is True
    assert nxt.put(f"{one}/?blocked=false").json["blocked"] is False
    assert [nxt.put(f"{one}/{query}").status for query in ("?blocked=yes", "", "?block=true")] == [400] * 3
    blocked = nxt.get(f"{at()}/accounts/?filter=blocked%3Dtrue").json["accounts"]
    assert [item["userid"] for item in blocked] == ["alan.turing@example.com"]
    moved = nxt.put(f"{one}/user?userid=radia.perlman%40example.com")
    assert moved.json["userid"] == "radia.perlman@example.com"
    refused = nxt.put(f"{one}/user?userid=nobody")
    assert (refused.status, refused.json) == (403, {"error": "Invalid user name"})
    sim.options(nextauth={"move_to_unknown": "creates"})
    assert (nxt.put(f"{one}/user?userid=somebody").status, nxt.attributes("somebody")) == (200, {})
    assert (nxt.delete(f"{one}/").status, nxt.delete(f"{one}/").status, nxt.get(f"{at()}/accounts/x/").status) == (
        200, 404, 400,
    )
    assert nxt.delete(of(ADA, "accounts")).status == 200
    assert nxt.get(of(ADA, "accounts")).json == {"accounts": [], "totalnumber": 0}
    assert nxt.get(of(ADA)).status == 200
    assert nxt.get(of("nobody", "accounts")).json["accounts"] == []
    sim.options(nextauth={"unknown_user_accounts": 404})
    assert (nxt.get(of("nobody", "accounts")).status, nxt.delete(of("nobody", "accounts")).status) == (404, 404)


def test_deleting_a_user_with_accounts(sim: Simulator, nxt: NextAuthClient) -> None:
    total = nxt.get(f"{at()}/accounts/").json["totalnumber"]
    sim.options(nextauth={"accounts_of_deleted": "refused"})
    assert nxt.delete(of(ADA, "")).status == 403
    sim.options(nextauth={"accounts_of_deleted": "orphaned"})
    assert nxt.delete(of(ADA, "")).status == 200
    assert len(nxt.get(of(ADA, "accounts")).json["accounts"]) == 2
    sim.options(nextauth={"accounts_of_deleted": "deleted"})
    role = nxt.get(of("Grace.Hopper@example.com", "role/")).json["role"]
    assert nxt.delete(of("Grace.Hopper@example.com", "")).status == 200
    assert nxt.get(f"{at()}/accounts/").json["totalnumber"] == total - 1
    assert nxt.get(f"{at()}/permissions/{quote(role, safe='')}").status == 404


def test_sessions_and_registration(sim: Simulator, nxt: NextAuthClient) -> None:
    register = f"{at()}/sessions/registeruser?userid=newcomer"
    account = sim.put("accounts", [{"description": "New phone"}], "nextauth")[0]
    assert "userid" not in account
    sim.put(
        "sessions",
        [
            {"nonce": "live", "accountid": account["id"], "expires_in": 60},
            {"nonce": "idle"},
            {"nonce": "ada", "userid": ADA},
        ],
        "nextauth",
    )
    assert nxt.call("POST", register).status == 400
    assert [nxt.call("POST", register, X_nonce=nonce).status for nonce in ("unknown", "idle", "ada")] == [403] * 3
    reply = nxt.call("POST", register, X_nonce="live")
    assert (reply.status, reply.body) == (200, b"")
    assert nxt.get(of("newcomer", "accounts")).json["accounts"][0]["id"] == account["id"]
    status = nxt.call("GET", f"{at()}/sessions/", X_nonce="live").json
    assert (status["loggedin"], status["userid"], status["accountid"]) == (True, "newcomer", account["id"])
    assert nxt.call("POST", f"{at()}/sessions/logout", X_nonce="live").status == 200
    assert nxt.call("GET", f"{at()}/sessions/", X_nonce="live").json["loggedin"] is False
    sim.put("sessions", [{"nonce": "live", "accountid": account["id"], "expires_in": 60}], "nextauth")
    sim.clock(61)
    sim.options(nextauth={"no_login_status": 409})
    assert nxt.call("POST", register, X_nonce="live").status == 409
    assert nxt.call("POST", of(ADA, "provokelogin"), {"sessioninfo": {"ip": "192.0.2.1"}}, X_nonce="idle").status == 200
    assert nxt.call("POST", of("nobody", "provokelogin"), X_nonce="idle").status == 404
    assert [item["userid"] for item in sim.state("nextauth")["provoked"]] == [ADA, ADA]
    assert all("nonce" not in item for item in sim.state("nextauth")["sessions"])


def test_roles_and_permissions(sim: Simulator, nxt: NextAuthClient) -> None:
    assert (
        nxt.get(of(ADA, "role/")).status,
        nxt.get(of("nobody", "role/")).status,
        nxt.post(of("nobody", "role/")).status,
    ) == (404, 404, 404)
    role = nxt.post(of(ADA, "role/")).json["role"]
    assert nxt.post(of(ADA, "role/")).json == nxt.get(of(ADA, "role/")).json == {"role": role}
    assert role.startswith("+/")
    one = f"{at()}/permissions/{quote(role, safe='')}"
    assert nxt.get(one).json == {"permissions": []}
    reply = nxt.post(one, ["users", "accounts", "users"])
    assert (reply.status, reply.body) == (200, b"")
    assert nxt.get(one).json == {"permissions": [{"server": SERVER, "role": role, "acl": "users,accounts"}]}
    nxt.post(one, ["sessions"])
    assert nxt.get(one).json["permissions"][0]["acl"] == "sessions"
    assert {item["role"] for item in nxt.get(f"{at()}/permissions/").json["permissions"]} >= {role}
    for body in ({"acl": "users"}, ["users,accounts"], [1], ["fly"]):
        assert nxt.post(one, body).status == 400, body
    with NextAuthClient(sim, "servers") as client:
        assert (client.get(one).status, client.post(one, []).status) == (200, 403)
    assert nxt.delete(one).status == 200
    sim.options(nextauth={"empty_acl": "entry", "unknown_permission": "stored"})
    assert nxt.get(one).json["permissions"][0]["acl"] == ""
    nxt.post(one, ["fly"])
    assert nxt.get(one).json["permissions"][0]["acl"] == "fly"
    assert (nxt.get(f"{at()}/permissions/unknown").status, nxt.post(f"{at()}/permissions/unknown", []).status) == (
        404,
        404,
    )


def test_api_keys(sim: Simulator, nxt: NextAuthClient) -> None:
    made = nxt.post("/apikeys/?description=CI+%2F+50%25").json
    assert (made["description"], sorted(made)) == ("CI / 50%", ["apikey", "description", "role"])
    nxt.post("/apikeys/?description=CI+%2F+50%25")
    keys = nxt.get("/apikeys/").json["apikeys"]
    assert [key["description"] for key in keys] == ["root", "CI / 50%", "CI / 50%"]
    assert keys[1] == made
    assert nxt.raw("GET", f"{at()}/users/", None, {"X-apikey": made["apikey"]}).status == 200
    assert (nxt.post("/apikeys/").status, nxt.call("DELETE", "/apikeys/").status) == (400, 405)
    shown = json.dumps([sim.state("nextauth"), sim.requests()])
    assert made["apikey"] not in shown and "sim-root-key" not in shown
    sim.options(nextauth={"listed_keys": "hidden"})
    assert {key["apikey"] for key in nxt.get("/apikeys/").json["apikeys"]} == {"********"}
    sim.options(nextauth={"listed_keys": "absent"})
    assert sorted(nxt.get("/apikeys/").json["apikeys"][0]) == ["description", "role"]


def test_slashes_are_exact(sim: Simulator, nxt: NextAuthClient) -> None:
    wrong = {
        f"{at()}/users": f"{at()}/users/",
        of(ADA, "attributes"): of(ADA),
        of(ADA, "accounts/"): of(ADA, "accounts"),
    }
    assert [nxt.get(path).status for path in wrong] == [404] * 3
    assert nxt.call("DELETE", of(ADA, "").rstrip("/")).status == 404
    sim.options(nextauth={"slashes": "redirect"})
    for path, right in wrong.items():
        reply = nxt.get(f"{path}?limit=1")
        assert (reply.status, reply.headers["location"]) == (301, f"/nextauth{right}?limit=1")
    sim.options(nextauth={"slashes": "exact", "error_bodies": "text"})
    assert nxt.get(of("nobody")).body == b"user not found"
    sim.options(nextauth={"error_bodies": "empty"})
    assert nxt.get(of("nobody")).body == b""


def test_put_and_state(sim: Simulator, nxt: NextAuthClient) -> None:
    users = [{"userid": "put", "attributes": {"a": "b"}, "permissions": ["users"], "accounts": ["Phone"]}]
    assert sim.put("users", users, "nextauth")[0]["permissions"] == ["users"]
    account = nxt.get(of("put", "accounts")).json["accounts"][0]
    sim.put("accounts", [{"id": account["id"], "blocked": True}], "nextauth")
    assert nxt.get(of("put", "accounts")).json["accounts"] == [{**account, "blocked": True}]
    role = sim.put("permissions", [{"acl": ["root"], "global": True}], "nextauth")[0]["role"]
    sim.put("apikeys", [{"apikey": "another", "role": role, "description": "x"}], "nextauth")
    assert nxt.raw("GET", "/apikeys/", None, {"X-apikey": "another"}).json["apikeys"][0]["description"] == "x"
    assert (
        next(user for user in sim.state("nextauth")["users"] if user["userid"] == "put")["accounts"][0]["blocked"]
        is True
    )


def test_every_operation_fits_its_document(facts: Path, tmp_path: Path) -> None:
    record = tmp_path / "tour.jsonl"
    with documented("nextauth", facts, record, preset="company", seed_users=3) as simulator:
        client = NextAuthClient(simulator)

        def call(method: str, path: str, body: Any = None, **headers: str) -> Any:
            reply = client.call(method, path, body, **headers)
            assert reply.status == 200, (method, path, reply)
            return reply.json if reply.body else None

        call("GET", f"{at()}/users/?limit=2&marker=1&sort=userid&search=user&filter=department%3DData")
        call("POST", of("a/b"), {"x": "1"})
        call("PUT", of("a/b"), {"y": "2"})
        for form in ("object", "list", "string", "garbage"):
            simulator.options(nextauth={"attributes_form": form})
            assert client.get(of("a/b")).status == 200
        call("DELETE", of("a/b", "attributes/x"))
        call("DELETE", of("a/b"))
        simulator.options(nextauth={"empty_attributes": "nothing"})
        assert client.get(of("a/b")).body == b""
        role = call("POST", of("a/b", "role/"))["role"]
        call("GET", of("a/b", "role/"))
        one = f"{at()}/permissions/{quote(role, safe='')}"
        call("POST", one, ["users"])
        for path in (
            one,
            f"{at()}/permissions/",
            f"{at()}/accounts/",
            f"{at()}/",
            "/servers/?limit=5",
            of(ADA, "accounts?limit=1"),
        ):
            call("GET", path)
        call("DELETE", one)
        call("POST", "/apikeys/?description=x")
        call("GET", "/apikeys/")
        fresh = simulator.put("accounts", [{}], "nextauth")[0]["id"]
        simulator.put("sessions", [{"nonce": "n-1", "accountid": fresh}], "nextauth")
        call("GET", f"{at()}/sessions/", X_nonce="n-1")
        call("POST", f"{at()}/sessions/registeruser?userid=a%2Fb", X_nonce="n-1")
        call("POST", of("a/b", "provokelogin"), {"announceinfo": {"ip": "192.0.2.1"}}, X_nonce="n-1")
        call("POST", f"{at()}/sessions/logout", X_nonce="n-1")
        account = f"{at()}/accounts/{fresh}"
        call("GET", f"{account}/")
        call("PUT", f"{account}/?blocked=true")
        call("PUT", f"{account}/user?userid={quote(ADA)}")
        call("DELETE", f"{account}/")
        call("DELETE", of(ADA, "accounts"))
        call("DELETE", of("a/b", ""))
        server = f"{at()}/attributes/"
        for method, body in (("POST", {"a": "1"}), ("PUT", {"b": "2"}), ("GET", None), ("DELETE", None)):
            assert client.call(method, server, body).status == 200
        call("DELETE", f"{at()}/")
    text = record.read_bytes()
    assert b"sim-root-key" not in text and b"n-1" not in text
