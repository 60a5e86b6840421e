# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ASGI application: control routes by Starlette, provider routes by a short path of their own.

Starlette decodes the path before it routes, so ids with ``%2F`` would be torn apart; provider requests are therefore
routed here, on the raw path. It is the quicker way too, which benchmarks against this server need.
"""

from __future__ import annotations

import asyncio
import re
import sys
import traceback
from collections.abc import Callable
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote

from .control import control_app
from .faults import Fault
from .journal import Entry
from .provider import Provider
from .web import Answer, Call, Refused, json_answer
from .world import World

MAX_BODY = 16 * 1024 * 1024
# A request line may hold a whole URL, as proxies send it.
_ABSOLUTE = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_ENCODED_DOT = re.compile(r"%2e", re.IGNORECASE)


class Dropped(Exception):
    """The connection closes without an answer."""


class Hung(Exception):
    """No answer comes, and the connection stays open until the client leaves."""


def normalised(path: str) -> str:
    """Resolve the dot segments of a path, encoded ones too, as some proxies do (RFC 3986, section 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for place, segment in enumerate(segments):
        plain = _ENCODED_DOT.sub(".", segment)
        if plain == "..":
            del kept[-1:]
        if plain not in (".", ".."):
            kept.append(segment)
        elif place == len(segments) - 1:
            kept.append("")
    return "/" + "/".join(kept)


class App:
    """The ASGI application. The server passes ``close_connection(scope)``, which closes a request's TCP connection."""

    def __init__(self, world: World, close_connection: Callable[[dict[str, Any]], None]) -> None:
        self.world = world
        self._control = control_app(world)
        self._close = close_connection

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        raw_path = _ABSOLUTE.sub("", scope["raw_path"].decode("latin-1"), count=1) or "/"
        if raw_path.startswith("/_sim"):
            await self._control(
                {**scope, "path": unquote(raw_path), "raw_path": raw_path.encode("latin-1")}, receive, send
            )
            return
        _empty, name, *_rest = raw_path.split("/", 2)
        provider = self.world.providers.get(name)
        body = await _read(receive)
        if body is None:
            return
        if provider is None:
            known = ", ".join(f"/{item}" for item in self.world.providers)
            await _send(send, json_answer(404, {"error": f"no provider at {raw_path}; there are {known} and /_sim"}))
            return
        path = raw_path[len(name) + 1:]
        call = self._call(provider, normalised(path) if self.world.normalise_paths else path, scope, body)
        await self._exchange(provider, call, scope, receive, send)

    def _call(self, provider: Provider, path: str, scope: dict[str, Any], body: bytes) -> Call:
        """Return the request as the provider receives it."""
        world = self.world
        host, port = scope["server"]
        headers: dict[str, str] = {}
        for raw_name, raw_value in scope["headers"]:
            key, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        query = scope["query_string"].decode("latin-1")
        return Call(
            scope["method"], path, query, headers, body, world.clock.now(), f"http://{host}:{port}/{provider.name}"
        )

    async def _exchange(self, provider: Provider, call: Call, scope: dict[str, Any], receive: Any, send: Any) -> None:
        world = self.world
        # HEAD is GET without the body, on every route.
        method = "GET" if call.method == "HEAD" else call.method
        call.operation, call.params, allowed = world.routers[provider.name].match(method, call.raw_path)
        entry = world.journal.open_entry(provider, call)
        fault = world.faults.take(provider.name, call) if world.faults.faults else None
        delay = world.latency
        if fault is not None:
            entry.fault = fault.kind
            delay += fault.delay
            world.clock.advance(fault.advance)
        if delay:
            await asyncio.sleep(delay)
        call.now = world.clock.now()
        try:
            answer = self._answer(provider, call, allowed, fault)
        except (Dropped, Hung) as lost:
            world.journal.record(entry, None)
            if isinstance(lost, Hung):
                await receive()
            self._close(scope)
            await asyncio.sleep(0)
            return
        entry.status = answer.status
        if fault is not None and fault.delay_after:
            await asyncio.sleep(fault.delay_after)
        if fault is not None and fault.trickle:
            world.journal.record(entry, answer)
            await _trickle(send, receive, answer, fault.trickle, world.clock.now())
            return
        await self._deliver(answer, entry, fault, scope, send)

    def _answer(self, provider: Provider, call: Call, allowed: list[str], fault: Fault | None) -> Answer:
        """Return the answer, with faults applied. Raises Dropped or Hung if a fault requires it."""
        if fault is not None:
            if fault.drop == "before":
                raise Dropped
            if fault.hang == "before":
                raise Hung
            if fault.replaces and not fault.effect:
                return fault.answer()
        key = (provider.name, call.operation.id) if call.operation else None
        if fault is not None and fault.repeat_page and key in self.world.pages:
            return self.world.pages[key]
        answer = respond(provider, call, allowed)
        if key and call.method == "GET" and answer.status == 200:
            self.world.pages[key] = answer
        if fault is not None:
            if fault.drop == "after":
                raise Dropped
            if fault.hang == "after":
                raise Hung
            if fault.replaces:
                return fault.answer()
            answer = fault.edited(answer)
            if fault.truncate == "json":
                return Answer(
                    answer.status, answer.body[: len(answer.body) * 2 // 3], answer.headers, answer.content_type
                )
        return answer

    async def _deliver(
        self, answer: Answer, entry: Entry, fault: Fault | None, scope: dict[str, Any], send: Any
    ) -> None:
        self.world.journal.record(entry, answer)
        now = self.world.clock.now()
        if fault is None or fault.truncate != "length":
            await _send(send, answer, head=scope["method"] == "HEAD", now=now)
            return
        await _send(send, answer, cut=len(answer.body) // 2, now=now)
        # Wait until the first part is sent, then close the connection.
        await asyncio.sleep(0.01)
        self._close(scope)
        await asyncio.sleep(0)


def respond(provider: Provider, call: Call, allowed: list[str]) -> Answer:
    """Return the provider's own answer, or a 500 with ``simulator_bug`` after an unexpected exception."""
    try:
        if call.operation is None:
            refused = Refused(404, "Not found")
            if allowed:
                refused = Refused(405, "Method not allowed", headers=[("Allow", ", ".join(allowed))])
            answer = provider.error(call, refused)
        else:
            try:
                answer = provider.handle(call)
            except Refused as problem:
                answer = provider.error(call, problem)
        provider.finish(call, answer)
    except Exception:  # noqa: BLE001, RUF100 - whatever it is, the client gets an answer
        traceback.print_exc(file=sys.stderr)
        answer = json_answer(500, {"simulator_bug": traceback.format_exc().splitlines()[-1]})
    return answer


async def _read(receive: Any) -> bytes | None:
    """Return the request body. Return None if the client disconnected before its end: half a request has no effect.

    Data over the limit is discarded, so that such a body fails to parse.
    """
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        if len(body) < MAX_BODY:
            body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _send(
    send: Any,
    answer: Answer,
    *,
    head: bool = False,
    cut: int | None = None,
    now: float | None = None,
    announced: int | None = None,
) -> None:
    """Send an answer, with the simulated time as its date.

    With ``cut``, send only that many bytes of the body, but announce a larger length (``announced`` overrides it).
    """
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"date", formatdate(now, usegmt=True).encode("latin-1")))
    if answer.content_type:
        headers.append((b"content-type", answer.content_type.encode("latin-1")))
    if answer.status not in (204, 304):
        if announced is None:
            announced = len(answer.body) if cut is None else max(len(answer.body), cut + 100)
        headers.append((b"content-length", b"%d" % announced))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if cut is not None:
        await send({"type": "http.response.body", "body": answer.body[:cut], "more_body": True})
        return
    await send({"type": "http.response.body", "body": b"" if head or answer.status == 204 else answer.body})


async def _trickle(send: Any, receive: Any, answer: Answer, pause: float, now: float) -> None:
    """Send the body byte by byte, with a pause after each, until its end or until the client leaves."""
    gone = asyncio.ensure_future(receive())
    try:
        await _send(send, answer, cut=0, now=now, announced=len(answer.body))
        for place in range(len(answer.body)):
            done, _waiting = await asyncio.wait([gone], timeout=pause)
            if done:
                return
            await send({"type": "http.response.body", "body": answer.body[place:place + 1], "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
