# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small HTTP server for the tests of the transport: it answers as told and keeps what it got, byte for byte."""

from __future__ import annotations

import contextlib
import json
import socketserver
import threading
from dataclasses import dataclass, field


@dataclass
class Reply:
    """One answer. ``drop`` closes the connection without one, ``cut`` after that many bytes of the body; ``hold`` says
    nothing.

    ``drip`` is said after ``raw``, if there is any, again and again until the other side hangs up; both replace all
    else.
    """

    status: int = 200
    body: bytes | str | dict | list = b"{}"
    headers: dict = field(default_factory=dict)
    drop: bool = False
    cut: int | None = None
    hold: bool = False
    raw: bytes = b""
    drip: bytes = b""

    def sent(self):
        """Return head and body as they travel."""
        body = json.dumps(self.body) if isinstance(self.body, (dict, list)) else self.body
        raw = body.encode() if isinstance(body, str) else body
        head = {"Content-Length": len(raw), "Content-Type": "application/json", "Connection": "close", **self.headers}
        lines = [f"HTTP/1.1 {self.status} Said", *(f"{name}: {value}" for name, value in head.items())]
        return "\r\n".join([*lines, "", ""]).encode() + raw[: self.cut]


@dataclass
class Request:
    """What a server got: ``target`` is the raw one of the request line, ``headers`` has lower-case names."""

    method: str
    target: str
    headers: dict
    body: bytes


def by_path(routes, *, below="", repeats=False, otherwise=None):
    """Return a function that answers by method and path, such as ``{"GET /users": {...}}``.

    A list holds answers in order; with ``repeats``, the last one is given for ever. ``below`` is a part of the
    path that ``routes`` omit. ``otherwise`` answers what ``routes`` do not have.
    """

    def answer(request):
        path = request.target.split("?")[0].removeprefix(below)
        reply = routes.get(f"{request.method} {path}", otherwise)
        if reply is None:
            raise KeyError(f"the test expects no {request.method} {path}")
        if isinstance(reply, list):
            reply = reply[0] if repeats and len(reply) == 1 else reply.pop(0)
        return reply if isinstance(reply, Reply) else Reply(body=reply)

    return answer


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError, ValueError):
            self._answer(self.server.owner)

    def _answer(self, owner):
        line = self.rfile.readline().decode("latin-1")
        if not line.isascii() or len(line.split()) != 3:
            self.wfile.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return
        method, target, _version = line.split()
        headers = {}
        while line := self.rfile.readline().decode("latin-1").strip():
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        request = Request(method, target, headers, self.rfile.read(int(headers.get("content-length", 0))))
        reply = owner.take(request)
        if reply.hold:
            self.wfile.write(reply.raw)
            owner.stopped.wait()
        elif reply.drip:
            self.wfile.write(reply.raw)
            while not owner.stopped.is_set():
                self.wfile.write(reply.drip)
                owner.stopped.wait(0.001)
        elif not reply.drop:
            self.wfile.write(reply.sent())


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, owner, tls):
        self.owner = owner
        self.tls = tls
        super().__init__(("127.0.0.1", 0), _Handler)

    def get_request(self):
        connection, address = super().get_request()
        return (self.tls.wrap_socket(connection, server_side=True) if self.tls else connection), address

    def handle_error(self, request, client_address):
        """Keep quiet: a client that refuses our certificate hangs up."""


class Server:
    """Gives its replies in order, the last one for ever. A reply may be a function of the request."""

    def __init__(self, replies, tls=None):
        self.replies = list(replies) or [Reply()]
        self.requests = []
        self.stopped = threading.Event()
        self._come = threading.Condition()
        self._listener = _Listener(self, tls)
        self.host = f"127.0.0.1:{self._listener.server_address[1]}"
        self.url = f"{'https' if tls else 'http'}://{self.host}"
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.002}, daemon=True
        )
        self._thread.start()

    def take(self, request):
        """Keep a request and return the reply that is due."""
        with self._come:
            self.requests.append(request)
            self._come.notify_all()
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply(request) if callable(reply) else reply

    def taken(self, least):
        """Return how many requests came, once there are ``least``: a client that gave up may be ahead of this server.

        Raises TimeoutError after five minutes.
        """
        with self._come:
            if not self._come.wait_for(lambda: len(self.requests) >= least, 300):
                raise TimeoutError(f"{len(self.requests)} requests came, not {least}")
            return len(self.requests)

    def stop(self):
        """Close the port."""
        self.stopped.set()
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()
