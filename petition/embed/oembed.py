"""oEmbed 1.0: which declaration an address names, and the card that other sites may show for it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import current_app, render_template
from werkzeug.exceptions import HTTPException

from petition import languages, links
from petition.declarations import reading
from petition.declarations.frames import SLUG
from petition.declarations.models import DeclarationText
from petition.defence import origins
from petition.settings import Settings

PAGE = "pages.declaration"
WIDTH, HEIGHT = 600, 280
"""Of the card, in CSS pixels, where nobody asks for less. Consumers that heed its messages give it what it needs."""
PICTURE = (1200, 630)
KEEP_SECONDS = 3600
HIGHEST = 100_000


class NoSuchCard(Exception):
    """The address is no declaration's page of ours."""


class SizeRefused(ValueError):
    """What should be a number of pixels is none."""


@dataclass(frozen=True)
class Room:
    """How large the card may be at most, in CSS pixels."""

    width: int = HIGHEST
    height: int = HIGHEST

    @classmethod
    def read(cls, width: str, height: str) -> "Room":
        """Of what was asked for, which may be nothing. Raises SizeRefused."""
        return cls(_pixels(width), _pixels(height))


def find(url: str) -> DeclarationText:
    """The text that this address of ours shows, whatever follows its path. Raises NoSuchCard."""
    try:
        parts = urlsplit(url.strip())
        host = parts.netloc.lower()
        endpoint, arguments = current_app.url_map.bind("").match(unquote(parts.path).rstrip("/"), method="GET")
    except (ValueError, HTTPException) as problem:
        raise NoSuchCard from problem
    # People type http, or paste it.
    ours = parts.scheme in ("http", "https") and any(origins.is_own(f"{each}://{host}") for each in ("http", "https"))
    # What was escaped twice is only read here, and may hold anything.
    named = ours and endpoint == PAGE and SLUG.fullmatch(arguments["slug"])
    text = reading.find_current(arguments["slug"], arguments["language"]) if named else None
    if text is None or text.language not in languages.NAMES:
        raise NoSuchCard
    return text


def describe(text: DeclarationText, room: Room) -> dict[str, Any]:
    """The answer of type ``rich`` (section 2.3.4), which fits into the room."""
    settings: Settings = current_app.extensions["petition.settings"]
    width, height = min(WIDTH, room.width), min(HEIGHT, room.height)
    answer = {
        "version": "1.0",
        "type": "rich",
        "title": text.title,
        "provider_name": " · ".join(text.declaration.plan.organisers),
        "provider_url": settings.base_url,
        "cache_age": KEEP_SECONDS,
        "width": width,
        "height": height,
        "html": render_template("embed/card_frame.html", text=text, width=width, height=height),
    }
    if PICTURE[0] <= room.width and PICTURE[1] <= room.height:
        picture = links.external("cards.card", language=text.language, slug=text.declaration.slug)
        answer |= {"thumbnail_url": picture, "thumbnail_width": PICTURE[0], "thumbnail_height": PICTURE[1]}
    return answer


def _pixels(given: str) -> int:
    if not given:
        return HIGHEST
    if not (given.isascii() and given.isdecimal() and len(given) <= 9 and int(given)):
        raise SizeRefused
    return min(int(given), HIGHEST)
