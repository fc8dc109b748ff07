"""Who takes a finished mail away: an SMTP server, or a folder of files in the embedded default."""

import os
import re
import smtplib
import ssl
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from petition import clock
from petition.outbox.letters import Envelope
from petition.outbox.smtp import Connection, TlsConnection, Unanswered
from petition.settings import Settings

TIMEOUT_SECONDS = 10

_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")


class Refused(Exception):
    """The mail server said no for good; trying again would be rude."""


class Deferred(Exception):
    """The mail server said not now."""


class Unreachable(Exception):
    """No mail server answered; that says nothing about the mail."""


class Carrier(Protocol):
    """One way out. A carrier serves one thread at a time."""

    def carry(self, envelope: Envelope, *, until: datetime) -> None:
        """Hand the mail over, and begin nothing of it after ``until``. Raises Refused, Deferred or Unreachable."""

    def hang_up(self) -> None:
        """Let go of whatever is kept open between two mails."""


def make(settings: Settings) -> Carrier:
    if not settings.mail_url:
        return FolderCarrier(settings.instance_dir / "mail")
    return SmtpCarrier(urlsplit(settings.mail_url))


class FolderCarrier:
    """Writes each mail as ``*.eml``, whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def carry(self, envelope: Envelope, *, until: datetime) -> None:
        draft = self.folder / f".{envelope.name}.draft"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(envelope.in_a_file)
                file.flush()
                os.fsync(file.fileno())
            if clock.now() > until:
                raise Unreachable("the mail folder took too long")
            draft.rename(self.folder / f"{envelope.name}.eml")
        except OSError as problem:
            raise Unreachable(f"the mail folder cannot be written: {problem.strerror}") from problem

    def hang_up(self) -> None:
        """A folder keeps nothing open."""


class SmtpCarrier:
    """Speaks SMTP, with STARTTLS (``?tls=starttls``), TLS (``smtps:``) and authentication as the URL asks."""

    def __init__(self, url: SplitResult) -> None:
        self.host = url.hostname or "localhost"
        self.implicit_tls = url.scheme == "smtps"
        self.port = url.port or (465 if self.implicit_tls else 25)
        self.user = unquote(url.username or "")
        self.password = unquote(url.password or "")
        options = parse_qs(url.query)
        self.starttls = options.get("tls") == ["starttls"]
        self.authorities = options.get("ca", [None])[0]
        self.server: Connection | None = None

    def carry(self, envelope: Envelope, *, until: datetime) -> None:
        try:
            self._hand_over(envelope, until)
        except smtplib.SMTPRecipientsRefused as problem:
            raise _verdict(*next(iter(problem.recipients.values()))) from problem
        except smtplib.SMTPNotSupportedError as problem:
            raise Refused("the mail server takes no addresses outside ASCII") from problem
        except (smtplib.SMTPSenderRefused, smtplib.SMTPHeloError) as problem:
            # It refuses us, as a server does that wants a login first; that says nothing about the mail.
            self.hang_up()
            raise Unreachable(f"{problem.smtp_code} {_text(problem.smtp_error)}") from problem
        except smtplib.SMTPResponseException as problem:
            raise _verdict(problem.smtp_code, problem.smtp_error) from problem
        except Unanswered as problem:
            # A try like any other: whoever may have it already is not sent it without end.
            self.hang_up()
            raise Deferred(str(problem)) from problem
        except (OSError, smtplib.SMTPException) as problem:
            self.hang_up()
            raise Unreachable(_text(str(problem))) from problem

    def hang_up(self) -> None:
        if self.server:
            self.server.close()
        self.server = None

    def _hand_over(self, envelope: Envelope, until: datetime) -> None:
        kept = self.server
        try:
            self._connected(until).hand_over(envelope)
        except smtplib.SMTPServerDisconnected:
            if kept is None:
                raise
            # The server hung up while the connection lay idle, which says nothing about this mail.
            self.hang_up()
            self._connected(until).hand_over(envelope)

    def _connected(self, until: datetime) -> Connection:
        if self.server is None:
            self.server = self._connect(until)
        self.server.until = until
        return self.server

    def _connect(self, until: datetime) -> Connection:
        server = self._greet()
        server.until = until
        try:
            if self.starttls:
                server.starttls(context=self._tls())
            if self.user:
                server.login(self.user, self.password)
        except (OSError, ValueError, smtplib.SMTPException) as problem:
            server.close()
            # A refused login is the operator's trouble, not the mail's.
            raise Unreachable(_text(str(problem))) from problem
        return server

    def _greet(self) -> Connection:
        try:
            if self.implicit_tls:
                return TlsConnection(self.host, self.port, timeout=TIMEOUT_SECONDS, context=self._tls())
            return Connection(self.host, self.port, timeout=TIMEOUT_SECONDS)
        except smtplib.SMTPException as problem:
            # So is a server that will not talk to us at all.
            raise Unreachable(_text(str(problem))) from problem

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.authorities)


def _verdict(code: int, reply: bytes | str) -> Refused | Deferred:
    return (Refused if code >= 500 else Deferred)(f"{code} {_text(reply)}")


def _text(reply: bytes | str) -> str:
    """What a server said, without addresses: many quote the recipient, and reasons are kept."""
    return _ADDRESS.sub("…", reply.decode(errors="replace") if isinstance(reply, bytes) else reply)
