"""What the tests of drafts and of staff pages do again and again."""

from typing import Any

from petition.declarations import drafts, publishing, reading
from petition.declarations.models import Declaration, DeclarationText
from petition.declarations.pending import Desk
from petition.extensions import db
from tests import make


def declaration(slug: str = make.SLUG) -> Declaration:
    """Fresh from the database."""
    db.session.expire_all()
    found = reading.find(slug)
    assert found is not None
    for name in ("plan", "wordings_digest"):
        vars(found).pop(name, None)
    return found


def desk(slug: str = make.SLUG) -> Desk:
    return Desk(declaration(slug))


def draft(part: str, language: str = "", *, slug: str = make.SLUG, **changed: Any) -> None:
    """Save a draft over what there is."""
    there = desk(slug)
    content = {**there.content(part, language), **changed}
    drafts.save(
        there.declaration,
        part,
        language,
        content,
        published=there.published(part, language),
        opened=there.seen(part, language),
    )
    db.session.commit()


def publish(*chosen: tuple[str, str], slug: str = make.SLUG) -> None:
    publishing.publish(desk(slug).folder(chosen))
    for part, language in chosen:
        drafts.discard(declaration(slug), part, language)
    db.session.commit()
    reading.forget()


def current(language: str, slug: str = make.SLUG) -> DeclarationText:
    return desk(slug).current[language]
