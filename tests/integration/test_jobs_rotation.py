# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of a rotation in this process, against the simulator: what is tried, what is put back, and
where the token shows."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import stat
import urllib.request
from typing import Any

import pytest
from jobs import arguments_of

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.modules.identity_token_rotation import SPEC
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.rotation.job import run_rotation
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.rotation.play import Play
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Frame
from simulator.harness import Simulator

ADA = "ada@example.com"
DAY = 86400
OLD = b"\xff old \x00 and no text\r\n"


@dataclasses.dataclass
class Rotation:
    """A rotation of one token of Ada's, which is written to a file."""

    simulator: Simulator
    file: pathlib.Path
    slept: list[float] = dataclasses.field(default_factory=list)
    connection: dict[str, Any] = dataclasses.field(default_factory=dict)
    more: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)

    def __call__(self, step: str, check: bool = False, **params: Any) -> dict[str, Any]:
        """Run a step and return its result, which has to be plain data."""
        connection = {
            "provider": "kestra", "api_url": self.simulator.env["KESTRA_API_URL"], "api_retries": 0,
            "credentials": {"api_token": self.simulator.env["KESTRA_API_TOKEN"]}, **self.connection,
        }
        connections = {"kes": connection, **{name: {**connection, **own} for name, own in self.more.items()}}
        arguments = arguments_of(SPEC, {"step": step, "connections": connections, "wait": 3, **params})
        frame = Frame(check=check, folder=str(self.file.parent))
        result = run_rotation(arguments, frame, Play.of({}), self.slept.append)
        assert self.simulator.env["KESTRA_API_TOKEN"] not in str(result)
        return json.loads(json.dumps(result))  # type: ignore[no-any-return]

    def planned(self, **options: Any) -> dict[str, Any]:
        """Return the plan of the token."""
        entry = {"connection": "kes", "user": ADA, "name": "ci", "rotate_after": "30d", "dest": self.file.name}
        (planned,) = self("plan", tokens=[{**entry, **options}])["plan"]
        return dict(planned)

    def task_file(self, name: str = "deliver.yml", content: str = "- ansible.builtin.debug:\n") -> pathlib.Path:
        """Write a task file and return its path."""
        file = self.file.parent / name
        file.write_text(content, encoding="utf-8")
        return file

    def ids(self) -> list[str]:
        """Return the ids of the tokens that are there."""
        return [token["id"] for token in self.simulator.state("kestra")["tokens"] if token["name"] == "ci"]


@pytest.fixture
def rotation(simulator: Simulator, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Rotation:
    """Ada has a token that is due, and a file that holds anything."""
    for name in simulator.env:
        monkeypatch.delenv(name, raising=False)
    simulator.put("users", [{"email": ADA}], provider="kestra")
    simulator.put(
        "tokens",
        [{"owner": ADA, "name": "ci", "value": "canary-of-ci", "age": 40 * DAY, "lastUsed": DAY}],
        provider="kestra",
    )
    file = tmp_path / "ci.token"
    file.write_bytes(OLD)
    file.chmod(0o640)
    return Rotation(simulator, file)


def refuse(simulator: Simulator, count: int) -> None:
    """Let the server refuse the next reads, which are those with the new token."""
    simulator.faults([{"provider": "kestra", "operation": "list_users", "nth": 1, "count": count, "status": 401}])


def test_a_token_from_plan_to_finish(rotation: Rotation) -> None:
    (before,) = rotation.ids()
    planned = rotation.planned()
    made = rotation("make", planned=planned)
    assert (made["error"], rotation.file.read_text(encoding="utf-8").strip(), made["changed"]) == (
        "", made["secret"], True,
    )
    assert set(rotation.ids()) == {before, made["token_id"]}
    proved = rotation("prove", planned=planned, made=made)
    assert proved["outcome"] == {
        "number": 0, "outcome": "made", "token_id": made["token_id"],
        "detail": f"{planned['detail']}; a later run revokes the older tokens",
    }  # fmt: skip
    finished = rotation("finish", plan=[planned], outcomes=[proved["outcome"]])
    assert finished["tokens"] == [
        {
            "connection": "kes",
            "owner": ADA,
            "name": "ci",
            "outcome": "made",
            "token_id": made["token_id"],
            "detail": proved["outcome"]["detail"],
        }
    ]
    assert made["secret"] not in str([planned, proved, finished])
    assert (proved["changed"], finished["changed"], rotation.slept) == (False, False, [])


def test_warnings_of_the_plan_are_about_this_run(rotation: Rotation) -> None:
    """The module warns in check mode, in which the plan calls it, and of tokens that it keeps and the rotation does
    not."""
    rotation.simulator.put(
        "tokens",
        [
            {"owner": ADA, "name": "ci", "value": "canary-of-second", "age": 3 * DAY, "lastUsed": DAY},
            {"owner": ADA, "name": "ci", "value": "canary-of-third", "age": 2 * DAY, "lastUsed": 60},
        ],
        provider="kestra",
    )
    due = {"connection": "kes", "rotate_after": "30d", "dest": "ci.token"}
    tokens = [
        {**due, "user": ADA, "name": "ci", "deliver": str(rotation.task_file())},
        {**due, "user": "bob@example.com", "name": "new", "dest": "new.token"},
    ]
    real = rotation("plan", tokens=tokens)
    old, second, third = rotation.ids()
    assert [step["revoke"] for step in real["plan"]] == [[old, second], []], "the second one was used before the third"
    assert "warnings" not in real
    (warning,) = rotation("plan", check=True, tokens=tokens)["warnings"]
    assert warning.startswith("kes: bob@example.com: new: bob@example.com does not exist yet. This is check mode")
    assert third == real["plan"][0]["token_id"]


def test_a_task_file_that_delivers_nothing_is_refused(rotation: Rotation) -> None:
    token = {"connection": "kes", "user": ADA, "name": "ci", "rotate_after": "30d", "deliver": "nothing.yml"}
    rotation.task_file("nothing.yml", "---\n")
    with pytest.raises(InputError, match=r"deliver \S+nothing.yml contains no tasks"):
        rotation("check", tokens=[token])


def test_the_same_token_in_two_entries_is_refused(rotation: Rotation) -> None:
    """The owner is named differently, and the second connection leads to the same directory."""
    accounts = rotation.simulator.put("service_accounts", [{"name": "robot"}], provider="kestra")
    (identity,) = (account["id"] for account in accounts if account["name"] == "robot")
    due = {"connection": "kes", "rotate_after": "30d"}
    rotation.more = {"k2": {"api_url": rotation.simulator.env["KESTRA_API_URL"] + "/"}}
    tokens = [
        {**due, "service_account": "robot", "name": "ci", "dest": "a.token"},
        {**due, "user": ADA, "name": "ci", "dest": "b.token"},
        {**due, "service_account_id": identity, "name": "ci", "dest": "c.token"},
        {**due, "connection": "k2", "user": ADA, "name": "ci", "dest": "d.token"},
        {**due, "connection": "k2", "user": ADA, "name": "other", "dest": "e.token"},
    ]
    with pytest.raises(InputError) as raised:
        rotation("plan", tokens=tokens)
    assert [(problem.code, str(problem).partition(": its owner")[0]) for problem in raised.value.problems] == [
        (
            "duplicate_entry",
            "token_rotation_tokens[2] (kes: ci) is the same token as token_rotation_tokens[0] (kes: ci)",
        ),
        (
            "duplicate_entry",
            "token_rotation_tokens[3] (k2: ci) is the same token as token_rotation_tokens[1] (kes: ci)",
        ),
    ]
    assert identity in str(raised.value.problems[0])
    rotation.more = {"k2": {"api_url": "http://127.0.0.1:9", "api_retries": 0}}
    assert len(rotation("plan", tokens=[*tokens[:2], *tokens[3:]])["plan"]) == 4, "another directory"


def test_a_server_that_needs_a_moment(rotation: Rotation) -> None:
    planned = rotation.planned()
    made = rotation("make", planned=planned)
    refuse(rotation.simulator, 1)
    assert rotation("prove", planned=planned, made=made)["outcome"]["outcome"] == "made"
    assert rotation.slept == [3]


@pytest.mark.parametrize(("wait", "slept"), [(3, [3]), (0, [])])
def test_a_token_that_is_refused_is_taken_back(rotation: Rotation, wait: int, slept: list[float]) -> None:
    (before,) = rotation.ids()
    planned = rotation.planned()
    made = rotation("make", planned=planned)
    refuse(rotation.simulator, 2)
    proved = rotation("prove", planned=planned, made=made, wait=wait)
    assert (proved["outcome"]["outcome"], proved["outcome"]["token_id"], proved["changed"]) == ("failed", before, True)
    assert "The file is as it was before." in proved["outcome"]["detail"]
    assert rotation.ids() == [before]
    assert (rotation.file.read_bytes(), stat.S_IMODE(rotation.file.stat().st_mode)) == (OLD, 0o640)
    assert rotation.slept == slept
    assert made["secret"] not in str(proved)


def test_a_failed_delivery_is_not_tried(rotation: Rotation) -> None:
    (before,) = rotation.ids()
    rotation.file.unlink()
    planned = rotation.planned()
    made = rotation("make", planned=planned)
    mark = rotation.simulator.last
    proved = rotation("prove", planned=planned, made=made, broken="Put it into the vault")
    assert "failed in the task 'Put it into the vault'" in proved["outcome"]["detail"]
    assert rotation.ids() == [before]
    assert not rotation.file.exists(), "it was not there before"
    assert [
        request["status"]
        for request in rotation.simulator.requests(since=mark, provider="kestra")
        if request["status"] == 401
    ] == []


def test_a_file_that_cannot_be_read_back(rotation: Rotation) -> None:
    (before,) = rotation.ids()
    planned = rotation.planned()
    made = {**rotation("make", planned=planned), "secret": ""}  # as if something had removed the file at once
    detail = rotation("prove", planned=planned, made=made)["outcome"]["detail"]
    text = f"the new token was written to {rotation.file}, but could not be read from there. The file is as it was"
    assert detail.startswith(text)
    assert rotation.ids() == [before]


def test_a_file_that_cannot_be_put_back(rotation: Rotation) -> None:
    planned = rotation.planned()
    made = rotation("make", planned=planned)
    made["file"]["content"] = None
    proved = rotation("prove", planned=planned, made=made, broken="deliver")
    assert f"{rotation.file} could not be restored: it contains the new token." in proved["outcome"]["detail"]


def test_the_account_that_a_connection_expects_is_the_one_that_rotates(rotation: Rotation) -> None:
    rotation.connection = {"expected_account": "main"}
    planned = rotation.planned()
    made = rotation("make", planned=planned)
    mark = rotation.simulator.last
    assert rotation("prove", planned=planned, made=made)["outcome"]["outcome"] == "made"
    operations = [request["operation"] for request in rotation.simulator.requests(since=mark, provider="kestra")]
    assert "get_3" not in operations, "the owner may not read the tenant"


def test_a_token_that_cannot_be_made(rotation: Rotation) -> None:
    (before,) = rotation.ids()
    planned = rotation.planned()
    rotation.simulator.faults(
        [{"provider": "kestra", "operation": "create_api_tokens_for_user1", "nth": 1, "count": 1, "status": 403}]
    )
    made = rotation("make", planned=planned)
    assert (made["secret"], made["token_id"]) == ("", "")
    assert "403" in made["error"]
    proved = rotation("prove", planned=planned, made=made)
    assert (proved["outcome"]["outcome"], proved["outcome"]["token_id"]) == ("failed", before)
    assert rotation.file.read_bytes() == OLD


def test_check_mode_makes_nothing(rotation: Rotation) -> None:
    planned = rotation.planned()
    made = rotation("make", check=True, planned=planned)
    assert (made["changed"], made["secret"], made["token_id"]) == (True, "", "")
    proved = rotation("prove", check=True, planned=planned, made=made)
    assert proved["changed"] is False
    (line,) = rotation("finish", check=True, plan=[planned], outcomes=[proved["outcome"]])["tokens"]
    assert line["outcome"] == "made"
    assert rotation.simulator.writes(provider="kestra") == []
    assert rotation.file.read_bytes() == OLD


def put(rotation: Rotation, **token: Any) -> None:
    """Put a further token of Ada's."""
    rotation.simulator.put("tokens", [{"owner": ADA, "name": "ci", **token}], provider="kestra")


def use(rotation: Rotation, secret: str) -> None:
    """Use a token as its consumers do."""
    address = f"{rotation.simulator.env['KESTRA_API_URL']}/api/v1/me"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {secret}"})
    with urllib.request.urlopen(request):
        pass


def test_a_token_that_is_used_after_the_plan_is_not_revoked(rotation: Rotation) -> None:
    put(rotation, value="canary-of-second", age=5 * DAY, lastUsed=4 * DAY)
    put(rotation, value="canary-of-third", age=3 * DAY, lastUsed=DAY / 2)
    old, second, third = rotation.ids()
    planned = rotation.planned(deliver=str(rotation.task_file()))
    assert set(planned["revoke"]) == {old, second}
    use(rotation, "canary-of-ci")  # while other tokens are delivered
    (line,) = rotation("finish", plan=[planned])["tokens"]
    assert (line["outcome"], line["token_id"]) == ("revoked", third)
    assert line["detail"].startswith(f"revoked {second}; {old} was used more recently than the current token")
    assert rotation.ids() == [old, third]


def test_nothing_is_revoked_if_the_last_use_is_unknown(rotation: Rotation) -> None:
    put(rotation, value="canary-of-third", age=3 * DAY, lastUsed=DAY / 2)
    old, current = rotation.ids()
    planned = rotation.planned(deliver=str(rotation.task_file()))
    rotation.simulator.faults([{"provider": "kestra", "operation": "list_api_tokens1", "nth": 1, "status": 500}])
    (line,) = rotation("finish", plan=[planned])["tokens"]
    assert (line["outcome"], line["token_id"], rotation.ids()) == ("failed", current, [old, current])
    assert f"Nothing was revoked, so {old} may still be valid. Run the role again." in line["detail"]


def test_a_new_token_is_taken_back_with_the_old_one_in_its_file(rotation: Rotation) -> None:
    """The connection reads its own token from the file, which contains the new one meanwhile."""
    rotation.simulator.put("users", [{"email": ADA, "superAdmin": True}], provider="kestra")
    rotation.file.write_text("canary-of-ci\n", encoding="utf-8")
    (before,) = rotation.ids()

    def login() -> None:
        rotation.connection = {"credentials": {"api_token": rotation.file.read_text(encoding="utf-8").strip()}}

    login()
    planned = rotation.planned()
    made = rotation("make", planned=planned)
    login()
    proved = rotation("prove", planned=planned, made=made, broken="Put it into the vault")
    assert f"The new token {made['token_id']} was revoked; older ones still work." in proved["outcome"]["detail"]
    assert (rotation.ids(), rotation.file.read_text(encoding="utf-8")) == ([before], "canary-of-ci\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file to another user")
def test_the_file_keeps_its_owner(rotation: Rotation) -> None:
    os.chown(rotation.file, 1000, 1001)
    planned = rotation.planned()
    made = rotation("make", planned=planned)

    def about() -> tuple[int, int, int]:
        found = rotation.file.stat()
        return found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)

    assert about() == (1000, 1001, 0o600)
    os.chown(rotation.file, 0, 0)
    rotation("prove", planned=planned, made=made, broken="deliver")
    assert about() == (1000, 1001, 0o640)


def test_an_owner_that_cannot_be_restored_is_named(rotation: Rotation, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = rotation.planned()
    made = rotation("make", planned=planned)
    made["file"]["owner"] = [54321, 54322]

    def refused(*_arguments: Any, **_options: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refused)
    detail = rotation("prove", planned=planned, made=made, broken="deliver")["outcome"]["detail"]
    assert "its user and group could not be restored: they were 54321:54322. Change them with chown." in detail
    assert rotation.file.read_bytes() == OLD


@pytest.mark.parametrize(("age", "action", "text"), [
    (60, "fail", "another run may still be delivering it. Run the role again after 10 minutes"),
    (660, "make", "was never used: it may not have been delivered"),
])  # fmt: skip
def test_a_token_that_may_still_be_delivered_is_not_replaced(
    rotation: Rotation, age: int, action: str, text: str
) -> None:
    put(rotation, value="canary-of-new", age=age)
    planned = rotation.planned(deliver=str(rotation.task_file()))
    assert (planned["action"], text in planned["detail"]) == (action, True), planned


@pytest.mark.parametrize(("token", "rules", "text"), [
    ({}, {}, "never expires, and min_remaining applies only"),
    ({"maxAge": 400 * DAY}, {}, "which is longer than max_age, and is only replaced when less than min_remaining"),
    ({"maxAge": 90 * DAY}, {}, ""),
    ({}, {"rotate_after": "60d"}, ""),
])  # fmt: skip
def test_a_token_that_is_kept_for_too_long(
    rotation: Rotation, token: dict[str, Any], rules: dict[str, Any], text: str
) -> None:
    put(rotation, **token, value="canary-of-long", age=3 * DAY, lastUsed=60)
    entry = {"connection": "kes", "user": ADA, "name": "ci", "max_age": "90d", "min_remaining": "14d", "overlap": "9d"}
    result = rotation("plan", tokens=[{**entry, **rules, "deliver": str(rotation.task_file())}])
    details = result.get("warning_details", [])
    assert [detail["code"] for detail in details] == ["token_outlives_max_age"] * bool(text)
    assert [f"kes: {ADA}: ci: token " in detail["message"] and text in detail["message"] for detail in details] == [
        True
    ] * bool(text)
    if text:
        assert text in result["plan"][0]["detail"]


def test_warnings_name_the_entry_and_the_module(rotation: Rotation) -> None:
    rotation.simulator.faults([
        {"provider": "kestra", "operation": "list_api_tokens1", "nth": 1, "count": 0, "rows_without": ["iat"]},
    ])  # fmt: skip
    entry = {"connection": "kes", "user": ADA, "name": "ci", "rotate_after": "30d", "dest": "other.token"}
    result = rotation("plan", tokens=[{**entry, "deliver": str(rotation.task_file())}])
    (warning,) = result["warnings"]
    assert warning.startswith(f"kes: {ADA}: ci: the server reports no readable issued_at of token ")
    assert "The options state, token_id and rotate are those of kestra_api_token." in warning
    assert result["plan"][0]["detail"] in warning
