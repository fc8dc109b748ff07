"""The letter before a delivery: short, in every language, and honest about what could not be set."""

from pathlib import Path

import pytest
from flask import Flask

from petition import countries
from petition.books import letter, typography
from petition.books.letter import LetterRefused
from tests.books.printed import order, pages_of, text_of
from tests.staging.staged import counted, row, staged

KEY = "3f9a 77aa"


@pytest.mark.parametrize("language", ["en", "it", "fr", "es", "de", "pt", "pl", "ar", "hi", "zh"])
def test_the_letter_has_two_pages_at_most_in_every_language(app: Flask, tmp_path: Path, language: str) -> None:
    rows = [row(nth, country_code=code) for nth, code in enumerate(countries.names("en"), 1)]
    made = letter.make(staged(tmp_path, rows), order(languages=(language,)), tmp_path, public_key=KEY)
    assert made == tmp_path / "letter.pdf"
    assert pages_of(made) <= 2
    assert KEY in text_of(made)


def test_it_tells_the_addressee_the_counts_and_how_to_check(app: Flask, tmp_path: Path) -> None:
    rows = [row(1, country_code="IT"), row(2, channel="paper"), counted(3)]
    said = text_of(letter.make(staged(tmp_path, rows), order(), tmp_path, public_key=KEY))
    for words in (
        "Pope Leo XIV", "The organisers", "1 June 2026", "“A declaration”",
        "there were 3 counted signatures; 2 of them are given here by name. 1 of them was given on paper.",
        "verify.py", "deliveries.pub", "United Kingdom 2", "Italy 1", "signatories.csv",
    ):  # fmt: skip
        assert words in said


def test_it_is_an_archive_and_the_same_each_time(app: Flask, tmp_path: Path) -> None:
    staging = staged(tmp_path, [row(1)])
    letters = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made = letter.make(staging, order(accessible=True), tmp_path / name, public_key=KEY)
        letters.append(made.read_bytes())
    assert letters[0] == letters[1]
    assert b"<pdfaid:part>2</pdfaid:part>" in letters[0]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in letters[0]


def test_it_lists_what_is_drawn_as_boxes(app: Flask, tmp_path: Path) -> None:
    staging = staged(tmp_path, [row(1, name="田 \U00016a70")])
    boxes = order(boxes=True)
    unsettable = typography.preflight(staging, boxes)
    said = text_of(letter.make(staging, boxes, tmp_path, public_key=KEY, unsettable=unsettable))
    assert "Characters without a font" in said
    assert "U+16A70" in said


def test_words_of_the_declaration_that_cannot_be_set_are_refused(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(LetterRefused, match=r"U\+10570"):
        letter.make(staged(tmp_path, [], organisers=["𐕰 House"]), order(), tmp_path, public_key=KEY)
    assert not (tmp_path / "letter.pdf").exists()
