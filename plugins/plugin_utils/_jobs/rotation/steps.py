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

from ansible_collections.rollcall.identity.plugins.module_utils._core.durations import instant

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

_AGAIN = "run the role again."


def step(due: Answer, listed: Answer | None = None) -> Step:
    """Return what happens to a token.

    ``due`` is the result of the module in check mode. ``listed`` is that of the info module; if it is needed but
    missing, the action is ``look``.
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
    unused, older = not current.get("last_used_at"), [*(due.get("revoked") or ()), *in_use]
    if not unused and not older:
        return Step(KEEP, " ".join(due.get("warnings") or ()) or "it is valid, and not due", current["id"])
    if listed is None:
        return Step(LOOK, "", current["id"])
    return _replaced(current, listed["tokens"]) if unused else _relieved(current, older, listed["tokens"])


def _replaced(current: Document, tokens: t.Sequence[Document]) -> Step:
    """Return what happens to a family whose newest token was never used: its delivery may have been interrupted."""
    others = [token for token in tokens if token["id"] != current["id"] and not token.get("expired")]
    before = max(others, key=lambda token: _moment(token.get("issued_at")), default=None)
    if before is not None and not before.get("last_used_at"):
        # Stop creating tokens: the API may not report uses, or each run may be interrupted.
        return Step(
            FAIL,
            f"the two newest tokens, {current['id']} and {before['id']}, were never used, so it is unknown whether "
            "either was delivered. Revoke the ones that were not, with the provider's module for API tokens (state: "
            f"absent with token_id). Then {_AGAIN}",
            current["id"],
        )
    return Step(MAKE, f"the newest one, {current['id']}, was never used: it may not have been delivered", current["id"])


def _relieved(current: Document, older: t.Sequence[str], tokens: t.Sequence[Document]) -> Step:
    """Return what happens to older tokens whose overlap has passed: a token that is still used is kept."""
    used = _moment(current.get("last_used_at"))
    busy = [
        token["id"] for token in tokens
        if token["id"] in older and not token.get("expired") and _moment(token.get("last_used_at")) > used
    ]
    idle = [identity for identity in older if identity not in busy]
    note = _still_used(busy) if busy else ""
    if idle:
        return Step(REVOKE, "; ".join(filter(None, [f"revoked {', '.join(idle)}", note])), current["id"], tuple(idle))
    return Step(KEEP, note, current["id"])


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
        return Outcome(FAILED, new, f"{detail} Run the role again: it replaces the new token if that was never used.")
    again = f"Fix that and {_AGAIN}"
    if proof.broken:
        why = f"the delivery failed in the task '{proof.broken}', whose output is hidden: it may contain the token."
    elif proof.unreadable:
        why = f"the new token was written to {entry.dest}, but could not be read from there."
    else:
        why = "the new token was delivered, but the server rejects it."
        again = f"Check that {entry.owner} can log in, or increase token_rotation_wait. Then {_AGAIN}"
        if entry.deliver and step.token_id:
            again = f"Restore the old token where deliver stored the new one. {again}"
    if entry.dest:
        why += (
            " The file is as it was before."
            if proof.restored
            else f" {entry.dest} could not be restored: it contains the new token."
        )
    if proof.stays:
        left = f"Revoke the new token {new}, which could not be revoked: {proof.stays}"
        return Outcome(FAILED, new, f"{why} {left} {again}")
    revoked = f"The new token {new} was revoked{'; older ones still work' if step.token_id else ''}."
    return Outcome(FAILED, step.token_id, f"{why} {revoked} {again}")


def final(planned: Planned, new_token: Outcome | None, revoked: t.Mapping[str, str], check: bool) -> Outcome:
    """Return the outcome of an entry at the end.

    ``new_token`` is the outcome of a new token, or None if the run did not reach it. ``revoked`` maps the ids of older
    tokens to why they could not be revoked, or to an empty text.
    """
    step = planned.step
    if step.action == MAKE and not check:
        return new_token or Outcome(FAILED, step.token_id, f"this token was not attempted. R{_AGAIN[1:]}")
    result = Outcome({MAKE: MADE, REVOKE: REVOKED, KEEP: KEPT}.get(step.action, FAILED), step.token_id, step.detail)
    wrong = [f"{identity} could not be revoked: {why}" for identity, why in revoked.items() if why]
    return replace(result, outcome=FAILED, detail=f"{' '.join(wrong)} R{_AGAIN[1:]}") if wrong else result
