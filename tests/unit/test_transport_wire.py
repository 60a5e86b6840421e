# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What travels: addresses, bodies, cookies, certificates and proxies."""

from __future__ import annotations

import datetime
import gzip
import ipaddress
import re
import ssl
import threading
import zlib
from urllib.parse import unquote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    InputError,
    RateLimited,
    UnclearAnswer,
    Unreachable,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http import api
from ansible_collections.rollcall.identity.plugins.module_utils._core.http import exchange as module
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.address import surplus_path
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.api import Answer, AnswerReader, Operation
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.auth import StaticHeaders
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.exchange import Settings
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import MASK, Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.transport import Transport
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo import connection as contabo
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import connection as kestra
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth import connection as nextauth
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import connection as onelogin
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth import connection as sendauth
from ansible_collections.rollcall.identity.tests.unit.fakes import CREATE, DELETE, LIST, READ, REPLACE, transport
from ansible_collections.rollcall.identity.tests.unit.web import Reply

OK = Reply(body={"ok": True})
AUTH = StaticHeaders({"Authorization": "Bearer t"})


NAMES = [
    "a/b", "a+b", "100%", "a=b", "..", ".", "...", "a?b", "a#b", "%2F", "%2e", "a b", "a;b", "a\\b", "~", "x&y",
    "zoë@x.org", "日本",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("operation", [READ, DELETE])
def test_a_name_arrives_as_one_segment(serve, name, operation):
    server = serve(OK)
    transport(server.url + "/base").call(operation, {"id": name})
    target = server.requests[0].target
    assert target.isascii()
    assert target.count("/") == 3
    assert target.startswith("/base/things/")
    assert unquote(target.rsplit("/", 1)[1]) == name
    assert target.rsplit("/", 1)[1] not in (".", "..", "...")


@pytest.mark.parametrize(
    ("query", "target"),
    [
        ({"q": "a+b&c=d e/é"}, "/things?q=a%2Bb%26c%3Dd%20e%2F%C3%A9"),
        ({"a": None, "b": True, "c": 0, "d": ["x", "y z"]}, "/things?b=true&c=0&d=x&d=y%20z"),
        ({"filters[q]": "*"}, "/things?filters%5Bq%5D=%2A"),
        ({}, "/things"),
    ],
)
def test_queries_are_encoded(serve, query, target):
    server = serve(OK)
    transport(server.url).call(LIST, query=query)
    assert server.requests[0].target == target


def test_bodies_are_json_or_a_form(serve):
    server = serve(OK)
    sender = transport(server.url)
    sender.call(CREATE, json={"name": "Zoë", "none": None})
    sender.call(CREATE, form={"user": "zoë", "password": "a&b c"})
    sender.call(CREATE)
    bodies = [(request.headers.get("content-type"), request.body) for request in server.requests]
    assert bodies[0] == ("application/json", '{"name": "Zoë", "none": null}'.encode())
    assert bodies[1] == ("application/x-www-form-urlencoded", b"user=zo%C3%AB&password=a%26b+c")
    assert bodies[2] == (None, b"")


def test_cookies_never_come_back(serve):
    server = serve(Reply(headers={"Set-Cookie": "session=1; Path=/"}))
    sender = transport(server.url)
    for _time in range(2):
        sender.call(READ, {"id": 1})
    assert all("cookie" not in request.headers for request in server.requests)


@pytest.mark.parametrize("auth", [AUTH, None])
def test_the_netrc_of_the_environment_is_not_used(serve, monkeypatch, tmp_path, auth):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(OK)
    sender = transport(server.url)
    sender.auth = auth
    sender.call(READ, {"id": 1})
    assert server.requests[0].headers.get("authorization") == ("Bearer t" if auth else None)


# -- answers ---------------------------------------------------------------------------------------------------------


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
    assert "api_url may point to a proxy or a login page" in caught.value.message
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
    pools = sender.exchanges._open().poolmanager.pools
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


# -- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://user:secret@host", "credentials"),
        ("https://user@host", "credentials"),
        ("https://host/?token=1", "query"),
        ("https://host/#top", "fragment"),
        ("ftp://host", "not an http"),
        ("host.example", "not an http"),
        ("https://", "not an http"),
        ("", "not an http"),
        ("https://host:port", "not an http"),
        ("https://me:pw123@host:port", "credentials"),
        ("https://me:p/w123@host", "credentials"),
        ("me:pw123@host", "credentials"),
        ("https://a b", "not an http"),
        ("http://[::1", "not an http"),
    ],
)
def test_addresses_that_are_refused(url, said):
    with pytest.raises(InputError) as caught:
        transport(url)
    assert said in caught.value.message
    assert "w123" not in caught.value.sentence()


def test_credentials_in_an_address_are_masked_wherever_they_are_shown():
    masker = Masker()
    with pytest.raises(InputError):
        Transport(Settings(api_url="https://me:p%40ss12@host"), AnswerReader(), masker)
    assert masker.text("https://me:p%40ss12@host p@ss12") == f"https://{MASK}@host {MASK}"


@pytest.mark.parametrize("path", ["/x/..", "/../x", "/.", "/%2e%2E/x"])
def test_an_address_with_steps_in_its_path_is_refused(path):
    with pytest.raises(InputError, match=r"segment \. or \.\.") as caught:
        transport(f"https://host{path}")
    assert (caught.value.code, caught.value.errors()[0]["option"]) == ("invalid_url", "api_url")


def test_a_huge_address_is_shortened():
    with pytest.raises(InputError) as caught:
        transport("ftp://" + "x" * 100_000)
    assert len(caught.value.sentence()) < 500


def test_an_address_that_cannot_be_called_is_a_fault_of_the_input():
    with pytest.raises(InputError, match="api_url"):
        transport("http://.example").call(LIST)


HALF = "half \ud83d"


@pytest.mark.parametrize(
    ("operation", "given", "place"),
    [
        (READ, {"path": {"id": HALF}}, "id"),
        (LIST, {"query": {"q": HALF}}, "q"),
        (LIST, {"query": {"q": ["a", HALF]}}, r"q\[1\]"),
        (CREATE, {"json": {"a": [{"name": HALF}]}}, r"a\[0\].name"),
        (CREATE, {"json": {HALF: 1}}, "the name of an entry"),
        (CREATE, {"form": {"password": HALF}}, "password"),
    ],
)
def test_half_of_a_character_is_a_fault_of_the_input_that_names_its_place(serve, operation, given, place):
    server = serve(OK)
    with pytest.raises(InputError, match=f"^{place} contains half") as caught:
        transport(server.url).call(operation, **given)
    assert caught.value.code == "invalid_character"
    assert server.requests == []


@pytest.mark.parametrize("value", ["two\nlines", "curly \u201cquotes\u201d"])
def test_credentials_that_fit_in_no_header_are_faults_of_the_input(serve, value):
    server = serve(OK)
    sender = transport(server.url)
    sender.auth = StaticHeaders({"Authorization": value})
    with pytest.raises(InputError) as caught:
        sender.call(LIST)
    assert server.requests == []
    assert value not in caught.value.sentence()


def test_what_a_user_should_know_about_the_connection():
    assert transport("http://127.0.0.1:1").warnings() == []
    assert transport("https://host.example").warnings() == []
    assert "plain http" in transport("http://host.example").warnings()[0]
    assert "validate_certs" in transport("https://host.example", validate_certs=False).warnings()[0]


# -- certificates, proxies, the session ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that only itself vouches for: the path of its file, with the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return str(path)


@pytest.fixture
def serve_tls(serve, certificate):
    """Like serve, over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return lambda *replies: serve(*replies, tls=context)


@pytest.mark.parametrize("operation", [READ, CREATE])
def test_a_certificate_that_nobody_vouches_for(serve_tls, operation):
    server = serve_tls(OK)
    sender = transport(server.url)
    with pytest.raises(Unreachable) as caught:
        sender.call(operation, {"id": 1})
    assert "TLS failed" in caught.value.message
    assert "self-signed certificate" in caught.value.message.replace("self signed", "self-signed")
    assert "ca_path" in caught.value.hint
    assert "object at 0x" not in caught.value.sentence()
    assert sender.count() == 1
    assert server.requests == []


def test_a_bundle_that_is_not_there_is_an_error_before_any_call(tmp_path):
    with pytest.raises(InputError, match=r"^ca_path: no such file: /nope.pem\.") as caught:
        transport("https://host.example", ca_path="/nope.pem")
    assert "Nothing was sent." in caught.value.hint
    other = tmp_path / "other.pem"
    other.write_text("no certificate")
    with pytest.raises(InputError, match="does not contain readable certificates"):
        transport("https://host.example", ca_path=str(other))
    transport("https://host.example", ca_path=str(tmp_path))


@pytest.mark.parametrize("operation", [READ, CREATE])
def test_a_bundle_of_the_environment_that_is_not_there(serve_tls, monkeypatch, operation):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nope.pem")
    with pytest.raises(Unreachable) as caught:
        transport(serve_tls(OK).url).call(operation, {"id": 1})
    assert "REQUESTS_CA_BUNDLE" in caught.value.hint


@pytest.mark.parametrize("operation", [READ, CREATE])
def test_https_to_a_server_of_plain_http(serve, operation):
    server = serve(OK)
    with pytest.raises(Unreachable, match="the server speaks plain http, not https") as caught:
        transport(server.url.replace("http:", "https:")).call(operation, {"id": 1})
    assert caught.value.hint == "Check the scheme and port of api_url."


def test_plain_http_to_a_server_of_https(serve_tls):
    with pytest.raises(Unreachable) as caught:
        transport(serve_tls(OK).url.replace("https:", "http:"), retries=0).call(READ, {"id": 1})
    assert "If the server speaks https, use https:// in api_url." in caught.value.hint


@pytest.mark.filterwarnings("ignore:Unverified HTTPS")
def test_a_bundle_or_no_check_makes_the_connection(serve_tls, certificate):
    server = serve_tls(OK)
    assert transport(server.url, ca_path=certificate).call(READ, {"id": 1}).status == 200
    assert transport(server.url, validate_certs=False).call(READ, {"id": 1}).status == 200


def test_the_bundle_of_the_environment_counts_too(serve_tls, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)
    assert transport(serve_tls(OK).url).call(READ, {"id": 1}).status == 200


@pytest.mark.parametrize("operation", [READ, REPLACE])
def test_a_connection_lost_under_tls_is_tried_again(serve_tls, certificate, operation):
    server = serve_tls(Reply(drop=True), OK)
    assert transport(server.url, ca_path=certificate).call(operation, {"id": 1}).status == 200
    assert len(server.requests) == 2


@pytest.mark.parametrize("reply", [Reply(drop=True), Reply(body={"id": 12345}, cut=4)])
def test_a_post_lost_under_tls_is_unclear(serve_tls, certificate, reply):
    server = serve_tls(reply, OK)
    with pytest.raises(UnclearAnswer):
        transport(server.url, ca_path=certificate).call(CREATE, json={})
    assert len(server.requests) == 1


def test_proxies_of_the_environment_are_looked_up_once_for_each_host(serve, monkeypatch):
    proxy, other = serve(OK), serve(OK)
    monkeypatch.setenv("http_proxy", proxy.url)
    sender = transport("http://api.invalid/base")
    sender.call(READ, {"id": "a/b"})
    monkeypatch.setenv("http_proxy", other.url)
    sender.call(READ, {"id": 2})
    sender.call(READ, {"id": 3}, base="http://login.invalid")
    assert [request.target for request in proxy.requests] == [
        "http://api.invalid/base/things/a%2Fb",
        "http://api.invalid/base/things/2",
    ]
    assert [request.target for request in other.requests] == ["http://login.invalid/things/3"]


def test_no_proxy_of_the_environment(serve, monkeypatch):
    proxy, server = serve(OK), serve(OK)
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    transport(server.url).call(READ, {"id": 1})
    assert (len(server.requests), proxy.requests) == (1, [])


def test_a_proxy_that_is_not_there(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with pytest.raises(Unreachable, match="the proxy failed"):
        transport("http://api.invalid", retries=0).call(CREATE, json={})


@pytest.mark.parametrize(
    "proxy",
    [
        "http://me:pw123@127.0.0.1:bad", "http://me:pw123@127.0.0.1:1", "me:pw123@[::1",
        "http://me:pw123@nowhere.invalid",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_credentials_of_a_proxy_are_not_shown(monkeypatch, scheme, proxy):
    monkeypatch.setenv(f"{scheme}_proxy", proxy)
    sender = transport(f"{scheme}://api.invalid", retries=0)
    with pytest.raises(Unreachable) as caught:
        sender.call(CREATE, json={})
    assert "pw123" not in caught.value.sentence()
    assert "https_proxy" in caught.value.hint
    assert sender.masker.text(proxy).count("pw123") == 0


def test_a_proxy_that_does_not_speak_tls_is_the_fault_of_the_proxy(serve, monkeypatch):
    monkeypatch.setenv("https_proxy", serve(OK).url.replace("http:", "https:"))
    with pytest.raises(Unreachable, match="the proxy failed") as caught:
        transport("https://api.invalid", retries=0).call(READ, {"id": 1})
    assert "https_proxy" in caught.value.hint


@pytest.mark.parametrize("host", ["a..b", ".b", "a" * 64 + ".example"])
def test_a_host_that_cannot_be_one_is_refused_before_any_call(host):
    with pytest.raises(InputError, match="not an http or https address"):
        transport(f"https://{host}/base")


def test_one_session_serves_all_threads_and_opens_again_after_it_was_closed(serve):
    server = serve(OK)
    sender = transport(server.url)
    threads = [threading.Thread(target=sender.call, args=(READ, {"id": number})) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(request.target for request in server.requests) == [f"/things/{number}" for number in range(8)]
    assert (sender.count(), sender.calls["read_thing"]) == (8, 8)
    sender.close()
    sender.close()
    assert sender.call(READ, {"id": 9}).status == 200


def test_a_stated_charset_is_respected_and_none_is_guessed(serve):
    body = '{"name": "Zoë"}'.encode("latin-1")
    stated = serve(Reply(body=body, headers={"Content-Type": "application/json; charset=iso-8859-1"}))
    assert transport(stated.url).call(LIST).body == {"name": "Zoë"}
    with pytest.raises(UnreadableAnswer, match="is not UTF-8"):
        transport(serve(Reply(body=body)).url).call(LIST)


def test_a_hint_names_the_option_of_the_address_that_was_called(serve):
    api, login = serve(OK), serve(Reply(status=404, body="no"))
    sender = transport(api.url)
    sender.hosts["auth_url"] = login.url
    with pytest.raises(ApiError) as refused:
        sender.call(LIST, base=login.url)
    assert refused.value.hint == f"Nothing was found at {login.url}/things. Check auth_url."


@pytest.mark.parametrize(
    ("path", "said"),
    [("/api/2", "Use api_url without /api/2."), ("/base/v1", "Use api_url without /v1."), ("/base", "Check api_url.")],
)
def test_a_path_too_many_in_the_address(serve, path, said):
    server = serve(Reply(404, "no"))
    with pytest.raises(ApiError) as caught:
        transport(server.url + path).call(LIST, query={"q": 1})
    assert caught.value.hint == f"Nothing was found at {server.url}{path}/things. {said}"


# -- what errors repeat ----------------------------------------------------------------------------------------------

SECRET = Operation("make_key", "POST", "/keys", "make a key for", secret=True)
KEY = "kxa.9f8e7d6c5b4a39281706f5e4d3c2b1a0"


@pytest.mark.parametrize("status", [200, 400, 409, 422, 500, 503])
@pytest.mark.parametrize(
    "body",
    [
        {"fullToken": KEY},
        KEY,
        [KEY],
        {"error": {"fullToken": KEY}},
        {"message": f"token {KEY} was made"},
        {"message": KEY},
        f"<p>{KEY}",
        {"description": {"token": KEY}},
        {"errors": [KEY]},
        {"status": {"message": KEY}},
    ],
)
def test_an_answer_that_may_hold_a_secret_is_not_quoted(serve, status, body):
    text = body if isinstance(body, (dict, list)) else str(body)
    sender = transport(serve(Reply(status, text)).url)
    try:
        sender.call(SECRET, subject="ada")
    except (ApiError, UnclearAnswer) as error:
        assert KEY not in f"{error.sentence()} {error.errors()} {error.facts()}"
    else:
        assert status == 200


def test_what_an_answer_that_may_hold_a_secret_says_in_words_is_shown(serve):
    with pytest.raises(ApiError, match="answered 409: the name ci is taken"):
        transport(serve(Reply(409, {"message": "the name ci is taken"})).url).call(SECRET)


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_secret_that_a_server_repeats_is_masked_before_it_is_cut(serve, status):
    secret = "s3cr3t-" + "x" * 5000
    server = serve(Reply(status, f"your password is {secret}", {"Content-Type": "application/xml"}))
    with pytest.raises((ApiError, UnclearAnswer)) as caught:
        transport(server.url, secrets=[secret]).call(CREATE, json={})
    assert "s3cr3t" not in caught.value.sentence()


def test_long_words_of_a_server_and_long_names_are_shortened(serve):
    with pytest.raises(ApiError) as caught:
        transport(serve(Reply(400, {"message": "no " * 50_000})).url).call(READ, {"id": 1}, subject="ada" * 1000)
    assert len(caught.value.sentence()) < 1000
    assert "(3000 characters)" in caught.value.message


def test_deeply_nested_words_are_no_crash(serve):
    deep = '{"error":' * 400 + '"no"' + "}" * 400
    for body in (deep, "[" * 3000, '{"error":' * 3000):
        with pytest.raises(ApiError, match="answered 400"):
            transport(serve(Reply(400, body)).url).call(READ, {"id": 1})


@pytest.mark.parametrize(
    ("base", "part"),
    [("https://host/nextauth/servers", "/servers"), ("https://host/api/v1", "/api/v1"), ("https://host/x", "")],
)
def test_a_part_of_the_apis_own_paths_in_an_address_is_known(base, part):
    assert surplus_path(base) == part
