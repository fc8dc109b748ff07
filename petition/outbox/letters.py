"""Make a finished mail of what was composed: headers that cannot be injected, the same words in two forms."""

from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.charset import QP, Charset
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime

from flask import current_app

from petition import addresses, clock
from petition.outbox.composing import Message
from petition.outbox.models import Mail
from petition.settings import Settings

_UTF8 = Charset("utf-8")
# Base64 would be taken for spam by some, and can be read by nobody who looks at a mail file.
_UTF8.body_encoding = QP


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
    # Only the slower policy knows addresses outside ASCII (RFC 6532).
    written = MIMEMultipart("alternative", policy=policy.compat32 if to.local.isascii() else policy.SMTP)
    for name, value in (
        ("From", settings.sender),
        ("To", f"{to.local}@{to.domain}"),
        ("Subject", message.subject),
        ("Date", format_datetime(clock.now())),
        # The same over every attempt, so that a mail server that took it twice can tell.
        ("Message-ID", f"<{mail.public_id}@{settings.base_host}>"),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", mail.language),
    ):
        if not value.isprintable():
            raise HeaderRefused(f"{name} holds a character that no header may hold")
        written[name] = value
    written.attach(MIMEText(message.text, "plain", _UTF8))  # type: ignore[arg-type]
    written.attach(MIMEText(message.html, "html", _UTF8))  # type: ignore[arg-type]
    return Letter(mail.id, mail.attempts, mail.claimed_until, written)
