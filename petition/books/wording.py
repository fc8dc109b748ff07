"""What the book and the letter both say of a delivery, in its first language."""

from collections.abc import Iterator, Mapping
from typing import Any

from babel.dates import get_datetime_format
from flask_babel import format_date, format_decimal, format_time, get_locale, gettext, ngettext

from petition import clock, countries, languages
from petition.books import fonts, typography
from petition.staging.orders import Order
from petition.staging.staging import Facts, StagedText, Staging


class BoxesNeeded(Exception):
    """Some words cannot be set with the fonts at hand, and the order does not want them drawn as boxes."""


def about(staging: Staging, order: Order) -> dict[str, Any]:
    """Of the declaration, and of the moment. To be asked for with the order's language as that of gettext."""
    facts, language = staging.facts, order.languages[0]
    text = text_of(facts, language)
    event = facts.events.get(language) or next(iter(facts.events.values()), {})
    return {
        "title": text.title,
        "summary": text.summary,
        "sample": gettext("A sample text, not the official declaration") if facts.sample else "",
        "addressed": gettext("Addressed to"),
        "addressee": in_language(facts.addressee, language),
        "event": [each for name in ("name", "place", "dates") if (each := event.get(name, ""))],
        "organisers": list(facts.organisers),
        "count": ngettext("%(number)s signature", "%(number)s signatures", facts.count, number=number(facts.count)),
        "as_of": gettext("as of %(moment)s", moment=moment(facts)),
        "page": f"{facts.site}/{language}/{facts.slug}",
        "boxes": gettext(
            "A frame with a number in it stands for a character that none of the fonts at hand has; "
            "the number is that of the character in Unicode."
        ),
    }


def text_of(facts: Facts, language: str) -> StagedText:
    """The current text in the language; where there is none, another current one."""
    return max(facts.texts, key=lambda text: (text.current, text.language == language))


def in_language(words: str | Mapping[str, str] | None, language: str) -> str:
    """Words that are given in several languages, or in one for all."""
    if not words:
        return ""
    return words if isinstance(words, str) else words.get(language) or next(iter(words.values()))


def number(value: int) -> str:
    return str(format_decimal(value))


def moment(facts: Facts) -> str:
    """The snapshot's, in the declaration's time zone, whose name it tells."""
    at = clock.in_zone(facts.as_of, facts.time_zone)
    time, date = format_time(at, "short", rebase=False), day(facts)
    whole = str(get_datetime_format("long", get_locale())).replace("{0}", time).replace("{1}", date).replace("'", "")
    return f"\u2068{whole} (\u2068{facts.time_zone}\u2069)\u2069"


def day(facts: Facts) -> str:
    return str(format_date(clock.in_zone(facts.as_of, facts.time_zone), gettext("d MMMM y"), rebase=False))


def country(code: str, language: str) -> str:
    return countries.name(code, language)


def settled(words: Mapping[str, Any], order: Order, *, besides: set[str]) -> tuple[dict[str, Any], fonts.Choice]:
    """The words with the fonts that set them, and what no font sets drawn as boxes; and these fonts.

    ``besides`` are characters that the same fonts shall set. Raises FontsMissing and BoxesNeeded.
    """
    language = order.languages[0]
    choice = fonts.choose(besides.union(*_strings(words)), language=language)
    if choice.lacking and not order.boxes:
        some = ", ".join(map(typography.code_point, sorted(choice.lacking)[:5]))
        raise BoxesNeeded(f"No font here sets {some}.")
    return {
        **{key: _drawn(value, choice.lacking) for key, value in words.items()},
        # Outlines and properties of a document hold no drawings.
        "heading": words["title"],
        "authors": words["organisers"],
        "lang": language,
        "rtl": languages.direction(language) == "rtl",
        "fonts": fonts.for_prose(choice.families, language=language),
        "name_fonts": choice.families,
        "boxed": bool(choice.lacking),
    }, choice


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (words for each in value.values() for words in _strings(each))
    elif isinstance(value, list | tuple):
        yield from (words for each in value for words in _strings(each))


def _drawn(value: Any, lacking: frozenset[str]) -> Any:
    if isinstance(value, str):
        return value if lacking.isdisjoint(value) else typography.boxed(value, lacking)
    if isinstance(value, dict):
        return {key: _drawn(each, lacking) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_drawn(each, lacking) for each in value]
    return value
