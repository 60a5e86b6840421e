# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is sent again, what never is, and what a lost answer means."""

from __future__ import annotations

import datetime
import socket
from email.utils import format_datetime

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.auth import StaticHeaders
from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    RateLimited,
    RollcallError,
    UnclearAnswer,
    Unreachable,
)
from ansible_collections.rollcall.identity.tests.unit.fakes import CREATE, DELETE, DELTA, LIST, READ, REPLACE, slept, transport
from ansible_collections.rollcall.identity.tests.unit.web import Reply

SAFE = [READ, REPLACE, DELETE]
UNSAFE = [CREATE, DELTA]
OK = Reply(body={"ok": True})
DROP = Reply(drop=True)
CUT = Reply(body={"id": 7, "name": "ada"}, cut=9)
THING = {"id": 7}
by_name = pytest.mark.parametrize


def call(sender, operation, **more):
    """Send an operation, with a body where it takes one."""
    body = {"name": "ada"} if operation.method in ("POST", "PUT") else None
    return sender.call(operation, THING, json=body, subject="ada", **more)


@by_name("status", [429, 502, 503, 504])
@by_name("operation", SAFE)
def test_what_is_safe_is_sent_again(serve, operation, status):
    server = serve(Reply(status), Reply(status), OK)
    sender = transport(server.url)
    assert call(sender, operation).status == 200
    assert len(server.requests) == sender.count() == 3
    assert slept(sender)
    assert len({(request.method, request.target, request.body) for request in server.requests}) == 1


@by_name("reply", [DROP, CUT])
@by_name("operation", SAFE)
def test_lost_answers_to_what_is_safe_are_asked_for_again(serve, operation, reply):
    server = serve(reply, OK)
    assert call(transport(server.url), operation).status == 200
    assert len(server.requests) == 2


@by_name("operation", SAFE)
def test_after_the_last_try_the_error_names_what_was_done(serve, operation):
    server = serve(DROP)
    with pytest.raises(Unreachable) as caught:
        call(transport(server.url, retries=2), operation)
    assert len(server.requests) == 3
    assert f"to {operation.title} ada" in caught.value.message
    assert "Check api_url" in caught.value.hint


@by_name("status", [500, 501, 400, 403, 404, 409, 422])
@by_name("operation", [READ, CREATE])
def test_other_refusals_are_final(serve, operation, status):
    server = serve(Reply(status, {"message": "because"}, {"X-Nothing": "1"}))
    with pytest.raises(ApiError) as caught:
        call(transport(server.url), operation)
    assert len(server.requests) == 1
    assert caught.value.status == status
    assert f"Could not {operation.title} ada ({operation.name}): the server answered {status}: because." in caught.value.message
    assert caught.value.hint


@by_name("operation", UNSAFE)
@by_name("reply", [Reply(429), Reply(429, headers={"Retry-After": "2"}), Reply(503, headers={"Retry-After": "2"})])
def test_a_post_is_sent_again_where_the_server_says_it_did_not_take_it(serve, operation, reply):
    server = serve(reply, OK)
    assert call(transport(server.url), operation).status == 200
    assert len(server.requests) == 2


@by_name("operation", UNSAFE)
@by_name("reply", [DROP, CUT, Reply(502), Reply(503), Reply(504), Reply(502, headers={"Retry-After": "2"}), Reply(body="{"), Reply(body="<html>")])
def test_a_post_without_a_usable_answer_is_unclear_and_never_sent_twice(serve, operation, reply):
    server = serve(reply, OK)
    with pytest.raises(UnclearAnswer) as caught:
        call(transport(server.url), operation)
    assert len(server.requests) == 1
    assert operation.name in caught.value.message


def test_an_answer_that_does_not_come_in_time_is_lost(serve):
    server = serve(Reply(hold=True))
    sender = transport(server.url, timeout=0.05, retries=1)
    with pytest.raises(UnclearAnswer):
        call(sender, CREATE)
    assert len(server.requests) == 1
    with pytest.raises(Unreachable, match="no answer within api_timeout"):
        call(sender, READ)
    assert len(server.requests) == 3


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@by_name("operation", [READ, CREATE])
def test_a_server_that_is_not_there_was_never_asked(operation):
    sender = transport(f"http://127.0.0.1:{free_port()}", retries=2)
    with pytest.raises(Unreachable) as caught:
        call(sender, operation)
    assert sender.count() == 3
    assert "Could not reach http://127.0.0.1:" in caught.value.message
    assert "connection refused" in caught.value.message
    assert "object at 0x" not in caught.value.sentence()


def test_a_name_that_does_not_resolve():
    with pytest.raises(Unreachable) as caught:
        call(transport("http://nowhere.invalid", retries=0), READ)
    assert "Could not reach http://nowhere.invalid/" in caught.value.message
    assert "object at 0x" not in caught.value.sentence()


# -- waiting ---------------------------------------------------------------------------------------------------------


def test_retry_after_in_seconds(serve):
    sender = transport(serve(Reply(429, headers={"Retry-After": "17"}), OK).url)
    call(sender, READ)
    assert slept(sender) == [17.0]


@by_name(("ahead", "least", "most"), [(60, 50, 60), (-60, 0, 0)])
def test_retry_after_as_a_date(serve, ahead, least, most):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=ahead)
    sender = transport(serve(Reply(503, headers={"Retry-After": format_datetime(moment, usegmt=True)}), OK).url)
    call(sender, READ)
    assert least <= sum(slept(sender)) <= most


@by_name("value", ["soon", "", "-3"])
def test_a_retry_after_that_cannot_be_read_is_as_good_as_none(serve, value):
    server = serve(Reply(429, headers={"Retry-After": value}), OK)
    assert call(transport(server.url), READ).status == 200


def test_the_reset_header_tells_how_long_to_wait(serve):
    sender = transport(serve(Reply(429, headers={"X-RateLimit-Reset": "9"}), OK).url)
    call(sender, READ)
    assert slept(sender) == [9.0]


def test_waiting_is_bounded_for_the_whole_task_and_not_for_each_request(serve):
    wait = Reply(429, headers={"Retry-After": "10"})
    server = serve(wait, OK, wait, OK, wait, OK)
    sender = transport(server.url, max_wait=25)
    call(sender, READ)
    call(sender, CREATE)
    with pytest.raises(RateLimited) as caught:
        call(sender, READ)
    assert sum(slept(sender)) == 20
    assert len(server.requests) == 5
    assert "max_wait (now 25 s)" in caught.value.hint


def test_a_wait_longer_than_allowed_fails_at_once(serve):
    sender = transport(serve(Reply(429, headers={"Retry-After": "86400"})).url)
    with pytest.raises(RateLimited):
        call(sender, READ)
    assert slept(sender) == []


@by_name("more", [{}, {"Retry-After": "1"}, {"Retry-After": "0"}, {"X-RateLimit-Reset": "2"}])
@by_name("operation", [READ, CREATE])
def test_a_rate_limit_that_never_ends_is_waited_for_as_long_as_allowed_and_seldom_asked(serve, operation, more):
    server = serve(Reply(429, {"message": "slow down"}, more))
    sender = transport(server.url, retries=2)
    with pytest.raises(RateLimited) as caught:
        call(sender, operation)
    assert sum(slept(sender)) == sender.limiter.waited == 300
    assert 3 < len(server.requests) < 25
    assert caught.value.message == f"{operation.name} met the rate limit (429), and still does so after 300 s of waiting in this task."
    assert "raise max_wait (now 300 s)" in caught.value.hint


@by_name("retries", [0, 3])
def test_how_often_a_limit_is_met_does_not_count_as_retries(serve, retries):
    server = serve(*[Reply(429, headers={"Retry-After": "2"})] * 6, OK)
    assert call(transport(server.url, retries=retries), CREATE).status == 200
    assert len(server.requests) == 7


def test_without_any_waiting_a_limit_is_an_error_at_once(serve):
    server = serve(Reply(429))
    with pytest.raises(RateLimited, match="after 0 s of waiting"):
        call(transport(server.url, max_wait=0), READ)
    assert len(server.requests) == 1


@by_name("retries", [0, 1])
def test_a_busy_server_that_asks_for_patience_is_still_asked_a_few_times_only(serve, retries):
    server = serve(Reply(503, headers={"Retry-After": "1"}))
    with pytest.raises(ApiError):
        call(transport(server.url, retries=retries), READ)
    assert len(server.requests) == 1 + retries


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
    assert "api_url" in caught.value.hint


@by_name("operation", [CREATE, REPLACE, DELETE])
def test_writes_follow_no_redirect_at_all(serve, operation):
    server = serve(Reply(307, headers={"Location": "/things/8"}), OK)
    with pytest.raises(RollcallError, match="redirects"):
        call(transport(server.url), operation)
    assert len(server.requests) == 1


def test_a_circle_of_redirects_ends(serve):
    server = serve(Reply(302, headers={"Location": "/things/7"}))
    with pytest.raises(RollcallError, match="circle"):
        call(transport(server.url), LIST)
    assert len(server.requests) == 4


def test_a_redirect_to_nowhere(serve):
    with pytest.raises(RollcallError, match="redirects"):
        call(transport(serve(Reply(302)).url), READ)
