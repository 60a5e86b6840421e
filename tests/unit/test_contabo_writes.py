# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contabo: what is written of a user, and what is read again after a write."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    PartialFailure,
    RollcallError,
    UnclearAnswer,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo.users import Users
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo.wire import OPERATIONS
from ansible_collections.rollcall.identity.tests.unit.contabo import (
    ADA_ID,
    ONE_USER,
    ROLES,
    USERS,
    asked,
    connect,
    data,
    error,
    role,
    single,
    user,
    want,
)
from ansible_collections.rollcall.identity.tests.unit.web import Reply

# -- writing ---------------------------------------------------------------------------------------------------------


def test_a_create_has_what_the_api_wants_and_is_read_again(serve):
    connection = connect(serve, {
        USERS: data(total=0),
        "POST /v1/users": Reply(201, data({"userId": ADA_ID, "tenantId": "INT", "customerId": "123"})),
        "GET " + ONE_USER: data(user(firstName="")),
    })  # fmt: skip
    result = single(connection, want(roles=["Reader"]))
    assert (
        "POST /v1/users",
        {"email": "ada@x.org", "enabled": True, "totp": False, "locale": "en", "roles": [2]},
    ) in asked(connection)
    assert asked(connection)[-1] == ("GET " + ONE_USER, None)
    assert (result["user"]["id"], result["user"]["privileged"], result["user"]["roles"]) == (ADA_ID, False, ["Reader"])
    assert result["request_id"] == connection.server.requests[-1].headers["x-request-id"]


def test_a_change_that_was_not_taken_is_an_error(serve):
    connection = connect(
        serve, {USERS: data(user(), total=1), "PATCH " + ONE_USER: {"_links": {}}, "GET " + ONE_USER: data(user())}
    )
    with pytest.raises(RollcallError, match="reading the user again shows: totp is False and not True") as caught:
        single(connection, want(totp=True))
    assert f"[request {connection.server.requests[-1].headers['x-request-id']}]" in caught.value.sentence()
    assert sum(connection.clock.slept) == 3.5


def test_a_role_that_somebody_else_adds_meanwhile_is_no_failure(serve):
    reads = [data(user()), data(user(roles=[role(1), role(3)]))]
    connection = connect(
        serve, {USERS: data(user(), total=1), "PATCH " + ONE_USER: {"_links": {}}, "GET " + ONE_USER: reads}
    )
    assert single(connection, want(roles=["Administrator"], mode="exact"))["changed"] is True
    assert connection.clock.slept == []


def test_a_role_that_somebody_else_removes_meanwhile_is_no_failure(serve):
    connection = connect(
        serve,
        {
            USERS: data(user(), total=1),
            "PATCH " + ONE_USER: {"_links": {}},
            "GET " + ONE_USER: [data(user()), data(user(roles=[role(1)]))],
        },
    )
    assert single(connection, want(roles=["Administrator"]))["changed"] is True
    assert connection.clock.slept == []


def test_a_change_that_does_not_show_may_be_that_of_another_run(serve):
    connection = connect(
        serve, {USERS: data(user(), total=1), "PATCH " + ONE_USER: {"_links": {}}, "GET " + ONE_USER: data(user())}
    )
    with pytest.raises(RollcallError, match="role Administrator is missing") as caught:
        single(connection, want(roles=["Administrator"]))
    assert caught.value.hint.startswith("Another run may have changed the user at the same time. Run the task again;")


def test_a_read_that_fails_after_a_write_tells_what_was_written(serve):
    made = Reply(201, data({"userId": ADA_ID}))
    routes = {"POST /v1/users": made, "PATCH " + ONE_USER: {"_links": {}}, "GET " + ONE_USER: error(500, "oops")}
    with pytest.raises(ApiError) as caught:
        single(connect(serve, {USERS: data(total=0), **routes}), want())
    assert caught.value.message.startswith(
        f"ada@x.org was created (id {ADA_ID}), but the user could not be read again. Could not read user"
    )
    with pytest.raises(ApiError) as caught:
        single(connect(serve, {USERS: data(user(), total=1), **routes}), want(totp=True))
    assert caught.value.message.startswith(
        "Contabo accepted the change of ada@x.org, but the user could not be read again. Could not read user"
    )


@pytest.mark.parametrize("gone", [error(404, "The user does not exist"), Reply(404, ""), Reply(204, "")])
def test_who_is_gone_already_is_deleted(serve, gone):
    connection = connect(
        serve,
        {
            USERS: data(user(), total=1),
            "DELETE " + ONE_USER: gone,
            "GET " + ONE_USER: error(404, "The user does not exist"),
        },
    )
    assert single(connection, Desired("ada@x.org", state="absent"))["changed"] is True


def test_who_cannot_be_deleted_because_there_is_nobody_and_is_shown_all_the_same(serve):
    connection = connect(
        serve,
        {
            USERS: data(user(), total=1),
            "DELETE " + ONE_USER: error(404, "No such route"),
            "GET " + ONE_USER: data(user()),
        },
    )
    with pytest.raises(RollcallError, match="still lists this user") as caught:
        single(connection, Desired("ada@x.org", state="absent"))
    assert caught.value.code == "not_applied"


def test_a_404_of_a_proxy_is_no_deletion(serve):
    connection = connect(serve, {USERS: data(user(), total=1), "DELETE " + ONE_USER: Reply(404, "<html>nginx</html>")})
    with pytest.raises(RollcallError):
        single(connection, Desired("ada@x.org", state="absent"))


def test_a_change_that_shows_late_is_waited_for(serve):
    connection = connect(serve, {
        USERS: data(user(), total=1), "PATCH " + ONE_USER: {"_links": {}},
        "GET " + ONE_USER: [data(user()), error(404, "x"), data(user(totp=True))],
    })  # fmt: skip
    assert single(connection, want(totp=True))["changed"] is True


@pytest.mark.parametrize("bulk", [False, True])
def test_an_empty_list_of_roles_that_clears_nothing_is_an_error(serve, bulk):
    connection = connect(
        serve, {USERS: data(user(), total=1), "PATCH " + ONE_USER: {"_links": {}}, "GET " + ONE_USER: data(user())}
    )
    desired = want(roles=[], mode="exact")
    with pytest.raises(RollcallError, match="role Reader is still there"):
        converge(
            Context({}, False, True, connection.masker),
            Users(connection, bulk=bulk),
            [desired],
            Policy(bulk=bulk, loss_limit="1"),
        )
    refused = connect(
        serve,
        {
            USERS: data(user(), total=1),
            "PATCH " + ONE_USER: error(400, "roles must not be empty"),
            "GET " + ONE_USER: data(user()),
        },
    )
    with pytest.raises(RollcallError) as caught:
        converge(
            Context({}, False, True, connection.masker),
            Users(refused, bulk=bulk),
            [want(roles=[], mode="exact")],
            Policy(bulk=bulk, loss_limit="1"),
        )
    assert "may reject an empty list of roles" in caught.value.sentence()


def many(connection, *desired):
    """Converge as the module for many users does."""
    return converge(
        Context({}, False, True, connection.masker), Users(connection, bulk=True), list(desired), Policy(bulk=True)
    )


def test_many_are_written_in_one_call_each_and_not_read_again(serve):
    connection = connect(
        serve, {USERS: data(user(), total=1), "PATCH " + ONE_USER: {"_links": {}}, "GET " + ONE_USER: data(user())}
    )
    many(connection, want(totp=True, roles=["Administrator", {"id": 2}], mode="exact"))
    sent = [target.split("?")[0] for target, _body in asked(connection)]
    assert sorted(sent[:2]) == [ROLES, USERS]  # side by side
    assert sent[2:] == [f"GET {ONE_USER}", f"PATCH {ONE_USER}"], (
        "the list of roles is written whole, so it is read right before"
    )
    assert asked(connection)[-1][1] == {"totp": True, "roles": [1, 2]}


def test_roles_that_others_have_changed_since_the_list_was_read_are_not_undone(serve):
    meanwhile = {**user(), "roles": [{"roleId": 3, "name": "Other", "admin": False}]}
    connection = connect(
        serve, {USERS: data(user(), total=1), "GET " + ONE_USER: data(meanwhile), "PATCH " + ONE_USER: {"_links": {}}}
    )
    many(connection, want(totp=True, roles=["Administrator"]))
    assert asked(connection)[-1] == (f"PATCH {ONE_USER}", {"totp": True, "roles": [1, 3]})


@pytest.mark.parametrize("one", [False, True])
def test_a_role_that_somebody_else_gives_meanwhile_is_kept_under_exact(serve, one):
    """The limits were checked without it. The warning shows it, and the next run takes it away."""
    meanwhile = [role(1), role(2), role(3)]
    routes = {USERS: data(user(roles=[role(1), role(2)]), total=1), "PATCH " + ONE_USER: {"_links": {}}}
    connection = connect(
        serve, {**routes, "GET " + ONE_USER: [data(user(roles=meanwhile)), data(user(roles=[role(1), role(3)]))]}
    )
    context = Context({}, False, True, connection.masker)
    converge(
        context, Users(connection, bulk=not one), [want(roles=["Administrator"], mode="exact")], Policy(bulk=not one)
    )
    assert ("PATCH " + ONE_USER, {"roles": [1, 3]}) in asked(connection)
    (notice,) = context.notices
    assert (notice.code, "{'id': 3} in roles was granted outside this task in the meantime" in notice.text) == (
        "given_meanwhile",
        True,
    )


@pytest.mark.parametrize("roles", [None, "missing", {}, "Reader"])
@pytest.mark.parametrize("bulk", [False, True])
def test_roles_are_never_written_from_a_list_that_is_not_told(serve, roles, bulk):
    silent = user(roles=roles)
    if roles == "missing":
        del silent["roles"]
    for reads in ([data(silent)], [data(user()), data(silent)]):
        listed = data(silent, total=1) if len(reads) == 2 else data(user(), total=1)
        connection = connect(serve, {USERS: listed, "GET " + ONE_USER: reads, "PATCH " + ONE_USER: {"_links": {}}})
        context = Context({}, False, True, connection.masker)
        with pytest.raises((UnreadableAnswer, PartialFailure), match="does not report the roles of ada"):
            converge(
                context, Users(connection, bulk=bulk), [want(totp=True, roles=["Administrator"])], Policy(bulk=bulk)
            )
        assert not any(target.startswith("PATCH") for target, _body in asked(connection))


def test_a_new_address_is_not_verified(serve):
    renamed = data(user(email="new@x.org", emailVerified=False))
    for check in (True, False):
        desired = Desired("new@x.org", previous=("ada@x.org",), fields={"email": "new@x.org"})
        routes = {
            USERS: [data(total=0), data(user(), total=1)],
            "GET " + ONE_USER: renamed,
            "PATCH " + ONE_USER: {"_links": {}},
        }
        assert single(connect(serve, routes), desired, check)["user"]["email_verified"] is False
    same = connect(
        serve,
        {USERS: data(user(), total=1), "GET " + ONE_USER: data(user(totp=True)), "PATCH " + ONE_USER: {"_links": {}}},
    )
    assert single(same, want(totp=True))["user"]["email_verified"] is True


@pytest.mark.parametrize(("status", "is_duplicate"), [(409, True), (400, False)])
def test_who_is_there_already(serve, status, is_duplicate):
    assert Users(connect(serve, {})).is_duplicate(ApiError("create_user", "do it", status, "words")) is is_duplicate


def test_an_empty_list_of_roles_is_written_by_itself(serve):
    # Whether it is taken is not documented, and who is to be blocked is blocked before.
    connection = connect(
        serve,
        {
            USERS: data(user(), total=1),
            "GET " + ONE_USER: data(user()),
            "PATCH " + ONE_USER: [{"_links": {}}, error(422, "roles")],
        },
    )
    with pytest.raises(PartialFailure, match="may reject an empty list"):
        many(connection, want(enabled=False, roles=[], mode="exact"))
    assert [body for target, body in asked(connection) if target.startswith("PATCH")] == [
        {"enabled": False},
        {"roles": []},
    ]


@pytest.mark.parametrize("body", [data({}), {}, "cut {"])
def test_a_create_without_an_id_in_its_answer_is_looked_up(serve, body):
    connection = connect(
        serve,
        {USERS: [data(total=0), data(user(), total=1)], "POST /v1/users": [Reply(201, body), error(409, "twice")]},
    )
    result = single(connection, want())
    assert result["user"]["id"] == ADA_ID
    assert [target for target, _body in asked(connection) if target.startswith("POST")] == ["POST /v1/users"]


# -- what can be granted ---------------------------------------------------------------------------------------------


WRITES = sorted(name for name, operation in OPERATIONS.items() if not operation.is_read)


@pytest.mark.parametrize("name", WRITES)
def test_a_page_of_a_proxy_is_no_success_of_a_write(serve, name):
    operation, parameters = OPERATIONS[name], {"userId": ADA_ID}
    page = Reply(200, b"<!DOCTYPE html><html>Sign in</html>", {"Content-Type": "text/html"})
    connection = connect(serve, {f"{operation.method} {operation.target(parameters, None)}": page})
    with pytest.raises(UnclearAnswer):
        connection.call(name, parameters, subject="ada")
