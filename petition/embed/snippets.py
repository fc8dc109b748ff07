"""What a partner pastes into its page, ready to copy: with script, without, and as a plain link."""

from dataclasses import dataclass

from flask import render_template
from flask_babel import force_locale

from petition.declarations import reading
from petition.declarations.models import Declaration, DeclarationText
from petition.embed import loader
from petition.embed.frames import Frame
from petition.languages import NAMES
from petition.partners.models import Partner

FRAME_HEIGHT = 1100
"""Of the frame that cannot follow its form, in CSS pixels; what is higher scrolls inside."""


@dataclass(frozen=True)
class Snippets:
    """All three carry the partner's name."""

    script: str
    frame: str
    link: str


def make(frame: Frame) -> Snippets:
    """For this partner and text, in the text's language, whoever looks at them."""
    given = {"frame": frame, "text": frame.text, "version": loader.current(), "height": FRAME_HEIGHT}
    with force_locale(frame.text.language):
        made = (render_template(f"embed/snippets/{name}.html", **given) for name in ("script", "frame", "link"))
        return Snippets(*made)


def carried_texts(partner: Partner) -> list[DeclarationText]:
    """Every text that this partner may show, by declaration and in the order of its languages."""
    return [
        text
        for declaration in reading.all_declarations()
        if partner.has(declaration.slug)
        for text in _readable(declaration)
        if not partner.languages or text.language in partner.languages
    ]


def _readable(declaration: Declaration) -> list[DeclarationText]:
    current = reading.current_texts(declaration)
    return [current[language] for language in declaration.plan.languages if language in current and language in NAMES]
