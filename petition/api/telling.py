"""Declarations and their texts as JSON: nothing that their pages do not show."""

from collections.abc import Iterator, Mapping
from typing import Any

from petition import clock, languages, links
from petition.declarations.models import Declaration, DeclarationText
from petition.declarations.plans import OPTIONAL_FIELDS, Plan, Wording, digest
from petition.partners.models import Partner
from petition.signatures.consenting import PARTNER, REQUIRED
from petition.signatures.filtering import sectors

Texts = Mapping[str, DeclarationText]
ALWAYS_ASKED = {"name": "required", "email": "required", "country": "required", "visibility": "optional"}


def readable(declaration: Declaration, texts: Texts) -> list[DeclarationText]:
    """Those that have a page, in the declaration's own order of languages."""
    spoken = (language for language in declaration.plan.languages if language in languages.NAMES)
    return [texts[language] for language in spoken if language in texts]


def short(declaration: Declaration, texts: list[DeclarationText]) -> dict[str, Any]:
    """A declaration as it stands in the list."""
    return {
        "slug": declaration.slug,
        "url": links.external("api.declaration", slug=declaration.slug),
        "state": declaration.state_at(clock.now()),
        "sample": declaration.plan.sample,
        "opens_at": clock.iso(declaration.opens_at),
        "closes_at": declaration.closes_at and clock.iso(declaration.closes_at),
        "titles": {text.language: text.title for text in texts},
    }


def whole(declaration: Declaration, texts: list[DeclarationText], partner: Partner | None = None) -> dict[str, Any]:
    """The same with everything that a form of one's own must show and ask, the partner's consent among it."""
    plan = declaration.plan
    spoken = [text.language for text in texts]
    return {
        **short(declaration, texts),
        "time_zone": plan.time_zone,
        "goal": plan.goal or None,
        "addressee": {language: plan.addressee[language] for language in spoken},
        "organisers": list(plan.organisers),
        "languages": spoken,
        "texts": [_version(text) for text in texts],
        "fields": _fields(plan),
        "sectors": [
            {"code": code, "names": {language: names[language] for language in spoken}}
            for code, names in sectors(plan).items()
        ],
        "consents": [_consent(purpose, words, spoken) for purpose, words in _asked_to_agree(plan, partner)],
    }


def text(one: DeclarationText) -> dict[str, Any]:
    """One text, whole. ``markdown`` is the file whose digest is ``sha256``, byte for byte."""
    return {**_version(one), "summary": one.summary, "markdown": one.source, "html": one.html}


def _version(one: DeclarationText) -> dict[str, Any]:
    here = {"slug": one.declaration.slug, "language": one.language}
    return {
        "language": one.language,
        "title": one.title,
        "version": one.number,
        "sha256": one.sha256,
        "published_at": clock.iso(one.published_at),
        "url": links.external("api.text", **here),
        "page": links.external("pages.declaration", **here),
    }


def _fields(plan: Plan) -> list[dict[str, Any]]:
    asked = {**ALWAYS_ASKED, **{name: plan.asks(name) for name in OPTIONAL_FIELDS}}
    return [{"name": name, "required": how == "required"} for name, how in asked.items() if how != "off"]


def _asked_to_agree(plan: Plan, partner: Partner | None) -> Iterator[tuple[str, Wording]]:
    yield from plan.consents.items()
    if partner and partner.consent:
        yield PARTNER, partner.consent


def _consent(purpose: str, words: Wording, spoken: list[str]) -> dict[str, Any]:
    wordings = {language: _worded(words[language]) for language in spoken}
    return {"purpose": purpose, "required": purpose == REQUIRED, "wordings": wordings}


def _worded(words: str) -> dict[str, str]:
    return {"words": words, "digest": digest(words)}
