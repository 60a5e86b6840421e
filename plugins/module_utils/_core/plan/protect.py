# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Matches users with the patterns of ``protect``.

In doubt, a pattern matches: it protects one user too many rather than one too few.
"""

from __future__ import annotations

import fnmatch
import functools
import re
import typing as t

from ..names import fold, skeleton


@functools.lru_cache(maxsize=16)
def _compiled(patterns: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return each pattern with an expression that matches folded names.

    Brackets match both as a set, as in ``svc-[ab]``, and literally, as in the name ``svc[awx]``.
    """
    compiled = []
    for pattern in patterns:
        forms = {form for text in (fold(pattern), skeleton(pattern)) for form in (text, text.replace("[", "[[]"))}
        compiled.append((pattern, re.compile("|".join(map(fnmatch.translate, sorted(forms))))))
    return tuple(compiled)


def matching(patterns: tuple[str, ...], name: str) -> list[str]:
    """Return the patterns that match a user's name. Case does not matter, and look-alike names match, too."""
    forms = {fold(name), skeleton(name)}
    return [pattern for pattern, expression in _compiled(patterns) if any(map(expression.match, forms))]


def unmatched(patterns: tuple[str, ...], names: t.Iterable[str]) -> list[str]:
    """Return the patterns that match none of the names."""
    left = list(dict.fromkeys(patterns))
    for name in names:
        if not left:
            break
        matched = matching(tuple(left), name)
        left = [pattern for pattern in left if pattern not in matched] if matched else left
    return left
