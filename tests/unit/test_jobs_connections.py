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


OWN = {"provider": "contabo", "credentials": {"client_id": "theirs"}}


@pytest.mark.parametrize(
    ("connection", "hidden", "kept"),
    [
        ({"provider": "onelogin"}, set(), {"ONELOGIN_API_URL", "ONELOGIN_CLIENT_ID"}),
        (
            {"provider": "onelogin", "credentials": {"client_id": "", "client_secret": None}},
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
