"""What a declaration asks and offers besides its text: read from declaration.toml, kept as JSON."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal, Self


class Wording(dict[str, str]):
    """The same words by language. Where a language is missing, the first one's words stand in.

    A text that was signed in a language which the declaration has since dropped still finds words.
    """

    def __missing__(self, language: str) -> str:
        return next(iter(self.values()))


Asked = Literal["off", "optional", "required"]
OPTIONAL_FIELDS = ("affiliation", "role", "sector", "comment")
CONSENTS = ("agree", "updates")


@dataclass(frozen=True)
class Sector:
    code: str
    names: Wording


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
        values["sectors"] = tuple(Sector(each["code"], Wording(each["names"])) for each in values["sectors"])
        values["addressee"] = Wording(values["addressee"])
        values["consents"] = {purpose: Wording(words) for purpose, words in values["consents"].items()}
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


def digest(wording: object) -> str:
    """A short name for the words of a consent, or of several."""
    canonical = json.dumps(wording, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
