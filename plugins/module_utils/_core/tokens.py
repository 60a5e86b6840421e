# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""API tokens: families of one name, made, replaced and revoked so that nobody who uses one is cut off.

A token is known by its owner and its name. All tokens of one name are one family, ordered by their time of issue; the
newest is current. An older one is revoked by a later run, once the overlap has passed and the current one has been
used: a consumer that has not switched yet keeps working.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from .delivery import check_dest, deliver
from .errors import InputError, RollcallError, UnclearAnswer
from .options import Spec
from .run import Context, Result


@dataclass(frozen=True)
class TokenInfo:
    """A token as a provider lists it; its secret is never told again. Times are seconds since 1970.

    ``own`` marks the token that this very run authenticates with. ``shown`` is what results may repeat.
    """

    id: str
    name: str
    issued: float
    expires: float | None = None
    last_used: float | None = None
    expired: bool = False
    own: bool = False
    shown: t.Mapping[str, t.Any] = field(default_factory=dict)

    def valid(self, now: float) -> bool:
        """Return whether the token still authenticates."""
        return not self.expired and (self.expires is None or self.expires > now)


class TokenKeeper(t.Protocol):
    """What a provider does with the tokens of one owner."""

    def tokens(self) -> list[TokenInfo]:
        """Return all tokens of the owner."""

    def make(self) -> tuple[str, str]:
        """Make a token and return (id, secret). Raises UnclearAnswer where it may or may not have been made."""

    def revoke(self, token: TokenInfo) -> None:
        """Revoke a token; one that is gone already is no error."""


@dataclass
class TokenPlan:
    """What becomes of a family: whether one is made, why, which are revoked, and which is current before that."""

    make: bool = False
    why: str = ""
    revoke: list[TokenInfo] = field(default_factory=list)
    current: TokenInfo | None = None
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Rotation:
    """When a token is replaced. Times are seconds; None where there is no such rule."""

    rotate: str = "never"
    min_remaining: float = 0
    rotate_after: float | None = None
    overlap: float = 0


def token_options() -> Spec:
    """Return the options of modules on tokens."""
    return {
        "name": {"type": "str"},
        "token_id": {"type": "str", "no_log": False},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "rotate": {"type": "str", "choices": ["never", "expired", "always"], "default": "never"},
        "min_remaining": {"type": "str", "default": "0"},
        "rotate_after": {"type": "str"},
        "overlap": {"type": "str", "default": "0"},
        "max_age": {"type": "str"},
        "dest": {"type": "path"},
    }


def plan_present(family: t.Sequence[TokenInfo], rules: Rotation, now: float) -> TokenPlan:
    """Return what becomes of a family that must have a valid token. Pure."""
    ordered = sorted(family, key=lambda token: (token.issued, token.id))
    valid = [token for token in ordered if token.valid(now)]
    plan = TokenPlan(current=valid[-1] if valid else None)
    current = plan.current
    if current is None:
        plan.make, plan.why = True, "none is valid"
    elif rules.rotate == "always":
        plan.make, plan.why = True, "rotate is always"
    elif rules.rotate == "expired":
        if current.expires is not None and current.expires - now < rules.min_remaining:
            plan.make, plan.why = True, "less than min_remaining is left"
        elif rules.rotate_after is not None and now - current.issued >= rules.rotate_after:
            plan.make, plan.why = True, "it is older than rotate_after"
    if current is None or plan.make:
        return plan
    if now - current.issued < rules.overlap:
        return plan
    for token in ordered:
        if token is current:
            continue
        if token.own:
            plan.warnings.append(f"token {token.id} is the one this task works with: it was not revoked.")
        elif current.last_used is None and token.valid(now):
            plan.warnings.append(f"token {token.id} is older than {current.id}, which has not been used yet: it was not revoked.")
        else:
            plan.revoke.append(token)
    return plan


def plan_absent(family: t.Sequence[TokenInfo]) -> TokenPlan:
    """Return what becomes of a family that must not be there. Raises InputError where the run's own token is among it."""
    own = [token for token in family if token.own]
    if own:
        raise InputError(
            f"Token {own[0].id} is the one this task works with, so it is not revoked.", "Use other credentials to revoke it. Nothing was written."
        )
    return TokenPlan(revoke=list(family))


def run_tokens(context: Context, keeper: TokenKeeper, now: float) -> Result:
    """Bring a family of tokens to its state and return the result: the secret, if one was made, only here or in ``dest``."""
    params = context.params
    name, wanted = params.get("name"), params.get("token_id")
    family = [token for token in keeper.tokens() if (token.id == wanted if wanted else token.name == name)]
    if params["state"] == "absent":
        plan = plan_absent(family)
    else:
        if not name:
            raise InputError("state is present and name is missing.", "A token is made with a name.")
        check_dest(params.get("dest"))
        rules = Rotation(
            params["rotate"], seconds(params["min_remaining"], "min_remaining"),
            seconds(params["rotate_after"], "rotate_after") if params.get("rotate_after") else None,
            seconds(params["overlap"], "overlap"),
        )
        plan = plan_present(family, rules, now)
    for text in plan.warnings:
        context.warn(text)
    made: Result = {}
    if not context.check:
        if plan.make:
            identity, secret = _make(keeper, str(name), {token.id for token in family})
            context.masker.add(secret)
            made = {"token_id": identity, **_deliver(context, keeper, identity, secret, str(name))}
        for token in plan.revoke:
            keeper.revoke(token)
    shown = None if plan.current is None else {"id": plan.current.id, "name": plan.current.name, **plan.current.shown}
    diff_before = {"tokens": [token.id for token in family]}
    diff_after = {"tokens": [token.id for token in family if token not in plan.revoke] + (["(new)"] if plan.make else [])}
    result: Result = {
        "changed": plan.make or bool(plan.revoke), "made": plan.make, "why": plan.why, "token": shown,
        "revoked": [token.id for token in plan.revoke], **made,
    }
    if context.diff:
        result["diff"] = [{"before": diff_before, "after": diff_after}] if result["changed"] else []
    return result


def _make(keeper: TokenKeeper, name: str, known: set[str]) -> tuple[str, str]:
    """Make a token. Where the answer was lost and exactly one new token appeared, that one is removed and another made."""
    for last in (False, True):
        try:
            return keeper.make()
        except UnclearAnswer as error:
            fresh = [token for token in keeper.tokens() if token.name == name and token.id not in known]
            if len(fresh) > 1 or last:
                ids = ", ".join(token.id for token in fresh) or "none"
                raise RollcallError(error.message, f"New tokens named {name}: {ids}. Revoke those that nobody uses, then run it again.") from None
            for token in fresh:
                keeper.revoke(token)
    raise RuntimeError("unreachable")


def _deliver(context: Context, keeper: TokenKeeper, identity: str, secret: str, name: str) -> Result:
    """Hand the secret out; where that fails, take the new token back, so that no unknown one stays."""
    try:
        return deliver(context, "secret", secret)[0]
    except RollcallError as error:
        for token in keeper.tokens():
            if token.id == identity:
                keeper.revoke(token)
        error.hint = f"{error.hint} The new token {name} was revoked again; the old ones work as before."
        raise


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_ISO = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def seconds(text: str, option: str) -> float:
    """Return the seconds of a duration: ``90``, ``12h``, ``30d``, ``2w``, or ISO 8601 such as ``P30D`` and ``PT12H``.

    Raises InputError for anything else; months and years have no fixed length.
    """
    given = str(text).strip()
    plain = re.fullmatch(r"(\d+)\s*([smhdw]?)", given)
    if plain:
        return float(plain[1]) * _UNITS[plain[2] or "s"]
    iso = _ISO.fullmatch(given.upper())
    if iso and any(iso.groups()):
        return float(sum(int(part) * size for part, size in zip(iso.groups(), (604800, 86400, 3600, 60, 1), strict=True) if part))
    raise InputError(f"{option} is {given!r}, which is no duration.", "Give seconds, a number with s, m, h, d or w such as 30d, or ISO 8601 such as P30D.")


def iso_duration(text: str, option: str) -> str:
    """Return a duration as ISO 8601, for APIs that take it so."""
    left = int(seconds(text, option))
    days, left = divmod(left, 86400)
    hours, left = divmod(left, 3600)
    minutes, left = divmod(left, 60)
    clock = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (left, "S")) if number)
    return f"P{f'{days}D' if days or not clock else ''}{f'T{clock}' if clock else ''}"
