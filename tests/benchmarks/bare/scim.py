# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads all users of a SCIM server, or creates those of a file, with nothing but requests: no comparing, no retries,
no checks.

scim.py read
scim.py create FILE
"""

from __future__ import annotations

import json
import os
import pathlib
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from numbered import THREADS, Rows, new_session, report

URL = os.environ["SCIM_API_URL"]
PAGE = 200
SESSION = new_session()
SESSION.headers["Authorization"] = f"Bearer {os.environ['SCIM_API_TOKEN']}"


def page(start: int) -> tuple[Rows, int]:
    """Read the page that begins with a row, and return it with the number of all.

    The pages are sorted, as those of the module: otherwise, a user may be on two pages or on none.
    """
    answer = SESSION.get(f"{URL}/Users", params={"startIndex": start, "count": PAGE, "sortBy": "id"})
    answer.raise_for_status()
    body = answer.json()
    return body["Resources"], int(body["totalResults"])


def read() -> Rows:
    """Read all users, all pages at once after the first."""
    rows, total = page(1)
    with ThreadPoolExecutor(THREADS) as pool:
        for later, _total in pool.map(page, range(1 + PAGE, total + 1, PAGE)):
            rows += later
    return rows


def create(user: dict[str, Any]) -> dict[str, Any]:
    """Create a user and return what the server makes of it."""
    name = {"formatted": user["formatted_name"], "givenName": user["given_name"], "familyName": user["family_name"]}
    document = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": user["user"], "active": True, "displayName": user["display_name"],
        "name": name, "emails": [{"value": user["email"], "type": "work", "primary": True}],
    }  # fmt: skip
    answer = SESSION.post(f"{URL}/Users", json=document, headers={"Content-Type": "application/scim+json"})
    answer.raise_for_status()
    created: dict[str, Any] = answer.json()
    return created


def create_all() -> Rows:
    """Create the users of a file."""
    users = json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))["bench_users"]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(create, users))


if __name__ == "__main__":
    report(create_all if sys.argv[1] == "create" else read)
