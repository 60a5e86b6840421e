# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the tenants and all users of Kestra, with nothing but requests: no comparing, no retries, no checks."""

from __future__ import annotations

import os

from numbered import SIZE, Rows, new_session, read_pages, report

URL = f"{os.environ['KESTRA_API_URL']}/api/v1"


def read() -> Rows:
    """Read all tenants and all users."""
    session = new_session()
    session.headers["Authorization"] = f"Bearer {os.environ['KESTRA_API_TOKEN']}"

    def fetch(path: str, index: int) -> tuple[Rows, int]:
        answer = session.get(f"{URL}/{path}", params={"page": index + 1, "size": SIZE})
        answer.raise_for_status()
        body = answer.json()
        return body["results"], body["total"]

    read_pages(lambda index: fetch("tenants/search", index))
    return read_pages(lambda index: fetch("users", index))


if __name__ == "__main__":
    report(read)
