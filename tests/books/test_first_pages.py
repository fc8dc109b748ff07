"""The first pages of the book as pictures: of few rows, with the numbers of all."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from petition.books import first_pages, leaves
from petition.books.book import BookRefused
from petition.staging.orders import Sorting
from petition.staging.staging import Staging
from tests.books.printed import order
from tests.staging.staged import counted, row, staged

PNG = b"\x89PNG\r\n\x1a\n"
ROWS = [row(n, name=f"Name {n}", country_code="AL" if n <= 200 else "AT") for n in range(1, 301)]


def of_many(staging: Staging) -> Staging:
    """The staging file of a sample, with the facts of sixty thousand."""
    by_country = {"AL": 200, "AT": 100, "IT": 50_000, "ZW": 9_700}
    staging.facts = replace(staging.facts, count=60_000, shown=60_000, by_country=by_country)
    return staging


@pytest.mark.parametrize("sorting", [*Sorting])
def test_the_first_pages_are_pictures_in_their_order(app: Flask, tmp_path: Path, sorting: Sorting) -> None:
    made = first_pages.make(of_many(staged(tmp_path, ROWS)), order(sorting=sorting), tmp_path)
    assert [path.name for path in made][:2] == ["0001.png", "0002.png"]
    assert len(made) == 2 * first_pages.PICTURES.most, "the text is long enough for all to be different pages"
    assert all(path.read_bytes().startswith(PNG) for path in made)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_a_book_without_names_has_first_pages_too(app: Flask, tmp_path: Path) -> None:
    assert first_pages.make(staged(tmp_path, [counted(1)]), order(), tmp_path)
    (tmp_path / "none").mkdir()
    assert first_pages.make(staged(tmp_path / "none", []), order(), tmp_path / "none")


def test_the_numbers_are_those_of_all(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []
    words = leaves.words
    monkeypatch.setattr(leaves, "words", lambda *given, **more: told.append(words(*given, **more)) or told[-1])
    first_pages.make(of_many(staged(tmp_path, ROWS)), order(), tmp_path)
    (settled,) = told
    assert (settled["of"], settled["volume"], settled["count"]) == (3, "Volume 1 of 3", "60,000 signatures")
    contents = [(each["name"], each["count"], each["here"]) for each in settled["contents"]]
    assert contents == [
        ("Albania", "200", 0),
        ("Austria", "100", 1),
        ("Italy", "50,000", None),
        ("Zimbabwe", "9,700", None),
    ]


def test_what_no_font_sets_is_said(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(BookRefused, match=r"U\+11F04"):
        first_pages.make(staged(tmp_path, [row(1, name="\U00011f04")]), order(), tmp_path)
