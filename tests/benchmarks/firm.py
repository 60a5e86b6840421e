# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The firm of the rows of the jobs: its people yesterday, as three directories have them, and its people today."""

from __future__ import annotations

from typing import Any

from simulator.harness import Simulator
from simulator.people import numbered

PEOPLE = 3000
MOVED = 30
"""How many join, how many move to the other team and how many leave."""
DAY = "2026-06-15"
LAST_DAY = "2026-06-12"
LEAVER = numbered(2 * MOVED + 1)["employee_id"]
"""Somebody who is in all three directories and has not left by the file."""
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
        team: {"grants": {"ol": {"roles": [of["onelogin"]]}, "kes": {"groups": [{"tenant": "main", "name": of["kestra"]}]}, "con": {"roles": [of["contabo"]]}}}
        for team, of in _TEAMS.items()
    },
}
VARIABLES = {"bench_connections": CONNECTIONS, "bench_entitlements": ENTITLEMENTS, "bench_day": DAY}


def _team(number: int) -> str:
    return ("data", "platform")[number % 2]


def yesterday(simulator: Simulator) -> None:
    """Put everybody who was there yesterday into the three directories, with the grants of that day."""
    simulator.reset(seed_users=0, latency=0, onelogin={"rate_limit": 1_000_000})
    people = [(numbered(number), _TEAMS[_team(number)]) for number in range(1, PEOPLE + 1)]
    names = [(person, of, {"firstName": person["firstname"], "lastName": person["lastname"], "email": person["email"]}) for person, of in people]
    simulator.put_users([
        {
            "username": person["email"], **{name: person[name] for name in ("email", "firstname", "lastname")},
            "roles": ["Default", of["onelogin"]],
        }
        for person, of in people
    ])  # fmt: skip
    simulator.put_users([{**name, "tenants": ["main"], "groups": [of["kestra"]], "password": "Sim-Passw0rd"} for _person, of, name in names], "kestra")
    simulator.put_users([{**name, "roles": [of["contabo"]]} for _person, of, name in names], "contabo")


def today() -> list[dict[str, Any]]:
    """Return the people of today's file: the first ones have left, the next ones are in the other team, the last ones are new."""
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
