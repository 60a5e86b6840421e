# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: desired values of one user that contradict each other, or that require a special form."""

from __future__ import annotations

from ..._core.plan.model import PASSWORD, Desired
from .passwords import hash_problems
from .shapes import BLOCKING


def contradictions(desired: Desired) -> list[str]:
    """Return the contradictions in the desired login."""
    fields = desired.fields
    enabled, state, status = fields.get("enabled"), fields.get("user_state"), fields.get("status")
    problems: list[str] = []
    if enabled is True and state not in (None, "approved"):
        text = f"enabled is true and user_state is {state}; only an approved user can log in. Remove one of them."
        problems.append(desired.problem(text, "contradiction", "user_state"))
    if enabled is True and status in BLOCKING:
        text = f"enabled is true and status is {status}, which blocks the login. Remove one of them."
        problems.append(desired.problem(text, "contradiction", "status"))
    if enabled is False and status is not None and status not in BLOCKING and state in (None, "approved"):
        text = (
            f"enabled is false and status is {status}, but only suspended and unactivated users count as disabled. "
            "Remove one of them, or use status: suspended."
        )
        problems.append(desired.problem(text, "contradiction", "status"))
    return problems


def take_hash(desired: Desired) -> list[str]:
    """Use a hash as the desired password. Return what is wrong with it."""
    options = desired.options
    digest, salt = options.get("password_hash"), options.get("password_salt")
    if digest is None:
        text = "password_salt requires password_hash; the salt of a plain password is random. Remove password_salt."
        return [desired.problem(text, "missing_field", "password_hash")] if salt is not None else []
    if desired.fields.get(PASSWORD, digest) != digest:
        return [desired.problem("specify either password or password_hash.", "contradiction", "password_hash")]
    desired.fields[PASSWORD] = digest
    return hash_problems(digest, salt, options.get("password_algorithm") or "", desired.place)
