# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM 2.0: what is known of servers that deviate from the RFCs, as data. Nothing else asks for the name of a server."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Deviations:
    """What a server does otherwise than its ``/ServiceProviderConfig`` or the RFCs say; None: as it says itself.

    ``patch`` and ``filter`` override what the server announces; ``patch_groups`` does so for groups alone. ``page`` is the
    largest page, ``chunk`` the number of members that one request may change. ``member_filter`` says whether groups can be
    searched for a member. ``removes_by_value``: members are removed with a list of values, not with a filter in the path;
    a server that follows RFC 7644 would remove all of them. ``manager_text``: a manager is the bare id.
    """

    patch: bool | None = None
    patch_groups: bool | None = None
    filter: bool | None = None
    page: int = 200
    chunk: int = 100
    member_filter: bool = True
    removes_by_value: bool = False
    manager_text: bool = False


NONE = Deviations()
PROFILES = {
    # Servers that were written for Microsoft Entra's client, which names removed members in the value and managers by
    # their id alone, and searches groups by their names only.
    "entra": Deviations(member_filter=False, removes_by_value=True, manager_text=True),
    # Servers written after Okta's guide: users are replaced with PUT, PATCH is for groups; pages of 100; one filter on names.
    "okta": Deviations(patch=False, patch_groups=True, filter=True, page=100, member_filter=False),
    "slack": Deviations(patch=True, filter=True, member_filter=False, removes_by_value=True),
    # No filters in paths; a page has 100 rows at most; groups are searched by their names only.
    "github": Deviations(patch=True, filter=True, page=100, member_filter=False, removes_by_value=True),
}
