# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: which roles exist, although no call lists them, and how they are spelt."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired, DesiredFacet
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth.users import Users
from ansible_collections.rollcall.identity.tests.unit.sendauth import ADA, ID, OTHER, echo, page, sent
from ansible_collections.rollcall.identity.tests.unit.web import Reply

PUT = f"PUT /api/v1/users/{ID}"
NEW = {"first_name": "New", "last_name": "Person"}


def run(connection, desired, check=False):
    """Converge one user. Return the result and the warnings."""
    context = Context({}, check, True, Masker())
    return converge(context, Users(connection), [desired], Policy(min_admins=0)), context.notices


def without_new(*rows):
    """Return the answer of a list of users with these rows, in which a search for the new user finds nothing."""
    return lambda request: page() if "new" in request.target else page(*rows)


def created(request):
    return {"id": OTHER, **echo(request)}


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("admn", "similar names: 'admin'"),
        ("Super Admin", "similar names: 'super_admin'"),
        ("adm\u0456n", "similar names: 'admin'"),
        ("zzz", "SendAuth documents super_admin, admin, user, Registrar, Authenticator and None"),
    ],
)
@pytest.mark.parametrize("user", ["ada@x.org", "new@x.org"])
def test_an_unknown_role_is_refused_before_any_write(sendauth, user, role, said, check):
    connection = sendauth({"GET /api/v1/users": without_new(ADA)})
    with pytest.raises(InputError) as caught:
        run(connection, Desired(user, fields={"email": user, **NEW, "role": role}), check)
    (problem,) = caught.value.problems
    assert (problem.code, problem.option, problem.place) == ("unknown_role", "role", user)
    assert said in problem and "assign it to a user in SendAuth first" in problem
    assert sent(connection) == []


@pytest.mark.parametrize(
    ("role", "roles", "spelt"),
    [
        ("ADMIN", ["user"], "admin"),
        ("Admin", ["super_admin", "user"], "admin"),
        ("admin", ["None", "Registrar"], "Admin"),
        ("USER ", ["admin"], "user"),
        ("auditor", ["user", "Auditor"], "Auditor"),
        ("registrar", ["Admin"], "Registrar"),
    ],
)
def test_a_role_is_sent_as_the_server_spells_it(sendauth, role, roles, spelt):
    rows = [
        {**ADA, "id": f"{number}{ID[1:]}", "email": f"u{number}@x.org", "role": name}
        for number, name in enumerate(roles)
    ]
    connection = sendauth({"GET /api/v1/users": without_new(*rows), "POST /api/v1/users": created})
    result, _notices = run(connection, Desired("new@x.org", fields={"email": "new@x.org", **NEW, "role": role}))
    assert sent(connection)[0][1]["role"] == spelt
    assert result["user"]["role"] == spelt


def test_without_other_users_a_documented_role_is_sent_unchanged(sendauth):
    connection = sendauth({"GET /api/v1/users": page(), "POST /api/v1/users": created})
    run(connection, Desired("new@x.org", fields={"email": "new@x.org", **NEW, "role": "registrar"}))
    assert sent(connection)[0][1]["role"] == "registrar"


@pytest.mark.parametrize("check", [True, False])
def test_a_role_of_the_other_documentation_is_a_warning(sendauth, check):
    connection = sendauth({"GET /api/v1/users": page({**ADA, "role": "user"}), PUT: echo})
    _result, notices = run(connection, Desired("ada@x.org", fields={"role": "Registrar"}), check)
    (notice,) = notices
    assert (notice.code, notice.user) == ("unverified_role", "ada@x.org")
    assert "users have user" in notice.text


@pytest.mark.parametrize(
    ("field", "advice"),
    [
        ("role", "Correct the option role for this user."),
        ("messagingPreference", "Correct the option messaging_preference for this user."),
    ],
)
def test_an_error_about_a_field_names_its_option(sendauth, field, advice):
    refusal = Reply(422, {"error": "must be another one", "field": field, "value": "x"})
    connection = sendauth({PUT: refusal})
    for name in ("update_user", "create_user"):
        assert connection.transport.reader.hint_for(connection.operations[name], 422, f"{field}: no") == advice


def test_a_desired_role_that_the_user_has_needs_no_call(sendauth):
    """Whatever the role is called, and however it is spelt."""
    connection = sendauth({"GET /api/v1/users": page({**ADA, "role": "Auditor"})})
    result, _notices = run(connection, Desired("ada@x.org", fields={"role": "auditor"}))
    assert (result["changed"], len(connection.server.requests)) == (False, 1)


def test_an_unknown_role_is_reported_with_other_unknown_names(sendauth):
    connection = sendauth()
    desired = [
        Desired("a@x.org", index=0, fields={"email": "a@x.org", **NEW, "role": "supper_admin"}),
        Desired("ada@x.org", index=1, fields={"email": "ada@x.org", "company": "Exmple"},
                facets={"permissions": DesiredFacet("present", ["VPM"])}),
    ]  # fmt: skip
    with pytest.raises(InputError) as caught:
        converge(Context({}, False, True, Masker()), Users(connection), desired, Policy(bulk=True, min_admins=0))
    assert sorted((problem.code, problem.option) for problem in caught.value.problems) == [
        ("unknown_company", "company"), ("unknown_permission", "permissions[0]"), ("unknown_role", "role"),
    ]  # fmt: skip
    assert sent(connection) == []
