"""The sample: what it says agrees with the facts, and it is whole in every language that it comes in."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask_babel import force_locale, gettext

from petition.declarations import folders
from petition.declarations.folders import Folder
from petition.declarations.plans import SECTIONS
from petition.declarations.texts import Text
from petition.languages import CODES
from tests import make

NOTICES = {
    "en": "sample text",
    "it": "testo di esempio",
    "fr": "texte d’exemple",
    "es": "texto de muestra",
    "de": "Beispieltext",
    "pt": "texto de exemplo",
    "pl": "przykładowy tekst",
    "ar": "نص نموذجي",
    "hi": "नमूना पाठ",
    "zh": "示例文本",
}
"""What each text calls itself before it says anything else."""

ENDORSING = {
    "en": "once an organiser has approved it",
    "it": "quando i promotori l’hanno approvata",
    "fr": "une fois approuvé par les organisateurs",
    "es": "cuando los promotores la han aprobado",
    "de": "sobald die Initiatoren sie freigegeben haben",
    "pt": "depois de aprovada pelos promotores",
    "pl": "gdy zatwierdzą je inicjatorzy",
    "ar": "بعد أن توافق عليه الجهات المنظِّمة",
    "hi": "आयोजकों की स्वीकृति के बाद",
    "zh": "经发起方批准之后",
}
"""When an organisation that endorses is shown."""

WORDS = {"why": (120, 200), "conveners": (60, 120), "delivery": (80, 120), "questions": (250, 450)}
"""Of English and Italian; other languages count otherwise."""


@pytest.fixture(scope="module")
def sample() -> Folder:
    return folders.read(folders.SAMPLE)


def _words(markdown: str) -> list[str]:
    body = markdown.split("\n---\n", 1)[1]
    return re.findall(r"[\w’']+(?:[-/][\w’']+)*%?", body)


def _text(sample: Folder, language: str) -> Text:
    [text] = [text for text in sample.texts if text.language == language]
    return text


def test_the_sample_is_open_without_an_end_and_says_what_it_is(sample: Folder) -> None:
    frame = sample.frame
    assert frame.slug == make.SLUG
    assert frame.closes_at is None
    assert frame.opens_at == datetime(2025, 11, 12, 8, tzinfo=UTC)
    assert frame.plan.sample
    assert frame.plan.languages == CODES
    assert frame.plan.addressee["en"] == "Pope Leo XIV"
    assert frame.plan.organisers == ("Fondazione Child ETS", "Child Dignity Alliance")


@pytest.mark.parametrize("language", ["en", "it"])
def test_the_sample_is_real_in_length(sample: Folder, language: str) -> None:
    assert 600 <= len(_words(_text(sample, language).source)) <= 900


@pytest.mark.parametrize("language", CODES)
def test_the_sample_is_sober_and_says_first_that_it_is_one(sample: Folder, language: str) -> None:
    text = _text(sample, language)
    assert "!" not in text.source and "！" not in text.source
    assert "<a " not in text.html and "http" not in text.source and "www." not in text.source
    assert "![" not in text.source and "<img" not in text.html
    first = text.html.split("</blockquote>")[0]
    assert NOTICES[language] in first


@pytest.mark.parametrize("language", CODES)
def test_the_sample_tells_the_facts_as_they_were_stated(sample: Folder, language: str) -> None:
    text = _text(sample, language)
    told = re.sub(r"\s+%", "%", " ".join(text.source.split()))
    assert all(fact in told for fact in ("Kerry Smith", "Internet Watch Foundation", "40%", "98%", "2024", "2025"))
    assert "2023" not in text.source, "the news report's year was wrong"
    assert text.html.count("<li>") == _text(sample, "en").html.count("<li>") >= 3, "the three demands stand in a list"
    assert text.html.count("<h2>") == _text(sample, "en").html.count("<h2>")
    assert text.html.count("<p>") == _text(sample, "en").html.count("<p>")


def test_the_sample_has_every_wording_in_every_language(sample: Folder) -> None:
    plan = sample.frame.plan
    wordings = [plan.addressee, *plan.consents.values(), *(sector.names for sector in plan.sectors)]
    assert all(set(wording) == set(plan.languages) and all(wording.values()) for wording in wordings)
    assert set(plan.events) == set(plan.languages)


@pytest.mark.parametrize("language", CODES)
def test_every_section_stands_in_every_language(sample: Folder, language: str) -> None:
    sections = sample.frame.plan.sections[language]
    assert tuple(sections) == SECTIONS
    assert all(each.title and (each.html or each.items) for each in sections.values())
    assert [name for name, each in sections.items() if each.items] == ["questions"]
    assert len(sections["questions"].items) == len(sample.frame.plan.sections["en"]["questions"].items)
    assert 6 <= len(sections["questions"].items) <= 8
    assert all(html.count("<p>") == 1 for _question, html in sections["questions"].items), "short answers"


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_is_as_long_as_a_reader_has_time(language: str, name: str) -> None:
    _title, body = (folders.SAMPLE / f"{language}.{name}.md").read_text().split("\n", 1)
    fewest, most = WORDS[name]
    assert fewest <= len(re.findall(r"[\w’']+(?:[-/][\w’']+)*%?", body)) <= most


@pytest.mark.parametrize("language", CODES)
def test_the_sections_hold_to_the_facts(sample: Folder, language: str) -> None:
    sections = sample.frame.plan.sections[language]
    html = {name: " ".join(each.html.split()) for name, each in sections.items()}
    whole = " ".join([*html.values(), *map("".join, sections["questions"].items)])
    assert all(fact in html["why"] for fact in ("Internet Watch Foundation", "40", "98", "2024"))
    assert all(fact in html["conveners"] for fact in ("Fondazione Child ETS", "Child Dignity Alliance", "140"))
    assert all(fact in html["delivery"] for fact in ("13", "2025"))
    assert "<a " not in whole and "http" not in whole and "<img" not in whole
    assert "!" not in whole and "！" not in whole and "2023" not in whole


@pytest.mark.parametrize("language", CODES)
def test_what_is_told_of_evidence_names_who_stated_it(sample: Folder, language: str) -> None:
    assert "Kerry Smith" in sample.frame.plan.sections[language]["why"].html


def test_nobody_is_put_under_the_sample_who_did_not_sign_it(sample: Folder) -> None:
    plan = sample.frame.plan
    assert (plan.founding, plan.handovers, plan.paused) == ((), (), False)


@pytest.mark.parametrize("table", ["founding", "handovers"])
def test_the_example_in_the_comments_can_be_taken_as_it_is(folder: Path, table: str) -> None:
    make.keep_languages(folder, "en", "it")
    frame = folder / "declaration.toml"
    before, after = frame.read_text().split(f"# [[{table}]]\n", 1)
    block, rest = after.split("\n\n", 1)
    example = "\n".join(line.removeprefix("# ") for line in block.split("\n"))
    frame.write_text(f"{before}[[{table}]]\n{example}\n\n{rest}")
    with time_machine.travel(datetime(2026, 12, 1, tzinfo=UTC)):
        assert len(getattr(folders.read(folder).frame.plan, table)) == 1


@pytest.mark.parametrize("language", CODES)
def test_the_answers_send_to_the_pages_that_there_are(app: Flask, sample: Folder, language: str) -> None:
    items = sample.frame.plan.sections[language]["questions"].items
    with app.test_request_context(), force_locale(language):
        button = gettext("Have my link sent")
    assert button in " ".join(items[4].answer_html.split()), "a lost link is sent again"
    assert ENDORSING[language] in " ".join(items[5].answer_html.split())
