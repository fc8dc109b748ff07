"""The keys under which a name is found: whatever the case, the accents and the script."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from petition.signatures import searching


@pytest.mark.parametrize(
    ("name", "key", "turned"),
    [
        ("Ada Lovelace", "ada lovelace", "lovelace ada"),
        ("Zoë  MÜLLER", "zoe muller", "muller zoe"),
        ("Łukasz Ørsted", "lukasz orsted", "orsted lukasz"),
        ("Jean-Baptiste d’Arc", "jean baptiste darc", "darc jean baptiste"),
        ("Seán O'Neill", "sean oneill", "oneill sean"),
        ("Straße", "strasse", None),
        ("İpek Işık", "ipek isik", "isik ipek"),
        ("Ångström, Æsa", "angstrom aesa", "aesa angstrom"),
        ("أحمد العلي", "احمد العلي", "العلي احمد"),
        ("Ὀδυσσεύς", "οδυσσευσ", None),
        ("王小明", "王小明", None),
        ("ＡＤＡ", "ada", None),
        ("ﬁn", "fin", None),
        ("", None, None),
        ("%_\\", None, None),
        ("\0\ud800😀", None, None),
    ],
)
def test_a_name_is_found_by_plain_letters(name: str, key: str | None, turned: str | None) -> None:
    assert (searching.key(name), searching.turned_key(name)) == (key, turned)


def test_scripts_keep_the_vowel_signs_without_which_they_cannot_be_read() -> None:
    assert searching.key("शर्मा") != searching.key("शरम")
    assert searching.key("한국") == unicodedata.normalize("NFD", "한국")


def test_what_grows_when_it_is_folded_still_fits_an_index() -> None:
    key = searching.key("\ufdfa" * 100)
    assert key is not None and len(key) <= searching.LONGEST_KEY


@pytest.mark.parametrize("text", ["a" * 10_000, "é" * 10_000, "\u0301" * 10_000, "\ufdfa" * 10_000, "a " * 10_000])
def test_ten_thousand_characters_are_cut(text: str) -> None:
    assert len(searching.key(text) or "") <= searching.LONGEST_KEY


@given(st.text(st.characters(), max_size=300), st.text(max_size=30))
def test_what_begins_so_lies_between_the_prefix_and_its_end_and_nothing_else_does(text: str, other: str) -> None:
    prefix = searching.key(text)
    if prefix is None:
        return
    prefix.encode()
    assert searching.key(prefix) == prefix, "a key is its own key"
    end = searching.end_of(prefix)
    end.encode()
    for each in (prefix, prefix + other, other):
        assert (prefix <= each < end) == each.startswith(prefix)
        assert (prefix.encode() <= each.encode() < end.encode()) == each.startswith(prefix), "as the database orders"


@pytest.mark.parametrize("last", ["\ud7fb", "\uffdc", "\U0001f130", "\U000323af"])
def test_the_end_of_a_prefix_can_be_written(last: str) -> None:
    assert searching.end_of("a" + last).encode() > ("a" + last).encode()
