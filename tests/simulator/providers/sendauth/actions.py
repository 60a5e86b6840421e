# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags, passkeys, transactions and audits of users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...web import Answer, Call, Refused, dumps, json_answer
from .fields import invalid
from .store import Transaction, User
from .users import page_of, rows_answer

if TYPE_CHECKING:
    from . import SendAuth


def set_user_tags(provider: SendAuth, call: Call) -> Answer:
    """``{"tags": {name: value}}``; the answer is empty, and no call shows the tags of a user."""
    user, options = provider.user_of(call), provider.options
    body = call.json_object(optional=True)
    unknown = [name for name in body if name != "tags"]
    if unknown:
        raise invalid(unknown[0], body[unknown[0]], "unknown field")
    tags = body.get("tags", {})
    if not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        raise invalid("tags", tags, "must be a map of tag names to values")
    if options.unknown_tag != "stored":
        kept: dict[str, str] = {}
        for name, value in tags.items():
            tag = provider.store.tags.get(name)
            if tag is not None and tag.enabled and value in tag.values:
                kept[name] = value
            elif options.unknown_tag == "rejected":
                raise invalid(f"tags.{name}", value, "unknown or disabled tag, or not one of its values")
        tags = kept
    user.tags = {**user.tags, **tags} if options.tags_update == "merge" else dict(tags)
    provider.store.audit(user, "user.tags.set", provider.caller.name, call.now)
    return Answer(200)


def remove_user_passkey(provider: SendAuth, call: Call) -> Answer:
    """Removes all passkeys."""
    user = provider.user_of(call)
    provider.no_body(call)
    if not user.passkeys and provider.options.no_passkey_status == 404:
        raise Refused(404, "not found")
    if user.passkeys:
        user.passkeys = 0
        user.touch()
        provider.store.audit(user, "user.passkeys.removed", provider.caller.name, call.now)
    return Answer(200)


def start_transaction(
    provider: SendAuth, user: User, kind: str, requestor: str, now: float, message: str = "", context: str = ""
) -> Transaction:
    options, store = provider.options, provider.store
    expires = now + options.transaction_lifetime
    item = Transaction(
        store.new_id("transaction"), kind, user.id, user.name, requestor, now, expires, message, context
    )
    if options.transaction_outcome != "pending":
        item.due = (now + options.transaction_delay, options.transaction_outcome)
    store.transactions[item.id] = item
    store.send(kind, user, now)
    store.audit(user, f"user.{kind}", requestor, now, transaction=item.id)
    return item


def register_user(provider: SendAuth, call: Call) -> Answer:
    user = provider.user_of(call)
    provider.no_body(call)
    if user.passkeys:
        raise Refused(406, "user already has passkeys")
    item = start_transaction(provider, user, "register", provider.caller.name, call.now)
    return json_answer(201, {"tx": item.id})


def authenticate_user(provider: SendAuth, call: Call) -> Answer:
    user = provider.user_of(call)
    body = call.json_object(optional=True)
    for name, value in body.items():
        longest = {"message": 1024, "connectwise": 64}.get(name)
        if longest is None:
            raise invalid(name, value, "unknown field")
        if not isinstance(value, str) or len(value) > longest:
            raise invalid(name, value, f"must be a text with at most {longest} characters")
    if not user.passkeys:
        raise Refused(406, "user has no passkeys")
    requestor, message, context = provider.caller.name, body.get("message", ""), body.get("connectwise", "")
    item = start_transaction(provider, user, "authenticate", requestor, call.now, message, context)
    return json_answer(201, {"tx": item.id})


def _transaction_of(provider: SendAuth, call: Call) -> Transaction:
    item = provider.store.transactions.get(call.params["txID"].lower())
    if item is None:
        raise Refused(404, "transaction not found")
    return item


def check_transaction_status(provider: SendAuth, call: Call) -> Answer:
    return json_answer(200, {"state": _transaction_of(provider, call).state})


def get_transaction_history(provider: SendAuth, call: Call) -> Answer:
    return json_answer(200, _transaction_of(provider, call).as_json())


def cancel_transaction(provider: SendAuth, call: Call) -> Answer:
    item, caller = _transaction_of(provider, call), provider.caller
    provider.no_body(call)
    if item.requestor != caller.name and caller.rank < 2:
        raise Refused(403, "insufficient permissions")
    if item.state != "pending":
        raise Refused(400, "cannot cancel transaction in current state")
    provider.store.complete(item, "cancelled", call.now)
    return Answer(200)


def _rows(provider: SendAuth, call: Call, rows: list[dict[str, Any]], searched: tuple[str, ...]) -> Answer:
    """Newest first; ``q`` is looked for in the texts of ``searched``."""
    requested = call.args.get("q", "").strip().lower()
    if requested:
        rows = [row for row in rows if any(requested in str(row.get(name, "")).lower() for name in searched)]
    rows = rows[::-1]
    return rows_answer(provider, [dumps(row) for row in rows[page_of(provider, call, len(rows))]], len(rows))


def get_user_transactions(provider: SendAuth, call: Call) -> Answer:
    user = provider.user_of(call)
    rows = [item.as_json() for item in provider.store.transactions.values() if item.subject == user.id]
    return _rows(provider, call, rows, ("state", "context", "message", "requestor", "subjectName"))


def get_user_audits(provider: SendAuth, call: Call) -> Answer:
    user = provider.user_of(call)
    return _rows(
        provider, call, [row for row in provider.store.audits if row["subject"] == user.id], ("action", "actor", "name")
    )
