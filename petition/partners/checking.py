"""What may be said of a partner: each value as it is kept, or a refusal that names its field."""

import unicodedata
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

import pyrage
from flask_babel import lazy_gettext as _

from petition import addresses, languages, names
from petition.addresses import AddressRefused
from petition.declarations import scopes
from petition.names import NameRefused
from petition.partners import builders, colours, origins
from petition.partners.colours import Pair
from petition.partners.origins import OriginRefused
from petition.partners.refusals import DetailsRefused

LONGEST_WORDING = 500
LONGEST_ADDRESS = 300
MOST_ORIGINS = 20


def name(typed: str) -> str:
    """As it may stand on the form, whose consent is called by it."""
    try:
        cleaned = names.clean(typed)
    except NameRefused as refusal:
        raise DetailsRefused(refusal.reason, field="name") from refusal
    if not cleaned:
        raise DetailsRefused(_("Please enter its name."), field="name")
    return cleaned


def contact(typed: str) -> str:
    try:
        return addresses.parse(typed).typed
    except AddressRefused as refusal:
        sentence = _("Please enter a complete email address, such as name@example.org.")
        raise DetailsRefused(sentence, field="contact") from refusal


def address(typed: str, field: str) -> str:
    """A page's. Only with https, because people follow it from ours."""
    refusal = DetailsRefused(_("Please enter an address that begins with https://."), field=field)
    typed = typed.strip()
    try:
        parts = urlsplit(typed)
        host = addresses.parse(f"page@{parts.hostname or ''}").domain
    except (ValueError, AddressRefused) as problem:
        raise refusal from problem
    odd = "@" in parts.netloc or "\\" in typed or any(unicodedata.category(char)[0] in "ZC" for char in typed)
    if not host or parts.scheme != "https" or odd or len(typed) > LONGEST_ADDRESS:
        raise refusal
    return typed


def all_origins(typed: Iterable[str]) -> list[str]:
    found = []
    for each in typed:
        try:
            found.append(origins.read(each))
        except OriginRefused as refusal:
            sentence = _("“%(origin)s” is no origin: write it like https://www.example.org.", origin=each)
            raise DetailsRefused(sentence, field="origins") from refusal
    if len(found) > MOST_ORIGINS:
        raise DetailsRefused(_("Please name at most %(most)s.", most=MOST_ORIGINS), field="origins")
    return list(dict.fromkeys(found))


def all_builders(chosen: Iterable[str]) -> list[str]:
    return _chosen(chosen, builders.WRAPPERS, "builders")


def all_languages(chosen: Iterable[str]) -> list[str]:
    return _chosen(chosen, languages.NAMES, "languages")


def all_declarations(chosen: Iterable[str]) -> list[str]:
    return _chosen(chosen, scopes.slugs(), "carries")


def all_colours(given: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """A pair for each mode, or none; both must be readable."""
    kept = {}
    for mode in colours.MODES:
        accent, background = (given.get(mode, {}).get(name, "").strip().lower() for name in Pair._fields)
        if not accent and not background:
            continue
        if not (colours.is_colour(accent) and colours.is_colour(background)):
            raise DetailsRefused(_("Please write both colours like #1f4568."), field=f"{mode}_accent")
        if not colours.is_readable(Pair(accent, background), mode):
            sentence = _("These colours are hard to read: the contrast with the background must be at least 4.5 to 1.")
            raise DetailsRefused(sentence, field=f"{mode}_accent")
        kept[mode] = {"accent": accent, "background": background}
    return kept


def all_wordings(given: Mapping[str, str]) -> dict[str, str]:
    """The consent's words by language, each one paragraph; empty ones are left out."""
    kept = {language: " ".join(words.split()) for language, words in given.items() if words.strip()}
    for language, words in kept.items():
        try:
            kept[language] = names.clean(words, most=LONGEST_WORDING)
        except NameRefused as refusal:
            raise DetailsRefused(refusal.reason, field=f"wording_{language}") from refusal
    _chosen(kept, languages.NAMES, "wordings")
    return kept


def age_key(typed: str) -> str:
    """A recipient of age (X25519), ``age1…``."""
    try:
        return str(pyrage.x25519.Recipient.from_str(typed.strip()))
    except pyrage.RecipientError as refusal:
        sentence = _("This is no public key of age: it begins with age1. Never enter the secret one.")
        raise DetailsRefused(sentence, field="age_key") from refusal


def refuse_to_share_without(wordings: Mapping[str, str], notice: str, *, wanted: bool) -> None:
    """Nobody agrees to what is not said, nor without being told what becomes of it."""
    if wanted and not wordings:
        raise DetailsRefused(_("To be given people, it needs the words of its consent."), field="may_share")
    if wanted and not notice:
        raise DetailsRefused(_("To be given people, it needs the address of its privacy notice."), field="notice")


def _chosen(chosen: Iterable[str], known: Iterable[str], field: str) -> list[str]:
    among = set(known)
    found = list(dict.fromkeys(chosen))
    if not among.issuperset(found):
        raise DetailsRefused(_("Please choose from the list."), field=field)
    return found
