"""Find a declaration and its current text."""

import time
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer, joinedload

from petition.declarations.models import Declaration, DeclarationText
from petition.extensions import db, statement_bind

KEEP_SECONDS = 1.0


Key = tuple[str, str] | int
"""A slug and a language, or a text's id."""


@dataclass(frozen=True)
class _Known:
    text: DeclarationText
    until: float


def find(slug: str) -> Declaration | None:
    return db.session.scalar(select(Declaration).where(Declaration.slug == slug))


def find_locked(slug: str) -> Declaration | None:
    """The same for a change that is made of what is there: who comes next waits, and finds what was changed.

    Whoever signs does not wait: their rows only point at this one.
    """
    query = select(Declaration).where(Declaration.slug == slug).with_for_update(key_share=True)
    return db.session.scalar(query.execution_options(populate_existing=True))


def find_current(slug: str, language: str) -> DeclarationText | None:
    """The text that is current in this language, its declaration with it.

    Each process asks the database at most once a second, so what comes back is only to be read: it
    belongs to no session.
    """
    return _known((slug, language)) or _know((slug, language), _current(slug, language))


def current_texts(declaration: Declaration) -> dict[str, DeclarationText]:
    """By language; the versions before them are not read."""
    query = select(DeclarationText).where(DeclarationText.declaration_id == declaration.id, DeclarationText.current)
    return {text.language: text for text in db.session.scalars(query.order_by(DeclarationText.id))}


def versions(declaration: Declaration, language: str) -> list[DeclarationText]:
    """Every version in this language, the newest first."""
    query = select(DeclarationText).where(
        DeclarationText.declaration_id == declaration.id, DeclarationText.language == language
    )
    # The words of each are long; those that are shown are read when they are asked for.
    words = defer(DeclarationText.source), defer(DeclarationText.html)
    return list(db.session.scalars(query.options(*words).order_by(DeclarationText.number.desc())))


def get_text(text_id: int) -> DeclarationText:
    """The text of this id, known in the same way; there is one, because something points at it."""
    text = _known(text_id) or _know(text_id, _TEXT.where(DeclarationText.id == text_id))
    assert text is not None, "texts are never deleted"
    return text


def find_featured() -> Declaration | None:
    """The declaration that the first page leads to: the featured one, the newest where several are.

    One without any text is not published yet.
    """
    query = select(Declaration).where(Declaration.texts.any(DeclarationText.current))
    return db.session.scalar(query.order_by(Declaration.featured.desc(), Declaration.id.desc()).limit(1))


def all_declarations() -> list[Declaration]:
    return list(db.session.scalars(select(Declaration).order_by(Declaration.slug)))


def forget() -> None:
    """Ask the database anew at once: what this process has just published must not be a second late for it."""
    _texts().clear()


def _known(key: Key) -> DeclarationText | None:
    kept = _texts().get(key)
    return kept.text if kept and kept.until > time.monotonic() else None


def _know(key: Key, query: Select[DeclarationText]) -> DeclarationText | None:
    with Session(statement_bind()) as session:
        text = session.scalar(query)
        session.expunge_all()
    if text is None:
        # Names that somebody made up are not remembered.
        _texts().pop(key, None)
    else:
        _texts()[key] = _Known(text, time.monotonic() + KEEP_SECONDS)
    return text


def _current(slug: str, language: str) -> Select[DeclarationText]:
    return _TEXT.where(Declaration.slug == slug, DeclarationText.language == language, DeclarationText.current)


def _texts() -> dict[Key, _Known]:
    texts: dict[Key, _Known] = current_app.extensions.setdefault("petition.known_texts", {})
    return texts


_TEXT = select(DeclarationText).join(DeclarationText.declaration).options(joinedload(DeclarationText.declaration))
