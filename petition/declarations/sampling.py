"""The sample declaration's texts, for what is shown before there is a database."""

from functools import cache

from petition import clock
from petition.declarations import folders
from petition.declarations.models import Declaration, DeclarationText


@cache
def sample_text(language: str) -> DeclarationText:
    """The sample's text in this language, or in its first; rows that no session knows."""
    folder = folders.read(folders.SAMPLE)
    frame = folder.frame
    text = next((text for text in folder.texts if text.language == language), folder.texts[0])
    declaration = Declaration(
        slug=frame.slug, opens_at=frame.opens_at, closes_at=frame.closes_at, stored_plan=frame.plan.to_json()
    )
    return DeclarationText(**vars(text), number=1, published_at=clock.now(), current=True, declaration=declaration)
