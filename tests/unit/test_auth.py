# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens: fetched when needed, renewed early and once, and never asked for twice with a wrong password."""

from __future__ import annotations

import base64
import concurrent.futures
import threading

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import (
    ApiError,
    InputError,
    Unreachable,
    UnreadableAnswer,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.auth import (
    EARLY,
    OAuth2,
    Token,
    access_token,
    basic,
    bearer,
    header_key,
)
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import MASK, Masker
from ansible_collections.rollcall.identity.tests.unit.fakes import READ, FakeClock, refusal, transport
from ansible_collections.rollcall.identity.tests.unit.web import Reply


@pytest.mark.parametrize("token", [None, "", " ", 5, [], {"a": 1}, True, "a\nb", "two words", "\u00fc"])
def test_a_login_without_a_token_that_can_be_sent_is_unreadable(serve, token):
    answer = transport(serve(Reply(body={"access_token": token})).url).call(READ, {"id": 1})
    with pytest.raises(UnreadableAnswer, match="no usable access_token"):
        access_token(answer, answer.body)


def test_a_token_of_a_login(serve):
    answer = transport(serve(Reply(body={"access_token": "a.b-c_~+/="})).url).call(READ, {"id": 1})
    assert access_token(answer, answer.body) == "a.b-c_~+/="


def _throw(error):
    raise error


class Issuer:
    """Gives out tokens: new ones, or those that it was made with."""

    def __init__(self, *tokens, lifetime=3600.0, refresh=None):
        self.tokens = list(tokens)
        self.lifetime = lifetime
        self.refresh_token = refresh
        self.asked = []

    def login(self):
        return self._next("login")

    def refresh(self, token):
        return self._next(f"refresh {token}")

    def _next(self, how):
        self.asked.append(how)
        given = self.tokens.pop(0) if self.tokens else f"token{len(self.asked)}"
        if not isinstance(given, str):
            _throw(given)
        return Token(given, self.lifetime, self.refresh_token)


def oauth(issuer, clock=None, masker=None, refresh=False):
    return OAuth2(issuer.login, masker or Masker(), issuer.refresh if refresh else None, clock or FakeClock())


def used(auth):
    return auth.headers()["Authorization"]


def test_one_login_serves_until_shortly_before_the_end():
    issuer, clock = Issuer(), FakeClock()
    auth = oauth(issuer, clock)
    assert issuer.asked == []
    assert used(auth) == "Bearer token1"
    clock.sleep(3600 - EARLY - 1)
    assert used(auth) == "Bearer token1"
    clock.sleep(1)
    assert used(auth) == "Bearer token2"
    assert issuer.asked == ["login", "login"]


@pytest.mark.parametrize(("lifetime", "still", "over"), [(60.0, 29, 31), (None, 3500, 3600), (100.0, 49, 51)])
def test_short_and_unknown_lifetimes(lifetime, still, over):
    issuer, clock = Issuer(lifetime=lifetime), FakeClock()
    auth = oauth(issuer, clock)
    used(auth)
    clock.sleep(still)
    used(auth)
    assert len(issuer.asked) == 1
    clock.sleep(over - still)
    used(auth)
    assert len(issuer.asked) == 2


def test_tokens_are_masked():
    masker = Masker()
    used(oauth(Issuer("access-1", refresh="refresh-1"), masker=masker))
    assert masker.text("got access-1 and refresh-1") == f"got {MASK} and {MASK}"


def test_many_threads_log_in_once_and_renew_once():
    issuer = Issuer()
    auth = oauth(issuer)
    start = threading.Barrier(8)

    def work(_number):
        start.wait()
        first = auth.headers()
        start.wait()
        return first["Authorization"], auth.renew(first), used(auth)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        seen = set(pool.map(work, range(8)))
    assert seen == {("Bearer token1", True, "Bearer token2")}
    assert issuer.asked == ["login", "login"]


def test_a_server_that_gives_the_same_token_again_has_nothing_newer():
    auth = oauth(Issuer("same", "same"))
    assert auth.renew(auth.headers()) is False


def test_the_same_token_again_ends_in_the_refusal_and_in_no_loop(serve):
    server = serve(Reply(401))
    sender = transport(server.url)
    sender.auth = oauth(Issuer("same", "same", "same"))
    with pytest.raises(ApiError):
        sender.call(READ, {"id": 1})
    assert len(server.requests) == 1


def test_a_refresh_token_is_used_first_and_the_credentials_where_it_is_refused():
    issuer = Issuer("a", "b", refusal(400), "c", refresh="r")
    auth = oauth(issuer, refresh=True)
    assert auth.renew(auth.headers()) is True
    assert auth.renew(auth.headers()) is True
    assert used(auth) == "Bearer c"
    assert issuer.asked == ["login", "refresh r", "refresh r", "login"]


def test_a_server_without_refresh_tokens_gets_the_credentials():
    issuer = Issuer()
    auth = oauth(issuer, refresh=True)
    assert auth.renew(auth.headers())
    assert issuer.asked == ["login", "login"]


def test_a_token_can_be_forgotten():
    auth = oauth(Issuer())
    used(auth)
    auth.forget()
    assert used(auth) == "Bearer token2"


@pytest.mark.parametrize("status", [400, 401, 403, 423])
def test_a_wrong_password_is_asked_once_however_many_ask(status):
    issuer = Issuer(*[refusal(status, "invalid_grant")] * 20)
    auth = oauth(issuer)
    errors = []
    for _worker in range(20):
        with pytest.raises(ApiError, match="invalid_grant") as caught:
            auth.headers()
        caught.value.hint += " For this user."
        errors.append(caught.value)
    assert len(issuer.asked) == 1
    assert all(error.final and error.hint.count("For this user.") == 1 for error in errors)


@pytest.mark.parametrize("trouble", [Unreachable("no network"), refusal(503), refusal(429)])
def test_a_login_that_failed_for_another_reason_is_tried_again(trouble):
    auth = oauth(Issuer(trouble, "later"))
    with pytest.raises(type(trouble)):
        auth.headers()
    assert used(auth) == "Bearer later"


def test_a_login_that_is_refused_in_the_middle_ends_the_work(serve):
    server = serve(Reply(401))
    sender = transport(server.url)
    sender.auth = oauth(Issuer("first", refusal(400, "invalid_grant")))
    for _user in range(5):
        with pytest.raises(ApiError, match="invalid_grant") as caught:
            sender.call(READ, {"id": 1})
        assert caught.value.final
    assert len(server.requests) == 1


@pytest.mark.parametrize("pair", [("a\ud800", "b"), ("a", "b\udfff")])
def test_credentials_that_are_no_text_are_a_fault_of_the_input(pair):
    with pytest.raises(InputError, match="of the credentials contains half"):
        basic(*pair, Masker())


def test_credentials_that_never_change():
    masker = Masker()
    given = basic("ada", "pässword", masker)
    scheme, value = given.headers()["Authorization"].split()
    assert (scheme, base64.b64decode(value).decode()) == ("Basic", "ada:pässword")
    assert masker.text(f"sent {value}") == f"sent {MASK}"
    assert header_key("X-Key", "k", {"X-Role": "r"}).headers() == {"X-Key": "k", "X-Role": "r"}
    assert bearer("t").headers() == {"Authorization": "Bearer t"}
    assert not any(auth.renew(auth.headers()) for auth in (given, bearer("t"), header_key("X-Key", "k")))
