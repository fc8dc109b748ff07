"""The signing sheet: a declaration on paper, for a table at a venue."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask_babel import force_locale, format_date, format_decimal, gettext

from petition import links, qr, typesetting
from petition.declarations.models import DeclarationText

TEMPLATE = "declarations/sheet.typ"


class SheetRefused(Exception):
    """The sheet cannot be made or written; its sentence says why."""


def draw(text: DeclarationText, *, page: str) -> bytes:
    """A PDF of one page, A4 across, in the text's language; ``page`` is the full address to read and sign at.

    Raises SheetRefused.
    """
    with force_locale(text.language):
        words = _words(text, page)
    try:
        return typesetting.pdf(TEMPLATE, words, language=text.language)
    except typesetting.FontsMissing as problem:
        raise SheetRefused(str(problem)) from problem


def page_of(text: DeclarationText) -> str:
    return links.external("pages.declaration", language=text.language, slug=text.declaration.slug)


def write(sheet: bytes, path: Path) -> None:
    """Put it where it is wanted, whole or not at all. Raises SheetRefused."""
    draft = path.with_name(f".{os.getpid()}.draft")
    try:
        draft.write_bytes(sheet)
        draft.replace(path)
    except OSError as problem:
        with suppress(OSError):
            draft.unlink()
        raise SheetRefused(f"{path} cannot be written: {problem.strerror}.") from problem


def _words(text: DeclarationText, page: str) -> dict[str, Any]:
    plan = text.declaration.plan
    day = format_date(text.published_at, gettext("d MMMM y"))
    version = gettext("Version %(number)s, published on %(day)s", number=format_decimal(text.number), day=day)
    return {
        "heading": gettext("Signing sheet: %(title)s", title=text.title),
        "flag": gettext("A sample text, not the official declaration") if plan.sample else "",
        "title": text.title,
        "summary": text.summary,
        "organisers": list(plan.organisers),
        "addressed": gettext("Addressed to %(addressee)s", addressee=plan.addressee[text.language]),
        "version": version,
        "fingerprint": text.sha256,
        "columns": _columns(text),
        "agreement": gettext("By signing here I say: “%(wording)s”", wording=plan.consents["agree"][text.language]),
        "privacy": _privacy(text),
        "invitation": gettext("The whole text, the privacy notice, and signing online:"),
        "page": page,
        "code": qr.svg(page).decode(),
    }


def _columns(text: DeclarationText) -> list[dict[str, Any]]:
    """Heading, whether it may stay empty, and how wide it is, in parts of the whole."""
    asked = text.declaration.plan.asks("affiliation")
    affiliation = [(gettext("Affiliation"), asked == "optional", 5)] if asked != "off" else []
    columns = [
        (gettext("Name"), False, 6),
        (gettext("Country"), False, 3),
        *affiliation,
        (gettext("Email address"), True, 6),
        (gettext("Signature"), False, 5),
    ]
    optional = gettext("(optional)")
    return [{"name": name, "note": optional if free else "", "parts": parts} for name, free, parts in columns]


def _privacy(text: DeclarationText) -> str:
    plan = text.declaration.plan
    words: str = gettext(
        "Privacy: %(organisers)s are responsible for this sheet and use it for this declaration only. What you write "
        "is handed over to %(addressee)s, except for your email address, which is never handed over or published. "
        "You may give none, and you may withdraw your signature at any time by turning to the organisers.",
        organisers=" · ".join(_reached(name, plan.contacts.get(name)) for name in plan.organisers),
        addressee=plan.addressee[text.language],
    )
    if plan.sample and not plan.contacts:
        lacking = gettext(
            "This is a sample: it names no contact. Whoever runs it for a real declaration has to name one."
        )
        return f"{words} {lacking}"
    return words


def _reached(name: str, contact: str | None) -> str:
    return f"{name} ({contact})" if contact else name
