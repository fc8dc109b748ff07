"""Those whom declaration.toml names: who puts the declaration forward, and who signed it first."""

from typing import Any

from flask_babel import gettext

from petition import countries, names
from petition.declarations import contacts
from petition.declarations.contacts import ContactRefused
from petition.declarations.plans import Founding, Wording
from petition.declarations.values import Values

ORGANISERS = "organisers"
ORGANISER_KEYS = ("name", "contact")
FOUNDING = "founding"
FOUNDING_KEYS = ("name", "role", "affiliation", "country")


def organisers(values: Values) -> dict[str, str]:
    """The contact of each by name, in the file's order; only a sample leaves contacts empty."""
    found: dict[str, str] = {}
    for nth, each in enumerate(values.take("organisers", list)):
        known = isinstance(each, dict) and each.keys() <= set(ORGANISER_KEYS)
        name = each.get("name") if known else None
        if not isinstance(name, str):
            sentence = "Each [[organisers]] needs a “name” and a “contact”, and nothing else."
            values.refuse(ORGANISERS, sentence, nth=nth)
        elif not name.strip():
            values.refuse("name", gettext("Each organiser needs a name."), ORGANISERS, nth=nth)
        elif name in found:
            values.refuse("name", gettext("This organiser is named twice."), ORGANISERS, nth=nth)
        else:
            found[name] = _contact(values, each.get("contact"), nth)
    if not found and not values.values.get(ORGANISERS):
        values.refuse(ORGANISERS, gettext("There must be at least one organiser."))
    return found


def _contact(values: Values, given: object, nth: int) -> str:
    if given is None:
        if values.values.get("sample") is not True:
            sentence = gettext("Please say how this organiser is reached; only a sample may do without.")
            values.refuse("contact", sentence, ORGANISERS, nth=nth)
        return ""
    try:
        return contacts.read(given if isinstance(given, str) else "")
    except ContactRefused:
        sentence = gettext("The contact must be a mail address, or an address that begins with https://.")
        values.refuse("contact", sentence, ORGANISERS, nth=nth)
        return ""


def founding(values: Values) -> tuple[Founding, ...]:
    """The founding signatories in the file's order. What is printed of them obeys the rules of names."""
    found: list[Founding] = []
    for nth, each in values.blocks(FOUNDING):
        signatory = _Block(values, each, nth).founding()
        if signatory in found:
            values.refuse("name", gettext("This founding signatory is named twice."), FOUNDING, nth=nth)
        found.append(signatory)
    return tuple(found)


class _Block:
    """One [[founding]], the ``nth``."""

    def __init__(self, values: Values, block: dict[str, Any], nth: int) -> None:
        self.values = values
        self.block = block
        self.nth = nth

    def founding(self) -> Founding:
        for key in self.block.keys() - set(FOUNDING_KEYS):
            self._refuse(key, f"“{key}” is not one of {', '.join(FOUNDING_KEYS)}.")
        return Founding(self._name(), self._words("role"), self._words("affiliation"), self._country())

    def _refuse(self, key: str, sentence: str) -> None:
        self.values.refuse(key, sentence, FOUNDING, nth=self.nth)

    def _name(self) -> str:
        if "name" in self.block:
            return self._clean("name", self.block["name"])
        self._refuse("name", gettext("Each founding signatory needs a name."))
        return ""

    def _words(self, key: str) -> Wording | None:
        """One text stands in every language."""
        value = self.block.get(key)
        if value is None:
            return None
        if isinstance(value, str):
            return Wording(dict.fromkeys(self.values.languages, self._clean(key, value)))
        words = self.values.wording(value, key, table=FOUNDING, nth=self.nth)
        return Wording({language: self._clean(key, text) for language, text in words.items() if text.strip()})

    def _country(self) -> str | None:
        country = self.block.get("country")
        if country is None or (isinstance(country, str) and countries.is_known(country)):
            return country
        self._refuse("country", "“country” must be a code of ISO 3166-1 in two capital letters, such as IT.")
        return None

    def _clean(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            self._refuse(key, f"“{key}” must be text.")
            return ""
        try:
            cleaned = names.clean(value)
        except names.NameRefused as refusal:
            self._refuse(key, gettext("This cannot be printed: %(reason)s", reason=refusal.reason))
            return ""
        if not cleaned:
            self._refuse(key, f"“{key}” is empty.")
        return cleaned
