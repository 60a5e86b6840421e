# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The people that every provider starts with: numbered ones in any amount, and a small company."""

from __future__ import annotations

from typing import Any

FIRST = (
    "Ana", "Bo", "Cem", "Dita", "Emre", "Fatou", "Gil", "Hana", "Ivo", "Jun", "Kofi", "Léa", "Mia", "Nils", "Ola",
    "Pia",
)
LAST = (
    "Abel", "Berg", "Costa", "Diaz", "Eder", "Fuchs", "Gruber", "Haas", "Ito", "Jansen", "Kaya", "Lind", "Moreau",
    "Novak", "O'Neil",
)
DEPARTMENTS = ("Engineering", "Data", "Finance", "Sales", "Support", "People")
# For the seeds: people with difficult names as (first name, last name, e-mail address), and a fixed moment for what was
# there before the simulator started: 2024-01-15T08:00:00Z.
ODD_PEOPLE = (
    ("1042", "1042", "1042@example.com"),
    ("O'Neil + Co", "50% / ..", "o'neil+50%/..@example.com"),
    ("Ünal", "研究", "ünal@example.com"),
    ("Twin", "Person", "twin@example.com"),
    ("Twin", "Person", "twin@example.com.au"),
)
LONG_AGO = 1705305600.0


def numbered(number: int) -> dict[str, Any]:
    """Person ``number`` (from 1), always the same: ``{key, email, firstname, lastname, department, title,
    employee_id}``."""
    return {
        "key": f"user{number:04d}",
        "email": f"user{number:04d}@example.com",
        "firstname": FIRST[number % len(FIRST)],
        "lastname": LAST[number % len(LAST)],
        "department": DEPARTMENTS[number % len(DEPARTMENTS)],
        "title": f"Role {number % 9}",
        "employee_id": f"E{number:05d}",
    }


def _person(key: str, first: str, last: str, department: str, title: str, email: str = "") -> dict[str, Any]:
    return {
        "key": key,
        "email": email or f"{key}@example.com",
        "firstname": first,
        "lastname": last,
        "department": department,
        "title": title,
    }


# The e-mail addresses of Ada and Grace have capitals: comparing must not mind. Each provider gives these people the
# states that it has (suspended, locked, from a directory); the comments say which ones OneLogin gives.
COMPANY: tuple[dict[str, Any], ...] = (
    _person("ada.lovelace", "Ada", "Lovelace", "Data", "Analyst", "Ada.Lovelace@Example.com"),
    _person("grace.hopper", "Grace", "Hopper", "Engineering", "Director", "Grace.Hopper@example.com"),
    _person("alan.turing", "Alan", "Turing", "Engineering", "Engineer"),  # suspended
    _person("katherine.johnson", "Katherine", "Johnson", "Data", "Engineer"),  # locked
    _person("edsger.dijkstra", "Edsger", "Dijkstra", "Engineering", "Architect"),  # comes from a directory
    _person("barbara.liskov", "Barbara", "Liskov", "Engineering", "Architect"),  # has a role from a mapping
    _person("dennis.ritchie", "Dennis", "Ritchie", "Engineering", "Engineer"),
    _person("margaret.hamilton", "Margaret", "Hamilton", "Engineering", "Director"),
    _person("radia.perlman", "Radia", "Perlman", "Support", "Engineer"),
    _person("tove.noether", "Tove", "Noether", "Finance", "Controller"),
    _person("zoe.garcon", "Zoé", "Garçon", "People", "Partner"),
    _person("svc-awx", "Service", "AWX", "Engineering", "Service account"),
)
