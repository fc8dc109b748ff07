"""Form tickets of this room: when a form was made, for which text and in which words, sealed."""

from datetime import datetime, timedelta

from petition import clock, links
from petition.declarations import plans
from petition.declarations.models import DeclarationText
from petition.endorsements.endorsing import wording

GOOD_FOR = timedelta(hours=24)
GRACE = timedelta(minutes=5)
"""For clocks of two machines that differ."""
_PURPOSE = "endorsement ticket"


def make(text: DeclarationText, *, at: datetime) -> str:
    """The ticket of a form made within this hour; the same for everyone."""
    return links.seal(_PURPOSE, [clock.iso(clock.hour_of(at)), *_shown(text)])


def is_good(ticket: str, text: DeclarationText) -> bool:
    """Whether the ticket was made here, for this very text and consent, and within its time."""
    try:
        hour, *shown = links.unseal(_PURPOSE, ticket)
        made_at = datetime.fromisoformat(hour)
    except (links.SealBroken, TypeError, ValueError):
        return False
    # It was made at some moment of its hour, so it lives an hour longer than the hour's beginning says.
    in_time = made_at - GRACE <= clock.now() <= made_at + timedelta(hours=1) + GOOD_FOR + GRACE
    return in_time and shown == _shown(text)


def _shown(text: DeclarationText) -> list[str]:
    return [text.sha256, text.language, plans.digest(wording(text.language))]
