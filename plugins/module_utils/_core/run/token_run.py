# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Creates and revokes API tokens. A token whose secret was lost is revoked, or its id is reported.

The answer to the creation of a token can be lost, and the effect can come late. The run then reads the list again,
revokes a token that has appeared, and creates another one. If this fails, the error names the ids.
"""

from __future__ import annotations

import typing as t

from ..errors import ApiError, RollcallError, UnclearAnswer
from .delivery import check_dest, content, deliver, dest_of, rehearse
from .tokens import Rotation, TokenInfo, TokenPlan, check_unnamed, family_of, plan_absent, plan_present

if t.TYPE_CHECKING:
    from .report import Context, Result

LOOKS = (0.0, 0.5, 1.0, 2.0)
"""Seconds before each reading that looks for the effect of a write: lists and effects can lag."""
_REVOKE = "revoke it (state: absent with token_id)"
_REVOKE_UNUSED = "Revoke the unused ones (state: absent with token_id)"


def looks(pause: t.Callable[[float], None]) -> t.Iterator[None]:
    """Yield before each of several readings that may find an effect that comes late, with pauses in between."""
    for wait in LOOKS:
        if wait:
            pause(wait)
        yield


class TokenKeeper(t.Protocol):
    """What a provider does with the tokens of one owner."""

    def tokens(self) -> list[TokenInfo]:
        """Read and return all tokens of the owner."""

    def make(self) -> tuple[TokenInfo, str]:
        """Create a token and return it with its secret.

        Raises UnclearAnswer, or ApiError with a status from 500 on, if the token may have been created.
        """

    def revoke(self, token: TokenInfo) -> None:
        """Revoke a token. A token that does not exist any more is not an error."""

    def holds(self, token: TokenInfo, text: str) -> bool:
        """Return whether a text can be the secret of a token."""

    def pause(self, length: float) -> None:
        """Wait for ``length`` seconds, with the connection's clock."""


def unclear(error: RollcallError) -> bool:
    """Return whether a write that failed with this error may have had its effect."""
    return isinstance(error, UnclearAnswer) or (isinstance(error, ApiError) and error.status >= 500)


def run_tokens(
    context: Context,
    keeper: TokenKeeper,
    rules: Rotation,
    listed: t.Sequence[TokenInfo],
    now: float,
    owner: str = "",
    shield: str | None = None,
) -> Result:
    """Bring a family of tokens to its desired state and return the result.

    The secret of a new token is in the result, or in the file ``dest``. ``listed`` are all tokens of the owner, as read
    at ``now``. ``shield`` says why ``owner`` is protected from losses, None if not. Raises RollcallError.
    """
    params = context.params
    family = family_of(listed, params)
    dest = dest_of(params)
    if params["state"] == "absent":
        plan = plan_absent(family, owner, shield)
    else:
        check_dest(dest)
        plan = plan_present(family, rules, now, lambda token: _lost(keeper, token, dest), shield)
        check_unnamed(listed, plan, rules, str(params["name"]), now)
    for notice in plan.notices:
        context.warn(notice.text, notice.code, owner)
    result = _planned(plan, dest if params["state"] == "present" else None)
    if not context.check:
        # Revoke first: if this failed after the creation, the new secret would be lost.
        _revoke(keeper, plan.revoke, " No token was created." if plan.make else "")
        if plan.make:
            making = Making(context, keeper, str(params["name"]), listed, plan.current)
            result.update(making.run())
    if context.diff:
        result["diff"] = _diff(family, plan)
    return result


def _planned(plan: TokenPlan, dest: str | None) -> Result:
    """Return the result as far as the plan shows it."""
    current = None if plan.make or plan.current is None else plan.current.facts()
    result: Result = {
        "changed": plan.make or bool(plan.revoke), "made": plan.make, "why": plan.why, "token": current,
        "revoked": [token.id for token in plan.revoke],
        "kept": [{"id": token.id, "code": code} for token, code in plan.kept],
    }  # fmt: skip
    return result if dest is None else {**result, "dest": dest}


def _diff(family: t.Sequence[TokenInfo], plan: TokenPlan) -> list[dict[str, t.Any]]:
    if not plan.make and not plan.revoke:
        return []
    after = [token.id for token in family if token not in plan.revoke] + (["(new)"] if plan.make else [])
    return [{"before": {"tokens": [token.id for token in family]}, "after": {"tokens": after}}]


def _lost(keeper: TokenKeeper, token: TokenInfo, dest: str | None) -> str:
    """Return why the file does not contain the secret of a token; empty if it does, or without ``dest``."""
    if dest is None:
        return ""
    text = content(dest)
    if text is None:
        return f"{dest} does not contain its secret"
    return "" if keeper.holds(token, text) else f"{dest} contains something other than its secret"


def _revoke(keeper: TokenKeeper, tokens: t.Sequence[TokenInfo], rest: str) -> None:
    """Revoke tokens. An error contains the ids of the tokens that were revoked before it, and the sentence ``rest``."""
    done: list[str] = []
    for token in tokens:
        try:
            keeper.revoke(token)
        except RollcallError as error:
            left = [other.id for other in tokens if other.id not in done]
            state = ""
            if unclear(error):
                state = f" It is unclear whether token {left.pop(0)} was revoked."
            if left:
                state = f"{state} Not revoked: {', '.join(left)}."
            error.more = {**error.more, "revoked": done}
            error.hint = f"{error.hint}{state}{rest}".strip()
            raise
        done.append(token.id)


class Making:
    """The creation of one token. ``listed`` are the owner's tokens before it, ``current`` is the one that it replaces,
    None if no token with the name is valid."""

    def __init__(
        self,
        context: Context,
        keeper: TokenKeeper,
        name: str,
        listed: t.Sequence[TokenInfo],
        current: TokenInfo | None,
    ) -> None:
        self._context = context
        self._keeper = keeper
        self._name = name
        self._current = current
        self._known = {token.id for token in listed}

    def run(self) -> Result:
        """Create a token, deliver its secret, and return the fields of the result."""
        rehearse(dest_of(self._context.params))
        token, secret = self._make()
        self._context.masker.add(secret)
        try:
            delivered = deliver(self._context, secret)[0]
        except RollcallError as error:
            error.hint = f"{error.hint} {self._take_back(token)}"
            raise
        return {"token": token.facts(), **delivered}

    def _make(self) -> tuple[TokenInfo, str]:
        """Create a token. If the answer is lost, revoke a token that has appeared, and create another one, once."""
        try:
            return self._keeper.make()
        except RollcallError as error:
            if not unclear(error):
                raise
            first = error
        appeared = self._appeared(first)
        if len(appeared) > 1:
            raise self._orphans(first, appeared)
        self._discard(first, appeared)
        try:
            token, secret = self._keeper.make()
        except RollcallError as error:
            raise self._orphans(error, self._appeared(error) if unclear(error) else []) from None
        if not appeared:  # the first request may have had its effect since
            self._late(token)
        return token, secret

    def _appeared(self, first: RollcallError) -> list[TokenInfo]:
        """Return new tokens with the name, or without one. Raises the first error if the list cannot be read."""
        fresh: list[TokenInfo] = []
        for _look in looks(self._keeper.pause):
            try:
                tokens = self._keeper.tokens()
            except RollcallError as error:
                raise RollcallError(
                    f"{first.message} The tokens could not be read after that ({error.message.rstrip('.')}), so there "
                    f"may be a valid token {self._name} whose secret is lost.",
                    "Check the owner's tokens. If nothing uses the newest one with this name, revoke it (state: absent "
                    "with token_id). Then run the task again.",
                    "unclear_answer",
                ) from None  # fmt: skip
            fresh = [
                token
                for token in tokens
                if token.id not in self._known and (token.name is None or token.is_named(self._name))
            ]
            if fresh:
                break
        return fresh

    def _discard(self, first: RollcallError, tokens: t.Sequence[TokenInfo]) -> None:
        """Revoke tokens whose secret was lost. If this fails, raises the first error with the ids."""
        for token in tokens:
            if token.name is None:  # another process may have created it
                raise self._orphans(first, tokens)
            try:
                self._keeper.revoke(token)
            except RollcallError as error:
                raise self._orphans(first, tokens, f" Token {token.id} could not be revoked: {error.message}") from None
            self._known.add(token.id)

    def _orphans(self, first: RollcallError, tokens: t.Sequence[TokenInfo], more: str = "") -> RollcallError:
        """Return the error for tokens whose secret was lost, or may be: those without a name may be another's."""
        if not tokens:
            if not unclear(first):
                return first
            return RollcallError(
                f"{first.message} No new token {self._name} has appeared so far.",
                "Check the owner's tokens before you run the task again. If a new token with this name has appeared, "
                f"its secret is lost: {_REVOKE}.",
                "unclear_answer",
            )  # fmt: skip
        several, ids = len(tokens) > 1, ", ".join(token.id for token in tokens)
        begin = "There are new tokens" if several else "There is a new token"
        if any(token.name is None for token in tokens):  # another process may have created them
            own = "one of them, its" if several else "it, its"
            text = f"{begin} that may be named {self._name}: {ids}. If this task created {own} secret is lost."
            step = _REVOKE_UNUSED if several else f"If nothing uses this token, {_REVOKE}"
        else:
            lost = "The secrets of those that this task created are lost." if several else "Its secret is lost."
            text = f"{begin} named {self._name}: {ids}. {lost}"
            step = _REVOKE_UNUSED if several else f"R{_REVOKE[1:]}"
        error = RollcallError(f"{first.message} {text}{more}", f"{step}, then run the task again.", "orphaned_token")
        error.more = {"orphaned": [token.id for token in tokens]}
        return error

    def _late(self, successor: TokenInfo) -> None:
        """Look for a token of the first request that has appeared late, and revoke it, because its secret was lost."""
        try:
            tokens = [
                token
                for token in self._keeper.tokens()
                if token.id not in self._known and token.id != successor.id and token.is_named(self._name)
            ]
        except RollcallError:
            tokens = []
        text = f"The answer to the creation of token {self._name} was lost, so another token was created."
        if len(tokens) == 1:
            try:
                self._keeper.revoke(tokens[0])
            except RollcallError as error:
                text = (
                    f"{text} The first token, {tokens[0].id}, appeared late and could not be revoked "
                    f"({error.message.rstrip('.')}). Its secret is lost: {_REVOKE}."
                )
                self._context.warn(text, "orphaned_token")
                return
            self._context.warn(f"{text} The first token, {tokens[0].id}, appeared late and was revoked.", "late_token")
        elif tokens:
            self._context.warn(
                f"{text} There are further new tokens with this name: {', '.join(token.id for token in tokens)}. "
                f"{_REVOKE_UNUSED}.",
                "orphaned_token",
            )
        else:
            self._context.warn(
                f"{text} If a token with this name other than {successor.id} appears later, its secret is lost: "
                f"{_REVOKE}.",
                "unclear_answer",
            )

    def _take_back(self, token: TokenInfo) -> str:
        """Revoke a token whose secret could not be delivered. Return a sentence about its state."""
        try:
            self._keeper.revoke(token)
        except RollcallError as error:
            return (
                f"The new token {token.id} could not be revoked ({error.message.rstrip('.')}), and its secret is lost: "
                f"{_REVOKE}."
            )
        check = f"Check the owner's tokens. If token {token.id} still exists, {_REVOKE}: its secret is lost."
        for _look in looks(self._keeper.pause):
            try:
                if all(other.id != token.id for other in self._keeper.tokens()):
                    older = "" if self._current is None else f" Token {self._current.id} still works."
                    return f"The new token {self._name} was revoked.{older}"
            except RollcallError as error:
                return (
                    f"The server has accepted the revocation of the new token {token.id}, but the list could not be "
                    f"read to verify this ({error.message.rstrip('.')}). {check}"
                )
        return f"The server has accepted the revocation of the new token {token.id}, but still lists it. {check}"
