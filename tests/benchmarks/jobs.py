# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of the jobs: access of 3,000 people on OneLogin, Kestra and Contabo, planned and applied; a person who
leaves all three; the review of 60,000 grants."""

from __future__ import annotations

from firm import GRANTS, LEAVER, MOVED, PEOPLE, granted, granted_people
from kinds import Firm, Job
from measure import Playbook

_READ = (
    1 + 2 + -(-PEOPLE // 50)  # OneLogin: a login, the pages of roles, the pages of users
    # Kestra: tenants, groups and the token's own user, the pages of users (three more exist), those of the tenant's
    # users, the bindings of two tenants
    + 3 + -(-(PEOPLE + 3) // 100) + -(-(PEOPLE + 1) // 100) + 2
    + 1 + 1 + -(-(PEOPLE + 2) // 100)  # Contabo: a login, the roles, the pages of users (two more exist)
)  # fmt: skip
"""The minimum number of calls to compare all people with three directories."""
_JOINER = 3 + 1 + 1
"""OneLogin: create, activate, roles; Kestra and Contabo: one call with everything."""
_MOVER = 3 + 2 + 2
"""OneLogin: add, remove, check whether a mapping has kept it; Kestra and Contabo: read what the call replaces, and
write it."""
_LEAVER = 3 + 7 + 4
"""OneLogin: block, remove, check.

Kestra: read, login method, sessions, tokens, bindings of two tenants, access. Contabo: read, block, remove, check.
"""
_OFFBOARD = (
    # OneLogin: login, roles, look-ups by address and user name, block, sessions, removal of roles, a check whether a
    # mapping keeps one, proof
    1 + 2 + 2 + 1 + 1 + 1 + 1 + 1
    # Kestra: look-up, user, tenants, groups, bindings of two tenants, tokens, the token's own user; login method,
    # sessions before and after, access; proof
    + 1 + 1 + 1 + 1 + 2 + 1 + 1 + 1 + 2 + 1 + 4
    # Contabo: login, look-up, roles, block, removal of roles, proof
    + 6
)  # fmt: skip
"""The minimum number of calls for one person who leaves, if nothing is read twice."""
_AGAIN = 4 + 3
"""Reads that are repeated on purpose: Kestra, before the block removes tokens and access, because a write replaces them
or no call removes them as a whole; Contabo, before roles are replaced, and after each write, because the answer is
empty."""
_REVIEW = (
    1 + 2 + 2 + -(-PEOPLE // 50)  # OneLogin: a login, the pages of roles and of their grants, the pages of users
    # Kestra: tenants, groups, roles, a role's permissions, service accounts with a place and three lists of tokens,
    # bindings of users, groups and service accounts in the tenants that have some; the pages of users, and for each
    # user the details that the list omits, and the tokens
    + 1 + 1 + 1 + 1 + 1 + 1 + 3 + 5 + -(-(PEOPLE + 3) // 100) + 2 * (PEOPLE + 3)
    + 1 + 1 + -(-(PEOPLE + 2) // 100)  # Contabo: as for the plan
)  # fmt: skip
"""The minimum number of calls to review all people."""

ROWS = (
    Job(
        key="j",
        title=f"plan of {PEOPLE:,} people on three connections, {MOVED} joiners, {MOVED} movers, {MOVED} leavers, 0 ms",
        playbook=Playbook("job_access.yml"),
        variables={"bench_mode": "plan"},
        minimum=_READ,
        calls=(
            "logins; the names of roles, groups and permissions; the pages of users, of Kestra's tenant access, and of "
            "bindings"
        ),
        seconds=8,
    ),
    Job(
        key="j-apply",
        title=f"the same plan applied, {3 * MOVED} people on three connections, 0 ms",
        playbook=Playbook("job_access.yml", changes=True),
        variables={"bench_mode": "apply"},
        minimum=_READ + MOVED * (_JOINER + _MOVER + _LEAVER),
        calls=(
            f"those of the plan, and on the three connections together {_JOINER} for each joiner, "
            f"{_MOVER} for each mover and {_LEAVER} for each leaver"
        ),
        seconds=12,
    ),
    Job(
        key="j-offboard",
        title=f"one of {PEOPLE:,} people leaves three connections, 0 ms",
        playbook=Playbook("job_offboard.yml", changes=True),
        variables={"bench_person": LEAVER},
        minimum=_OFFBOARD,
        again=_AGAIN,
        calls=(
            f"the accounts, each step, and the proof; {_AGAIN} more calls read an account again before a call "
            "replaces it, and after a write whose answer does not show the result"
        ),
    ),
    Job(
        key="j-review",
        title=f"opening the access review of {PEOPLE:,} people with {GRANTS} grants each, on three connections, 0 ms",
        playbook=Playbook("job_review.yml", changes=True),
        variables={"bench_entitlements": {}},
        minimum=_REVIEW,
        calls=(
            "logins; the names of roles, groups and permissions; the pages of users; the details and the tokens of "
            "each account of Kestra"
        ),
        firm=Firm(granted, granted_people),
        page="review.html",
        times=1,
    ),
)
