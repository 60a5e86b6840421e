# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OneLogin: filters of both versions, and the fields of applications."""

from __future__ import annotations

import re

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import InputError
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import tasks
from ansible_collections.rollcall.identity.tests.unit.onelogin import ADA, USER, USERS, asked, envelope, run
from ansible_collections.rollcall.identity.tests.unit.web import Reply

LIST2, NAMES = "GET /api/2/users", "GET /api/1/users/custom_attributes"


def listed(connection, **filters):
    users = run(tasks.USER_INFO, connection, filters=filters)["users"]
    return [target for target, _body in asked(connection) if not target.startswith((NAMES, "GET /api/1/roles"))], [
        user["id"] for user in users
    ]


@pytest.mark.parametrize(
    ("filters", "query"),
    [
        (
            {"username": "a*", "created_since": "2026-01-31"},
            f"{USERS}?username=a%2A&since=2026-01-31T00%3A00%3A00.000Z",
        ),
        ({"role": "Ops", "sort": "-last_login"}, f"{USERS}?role_id=1&sort=-last_login"),
        ({"last_login_until": "2026-01-31T10:00:00+02:00"}, f"{LIST2}?last_login_until=2026-01-31T08%3A00%3A00.000Z"),
        (
            {"updated_since": "2026-01-31T00:00:00.5Z", "email": "*@x.org"},
            f"{LIST2}?email=%2A%40x.org&updated_since=2026-01-31T00%3A00%3A00.500Z",
        ),
        (
            {"user_ids": ["7", " 08"], "created_until": "2026-01-31"},
            f"{LIST2}?user_ids=7%2C8&created_until=2026-01-31T00%3A00%3A00.000Z",
        ),
        (
            {"custom_attributes": {"badge": "b*"}, "sort": "username"},
            f"{LIST2}?custom_attributes.badge=b%2A&sort=%2Busername",
        ),
        (
            {"app_id": "5", "fields": ["locale_code", "enabled"]},
            f"{LIST2}?app_id=5&fields=id%2Cusername%2Cpreferred_locale_code%2Cstate%2Cstatus",
        ),
        ({"fields": ["locale_code", "title"]}, f"{USERS}?fields=id%2Cusername%2Clocale_code%2Ctitle"),
        ({"directory_id": "07"}, f"{USERS}?directory_id=7"),
    ],
)
def test_filters_go_to_the_version_that_has_them(onelogin, filters, query):
    routes = {
        USERS: envelope(ADA),
        LIST2: [Reply(body=[ADA])],
        "GET /api/1/roles": envelope({"id": 1, "name": "Ops"}),
        NAMES: envelope(["badge"]),
    }
    if "00.5Z" in str(filters):
        filters = {**filters, "updated_since": "2026-01-31T00:00:00.500Z"}
    assert listed(onelogin(routes), **filters) == ([query], ["7"])


def test_filters_of_both_versions_are_read_from_both_lists(onelogin):
    routes = {
        USERS: envelope(ADA, {**ADA, "id": 9}),
        LIST2: [Reply(body=[{**ADA, "id": 8}, ADA])],
        "GET /api/1/roles": envelope({"id": 1, "name": "Ops"}),
    }
    targets, ids = listed(onelogin(routes), role="Ops", last_login_since="2026-01-01", limit=1)
    assert ids == ["7"]
    assert targets == [f"{LIST2}?last_login_since=2026-01-01T00%3A00%3A00.000Z", f"{USERS}?role_id=1"]


def test_a_limit_reads_no_more_pages_than_it_needs(onelogin):
    pages = [envelope(ADA, {**ADA, "id": 8}, pagination={"after_cursor": "c"})]
    assert listed(onelogin({USERS: pages}), limit=1) == ([USERS], ["7"])


@pytest.mark.parametrize(
    "filters",
    [
        {"email": ""}, {"user_ids": []}, {"custom_attributes": {}}, {"user_ids": ["x"]}, {"user_ids": ["1"] * 501},
        {"directory_id": "x"}, {"app_id": "-1"},
        {"created_since": "soon"}, {"last_login_until": "31.01.2026"}, {"sort": "enabled"}, {"sort": "+-title"},
        {"sort": "nothing"}, {"fields": ["nothing"]},
        {"limit": 0}, {"custom_attributes": {"bagde": "x"}}, {"custom_attributes": {"badge": True}},
        {"custom_attributes": {"badge": None}}, {"role": "Opps"},
    ],
)  # fmt: skip
def test_a_filter_that_says_something_else_lists_nobody(onelogin, filters):
    connection = onelogin({NAMES: envelope(["badge"]), "GET /api/1/roles": envelope({"id": 1, "name": "Ops"})})
    with pytest.raises(InputError):
        listed(connection, **filters)


@pytest.mark.parametrize(
    ("filters", "text"),
    [
        ({"role": "Opps"}, "filters: there is no role named 'Opps'; similar names: 'Ops'."),
        ({"role": "X"}, "filters: there is no role named 'X' (there is 1 role). Correct the name."),
        ({"custom_attributes": {"badge": ""}}, "custom_attributes.badge is ''. Specify text in quotes, not empty."),
        ({"custom_attributes": {"badge": None}}, "custom_attributes.badge is null. Specify text in quotes, not empty."),
    ],
)
def test_a_problem_of_a_filter_names_its_place(onelogin, filters, text):
    connection = onelogin({NAMES: envelope(["badge"]), "GET /api/1/roles": envelope({"id": 1, "name": "Ops"})})
    with pytest.raises(InputError, match=re.escape(text)):
        listed(connection, **filters)


def test_applications_have_all_their_fields(onelogin):
    app = {"id": 5, "name": "Jira", "provisioning_enabled": True, "login_id": 9}
    connection = onelogin({USER: envelope(ADA), "GET /api/1/users/7/apps": envelope(app, {"id": 6})})
    (user,) = run(tasks.USER_INFO, connection, id="7", gather=["apps"])["users"]
    assert user["apps"] == [
        {**app, "id": "5", "provisioning_state": None},
        {"id": "6", "name": None, "provisioning_state": None},
    ]
