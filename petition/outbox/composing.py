"""Who writes which mail: higher rooms register a composer for each kind."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app

from petition.outbox.models import Mail


@dataclass(frozen=True)
class Message:
    """A mail ready to leave, in two forms of the same words."""

    to: str
    subject: str
    text: str
    html: str
    unsubscribe: str | None = None
    """Where a post with one click ends what this mail belongs to (RFC 8058); never on a mail that was asked for."""


@dataclass(frozen=True)
class NotDue:
    """Nothing is to be sent, now or later; the reason is kept and names no person."""

    reason: str


@dataclass(frozen=True)
class Later:
    """Not now; ask again at this time."""

    until: datetime


Composed = Message | NotDue | Later
Composer = Callable[[Sequence[Mail]], Sequence[Composed]]
"""Writes mails of one kind, each to another mailbox: a batch at once, so that it asks the database little."""


def register(app: Flask, kind: str, composer: Composer) -> None:
    _composers(app)[kind] = composer


def compose(mails: Sequence[Mail]) -> list[tuple[Mail, Composed]]:
    """Write the mails for the state found now. Whatever tokens they carry are minted in this transaction."""
    kinds: dict[str, list[Mail]] = defaultdict(list)
    for mail in mails:
        kinds[mail.kind].append(mail)
    composers = _composers(current_app)
    return [pair for kind, batch in kinds.items() for pair in zip(batch, composers[kind](batch), strict=True)]


def _composers(app: Flask) -> dict[str, Composer]:
    composers: dict[str, Composer] = app.extensions.setdefault("petition.composers", {})
    return composers
