"""How the mails of a scope stand: counted through indexes, for the worker, which keeps the number for the pages."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from petition import clock
from petition.extensions import db
from petition.outbox.models import REFUSED, WAITING, Mail

LOOK_BACK = timedelta(days=7)


@dataclass(frozen=True)
class Standing:
    waiting: int
    """Due by now, tried or not; what is to leave later, such as a reminder, does not wait."""
    retrying: int
    """Tried in vain, and to be tried again."""
    refused: int
    """Refused for good or given up within the last 7 days."""


def count(scope: int) -> Standing:
    now = clock.now()
    waiting = select(func.count()).where(WAITING, Mail.scope == scope)
    refused = select(func.count()).where(REFUSED, Mail.scope == scope, Mail.dropped_at > now - LOOK_BACK)
    return Standing(
        waiting=db.session.scalar(waiting.where(Mail.due_at <= now)) or 0,
        retrying=db.session.scalar(waiting.where(Mail.attempts > 0)) or 0,
        refused=db.session.scalar(refused) or 0,
    )
