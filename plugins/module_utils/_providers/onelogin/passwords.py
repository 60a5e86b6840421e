# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: how a password is set: in clear text, as a hash computed here, or as a hash from another system."""

from __future__ import annotations

import hashlib
import re
import secrets
import typing as t

from ..._core.errors import Problem
from ..._core.plan.model import Account, Value
from ..._core.wording import counted
from .connection import OneLogin

_SHA256 = re.compile(r"[0-9A-Fa-f]{64}")
_BCRYPT = re.compile(r"\$2[abxy]?\$\d\d\$[./0-9A-Za-z]{53}")
_SALT_MOST = 40


def salt_problem(salt: str | None, option: str, place: str = "") -> Problem | None:
    """Return what is wrong with the length of a salt."""
    if salt is None or 1 <= len(salt) <= _SALT_MOST:
        return None
    return Problem(
        f"{option} has {counted(len(salt), 'character')}. OneLogin accepts 1 to {_SALT_MOST}.",
        "invalid_value",
        place,
        option,
    )


def hash_problems(
    digest: str, salt: str | None, algorithm: str, place: str = "", salt_option: str = "password_salt"
) -> list[str]:
    """Return what is wrong with a hash and its salt."""
    problems: list[str] = []
    shape, text = (
        (_BCRYPT, "a bcrypt hash ($2b$…)")
        if algorithm == "bcrypt"
        else (_SHA256, "64 hexadecimal digits, the form of SHA-256")
    )
    if not shape.fullmatch(digest):
        problems.append(
            Problem(
                f"password_hash is not {text}. Correct it, or password_algorithm.", "invalid_value", place,
                "password_hash",
            )
        )
    if algorithm == "bcrypt" and salt is not None:
        problems.append(
            Problem(f"remove {salt_option}: a bcrypt hash contains its salt.", "invalid_value", place, salt_option)
        )
    elif algorithm != "bcrypt" and salt is None:
        problems.append(
            Problem(f"password_algorithm {algorithm} requires {salt_option}.", "missing_field", place, salt_option)
        )
    else:
        problem = salt_problem(salt, salt_option, place)
        problems += [problem] if problem else []
    return problems


def set_clear_text(connection: OneLogin, account: Account, password: str, validate_policy: bool = False) -> None:
    """Set a password in clear text, protected by TLS."""
    body: dict[str, Value] = {
        "password": password, "password_confirmation": password, "validate_policy": validate_policy,
    }
    connection.call("update_password_insecure", {"user_id": account.id}, json=body, subject=account.key)


def set_salted(connection: OneLogin, account: Account, password: str, salt: str | None = None) -> None:
    """Set a password by its hash, with a random salt unless one is specified."""
    salt = salt or secrets.token_hex(_SALT_MOST // 2)
    set_hash(connection, account, hashlib.sha256((salt + password).encode("utf-8")).hexdigest(), salt, "salt+sha256")


def set_hash(connection: OneLogin, account: Account, digest: str, salt: str | None, algorithm: str) -> None:
    """Set a hash and its salt. Version 1 of the API accepts only salt+sha256, version 2 the other algorithms."""
    digest = digest if algorithm == "bcrypt" else digest.lower()
    connection.masker.add(digest, salt)
    body: dict[str, t.Any] = {"password": digest, "password_confirmation": digest, "password_algorithm": algorithm}
    if algorithm == "salt+sha256":
        connection.call(
            "update_password_secure", {"user_id": account.id}, json={**body, "password_salt": salt}, subject=account.key
        )
        return
    if salt is not None:
        body["salt"] = salt
    connection.call("set_password_hash", {"user_id": account.id}, {"validate_policy": False}, body, account.key)
