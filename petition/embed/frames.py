"""One partner's frame: which text it shows, in whose colours, and which pages may show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from urllib.parse import parse_qsl

from flask import g, request
from markupsafe import Markup
from werkzeug.exceptions import RequestEntityTooLarge

from petition import languages, outages
from petition.declarations import reading
from petition.declarations.models import DeclarationText
from petition.embed import dressing
from petition.partners import attribution
from petition.partners.models import SLUG, Partner
from petition.signatures import carrying, tickets
from petition.signatures.carrying import Carried

NOBODY = "'none'"
MOST_PARAMETERS = 5
"""A frame needs three; what has more is answered, but not kept."""


@dataclass(frozen=True)
class Around:
    """Of an answer in a frame: who may show it, as ``frame-ancestors`` lists them, and in which style."""

    ancestors: str = NOBODY
    style: str = ""

    @property
    def sheet(self) -> Markup:
        """The style as an element: colours that were checked, and no word that anybody typed."""
        return Markup(f"<style>{self.style}</style>" if self.style else "")


@dataclass(frozen=True)
class Frame:
    """The form as one partner shows it; ``source`` is all that its visitors may differ in."""

    partner: Partner
    text: DeclarationText
    source: str = ""

    @property
    def around(self) -> Around:
        # Our own pages show it too: the live preview.
        return Around(" ".join(("'self'", *self.partner.frame_ancestors)), dressing.style(self.partner))

    @property
    def bond(self) -> str:
        """What its tickets are bound to: the partner, and the pages that may show it."""
        return f"{self.partner.slug} {self.around.ancestors}"

    @property
    def carried(self) -> Carried:
        """What the form has of the partner and the source."""
        return carrying.through(self.partner, self.source, self.text.language)

    @property
    def query(self) -> dict[str, Any]:
        """What its addresses carry."""
        carried = {"partner": self.partner.slug, "lang": self.text.language, "source": self.source}
        return {name: value for name, value in carried.items() if value}

    @property
    def attributed(self) -> dict[str, Any]:
        """The same for addresses that name the language otherwise."""
        return {name: value for name, value in self.query.items() if name != "lang"}


def find(slug: str, asked: Mapping[str, str]) -> Frame | None:
    """The frame that these arguments of an address ask for, if the partner carries this declaration."""
    partner = attribution.find_carrier(asked.get("partner", ""), slug)
    text = _text(slug, asked.get("lang", ""), partner) if partner else None
    return Frame(partner, text, attribution.clean_source(asked.get("source", ""))) if partner and text else None


def find_asked(slug: str) -> Frame | None:
    """The one that this request asks for."""
    return find(slug, asked(request.environ["QUERY_STRING"]))


def around() -> Around:
    """Of the answer to this request, whatever becomes of it.

    While the database is away, the ticket still tells who may show the frame that it was made for.
    """
    if "around" not in g:
        try:
            frame = find_asked((request.view_args or {}).get("slug", ""))
            g.around = frame.around if frame else Around()
        except outages.TROUBLE:
            outages.forget_transaction()
            g.around = remembered()
    return cast(Around, g.around)


def remembered() -> Around:
    """Of the answer to a post, as its ticket tells it: those who might show the frame when that was made."""
    try:
        ticket = request.form.get("ticket", "")
    except RequestEntityTooLarge:
        # Nobody reads what is too large, so nothing is known of it but its address.
        return Around()
    return Around(tickets.bond_of(ticket).partition(" ")[2] or NOBODY)


def is_in_frame(path: str) -> bool:
    return path.startswith("/embed/")


def asked(query: str) -> dict[str, str]:
    """A query string's values, the first of each name; page and shelf both read it here, so neither sees another."""
    return dict(reversed(parse_qsl(query, keep_blank_values=True)))


@lru_cache(maxsize=1024)
def what_matters(query: str) -> str | None:
    """Of a frame's query string, what its page depends on: not the source, of which anyone can make up many."""
    if query.count("&") >= MOST_PARAMETERS:
        return None
    values = asked(query)
    partner, language = values.get("partner", ""), values.get("lang", "")
    if not SLUG.fullmatch(partner) or (language and language not in languages.NAMES):
        return None
    return f"{partner}&{language}"


def _text(slug: str, language: str, partner: Partner) -> DeclarationText | None:
    """In the language that is asked for, else in the first of the partner's, else of the declaration's."""
    if language in languages.NAMES and (text := reading.find_current(slug, language)):
        return text
    declaration = reading.find(slug)
    spoken = (*partner.languages, *declaration.plan.languages) if declaration else ()
    readable = (each for each in dict.fromkeys(spoken) if each in languages.NAMES)
    return next((text for each in readable if (text := reading.find_current(slug, each))), None)
