# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Kestra that keeps the tokens of two owners, and tasks on them."""

from __future__ import annotations

import datetime
import json

import pytest

from ansible_collections.rollcall.identity.plugins.module_utils._core.http.masking import Masker
from ansible_collections.rollcall.identity.plugins.module_utils._core.run.task import ConnectionPool, run_task
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra import account_tasks
from ansible_collections.rollcall.identity.plugins.module_utils._providers.kestra.connection import Kestra
from ansible_collections.rollcall.identity.tests.unit.fakes import FakeClock
from ansible_collections.rollcall.identity.tests.unit.web import Reply

NOW = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
DATE = "Sun, 01 Mar 2026 00:00:00 GMT"
ADA = {"id": "u1", "username": "ada@x.org", "tenants": [], "auths": [], "superAdmin": False}
BOT = {"id": "s1", "name": "bot"}
OWNERS = {
    "user": ({"user": "ada@x.org"}, "/users/u1/api-tokens"),
    "service account": ({"service_account": "bot"}, "/service-accounts/s1/api-tokens"),
    "service account of a tenant": (
        {"service_account": "bot", "scope": "tenant"},
        "/main/service-accounts/s1/api-tokens",
    ),
}
ALL_OWNERS = pytest.mark.parametrize("owner", OWNERS)


def ago(seconds):
    """Return a time before NOW as Kestra writes it."""
    return (NOW - datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def token(identity, age, used=None, name="ci", **more):
    """Return a row of the list: a token that was made ``age`` seconds ago, and last used ``used`` seconds ago."""
    return {
        "id": identity, "name": name, "prefix": f"secret-of-{identity}"[:12], "iat": ago(age), "exp": None,
        "extended": False, "expired": False,
        "lastUsed": None if used is None else ago(used), "description": None, **more,
    }  # fmt: skip


class Server:
    """A Kestra that keeps tokens of one owner. ``answers`` are what becomes of each POST in turn; without any it works.

    An answer is a status, or None for a connection that breaks; ``effect`` is None for none, or the seconds after which
    the token is in the list. ``lists`` and ``ends`` are the statuses of the reads and the revocations to come.
    """

    def __init__(self, *rows):
        self.clock = FakeClock()
        self.rows = [(0.0, row) for row in rows]
        self.answers, self.lists, self.ends = [], [], []
        self.lag = 0
        self.more = 0
        self.gone = set()
        self.me = {"id": "caller"}
        self.log = []
        self.made = 0

    def ids(self):
        return [row["id"] for _at, row in self.rows if row["id"] not in self.gone]

    def writes(self):
        return [line for line in self.log if not line.startswith("GET")]

    def __call__(self, request):
        path = request.target.split("?")[0].removeprefix("/api/v1")
        self.log.append(f"{request.method} {path}")
        if path.endswith("/me"):
            return Reply(404, "") if self.me is None else Reply(body=self.me)
        if "/api-tokens" in path:
            reply = {"GET": self.listed, "POST": self.posted, "DELETE": self.revoked}[request.method](request, path)
            reply.headers.setdefault("Date", DATE)
            return reply
        owners = [ADA] if path.startswith("/users") else [BOT]
        if path.endswith(("/u1", "/s1")):
            return Reply(body=owners[0])
        found = [
            one
            for one in owners
            if f"q={(one.get('username') or one['name']).replace('@', '%40')}&" in request.target + "&"
            or path.startswith("/main")
        ]
        return Reply(body={"results": found, "total": len(found)})

    def listed(self, _request, _path):
        status = self.lists.pop(0) if self.lists else 200
        if status != 200:
            return Reply(status, "")
        shown = [row for at, row in self.rows if at <= self.clock.time]
        if self.lag:
            self.lag -= 1
        else:
            shown = [row for row in shown if row["id"] not in self.gone]
        return Reply(body={"results": shown, "total": len(shown) + self.more})

    def posted(self, request, _path):
        status, effect = self.answers.pop(0) if self.answers else (201, 0.0)
        self.made += 1
        name, identity = json.loads(request.body)["name"], f"new{self.made}"
        if effect is not None:
            self.rows.append((self.clock.time + effect, token(identity, 0, name=name, prefix=f"secret-of-{identity}")))
        if status is None:
            return Reply(drop=True)
        return Reply(
            status,
            {"id": identity, "name": name, "fullToken": f"secret-of-{identity}-canary"}
            if status < 300
            else {"message": "Oops"},
        )

    def revoked(self, _request, path):
        status = self.ends.pop(0) if self.ends else 204
        if status == 204:
            self.gone.add(path.rpartition("/")[2])
        return Reply(status, "")


def run_against(serve, world, task=account_tasks.API_TOKEN, check=False, diff=True, **params):
    """Run a task against a server and return its result."""
    server = serve(world)
    given = {name: option.get("default") for name, option in task.options.items()}
    given.update({"api_url": server.url, "api_token": "own-token-canary", "api_retries": 0, "name": "ci", **params})
    if not {"user", "id", "service_account", "service_account_id"} & set(params):
        given["user"] = "ada@x.org"
    connection = Kestra(given, Masker(), world.clock)
    pool = ConnectionPool()
    pool.get = lambda *_arguments: connection
    return run_task(task, given, check, diff, pool)


def codes(result):
    return [notice["code"] for notice in result.get("warning_details", ())]
