# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: odd answers, statuses, and the forms in which values are sent."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    InputError,
    RollcallError,
    UnclearAnswer,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired, DesiredFacet, document
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.plan import apply_plan, plan_user
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import Step
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import tasks
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin.users import Users
from ansible_collections.rollcall.identity.tests.unit.onelogin import (
    ADA,
    CREATE,
    NEW,
    SALTED,
    STATUS,
    SUCCESS,
    USER,
    USERS,
    asked,
    block,
    envelope,
    run,
)
from ansible_collections.rollcall.identity.tests.unit.web import Reply

NOBODY = {"status": SUCCESS, "pagination": {"after_cursor": None}}

# -- answers that cannot be used ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [NOBODY, {**NOBODY, "data": None}, {**NOBODY, "data": {}}, {**NOBODY, "data": "none"}])
def test_a_list_without_data_is_not_a_list_of_nobody(onelogin, body):
    connection = onelogin({USERS: body})
    with pytest.raises(UnreadableAnswer, match="no list of data"):
        run(tasks.USER, connection, user="ada", email="a@x.org", firstname="A", lastname="L")
    assert [target.split()[0] for target, _body in asked(connection)] == ["GET"]
    with pytest.raises(UnreadableAnswer):
        run(tasks.USER_INFO, onelogin({USERS: body}))


@pytest.mark.parametrize("body", [{"status": SUCCESS}, {"status": SUCCESS, "data": None}])
def test_a_user_without_data_is_not_an_absent_one(onelogin, body):
    connection = onelogin({USER: body})
    with pytest.raises(UnreadableAnswer):
        run(tasks.USER, connection, id="7", state="absent")


@pytest.mark.parametrize("flag", [True, "true", 1])
def test_an_error_in_an_answer_of_success(onelogin, flag):
    body = {"status": {"error": flag, "code": 200, "type": "bad request", "message": "no"}, "data": []}
    with pytest.raises(ApiError, match="no"):
        Users(onelogin({USERS: body})).lookup("ada")


ODD = [
    5, "ada", None, [ADA], {**ADA, "id": None}, {**ADA, "id": True}, {**ADA, "id": {"a": 1}}, {**ADA, "id": "x"},
    {name: value for name, value in ADA.items() if name != "id"}, {**ADA, "username": ["ada"]}, {**ADA, "email": {}},
    {**ADA, "status": "x"},
    {**ADA, "status": [1]}, {**ADA, "state": True}, {**ADA, "custom_attributes": ["a"]},
    {**ADA, "custom_attributes": {"a": {}}}, {**ADA, "title": {}},
    {**ADA, "role_id": 5}, {**ADA, "role_id": [{"id": 1}]},
]  # fmt: skip


@pytest.mark.parametrize("row", ODD, ids=str)
def test_odd_users_are_no_tracebacks(onelogin, row):
    for read in (lambda users: users.lookup("ada"), Users.listing):
        with pytest.raises(UnreadableAnswer):
            read(Users(onelogin({USERS: envelope(row)})))
    with pytest.raises(UnreadableAnswer):
        Users(onelogin({USER: envelope(row)})).get("7")
    with pytest.raises(UnclearAnswer):
        Users(onelogin({"POST /api/1/users": envelope(row)})).writing(Desired("ada")).create(Step("create"))


@pytest.mark.parametrize("rows", [[{**ADA, "id": 8}], [ADA, ADA]])
def test_another_user_than_the_id_names_is_not_that_user(onelogin, rows):
    with pytest.raises(UnreadableAnswer):
        Users(onelogin({USER: envelope(*rows)})).get("7")


@pytest.mark.parametrize(
    "row",
    [
        5,
        None,
        {"name": "Ops"},
        {"id": 1},
        {"id": 1, "name": None},
        {"id": [], "name": "Ops"},
        {"id": 1, "name": ["Ops"]},
    ],
)
def test_odd_roles_are_no_tracebacks(onelogin, row):
    connection = onelogin({"GET /api/1/roles": envelope(row), "GET /api/1/groups": envelope(row)})
    for kinds in (["roles"], ["groups"]):
        with pytest.raises(UnreadableAnswer):
            run(tasks.ROLE_INFO, connection, kinds=kinds)


@pytest.mark.parametrize("rows", [[None], ["x"], [{"id": 1}], [[True]]])
def test_odd_roles_of_a_user(onelogin, rows):
    connection = onelogin({"GET /api/1/users/7/roles": envelope(*rows), "GET /api/1/roles": envelope()})
    users = Users(connection)
    with pytest.raises(UnreadableAnswer):
        users.load(users.account(ADA), ["roles"], [])


@pytest.mark.parametrize("more", [{"pagination": {"after_cursor": {}}}, {"pagination": [1]}])
def test_an_odd_next_page_is_not_the_last_one(onelogin, more):
    with pytest.raises(UnreadableAnswer, match="next page"):
        Users(onelogin({USERS: envelope(ADA, **more)})).listing()


@pytest.mark.parametrize("more", [{"username": True}, {"username": 7}, {"username": {}}, {"email": 1.5}])
def test_a_name_of_another_type_is_not_taken_for_a_text(onelogin, more):
    with pytest.raises(UnreadableAnswer, match="of 7 is not text"):
        Users(onelogin({USERS: envelope({**ADA, **more})})).listing()


@pytest.mark.parametrize("name", [None, "", "  "])
def test_a_search_that_returns_somebody_without_the_name_is_not_an_empty_one(onelogin, name):
    with pytest.raises(UnreadableAnswer, match="no username"):
        Users(onelogin({USERS: envelope({**ADA, "username": name})})).lookup("ada")


def test_somebody_without_a_name_is_never_taken_away(onelogin):
    nameless = envelope({**ADA, "username": None}, {**ADA, "id": 8})
    assert len(Users(onelogin({USERS: nameless})).listing().accounts) == 2
    with pytest.raises(UnreadableAnswer, match="id 7, who has no username") as caught:
        Users(onelogin({USERS: nameless}), takes_unlisted=True).listing()
    assert "Use user_key: email" in caught.value.hint
    connection = onelogin({USERS: nameless})
    bob = {"user": "bob", "state": "present", "title": "x", "attributes_state": "present", "roles_state": "present"}
    params = {"users": [bob], "unlisted": "delete", "delete_limit": 9, "protect": ["ada"], "bootstrap": True}
    with pytest.raises(UnreadableAnswer):
        run(tasks.USERS, connection, **params)


def test_what_other_look_ups_show_does_not_matter(onelogin):
    replies = [
        envelope({**ADA, "title": "x", "last_login": "2026-01-01T00:00:00.000Z"}),
        envelope({"id": 8, "username": "bob", "state": 1, "status": 1}),
    ]
    for order in (replies, replies[::-1]):
        users = Users(onelogin({USERS: list(order)}))
        names = ("ada", "bob") if order is replies else ("bob", "ada")
        accounts = {name: users.lookup(name)[0] for name in names}
        assert "title" not in accounts["bob"].values
        shown = {name: document(users.schema, account.id, account.values, {}) for name, account in accounts.items()}
        assert (shown["ada"]["last_login"], shown["bob"]["last_login"]) == ("2026-01-01T00:00:00.000Z", None)


# -- status ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "status", "target", "steps", "after"),
    [
        (1, 0, {"enabled": True}, ["enabled"], ("active", True)),
        (1, 0, {"enabled": False}, ["status"], ("suspended", False)),
        (0, 0, {"enabled": False}, [], None),
        (1, 0, {"enabled": False, "status": "unactivated", "user_state": "approved"}, [], None),
        (0, 0, {"enabled": True}, ["enabled", "state"], ("active", True)),
        (1, 1, {"status": "awaiting_password_reset"}, ["status"], ("awaiting_password_reset", True)),
        (1, 1, {"status": "suspended", "enabled": False}, ["status"], ("suspended", False)),
        (1, 2, {"status": "active", "enabled": True}, ["status"], ("active", True)),
        (1, 5, {"status": "active"}, ["status"], ("active", True)),
        (1, 5, {"enabled": True}, [], None),
        (2, 1, {"status": "active"}, [], None),
        (1, 6, {"enabled": True}, ["enabled"], ("active", True)),
        (1, 6, {"enabled": False}, ["enabled"], ("suspended", False)),
    ],
)
def test_status_and_login(onelogin, state, status, target, steps, after):
    users = Users(onelogin({}))
    account = users.account({**ADA, "state": state, "status": status})
    desired = Desired("ada", fields=dict(target))
    assert users.check(desired) == []
    plan = plan_user(users.schema, users.complete(desired, account), account)
    assert [step.via for step in plan.steps] == steps
    if after and status != 6:
        values = apply_plan(users.schema, plan).values
        assert (values["status"], values["enabled"]) == after


@pytest.mark.parametrize(
    ("before", "after", "losses"),
    [
        (1, "suspended", ["disabled"]),
        (0, "suspended", ["disabled"]),
        (2, "unactivated", []),
        (1, "locked", ["locked"]),
        (2, "active", []),
    ],
)
def test_losses_of_a_status(onelogin, before, after, losses):
    users = Users(onelogin({}))
    account = users.account({**ADA, "status": before})
    desired = users.complete(Desired("ada", fields={"status": after}), account)
    assert [loss.code for loss in plan_user(users.schema, desired, account).losses] == losses


def test_who_was_never_activated_is_suspended_like_others(onelogin):
    users = Users(onelogin({}))
    assert users.disabled(users.account({**ADA, "status": 0})).fields == {"status": "suspended"}
    assert users.disabled(users.account(ADA)).fields == {"enabled": False}


@pytest.mark.parametrize(
    ("name", "code"),
    [("password_expired", 4), ("awaiting_password_reset", 5), ("security_questions_required", 8), ("locked", 3)],
)
def test_a_status_is_written_by_its_code(onelogin, name, code):
    connection = onelogin({STATUS: {"id": 7, "status": code}})
    users = Users(connection)
    users.writing(Desired("ada"), users.account(ADA)).update("status", {"status": name})
    assert asked(connection) == [(STATUS, {"status": code})]


@pytest.mark.parametrize(
    ("params", "sent"),
    [
        ({}, []),
        ({"enabled": True}, [{"status": 1}]),
        ({"enabled": False}, [{"status": 2}]),
        ({"enabled": True, "password": "pw"}, [{"status": 1}]),
        ({"enabled": False, "password": "pw"}, [{"status": 2}]),
        ({"status": "awaiting_password_reset", "password": "pw"}, [{"status": 5}]),
        ({"status": "unactivated"}, []),
    ],
)
def test_a_new_user_gets_the_status_that_was_specified(onelogin, params, sent):
    routes = {USERS: envelope(), CREATE: envelope({**ADA, "status": 0}), SALTED: {"status": SUCCESS}}
    connection = onelogin({**routes, STATUS: [{"id": 7, **body} for body in sent]})
    result = run(tasks.USER, connection, **NEW, **params)
    assert [body for target, body in asked(connection) if target == STATUS] == sent
    assert result["user"]["enabled"] is params.get("enabled")


@pytest.mark.parametrize("locked", [True, False])
def test_a_lock_of_somebody_who_was_never_activated(onelogin, locked):
    users = Users(onelogin({}))
    account = users.account({**ADA, "status": 0, "locked_until": None if locked else "2099-01-01T00:00:00.000Z"})
    desired = Desired("ada", fields={"locked": locked})
    if locked:
        with pytest.raises(InputError, match="a lock would replace"):
            users.complete(desired, account)
    else:
        assert users.complete(desired, account).fields == {"locked": False}


UNLOCK = "POST /api/2/users/7/unlock"
LOCKED = {**ADA, "status": 3}


@pytest.mark.parametrize(
    ("reply", "now", "sent"),
    [
        ({"messsage": "User unlocked"}, None, []),
        (Reply(404, block("Not found", 404)), LOCKED, [{"status": 1}]),
        (Reply(422, {"statusCode": 422, "message": "User cannot be unlocked"}), LOCKED, [{"status": 1}]),
        (Reply(422, {"statusCode": 422, "message": "User cannot be unlocked"}), ADA, []),
    ],
)
def test_unlocking(onelogin, reply, now, sent):
    connection = onelogin({UNLOCK: reply, USER: envelope(now), STATUS: {"id": 7, "status": 1}})
    users = Users(connection)
    users.writing(Desired("ada"), users.account(LOCKED)).update("lock", {"locked": False})
    assert [body for target, body in asked(connection) if target == STATUS] == sent


@pytest.mark.parametrize(
    ("reply", "now"),
    [(Reply(401, block("Insufficient Permission", 401)), LOCKED), (Reply(422), {**LOCKED, "status": 2})],
)
def test_an_unlock_that_is_refused(onelogin, reply, now):
    connection = onelogin({UNLOCK: reply, USER: envelope(now)})
    users = Users(connection)
    with pytest.raises(ApiError):
        users.writing(Desired("ada"), users.account(LOCKED)).update("lock", {"locked": False})


# -- values on the way -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["0310003", " 310003 ", "310003"])
def test_an_id_is_a_number(onelogin, value):
    users = Users(onelogin({}))
    account = users.account({**ADA, "group_id": 310003})
    desired = Desired("ada", id=" 07 ", fields={"group_id": value})
    assert users.check(desired) == []
    assert desired.id == "7"
    assert plan_user(users.schema, desired, account).steps == []


@pytest.mark.parametrize("value", ["31 0003", "-5", "1e3", "\u0663", "5.0"])
def test_an_id_that_is_no_number(onelogin, value):
    (problem,) = Users(onelogin({})).check(Desired("ada", fields={"group_id": value}))
    assert (problem.code, problem.option) == ("invalid_value", "group_id")


PUT = "PUT /api/1/users/7"


@pytest.mark.parametrize(
    ("shown", "replies", "sent"),
    [
        (5, [envelope(ADA)], [{"title": "", "group_id": 6}]),
        ("5", [envelope(ADA)], [{"title": "", "group_id": "6"}]),
        (
            5,
            [Reply(400, block("has incorrect data type")), envelope(ADA)],
            [{"title": "", "group_id": 6}, {"title": None, "group_id": "6"}],
        ),
        (5, [envelope({**ADA, "title": "old"}), envelope(ADA)], [{"title": "", "group_id": 6}, {"title": None}]),
        (5, [{"status": SUCCESS}], [{"title": "", "group_id": 6}]),
    ],
)
def test_ids_and_cleared_texts_have_two_forms(onelogin, shown, replies, sent):
    connection = onelogin({PUT: list(replies)})
    users = Users(connection)
    account = users.account({**ADA, "group_id": shown, "title": "old"})
    users.writing(Desired("ada"), account).update("profile", {"title": "", "group_id": "6"})
    assert [body for _target, body in asked(connection)] == sent


def test_the_form_that_was_accepted_is_kept(onelogin):
    connection = onelogin({PUT: [Reply(400), envelope(ADA), envelope(ADA)]})
    users = Users(connection)
    for _time in range(2):
        users.writing(Desired("ada"), users.account(ADA)).update("profile", {"group_id": ""})
    assert [body["group_id"] for _target, body in asked(connection)] == [None, "", ""]


def test_a_value_that_cannot_be_cleared_is_an_error(onelogin):
    connection = onelogin({PUT: envelope({**ADA, "title": "old"})})
    users = Users(connection)
    with pytest.raises(RollcallError, match="title of ada should be cleared") as caught:
        users.writing(Desired("ada"), users.account(ADA)).update("profile", {"title": ""})
    assert caught.value.code == "not_applied"
    assert len(asked(connection)) == 2


def test_a_refusal_for_another_reason_is_the_first_one(onelogin):
    connection = onelogin({PUT: [Reply(400, block("email is taken")), Reply(400, block("something else"))]})
    users = Users(connection)
    with pytest.raises(ApiError, match="email is taken"):
        users.writing(Desired("ada"), users.account(ADA)).update("profile", {"group_id": "6", "email": "b@x.org"})


def test_a_create_that_is_refused_may_be_a_duplicate(onelogin):
    connection = onelogin({CREATE: Reply(400, block({"attribute": "email", "description": "must be unique"}))})
    users = Users(connection)
    with pytest.raises(ApiError) as caught:
        users.writing(Desired("ada")).create(Step("create", changes={"username": (None, "ada")}))
    assert users.is_duplicate(caught.value)
    assert not users.is_duplicate(ApiError("update_user", "update user", 400, ""))
    assert not users.is_duplicate(ApiError("create_user", "create user", 401, ""))


@pytest.mark.parametrize("value", [True, 1.5])
def test_an_attribute_that_yaml_has_converted_is_refused(onelogin, value):
    desired = Desired("ada", facets={"attributes": DesiredFacet("present", {"badge": value})})
    (problem,) = Users(onelogin({"GET /api/1/users/custom_attributes": envelope(["badge"])})).resolve([desired])
    assert (problem.code, problem.option) == ("unquoted_value", "attributes.badge")
