# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server with as much of the API of AWX as the modules of awx.awx need to load the kit: collections of objects,
looked up by fields."""

from __future__ import annotations

import http.server
import json
import threading
from typing import Any
from urllib.parse import parse_qsl, urlsplit

UNIFIED = ("job_templates", "workflow_job_templates", "projects", "inventory_sources")


class AWX:
    """The objects by kind, and the writes in their order."""

    def __init__(self) -> None:
        self.objects: dict[str, list[dict[str, Any]]] = {}
        self.links: dict[tuple[str, int, str], list[int]] = {}
        self.surveys: dict[int, Any] = {}
        self.writes: list[str] = []
        self.count = 0
        for kind, name in (
            ("organizations", "Default"),
            ("credentials", "onelogin"),
            ("notification_templates", "on-call"),
        ):
            self.add(kind, {"name": name})

    def add(self, kind: str, values: dict[str, Any]) -> dict[str, Any]:
        """Make an object."""
        self.count += 1
        url = f"/api/v2/{kind}/{self.count}/"
        more = {"status": "successful", "scm_revision": "1"} if kind == "projects" else {}
        related = {"survey_spec": f"{url}survey_spec/"}
        made = {
            **values,
            **more,
            "id": self.count,
            "url": url,
            "type": kind.rstrip("s"),
            "related": related,
            "summary_fields": {},
        }
        self.objects.setdefault(kind, []).append(made)
        return made

    def every(self, kind: str) -> list[dict[str, Any]]:
        """Return the objects of a kind; templates, projects and sources are unified job templates as well."""
        return [
            one
            for name in (UNIFIED if kind == "unified_job_templates" else (kind,))
            for one in self.objects.get(name, ())
        ]

    def answer(self, method: str, parts: list[str], query: dict[str, str], data: Any) -> tuple[int, Any]:
        """Return the status and the body of an answer."""
        if method != "GET":
            self.writes.append(f"{method} {'/'.join(parts)}")
        kind = parts[0]
        if len(parts) == 1 and method == "GET":
            found = [
                one
                for one in self.every(kind)
                if all(str(one.get(name)) == value for name, value in query.items() if name != "page_size")
            ]
            return 200, {"count": len(found), "results": found, "next": None}
        if len(parts) == 1:
            return 201, self.add(kind, data)
        number = int(parts[1])
        subject = next(one for one in self.every(kind) if one["id"] == number)
        if len(parts) == 2:
            subject.update(data or {})
            return 200, subject
        if parts[2] == "survey_spec":
            if method == "POST":
                self.surveys[number] = data
            return 200, self.surveys.get(number, {})
        if parts[2] == "create_approval_template":
            made = self.add("workflow_approval_templates", data)
            subject["related"]["unified_job_template"] = made["url"]
            return 201, made
        linked = self.links.setdefault((kind, number, parts[2]), [])
        if method == "POST":
            linked.append(data["id"])
            return 204, None
        return 200, {"count": len(linked), "results": [{"id": one} for one in linked], "next": None}

    def serve(self) -> http.server.ThreadingHTTPServer:
        """Serve on a free port, in a thread of its own."""
        awx = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments: Any) -> None:
                """Say nothing."""

            def reply(self) -> None:
                """Answer any method."""
                url = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                data = json.loads(body) if body else None
                parts = url.path.removeprefix("/api/v2/").strip("/").split("/")
                status, answer = awx.answer(self.command, parts, dict(parse_qsl(url.query)), data)
                text = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = reply

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server
