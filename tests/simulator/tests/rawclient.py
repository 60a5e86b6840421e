# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plain HTTP client for the simulator's own tests: it sends any request, right or wrong."""

from __future__ import annotations

import base64
import http.client
import json
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from simulator.harness import Simulator

if TYPE_CHECKING:
    from typing_extensions import Self


class Reply:
    """Status, headers (lower-case names) and body of an answer; ``json`` parses the body."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        return self.json["data"]

    @property
    def message(self) -> Any:
        """The message of an error, wherever the shape at hand has it."""
        value = self.json
        block = value.get("status")
        if isinstance(block, dict):
            return block["message"]
        return value.get("message", value.get("description"))

    def __repr__(self) -> str:
        return f"<{self.status} {self.body[:300]!r}>"


class Client:
    """Talks to one part with one kept connection.

    Without more it is OneLogin's, and ``credential`` a name such as manage-all; another part has a ``prefix``, and the
    value of the Authorization header or its own ``headers``.
    """

    def __init__(
        self,
        simulator: Simulator,
        credential: str = "manage-all",
        *,
        prefix: str = "/onelogin",
        authorization: str | None = None,
    ) -> None:
        self.prefix = prefix
        self.authorization = authorization
        self.client_id, self.client_secret = f"sim-{credential}-id", f"sim-{credential}-secret"
        self._connection = http.client.HTTPConnection("127.0.0.1", urlsplit(simulator.url).port or 0, timeout=60)
        self._token: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    @property
    def basic(self) -> str:
        return "Basic " + base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()

    def raw(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        prefix: str | None = None,
    ) -> Reply:
        try:
            self._connection.request(method, (self.prefix if prefix is None else prefix) + path, body, headers or {})
            response = self._connection.getresponse()
            content = response.read()
        except (http.client.HTTPException, OSError):
            self._connection.close()
            raise
        received: dict[str, str] = {}
        for name, value in response.getheaders():  # an answer may set several cookies
            received[name.lower()] = ", ".join(filter(None, (received.get(name.lower()), value)))
        return Reply(response.status, received, content)

    def get_token(self) -> Reply:
        headers = {"Authorization": self.basic, "Content-Type": "application/json"}
        return self.raw("POST", "/auth/oauth2/v2/token", b'{"grant_type":"client_credentials"}', headers)

    @property
    def token(self) -> str:
        if self._token is None:
            self._token = self.get_token().json["access_token"]
        return self._token

    def headers(self, token: str | None = None) -> dict[str, str]:
        """The headers of ``call``, besides those of a body. ``token``: another one than that of the client."""
        return {"Authorization": f"bearer {token}" if token else self.authorization or f"bearer {self.token}"}

    def call(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str | None
    ) -> Reply:
        """Send a value as JSON. ``headers`` replace those of the client, or remove them (None): ``X_nonce="n-1"``."""
        changed = {**self.headers(token), **{name.replace("_", "-"): value for name, value in headers.items()}}
        sent = {name: value for name, value in changed.items() if value is not None}
        if body is None:
            return self.raw(method, path, None, sent)
        return self.raw(method, path, json.dumps(body).encode(), {**sent, "Content-Type": "application/json"})

    def get(self, path: str) -> Reply:
        return self.call("GET", path)

    def put(self, path: str, body: Any = None) -> Reply:
        return self.call("PUT", path, body)

    def post(self, path: str, body: Any = None) -> Reply:
        return self.call("POST", path, body)

    def patch(self, path: str, body: Any = None) -> Reply:
        return self.call("PATCH", path, body)

    def delete(self, path: str, body: Any = None) -> Reply:
        return self.call("DELETE", path, body)
