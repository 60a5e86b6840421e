# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pairs each desired user with an account, and reports missing accounts and impossible changes."""

from __future__ import annotations

import typing as t

from ..errors import Problem
from ..names import fold, is_address
from ..plan.conflicts import not_an_address
from ..plan.matching import Ambiguous, find
from ..plan.model import Account, Desired, Schema, Snapshot
from ..wording import agreed
from .directory import Directory
from .reading import is_known
from .report import Context

Pair = tuple[Desired, "Account | None", "list[str]"]
"""A desired user, the account or None, and warnings."""


def pair(
    context: Context, directory: Directory, desired: t.Sequence[Desired], snapshot: Snapshot
) -> tuple[list[Pair], list[str]]:
    """Return the pairs and all problems. An ambiguous user has a problem and no pair."""
    schema = directory.schema
    pairs: list[Pair] = []
    problems: list[str] = []
    claims: dict[str, Desired] = {}
    for user in desired:
        try:
            account, warnings = find(schema, user, snapshot)
            account = _or_deleted(schema, snapshot, user, account)
        except Ambiguous as error:
            problems.append(error.problem)
            continue
        if account is None:
            missing = _missing(directory, user)
            if missing and context.check and not user.may_create and user.id is None:
                warn_missing(context, schema, user.key)
                account = Account("", user.key, {schema.key: user.key}, {facet.name: {} for facet in schema.facets})
            else:
                problems += missing
        elif claims.setdefault(account.id, user) is not user:
            other = claims[account.id].place
            problems.append(
                user.problem(
                    f"this is the same {schema.noun} as {other} (id {account.id}). Keep one of them.", "duplicate_user"
                )
            )
        else:
            problems += _impossible(schema, user, account)
        pairs.append((user, account, warnings))
    return pairs, problems


def _impossible(schema: Schema, user: Desired, account: Account) -> list[Problem]:
    """Return a problem if the desired state is impossible: a deleted account without ``restore``, or another name if
    the provider cannot rename."""
    if user.state != "present":
        return []
    if account.deleted and not user.options.get("restore"):
        return [
            user.problem(
                f"the {schema.noun} was deleted and is kept by {schema.title} (id {account.id}). "
                + (
                    "Set restore: true to restore the account, or use state: destroyed first to start over."
                    if "restore" in user.options
                    else f"Restore the account with {schema.provider}_user and restore: true first."
                ),
                "user_deleted",
                "restore" if "restore" in user.options else schema.key_option,
            )
        ]
    if not schema.can_rename and fold(user.key or str(user.fields.get(schema.key) or account.key)) != fold(account.key):
        return [
            user.problem(
                f"{schema.title} cannot rename {account.key}. "
                f"Create the new {schema.noun}, then delete the old one.",
                "cannot_rename",
                schema.key_option,
            )
        ]
    return []


def add_deleted(directory: Directory, desired: t.Sequence[Desired], snapshot: Snapshot) -> None:
    """Add soft-deleted accounts to the snapshot: of users that were not found, of users to be destroyed, and with
    names that the input newly assigns."""
    if not directory.schema.soft_deletes or snapshot.knows_deleted:
        return
    missing = [
        user
        for user in desired
        if user.state == "destroyed" or (user.state != "absent" and not is_known(snapshot, user))
    ]
    renamed = [
        user
        for user in desired
        if user.state == "present" and user.id in snapshot.by_id and not snapshot.named(user.key)
    ]
    keys = [fold(user.key) for user in (*(user for user in missing if user.id is None), *renamed) if user.key]
    ids = [user.id for user in missing if user.id is not None and user.id not in snapshot.by_id]
    for account in directory.deleted(keys, ids) if keys or ids else ():
        snapshot.add(account)


def _or_deleted(schema: Schema, snapshot: Snapshot, user: Desired, account: Account | None) -> Account | None:
    """Return the account that was found, or else the soft-deleted account of the user.

    Raises Ambiguous if several accounts match.
    """
    if user.state == "absent" or (user.state == "present" and account is not None):
        return account
    if user.id is not None:
        return account or snapshot.deleted_by_id.get(user.id)
    deleted = snapshot.deleted.get(fold(user.key), [])
    # An account that was deleted between the two readings is in both lists.
    kept = account is not None and all(match.id != account.id for match in deleted)
    matches = [*([account] if account is not None and kept else []), *deleted]
    if len(matches) > 1:
        ids = ", ".join(match.id for match in matches)
        raise Ambiguous(
            user.problem(
                f"the name matches {len(matches)} {schema.noun}s, including deleted ones (ids {ids}). "
                f"Specify {schema.the_id}.",
                "ambiguous_user",
                schema.key_option,
            )
        )
    return matches[0] if matches else None


def _missing(directory: Directory, user: Desired) -> list[Problem]:
    """Return a problem if the user does not exist and cannot be created."""
    schema = directory.schema
    if user.state != "present":
        return []
    if not user.may_create:
        text = (
            f"there is no such {schema.noun} in this directory. Correct the name, or first create the {schema.noun}. "
            f"{directory.missing_advice}"
        )
        return [user.problem(text.strip(), "user_not_found", schema.key_option)]
    if schema.field(schema.key).address and not is_address(user.key):
        return [not_an_address(schema, user, schema.key, user.key)]
    absent = [
        declared.name
        for declared in schema.fields
        if declared.required and declared.default is None and user.fields.get(declared.name) in (None, "")
    ]
    if absent:
        text = (
            f"the {schema.noun} does not exist, and creating it requires {', '.join(absent)}: "
            f"specify {agreed(len(absent), 'it')}, or correct the name if the {schema.noun} should exist."
        )
        return [user.problem(text, "missing_field", absent[0])]
    return []


def warn_missing(context: Context, schema: Schema, name: str) -> None:
    """Warn in check mode that a user does not exist yet. In a real run, an earlier task of the play may create the
    user."""
    context.warn(
        f"{name} does not exist yet. This is check mode, so it is assumed that an earlier task creates the "
        f"{schema.noun}; "
        "the real run fails if it does not.",
        "missing_in_check_mode",
        name,
    )
