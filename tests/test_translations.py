"""Every sentence that people read here is there in every language that the site offers, and only once in English."""

import re
from collections.abc import Iterable, Iterator
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

PAGES = {
    "": "Aggiunga il suo nome",
    "/sign": "Firmi la dichiarazione",
    "/check-your-mail": "Controlli la sua casella di posta",
    "/signatories": "Non è ancora mostrato alcun nome.",
}
"""Public pages under a declaration, each with a sentence that stands on it."""


@pytest.fixture(scope="module")
def extracted() -> set[str | tuple[str, ...]]:
    """The messages that code and templates hold now; of a plural, both its forms."""
    with (TRANSLATIONS / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    keywords = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
    found = extract_from_dir(ROOT, methods, options, keywords=keywords)
    return {message for _file, _line, message, _comments, _context in found}


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_and_none_is_left_over(language: str, extracted: set[str]) -> None:
    catalogue = _catalogue(language)

    assert {message.id for message in _messages(catalogue)} == extracted, "run: make translations"
    assert [message.id for message in _messages(catalogue) if not all(_forms(message.string))] == []
    assert [message.id for message in _messages(catalogue) if message.fuzzy] == []
    assert list(catalogue.obsolete) == []


def test_the_list_of_messages_is_the_one_in_the_code(extracted: set[str]) -> None:
    with (TRANSLATIONS / "messages.pot").open("rb") as file:
        listed = {message.id for message in _messages(read_po(file))}

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


@pytest.mark.parametrize(("path", "sentence"), PAGES.items())
def test_an_italian_page_is_italian_throughout(app: Flask, client: FlaskClient, path: str, sentence: str) -> None:
    page = client.get(f"/it/{make.SLUG}{path}").text

    assert sentence in page
    _assert_italian(page)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/it/privacy", "Informativa sulla privacy"),
        ("/it/confirm", "Inserisca il codice ricevuto per e-mail"),
        ("/it/no-such-declaration", "Questa pagina non esiste"),
        ("/it/confirm/unknown", "Questo link non è valido"),
    ],
)
def test_an_italian_page_beside_the_declaration_is_italian(
    app: Flask, client: FlaskClient, path: str, sentence: str
) -> None:
    page = client.get(path).text

    assert sentence in page
    _assert_italian(page)


def test_an_italian_form_refuses_in_italian(app: Flask, client: FlaskClient) -> None:
    empty = make.form(ticket=make.ticket("it"), name="", email="nobody", country="", agree=None, visibility="?")

    page = client.post(f"/it/{make.SLUG}/sign", data=empty).text

    for sentence in (
        "Indichi il suo nome.",
        "Indichi un indirizzo e-mail completo, ad esempio nome@example.org.",
        "Scelga il suo Paese.",
        "Scelga chi può vedere il suo nome.",
        "Per firmare occorre esprimere il consenso selezionando questa casella.",
    ):
        assert sentence in page
    assert "<title>Errore:" in page
    _assert_italian(page)


def test_signing_in_italian_brings_italian_mails_and_pages(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    client.post(f"/it/{make.SLUG}/sign", data=make.form(ticket=make.ticket("it"), name="Elena Cornaro"))
    asked = mails.take_one().message
    confirm = make.link(asked, "confirm")

    asking = client.get(confirm).text
    submission = re.search(r'name="submission" value="([^"]+)"', asking)
    assert submission
    client.post(confirm, data=make.form(submission=submission[1], name="Elena Cornaro"))
    thanks = mails.take_one().message
    own = client.get(make.link(thanks, "signature")).text
    refusing = client.get(make.link(asked, "not-me")).text

    assert (asked["Subject"], thanks["Subject"]) == ("Confermi la sua firma", "La sua firma è confermata")
    assert "Ecco ciò che sarà registrato." in asking
    assert "Ha firmato. Grazie." in client.get(confirm).text
    assert "Che cosa è conservato" in own
    assert "Non era una sua richiesta?" in refusing
    for page in (asking, own, refusing):
        _assert_italian(page)
    for mail in (asked, thanks):
        for part in ("plain", "html"):
            body = mail.get_body((part,))
            assert body is not None
            assert _english_in(body.get_content()) == []


def _catalogue(language: str) -> Catalog:
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def _messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def _forms(text: str | Iterable[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _said(catalogue: Catalog) -> dict[tuple[str, ...], tuple[str, ...]]:
    return {tuple(_forms(message.id)): tuple(_forms(message.string)) for message in _messages(catalogue)}


def _assert_italian(page: str) -> None:
    assert '<html lang="it" dir="ltr">' in page
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
