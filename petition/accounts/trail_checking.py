"""Whether the audit trail is whole: every entry follows the one before, and says what it said when it was written."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from petition.accounts import trail_sealing
from petition.accounts.trail_models import TrailEntry
from petition.accounts.trail_sealing import START, hashed
from petition.extensions import db

BATCH = 1_000


class TrailBroken(Exception):
    """The trail was tampered with; the sentence names the first entry that shows it."""


@dataclass(frozen=True)
class Checked:
    """A whole trail: its entries, those whose detail was emptied, and the digest that the next one builds on."""

    entries: int
    emptied: int
    head: bytes


def verify(*, known: bytes | None = None) -> Checked:
    """Go over the whole chain. Raises TrailBroken.

    A chain that was cut short at its end, or written anew as a whole, is whole in itself: only ``known``, a digest that
    somebody noted down elsewhere, shows that.
    """
    place, head, emptied, seen = 0, START, 0, known is None
    for entry in entries():
        place += 1
        _check(entry, place=place, previous=head)
        head = entry.digest
        emptied += entry.detail is None
        seen = seen or head == known
    if not seen:
        raise TrailBroken("The digest that was noted down is not in the trail: entries after it or before it are gone.")
    return Checked(place, emptied, head)


def entries() -> Iterator[TrailEntry]:
    """All of them in their order, a batch at a time."""
    last = 0
    query = select(TrailEntry).order_by(TrailEntry.number).limit(BATCH)
    while batch := db.session.scalars(query.where(TrailEntry.number > last)).all():
        yield from batch
        last = batch[-1].number
        for entry in batch:
            db.session.expunge(entry)


def _check(entry: TrailEntry, *, place: int, previous: bytes) -> None:
    if entry.number != place:
        raise TrailBroken(f"Entry {place} is missing.")
    if entry.digest != trail_sealing.digest_of(entry):
        raise TrailBroken(f"Entry {place} was changed.")
    if entry.previous != previous:
        raise TrailBroken(f"Entry {place} does not follow the entry before it.")
    if not _fits(entry.detail, entry.salt, entry.detail_digest):
        raise TrailBroken(f"The detail of entry {place} was changed.")
    if not _fits(entry.network, entry.network_salt, entry.network_digest):
        raise TrailBroken(f"The network address of entry {place} was changed.")


def _fits(text: str | None, salt: bytes | None, digest: bytes | None) -> bool:
    """Whether the text is the one that was hashed, or was emptied together with its salt."""
    if text is None or salt is None:
        return text is None and salt is None
    return hashed(salt, text) == digest
