"""What is drafted and not published: how it differs from what stands, and the folder that it would make."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

from flask_babel import gettext

from petition.declarations import differing, drafts, framing, reading, saving, sections, texts
from petition.declarations.drafts import FRAME, TEXT, Content
from petition.declarations.folders import LARGEST_FILE, Folder
from petition.declarations.framing import FrameRefused
from petition.declarations.models import Declaration, Draft
from petition.declarations.plans import SECTIONS, Plan, Section, Sections
from petition.declarations.texts import Text
from petition.declarations.values import Complain

PARTS = (TEXT, *SECTIONS)

Key = tuple[str, str]
"""Part and language."""


@dataclass(frozen=True)
class Problem:
    """Why something cannot be published; ``field`` is where it was typed, ``line`` counts within its body."""

    part: str
    language: str
    field: str
    sentence: str
    line: int = 0


class NotReady(Exception):
    """What is drafted cannot be published as it is; ``problems`` holds every reason."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.sentence for problem in problems))
        self.problems = problems


class Desk:
    """A declaration as its editors see it: what is published, and the drafts over it."""

    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        self.plan = declaration.plan
        self.drafts = drafts.drafts_of(declaration)
        self.current = reading.current_texts(declaration)

    @property
    def is_published(self) -> bool:
        return bool(self.current)

    @cached_property
    def languages(self) -> list[str]:
        """Those of the frame that is drafted, then those that it would drop."""
        frame = self.drafts.get((FRAME, ""))
        drafted = frame.content["languages"] if frame else self.plan.languages
        return list(dict.fromkeys([*drafted, *self.plan.languages]))

    def draft(self, part: str, language: str = "") -> Draft | None:
        return self.drafts.get((part, language))

    def published(self, part: str, language: str = "") -> Content:
        """What the fields would hold without any draft."""
        if part == FRAME:
            return framing.content_of(self.plan)
        source = self.source(part, language)
        return drafts.content_of(part, source) if source else drafts.empty(part)

    def source(self, part: str, language: str) -> str:
        """Of what is published, empty where nothing is."""
        if part == TEXT:
            return self.current[language].source if language in self.current else ""
        section = self.section(language, part)
        return section.source if section else ""

    def section(self, language: str, name: str) -> Section | None:
        return self.plan.sections[language].get(name)

    def content(self, part: str, language: str = "") -> Content:
        draft = self.draft(part, language)
        return draft.content if draft else self.published(part, language)

    def seen(self, part: str, language: str = "") -> str:
        return drafts.seen(self.draft(part, language), self.published(part, language))

    def differences(self, part: str, language: str) -> list[differing.Paragraph]:
        return differing.compare(_whole(self.published(part, language)), _whole(self.content(part, language)))

    def folder(self, chosen: Collection[Key]) -> Folder:
        """What would be published with these drafts, and nothing but these. Raises NotReady."""
        problems: list[Problem] = []
        plan = self._plan((FRAME, "") in chosen, problems)
        found = [text for each in plan.languages if (text := self._text(each, (TEXT, each) in chosen, problems))]
        beside = Sections({language: {} for language in plan.languages})
        for language in plan.languages:
            for name in SECTIONS:
                if section := self._section(name, language, (name, language) in chosen, problems):
                    beside[language][name] = section
        problems += [
            gap for gap in _gaps(beside) if (gap.part, gap.language) not in {(p.part, p.language) for p in problems}
        ]
        if problems:
            raise NotReady(problems)
        frame = replace(saving.frame_of(self.declaration), plan=replace(plan, sections=beside))
        return Folder(frame, tuple(found))

    def _plan(self, drafted: bool, problems: list[Problem]) -> Plan:
        if not drafted:
            return self.plan
        try:
            return framing.plan_of(self.content(FRAME), self.plan)
        except FrameRefused as refusal:
            problems += [Problem(FRAME, "", field, sentence) for field, sentence in refusal.problems.items()]
            return self.plan

    def _text(self, language: str, drafted: bool, problems: list[Problem]) -> Text | None:
        if drafted:
            return read_text(language, self.content(TEXT, language), problems)
        known = self.current.get(language)
        if known is None:
            problems.append(Problem(TEXT, language, "", gettext("There is no text in this language yet.")))
            return None
        return Text(language, known.sha256, known.title, known.summary, known.source, known.html)

    def _section(self, name: str, language: str, drafted: bool, problems: list[Problem]) -> Section | None:
        if drafted:
            return read_section(name, language, self.content(name, language), problems)
        return self.section(language, name)


def read_text(language: str, content: Content, problems: list[Problem]) -> Text | None:
    """The text that the fields make; None if they cannot be used, every reason among the problems."""
    known = len(problems)
    for field, sentence in (
        ("title", gettext("Please give the text a title.")),
        ("summary", gettext("Please give the text a summary.")),
    ):
        if not content[field]:
            problems.append(Problem(TEXT, language, field, sentence))
    source, before = drafts.compose(TEXT, content)
    if _too_large(source, TEXT, language, problems):
        return None
    read = texts.read(language, source.encode(), _told(problems, TEXT, language, before))
    return read if len(problems) == known else None


def read_section(name: str, language: str, content: Content, problems: list[Problem]) -> Section | None:
    """The section that the fields make; none where they are empty, which takes it off the page."""
    if content == drafts.empty(name):
        return None
    if not content["title"]:
        problems.append(Problem(name, language, "title", gettext("Please give the section a title.")))
        return None
    source, before = drafts.compose(name, content)
    if _too_large(source, name, language, problems):
        return None
    return sections.read(name, language, source.encode(), _told(problems, name, language, before))


def _too_large(source: str, part: str, language: str, problems: list[Problem]) -> bool:
    if len(source.encode()) <= LARGEST_FILE:
        return False
    problems.append(Problem(part, language, "body", gettext("The text is larger than 1 MiB.")))
    return True


def _told(problems: list[Problem], part: str, language: str, before: int) -> Complain:
    def complain(line: int, sentence: str) -> None:
        # Title and summary have fields of their own, and their own sentences.
        if line > before or part != TEXT or line > 1:
            problems.append(Problem(part, language, "body", sentence, max(line - before, 1)))

    return complain


def _gaps(beside: Sections) -> list[Problem]:
    """A section that one language has must be there in every language."""
    present = {name for named in beside.values() for name in named}
    return [
        Problem(name, language, "", gettext("This section is there in other languages, and missing in this one."))
        for language, named in beside.items()
        for name in SECTIONS
        if name in present - named.keys()
    ]


def _whole(content: Content) -> str:
    return "\n\n".join(str(value) for value in content.values() if value)
