"""Which part of the public list somebody asks for: a country, a kind of signatory, the beginning of a name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from petition import countries
from petition.declarations.plans import Plan, Wording
from petition.signatures import searching
from petition.signatures.refusals import NoSuchCountry, NoSuchKind

FOUNDING = "founding"
"""The kind of those whom the declaration itself names."""
PEOPLE = "people"
"""The kind of those who signed here, without them. Every other kind is the code of a sector."""


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; empty texts narrow nothing. They may be combined."""

    country: str = ""
    kind: str = ""
    name: str = ""

    @classmethod
    def read(cls, asked: Mapping[str, str], plan: Plan) -> Self:
        """From the address's query. Raises NoSuchCountry and NoSuchKind."""
        country = asked.get("country", "").strip().upper()
        if country and not countries.is_known(country):
            raise NoSuchCountry
        kind = asked.get("kind", "").strip()
        if kind and kind not in kinds(plan):
            raise NoSuchKind
        return cls(country, kind, asked.get("name", "").strip()[: searching.LONGEST_TYPED])

    @property
    def sector(self) -> str:
        return "" if self.kind in (FOUNDING, PEOPLE) else self.kind

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address."""
        return {name: value for name, value in vars(self).items() if value}

    def fit(self, name: str, country: str | None) -> bool:
        """Whether they let somebody through whom the declaration itself names."""
        if self.kind not in ("", FOUNDING) or (self.country and self.country != country):
            return False
        prefix = searching.key(self.name)
        if prefix is None:
            return not self.name
        return any(key.startswith(prefix) for key in (searching.key(name), searching.turned_key(name)) if key)


def kinds(plan: Plan) -> list[str]:
    """Those that one may choose between."""
    return [PEOPLE, FOUNDING, *sectors(plan)]


def sectors(plan: Plan) -> dict[str, Wording]:
    """The sectors that signatories may state, by their codes; none where nobody is asked."""
    return {sector.code: sector.names for sector in plan.sectors} if plan.asks("sector") != "off" else {}
