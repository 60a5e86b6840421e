# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads all users of a nextAuth server, with nothing but requests: no comparing, no retries, no checks."""

from __future__ import annotations

import os
from urllib.parse import quote

from numbered import SIZE, Rows, new_session, read_pages, report

URL = f"{os.environ['NEXTAUTH_API_URL']}/servers/{quote(os.environ['NEXTAUTH_SERVER_ID'], safe='')}"


def read() -> Rows:
    """Read all users."""
    session = new_session()
    session.headers["X-apikey"] = os.environ["NEXTAUTH_API_KEY"]

    def fetch(index: int) -> tuple[Rows, int]:
        answer = session.get(f"{URL}/users/", params={"limit": SIZE, "marker": index * SIZE})
        answer.raise_for_status()
        body = answer.json()
        return body["users"], body["totalnumber"]

    return read_pages(fetch)


if __name__ == "__main__":
    report(read)
