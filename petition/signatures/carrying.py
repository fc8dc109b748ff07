"""Carrying: what a partner and a source add to the form and to the links of its page, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode

from flask import Flask, current_app, render_template
from flask_babel import force_locale
from markupsafe import Markup, escape

from petition.declarations import plans
from petition.declarations.models import DeclarationText
from petition.partners import attribution
from petition.partners.attribution import Attribution
from petition.partners.models import Partner
from petition.shelf import splicing
from petition.shelf.splicing import Splice
from petition.signatures.consenting import PARTNER
from petition.signatures.forms import SharingForm
from petition.signatures.models import Stated
from petition.signatures.signing import Worded

LONGEST_QUERY = 2_000
MOST_SAID = 512


@dataclass(frozen=True)
class Carried:
    """Through whom a page was opened, as its templates need it."""

    query: str = ""
    """What its links carry on; in the page for everyone a mark."""
    shared: str = ""
    """The same where a link is a part of another."""
    fields: Markup | None = None
    """The mark in the form of the page for everyone; None where the form says them itself."""
    came: Attribution = Attribution()
    partner: Partner | None = None
    offered: Worded | None = None

    @property
    def wording(self) -> str:
        """The words of the consent that is offered, in short: the form brings back which ones it showed."""
        return plans.digest(self.offered) if self.offered else ""


FOR_EVERYONE = Carried(splicing.mark("query"), str(splicing.mark("shared")), splicing.mark("fields"))


def read(asked: Mapping[str, str], slug: str | None, language: str) -> Carried:
    """What an address or a posted form says of it; what is malformed or unknown is as if it was not there.

    Without a slug, on a page that is about no declaration.
    """
    partner = attribution.find_carrier(asked.get("partner", ""), slug)
    return through(partner, attribution.clean_source(asked.get("source", "")), language)


def through(partner: Partner | None, source: str, language: str) -> Carried:
    """Of a partner that was found to carry the declaration already, and of a clean source."""
    came = Attribution(partner=partner.slug if partner else "", source=source)
    query = f"?{urlencode(came.query)}" if came else ""
    return Carried(query, query, None, came, partner, offer(partner, language) if partner else None)


def offer(partner: Partner, language: str) -> Worded | None:
    """The consent by which the partner is given a person, in its exact words; None where it may not be given people.

    Where it has no words in this language, the first ones stand in, and are kept as what they are.
    """
    words = partner.consent
    if words is None:
        return None
    spoken = language if language in words else next(iter(words))
    return {"purpose": PARTNER, "wording": words[spoken], "language": spoken, "partner": partner.slug}


def passed_on(row: Stated, slug: str) -> Carried:
    """What the links carry on that somebody is given who has signed: through whom they came themselves."""
    return read({"partner": row.partner, "source": row.source}, slug, row.language)


def splice(text: DeclarationText) -> Splice:
    """What the page of this text says for a query; most queries are somebody else's and change nothing."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    slug, language = text.declaration.slug, text.language

    def fill(query: str) -> Mapping[str, str]:
        asked = dict(parse_qsl(query[:LONGEST_QUERY]))
        if not any(asked.get(name) for name in attribution.FIELDS):
            return {}
        with app.app_context():
            carried = read(asked, slug, language)
            return _values(carried, language) if carried.came else {}

    return fill


def _values(carried: Carried, language: str) -> Mapping[str, str]:
    partner, offered = carried.partner, carried.offered
    named = (partner.name, partner.notice) if partner else ("", "")
    return _said(language, carried.came, tuple(offered.items()) if offered else (), named)


@lru_cache(maxsize=MOST_SAID)
def _said(
    language: str, came: Attribution, given: tuple[tuple[str, str], ...], named: tuple[str, str]
) -> Mapping[str, str]:
    """Written once for a link, however many follow it; everything that its words depend on is given."""
    offered, (name, notice) = dict(given) or None, named
    query = f"?{urlencode(came.query)}"
    partner = Partner(slug=came.partner, name=name, notice=notice)
    carried = Carried(query, query, None, came, partner, offered)
    with force_locale(language):
        fields = render_template("signatures/_carried.html", form=SharingForm(formdata=None), carried=carried)
    return {"query": escape(query), "shared": quote(query, safe=""), "fields": fields}
