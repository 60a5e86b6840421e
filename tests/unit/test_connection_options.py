# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection reports everything that its options lack at once, and sends nothing."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.connection import Kestra
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin.connection import OneLogin


def refused(kind, **params):
    """Return the errors of a connection that cannot be made."""
    with pytest.raises(InputError) as caught:
        kind(params, Masker())
    return caught.value


@pytest.mark.parametrize(
    "kind, variables",
    [
        (OneLogin, ["ONELOGIN_API_URL", "ONELOGIN_CLIENT_ID and ONELOGIN_CLIENT_SECRET"]),
        (Kestra, ["KESTRA_API_URL", "KESTRA_API_TOKEN"]),
    ],
)
def test_a_missing_address_and_missing_credentials_are_reported_together(kind, variables):
    error = refused(kind)
    assert [entry["code"] for entry in error.errors()] == ["missing_option", "missing_credentials"]
    assert all(variable in entry["message"] for variable, entry in zip(variables, error.errors(), strict=True))


def test_a_missing_address_alone_keeps_its_code():
    error = refused(OneLogin, access_token="a-token-of-a-test")
    assert (error.code, error.errors()[0]["option"]) == ("missing_option", "api_url")
    assert "ONELOGIN_API_URL" in error.hint


def test_all_numbers_out_of_range_are_reported_together():
    error = refused(OneLogin, api_url="https://acme.onelogin.com", api_timeout=0, max_concurrency=5000)
    assert [str(problem) for problem in error.problems] == [
        "api_timeout is 0; the minimum is 1.",
        "max_concurrency is 5000; the maximum is 1000.",
    ]
