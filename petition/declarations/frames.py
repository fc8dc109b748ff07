"""Read declaration.toml: every problem told at once, each with its line."""

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import available_timezones

from petition.declarations.lines import Lines
from petition.declarations.plans import CONSENTS, OPTIONAL_FIELDS, Asked, Event, Frame, Plan, Sector, Wording
from petition.languages import NAMES, PLANNED

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_SLUG = 60
MOST = {"goal": 10**10, "retention_days": 36_500}
YEARS = range(1900, 3000)
RESERVED_SLUGS = frozenset(
    "accessibility api check-your-mail confirm console count declarations download embed embed.js erase healthz lift "
    "endorse endorsement endorsements log metrics not-me numbers oembed partners privacy readyz resend sent sign "
    "signatories signature static unsubscribe v1 withdraw".split()
) | set(PLANNED)
NUL_ESCAPE = re.compile(r"\\(u0000|U00000000)")
SECTOR_CODE = re.compile(r"[a-z0-9-]{1,40}")
ASKED = ("off", "optional", "required")
KEYS = frozenset(
    "slug sample featured languages time_zone opens_at closes_at goal retention_days addressee organisers event "
    "fields sectors consents".split()
)

Complain = Callable[[int, str], None]
"""Takes the line, counted from 1, and a sentence."""


def read(content: bytes, complain: Complain) -> Frame | None:
    """Read the bytes of declaration.toml; None if they cannot be used, every reason complained of."""
    try:
        source = content.decode()
        values = tomllib.loads(source)
    except UnicodeDecodeError as problem:
        complain(content.count(b"\n", 0, problem.start) + 1, "This is not UTF-8.")
        return None
    except (ValueError, RecursionError) as problem:
        # Numbers of thousands of digits and brackets in thousands are no TOML errors to the parser.
        complain(Lines(source).told_by(str(problem)), f"This is not TOML: {problem}.")
        return None
    return _Reader(source, values, complain).frame()


class _Reader:
    """Walks the values once; whatever is wrong is complained of and stands in as something harmless."""

    def __init__(self, source: str, values: Mapping[str, Any], complain: Complain) -> None:
        self.lines = Lines(source)
        self.values = values
        self.complain = complain
        self.sound = True
        self.languages: tuple[str, ...] = ()

    def frame(self) -> Frame | None:
        self._nul_characters()
        self._unknown_keys()
        self.languages = self._languages()
        plan = self._plan()
        opens_at, closes_at = self._dates()
        frame = Frame(self._slug(), self._value("featured", bool, False), opens_at, closes_at, plan)
        return frame if self.sound else None

    def _plan(self) -> Plan:
        return Plan(
            sample=self._value("sample", bool, False),
            languages=self.languages,
            time_zone=self._time_zone(),
            goal=self._positive("goal", 0),
            retention_days=self._positive("retention_days", 365),
            addressee=self._wording(self._value("addressee", dict), "addressee"),
            organisers=self._organisers(),
            consents=self._consents(),
            fields=self._fields(),
            sectors=self._sectors(),
            events=self._events(),
        )

    def _refuse(self, key: str, sentence: str, table: str = "", *, nth: int = 0) -> None:
        self.sound = False
        self.complain(self.lines.of(key, table=table, nth=nth), sentence)

    def _nul_characters(self) -> None:
        for number in self.lines.holding(NUL_ESCAPE):
            self.sound = False
            self.complain(number, "Texts must not hold NUL characters.")

    def _unknown_keys(self) -> None:
        for key in self.values.keys() - KEYS:
            self._refuse(key, f"“{key}” is not a key of declaration.toml.")

    def _value(self, key: str, kind: type, default: Any = None) -> Any:
        value = self.values.get(key, default)
        if value is None:
            self._refuse(key, f"“{key}” is missing.")
        elif not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self._refuse(key, f"“{key}” must be {_kind_name(kind)}.")
        else:
            return value
        return kind()

    def _slug(self) -> str:
        slug = str(self._value("slug", str))
        if isinstance(self.values.get("slug"), str) and (not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG):
            self._refuse("slug", f"“slug” may hold small letters, digits and single hyphens, {LONGEST_SLUG} at most.")
        if slug in RESERVED_SLUGS:
            self._refuse("slug", f"“{slug}” is a word of the site's own addresses; choose another slug.")
        return slug

    def _languages(self) -> tuple[str, ...]:
        languages = tuple(self._value("languages", list))
        if not languages:
            self._refuse("languages", "“languages” must name at least one language.")
        for language in languages:
            if language not in PLANNED:
                self._refuse("languages", f"“{language}” is not one of {', '.join(PLANNED)}.")
        if len(set(map(str, languages))) < len(languages):
            self._refuse("languages", "“languages” names one language twice.")
        known = tuple(language for language in languages if language in PLANNED)
        if known and not set(known) & set(NAMES):
            self._refuse("languages", f"“languages” must name one that the pages speak: {', '.join(NAMES)}.")
        return known

    def _time_zone(self) -> str:
        zone = str(self._value("time_zone", str, "UTC"))
        if zone not in available_timezones():
            self._refuse("time_zone", f"“{zone}” is not a time zone such as Europe/Rome.")
        return zone

    def _positive(self, key: str, default: int) -> int:
        number = int(self._value(key, int, default))
        if not 0 <= number <= MOST[key]:
            self._refuse(key, f"“{key}” must not be negative, nor more than {MOST[key]}.")
        return number

    def _dates(self) -> tuple[datetime, datetime | None]:
        opens_at = self._moment("opens_at", required=True)
        closes_at = self._moment("closes_at", required=False)
        if opens_at and closes_at and closes_at <= opens_at:
            self._refuse("closes_at", "“closes_at” must come after “opens_at”.")
        return opens_at or datetime.min.replace(tzinfo=UTC), closes_at

    def _moment(self, key: str, *, required: bool) -> datetime | None:
        value = self.values.get(key)
        if value is None and not required:
            return None
        if isinstance(value, datetime) and value.tzinfo is not None and value.year in YEARS:
            return value
        self._refuse(key, f"“{key}” must be a time with its offset, such as 2025-11-12T09:00:00+01:00.")
        return None

    def _wording(self, value: Any, key: str, *, nth: int = 0, besides: tuple[str, ...] = ()) -> Wording:
        """The same words in every language of the declaration, and nothing else but ``besides``."""
        words = value if isinstance(value, dict) else {}
        for extra in words.keys() - {*self._named_languages(), *besides}:
            self._refuse(extra, f"“{extra}” is neither a key nor one of the declaration's languages.", key, nth=nth)
        for language in self.languages:
            if not isinstance(words.get(language), str) or not words[language].strip():
                self._refuse(key, f"“{key}” needs words in “{language}”.", nth=nth)
        return Wording({language: str(words.get(language, "")) for language in self.languages})

    def _named_languages(self) -> set[str]:
        """Those known here, and those that were complained of already."""
        named = self.values.get("languages")
        sound = isinstance(named, list) and set(map(str, named)) == set(self.languages)
        return set(self.languages) if sound else set(PLANNED)

    def _organisers(self) -> tuple[str, ...]:
        organisers = self._value("organisers", list)
        names = []
        for nth, each in enumerate(organisers):
            name = each.get("name") if isinstance(each, dict) and len(each) == 1 else None
            if not isinstance(name, str) or not name.strip():
                self._refuse("organisers", "Each [[organisers]] needs a “name”, and nothing else.", nth=nth)
            names.append(str(name))
        if not names:
            self._refuse("organisers", "There must be one of [[organisers]] at least.")
        return tuple(names)

    def _consents(self) -> dict[str, Wording]:
        consents = self._value("consents", dict)
        for purpose in consents.keys() - set(CONSENTS):
            self._refuse(f"consents.{purpose}", f"There is no consent “{purpose}”.", "consents")
        purposes = [purpose for purpose in CONSENTS if purpose in consents or purpose == "agree"]
        return {purpose: self._wording(consents.get(purpose), f"consents.{purpose}") for purpose in purposes}

    def _fields(self) -> dict[str, Asked]:
        fields = self._value("fields", dict, {})
        for name, asked in fields.items():
            if name not in OPTIONAL_FIELDS:
                self._refuse(name, f"“{name}” is not one of {', '.join(OPTIONAL_FIELDS)}.", "fields")
            elif asked not in ASKED:
                self._refuse(name, f"“{name}” must be “off”, “optional” or “required”.", "fields")
        if fields.get("sector", "off") != "off" and not self.values.get("sectors"):
            self._refuse("sector", "“sector” is asked, but there are no [[sectors]] to choose from.", "fields")
        return {name: cast(Asked, fields.get(name, "off")) for name in OPTIONAL_FIELDS}

    def _sectors(self) -> tuple[Sector, ...]:
        sectors = []
        for nth, each in enumerate(self._value("sectors", list, [])):
            code = each.get("code") if isinstance(each, dict) else None
            if not isinstance(code, str) or not SECTOR_CODE.fullmatch(code):
                self._refuse(
                    "sectors", "Each [[sectors]] needs a “code” of small letters, digits and hyphens.", nth=nth
                )
                continue
            sectors.append(Sector(code, self._wording(each, "sectors", nth=nth, besides=("code",))))
        if len({sector.code for sector in sectors}) < len(sectors):
            self._refuse("sectors", "Two [[sectors]] have the same code.")
        return tuple(sectors)

    def _events(self) -> dict[str, Event]:
        events = {}
        for language, event in self._value("event", dict, {}).items():
            if language not in self._named_languages():
                self._refuse(f"event.{language}", f"“{language}” is not among the declaration's languages.")
            words = event if isinstance(event, dict) else {}
            if set(words) != {"name", "place", "dates"} or not all(isinstance(word, str) for word in words.values()):
                self._refuse(f"event.{language}", "Each event needs “name”, “place” and “dates”, and nothing else.")
                continue
            events[language] = Event(**words)
        return events


def _kind_name(kind: type) -> str:
    return {str: "text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}[kind]
