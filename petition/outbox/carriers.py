"""Who takes a finished mail away: an SMTP server, or a folder of files in the embedded default."""

import os
import smtplib
import ssl
from email import policy
from email.message import Message
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from petition.settings import Settings

TIMEOUT_SECONDS = 10


class Refused(Exception):
    """The mail server said no for good; trying again would be rude."""


class Deferred(Exception):
    """The mail server said not now."""


class Unreachable(Exception):
    """No mail server answered; that says nothing about the mail."""


class Carrier(Protocol):
    """One way out. A carrier serves one thread at a time."""

    def carry(self, message: Message) -> None:
        """Hand the mail over. Raises Refused, Deferred or Unreachable."""

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

    def carry(self, message: Message) -> None:
        name = message["Message-ID"].strip("<>").partition("@")[0]
        draft = self.folder / f".{name}.draft"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(_as_bytes(message))
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self.folder / f"{name}.eml")
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
        self.server: smtplib.SMTP | None = None

    def carry(self, message: Message) -> None:
        try:
            self._hand_over(message)
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
        except (OSError, smtplib.SMTPException) as problem:
            self.hang_up()
            raise Unreachable(str(problem)) from problem

    def hang_up(self) -> None:
        if self.server:
            self.server.close()
        self.server = None

    def _hand_over(self, message: Message) -> None:
        kept = self.server
        try:
            self._connected().send_message(message)
        except smtplib.SMTPServerDisconnected:
            if kept is None:
                raise
            # The server hung up while the connection lay idle, which says nothing about this mail.
            self.hang_up()
            self._connected().send_message(message)

    def _connected(self) -> smtplib.SMTP:
        if self.server is None:
            self.server = self._connect()
        return self.server

    def _connect(self) -> smtplib.SMTP:
        server = self._greet()
        try:
            if self.starttls:
                server.starttls(context=self._tls())
            if self.user:
                server.login(self.user, self.password)
        except (OSError, ValueError, smtplib.SMTPException) as problem:
            server.close()
            # A refused login is the operator's trouble, not the mail's.
            raise Unreachable(str(problem)) from problem
        return server

    def _greet(self) -> smtplib.SMTP:
        try:
            if self.implicit_tls:
                return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=self._tls())
            return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
        except smtplib.SMTPException as problem:
            # So is a server that will not talk to us at all.
            raise Unreachable(str(problem)) from problem

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.authorities)


def _verdict(code: int, reply: bytes | str) -> Refused | Deferred:
    return (Refused if code >= 500 else Deferred)(f"{code} {_text(reply)}")


def _text(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply


def _as_bytes(message: Message) -> bytes:
    """The message as a file holds it; an address outside ASCII stands in it as it is (RFC 6532)."""
    if str(message["To"]).isascii():
        return message.as_bytes()
    return message.as_bytes(policy=policy.SMTPUTF8)
