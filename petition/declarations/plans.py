"""What a declaration asks and offers besides its text: read from declaration.toml, kept as JSON."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal, NamedTuple, Self


class Wording(dict[str, str]):
    """The same words by language. Where a language is missing, the first one's words stand in.

    A text that was signed in a language which the declaration has since dropped still finds words.
    """

    def __missing__(self, language: str) -> str:
        return next(iter(self.values()))


Asked = Literal["off", "optional", "required"]
OPTIONAL_FIELDS = ("affiliation", "role", "sector", "comment")
CONSENTS = ("agree", "updates")
SECTIONS = ("why", "conveners", "delivery", "questions")
"""What may stand beside the text, in the order of the page."""


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
class Founding:
    """A founding signatory; role and affiliation in every language of the declaration."""

    name: str
    role: Wording | None = None
    affiliation: Wording | None = None
    country: str | None = None
    """A code of ISO 3166-1."""


@dataclass(frozen=True)
class Handover:
    """The declaration was handed over: when, and in words what took place, or by the facts that the console records."""

    on: date
    words: Wording
    """In every language; where the facts are there, in those that have any."""
    place: str = ""
    handed_by: str = ""
    handed_to: str = ""
    photos: tuple[str, ...] = ()
    """Links, https only."""
    count: int | None = None
    """Of the signatures that its delivery held, as of that moment, under the manifest of that fingerprint."""
    as_of: datetime | None = None
    manifest_sha256: str = ""
    record: str = ""
    """The id under which the console takes it back; empty for those that were written into the folder."""

    @property
    def is_stated(self) -> bool:
        """Whether it has the facts, so that words may be missing."""
        return bool(self.place)

    def within(self, languages: tuple[str, ...]) -> "Handover":
        """The same with words in these languages; without facts none goes without words."""
        kept = languages if not self.is_stated else tuple(each for each in languages if each in self.words)
        return replace(self, words=Wording({language: self.words[language] for language in kept}))


class Question(NamedTuple):
    question: str
    """Plain text."""
    answer_html: str


@dataclass(frozen=True)
class Section:
    """A part of the page beside the signed text. Headings in its HTML begin with ``<h3>``."""

    title: str
    html: str
    """Of the questions, what stands before the first of them."""
    items: tuple[Question, ...] = ()
    source: str = ""
    """The file's text, byte for byte; empty where an earlier version stored the section."""
    follows: str = field(default="", compare=False)
    """The digest of the first language's source that this translation was published beside; see following.py."""


class Sections(dict[str, dict[str, Section]]):
    """By language, then by name, in the order of the page; a language without any has an empty dict."""

    def __missing__(self, language: str) -> dict[str, Section]:
        return {}


@dataclass(frozen=True)
class Plan:
    """Everything in the folder but the texts, and the slug, the featured mark and the dates, which have columns."""

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
    paused: bool = False
    contacts: Mapping[str, str] = field(default_factory=dict)
    """Of organisers, by name: a mail address or an https address. A sample may have none."""
    founding: tuple[Founding, ...] = ()
    handovers: tuple[Handover, ...] = ()
    """The newest first."""
    sections: Sections = field(default_factory=Sections)

    def asks(self, name: str) -> Asked:
        return self.fields.get(name, "off")

    def to_json(self) -> dict[str, Any]:
        """As JSON gives it back, so that the same plan equals what was stored of it."""
        stored: dict[str, Any] = json.loads(json.dumps(asdict(self), default=str))
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Plans stored by earlier versions lack the newer keys, and have their defaults."""
        values = dict(stored)
        values["languages"] = tuple(values["languages"])
        values["organisers"] = tuple(values["organisers"])
        values["sectors"] = tuple(Sector(each["code"], Wording(each["names"])) for each in values["sectors"])
        values["addressee"] = Wording(values["addressee"])
        values["consents"] = {purpose: Wording(words) for purpose, words in values["consents"].items()}
        values["events"] = {language: Event(**event) for language, event in values["events"].items()}
        values["founding"] = tuple(_founding(each) for each in values.get("founding", ()))
        values["handovers"] = tuple(_handover(each) for each in values.get("handovers", ()))
        values["sections"] = _sections(values.get("sections", {}))
        return cls(**values)


def _founding(stored: Mapping[str, Any]) -> Founding:
    words = {key: Wording(stored[key]) if stored[key] else None for key in ("role", "affiliation")}
    return Founding(name=stored["name"], country=stored["country"], **words)


def _handover(stored: Mapping[str, Any]) -> Handover:
    as_of = stored.get("as_of")
    given = {**stored, "as_of": datetime.fromisoformat(as_of) if as_of else None}
    return Handover(
        **{
            **given,
            "on": date.fromisoformat(stored["on"]),
            "words": Wording(stored["words"]),
            "photos": tuple(stored.get("photos", ())),
        }
    )


def _sections(stored: Mapping[str, Mapping[str, Any]]) -> Sections:
    sections = Sections()
    for language, named in stored.items():
        sections[language] = {name: _section(each) for name, each in named.items()}
    return sections


def _section(stored: Mapping[str, Any]) -> Section:
    items = tuple(Question(*each) for each in stored["items"])
    return Section(stored["title"], stored["html"], items, stored.get("source", ""), stored.get("follows", ""))


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
