# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What travels: addresses, bodies, cookies, certificates and proxies."""

from __future__ import annotations

import datetime
import gzip
import ipaddress
import ssl
import threading
from urllib.parse import unquote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.rollcall.identity.plugins.module_utils._core import transport as module
from ansible_collections.rollcall.identity.plugins.module_utils._core.auth import StaticHeaders
from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    InputError,
    UnclearAnswer,
    Unreachable,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.tests.unit.fakes import CREATE, DELETE, LIST, READ, REPLACE, transport
from ansible_collections.rollcall.identity.tests.unit.web import Reply

OK = Reply(body={"ok": True})
AUTH = StaticHeaders({"Authorization": "Bearer t"})


NAMES = ["a/b", "a+b", "100%", "a=b", "..", ".", "...", "a?b", "a#b", "%2F", "%2e", "a b", "a;b", "a\\b", "~", "x&y", "zoë@x.org", "日本"]


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
    server = serve(Reply(body=gzip.compress(text), headers={"Content-Encoding": "gzip"}) if packed else Reply(body=text))
    with pytest.raises(UnreadableAnswer, match="larger than"):
        transport(server.url).call(READ, {"id": 1})
    assert len(server.requests) == 1


def test_a_packed_answer_is_unpacked(serve):
    server = serve(Reply(body=gzip.compress('{"name": "Zoë"}'.encode()), headers={"Content-Encoding": "gzip"}))
    assert transport(server.url).call(READ, {"id": 1}).body == {"name": "Zoë"}


def test_an_empty_answer_is_none(serve):
    sender = transport(serve(Reply(204, b""), Reply(body=b"  ")).url)
    assert sender.call(REPLACE, {"id": 1}).body is None
    assert sender.call(READ, {"id": 1}).body is None


def test_a_page_instead_of_an_answer(serve):
    server = serve(Reply(body="<html><title>Sign in</title>", headers={"Content-Type": "text/html; charset=utf-8"}))
    with pytest.raises(UnreadableAnswer) as caught:
        transport(server.url).call(READ, {"id": 1})
    assert "read_thing (200, text/html)" in caught.value.message
    assert "Sign in" in caught.value.message
    assert "api_url" in caught.value.hint


def test_a_body_that_nobody_wants_is_not_read(serve):
    assert transport(serve(Reply(body="<html>")).url).call(DELETE, {"id": 1}).status == 200


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
        ("http://[::1", "not an http"),
    ],
)
def test_addresses_that_are_refused(url, said):
    with pytest.raises(InputError) as caught:
        transport(url)
    assert said in caught.value.message


def test_an_address_that_cannot_be_called_is_a_fault_of_the_input():
    with pytest.raises(InputError):
        transport("http://a b").call(LIST)


@pytest.mark.parametrize("value", ["two\nlines", "curly \u201cquotes\u201d"])
def test_credentials_that_fit_in_no_header_are_faults_of_the_input(serve, value):
    server = serve(OK)
    sender = transport(server.url)
    sender.auth = StaticHeaders({"Authorization": value})
    with pytest.raises(InputError):
        sender.call(LIST)
    assert server.requests == []


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
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
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
    assert [request.target for request in proxy.requests] == ["http://api.invalid/base/things/a%2Fb", "http://api.invalid/base/things/2"]
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
    with pytest.raises(UnreadableAnswer, match="not in UTF-8"):
        transport(serve(Reply(body=body)).url).call(LIST)


def test_a_hint_names_the_option_of_the_address_that_was_called(serve):
    api, login = serve(OK), serve(Reply(status=404, body="no"))
    sender = transport(api.url)
    sender.hosts["auth_url"] = login.url
    with pytest.raises(ApiError) as refused:
        sender.call(LIST, base=login.url)
    assert "auth_url" in refused.value.hint
    assert "api_url" not in refused.value.hint
