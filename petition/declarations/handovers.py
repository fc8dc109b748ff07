"""Hand-overs in declaration.toml: the day, and words in every language or the facts that the console records."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext

from petition import clock, names
from petition.columns import PUBLIC_ID_LENGTH
from petition.declarations.plans import Handover
from petition.declarations.values import Values

TABLE = "handovers"
FACTS = ("place", "handed_by", "handed_to")
"""Whoever gives one of them gives all; words are needed in no language then."""
KEYS = ("on", "record", *FACTS, "photos", "count", "as_of", "manifest_sha256")
EARLIEST = date(1900, 1, 1)
YEARS = range(1900, 3000)
MOST_PHOTOS = 20
MOST_COUNT = 10**10
_SHA256 = re.compile(r"[0-9a-f]{64}")
_RECORD = re.compile(rf"[A-Za-z0-9_-]{{{PUBLIC_ID_LENGTH}}}")


def read(values: Values) -> tuple[Handover, ...]:
    """The newest first. None lies ahead: a hand-over is told, not announced."""
    found: list[Handover] = []
    for nth, block in values.blocks(TABLE):
        handover = _Block(values, block, nth).handover()
        if handover and handover.record and handover.record in [each.record for each in found]:
            values.refuse("record", "This record is told twice.", TABLE, nth=nth)
        found += [handover] if handover else []
    return in_order(found)


def in_order(handovers: Iterable[Handover]) -> tuple[Handover, ...]:
    return tuple(sorted(handovers, key=lambda handover: handover.on, reverse=True))


def is_photo_link(link: object) -> bool:
    """Whether this is an https address with a host, as photos are linked."""
    if not isinstance(link, str) or any(char.isspace() for char in link):
        return False
    try:
        parts = urlsplit(link)
        return parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


class _Block:
    """One [[handovers]], the ``nth``."""

    def __init__(self, values: Values, block: dict[str, Any], nth: int) -> None:
        self.values = values
        self.block = block
        self.nth = nth

    def handover(self) -> Handover | None:
        stated = any(key in self.block for key in FACTS)
        words = self.values.wording(self.block, TABLE, nth=self.nth, besides=KEYS, needed=not stated)
        facts: dict[str, Any] = {key: self._fact(key) for key in FACTS} if stated else {}
        day = self._day()
        return Handover(day, words, **facts, **self._rest()) if day else None

    def _day(self) -> date | None:
        on = self.block.get("on")
        if not isinstance(on, date) or isinstance(on, datetime) or on < EARLIEST:
            self._refuse("on", "Each [[handovers]] needs “on”, a day such as 2025-11-13.")
        elif on > _latest_day_on_earth():
            self._refuse("on", "This day lies ahead; a hand-over is told once it has happened.")
        else:
            return on
        return None

    def _fact(self, key: str) -> str:
        """It obeys the rules of names, as what is typed in the console does."""
        value = self.block.get(key)
        if not isinstance(value, str) or not value.strip():
            self._refuse(key, f"“{key}” must be text: place, handed_by and handed_to go together.")
            return ""
        try:
            return names.clean(value)
        except names.NameRefused as refusal:
            self._refuse(key, gettext("This cannot be printed: %(reason)s", reason=refusal.reason))
            return ""

    def _rest(self) -> dict[str, Any]:
        photos = self._take("photos", [], _are_photos, "“photos” must be a list of https addresses, 20 at most.")
        return {
            "photos": tuple(photos),
            "count": self._take("count", None, _is_count, "“count” must be a number of signatures."),
            "as_of": self._take("as_of", None, _is_moment, "“as_of” must be a time with its offset."),
            "manifest_sha256": self._take("manifest_sha256", "", _fits(_SHA256), "“manifest_sha256” must be one."),
            "record": self._take("record", "", _fits(_RECORD), "“record” must be the id that the console gave."),
        }

    def _take(self, key: str, default: Any, fits: Callable[[Any], bool], sentence: str) -> Any:
        if key not in self.block:
            return default
        if fits(self.block[key]):
            return self.block[key]
        self._refuse(key, sentence)
        return default

    def _refuse(self, key: str, sentence: str) -> None:
        self.values.refuse(key, sentence, TABLE, nth=self.nth)


def _are_photos(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MOST_PHOTOS and all(map(is_photo_link, value))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_COUNT


def _is_moment(value: Any) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None and value.year in YEARS


def _fits(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _latest_day_on_earth() -> date:
    return (clock.now() + timedelta(hours=14)).date()
