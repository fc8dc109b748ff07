"""Make a finished mail of what was composed: headers that cannot be injected, the same words in two forms."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.charset import QP, Charset
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import Compat32, Policy
from email.utils import format_datetime

from flask import current_app

from petition import addresses, clock
from petition.outbox.composing import Message
from petition.outbox.models import Mail
from petition.settings import Settings

_UTF8 = Charset("utf-8")
# Base64 would be taken for spam by some, and can be read by nobody who looks at a mail file.
_UTF8.body_encoding = QP


_UNFIT = {"Cc", "Cs", "Zl", "Zp"}
"""Categories of what would begin another line, or is no character. French subjects hold hard spaces: these are fine."""
_WHOLE = "List-Unsubscribe"
"""The standard library would break this long address off its name, or make it an encoded word that nobody reads."""


class _AsciiPolicy(Compat32):
    """The fast policy."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name == _WHOLE:
            return f"{name}: {value}{self.linesep}".encode()
        return super().fold_binary(name, value)


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
        if any(unicodedata.category(char) in _UNFIT for char in value):
            raise HeaderRefused(f"{name} holds a character that no header may hold")
        written[name] = value
    written.attach(MIMEText(message.text, "plain", _UTF8))  # type: ignore[arg-type]
    written.attach(MIMEText(message.html, "html", _UTF8))  # type: ignore[arg-type]
    return Letter(mail.id, mail.attempts, mail.claimed_until, written)


def _ways_out(message: Message) -> tuple[tuple[str, str], ...]:
    """What lets a mail program end it with one click (RFC 8058, section 3.1)."""
    if message.unsubscribe is None:
        return ()
    return (_WHOLE, f"<{message.unsubscribe}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
