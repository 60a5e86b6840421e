# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the offboarding job advises about its input, and about accounts that it may not write."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from jobs import arguments_of, ok, warned

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.modules.identity_offboard import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.offboard.job import run_offboard
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from simulator.harness import Simulator

pytestmark = pytest.mark.in_process(users=5)
ADDRESS = "eve@acme.com"


def offboard(folder: pathlib.Path, entry: dict[str, Any], **params: Any) -> dict[str, Any]:
    """Offboard E1 from OneLogin, and return the result."""
    arguments = {
        "connections": {"ol": {"provider": "onelogin", **entry}}, "people": [{"id": "E1", "email": ADDRESS}],
        "as_of": "2026-06-15", "person": "E1", "proof_wait": 0, "dest": str(folder), **params,
    }  # fmt: skip
    return run_offboard(arguments_of(SPEC, arguments), Frame(folder=str(folder)), lambda seconds: None)


@pytest.mark.parametrize(
    ("earlier", "words"),
    [
        (
            "evidence/E1.json",
            "offboard_earlier must be the content of the evidence, not a path: {{ lookup('file', 'E1.json') }}.",
        ),
        (
            {"person": {"id": "E7"}, "steps": []},
            "offboard_earlier is the evidence about E7, and offboard_person is E1. Specify the evidence about E1, ",
        ),
        ({"a": 1}, "offboard_earlier is damaged: it is not evidence as this role writes it. Restore it, "),
        ('{"steps": ', "offboard_earlier is damaged: it is not evidence as this role writes it. Restore it, "),
    ],
)
def test_what_is_wrong_with_earlier_evidence(
    simulator: Simulator, tmp_path: pathlib.Path, earlier: Any, words: str
) -> None:
    mark = simulator.last
    with pytest.raises(InputError) as error:
        offboard(tmp_path, {}, earlier=earlier)
    assert str(error.value.problems[0]).startswith(words)
    assert simulator.requests(since=mark) == []


def test_a_protected_account_says_what_to_do_in_an_offboarding(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    """The input of an offboarding is a person: no change can be removed from it."""
    simulator.put_users([{"username": ADDRESS, "email": ADDRESS, "firstname": "Eve", "lastname": "B", "status": 1}])
    message = offboard(tmp_path, {"protect": [ADDRESS]})["msg"]
    assert (
        f"Not attempted: the account is protected by '{ADDRESS}' in protect of the connection. "
        "Remove the pattern from identity_connections.ol.protect, or block the account manually."
    ) in message
    assert "from the input" not in message


def test_a_misspelt_path_of_the_links_is_no_secret(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    """The hold is in a file that the role access may not read."""
    simulator.put_users([{"username": ADDRESS, "email": ADDRESS, "firstname": "Eve", "lastname": "B", "status": 1}])
    entry, wrong = {"user_key": "email"}, tmp_path / "link.yml"
    ((code, text),) = warned(ok(offboard(tmp_path, entry, links=str(wrong))))
    assert code == "missing_links"
    assert text == (
        f"offboard_links: {wrong} does not exist, so accounts are matched by ID and by name only. The record that the "
        "person stays blocked goes into a new file, and the role access must use the same one. If the links are in "
        "another file, correct the path."
    )
    assert warned(ok(offboard(tmp_path, entry, links=str(wrong)))) == []
    assert warned(ok(offboard(tmp_path, entry, links=None))) == []
