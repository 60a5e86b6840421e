# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra EE: the API tokens of users, of service accounts, and of the service accounts of a tenant."""

from __future__ import annotations

import datetime
import email.utils
import re
import time
import typing as t
from dataclasses import dataclass

from ..._core.api import Answer
from ..._core.errors import InputError
from ..._core.model import Account
from ..._core.options import Params
from ..._core.tokens import TokenInfo, iso_duration, seconds
from .connection import Kestra, page_of

_NAME = re.compile(r"(?=.{1,63}$)[a-z0-9]+(?:-[a-z0-9]+)*")
"""What Kestra takes as the name of a token or a service account."""


@dataclass(frozen=True)
class Family:
    """The three calls of one kind of owner. ``of_tenant`` says whether they take the tenant."""

    read: str
    make: str
    revoke: str
    of_tenant: bool = False


USER_TOKENS = Family("list_api_tokens1", "create_api_tokens_for_user1", "delete_api_token1")
ACCOUNT_TOKENS = Family("list_api_tokens", "create_api_tokens_for_user", "delete_api_token")
TENANT_TOKENS = Family("list_api_tokens_with_tenant", "create_api_tokens_for_user_with_tenant", "delete_api_token_with_tenant", of_tenant=True)


def check_name(name: str | None, option: str = "name") -> list[str]:
    """Return what is wrong with the name of a token or a service account."""
    if name is None or _NAME.fullmatch(name):
        return []
    return [f"{option} is {name!r}; Kestra takes 1 to 63 lower-case letters and digits, with single hyphens between them."]


class Tokens:
    """The tokens of one owner, as the core keeps them (TokenKeeper)."""

    def __init__(self, connection: Kestra, family: Family, owner: Account, params: Params | None = None) -> None:
        self.connection = connection
        self.family = family
        self.owner = owner
        self.params = params or {}
        self._now: float | None = None
        self._read: list[TokenInfo] | None = None

    def now(self) -> float:
        """Return the time by the server's clock, by which tokens expire; by ours where it does not tell. Seconds since 1970.

        It comes with the list of tokens, which is read here and kept for the first who asks for it.
        """
        self._read = self.tokens()
        return time.time() if self._now is None else self._now

    def _path(self, **more: str) -> dict[str, str]:
        path = {"id": self.owner.id, **more}
        if self.family.of_tenant:
            path["tenant"] = self.connection.tenant
        return path

    def tokens(self) -> list[TokenInfo]:
        """Return all tokens of the owner; the list has no pages."""
        held, self._read = self._read, None
        if held is not None:
            return held
        answer = self.connection.call(self.family.read, self._path(), subject=self.owner.key)
        self._now = _date(answer)
        found = []
        for row in page_of(answer).rows:
            if not isinstance(row, dict) or not row.get("id"):
                raise answer.unreadable("it holds a token without an id")
            found.append(
                TokenInfo(
                    id=str(row["id"]),
                    name=str(row.get("name") or ""),
                    issued=_seconds(row.get("iat")) or 0.0,
                    expires=_seconds(row.get("exp")),
                    last_used=_seconds(row.get("lastUsed")),
                    expired=row.get("expired") is True,
                    own=self.connection.owns(row.get("prefix")),
                    shown={
                        "description": row.get("description"),
                        "prefix": row.get("prefix"),
                        "issued_at": row.get("iat"),
                        "expires_at": row.get("exp"),
                        "last_used_at": row.get("lastUsed"),
                        "extended": row.get("extended"),
                    },
                )
            )
        return found

    def body(self) -> dict[str, t.Any]:
        """Return what a new token is made from. Raises InputError where Kestra would not take it."""
        params = self.params
        body: dict[str, t.Any] = {"name": params["name"]}
        if params.get("description"):
            body["description"] = params["description"]
        if params.get("max_age"):
            body["maxAge"] = iso_duration(params["max_age"], "max_age")
            if body["maxAge"] == "P0D":
                raise InputError("max_age is nothing.", "Leave it out for a token that never expires.")
            left = params.get("min_remaining") or "0"
            if params.get("rotate") == "expired" and seconds(left, "min_remaining") >= seconds(params["max_age"], "max_age"):
                raise InputError(f"min_remaining is {left} and max_age is {params['max_age']}: every run would make a token.", "Make min_remaining less.")
        if params.get("extended"):
            body["extended"] = True
        return body

    def make(self) -> tuple[str, str]:
        """Make a token and return (id, secret). Raises UnclearAnswer where the answer holds no secret: it is told only once."""
        answer = self.connection.call(self.family.make, self._path(), json=self.body(), subject=self.owner.key)
        body = answer.body
        if not isinstance(body, dict) or not body.get("id") or not isinstance(body.get("fullToken"), str):
            raise answer.unreadable("it holds no id and token")
        self.connection.masker.add(body["fullToken"])
        return str(body["id"]), body["fullToken"]

    def revoke(self, token: TokenInfo) -> None:
        """Revoke a token; one that is gone already is no error."""
        self.connection.call(self.family.revoke, self._path(token_id=token.id), subject=self.owner.key)

    def revoke_all(self) -> None:
        """Revoke all tokens, except the one that this task works with."""
        for token in self.tokens():
            if not token.own:
                self.revoke(token)


def shown(token: TokenInfo) -> dict[str, t.Any]:
    """Return a token as results list it."""
    return {"id": token.id, "name": token.name, **token.shown, "expired": token.expired, "own": token.own}


def _seconds(moment: t.Any) -> float | None:
    """Return an ISO 8601 time as seconds since 1970; None where it is missing or unreadable."""
    if not isinstance(moment, str) or not moment:
        return None
    try:
        # Python 3.10 reads neither a Z nor other than 3 or 6 digits of a second.
        text = re.sub(r"\.(\d+)", lambda match: "." + (match[1] + "000000")[:6], moment.replace("Z", "+00:00"))
        when = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=datetime.timezone.utc)).timestamp()


def _date(answer: Answer) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except (ValueError, TypeError, IndexError):  # a header that is missing or no date
        return None
