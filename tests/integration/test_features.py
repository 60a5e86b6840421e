# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users do with tasks in Ansible: loops, defaults, vault, delegation, async, and secrets that must not show."""

from __future__ import annotations

import base64
import io
import pathlib
import re
import stat
import subprocess
import sys
import zipfile
from typing import Any

import pytest
from playbooks import FRONT_ENDS, Playbooks, Start
from scenarios import assert_silent

from simulator.harness import Simulator

PERSON = {"email": "ada@example.com", "firstname": "Ada", "lastname": "Lovelace"}
CANARY = "canary-vaulted-secret"
USER = "rollcall.identity.onelogin_user"


@pytest.fixture
def start(request: pytest.FixtureRequest, warm: Start) -> Start:
    """Tests that are marked start everything as users do."""
    return Start() if request.node.get_closest_marker("cold") else warm


@pytest.fixture
def ada(simulator: Simulator) -> Simulator:
    """One user, and twenty more."""
    simulator.reset(seed_users=20)
    simulator.put_users([{"username": "ada", **PERSON}])
    return simulator


@pytest.mark.cold
@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_loop(front_end: str, ada: Simulator, playbooks: Playbooks) -> None:
    users = [f"user{number:04d}" for number in range(1, 5)]
    task = {
        "name": "loop",
        USER: {"user": "{{ item }}", "title": "Looped", "roles": ["2024"]},
        "loop": users,
        "register": "looped",
    }
    run = playbooks.run(
        [
            task,
            {
                "name": "shown",
                "ansible.builtin.debug": {"msg": "{{ looped.results | map(attribute='user.user') | list }}"},
            },
        ],
        front_end,
    )
    assert run["shown"].result["msg"] == users
    logins = sum(item["operation"] == "generate_token" for item in run["loop"].requests)
    role_lists = sum(
        item["operation"] == "get_role_by_name" and "after_cursor" not in item["query"] for item in run["loop"].requests
    )
    if front_end == "worker":
        assert (logins, role_lists) == (1, 1), "session, token and roles live across the items of a loop"
    else:
        assert (logins, role_lists) == (4, 4)


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_defaults_of_two_modules(front_end: str, ada: Simulator, playbooks: Playbooks) -> None:
    play = {"module_defaults": {
        "group/rollcall.identity.onelogin": {"user_key": "username"},
        USER: {"title": "Default title"},
        "rollcall.identity.onelogin_user_roles": {"user_key": "email", "state": "exact"},
    }}  # fmt: skip
    run = playbooks.run([
        {"name": "user", USER: {"user": "ada"}},
        {"name": "roles", "rollcall.identity.onelogin_user_roles": {"user": "ADA@example.com", "roles": ["2024"]}},
    ], front_end, play=play)  # fmt: skip
    assert [item["body"] for item in run["user"].writes] == [{"title": "Default title"}]
    assert run["roles"].sent[0][1].endswith("/add_roles")
    assert not run["roles"].failed


def test_an_unknown_option_of_the_defaults_is_reported_with_its_source(ada: Simulator, playbooks: Playbooks) -> None:
    """The task itself does not have the option, and the defaults can be in another file."""
    play = {"module_defaults": {
        "group/rollcall.identity.all": {"api_timeuot": 5},
        "group/rollcall.identity.onelogin": {"state": "absent"},
        f"{USER}_info": {"tilte": "x"},
        "rollcall.identity.kestra_user": {"titel": "x"},
    }}  # fmt: skip
    run = playbooks.run([
        {"name": "info", f"{USER}_info": {"user": "ada"}, "ignore_errors": True},
        {"name": "user", USER: {"user": "ada", "titel": "x"}, "ignore_errors": True},
    ], play=play)  # fmt: skip
    everyone = "It comes from module_defaults of group/rollcall.identity.all."
    assert f"{USER}_info." in run["info"].message
    assert everyone in run["info"].message
    assert "state: unknown option." in run["info"].message
    assert "It comes from module_defaults of group/rollcall.identity.onelogin." in run["info"].message
    assert everyone in run["user"].message
    assert run["user"].message.count("module_defaults") == 1


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_lists_of_users_with_templates(front_end: str, ada: Simulator, playbooks: Playbooks) -> None:
    users = [
        {"user": "ada", "title": "{{ wanted }}", "department": "{{ nothing | default(omit) }}"},
        {"user": "user0001", "title": "as it is", "roles": ["{{ year }}"]},
        {"user": "user0002", "title": "as it is"},
    ]
    run = playbooks.run(
        [
            {"name": "variable", f"{USER}s": {"users": "{{ listed }}"}, "diff": True},
            {"name": "literal", f"{USER}s": {"users": users}, "diff": True},
            {
                "name": "made",
                f"{USER}s": {"users": "{{ listed[1:] | map('combine', {'title': wanted}) | list }}"},
                "diff": True,
            },
        ],
        front_end,
        variables={"listed": users, "wanted": "Countess", "year": "2024"},
    )
    after = {entry["after_header"]: entry["after"] for entry in run["variable"].result["diff"]}
    assert {name: entry["title"] for name, entry in after.items()} == {
        "ada": "Countess", "user0001": "as it is", "user0002": "as it is",
    }
    assert "2024" in after["user0001"].pop("roles")
    assert {name for entry in after.values() for name in entry} == {"title"}
    assert run["literal"].result["changed"] is False
    assert [entry["after"] for entry in run["made"].result["diff"]] == [{"title": "Countess"}] * 2


def test_a_retry_has_its_users_and_no_result_carries_them(ada: Simulator, playbooks: Playbooks) -> None:
    ada.faults([{"provider": "onelogin", "operation": "list_users", "nth": 1, "status": 403}])
    task = {"name": "again", f"{USER}s": {"users": [{"user": "ada", "title": "Countess"}]}, "register": "tried"}
    run = playbooks.run([{**task, "until": "tried is success", "retries": 2, "delay": 0}])
    assert run["again"].result["attempts"] == 2
    assert run["again"].result["summary"]["updated"] == 1
    assert "users" not in run["again"].given
    assert "client_secret" not in run["again"].given, "it comes from the environment"


def vaulted(folder: pathlib.Path, text: str) -> tuple[str, pathlib.Path]:
    """Return a value encrypted with ansible-vault, and the file of its password."""
    password = folder / "vault-password"
    password.write_text("open sesame\n", encoding="utf-8")
    tool = pathlib.Path(sys.executable).parent / "ansible-vault"
    command = [str(tool), "encrypt_string", "--vault-password-file", str(password), text]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return "\n".join(line.strip() for line in shown.splitlines() if "!vault" not in line), password


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_vaulted_arguments(front_end: str, ada: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    text, password = vaulted(tmp_path, CANARY)
    secrets = tmp_path / "secrets.yml"
    block = "\n".join(f"  {line}" for line in text.splitlines())
    secrets.write_text(
        f"secret: !vault |\n{block}\nnested:\n  - user: ada\n    password: '{{{{ secret }}}}'\n    update_password: "
        "always\n",
        encoding="utf-8",
    )
    inline = tmp_path / "inline.yml"
    inline.write_text(
        f"- name: inline\n  {USER}:\n    user: ada\n    update_password: always\n    password: !vault |\n"
        + "\n".join(f"      {line}" for line in text.splitlines()) + "\n", encoding="utf-8",
    )  # fmt: skip
    run = playbooks.run(
        [
            {
                "name": "from a variable",
                USER: {
                    "user": "ada", "password": "{{ secret }}", "update_password": "always",
                    "password_method": "clear_text",
                },
            },
            {"name": "in a list", "rollcall.identity.onelogin_users": {"users": "{{ nested }}"}, "diff": True},
            {"name": "include", "ansible.builtin.include_tasks": str(inline)},
        ],
        front_end,
        arguments=("-e", f"@{secrets}", "--vault-password-file", str(password)),
    )
    assert run["from a variable"].result["changed"] is True
    assert run["in a list"].result["changed"] is True
    assert run["inline"].result["changed"] is True
    assert_silent(run, (CANARY,))


def test_a_wrong_password_in_an_answer_is_masked(ada: Simulator, playbooks: Playbooks) -> None:
    # A server that repeats the request in its error must not make us repeat it, too.
    ada.faults(
        [
            {
                "provider": "onelogin",
                "operation": "update_password_insecure",
                "status": 400,
                "body": {
                    "status": {
                        "error": True, "code": 400, "type": "bad request", "message": f"password {CANARY} is too weak",
                    }
                },
            }
        ]
    )
    task = {
        "name": "refused",
        "rollcall.identity.onelogin_user_password": {
            "user": "ada", "password": "{{ lookup('env', 'CANARY') }}", "method": "clear_text",
        },
    }
    run = playbooks.run([{**task, "ignore_errors": True}], env={"CANARY": CANARY})
    assert "******** is too weak" in run["refused"].message
    assert_silent(run, (CANARY,))


@pytest.mark.cold
def test_delegation_runs_the_module_elsewhere(ada: Simulator, playbooks: Playbooks) -> None:
    run = playbooks.run([
        {"name": "delegated", USER: {"user": "ada", "title": "x"}, "delegate_to": "localhost"},
        {"name": "with an environment", USER: {"user": "ada", "title": "x"}, "environment": {"SOME": "thing"}},
    ])  # fmt: skip
    assert run["delegated"].result["changed"] is True
    assert run["with an environment"].result["changed"] is False
    environment = {"ONELOGIN_CLIENT_ID": "i"}
    task = {"name": "wrong", USER: {"user": "ada", "enabled": "nah"}, "environment": environment, "ignore_errors": True}
    run = playbooks.run([task], env={"ONELOGIN_CLIENT_ID": ""})
    assert run["wrong"].message == "enabled is 'nah', not a boolean (true or false)."


@pytest.mark.cold
def test_async(ada: Simulator, playbooks: Playbooks) -> None:
    run = playbooks.run([
        {"name": "polled", USER: {"user": "ada", "title": "Async"}, "async": 60, "poll": 1},
        {"name": "a secret", "rollcall.identity.onelogin_api_token": {}, "async": 60, "poll": 1, "ignore_errors": True},
    ])  # fmt: skip
    assert run["polled"].result["changed"] is True
    assert ada.state("onelogin")["users"][-1]["title"] == "Async"
    assert run["a secret"].failed
    assert run["a secret"].requests == []


def token_task(name: str, register: str = "", check_mode: bool = False, **options: Any) -> dict[str, Any]:
    """Return a task on a token of OneLogin."""
    about = {**({"register": register} if register else {}), **({"check_mode": True} if check_mode else {})}
    return {"name": name, "rollcall.identity.onelogin_api_token": options, **about}


def shown(name: str, *expressions: str) -> dict[str, Any]:
    """Return a task that shows what expressions are."""
    return {"name": name, "ansible.builtin.debug": {"msg": ["{{ " + text + " }}" for text in expressions]}}


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_a_token_is_registered_and_never_shown(front_end: str, ada: Simulator, playbooks: Playbooks) -> None:
    revoke = {"state": "absent", "access_token": "{{ login.secret }}"}
    by_token = {"user": "ada", "title": "By token", "access_token": "{{ login.secret }}"}
    tasks: list[dict[str, Any]] = [
        token_task("log in", "login", expected_account="88123"),
        {"name": "use it", USER: by_token, "environment": {}},
        {**token_task("in a loop", "looped"), "loop": [1, 2]},
        token_task("to a file", "filed", dest="token.txt"),
        shown("filed", "filed.keys() | sort"),
        token_task("revoke: check", check_mode=True, **revoke),
        token_task("revoke", "revoked", **revoke),
        token_task("revoke again", "again", **revoke),
        shown("changed", "revoked.changed", "again.changed"),
        shown("login", "login.account_id", "login.token.expires_in | int > 35000"),
        token_task("rotate", "rotated", rotate="always"),
        shown("rotated", "rotated.changed and rotated.secret != login.secret"),
    ]
    run = playbooks.run(tasks, front_end)
    assert run["use it"].writes[0]["body"] == {"title": "By token"}
    assert sum(item["operation"] == "generate_token" for item in run["use it"].requests) == 0
    assert run["revoke: check"].writes == []
    said = {name: [str(value) for value in run[name].result["msg"]] for name in ("changed", "login", "rotated")}
    assert said == {"changed": ["True", "False"], "login": ["88123", "True"], "rotated": ["True"]}
    (names,) = run["filed"].result["msg"]
    assert "changed" in names and "secret" not in names
    file = run.folder / "token.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    token = file.read_text(encoding="utf-8").strip()
    assert len(token) > 20
    file.unlink()
    assert_silent(run, (token, ada.env["ONELOGIN_CLIENT_SECRET"]))


def test_the_zip_of_a_module_holds_its_own_provider(
    ada: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path
) -> None:
    playbooks.run(
        [{"name": "one", USER: {"user": "ada"}}],
        "module",
        env={"ANSIBLE_KEEP_REMOTE_FILES": "1", "ANSIBLE_REMOTE_TMP": str(tmp_path)},
    )
    (file,) = tmp_path.rglob("AnsiballZ_*.py")
    data = re.search(r"(?s)(?:ZIPDATA = |zip_data=)['\"]+([A-Za-z0-9+/=\s\\]+)['\"]", file.read_text(encoding="utf-8"))
    assert data is not None
    names = zipfile.ZipFile(io.BytesIO(base64.b64decode(data[1].replace("\\n", "")))).namelist()
    ours = [name.split("/plugins/", 1)[1] for name in names if "/rollcall/identity/plugins/" in name]
    assert [name for name in ours if name.startswith("modules/") and not name.endswith("__init__.py")] == [
        "modules/onelogin_user.py"
    ]
    assert {name.split("/")[2] for name in ours if name.startswith("module_utils/_providers/")} - {"__init__.py"} == {
        "onelogin"
    }
    assert not any("plugin_utils" in name or "action" in name for name in ours)


def test_clock_is_not_slept_on(ada: Simulator, playbooks: Playbooks) -> None:
    # A lock ends by itself: the simulated clock is moved, and the module sees it.
    lock = "rollcall.identity.onelogin_user_lock"
    playbooks.run([{"name": "lock", lock: {"user": "ada", "minutes": 60}}])
    ada.clock(7200)
    run = playbooks.run([{"name": "unlocked already", lock: {"user": "ada", "state": "absent"}}])
    assert run["unlocked already"].result["changed"] is False
