# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: what a user is, and which input is refused."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import ApiError, InputError
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired, document
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.steps import Step
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth.tasks import USER_INFO
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth.users import SCHEMA, Users
from ansible_collections.rollcall.identity.tests.unit.sendauth import ADA, ID, ONE, echo, make, page, sent, target
from ansible_collections.rollcall.identity.tests.unit.web import Reply

# -- what a user is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "privileged"),
    [
        ("super_admin", True), ("Admin", True), ("Registrar", True), ("Authenticator", False), ("user", False),
        ("None", False), ("owner", None), (None, None),
    ],
)
def test_who_is_privileged(role, privileged):
    assert document(SCHEMA, ID, {"role": role}, {})["privileged"] == privileged


@pytest.mark.parametrize(
    ("before", "after", "loss"),
    [
        ("admin", "user", True), ("user", "admin", False), ("Admin", "super_admin", False), ("Registrar", "None", True),
        ("admin", "owner", True), ("owner", "user", True),
    ],
)
def test_a_lower_role_is_a_loss_and_so_is_one_that_nobody_knows(before, after, loss):
    assert bool(SCHEMA.field("role").loses(before, after)) is loss


@pytest.mark.parametrize(
    ("given", "mails"),
    [({"role": "admin"}, 1), ({"role": "owner"}, 1), ({"role": "user"}, 0), ({"role": "None"}, 0), ({}, 0)],
)
def test_mails_for_those_who_are_created_with_rights(sendauth, given, mails):
    changes = {name: (None, value) for name, value in {"email": "a@x.org", **given}.items()}
    users = Users(sendauth())
    assert users.mails([Step("create", changes=changes)], None) == mails
    assert users.mails([Step("update", "profile", changes)], None) == 0


@pytest.mark.parametrize(
    ("desired", "faults"),
    [
        (Desired("ada@x.org", fields={"first_name": "Ada", "phone": ""}), 0),
        (Desired("ada"), 1),
        (Desired("ada@x.org", previous=("old",)), 1),
        (Desired("", id="7"), 1),
        (Desired("", id=ID), 0),
        (Desired("", id=ID, fields={"email": ""}), 1),
        (Desired("ada@x.org", fields={"first_name": "A", "last_name": "x" * 51, "phone": "1" * 21, "role": ""}), 4),
        (Desired("ada@x.org", state="absent", fields={"first_name": "A"}), 0),
    ],
)
def test_input_that_sendauth_would_refuse(sendauth, desired, faults):
    assert len(Users(sendauth()).check(desired)) == faults


@pytest.mark.parametrize(
    ("desired", "option"),
    [(Desired("ada"), "user"), (Desired("ada@x.org", previous=("ada",)), "previous_users")],
)
def test_what_is_no_address_is_named_with_its_option(sendauth, desired, option):
    (problem,) = Users(sendauth()).check(desired)
    assert f"{option}: 'ada' is not an e-mail address" in problem
    assert "specify it, or id" in problem
    assert problem.option == option


def test_a_length_is_told_as_a_number(sendauth):
    (problem,) = Users(sendauth()).check(Desired("ada@x.org", fields={"first_name": "A"}))
    assert problem == "ada@x.org: the length of first_name is 1; SendAuth accepts 2 to 50 characters."


def test_empty_texts_that_cannot_be_set_are_none(sendauth):
    empty = {"email": "", "firstName": "", "lastName": "", "role": "", "messagingPreference": ""}
    values = Users(sendauth()).account({**ADA, **empty}).values
    assert [values[name] for name in ("email", "first_name", "last_name", "role", "messaging_preference")] == [None] * 5


def test_a_label_that_nobody_has_defined_and_somebody_has(sendauth):
    held = {**ADA, "permissions": ["VPN", "Legacy"]}
    connection = sendauth({"GET /api/v1/users": page(held), f"PUT {ONE}": echo})
    assert not make(connection, Desired("ada@x.org", facets={"permissions": target("exact", "Legacy", "VPN")}))[
        "changed"
    ]
    make(connection, Desired("ada@x.org", facets={"permissions": target("absent", "Legacy")}))
    assert sent(connection)[0][1]["permissions"] == ["VPN"]
    with pytest.raises(InputError, match="no permission named 'Legac'; similar names: 'Legacy'"):
        make(connection, Desired("ada@x.org", facets={"permissions": target("present", "Legac", "Legacy")}))


def test_somebody_whose_name_looks_alike_is_seen_by_a_look_up(sendauth):
    """The server takes the Kelvin sign for a k; the planner does not, and creates nobody beside that user."""
    connection = sendauth(
        {"GET /api/v1/users": page({**ADA, "email": "\u212aim@x.org"}), "POST /api/v1/users": Reply(500, "")}
    )
    with pytest.raises(InputError) as caught:
        make(connection, Desired("kim@x.org", fields={"email": "kim@x.org", "first_name": "Kim", "last_name": "Kay"}))
    assert (caught.value.code, sent(connection)) == ("lookalike_name", [])


def test_a_user_without_an_address_is_named_by_id(sendauth):
    account = Users(sendauth()).account({**ADA, "email": ""})
    assert (account.key, account.values["email"]) == (f"id {ID}", None)


def test_unknown_names_are_reported_at_once_with_near_ones(sendauth):
    facets = {"permissions": target("exact", "Snowflak"), "groups": target("present", "Dat", {"id": "g9"})}
    desired = Desired("ada@x.org", fields={"company": "Twice"}, facets=facets)
    problems = Users(sendauth()).resolve([desired])
    assert len(problems) == 4
    assert all(
        text in " ".join(problems)
        for text in ("similar names: 'Snowflake'", "similar names: 'Data'", "id g9", "2 companies are named 'Twice'")
    )


# -- tags and roles ------------------------------------------------------------------------------------------------


def test_who_is_there_already(sendauth):
    users = Users(sendauth())
    assert [
        users.is_duplicate(ApiError("create_user", "create user", status, "")) for status in (422, 409, 403, 500)
    ] == [True, True, False, False]
    assert not users.is_duplicate(ApiError("update_user", "update user", 422, ""))


# -- filters -------------------------------------------------------------------------------------------------------


def listed(connection, deleted=False, **filters):
    """Return the result of the info module with filters, the paths that it read, and its warnings."""
    params = {"user": None, "id": None, "filters": filters, "gather": [], "deleted": deleted}
    context = Context(params, False, False, connection.masker)
    result = USER_INFO.run(context, connection)
    return result, [path.split("?")[0] for path, _body in sent(connection, reads=True)], context.notices


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("Snowflak", "filters.permission: there is no permission named 'Snowflak'; similar names: 'Snowflake'."),
        ("snowflake", "filters.permission: there is no permission named 'snowflake'; similar names: 'Snowflake'."),
        ("Oracle", "filters.permission: there is no permission named 'Oracle' (there are 3 permissions). Correct "),
    ],
)
@pytest.mark.parametrize("deleted", [False, True])
def test_a_filter_with_an_unknown_permission_is_an_error(sendauth, label, text, deleted):
    with pytest.raises(InputError) as caught:
        listed(sendauth({"GET /api/v1/users": page()}), deleted, permission=label, search="ada")
    (problem,) = caught.value.problems
    assert (problem.code, problem.option, str(problem)[: len(text)]) == (
        "unknown_permission", "filters.permission", text,
    )
    assert "create" not in problem


def test_a_filter_with_a_known_permission_may_match_nobody(sendauth):
    result, paths, notices = listed(sendauth({"GET /api/v1/users": page()}), permission="Snowflake")
    assert (result["users"], notices) == ([], [])
    assert paths == ["GET /api/v1/users", "GET /api/v1/permissions"]
    result, paths, _notices = listed(sendauth(), permission="Snowflak")
    assert (len(result["users"]), paths) == (1, ["GET /api/v1/users"]), "whoever has it shows that it exists"


def test_credentials_that_may_not_list_permissions_get_a_warning(sendauth):
    routes = {"GET /api/v1/users": page(), "GET /api/v1/permissions": Reply(403, {"error": "no"})}
    result, _paths, notices = listed(sendauth(routes), permission="Snowflak")
    assert result["users"] == []
    assert [(notice.code, "'Snowflak'" in notice.text) for notice in notices] == [("unverified_permission", True)]
    with pytest.raises(ApiError):
        listed(sendauth({**routes, "GET /api/v1/permissions": Reply(500, {"error": "no"})}), permission="Snowflak")
