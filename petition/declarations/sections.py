"""Parts of the page beside the signed text, such as why now and questions: a title, then Markdown."""

from dataclasses import replace
from itertools import pairwise

from flask_babel import gettext
from markdown_it.token import Token

from petition.declarations import markdown
from petition.declarations.plans import Question, Section
from petition.declarations.values import Complain

QUESTIONS = "questions"
TITLE = "# "
_BELOW_THE_TITLE = 1
"""A section's title is a heading of the page's second level; what is under it comes a level lower."""


def read(name: str, language: str, content: bytes, complain: Complain) -> Section | None:
    """Read the bytes of ``<language>.<name>.md``; None if they cannot be used, every reason complained of."""
    source = markdown.decode(content, complain)
    if source is None:
        return None
    lines = markdown.lines(source)
    markdown.check_nul(lines, complain)
    start = next((number for number, line in enumerate(lines) if line.strip()), 0)
    title = lines[start].removeprefix(TITLE).strip()
    if not lines[start].startswith(TITLE) or not title:
        complain(start + 1, "A section begins with its title, such as “# Why now”.")
        return None
    body, first = lines[start + 1 :], start + 2
    if not any(line.strip() for line in body):
        complain(start + 1, gettext("The section is empty."))
        return None
    if name == QUESTIONS:
        section = _questions(title, language, body, first, complain)
        return replace(section, source=source) if section else None
    markdown.check("\n".join(body), first, complain)
    return Section(title, _render("\n".join(body), language, name), source=source)


def take_apart(source: str) -> tuple[str, str]:
    """The title and the body of a section that was read before."""
    lines = markdown.lines(source)
    start = next((number for number, line in enumerate(lines) if line.strip()), 0)
    return lines[start].removeprefix(TITLE).strip(), "\n".join(lines[start + 1 :])


def put_together(title: str, body: str) -> str:
    return f"{TITLE}{title}\n\n{body}\n"


def _questions(title: str, language: str, lines: list[str], first: int, complain: Complain) -> Section | None:
    """Each answer is a document of its own: its footnotes stay with it."""
    asked = _headings("\n".join(lines))
    if not asked:
        complain(first - 1, gettext("There is no question; each is a heading that begins with ##."))
        return None
    before = "\n".join(lines[: asked[0][0]])
    markdown.check(before, first, complain)
    found = []
    for number, ((_, start, question), (end, _, _)) in enumerate(pairwise([*asked, (len(lines), 0, "")]), 1):
        answer = "\n".join(lines[start:end])
        if not question or not answer.strip():
            complain(first + start - 1, gettext("Each question needs its words and an answer."))
        markdown.check(answer, first + start, complain)
        found.append(Question(question, _render(answer, language, f"{QUESTIONS}-{number}")))
    return Section(title, _render(before, language, f"{QUESTIONS}-0"), tuple(found))


def _headings(source: str) -> list[tuple[int, int, str]]:
    """Of every heading of the second level: its line, the line after it, both counted from 0, and its words."""
    tokens, _ = markdown.parse(source)
    return [
        (opened.map[0], opened.map[1], _plain(words))
        for opened, words in pairwise(tokens)
        if opened.type == "heading_open" and opened.tag == "h2" and opened.level == 0 and opened.map
    ]


def _plain(inline: Token) -> str:
    parts = (" " if token.type == "softbreak" else token.content for token in inline.children or [])
    return "".join(parts).strip()


def _render(source: str, language: str, document: str) -> str:
    return markdown.render(source, language=language, document=document, demote=_BELOW_THE_TITLE)
