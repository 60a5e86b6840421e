# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Losses of a user, by code. Guards depend on the code; the sentence is for messages."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..wording import agreed

DELETED = "deleted"
DISABLED = "disabled"
DEMOTED = "demoted"
FACET_REMOVED = "facet_removed"
RENAMED = "renamed"
PASSWORD_CHANGED = "password_changed"
VALUE_CLEARED = "value_cleared"
SESSIONS_ENDED = "sessions_ended"
TAGS_REPLACED = "tags_replaced"
STRIPS = frozenset({DELETED, DISABLED, DEMOTED})
"""Losses after which a privileged user is no longer privileged, or cannot log in."""
_WORDS = {
    PASSWORD_CHANGED: "gets a new password", SESSIONS_ENDED: "is logged out",
    TAGS_REPLACED: "loses the tags that are not listed",
}
_INFINITIVES = {"is": "be", "gets": "get", "loses": "lose"}


@dataclass(frozen=True)
class Loss:
    """One loss. ``facet`` and ``noun`` are those of a FACET_REMOVED. ``entries`` are the labels of removed entries, the
    names of cleared fields, or the new name.

    Further codes come from the ``loses`` of fields: ``locked``, ``restricted``, ``left_without_passkeys``.
    """

    code: str
    facet: str = ""
    noun: str = ""
    entries: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the end of a sentence that begins with the user: ``is deleted``, ``loses role Admin``."""
        listed = ", ".join(self.entries)
        if self.code == FACET_REMOVED:
            return f"loses {agreed(len(self.entries), self.noun)} {listed}"
        if self.code == VALUE_CLEARED:
            return f"loses {listed}"
        if self.code == RENAMED:
            return f"is renamed to {listed}"
        if self.code in _WORDS:
            return _WORDS[self.code]
        return f"is {self.code.replace('_', ' ')}"

    def facts(self, user: str) -> dict[str, t.Any]:
        """Return the loss as results show it, in ``losses``."""
        facts: dict[str, t.Any] = {
            "user": user,
            "code": self.code,
            "message": f"{user} {self}",
            "entries": list(self.entries),
        }
        return {**facts, "facet": self.facet} if self.facet else facts


def when_false(words: str) -> t.Callable[[t.Any, t.Any], str | None]:
    """Return the ``loses`` of a boolean field that becomes False, and was True or unknown before."""
    return lambda before, after: words if before is not False and after is False else None


def loss_of(words: str) -> Loss:
    """Return the Loss for a text that a field's ``loses`` returns, such as ``left without passkeys``."""
    return Loss(words.replace(" ", "_"))


def forecast(user: str, losses: t.Iterable[Loss]) -> str:
    """Return a sentence about losses that a plan would cause, without a full stop: ``ada would be deleted``."""
    endings = [str(loss).partition(" ") for loss in losses]
    return f"{user} would " + " and ".join(f"{_INFINITIVES[verb]} {rest}" for verb, _blank, rest in endings)
