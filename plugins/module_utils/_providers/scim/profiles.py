# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SCIM 2.0: the known deviations of servers from the RFCs, as data. No other code depends on a server's name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Deviations:
    """How a server deviates from its ``/ServiceProviderConfig`` or the RFCs. None: as it announces.

    ``patch`` and ``filter`` override what the server announces; ``patch_groups`` does so for groups alone. ``page`` is
    the largest page. ``joins`` and ``leaves`` are the members that one request may add or remove. ``member_filter``
    is whether groups can be searched for a member, ``shows_members`` whether they name their members, ``quotes_ids``
    whether ids are quoted in paths, ``keeps_deleted`` whether a deleted user stays with ``active: false``.
    """

    patch: bool | None = None
    patch_groups: bool | None = None
    filter: bool | None = None
    page: int = 200
    joins: int = 100  # the maximum of AWS IAM Identity Center, developer guide, PatchGroup
    leaves: int = 100
    member_filter: bool = True
    shows_members: bool = True
    quotes_ids: bool = True
    keeps_deleted: bool = False


NONE = Deviations()
PROFILES = {
    # Microsoft Entra ID SCIM API reference: groups never name their members, 20 may be added at once, one removed.
    "entra": Deviations(shows_members=False, joins=20, leaves=1),
    # Servers that follow Okta's guide to SCIM 2.0: users are replaced, groups patched; only names can be filtered.
    "okta": Deviations(patch=False, patch_groups=True, filter=True, page=100, member_filter=False),
    # Slack SCIM 2.0 reference, "Remove a single member": members[value eq U123]; "Delete user": it is deactivated.
    "slack": Deviations(patch=True, member_filter=False, quotes_ids=False, keeps_deleted=True),
    # GitHub REST API, SCIM of enterprises: groups are searched by externalId, id and displayName.
    "github": Deviations(patch=True, filter=True, page=100, member_filter=False),
}
