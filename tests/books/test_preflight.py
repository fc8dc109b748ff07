"""What no font here can set is found before anything is made."""

from pathlib import Path

import pytest
from flask import Flask

from petition import typesetting
from petition.books import fonts, typography
from petition.books.typography import Unsettable
from tests.books.printed import order
from tests.staging.staged import counted, row, staged


def test_every_name_affiliation_and_role_without_a_font_is_listed_with_its_script(app: Flask, tmp_path: Path) -> None:
    # No package of Debian has a font for these three scripts, so they stay without one wherever this runs.
    rows = [
        row(1, name="山田 \U0001e290"),
        row(2, affiliation="𐕰 House", role="Role \U00016a70 \U00016a71"),
        row(3, name="Nguyễn Thị Ánh"),
        counted(4),
    ]
    assert typography.preflight(staged(tmp_path, rows), order()) == [
        Unsettable(1, "山田 \U0001e290", ("U+1E290",), ("Toto",), ()),
        Unsettable(2, "Role \U00016a70 \U00016a71", ("U+16A70", "U+16A71"), ("Tangsa",), ()),
        Unsettable(2, "𐕰 House", ("U+10570",), ("Vithkuqi",), ()),
    ]


@pytest.mark.parametrize(
    ("char", "package", "family"),
    [
        ("\U0002a6d6", "fonts-hanazono", "HanaMinB"),
        ("\U0002ceb0", "fonts-hanazono", "HanaMinB"),
        ("\U00030000", "fonts-babelstone-han", "BabelStone Han"),
        ("山", "fonts-noto-cjk", "Noto Serif CJK SC"),
        ("न", "fonts-noto-core", "Noto Serif"),
    ],
)
def test_a_package_is_named_that_has_the_font_and_is_not_there(
    app: Flask, char: str, package: str, family: str
) -> None:
    is_there = family in typesetting.fonts().families()
    assert (fonts.package_for(char) == package) is not is_there


def test_words_of_the_declaration_are_looked_at_too(app: Flask, tmp_path: Path) -> None:
    [found] = typography.preflight(staged(tmp_path, [row(1)], organisers=["𐕰 House"]), order())
    assert (found.number, found.text) == (0, "𐕰 House")


@pytest.mark.parametrize(
    "name",
    [
        "محمد العلي", "יעל כהן", "अनन्या शर्मा", "สมชาย ใจดี", "王小明", "さくら", "홍길동", "አበበ ቢቂላ", "𞤀𞤣𞤤𞤢𞤥",
        "ᠮᠣᠩᠭᠣᠯ", "𠮷野家", "Արամ", "ნინო", "Олена", "Ελένη", "རྒྱ་མཚོ", "မြန်မာ", "ភាសាខ្មែរ", "ނަން", "Zoë ỗ́",
    ],
)  # fmt: skip
def test_the_fonts_that_are_asked_for_write_every_living_script(app: Flask, name: str) -> None:
    assert not fonts.choose(name, language="en").lacking


def test_the_choice_is_small_fixed_and_begins_with_latin(app: Flask) -> None:
    chosen = fonts.choose("Ada محمد। नाम", language="en")
    assert chosen.families[0] == "Noto Serif"
    assert chosen == fonts.choose("नाम ।دمحم adA", language="en")
    assert set(chosen.families) == {"Noto Serif", "Noto Naskh Arabic", "Noto Serif Devanagari"}


def test_in_chinese_the_prose_asks_for_chinese_quotation_marks_first(app: Flask) -> None:
    families = fonts.choose("中“", language="zh").families
    assert fonts.for_prose(families, language="zh")[0] == "Noto Serif CJK SC"
    assert fonts.for_prose(families, language="en") == families


@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("Ada", "\u2068Ada\u2069"),
        ("a" * 21, "\u2068" + "\u200b".join("a" * 21) + "\u2069"),
        ("a" * 20, "\u2068" + "a" * 20 + "\u2069"),
        ("é" * 21, "\u2068" + "\u200b".join("é" * 21) + "\u2069"),
        ("漢" * 40, "\u2068" + "漢" * 40 + "\u2069"),
        ("x\U0002a6d6y", ["boxed", "\u2068x", ["box", "2A6D6"], "y\u2069"]),
    ],
)
def test_names_are_isolated_and_long_words_may_break_between_graphemes(text: str, prepared: object) -> None:
    assert typography.prepared(text, frozenset("\U0002a6d6")) == prepared


def test_an_ideograph_has_the_shape_of_its_country() -> None:
    assert typography.shapes_for("直子", "JP") == "ja"
    assert typography.shapes_for("直子", "TW") == "zh-TW"
    assert typography.shapes_for("直子", "CN") == ""
    assert typography.shapes_for("Naoko", "JP") == ""
