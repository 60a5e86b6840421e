# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What counts as an answer: its size, encoding, type and status."""

from __future__ import annotations

import gzip
import re
import zlib

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    RateLimited,
    UnclearAnswer,
    Unreachable,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http import api
from ansible_collections.rollcall.identity.plugins.module_utils._core.http import exchange as module
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.api import Answer, Operation
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.exchange import Settings
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo import connection as contabo
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import connection as kestra
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth import connection as nextauth
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import connection as onelogin
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth import connection as sendauth
from ansible_collections.rollcall.identity.tests.unit.fakes import CREATE, DELETE, LIST, READ, REPLACE, transport
from ansible_collections.rollcall.identity.tests.unit.web import Reply

OK = Reply(body={"ok": True})


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_over_the_limit_is_refused(serve, monkeypatch, packed):
    monkeypatch.setattr(module, "MAX_ANSWER", 1000)
    text = b'"' + b"x" * 5000 + b'"'
    server = serve(
        Reply(body=gzip.compress(text, mtime=0), headers={"Content-Encoding": "gzip"}) if packed else Reply(body=text)
    )
    with pytest.raises(UnreadableAnswer, match="larger than"):
        transport(server.url).call(READ, {"id": 1})
    assert len(server.requests) == 1


def _raw_deflate(text):
    machine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return machine.compress(text) + machine.flush()


ZOE = '{"name": "Zoë"}'.encode()
PACKED = [
    ("gzip", gzip.compress(ZOE, mtime=0)), ("X-GZIP", gzip.compress(ZOE, mtime=0)),
    ("gzip", gzip.compress(ZOE[:5], mtime=0) + gzip.compress(ZOE[5:], mtime=0)),
    ("gzip", gzip.compress(ZOE, mtime=0) + b"\0\0"), ("deflate", zlib.compress(ZOE)), ("deflate", _raw_deflate(ZOE)),
    ("deflate, gzip", gzip.compress(zlib.compress(ZOE), mtime=0)), ("identity", ZOE), ("", ZOE),
]


@pytest.mark.parametrize(("encoding", "body"), PACKED)
def test_every_encoding_that_was_requested_is_unpacked(serve, encoding, body):
    server = serve(Reply(body=body, headers={"Content-Encoding": encoding}))
    assert transport(server.url).call(READ, {"id": 1}).body == {"name": "Zoë"}


def test_an_empty_body_may_name_an_encoding(serve):
    assert (
        transport(serve(Reply(body=b"", headers={"Content-Encoding": "gzip"})).url).call(DELETE, {"id": 1}).text == ""
    )


BROKEN = [
    ("gzip", gzip.compress(b"", mtime=0)[:-9]), ("gzip", gzip.compress(ZOE, mtime=0)[:-6]),
    ("gzip", b"xxxx"), ("deflate", b"xxxx"), ("deflate", zlib.compress(b"")[:-4]),
    ("br", b"\x0b\x02\x80{}\x03"), ("zstd", b"{}"), ("gzip, gzip, gzip, gzip", b"{}"),
]


@pytest.mark.parametrize(("encoding", "body"), BROKEN)
def test_a_body_that_cannot_be_unpacked_to_its_end_is_a_lost_answer(serve, encoding, body):
    reply = Reply(body=body, headers={"Content-Encoding": encoding})
    with pytest.raises(UnclearAnswer, match="broke before the answer to delete_thing arrived"):
        transport(serve(reply).url).call(DELETE, {"id": 1})
    assert transport(serve(reply, OK).url).call(READ, {"id": 1}).body == {"ok": True}


@pytest.mark.parametrize("status", [202, 206, 207])
@pytest.mark.parametrize("body", ["", {"id": 7}])
def test_a_success_that_is_not_complete_is_none(serve, status, body):
    for operation, error in ((READ, UnreadableAnswer), (CREATE, UnclearAnswer), (DELETE, UnclearAnswer)):
        with pytest.raises(error, match="incomplete"):
            transport(serve(Reply(status, body)).url).call(
                operation, {"id": 1}, json={} if operation is CREATE else None
            )


@pytest.mark.parametrize("body", [{"error": "boom"}, {"errors": [{"code": 1}]}, {"success": False}])
@pytest.mark.parametrize("operation", [CREATE, REPLACE, DELETE])
def test_a_write_whose_answer_reports_an_error_is_unclear(serve, operation, body):
    with pytest.raises(UnclearAnswer, match="it reports an error"):
        transport(serve(Reply(body=body)).url).call(operation, {"id": 1})


def test_bytes_that_are_no_text_are_no_success_of_a_write(serve):
    with pytest.raises(UnclearAnswer, match="it is not text"):
        transport(serve(Reply(body=b"\xff\xfe\xff", headers={"Content-Type": "text/plain"})).url).call(
            DELETE, {"id": 1}
        )


def test_a_packed_answer_is_unpacked(serve):
    server = serve(Reply(body=gzip.compress('{"name": "Zoë"}'.encode(), mtime=0), headers={"Content-Encoding": "gzip"}))
    assert transport(server.url).call(READ, {"id": 1}).body == {"name": "Zoë"}


def test_an_empty_answer_is_none_where_a_status_has_no_body():
    assert Answer(REPLACE, 204, {}, "").body is None


TEXT, HTML, NOTHING = {"Content-Type": "text/plain"}, {"Content-Type": "text/html; charset=utf-8"}, {"Content-Type": ""}
PAGE = "<!DOCTYPE html><html><title>Sign in</title></html>"
SILENT = Operation("tick_thing", "POST", "/things/{id}/tick", "tick", reads="none")
WORDS = Operation("read_words", "GET", "/things/{id}/words", "read the words of", reads="text")
STRANGE = [
    Reply(body=PAGE, headers=HTML),
    Reply(body=PAGE),
    Reply(body="\ufeff \n<?xml version='1.0'?><a/>", headers=TEXT),
    Reply(body="Sign in", headers=HTML),
    Reply(body='{"id": 7, "na'),
    Reply(body="Sign in"),
    Reply(body='{"a": NaN}'),
    Reply(body='{"a": 1e999}'),
    Reply(body='{"error": "blocked by policy"}'),
    Reply(body="[" * 3000),
    Reply(body=b"\xff\xfe{"),
    Reply(body="x", headers={"Content-Type": "image/png"}),
]


@pytest.mark.parametrize("reply", STRANGE)
@pytest.mark.parametrize("operation", [DELETE, SILENT])
def test_a_success_that_is_not_what_is_documented_is_no_success_of_a_write(serve, operation, reply):
    sender = transport(serve(reply).url)
    with pytest.raises(UnclearAnswer) as caught:
        sender.call(operation, {"id": 1}, subject="ada")
    assert f"The answer to {operation.name} ada (200, " in caught.value.message
    assert "The call may or may not have taken effect." in caught.value.message
    own = reply.sent().partition(b"Content-Type: ")[2].startswith(b"application/json") and "<" not in str(reply.body)
    assert ("api_url may point to a proxy or a login page." in caught.value.message) is not own
    assert (sender.written, sender.uncertain) == (0, 1)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=""),
        Reply(204, ""),
        Reply(body=" \r\n"),
        Reply(body="OK", headers=TEXT),
        Reply(body="done", headers=NOTHING),
        Reply(body="null"),
        Reply(body="{}", headers=HTML),
        Reply(201, {"id": 7}),
        Reply(body={"errors": [], "error": None}),
        Reply(body="", headers=HTML),
    ],
)
@pytest.mark.parametrize("operation", [DELETE, SILENT])
def test_what_counts_as_success_of_a_write_whose_answer_is_not_read(serve, operation, reply):
    sender = transport(serve(reply).url)
    assert sender.call(operation, {"id": 1}).status < 300
    assert sender.written == 1


@pytest.mark.parametrize(
    "reply",
    [Reply(body=""), Reply(body=" "), Reply(201, ""), Reply(body=PAGE, headers=HTML), Reply(body="OK", headers=TEXT)],
)
@pytest.mark.parametrize(
    ("operation", "error"), [(READ, UnreadableAnswer), (CREATE, UnclearAnswer), (REPLACE, UnclearAnswer)]
)
def test_an_answer_without_the_body_that_is_documented(serve, operation, error, reply):
    with pytest.raises(error, match="cannot be used"):
        transport(serve(reply).url).call(operation, {"id": 1})


@pytest.mark.parametrize(
    ("reply", "own"),
    [
        (Reply(body='{"id": 7, "na'), True),
        (Reply(body=""), True),
        (Reply(body='{"id": 7, "na', headers={"Content-Type": "application/scim+json; charset=utf-8"}), True),
        (Reply(body="OK", headers=TEXT), False),
        (Reply(body=PAGE), False),
        (Reply(body="", headers=NOTHING), False),
    ],
)
def test_json_that_cannot_be_used_is_an_answer_of_the_api(serve, reply, own):
    with pytest.raises(UnreadableAnswer) as caught:
        transport(serve(reply).url).call(READ, {"id": 1})
    assert caught.value.hint == (
        "Run the task again. If this persists, report this answer to the provider, or check api_url."
        if own
        else "api_url may point to a proxy or a login page. Check that api_url is the address of the API."
    )


FILTER = Operation("search_things", "POST", "/things/search", "search things", effect=False)
RENAME = Operation("patch_thing", "PATCH", "/things/{id}", "update")


@pytest.mark.parametrize(
    ("operation", "status", "hint"),
    [
        (LIST, 400, "Check the options of the task, such as filters."),
        (FILTER, 422, "Check the options of the task, such as filters."),
        (CREATE, 400, "Check the values specified for this user."),
        (RENAME, 422, "Check the values specified for this user."),
        (RENAME, 413, "Check the values specified for this user."),
        (RENAME, 415, "Check api_url and any proxy."),
        (RENAME, 404, "The object no longer exists: run the task again. If the task specifies an id, check the id."),
        (LIST, 405, "Check api_url. If it is correct, this server does not support the call."),
        (CREATE, 409, "An object with this name already exists. Run the task again to compare."),
        (DELETE, 409, "The object may have been changed at the same time. Run the task again."),
        (
            RENAME,
            409,
            (
                "Another object may have the specified name, or the object was changed at the same time. Check the "
                "name, or run the task again."
            ),
        ),
    ],
)
def test_a_refusal_says_what_to_do_about_this_kind_of_call(serve, operation, status, hint):
    with pytest.raises(ApiError) as caught:
        transport(serve(Reply(status, "no", TEXT)).url).call(operation, {"id": 1})
    assert caught.value.hint == hint


EVERY = [
    pytest.param(operation, id=f"{module.__name__.rsplit('.', 2)[1]}-{name}")
    for module in (contabo, kestra, nextauth, onelogin, sendauth) for name, operation in module.OPERATIONS.items()
]


@pytest.mark.parametrize("reply", [Reply(body=PAGE, headers=HTML), Reply(201, PAGE), Reply(body="<p>", headers=TEXT)])
@pytest.mark.parametrize("operation", EVERY)
def test_no_operation_of_any_provider_takes_a_page_for_a_success(serve, operation, reply):
    path = dict.fromkeys(re.findall(r"{(\w+)}", operation.path), "x")
    with pytest.raises(UnreadableAnswer if operation.is_read else UnclearAnswer) as caught:
        transport(serve(reply).url).call(operation, path)
    assert "api_url may point to a proxy or a login page" in caught.value.sentence()


def test_a_text_is_read_as_it_is_and_a_page_is_none(serve):
    sender = transport(serve(Reply(body="a=b\n", headers=TEXT), Reply(body=PAGE, headers=HTML)).url)
    assert sender.call(WORDS, {"id": 1}).text == "a=b\n"
    with pytest.raises(UnreadableAnswer):
        sender.call(WORDS, {"id": 1})


def test_a_page_does_not_prove_that_there_is_no_such_thing(serve):
    drop = Operation("drop_thing", "DELETE", "/things/{id}", "delete", absent=(404,), reads="none")
    look = Operation("look_at_thing", "GET", "/things/{id}", "read", absent=(404,))
    page = Reply(404, PAGE, HTML)
    sender = transport(serve(page, page, Reply(404, "404 page not found", TEXT)).url)
    with pytest.raises(UnclearAnswer, match="it is an HTML page, not an answer of the API"):
        sender.call(drop, {"id": 1})
    with pytest.raises(UnreadableAnswer, match="it is an HTML page, not an answer of the API"):
        sender.call(look, {"id": 1})
    assert sender.call(drop, {"id": 1}).absent


def test_an_empty_body_may_be_that_of_some_versions(serve):
    assert (
        transport(serve(Reply(201, "")).url).call(Operation("make", "POST", "/things", "make", empty=True)).body is None
    )


@pytest.mark.parametrize("operation", [READ, CREATE])
def test_what_is_said_before_the_answer_is_not_the_answer(serve, operation):
    before = (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; "
        b"rel=preload\r\n\r\n"
    )
    server = serve(Reply(hold=True, raw=before + b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"id\": 7}"))
    assert transport(server.url).call(operation, {"id": 7}).body == {"id": 7}


def test_a_status_below_200_that_stays_is_no_answer(serve):
    sender = transport(serve(Reply(101, "")).url)
    with pytest.raises(UnreadableAnswer):
        sender.call(READ, {"id": 1})
    with pytest.raises(UnclearAnswer):
        sender.call(CREATE, json={})


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"no gzip", headers={"Content-Encoding": "gzip"}),
        Reply(body=b"\xff{"),
        Reply(body=b'"' + b"x" * 5000 + b'"'),
        Reply(body="["),
        Reply(body=PAGE),
        Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", cut=0),
    ],
)
def test_an_odd_answer_frees_its_connection(serve, monkeypatch, reply):
    monkeypatch.setattr(module, "MAX_ANSWER", 1000)
    server = serve(reply, reply, reply, OK)
    sender = transport(server.url, retries=0, max_concurrency=1)
    for _time in range(3):
        with pytest.raises((UnreadableAnswer, Unreachable)):
            sender.call(READ, {"id": 1})
    assert sender.call(READ, {"id": 1}).body == {"ok": True}


def test_a_free_connection_is_not_waited_for_without_end(serve):
    server = serve(OK)
    sender = transport(server.url, max_concurrency=1)
    sender.call(READ, {"id": 1})
    pools = sender.exchanges._adapter.poolmanager.pools
    taken = pools[next(iter(pools.keys()))]._get_conn()
    sender.exchanges.settings = Settings(api_url=server.url, timeout=0.001)
    with pytest.raises(Unreachable, match="no connection was available") as caught:
        sender.call(CREATE, json={})
    assert "max_concurrency" in caught.value.hint
    taken.close()


def test_an_answer_of_very_many_values_is_refused_before_they_fill_the_memory(serve, monkeypatch):
    monkeypatch.setattr(api, "MAX_VALUES", 100)
    with pytest.raises(UnreadableAnswer, match="more than 100 values"):
        transport(serve(Reply(body=[{}] * 200)).url).call(LIST)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "-1", "1e400", "9" * 400, "9" * 5000, "soon", ""])
@pytest.mark.parametrize("name", ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"])
def test_a_rate_limit_that_no_server_has_is_as_good_as_none(serve, name, value):
    sender = transport(serve(Reply(body={}, headers={name: value})).url)
    sender.call(READ, {"id": 1})
    assert sender.call(READ, {"id": 1}).status == 200
    assert (sender.limiter.limit, sender.limiter.remaining, sender.limiter.reset_in()) == (None, None, None)


@pytest.mark.parametrize("value", ["9" * 300, "9" * 400, "1000000000000"])
def test_a_wait_of_ages_is_an_error_at_once(serve, value):
    sender = transport(serve(Reply(429, headers={"Retry-After": value})).url)
    with pytest.raises(RateLimited, match="the server requests a wait of"):
        sender.call(READ, {"id": 1})


def test_a_page_instead_of_an_answer(serve):
    server = serve(Reply(body="<html><title>Sign in</title>", headers={"Content-Type": "text/html; charset=utf-8"}))
    with pytest.raises(UnreadableAnswer) as caught:
        transport(server.url).call(READ, {"id": 1})
    assert "read_thing (200, text/html)" in caught.value.message
    assert "Sign in" in caught.value.message
    assert "api_url" in caught.value.hint


def test_bytes_that_are_no_text_are_an_error_and_no_crash(serve):
    with pytest.raises(UnreadableAnswer):
        transport(serve(Reply(body=b"\xff\xfe{")).url).call(READ, {"id": 1})


def test_an_answer_packed_wrongly_is_unclear_after_a_write(serve):
    with pytest.raises(UnclearAnswer):
        transport(serve(Reply(body=b"no gzip", headers={"Content-Encoding": "gzip"})).url).call(CREATE, json={})
