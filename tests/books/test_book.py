"""The book as its reader finds it: whole, in every script, the same each time."""

from pathlib import Path

import pytest
from flask import Flask

from petition.books import book, press, printing, prose, volumes
from petition.books.book import BookRefused
from petition.books.volumes import Stretch, Volume
from petition.staging.orders import Order, Sorting
from petition.staging.staging import StagedRow
from tests.books.printed import NAUGHTY, fonts_of, most_held_by, order, pages_of, right_edge, text_of
from tests.staging.staged import counted, row, staged

ROWS = [
    row(1, name="Chiara Rossi", country_code="IT"),
    row(2, name="Maria Bianchi", country_code="IT", affiliation="", role=""),
    counted(3, country_code="IT"),
    row(4, name="山田太郎", country_code="JP"),
    counted(5, country_code="MT"),
]


def made(folder: Path, rows: list[StagedRow], ordered: Order | None = None, **facts: object) -> Path:
    [volume] = book.make(staged(folder, rows, **facts), ordered or order(), folder, lambda done, total: None)
    return volume


def test_the_book_says_who_signed_where_and_who_is_counted_without_a_name(app: Flask, tmp_path: Path) -> None:
    volume = made(
        tmp_path,
        ROWS,
        sample=True,
        founding=[{"name": "Grace Hopper", "role": {"en": "Founder"}, "affiliation": None, "country": "US"}],
        organisations=[{"organisation": "Example House", "country_code": "GB", "site": "https://example.org"}],
    )
    assert volume == tmp_path / "book" / "volume-01.pdf"
    said = text_of(volume)
    for words in (
        "A declaration", "Pope Leo XIV", "A conference", "5 signatures", "1 June 2026", "Europe/Rome", "We declare.",
        "A sample text, not the official declaration", "Grace Hopper Founder · United States", "Example House",
        "1 Chiara Rossi Mathematician · Analytical Society",
        "2 Maria Bianchi 1 person is counted without a name. Japan",
        "4 山田太郎", "Malta 1 person is counted without a name.", "Italy 3 ",
    ):  # fmt: skip
        assert words in said
    assert volume.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("language", ["en", "it", "fr", "es", "de", "pt", "pl", "ar", "hi", "zh"])
def test_the_book_is_made_in_every_language(app: Flask, tmp_path: Path, language: str) -> None:
    volume = made(tmp_path, ROWS, order(languages=(language,)))
    assert "Chiara Rossi" in text_of(volume)
    reads = "/Direction/R2L" if language == "ar" else "/Direction/L2R"
    assert reads.encode() in volume.read_bytes()


@pytest.mark.parametrize("accessible", [False, True])
def test_it_is_an_archive_and_on_request_accessible(app: Flask, tmp_path: Path, accessible: bool) -> None:
    content = made(tmp_path, ROWS, order(accessible=accessible)).read_bytes()
    assert b"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>" in content
    assert b"/S/GTS_PDFA1" in content
    assert (b"<pdfuaid:part>1</pdfuaid:part>" in content) is accessible
    assert (b"/StructTreeRoot" in content) is accessible


def test_every_font_is_embedded(app: Flask, tmp_path: Path) -> None:
    found = fonts_of(made(tmp_path, ROWS))
    assert found
    assert all(line.split()[-5] == "yes" for line in found)


def test_the_same_staging_gives_the_same_bytes(app: Flask, tmp_path: Path) -> None:
    staging = staged(tmp_path, [row(nth, name=name) for nth, name in enumerate(NAUGHTY, 1)])
    books = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        [volume] = book.make(staging, order(), tmp_path / name, lambda done, total: None)
        books.append(volume.read_bytes())
    assert books[0] == books[1]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_naughtiest_names_stand_whole_and_within_the_page(app: Flask, tmp_path: Path, language: str) -> None:
    rows = [row(nth, name=name, affiliation="W" * 100) for nth, name in enumerate(NAUGHTY, 1)]
    volume = made(tmp_path, rows, order(languages=(language,)))
    said = text_of(volume).replace(" ", "")
    assert said.count("W") >= 100 * (len(NAUGHTY) + 1)
    for name in ("漢" * 100, "𠮷野家"):
        assert name in said
    assert right_edge(volume) < 595 - 40


def test_characters_without_a_font_stop_the_book_or_are_drawn_as_boxes(app: Flask, tmp_path: Path) -> None:
    staging = staged(tmp_path, [row(1, name="田 \U00016a70")], organisers=["𐕰 House"])
    with pytest.raises(BookRefused, match=r"U\+10570, U\+16A70"):
        book.make(staging, order(), tmp_path, lambda done, total: None)
    assert not list((tmp_path / "book").iterdir())
    [volume] = book.make(staging, order(boxes=True), tmp_path, lambda done, total: None)
    assert "16A 70" in text_of(volume)


def test_volumes_hold_so_many_names_and_countries_go_on_in_the_next(app: Flask, tmp_path: Path) -> None:
    rows = [row(nth, country_code="IT") for nth in range(1, 4)] + [counted(4, country_code="IT"), *ROWS[3:]]
    rows = [each._replace(number=nth) for nth, each in enumerate(rows, 1)]
    assert volumes.plan(staged(tmp_path, rows), Sorting.COUNTRY, names=2) == [
        Volume(1, (Stretch("IT", 1, 2, 2, 0, False),)),
        Volume(
            2, (Stretch("IT", 3, 4, 1, 1, True), Stretch("JP", 5, 5, 1, 0, False), Stretch("MT", 6, 6, 0, 1, False))
        ),
    ]


def test_a_volume_that_is_there_is_not_made_again(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = volumes.plan
    monkeypatch.setattr(volumes, "plan", lambda staging, sorting: planned(staging, sorting, names=1))
    staging = staged(tmp_path, ROWS)
    told: list[tuple[int, int]] = []
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "volume-02.pdf").write_text("there already")
    paths = book.make(staging, order(), tmp_path, lambda done, total: told.append((done, total)))
    assert [path.name for path in paths] == ["volume-01.pdf", "volume-02.pdf", "volume-03.pdf"]
    assert paths[1].read_text() == "there already"
    # While it waits for one it may tell the same again.
    assert list(dict.fromkeys(told)) == [(1, 3), (2, 3), (3, 3)]
    assert "Italy (continued)" not in text_of(paths[0])
    assert "Volume 3 of 3" in text_of(paths[2])


def test_whoever_stops_it_leaves_no_draft(app: Flask, tmp_path: Path) -> None:
    class Cancelled(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        book.make(staged(tmp_path, ROWS), order(), tmp_path, stop)
    assert [file.name for file in (tmp_path / "book").iterdir()] == ["volume-01.pdf"]


def test_a_folder_that_cannot_be_written_is_refused_in_one_line(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "book").write_text("in the way")
    with pytest.raises(BookRefused, match="cannot be written"):
        book.make(staged(tmp_path, ROWS), order(), tmp_path, lambda done, total: None)


def test_nobody_at_all_still_makes_a_book(app: Flask, tmp_path: Path) -> None:
    assert pages_of(made(tmp_path, [])) >= 4


def test_by_time_the_country_stands_with_each_and_the_unnamed_at_the_end(app: Flask, tmp_path: Path) -> None:
    said = text_of(made(tmp_path, ROWS, order(sorting=Sorting.TIME)))
    assert "1 Chiara Rossi Mathematician · Analytical Society · Italy" in said
    assert "2 people are counted without their names. Italy 1 Malta 1" in said


def test_what_the_press_says_quotes_no_name(app: Flask, tmp_path: Path) -> None:
    words = {"text": "a"}
    sheet = printing.Sheet("deliveries/nothing.typ", words, tmp_path / "x.pdf", staged(tmp_path, []).facts.as_of, False)
    with pytest.raises(printing.PrintingFailed, match=r"x\.pdf could not be typeset"):
        list(printing.make([sheet]))
    assert press._QUOTED.sub("…", 'the text `"Ada"` could not') == "the text … could not"


def test_markdown_becomes_a_tree_whose_headings_skip_no_level() -> None:
    tree = prose.tree("#### Deep\n\nA *b*[^1] [c](https://example.org).\n\n3. x\n\n[^1]: Note.\n")
    note = ["note", 1, ["paragraph", "Note."]]
    assert tree == [
        ["heading", 2, "Deep"],
        [
            "paragraph",
            "A ",
            ["em", "b"],
            note,
            " ",
            ["link", "https://example.org", "c"],
            ".",
        ],
        ["ordered_list", 3, ["list_item", ["paragraph", "x"]]],
    ]


@pytest.mark.slow
def test_a_full_volume_of_naughty_names_takes_at_most_600_mib(app: Flask, tmp_path: Path) -> None:
    rows = [row(nth, name=f"Ada {nth} {NAUGHTY[nth % 2]} Lovelace") for nth in range(1, 25_001)]
    with most_held_by("press.py") as peaks:
        volume = made(tmp_path, rows)
    assert pages_of(volume) > 200
    assert 100 * 1024 < max(peaks) < 600 * 1024
