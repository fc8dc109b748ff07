"""Find a declaration and its current text."""

import time
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from petition.declarations.models import Declaration, DeclarationText
from petition.extensions import db

KEEP_SECONDS = 1.0


@dataclass(frozen=True)
class _Known:
    text: DeclarationText
    until: float


def find(slug: str) -> Declaration | None:
    return db.session.scalar(select(Declaration).where(Declaration.slug == slug))


def find_current(slug: str, language: str) -> DeclarationText | None:
    """The text that is current in this language, its declaration with it.

    Each process asks the database at most once a second, so what comes back is only to be read: it
    belongs to no session.
    """
    known: dict[tuple[str, str], _Known] = current_app.extensions.setdefault("petition.current_texts", {})
    kept = known.get((slug, language))
    if kept is None or kept.until < time.monotonic():
        text = _read_current(slug, language)
        if text is None:
            # Names that somebody made up are not remembered.
            known.pop((slug, language), None)
            return None
        kept = known[slug, language] = _Known(text, time.monotonic() + KEEP_SECONDS)
    return kept.text


def find_featured() -> Declaration | None:
    """The declaration that the first page leads to: the featured one, the newest where several are."""
    query = select(Declaration).order_by(Declaration.featured.desc(), Declaration.id.desc()).limit(1)
    return db.session.scalar(query)


def all_declarations() -> list[Declaration]:
    return list(db.session.scalars(select(Declaration).order_by(Declaration.slug)))


def _read_current(slug: str, language: str) -> DeclarationText | None:
    query = (
        select(DeclarationText)
        .join(DeclarationText.declaration)
        .options(joinedload(DeclarationText.declaration))
        .where(Declaration.slug == slug, DeclarationText.language == language, DeclarationText.current)
    )
    with Session(db.engine) as session:
        text = session.scalar(query)
        session.expunge_all()
    return text
