# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs read the environment that a task, its block and its play specify, as the modules do."""

from __future__ import annotations

from typing import Any

from playbooks import Playbooks, include_role

SECRET = "secret-of-another-company"
OL = {"ol": {"provider": "onelogin"}}


def export(name: str, **more: Any) -> dict[str, Any]:
    arguments = {"connections": OL, "dest": name.replace(" ", "-")}
    return {"name": name, "rollcall.identity.identity_export": arguments, "ignore_errors": True, **more}


def test_a_job_uses_the_environment_of_its_task(playbooks: Playbooks) -> None:
    right = playbooks.settings["ONELOGIN_CLIENT_SECRET"]
    run = playbooks.run(
        [
            export("wrong secret"),
            {"block": [export("right secret", environment={"ONELOGIN_CLIENT_SECRET": "{{ right }}"})]},
            export("blank address", environment={"ONELOGIN_CLIENT_SECRET": "{{ right }}", "ONELOGIN_API_URL": None}),
            export("no environment again"),
        ],
        play={"environment": [{"ONELOGIN_CLIENT_SECRET": SECRET}]},
        variables={"right": right},
    )
    outcomes = {outcome.name: outcome.result for outcome in run.outcomes}
    for name in ("wrong secret", "no environment again"):
        assert outcomes[name]["code"] == "not_authenticated", name
    assert outcomes["right secret"]["changed"] is True
    assert "ONELOGIN_API_URL" in outcomes["blank address"]["msg"]
    assert SECRET not in str(outcomes)


def test_a_role_uses_the_environment_of_its_play(playbooks: Playbooks) -> None:
    run = playbooks.run(
        [include_role("export", "export", vars={"identity_connections": OL, "export_dest": "export"})],
        play={"environment": {"ONELOGIN_CLIENT_SECRET": SECRET}},
        may_fail=True,
    )
    failed = [outcome.result for outcome in run.outcomes if outcome.failed]
    assert [result["code"] for result in failed][:1] == ["not_authenticated"]
    assert not (run.folder / "export").exists()
