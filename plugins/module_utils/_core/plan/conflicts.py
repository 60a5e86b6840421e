# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds names that two users would share, in the input and in a plan. Pure."""

from __future__ import annotations

import typing as t
import unicodedata

from ..errors import Problem, first_words
from ..names import fold, is_address, lookalike, skeleton
from .model import Desired, Schema, Snapshot
from .steps import Plan, UserPlan


def duplicates(desired: t.Sequence[Desired]) -> list[str]:
    """Return a problem for each id, name or earlier name that two users of the input share.

    Two users with different ids may share a name: some directories allow this.
    """
    problems: list[str] = []
    ids: dict[str, Desired] = {}
    names: dict[str, Desired] = {}
    for user in desired:
        other = ids.setdefault(user.id, user) if user.id is not None else user
        shared = ""
        for name in _names(user):
            if other is not user:
                break
            other, shared = names.setdefault(name, user), name
            if other.id is not None and user.id is not None and other.id != user.id:
                other = user
        if other is not user:
            shared = shared or f"id {user.id}"
            problems.append(
                user.problem(
                    f"{other.place} is the same user ({shared}). Keep only one element for this user.", "duplicate_user"
                )
            )
    return problems


def _names(user: Desired) -> t.Collection[str]:
    """Return the folded names of a desired user, the current one first, each once."""
    if not user.previous:
        return (fold(user.key),) if user.key else ()
    return dict.fromkeys(map(fold, filter(None, (user.key, *user.previous))))


def collisions(schema: Schema, snapshot: Snapshot, plan: Plan) -> list[str]:
    """Return a problem for each name that a plan assigns to two users, or to one although another user has it.

    Names that merely look alike count as the same name, because many servers treat them so.
    """
    problems: list[str] = []
    takers: dict[str, UserPlan] = {}
    for user in plan.users:
        name = _new_name(schema, user)
        if name is None or user.desired is None:
            continue
        other = takers.setdefault(skeleton(name), user)
        if other is not user and other.desired is not None:
            same = fold(name) == fold(_new_name(schema, other) or "")
            code, relation = ("duplicate_user", "would also be") if same else ("lookalike_name", "looks the same as")
            text = f"{name!a} {relation} the name of {other.desired.place}. Keep one of them."
            problems.append(user.desired.problem(text, code, schema.key_option))
            continue
        own = user.account.id if user.account is not None else None
        holders = [account for account in (*snapshot.named(name), *snapshot.similar(name)) if account.id != own]
        if holders:
            text = (
                f"{name!a} cannot be used: the {schema.noun} {holders[0].key!a} (id {holders[0].id}) "
                f"already has this name. Rename or delete that {schema.noun} in an earlier task."
            )
            problems.append(user.desired.problem(text, "duplicate_user", schema.key_option))
            continue
        deleted = [account for account in snapshot.deleted.get(fold(name), ()) if account.id != own]
        if deleted:
            text = (
                f"{name!a} cannot be used: a deleted {schema.noun} (id {deleted[0].id}) still has this name. "
                "Use state: destroyed with that id first."
            )
            problems.append(user.desired.problem(text, "duplicate_user", schema.key_option))
    return problems


def malformed(schema: Schema, plan: Plan) -> list[str]:
    """Return a problem for each text that a plan writes to a field for e-mail addresses although it is none, or
    contains a look-alike character: a server that stores it in lower case would store another letter.

    An account that already has such a text can still be found, changed and deleted.
    """
    problems: list[str] = []
    names = [declared.name for declared in schema.fields if declared.address]
    for user in plan.users:
        for name, value in ((name, step.values.get(name)) for step in user.steps for name in names):
            if user.desired is None or not value:
                continue
            character = lookalike(str(value))
            if not is_address(str(value)):
                problems.append(not_an_address(schema, user.desired, name, str(value)))
            elif character is not None:
                usual = unicodedata.normalize("NFKC", character)
                option = schema.key_option if name == schema.key else name
                text = (
                    f"{option}: {first_words(str(value), 80)!a} contains U+{ord(character):04X} "
                    f"{unicodedata.name(character, '')}, which looks like {usual!r}. Write {usual!r} instead."
                )
                problems.append(user.desired.problem(text, "lookalike_name", option))
    return problems


def not_an_address(schema: Schema, desired: Desired, name: str, value: str) -> Problem:
    """Return the problem of a text in a field for e-mail addresses that is none."""
    option = schema.key_option if name == schema.key else name
    text = f"{option}: {first_words(value, 80)!a} is not an e-mail address. Correct it."
    return desired.problem(text, "invalid_value", option)


def _new_name(schema: Schema, user: UserPlan) -> str | None:
    """Return the name that a plan assigns to a user who does not have it yet."""
    for step in user.steps:
        if step.verb == "create" or schema.key in step.changes:
            name = step.values.get(schema.key)
            return str(name) if name else user.key or None
    return None
