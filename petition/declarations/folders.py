"""A declaration on disk: a folder with declaration.toml and one Markdown file for each language."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from petition.declarations import frames, texts
from petition.declarations.plans import Frame
from petition.declarations.texts import Text

SAMPLE = Path(__file__).with_name("sample")
FRAME_FILE = "declaration.toml"
LARGEST_FILE = 1024 * 1024


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
    for file in sorted(path.glob("*.md")):
        if frame and file.stem not in languages and file.name != "README.md":
            problems.append(Problem(file.name, 1, f"“{file.stem}” is not among the languages of {FRAME_FILE}."))
    if problems or frame is None:
        raise FolderRefused(path, problems)
    return Folder(frame, tuple(found))


def _complain(problems: list[Problem], file: str, line: int, sentence: str) -> None:
    problems.append(Problem(file, line, sentence))


def _languages_present(path: Path) -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in path.glob("*.md") if file.name != "README.md"))


def _read_text(path: Path, language: str, problems: list[Problem]) -> Text | None:
    name = f"{language}.md"
    content = _content(path / name, problems)
    return None if content is None else texts.read(language, content, partial(_complain, problems, name))


def _content(file: Path, problems: list[Problem]) -> bytes | None:
    try:
        if file.stat().st_size > LARGEST_FILE:
            problems.append(Problem(file.name, 1, "The file is larger than 1 MiB."))
            return None
        return file.read_bytes()
    except OSError as problem:
        problems.append(Problem(file.name, 1, f"The file cannot be read: {problem.strerror}."))
        return None
