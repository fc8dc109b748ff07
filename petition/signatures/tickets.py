"""Form tickets: when a form was made and for which text, sealed; they need no cookie and no row."""

from datetime import datetime, timedelta

from petition import clock, links
from petition.declarations.models import DeclarationText

GOOD_FOR = timedelta(hours=24)
GRACE = timedelta(minutes=5)
"""For clocks of two machines that differ."""
_PURPOSE = "form ticket"


def make(text: DeclarationText, *, at: datetime, embed: str = "") -> str:
    """The ticket of a form made within this hour; the same for everyone, so that the page can be kept."""
    return links.seal(_PURPOSE, [clock.iso(clock.hour_of(at)), text.sha256, text.language, embed])


def is_good(ticket: str, text: DeclarationText, *, embed: str = "") -> bool:
    """Whether the ticket was made here, for this very text, and within its time."""
    try:
        hour, sha256, language, origin = links.unseal(_PURPOSE, ticket)
        made_at = datetime.fromisoformat(hour)
    except (links.SealBroken, TypeError, ValueError):
        return False
    if (sha256, language, origin) != (text.sha256, text.language, embed):
        return False
    # It was made at some moment of its hour, so it lives an hour longer than the hour's beginning says.
    return made_at - GRACE <= clock.now() <= made_at + timedelta(hours=1) + GOOD_FOR + GRACE
