"""What stands on a card, and the drawing of it."""

import hashlib
import json

from flask import current_app
from flask_babel import force_locale, format_decimal, gettext, ngettext

from petition import typesetting
from petition.declarations.models import DeclarationText
from petition.settings import Settings

TEMPLATE = "cards/card.typ"
Words = dict[str, str]


def words(text: DeclarationText, *, count: int) -> Words:
    """Everything on the card of this text; the same words make the same card."""
    plan, settings = text.declaration.plan, current_app.extensions["petition.settings"]
    assert isinstance(settings, Settings)
    with force_locale(text.language):
        number = format_decimal(count)
        return {
            "above": gettext("A sample text, not the official declaration")
            if plan.sample
            else " · ".join(plan.organisers),
            "title": text.title,
            "addressed": gettext("Addressed to %(addressee)s", addressee=plan.addressee[text.language]),
            # Nobody is won by a zero.
            "count": ngettext("%(number)s signature", "%(number)s signatures", count, number=number) if count else "",
            "host": settings.base_host,
        }


def digest(some: Words) -> str:
    """A name for the words and the design."""
    drawn = json.dumps(some, sort_keys=True) + typesetting.design(TEMPLATE)
    return hashlib.sha256(drawn.encode()).hexdigest()


def draw(some: Words, *, language: str) -> bytes:
    """The card, a PNG of 1200 × 630. Raises FontsMissing."""
    return typesetting.png(TEMPLATE, some, language=language)
