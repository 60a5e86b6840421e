# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the application with uvicorn, on the loopback address only."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import threading
from typing import Any

import uvicorn

from .app import App
from .world import World

try:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as BaseProtocol
except ImportError:  # httptools is not installed
    from uvicorn.protocols.http.h11_impl import H11Protocol as BaseProtocol  # type: ignore[assignment]

_transports: dict[Any, asyncio.Transport] = {}


class Protocol(BaseProtocol):
    """Store the connection of each client address, because ASGI has no way to close one."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._peer = tuple(transport.get_extra_info("peername")[:2])
        _transports[self._peer] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _transports.pop(self._peer, None)
        super().connection_lost(exc)


def close_connection(scope: dict[str, Any]) -> None:
    transport = _transports.get(tuple(scope["client"]))
    if transport is not None:
        transport.close()


class Server(uvicorn.Server):
    """A server that prints the environment and READY when it accepts connections."""

    def __init__(self, config: uvicorn.Config, lines: list[str]) -> None:
        super().__init__(config)
        self._lines = lines

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        for line in self._lines:
            print(line)
        print("READY", flush=True)


def serve(world: World, port: int, watch_stdin: bool = False) -> None:
    """Serve until a signal arrives. With ``watch_stdin``, also stop when standard input ends (the parent exited)."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        if error.errno != errno.EADDRINUSE:
            raise
        text = f"port {port} is in use. Stop the program that uses it, or specify another port: --port {port + 1}"
        raise OSError(text) from error
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    lines = []
    for name, provider in world.providers.items():
        lines += [f"export {key}={value}" for key, value in provider.env(f"{url}/{name}").items()]
    config = uvicorn.Config(
        App(world, close_connection),
        http=Protocol,
        ws="none",
        lifespan="off",
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,  # the app sends the simulated time
        timeout_keep_alive=120,
        timeout_graceful_shutdown=1,
    )
    server = Server(config, lines)
    if watch_stdin:

        def watch() -> None:
            # Not sys.stdin.buffer: a thread that holds its lock makes the interpreter abort at Ctrl-C.
            while os.read(0, 4096):
                pass
            server.should_exit = True

        threading.Thread(target=watch, daemon=True).start()
    server.run(sockets=[listener])
