# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Three SCIM servers that others wrote: scim2-server, canaille, scimmy-routers. Each starts on a free port."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import queue
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

ROOT = pathlib.Path(__file__).resolve().parents[2]
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
TOKEN = "canary-scim-token"
Ready = TypeVar("Ready")
PATIENCE = 120.0
"""Seconds after which a server is not going to start any more, however slow the machine."""


@dataclasses.dataclass
class Server:
    """A server that runs. ``base`` is the path of its SCIM service, ``token`` what it accepts as a bearer."""

    name: str
    port: int
    base: str
    token: str = TOKEN

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Return the answer of the server itself, past any proxy. Raises AssertionError for a status from 400 on."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json"}
        try:
            connection.request(method, self.base + path, data, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            raise AssertionError(f"{self.name}: {method} {path} was answered by {answer.status}: {text[:500]!r}")
        return json.loads(text) if text else None

    def rows(self, kind: str) -> list[dict[str, Any]]:
        """Return all ``Users`` or ``Groups``, in the order of the list."""
        rows: list[dict[str, Any]] = []
        while True:
            page = self.call("GET", f"/{kind}?startIndex={len(rows) + 1}{self.page}")
            rows += page.get("Resources") or []
            if len(rows) >= page["totalResults"]:
                return rows

    page = "&count=100"

    def add(self, kind: str, documents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Create resources and return them as they are then."""
        return [self.call("POST", f"/{kind}", self.fit(document)) for document in documents]

    def fit(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return a document with what this server requires, and without what it refuses."""
        return document

    def clean(self) -> None:
        """Remove everything."""
        raise NotImplementedError

    def variables(self, proxy: str) -> dict[str, str]:
        """Return the environment with which modules log in, through a proxy at an address."""
        return {"SCIM_API_URL": f"{proxy}/scim/v2", "SCIM_API_TOKEN": self.token}


class Scim2(Server):
    """scim2-server makes a tenant on its first request: a new one is an empty server."""

    tenants = 0

    def clean(self) -> None:
        """Go on with a tenant that nobody used."""
        self.tenants += 1
        self.base = f"/t{self.tenants}/v2"

    def add(self, kind: str, documents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Create resources, many with one request."""
        if len(documents) < 5:
            return super().add(kind, documents)
        for start in range(0, len(documents), 500):
            operations = [
                {"method": "POST", "path": f"/{kind}", "bulkId": f"b{number}", "data": document}
                for number, document in enumerate(documents[start : start + 500])
            ]
            schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]
            answer = self.call("POST", "/Bulk", {"schemas": schemas, "Operations": operations})
            assert all(str(item["status"]) == "201" for item in answer["Operations"]), answer["Operations"][:3]
        return []


class Canaille(Server):
    """Canaille keeps its users in SQLite. It fails on ``count``, and answers with everything at once."""

    page = ""
    database = ""
    secret = "canary-canaille-secret"

    def clean(self) -> None:
        """Empty the tables of users and groups, which is quicker than calls."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=PATIENCE)) as connection, connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                if table in ("user", "group") or "membership" in table:
                    connection.execute(f'DELETE FROM "{table}"')

    def fit(self, document: dict[str, Any]) -> dict[str, Any]:
        """It requires a name, ``active`` and members, and knows of an e-mail only the address."""
        if "displayName" in document and "userName" not in document:
            prefix = f"http://127.0.0.1:{self.port}{self.base}/Users/"
            return {
                **document,
                "members": [{**member, "$ref": prefix + member["value"]} for member in document.get("members", [])],
            }
        kept = {
            key: value
            for key, value in document.items()
            if key not in ("externalId", "nickName", "userType", "locale", "timezone")
        }
        name = {"formatted": document["userName"], "familyName": document["userName"], **document.get("name", {})}
        kept.update(active=document.get("active", True), name=name)
        for key in ("emails", "phoneNumbers"):
            if key in document:
                kept[key] = [{"value": item["value"]} for item in document[key]]
        if ENTERPRISE in document:
            kept[ENTERPRISE] = {
                key: value
                for key, value in document[ENTERPRISE].items()
                if key in ("employeeNumber", "organization", "department")
            }
        return kept

    def variables(self, proxy: str) -> dict[str, str]:
        """It hands out tokens by OAuth2."""
        return {
            "SCIM_API_URL": f"{proxy}/scim/v2", "SCIM_TOKEN_URL": f"{proxy}/oauth/token",
            "SCIM_CLIENT_ID": "rollcall", "SCIM_CLIENT_SECRET": self.secret,
        }  # fmt: skip


class Scimmy(Server):
    """scimmy-routers over a store of ours."""

    def clean(self) -> None:
        """Empty the store."""
        base, self.base = self.base, ""
        try:
            self.call("POST", "/reset")
        finally:
            self.base = base


def skip(reason: str) -> None:
    """Skip the test that needs a server. The demo, which starts one as well, has no pytest."""
    import pytest

    pytest.skip(reason)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(
    command: Sequence[str], folder: pathlib.Path, env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run a program while the context lasts. It reads standard input until its end, if it reads it."""
    with open(folder / "server.log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # with the processes that it started itself
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def until_ready(process: subprocess.Popen[str], folder: pathlib.Path, ask: Callable[[], Ready]) -> Ready:
    """Return what ``ask`` returns as soon as the server answers it as it should.

    Raises RuntimeError with what the server printed if it ends, or is not ready in time.
    """
    limit = time.monotonic() + PATIENCE
    reason: Exception | None = None
    while time.monotonic() < limit and process.poll() is None:
        try:
            return ask()
        except (OSError, http.client.HTTPException, LookupError, ValueError) as error:
            reason = error  # it does not listen yet, or answers with an error while it starts
        time.sleep(0.02)
    log = (folder / "server.log").read_text(encoding="utf-8")
    raise RuntimeError(f"the server did not start ({reason!r}): {log[-3000:]}")


def open_port(port: int) -> None:
    """Connect to a server's port. Raises OSError where it does not listen."""
    socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()


@contextlib.contextmanager
def scim2(folder: pathlib.Path, *arguments: str) -> Iterator[Server]:
    """Start scim2-server: everything in memory, every feature unless ``arguments`` are of another opinion."""
    if sys.version_info < (3, 11):
        skip("scim2-server needs Python 3.11")
    port = free_port()
    command = [
        str(pathlib.Path(sys.executable).parent / "scim2-server"),
        "--port",
        str(port),
        "--bearer-token",
        TOKEN,
        "--dynamic-tenants",
        *arguments,
    ]
    with running(command, folder) as process:
        until_ready(process, folder, lambda: open_port(port))
        yield Scim2("scim2", port, "/t0/v2")


def canaille_environment() -> pathlib.Path:
    """Return the folder of the virtual environment that holds canaille, made on first use."""
    env = {name: value for name, value in os.environ.items() if name not in ("ROLLCALL_VENV", "VIRTUAL_ENV")}
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "tools" / "environment.py"), "canaille"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"canaille could not be installed:\n{done.stderr[-3000:]}")
    return pathlib.Path(done.stdout.strip())


def canaille_database(environment: pathlib.Path, env: dict[str, str]) -> pathlib.Path:
    """Return a database with a client of OAuth2, made once: each command of canaille takes seconds to start."""
    kept = environment / "rollcall.sqlite"
    if not kept.exists():
        fresh = environment / f"rollcall.{os.getpid()}.sqlite"
        mine = {**env, "CANAILLE_SQL__DATABASE_URI": f"sqlite:///{fresh}"}
        client = {
            "client-id": "rollcall",
            "client-secret": Canaille.secret,
            "client-name": "rollcall",
            "client-uri": "http://localhost",
            "redirect-uris": "http://localhost/",
            "grant-types": "client_credentials",
            "token-endpoint-auth-method": "client_secret_basic",
            "scope": "openid",
        }
        options = [part for name, value in client.items() for part in (f"--{name}", value)]
        for arguments in (["install"], ["create", "client", *options]):
            done = subprocess.run(
                [str(environment / "bin" / "canaille"), *arguments],
                env=mine,
                cwd=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise RuntimeError(f"canaille {arguments[0]} failed:\n{(done.stdout + done.stderr)[-3000:]}")
        fresh.replace(kept)
    return kept


@contextlib.contextmanager
def canaille(folder: pathlib.Path, *_arguments: str) -> Iterator[Server]:
    """Start canaille with a database of its own."""
    environment = canaille_environment()
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CANAILLE"))}
    env.update(
        SECRET_KEY="canary-canaille-key",
        CANAILLE_SCIM__ENABLE_SERVER="true",
        CANAILLE_OIDC__REQUIRE_NONCE="false",
        PREFERRED_URL_SCHEME="http",
        CANAILLE_SQL__PASSWORD_HASH_PARAMS='{"pbkdf2_sha512__rounds": 1}',
    )
    database = folder / "canaille.sqlite"
    shutil.copy(canaille_database(environment, env), database)
    env["CANAILLE_SQL__DATABASE_URI"] = f"sqlite:///{database}"
    port = free_port()
    with running([str(environment / "bin" / "canaille"), "run", "--bind", f"127.0.0.1:{port}"], folder, env) as process:
        server = Canaille("canaille", port, "/scim/v2")
        server.database = str(database)
        # Its port is open before it can answer.
        server.token = until_ready(process, folder, lambda: client_token(port))
        yield server


def client_token(port: int) -> str:
    """Return a token of canaille for its client. Raises LookupError or ValueError for an answer without one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    basic = base64.b64encode(f"rollcall:{Canaille.secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request(
            "POST", "/oauth/token", urllib.parse.urlencode({"grant_type": "client_credentials"}), headers
        )
        answer = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return str(answer["access_token"])


def node_folder() -> pathlib.Path:
    """Return a folder with scimmy-routers and our server, filled on first use. Skips the test without node or npm."""
    if not (shutil.which("node") and shutil.which("npm")):
        skip("scimmy-routers needs node and npm, which are not on this machine")
    parent = os.environ.get("VIRTUAL_ENV")
    folder = (pathlib.Path(parent) if parent else pathlib.Path.home() / ".cache") / "rollcall-scimmy"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "node_modules" / "scimmy-routers").exists():
        install = [
            "npm",
            "install",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
            "--prefix",
            str(folder),
            *NODE_PACKAGES,
        ]
        done = subprocess.run(install, capture_output=True, encoding="utf-8", errors="replace", check=False)
        if done.returncode:
            skip(f"npm cannot install {' '.join(NODE_PACKAGES)}: {done.stderr.strip()[-300:]}")
    script = folder / "scimmy_server.mjs"
    fresh = script.with_suffix(f".{os.getpid()}")
    fresh.write_bytes((pathlib.Path(__file__).parent / "scimmy_server.mjs").read_bytes())
    fresh.replace(script)
    return folder


NODE_PACKAGES = ("scimmy@1.3.5", "scimmy-routers@1.3.2", "express@4")
"""With express 5, which scimmy-routers accepts, it overlooks ``startIndex`` and ``count``."""


@contextlib.contextmanager
def scimmy(folder: pathlib.Path, *_arguments: str) -> Iterator[Server]:
    """Start scimmy-routers on express."""
    node = node_folder()
    with running(["node", str(node / "scimmy_server.mjs"), TOKEN], folder) as process:
        lines: queue.Queue[str] = queue.Queue()
        stream = process.stdout
        assert stream is not None
        threading.Thread(target=lambda: lines.put(stream.readline()), daemon=True).start()
        line = lines.get(timeout=PATIENCE).strip()
        if not line.isdigit():
            raise RuntimeError(
                f"the server did not start: {(folder / 'server.log').read_text(encoding='utf-8')[-3000:]}"
            )
        yield Scimmy("scimmy", int(line), "/scim/v2")


START = {"scim2": scim2, "canaille": canaille, "scimmy": scimmy}
