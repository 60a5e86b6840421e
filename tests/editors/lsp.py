# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of ansible-language-server: it speaks the Language Server Protocol over the server's standard input
and output."""

from __future__ import annotations

import json
import pathlib
import subprocess
import types
from typing import Any

SETTINGS = {
    "ansible": {"path": "ansible", "useFullyQualifiedCollectionNames": True},
    "python": {"interpreterPath": "", "activationScript": ""},
    "executionEnvironment": {"enabled": False},
    "validation": {"enabled": False, "lint": {"enabled": False}},
    "completion": {"provideRedirectModules": False, "provideModuleOptionAliases": True},
}


class LanguageServer:
    """One server for one folder. Use it as a context manager; ``command`` starts it."""

    def __init__(self, command: list[str], folder: pathlib.Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._number = 0
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
            cwd=folder,
        )

    def __enter__(self) -> LanguageServer:
        root = self._folder.as_uri()
        capabilities = {
            "workspace": {"configuration": True, "workspaceFolders": True},
            "textDocument": {
                "completion": {"completionItem": {"snippetSupport": False}},
                "hover": {"contentFormat": ["markdown"]},
            },
        }
        self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": root,
                "capabilities": capabilities,
                "workspaceFolders": [{"uri": root, "name": "playbooks"}],
            },
        )
        self.notify("initialized", {})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def notify(self, method: str, params: Any) -> None:
        """Send a message that has no answer."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, params: Any) -> Any:
        """Return the result of a request.

        Requests of the server are answered meanwhile. Raises RuntimeError for an error.
        """
        self._number += 1
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        while True:
            message = self._receive()
            if "method" in message and "id" in message:
                self._send({"jsonrpc": "2.0", "id": message["id"], "result": self._answer(message)})
            elif message.get("id") == self._number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message.get("result")

    def open(self, name: str, text: str) -> str:
        """Open a playbook and return its address."""
        path = self._folder / name
        path.write_text(text, encoding="utf-8")
        uri = path.as_uri()
        self.notify(
            "textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "ansible", "version": 1, "text": text}}
        )
        return uri

    def completion(self, uri: str, line: int, character: int) -> list[dict[str, Any]]:
        """Return what the editor offers at a place."""
        result = self.request(
            "textDocument/completion",
            {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}},
        )
        items = result["items"] if isinstance(result, dict) else result
        return list(items or ())

    def hover(self, uri: str, line: int, character: int) -> str:
        """Return what the editor shows for the word at a place, empty where it shows nothing."""
        result = self.request(
            "textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        )
        contents = (result or {}).get("contents", "")
        return str(contents.get("value", "") if isinstance(contents, dict) else contents)

    @staticmethod
    def _answer(message: dict[str, Any]) -> Any:
        if message["method"] == "workspace/configuration":
            return [SETTINGS for _item in message["params"]["items"]]
        return None

    def _send(self, message: dict[str, Any]) -> None:
        data = json.dumps(message).encode()
        if self._process.stdin is None:
            raise RuntimeError("the server has no standard input")
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        stream = self._process.stdout
        if stream is None:
            raise RuntimeError("the server has no standard output")
        length = 0
        while (line := stream.readline().strip()):
            name, _colon, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise RuntimeError("the language server has ended")
        message: dict[str, Any] = json.loads(stream.read(length))
        return message
