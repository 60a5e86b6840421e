# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is sent again, what never is, what a lost answer means, and how long is waited."""

from __future__ import annotations

import datetime
import socket
import types
from email.utils import format_datetime

import pytest
import urllib3.util.retry

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    RERUN,
    ApiError,
    RateLimited,
    RollcallError,
    UnclearAnswer,
    Unreachable,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http import exchange
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.api import Operation
from ansible_collections.rollcall.identity.tests.unit.calls import OK, by_name, call
from ansible_collections.rollcall.identity.tests.unit.fakes import (
    CREATE,
    DELETE,
    DELTA,
    READ,
    REPLACE,
    FakeClock,
    HastyClock,
    slept,
    transport,
)
from ansible_collections.rollcall.identity.tests.unit.web import Reply

SAFE = [READ, REPLACE, DELETE]
UNSAFE = [CREATE, DELTA]
DROP = Reply(drop=True)
CUT = Reply(body={"id": 7, "name": "ada"}, cut=9)


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


def test_after_the_last_try_the_error_names_what_was_done(serve):
    server = serve(DROP)
    with pytest.raises(Unreachable) as caught:
        call(transport(server.url, retries=2), READ)
    assert len(server.requests) == 3
    assert f"to {READ.title} ada" in caught.value.message
    assert "Check api_url" in caught.value.hint
    assert "If the server speaks https, use https:// in api_url." in caught.value.hint


@by_name("reply", [DROP, CUT, Reply(502), Reply(504), Reply(503), Reply(408)])
@by_name("operation", [REPLACE, DELETE])
def test_a_write_that_never_had_an_answer_is_unclear_after_the_last_try(serve, operation, reply):
    server = serve(reply)
    sender = transport(server.url, retries=2)
    with pytest.raises(UnclearAnswer) as caught:
        call(sender, operation)
    assert len(server.requests) == 3
    assert f"{operation.name} ada" in caught.value.message
    assert caught.value.hint == RERUN
    assert (sender.written, sender.uncertain) == (0, 1)


def test_an_attempt_that_was_lost_is_not_forgotten_when_the_next_one_finds_no_server(serve):
    server = serve(DROP)
    sender = transport(server.url, retries=1)
    sender.limiter.clock.sleep = lambda seconds: server.stop()
    with pytest.raises(UnclearAnswer, match="connection refused"):
        call(sender, REPLACE)
    assert (sender.written, sender.uncertain) == (0, 1)


def test_a_missing_library_is_reported(monkeypatch):
    monkeypatch.setattr(exchange, "HAS_REQUESTS", False)
    with pytest.raises(RollcallError, match="The Python library requests cannot be imported by /") as caught:
        transport("https://host")
    assert caught.value.code == "missing_library"


# -- what an earlier attempt may have done ---------------------------------------------------------------------------


@by_name("refused", [Reply(503, headers={"Retry-After": "1"}), Reply(425), Reply(429)])
def test_an_attempt_that_the_server_did_not_begin_has_no_effect(serve, refused):
    sender = transport(serve(refused, Reply(404)).url)
    answer = call(sender, Operation("drop_thing", "DELETE", "/things/{id}", "delete", absent=(404,), reads="none"))
    assert (answer.absent, sender.written) == (True, 0)


@by_name("lost", [DROP, CUT, Reply(502), Reply(408)])
def test_what_is_gone_after_a_lost_attempt_counts_as_written(serve, lost):
    sender = transport(serve(lost, Reply(404)).url)
    answer = call(sender, Operation("drop_thing", "DELETE", "/things/{id}", "delete", absent=(404,), reads="none"))
    assert (answer.absent, sender.written) == (True, 1)


@by_name("status", [400, 404, 409, 422])
def test_a_refusal_after_a_lost_attempt_leaves_open_what_that_one_did(serve, status):
    server = serve(DROP, Reply(status, {"message": "already so"}))
    sender = transport(server.url)
    with pytest.raises(UnclearAnswer, match="earlier attempt was lost: already so") as caught:
        call(sender, REPLACE)
    assert (caught.value.operation, caught.value.status, sender.uncertain) == (REPLACE.name, status, 1)


@by_name("status", [401, 403])
def test_a_missing_permission_after_a_lost_attempt_is_still_that(serve, status):
    with pytest.raises(ApiError):
        call(transport(serve(DROP, Reply(status)).url), REPLACE)


def test_reads_write_nothing(serve):
    sender = transport(serve(DROP, OK).url)
    call(sender, READ)
    assert (sender.written, sender.uncertain) == (0, 0)


@by_name("operation", [CREATE, REPLACE, DELETE, DELTA])
@by_name("status", [500, 501, 505, 599])
def test_a_server_that_fails_during_a_write_may_have_done_it(serve, operation, status):
    server = serve(Reply(status, {"message": "oops"}), OK)
    sender = transport(server.url)
    with pytest.raises(UnclearAnswer, match=f"answered {status} to {operation.name} ada: oops") as caught:
        call(sender, operation)
    assert (len(server.requests), sender.uncertain) == (1, 1)
    assert caught.value.errors()[0] == {
        "code": "unclear_answer", "message": caught.value.sentence(), "operation": operation.name, "status": status,
    }


@by_name(
    ("operation", "status"),
    [
        (READ, 500),
        (READ, 501),
        *((operation, status) for operation in (READ, CREATE) for status in (400, 403, 404, 409, 422)),
    ],
)
def test_other_refusals_are_final(serve, operation, status):
    server = serve(Reply(status, {"message": "because"}, {"X-Nothing": "1"}))
    with pytest.raises(ApiError) as caught:
        call(transport(server.url), operation)
    assert len(server.requests) == 1
    assert caught.value.status == status
    assert (
        f"Could not {operation.title} ada ({operation.name}): the server answered {status}: because."
        in caught.value.message
    )
    assert caught.value.hint


@by_name("operation", UNSAFE)
@by_name("reply", [Reply(429), Reply(429, headers={"Retry-After": "2"}), Reply(503, headers={"Retry-After": "2"})])
def test_a_post_is_sent_again_where_the_server_says_it_did_not_take_it(serve, operation, reply):
    server = serve(reply, OK)
    assert call(transport(server.url), operation).status == 200
    assert len(server.requests) == 2


@by_name("operation", UNSAFE)
@by_name(
    "reply",
    [
        DROP,
        CUT,
        Reply(502),
        Reply(503),
        Reply(504),
        Reply(502, headers={"Retry-After": "2"}),
        Reply(body="{"),
        Reply(body="<html>"),
    ],
)
def test_a_post_without_a_usable_answer_is_unclear_and_never_sent_twice(serve, operation, reply):
    server = serve(reply, OK)
    with pytest.raises(UnclearAnswer) as caught:
        call(transport(server.url), operation)
    assert len(server.requests) == 1
    assert operation.name in caught.value.message


def test_an_answer_that_does_not_come_in_time_is_lost(serve):
    server = serve(Reply(hold=True))
    sender = transport(server.url, timeout=0.05, retries=1)
    sender.exchanges.clock = FakeClock()  # only the read may run out of time, however slow this machine is
    with pytest.raises(UnclearAnswer, match=r"no answer within 0.05 s \(api_timeout\)"):
        call(sender, CREATE)
    assert server.taken(1) == 1
    with pytest.raises(Unreachable, match=r"no answer in 2 attempts of 0.05 s \(api_timeout, api_retries\)"):
        call(sender, READ)
    assert server.taken(3) == 3


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ENDLESS = [
    Reply(drip=b"H"),
    Reply(raw=b"HTTP/1.1 200 O", drip=b"K"),
    Reply(raw=HEAD, drip=b"X"),
    Reply(raw=HEAD + b"Content-Length: 1000000\r\n\r\n", drip=b"1"),
    Reply(raw=HEAD + b"Transfer-Encoding: chunked\r\n\r\n", drip=b"1\r\n1\r\n"),
    Reply(raw=HEAD + b"Transfer-Encoding: chunked\r\n\r\n1", drip=b";"),
    Reply(raw=HEAD + b"\r\n", drip=b" "),
    Reply(drip=b"HTTP/1.1 100 Continue\r\n\r\n"),
]


@by_name("reply", ENDLESS)
@by_name("operation", [READ, CREATE])
def test_an_answer_that_never_ends_is_lost_once_and_its_connection_is_closed(serve, operation, reply):
    server = serve(reply, reply, OK)
    sender = transport(server.url, max_concurrency=1)
    sender.exchanges.clock = HastyClock(step=60.0)
    for _time in range(2):
        with pytest.raises(
            UnclearAnswer if operation is CREATE else Unreachable,
            match=r"was not complete within 1200 s \(4 x api_timeout\)",
        ):
            call(sender, operation)
    assert len(server.requests) == 2
    assert call(sender, operation).status == 200


def test_the_bound_of_an_answer_interrupts_a_read_that_waits(serve):
    server = serve(Reply(raw=HEAD + b"Content-Length: 9\r\n\r\n1", hold=True))
    sender = transport(server.url, retries=0, timeout=0.02)
    with pytest.raises(Unreachable, match=r"no answer within|was not complete"):
        call(sender, READ)


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


def test_an_error_that_is_being_handled_is_no_cause_of_the_next_one(serve):
    sender = transport(serve(DROP).url, retries=0)
    try:
        raise UnclearAnswer("something else")
    except UnclearAnswer:
        with pytest.raises(Unreachable) as caught:
            call(sender, READ)
    assert "something else" not in caught.value.message


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


@by_name(("ahead", "wait"), [(60, 60), (-60, 0)])
def test_retry_after_as_a_date(serve, monkeypatch, ahead, wait):
    now = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone.utc)
    # which compares the date with the time
    monkeypatch.setattr(urllib3.util.retry, "time", types.SimpleNamespace(time=now.timestamp))
    moment = now + datetime.timedelta(seconds=ahead)
    sender = transport(serve(Reply(503, headers={"Retry-After": format_datetime(moment, usegmt=True)}), OK).url)
    call(sender, READ)
    assert sum(slept(sender)) == wait


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
    assert (
        caught.value.message
        == f"{operation.name} ada was rate limited (429), even after 300 s of waiting in this task."
    )
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
