"""Packages are removed when their time is over, and their rows stay; previews go whole."""

from datetime import timedelta

from sqlalchemy import select

from petition import clock
from petition.deliveries import acts, places, previews
from petition.deliveries.models import Delivery, State
from petition.extensions import db, writing

KEEP = timedelta(hours=72)
"""Counted from when it was finished; so long it can be downloaded, again and again."""


def remove_due() -> bool:
    """Remove packages and previews whose time is over, and what was left by processes that were killed; commits."""
    _mark_old()
    previews.remove_old()
    _clear_folders()
    return False


def _mark_old() -> None:
    oldest = clock.now() - KEEP
    query = select(Delivery).where(Delivery.finished_at <= oldest, Delivery.removed_at.is_(None))
    if db.session.scalar(query.limit(1)) is None:
        return
    with writing():
        for delivery in db.session.scalars(query.with_for_update()):
            mark_removed(delivery)


def mark_removed(delivery: Delivery) -> None:
    delivery.removed_at = clock.now()
    acts.record_removed(delivery)


def _clear_folders() -> None:
    """By what lies here: with several servers each clears its own disk."""
    if not places.root().is_dir():
        return
    for folder in sorted(places.root().iterdir()):
        delivery = db.session.scalar(select(Delivery).where(Delivery.public_id == folder.name))
        at_work = delivery is None and previews.is_at_work(folder.name)
        db.session.rollback()
        if at_work:
            continue
        if delivery is None or _has_ended(delivery):
            places.remove(folder)
        elif delivery.state is State.READY:
            places.remove(folder, but=delivery.file_name)


def _has_ended(delivery: Delivery) -> bool:
    if delivery.state is State.FAILED:
        # Which names could not be set is told for as long as a package would be there.
        return delivery.failed_at is not None and delivery.failed_at <= clock.now() - KEEP
    # Whoever still makes what was cancelled stops first, and removes it then.
    at_work = delivery.claimed_until is not None and delivery.claimed_until > clock.now()
    return delivery.state is State.REMOVED or (delivery.state is State.CANCELLED and not at_work)
