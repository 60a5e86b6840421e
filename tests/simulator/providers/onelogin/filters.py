# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which users a list holds: filters and sort of the query."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ...web import Call, Refused
from .fields import FIELDS, V1_INPUT
from .store import User, fold

if TYPE_CHECKING:
    from . import OneLogin

PAGING = frozenset(("limit", "fields"))
V1_QUERY = PAGING | {
    "after_cursor", "before_cursor", "sort", "id", "role_id", "email", "username", "firstname", "lastname",
    "samaccountname", "directory_id", "external_id", "manager_ad_id", "userprincipalname", "since", "until",
}
BARE_QUERY = PAGING | {
    "page", "cursor", "created_since", "created_until", "updated_since", "updated_until", "last_login_since",
    "last_login_until", "firstname", "lastname", "email", "username", "samaccountname", "directory_id", "external_id",
    "user_ids", "custom_attributes.*", "id", "role_id", "manager_ad_id", "userprincipalname", "since", "until",
}
V2_QUERY = (BARE_QUERY - {"id", "role_id", "manager_ad_id", "userprincipalname", "since", "until"}) | {"app_id", "sort"}

_TEXTS = (
    "email", "username", "firstname", "lastname", "samaccountname", "external_id", "manager_ad_id", "userprincipalname",
)
_TIMES = {
    "since": ("created_at", True), "until": ("created_at", False),
    "created_since": ("created_at", True), "created_until": ("created_at", False),
    "updated_since": ("updated_at", True), "updated_until": ("updated_at", False),
    "last_login_since": ("last_login", True), "last_login_until": ("last_login", False),
}
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.(\d{1,3})\d*)?Z?)?")

Test = Callable[[User], bool]


def text_test(pattern: str) -> Callable[[str], bool]:
    """``*`` stands for any text, a leading ``!`` turns the test round; letter case does not count."""
    negated = pattern.startswith("!")
    body = fold(pattern[1:] if negated else pattern)
    if "*" in body:
        requested = re.compile(".*".join(map(re.escape, body.split("*"))), re.DOTALL)
        return lambda value: (requested.fullmatch(fold(value)) is not None) is not negated
    return lambda value: (fold(value) == body) is not negated


def is_plain(pattern: str) -> bool:
    return bool(pattern) and "*" not in pattern and not pattern.startswith("!")


def names_of(text: str) -> list[str]:
    """The names of a list with commas; blanks around them do no harm."""
    return [name.strip() for name in text.split(",") if name.strip()]


def integer(args: dict[str, str], name: str) -> int | None:
    """An integer of the query. Raises Refused 400."""
    text = args.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"-?\d{1,18}", text, re.ASCII):
        raise Refused(400, "must be an integer", attribute=name)
    return int(text)


def _moment(name: str, text: str) -> str:
    match = _TIME.fullmatch(text)
    if match is None:
        raise Refused(400, "must be a date or a time such as 2026-01-31T12:00:00.000Z", attribute=name)
    day, clock, millis = match.groups()
    return f"{day}T{clock or '00:00:00'}.{(millis or '0').ljust(3, '0')}Z"


def _time_test(name: str, text: str) -> Test:
    field, since = _TIMES[name]
    limit = _moment(name, text)
    if since:
        return lambda user: user.fields.get(field, "") >= limit
    return lambda user: field in user.fields and user.fields[field] <= limit


def _field_test(name: str, pattern: str) -> Test:
    test = text_test(pattern)
    return lambda user: test(user.fields.get(name, ""))


def _custom_test(name: str, pattern: str) -> Test:
    test = text_test(pattern)
    return lambda user: test(user.custom.get(name, ""))


def matching_ids(provider: OneLogin, call: Call) -> tuple[Sequence[int], bool]:
    """Ids of the users that the query asks for, and whether they ascend. Raises Refused 400.

    Without a filter this is the store's own list: nothing is copied. An exact e-mail or user name, ids and roles come
    from indexes; what is left is tested user by user.
    """
    store, args = provider.store, call.args
    candidates: set[int] | None = None
    tests: list[Test] = []

    def narrow(ids: set[int]) -> None:
        nonlocal candidates
        candidates = set(ids) if candidates is None else candidates & ids

    for name, value in args.items():
        if name in ("email", "username") and is_plain(value):
            narrow(store.holders(name, value))
        elif name in _TEXTS:
            tests.append(_field_test(name, value))
        elif name in _TIMES:
            tests.append(_time_test(name, value))
        elif name.startswith("custom_attributes."):
            shortname = name.partition(".")[2]
            if shortname not in store.attributes:
                raise Refused(400, f"Custom attribute {shortname} does not exist", attribute=name)
            tests.append(_custom_test(shortname, value))
        elif name == "user_ids":
            texts = value.split(",")
            if not all(text.isascii() and text.isdigit() for text in texts):
                raise Refused(400, "must be integers with commas between them", attribute=name)
            narrow({int(text) for text in texts} & store.users.keys())
    wanted_id, role_id = integer(args, "id"), integer(args, "role_id")
    directory_id, app_id = integer(args, "directory_id"), integer(args, "app_id")
    if wanted_id is not None:
        narrow({wanted_id} & store.users.keys())
    if role_id is not None:
        narrow(store.roles[role_id].users if role_id in store.roles else set())
    if app_id is not None:
        narrow({user_id for role in store.roles.values() if app_id in role.apps for user_id in role.users})
    if directory_id is not None:
        tests.append(lambda user: user.fields.get("directory_id") == directory_id)
    ids: Sequence[int] = store.order if candidates is None else sorted(candidates)
    if tests:
        ids = [user_id for user_id in ids if all(test(store.users[user_id]) for test in tests)]
    return _sorted(provider, call, ids)


def _sorted(provider: OneLogin, call: Call, ids: Sequence[int]) -> tuple[Sequence[int], bool]:
    """``sort=+name`` or ``-name``. A bare plus arrives as a space, for that is what it means in a query."""
    text = call.args.get("sort")
    if text is None:
        return ids, True
    down, name = text.startswith("-"), text.lstrip("+- ")
    name = V1_INPUT.get(name, name)
    if name not in FIELDS:
        raise Refused(400, "is not an attribute of users", attribute="sort")
    if name == "id":
        return (ids[::-1], False) if down else (ids, True)
    users = provider.store.users
    kind = FIELDS[name].kind
    return sorted(ids, key=lambda user_id: (users[user_id].fields.get(name, kind()), user_id), reverse=down), False
