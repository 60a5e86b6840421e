# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: the apps that come with roles.

Version 2 lists roles with the ids of their apps, page by page. Only the list of a user's apps shows their names.
Therefore the apps of a few users are read, who together have all of them.
"""

from __future__ import annotations

import typing as t

from ..._core.errors import ApiError
from ..._core.plan.model import Account
from .connection import data_of
from .shapes import flat, is_number, number_text
from .users import Users

_HIDDEN = (400, 401, 403, 404, 405, 422)
"""Statuses of a server without the call, and of credentials without the permission for it."""
_MOST_CALLS = 20
"""The maximum number of users whose apps are read."""


def apps_of_roles(users: Users) -> dict[str, list[str]] | None:
    """Return id of a role -> ids of its apps.

    The result is None if these credentials may not read them, or the server does not report them.
    """
    try:
        rows = users.connection.rows("list_roles", "roles", {"fields": "apps"})
    except ApiError as error:
        if error.status not in _HIDDEN:
            raise
        return None
    if any(not isinstance(row.get("apps"), list) for row in rows):
        return None
    return {
        number_text(row["id"]): sorted({number_text(app) for app in flat(row["apps"]) if is_number(app)}, key=int)
        for row in rows
    }


def names_of_apps(users: Users, accounts: t.Sequence[Account], apps: t.Mapping[str, t.Sequence[str]]) -> dict[str, str]:
    """Return id of an app -> its name, as far as users who have them through their roles show it."""
    names: dict[str, str] = {}
    calls = 0
    for account in accounts:
        app_ids = {app for role in account.facets.get("roles", ()) for app in apps.get(role, ())}
        if calls == _MOST_CALLS or not app_ids - names.keys():
            continue
        calls += 1
        try:
            rows = flat(data_of(users.connection.call("get_user_apps", {"user_id": account.id}, subject=account.key)))
        except ApiError as error:
            if error.status not in _HIDDEN:
                raise
            return names
        app_names = {
            number_text(row["id"]): str(row["name"])
            for row in rows
            if isinstance(row, dict) and is_number(row.get("id")) and row.get("name")
        }
        names.update(app_names)
        # an app that is hidden from its users is not searched for again
        names.update((app, "") for app in app_ids - app_names.keys())
    return {app: name for app, name in names.items() if name}
