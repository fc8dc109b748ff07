"""Tell other machines what becomes of a declaration: whom it concerns, and that it was closed."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, and_, or_, select

from petition import clock
from petition.declarations.models import Declaration
from petition.extensions import db, writing
from petition.webhooks import telling
from petition.webhooks.events import Event
from petition.webhooks.models import Notice

ORGANISERS = "organisers"
"""The owner of the endpoints of a declaration's organisers."""
CLOSED = "declaration.closed"


def tell_closings() -> bool:
    """Tell once of each closing that has come, by whatever it was set; a round, which commits by itself."""
    if db.session.scalar(select(Declaration.id).where(_untold()).limit(1)) is None:
        return False
    with writing():
        query = select(Declaration).where(_untold()).order_by(Declaration.id)
        for declaration in db.session.scalars(query.with_for_update(key_share=True, skip_locked=True)):
            closed_at = declaration.closes_at
            declaration.closing_told = closed_at
            telling.tell(CLOSED, declaration.slug, scope=declaration.id, owners=None, occurred_at=closed_at)
    return False


def compose_closings(notices: Sequence[Notice]) -> list[dict[str, Any]]:
    """What was true then: a declaration that was opened again since has been closed all the same."""
    return [{**about(notice.reference), "closed_at": clock.iso(notice.occurred_at)} for notice in notices]


def about(slug: str) -> dict[str, Any]:
    """How every notice names the declaration."""
    return {"declaration": slug}


def slugs(ids: Iterable[int]) -> dict[int, str]:
    """The slugs of these declarations, by id."""
    found = db.session.execute(select(Declaration.id, Declaration.slug).where(Declaration.id.in_(set(ids))))
    return {row.id: row.slug for row in found}


EVENT = Event(CLOSED, lazy_gettext("The declaration was closed"), compose_closings)


def _untold() -> ColumnElement[bool]:
    told = or_(Declaration.closing_told.is_(None), Declaration.closing_told != Declaration.closes_at)
    return and_(Declaration.closes_at <= clock.now(), told)
