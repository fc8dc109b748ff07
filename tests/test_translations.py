"""Every sentence that people read here is there in every language that the site offers, and only once in English."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Environment, nodes
from markupsafe import escape

from petition import languages
from tests import make
from tests.conftest import Mailbag

ROOT = Path(__file__).parent.parent
TRANSLATIONS = ROOT / "petition" / "translations"
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt"))
TRANSLATED = sorted(set(languages.NAMES) - {"en"})
"""English is the language that the messages are written in."""

NOT_TRANSLATED = {
    "Child Helpline International": "an organisation's name",
    "Internet Watch Foundation": "an organisation's name",
    "INHOPE": "an organisation's name",
    "SHA-256": "a standard's name",
    "UTC": "a standard's name",
    "deliveries.pub": "a file's name",
}
"""What templates say alike in every language, each with its reason."""

NOT_READ = {
    "shape": "a block that holds the name of a class",
    "tied": "a macro that holds attributes, which name ids and states",
}
"""Blocks and macros whose characters nobody reads, each with its reason."""

_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
_LETTERS = re.compile(r"[^\W\d_]")
_SPOKEN_ATTRIBUTES = ("alt", "aria-label", "aria-description", "label", "placeholder", "title")
_EXPRESSION = "\x01"
_LOOK_THROUGH = (
    "This is what will be recorded. Please look through it, correct what is not right, and confirm at the end of the"
    " page."
)

PAGES = {
    f"/{make.SLUG}": "Add your name",
    f"/{make.SLUG}/sign": "Sign the declaration",
    f"/{make.SLUG}/check-your-mail": "Please check your mailbox",
    f"/{make.SLUG}/signatories": "No names are shown yet.",
    "/privacy": "Privacy notice",
    "/confirm": "Type the code from the email",
    "/no-such-declaration": "There is no such page",
    "/confirm/unknown": "Nothing is stored behind this link",
}
"""Public pages, each with a message that stands on it."""


Said = tuple[str | None, str | tuple[str, ...]]
"""A message with its context, which tells apart what is one word in English and two elsewhere."""


@pytest.fixture(scope="module")
def extracted() -> set[Said]:
    """The messages that code and templates hold now; of a plural, both its forms."""
    with (TRANSLATIONS / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    in_context = ((1, "c"), 2)
    keywords = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
    keywords |= dict.fromkeys(("pgettext", "lazy_pgettext"), in_context)
    found = extract_from_dir(ROOT, methods, options, keywords=keywords)
    return {(context, message) for _file, _line, message, _comments, context in found}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_and_none_is_left_over(language: str, extracted: set[Said]) -> None:
    catalogue = _catalogue(language)

    assert {_key(message) for message in _messages(catalogue)} == extracted, "run: make translations"
    assert [message.id for message in _messages(catalogue) if not all(_forms(message.string))] == []
    assert [message.id for message in _messages(catalogue) if message.fuzzy] == []
    assert list(catalogue.obsolete) == []


def test_the_list_of_messages_is_the_one_in_the_code(extracted: set[Said]) -> None:
    with (TRANSLATIONS / "messages.pot").open("rb") as file:
        listed = {_key(message) for message in _messages(read_po(file))}

    assert listed == extracted, "run: make translations"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_placeholders_of_its_message(language: str) -> None:
    differing = [
        (message.id, form)
        for message in _messages(_catalogue(language))
        for form in _forms(message.string)
        if set(_PLACEHOLDER.findall(form)) != set(_PLACEHOLDER.findall(_forms(message.id)[0]))
    ]

    assert differing == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_is_written_with_typographic_quotes(language: str) -> None:
    # CLDR date patterns are the exception: there, straight quotes mark words.
    written = [
        form for message in _messages(_catalogue(language)) for form in _forms(message.string) if "MMM" not in form
    ]

    assert [form for form in written if "'" in form or '"' in form] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_is_what_the_catalogue_says(language: str) -> None:
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        compiled = read_mo(file)

    assert _said(compiled) == _said(_catalogue(language))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_holds_no_words_of_its_own(template: Path) -> None:
    environment = Environment(extensions=["jinja2.ext.i18n"])
    parsed = environment.parse(template.read_text())

    assert [phrase for phrase in _phrases(_outline(parsed), template.suffix) if _is_language(phrase)] == []
    assert [literal for literal in _literals(parsed) if re.search(r"[^\W\d_]{2} [^\W\d_]{2}", literal)] == []


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize(("path", "message"), PAGES.items())
def test_a_page_is_in_its_language_throughout(
    app: Flask, client: FlaskClient, language: str, path: str, message: str
) -> None:
    page = client.get(f"/{language}{path}").text

    _assert_on(page, language, message)
    _assert_throughout(page, language)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_form_refuses_in_its_language(app: Flask, client: FlaskClient, language: str) -> None:
    empty = make.form(ticket=make.ticket(language), name="", email="nobody", country="", agree=None, visibility="?")

    page = client.post(f"/{language}/{make.SLUG}/sign", data=empty).text

    _assert_on(
        page,
        language,
        "Please enter your name.",
        "Please enter a complete email address, such as name@example.org.",
        "Please choose your country.",
        "Please choose who sees your name.",
        "To sign, please agree by ticking this box.",
    )
    assert f"<title>{_in(language, 'Error:')}" in page
    _assert_throughout(page, language)


@pytest.mark.parametrize("language", TRANSLATED)
def test_signing_in_a_language_brings_mails_and_pages_in_it(
    app: Flask, client: FlaskClient, mails: Mailbag, language: str
) -> None:
    signing = make.form(ticket=make.ticket(language), name="Elena Cornaro")
    client.post(f"/{language}/{make.SLUG}/sign", data=signing)
    asked = mails.take_one().message
    confirm = make.link(asked, "confirm")

    asking = client.get(confirm).text
    submission = re.search(r'name="submission" value="([^"]+)"', asking)
    assert submission
    client.post(confirm, data=make.form(submission=submission[1], name="Elena Cornaro"))
    thanks = mails.take_one().message
    own = client.get(make.link(thanks, "signature")).text
    refusing = client.get(make.link(asked, "not-me")).text

    assert asked["Subject"] == _in(language, "Please confirm your signature")
    assert thanks["Subject"] == _in(language, "Your signature is confirmed")
    _assert_on(asking, language, _LOOK_THROUGH)
    _assert_on(client.get(confirm).text, language, "You have signed. Thank you.")
    _assert_on(own, language, "What is stored")
    _assert_on(refusing, language, "This was not you?")
    for page in (asking, own, refusing):
        _assert_throughout(page, language)
    for mail in (asked, thanks):
        for part in ("plain", "html"):
            body = mail.get_body((part,))
            assert body is not None
            assert _english_in(body.get_content()) == []


@cache
def _catalogue(language: str) -> Catalog:
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def _messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def _forms(text: str | Iterable[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _key(message: Message) -> Said:
    return message.context, message.id


def _said(catalogue: Catalog) -> dict[tuple[str | None, ...], tuple[str, ...]]:
    return {(_context(each), *_forms(each.id)): tuple(_forms(each.string)) for each in _messages(catalogue)}


def _context(message: Message) -> str | None:
    """Babel reads it from a compiled catalogue as bytes."""
    context: str | bytes | None = message.context
    return context.decode() if isinstance(context, bytes) else context


def _in(language: str, message: str) -> str:
    """The message as the catalogue of this language has it."""
    found = _catalogue(language).get(message)
    assert found is not None and found.string
    return str(found.string)


def _assert_on(page: str, language: str, *messages: str) -> None:
    plain = " ".join(page.split())
    said = [" ".join(_in(language, message).split()) for message in messages]
    assert [sentence for sentence in said if sentence not in plain and str(escape(sentence)) not in plain] == []


def _assert_throughout(page: str, language: str) -> None:
    assert f'<html lang="{language}" dir="{languages.direction(language)}">' in page
    assert _english_in(page) == []


def _english_in(page: str) -> list[str]:
    """The English messages of at least three words that stand on this page; of those with values, every piece."""
    plain = " ".join(page.split())
    pieces = (
        piece.strip(" .:,“”")
        for message in _messages(_catalogue("it"))
        for form in _forms(message.id)
        for piece in _PLACEHOLDER.split(form)
    )
    return [piece for piece in pieces if len(piece.split()) >= 3 and (piece in plain or str(escape(piece)) in plain)]


def _is_language(phrase: str) -> bool:
    """Whether letters are left when what is alike in every language is taken out."""
    for name in NOT_TRANSLATED:
        phrase = phrase.replace(name, "")
    return bool(_LETTERS.search(phrase))


def _outline(template: nodes.Node) -> str:
    """The template's own characters in their order, with a mark where an expression puts something out."""
    if isinstance(template, nodes.Block | nodes.Macro) and template.name in NOT_READ:
        return ""
    if isinstance(template, nodes.Output):
        return "".join(node.data if isinstance(node, nodes.TemplateData) else _EXPRESSION for node in template.nodes)
    return "".join(_outline(child) for child in template.iter_child_nodes())


def _phrases(outline: str, suffix: str) -> list[str]:
    """What of it is read or heard by people: all of a plain text; of HTML the text and the spoken attributes."""
    if suffix == ".txt":
        return outline.splitlines()
    reader = _Reader()
    reader.feed(outline)
    reader.close()
    return reader.phrases


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.phrases: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        spoken = [*_SPOKEN_ATTRIBUTES, *(["content"] if values.get("name") == "description" else [])]
        self.phrases += [value for name in spoken if (value := values.get(name))]

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is None:
            self.phrases.append(data)


def _literals(node: nodes.Node) -> Iterator[str]:
    """The texts that expressions put out by themselves; what a function is called with is its own affair."""
    for output in node.find_all(nodes.Output):
        for part in output.nodes:
            if not isinstance(part, nodes.TemplateData):
                yield from _constants(part)


def _constants(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    if not isinstance(node, nodes.Call):
        for child in node.iter_child_nodes():
            yield from _constants(child)
