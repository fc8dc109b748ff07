"""A declaration on disk: declaration.toml, a Markdown file for each language, and what stands beside the text."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from petition.declarations import frames, sections, texts
from petition.declarations.plans import SECTIONS, Frame, Sections
from petition.declarations.texts import Text

SAMPLE = Path(__file__).with_name("sample")
FRAME_FILE = "declaration.toml"
LARGEST_FILE = 1024 * 1024
IGNORED = "README.md"


@dataclass(frozen=True, order=True)
class Problem:
    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


class FolderRefused(Exception):
    """The folder cannot be loaded; ``problems`` holds every reason, in the order of files and lines."""

    def __init__(self, folder: Path, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__(f"{folder} cannot be loaded:\n" + "\n".join(f"  {problem}" for problem in self.problems))


@dataclass(frozen=True)
class Folder:
    frame: Frame
    texts: tuple[Text, ...]
    """One for each of the frame's languages, in its order."""


def read(path: Path) -> Folder:
    """Read and check the whole folder. Raises FolderRefused with every problem found."""
    problems: list[Problem] = []
    content = _content(path / FRAME_FILE, problems)
    frame = None
    if content is not None:
        frame = frames.read(content, partial(_complain, problems, FRAME_FILE))
    languages = frame.plan.languages if frame else _languages_present(path)
    found = [text for language in languages if (text := _read_text(path, language, problems))]
    beside = _read_sections(path, languages, problems)
    if frame:
        _refuse_gaps(path, languages, problems)
        _refuse_strangers(path, languages, problems)
    if problems or frame is None:
        raise FolderRefused(path, problems)
    return Folder(replace(frame, plan=replace(frame.plan, sections=beside)), tuple(found))


def _complain(problems: list[Problem], file: str, line: int, sentence: str) -> None:
    problems.append(Problem(file, line, sentence))


def _languages_present(path: Path) -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in path.glob("*.md") if file.name != IGNORED and "." not in file.stem))


def _read_text(path: Path, language: str, problems: list[Problem]) -> Text | None:
    name = f"{language}.md"
    content = _content(path / name, problems)
    return None if content is None else texts.read(language, content, partial(_complain, problems, name))


def _read_sections(path: Path, languages: tuple[str, ...], problems: list[Problem]) -> Sections:
    found = Sections({language: {} for language in languages})
    for language in languages:
        for name in SECTIONS:
            file = _section_file(path, language, name)
            content = _content(file, problems) if file.exists() else None
            if content is None:
                continue
            section = sections.read(name, language, content, partial(_complain, problems, file.name))
            if section:
                found[language][name] = section
    return found


def _section_file(path: Path, language: str, name: str) -> Path:
    return path / f"{language}.{name}.md"


def _refuse_gaps(path: Path, languages: tuple[str, ...], problems: list[Problem]) -> None:
    """A section that one language has must be there in every language."""
    for name in SECTIONS:
        given = [language for language in languages if _section_file(path, language, name).exists()]
        for language in languages if given else ():
            if language not in given:
                sentence = f"This file is missing: there is a section “{name}” in {', '.join(given)}."
                problems.append(Problem(_section_file(path, language, name).name, 1, sentence))


def _refuse_strangers(path: Path, languages: tuple[str, ...], problems: list[Problem]) -> None:
    for file in path.glob("*.md"):
        language, dot, name = file.stem.partition(".")
        if file.name == IGNORED:
            continue
        if language not in languages:
            problems.append(Problem(file.name, 1, f"“{language}” is not among the languages of {FRAME_FILE}."))
        elif dot and name not in SECTIONS:
            problems.append(Problem(file.name, 1, f"There is no section “{name}”, only {', '.join(SECTIONS)}."))


def _content(file: Path, problems: list[Problem]) -> bytes | None:
    try:
        if file.stat().st_size > LARGEST_FILE:
            problems.append(Problem(file.name, 1, "The file is larger than 1 MiB."))
            return None
        return file.read_bytes()
    except OSError as problem:
        problems.append(Problem(file.name, 1, f"The file cannot be read: {problem.strerror}."))
        return None
