# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that the jobs derive or compare."""

from __future__ import annotations

import typing as t

from ansible_collections.rollcall.identity.plugins.module_utils._core.wording import joined


def is_pattern(key: str) -> bool:
    """Return whether some APIs treat a name as a pattern when they search for it. Such an account also needs its id."""
    return "*" in key or key.strip().startswith("!")


def key_is_unknown(name: str, similar: t.Sequence[str], known: t.Iterable[str]) -> str:
    """Return the sentences about an unknown key of a mapping: similar keys, or all keys if none is similar."""
    if similar:
        return f"the key {name!r} is unknown; similar names: {', '.join(map(repr, similar))}."
    keys = [repr(key) for key in known]
    return f"the key {name!r} is unknown. The {'only key is' if len(keys) == 1 else 'keys are'} {joined(keys)}."
