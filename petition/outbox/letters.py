"""Make a finished mail of what was composed: headers that cannot be injected, the same words in two forms."""

import quopri
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import Compat32, Policy, compat32
from email.utils import format_datetime
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


class _AsciiPolicy(Compat32):
    """The fast policy. Breaking and encoding headers takes most of the time that a mail takes, and few need it."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name == _WHOLE or _is_plain_line(name, value):
            return f"{name}: {value}{self.linesep}".encode()
        if name in _SAME_FOR_MANY:
            return _folded(name, value, self.linesep)
        return super().fold_binary(name, value)


def _is_plain_line(name: str, value: str) -> bool:
    return value.isascii() and value.isprintable() and len(name) + len(": ") + len(value) <= _LONGEST_LINE


@lru_cache(maxsize=256)
def _folded(name: str, value: str, linesep: str) -> bytes:
    return compat32.clone(linesep=linesep).fold_binary(name, value)


class _OneLine(UnstructuredHeader, BaseHeader):
    """The same for the other policy."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type(_WHOLE, _OneLine)
_ASCII = _AsciiPolicy()
_BEYOND_ASCII = policy.SMTP.clone(header_factory=_HEADERS)
"""Only this slower policy knows addresses outside ASCII (RFC 6532)."""


class HeaderRefused(ValueError):
    """A header's value holds what would begin another header."""


@dataclass(frozen=True)
class Letter:
    """A claimed mail with its finished message, ready to be handed over."""

    mail_id: int
    attempts: int
    claimed_until: datetime
    message: MIMEMultipart


def write(mail: Mail, message: Message) -> Letter:
    """The letter of a claimed mail. Raises HeaderRefused."""
    assert mail.claimed_until is not None, "only who has claimed a mail writes it"
    settings: Settings = current_app.extensions["petition.settings"]
    # Many mail servers know domains in IDNA only.
    to = addresses.parse(message.to)
    written = MIMEMultipart("alternative", policy=_ASCII if to.local.isascii() else _BEYOND_ASCII)
    headers = (
        ("From", settings.sender),
        ("To", f"{to.local}@{to.domain}"),
        ("Subject", message.subject),
        ("Date", format_datetime(clock.now())),
        # The same over every attempt, so that a mail server that took it twice can tell.
        ("Message-ID", f"<{mail.public_id}@{settings.base_host}>"),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", mail.language),
        *_ways_out(message),
    )
    for name, value in headers:
        if _UNFIT.search(value):
            raise HeaderRefused(f"{name} holds a character that no header may hold")
        written[name] = value
    written.attach(_part("plain", message.text))
    written.attach(_part("html", message.html))
    return Letter(mail.id, mail.attempts, mail.claimed_until, written)


def _part(kind: str, words: str) -> MIMENonMultipart:
    """One form of the words. Base64 would be taken for spam by some, and can be read by nobody in a mail file."""
    part = MIMENonMultipart("text", kind, charset="utf-8")
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(quopri.encodestring(words.encode()).decode())
    return part


def _ways_out(message: Message) -> tuple[tuple[str, str], ...]:
    """What lets a mail program end it with one click (RFC 8058, section 3.1)."""
    if message.unsubscribe is None:
        return ()
    return (_WHOLE, f"<{message.unsubscribe}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
