# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API tokens, in four families: of users, of service accounts, of a tenant's service accounts, of the caller."""

from __future__ import annotations

import secrets
import string
from typing import TYPE_CHECKING, Any

from ...clock import iso_millis
from ...web import Answer, Call, Refused, json_answer
from . import body
from .auth import expired
from .rows import trim
from .store import ApiToken, Principal, digest

if TYPE_CHECKING:
    from . import Kestra

PREFIX_LENGTH = 8


def make(
    provider: Kestra, owner: Principal, name: str, issued: float, value: str | None = None
) -> tuple[ApiToken, str]:
    """A new token of ``owner`` and its full text, which is not kept."""
    full = value or "".join(secrets.choice(string.ascii_letters + string.digits) for _letter in range(48))
    token = ApiToken(provider.store.new_id("token"), owner.id, name, full[:PREFIX_LENGTH], digest(full), issued)
    provider.store.add_token(token)
    return token, full


def token_value(token: ApiToken, now: float) -> dict[str, Any]:
    return trim({
        "id": token.id,
        "name": token.name,
        "description": token.description,
        "prefix": token.prefix,
        "iat": iso_millis(token.issued),
        "exp": None if token.expires is None else iso_millis(token.expires),
        "lastUsed": None if token.last_used is None else iso_millis(token.last_used),
        "extended": token.extended,
        "expired": expired(token, now),
    })


def token_state(provider: Kestra, token: ApiToken, now: float) -> dict[str, Any]:
    owner = provider.store.principals[token.owner]
    more = {"owner": owner.id, "owner_name": owner.username, "sha256_prefix": token.hash[:12], "max_age": token.max_age}
    return {**token_value(token, now), **more}


def _list(provider: Kestra, call: Call, owner: Principal) -> Answer:
    return json_answer(200, {"results": [token_value(token, call.now) for token in provider.store.tokens_of(owner.id)]})


def _create(provider: Kestra, call: Call, owner: Principal, status: int) -> Answer:
    fields = body.read(provider, call, body.TOKEN)
    max_age = body.duration(fields["maxAge"]) if "maxAge" in fields else None
    if "maxAge" in fields and (max_age is None or max_age <= 0):
        raise body.Invalid([("maxAge", "must be a positive duration")])
    token, full = make(provider, owner, fields["name"], call.now)
    token.description, token.extended, token.max_age = fields.get("description"), fields.get("extended", False), max_age
    if max_age is not None:
        token.expires = call.now + max_age
    return json_answer(status, {"id": token.id, "name": token.name, "fullToken": full})


def _delete(provider: Kestra, call: Call, owner: Principal) -> None:
    token = provider.store.tokens.get(call.params["tokenId"])
    if token is None or token.owner != owner.id:
        raise Refused(404, "Not Found: API token")
    provider.store.remove_token(token)


def list_of_user(provider: Kestra, call: Call) -> Answer:
    return _list(provider, call, provider.user_of(call))


def create_for_user(provider: Kestra, call: Call) -> Answer:
    return _create(provider, call, provider.user_of(call), 200 if provider.options.version == "1.0" else 201)


def delete_of_user(provider: Kestra, call: Call) -> Answer:
    _delete(provider, call, provider.user_of(call))
    return Answer(204)


def list_of_account(provider: Kestra, call: Call) -> Answer:
    return _list(provider, call, provider.account_of(call))


def create_for_account(provider: Kestra, call: Call) -> Answer:
    return _create(provider, call, provider.account_of(call), 200)


def delete_of_account(provider: Kestra, call: Call) -> Answer:
    _delete(provider, call, provider.account_of(call))
    return json_answer(200, {})


def list_own(provider: Kestra, call: Call) -> Answer:
    return _list(provider, call, provider.caller)


def create_own(provider: Kestra, call: Call) -> Answer:
    return _create(provider, call, provider.caller, 200)


def delete_own(provider: Kestra, call: Call) -> Answer:
    _delete(provider, call, provider.caller)
    return json_answer(200, {})
