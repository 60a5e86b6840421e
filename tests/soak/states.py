# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What directories hold, in a form in which the states of two runs can be compared, and what a disturbed run may do to
it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

PARTS: Mapping[str, tuple[str, ...]] = {
    "onelogin": ("users",),
    "kestra": ("users", "service_accounts", "bindings", "tokens"),
    "nextauth": ("users", "apikeys", "permissions", "sessions"),
    "contabo": ("users", "sent", "client"),
    "sendauth": ("users", "deleted_users", "transactions", "sent"),
}
"""Provider -> the parts of its state by which it is judged."""
_DROPPED = frozenset({
    "salt", "prefix", "sha256_prefix", "apikey_sha256", "secret_sha256", "owner", "updated_at", "iat", "exp",
    "lastUsed", "at", "issued_at", "nonce_sha256", "invalid_login_attempts",
})
"""Secrets that are made, and times. The owner of a token is in owner_name."""
_TIMES = frozenset({
    "activated_at", "created_at", "last_login", "createdAt", "updatedAt", "deletedAt", "lastAuthenticated",
    "locked_until", "password_changed_at", "created", "lastlogin", "lastprovoke", "expires_at", "expires", "expiresAt",
})
"""Of these, only whether there is one."""
_COUNTERS = frozenset({"logouts", "rotations"})
"""Of these, only whether they are 0: a task that acts in each run acts once more in the rerun."""
_IDS = frozenset({"id", "userId", "role", "userid"})
_EVENTS = frozenset({"sent", "transactions"})
"""Parts in which several alike count as one: what a rerun asks of a user again."""
_NAMES = ("id", "userId", "userid", "username", "email", "name")


def ids_of(state: Any) -> set[str]:
    """Return all identities in a state."""
    return {str(value) for value in _ids(state)}


def _ids(state: Any) -> Iterator[Any]:
    if isinstance(state, dict):
        for name, value in state.items():
            if name == "permissions" and isinstance(value, dict):
                yield from value
            if isinstance(value, str | int) and name in _IDS:
                yield value
            else:
                yield from _ids(value)
    elif isinstance(state, list):
        for item in state:
            yield from _ids(item)


def view(provider: str, state: Mapping[str, Any], known: set[str], more: Sequence[str] = ()) -> dict[str, Any]:
    """Return the parts of a state without what differs from run to run.

    An identity that is not among the known ones is ``new``.
    """
    result = {}
    for part in (*PARTS[provider], *more):
        value = _plain(state[part], known)
        if part in _EVENTS:
            value = [item for number, item in enumerate(value) if item not in value[:number]]
        if provider == "nextauth" and part == "permissions":
            value = _sorted(
                [
                    {"role": role if role in known else "new", "permissions": _plain(granted, known)}
                    for role, granted in state[part].items()
                ]
            )
        result[part] = value
    return result


def _sorted(items: list[Any]) -> list[Any]:
    return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))


def _plain(value: Any, known: set[str], name: str = "") -> Any:
    if isinstance(value, dict):
        dropped = _DROPPED
        if "superAdmin" in value:
            dropped |= {"bindings"}  # their ids: the bindings are a part of the state
        if "salt" in value:
            dropped |= {"hash"}  # of another salt each time
        if "customerId" in value:
            dropped -= {"owner"}  # a flag
        return {key: _plain(item, known, key) for key, item in value.items() if key not in dropped}
    if isinstance(value, list):
        return _sorted([_plain(item, known) for item in value])
    if name in _TIMES or name in _COUNTERS:
        return bool(value)
    if name in ("id", "userId", "user", "subject") or (name == "role" and str(value).startswith("+/")):
        return value if str(value) in known else "new"
    return value


def between(before: Any, wanted: Any, after: Any, place: str = "") -> str:
    """Return what a run that was cut short has done beyond the way from one state to the other, or an empty text.

    What the task does not change stays, what is there before and afterwards is never missing, and nothing is there that
    neither has. Of what the task makes or deletes, any part may be there.
    """
    if after in (before, wanted):
        return ""
    if before is None or wanted is None:
        return ""
    if isinstance(before, dict) and isinstance(wanted, dict) and isinstance(after, dict):
        keys = sorted({*before, *wanted, *after})
        return next(
            (
                text
                for key in keys
                if (text := between(before.get(key), wanted.get(key), after.get(key), f"{place}.{key}"))
            ),
            "",
        )
    if isinstance(before, list) and isinstance(wanted, list) and isinstance(after, list):
        first, last, half = _named(before), _named(wanted), _named(after)
        if first is not None and last is not None and half is not None:
            return between(first, last, half, place)
        return _entries(before, wanted, after, place)
    return f"{place} is {json.dumps(after)[:150]}, before {json.dumps(before)[:150]}, to be {json.dumps(wanted)[:150]}"


def _named(items: list[Any]) -> dict[str, Any] | None:
    """Return entries by their names, or None if they have none or not each its own."""
    if not all(isinstance(item, dict) for item in items):
        return None
    names = [next((str(item[name]) for name in _NAMES if item.get(name) not in (None, "new")), "") for item in items]
    if "" in names or len(set(names)) < len(names):
        return None
    return dict(zip(names, items, strict=True))


def _entries(before: list[Any], wanted: list[Any], after: list[Any], place: str) -> str:
    for item in (*before, *wanted, *after):
        numbers = [items.count(item) for items in (before, wanted, after)]
        if not min(numbers[:2]) <= numbers[2] <= max(numbers[:2]):
            return f"{place} has {json.dumps(item)[:200]} {numbers[2]} times, before {numbers[0]}, to be {numbers[1]}"
    return ""


def difference(first: Any, second: Any, place: str = "") -> str:
    """Return where two states differ first, in short."""
    if isinstance(first, dict) and isinstance(second, dict):
        for key in sorted({*first, *second}):
            if first.get(key) != second.get(key):
                return difference(first.get(key), second.get(key), f"{place}.{key}")
    if isinstance(first, list) and isinstance(second, list):
        less = [item for item in first if item not in second]
        more = [item for item in second if item not in first]
        if len(less) == len(more) == 1:
            return difference(less[0], more[0], f"{place}[]")
        return (
            f"{place}: without {json.dumps(less)[:200]}, with {json.dumps(more)[:200]}, "
            f"{len(first)} and {len(second)} entries"
        )
    return f"{place}: {json.dumps(first)[:150]} and {json.dumps(second)[:150]}"


def plain(value: Any) -> Any:
    """Return a part of a result with its lists in a fixed order."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in _IDS}
    return _sorted([plain(item) for item in value]) if isinstance(value, list) else value
