# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the permission labels and all users of SendAuth, with nothing but requests: no comparing, no retries,
no checks."""

from __future__ import annotations

import os

from numbered import SIZE, Rows, new_session, read_pages, report

URL = f"{os.environ['SENDAUTH_API_URL']}/api/v1"


def read() -> Rows:
    """Read all labels and all users."""
    session = new_session()
    session.auth = (os.environ["SENDAUTH_API_USER"], os.environ["SENDAUTH_API_PASSWORD"])
    session.get(f"{URL}/permissions").raise_for_status()

    def fetch(index: int) -> tuple[Rows, int]:
        answer = session.get(f"{URL}/users", params={"page": index + 1, "perPage": SIZE})
        answer.raise_for_status()
        body = answer.json()
        return body["rows"], int(body["total"])

    return read_pages(fetch)


if __name__ == "__main__":
    report(read)
