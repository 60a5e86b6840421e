# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials that expire or are refused, and where redirects may lead."""

from __future__ import annotations

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    RollcallError,
    UnclearAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.api import Operation
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.auth import StaticHeaders
from ansible_collections.rollcall.identity.tests.unit.calls import OK, by_name, call
from ansible_collections.rollcall.identity.tests.unit.fakes import CREATE, DELETE, LIST, READ, REPLACE, transport
from ansible_collections.rollcall.identity.tests.unit.web import Reply

# -- credentials -----------------------------------------------------------------------------------------------------


class Renewing:
    """Credentials that can be renewed a number of times."""

    sends_credentials = True

    def __init__(self, times=99):
        self.times = times
        self.version = 1

    def headers(self):
        return {"Authorization": f"Bearer v{self.version}"}

    def renew(self, used):
        assert used == self.headers()
        self.times -= 1
        self.version += 1
        return self.times >= 0


@by_name("operation", [READ, CREATE])
def test_an_expired_token_is_renewed_once(serve, operation):
    server = serve(Reply(401), OK)
    sender = transport(server.url)
    sender.auth = Renewing()
    assert call(sender, operation).status == 200
    assert [request.headers["authorization"] for request in server.requests] == ["Bearer v1", "Bearer v2"]


def test_a_token_that_is_refused_again_is_not_renewed_again(serve):
    server = serve(Reply(401))
    sender = transport(server.url)
    sender.auth = Renewing()
    with pytest.raises(ApiError) as caught:
        call(sender, READ)
    assert (caught.value.status, len(server.requests), sender.auth.version) == (401, 2, 2)


@by_name("auth", [StaticHeaders({"Authorization": "Basic wrong"}), Renewing(0), None])
def test_a_wrong_password_is_sent_once(serve, auth):
    server = serve(Reply(401))
    sender = transport(server.url)
    sender.auth = auth
    with pytest.raises(ApiError):
        call(sender, READ)
    assert len(server.requests) == 1


def test_a_login_is_sent_without_the_credentials_that_it_is_to_bring(serve):
    server = serve(Reply(401))
    sender = transport(server.url)
    sender.auth = Renewing()
    with pytest.raises(ApiError):
        call(sender, CREATE, authenticate=False)
    assert "authorization" not in server.requests[0].headers
    assert len(server.requests) == 1


@by_name("auth", [StaticHeaders({"Authorization": "Basic revoked"}), Renewing(0)])
@by_name("bad", [Reply(401, {"message": "no"}), Reply(423, {"message": "locked"})])
def test_credentials_that_go_bad_in_the_middle_are_not_sent_again(serve, auth, bad):
    server = serve(OK, bad)
    sender = transport(server.url)
    sender.auth = auth
    call(sender, READ)
    errors = []
    for _user in range(20):
        with pytest.raises(ApiError) as caught:
            call(sender, REPLACE)
        errors.append(caught.value)
        caught.value.hint += " A hint for this user."
    assert len(server.requests) == 2
    assert {error.status for error in errors} == {bad.status}
    assert all(error.final for error in errors)
    assert {error.hint.count("for this user") for error in errors} == {1}
    assert len({id(error) for error in errors}) == 20
    assert sender.stopped.status == bad.status


def test_credentials_that_cannot_be_renewed_end_the_work(serve):
    class Refused(Renewing):
        def renew(self, used):
            error = ApiError("log_in", "log in", 400, "invalid_grant")
            error.final = True
            raise error

    server = serve(OK, Reply(401))
    sender = transport(server.url)
    sender.auth = Refused()
    call(sender, READ)
    for _user in range(3):
        with pytest.raises(ApiError, match="invalid_grant"):
            call(sender, READ)
    assert len(server.requests) == 2


@by_name("status", [400, 403, 404, 409, 422])
def test_other_refusals_stop_nobody_else(serve, status):
    server = serve(Reply(status), OK)
    sender = transport(server.url)
    sender.auth = StaticHeaders({"Authorization": "Basic x"})
    with pytest.raises(ApiError) as caught:
        call(sender, READ)
    assert not caught.value.final
    assert call(sender, READ).status == 200


def test_a_401_to_a_call_with_a_password_of_its_own_is_about_that(serve):
    operation = Operation(
        "change_password", "PUT", "/me/password", "change the password of", reads="none", rechecks=True
    )
    sender = transport(serve(Reply(401), OK).url)
    sender.auth = StaticHeaders({"Authorization": "Bearer t"})
    with pytest.raises(ApiError):
        call(sender, operation)
    assert call(sender, operation).status == 200


def test_workers_that_wait_for_their_turn_do_not_send_refused_credentials(serve):
    sender = transport(serve(Reply(401)).url)
    sender.auth = StaticHeaders({"Authorization": "Basic x"})
    sender._accepted = True
    acquire = sender.limiter.acquire

    def meanwhile():
        sender.limiter.acquire = acquire
        with pytest.raises(ApiError):
            call(sender, READ)
        acquire()

    sender.limiter.acquire = meanwhile
    with pytest.raises(ApiError):
        call(sender, READ)
    assert sender.count() == 1


# -- redirects -------------------------------------------------------------------------------------------------------


def test_reads_follow_redirects_within_the_server(serve):
    server = serve(Reply(302, headers={"Location": "/elsewhere/7?a=1"}), OK)
    sender = transport(server.url)
    sender.auth = StaticHeaders({"Authorization": "Bearer t"})
    assert call(sender, READ).body == {"ok": True}
    assert [request.target for request in server.requests] == ["/things/7", "/elsewhere/7?a=1"]
    assert server.requests[1].headers["authorization"] == "Bearer t"


@by_name("status", [301, 302, 303, 307, 308])
@by_name("operation", [READ, CREATE])
def test_another_server_gets_nothing(serve, operation, status):
    stranger = serve(OK)
    server = serve(Reply(status, headers={"Location": f"{stranger.url}/things"}))
    sender = transport(server.url)
    sender.auth = StaticHeaders({"Authorization": "Bearer t"})
    with pytest.raises(RollcallError) as caught:
        call(sender, operation)
    assert stranger.requests == []
    assert len(server.requests) == 1
    assert stranger.host in caught.value.message
    assert "change api_url to it, and keep the path" in caught.value.sentence()


@by_name("operation", [CREATE, REPLACE, DELETE])
def test_writes_follow_no_redirect_at_all(serve, operation):
    server = serve(Reply(307, headers={"Location": "/things/8"}), OK)
    with pytest.raises(RollcallError, match="redirects"):
        call(transport(server.url), operation)
    assert len(server.requests) == 1


@by_name("status", [301, 302, 303, 307, 308])
@by_name("operation", [CREATE, REPLACE, DELETE])
def test_a_redirect_of_a_write_may_follow_its_effect(serve, operation, status):
    with pytest.raises(RollcallError, match="redirects") as caught:
        call(transport(serve(Reply(status, headers={"Location": "/things/8"})).url), operation)
    assert isinstance(caught.value, UnclearAnswer) == (status in (301, 302, 303))
    assert caught.value.code == "redirected"


FIND = Operation("find_thing", "GET", "/things/{id}", "find", absent=(404,))


def test_nothing_at_another_address_is_no_proof_that_there_is_nothing(serve):
    with pytest.raises(RollcallError, match="/login, which does not exist") as caught:
        call(transport(serve(Reply(302, headers={"Location": "/login?next=secret"}), Reply(404)).url), FIND)
    assert (caught.value.code, caught.value.hint) == ("redirected", "Check api_url.")
    assert "secret" not in caught.value.sentence()
    assert call(transport(serve(Reply(301, headers={"Location": "/things/7/"}), Reply(404)).url), FIND).absent


def test_a_circle_of_redirects_ends(serve):
    server = serve(Reply(302, headers={"Location": "/things/7"}))
    with pytest.raises(RollcallError, match="in a loop"):
        call(transport(server.url), LIST)
    assert len(server.requests) == 4


@by_name("location", [None, "http://[::1", "http://host:port/", "mailto:ada@x.org", "http://host:99999999/"])
def test_a_redirect_to_nowhere(serve, location):
    reply = Reply(302, headers={"Location": location} if location else {})
    with pytest.raises(RollcallError, match="redirects read_thing ada"):
        call(transport(serve(reply).url), READ)


def test_a_redirect_shows_no_credentials(serve):
    with pytest.raises(RollcallError) as caught:
        call(transport(serve(Reply(302, headers={"Location": "https://me:pw123@else.example/"})).url), READ)
    assert "https://else.example/" in caught.value.message
    step = "If that is the right server, change api_url to it, and keep the path of api_url."
    assert caught.value.hint == step  # the message shows no path, and that of a SCIM server is part of api_url
    assert "pw123" not in caught.value.sentence()
