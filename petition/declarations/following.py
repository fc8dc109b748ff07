"""Which version of the first language a translation says the same as, and whether that is still the current one."""

import hashlib
from dataclasses import replace

from petition.declarations.models import Declaration, DeclarationText
from petition.declarations.plans import Plan, Section, Sections


def is_outdated(text: DeclarationText, first: DeclarationText | None) -> bool:
    """The first language has another current version than the one that this translation follows.

    Nothing is known of what follows nothing: it is not called outdated.
    """
    if first is None or text.language == first.language or text.follows is None:
        return False
    return text.follows != first.sha256


def is_section_outdated(section: Section, first: Section | None) -> bool:
    return bool(first and section.follows and section.follows != digest(first))


def confirm(text: DeclarationText, *, first: DeclarationText) -> None:
    """Somebody has looked: the translation says what the first language’s current version says."""
    text.follows = first.sha256


def confirm_section(declaration: Declaration, language: str, name: str) -> Plan:
    """The plan in which this section follows the current one of the first language."""
    plan = declaration.plan
    followed = digest(plan.sections[plan.languages[0]][name])
    section = replace(plan.sections[language][name], follows=followed)
    sections = {**plan.sections, language: {**plan.sections[language], name: section}}
    return replace(plan, sections=Sections(sections))


def follow(plan: Plan, before: Plan | None) -> Plan:
    """The plan with what each section follows: those that are as they were follow what they followed."""
    first = plan.languages[0]
    return replace(
        plan,
        sections=Sections(
            {
                language: {
                    name: replace(section, follows=_followed(plan, before, language, name) if language != first else "")
                    for name, section in named.items()
                }
                for language, named in plan.sections.items()
            }
        ),
    )


def _followed(plan: Plan, before: Plan | None, language: str, name: str) -> str:
    section = plan.sections[language][name]
    known = before.sections[language].get(name) if before else None
    if known and known.source == section.source and before and before.languages[0] == plan.languages[0]:
        return known.follows
    followed = plan.sections[plan.languages[0]].get(name)
    return digest(followed) if followed else ""


def digest(section: Section) -> str:
    return hashlib.sha256(section.source.encode()).hexdigest()
