"""A declaration's text in one language: front matter, Markdown, and the safe HTML made of it once."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt

_FENCE = "---"
_KEYS = ("title", "summary")
_TAGS = {
    "p", "h2", "h3", "h4", "ol", "ul", "li", "blockquote", "em", "strong", "a", "hr", "br", "code", "pre", "sup",
}  # fmt: skip
_MARKDOWN = MarkdownIt("commonmark", {"html": False})

Complain = Callable[[int, str], None]
"""Takes the line, counted from 1, and a sentence."""


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
    try:
        source = content.decode()
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        complain(line, "This is not UTF-8.")
        return None
    lines = _lines(source)
    end = _end_of_front_matter(lines)
    if end is None:
        complain(1, f"The file must begin with front matter between two lines {_FENCE}.")
        return None
    values = _front_matter(lines[1:end], complain)
    body = "\n".join(lines[end + 1 :])
    _check_lines(lines, end, complain)
    if values is None or not body.strip():
        return None
    sha256 = hashlib.sha256(content).hexdigest()
    return Text(language, sha256, values["title"], values["summary"], source, render(body))


def render(markdown: str) -> str:
    """HTML without scripts, raw HTML or any link but to the web and to mail addresses."""
    return nh3.clean(
        _MARKDOWN.render(markdown), tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}
    )


def _lines(source: str) -> list[str]:
    """As editors count them; ``splitlines`` would also break at rarer separators inside a line."""
    return source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


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


def _check_lines(lines: list[str], end: int, complain: Complain) -> None:
    if not any(line.strip() for line in lines[end + 1 :]):
        complain(end + 1, "The text is empty.")
    for number, line in enumerate(lines[end + 1 :], end + 2):
        if line.startswith("# "):
            complain(number, "Headings begin with ##; the title stands in the front matter.")
    for number, line in enumerate(lines, 1):
        if "\0" in line:
            complain(number, "The text must not hold NUL bytes.")
