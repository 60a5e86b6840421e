# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the roles and all users of Contabo, with nothing but requests: no comparing, no retries, no checks."""

from __future__ import annotations

import os
import uuid

from numbered import SIZE, Rows, new_session, read_pages, report

URL = os.environ["CONTABO_API_URL"]
LOGIN = f"{os.environ['CONTABO_AUTH_URL']}/auth/realms/contabo/protocol/openid-connect/token"


def read() -> Rows:
    """Log in, read all roles and all users."""
    session = new_session()
    form = {
        "grant_type": "password",
        "client_id": os.environ["CONTABO_CLIENT_ID"],
        "client_secret": os.environ["CONTABO_CLIENT_SECRET"],
        "username": os.environ["CONTABO_API_USER"],
        "password": os.environ["CONTABO_API_PASSWORD"],
    }
    answer = session.post(LOGIN, data=form)
    answer.raise_for_status()
    session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def fetch(path: str, index: int) -> tuple[Rows, int]:
        answer = session.get(
            f"{URL}/v1/{path}", params={"page": index + 1, "size": SIZE}, headers={"x-request-id": str(uuid.uuid4())}
        )
        answer.raise_for_status()
        body = answer.json()
        return body["data"], int(body["_pagination"]["totalElements"])

    read_pages(lambda index: fetch("roles", index))
    return read_pages(lambda index: fetch("users", index))


if __name__ == "__main__":
    report(read)
