# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proxy in front of a SCIM server: it records requests, makes faults, hides features, and is controlled as the
simulator is.

Tests that know the simulator's control routes (``/_sim/...``) work with it, and so does the callback that records what
a task sent.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import http.server
import json
import re
import threading
import time
import types
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from servers import USER, Server

from simulator.faults import Fault, FaultBook
from simulator.harness import Simulator
from simulator.masking import COMMON_NAMES, MASK, mask_body, mask_query
from simulator.web import Answer

PROVIDER = "scim"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
PREFIX = "/scim/v2"
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
_AT_ONCE = 4
"""The number of requests that the server gets at once: scim2-server resets more than five waiting connections."""
_KINDS = {"Users": "user", "Groups": "group"}
_VERBS = {"GET": "get", "POST": "create", "PUT": "put", "PATCH": "patch", "DELETE": "delete"}
_DISCOVERY = {
    "ServiceProviderConfig": "service_provider_config",
    "ResourceTypes": "resource_types",
    "Schemas": "schemas",
}


@dataclass
class ScimFault(Fault):
    """A fault that can also change the server's own answer: ``merge`` is laid over it, key by key."""

    merge: dict[str, Any] | None = None

    @property
    def kind(self) -> str:
        """The first thing that happens, for the log."""
        return "merge" if self.merge is not None else super().kind


class ScimFaults(FaultBook):
    """The armed faults."""

    def add(self, raw: Any) -> None:
        """Arm faults as the simulator does."""
        self.faults.extend([ScimFault.parse(item) for item in raw])


@dataclass
class Request:
    """One request of a client: ``path`` is below the service."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    operation: str | None
    status: int | None = None
    fault: str | None = None
    at: float = field(default_factory=time.time)

    @property
    def kind(self) -> str:
        """Return read, write or auth."""
        if self.operation == "token":
            return "auth"
        return "read" if self.method in ("GET", "HEAD") or self.path.endswith("/.search") else "write"

    def as_json(self, number: int) -> dict[str, Any]:
        """Return the request as the simulator's log has it, with secrets masked."""
        return {
            "n": number,
            "provider": PROVIDER,
            "operation": self.operation,
            "kind": self.kind,
            "method": self.method,
            "path": f"/{PROVIDER}{self.path}",
            "query": mask_query(self.query, COMMON_NAMES),
            "status": self.status,
            "body": _masked(mask_body(self.body, self.headers.get("content-type", ""), COMMON_NAMES)),
            "at": self.at,
            "fault": self.fault,
        }


def _masked(body: Any) -> Any:
    """Return a body without the password that a PATCH sets by its path."""
    if isinstance(body, dict) and isinstance(body.get("Operations"), list):
        changes = [
            {**item, "value": MASK} if str(item.get("path", "")).endswith("password") else item
            for item in body["Operations"]
        ]
        return {**body, "Operations": changes}
    return body


def operation_of(method: str, path: str) -> str | None:
    """Return the name of an operation: list_users, get_user, create_user, put_user, patch_user, delete_user.

    Those of groups are called in the same way.
    """
    parts = path.strip("/").split("/")
    if path == "/oauth/token":
        return "token"
    if parts[0] in _DISCOVERY:
        return _DISCOVERY[parts[0]]
    kind = _KINDS.get(parts[0])
    if kind is None:
        return parts[0].lower() or None
    if method == "GET" and len(parts) == 1:
        return f"list_{kind}s"
    return f"{_VERBS.get(method, method.lower())}_{kind}"


def merged(value: Any, over: Any) -> Any:
    """Return a JSON value with another laid over it."""
    if isinstance(value, dict) and isinstance(over, dict):
        return {**value, **{key: merged(value.get(key), item) for key, item in over.items()}}
    return over


class Proxy:
    """What the proxy knows: the server, the requests, the faults, and what it hides."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.lock = threading.RLock()
        self.free = threading.Semaphore(_AT_ONCE)
        self.requests: list[Request] = []
        self.faults = ScimFaults()
        self.hidden: list[str] = []
        self.config: dict[str, Any] = {}
        self.deactivates = False
        self.forgotten = 0
        """The number of the last request before the log began anew."""

    def reset(self, seed_users: int = 0, scim: dict[str, Any] | None = None, **_others: Any) -> None:
        """Empty the server, create numbered users, forget the faults. ``scim`` holds options as ``hide`` takes them."""
        with self.lock:
            self.faults.clear()
            self.forgotten = len(self.requests)
            self.hide(**(scim or {}))
        self.server.clean()
        self.server.add("Users", [numbered(number) for number in range(1, seed_users + 1)])

    def hide(
        self,
        without: list[str] | None = None,
        features: dict[str, bool] | None = None,
        config: dict[str, Any] | None = None,
        deactivates: bool = False,
    ) -> None:
        """Answer 404 on ``without`` (names of operations), and announce other ``features`` than the server.

        ``config`` is laid over all that it announces. ``deactivates`` keeps users who are deleted, with
        ``active: false``, as Slack does.
        """
        self.deactivates = deactivates
        self.hidden = list(without or ())
        self.config = {**(config or {}), **{name: {"supported": value} for name, value in (features or {}).items()}}

    def take(self, request: Request) -> ScimFault | None:
        """Record a request and return the fault that hits it."""
        call = types.SimpleNamespace(
            operation=types.SimpleNamespace(id=request.operation), method=request.method, raw_path=request.path
        )
        with self.lock:
            self.requests.append(request)
            fault: Any = self.faults.take(PROVIDER, call)  # type: ignore[arg-type]
        if fault is None and request.operation in self.hidden:
            fault = ScimFault(status=404, html=True)
        if fault is None and self.config and request.operation == "service_provider_config":
            fault = ScimFault(merge=self.config)
        request.fault = fault.kind if fault else None
        return fault

    def control(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
        """Answer a control request as the simulator does."""
        if (method, path) == ("GET", "requests"):
            since = max(int(query.get("since", 0)), self.forgotten)
            with self.lock:
                return {
                    "requests": [
                        item.as_json(number) for number, item in enumerate(self.requests, 1) if number > since
                    ],
                    "last": len(self.requests),
                }
        if (method, path) == ("GET", "state"):
            return {"users": self.server.rows("Users"), "groups": self.server.rows("Groups")}
        if (method, path) == ("POST", "reset"):
            self.reset(**(body or {}))
        elif (method, path) == ("POST", "options"):
            self.hide(**body)
        elif path == "faults":
            with self.lock:
                self.faults.add(body) if method == "POST" else self.faults.clear()
            return {
                "faults": [
                    {item.name: getattr(fault, item.name) for item in fields(fault)} for fault in self.faults.faults
                ]
            }
        elif method == "POST" and path in ("users", "groups"):
            return {path: self.put(path, body[path])}
        else:
            raise ValueError(f"{method} /_sim/{path} is not known")
        return {}

    def put(self, kind: str, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Create users or groups directly; members of groups are named by ``userName``."""
        if kind == "users":
            return self.server.add("Users", [{"schemas": [USER], **document} for document in documents])
        names = {row["userName"]: row["id"] for row in self.server.rows("Users")}
        groups = [
            {**group, "members": [{"value": names[name]} for name in group.get("members", [])]} for group in documents
        ]
        return self.server.add("Groups", [{"schemas": [USER.replace("User", "Group")], **group} for group in groups])


def numbered(number: int) -> dict[str, Any]:
    """Return user ``number`` (from 1) of a directory, always the same."""
    return {
        "schemas": [USER], "userName": f"user{number:05d}@example.com", "active": True, "displayName": f"User {number}",
        "name": {"formatted": f"User N{number}", "givenName": "User", "familyName": f"N{number}"},
        "emails": [{"value": f"user{number:05d}@example.com", "type": "work", "primary": True}],
    }  # fmt: skip


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection of a client, and one to the server."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    proxy: Proxy
    upstream: http.client.HTTPConnection | None = None

    def handle_any(self) -> None:
        """Answer one request."""
        target, _mark, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if target.startswith("/_sim/"):
            self.answer_control(target.removeprefix("/_sim/"), query, body)
            return
        path = target.removeprefix(PREFIX) if target.startswith(PREFIX + "/") else target
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, path, query, headers, body, operation_of(self.command, path))
        fault = self.proxy.take(request)
        if fault is not None and (fault.drop == "before" or (fault.replaces and not fault.effect)):
            self.give(request, None if fault.drop == "before" else fault.answer(), fault)
            return
        if fault is not None and fault.repeat_page:
            request = Request(
                request.method, path, re.sub(r"startIndex=\d+", "startIndex=1", query), headers, body, request.operation
            )
            self.proxy.requests[-1].status = 200
        deactivates = self.proxy.deactivates and request.operation == "delete_user"
        answer = self.deactivate(request, target) if deactivates else self.ask(request, target)
        if fault is not None:
            if fault.drop == "after":
                answer = None
            elif fault.replaces:
                answer = fault.answer()
            elif fault.merge is not None and answer.status == 200:
                answer.body = json.dumps(merged(json.loads(answer.body), fault.merge)).encode()
            else:
                answer = fault.edited(answer)
        self.give(request, answer, fault)

    def deactivate(self, request: Request, target: str) -> Answer:
        """Answer a request to delete a user as a server that only deactivates users."""
        change = {"op": "replace", "path": "active", "value": False}
        body = json.dumps({"schemas": [PATCH_OP], "Operations": [change]}).encode()
        answer = self.ask(dataclasses.replace(request, method="PATCH", body=body), target)
        return Answer(204, b"", []) if answer.status < 300 else answer

    def ask(self, request: Request, target: str) -> Answer:
        """Return the server's own answer."""
        below = target.startswith(PREFIX + "/")
        address = (self.proxy.server.base + request.path if below else target) + (
            f"?{request.query}" if request.query else ""
        )
        headers = {name: value for name, value in request.headers.items() if name not in _HOP}
        for again in (False, True):
            if self.upstream is None:
                self.upstream = http.client.HTTPConnection("127.0.0.1", self.proxy.server.port, timeout=120)
            try:
                with self.proxy.free:
                    self.upstream.request(request.method, address, request.body or None, headers)
                    answer = self.upstream.getresponse()
                    content = answer.read()
                break
            except (OSError, http.client.HTTPException):
                # A server may close a connection that was idle; a second failure is none of the proxy's business.
                self.upstream.close()
                self.upstream = None
                if again:
                    raise
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP | {"content-type"}]
        return Answer(answer.status, content, kept, answer.getheader("Content-Type"))

    def give(self, request: Request, answer: Answer | None, fault: ScimFault | None) -> None:
        """Send an answer, or close the connection where there is none."""
        if answer is None:
            self.close_connection = True
            return
        request.status = answer.status
        body = answer.body
        if fault is not None and fault.truncate:
            body = body[: len(body) // 2]
        cut = fault is not None and fault.truncate == "length"
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.content_type:
            self.send_header("Content-Type", answer.content_type)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body if cut else body)))
        self.end_headers()
        self.wfile.write(body if answer.status != 204 else b"")
        self.close_connection = self.close_connection or cut

    def answer_control(self, path: str, query: str, body: bytes) -> None:
        """Answer a control request."""
        try:
            document = self.proxy.control(
                self.command, path, dict(urllib.parse.parse_qsl(query)), json.loads(body) if body else None
            )
            status = 200
        except Exception as problem:
            document, status = {"error": f"{type(problem).__name__}: {problem}"}, 400
        text = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def finish(self) -> None:
        """Close both connections."""
        if self.upstream is not None:
            self.upstream.close()
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


class World(Simulator):
    """A real server behind a proxy, with the face of the simulator."""

    def __init__(self, proxy: Proxy, url: str) -> None:
        super().__init__(None, proxy.server.variables(url), url)  # type: ignore[arg-type]
        self.proxy = proxy
        self.server = proxy.server

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        """Return the server's users by name."""
        return {row["userName"]: row for row in self.server.rows("Users")}

    @property
    def members(self) -> dict[str, list[str]]:
        """Return the names of the members of each group, by the group's name."""
        names = {row["id"]: row["userName"] for row in self.server.rows("Users")}
        groups = self.server.rows("Groups")
        return {
            row["displayName"]: sorted(names.get(item["value"], item["value"]) for item in row.get("members") or ())
            for row in groups
        }


@contextlib.contextmanager
def world(server: Server) -> Iterator[World]:
    """Yield a proxy in front of a server."""
    proxy = Proxy(server)
    handler = type("Handler", (Handler,), {"proxy": proxy})

    class Listener(http.server.ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    with Listener(("127.0.0.1", 0), handler) as listener:
        threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True).start()
        yield World(proxy, f"http://127.0.0.1:{listener.server_address[1]}")
        listener.shutdown()
