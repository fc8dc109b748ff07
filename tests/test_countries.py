"""Countries and languages: ISO's codes, CLDR's names, in the order a reader looks them up."""

from importlib import resources

import pytest
from babel import Locale
from werkzeug.datastructures import LanguageAccept

from petition import countries, languages

# Kosovo has no code of ISO's own, but a user-assigned one that CLDR and the European Union use.
USER_ASSIGNED = {"XK"}


def _iso_3166() -> set[str]:
    lines = resources.files("tzdata.zoneinfo").joinpath("iso3166.tab").read_text().splitlines()
    return {line.split("\t")[0] for line in lines if not line.startswith("#")}


@pytest.mark.parametrize("language", languages.CODES)
def test_the_choice_is_of_iso_3166_countries_named_in_the_pages_language(language: str) -> None:
    found = countries.names(language)
    assert set(found) == _iso_3166() | USER_ASSIGNED
    assert all(name and name != code for code, name in found.items())
    assert len(set(found.values())) == len(found), "no two countries look alike in the list"


@pytest.mark.parametrize(
    ("code", "language", "name"),
    [
        ("IT", "en", "Italy"),
        ("IT", "it", "Italia"),
        ("IT", "ar", "إيطاليا"),
        ("DE", "zh", "德国"),
        ("ZZ", "en", "ZZ"),
        ("", "en", ""),
    ],
)
def test_a_country_is_named_and_an_unknown_code_stands_for_itself(code: str, language: str, name: str) -> None:
    assert countries.name(code, language) == name


def test_names_stand_where_their_readers_look_for_them() -> None:
    english = list(countries.names("en").values())
    assert english.index("Åland Islands") < english.index("Albania") < english.index("Austria")
    german = list(countries.names("de").values())
    assert german.index("Norwegen") < german.index("Österreich") < german.index("Pakistan")


@pytest.mark.parametrize("code", ["", "it", "ITA", "EU", "UN", "ZZ", "XA", "150", "I", "I\0", "ＩＴ", "'"])
def test_what_is_no_countrys_code_is_not_known(code: str) -> None:
    assert not countries.is_known(code)


@pytest.mark.parametrize("code", ["IT", "GB", "XK", "TW", "PS", "VA"])
def test_a_countrys_code_is_known(code: str) -> None:
    assert countries.is_known(code)


@pytest.mark.parametrize("language", languages.CODES)
def test_a_language_runs_the_way_that_cldr_says(language: str) -> None:
    order = Locale.parse(language).character_order
    assert languages.direction(language) == {"left-to-right": "ltr", "right-to-left": "rtl"}[order]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ([("it", 1.0)], "it"),
        ([("it-CH", 1.0), ("en", 0.5)], "it"),
        ([("fr", 1.0), ("it", 0.3)], "it"),
        ([("ja", 1.0)], "en"),
        ([], "en"),
        ([("*", 1.0)], "en"),
    ],
)
def test_a_reader_gets_the_language_asked_for_or_the_first(asked: list[tuple[str, float]], given: str) -> None:
    assert languages.preferred(LanguageAccept(asked), ["en", "it"]) == given
