# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reviews to show: a small company with one of everything, and a large one of which only the size matters."""

from __future__ import annotations

import dataclasses

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review import model
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.model import Coverage, Review, Row, Token

SCRIPT_NAME = "<script>alert(1)</script>"
ENDING = '"]]></script><!-- <b>admin</b>'
OVERRIDE = "ana\u202egnp.exe"
LONG = "Maximiliane-Alexandrina von und zu Hohenlohe-Waldenburg-Schillingsfürst " * 4
DIGEST = "d" * 64


def row(connection: str, account: str, grant: str, **facts: object) -> Row:
    """Return a row; ``facts`` are further attributes of Row."""
    account_id = str(facts.pop("account_id", f"{connection}-{account}"))
    facet = str(facts.pop("facet", "roles"))
    identity = model.row_id(connection, account_id, facet, grant)
    return Row(identity, connection, "onelogin", account, account_id, facet, grant, grant, **facts)  # type: ignore[arg-type]


ADA: dict[str, object] = {
    "person": "E1",
    "name": "Ada Lovelace",
    "kind": "employee",
    "status": "active",
    "manager": "E7",
    "reviewer": "E7",
    "enabled": True,
    "mfa": True,
    "last_login": "2026-11-20T09:12:00Z",
    "tokens": (),
}
UNKNOWN: dict[str, object] = {"mfa": None, "last_login": None, "tokens": None}
"""What an API does not report."""
BOB = {**ADA, "person": "E2", "name": "Bob Miller", "manager": "E8", "reviewer": "E8", **UNKNOWN}
CLEO = {**ADA, "person": "E3", "name": "Cleo Santos", "status": "left", "end": "2026-10-31", "reviewer": "E8"}
GRACE = {**ADA, "person": "E7", "name": "Grace Hopper", "manager": "", "reviewer": "E8"}
KEPT = {"previous": "keep", "previous_review": "2026-Q3"}
REVOKED = {"previous": "revoke", "previous_reason": "she has left", "previous_review": "2026-Q3"}
TOKENS = (Token("ci", "never"), Token("old", None), Token("new", "2026-12-31T08:00:00Z"))
EVERYONE = {"via": "group", "via_name": "everyone", "revocable": False}


def people_rows() -> list[Row]:
    """Return rows of employees: what was granted, by whom and until when, and what is wrong with it."""
    extra = ("privileged", "unmanaged_grant")
    dormant = {**BOB, "mfa": False, "last_login": "never", "flags": ("no_mfa", "dormant")}
    left = {**CLEO, **REVOKED, "flags": ("active_leaver", "expired_grant"), "until": "2026-10-31"}
    return [
        row("ol", "ada", "crm", entitlement="crm", **KEPT, **ADA),
        row("ol", "ada", "wiki", entitlement="staff", **EVERYONE, **ADA),
        row("ke", "ada", "admin", privileged=True, flags=extra, new=True, facet="bindings", **ADA),
        row("ol", "bob", "crm", entitlement="crm", ticket="OPS-12", until="2027-01-31", **BOB),
        row("ke", "bob", "viewer", **dormant),
        row("ol", "cleo", "payroll", **left),
        row("ol", "grace", "crm", entitlement="crm", **GRACE),
        row("ke", "grace", "owner", privileged=True, flags=("privileged",), **GRACE),
    ]


def other_rows() -> list[Row]:
    """Return rows of accounts that are nobody's, of a service, with names that attack the page, and of a login."""
    robot = {"person": "S1", "name": "svc-backup", "kind": "service", "reviewer": "E8"}
    script = {"person": "E9", "name": SCRIPT_NAME, "kind": "employee", "reviewer": "E8", "ticket": "=1+1"}
    idle = {"person": "E12", "name": "Ida Log-In", "facet": model.LOGIN, "reviewer": "E7"}
    return [
        row("ke", "ghost", "viewer", flags=("orphan_account",), enabled=True, tokens=TOKENS),
        row("ol", "svc-backup", "backup", flags=("no_active_owner", "token_without_expiry"), **robot),
        row("ol", "script", ENDING, **script),
        row("ol", OVERRIDE, "crm\u200b", person="E10", name=OVERRIDE, reviewer="E8"),
        row("ol", "long", "a grant " * 40, person="E11", name=LONG, reviewer="E8"),
        row("ol", "idle", "", **idle),
    ]


def company(incomplete: bool = False) -> Review:
    """Return a review of a small company, with at least one row of each kind."""
    gone = row("ol", "dan", "wiki", person="E4", name="Dan <b>Gone</b>")
    review = Review(
        id="2026-Q4",
        day="2026-11-28",
        opened="2026-11-28T08:00:00Z",
        rows=[*people_rows(), *other_rows()],
        people=12,
        feed="people.csv",
        people_digest="a" * 64,
        version="1.0.0",
        job="AWX job 4711",
        filters={"only": ["ol", "ke"]},
        by="manager",
        reviewers={"E7": "Grace Hopper", "E8": "Hedy Lamarr"},
        previous="2026-Q3",
        coverage={
            "ol": Coverage("onelogin", "acme (id 77)", accounts=9, total=9, rows=10),
            "ke": Coverage("kestra", "", accounts=4, total=6, rows=4, not_provided=("last_login", "mfa")),
        },
        gone=[{**dataclasses.asdict(gone), "verdict": "revoke"}],
    )
    if incomplete:
        review.coverage["co"] = Coverage("contabo", error="https://contabo.example/<b>: connection refused")
    return review


def large(people: int = 3000, grants: int = 20) -> Review:
    """Return a review of so many people with so many grants each, on three connections."""
    connections = ("ol", "ke", "co")
    rows = []
    for number in range(people):
        facts = {
            "person": f"E{number}", "name": f"Person Number {number}", "kind": "employee", "status": "active",
            "manager": f"E{number // 10}",
            "reviewer": f"E{number // 10}", "enabled": True, "mfa": number % 7 != 0,
            "last_login": f"2026-11-{1 + number % 28:02d}T08:00:00Z", "tokens": (),
        }  # fmt: skip
        for position in range(grants):
            flags = (
                *(("privileged",) if position == 0 and number % 5 == 0 else ()),
                *(("no_mfa",) if number % 7 == 0 else ()),
            )
            connection = connections[position % 3]
            rows.append(
                row(
                    connection,
                    f"person.{number}@acme.example",
                    f"role {position}",
                    account_id=str(number * 3 + position % 3),
                    flags=flags,
                    entitlement=f"entitlement {position % 9}",
                    new=number % 50 == 0,
                    **facts,
                )
            )
    coverage = {
        name: Coverage("onelogin", "acme", accounts=people, total=people, rows=len(rows) // 3) for name in connections
    }
    reviewers = {f"E{number}": f"Person Number {number}" for number in range(people // 10 + 1)}
    return Review(
        "2026-Q4", "2026-11-28", "2026-11-28T08:00:00Z", rows, coverage, people=people, reviewers=reviewers,
        version="1.0.0", previous="2026-Q3",
    )
