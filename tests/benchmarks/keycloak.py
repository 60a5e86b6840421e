# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small part of Keycloak, enough for a loop over unchanged users: a token, a search for a name, and the groups of a
user.

Its threads run in the process of the benchmarks, which only waits meanwhile.
"""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from simulator.people import numbered

if TYPE_CHECKING:
    from typing_extensions import Self

_TOKEN = "bench-token"


def _user(name: str) -> dict[str, Any]:
    """Return the representation of one of the simulator's numbered people."""
    number = int(name.removeprefix("user"))
    person = numbered(number)
    return {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "username": person["key"],
        "firstName": person["firstname"],
        "lastName": person["lastname"],
        "email": person["email"],
        "emailVerified": False,
        "enabled": True,
        "createdTimestamp": 1760000000000,
        "totp": False,
        "disableableCredentialTypes": [],
        "requiredActions": [],
        "notBefore": 0,
        "access": {"manage": True},
    }


class _Handler(BaseHTTPRequestHandler):
    """Answers after the latency."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        known = self.path == "/realms/master/protocol/openid-connect/token"
        self._answer({"access_token": _TOKEN, "expires_in": 600, "token_type": "Bearer"} if known else None)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if self.headers.get("Authorization") != f"Bearer {_TOKEN}":
            self._answer({"error": "HTTP 401 Unauthorized"}, 401)
        elif parts.path == "/admin/realms/master/users":
            self._answer([_user(parse_qs(parts.query)["username"][0])])
        else:
            self._answer([] if parts.path.endswith("/groups") else None)

    def _answer(self, value: Any, status: int = 200) -> None:
        self.server.log.append({"path": self.path, "fault": None})
        time.sleep(self.server.latency)
        body = json.dumps({"error": "not found"} if value is None else value).encode("utf-8")
        self.send_response(404 if value is None else status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    log: list[dict[str, Any]]
    latency: float


class Keycloak:
    """A running server, which records its calls like the simulator.

    ``collections`` is where ansible-playbook finds its modules.
    """

    def __init__(self, collections: str) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.log, self._server.latency = [], 0.0
        self.env = {
            "KEYCLOAK_URL": f"http://127.0.0.1:{self._server.server_port}",
            "ANSIBLE_COLLECTIONS_PATH": collections,
        }
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait(self, latency: float) -> None:
        """Set the number of seconds to wait before each answer."""
        self._server.latency = latency

    @property
    def last(self) -> int:
        """Return the number of the latest call."""
        return len(self._server.log)

    def requests(self, since: int | None = None, provider: str | None = None) -> list[dict[str, Any]]:
        """Return the calls after that number."""
        return self._server.log[since or 0:]
