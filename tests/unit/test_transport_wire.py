# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What travels: addresses, bodies and cookies; and what errors repeat."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import ApiError, InputError, UnclearAnswer
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.address import surplus_path
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.api import AnswerReader, Operation
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.auth import StaticHeaders
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.exchange import Settings
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.limiter import Limiter
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import MASK, Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.transport import Transport
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo import connection as contabo
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import connection as kestra
from ansible_collections.rollcall.identity.plugins.module_utils._providers.nextauth import connection as nextauth
from ansible_collections.rollcall.identity.plugins.module_utils._providers.onelogin import connection as onelogin
from ansible_collections.rollcall.identity.plugins.module_utils._providers.scim import connection as scim
from ansible_collections.rollcall.identity.plugins.module_utils._providers.sendauth import connection as sendauth
from ansible_collections.rollcall.identity.tests.unit.fakes import CREATE, DELETE, LIST, READ, transport
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


# -- addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://user:secret@host", "credentials"),
        ("https://user@host", "credentials"),
        ("https://host/?token=1", "query"),
        ("https://host/#top", "fragment"),
        ("ftp://host", "not a valid http"),
        ("host.example", "not a valid http"),
        ("https://", "not a valid http"),
        ("", "not a valid http"),
        ("https://host:port", "not a valid http"),
        ("https://me:pw123@host:port", "credentials"),
        ("https://me:p/w123@host", "credentials"),
        ("me:pw123@host", "credentials"),
        ("https://a b", "not a valid http"),
        ("http://[::1", "not a valid http"),
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
        Transport(Settings(api_url="https://me:p%40ss12@host"), AnswerReader(), masker, Limiter(300))
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
    ("module", "base", "part"),
    [
        (nextauth, "https://host/nextauth/servers", "/servers"),
        (nextauth, "https://host/api/v1", ""),
        (sendauth, "https://host/api/v1", "/api/v1"),
        (sendauth, "https://host/api/sendauth", ""),
        (kestra, "https://host/kestra/api/v1/main/", "/api/v1/main"),
        (kestra, "https://host/API", "/API"),
        (onelogin, "https://host/api/2/users", "/api/2/users"),
        (contabo, "https://host/auth", "/auth"),
        (scim, "https://host/scim/v2", ""),
        (scim, "https://host/api/v1/scim/2", ""),
        (scim, "https://host/scim/v2/Users", "/Users"),
        (scim, "https://host/scim/v2/groups/g-1", "/groups/g-1"),
        (scim, "https://host", ""),
    ],
)
def test_a_part_of_the_apis_own_paths_in_an_address_is_known(module, base, part):
    assert surplus_path(base, [operation.path for operation in module.OPERATIONS.values()]) == part
