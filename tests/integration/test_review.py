# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The access review against the simulator: what it reads, what it writes, and what it refuses."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from jobs import PROVIDERS

from ansible_collections.rollcall.identity.plugins.modules.identity_review import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._arguments import validate
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.review.job import run_review
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from simulator.harness import Simulator

ALL: dict[str, Any] = {name: {"provider": provider} for name, provider in PROVIDERS.items()}
HOSTILE = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://evil.example.com")'


@pytest.fixture
def simulator(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """Six users everywhere; the credentials are those of the environment."""
    simulator.reset(seed_users=6)
    for name, value in simulator.env.items():
        monkeypatch.setenv(name, value)
    return simulator


def review(folder: pathlib.Path, frame: dict[str, Any] | None = None, **params: Any) -> dict[str, Any]:
    """Run the job and return its result."""
    arguments = {"connections": ALL, "as_of": "2026-06-15", "dest": str(folder / "review"), **params}
    validated = validate(SPEC, {}, {name: value for name, value in arguments.items() if value is not None})
    assert not validated.error_messages, validated.error_messages
    return run_review(validated.validated_parameters, Frame(**{"folder": str(folder), **(frame or {})}))


def ok(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result that is no failure."""
    assert not result.get("failed"), result.get("msg")
    return result


def loaded(folder: pathlib.Path, name: str = "review.json") -> Any:
    """Return the content of a file of the review."""
    return json.loads((folder / "review" / name).read_text(encoding="utf-8"))


def rows_of(folder: pathlib.Path, **wanted: Any) -> list[dict[str, Any]]:
    """Return the rows that have these values."""
    return [row for row in loaded(folder)["rows"] if all(row[name] == value for name, value in wanted.items())]


def _first_user(simulator: Simulator) -> int:
    """Return the id of user0001 at OneLogin."""
    return next(user["id"] for user in simulator.state("onelogin")["users"] if user["username"] == "user0001")


def test_every_grant_of_every_account_is_a_row(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    result = ok(review(tmp_path))
    assert simulator.writes() == []
    document = loaded(tmp_path)
    covered = {name: (about["accounts"], about["total"], about["organisation"]) for name, about in document["coverage"].items()}
    assert covered["ol"] == (6, None, "88123"), "OneLogin does not report how long its list is"
    assert covered["kes"][0] == covered["kes"][1] == len(simulator.state("kestra")["users"])
    assert [name for name, about in document["coverage"].items() if about["rows"] != len(rows_of(tmp_path, connection=name))] == []
    # What an API does not report is null, and said so beside it.
    assert {row["mfa"] for row in rows_of(tmp_path, connection="ol")} == {None}
    assert {row["last_login"] for row in rows_of(tmp_path, connection="kes")} == {None}
    assert document["coverage"]["ol"]["not_provided"] == ["privileged", "mfa", "tokens", "via"]
    roles = {row["grant_name"] for row in rows_of(tmp_path, connection="ol", account="user0001")}
    held = {role["name"] for role in simulator.state("onelogin")["roles"] if _first_user(simulator) in role["users"]}
    assert roles == held
    assert result["review"]["rows"] == len(document["rows"])
    assert result["review"]["flags"]["orphan_account"] == len(document["rows"]), "nobody is in the feed"
    owner = rows_of(tmp_path, connection="co", account="owner@example.com")
    assert [(row["facet"], row["privileged"], "privileged" in row["flags"]) for row in owner] == [("login", True, True)]
