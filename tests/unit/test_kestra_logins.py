# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kestra: ways to log in, and what closes a login."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import ApiError, GuardError, InputError
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Account, Desired, DesiredFacet
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.login_methods import LoginMethods
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.users import Users
from ansible_collections.rollcall.identity.tests.unit.fakes import bulk
from ansible_collections.rollcall.identity.tests.unit.kestra import GROUPS, ROW, TENANTS, WHOLE, asked, rows
from ansible_collections.rollcall.identity.tests.unit.web import Reply

# -- reading ---------------------------------------------------------------------------------------------------------


def test_the_door_is_closed_before_sessions_and_tokens_end(kestra):
    whole = {**WHOLE, "auths": [{"id": "a1"}], "tenants": [], "groups": []}
    token = {"id": "t1", "name": "ci", "prefix": "abc", "iat": "2026-01-01T00:00:00Z", "expired": False}
    connection = kestra(
        {
            "GET /users/u1": whole,
            "DELETE /users/u1/auths/a1": whole,
            "DELETE /users/u1/refresh-token": Reply(204, ""),
            "GET /tenants/search": rows(),
            "GET /users/u1/api-tokens": {"results": [token]},
            "DELETE /users/u1/api-tokens/t1": Reply(204, ""),
        }
    )
    users = Users(connection)
    users.writing(Desired("ada"), users.account(whole)).update("enabled", {"enabled": False})
    writes = [line for line in asked(connection) if line.startswith("DELETE")]
    assert writes == ["DELETE /users/u1/auths/a1", "DELETE /users/u1/refresh-token", "DELETE /users/u1/api-tokens/t1"]


BLOCKED = {**WHOLE, "tenants": [], "groups": []}
MAYBE_BLOCKED = {name: value for name, value in BLOCKED.items() if name != "superAdmin"}


@pytest.mark.parametrize(
    ("row", "whole"),
    [({**ROW, "tenants": []}, BLOCKED), ({**MAYBE_BLOCKED, "groups": None}, MAYBE_BLOCKED)],
    ids=["blocked", "maybe blocked"],
)
def test_a_way_in_for_somebody_who_is_blocked_counts_as_reopening(kestra, row, whole):
    connection = kestra(
        {
            "GET /users": rows(row),
            "GET /users/u1": whole,
            "GET /tenants/search": TENANTS,
            "GET /main/groups/search": GROUPS,
            "GET /me": {"id": "me"},
        },
        max_concurrency=1,
    )
    with pytest.raises(GuardError) as caught:
        bulk(
            Users(connection),
            Desired("ada@x.org", facets={"groups": DesiredFacet("present", ["data"])}),
            reopen_limit="0",
        )
    assert caught.value.code == "reopen_limit"


def test_login_methods_that_a_row_does_not_tell_are_read(kestra):
    users = LoginMethods(kestra({"GET /users/u1": {**WHOLE, "auths": [{"id": "a1", "name": "okta", "type": "OIDC"}]}}))
    account = users.account({"id": "u1", "username": "Ada@x.org"}, whole=False)
    assert "auth_methods" not in account.facets
    users.load(account, ("auth_methods",), ())
    assert list(account.facets["auth_methods"]) == ["a1"]


# -- names, wishes ---------------------------------------------------------------------------------------------------


def target(fields, facets=(), enabled=None, held=(), always=()):
    """Return a wish of a user with groups, and the account it is for (None: nobody is there)."""
    wishes = {"groups": DesiredFacet("present", list(facets), entries={key: {} for key in facets})} if facets else {}
    account = (
        None
        if enabled is None
        else Account(
            "u1", "ada@x.org", {"enabled": enabled}, {"tenants": {"main": "main"}, "groups": {key: {} for key in held}}
        )
    )
    return Desired("ada@x.org", fields=fields, facets=wishes, always=frozenset(always)), account


@pytest.mark.parametrize(
    ("wished", "said"),
    [
        (target({"enabled": False}, ["main/g1"], True), "groups would let the user log in"),
        (target({"enabled": False}, ["main/g1"], True, held=["main/g1"]), "groups would let the user log in"),
        (target({"enabled": False}, ["main/g1"], False), "groups would let the user log in"),
        (target({"enabled": False, "password": "x"}), "password would let the user log in"),
        (
            target({"enabled": False, "password": "x"}, (), False, always=["password"]),
            "password would let the user log in",
        ),
        (target({"enabled": False, "instance_owner": True}, (), True), "instance_owner would let the user log in"),
        (target({"enabled": False, "instance_owner": True}, (), False), "instance_owner would let the user log in"),
        (target({"enabled": True}, (), False), "the user cannot log in"),
        (target({"enabled": True}), "the user cannot log in"),
        (target({"enabled": True, "password": "x"}, (), False), "the user cannot log in"),
    ],
)
def test_wishes_for_a_login_that_nothing_could_make_so(kestra, wished, said):
    with pytest.raises(InputError, match=said) as caught:
        Users(kestra({})).complete(*wished)
    assert caught.value.problems[0].code == "contradiction"
    assert caught.value.problems[0].option == "enabled"


@pytest.mark.parametrize(
    ("wished", "fields"),
    [
        (target({"enabled": True}, ["main/g1"]), {}),
        (target({"enabled": True}, ["main/g1"], False), {"enabled": True}),
        (target({"enabled": True}, (), True), {}),
        (target({"enabled": False}, ["main/g1"], False, held=["main/g1"]), {}),
        (target({"enabled": False}, (), True), {"enabled": False}),
        (target({"enabled": False, "password": "x"}, (), True), {"enabled": False, "password": "x"}),
        (target({}, ["main/g1"], True), {}),
        (target({}, ["main/g1"], False), {"enabled": True}),
    ],
)
def test_what_is_left_of_a_wish_for_a_login(kestra, wished, fields):
    assert Users(kestra({})).complete(*wished).fields == fields


@pytest.mark.parametrize(
    ("mode", "left", "bounds", "methods", "owner", "refused"),
    [
        ("exact", [], [], [], None, True),
        ("exact", [], [], ["BASIC_AUTH"], None, False),
        ("exact", [], [], None, None, False),
        ("managed", [], ["main"], [], None, True),
        ("managed", [], ["eu"], [], None, False),
        ("present", [], [], [], False, False),
        ("exact", ["main"], [], [], None, False),
        ("exact", [], [], [], True, False),
    ],
)
def test_a_login_that_is_wished_for_keeps_a_way_in(kestra, mode, left, bounds, methods, owner, refused):
    values = {"enabled": True, "instance_owner": False, **({} if methods is None else {"auth_methods": methods})}
    account = Account("u1", "ada@x.org", values, {"tenants": {"main": "main"}})
    tenants = DesiredFacet(mode, left, bounds, dict.fromkeys(left), dict.fromkeys(bounds))
    fields = {"enabled": True, **({} if owner is None else {"instance_owner": owner})}
    desired = Desired("ada@x.org", fields=fields, facets={"tenants": tenants})
    if not refused:
        assert "enabled" not in Users(kestra({})).complete(desired, account).fields
        return
    with pytest.raises(InputError, match="would keep no login method") as caught:
        Users(kestra({})).complete(desired, account)
    assert caught.value.problems[0].code == "contradiction"


def test_a_user_who_is_to_go_is_not_asked_for_ways_in(kestra):
    desired, account = target({"enabled": True}, (), False)
    desired.state = "absent"
    assert Users(kestra({})).complete(desired, account) is desired


@pytest.mark.parametrize(
    ("status", "left", "fails"), [(500, [], False), (404, [], False), (422, [{"id": "a1"}], True), (403, [], True)]
)
def test_a_login_method_that_is_gone(kestra, status, left, fails):
    users = LoginMethods(
        kestra({"DELETE /users/u1/auths/a1": Reply(status, ""), "GET /users/u1": {**WHOLE, "auths": left}})
    )
    account = Account("u1", "ada@x.org", {})
    if fails:
        with pytest.raises(ApiError):
            users.writing(Desired("ada"), account).remove_method("a1")
    else:
        users.writing(Desired("ada"), account).remove_method("a1")
