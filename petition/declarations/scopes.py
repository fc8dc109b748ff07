"""What grants of accounts are about: each declaration is a scope, found by its slug and called by its title."""

from flask_babel import get_locale
from sqlalchemy import select

from petition.declarations.models import Declaration, DeclarationText
from petition.extensions import db


def find(slug: str) -> int | None:
    return db.session.scalar(select(Declaration.id).where(Declaration.slug == slug))


def name(scope: int) -> str:
    """Its title in the reader's language, or in the first there is."""
    query = select(DeclarationText.language, DeclarationText.title)
    current = query.where(DeclarationText.declaration_id == scope, DeclarationText.current)
    titles = {text.language: text.title for text in db.session.execute(current.order_by(DeclarationText.id))}
    return titles.get(str(get_locale())) or next(iter(titles.values()), slug(scope))


def slugs() -> list[str]:
    return list(db.session.scalars(select(Declaration.slug).order_by(Declaration.slug)))


def slug(scope: int) -> str:
    return db.session.scalar(select(Declaration.slug).where(Declaration.id == scope)) or ""
