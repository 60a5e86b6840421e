# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kestra: permissions, groups and members, access to tenants, roles and bindings, service accounts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from simulator.harness import Simulator
from simulator.tests.clients import VERSIONS, client, stored, user_id
from simulator.tests.rawclient import Client

EDSGER = "edsger.dijkstra@example.com"
"""Has access to no tenant."""
MANAGER, NOBODY = "simmanag-token-of-a-group-manager", "simnobod-token-without-any-role"


def group_id(sim: Simulator, name: str, tenant: str = "main") -> str:
    return next(
        group["id"] for group in sim.state("kestra")["groups"] if (group["tenant"], group["name"]) == (tenant, name)
    )


def test_permissions(sim: Simulator) -> None:
    with client(sim, token=MANAGER) as api:
        for path in ("/users", "/service-accounts", "/tenants/search", "/tenants/main"):
            reply = api.get(path)
            assert (reply.status, reply.body) == (403, b"")
        assert api.get("/me").json["superAdmin"] is False
        for path in ("/main/groups/search", "/main/tenant-access", "/main/roles/search", "/main/bindings/search"):
            assert api.get(path).status == 200, path
        for path in ("/main/service-accounts", "/acme-eu/groups/search", "/nowhere/groups/search"):
            assert api.get(path).status == 403, path
        assert api.post("/main/groups", {"name": "new"}).status == 200
        assert api.post("/main/bindings", {}).status == 403
        assert api.put(f"/main/tenant-access/{user_id(sim, EDSGER)}").status == 403
        sim.put("bindings", [{"user": "sim-manager@example.com", "role": "Admin", "namespace": "company"}], "kestra")
        assert api.put(f"/main/tenant-access/{user_id(sim, EDSGER)}").status == 403
        sim.put("bindings", [{"user": "sim-manager@example.com", "role": "Admin"}], "kestra")
        assert api.put(f"/main/tenant-access/{user_id(sim, EDSGER)}").status == 201
    with client(sim, token=NOBODY) as api:
        assert api.get("/me").status == api.get("/me/api-tokens").status == 200
        assert api.get("/main/groups/search").status == 403
    with client(sim) as api:
        assert api.get("/nowhere/groups/search").status == 404


@pytest.mark.parametrize("version", VERSIONS)
def test_members_and_access(sim: Simulator, version: str) -> None:
    with client(sim, version) as api:
        one, data, ops = user_id(sim, EDSGER), group_id(sim, "data"), group_id(sim, "R&D + Ops / 50%")
        access, member = f"/main/tenant-access/{one}", f"/main/groups/{data}/members/{one}"
        assert api.get(access).status == api.delete(access).status == 404
        reply = api.put(f"/main/users/{one}/groups", {"groupIds": [data]})
        assert (reply.status, reply.message) == (404, "User does not exist for id")
        if version == "2.0":
            reply = api.put(member)
            assert (reply.status, reply.message) == (404, "User does not exist for id")
            assert api.put(access).status == 201
            assert api.put(access).status == 409
        assert api.put(member).json["groups"] == [
            {"id": data, "name": "data", "external": False, "membership": "MEMBER"}
        ]
        assert api.put(member).status == 409
        assert api.get(access).json["groups"][0]["name"] == "data"
        owner = f"/main/groups/{data}/members/membership/{one}?membership="
        assert api.put(f"{owner}OWNER").json["groups"][0]["membership"] == "OWNER"
        assert api.put(f"{owner}KING").status == 422
        assert api.put(owner.partition("?")[0]).status == 400
        assert api.put(f"/main/users/{one}/groups", {"groupIds": [data, ops, data]}).status == 204
        groups = stored(sim, EDSGER)["groups"]
        assert {group["id"]: group["membership"] for group in groups} == {data: "OWNER", ops: "MEMBER"}
        for wrong in ({}, {"groupIds": "x"}, {"groupIds": [5]}):
            assert api.put(f"/main/users/{one}/groups", wrong).status == 400
        for unknown in ("nothing", group_id(sim, "sales", "acme-eu")):
            assert api.put(f"/main/users/{one}/groups", {"groupIds": [unknown]}).status == 404
            assert api.put(f"/main/groups/{unknown}/members/{one}").status == 404
        assert api.delete(f"/main/groups/{ops}/members/{one}").status == 200
        assert api.delete(f"/main/groups/{ops}/members/{one}").status == 409
        assert api.delete(member).json["groups"] == []
        assert api.get(access).status == (200 if version == "2.0" else 404)
        if version == "2.0":
            assert api.delete(access).status == 204


def test_access_by_email_and_what_goes_with_it(sim: Simulator) -> None:
    with client(sim, "2.0") as api:
        assert api.post("/main/tenant-access", {"email": "EDSGER.dijkstra@example.com"}).status == 204
        assert api.post("/main/tenant-access", {"email": "edsger.dijkstra@example.com"}).status == 409
        assert api.post("/main/tenant-access", {"email": "x@example.com"}).status == 404
        margaret = user_id(sim, "margaret.hamilton@example.com")
        shown = api.get(f"/main/tenant-access/{margaret}").json
        assert (shown["roles"][0]["name"], shown["roles"][0]["origin"], shown["instanceOwner"]) == (
            "Admin", "BINDING", False,
        )
        assert "MANAGE_MEMBERS" in {action for item in shown["roles"][0]["permissions"] for action in item["actions"]}
        assert api.delete(f"/main/tenant-access/{margaret}").status == 204
        left = stored(sim, "margaret.hamilton@example.com")
        assert (left["tenants"], left["groups"], left["bindings"]) == ([], [], [])
        assert api.get("/main/tenant-access?size=100").json["total"] == 12
        rows = api.post(
            "/main/tenant-access/autocomplete", {"q": "turing", "ids": [user_id(sim, EDSGER)], "existingOnly": True}
        ).json
        assert [row["username"] for row in rows] == ["edsger.dijkstra@example.com", "alan.turing@example.com"]
        assert rows[1]["groups"][0]["name"] == "platform"
        rows = api.post("/main/tenant-access/autocomplete", {"username": "ada.lovelace@example.com"}).json
        assert [row["username"] for row in rows] == ["Ada.Lovelace@Example.com"]


def test_create_with_groups_brings_access(sim: Simulator) -> None:
    with client(sim, "2.0") as api:
        sales = group_id(sim, "sales", "acme-eu")
        made = api.post("/users", {"email": "ida@example.com", "tenants": ["main"], "groups": [sales]}).json
        assert made["groups"] == [{"id": sales, "tenantId": "acme-eu"}]
        assert [tenant["id"] for tenant in made["tenants"]] == ["main", "acme-eu"]
        assert api.put(f"/acme-eu/groups/{group_id(sim, 'data', 'acme-eu')}/members/{made['id']}").status == 200


def test_groups(sim: Simulator) -> None:
    with client(sim) as api:
        first = api.get("/main/groups/search").json
        assert (len(first["results"]), first["total"]) == (10, 30)
        names = [group["name"] for group in api.get("/main/groups/search?size=100&sort=name:desc").json["results"]]
        assert names == sorted(names, reverse=True)
        assert {"2024", "R&D + Ops / 50%", "Überprüfung", "研究", "Finance", "finance"} <= set(names)
        query = "filters%5Bname%5D%5BEQUALS%5D=R%26D%20%2B%20Ops%20%2F%2050%25"
        assert [group["id"] for group in api.get(f"/main/groups/search?{query}").json["results"]] == [
            group_id(sim, "R&D + Ops / 50%")
        ]
        assert (
            api.get("/acme-eu/groups/search?q=2024").json["results"][0]["id"]
            != api.get("/main/groups/search?q=2024").json["results"][0]["id"]
        )
        assert api.get("/main/groups/search?sort=nonsense:asc").status == 500
        one = user_id(sim, EDSGER)
        made = api.post("/main/groups", {"name": "x", "description": "d", "membersId": [one]}).json
        path = f"/main/groups/{made['id']}"
        assert api.get(path).json == made == {"id": made["id"], "name": "x", "description": "d"}
        assert api.put(path, {"name": "y"}).json == {"id": made["id"], "name": "y"}
        assert api.put(path, {"name": "data"}).status == 409
        assert api.put(path, {"name": " "}).status == 422
        assert api.get(f"{path}/members").json["results"][0]["groups"][0]["name"] == "y"
        assert api.post("/main/groups/ids", {"ids": [made["id"], "nothing"]}).json[0]["name"] == "y"
        assert [row["name"] for row in api.post("/main/groups/autocomplete", {"q": "über"}).json] == ["Überprüfung"]
        assert api.get(f"/acme-eu/groups/{made['id']}").status == 404
        reply = api.delete(path)
        assert (reply.status, reply.body) == (200, b"")
        assert api.delete(path).status == api.get(f"{path}/members").status == 404
        assert stored(sim, EDSGER)["tenants"] == []
        assert api.post("/main/groups", {"name": "z", "membersId": ["x"]}).status == 404


def test_parallel_membership_calls_lose_writes(sim: Simulator) -> None:
    with client(sim, lossy_members=True) as api:
        one = user_id(sim, EDSGER)
        groups = [group_id(sim, f"team-{number:02d}") for number in range(1, 4)]
        for group in groups:
            assert api.put(f"/main/groups/{group}/members/{one}").status == 200
        assert len(stored(sim, EDSGER)["groups"]) == 3
        sim.options(latency=0.1)

        def remove(group: str) -> int:
            with Client(sim, prefix="/kestra/api/v1", authorization=api.authorization) as other:
                return other.delete(f"/main/groups/{group}/members/{one}").status

        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(remove, groups[:2])) == [200, 200]
        sim.options(latency=0)
        assert len(stored(sim, EDSGER)["groups"]) == 2


def test_roles_and_bindings(sim: Simulator) -> None:
    with client(sim, "2.0") as api:
        roles = {row["name"]: row for row in api.get("/main/roles/search?size=100&sort=name:asc").json["results"]}
        assert len(roles) == 12
        assert (roles["Viewer"]["isDefault"], roles["Admin"]["isManaged"]) == (True, True)
        admin = f"/main/roles/{roles['Admin']['id']}"
        assert "MANAGE_MEMBERS" in api.get(admin).json["permissions"]["GROUP"]
        assert api.post("/main/roles/autocomplete", {"q": "50%"}).json[0]["name"] == "Ops + EU / 50%"
        one, viewer = user_id(sim, EDSGER), roles["Viewer"]["id"]
        body = {"type": "USER", "externalId": one, "roleId": viewer, "namespaceId": "company.team"}
        assert api.post("/main/bindings", body).status == 404
        api.put(f"/main/tenant-access/{one}")
        made = api.post("/main/bindings", body).json
        assert (made["type"], made["namespace"], made["role"]["name"], made["user"]["type"]) == (
            "USER", "company.team", "Viewer", "STANDARD",
        )
        assert api.post("/main/bindings", body).json["id"] != made["id"]
        sim.options(kestra={"unique_bindings": True})
        assert api.post("/main/bindings", body).status == 409
        path = f"/main/bindings/{made['id']}"
        assert api.put(path, body).status == 405
        assert api.get(path).json == made
        assert api.get(f"/main/bindings/search?type=USER&id={one}").json["total"] == 2
        assert api.get("/main/bindings/search?namespace=company.data").json["total"] == 2
        assert api.get("/main/bindings/search?type=GROUP&filters[q][EQUALS]=platform").json["total"] == 1
        assert api.get("/main/bindings/search?type=NOBODY").status == 422
        assert api.delete(path).status == 204
        assert api.delete(path).status == api.get(path).status == 404
        for wrong, status in (
            ({**body, "type": "user"}, 422),
            ({**body, "roleId": "x"}, 404),
            ({**body, "type": "GROUP"}, 404),
            ({"type": "USER"}, 422),
        ):
            assert api.post("/main/bindings", wrong).status == status
        sim.options(kestra={"version": "1.3"})
        assert api.get(admin).json["permissions"]["GROUP"] == ["CREATE", "READ", "UPDATE", "DELETE"]


def test_tenants(sim: Simulator) -> None:
    with client(sim) as api:
        assert [row["id"] for row in api.get("/tenants/search?sort=id:asc").json["results"]] == ["acme-eu", "main"]
        assert api.get("/tenants/main").json == {"id": "main", "name": "Main", "deleted": False}
        assert api.get("/tenants/x").status == 404


@pytest.mark.parametrize("version", VERSIONS)
def test_service_accounts(sim: Simulator, version: str) -> None:
    flag = "instanceOwner" if version == "2.0" else "superAdmin"
    with client(sim, version) as api:
        rows = api.get("/service-accounts").json["results"]
        assert sorted(row["name"] for row in rows) == ["backup", "ci-deploy", "ci-deploy"]
        made = api.post("/service-accounts", {"name": "ci-deploy", "tenants": ["main"]}).json
        assert made == {"id": made["id"], "name": "ci-deploy", "tenants": [{"id": "main", "name": "Main"}], flag: False}
        path = f"/service-accounts/{made['id']}"
        assert api.call("PATCH", f"{path}/superadmin", {"superAdmin": True}).status == 200
        assert api.call("PATCH", path, {"name": "ci-2", "description": "d"}).json["description"] == "d"
        assert api.call("PATCH", path, {"description": "d"}).status == 422
        assert (api.get(path).json[flag], api.get(path).json["name"]) == (True, "ci-2")
        # The list of a tenant has no text filter before there were filters.
        assert api.get("/main/service-accounts?q=ci-2").json["total"] == 2
        data = group_id(sim, "data")
        changed = api.put(f"/main{path}", {"name": "ci-2", "groups": [{"id": data}]}).json
        assert changed == {"id": made["id"], "name": "ci-2", "groups": [{"id": data}], flag: False}
        assert api.get(f"/main{path}").json == changed
        assert api.get(f"/acme-eu{path}").status == 404
        reply = api.delete(f"/main{path}")
        assert (reply.status, reply.body) == (200, b"")
        assert api.get(path).status == 404
        other = api.post("/main/service-accounts", {"name": "t", "groups": [{"id": data}]}).json
        assert other["groups"] == [{"id": data}]
        assert api.delete(f"/service-accounts/{other['id']}").status == 204
        for name in ("Upper", "a--b", "-a", "a_b", "a" * 64, ""):
            assert api.post("/service-accounts", {"name": name}).status == 422
        assert api.post("/service-accounts", {"name": "a", "tenants": ["x"]}).status == 404
        assert api.get(f"/service-accounts/{user_id(sim, EDSGER)}").status == 404
