# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Contabo: mails, filters, and the rotation of the client's secret."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.errors import ApiError, UnclearAnswer
from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import MASK, Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import ConnectionPool, run_task
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo import tasks
from ansible_collections.rollcall.identity.plugins.module_utils._providers.contabo.connection import Contabo
from ansible_collections.rollcall.identity.tests.unit.contabo import (
    CLIENT,
    CREDENTIALS,
    ONE_USER,
    ROTATE,
    TOKEN,
    USERS,
    UUID4,
    asked,
    connect,
    data,
    error,
    grants,
    login,
    user,
)
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock
from ansible_collections.rollcall.identity.tests.unit.web import Reply


def run(task, connection, check=False, **params):
    """Run a module's task on a connection and return its result."""
    given = {name: option.get("default") for name, option in task.options.items()}
    given.update(connection.params, **params)
    pool = ConnectionPool()
    pool.get = lambda *_arguments: connection
    return run_task(task, given, check, False, pool)


def test_a_mail_whose_answer_is_lost_is_not_sent_again(serve):
    connection = connect(serve, {USERS: data(user(), total=1), f"POST {ONE_USER}/reset-password": Reply(drop=True)})
    result = run(
        tasks.USER_MAIL, connection, user="ada@x.org", type="password_reset", redirect_url="https://x.org/?a=b&c"
    )
    assert result["failed"] is True
    assert "It is unknown whether the e-mail was sent" in result["msg"]
    assert UUID4.search(result["msg"])
    assert [target for target, _body in asked(connection)][1:] == [
        f"POST {ONE_USER}/reset-password?redirectUrl=https%3A%2F%2Fx.org%2F%3Fa%3Db%26c"
    ]


def test_the_module_on_roles_takes_all_of_them_away(serve):
    connection = connect(
        serve,
        {
            USERS: data(user(), total=1),
            "PATCH " + ONE_USER: {"_links": {}},
            "GET " + ONE_USER: [data(user()), data(user(roles=[]))],
        },
    )
    assert run(tasks.USER_ROLES, connection, user="ada@x.org", roles=[], state="exact")["user"]["roles"] == []
    assert ("PATCH " + ONE_USER, {"roles": []}) in asked(connection)


@pytest.mark.parametrize(
    ("kind", "more", "sent"),
    [
        ({"type": "verification"}, {"emailVerified": True}, True),
        ({"type": "verification", "only_if_needed": True}, {"emailVerified": True}, False),
        ({"type": "verification", "only_if_needed": True}, {"emailVerified": False}, True),
        ({"type": "password_reset"}, {}, True),
        ({"type": "password_reset", "only_if_needed": True}, {"password": True}, False),
        ({"type": "password_reset", "only_if_needed": True}, {"password": False}, True),
    ],
)
def test_when_a_mail_is_sent(serve, kind, more, sent):
    path = f"POST {ONE_USER}/" + ("resend-email-verification" if kind["type"] == "verification" else "reset-password")
    asks = data({"isPasswordSet": more.get("password")})
    connection = connect(
        serve, {USERS: data(user(**more), total=1), "GET /v1/users/is-password-set": asks, path: Reply(204, "")}
    )
    for check in (True, False):
        assert run(tasks.USER_MAIL, connection, check, user="ada@x.org", **kind)["changed"] is sent
    assert [target for target, _body in asked(connection) if target.startswith("POST")] == [path] * sent


@pytest.mark.parametrize("status", [400, 409])
def test_a_verification_that_is_refused_says_what_to_do(serve, status):
    connection = connect(
        serve,
        {USERS: data(user(), total=1), f"POST {ONE_USER}/resend-email-verification": error(status, "verified already")},
    )
    assert (
        "With only_if_needed: true, the task then sends no e-mail"
        in run(tasks.USER_MAIL, connection, user="ada@x.org", type="verification")["msg"]
    )


@pytest.mark.parametrize(("email", "text"), [("nobody@", None), ("", "filters.email is empty")])
def test_filters(serve, email, text):
    connection = connect(serve, {USERS: [error(404, "No results"), data(user(), total=1)]})
    result = run(tasks.USER_INFO, connection, filters={"email": email, "enabled": None, "owner": None})
    if text is None:
        assert result["users"] == []
    else:
        assert text in result["msg"]
        assert asked(connection) == []


@pytest.mark.parametrize(
    "url", ["x.org", "https://", "http:///x", "https://exa mple.org", "https://x.org:0/", "javascript:alert(1)"]
)
def test_a_redirect_that_is_no_address_is_refused(serve, url):
    connection = connect(serve, {})
    result = run(tasks.USER_MAIL, connection, user="ada@x.org", type="verification", redirect_url=url)
    assert f"redirect_url is '{url}'" in result["msg"]
    assert result["code"] == "invalid_url"
    assert asked(connection) == []


def test_a_redirect_with_credentials_is_refused_and_not_shown(serve):
    connection = connect(serve, {})
    url = "https://me:hunter2@x.org/"
    result = run(tasks.USER_MAIL, connection, user="ada@x.org", type="verification", redirect_url=url)
    assert "redirect_url contains credentials" in result["msg"]
    assert "hunter2" not in result["msg"]
    assert asked(connection) == []


def client(secret):
    """Return the OAuth2 client."""
    return data({"id": "7", "clientId": "cid", "tenantId": "INT", "customerId": "123", "secret": secret})


def test_the_client_is_told_without_its_secret(serve):
    connection = connect(serve, {CLIENT: client("canary-told")})
    result = run(tasks.CLIENT_INFO, connection)
    assert result["client"] == {"id": "7", "client_id": "cid", "tenant_id": "INT", "customer_id": "123"}
    assert "canary" not in json.dumps(result)
    assert connection.masker.text("canary-told") == MASK
    broken = connect(serve, {CLIENT: '{"data": [{"secret": "canary-cut'})
    assert "canary" not in run(tasks.CLIENT_INFO, broken)["msg"]
    twice = connect(serve, {CLIENT: data({"secret": "canary-one"}, {"secret": "canary-two"})})
    message = run(tasks.CLIENT_INFO, twice)["msg"]
    assert "2 objects instead of one" in message
    assert "canary" not in message


def test_a_rotation_needs_a_confirmation(serve):
    connection = connect(serve, {})
    for check in (True, False):
        assert "confirm is not true" in run(tasks.CLIENT_SECRET, connection, check)["msg"]
    assert asked(connection) == grants(connection) == []


def test_check_mode_rotates_nothing(serve):
    connection = connect(serve, {CLIENT: client("canary-old-secret")})
    result = run(tasks.CLIENT_SECRET, connection, True, confirm=True)
    assert (result["changed"], "secret" in result) == (True, False)
    assert asked(connection) == [(CLIENT, None)]


def test_after_a_rotation_the_connection_works_on_with_the_new_secret(serve):
    logins = [login(1), Reply(400, {"error": "invalid_grant"}), login(2)]
    connection = connect(serve, {ROTATE: data({"secret": "canary-new"}), TOKEN: logins, CLIENT: client("canary-new")})
    result = run(tasks.CLIENT_SECRET, connection, confirm=True)
    assert (result["changed"], result["secret"], result["client_id"]) == (True, "canary-new", "cid")
    assert UUID4.fullmatch(result["request_id"])
    assert connection.masker.text("canary-new") == MASK
    connection.clock.time += 1000
    connection.client()
    assert [form["client_secret"] for form in grants(connection)] == ["canary-old-secret", "canary-new", "canary-new"]


@pytest.mark.parametrize(
    "lost",
    [
        Reply(drop=True),
        Reply(502, "<html>"),
        error(500, "oops"),
        Reply(body="{cut canary"),
        Reply(body=data()),
        Reply(body=data({})),
    ],
)
def test_a_rotation_whose_answer_is_lost_is_looked_up(serve, lost):
    connection = connect(serve, {ROTATE: lost, CLIENT: client("canary-made")})
    assert connection.rotate_secret() == connection.client_secret == "canary-made"
    targets = [target for target, _body in asked(connection)]
    assert targets == [ROTATE, *[CLIENT] * (len(targets) - 1)]


def test_a_rotation_that_did_not_happen_is_tried_once_more(serve):
    clients = [*[client("canary-old-secret")] * 4, client("canary-second")]
    connection = connect(serve, {ROTATE: [Reply(drop=True), data({"secret": "canary-second"})], CLIENT: clients})
    assert connection.rotate_secret() == "canary-second"
    refused = connect(serve, {ROTATE: error(403, "no"), CLIENT: client("canary-other")})
    with pytest.raises(ApiError) as denied:
        refused.rotate_secret()
    assert "a role with UPDATE on /v1/users/client, or on /v1/users" in denied.value.hint
    assert len(asked(refused)) == 1
    never = connect(serve, {ROTATE: Reply(drop=True), CLIENT: client("canary-old-secret")})
    with pytest.raises(UnclearAnswer, match="may or may not have taken effect"):
        never.rotate_secret()
    blind = connect(serve, {ROTATE: Reply(drop=True), CLIENT: error(403, "no")})
    with pytest.raises(UnclearAnswer) as caught:
        blind.rotate_secret()
    assert "look it up in the customer panel" in caught.value.sentence()
    assert len(asked(blind)) == 2


def test_a_secret_that_cannot_be_written_is_refused_before_it_is_made(serve, tmp_path):
    connection = connect(serve, {ROTATE: data({"secret": "canary-new"})})
    result = run(tasks.CLIENT_SECRET, connection, confirm=True, dest=str(tmp_path / "no" / "file"))
    assert "cannot be written" in result["msg"]
    assert asked(connection) == []
    file = tmp_path / "secret"
    assert run(tasks.CLIENT_SECRET, connection, confirm=True, dest=str(file))["dest"] == str(file)
    assert (file.read_text(encoding="utf-8"), file.stat().st_mode & 0o777) == ("canary-new\n", 0o600)


class Rotating:
    """A Contabo whose client secret changes by rotations whose answers are lost and whose effects come late.

    ``steps`` are (status, effect) for each rotation: a status, or None for a connection that breaks; the seconds until
    the effect, None for none.
    """

    def __init__(self, connection, steps, readable=True):
        self.clock, self.steps, self.readable = connection.clock, list(steps), readable
        self.secrets = [(0.0, "canary-old-secret")]
        self.made = 0

    @property
    def secret(self):
        return max((entry for entry in self.secrets if entry[0] <= self.clock.time), key=lambda entry: entry[0])[1]

    def rotate(self):
        status, effect = self.steps.pop(0) if self.steps else (200, 0.0)
        self.made += 1
        made = f"canary-made-{self.made}"
        if effect is not None:
            self.secrets.append((self.clock.time + effect + self.made * 1e-6, made))
        self.clock.time += 1e-3
        return (
            Reply(drop=True)
            if status is None
            else Reply(status, data({"secret": made}) if status == 200 else {"message": "oops"})
        )

    def read(self):
        return Reply(body=client(self.secret)) if self.readable else error(403, "no")

    def log_in(self, request):
        right = dict(parse_qsl(request.body.decode()))["client_secret"] == self.secret
        return (
            Reply(body=login())
            if right
            else Reply(401, {"error": "unauthorized_client", "error_description": "Invalid client secret"})
        )


@pytest.fixture
def rotating(serve):
    """Return a function that connects to such a server."""

    def start(*steps, readable=True):
        worlds = []

        def api(request):
            return worlds[0].rotate() if request.method == "PUT" else worlds[0].read()

        def log_in(request):
            return worlds[0].log_in(request)

        urls = [serve(api).url, serve(log_in).url]
        connection = Contabo(
            {"api_url": urls[0], "auth_url": urls[1], **CREDENTIALS, "api_retries": 0}, Masker(), FakeClock()
        )
        worlds.append(Rotating(connection, steps, readable))
        return connection, worlds[0]

    return start


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize(
    "steps",
    [
        [(200, 0.0)], [(None, 0.0)], [(500, 0.0)], [(None, 1.0)], [(500, 3.4)], [(None, None)], [(502, None)],
        [(None, 4.0)], [(None, 5.0)],
        [(200, None)],
    ],
)  # fmt: skip
def test_a_dead_secret_is_never_handed_out(rotating, steps, readable):
    connection, world = rotating(*steps, readable=readable)
    result = run(tasks.CLIENT_SECRET, connection, confirm=True)
    if result.get("failed"):
        assert result["code"] == "unclear_answer"
        assert "look it up in the customer panel" in result["msg"]
        assert "secret" not in result
        assert not readable or steps == [(200, None)]
    else:
        assert result["secret"] == world.secret != "canary-old-secret"
        assert (result["made"], result["revoked"], result["token"]["name"]) == (True, [], "cid")


def test_a_secret_that_somebody_else_has_rotated_since(rotating):
    connection, world = rotating((200, 0.0))
    world.secrets.append((world.clock.time + 1e-3, "canary-of-another"))
    assert run(tasks.CLIENT_SECRET, connection, confirm=True)["secret"] == "canary-of-another" == world.secret
