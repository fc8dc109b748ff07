"""Other sites than ours: partners' pages on origins of their own, and our server beside them, all behind TLS."""

import base64
import hashlib
import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.services import LOOPBACK, make_certificate

OURS = "sign.example.net"
PARTNER = "www.example.org"
STRANGER = "stranger.example.com"
HOSTS = (OURS, PARTNER, STRANGER)
"""Three sites, whichever way a browser tells sites apart: no two share a registrable domain."""
NOT_PASSED_ON = {"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date"}
COOKIES = "/cookies"
"""There every host sets a cookie, and says which it was sent: what browsers do with those of third parties."""


@dataclass
class Elsewhere:
    """One server for all hosts: the pages by host and path, and the rest from ours."""

    port: int
    certificate: Path
    ours: int = 0
    """The port behind it at which our server listens."""
    pages: dict[tuple[str, str], str] = field(default_factory=dict)

    def url(self, host: str, path: str = "") -> str:
        return f"https://{host}:{self.port}{path}"

    def put(self, path: str, body: str, *, host: str = PARTNER, head: str = "") -> str:
        """Publish a page; returns its address."""
        self.pages[host, path] = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page of {host}</title>{head}</head>'
            f"<body><h1>A page of {host}</h1>{body}</body></html>"
        )
        return self.url(host, path)

    @property
    def fingerprint(self) -> str:
        """Of the certificate's key, by which Chromium is told to trust it and no other."""
        certificate = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        key = certificate.public_key().public_bytes(serialization.Encoding.DER, form)
        return base64.b64encode(hashlib.sha256(key).digest()).decode()


@contextmanager
def serving(folder: Path) -> Iterator[Elsewhere]:
    certificate = folder / "elsewhere.pem"
    make_certificate(certificate, *HOSTS)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = _Server((LOOPBACK, 0), _Handler)
    # Shaking hands is the handlers' work, each in its own thread.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.elsewhere = Elsewhere(server.server_address[1], certificate)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.elsewhere
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    elsewhere: Elsewhere
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Browsers hang up whenever they like."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 20

    def do_GET(self) -> None:
        host = self.headers.get("Host", "").partition(":")[0]
        path = self.path.partition("?")[0]
        if host == OURS:
            self._pass_on()
        elif path == COOKIES:
            self._answer(self.headers.get("Cookie", "none"), ("Set-Cookie", "seen=1; SameSite=None; Secure; Path=/"))
        else:
            page = self.server.elsewhere.pages.get((host, path))
            self._answer(page or "no such page", status=200 if page else 404)

    do_POST = do_GET  # noqa: N815 - the name that http.server looks for

    def _answer(self, body: str, *headers: tuple[str, str], status: int = 200) -> None:
        data = body.encode()
        self.send_response(status)
        for name, value in (("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(data))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _pass_on(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        connection = http.client.HTTPConnection(LOOPBACK, self.server.elsewhere.ours, timeout=20)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("connection",)}
        try:
            connection.request(self.command, self.path, self.rfile.read(length) or None, headers)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in NOT_PASSED_ON:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""
