# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lists of what can be granted: kinds, names, members."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import tasks
from ansible_collections.rollcall.identity.tests.unit.onelogin import ADA, asked, envelope

ROLES, GROUPS, USERS = "GET /api/1/roles", "GET /api/1/groups", "GET /api/1/users"
LISTS = {
    ROLES: envelope({"id": 2, "name": "ops"}, {"id": 1, "name": "Über"}),
    GROUPS: envelope({"id": 5, "name": "Staff", "reference": ""}),
}
BOB = {**ADA, "id": 8, "username": "bob", "group_id": "5"}


def run(connection, **params):
    every = {"kinds": ["roles", "groups"], "name": None, "members": False, **connection.params, **params}
    return tasks.ROLE_INFO.run(Context(every, False, False, connection.masker), connection)


def test_everything_is_listed_by_name_without_members(onelogin):
    result = run(onelogin(LISTS))
    assert result == {
        "changed": False, "api_calls": 2,
        "roles": [{"id": "2", "name": "ops", "members": None}, {"id": "1", "name": "Über", "members": None}],
        "groups": [{"id": "5", "name": "Staff", "reference": "", "members": None}],
    }  # fmt: skip


def test_a_kind_is_read_by_itself(onelogin):
    connection = onelogin(LISTS)
    assert set(run(connection, kinds=["groups"])) == {"changed", "api_calls", "groups"}
    assert [target for target, _body in asked(connection)] == [GROUPS]


@pytest.mark.parametrize(("name", "ids"), [("OPS", ["2"]), ("U\u0308ber", ["1"]), ("op", []), ("nobody", [])])
def test_a_name_is_exact_without_case(onelogin, name, ids):
    assert [role["id"] for role in run(onelogin(LISTS), kinds=["roles"], name=name)["roles"]] == ids


def test_members_are_read_for_the_chosen_entries_alone(onelogin):
    connection = onelogin({**LISTS, USERS: [envelope(BOB), envelope(ADA, BOB)]})
    result = run(connection, name="ops", members=True)
    assert result["roles"] == [{"id": "2", "name": "ops", "members": [{"id": "8", "user": "bob"}]}]
    assert result["groups"] == []
    assert [target for target, _body in asked(connection)] == [ROLES, f"{USERS}?role_id=2", GROUPS]


def test_members_of_groups_come_from_the_list_of_users(onelogin):
    connection = onelogin({**LISTS, USERS: envelope(ADA, BOB)})
    assert run(connection, kinds=["groups"], members=True)["groups"][0]["members"] == [{"id": "8", "user": "bob"}]


def test_no_kind_is_no_way_to_list_nothing(onelogin):
    connection = onelogin({})
    with pytest.raises(InputError) as caught:
        run(connection, kinds=[])
    assert caught.value.code == "blank_value"
    assert asked(connection) == []
