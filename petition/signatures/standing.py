"""How many signatures do not count, and why; how many submissions came, and how many of them were confirmed.

Counted through indexes, for the worker, which keeps the numbers for the staff's pages: no request calls this.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select

from petition.extensions import db
from petition.signatures.counting import hour_of
from petition.signatures.models import Signature, Submission
from petition.signatures.states import HELD, INVALIDATED, WITHDRAWN

PENDING_FOR = timedelta(days=7)
"""What was not confirmed within this time, the life of its links, is not waited for any more."""


@dataclass(frozen=True)
class Uncounted:
    """Each signature stands in one of these: withdrawn before invalidated before held."""

    held: int
    withdrawn: int
    invalidated: int


@dataclass(frozen=True)
class Hour:
    """The submissions that came in one hour, and how many of those are confirmed by now."""

    at: datetime
    came: int
    confirmed: int


def count_uncounted(declaration_id: int) -> Uncounted:
    why = case((WITHDRAWN, "withdrawn"), (INVALIDATED, "invalidated"), (HELD, "held"), else_="")
    query = select(why, func.count()).where(Signature.declaration_id == declaration_id, ~Signature.counted)
    found: Counter[str] = Counter()
    for reason, number in db.session.execute(query.group_by(why)):
        found[reason] = number
    return Uncounted(found["held"], found["withdrawn"], found["invalidated"])


def newest_submission(declaration_id: int) -> datetime | None:
    """When the newest submission came; another one means that there are more."""
    query = select(func.max(Submission.created_at)).where(Submission.declaration_id == declaration_id)
    return db.session.scalar(query)


def submissions_by_hour(declaration_id: int, *, since: datetime) -> Iterator[Hour]:
    hour = hour_of(Submission.created_at)
    query = select(hour, func.count(), func.count(Submission.confirmed_at))
    query = query.where(Submission.declaration_id == declaration_id, Submission.created_at >= since)
    for at, came, confirmed in db.session.execute(query.group_by(hour)):
        yield Hour(at, came, confirmed)
