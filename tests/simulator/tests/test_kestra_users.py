# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kestra: users in the three versions, lists, the caller's own data, impersonation."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import quote

import pytest

from simulator.harness import Simulator
from simulator.tests.clients import VERSIONS, client, stored
from simulator.tests.rawclient import Client

NEW = {"email": "Ida@Example.com", "firstName": "Ida", "lastName": "Rhodes", "password": "TestPass!1234"}
JSON = {"Content-Type": "application/json"}


def find(api: Client, email: str) -> Any:
    """As a client does it: both filters, page after page, exact match."""
    wanted = quote(email)
    rows = api.get(f"/users?page=1&size=100&q={wanted}&filters%5Bq%5D%5BEQUALS%5D={wanted}").json["results"]
    return next((row for row in rows if row["username"].casefold() == email.casefold()), None)


@pytest.mark.parametrize("version", VERSIONS)
def test_life_of_a_user(sim: Simulator, version: str) -> None:
    flag, other = ("instanceOwner", "superAdmin") if version == "2.0" else ("superAdmin", "instanceOwner")
    with client(sim, version) as api:
        reply = api.post("/users", {**NEW, "superAdmin": True})
        assert reply.status == 201
        row = find(api, "ida@example.com")
        if version == "1.0":
            assert reply.body == b""
        else:
            assert reply.json["id"] == row["id"]
        assert set(row) == {"id", "username", "displayName", "tenants", "auths", flag}
        path = f"/users/{row['id']}"
        user = api.get(path).json
        assert user["auths"][0]["type"] == "BASIC_AUTH"
        assert {**user, "auths": None} == {
            "id": row["id"], "username": "Ida@Example.com", "displayName": "Ida Rhodes", "firstName": "Ida",
            "lastName": "Rhodes",
            "email": "Ida@Example.com", "tenants": [], "auths": None, "groups": [], flag: True, "restricted": False,
        }
        assert stored(sim, "Ida@Example.com")["password"] == {"sha256": hashlib.sha256(b"TestPass!1234").hexdigest()}
        assert api.patch(path, {"firstName": "Irene"}).json["displayName"] == "Irene Rhodes"
        reply = api.patch(f"{path}/superadmin", {"superAdmin": False})
        assert (reply.status, reply.body) == (200, b"")
        assert api.patch(f"{path}/restricted", {"restricted": True}).status == 200
        assert api.patch(f"{path}/password", {"password": "OtherPass1"}).json["restricted"] is True
        user = api.get(path).json
        assert (user[flag], user["restricted"], user["lastName"]) == (False, True, "Rhodes")
        assert other not in user
        assert api.delete(path).status == 204
        assert api.get(path).status == api.delete(path).status == api.patch(path, {}).status == 404
        assert find(api, "ida@example.com") is None


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "email"),
        ({"email": None}, "email"),
        ({"email": "nobody"}, "email"),
        ({**NEW, "firstName": 5}, "firstName"),
        ({**NEW, "superAdmin": "true"}, "superAdmin"),
        ({**NEW, "groups": "a"}, "groups"),
        ({**NEW, "tenants": [{"id": "main"}]}, "tenants"),
        ({**NEW, "password": "short1A"}, "password"),
        ({**NEW, "password": "no-upper-case-1"}, "password"),
    ],
)
def test_create_refusals(sim: Simulator, body: dict[str, Any], path: str) -> None:
    with client(sim) as api:
        reply = api.post("/users", body)
        assert reply.status == 422
        assert reply.json["_embedded"]["errors"][0]["path"] == path
        assert reply.json["_links"]["self"]["href"] == "/api/v1/users"


def test_bodies_methods_and_paths(sim: Simulator) -> None:
    with client(sim) as api:
        headers = {"Authorization": api.authorization or "", **JSON}
        for body in (b"", b"[]", b"{", b'{"email": NaN}'):
            assert api.raw("POST", "/users", body, headers).status == 422
        assert api.raw("POST", "/users", b"{}", {**headers, "Content-Type": "text/plain"}).status == 415
        assert api.post("/users/x", {}).status == 405
        assert api.get("/nothing").status == api.get("/users/").status == 404
        # Unknown fields are overlooked, by the default of the server.
        assert api.post("/users", {**NEW, "instanceOwner": True}).json["superAdmin"] is False
        sim.options(kestra={"unknown_fields": "refuse"})
        assert api.post("/users", {**NEW, "email": "b@example.com", "instanceOwner": True}).status == 422


@pytest.mark.parametrize("status", [409, 422])
def test_duplicates(sim: Simulator, status: int) -> None:
    with client(sim, duplicate_status=status) as api:
        made = api.post("/users", NEW).json
        path = f"/users/{made['id']}"
        for email in ("ADA.lovelace@example.com", "Ada.Lovelace@Example.com"):
            assert api.post("/users", {"email": email}).status == status
            assert api.put(path, {"email": email}).status == api.patch(path, {"email": email}).status == status
        assert api.patch(path, {"email": "ida@example.com"}).json["username"] == "ida@example.com"
        assert api.post("/main/groups", {"name": "data"}).status == status
        assert api.post("/main/groups", {"name": "Data"}).status == 200
        assert api.post("/acme-eu/groups", {"name": "platform"}).status == 200


@pytest.mark.parametrize("status", [404, 400])
def test_unknown_ids(sim: Simulator, status: int) -> None:
    with client(sim, unknown_status=status) as api:
        assert (
            api.get("/users/a%2Fb").status == api.delete("/users/x").status == api.put("/users/x", NEW).status == status
        )
        assert api.post("/users/x/impersonate").status == api.get("/users/x/api-tokens").status == status
        assert api.delete("/users/x/refresh-token").status == status
        for body in ({**NEW, "tenants": ["nowhere"]}, {**NEW, "groups": ["nothing"]}):
            assert api.post("/users", body).status == 404
        assert find(api, NEW["email"]) is None
        account = sim.state("kestra")["service_accounts"][0]["id"]
        assert api.get(f"/users/{account}").status == status


def test_put_replaces_everything_but_the_password(sim: Simulator) -> None:
    with client(sim) as api:
        before = stored(sim, "Ada.Lovelace@Example.com")
        assert len(before["groups"]) == 3
        path = f"/users/{before['id']}"
        user = api.put(path, {"email": before["email"], "firstName": "Ada"}).json
        assert "lastName" not in user
        assert (user["groups"], user["tenants"]) == ([], [])
        after = stored(sim, before["email"])
        assert after["password"] == before["password"]
        group = next(item["id"] for item in before["groups"] if item["tenant"] == "acme-eu")
        user = api.put(
            path, {"email": before["email"], "groups": [group], "tenants": ["main"], "superAdmin": True}
        ).json
        assert (user["groups"], user["superAdmin"]) == ([{"id": group, "tenantId": "acme-eu"}], True)
        assert {tenant["id"] for tenant in user["tenants"]} == {"main", "acme-eu"}
        sim.options(kestra={"put_wipes_tenants": False})
        user = api.put(path, {"email": before["email"]}).json
        assert (len(user["tenants"]), user["groups"], user["superAdmin"]) == (2, [], False)


def test_deleting_a_user_takes_all_along(sim: Simulator) -> None:
    with client(sim, bound_users_linger=True) as api:
        user = stored(sim, "margaret.hamilton@example.com")
        path = f"/users/{user['id']}"
        assert api.delete(path).status == 204
        assert api.get(path).status == 200
        sim.options(kestra={"bound_users_linger": False})
        assert api.delete(path).status == 204
        state = sim.state("kestra")
        assert all(binding.get("user", {}).get("id") != user["id"] for binding in state["bindings"])
        assert all(user["id"] not in group["members"] for group in state["groups"])
        assert api.delete(f"/users/{stored(sim, 'radia.perlman@example.com')['id']}").status == 204
        assert not any(token["owner_name"] == "radia.perlman@example.com" for token in sim.state("kestra")["tokens"])


# Lists ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "with_q", "with_filter"), [("1.0", 1, 28), ("1.3", 1, 1), ("2.0", 28, 1)])
def test_filters_of_the_versions(sim: Simulator, version: str, with_q: int, with_filter: int) -> None:
    with client(sim, version, seed_users=13) as api:
        assert api.get("/users?q=user0007@example.com").json["total"] == with_q
        assert api.get("/users?filters[q][EQUALS]=user0007@example.com").json["total"] == with_filter
        assert find(api, "user0007@example.com")["username"] == "user0007@example.com"
        assert api.get("/users?nonsense=1&filters=x&filters[q]=x&filters=[]").json["total"] == 28


def test_filters(sim: Simulator) -> None:
    with client(sim, "2.0") as api:
        def names(query: str) -> set[str]:
            return {row["username"].split("@")[0] for row in api.get(f"/users?size=100&{query}").json["results"]}

        assert names("filters[q][EQUALS]=LOVELACE ada".replace(" ", "%20")) == {"Ada.Lovelace"}
        assert len(names("filters[q][NOT_EQUALS]=example.com")) == 0
        assert names("filters[username][STARTS_WITH]=sim-") == {"sim-admin", "sim-manager", "sim-nobody"}
        assert names("filters[username][ENDS_WITH]=%2Bx") == set()
        assert names("filters[email][IN]=alan.turing@example.com,tove.noether@example.com") == {
            "alan.turing",
            "tove.noether",
        }
        # The values of a list are decoded twice: a plus sign becomes a space.
        sim.put("users", [{"email": "a+b@example.com"}], "kestra")
        assert names("filters[email][IN]=a%2Bb@example.com") == set()
        assert (
            names("filters[email][IN]=a%252Bb@example.com")
            == names("filters[email][EQUALS]=a%2Bb@example.com")
            == {"a+b"}
        )
        assert names("filters[super_admin][EQUALS]=true") == {"sim-admin", "Grace.Hopper", "svc-awx"}
        assert names("filters[username][REGEX]=^ala") == {"alan.turing"}
        for wrong in (
            "nonsense][EQUALS", "q][LIKE", "q][CONTAINS", "namespace][EQUALS", "username][LESS_THAN",
            "email][EQUALS][x",
        ):
            assert api.get(f"/users?filters[{wrong}]=x").status == 400, wrong
        assert api.get("/users?filters[username][REGEX]=(").status == 400


def test_pages(sim: Simulator) -> None:
    with client(sim, preset="none", seed_users=22) as api:
        first = api.get("/users").json
        assert (len(first["results"]), first["total"]) == (10, 25)
        pages = [api.get(f"/users?page={number}&size=10").json["results"] for number in (1, 2, 3, 4)]
        assert [len(page) for page in pages] == [10, 10, 5, 0]
        assert len({row["id"] for page in pages for row in page}) == 25
        for wrong in ("page=0", "size=0", "size=-1", "page=x", "size=99999999999"):
            assert api.get(f"/users?{wrong}").status == 422
        sim.options(kestra={"max_size": 20})
        assert api.get("/users?size=21").status == 422
        assert api.get("/users?sort=username:asc").status == 500
        assert api.get("/users?sort=username").status == 422


def test_searches_lag_behind(sim: Simulator) -> None:
    with client(sim, consistency_searches=2) as api:
        made = api.post("/users", NEW).json
        assert api.get(f"/users/{made['id']}").status == 200
        assert [find(api, NEW["email"]) is None for _time in range(3)] == [True, True, False]
        api.patch(f"/users/{made['id']}", {"firstName": "Irene"})
        shown = [find(api, NEW["email"])["displayName"] for _time in range(3)]
        assert shown == ["Ida Rhodes", "Ida Rhodes", "Irene Rhodes"]
        sim.options(kestra={"consistency_searches": 0, "consistency_delay": 300})
        api.delete(f"/users/{made['id']}")
        assert find(api, NEW["email"]) is not None
        sim.clock(301)
        assert find(api, NEW["email"]) is None
        sim.put("users", [{"email": "at-once@example.com"}], "kestra")
        assert find(api, "at-once@example.com") is not None


# Login methods, sessions, the caller ---------------------------------------------------------------------------


def test_login_methods_and_sessions(sim: Simulator) -> None:
    with client(sim) as api:
        user = stored(sim, "Ada.Lovelace@Example.com")
        path = f"/users/{user['id']}"
        password = next(auth["id"] for auth in user["auths"] if auth["type"] == "BASIC_AUTH")
        reply = api.delete(f"{path}/auths/{password}")
        assert (reply.status, [auth["name"] for auth in reply.json["auths"]]) == (200, ["google"])
        assert stored(sim, user["email"])["password"] is None
        assert api.delete(f"{path}/auths/{password}").status == 404
        sim.options(kestra={"unknown_auth_status": 500})
        assert api.delete(f"{path}/auths/{password}").status == 500
        assert user["sessions"] == 1
        assert api.delete(f"{path}/refresh-token").status == api.delete(f"{path}/refresh-token").status == 204
        assert stored(sim, user["email"])["sessions"] == 0


@pytest.mark.parametrize("status", [422, 400, 401, 403])
def test_own_password(sim: Simulator, status: int) -> None:
    with client(sim, wrong_password_status=status) as api:
        old = sim.env["KESTRA_API_PASSWORD"]
        assert api.put("/me/password", {"oldPassword": "wrong", "newPassword": "NewPass1234"}).status == status
        assert api.put("/me/password", {"oldPassword": old, "newPassword": "weak"}).status == 422
        assert api.put("/me/password", {"newPassword": "NewPass1234"}).status == 422
        assert api.put("/me/password", {"oldPassword": old, "newPassword": "NewPass1234"}).json == {}
        assert (
            stored(sim, sim.env["KESTRA_API_USER"])["password"]["sha256"] == hashlib.sha256(b"NewPass1234").hexdigest()
        )
        me = api.get("/me").json
        assert (me["profile"]["email"], me["superAdmin"], me["tenants"]) == (sim.env["KESTRA_API_USER"], True, [])


def basic(email: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{email}:{password}".encode()).decode()}


def test_basic_belongs_to_1(sim: Simulator) -> None:
    email, password = sim.env["KESTRA_API_USER"], sim.env["KESTRA_API_PASSWORD"]
    for version, status in (("1.0", 200), ("1.3", 200), ("2.0", 401)):
        with client(sim, version) as api:
            assert api.raw("GET", "/me", headers=basic(email.upper(), password)).status == status
            for headers in (
                {},
                basic(email, "wrong"),
                {"Authorization": "Basic !"},
                {"Authorization": "Bearer x"},
                {"Authorization": "Bearer"},
            ):
                reply = api.raw("GET", "/me", headers=headers)
                assert (reply.status, reply.body) == (401, b"")


def test_lock_out(sim: Simulator) -> None:
    email, password = sim.env["KESTRA_API_USER"], sim.env["KESTRA_API_PASSWORD"]
    with client(sim, denied_body="json") as api:
        def login(word: str) -> int:
            return api.raw("GET", "/me", headers=basic(email, word)).status

        for _time in range(9):
            assert login("wrong") == 401
        assert login(password) == 200
        for _time in range(9):
            login("wrong")
        sim.clock(301)
        assert login("wrong") == 401
        assert login(password) == 200
        for _time in range(10):
            login("wrong")
        assert login(password) == 401
        assert stored(sim, email)["locked"] is True
        assert api.get("/me").status == 200
        sim.clock(1801)
        assert login(password) == 200
        assert api.raw("GET", "/me").json["message"] == "Unauthorized"


@pytest.mark.parametrize("version", ["1.3", "2.0"])
def test_impersonation_outranks_the_token(sim: Simulator, version: str) -> None:
    with client(sim, version) as api:
        reply = api.post(f"/users/{stored(sim, 'alan.turing@example.com')['id']}/impersonate")
        jwt = reply.json["access_token"]
        assert reply.status == 200
        assert jwt in reply.headers["set-cookie"]
        headers = {"Authorization": api.authorization or "", "Cookie": f"JWT={jwt}"}
        assert api.raw("GET", "/me", headers=headers).json["profile"]["email"] == "alan.turing@example.com"
        assert api.raw("GET", "/users", headers=headers).status == 403
        status = api.raw("PUT", "/me/password", b"{}", {**headers, **JSON}).status
        assert status == (403 if version == "2.0" else 422)
        assert api.raw("GET", "/users", headers={**headers, "Cookie": "JWT=nothing"}).status == 200
        sim.clock(3601)
        assert api.raw("GET", "/users", headers=headers).status == 200
        assert jwt not in str(sim.requests()) + str(sim.state("kestra"))
