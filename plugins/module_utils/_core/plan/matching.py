# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the account of a desired user among the accounts that were read. It never guesses."""

from __future__ import annotations

import typing as t

from ..errors import Problem
from ..wording import agreed
from .model import Account, Desired, Schema, Snapshot


class Ambiguous(Exception):
    """A desired user could be more than one account, or none where one is required. ``problem`` says what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def find(schema: Schema, desired: Desired, snapshot: Snapshot) -> tuple[Account | None, list[str]]:
    """Return the account that a desired user means, and warnings. Raises Ambiguous.

    An account with exactly this name takes precedence over accounts whose names differ only in case. An account whose
    name merely looks alike never matches.
    """
    if desired.id is not None:
        return _find_by_id(schema, desired, desired.id, snapshot), []
    named = snapshot.named(desired.key)
    if len(named) == 1 and not desired.previous:
        return named[0], []
    if len(named) > 1:
        named = _spelled(named, desired.key)
    if len(named) > 1:
        ids = ", ".join(account.id for account in named)
        text = f"the name matches {len(named)} {schema.noun}s (ids {ids}). Specify {schema.the_id}."
        raise Ambiguous(desired.problem(text, "ambiguous_user", schema.key_option))
    matches = [account for key in desired.previous for account in _spelled(snapshot.named(key), key)]
    earlier = list({account.id: account for account in matches}.values())
    if named:
        return named[0], _warnings(schema, desired, named[0], earlier)
    if len(earlier) > 1:
        text = f"{len(earlier)} of the previous names exist ({_ids(earlier)}). Specify the id."
        raise Ambiguous(desired.problem(text, "ambiguous_user", "previous_users"))
    if earlier:
        _refuse_lookalikes(schema, desired, desired.key, snapshot, earlier[0])
        return earlier[0], []
    for key in (desired.key, *desired.previous):
        _refuse_lookalikes(schema, desired, key, snapshot)
    return None, []


def _warnings(schema: Schema, desired: Desired, account: Account, earlier: t.Sequence[Account]) -> list[str]:
    """Return a warning if accounts with previous names exist besides the account of a user.

    Raises Ambiguous for a deletion: the next run would find only the previous name, and delete that account, too.
    """
    others = sorted((other for other in earlier if other.id != account.id), key=lambda other: other.key)
    if not others:
        return []
    if desired.state != "present":
        text = (
            f"both the name and a previous one exist ({_ids([account, *others])}). "
            f"Specify the id of the intended {schema.noun}, or remove previous_users."
        )
        raise Ambiguous(desired.problem(text, "ambiguous_user", "previous_users"))
    names = "a previous name" if len(others) == 1 else "previous names"
    keys = ", ".join(other.key for other in others)
    text = f"{keys} also {agreed(len(others), 'exists')}, under {names} of {desired.name}. "
    return [f"{text}The task changes only {desired.name}."]


def _ids(accounts: t.Iterable[Account]) -> str:
    return ", ".join(f"{account.key} has id {account.id}" for account in accounts)


def _find_by_id(schema: Schema, desired: Desired, identity: str, snapshot: Snapshot) -> Account | None:
    account = snapshot.by_id.get(identity)
    if account is None:
        if desired.state == "present" and identity not in snapshot.deleted_by_id:
            verb = "find or create" if desired.may_create else "find"
            instead = "omit it" if desired.key else f"specify {schema.key_option} instead"
            text = (
                f"no {schema.noun} has the id {identity}. Check the id, or {instead} to {verb} the "
                f"{schema.noun} by name."
            )
            raise Ambiguous(desired.problem(text, "user_not_found", schema.id_option))
        return None
    others = snapshot.named(desired.key)
    if others and account not in others:
        text = (
            f"id {identity} belongs to another {schema.noun}; {desired.key} has id {others[0].id}. "
            "Correct one of them."
        )
        raise Ambiguous(desired.problem(text, "id_mismatch", schema.id_option))
    if not others:
        _refuse_lookalikes(schema, desired, desired.key, snapshot, account)
    return account


def _refuse_lookalikes(
    schema: Schema, desired: Desired, key: str, snapshot: Snapshot, account: Account | None = None
) -> None:
    """Raise Ambiguous if accounts other than ``account`` have names that look like ``key`` but differ from it."""
    others = [other for other in snapshot.similar(key) if other is not account]
    if not others:
        return
    other = others[0]
    option = schema.key_option if key == desired.key else "previous_users"
    text = (
        f"{key!a} looks like {other.key!a} (id {other.id}) but is a different name: some characters "
        f"differ. Copy the name from the existing {schema.noun}, or rename one of the two."
    )
    raise Ambiguous(desired.problem(text, "lookalike_name", option))


def _spelled(accounts: list[Account], key: str) -> list[Account]:
    """Return the accounts with exactly this key, or all accounts if there are none."""
    return [account for account in accounts if account.key == key] or accounts
