# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: groups, names and addresses that depend on other objects, and the calls that their checks take."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    InputError,
    RollcallError,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin.users import Users
from ansible_collections.rollcall.identity.tests.unit.onelogin import ADA, asked, block, envelope
from ansible_collections.rollcall.identity.tests.unit.web import Reply

LIST, ONE, GROUPS, PUT = "GET /api/1/users", "GET /api/1/users/7", "GET /api/1/groups", "PUT /api/1/users/7"
BO = {**ADA, "id": 8, "username": "bo", "email": "bo@x.org"}
TAKEN = Reply(400, block({"description": "must be unique within this account", "attribute": "email"}))
ONE_GROUP = envelope({"id": 5, "name": "Default"})


def run(connection, *desired, check=False, bulk=False):
    """Converge users and return the result."""
    policy = Policy(bulk=bulk, min_admins=0)
    return converge(Context({}, check, True, Masker()), Users(connection), list(desired), policy)


def serving(onelogin, groups, user=ADA, answer=None, **params):
    """Connect to a server with one user, and these groups."""
    routes = {
        LIST: envelope(user), ONE: envelope(user), GROUPS: groups, PUT: envelope(answer or {**user, "group_id": None}),
    }
    return onelogin(routes, **params)


def ada(**fields):
    return Desired("ada", fields={"username": "ada", **fields})


def calls(connection):
    return [target.split("?")[0] for target, _body in asked(connection)]


def test_the_groups_are_read_once_and_only_for_another_group(onelogin):
    connection = serving(onelogin, ONE_GROUP, {**ADA, "group_id": "0005"})
    assert not run(connection, ada(group_id="5"))["changed"]
    assert not run(connection, ada(title=""))["changed"]
    assert run(connection, ada(group_id=""))["changed"]  # no group is no wrong group
    assert GROUPS not in calls(connection)
    for _time in range(2):
        with pytest.raises(InputError, match="there is no group with id 6") as caught:
            run(connection, ada(group_id="6"))
        assert caught.value.problems[0].option == "group_id"
    assert calls(connection).count(GROUPS) == 1
    assert "5 (Default)" in str(caught.value)


def test_many_groups_are_not_all_in_the_message(onelogin):
    groups = envelope(*({"id": number, "name": f"G{number}"} for number in range(20)))
    with pytest.raises(InputError, match=r"9 [(]G9[)]\. onelogin_role_info lists all 20\.") as caught:
        run(serving(onelogin, groups), ada(group_id="99"))
    assert "G10" not in str(caught.value)
    with pytest.raises(InputError, match="There are no groups: create one in OneLogin first"):
        run(serving(onelogin, envelope()), ada(group_id="99"))


@pytest.mark.parametrize("refusal", [Reply(401, block("Insufficient Permission", 401)), Reply(403, ""), Reply(404, "")])
def test_credentials_that_may_not_read_groups_leave_the_check_to_onelogin(onelogin, refusal):
    connection = serving(onelogin, refusal, answer={**ADA, "group_id": 6})
    assert run(connection, ada(group_id="6"))["changed"]


@pytest.mark.parametrize(
    ("said", "code", "final"),
    [("Insufficient Permission", "not_permitted", False), ("Authentication Failure", "not_authenticated", True)],
)
@pytest.mark.parametrize("status", [401, 200])
def test_a_scope_that_is_missing_is_a_permission(onelogin, said, code, final, status):
    connection = onelogin({PUT: Reply(status, block(said, 401))})
    with pytest.raises(ApiError) as caught:
        connection.call("update_user", {"user_id": 7}, json={})
    assert (caught.value.code, caught.value.final) == (code, final)


@pytest.mark.parametrize("refusal", [Reply(401, block("Authentication Failure", 401)), Reply(500, "")])
def test_other_failures_of_the_list_of_groups_are_errors(onelogin, refusal):
    connection = serving(onelogin, refusal, api_retries=0)
    with pytest.raises(RollcallError, match="list groups"):
        run(connection, ada(group_id="6"))


def searches(by_address):
    """Return the answers of a list of users: all of them, a search for the name ada, and one for an address."""

    def answer(request):
        query = request.target.partition("?")[2]
        return Reply(body=envelope(*by_address) if "email=" in query else envelope(ADA))

    return answer


def serve_searches(serve_onelogin, by_address, put):
    connection = serve_onelogin({PUT: put})
    route = connection.server.replies[0]
    users = searches(by_address)
    connection.server.replies[0] = lambda request: (
        users(request) if f"{request.method} {request.target.split('?')[0]}" == LIST else route(request)
    )
    return connection


def test_an_address_of_another_user_is_looked_up_in_check_mode_and_after_a_refusal(onelogin):
    desired = ada(email="bo@x.org")
    connection = serve_searches(onelogin, [BO], TAKEN)
    with pytest.raises(InputError) as planned:
        run(connection, desired, check=True)
    assert len(asked(connection)) == 2
    connection = serve_searches(onelogin, [BO], TAKEN)
    with pytest.raises(RollcallError) as real:
        run(connection, ada(email="bo@x.org"))
    assert len(asked(connection)) == 3
    assert planned.value.code == real.value.code == "duplicate_user"
    assert real.value.message == f"Could not write ada: {planned.value.problems[0].text}"
    connection = serve_searches(onelogin, [BO], envelope({**ADA, "email": "bo@x.org"}))
    assert run(connection, ada(email="bo@x.org"))["changed"]
    assert len(asked(connection)) == 2  # nothing is looked up if OneLogin accepts it


def test_a_refusal_for_another_reason_stays(onelogin):
    connection = serve_searches(onelogin, [], Reply(400, block("lastname is odd")))
    with pytest.raises(ApiError, match="lastname is odd"):
        run(connection, ada(email="bo@x.org"))
    own = serve_searches(onelogin, [{**ADA, "email": "BO@x.org"}], {})
    assert run(own, ada(email="bo@x.org"), check=True)["changed"]


@pytest.mark.parametrize("check", [True, False])
def test_two_users_of_a_task_cannot_get_the_same_address(onelogin, check):
    names = {"firstname": "New", "lastname": "Person", "email": "New@x.org"}
    first = Desired("one", index=0, fields={"username": "one", **names})
    second = Desired("two", index=1, fields={"username": "two", **names, "email": "new@x.org"})
    connection = onelogin({LIST: envelope()})
    with pytest.raises(InputError, match=r"would also be that of users.0. .one.\.") as caught:
        run(connection, first, second, check=check, bulk=True)
    (problem,) = caught.value.problems
    assert (problem.code, problem.option, problem.place) == ("duplicate_user", "email", "users[1] (two)")
    assert {target.split(" ")[0] for target, _body in asked(connection)} == {"GET"}


def test_the_list_of_all_users_shows_who_has_an_address(onelogin):
    """Then even the real run refuses it before any write, without a call."""
    connection = onelogin({LIST: envelope(ADA, BO)})
    desired = [Desired(f"u{number}", state="absent", index=number) for number in range(30)]
    taken = Desired("ada", index=30, fields={"username": "ada", "email": "bo@x.org"})
    with pytest.raises(InputError, match=r"the user bo [(]id 8[)] already has it"):
        run(connection, *desired, taken, bulk=True)
    assert [target for target, _body in asked(connection)] == [LIST]
