# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates, proxies and the session of a connection."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    InputError,
    UnclearAnswer,
    Unreachable,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.tests.unit.fakes import CREATE, LIST, READ, REPLACE, transport
from ansible_collections.rollcall.identity.tests.unit.web import Reply

OK = Reply(body={"ok": True})


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
    with pytest.raises(InputError, match="not a valid http or https address"):
        transport(f"https://{host}/base")


def test_one_transport_serves_all_threads(serve):
    server = serve(OK)
    sender = transport(server.url)
    threads = [threading.Thread(target=sender.call, args=(READ, {"id": number})) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(request.target for request in server.requests) == [f"/things/{number}" for number in range(8)]
    assert (sender.count(), sender.calls["read_thing"]) == (8, 8)


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
    [("/things", "Use api_url without /things."), ("/base/api/2", "Check api_url."), ("/base", "Check api_url.")],
)
def test_a_path_too_many_in_the_address(serve, path, said):
    server = serve(Reply(404, "no"))
    sender = transport(server.url + path)
    sender.reader.paths = [LIST.path, READ.path]
    with pytest.raises(ApiError) as caught:
        sender.call(LIST, query={"q": 1})
    assert caught.value.hint == f"Nothing was found at {server.url}{path}/things. {said}"
