# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a connection of the jobs may have, and what it inherits."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.check import connection_problems
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.schema import PROVIDERS
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import declared, not_inherited


@pytest.mark.parametrize("provider", PROVIDERS)
def test_all_that_a_connection_may_have_is_known(provider):
    credentials = dict.fromkeys(declared(f"{provider}_users").connection_options, "x")
    assert (
        connection_problems(
            {
                "here": {
                    "provider": provider,
                    "credentials": credentials,
                    **credentials,
                    "protect": ["a"],
                    "min_admins": 1,
                }
            }
        )
        == []
    )
    life = life_of(provider)
    assert (life.provider, bool(life.facets and life.blocked), life.how in ("native", "emulated")) == (
        provider, True, True,
    )


def test_options_are_checked_where_requests_is_missing():
    # The names of packages that are to be missing are taken by None.
    code = (
        "import sys; sys.modules['requests'] = None\n"
        "from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.check import connection_problems\n"
        f"print(len(connection_problems({{name: {{'provider': name, 'x-y': 1}} for name in {PROVIDERS!r}}})))"
    )
    paths = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"{len(PROVIDERS)}\n", done.stderr


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            {"provider": "onelogin", "credentials": {"client_id": ""}},
            "credentials.client_id is empty. Set it, or remove it to use ONELOGIN_CLIENT_ID in the environment.",
        ),
        (
            {"provider": "nextauth", "api_key": " \n"},
            "api_key contains only whitespace. Set it, or remove it to use NEXTAUTH_API_KEY in the environment.",
        ),
        (
            {"provider": "onelogin", "api_url": ""},
            "api_url is empty. Set it, or remove it to use ONELOGIN_API_URL in the environment.",
        ),
        (
            {"provider": "contabo", "credentials": {"auth_url": ""}},
            "credentials.auth_url is empty. Set it, or remove it to use CONTABO_AUTH_URL in the environment.",
        ),
        (
            {"provider": "kestra", "tenant": "\t"},
            "tenant contains only whitespace. Set it, or remove it to use KESTRA_TENANT in the environment.",
        ),
        (
            {"provider": "scim", "expected_account": ""},
            "expected_account is empty. Set it, or remove it to use SCIM_EXPECTED_ACCOUNT in the environment.",
        ),
        ({"provider": "onelogin", "min_admins": ""}, "min_admins is empty. Set it, or remove it to use the default."),
        ({"provider": "sendauth", "protect": ["a", ""]}, "protect[1] is empty. Specify a value, or remove it."),
        (
            {"provider": "sendauth", "protect": ""},
            "protect is empty. Set it, or remove it to use SENDAUTH_PROTECT in the environment.",
        ),
    ],
)
def test_a_blank_text_never_stands_for_the_environment(entry, message):
    (problem,) = connection_problems({"here": entry})
    assert str(problem) == f"identity_connections.here.{message} Check for an unset variable."
    assert (problem.code, problem.option) == ("blank_value", str(problem).split(maxsplit=1)[0])


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_option_of_a_connection_may_be_blank(provider):
    options = declared(f"{provider}_users").connection_options
    entry = {"provider": provider, "credentials": dict.fromkeys(options, " "), **dict.fromkeys(options, "")}
    problems = connection_problems({"here": entry})
    assert {problem.code for problem in problems} == {"blank_value"}
    assert {problem.option.rpartition(".")[2] for problem in problems} == set(options)
    assert len(problems) == 2 * len(options)


def test_null_counts_as_not_specified_as_in_a_task():
    options = declared("onelogin_users").connection_options
    nothing = dict.fromkeys([*options, "protect", "min_admins"])
    for entry in ({"credentials": None, **nothing}, {"credentials": dict.fromkeys(options)}):
        assert connection_problems({"here": {"provider": "onelogin", **entry}}) == []
        assert not_inherited({"provider": "onelogin", **entry}) == []
    (problem,) = connection_problems({"here": {"provider": None}})
    assert str(problem) == "identity_connections.here.provider is missing."


@pytest.mark.parametrize("name", ["loss_limit", "create_limit", "reopen_limit", "rename_limit"])
def test_a_limit_is_checked_before_any_directory_is_read(name):
    for fine in ("5", "5%", 5, None):
        assert connection_problems({"here": {"provider": "onelogin", name: fine}}) == []
    (problem,) = connection_problems({"here": {"provider": "onelogin", name: "ten"}})
    place = f"identity_connections.here.{name}"
    advice = "specify a number of accounts such as 10, or a percentage such as 5%."
    assert (str(problem), problem.option) == (f"{place} is 'ten'; {advice}", place)


@pytest.mark.parametrize("name", ["", "  "])
def test_a_connection_has_a_name(name):
    (problem,) = connection_problems({name: {"provider": "onelogin"}})
    assert str(problem) == "identity_connections: a name is empty. Specify a name. Check for an unset variable."


OWN = {"provider": "contabo", "credentials": {"client_id": "theirs"}}


@pytest.mark.parametrize(
    ("connection", "hidden", "kept"),
    [
        ({"provider": "onelogin"}, set(), {"ONELOGIN_API_URL", "ONELOGIN_CLIENT_ID"}),
        (
            {"provider": "onelogin", "credentials": {"client_id": None, "client_secret": None}},
            set(),
            {"ONELOGIN_API_URL", "ONELOGIN_CLIENT_ID"},
        ),
        (
            {"provider": "contabo", "credentials": {"auth_url": "https://x"}},
            set(),
            {"CONTABO_API_URL", "CONTABO_CLIENT_ID"},
        ),
        (
            OWN,
            {"CONTABO_CLIENT_SECRET", "CONTABO_API_USER", "CONTABO_EXPECTED_ACCOUNT"},
            {"CONTABO_API_URL", "CONTABO_AUTH_URL", "CONTABO_CA_PATH"},
        ),
        (
            {"provider": "kestra", "api_token": "theirs"},
            {"KESTRA_API_USER", "KESTRA_API_PASSWORD"},
            {"KESTRA_API_URL", "KESTRA_TENANT"},
        ),
    ],
)
def test_a_connection_with_credentials_of_its_own_inherits_no_others(connection, hidden, kept):
    names = set(not_inherited(connection))
    assert hidden <= names
    assert not kept & names
    assert bool(names) is bool(hidden)
