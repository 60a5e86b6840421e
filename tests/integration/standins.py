# Copyright (c) 2026, The rollcall.identity authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where results are delivered to, on this machine: a web server, and a mail server that talks TLS."""

from __future__ import annotations

import contextlib
import datetime
import email
import email.message
import email.policy
import http.server
import ipaddress
import json
import pathlib
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Answer = Callable[["Sent"], tuple[int, Any]]


@dataclass
class Sent:
    """A request that arrived: ``path`` with the query, ``headers`` by lower-case name."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


@dataclass
class Web:
    """A web server: ``answer`` returns status and JSON body for a request."""

    url: str
    answer: Answer
    sent: list[Sent] = field(default_factory=list)


@contextlib.contextmanager
def web() -> Iterator[Web]:
    """Yield a web server that keeps what it gets, and answers 200 until ``answer`` is set."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Sent(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            owner.sent.append(request)
            status, document = owner.answer(request)
            text = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_PATCH = handle_any

        def log_message(self, format: str, *args: Any) -> None:
            """Print nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        owner = Web(f"http://127.0.0.1:{server.server_address[1]}", lambda _request: (200, {}))
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield owner
        server.shutdown()


@dataclass
class Mail:
    """A mail server: the messages that it took, and the logins (as they travel) that it saw."""

    port: int
    certificate: str
    messages: list[email.message.EmailMessage] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    accepts: bool = True


def certificate_for(path: pathlib.Path) -> str:
    """Write a certificate for 127.0.0.1, with its key; return the path."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
        .add_extension(address, False).add_extension(x509.BasicConstraints(True, None), True).sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return str(path)


@contextlib.contextmanager
def mail(folder: pathlib.Path) -> Iterator[Mail]:
    """Yield a mail server that offers STARTTLS and a login."""
    certificate = certificate_for(folder / "mail.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                self.talk()

        def talk(self) -> None:
            stream = self.request.makefile("rb")
            self.request.sendall(b"220 here\r\n")
            while line := stream.readline().decode().strip():
                word = line.split()[0].upper()
                if word == "EHLO":
                    self.request.sendall(b"250-here\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n")
                elif word == "STARTTLS":
                    self.request.sendall(b"220 go\r\n")
                    self.request = context.wrap_socket(self.request, server_side=True)
                    stream = self.request.makefile("rb")
                elif word == "AUTH":
                    owner.logins.append(line)
                    self.request.sendall(b"235 in\r\n" if owner.accepts else b"535 no\r\n")
                elif word == "DATA":
                    self.request.sendall(b"354 go\r\n")
                    lines = iter(stream.readline, b".\r\n")
                    raw = b"".join(line.removeprefix(b".") for line in lines)
                    owner.messages.append(email.message_from_bytes(raw, policy=email.policy.default))  # type: ignore[arg-type]
                    self.request.sendall(b"250 taken\r\n")
                elif word == "QUIT":
                    self.request.sendall(b"221 bye\r\n")
                    return
                else:
                    self.request.sendall(b"250 well\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        owner = Mail(server.server_address[1], certificate)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield owner
        server.shutdown()
