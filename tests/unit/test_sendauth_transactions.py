# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: transactions, and how their outcome is waited for."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    InputError,
    RollcallError,
    UnclearAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.report import Context
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth import tasks
from ansible_collections.rollcall.identity.tests.unit.sendauth import ADA, ONE, page, sent
from ansible_collections.rollcall.identity.tests.unit.web import Reply


def transact(connection, check=False, **params):
    given = {"user": "ada@x.org", "type": "authenticate", "wait": True, "wait_timeout": 60, **params}
    return tasks.USER_TRANSACTION.run(Context(given, check, False, Masker()), connection)


START = f"POST {ONE}/authenticate"
CHECK = "GET /api/v1/transactions/t1/check"


def states(*names):
    return {START: Reply(201, {"tx": "t1"}), CHECK: [{"state": name} for name in names]}


def test_waiting_until_the_user_has_answered(sendauth):
    connection = sendauth(states("pending", "pending", "pending", "verified"))
    assert transact(connection, text="Rollout")["transaction"] == {
        "id": "t1", "type": "authenticate", "state": "verified",
    }
    assert connection.clock.slept == [1.0, 1.5, 2.25]
    assert sent(connection) == [(START, {"message": "Rollout"})]


@pytest.mark.parametrize(
    ("state", "text"),
    [("denied", "denied it"), ("cancelled", "cancelled before"), ("expired", "in time"), ("odd", "not documented")],
)
def test_an_outcome_that_is_bad(sendauth, state, text):
    with pytest.raises(RollcallError, match=text) as caught:
        transact(sendauth(states("pending", state)))
    assert caught.value.more["transaction"]["state"] == state


def test_a_deadline(sendauth):
    connection = sendauth(states("pending"))
    with pytest.raises(RollcallError, match="still pending after 60 s"):
        transact(connection)
    assert sum(connection.clock.slept) == 60
    assert max(connection.clock.slept) == 10


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("kind", "has", "advice"), [("register", True, "sendauth_user_passkey"), ("authenticate", False, "type: register")]
)
def test_what_is_not_possible_is_told_before_it_is_tried(sendauth, kind, has, advice, check):
    connection = sendauth({"GET /api/v1/users": page({**ADA, "hasPasskeys": has})})
    with pytest.raises(InputError, match=advice):
        transact(connection, check, type=kind)
    assert sent(connection) == []


def test_a_406_where_it_was_not_known_before(sendauth):
    unknown = {name: value for name, value in ADA.items() if name != "hasPasskeys"}
    with pytest.raises(ApiError, match="406") as caught:
        transact(sendauth({"GET /api/v1/users": page(unknown), START: Reply(406, "")}))
    assert "no passkeys" in caught.value.hint


@pytest.mark.parametrize(
    "reply", [Reply(drop=True), Reply(201, {}), Reply(201, "[]"), Reply(201, "odd"), Reply(502, "")]
)
def test_a_lost_answer_asks_nobody_twice(sendauth, reply):
    connection = sendauth({START: reply})
    with pytest.raises(UnclearAnswer) as caught:
        transact(connection)
    assert "gather: [transactions]" in caught.value.hint
    assert len(sent(connection)) == 1


@pytest.mark.parametrize(
    "params",
    [
        {"type": "register", "text": "x"}, {"text": "x" * 1025}, {"connectwise": "x" * 65}, {"wait_timeout": 0},
        {"wait": False, "wait_timeout": 9},
    ],
)  # fmt: skip
def test_options_that_do_not_fit(sendauth, params):
    connection = sendauth()
    with pytest.raises(InputError):
        transact(connection, **params)
    assert connection.server.requests == []
