"""What the audit trail keeps of people: staff's network addresses for a year, details until their person is erased."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from petition import clock
from petition.accounts.trail_models import TrailEntry
from petition.extensions import db
from petition.privacy.keepers import PURGE_BATCH, Keeper

KEEP_NETWORKS = timedelta(days=365)
"""Long enough to look into who came in from where; after that nobody needs it."""


def empty(*, subject: str) -> int:
    """Empty the details of every act on this subject, because its person was erased. The chain stays whole.

    Returns how many entries held one; twice is once.
    """
    held = TrailEntry.subject == subject, TrailEntry.detail.is_not(None)
    return _run(update(TrailEntry).where(*held).values(detail=None, salt=None))


def purge() -> int:
    """Empty a batch of the network addresses that have been kept for their time."""
    held = TrailEntry.network.is_not(None), TrailEntry.at < clock.now() - KEEP_NETWORKS
    batch = select(TrailEntry.number).where(*held).limit(PURGE_BATCH)
    return _run(
        update(TrailEntry).where(TrailEntry.number.in_(batch)).values(network=None, network_salt=None),
    )


def _run(emptying: Any) -> int:
    return int(db.session.execute(emptying.execution_options(synchronize_session="fetch")).rowcount)  # type: ignore[attr-defined]


# Staff are no signatories: what the trail says of them is no part of what a mailbox is told or may have erased.
KEEPER = Keeper("trail", access=lambda person: {}, forget=lambda person: [], purge=purge)
