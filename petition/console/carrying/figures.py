"""A partner's figures as they are kept: by declaration, in one row that its page reads."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self

from sqlalchemy import select

from petition import clock
from petition.console.models import StoredPartnerFigures
from petition.extensions import db
from petition.tally.reading import Day

WHOLE = ("signatures", "came", "confirmed", "framed", "framed_confirmed", "agreed")


@dataclass(frozen=True)
class PartnerFigures:
    """What came through one partner under one declaration. Days are those of the declaration's time zone."""

    signatures: int = 0
    days: Mapping[str, int] = field(default_factory=dict)
    """By day; days without a signature are left out."""
    sources: Mapping[str, int] = field(default_factory=dict)
    """The largest first; an empty name is a link without a source."""
    languages: Mapping[str, int] = field(default_factory=dict)
    came: int = 0
    """Submissions as far back as they are kept, 30 days."""
    confirmed: int = 0
    """How many of these are confirmed."""
    framed: int = 0
    """Of those from the frame in the partner's pages, the ones whose link to confirm has run out."""
    framed_confirmed: int = 0
    """How many of these are confirmed: far fewer than of other partners, where clicks are stolen."""
    agreed: int = 0
    """Signatures that count and whose consent to this partner stands."""

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**{name: value for name, value in stored.items() if name in cls.__dataclass_fields__})

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def __add__(self, other: "PartnerFigures") -> "PartnerFigures":
        """Over several declarations, in whole numbers; what is told apart is left out."""
        return PartnerFigures(**{name: getattr(self, name) + getattr(other, name) for name in WHOLE})

    def by_day(self, as_of: datetime, zone: str) -> list[Day]:
        """Every day from the first signature to the day of the count, none left out."""
        if not self.days:
            return []
        day, last, total = date.fromisoformat(min(self.days)), clock.in_zone(as_of, zone).date(), 0
        found = []
        while day <= last:
            number = self.days.get(day.isoformat(), 0)
            total += number
            found.append(Day(day, number, total))
            day += timedelta(days=1)
        return found


def totals() -> dict[int, PartnerFigures]:
    """Over all declarations, by the id of each partner that a worker has counted."""
    rows = db.session.execute(select(StoredPartnerFigures.partner_id, StoredPartnerFigures.stored))
    return {
        partner_id: sum((PartnerFigures.from_json(each) for each in stored.values()), start=PartnerFigures())
        for partner_id, stored in rows
        if stored is not None
    }


def find(partner_id: int) -> tuple[dict[str, PartnerFigures], datetime] | None:
    """By declaration's slug, and the moment of the count; None where no worker has counted yet."""
    row = db.session.get(StoredPartnerFigures, partner_id)
    if row is None or row.as_of is None or row.stored is None:
        return None
    return {slug: PartnerFigures.from_json(each) for slug, each in row.stored.items()}, row.as_of
