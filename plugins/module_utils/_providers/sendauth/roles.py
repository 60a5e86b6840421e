# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: which roles exist, and how they are spelt.

No call lists roles, and the specification and the product's documentation name different ones. A role exists if one of
them names it, or if a user has it. Pure functions.
"""

from __future__ import annotations

import typing as t

from ..._core.names import fold, near
from ..._core.run.scalars import short

_SPECIFIED = ("super_admin", "admin", "user")
_DOCUMENTED = ("Admin", "Registrar", "Authenticator", "None")


def spelling(role: str, current: t.Collection[str]) -> str | None:
    """Return a role as the server spells it, None if neither the documentation nor a user has it.

    ``current`` are the roles that users have. If it is empty, the spelling is unknown, and the role is unchanged.
    """
    role = role.strip()
    same = sorted(name for name in current if fold(name) == fold(role))
    if same:
        return role if role in same else same[0]
    names = [name for name in (*_SPECIFIED, *_DOCUMENTED) if fold(name) == fold(role)]
    if not names or not current:
        return role if names else None
    if all(name == name.lower() for name in current):
        return names[0].lower()
    return names[-1]


def doubt(role: str, current: t.Collection[str]) -> str:
    """Return why the server may refuse a role although it is documented, empty if nothing indicates that.

    Users have roles that only the specification names, and the role is from the documentation, or the reverse.
    """
    specified, documented = ({fold(name) for name in names} for names in (_SPECIFIED, _DOCUMENTED))
    name, known = fold(role), {fold(name) for name in current}
    for own, other in ((specified, documented), (documented, specified)):
        if name in own - other - known and known & (other - own) and not known & (own - other):
            return f"no user has the role {role}, and SendAuth may refuse it: users have {', '.join(sorted(current))}."
    return ""


def unknown(role: str, current: t.Collection[str]) -> str:
    """Return the sentences about a role that neither the documentation nor a user has."""
    names = [*current, *(name for name in (*_SPECIFIED, *_DOCUMENTED) if fold(name) not in set(map(fold, current)))]
    similar = near(role, names)
    listed = (
        f"similar names: {', '.join(map(repr, similar))}"
        if similar
        else f"SendAuth documents {', '.join(_SPECIFIED)}, {', '.join(_DOCUMENTED[1:-1])} and {_DOCUMENTED[-1]}"
    )
    return (
        f"there is no role named {short(role)}; {listed}. To use a role that no user has yet, assign it to a user in "
        "SendAuth first."
    )
