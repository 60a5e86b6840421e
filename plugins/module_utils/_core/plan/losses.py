# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan takes from a user, by codes. Guards decide by the code; the sentence is made for messages."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

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
"""Losses after which a privileged user is none any more, or cannot log in."""
_WORDS = {
    PASSWORD_CHANGED: "gets a new password", SESSIONS_ENDED: "is logged out",
    TAGS_REPLACED: "loses the tags that are not listed",
}


@dataclass(frozen=True)
class Loss:
    """One loss. ``facet`` and ``noun`` name the facet of a FACET_REMOVED, ``entries`` what goes: labels, names of
    fields, the new name.

    Other codes are the words of a field's ``loses``: ``locked``, ``restricted``, ``left_without_passkeys``.
    """

    code: str
    facet: str = ""
    noun: str = ""
    entries: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the end of a sentence that begins with the user: ``is deleted``, ``loses role Admin``."""
        listed = ", ".join(self.entries)
        if self.code == FACET_REMOVED:
            return f"loses {self.noun}{'s' if len(self.entries) > 1 else ''} {listed}"
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


def loss_of(words: str) -> Loss:
    """Return the loss that a field's ``loses`` names, such as ``left without passkeys``."""
    return Loss(words.replace(" ", "_"))


def sentence(user: str, losses: t.Iterable[Loss]) -> str:
    """Return what a user loses, in words."""
    return f"{user} {' and '.join(map(str, losses))}"
