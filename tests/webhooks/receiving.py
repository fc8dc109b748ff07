"""What the webhooks' tests share: real receivers on loopback that answer as the test wants, and endpoints for them."""

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext
from sqlalchemy import select

from petition.columns import new_public_id
from petition.extensions import db
from petition.webhooks import claiming, endpoints, events, sending, targets, telling
from petition.webhooks.calling import Caller
from petition.webhooks.events import Composer, Event
from petition.webhooks.models import Notice, WebhookEndpoint
from tests.services import make_certificate

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
OWNER = "test:ada"
SCOPE = 7
EVENT = "thing.happened"


@dataclass(frozen=True)
class Received:
    path: str
    headers: Mapping[str, str]
    body: bytes


Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Takes a post, remembers it, and answers as the receiver says."""

    receiver: "Receiver"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        receiver = self.receiver
        with receiver.arrival:
            receiver.received.append(Received(self.path, dict(self.headers), body))
            receiver.arrival.notify_all()
        # Who called may be gone by now, and is meant to be.
        with suppress(OSError):
            receiver.answer(self)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@dataclass
class Receiver:
    url: str
    answer: Answer
    received: list[Received] = field(default_factory=list)
    arrival: threading.Condition = field(default_factory=threading.Condition)
    let_go: threading.Event = field(default_factory=threading.Event)
    """What keeps its answer back waits for this; it is set when the test ends."""

    @property
    def ids(self) -> list[str]:
        return [each.headers["webhook-id"] for each in self.received]

    def wait_for(self, number: int, *, seconds: float = 20) -> None:
        with self.arrival:
            assert self.arrival.wait_for(lambda: len(self.received) >= number, seconds), len(self.received)


def status(code: int, **headers: str) -> Answer:
    def answer(handler: Handler) -> None:
        handler.send_response(code)
        for name, value in {"Content-Length": "0", **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()

    return answer


def raw(content: bytes) -> Answer:
    """These bytes, and then the connection is closed."""
    return lambda handler: handler.wfile.write(content) and None


def never(handler: Handler) -> None:
    """Nothing at all, until the test ends."""
    handler.receiver.let_go.wait(60)


def trickle(handler: Handler) -> None:
    """A header without an end, a byte at a time."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not handler.receiver.let_go.wait(0.01):
        handler.wfile.write(b"x")
        handler.wfile.flush()


def endless(handler: Handler) -> None:
    """A body that goes on for as long as anybody reads."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while not handler.receiver.let_go.is_set():
        handler.wfile.write(b"x" * 65_536)


@contextmanager
def a_receiver(answer: Answer | int = 204, *, certificate: Path | None = None) -> Iterator[Receiver]:
    """A server on loopback; with a ``certificate`` to be written, it speaks TLS."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {}))
    scheme = "http"
    if certificate:
        make_certificate(certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    given = status(answer) if isinstance(answer, int) else answer
    receiver = Receiver(f"{scheme}://127.0.0.1:{server.server_address[1]}/hooks", given)
    server.RequestHandlerClass.receiver = receiver  # type: ignore[attr-defined]
    # A handshake that fails is the caller's to tell.
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()


def caller(*, certificate: Path | None = None, within: timedelta = timedelta(seconds=15)) -> Caller:
    """One that may call this machine, and trusts this certificate besides those everybody trusts."""
    return Caller(LOOPBACK, ssl.create_default_context(cafile=certificate), within)


def register(app: Flask, compose: Composer | None = None) -> None:
    """An event of the tests' own; what is told is its reference, unless the test composes it."""
    told: Composer = compose or (lambda notices: [{"thing": notice.reference} for notice in notices])
    events.register(app, Event(EVENT, lazy_gettext("A thing happened"), told))


def endpoint(
    url: str, *, hears: tuple[str, ...] = (EVENT,), scope: int | None = SCOPE, owner: str = OWNER
) -> tuple[WebhookEndpoint, str]:
    """One that hears of the tests' event, committed, with its secret."""
    added = endpoints.add(targets.parse(url), owner=owner, scope=scope, hears=hears)
    db.session.commit()
    return added


def tell(*references: str) -> None:
    """Notices that wait, committed."""
    for reference in references or (new_public_id(),):
        telling.tell(EVENT, reference, scope=SCOPE, owners=(OWNER,))
    db.session.commit()


def send(using: Caller) -> int:
    """What a worker does, one endpoint after the other, until nothing is left to do now."""
    taken = 0
    while due := claiming.endpoints_due():
        db.session.rollback()
        taken += sum(sending.send(using, endpoint_id) for endpoint_id, _failing in due)
    db.session.rollback()
    return taken


def rows() -> dict[str, Notice]:
    """Every notice by its reference, as it is in the database now."""
    db.session.rollback()
    return {notice.reference: notice for notice in db.session.scalars(select(Notice))}


def row(reference: str) -> Notice:
    return rows()[reference]
