# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections and users for the tests of the role export."""

from __future__ import annotations

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.export import Export
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.export.files import documents
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Memory

CONNECTIONS = {
    "ol": {"provider": "onelogin"},
    "ol2": {"provider": "onelogin", "user_key": "email"},
    "kes": {"provider": "kestra"},
    "con": {"provider": "contabo"},
    "na": {"provider": "nextauth"},
    "sa": {"provider": "sendauth"},
    "sc": {"provider": "scim", "user_key": "emails"},
}


def user(provider, key, number="1", **more):
    """Return a user as the info module of a provider tells it."""
    told = {"id": str(number), "user": key, "enabled": True}
    told.update({facet: [] for facet in life_of(provider).facets})
    if provider == "onelogin":
        told.update(username=key, email=f"{key}@x.org", firstname="Ada", lastname="Lovelace")
    elif provider == "scim":
        told.update(user_name=key, email=key, given_name="Ada", family_name="Lovelace")
    elif provider != "nextauth":
        told.update(email=key, first_name="Ada", last_name="Lovelace")
    return {**told, **more}


def export(directories, least=0, feed=(), join="email", memory=None):
    return Export(CONNECTIONS, directories, least, feed, join, memory or Memory())


def files_of(directories, errors=None, least=0):
    """Return the files of an export and its result."""
    return documents(export(directories, least), errors or {})
