"""Form tickets: when a form was made, for which text and in which wordings, sealed; no cookie and no row."""

from datetime import datetime, timedelta

from petition import clock, links
from petition.declarations.models import DeclarationText

GOOD_FOR = timedelta(hours=24)
GRACE = timedelta(minutes=5)
"""For clocks of two machines that differ."""
_PURPOSE = "form ticket"


def make(text: DeclarationText, *, at: datetime, embed: str = "") -> str:
    """The ticket of a form made within this hour; the same for everyone, so that the page can be kept."""
    return links.seal(_PURPOSE, [clock.iso(clock.hour_of(at)), *_shown(text, embed)])


def is_good(ticket: str, text: DeclarationText, *, embed: str = "") -> bool:
    """Whether the ticket was made here, for this very text and these consents, and within its time."""
    try:
        hour, *shown = links.unseal(_PURPOSE, ticket)
        made_at = datetime.fromisoformat(hour)
    except (links.SealBroken, TypeError, ValueError):
        return False
    if shown != _shown(text, embed):
        return False
    # It was made at some moment of its hour, so it lives an hour longer than the hour's beginning says.
    return made_at - GRACE <= clock.now() <= made_at + timedelta(hours=1) + GOOD_FOR + GRACE


def bond_of(ticket: str) -> str:
    """What a ticket that was made here was bound to besides its text, old as it may be; else nothing."""
    try:
        _hour, _sha256, _language, embed, _wordings = links.unseal(_PURPOSE, ticket)
    except (links.SealBroken, TypeError, ValueError):
        return ""
    return str(embed)


def _shown(text: DeclarationText, embed: str) -> list[str]:
    return [text.sha256, text.language, embed, text.declaration.wordings_digest]
