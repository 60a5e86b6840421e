# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decides what happens to each token, and computes the outcome. This module makes no calls.

The providers do not record whether a token has reached its users. So the rotation uses each new token once after its
delivery. If the newest token was never used, its delivery is uncertain, and the rotation replaces it.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.rollcall.identity.plugins.module_utils._core.durations import instant, seconds

from ..calls import Answer, error_of
from .model import (
    FAIL,
    FAILED,
    KEEP,
    KEPT,
    LOOK,
    MADE,
    MAKE,
    REVOKE,
    REVOKED,
    Document,
    NewToken,
    Outcome,
    Planned,
    Proof,
    Step,
)

_AGAIN = "Run the role again."
_LATER = "Run the role again after 10 minutes: it replaces this token if that is still unused."
YOUNG = "10m"
"""The age up to which another run may still be delivering a token."""
_EXTRA = 86400.0
"""How many seconds longer than ``max_age`` a token may be valid before the rotation warns."""


def step(
    due: Answer, listed: Answer | None = None, young: bool = False, module: str = "the provider's module"
) -> Step:
    """Return what happens to a token.

    ``due`` is the result of the module in check mode. ``listed`` is that of the info module; if it is needed but
    missing, the action is ``look``. ``young`` is whether the current token is not older than ``YOUNG``. ``module`` is
    the module that revokes tokens.
    """
    failure = error_of(due) or error_of(listed or {})
    if failure:
        return Step(FAIL, f"{failure} Nothing was changed.")
    if due.get("made"):
        before = next((token["id"] for token in due.get("kept") or () if token["code"] == "replaced"), None)
        return Step(MAKE, due.get("why") or "", before)
    current = due["token"]
    # The module keeps tokens that were used within the overlap. Here their last use is compared with that of the
    # current token.
    in_use = [token["id"] for token in due.get("kept") or () if token["code"] == "token_in_use"]
    unused, older = is_unused(due), [*(due.get("revoked") or ()), *in_use]
    if not unused and not older:
        return Step(KEEP, " ".join(due.get("warnings") or ()) or "it is valid, and not due", current["id"])
    if listed is None:
        return Step(LOOK, "", current["id"])
    if unused:
        return _replaced(current, listed["tokens"], young, module)
    return _relieved(current, older, listed["tokens"])


def is_unused(due: Answer) -> bool:
    """Return whether the current token was never used."""
    return bool(due.get("token")) and not due["token"].get("last_used_at")


def is_young(due: Answer, aged: Answer) -> bool:
    """Return whether the current token is not older than ``YOUNG``, by the server's clock. ``aged`` is the result of
    the module with ``YOUNG`` as the age at which to replace the token. A token without a readable time is not young."""
    return bool(_moment(due["token"].get("issued_at"))) and not error_of(aged) and not aged.get("made")


def kept_too_long(due: Answer, rules: Document) -> str:
    """Return why a current token is kept for longer than an entry suggests, or an empty text.

    This happens to tokens that the rotation did not create. ``rules`` are the options that show what is due.
    """
    token = due.get("token")
    if error_of(due) or due.get("made") or not token or "rotate_after" in rules or "max_age" not in rules:
        return ""
    identity, expires = token["id"], token.get("expires_at")
    if not expires:
        return (
            f"token {identity} never expires, and min_remaining applies only to tokens that expire, so this token is "
            "never replaced. Specify rotate_after to replace it."
        )
    begins, ends = instant(token.get("issued_at")), instant(expires)
    if begins is None or ends is None or token.get("extended"):
        return ""
    if ends - begins <= seconds(rules["max_age"], "max_age") + _EXTRA:
        return ""
    return (
        f"token {identity} is valid until {expires}, which is longer than max_age, and is only replaced when less than "
        "min_remaining is left. Specify rotate_after to replace it earlier."
    )


def _replaced(current: Document, tokens: t.Sequence[Document], young: bool, module: str) -> Step:
    """Return what happens to a family whose newest token was never used: its delivery may have been interrupted."""
    others = [token for token in tokens if token["id"] != current["id"] and not token.get("expired")]
    before = max(others, key=lambda token: _moment(token.get("issued_at")), default=None)
    if before is not None and not before.get("last_used_at"):
        # Stop creating tokens: the API may not report uses, or each run may be interrupted.
        return Step(
            FAIL,
            f"the two newest tokens, {current['id']} and {before['id']}, were never used, so it is unknown whether "
            f"either was delivered. Revoke the ones that were not, with {module} (state: absent with token_id). "
            "Then run the role again.",
            current["id"],
        )
    if young:
        return Step(
            FAIL,
            f"the newest one, {current['id']}, was created at {current['issued_at']} and was never used, so another "
            f"run may still be delivering it. {_LATER}",
            current["id"],
        )
    return Step(MAKE, f"the newest one, {current['id']}, was never used: it may not have been delivered", current["id"])


def _relieved(
    current: Document, older: t.Sequence[str], tokens: t.Sequence[Document], before: t.Sequence[str] = ()
) -> Step:
    """Return what happens to older tokens whose overlap has passed: a token that is still used is kept. ``before`` are
    those that the plan keeps for this reason."""
    used = _moment(current.get("last_used_at"))
    busy = [
        token["id"] for token in tokens
        if token["id"] in before
        or (token["id"] in older and not token.get("expired") and _moment(token.get("last_used_at")) > used)
    ]
    idle = [identity for identity in older if identity not in busy]
    note = _still_used(busy) if busy else ""
    if idle:
        detail = "; ".join(filter(None, [f"revoked {', '.join(idle)}", note]))
        return Step(REVOKE, detail, current["id"], tuple(idle), tuple(busy))
    return Step(KEEP, note, current["id"], busy=tuple(busy))


def still_due(planned: Step, listed: Answer) -> Step:
    """Return what happens to the older tokens of a plan right before they are revoked.

    Since the plan, a long delivery of other tokens may have passed, in which something used them. ``listed`` is the
    result of the info module.
    """
    failure, older = error_of(listed), ", ".join(planned.revoke)
    if not failure:
        current = next((token for token in listed["tokens"] if token["id"] == planned.token_id), None)
        if current is not None and not current.get("expired"):
            return _relieved(current, planned.revoke, listed["tokens"], planned.busy)
        failure = f"the current token {planned.token_id} was revoked or has expired during this run."
    return Step(FAIL, f"{failure} Nothing was revoked, so {older} may still be valid. {_AGAIN}", planned.token_id)


def _still_used(busy: t.Sequence[str]) -> str:
    """Return why tokens were not revoked."""
    names, current = ", ".join(busy), "used more recently than the current token"
    switch = "to the current token; a later run then revokes"
    if len(busy) == 1:
        kept = f"so something still uses {names}: it was not revoked"
        return f"{names} was {current}, {kept}. Switch what uses {names} {switch} it"
    kept = "so something still uses them: they were not revoked"
    return f"{names} were {current}, {kept}. Switch what uses them {switch} them"


def _moment(text: t.Any) -> float:
    return instant(text) or 0.0


def proof_of(answer: Answer) -> Proof:
    """Return the proof from the result of reading with a new token."""
    error, status = error_of(answer), answer.get("status")
    if not error or status == 403:  # the server accepts the token, even if the token may not read this
        return Proof()
    return Proof(refused=True) if status == 401 else Proof(unclear=error)


def outcome(planned: Planned, new_token: NewToken, proof: Proof) -> Outcome:
    """Return the outcome of an entry for which the plan was to create a token."""
    entry, step, new = planned.entry, planned.step, new_token.token_id
    if new_token.error:
        return Outcome(FAILED, step.token_id, f"there is no new token to deliver: {new_token.error}")
    if proof.is_good:
        later = "; a later run revokes the older tokens" if step.token_id else ""
        return Outcome(MADE, new, f"{step.detail}{later}")
    if proof.unclear:
        kept = "The new token and the older ones are kept." if step.token_id else "The new token is kept."
        detail = f"the new token was delivered, but could not be tested: {proof.unclear} {kept}"
        return Outcome(FAILED, new, f"{detail} {_LATER}")
    again = "Fix the cause and run the role again."
    stored = entry.deliver and step.token_id
    if proof.broken:
        if stored:
            again = f"If deliver stored the new token somewhere, restore the old one there. {again}"
        why = f"the delivery failed in the task '{proof.broken}', whose output is hidden: it may contain the token."
    elif proof.unreadable:
        why = f"the new token was written to {entry.dest}, but could not be read from there."
    else:
        why = "the new token was delivered, but the server rejects it."
        again = f"Check that {entry.owner} can log in, or increase token_rotation_wait. Then run the role again."
        if stored:
            again = f"Restore the old token where deliver stored the new one. {again}"
    why += _file_after(entry.dest, proof) if entry.dest else ""
    if proof.stays:
        left = f"Revoke the new token {new}, which could not be revoked: {proof.stays}"
        return Outcome(FAILED, new, f"{why} {left} {again}")
    revoked = f"The new token {new} was revoked{'; older ones still work' if step.token_id else ''}."
    return Outcome(FAILED, step.token_id, f"{why} {revoked} {again}")


def _file_after(dest: str, proof: Proof) -> str:
    """Return a sentence about the file of a token that was not delivered."""
    if not proof.restored:
        return f" {dest} could not be restored: it contains the new token."
    if proof.owner:
        return (
            f" {dest} has its earlier content and mode, but its user and group could not be restored: they were "
            f"{proof.owner}. Change them with chown."
        )
    return " The file is as it was before."


def final(planned: Planned, new_token: Outcome | None, revoked: t.Mapping[str, str], check: bool) -> Outcome:
    """Return the outcome of an entry at the end.

    ``new_token`` is the outcome of a new token, or None if the run did not reach it. ``revoked`` maps the ids of older
    tokens to why they could not be revoked, or to an empty text.
    """
    step = planned.step
    if step.action == MAKE and not check:
        return new_token or Outcome(FAILED, step.token_id, f"this token was not attempted. {_AGAIN}")
    result = Outcome({MAKE: MADE, REVOKE: REVOKED, KEEP: KEPT}.get(step.action, FAILED), step.token_id, step.detail)
    wrong = [f"{identity} could not be revoked: {why}" for identity, why in revoked.items() if why]
    return replace(result, outcome=FAILED, detail=f"{' '.join(wrong)} {_AGAIN}") if wrong else result
