"""Find a declaration and its current text."""

import time
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import ColumnExpressionArgument, select
from sqlalchemy.orm import Session, joinedload

from petition.declarations.models import Declaration, DeclarationText
from petition.extensions import db, reading_engine

KEEP_SECONDS = 1.0


Key = tuple[str, str] | int
"""A slug and a language, or a text's id."""


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
    return _known(
        (slug, language), Declaration.slug == slug, DeclarationText.language == language, DeclarationText.current
    )


def get_text(text_id: int) -> DeclarationText:
    """The text of this id, known in the same way; there is one, because something points at it."""
    text = _known(text_id, DeclarationText.id == text_id)
    assert text is not None, "texts are never deleted"
    return text


def find_featured() -> Declaration | None:
    """The declaration that the first page leads to: the featured one, the newest where several are."""
    query = select(Declaration).order_by(Declaration.featured.desc(), Declaration.id.desc()).limit(1)
    return db.session.scalar(query)


def all_declarations() -> list[Declaration]:
    return list(db.session.scalars(select(Declaration).order_by(Declaration.slug)))


def _known(key: Key, *conditions: ColumnExpressionArgument[bool]) -> DeclarationText | None:
    known: dict[Key, _Known] = current_app.extensions.setdefault("petition.known_texts", {})
    kept = known.get(key)
    if kept is None or kept.until < time.monotonic():
        text = _read(*conditions)
        if text is None:
            # Names that somebody made up are not remembered.
            known.pop(key, None)
            return None
        kept = known[key] = _Known(text, time.monotonic() + KEEP_SECONDS)
    return kept.text


def _read(*conditions: ColumnExpressionArgument[bool]) -> DeclarationText | None:
    query = (
        select(DeclarationText)
        .join(DeclarationText.declaration)
        .options(joinedload(DeclarationText.declaration))
        .where(*conditions)
    )
    with Session(reading_engine()) as session:
        text = session.scalar(query)
        session.expunge_all()
    return text
