"""The letter that goes before a delivery: to whom, what it is, how it was collected, how it is checked."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from flask_babel import force_locale, gettext, ngettext

from petition.books import printing, wording
from petition.books.printing import Sheet
from petition.books.typography import Unsettable
from petition.books.wording import BoxesNeeded
from petition.staging.orders import Order, Part
from petition.staging.staging import Staging
from petition.typesetting import FontsMissing

TEMPLATE = "books/letter.typ"
FILE = "letter.pdf"
PAPER = "paper"
"""The channel of signatures that were given on paper."""


class LetterRefused(Exception):
    """The letter cannot be made; its sentence says why."""


def make(
    staging: Staging, order: Order, folder: Path, *, public_key: str, unsettable: Sequence[Unsettable] = ()
) -> Path:
    """Write ``letter.pdf`` into the folder; one that is there already is not made again.

    ``public_key`` is the fingerprint to compare; ``unsettable`` is what ``preflight`` found. Must run within an
    application's context; raises LetterRefused.
    """
    path = folder / FILE
    if path.exists():
        return path
    try:
        with force_locale(order.languages[0]):
            words, _choice = wording.settled(_words(staging, order, public_key, unsettable), order, besides=set())
        sheet = Sheet(TEMPLATE, words, path, staging.facts.as_of, order.accessible)
        with closing(printing.make([sheet])) as made:
            return next(made).path
    except (printing.PrintingFailed, BoxesNeeded, FontsMissing) as problem:
        raise LetterRefused(str(problem)) from problem


def _words(staging: Staging, order: Order, public_key: str, unsettable: Sequence[Unsettable]) -> dict[str, Any]:
    facts, language = staging.facts, order.languages[0]
    by_country = sorted(facts.by_country.items(), key=lambda each: (-each[1], each[0]))
    return {
        **wording.about(staging, order),
        "day": wording.day(facts),
        "opening": gettext(
            "With this letter we hand over the declaration “%(title)s” and the signatures that it has received.",
            title=wording.text_of(facts, language).title,
        ),
        "numbers": _numbers(staging),
        "collected_heading": gettext("How the signatures were collected"),
        "collected": _collected(staging),
        "held_heading": gettext("What this delivery holds"),
        "held": _held(order),
        "check_heading": gettext("How to check it"),
        "check": gettext(
            "VERIFY.txt explains, and the program verify.py checks without a connection, that nothing was added, "
            "changed or lost. The public key is published at %(place)s. Its fingerprint is:",
            place=f"\u2068{facts.site}/deliveries.pub\u2069",
        ),
        "key": public_key,
        "countries_heading": gettext("Signatures by country"),
        "countries": [[wording.country(code, language), wording.number(number)] for code, number in by_country],
        "unset_heading": gettext("Characters without a font"),
        "unset": [
            [
                "" if each.number == 0 else str(each.number),
                f"\u2068{each.text}\u2069",
                " ".join(each.code_points),
                ", ".join(each.scripts),
            ]
            for each in unsettable
        ]
        if order.boxes
        else [],
    }


def _numbers(staging: Staging) -> str:
    facts = staging.facts
    whole = ngettext(
        "On %(moment)s there was %(number)s counted signature; %(shown)s of them is given here by name.",
        "On %(moment)s there were %(number)s counted signatures; %(shown)s of them are given here by name.",
        facts.count,
        number=wording.number(facts.count),
        shown=wording.number(facts.shown),
        moment=wording.moment(facts),
    )
    paper = facts.by_channel.get(PAPER, 0)
    if not paper:
        return str(whole)
    on_paper = ngettext(
        "%(number)s of them was given on paper.",
        "%(number)s of them were given on paper.",
        paper,
        number=wording.number(paper),
    )
    return f"{whole} {on_paper}"


def _collected(staging: Staging) -> str:
    signed = sum(1 for text in staging.facts.texts if text.signed)
    confirmed = gettext(
        "Every signature given online was confirmed through a link or a code sent to the signatory’s email address, "
        "and each address counts once. Everybody chose whether their name is shown. The book holds no mail addresses."
    )
    versions = ngettext(
        "The text was signed in %(number)s version or language; it is in the folder “declaration”, with its SHA-256.",
        "The text was signed in %(number)s versions and languages; they are in the folder “declaration”, each with its "
        "SHA-256.",
        signed,
        number=wording.number(signed),
    )
    return f"{confirmed} {versions}"


def _held(order: Order) -> list[list[str]]:
    """File names, and what they are."""
    data = [kind for kind in (Part.CSV, Part.XLSX, Part.JSONL) if kind in order.parts]
    held = [["book/volume-01.pdf …", gettext("the declaration and all signatories shown by name")]]
    files = ", ".join(f"signatories.{kind}" for kind in data)
    return [
        *(held if Part.BOOK in order.parts else []),
        *([[files, gettext("the same signatories as data")]] if data else []),
        ["summary.json, numbers/", gettext("the numbers, by day, country and kind")],
        ["declaration/", gettext("the texts as they were signed")],
        ["manifest.json, manifest.sig", gettext("the SHA-256 of every file, and the signature over them")],
    ]
