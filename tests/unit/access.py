# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small company for the tests of the role access: connections, entitlements, people and their accounts."""

from __future__ import annotations

from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.desired import Desires
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.access.intent import Settings
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.data import load
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.entitlements import entitlements_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.life import life_of
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.links import Link, Memory
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.people import Granted, Person
from ansible_collections.rollcall.identity.plugins.plugin_utils._jobs.session import Listed

DAY = "2026-06-15"

CONNECTIONS = {
    "ol": {"provider": "onelogin"},
    "kes": {"provider": "kestra", "tenant": "main"},
    "na": {"provider": "nextauth"},
    "se": {"provider": "sendauth"},
}
DATA = {"tenant": "main", "name": "data"}
ENTITLEMENTS = {
    "mail": {"grants": {"ol": {}}},
    "data": {"grants": {"ol": {"roles": ["Snowflake"]}, "kes": {"groups": ["data"]}}},
    "ops": {"grants": {"ol": {"roles": ["VPN", "Snowflake"]}, "se": {"permissions": ["x"]}, "na": {}}},
}
BOUNDS = {"roles_state": "managed", "managed_roles": ["Snowflake", "VPN"]}
LINKS = Memory([Link("E1", name, "7") for name in CONNECTIONS], kept=True)
NAMES = {
    "ol": ("firstname", "lastname"), "kes": ("first_name", "last_name"), "na": ("x", "y"),
    "se": ("first_name", "last_name"),
}


def person(*entitlements, identity="E1", name="Ada Lovelace", email="ada@acme.com", **more):
    more["accounts"] = {connection: dict(about) for connection, about in more.get("accounts", {}).items()}
    return Person(identity, name=name, email=email, entitlements=tuple(map(Granted, entitlements)), **more)


def account(
    connection="ol",
    identity="7",
    user="ada@acme.com",
    enabled=True,
    given="Ada",
    family="Lovelace",
    deleted=False,
    **more,
):
    values = {
        "id": identity,
        "user": user,
        "enabled": enabled,
        NAMES[connection][0]: given,
        NAMES[connection][1]: family,
        **more,
    }
    return Listed(identity, user, values, deleted)


def intent(people, accounts=(), connection="ol", memory=None, entry=None, entitlements=ENTITLEMENTS, **settings):
    entry = entry or CONNECTIONS[connection]
    about = (connection, entry, life_of(entry["provider"]), entry)
    return Desires(
        people, entitlements_of(entitlements), memory or Memory(), Settings(DAY, **settings), about, accounts
    ).intent()


def options(found):
    return [target.options for target in found.targets]


def codes(found):
    return [(finding.code, finding.person) for finding in found.findings]


def problems(data, day=DAY):
    """Return what is wrong with data, and the warnings as (code, user, text)."""
    wrong = []
    loaded = load(data, "", day, "access_people_file", wrong)
    return [
        str(one) for one in [*wrong, *(problem for row in loaded.rejected for problem in row.problems)]
    ], [(notice.code, notice.user, notice.text) for notice in loaded.notices]
