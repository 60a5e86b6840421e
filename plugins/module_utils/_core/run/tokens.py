# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""API tokens: families, and the plan that creates, replaces and revokes tokens. Pure; token_run.py executes the plan.

A token is identified by its owner and its name. All tokens with one name are a family, ordered by their time of issue;
the newest valid token is the current one. Older tokens are revoked only if the task specifies ``overlap``: by a later
run, after the overlap, if the current token has been used, and the older one has not been used since its successor was
issued.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..durations import seconds
from ..errors import GuardError, InputError, Notice, Problem, require
from ..names import nfc
from ..wording import agreed
from .options import Params, Spec

_TOGETHER = 60.0
"""The maximum time, in seconds, between two tokens that tasks probably created at the same time."""
_OF_NEW = ("rotate", "min_remaining", "rotate_after", "overlap", "max_age", "dest", "description", "extended")
"""Options for the token to create, and for the tokens that it replaces."""


@dataclass(frozen=True)
class TokenInfo:
    """A token as a provider lists it, without its secret. Times are in seconds since 1970.

    ``name`` is None if the row shows no name, ``issued`` if it shows no time of issue. ``own`` marks the token with
    which this run authenticates, None if that is unknown. ``doubt`` names the times, as in results, that the row does
    not show in a readable form, such as "issued_at and expires_at". ``shown`` are the fields for results.
    """

    id: str
    name: str | None
    issued: float | None
    expires: float | None = None
    last_used: float | None = None
    expired: bool = False
    own: bool | None = False
    doubt: str = ""
    shown: t.Mapping[str, t.Any] = field(default_factory=dict)

    def valid(self, now: float) -> bool:
        """Return whether the token still authenticates."""
        return not self.expired and (self.expires is None or self.expires > now)

    def is_named(self, name: str) -> bool:
        """Return whether the token has this name, composed (NFC) or not."""
        return self.name is not None and nfc(self.name) == nfc(name)

    def facts(self) -> dict[str, t.Any]:
        """Return the token as results show it: never its secret."""
        return {"id": self.id, "name": self.name, **self.shown}


@dataclass(frozen=True)
class Rotation:
    """When to replace a token, and when to revoke older ones. Times are in seconds; None means no such rule."""

    rotate: str = "never"
    min_remaining: float | None = None
    rotate_after: float | None = None
    overlap: float | None = None


@dataclass
class TokenPlan:
    """The plan for a family: whether and why to create a token, which to revoke, and which was current before."""

    make: bool = False
    why: str = ""
    revoke: list[TokenInfo] = field(default_factory=list)
    current: TokenInfo | None = None
    kept: list[tuple[TokenInfo, str]] = field(default_factory=list)
    """Tokens that are not revoked, each with the code of the reason."""
    notices: list[Notice] = field(default_factory=list)


def token_options() -> Spec:
    """Return the options of token modules."""
    return {
        "name": {"type": "str"},
        "token_id": {"type": "str", "no_log": False},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "rotate": {"type": "str", "choices": ["never", "expired", "always"], "default": "never"},
        "min_remaining": {"type": "str"},
        "rotate_after": {"type": "str"},
        "overlap": {"type": "str"},
        "max_age": {"type": "str"},
        "dest": {"type": "path"},
    }


def rotation_from(params: Params, others: t.Iterable[str] = ()) -> Rotation:
    """Return the rules of a task. Raises InputError with all problems of its options, before any API call.

    ``others`` are problems of options that this function does not check.
    """
    problems: list[str] = list(others)
    length: dict[str, float | None] = {}
    for option in ("min_remaining", "rotate_after", "overlap", "max_age"):
        length[option] = length_of(params, option, problems)
    rotate = params.get("rotate") or "never"
    problems += ineffective(params)
    if params.get("state") != "absent":
        problems += _incomplete(params)
        problems += _impossible(params, rotate, length)
    require(problems)
    return Rotation(rotate, length["min_remaining"], length["rotate_after"], length["overlap"])


def length_of(params: Params, option: str, problems: list[str]) -> float | None:
    """Return the seconds of a duration, None without one. Add its problem to ``problems``."""
    if params.get(option) is None:
        return None
    try:
        return seconds(params[option], option)
    except InputError as error:
        problems += error.advised()
        return None


def ineffective(params: Params) -> list[Problem]:
    """Return a problem for each option of a token module that has no effect together with the others."""
    problems = []
    if params.get("state") == "absent":
        for option in _OF_NEW:
            if params.get(option) not in (None, False, "never"):
                text = f"{option} has no effect with state: absent. Remove it."
                problems.append(Problem(text, "no_effect", option=option))
        return problems
    if params.get("token_id") is not None:
        text = (
            "token_id has no effect with state: present, which finds tokens by name. Use state: absent, or remove "
            "token_id."
        )
        problems.append(Problem(text, "no_effect", option="token_id"))
    rotate = params.get("rotate") or "never"
    for option in ("rotate_after", "min_remaining"):
        if params.get(option) is not None and rotate != "expired":
            text = f"{option} has no effect with rotate: {rotate}. Use rotate: expired, or remove {option}."
            problems.append(Problem(text, "no_effect", option=option))
    return problems


def _incomplete(params: Params) -> list[Problem]:
    """Return a problem if the name is missing, which the creation of a token requires."""
    if params.get("name") is not None:
        return []
    text = "state is present and name is missing. Specify the name of the token."
    return [Problem(text, "missing_option", option="name")]


def _impossible(params: Params, rotate: str, length: t.Mapping[str, float | None]) -> list[Problem]:
    """Return a problem for each time that would create a token in every run, or a token that is never valid."""
    problems = []
    left, age = length["min_remaining"], length["max_age"]
    if age == 0:
        problems.append(
            Problem(
                "max_age is zero. Remove it for a token that never expires.", "invalid_duration", option="max_age"
            )
        )
    elif rotate == "expired" and left is not None and age is not None and left >= age:
        text = (
            f"min_remaining is {params['min_remaining']} and max_age is {params['max_age']}: every run would create "
            "a token. Lower min_remaining."
        )
        problems.append(Problem(text, "invalid_duration", option="min_remaining"))
    if length["rotate_after"] == 0 and rotate == "expired":
        text = "rotate_after is zero: every run would create a token. Use rotate: always if that is intended."
        problems.append(Problem(text, "invalid_duration", option="rotate_after"))
    return problems


def family_of(tokens: t.Iterable[TokenInfo], params: Params) -> list[TokenInfo]:
    """Return the token with ``token_id``, or all tokens with ``name``. Names compare in composed form (NFC).

    Raises InputError if the token with this id has another name.
    """
    name, identity = (
        None if params.get(option) is None else str(params[option]).strip() for option in ("name", "token_id")
    )
    if identity is None:
        return [token for token in tokens if name is not None and token.is_named(name)]
    family = [token for token in tokens if token.id == identity]
    for token in family:
        if name is not None and not token.is_named(name):
            text = f"token_id is {identity}, and that token is named {token.name!r}, not {name!r}."
            raise InputError(Problem(f"{text} Correct token_id or name.", "id_mismatch", option="token_id"))
    return family


# -- state: present ------------------------------------------------------------------------------------------------


def plan_present(
    family: t.Sequence[TokenInfo],
    rules: Rotation,
    now: float,
    lost: t.Callable[[TokenInfo], str] = lambda token: "",
    shield: str | None = None,
) -> TokenPlan:
    """Return the plan for a family that must have a valid token. Pure.

    ``lost(token)`` returns why the secret of the current token may be lost, empty if it is not. ``shield`` says why
    the owner is protected from losses, None if not.
    """
    ordered = sorted(family, key=lambda token: (token.issued is not None, token.issued or 0.0, token.id))
    valid = [token for token in ordered if token.valid(now)]
    plan = TokenPlan(current=valid[-1] if valid else None)
    current = plan.current
    if current is None:
        plan.make, plan.why = True, "none is valid"
        plan.kept = [(token, "no_current_token") for token in ordered]
        return plan
    _decide(plan, current, rules, now, lost(current))
    if plan.make:
        plan.kept.append((current, "replaced"))
    for token in ordered:
        if token is not current:
            code, text = _stays(token, current, ordered, rules, now, shield)
            if code:
                plan.kept.append((token, code))
            else:
                plan.revoke.append(token)
            if text:
                plan.notices.append(Notice(code, text))
    if rules.overlap is None and rules.rotate != "always":
        plan.notices += _created_together(valid)
    return plan


def _created_together(valid: t.Sequence[TokenInfo]) -> list[Notice]:
    """Return a warning if the newest valid tokens were issued at about the same time: no rotation does that, but tasks
    that run at the same time do. ``valid`` is ordered, the current token is the last one."""
    together = list(valid[-1:])
    for token in reversed(valid[:-1]):
        if token.issued is None or (together[0].issued or 0.0) - token.issued > _TOGETHER:
            break
        together.insert(0, token)
    if len(together) < 2:
        return []
    text = (
        f"{len(together)} valid tokens are named {together[-1].name} and were created at about the same time: "
        f"{', '.join(token.id for token in together)}. Tasks that run at the same time can create such tokens. Revoke "
        "the unused ones (state: absent with token_id)."
    )
    return [Notice("duplicate_token", text)]


def _decide(plan: TokenPlan, current: TokenInfo, rules: Rotation, now: float, lost: str) -> None:
    """Decide whether to create a token although one is valid."""
    if rules.rotate == "always":
        plan.make, plan.why = True, "rotate is always"
        return
    if rules.rotate == "expired":
        if current.expires is not None and current.expires - now < (rules.min_remaining or 0.0):
            plan.make, plan.why = True, "less than min_remaining is left"
        elif (
            rules.rotate_after is not None and current.issued is not None and now - current.issued >= rules.rotate_after
        ):
            plan.make, plan.why = True, "it is older than rotate_after"
        elif lost:
            plan.make, plan.why = True, lost
        elif "expires_at" in current.doubt or ("issued_at" in current.doubt and rules.rotate_after is not None):
            text = (
                f"{_unreadable(current)}, so it is unknown whether to replace this token. It was not replaced. To "
                "replace it, use rotate: always."
            )
            plan.notices.append(Notice("unclear_times", text))
        return
    if lost:
        plan.notices.append(Notice(
            "lost_secret",
            f"token {current.id} is valid, and {lost}: its secret cannot be read again. Use rotate: expired or "
            "rotate: always to create another one.",
        ))  # fmt: skip


def _unreadable(*tokens: TokenInfo) -> str:
    """Return which times of tokens the server does not report in a readable form."""
    return "the server reports no readable " + " and no readable ".join(
        f"{token.doubt} of token {token.id}" for token in tokens if token.doubt
    )


def _stays(
    token: TokenInfo,
    current: TokenInfo,
    ordered: t.Sequence[TokenInfo],
    rules: Rotation,
    now: float,
    shield: str | None,
) -> tuple[str, str]:
    """Return a code and a warning if an older token is not revoked. The code is empty if it is revoked."""
    if rules.overlap is None:
        return "not_requested", ""
    if current.issued is not None and now - current.issued < rules.overlap:
        return "overlap", ""
    kept = f"Token {token.id} was not revoked."
    others = "To revoke it, use other credentials."
    idle = "If nothing uses it, use state: absent with its token_id."
    if shield is not None:
        text = f"the owner of token {token.id} is {shield}. {kept} To revoke it, remove the pattern from protect."
        return "protected", text
    if token.own:
        return "own_token", f"this task uses token {token.id}. {kept} {others}"
    if token.own is None:
        text = f"the server reports no prefix of token {token.id}, so this task may be using it."
        return "own_token_unknown", f"{text} {kept} {others}"
    if token.doubt or current.doubt:
        return "unclear_times", f"{_unreadable(token, current)}. {kept} {idle}"
    if not token.valid(now):
        return "", ""
    if current.last_used is None:
        text = f"token {token.id} is older than {current.id}, which has not been used yet. {kept}"
        return "unused_successor", f"{text} A later run revokes it after {current.id} has been used."
    following = [
        other.issued
        for other in ordered
        if other.issued is not None and token.issued is not None and other.issued > token.issued
    ]
    if not following:
        return "unclear_times", f"token {token.id} was issued at the same time as {current.id}. {kept} {idle}"
    if token.last_used is not None and token.last_used > following[0]:
        text = f"token {token.id} has been used since its successor was issued, so something still uses it. {kept}"
        return "token_in_use", f"{text} As soon as nothing uses it, use state: absent with its token_id."
    return "", ""


# -- state: absent -------------------------------------------------------------------------------------------------


USE_OTHERS = "Use other credentials, such as those of another user."
"""What to do about a token that may be the task's own."""


def unclear_owner_of(identities: t.Sequence[str]) -> str:
    """Return why tokens are not revoked whose rows do not show whether the task uses them."""
    number, ids = len(identities), ", ".join(identities)
    tokens, used = agreed(number, "token"), "it" if number == 1 else "one of them"
    return (
        f"The server reports no prefix of {tokens} {ids}, so this task may be using {used}. "
        f"{agreed(number, 'this').capitalize()} {tokens} {agreed(number, 'was')} not revoked."
    )


def plan_absent(family: t.Sequence[TokenInfo], owner: str = "", shield: str | None = None) -> TokenPlan:
    """Return the plan that revokes a family.

    Raises InputError if the family contains, or may contain, the token of this run, and GuardError if ``shield`` says
    why the owner is protected from losses.
    """
    if family and shield is not None:
        raise GuardError(
            f"{owner} is {shield}, so no token is revoked.",
            "Nothing was written. Remove the pattern from protect.",
            {owner: f"{owner} is {shield}, so no token is revoked."},
            code="protected",
            option="protect",
        )
    for token in family:
        if token.own:
            raise InputError(
                f"This task uses token {token.id}, so it is not revoked.",
                "Use other credentials to revoke it. Nothing was written.", "own_token",
            )
    unknown = [token.id for token in family if token.own is None]
    if unknown:
        raise InputError(unclear_owner_of(unknown), f"{USE_OTHERS} Nothing was written.", "own_token_unknown")
    return TokenPlan(revoke=list(family))


def check_unnamed(
    tokens: t.Iterable[TokenInfo], plan: TokenPlan, rules: Rotation, name: str, now: float
) -> None:
    """Raise InputError if a token whose row shows no name may be the token that the plan would create."""
    unnamed = [token.id for token in tokens if token.name is None and token.valid(now)]
    in_any_case = rules.rotate == "always" and plan.current is not None
    if plan.make and unnamed and not in_any_case:
        number, which = len(unnamed), "It" if len(unnamed) == 1 else "One of them"
        text = (
            f"The list shows no name for {agreed(number, 'token')} {', '.join(unnamed)}. {which} may already be named "
            f"{name!r}, so no token was created."
        )
        raise InputError(
            text, "Nothing was written. Run the task again; if this persists, report it to the provider.",
            "unnamed_token",
        )
