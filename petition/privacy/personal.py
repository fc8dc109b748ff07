"""A person's own data: hand all of it out, erase all of it, purge what has run out."""

from collections.abc import Mapping
from typing import Any

from petition import clock
from petition.extensions import db, insert_into
from petition.privacy.keepers import PURGE_BATCH, Person, all_keepers
from petition.privacy.models import Erasure


def access(person: Person) -> dict[str, Any]:
    """Everything that is kept of this person, by keeper (GDPR Art. 15), fit to become JSON."""
    return {keeper.name: keeper.access(person) for keeper in all_keepers()}


def erase(person: Person) -> None:
    """Have every keeper forget this person (GDPR Art. 17), and enter what was erased into the journal."""
    for subject in forget(person):
        enter_into_journal(subject)


def forget(person: Person) -> list[str]:
    """Have every keeper forget this person; returns the opaque ids of what was erased, for the journal."""
    return [subject for keeper in all_keepers() for subject in keeper.forget(person)]


def enter_into_journal(subject: str) -> None:
    """That what has this opaque id was erased now; ``erase`` does it for whoever has a mailbox. Twice is once."""
    entry = insert_into(Erasure).values(subject=subject, erased_at=clock.now())
    db.session.execute(entry.on_conflict_do_nothing(index_elements=["subject"]))


def purge() -> dict[str, int]:
    """Remove a batch of what has been kept for its time; returns how many rows went, by keeper."""
    return {keeper.name: keeper.purge() for keeper in all_keepers()}


def more_waits(removed: Mapping[str, int]) -> bool:
    """Whether so much was removed that another batch should follow at once."""
    return any(rows >= PURGE_BATCH for rows in removed.values())
