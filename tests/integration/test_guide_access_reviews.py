# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide of access reviews is a walk, too; only what reviewers do in the browser is done for them.

Its tables are those of the code.
"""

from __future__ import annotations

import json
import pathlib
import re
from typing import Any

from guides import GUIDES, Block, environment, served, walk
from playbooks import Start

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.model import FLAGS
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.schema import PROVIDERS
from simulator.harness import Simulator

PAGE = GUIDES / "guide_access_reviews.rst"


def decide(folder: pathlib.Path, downloads: pathlib.Path) -> None:
    """Save the decisions of both managers, as their pages do."""
    document = json.loads((folder / "reviews" / "pilot" / "review.json").read_text(encoding="utf-8"))
    revoked = {("E1003", name) for name in ("main", "main/platform", "Default", "GitHub")} | {
        ("E1004", "Snowflake"),
        ("E1007", "main/team-01"),
    }

    def entry(row: dict[str, Any]) -> dict[str, Any]:
        verdict = "revoke" if (row["person"], row["grant_name"]) in revoked and row["revocable"] else "keep"
        reason = "on call" if "privileged" in row["flags"] else ""
        facts = {name: row[name] for name in ("connection", "account_id", "grant_name")}
        return {"row": row["id"], "verdict": verdict, "reason": reason, "time": document["opened"], **facts}

    downloads.mkdir(parents=True)
    for reviewer, name in document["reviewers"].items():
        content = {
            "schema": 1, "kind": "access_review_decisions", "review": document["id"],
            "rows_digest": document["rows_digest"],
            "reviewer": {"id": reviewer, "name": name}, "saved": document["opened"],
            "decisions": [entry(row) for row in document["rows"] if row["reviewer"] == reviewer],
        }  # fmt: skip
        (downloads / f"decisions-pilot-{reviewer}.json").write_text(json.dumps(content), encoding="utf-8")


def test_the_walk(settings: dict[str, str], start: Start, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "company"
    folder.mkdir()

    def before(block: Block) -> None:
        if "~/Downloads" in block.text:
            decide(folder, tmp_path / "Downloads")

    with served(PAGE) as (port, variables):
        env = {**environment(settings, start, tmp_path, port), "HOME": str(tmp_path)}
        assert walk(PAGE, port, variables, env, folder, before) == 6
        users = Simulator(None, {}, f"http://127.0.0.1:{port}").state("kestra")["users"]
    assert [user["tenants"] for user in users if user["email"] == "alan.turing@example.com"] == [[]]
    review = folder / "reviews" / "pilot"
    assert {path.name for path in review.glob("*.html")} == {
        "review.html", "review-e1001.html", "review-e1002.html", "closed.html",
    }
    closed = json.loads((review / "closed.json").read_text(encoding="utf-8"))
    assert not [row for row in closed["rows"] if row["given_again_by"]], "the people data were changed"


def table(heading: str) -> list[list[str]]:
    """Return the rows of the table of the page whose first cell is a heading, without its marks."""
    text = PAGE.read_text(encoding="utf-8")
    (found,) = re.findall(rf"(?m)^   \* - {heading}\n((?:     - .*\n|     -\n)+(?:   \* - .*\n(?:     -.*\n)+)*)", text)
    return [
        [cell.strip() for cell in re.findall(r"(?m)^(?:   \* -|     -)(.*)$", f"   * - {row}")]
        for row in found.split("   * - ")[1:]
    ]


def test_the_table_of_flags_has_each_flag() -> None:
    assert [row[0] for row in table("Flag")] == [f"``{flag}``" for flag in FLAGS]


def test_the_table_of_what_apis_do_not_report_is_that_of_the_declarations() -> None:
    def listed(names: tuple[str, ...]) -> str:
        return ", ".join(f"``{name}``" for name in sorted(names))

    facts = {provider: life_of(provider).review for provider in PROVIDERS}
    assert table("Provider") == [
        [f"``{name}``", listed(about.not_provided), listed(about.only_details)] for name, about in facts.items()
    ]
