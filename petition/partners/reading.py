"""Find a partner, by its slug or by a key of its program."""

import time
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from petition import links
from petition.extensions import db, statement_bind
from petition.partners.models import KEY, SLUG, Partner, PartnerKey

KEEP_SECONDS = 1.0
_EVERY_SLUG, _EVERY_DIGEST = "*", b"*"
"""Where those of all partners and of all living keys are remembered; themselves they are none."""


@dataclass(frozen=True)
class _Known:
    found: Partner | PartnerKey | frozenset[str | bytes]
    until: float


def find_known(slug: str) -> Partner | None:
    """The partner of this slug, switched on or off (look at ``enabled``), as this process knows it.

    Each process asks the database at most once a second, so what comes back is only to be read: it
    belongs to no session.
    """
    # Names that somebody made up cost no query each.
    if not SLUG.fullmatch(slug) or slug not in _every(_EVERY_SLUG, select(Partner.slug)):
        return None
    row = _known(slug) or _know(slug, select(Partner).where(Partner.slug == slug))
    return row if isinstance(row, Partner) else None


def find_by_key(secret: str) -> PartnerKey | None:
    """The living key that was shown as this, its ``partner`` with it, switched on or off; known in the same way."""
    if not KEY.fullmatch(secret):
        return None
    digest = links.digest(secret)
    if digest not in _every(_EVERY_DIGEST, select(PartnerKey.digest).where(PartnerKey.revoked_at.is_(None))):
        return None
    row = _known(digest) or _know(digest, _KEY.where(PartnerKey.digest == digest))
    return row if isinstance(row, PartnerKey) else None


def find(slug: str) -> Partner | None:
    """The partner of this slug in this session, as it is this moment."""
    return db.session.scalar(select(Partner).where(Partner.slug == slug))


def find_locked(slug: str) -> Partner | None:
    """To be changed by what is there: who comes next waits, and finds what was changed."""
    query = select(Partner).where(Partner.slug == slug).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def all_partners() -> list[Partner]:
    return list(db.session.scalars(select(Partner).order_by(Partner.slug)))


def forget() -> None:
    """Ask the database anew at once: what this process has just changed must not be a second late for it."""
    _partners().clear()


def _every(place: str | bytes, query: Select[str] | Select[bytes]) -> frozenset[str | bytes]:
    """All that there are: what is not among them was made up, and costs no query."""
    kept = _known(place)
    if isinstance(kept, frozenset):
        return kept
    with Session(statement_bind()) as session:
        found: frozenset[str | bytes] = frozenset(session.scalars(query))
    _remember(place, found)
    return found


def _known(key: str | bytes) -> Partner | PartnerKey | frozenset[str | bytes] | None:
    kept = _partners().get(key)
    return kept.found if kept and kept.until > time.monotonic() else None


def _know(key: str | bytes, query: Select[Partner] | Select[PartnerKey]) -> Partner | PartnerKey | None:
    with Session(statement_bind()) as session:
        row: Partner | PartnerKey | None = session.scalar(query)
        session.expunge_all()
    if row is None:
        _partners().pop(key, None)
    else:
        _remember(key, row)
    return row


def _remember(key: str | bytes, found: Partner | PartnerKey | frozenset[str | bytes]) -> None:
    _partners()[key] = _Known(found, time.monotonic() + KEEP_SECONDS)


def _partners() -> dict[str | bytes, _Known]:
    partners: dict[str | bytes, _Known] = current_app.extensions.setdefault("petition.known_partners", {})
    return partners


_KEY = select(PartnerKey).where(PartnerKey.revoked_at.is_(None)).options(joinedload(PartnerKey.partner))
