# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the simulator for tests and the demo. Standard library only.

    with Simulator.start(seed_users=3) as simulator:
        run_something(env={**os.environ, **simulator.env}) assert simulator.writes() == []
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from typing_extensions import Self

_TESTS = Path(__file__).resolve().parent.parent


class SimulatorError(Exception):
    """The simulator did not start, or refused a control call; the text says why."""


class Simulator:
    """A running simulator. ``url`` is its root, ``env`` the variables that it prints at its start."""

    def __init__(self, process: subprocess.Popen[str], env: dict[str, str], url: str) -> None:
        self.process = process
        self.env = env
        self.url = url
        self._local = threading.local()

    @classmethod
    def start(
        cls,
        seed_users: int = 0,
        latency: float = 0,
        wire: str = "v1",
        record: str | os.PathLike[str] | None = None,
        *,
        preset: str = "none",
        kestra: str | None = None,
        faults: str | os.PathLike[str] | None = None,
        port: int = 0,
        python: str = sys.executable,
        timeout: float = 120,
    ) -> Simulator:
        """Start ``python -m simulator`` and wait for READY.

        ``python`` needs starlette and uvicorn. Raises SimulatorError.
        """
        command = [python, "-m", "simulator", "--port", str(port), "--watch-stdin", "--seed-users", str(seed_users)]
        command += ["--latency", str(latency), "--onelogin-wire", wire, "--preset", preset]
        for name, value in (("--kestra", kestra), ("--record", record), ("--faults", faults)):
            if value is not None:
                command += [name, os.fspath(value)]
        # Ansible and pytest put odd things on the path: the child gets this one folder only.
        child_env = {**os.environ, "PYTHONPATH": str(_TESTS), "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=child_env)
        timer = threading.Timer(timeout, process.kill)
        timer.start()
        env: dict[str, str] = {}
        try:
            assert process.stdout is not None
            for line in process.stdout:
                line = line.rstrip("\n")
                if line == "READY":
                    break
                if line.startswith("export "):
                    name, _equals, value = line[len("export "):].partition("=")
                    env[name] = value
            else:
                process.kill()
                raise SimulatorError(f"the simulator did not start (exit status {process.wait()}): {' '.join(command)}")
        finally:
            timer.cancel()
        address = next(value for name, value in env.items() if name.endswith("_API_URL"))
        return cls(process, env, "/".join(address.split("/")[:3]))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process; safe to call twice."""
        self._hang_up()
        # The end of its standard input ends the server.
        for stream in (self.process.stdin, self.process.stdout):
            if stream and not stream.closed:
                stream.close()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def control(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Call ``/_sim/<path>`` and return its JSON. Raises SimulatorError with the text of a refusal."""
        sent = {name: value for name, value in query.items() if value is not None}
        target = f"/_sim/{path}" + (f"?{urlencode(sent)}" if sent else "")
        data = None if body is None else json.dumps(body).encode("utf-8")
        connection, used = self._connection()
        try:
            status, text = self._exchange(connection, method, target, data)
        except (ConnectionError, http.client.HTTPException):
            self._hang_up()
            if not used:
                raise
            # The server closes idle connections.
            status, text = self._exchange(self._connection()[0], method, target, data)
        if status >= 400:
            raise SimulatorError(f"{method} {path}: {text.decode('utf-8', 'replace')}")
        return json.loads(text)

    def _connection(self) -> tuple[http.client.HTTPConnection, bool]:
        """Return the connection of this thread and process, and whether it was used before."""
        if getattr(self._local, "owner", None) == os.getpid():
            return self._local.connection, True
        # The server is on the loopback address: no proxy of the environment is in the way.
        self._local.connection = http.client.HTTPConnection(self.url.partition("://")[2], timeout=60)
        self._local.owner = os.getpid()
        return self._local.connection, False

    @staticmethod
    def _exchange(
        connection: http.client.HTTPConnection, method: str, target: str, data: bytes | None
    ) -> tuple[int, bytes]:
        connection.request(method, target, data, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read()

    def _hang_up(self) -> None:
        """Close the connection of this thread, if it has one."""
        if getattr(self._local, "owner", None) == os.getpid():
            self._local.connection.close()
            del self._local.owner

    def requests(self, since: int | None = None, provider: str | None = None) -> list[dict[str, Any]]:
        """``[{n, provider, operation, kind, method, path, query, status, body, at, fault}]``, oldest first."""
        answer: list[dict[str, Any]] = self.control("GET", "requests", since=since, provider=provider)["requests"]
        return answer

    @property
    def last(self) -> int:
        """Number of the latest request: a mark for ``requests(since=...)`` and ``writes(since=...)``."""
        answer: int = self.control("GET", "requests", since=2**53)["last"]
        return answer

    def writes(self, since: int | None = None, provider: str | None = None) -> list[dict[str, Any]]:
        """The requests that change something: no GET, no HEAD, no call for a token, no search by POST."""
        return [
            item
            for item in self.requests(since, provider)
            if item["method"] not in ("GET", "HEAD") and item["kind"] not in ("read", "auth")
        ]

    def forget(self) -> None:
        """Empty the request log."""
        self.control("DELETE", "requests")

    def state(self, provider: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.control("GET", "state", provider=provider)
        return answer

    def reset(self, **options: Any) -> dict[str, Any]:
        """Back to the options of the start, changed by ``options``, with state, log, faults and clock anew."""
        answer: dict[str, Any] = self.control("POST", "reset", options)
        return answer

    def options(self, **options: Any) -> dict[str, Any]:
        """Change options and keep the state."""
        answer: dict[str, Any] = self.control("POST", "options", options)
        return answer

    def faults(self, faults: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Arm faults besides those that are armed; returns all with their counters."""
        answer: list[dict[str, Any]] = self.control("POST", "faults", faults)["faults"]
        return answer

    def clear_faults(self) -> None:
        self.control("DELETE", "faults")

    def clock(self, advance: float) -> float:
        """Move the simulated clock forward; returns its time."""
        answer: float = self.control("POST", "clock", {"advance": advance})["now"]
        return answer

    def put(self, kind: str, items: list[dict[str, Any]], provider: str = "onelogin") -> list[Any]:
        """Put ``users``, ``roles`` or another kind of state of a provider directly; returns what is there now."""
        answer: list[Any] = self.control("POST", kind, {"provider": provider, kind: items})[kind]
        return answer

    def put_users(self, users: list[dict[str, Any]], provider: str = "onelogin") -> list[dict[str, Any]]:
        return self.put("users", users, provider)

    def operations(self) -> list[dict[str, Any]]:
        answer: list[dict[str, Any]] = self.control("GET", "operations")["operations"]
        return answer
