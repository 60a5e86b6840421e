# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The firm for the rows of the jobs: its people of yesterday, as three directories contain them, and its people of
today."""

from __future__ import annotations

from typing import Any

from simulator.harness import Simulator
from simulator.people import numbered

PEOPLE = 3000
MOVED = 30
"""The number of people who join. The same number moves to the other team, and the same number leaves."""
DAY = "2026-06-15"
LAST_DAY = "2026-06-12"
LEAVER = numbered(2 * MOVED + 1)["employee_id"]
"""A person who is in all three directories and has not left according to the file."""
CONNECTIONS = {
    "ol": {"provider": "onelogin", "user_key": "email"},
    "kes": {"provider": "kestra"},
    "con": {"provider": "contabo", "max_mails": MOVED},
}
_TEAMS = {
    "data": {"onelogin": "Snowflake", "kestra": "data", "contabo": "User reader"},
    "platform": {"onelogin": "AWS dev", "kestra": "platform", "contabo": "User manager"},
}
ENTITLEMENTS = {
    "staff": {"grants": {"ol": {"roles": ["Default"]}, "kes": {"tenants": ["main"]}, "con": {}}},
    **{
        team: {
            "grants": {
                "ol": {"roles": [of["onelogin"]]},
                "kes": {"groups": [{"tenant": "main", "name": of["kestra"]}]},
                "con": {"roles": [of["contabo"]]},
            }
        }
        for team, of in _TEAMS.items()
    },
}
VARIABLES = {"bench_connections": CONNECTIONS, "bench_entitlements": ENTITLEMENTS, "bench_day": DAY}


def _team(number: int) -> str:
    return ("data", "platform")[number % 2]


def yesterday(simulator: Simulator) -> None:
    """Put all people of yesterday into the three directories, with their grants of that day."""
    simulator.reset(seed_users=0, latency=0, onelogin={"rate_limit": 1_000_000})
    people = [(numbered(number), _TEAMS[_team(number)]) for number in range(1, PEOPLE + 1)]
    names = [
        (person, of, {"firstName": person["firstname"], "lastName": person["lastname"], "email": person["email"]})
        for person, of in people
    ]
    simulator.put_users([
        {
            "username": person["email"], **{name: person[name] for name in ("email", "firstname", "lastname")},
            "roles": ["Default", of["onelogin"]],
        }
        for person, of in people
    ])  # fmt: skip
    simulator.put_users(
        [
            {**name, "tenants": ["main"], "groups": [of["kestra"]], "password": "Sim-Passw0rd"}
            for _person, of, name in names
        ],
        "kestra",
    )
    simulator.put_users([{**name, "roles": [of["contabo"]]} for _person, of, name in names], "contabo")


GRANTS = 20
"""The number of grants of each person in the review, one for each row: roles of OneLogin, a tenant and groups of
Kestra, roles of Contabo."""
_ROLES, _GROUPS = 10, 5
_TEAM = 15
"""The number of people with the same manager."""


def granted(simulator: Simulator) -> None:
    """Put all people with all grants of the review into the three directories."""
    simulator.reset(seed_users=0, latency=0, onelogin={"rate_limit": 1_000_000})
    roles = [f"Role {number}" for number in range(1, _ROLES + 1)]
    groups = [f"group-{number}" for number in range(1, _GROUPS + 1)]
    others = [f"Contabo {number}" for number in range(1, GRANTS - _ROLES - _GROUPS)]
    simulator.put("roles", [{"name": name, "apps": []} for name in roles])
    simulator.put("groups", [{"tenant": "main", "name": name} for name in groups], "kestra")
    simulator.put("roles", [{"name": name} for name in others], "contabo")
    people = [numbered(number) for number in range(1, PEOPLE + 1)]
    names = [
        {"firstName": person["firstname"], "lastName": person["lastname"], "email": person["email"]}
        for person in people
    ]
    simulator.put_users(
        [
            {
                "username": person["email"],
                **{name: person[name] for name in ("email", "firstname", "lastname")},
                "roles": roles,
            }
            for person in people
        ]
    )
    simulator.put_users([{**name, "tenants": ["main"], "groups": groups} for name in names], "kestra")
    simulator.put_users([{**name, "roles": others} for name in names], "contabo")


def granted_people() -> list[dict[str, Any]]:
    """Return the people of the review: each has a manager, one of the first."""
    people = [numbered(number) for number in range(1, PEOPLE + 1)]
    return [
        {
            "id": person["employee_id"], "given_name": person["firstname"], "family_name": person["lastname"],
            "email": person["email"],
            "manager": people[number // _TEAM]["employee_id"],
        }
        for number, person in enumerate(people)
    ]  # fmt: skip


def today() -> list[dict[str, Any]]:
    """Return the people of today's file: the first ones have left, the next ones have moved to the other team, the last
    ones are new."""
    people = []
    for number in range(1, PEOPLE + MOVED + 1):
        person = numbered(number)
        team = _team(number + (MOVED < number <= 2 * MOVED))
        people.append({
            "id": person["employee_id"],
            "given_name": person["firstname"],
            "family_name": person["lastname"],
            "email": person["email"],
            "end": LAST_DAY if number <= MOVED else "",
            "entitlements": ["staff", team],
        })  # fmt: skip
    return people
