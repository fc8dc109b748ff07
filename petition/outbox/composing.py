"""Who writes which mail: higher rooms register a composer for each kind."""

from collections.abc import Callable
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


@dataclass(frozen=True)
class NotDue:
    """Nothing is to be sent, now or later; the reason is kept and names no person."""

    reason: str


@dataclass(frozen=True)
class Later:
    """Not now; ask again at this time."""

    until: datetime


Composed = Message | NotDue | Later
Composer = Callable[[Mail], Composed]


def register(app: Flask, kind: str, composer: Composer) -> None:
    _composers(app)[kind] = composer


def compose(mail: Mail) -> Composed:
    """Write the mail for the state found now. Whatever tokens it carries are minted in this transaction."""
    return _composers(current_app)[mail.kind](mail)


def _composers(app: Flask) -> dict[str, Composer]:
    composers: dict[str, Composer] = app.extensions.setdefault("petition.composers", {})
    return composers
