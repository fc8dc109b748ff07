"""The frame as screens show it: the keys of declaration.toml in the fields of a form, checked by the same rules."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_babel import gettext

from petition.declarations import asking, frames, people, saving
from petition.declarations.drafts import Content, line
from petition.declarations.plans import CONSENTS, OPTIONAL_FIELDS, Event, Plan, Wording
from petition.declarations.values import Values

ROWS = {"organisers": people.ORGANISER_KEYS, "founding": people.FOUNDING_KEYS, "sectors": ("code",)}
"""What is repeated, with the keys of each row; words by language stand beside them."""
WORDED = {"founding": ("role", "affiliation"), "sectors": ("",)}
"""The keys of a row that have words by language; of a sector, the row itself."""
EVENT_KEYS = tuple(Event.__annotations__)


class FrameRefused(Exception):
    """Something is wrong; ``problems`` holds a sentence for each field."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = problems


class FormValues(Values):
    """Values that were typed into the fields of a form: what is wrong is told beside its field."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__("", values, lambda line, _sentence: None)
        self.problems: dict[str, str] = {}

    def refuse(self, key: str, sentence: str, table: str = "", *, nth: int = 0, language: str = "") -> None:
        self.sound = False
        place = [table or key]
        if place[0] in ROWS and self.values.get(place[0]):
            place.append(str(nth))
        place += [key] if table else []
        place += [language] if language else []
        told = gettext("The words are missing in this language.") if language else sentence
        self.problems.setdefault("-".join(place), str(told))


def content_of(plan: Plan) -> Content:
    """What the fields show of a plan."""

    def words(wording: Wording | None) -> dict[str, str]:
        return _shown(wording, plan.languages)

    return {
        "sample": plan.sample,
        "languages": list(plan.languages),
        "time_zone": plan.time_zone,
        "goal": str(plan.goal),
        "retention_days": str(plan.retention_days),
        "addressee": words(plan.addressee),
        "organisers": [{"name": line(name), "contact": plan.contacts.get(name, "")} for name in plan.organisers],
        "founding": [
            {
                "name": each.name,
                "country": each.country or "",
                "role": _once(each.role, plan.languages),
                "affiliation": _once(each.affiliation, plan.languages),
            }
            for each in plan.founding
        ],
        "event": {
            language: {key: line(value) for key, value in vars(event).items()}
            for language, event in plan.events.items()
        },
        "fields": {name: plan.asks(name) for name in OPTIONAL_FIELDS},
        "sectors": [{"code": each.code, **words(each.names)} for each in plan.sectors],
        "consents": {purpose: words(plan.consents.get(purpose)) for purpose in CONSENTS},
    }


def plan_of(content: Content, current: Plan) -> Plan:
    """The plan that the fields make; what they do not show stays as in the current one. Raises FrameRefused."""
    values = FormValues(_as_in_a_file(content))
    values.languages = frames.languages_of(values)
    plan = frames.plan_of(values)
    if not values.sound:
        raise FrameRefused(values.problems)
    handovers = tuple(each.within(plan.languages) for each in current.handovers)
    return replace(plan, paused=current.paused, handovers=handovers, sections=current.sections)


def read_slug(given: str) -> str:
    """Raises FrameRefused."""
    values = FormValues({"slug": given})
    slug = frames.slug_of(values)
    if not values.sound:
        raise FrameRefused(values.problems)
    return slug


def differences(before: Content, after: Content) -> list[tuple[str, str, str]]:
    """What is set, what it was, and what it is after: named as declaration.toml would name the place."""
    old, new = _flat(before), _flat(after)
    names = dict.fromkeys([*old, *new])
    return [(name, old.get(name, ""), new.get(name, "")) for name in names if old.get(name, "") != new.get(name, "")]


def _flat(value: Any, name: str = "") -> dict[str, str]:
    if isinstance(value, dict):
        found = [_flat(each, f"{name}.{key}" if name else str(key)) for key, each in value.items()]
    elif isinstance(value, list) and name != "languages":
        found = [_flat(each, f"{name}.{number}") for number, each in enumerate(value, 1)]
    else:
        return {name: " ".join(value) if isinstance(value, list) else str(value)}
    return {key: words for each in found for key, words in each.items()}


def _as_in_a_file(content: Content) -> dict[str, Any]:
    """Without what was left empty, and without the words in languages that were dropped."""
    languages = content["languages"]

    def words(given: Mapping[str, str]) -> dict[str, str]:
        return {language: given[language] for language in languages if given.get(language)}

    agree, updates = (words(content["consents"].get(purpose, {})) for purpose in CONSENTS)
    return {
        **{name: content[name] for name in ("sample", "languages", "time_zone")},
        **{name: _number(content[name]) for name in ("goal", "retention_days")},
        "fields": {name: asked for name, asked in content["fields"].items() if asked in asking.ASKED},
        "addressee": words(content["addressee"]),
        "organisers": [
            {"name": each.get("name", ""), **({"contact": each["contact"]} if each.get("contact") else {})}
            for each in content["organisers"]
        ],
        "founding": [_founding(each, languages) for each in content["founding"]],
        "event": {language: event for language, event in content["event"].items() if language in languages},
        "sectors": [{"code": each.get("code", ""), **words(each)} for each in content["sectors"]],
        "consents": {"agree": agree, **({"updates": updates} if updates else {})},
    }


def _founding(row: Mapping[str, Any], languages: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {key: row[key] for key in ("name", "country") if row.get(key)}
    for key in WORDED["founding"]:
        given = {language: words for language, words in row.get(key, {}).items() if language in languages and words}
        if given:
            found[key] = next(iter(given.values())) if len(given) == 1 else given
    return found


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 15 else -1


def _once(wording: Wording | None, languages: tuple[str, ...]) -> dict[str, str]:
    """Words that are the same in all languages stand in the first one's field alone."""
    if wording and isinstance(same := saving.once(wording), str):
        return {languages[0]: same}
    return _shown(wording, languages)


def _shown(wording: Wording | None, languages: tuple[str, ...]) -> dict[str, str]:
    return {language: line(wording[language]) for language in languages} if wording else {}
