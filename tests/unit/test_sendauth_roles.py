# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: tags, roles and labels, administrators who stay, and what can be granted."""

from __future__ import annotations

import dataclasses
import unicodedata

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    GuardError,
    InputError,
    RollcallError,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.policy import Policy
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.run import converge
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth import tasks
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth.users import Users
from ansible_collections.rollcall.identity.tests.unit.sendauth import ADA, ID, ONE, echo, make, page, sent, target
from ansible_collections.rollcall.identity.tests.unit.web import Reply

# -- tags and roles ------------------------------------------------------------------------------------------------


def run(task, connection, check=False, **params):
    defaults = {name: spec.get("default") for name, spec in task.options.items()}
    return task.run(Context({**defaults, **params}, check, True, Masker()), connection)


def test_tags_are_sent_as_texts(sendauth):
    connection = sendauth({f"PUT {ONE}/tags": Reply(body="")})
    assert run(tasks.USER_TAGS, connection, user="ada@x.org", tags={"site": "london", "floor": 4})["changed"]
    assert sent(connection) == [(f"PUT {ONE}/tags", {"tags": {"site": "london", "floor": "4"}})]


def test_a_tag_is_sent_as_sendauth_spells_it(sendauth):
    name, value = (unicodedata.normalize("NFD", text) for text in ("größe", "groß ä"))
    tags = {"tags": [{"id": "t1", "name": name, "values": [value]}]}
    connection = sendauth({"GET /api/v1/tags": tags, f"PUT {ONE}/tags": Reply(body="")})
    run(tasks.USER_TAGS, connection, user="ada@x.org", tags={"größe": "groß ä"})
    assert sent(connection) == [(f"PUT {ONE}/tags", {"tags": {name: value}})]


@pytest.mark.parametrize("value", ["", None, True, ["london"]])
def test_a_tag_without_usable_value_is_refused(sendauth, value):
    with pytest.raises(InputError, match=r"tags\.site is empty, or neither text nor a number\. Specify text in quotes"):
        run(tasks.USER_TAGS, sendauth({}), user="ada@x.org", tags={"site": value})


@pytest.mark.parametrize("check", [True, False])
def test_undefined_tags_and_values_are_refused_together(sendauth, check):
    connection = sendauth({f"PUT {ONE}/tags": Reply(body="")})
    tags = {"sites": "x", "site": "londn", "floor": "9", "old": "x", "zzz": "x", "free": "anything"}
    with pytest.raises(InputError) as caught:
        run(tasks.USER_TAGS, connection, check, user="ada@x.org", tags=tags)
    assert [(problem.code, problem.option, problem.place) for problem in caught.value.problems] == [
        ("unknown_tag", f"tags.{name}", "Ada@X.org") for name in ("sites", "site", "floor", "old", "zzz")
    ]
    for said, problem in zip(
        (
            "no such tag; similar: 'site'.", "no value 'londn'; similar: 'london'. Correct", "no value '9'; known: 4.",
            "the tag is disabled.", "no such tag; known: site, floor, old, free.",
        ),
        caught.value.problems,
        strict=True,
    ):  # fmt: skip
        assert said in problem
    assert sent(connection) == []


def test_tags_are_read_once_and_not_for_their_removal(sendauth):
    connection = sendauth({f"PUT {ONE}/tags": Reply(body="")})
    run(tasks.USER_TAGS, connection, user="ada@x.org", tags={})
    assert not any("/tags" in target and target.startswith("GET") for target, _body in sent(connection, reads=True))
    for _time in range(2):
        run(tasks.USER_TAGS, connection, user="ada@x.org", tags={"site": "london"})
    assert [target for target, _body in sent(connection, reads=True)].count("GET /api/v1/tags") == 1


def test_without_access_to_the_tags_all_are_sent(sendauth):
    connection = sendauth({f"PUT {ONE}/tags": Reply(body=""), "GET /api/v1/tags": Reply(403, "")})
    assert run(tasks.USER_TAGS, connection, user="ada@x.org", tags={"any": "x"})["changed"]
    with pytest.raises(ApiError, match="list tags"):
        run(tasks.USER_TAGS, sendauth({"GET /api/v1/tags": Reply(400, "")}), user="ada@x.org", tags={"any": "x"})


@pytest.mark.parametrize("value", [None, "", True, [], {}])
def test_tags_without_a_value_are_refused(sendauth, value):
    with pytest.raises(InputError, match="omit the name"):
        run(tasks.USER_TAGS, sendauth(), user="ada@x.org", tags={"site": value})


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"role": "user", "state": "absent"}, "every user has a role"),
        ({"permissions": [], "state": "absent"}, "is empty"),
        ({"groups": []}, "state is present"),
    ],
)
def test_roles_that_make_no_sense(sendauth, params, text):
    with pytest.raises(InputError, match=text):
        run(tasks.USER_ROLES, sendauth(), user="ada@x.org", **params)


def test_who_may_not_read_the_labels_can_give_them(sendauth):
    connection = sendauth({"GET /api/v1/permissions": Reply(403, ""), f"PUT {ONE}": echo})
    make(connection, Desired("ada@x.org", facets={"permissions": target("present", "Snowflake", {"name": "2024"})}))
    ((_target, body),) = sent(connection)
    assert sorted(body["permissions"]) == ["2024", "Snowflake", "VPN"]
    ignored = sendauth(
        {
            "GET /api/v1/permissions": Reply(403, ""),
            f"PUT {ONE}": lambda request: {**echo(request), "permissions": ["VPN"]},
        }
    )
    with pytest.raises(RollcallError, match="permissions is"):
        make(ignored, Desired("ada@x.org", facets={"permissions": target("present", "Misspelt")}))
    with pytest.raises(ApiError):
        make(
            sendauth({"GET /api/v1/permissions": Reply(500, "")}),
            Desired("ada@x.org", facets={"permissions": target("present", "VPN")}),
        )


def test_labels_are_not_read_where_none_is_named(sendauth):
    connection = sendauth({"GET /api/v1/permissions": Reply(500, ""), f"PUT {ONE}": echo})
    make(connection, Desired("ada@x.org", facets={"permissions": target("exact")}))
    assert not any(request.target.startswith("/api/v1/permissions") for request in connection.server.requests)


def staff(*roles):
    """Return users with these roles."""
    return [
        {**ADA, "id": ID[:-2] + f"{number:02}", "email": f"u{number}@x.org", "role": role}
        for number, role in enumerate(roles)
    ]


@pytest.mark.parametrize(
    ("roles", "go", "allowed"),
    [
        (["super_admin", "super_admin", "super_admin"], [0], True),
        (["super_admin", "super_admin", "user"], [0], False),
        (["admin", "Registrar", "super_admin"], [0], True),
        (["admin", "super_admin", "authenticator", "user"], [2, 3], True),
        (["super_admin", "super_admin"], [0, 1], False),
    ],
)
def test_the_last_administrators_stay(sendauth, roles, go, allowed):
    people = staff(*roles)
    routes = {f"DELETE /api/v1/users/{row['id']}": Reply(body="") for row in people}
    connection = sendauth({"GET /api/v1/users": page(*people), **routes})
    absent = [Desired(f"u{number}@x.org", state="absent", index=index) for index, number in enumerate(go)]

    def run_many():
        return converge(
            Context({}, False, True, Masker()),
            Users(connection),
            absent,
            Policy(bulk=True, loss_limit="100%"),
        )

    if allowed:
        assert run_many()["summary"]["deleted"] == len(go)
    else:
        with pytest.raises(GuardError, match="min_admins is 2"):
            run_many()
        assert sent(connection) == []


@pytest.mark.parametrize(("min_admins", "allowed"), [(2, False), (1, False), (0, True)])
def test_the_last_super_admin_stays_however_many_others_there_are(sendauth, min_admins, allowed):
    people = staff("super_admin", "admin", "admin", "admin", "super_admin")
    routes = {f"DELETE /api/v1/users/{row['id']}": Reply(body="") for row in people}
    connection = sendauth({"GET /api/v1/users": page(*people), **routes})
    policy = Policy(bulk=True, loss_limit="100%", min_admins=min_admins)
    context = Context({}, False, True, Masker())
    assert (
        converge(context, Users(connection), [Desired("u0@x.org", state="absent", index=0)], policy)[
            "summary"
        ]["deleted"]
        == 1
    )
    both = [Desired(f"u{number}@x.org", state="absent", index=index) for index, number in enumerate((0, 4))]
    if allowed:
        assert converge(context, Users(connection), both, policy)["summary"]["deleted"] == 2
    else:
        with pytest.raises(GuardError, match="no user with the highest role: u0@x"):
            converge(context, Users(connection), both, policy)
        rest = [Desired(f"u{number}@x.org", index=number) for number in (1, 2, 3)]
        purge = dataclasses.replace(policy, unlisted="delete", delete_limit=9, protect=("u1*",))
        with pytest.raises(GuardError, match="because unlisted is delete") as caught:
            converge(context, Users(connection), rest, purge)
        assert "in protect. If this loss is intended, grant this role to another user first" in caught.value.hint


# -- what can be granted -------------------------------------------------------------------------------------------


def granting(connection, **params):
    """List what can be granted."""
    every = {"kinds": ["permissions", "groups"], "name": None, "members": False, **params}
    return tasks.ROLE_INFO.run(Context(every, False, False, connection.masker), connection)


def test_labels_and_groups_are_listed(sendauth):
    groups = {
        "groups": [{"id": "g1", "name": "Engineering", "permissions": ["VPN", "GitHub"]}, {"id": "g2", "name": "Data"}]
    }
    connection = sendauth({"GET /api/v1/permission-groups": groups})
    assert granting(connection) == {
        "changed": False, "api_calls": 2,
        "permissions": [{"id": name, "name": name, "members": None} for name in ("2024", "Snowflake", "VPN")],
        "groups": [
            {"id": "g2", "name": "Data", "members": None},
            {"id": "g1", "name": "Engineering", "permissions": ["GitHub", "VPN"], "members": None},
        ],
    }  # fmt: skip


def test_members_are_read_once_for_both_kinds(sendauth):
    connection = sendauth()
    result = granting(connection, members=True)
    ada = [{"id": ID, "user": "Ada@X.org"}]
    assert {entry["name"]: entry["members"] for kind in ("permissions", "groups") for entry in result[kind]} == {
        "2024": [], "Snowflake": [], "VPN": ada, "Data": [], "Engineering": ada,
    }  # fmt: skip
    assert [request.target.split("?")[0] for request in connection.server.requests].count("/api/v1/users") == 1


def test_a_list_without_labels_is_completed_by_each_user(sendauth):
    thin = {name: ADA[name] for name in ("id", "email", "firstName", "lastName")}
    connection = sendauth({"GET /api/v1/users": page(thin), f"GET {ONE}": ADA})
    assert granting(connection, kinds=["permissions"], name="vpn", members=True)["permissions"][0]["members"] == [
        {"id": ID, "user": "Ada@X.org"}
    ]
