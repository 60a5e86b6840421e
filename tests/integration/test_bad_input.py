# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input and bad days: one clear sentence each with what to do, no traceback, nothing written, nothing shown."""

from __future__ import annotations

import datetime
import subprocess
import sys
from typing import Any

import pytest
from playbooks import FRONT_ENDS, Playbooks
from scenarios import assert_silent

from selection import ALL
from simulator.harness import Simulator

PASSWORD = "canary-bad-day"
SECRET = "{{ lookup('env', 'CANARY') }}"
"""Core 2.19 and later quote lines of the playbook in errors: a secret in them would be the playbook's own fault."""
PERSON = {"email": "ada@example.com", "firstname": "Ada", "lastname": "Lovelace"}

# Name -> (module, arguments, texts that the message must have).
CASES: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "wrong credentials": (
        "user",
        {"user": "ada", "client_secret": SECRET},
        ("log in", "401", "client_id and client_secret"),
    ),
    "no credentials": (
        "user",
        {"user": "ada", "client_id": "", "client_secret": ""},
        ("client_id is empty", "client_secret is empty"),
    ),
    "a blank guard": (
        "users",
        {"users": [{"user": "ada"}], "plan_digest": "", "expected_account": " "},
        ("plan_digest is empty", "expected_account contains only whitespace"),
    ),
    "a number for a name": ("user", {"user": 64, "title": "x"}, ("user is the number 64", "quote the value")),
    "booleans and dates for texts": (
        "users",
        {
            "users": [
                {
                    "user": "ada",
                    **PERSON,
                    "department": True,
                    "attributes": {"badge": False},
                    "company": datetime.date(2026, 1, 5),
                }
            ]
        },
        ("3 problems", "users[0] (ada): department is the boolean true", "attributes.badge is the boolean false"),
    ),
    "invisible characters": (
        "user",
        {"user": "\ufeffada", "email": "a\nb@example.com"},
        ("user contains U+FEFF", "email contains a line break"),
    ),
    "an unknown key of a grant": (
        "user_roles",
        {"user": "ada", "roles": [{"name": "2024", "state": "absent"}]},
        ("unknown key state",),
    ),
    "an id of another name": (
        "user_roles",
        {"user": "ada", "roles": [{"id": 410004, "name": "2025"}]},
        ("id 410004 is the role '2024'",),
    ),
    "elements that are none": (
        "users",
        {"users": ["ada", {"user": "b", "titel": "x", "state": "gone"}]},
        ("users[0]", "users[1] (b): titel", "users[1] (b): state"),
    ),
    "a boolean for a number": (
        "users",
        {"users": [{"user": "ada"}], "delete_limit": True},
        ("delete_limit is the boolean true",),
    ),
    "wrong account": (
        "user",
        {"user": "ada", "expected_account": "4711"},
        ("expected_account is 4711, and these credentials belong to account 88123", "Nothing was written"),
    ),
    "an account that is not reported": (
        "user",
        {"user": "ada", "access_token": SECRET, "expected_account": "88123"},
        ("cannot verify 88123", "Remove expected_account"),
    ),
    "a token that is none": ("user_info", {"access_token": SECRET}, ("401", "access_token")),
    "unreachable": (
        "user",
        {"user": "ada", "api_url": "http://127.0.0.1:1", "api_retries": 0},
        ("Could not reach http://127.0.0.1:1/", "refused", "Check api_url"),
    ),
    "no address": ("user", {"user": "ada", "api_url": "acme.onelogin.com"}, ("not a valid http or https address",)),
    "credentials in the address": (
        "user",
        {"user": "ada", "api_url": "https://ada:secret@example.com"},
        ("may contain credentials",),
    ),
    "unknown option": ("user", {"user": "ada", "tittle": "x"}, ("tittle",)),
    "unknown role": (
        "user",
        {"user": "ada", **PERSON, "roles": ["Snowflak"]},
        ("no role named 'Snowflak'", "'Snowflake'"),
    ),
    "ambiguous role": ("user_roles", {"user": "ada", "roles": ["Twice"]}, ("2 roles are named 'Twice'", "{id:")),
    "unknown attribute": ("user", {"user": "ada", **PERSON, "attributes": {"badg": "1"}}, ("'badg'", "badge")),
    "empty list under present": ("user", {"user": "ada", "roles": []}, ("roles is empty", "roles_state: exact")),
    "no role to take away": ("user_roles", {"user": "ada", "roles": [], "state": "absent"}, ("no role is specified",)),
    "no bounds": ("user", {"user": "ada", "roles": ["2024"], "roles_state": "managed"}, ("managed_roles",)),
    "an id that does not exist": ("user", {"id": "42", "title": "x"}, ("no user has the id 42",)),
    "an id that is none": ("user", {"id": "ada", "title": "x"}, ("OneLogin ids are numbers",)),
    "nobody with that name": ("user_roles", {"user": "nobody", "roles": ["2024"]}, ("nobody", "first create the user")),
    "an e-mail that matches two": (
        "user_roles",
        {"user": "twin@example.com", "user_key": "email", "roles": ["2024"]},
        ("matches 2 users (ids ", "Specify the id"),
    ),
    "what creation needs": ("user", {"user": "ada"}, ("creating it requires email, firstname, lastname",)),
    "a wildcard": ("user", {"user": "a*", "state": "absent"}, ("wildcard",)),
    "two users with the same key": (
        "users",
        {"users": [{"user": "Ada", **PERSON}, {"user": "ada", **PERSON}]},
        ("users[1] (ada)", "users[0] (Ada)", "same user"),
    ),
    "every problem at once": (
        "users",
        {
            "users": [
                {"user": "ada", "roles": ["Nope"]},
                {"user": "b*"},
                {"title": "x"},
                {"user": "c", "attributes": {}},
            ],
            "loss_limit": "many",
        },
        ("5 problems", "users[0] (ada)", "users[1] (b*)", "users[2] has neither", "users[3] (c)", "loss_limit"),
    ),
    "a wrong type and every other problem": (
        "users",
        {
            "users": [{"user": "a", "status": "x"}, {"user": "b*"}, {"user": "c", "roles": []}, {"user": "A"}],
            "unlisted": "delete",
        },
        ("5 problems", "status is 'x'", "'b*' contains a wildcard", "roles is empty", "same user", "In protect, list"),
    ),
    "contradiction": ("user", {"user": "ada", "username": "bob"}, ("username is 'bob'", "in previous_users")),
    "too many retries": ("user", {"user": "ada", "api_retries": -1}, ("api_retries is -1",)),
    "a policy on a hash": (
        "user_password",
        {"user": "twin1", "password": SECRET, "validate_policy": True},
        ("clear_text",),
    ),
    "a salt that is too long": ("user_password", {"user": "twin1", "password": SECRET, "salt": "s" * 41}, ("1 to 40",)),
    "a folder that does not exist": (
        "api_token",
        {"dest": "/nowhere/at/all/token"},
        ("/nowhere/at/all/token", "Nothing was written"),
    ),
}


def test_messages(simulator: Simulator, playbooks: Playbooks) -> None:
    twins = [
        {"username": f"twin{number}", "email": "twin@example.com", "firstname": "T", "lastname": "W"}
        for number in (1, 2)
    ]
    tasks = [
        {"name": name, f"rollcall.identity.onelogin_{module}": args, "ignore_errors": True}
        for name, (module, args, _texts) in CASES.items()
    ]

    def prepare(server: Simulator) -> None:
        server.reset()
        server.put_users(twins)

    # A process for each mistake takes long.
    plays = {front_end: tasks if ALL or front_end == "worker" else tasks[::5] for front_end in FRONT_ENDS}
    runs = playbooks.run_both(plays, prepare, "onelogin", env={"CANARY": PASSWORD})
    for front_end, run in runs.items():
        for name in (task["name"] for task in plays[front_end]):
            texts = CASES[name][2]
            outcome = run[name]
            assert outcome.failed, f"{name}: {outcome.result}"
            for text in texts:
                assert text in outcome.message, f"{name}: {outcome.message}"
            assert outcome.writes == [], name
            assert len(outcome.message) < 1200, name
            assert outcome.message == runs["worker"][name].message, f"{name}: the front ends differ"
        assert "Traceback" not in run.output
        assert_silent(run, (PASSWORD, simulator.env["ONELOGIN_CLIENT_SECRET"]))
    assert {user["username"] for user in simulator.state("onelogin")["users"]} == {"twin1", "twin2"}


def test_answers_that_are_none(simulator: Simulator, playbooks: Playbooks) -> None:
    faults: dict[str, dict[str, Any]] = {
        "a page of a proxy": {"html": True, "status": 200},
        "no JSON": {"body": "no JSON", "status": 200},
        "an error without a reason": {"body": "", "status": 500},
        "a redirect to another host": {"redirect": "http://127.0.0.2:9/elsewhere"},
    }
    texts = {
        "a page of a proxy": "not JSON", "no JSON": "not JSON", "an error without a reason": "500",
        "a redirect to another host": "change api_url",
    }
    for name, fault in faults.items():
        simulator.clear_faults()
        simulator.faults([{"provider": "onelogin", "operation": "list_users", "count": 0, **fault}])
        run = playbooks.run(
            [
                {
                    "name": name,
                    "rollcall.identity.onelogin_user": {"user": "ada", **PERSON, "api_retries": 0},
                    "ignore_errors": True,
                }
            ]
        )
        assert run[name].failed
        assert texts[name] in run[name].message
        assert run[name].writes == []
        assert "Traceback" not in run.output


def test_https_to_a_server_of_plain_http(simulator: Simulator, playbooks: Playbooks) -> None:
    url = simulator.env["ONELOGIN_API_URL"].replace("http://", "https://")
    run = playbooks.run(
        [
            {
                "name": "tls",
                "rollcall.identity.onelogin_user": {"user": "ada", "api_url": url, "api_retries": 0},
                "ignore_errors": True,
            }
        ]
    )
    assert run["tls"].failed
    assert "the server speaks plain http, not https. Check the scheme and port of api_url." in run["tls"].message


def test_missing_requests(simulator: Simulator, playbooks: Playbooks, tmp_path_factory: pytest.TempPathFactory) -> None:
    bare = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(bare)], check=True)
    run = playbooks.run(
        [{"name": "no requests", "rollcall.identity.onelogin_user": {"user": "ada"}, "ignore_errors": True}],
        variables={"ansible_python_interpreter": str(bare / "bin" / "python")},
    )
    assert run["no requests"].failed
    assert "requests" in run["no requests"].message
    assert run["no requests"].result["code"] == "missing_library"
    assert "Traceback" not in run.output
