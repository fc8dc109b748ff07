"""A declaration's text in one language: front matter, then Markdown."""

import hashlib
from dataclasses import dataclass

from petition.declarations import markdown
from petition.declarations.values import Complain

_FENCE = "---"
_KEYS = ("title", "summary")


@dataclass(frozen=True)
class Text:
    """One language's file, read. ``sha256`` is of the file's bytes, so that anyone can check it."""

    language: str
    sha256: str
    title: str
    summary: str
    source: str
    html: str


def read(language: str, content: bytes, complain: Complain) -> Text | None:
    """Read the bytes of ``<language>.md``; None if they cannot be used, every reason complained of."""
    source = markdown.decode(content, complain)
    if source is None:
        return None
    lines = markdown.lines(source)
    end = _end_of_front_matter(lines)
    if end is None:
        complain(1, f"The file must begin with front matter between two lines {_FENCE}.")
        return None
    values = _front_matter(lines[1:end], complain)
    body = "\n".join(lines[end + 1 :])
    markdown.check_nul(lines, complain)
    markdown.check(body, end + 2, complain)
    if not body.strip():
        complain(end + 1, "The text is empty.")
        return None
    if values is None:
        return None
    sha256 = hashlib.sha256(content).hexdigest()
    html = markdown.render(body, language=language)
    return Text(language, sha256, values["title"], values["summary"], source, html)


def body(source: str) -> str:
    """The Markdown below the front matter of a text that was read."""
    lines = markdown.lines(source)
    return "\n".join(lines[(_end_of_front_matter(lines) or -1) + 1 :])


def _end_of_front_matter(lines: list[str]) -> int | None:
    if not lines or lines[0] != _FENCE:
        return None
    return next((number for number, line in enumerate(lines[1:], 1) if line == _FENCE), None)


def _front_matter(lines: list[str], complain: Complain) -> dict[str, str] | None:
    values: dict[str, str] = {}
    for number, line in enumerate(lines, 2):
        key, colon, value = line.partition(":")
        if not colon or key.strip() not in _KEYS:
            complain(number, f"Front matter holds only lines of the form “{_KEYS[0]}: …” and “{_KEYS[1]}: …”.")
        elif key.strip() in values:
            complain(number, f"The front matter has a second {key.strip()}.")
        else:
            values[key.strip()] = value.strip()
    missing = [key for key in _KEYS if not values.get(key)]
    for key in missing:
        complain(1, f"The front matter needs a {key}.")
    return None if missing else values
