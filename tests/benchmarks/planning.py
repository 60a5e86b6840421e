# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan users without a provider, in a separate process, and print the results as JSON.

    python planning.py 100000 5
    python planning.py 100000 1 memory

The number after the size is the number of repeats, each of which is reported. With "memory", the peak of tracemalloc is
reported instead, without the memory of the input.
"""

from __future__ import annotations

import importlib
import json
import os
import pathlib
import sys
import time
import tracemalloc
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, os.environ.get("ROLLCALL_COLLECTIONS") or str(ROOT / ".cache" / "collections"))
COLLECTION = "ansible_collections.rollcall.identity.plugins.module_utils"
collector = importlib.import_module(f"{COLLECTION}._core.run.collector")
model = importlib.import_module(f"{COLLECTION}._core.plan.model")
plan = importlib.import_module(f"{COLLECTION}._core.plan.plan")
users = importlib.import_module(f"{COLLECTION}._providers.onelogin.users")

FIELDS = ("email", "firstname", "lastname", "department", "title")


def pair(number: int, schema: Any) -> tuple[Any, Any, list[str]]:
    """Return a desired user and its account: of six users, one is new, one gets a field, one a role, and three are
    unchanged."""
    name = f"user{number:06d}"
    values = dict(
        zip(
            FIELDS,
            (
                f"{name}@example.com", f"First {number % 97}", f"Last {number % 89}", f"Department {number % 7}",
                "Analyst",
            ),
            strict=True,
        )
    )
    role, more = {"410001": "Default"}, {"410001": "Default", "410002": "Snowflake"}
    kind = number % 6
    target = model.DesiredFacet("present", list(role.values()), entries=more if kind == 2 else role)
    desired = model.Desired(name, fields={schema.key: name, **values}, facets={"roles": target}, index=number)
    if kind == 0:
        return desired, None, []
    held = {schema.key: name, **values, "title": "Engineer" if kind == 1 else "Analyst"}
    return desired, model.Account(str(100000 + number), name, held, {"roles": dict(role)}), []


def main(size: int, repeat: int, memory: bool) -> dict[str, Any]:
    """Plan ``size`` users ``repeat`` times."""
    schema = users.users_schema("username")
    pairs = [pair(number, schema) for number in range(size)]
    seconds = []
    if memory:
        tracemalloc.start()
    made: Any = None
    for _turn in range(repeat):
        made = None  # free the memory of the previous plan
        with collector.collection_paused():  # both front ends do so, too
            start = time.perf_counter()
            made = plan.plan_all(schema, pairs)
            digest = made.digest()
            seconds.append(time.perf_counter() - start)
    peak = tracemalloc.get_traced_memory()[1] if memory else 0
    return {"seconds": seconds, "peak": peak, "digest": digest, "summary": made.summary()}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]), "memory" in sys.argv[3:])))
