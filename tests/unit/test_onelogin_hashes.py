# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: hashes of passwords of other systems."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import tasks
from ansible_collections.rollcall.identity.tests.unit.onelogin import (
    ADA,
    CREATE,
    NEW,
    SALTED,
    STATUS,
    SUCCESS,
    USER,
    USERS,
    asked,
    envelope,
    run,
)

SHA, BCRYPT = "Ab" * 32, "$2b$12$" + "a" * 53
HASHED = "PUT /api/2/users/7?validate_policy=false"


@pytest.mark.parametrize(
    ("params", "target", "sent"),
    [
        (
            {"password_hash": SHA, "password_salt": "pepper"},
            SALTED,
            {"password_algorithm": "salt+sha256", "password_salt": "pepper"},
        ),
        (
            {"password_hash": SHA, "password_salt": "p", "password_algorithm": "sha256+salt"},
            HASHED,
            {"password_algorithm": "sha256+salt", "salt": "p"},
        ),
        ({"password_hash": BCRYPT, "password_algorithm": "bcrypt"}, HASHED, {"password_algorithm": "bcrypt"}),
    ],
)
@pytest.mark.parametrize("module", ["user", "password"])
def test_a_hash_of_another_system(onelogin, params, target, sent, module):
    connection = onelogin(
        {USERS: envelope(), CREATE: envelope(ADA), USER: envelope(ADA), SALTED: {"status": SUCCESS}, STATUS: ADA}
    )
    if module == "user":
        run(tasks.USER, connection, **NEW, **params)
    else:
        run(tasks.USER_PASSWORD, connection, id="7", **params)
    digest = params["password_hash"] if "algorithm" in str(params) and "bcrypt" in str(params) else SHA.lower()
    assert asked(connection)[-1] == (target, {"password": digest, "password_confirmation": digest, **sent})
    assert digest not in connection.masker.text(f"sent {digest}")


WRONG = [
    ({"password_hash": SHA}, "missing_field"),
    ({"password_hash": SHA[1:], "password_salt": "p"}, "invalid_value"),
    ({"password_hash": "secret", "password_salt": "p"}, "invalid_value"),
    ({"password_hash": SHA, "password_salt": "p" * 41}, "invalid_value"),
    ({"password_hash": SHA, "password_salt": "p", "password_algorithm": "bcrypt"}, "invalid_input"),
    ({"password_hash": BCRYPT, "password_salt": "p", "password_algorithm": "bcrypt"}, "invalid_value"),
    ({"password_hash": SHA, "password_salt": "p", "password": "pw"}, "contradiction"),
]


@pytest.mark.parametrize(("params", "code"), WRONG)
def test_a_hash_that_cannot_be_set(onelogin, params, code):
    connection = onelogin({})
    with pytest.raises(InputError) as caught:
        run(tasks.USER, connection, **NEW, **params)
    assert caught.value.code == code
    assert SHA not in caught.value.sentence()
    if code != "contradiction":
        with pytest.raises(InputError):
            run(tasks.USER_PASSWORD, connection, id="7", **params)
    assert asked(connection) == []


@pytest.mark.parametrize(
    "params",
    [
        {}, {"password": ""}, {"password": "pw", "password_hash": SHA, "salt": "p"},
        {"password": "pw", "salt": "p", "password_salt": "p"},
        {"password": "pw", "validate_policy": True}, {"password": "pw", "method": "clear_text", "salt": "p"},
        {"password": "pw", "salt": "p" * 41},
        {"password_hash": SHA, "salt": "p", "method": "clear_text", "validate_policy": True},
    ],
)  # fmt: skip
def test_parameters_of_a_password_that_do_not_belong_together(onelogin, params):
    connection = onelogin({})
    with pytest.raises(InputError):
        run(tasks.USER_PASSWORD, connection, id="7", **params)
    assert asked(connection) == []


def test_a_salt_without_a_hash(onelogin):
    with pytest.raises(InputError, match="password_salt requires password_hash"):
        run(tasks.USER, onelogin({}), **NEW, password="pw", password_salt="p")
