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


def _is_of_user(call: Call) -> bool:
    return call.operation is not None and call.operation.path.startswith("/api/v1/users/")


def _owner(provider: Kestra, call: Call) -> Principal:
    """The user or the service account of the path, otherwise the caller. Raises Refused."""
    if "id" not in call.params:
        return provider.caller
    return provider.user_of(call) if _is_of_user(call) else provider.account_of(call)


def list_tokens(provider: Kestra, call: Call) -> Answer:
    owned = provider.store.tokens_of(_owner(provider, call).id)
    return json_answer(200, {"results": [token_value(token, call.now) for token in owned]})


def create_token(provider: Kestra, call: Call) -> Answer:
    owner = _owner(provider, call)
    fields = body.read(provider, call, body.TOKEN)
    max_age = body.duration(fields["maxAge"]) if "maxAge" in fields else None
    if "maxAge" in fields and (max_age is None or max_age <= 0):
        raise body.Invalid([("maxAge", "must be a positive duration")])
    token, full = make(provider, owner, fields["name"], call.now)
    token.description, token.extended, token.max_age = fields.get("description"), fields.get("extended", False), max_age
    if max_age is not None:
        token.expires = call.now + max_age
    status = 201 if _is_of_user(call) and provider.options.version != "1.0" else 200
    return json_answer(status, {"id": token.id, "name": token.name, "fullToken": full})


def delete_token(provider: Kestra, call: Call) -> Answer:
    owner = _owner(provider, call)
    token = provider.store.tokens.get(call.params["tokenId"])
    if token is None or token.owner != owner.id:
        raise Refused(404, "Not Found: API token")
    provider.store.remove_token(token)
    return Answer(204) if _is_of_user(call) else json_answer(200, {})
