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

from ..._core.durations import instant, iso_duration, seconds
from ..._core.errors import Problem, RollcallError
from ..._core.http.api import Answer
from ..._core.plan.model import Account
from ..._core.run.options import Params
from ..._core.run.token_run import looks
from ..._core.run.tokens import USE_OTHERS, TokenInfo, unclear_owner_of
from ..._core.wording import counted
from .connection import Kestra, page_of, prefix_of

_NAME = re.compile(r"(?=.{1,63}$)[a-z0-9]+(?:-[a-z0-9]+)*")
"""The names that Kestra accepts for a token or a service account."""


@dataclass(frozen=True)
class Family:
    """The three calls of one kind of owner. ``of_tenant``: the calls expect the tenant."""

    read: str
    make: str
    revoke: str
    of_tenant: bool = False


USER_TOKENS = Family("list_api_tokens1", "create_api_tokens_for_user1", "delete_api_token1")
ACCOUNT_TOKENS = Family("list_api_tokens", "create_api_tokens_for_user", "delete_api_token")
TENANT_TOKENS = Family(
    "list_api_tokens_with_tenant",
    "create_api_tokens_for_user_with_tenant",
    "delete_api_token_with_tenant",
    of_tenant=True,
)


def check_name(name: str | None) -> list[str]:
    """Return what is wrong with the name of a token or a service account."""
    if name is None or _NAME.fullmatch(name):
        return []
    text = (
        f"name is {name[:80]!r}; Kestra accepts 1 to 63 lower-case letters and digits, with single hyphens between "
        "them."
    )
    return [Problem(text, "invalid_name", option="name")]


def _times(row: t.Mapping[str, t.Any]) -> tuple[dict[str, float | None], str]:
    """Return the times of a row, and the names, as in results, of those that are not readable: no decision may depend
    on these."""
    names = {"iat": "issued_at", "exp": "expires_at", "lastUsed": "last_used_at"}
    times = {wire: instant(row.get(wire)) for wire in names}
    wrong = [
        text
        for wire, text in names.items()
        if times[wire] is None and (wire == "iat" or row.get(wire) not in (None, ""))
    ]
    return times, " and ".join(wrong)


class Tokens:
    """The tokens of one owner, for the core (TokenKeeper)."""

    def __init__(self, connection: Kestra, family: Family, owner: Account, params: Params | None = None) -> None:
        self.connection = connection
        self.family = family
        self.owner = owner
        self.params = params or {}
        self._now: float | None = None

    def now(self) -> float:
        """Return the time of the last answer, or the local one if that had no date, in seconds since 1970."""
        return time.time() if self._now is None else self._now

    def pause(self, length: float) -> None:
        """Wait for some seconds."""
        self.connection.clock.sleep(length)

    def _path(self, **more: str) -> dict[str, str]:
        path = {"id": self.owner.id, **more}
        if self.family.of_tenant:
            path["tenant"] = self.connection.tenant
        return path

    def tokens(self) -> list[TokenInfo]:
        """Return all tokens of the owner. The list has no pages."""
        answer = self.connection.call(self.family.read, self._path(), subject=self.owner.key)
        self._now = _date(answer)
        page = page_of(answer)
        # an incomplete list is no basis for creating or revoking a token
        if page.total is not None and page.total > len(page.rows):
            raise answer.unreadable(f"it contains {len(page.rows)} of {counted(page.total, 'token')}")
        infos = []
        for row in page.rows:
            if not isinstance(row, dict) or row.get("id") in (None, ""):
                raise answer.unreadable("it contains a token without an id")
            times, doubt = _times(row)
            infos.append(
                TokenInfo(
                    id=str(row["id"]),
                    name=row["name"] if isinstance(row.get("name"), str) and row["name"] else None,
                    issued=times["iat"],
                    expires=times["exp"],
                    last_used=times["lastUsed"],
                    expired=row.get("expired") is True,
                    own=self._owns(row.get("prefix")),
                    doubt=doubt,
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
        return infos

    def _owns(self, prefix: t.Any) -> bool | None:
        """Return whether this task works with a token; None if its row does not show that."""
        own = self.connection.owns(prefix)
        if own is not None:
            return own
        # Only a row without a prefix requires the call that identifies the caller: the task's token belongs to the
        # caller.
        try:
            caller = self.connection.me().get("id")
        except RollcallError:
            return None
        return False if caller and str(caller) != self.owner.id else None

    def holds(self, token: TokenInfo, text: str) -> bool:
        """Return whether a text can be the secret of a token: it begins with the token's prefix."""
        prefix = prefix_of(token.shown.get("prefix"))
        return text.isprintable() and " " not in text and text.startswith(prefix)

    def body(self) -> dict[str, t.Any]:
        """Return the body of the call that creates a token."""
        params = self.params
        body: dict[str, t.Any] = {"name": params["name"]}
        if params.get("description"):
            body["description"] = params["description"]
        if params.get("max_age") is not None:
            body["maxAge"] = iso_duration(params["max_age"], "max_age")
        if params.get("extended"):
            body["extended"] = True
        return body

    def make(self) -> tuple[TokenInfo, str]:
        """Create a token, and return it with its secret. Raises UnclearAnswer if the answer contains no secret.

        The answer does not show when the token was created and when it expires. Both are computed from the answer's
        date.
        """
        answer = self.connection.call(self.family.make, self._path(), json=self.body(), subject=self.owner.key)
        body = answer.json_object
        secret = body.get("fullToken")
        if not isinstance(secret, str) or not secret.strip() or body.get("id") in (None, ""):
            raise answer.unreadable("it contains no id and token")
        self.connection.masker.add(secret)
        self._now = _date(answer)
        issued, age = self.now(), self.params.get("max_age")
        expires = None if age is None else issued + seconds(age, "max_age")
        shown = {
            "description": self.params.get("description"), "prefix": None,
            "issued_at": moment_text(issued), "expires_at": moment_text(expires),
            "last_used_at": None, "extended": bool(self.params.get("extended")),
        }  # fmt: skip
        return TokenInfo(str(body["id"]), str(self.params["name"]), issued, expires, shown=shown), secret

    def revoke(self, token: TokenInfo) -> None:
        """Revoke a token. One that does not exist is no error, but "not found" must be confirmed by a second read."""
        answer = self.connection.call(self.family.revoke, self._path(token_id=token.id), subject=self.owner.key)
        if answer.absent and self._stays(token):
            raise self.connection.refusal(
                answer, self.owner.key,
                f"Token {token.id} is still in the list of tokens. Check api_url and any proxy, and run the task "
                "again.",
            )  # fmt: skip

    def _stays(self, token: TokenInfo) -> bool:
        """Return whether a token is still in the list, which may lag behind."""
        return all(any(other.id == token.id for other in self.tokens()) for _look in looks(self.pause))

    def revoke_all(self) -> None:
        """Revoke all tokens, except the token that this task uses.

        If a token may be the task's own, keep it, revoke the others, and raise RollcallError.
        """
        tokens = self.tokens()
        for token in tokens:
            if token.own is False:
                self.revoke(token)
        unknown = [token.id for token in tokens if token.own is None]
        if unknown:
            raise RollcallError(f"{self.owner.key}: {unclear_owner_of(unknown)}", USE_OTHERS, "own_token_unknown")


def shown(token: TokenInfo) -> dict[str, t.Any]:
    """Return a token as results show it."""
    return {**token.facts(), "expired": token.expired, "own": token.own}


def moment_text(when: float | None) -> str | None:
    """Return seconds since 1970 in ISO 8601, UTC, in the form that Kestra uses."""
    if when is None:
        return None
    return datetime.datetime.fromtimestamp(when, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _date(answer: Answer) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except (ValueError, TypeError, IndexError):  # the header is missing or is not a date
        return None
