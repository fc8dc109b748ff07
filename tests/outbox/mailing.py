"""What the outbox's tests share: a kind of mail of their own, and rounds that send it."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from flask import Flask
from sqlalchemy import select

from petition import clock
from petition.extensions import db
from petition.outbox import composing, posting, sending
from petition.outbox.composing import Composed, Message
from petition.outbox.handing_over import PostOffice
from petition.outbox.models import Mail
from tests.services import MailServer
from tests.standing import settings_of


def to_its_reference(mail: Mail) -> Composed:
    """A composer: the mail goes to the address that its reference begins."""
    return Message(to=f"{mail.reference}@example.org", subject="Hello", text="Hello.\n", html="<p>Hello.</p>")


def register(app: Flask, composer: Callable[[Mail], Composed] = to_its_reference, kind: str = "plain") -> None:
    """A composer that writes one mail at a time."""
    composing.register(app, kind, lambda mails: [composer(mail) for mail in mails])


def post(*references: str, kind: str = "plain") -> None:
    """Mails that wait, committed; each for a mailbox of its own. Needs the application's context."""
    for reference in references:
        mailbox = reference.encode().ljust(32, b"\0")[:32]
        posting.post(kind, reference, scope=1, mailbox=mailbox, language="en")
    db.session.commit()


def send(app: Flask) -> int:
    """One round, by a worker of its own."""
    office = PostOffice.from_settings(settings_of(app))
    try:
        return sending.send_due(office)
    finally:
        office.close()


def rows() -> dict[str, Mail]:
    """Every mail by its reference, as it is in the database now."""
    db.session.rollback()
    return {mail.reference: mail for mail in db.session.scalars(select(Mail))}


def row(reference: str) -> Mail:
    return rows()[reference]


def trusting(server: MailServer) -> str:
    """The server's URL for a client that verifies its certificate."""
    security = "tls=starttls&" if server.url.startswith("smtp:") else ""
    return f"{server.url}?{security}ca={quote(str(server.certificate))}"


@contextmanager
def a_server(folder: Path, **given: object) -> Iterator[MailServer]:
    with MailServer.start(folder, **given) as server:  # type: ignore[arg-type]
        yield server


@contextmanager
def a_talker(answer: Callable[[str], str]) -> Iterator[tuple[str, list[str]]]:
    """An SMTP server that says what the test wants, to GREETING too: its URL, and every line that it heard."""
    heard: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            said = self.say("GREETING")
            for line in self.rfile:
                heard.append(line.decode().strip())
                if not said.startswith("354") or heard[-1] == ".":
                    said = self.say(heard[-1])
                if not said:
                    return

        def say(self, line: str) -> str:
            """What the test wants; nothing, where it hangs up."""
            said = answer(line.partition(" ")[0].upper())
            if said:
                self.wfile.write(f"{said}\r\n".encode())
            return said

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"smtp://127.0.0.1:{server.server_address[1]}", heard
        finally:
            server.shutdown()
            thread.join()


def age_claims(by: timedelta) -> None:
    """As if every claim had been made that much earlier."""
    for mail in db.session.scalars(select(Mail).where(Mail.claimed_until.is_not(None))):
        assert mail.claimed_until is not None
        mail.claimed_until = clock.now() - by
    db.session.commit()
