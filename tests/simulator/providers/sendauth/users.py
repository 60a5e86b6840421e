# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users: list, get, create, update, delete, restore, destroy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ...web import JSON_TYPE, Answer, Call, Refused, whole_number
from .fields import LISTS, TEXTS, defaults, invalid, parse, rank, user_text, write
from .store import User

if TYPE_CHECKING:
    from . import SendAuth

SORTS = ("id", "role", "username", "firstName", "lastName", "email", "phone", "createdAt", "lastAuthenticated")


def number(args: dict[str, str], name: str, default: int) -> int:
    """A positive whole number of the query. Raises Refused 400."""
    value = whole_number(args[name], 1) if name in args else default
    if value is None:
        raise Refused(400, f"{name} must be a positive integer")
    return value


def page_of(provider: SendAuth, call: Call, count: int) -> slice:
    """The stretch of a list with ``count`` rows. Raises Refused 400."""
    options = provider.options
    page, size = number(call.args, "page", 1), number(call.args, "perPage", options.default_page_size)
    if size > options.max_page_size:
        if options.page_size_over == "refused":
            raise Refused(400, f"perPage must be at most {options.max_page_size}")
        size = options.max_page_size
    return slice((page - 1) * size, page * size)


def rows_answer(provider: SendAuth, texts: list[bytes], total: int) -> Answer:
    rows = b"[" + b",".join(texts) + b"]" if texts or provider.options.empty_lists != "null" else b"null"
    return Answer(200, b'{"rows":' + rows + b',"total":%d}' % total, [], JSON_TYPE)


def _listed(provider: SendAuth, call: Call, users: Iterable[User]) -> Answer:
    requested, label = call.args.get("q", "").strip().lower(), call.args.get("permission")
    matches = [user for user in users if requested in user.searched] if requested else list(users)
    if label is not None:
        groups = {group.id for group in provider.store.groups.values() if label in group.permissions}
        matches = [user for user in matches if label in user.labels or not groups.isdisjoint(user.groups)]
    key, direction = call.args.get("sortBy"), call.args.get("sortDir", "asc")
    if direction not in ("asc", "desc"):
        raise Refused(400, "sortDir must be asc or desc")
    if key is not None:
        if key not in SORTS:
            raise Refused(400, "sortBy is not a field of users")
        matches.sort(key=lambda user: _sort_key(user, key))
    if direction == "desc":
        matches.reverse()
    part = matches[page_of(provider, call, len(matches))]
    return rows_answer(provider, [user_text(provider, user) for user in part], len(matches))


def _sort_key(user: User, key: str) -> str:
    if key == "createdAt":
        return f"{user.created:020.6f}"
    return {"id": user.id, "username": user.name.lower()}.get(key) or user.fields.get(key, "").lower()


def list_users(provider: SendAuth, call: Call) -> Answer:
    users: Iterable[User] = provider.store.users.values()
    if provider.options.index_delay:
        latest = call.now - provider.options.index_delay
        users = [user for user in users if user.created <= latest]
    return _listed(provider, call, users)


def list_deleted_users(provider: SendAuth, call: Call) -> Answer:
    return _listed(provider, call, provider.store.deleted.values())


def _one(provider: SendAuth, user: User, status: int = 200) -> Answer:
    return Answer(status, user_text(provider, user), [], JSON_TYPE)


def get_user(provider: SendAuth, call: Call) -> Answer:
    return _one(provider, provider.user_of(call))


def _free(provider: SendAuth, mail: str, user: User | None) -> bool:
    """Return whether no other user has the address.

    A soft-deleted user keeps the address unless the option ``deleted_email`` is "free".
    """
    store, key = provider.store, mail.casefold()
    holder = store.mails.get(key)
    if holder is not None and (user is None or holder != user.id):
        return False
    return provider.options.deleted_email == "free" or key not in store.deleted_mails


def _may_write(provider: SendAuth, *roles: str | None) -> None:
    """Raise Refused 403 if one of the roles has a higher rank than the caller."""
    if any(rank(provider, role) > provider.caller.rank for role in roles):
        raise Refused(403, "insufficient permissions")


def create_user(provider: SendAuth, call: Call) -> Answer:
    values = {**defaults(provider), **parse(provider, call.json_object())}
    _may_write(provider, values["role"])
    store, mail = provider.store, values.get("email")
    if mail and not _free(provider, mail, None):
        raise Refused(422, "user already exists")
    user = User(store.new_id("user"), call.now)
    write(provider, user, values)
    store.add(user)
    store.audit(user, "user.created", provider.caller.name, call.now)
    if mail and rank(provider, values["role"]) > 0:
        store.send("set_password", user, call.now)
    return _one(provider, user, 201)


def update_user(provider: SendAuth, call: Call) -> Answer:
    user = provider.user_of(call)
    values = parse(provider, call.json_object())
    if provider.options.update == "replace":
        blank: dict[str, Any] = dict.fromkeys((*TEXTS, "messagingPreference", "company"))
        values = {**blank, **{name: [] for name in LISTS}, **defaults(provider), **values}
    _may_write(provider, user.fields.get("role"), values.get("role"))
    store, mail = provider.store, values.get("email")
    if mail and mail.casefold() != user.fields.get("email", "").casefold() and not _free(provider, mail, user):
        raise invalid("email", mail, "is taken by another user")
    if "email" in values:
        store.change(user, {"email": values.pop("email")})
    write(provider, user, values)
    store.audit(user, "user.updated", provider.caller.name, call.now)
    return _one(provider, user)


def delete_user(provider: SendAuth, call: Call) -> Answer:
    user, caller = provider.user_of(call), provider.caller
    provider.no_body(call)
    if caller.email and caller.email.casefold() == user.fields.get("email", "").casefold():
        raise Refused(403, "cannot delete own account")
    _may_write(provider, user.fields.get("role"))
    provider.store.soft_delete(user, call.now)
    provider.store.audit(user, "user.deleted", caller.name, call.now)
    return Answer(200)


def destroy_user(provider: SendAuth, call: Call) -> Answer:
    user = provider.user_of(call, deleted=True)
    provider.no_body(call)
    _may_write(provider, user.fields.get("role"))
    provider.store.destroy(user)
    provider.store.audit(user, "user.destroyed", provider.caller.name, call.now)
    return Answer(200)


def restore_user(provider: SendAuth, call: Call) -> Answer:
    user, store = provider.user_of(call, deleted=True), provider.store
    provider.no_body(call)
    _may_write(provider, user.fields.get("role"))
    if user.fields.get("email", "").casefold() in store.mails:
        raise Refused(422, "user already exists")
    dropped = provider.options.restore_drops
    if "passkeys" in dropped:
        user.passkeys = 0
    if "tags" in dropped:
        user.tags = {}
    if "permissions" in dropped:
        user.labels, user.groups = [], []
    store.restore(user)
    store.audit(user, "user.restored", provider.caller.name, call.now)
    return Answer(200)
