"""Make a finished mail of what was composed: headers that cannot be injected, the same words in two forms."""

import quopri
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.policy import Compat32, Policy, compat32
from email.utils import format_datetime, parseaddr
from functools import lru_cache

import regex
from flask import current_app

from petition import addresses, clock
from petition.outbox.composing import Message
from petition.outbox.models import Mail
from petition.settings import Settings

_UNFIT = regex.compile(r"[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]")
"""What would begin another line, or is no character. French subjects hold hard spaces: these are fine."""
_WHOLE = "List-Unsubscribe"
"""The standard library would break this long address off its name, or make it an encoded word that nobody reads."""
_LONGEST_LINE = 78
"""RFC 5322, section 2.1.1."""
_SAME_FOR_MANY = {"Subject", "From"}
_CRLF = "\r\n"
_BOUNDARY = "=_the-same-words"
"""No quoted-printable text holds its first two characters (RFC 2045, section 6.7), so it may be the same for all."""


class _AsciiPolicy(Compat32):
    """The fast policy. Breaking and encoding headers takes most of the time that a mail takes, and few need it."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name == _WHOLE or _is_plain_line(name, value):
            return f"{name}: {value}{_CRLF}".encode()
        if name in _SAME_FOR_MANY:
            return _folded(name, value)
        return super().fold_binary(name, value)


def _is_plain_line(name: str, value: str) -> bool:
    return value.isascii() and value.isprintable() and len(name) + len(": ") + len(value) <= _LONGEST_LINE


@lru_cache(maxsize=256)
def _folded(name: str, value: str) -> bytes:
    return compat32.clone(linesep=_CRLF).fold_binary(name, value)


class _OneLine(UnstructuredHeader, BaseHeader):
    """The same for the other policy."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type(_WHOLE, _OneLine)
_ASCII = _AsciiPolicy(linesep=_CRLF)
_BEYOND_ASCII = policy.SMTPUTF8.clone(header_factory=_HEADERS)
"""Only this slower policy knows addresses outside ASCII (RFC 6532)."""


class HeaderRefused(ValueError):
    """A header's value holds what would begin another header."""


@dataclass(frozen=True)
class Envelope:
    """What a mail server is handed: ``content`` is the whole mail, its lines ended by CRLF."""

    name: str
    """Its own among all mails."""
    sender: str
    to: str
    content: bytes

    @property
    def in_a_file(self) -> bytes:
        """As programs on this machine read it."""
        return self.content.replace(_CRLF.encode(), b"\n")


@dataclass(frozen=True)
class Letter:
    """A claimed mail, finished, ready to be handed over."""

    mail_id: int
    attempts: int
    claimed_until: datetime
    envelope: Envelope


def write(mail: Mail, message: Message) -> Letter:
    """The letter of a claimed mail. Raises HeaderRefused."""
    assert mail.claimed_until is not None, "only who has claimed a mail writes it"
    return Letter(mail.id, mail.attempts, mail.claimed_until, finish(mail, message))


def finish(mail: Mail, message: Message) -> Envelope:
    """The mail as it leaves. Raises HeaderRefused."""
    settings: Settings = current_app.extensions["petition.settings"]
    to = addresses.deliverable(message.to)
    headers = (
        ("From", settings.sender),
        ("To", to),
        ("Subject", message.subject),
        ("Date", format_datetime(clock.now())),
        # The same over every attempt, so that a mail server that took it twice can tell.
        ("Message-ID", f"<{mail.public_id}@{settings.base_host}>"),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", mail.language),
        *_ways_out(message),
        ("MIME-Version", "1.0"),
    )
    for name, value in headers:
        if _UNFIT.search(value):
            raise HeaderRefused(f"{name} holds a character that no header may hold")
    fold = (_ASCII if to.isascii() else _BEYOND_ASCII).fold_binary
    heads = b"".join(fold(name, value) for name, value in headers)
    return Envelope(mail.public_id, _bare(settings.sender), to, heads + _two_forms(message))


def _two_forms(message: Message) -> bytes:
    """The words in plain text and in HTML (RFC 2046, section 5.1.4)."""
    return (
        (
            f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"\n\n'
            f"--{_BOUNDARY}\n{_form('plain', message.text)}"
            f"--{_BOUNDARY}\n{_form('html', message.html)}"
            f"--{_BOUNDARY}--\n"
        )
        .replace("\n", _CRLF)
        .encode()
    )


def _form(kind: str, words: str) -> str:
    """One form. Base64 would be taken for spam by some, and can be read by nobody in a mail file."""
    quoted = quopri.encodestring(words.encode()).decode()
    return f'Content-Type: text/{kind}; charset="utf-8"\nContent-Transfer-Encoding: quoted-printable\n\n{quoted}\n'


@lru_cache(maxsize=16)
def _bare(sender: str) -> str:
    """The sender's address without a name."""
    return parseaddr(sender)[1]


def _ways_out(message: Message) -> tuple[tuple[str, str], ...]:
    """What lets a mail program end it with one click (RFC 8058, section 3.1)."""
    if message.unsubscribe is None:
        return ()
    return (_WHOLE, f"<{message.unsubscribe}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
