# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: what a user is and how a difference is written."""

from __future__ import annotations

import hashlib
import re

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    InputError,
    RollcallError,
    UnclearAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired, DesiredFacet
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.plan import apply_plan, plan_user
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import Step
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin.passwords import (
    set_clear_text,
    set_salted,
)
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin.users import Users
from ansible_collections.rollcall.identity.tests.unit.onelogin import ADA, SUCCESS, asked, block, envelope
from ansible_collections.rollcall.identity.tests.unit.web import Reply


@pytest.mark.parametrize(
    ("state", "status", "enabled", "locked"),
    [
        (1, 1, True, False), (1, 2, False, False), (0, 1, False, False), (2, 1, False, False), (3, 1, False, False),
        (1, 0, False, False), (1, 3, True, True), (1, 7, True, False), (2, 2, False, False), (1, 6, None, None),
        (9, 1, None, False), (1, None, None, None),
    ],
)
def test_who_can_log_in(onelogin, state, status, enabled, locked):
    values = Users(onelogin({})).account({**ADA, "state": state, "status": status}).values
    assert (values["enabled"], values.get("locked")) == (enabled, locked)


@pytest.mark.parametrize(
    ("until", "locked"),
    [("2099-01-01T00:00:00.000Z", True), ("2001-01-01T00:00:00.000Z", False), (None, False), ("soon", False)],
)
def test_a_lock_that_ends_later(onelogin, until, locked):
    assert Users(onelogin({})).account({**ADA, "locked_until": until}).values["locked"] is locked


def test_ids_come_as_numbers_or_texts(onelogin):
    users = Users(onelogin({}))
    assert (
        users.account({**ADA, "group_id": 5}).values["group_id"]
        == users.account({**ADA, "group_id": "5"}).values["group_id"]
    )
    assert users.account({**ADA, "id": "7"}).id == users.account(ADA).id == "7"


@pytest.mark.parametrize(
    ("desired", "faults"),
    [
        (Desired("ada"), 0),
        (Desired("a!da"), 0),
        (Desired("a*"), 1),
        (Desired("!ada"), 1),
        (Desired("ada", previous=("*", "old")), 1),
        (Desired("ada", id="seven"), 1),
        (Desired("a*", id="7", previous=("!ada",)), 0),
        (Desired("ada", fields={"group_id": "ops", "trusted_idp_id": "x", "manager_ad_id": "CN=ada"}), 2),
        (Desired("ada", fields={"group_id": "12", "directory_id": ""}), 0),
        (Desired("ada", fields={"enabled": True, "user_state": "rejected"}), 1),
        (Desired("ada", fields={"enabled": True, "status": "suspended"}), 1),
        (Desired("ada", fields={"enabled": True, "status": "unactivated"}), 1),
        (Desired("ada", fields={"enabled": False, "status": "active"}), 1),
        (Desired("ada", fields={"enabled": False, "status": "active", "user_state": "approved"}), 1),
        (Desired("ada", fields={"enabled": False, "status": "active", "user_state": "rejected"}), 0),
        (Desired("ada", fields={"enabled": True, "status": "locked", "user_state": "approved"}), 0),
    ],
)
def test_input_that_onelogin_would_read_otherwise(onelogin, desired, faults):
    assert len(Users(onelogin({})).check(desired)) == faults


def test_names_of_roles_and_attributes_are_checked_before_anything_is_written(onelogin):
    connection = onelogin(
        {
            "GET /api/1/roles": envelope({"id": 1, "name": "Ops"}),
            "GET /api/1/users/custom_attributes": envelope(["cost_center", "badge"]),
        }
    )
    desired = Desired(
        "ada",
        facets={
            "roles": DesiredFacet("exact", ["Ops", "Opps"]),
            "attributes": DesiredFacet("present", {"cost_centre": 1, "badge": 2}),
        },
    )
    problems = Users(connection).resolve([desired])
    assert desired.facets["roles"].entries == {"1": "Ops"}
    assert len(problems) == 2
    assert "similar names: 'Ops'" in problems[0]
    assert "cost_center" in problems[1]


@pytest.mark.parametrize(
    ("value", "faults"), [(17, 0), (None, 0), ("", 0), (["a"], 1), ({"a": 1}, 1), (True, 1), (1.5, 1)]
)
def test_attributes_are_texts(onelogin, value, faults):
    connection = onelogin({"GET /api/1/users/custom_attributes": envelope(["badge"])})
    desired = Desired("ada", facets={"attributes": DesiredFacet("present", {"badge": value})})
    assert len(Users(connection).resolve([desired])) == faults
    if not faults:
        assert desired.facets["attributes"].entries["badge"] in (None, "", "17")


def test_an_account_without_attributes_says_so(onelogin):
    desired = Desired("ada", facets={"attributes": DesiredFacet("present", {"badge": 1})})
    problems = Users(onelogin({"GET /api/1/users/custom_attributes": envelope([])})).resolve([desired])
    assert problems == ["ada: there is no custom attribute 'badge'; define it in OneLogin first; there are none yet."]


@pytest.mark.parametrize(
    ("target", "option", "advice"),
    [
        (DesiredFacet("present", {"badg": 1}), "attributes.badg", "define it in OneLogin first"),
        (DesiredFacet("absent", {"badg": None}), "attributes.badg", "remove it"),
        (DesiredFacet("absent", {"badg": None}, names=("badg",)), "names", "remove it from names"),
        (DesiredFacet("managed", {}, ["badg"]), "managed_attributes", "remove it from managed_attributes"),
    ],
)
def test_an_unknown_attribute_names_the_option_that_contains_it(onelogin, target, option, advice):
    connection = onelogin({"GET /api/1/users/custom_attributes": envelope(["badge"])})
    (problem,) = Users(connection).resolve([Desired("ada", facets={"attributes": target})])
    assert problem.option == option
    assert problem.text == f"there is no custom attribute 'badg'; {advice}, or use one of: badge."


SUSPENDED, LOCKED = {**ADA, "status": 2}, {**ADA, "status": 2, "locked_until": "2099-01-01T00:00:00.000Z"}


@pytest.mark.parametrize(
    ("account", "locked", "said"),
    [(SUSPENDED, True, "would replace that status"), (LOCKED, False, "unlocking would also end the suspension")],
)
def test_a_lock_never_ends_a_suspension(onelogin, account, locked, said):
    users = Users(onelogin({}))
    with pytest.raises(InputError, match=said):
        users.complete(Desired("ada", fields={"locked": locked}), users.account(account))


@pytest.mark.parametrize(
    ("account", "locked"), [(SUSPENDED, False), (LOCKED, True), (ADA, True), ({**ADA, "status": 3}, False)]
)
def test_other_locks_are_as_wished(onelogin, account, locked):
    users = Users(onelogin({}))
    assert users.complete(Desired("ada", fields={"locked": locked}), users.account(account)).fields == {
        "locked": locked
    }


@pytest.mark.parametrize(
    ("state", "status", "target", "calls"),
    [
        (2, 1, {"enabled": False, "user_state": "approved"}, ["enabled", "state"]),
        (2, 2, {"enabled": False, "user_state": "approved"}, ["state"]),
        (2, 1, {"enabled": False}, []),
        (2, 1, {"enabled": True}, ["enabled", "state"]),
        (1, 1, {"enabled": False, "user_state": "approved"}, ["enabled"]),
    ],
)
def test_nobody_can_log_in_between_two_calls(onelogin, state, status, target, calls):
    users = Users(onelogin({}))
    account = users.account({**ADA, "state": state, "status": status})
    plan = plan_user(users.schema, users.complete(Desired("ada", fields=dict(target)), account), account)
    assert [step.via for step in plan.steps] == calls
    if calls:
        assert apply_plan(users.schema, plan).values["enabled"] is target["enabled"]


# -- writing -----------------------------------------------------------------------------------------------------------

SALTED, CLEAR = "PUT /api/1/users/set_password_using_salt/7", "PUT /api/1/users/set_password_clear_text/7"


@pytest.mark.parametrize("salt", [None, "pepper"])
def test_a_salted_password_travels_as_a_hash(onelogin, salt):
    connection = onelogin({SALTED: {"status": SUCCESS}})
    users = Users(connection)
    set_salted(connection, users.account(ADA), "pässwörd", salt)
    body = asked(connection)[0][1]
    assert (
        body["password"]
        == body["password_confirmation"]
        == hashlib.sha256((body["password_salt"] + "pässwörd").encode()).hexdigest()
    )
    assert body["password_algorithm"] == "salt+sha256"
    assert 0 < len(body["password_salt"]) <= 40
    assert salt is None or body["password_salt"] == salt
    assert connection.masker.text(f"sent {body['password']}") == "sent ********"


def test_two_passwords_get_two_salts(onelogin):
    connection = onelogin({SALTED: {"status": SUCCESS}})
    users = Users(connection)
    for _time in range(2):
        set_salted(connection, users.account(ADA), "same")
    assert len({body["password_salt"] for _target, body in asked(connection)}) == 2


def test_a_clear_password_travels_as_it_is(onelogin):
    connection = onelogin({CLEAR: {"status": SUCCESS}})
    users = Users(connection)
    set_clear_text(connection, users.account(ADA), "pw", validate_policy=True)
    assert asked(connection) == [(CLEAR, {"password": "pw", "password_confirmation": "pw", "validate_policy": True})]


def test_roles_are_added_before_others_are_taken_and_what_stays_is_told(onelogin):
    add, remove, roles = "PUT /api/1/users/7/add_roles", "PUT /api/1/users/7/remove_roles", "GET /api/1/users/7/roles"
    connection = onelogin({add: {"status": SUCCESS}, remove: {"status": SUCCESS}, roles: envelope([1, 3])})
    users = Users(connection)
    step = Step("facet", "roles", add={"1": "One"}, remove={"2": "Two", "3": "Three"})
    assert users.writing(Desired("ada"), users.account(ADA)).facet(step) == {"3": "Three"}
    assert asked(connection) == [(add, {"role_id_array": [1]}), (remove, {"role_id_array": [2, 3]}), (roles, None)]
    assert users.cost(step) == 3


INCLUDED = {"add_roles": "[1] already included as user roles", "remove_roles": "[1] is not included as user roles"}


@pytest.mark.parametrize(
    ("verb", "held", "sent"),
    [("add_roles", [1], [[1, 2], [2]]), ("remove_roles", [2], [[1, 2], [2]]), ("add_roles", [1, 2], [[1, 2]])],
)
def test_a_role_that_a_mapping_has_changed_meanwhile_does_not_stop_the_rest(onelogin, verb, held, sent):
    path = f"PUT /api/1/users/7/{verb}"
    replies = [Reply(400, block(INCLUDED[verb])), {"status": SUCCESS}]
    connection = onelogin({path: replies, "GET /api/1/users/7/roles": envelope(held)})
    users = Users(connection)
    roles = {"1": "One", "2": "Two"}
    users.writing(Desired("ada"), users.account(ADA)).facet(
        Step("facet", "roles", **{"add" if verb == "add_roles" else "remove": roles})
    )
    assert [body["role_id_array"] for target, body in asked(connection) if target == path] == sent


@pytest.mark.parametrize("said", [INCLUDED["add_roles"], "role_id_array should be a subset of"])
def test_a_refused_change_of_roles_is_told(onelogin, said):
    connection = onelogin(
        {"PUT /api/1/users/7/add_roles": Reply(400, block(said)), "GET /api/1/users/7/roles": envelope([])}
    )
    users = Users(connection)
    with pytest.raises(ApiError, match=re.escape(said)):
        users.writing(Desired("ada"), users.account(ADA)).facet(Step("facet", "roles", add={"1": "One"}))
    assert len(asked(connection)) == 2


@pytest.mark.parametrize("drop", ["add_roles", "remove_roles"])
def test_a_difference_of_roles_is_never_sent_twice(onelogin, drop):
    routes = {f"PUT /api/1/users/7/{name}": Reply(drop=name == drop) for name in ("add_roles", "remove_roles")}
    connection = onelogin(routes)
    users = Users(connection)
    with pytest.raises(UnclearAnswer):
        users.writing(Desired("ada"), users.account(ADA)).facet(
            Step("facet", "roles", add={"1": "One"}, remove={"2": "Two"})
        )
    assert len([target for target, _body in asked(connection) if target.endswith(drop)]) == 1


def test_attributes_are_merged_and_an_empty_text_clears(onelogin):
    path = "PUT /api/1/users/7/set_custom_attributes"
    connection = onelogin({path: {"status": SUCCESS}})
    users = Users(connection)
    users.writing(Desired("ada"), users.account(ADA)).facet(
        Step("facet", "attributes", add={"badge": "5"}, remove={"cost": "1"})
    )
    assert asked(connection) == [(path, {"custom_attributes": {"badge": "5", "cost": ""}})]


def test_a_state_that_is_there_already_is_no_error_and_another_refusal_is(onelogin):
    path = "PUT /api/1/users/7/set_state"
    replies = [Reply(400, block("user is already in this state")), Reply(400, block("state is invalid"))]
    connection = onelogin({path: replies, "GET /api/1/users/7": envelope(ADA)})
    users = Users(connection)
    users.writing(Desired("ada"), users.account({**ADA, "state": 2})).update("state", {"user_state": "approved"})
    with pytest.raises(ApiError, match="state is invalid"):
        users.writing(Desired("ada"), users.account(ADA)).update("state", {"user_state": "rejected"})
    assert asked(connection)[2][1] == {"state": 2}


@pytest.mark.parametrize("form", [int, str])
@pytest.mark.parametrize(
    ("status", "enabled", "sent"),
    [(1, False, [{"status": 2}]), (2, True, [{"status": 1}]), (0, True, [{"status": 1}]), (4, True, [])],
)
def test_a_login_is_blocked_by_suspension(onelogin, status, enabled, sent, form):
    connection = onelogin({"PUT /api/2/users/7": {"id": 7, "status": form(1 if enabled else 2)}})
    users = Users(connection)
    users.writing(Desired("ada"), users.account({**ADA, "status": status})).update("enabled", {"enabled": enabled})
    assert [body for _target, body in asked(connection)] == sent


def test_a_suspension_that_the_server_accepts_and_does_not_make_is_an_error(onelogin):
    users = Users(onelogin({"PUT /api/2/users/7": {"id": 7, "status": 1}}))
    with pytest.raises(
        RollcallError, match="ada should be suspended; the server accepted that, but the status is active"
    ):
        users.writing(Desired("ada"), users.account(ADA)).update("enabled", {"enabled": False})


@pytest.mark.parametrize("reply", [envelope(ADA), Reply(201, ADA), Reply(201, [ADA])])
def test_a_user_is_created_in_either_form(onelogin, reply):
    connection = onelogin({"POST /api/1/users": reply})
    values = {"username": "ada", "comment": "hi", "group_id": "5", "title": "", "manager_user_id": "9"}
    step = Step("create", changes={name: (None, value) for name, value in values.items()})
    assert Users(connection).writing(Desired("ada")).create(step).id == "7"
    assert asked(connection)[0][1] == {
        "username": "ada", "notes": "hi", "group_id": 5, "title": "", "manager_user_id": "9",
    }


@pytest.mark.parametrize("reply", [envelope(), {"status": SUCCESS}, Reply(body="")])
def test_a_create_that_names_nobody_is_unclear(onelogin, reply):
    with pytest.raises(UnclearAnswer):
        Users(onelogin({"POST /api/1/users": reply})).writing(Desired("ada")).create(Step("create"))


@pytest.mark.parametrize(
    ("reply", "error"), [("<html>Sign in</html>", UnclearAnswer), (block("Not now", 409), ApiError)]
)
def test_a_delete_that_was_not_done_is_an_error(onelogin, reply, error):
    users = Users(onelogin({"DELETE /api/1/users/7": Reply(body=reply)}))
    with pytest.raises(error):
        users.writing(Desired("ada"), users.account(ADA)).delete()


@pytest.mark.parametrize("reply", [{"status": SUCCESS}, Reply(204, b""), Reply(404, block("gone", 404))])
def test_who_is_gone_is_deleted(onelogin, reply):
    connection = onelogin({"DELETE /api/1/users/7": reply})
    users = Users(connection)
    users.writing(Desired("ada"), users.account(ADA)).delete()
    assert len(connection.server.requests) == 1


@pytest.mark.parametrize("reply", [Reply(404, block("not found", 404)), block("not found", 404)])
def test_nobody_has_this_id(onelogin, reply):
    assert Users(onelogin({"GET /api/1/users/7": reply})).get("7") is None
