# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access reviews in this process, opened, decided and closed against the simulator over sockets, without Ansible."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from collections.abc import Callable
from typing import Any

from jobs import PROVIDERS, arguments_of, plain

from ansible_collections.rollcall.identity.plugins.modules.identity_review import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.job import run_review
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from simulator.harness import Simulator

DAY = "2026-06-15"
Row = dict[str, Any]
Chooser = Callable[[Row], str]
ALL: dict[str, Any] = {name: {"provider": provider} for name, provider in PROVIDERS.items()}


@dataclasses.dataclass
class Reviews:
    """Reviews over some connections, in a folder of files."""

    simulator: Simulator
    folder: pathlib.Path
    connections: dict[str, dict[str, Any]]
    entitlements: dict[str, Any] = dataclasses.field(default_factory=dict)
    people: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    sent: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    """(provider, operation) of the writes of the last run."""
    calls: int = 0
    """Requests of the last run."""

    @property
    def dest(self) -> pathlib.Path:
        """Return the folder of the review."""
        return self.folder / "review"

    def run(self, state: str, *, check: bool = False, **params: Any) -> dict[str, Any]:
        """Run the job and return its result."""
        arguments = {
            "state": state,
            "connections": self.connections,
            "entitlements": self.entitlements,
            "people": self.people,
            "as_of": DAY,
            "dest": str(self.dest),
            **({"id": "q2"} if state == "open" else {}),
            **params,
        }
        mark = self.simulator.last
        try:
            return plain(run_review(arguments_of(SPEC, arguments), Frame(check=check, folder=str(self.folder))))
        finally:
            self.sent = [(request["provider"], request["operation"]) for request in self.simulator.writes(since=mark)]
            self.calls = len(self.simulator.requests(since=mark))

    def open(self, **params: Any) -> dict[str, Any]:
        """Open the review and return the result."""
        result = self.run("open", **params)
        assert not result.get("failed"), result["msg"]
        return result

    def close(self, **params: Any) -> dict[str, Any]:
        """Close the review and return the result."""
        return self.run("close", **params)

    def document(self, name: str = "review.json") -> dict[str, Any]:
        """Return a file of the review."""
        found: dict[str, Any] = json.loads((self.dest / name).read_text(encoding="utf-8"))
        return found

    def rows(self) -> list[Row]:
        """Return the rows of the open review."""
        rows: list[Row] = self.document()["rows"]
        return rows

    def outcomes(self) -> dict[str, tuple[str, str, str]]:
        """Return row -> (account, grant or login, outcome) of the closed review, without those that were kept."""
        return {
            row["id"]: (row["account"], row["grant_name"] or "login", row["outcome"])
            for row in self.document("closed.json")["rows"] if row["outcome"] not in ("kept", "left_out")
        }

    def decide(
        self,
        choose: Chooser,
        reviewer: str = "AUD",
        name: str = "decisions.json",
        entry: Callable[[Row], Row] = lambda entry: entry,
        **head: Any,
    ) -> pathlib.Path:
        """Write a file of decisions as the page makes it. ``choose`` returns the verdict about a row, empty for none;
        ``entry`` may change what the file has of it."""
        content = decisions_about(self.document(), choose, reviewer)
        content = {**content, "decisions": [entry(decision) for decision in content["decisions"]], **head}
        folder = self.dest / "decisions"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
        return folder / name


def decisions_about(
    document: dict[str, Any], choose: Chooser, reviewer: str = "AUD"
) -> dict[str, Any]:
    """Return what the page saves about the rows of review.json, decided at once. ``choose`` as of
    ``Reviews.decide``."""
    time = document["opened"]
    return {
        "schema": 1,
        "kind": "access_review_decisions",
        "review": document["id"],
        "rows_digest": document["rows_digest"],
        "reviewer": {"id": reviewer, "name": "Audrey Tor"},
        "saved": time,
        "decisions": [
            {
                "row": row["id"], "verdict": verdict, "reason": "as agreed", "connection": row["connection"],
                "account_id": row["account_id"], "grant_name": row["grant_name"], "time": time,
            }
            for row in document["rows"] for verdict in (choose(row),) if verdict
        ],
    }


def revoke(*wanted: tuple[str, str]) -> Chooser:
    """Return what revokes these (account, grant) of rows, and keeps everything else."""
    return lambda row: "revoke" if (row["account"], row["grant_name"]) in wanted else "keep"


def open_review(folder: pathlib.Path, frame: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
    """Open a review of all providers and return the result."""
    arguments = {"connections": ALL, "as_of": "2026-06-15", "dest": str(folder / "review"), **params}
    return run_review(arguments_of(SPEC, arguments), Frame(**{"folder": str(folder), **(frame or {})}))


def loaded(folder: pathlib.Path, name: str = "review.json") -> Any:
    """Return the content of a file of the review."""
    return json.loads((folder / "review" / name).read_text(encoding="utf-8"))


def rows_of(folder: pathlib.Path, **wanted: Any) -> list[dict[str, Any]]:
    """Return the rows that have these values."""
    return [row for row in loaded(folder)["rows"] if all(row[name] == value for name, value in wanted.items())]
