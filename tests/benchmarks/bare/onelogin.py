# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A script for OneLogin that only uses requests: it does not compare, retry or check anything.

    python onelogin.py read
    python onelogin.py create USERS.json
    python onelogin.py grant USERS.json
    python onelogin.py update USERS.json

Prints the seconds of the work as JSON, including the login, without the start of Python.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

URL = os.environ["ONELOGIN_API_URL"]
THREADS = 16
ROLE = 410001
"""The id of the role Default: whoever writes a script looks it up once."""


def log_in() -> requests.Session:
    """Return a session with a token."""
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=THREADS))
    credentials = (os.environ["ONELOGIN_CLIENT_ID"], os.environ["ONELOGIN_CLIENT_SECRET"])
    answer = session.post(f"{URL}/auth/oauth2/v2/token", json={"grant_type": "client_credentials"}, auth=credentials)
    answer.raise_for_status()
    session.headers["Authorization"] = f"bearer {answer.json()['access_token']}"
    return session


def pages(session: requests.Session, path: str) -> list[dict[str, Any]]:
    """Return the rows of all pages of a list; each page names the next one."""
    rows: list[dict[str, Any]] = []
    cursor = None
    while True:
        answer = session.get(f"{URL}{path}", params={"after_cursor": cursor} if cursor else {})
        answer.raise_for_status()
        body = answer.json()
        rows += body["data"]
        cursor = body["pagination"]["after_cursor"]
        if not cursor:
            return rows


def read() -> int:
    """Read all roles and all users."""
    session = log_in()
    pages(session, "/api/1/roles")
    return len(pages(session, "/api/1/users"))


def create(users: list[dict[str, Any]], grant: bool = False) -> int:
    """Post all users; with ``grant`` give each the role as well."""
    session = log_in()

    def post(user: dict[str, Any]) -> None:
        answer = session.post(f"{URL}/api/1/users", json=user)
        answer.raise_for_status()
        if grant:
            path = f"{URL}/api/1/users/{answer.json()['data'][0]['id']}/add_roles"
            session.put(path, json={"role_id_array": [ROLE]}).raise_for_status()

    with ThreadPoolExecutor(THREADS) as pool:
        return len(list(pool.map(post, users)))


def update(users: list[dict[str, Any]]) -> int:
    """Read all users and put the title of each one who is given."""
    session = log_in()
    ids = {row["username"]: row["id"] for row in pages(session, "/api/1/users")}

    def put(user: dict[str, Any]) -> None:
        session.put(f"{URL}/api/1/users/{ids[user['username']]}", json={"title": user["title"]}).raise_for_status()

    with ThreadPoolExecutor(THREADS) as pool:
        return len(list(pool.map(put, users)))


WORK: dict[str, Callable[[list[dict[str, Any]]], int]] = {
    "read": lambda users: read(),
    "create": create,
    "grant": lambda users: create(users, grant=True),
    "update": update,
}

if __name__ == "__main__":
    given: list[dict[str, Any]] = []
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding="utf-8") as stream:
            listed = json.load(stream)["bench_users"]
        given = [
            {("username" if name == "user" else name): value for name, value in user.items() if name != "roles"}
            for user in listed
        ]
    start = time.perf_counter()
    count = WORK[sys.argv[1]](given)
    print(json.dumps({"seconds": time.perf_counter() - start, "users": count}))
