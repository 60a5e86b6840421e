# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SendAuth: how deleted users are restored, and how they are destroyed."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import ApiError, InputError, RollcallError
from ansible_collections.rollcall.identity.plugins.module_utils._core.plan.model import Desired
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth.users import Users
from ansible_collections.rollcall.identity.tests.unit.sendauth import (
    ADA,
    ID,
    ONE,
    OTHER,
    echo,
    make,
    page,
    sent,
    target,
)
from ansible_collections.rollcall.identity.tests.unit.web import Reply

# -- deleted users -------------------------------------------------------------------------------------------------


GONE = {"GET /api/v1/users": page(), "GET /api/v1/users/deleted": page(ADA)}


def back(**facets):
    return Desired(
        "ada@x.org", fields={"first_name": "Ada", "last_name": "Lovelace"}, facets=facets, options={"restore": True}
    )


def test_a_deleted_user_is_brought_back_with_what_is_wished_alone(sendauth):
    connection = sendauth({
        **GONE, f"PUT /api/v1/users/deleted/{ID}": Reply(body=""), f"GET {ONE}": ADA, f"PUT {ONE}": echo,
        f"DELETE {ONE}/passkey": Reply(body=""),
    })  # fmt: skip
    # Nothing is taken from somebody who is deleted, so a protected user can come back with less.
    told, done = (
        make(connection, back(permissions=target("present", "2024")), check, ("ada*",)) for check in (True, False)
    )
    assert told["diff"] == done["diff"]
    assert [target for target, _body in sent(connection)] == [
        f"PUT /api/v1/users/deleted/{ID}", f"PUT {ONE}", f"DELETE {ONE}/passkey",
    ]
    assert sent(connection)[1][1]["permissions"] == ["2024"]
    assert (done["user"]["has_passkeys"], done["user"]["enabled"], done["unmanaged"]) == (
        False,
        True,
        {"groups": ["Engineering"]},
    )


def test_what_a_restore_lost_is_written_although_the_plan_did_not_know(sendauth):
    connection = sendauth({
        **GONE, f"PUT /api/v1/users/deleted/{ID}": Reply(body=""),
        f"GET {ONE}": {**ADA, "permissions": None, "hasPasskeys": False}, f"PUT {ONE}": echo,
    })  # fmt: skip
    make(connection, back(permissions=target("present", "VPN")))
    assert sent(connection)[1][1]["permissions"] == ["VPN"]


def test_a_restore_that_fails_half_way_is_taken_back(sendauth):
    connection = sendauth({
        **GONE, f"PUT /api/v1/users/deleted/{ID}": Reply(body=""), f"GET {ONE}": ADA,
        f"PUT {ONE}": Reply(422, {"error": "no"}),
        f"DELETE {ONE}": Reply(body=""),
    })  # fmt: skip
    with pytest.raises(ApiError) as caught:
        make(connection, back(permissions=target("present", "2024")))
    assert "deleted again" in caught.value.hint
    assert sent(connection)[-1] == (f"DELETE {ONE}", None)


RESTORED, AGAIN = f"PUT /api/v1/users/deleted/{ID}", f"DELETE {ONE}"


def test_a_restore_whose_answer_was_lost_is_completed(sendauth):
    connection = sendauth({
        **GONE, RESTORED: [Reply(drop=True), Reply(404, "")], f"GET {ONE}": ADA, f"PUT {ONE}": echo,
        f"{AGAIN}/passkey": Reply(body=""),
    }, api_retries=1)  # fmt: skip
    make(connection, back(permissions=target("present", "2024")))
    assert [target for target, _body in sent(connection)] == [RESTORED, RESTORED, f"PUT {ONE}", f"{AGAIN}/passkey"]


@pytest.mark.parametrize(
    ("reply", "taken_back", "text"),
    [
        (Reply(drop=True), True, "may have been restored, and was deleted again"),
        (Reply(502, ""), True, "may have been restored, and was deleted again"),
        (Reply(403, ""), False, "Registrar"),
        (Reply(404, ""), False, "no longer exists"),
    ],
)
def test_a_restore_that_is_unclear_is_taken_back_and_one_that_was_refused_is_not(sendauth, reply, taken_back, text):
    connection = sendauth({**GONE, RESTORED: reply, f"GET {ONE}": Reply(404, ""), AGAIN: Reply(404, "")})
    with pytest.raises(RollcallError) as caught:
        make(connection, back())
    assert text in caught.value.sentence()
    assert [target for target, _body in sent(connection)] == [RESTORED, *([AGAIN] if taken_back else [])]


def test_what_else_is_said_of_somebody_who_goes_is_not_looked_at(sendauth):
    connection = sendauth({AGAIN: Reply(body="")})
    assert make(connection, Desired("ada@x.org", state="absent", fields={"company": "no such", "first_name": "A"}))[
        "changed"
    ]
    assert not any("companies" in request.target for request in connection.server.requests)


@pytest.mark.parametrize(
    ("desired", "live", "deleted", "writes"),
    [
        (Desired("ada@x.org", state="destroyed"), [ADA], [], [f"DELETE {ONE}", f"DELETE /api/v1/users/deleted/{ID}"]),
        (Desired("ada@x.org", state="destroyed"), [], [ADA], [f"DELETE /api/v1/users/deleted/{ID}"]),
        (Desired("", id=ID, state="destroyed"), [], [ADA], [f"DELETE /api/v1/users/deleted/{ID}"]),
        # Who was deleted between the two reads is in both lists.
        (Desired("ada@x.org", state="destroyed"), [ADA], [ADA], [f"DELETE /api/v1/users/deleted/{ID}"]),
        (Desired("ada@x.org", state="destroyed"), [], [], []),
        (Desired("ada@x.org", state="absent"), [], [ADA], []),
        (Desired("ada@x.org", state="destroyed"), [ADA], [{**ADA, "id": OTHER}], None),
        (Desired("ada@x.org", state="destroyed"), [], [ADA, {**ADA, "id": OTHER}], None),
        (Desired("ada@x.org", fields={"first_name": "Ada", "last_name": "L."}), [], [ADA], None),
    ],
)
def test_those_who_are_deleted(sendauth, desired, live, deleted, writes):
    gone = Reply(body="")
    connection = sendauth({
        "GET /api/v1/users": page(*live), "GET /api/v1/users/deleted": page(*deleted),
        f"GET {ONE}": ADA if live else Reply(404, ""),
        f"DELETE {ONE}": gone, f"DELETE /api/v1/users/deleted/{ID}": gone,
    })  # fmt: skip
    if writes is None:
        with pytest.raises(InputError, match="id"):
            make(connection, desired)
        writes = []
    else:
        assert make(connection, desired)["changed"] is bool(writes)
    assert [target for target, _body in sent(connection)] == writes


def test_not_found_while_destroying_is_looked_at_again(sendauth):
    routes = {**GONE, f"DELETE /api/v1/users/deleted/{ID}": Reply(404, "")}
    with pytest.raises(RollcallError, match="cannot find"):
        make(sendauth(routes), Desired("ada@x.org", state="destroyed"))
    assert make(
        sendauth({**routes, "GET /api/v1/users/deleted": [page(ADA), page()]}), Desired("ada@x.org", state="destroyed")
    )["changed"]


# -- tags and roles ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [False, True])
def test_a_restore_can_keep_the_passkeys(sendauth, keep):
    connection = sendauth(
        {**GONE, RESTORED: Reply(body=""), f"GET {ONE}": ADA, f"PUT {ONE}": echo, f"{AGAIN}/passkey": Reply(body="")}
    )
    desired = back(permissions=target("present", "VPN"))
    desired.options["keep_passkeys"] = keep
    told = make(connection, desired, check=True)["user"]["has_passkeys"]
    result = make(connection, desired)
    assert (f"{AGAIN}/passkey" in [target for target, _body in sent(connection)]) is not keep
    assert result["user"]["has_passkeys"] is told is keep


def test_passkeys_are_kept_by_a_restore_alone(sendauth):
    (problem,) = Users(sendauth()).check(Desired("ada@x.org", options={"keep_passkeys": True, "restore": False}))
    assert (problem.code, problem.option) == ("missing_field", "keep_passkeys")
