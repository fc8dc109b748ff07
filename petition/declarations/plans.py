"""What a declaration asks and offers besides its text: read from declaration.toml, kept as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal, Self

Wording = Mapping[str, str]
"""The same words by language."""

Asked = Literal["off", "optional", "required"]
OPTIONAL_FIELDS = ("affiliation", "role", "sector", "comment")
CONSENTS = ("agree", "updates")


@dataclass(frozen=True)
class Sector:
    code: str
    names: Wording

    def name_in(self, language: str) -> str:
        """The sector's name; in the declaration's first language where a page's own is not among them."""
        return self.names.get(language) or next(iter(self.names.values()))


@dataclass(frozen=True)
class Event:
    """The event that the declaration comes from, as it is shown in one language."""

    name: str
    place: str
    dates: str


@dataclass(frozen=True)
class Plan:
    """Everything in declaration.toml but the slug, the featured mark and the dates, which have columns."""

    sample: bool
    languages: tuple[str, ...]
    """The first is the language that the text was written in."""
    time_zone: str
    goal: int
    retention_days: int
    addressee: Wording
    organisers: tuple[str, ...]
    consents: Mapping[str, Wording]
    fields: Mapping[str, Asked]
    sectors: tuple[Sector, ...] = ()
    events: Mapping[str, Event] = field(default_factory=dict)

    def asks(self, name: str) -> Asked:
        return self.fields.get(name, "off")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        values = dict(stored)
        values["languages"] = tuple(values["languages"])
        values["organisers"] = tuple(values["organisers"])
        values["sectors"] = tuple(Sector(**sector) for sector in values["sectors"])
        values["events"] = {language: Event(**event) for language, event in values["events"].items()}
        return cls(**values)


@dataclass(frozen=True)
class Frame:
    """What declaration.toml says, whole."""

    slug: str
    featured: bool
    opens_at: datetime
    closes_at: datetime | None
    plan: Plan
