# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of text options: what each kind accepts, and which option has which rule."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """What a text option accepts.

    ``blank``: whether an empty text has a meaning (it clears the field). ``lines``: whether line breaks, tabs and
    format characters are allowed. ``integer``: what happens to a number: ``accept`` and ``warn`` use its decimal text,
    ``refuse`` is an error. ``segment``: whether the value may become a segment of a path, so that ``.`` and ``..`` are
    refused. ``secret``: whether messages must not repeat it. ``header``: whether it is sent in a header, which can only
    contain Latin-1. ``typed``: whether numbers and booleans are accepted as such, as in JSON. ``trimmed``: whether a
    blank at the beginning or the end is refused. ``visible``: whether fillers, which look like blanks, are refused;
    they always are in a segment.
    """

    blank: bool = False
    lines: bool = False
    integer: str = "accept"
    segment: bool = True
    secret: bool = False
    header: bool = False
    typed: bool = False
    trimmed: bool = False
    visible: bool = False


KEY = Rule(integer="refuse")
"""Natural keys of users, service accounts and tokens. Numbers are refused: YAML drops leading zeros and signs, so the
number could name another user."""
NAME = Rule()
"""Names of roles, groups, tenants and the like, and ids."""
GRANT = Rule(segment=False)
"""Roles, groups and permissions. They are looked up in lists, so ``..`` is allowed; info modules return such names."""
SECRET = Rule(integer="refuse", segment=False, secret=True)
CREDENTIAL = Rule(integer="refuse", segment=False, secret=True, trimmed=True)
"""Generated secrets, which contain no blanks. Passwords can begin and end with blanks."""
HEADER = Rule(integer="refuse", segment=False, secret=True, header=True, trimmed=True)
LOGIN = Rule(integer="refuse", trimmed=True)
"""The user name of a connection."""
CLIENT = Rule(trimmed=True)
"""Generated ids of credentials."""
QUANTITY = Rule(segment=False)
"""Durations, percentages and limits, which may be written as numbers."""
PLAIN = Rule(integer="refuse", segment=False)
"""Addresses and paths."""
PATTERN = Rule(integer="refuse", segment=False, visible=True)
"""Patterns of names."""
TEXT = Rule(blank=True, lines=True, integer="warn", segment=False)
"""Profile fields and values of attributes: an empty text clears them."""
REQUIRED_TEXT = Rule(lines=True, integer="warn", segment=False)
TYPED = Rule(blank=True, lines=True, segment=False, typed=True)
"""Values of a mapping that can have any type. The provider checks them."""
CLEARABLE = Rule(blank=True)
"""Ids in profile fields: an empty text clears them."""

KINDS: dict[str, Rule] = {
    "user": KEY, "previous_users": KEY, "service_account": KEY, "name": KEY, "protect": PATTERN,
    "api_user": LOGIN, "client_id": CLIENT, "role_id": CLIENT,
    "api_url": PLAIN, "auth_url": PLAIN, "redirect_url": PLAIN, "loss_limit": QUANTITY, "create_limit": QUANTITY,
    "reopen_limit": QUANTITY, "rename_limit": QUANTITY, "rate_reserve": QUANTITY, "min_remaining": QUANTITY,
    "rotate_after": QUANTITY, "overlap": QUANTITY, "max_age": QUANTITY,
}
"""The rules of options that are not ``NAME``. The provider declares its profile fields (Task.kinds)."""


_IN_HEADERS = frozenset({"api_token", "api_key", "access_token"})
_TRIMMED = frozenset({"client_secret", "header_value"})

Spec = t.Mapping[str, t.Mapping[str, t.Any]]
Kinds = t.Mapping[str, "Rule"]
"""Names of options, at any depth -> their rules, as a provider declares its fields."""


def rule_of(name: str, option: t.Mapping[str, t.Any], kinds: Kinds) -> Rule:
    """Return the rule of a text option."""
    if option.get("no_log"):
        return HEADER if name in _IN_HEADERS else CREDENTIAL if name in _TRIMMED else SECRET
    if option.get("type") == "path":
        return PLAIN
    rule = kinds.get(name) or KINDS.get(name, NAME)
    return REQUIRED_TEXT if rule is TEXT and option.get("required") else rule
