"""Markdown as organisers write it: its lines, what cannot be shown, and the safe HTML made of it once."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import nh3
from flask_babel import force_locale, gettext
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from petition.declarations.values import Complain

# A list may begin at another number than 1; ids, roles and labels are the footnotes' own.
_TAGS = {
    "p", "h2", "h3", "h4", "h5", "h6", "ol", "ul", "li", "blockquote", "em", "strong", "a", "hr", "br", "code", "pre",
    "sup", "div",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "id", "role", "aria-label"}, "ol": {"start"}, "li": {"id"}, "div": {"class"}}
_SCHEMES = {"http", "https", "mailto"}
_NOTE = re.compile(r"[ >]*\[\^([^\]\s]+)\]:")
_DANGLING = re.compile(r"\[\^([^\[\]\s]+)\]")


def _parser() -> MarkdownIt:
    # Tables are recognised so that they can be complained of.
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    footnote_plugin(parser, inline=False)
    parser.add_render_rule("footnote_ref", _render_reference)
    parser.add_render_rule("footnote_block_open", lambda *_: '<div class="footnotes">\n<ol>\n')
    parser.add_render_rule("footnote_block_close", lambda *_: "</ol>\n</div>\n")
    parser.add_render_rule("footnote_open", _render_note)
    parser.add_render_rule("footnote_anchor", _render_way_back)
    return parser


def decode(content: bytes, complain: Complain) -> str | None:
    try:
        return content.decode()
    except UnicodeDecodeError as problem:
        complain(content.count(b"\n", 0, problem.start) + 1, "This is not UTF-8.")
        return None


def lines(source: str) -> list[str]:
    """As editors count them; ``splitlines`` would also break at rarer separators inside a line."""
    return source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def parse(markdown: str) -> tuple[list[Token], dict[str, Any]]:
    """The tokens, and what the parser noted beside them, footnotes among it."""
    noted: dict[str, Any] = {}
    return _PARSER.parse(markdown, noted), noted


def render(markdown: str, *, language: str = "en", document: str = "text", demote: int = 0) -> str:
    """HTML without scripts, raw HTML or any link but to the web and to mail addresses.

    The ids of footnotes carry the name of the ``document``, so that several may stand on one page; its headings
    are made smaller by ``demote`` levels.
    """
    tokens, noted = parse(markdown)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + demote, 6)}"
    with force_locale(language):
        html = _PARSER.renderer.render(tokens, _PARSER.options, {**noted, "document": document})
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES)


def check(markdown: str, first: int, complain: Complain) -> None:
    """Complain of what would be lost or misread on the page; ``first`` is the number of the first line."""
    tokens, noted = parse(markdown)
    for token in tokens:
        line = first + token.map[0] if token.map else first
        if token.type == "heading_open" and token.tag == "h1":
            complain(line, gettext("Headings begin with ##; there is one title, and it has its own place."))
        elif token.type == "table_open":
            complain(line, gettext("Tables cannot be shown; please write a list."))
        elif token.type == "inline":
            _check_references(token.children or [], line, complain)
    _check_notes(markdown, noted, first, complain)


def check_nul(found: Iterable[str], complain: Complain) -> None:
    for number, line in enumerate(found, 1):
        if "\0" in line:
            complain(number, gettext("The text must not hold NUL bytes."))


def _check_references(inline: Sequence[Token], line: int, complain: Complain) -> None:
    for token in inline:
        if token.type in ("softbreak", "hardbreak"):
            line += 1
        elif token.type == "text":
            for label in _DANGLING.findall(token.content):
                complain(
                    line,
                    gettext(
                        "The footnote %(mark)s has no text; it is written as a line %(mark)s: …", mark=f"[^{label}]"
                    ),
                )


def _check_notes(markdown: str, noted: dict[str, Any], first: int, complain: Complain) -> None:
    written = [
        (number, note[1]) for number, line in enumerate(markdown.split("\n"), first) if (note := _NOTE.match(line))
    ]
    lines_of = {label: number for number, label in reversed(written)}
    for label, number in noted.get("footnotes", {}).get("refs", {}).items():
        if number < 0:
            complain(
                lines_of.get(label[1:], first),
                gettext("Nothing refers to the footnote %(mark)s.", mark=f"[^{label[1:]}]"),
            )


def _render_reference(_: Any, tokens: Sequence[Token], index: int, __: Any, noted: dict[str, Any]) -> str:
    note, place = _names(tokens[index], noted)
    number = tokens[index].meta["id"] + 1
    return f'<sup><a href="#fn-{note}" id="fnref-{place}" role="doc-noteref">{number}</a></sup>'


def _render_note(_: Any, tokens: Sequence[Token], index: int, __: Any, noted: dict[str, Any]) -> str:
    return f'<li id="fn-{_names(tokens[index], noted)[0]}">'


def _render_way_back(_: Any, tokens: Sequence[Token], index: int, __: Any, noted: dict[str, Any]) -> str:
    _note, place = _names(tokens[index], noted)
    label = gettext("Back to where note %(number)s stands", number=tokens[index].meta["id"] + 1)
    # U+FE0E keeps the arrow from being shown as a picture.
    return f' <a href="#fnref-{place}" role="doc-backlink" aria-label="{label}">\u21a9\ufe0e</a>'


def _names(token: Token, noted: dict[str, Any]) -> tuple[str, str]:
    """Of the note, and of the place that refers to it: the first, or a later one."""
    note = f"{noted['document']}-{token.meta['id'] + 1}"
    mention = token.meta.get("subId", 0)
    return note, f"{note}-{mention + 1}" if mention > 0 else note


_PARSER = _parser()
