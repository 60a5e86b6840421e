# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contabo: input that is refused, and what is planned."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import GuardError, InputError
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.plan import plan_user
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import locate
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo.users import SCHEMA, Users
from ansible_collections.rollcall.identity.tests.unit.contabo import (
    ADA_ID,
    USERS,
    asked,
    connect,
    data,
    role,
    single,
    user,
    want,
)


@pytest.mark.parametrize(
    ("desired", "text"),
    [
        (Desired("", id="client"), "UUIDs"),
        (Desired("", id=f"{ADA_ID}/../client"), "UUIDs"),
        (Desired("", id=ADA_ID.upper(), state="absent"), "UUIDs in lower case"),
        (Desired("", id=ADA_ID, fields={"email": ""}), "email is empty"),
        (Desired("ada", fields={"email": "ada"}), "user: 'ada' is not an e-mail address. .*: specify it"),
        (Desired("ada@x.org", fields={"email": "ada"}), "email: 'ada' is not an e-mail address"),
        (Desired("ada@x.org", previous=("ada",)), "previous_users: 'ada' is not an e-mail address"),
        (Desired("ada@x.org", previous=("a" * 300 + "@x.org",)), "previous_users is longer than 255 characters"),
        (Desired("ada@x.org", fields={"first_name": "x" * 256}), "first_name is longer"),
    ],
)
def test_input_that_cannot_be(serve, desired, text):
    connection = connect(serve, {})
    with pytest.raises(InputError, match=text):
        single(connection, desired)
    assert [target for target, _body in asked(connection) if "/users" in target] == []


def test_an_id_that_is_none_never_leads_to_another_call(serve):
    connection = connect(serve, {})
    with pytest.raises(InputError, match="UUIDs"):
        locate(Users(connection), None, "client")
    assert asked(connection) == []


def test_a_name_cannot_be_cleared(serve):
    connection = connect(serve, {USERS: data(user(), total=1)})
    with pytest.raises(InputError, match="first_name is empty, and Contabo cannot clear it"):
        single(connection, want(first_name="", totp=True))
    assert single(connection, want(last_name=""))["changed"] is False


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        (["Twice"], "2 roles are named 'Twice'. Specify one with {id: 3 or 4}"),
        (["Reeder"], "similar names: 'Reader'"),
        ([{"id": 9}], "id 9"),
    ],
)
def test_roles_that_are_none_or_several(serve, target, problem):
    with pytest.raises(InputError) as caught:
        single(connect(serve, {}), want(roles=target))
    assert problem in caught.value.sentence()


def test_taking_the_last_admin_role_is_a_demotion(serve):
    users = Users(connect(serve, {}))
    users.prepare(["roles"])
    desired = want(roles=["Administrator"], mode="absent")
    users.resolve([desired])
    account = users.account(user(roles=[role(1), role(2)]))
    plan = plan_user(SCHEMA, users.complete(desired, account), account)
    assert list(map(str, plan.losses)) == ["is demoted", "loses role Administrator"]
    assert (plan.before, plan.after) == (
        {"privileged": True, "roles": ["Administrator", "Reader"]}, {"privileged": False, "roles": ["Reader"]},
    )
    assert sum(map(users.cost, plan.steps)) == 2


def test_what_a_user_tells_of_a_role_outweighs_the_list_of_roles(serve):
    hidden = {"roleId": 9, "name": "Hidden", "admin": True}
    connection = connect(serve, {USERS: data(user(roles=[hidden, role(2)]), total=1)})
    result = single(connection, want(roles=["Reader"]))
    assert (result["changed"], result["user"]["privileged"]) == (False, True)


@pytest.mark.parametrize("owner", [True, None, "no"])
@pytest.mark.parametrize("target", [{"enabled": False}, {"roles": ["Reader"], "mode": "absent"}, {"state": "absent"}])
def test_the_owner_never_loses_anything_nor_who_may_be_it(serve, target, owner):
    connection = connect(serve, {USERS: data(user(owner=owner), total=1)})
    desired = want(**{name: value for name, value in target.items() if name != "state"})
    desired.state = target.get("state", "present")
    with pytest.raises(GuardError, match="the owner of the account"):
        single(connection, desired)


def test_the_caller_never_loses_anything(serve):
    connection = connect(serve, {USERS: data(user(email="SVC@example.com"), total=1)})
    with pytest.raises(GuardError, match="the user of these credentials"):
        single(connection, want("svc@example.com", enabled=False))
