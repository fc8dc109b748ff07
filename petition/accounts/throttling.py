"""How often somebody may try to sign in: failures are kept, and each makes the next pause longer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select

from petition import clock
from petition.accounts.models import SignInTry
from petition.accounts.refusals import TooManyTries
from petition.extensions import db, writing

REMEMBER = timedelta(hours=1)
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=15)
FREE_HERE = 5
"""Failures without a pause, for one mailbox from one network."""
FREE = 20
"""The same for one mailbox from anywhere, so that strangers cannot keep its owner out so easily; and for one
network, whatever mailboxes it names, because people share networks."""


@dataclass(frozen=True)
class Try:
    """One try, counted as failed until it is forgotten."""

    id: int
    mailbox: bytes
    network: bytes
    at: datetime


def begin(mailbox: bytes, *, network: bytes) -> Try:
    """Count a try before looking whether it is right, so that of many at once none is free. Commits.

    It does the same for every mailbox, so that nothing tells which ones have accounts. Raises TooManyTries.
    """
    with writing():
        row = SignInTry(mailbox=mailbox, network=network, tried_at=clock.now())
        db.session.add(row)
        db.session.flush()
        made = Try(row.id, mailbox, network, row.tried_at)
    wait = max(_waits(made))
    if wait > timedelta(0):
        # Who is told to wait loses nothing by asking.
        with writing():
            db.session.execute(delete(SignInTry).where(SignInTry.id == made.id))
        raise TooManyTries(wait)
    return made


def forget(made: Try) -> None:
    """It was right: what failed before, for this mailbox from this network, counts no more."""
    alike = SignInTry.mailbox == made.mailbox, SignInTry.network == made.network
    db.session.execute(delete(SignInTry).where(*alike))


def purge(most: int) -> int:
    """Remove a batch of tries that count no more; returns how many went."""
    old = select(SignInTry.id).where(SignInTry.tried_at <= clock.now() - REMEMBER).limit(most)
    removed: Any = db.session.execute(delete(SignInTry).where(SignInTry.id.in_(old)))
    return int(removed.rowcount)


def _waits(made: Try) -> Iterator[timedelta]:
    same_mailbox, same_network = SignInTry.mailbox == made.mailbox, SignInTry.network == made.network
    for free, alike in ((FREE_HERE, same_mailbox & same_network), (FREE, same_mailbox), (FREE, same_network)):
        yield _wait(made, alike, free=free)


def _wait(made: Try, alike: ColumnElement[bool], *, free: int) -> timedelta:
    """How long the pause still lasts that the failures before this try have earned."""
    query = select(func.count(), func.max(SignInTry.tried_at))
    earlier = query.where(alike, SignInTry.id < made.id, SignInTry.tried_at > made.at - REMEMBER)
    failures: int
    last: datetime
    failures, last = db.session.execute(earlier).one()
    if failures < free:
        return timedelta(0)
    pause: timedelta = min(FIRST_PAUSE * 2 ** min(failures - free, 10), LONGEST_PAUSE)
    return pause - (made.at - last)
