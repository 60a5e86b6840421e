# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hand-written scripts for lists with numbered pages share: a session, all pages at once after the first,
and the clock."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

THREADS = 16
SIZE = 100
"""Rows of a page, the same that the collection asks for."""

Rows = list[dict[str, Any]]


def new_session() -> requests.Session:
    """Return a session that keeps a connection for each thread."""
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=THREADS))
    return session


def read_pages(fetch: Callable[[int], tuple[Rows, int]]) -> Rows:
    """Return all rows. ``fetch`` reads the page of an index from 0, and returns the total number of rows."""
    rows, total = fetch(0)
    with ThreadPoolExecutor(THREADS) as pool:
        for later, _total in pool.map(fetch, range(1, -(-total // SIZE))):
            rows += later
    return rows


def report(work: Callable[[], Rows]) -> None:
    """Print the seconds of the work as JSON: without the start of Python."""
    start = time.perf_counter()
    users = work()
    print(json.dumps({"seconds": time.perf_counter() - start, "users": len(users)}))
