"""``petition declarations sheet``: a signing sheet in every language, one page, nothing lost."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from petition import typesetting
from petition.declarations import sheets
from petition.declarations.models import Declaration, DeclarationText
from petition.declarations.plans import Plan, Wording
from petition.languages import CODES
from tests import make

PAGE = "https://sign.example.org/xx/child-dignity"
TITLES = {
    "ar": "كرامة الأطفال",
    "hi": "बच्चों की गरिमा",
    "zh": "儿童的尊严",
    "pl": "Godność dzieci: zażółć gęślą jaźń",
}


def _run(app: Flask, *words: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["declarations", "sheet", *map(str, words)])


def _text(language: str = "en", *, affiliation: str = "optional", **given: str) -> DeclarationText:
    words = {
        "title": TITLES.get(language, "The dignity of children"),
        "summary": "In short.",
        "agree": "I agree.",
        **given,
    }
    stored = Plan(
        sample=False,
        languages=(language,),
        time_zone="UTC",
        goal=0,
        retention_days=1,
        addressee=Wording({language: words.get("addressee", "An addressee")}),
        organisers=("An organiser", "Another"),
        consents={"agree": Wording({language: words["agree"]})},
        fields={"affiliation": affiliation},  # type: ignore[dict-item]
    ).to_json()
    return DeclarationText(
        language=language,
        number=3,
        sha256="0123456789abcdef" * 4,
        title=words["title"],
        summary=words["summary"],
        published_at=datetime(2026, 1, 2, tzinfo=UTC),
        declaration=Declaration(slug="child-dignity", stored_plan=stored),
    )


@pytest.fixture
def drawn(app: Flask, tmp_path: Path) -> Iterator["Drawn"]:
    yield Drawn(tmp_path / "sheet.pdf")


class Drawn:
    """Draws a sheet and reads it as others do."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, text: DeclarationText) -> tuple[str, str]:
        """What pdftotext reads, its white space made one; and what pdfinfo says."""
        self.path.write_bytes(sheets.draw(text, page=PAGE))
        return " ".join(_tool("pdftotext", "-raw", self.path, "-").split()), _tool("pdfinfo", self.path)


def _tool(*command: str | Path) -> str:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("language", CODES)
def test_every_language_has_its_sheet_on_one_page_of_a4_across(drawn: Drawn, language: str) -> None:
    words, facts = drawn(_text(language))
    assert "Pages:           1\n" in facts
    assert "841.89 x 595.276 pts (A4)" in facts
    assert TITLES.get(language, "The dignity of children") in facts, "the title is that of the document too"
    assert f"/Lang({language})".encode() in drawn.path.read_bytes()
    assert PAGE in words


def test_the_sheet_says_what_is_signed_for_whom_and_what_becomes_of_it(drawn: Drawn) -> None:
    words, _ = drawn(_text())
    for sentence in (
        "The dignity of children",
        "In short.",
        "Addressed to An addressee",
        "Version 3, published on 2 January 2026 · SHA-256",
        "0123456789abcdef" * 4,
        "By signing here I say: “I agree.”",
        "An organiser · Another are responsible for this sheet",
        "handed over to An addressee, except for your email address",
    ):
        assert sentence in words
    for column in ("Name", "Country", "Affiliation (optional)", "Email address (optional)", "Signature", " 12 "):
        assert column in f"{words} "


def test_an_affiliation_that_the_form_does_not_ask_for_is_not_asked_for_on_paper(drawn: Drawn) -> None:
    assert "Affiliation" not in drawn(_text(affiliation="off"))[0]
    assert "Affiliation (optional)" not in drawn(_text(affiliation="required"))[0]


@pytest.mark.parametrize("language", ["en", "ar", "zh"])
def test_words_of_any_length_keep_to_the_page_and_what_is_agreed_to_stays_whole(drawn: Drawn, language: str) -> None:
    long = "word " * 400
    agreed = " ".join(f"agreed{number}" for number in range(150))
    words, facts = drawn(_text(language, title=long, summary=long, agree=agreed, addressee="name " * 60))
    assert "Pages:           1\n" in facts
    assert agreed in words


@pytest.mark.parametrize(
    "title", ['#panic("x")', "$x$ *y* `z`", '#read("/etc/passwd")', "a \\ b // c", "[ ] { } @a <b>"]
)
def test_words_are_never_taken_for_markup(drawn: Drawn, title: str) -> None:
    words, _ = drawn(_text(title=title, summary=title))
    assert words.startswith(f"{title} {title} ")


@pytest.mark.parametrize("language", ["en", "it"])
def test_the_command_writes_the_sheet_of_the_current_text(app: Flask, tmp_path: Path, language: str) -> None:
    text = make.text(language)
    result = _run(app, make.SLUG, "--lang", language, "--out", tmp_path / "sheet.pdf")
    assert result.stdout == f"{tmp_path}/sheet.pdf: version 1 of the text, {text.sha256[:12]}.\n"
    words = _tool("pdftotext", "-raw", tmp_path / "sheet.pdf", "-")
    assert f"http://localhost:8000/{language}/{make.SLUG}" in words and text.sha256 in words
    assert [file.name for file in tmp_path.iterdir()] == ["sheet.pdf"], "and leaves nothing else"


def test_a_sheet_that_leads_to_this_computer_alone_is_warned_of(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = make.SLUG, "--lang", "en", "--force", "--out", tmp_path / "sheet.pdf"
    [line] = _run(app, *words).stderr.splitlines()
    assert "http://localhost:8000" in line and "set base_url" in line
    public = replace(app.extensions["petition.settings"], base_url="https://sign.example.org")
    monkeypatch.setitem(app.extensions, "petition.settings", public)
    assert _run(app, *words).stderr == ""


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_sheet_tells_how_the_organisers_are_reached(drawn: Drawn, language: str) -> None:
    text = _text(language)
    text.declaration.stored_plan = {**text.declaration.stored_plan, "contacts": {"Another": "desk@example.org"}}
    words, _ = drawn(text)
    assert "desk@example.org" in words


def test_the_sample_sheet_says_that_it_names_no_contact(drawn: Drawn) -> None:
    text = _text()
    text.declaration.stored_plan = {**text.declaration.stored_plan, "sample": True}
    words, _ = drawn(text)
    assert "it names no contact" in words


def test_without_a_file_name_the_slug_and_the_language_make_it(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _run(app, make.SLUG, "--lang", "en").exit_code == 0
    assert (tmp_path / f"{make.SLUG}-en.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["no-such-text", "--lang", "en"], "There is no declaration “no-such-text”."),
        ([make.SLUG, "--lang", "xx"], "“xx” is not a language of this declaration: en, it, fr,"),
        ([make.SLUG, "--lang", "🙂"], "“🙂” is not a language of this declaration: en, it, fr,"),
        (
            [make.SLUG, "--lang", "en", "--out", "missing/sheet.pdf"],
            "missing/sheet.pdf cannot be written: No such file",
        ),
        ([make.SLUG, "--lang", "en", "--out", "file/sheet.pdf"], "file/sheet.pdf cannot be written: Not a directory"),
        ([make.SLUG, "--lang", "en", "--out", "x" * 300], "cannot be written: File name too long"),
        ([make.SLUG, "--lang", "en", "--out", "file"], "file is there already; name another file"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("kept")
    result = _run(app, *words)
    assert result.exit_code == 1
    [line] = result.output.splitlines()
    assert line.startswith("Error: ") and sentence in line
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "kept"


def test_a_file_that_is_there_is_replaced_when_asked_for(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    assert _run(app, make.SLUG, "--lang", "en", "--out", tmp_path / "file", "--force").exit_code == 0
    assert (tmp_path / "file").read_bytes().startswith(b"%PDF-")


def test_a_language_without_fonts_names_the_package_that_has_them(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(typesetting.SCRIPTS, "it", ("No Such Family",))
    monkeypatch.setitem(typesetting.PACKAGES, "it", "fonts-of-nowhere")
    result = _run(app, make.SLUG, "--lang", "it", "--out", tmp_path / "sheet.pdf")
    assert result.output == "Error: No font here can write the language “it”: install fonts-of-nowhere.\n"


def test_latin_letters_need_no_font_of_the_machine(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "LATIN", ("Libertinus Serif",))
    assert typesetting.families("en")[0] == "Libertinus Serif"
