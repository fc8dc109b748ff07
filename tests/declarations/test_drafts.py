"""Drafts, what they would publish, and what a translation follows."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from petition.declarations import counting, drafts, folders, following, framing, publishing
from petition.declarations.drafts import FRAME, TEXT, DraftChanged
from petition.declarations.framing import FrameRefused
from petition.declarations.models import DeclarationText, Draft
from petition.declarations.pending import NotReady
from petition.declarations.plans import SECTIONS
from petition.extensions import db
from petition.languages import CODES
from tests import make
from tests.declarations import steps

IT = (TEXT, "it")


def _drafts() -> int:
    return db.session.scalar(select(func.count()).select_from(Draft)) or 0


@pytest.mark.parametrize("part", [TEXT, *SECTIONS])
@pytest.mark.parametrize("language", CODES)
def test_what_the_editor_opens_is_what_is_published(app: Flask, part: str, language: str) -> None:
    desk = steps.desk()
    content = desk.published(part, language)
    assert all(content.values())
    assert drafts.content_of(part, drafts.compose(part, content)[0]) == content


def test_a_draft_changes_nothing_that_people_see(app: Flask) -> None:
    before = make.text("it").sha256
    steps.draft(*IT, body="## Altro\n\nTutto nuovo.")
    assert steps.current("it").sha256 == before
    assert steps.desk().content(*IT)["body"] == "## Altro\n\nTutto nuovo."


def test_a_draft_that_says_what_is_published_is_none(app: Flask) -> None:
    body = steps.desk().published(*IT)["body"]
    steps.draft(*IT, body="other")
    assert _drafts() == 1
    steps.draft(*IT, body=body)
    assert _drafts() == 0


def test_two_who_write_at_once_are_both_kept(app: Flask) -> None:
    desk = steps.desk()
    opened, published = desk.seen(*IT), desk.published(*IT)
    mine, theirs = {**published, "title": "Mine"}, {**published, "title": "Theirs"}
    drafts.save(desk.declaration, *IT, theirs, published=published, opened=opened)
    with pytest.raises(DraftChanged) as refusal:
        drafts.save(desk.declaration, *IT, mine, published=published, opened=opened)
    assert refusal.value.theirs == theirs
    again = steps.desk()
    drafts.save(again.declaration, *IT, mine, published=published, opened=again.seen(*IT))
    assert steps.desk().content(*IT) == mine


def test_saving_over_what_was_published_since_is_told(app: Flask) -> None:
    desk = steps.desk()
    opened, mine = desk.seen(*IT), {**desk.published(*IT), "title": "Mine"}
    steps.draft(*IT, title="Theirs")
    steps.publish(IT)
    after = steps.desk()
    with pytest.raises(DraftChanged) as refusal:
        drafts.save(after.declaration, *IT, mine, published=after.published(*IT), opened=opened)
    assert refusal.value.theirs["title"] == "Theirs"
    assert refusal.value.draft is None


def test_the_same_saved_twice_is_saved_once(app: Flask) -> None:
    desk = steps.desk()
    content = {**desk.published(*IT), "title": "Mine"}
    for _ in range(2):
        drafts.save(desk.declaration, *IT, content, published=desk.published(*IT), opened=desk.seen(*IT))
    assert steps.desk().content(*IT) == content


def test_publishing_a_draft_makes_a_new_version_and_leaves_the_others(app: Flask) -> None:
    signed = make.signature(language="it")
    known = (signed.text.sha256, signed.text.source)
    steps.draft(*IT, title="Titolo nuovo")
    steps.draft(TEXT, "fr", title="Titre nouveau")
    steps.publish(IT)
    assert (steps.current("it").title, steps.current("it").number) == ("Titolo nuovo", 2)
    assert steps.current("fr").number == 1
    db.session.expire_all()
    assert (signed.text.sha256, signed.text.source) == known
    assert list(steps.desk().drafts) == [(TEXT, "fr")]


def test_publishing_no_draft_changes_nothing(app: Flask) -> None:
    published = publishing.publish(steps.desk().folder([]))
    assert (published.changed, published.frame_changed) == ((), False)


@pytest.mark.parametrize(
    ("part", "language", "changed", "problem"),
    [
        (TEXT, "it", {"title": ""}, ("title", 0, "Please give the text a title.")),
        (TEXT, "it", {"summary": ""}, ("summary", 0, "Please give the text a summary.")),
        (TEXT, "it", {"body": ""}, ("body", 1, "The text is empty.")),
        (TEXT, "it", {"body": "One.\n\n# Two"}, ("body", 3, "Headings begin with ##; there is one title")),
        (TEXT, "it", {"body": "a|b\n-|-\nc|d"}, ("body", 1, "Tables cannot be shown")),
        (TEXT, "it", {"body": "Words[^1]."}, ("body", 1, "The footnote [^1] has no text")),
        (TEXT, "it", {"body": "Words.\n\n[^1]: x"}, ("body", 3, "Nothing refers to the footnote [^1].")),
        (TEXT, "it", {"body": "x" * 1024 * 1024}, ("body", 0, "The text is larger than 1 MiB.")),
        ("why", "it", {"title": ""}, ("title", 0, "Please give the section a title.")),
        ("why", "it", {"body": ""}, ("body", 1, "The section is empty.")),
        ("why", "it", {"body": "One.\n\n# Two"}, ("body", 3, "Headings begin with ##")),
        ("questions", "it", {"body": "Words."}, ("body", 1, "There is no question")),
        ("questions", "it", {"body": "## One?"}, ("body", 1, "Each question needs its words and an answer.")),
        ("why", "it", {"title": "", "body": ""}, ("", 0, "This section is there in other languages")),
    ],
)
def test_what_the_folder_would_refuse_the_screens_refuse_beside_the_field(
    app: Flask, part: str, language: str, changed: dict[str, str], problem: tuple[str, int, str]
) -> None:
    steps.draft(part, language, **changed)
    with pytest.raises(NotReady) as refusal:
        steps.desk().folder([(part, language)])
    [found] = refusal.value.problems
    field, line, sentence = problem
    assert (found.part, found.language, found.field, found.line) == (part, language, field, line)
    assert found.sentence.startswith(sentence)


def test_a_section_goes_when_it_is_emptied_in_every_language(app: Flask) -> None:
    for language in CODES:
        steps.draft("why", language, title="", body="")
    steps.publish(*(("why", language) for language in CODES))
    assert list(steps.declaration().plan.sections["en"]) == ["conveners", "delivery", "questions"]


def test_what_screens_publish_is_what_a_folder_of_it_loads(app: Flask) -> None:
    steps.draft(*IT, title="Titolo", body="Con [^1].\n\n[^1]: nota")
    folder = steps.desk().folder([IT])
    text = next(text for text in folder.texts if text.language == "it")
    assert text.source == f"---\ntitle: Titolo\nsummary: {text.summary}\n---\n\nCon [^1].\n\n[^1]: nota\n"
    steps.publish(IT)
    assert publishing.publish(folder).changed == ()


# The frame


def _drop(content: dict[str, Any], language: str) -> dict[str, Any]:
    return {**content, "languages": [each for each in content["languages"] if each != language]}


def test_the_sample_frame_goes_through_its_fields_unchanged(app: Flask) -> None:
    plan = folders.read(folders.SAMPLE).frame.plan
    assert framing.plan_of(framing.content_of(plan), plan) == plan


def test_a_language_is_dropped_and_added_again(app: Flask) -> None:
    content = framing.content_of(steps.declaration().plan)
    steps.draft(FRAME, **_drop(content, "zh"))
    steps.publish((FRAME, ""))
    assert "zh" not in steps.desk().current and "zh" not in steps.declaration().plan.languages
    steps.draft(FRAME, **content)
    with pytest.raises(NotReady) as refusal:
        steps.desk().folder([(FRAME, "")])
    problems = {(each.part, each.language): each.sentence for each in refusal.value.problems}
    assert problems[TEXT, "zh"] == "There is no text in this language yet."
    assert {part for part, _ in problems} == {TEXT, *SECTIONS}


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone", "“Mars/Olympus” is not a time zone such as Europe/Rome."),
        ({"goal": "many"}, "goal", "Please give a whole number from 0 to 10000000000."),
        ({"goal": "-1"}, "goal", "Please give a whole number from 0 to 10000000000."),
        ({"goal": "٣"}, "goal", "Please give a whole number from 0 to 10000000000."),
        ({"goal": "9" * 5000}, "goal", "Please give a whole number from 0 to 10000000000."),
        ({"retention_days": ""}, "retention_days", "Please give a whole number from 1 to 36500."),
        ({"addressee": {"en": "x"}}, "addressee-it", "The words are missing in this language."),
        ({"organisers": []}, "organisers", "There must be at least one organiser."),
        ({"organisers": [{"contact": "a@example.org"}]}, "organisers-0-name", "Each organiser needs a name."),
        ({"sample": False}, "organisers-1-contact", "Please say how this organiser is reached"),
        ({"organisers": [{"name": "x", "contact": "y"}]}, "organisers-0-contact", "The contact must be a mail address"),
        ({"organisers": [{"name": "x"}] * 2}, "organisers-1-name", "This organiser is named twice."),
        ({"founding": [{"role": {"en": "x"}}]}, "founding-0-name", "Each founding signatory needs a name."),
        ({"founding": [{"name": "=x"}]}, "founding-0-name", "This cannot be printed: Please begin with a letter"),
        ({"founding": [{"name": "x", "country": "XX"}]}, "founding-0-country", "“country” must be a code"),
        ({"founding": [{"name": "x"}] * 2}, "founding-1-name", "This founding signatory is named twice."),
        (
            {"founding": [{"name": "x", "role": {"en": "a", "it": "b"}}]},
            "founding-0-role-fr",
            "The words are missing in this language.",
        ),
        ({"sectors": [{"code": "A B"}]}, "sectors-0", "Each sector needs a code of small letters"),
        ({"sectors": [{"code": "a", "en": "A"}]}, "sectors-0-it", "The words are missing in this language."),
        ({"sectors": [], "fields": {"sector": "required"}}, "fields-sector", "The sector is asked, but"),
        ({"consents": {"agree": {}}}, "consents.agree-en", "The words are missing in this language."),
        ({"languages": []}, "languages", "“languages” must name at least one language."),
    ],
)
def test_what_is_wrong_in_the_frame_is_told_beside_its_field(
    app: Flask, changed: dict[str, Any], field: str, sentence: str
) -> None:
    plan = steps.declaration().plan
    with pytest.raises(FrameRefused) as refusal:
        framing.plan_of({**framing.content_of(plan), **changed}, plan)
    assert refusal.value.problems[field].startswith(sentence)


def test_words_in_the_first_language_alone_stand_in_all(app: Flask) -> None:
    plan = steps.declaration().plan
    row = {"name": "Ada", "affiliation": {"en": "Royal Society"}}
    found = framing.plan_of({**framing.content_of(plan), "founding": [row]}, plan).founding[0]
    assert found.affiliation and found.affiliation["zh"] == "Royal Society"
    assert framing.content_of(framing.plan_of({**framing.content_of(plan), "founding": [row]}, plan))["founding"] == [
        {"name": "Ada", "country": "", "role": {}, "affiliation": {"en": "Royal Society"}}
    ]


# What a translation follows


def _outdated() -> list[str]:
    desk = steps.desk()
    first = desk.current["en"]
    return [each for each, text in desk.current.items() if following.is_outdated(text, first)]


def test_a_new_version_in_the_first_language_leaves_the_translations_outdated(app: Flask) -> None:
    assert _outdated() == []
    steps.draft(TEXT, "en", title="New title")
    steps.publish((TEXT, "en"))
    assert sorted(_outdated()) == sorted(set(CODES) - {"en"})
    steps.draft(*IT, title="Titolo nuovo")
    steps.publish(IT)
    assert "it" not in _outdated() and "fr" in _outdated()


def test_a_translation_published_with_the_first_language_follows_it(app: Flask) -> None:
    steps.draft(TEXT, "en", title="New title")
    steps.draft(*IT, title="Titolo nuovo")
    steps.publish((TEXT, "en"), IT)
    assert "it" not in _outdated()


def test_who_has_looked_can_say_that_a_translation_still_says_the_same(app: Flask) -> None:
    steps.draft(TEXT, "en", title="New title")
    steps.publish((TEXT, "en"))
    desk = steps.desk()
    following.confirm(desk.current["it"], first=desk.current["en"])
    db.session.commit()
    assert "it" not in _outdated() and "fr" in _outdated()


def test_going_back_to_the_version_that_was_followed_is_up_to_date_again(app: Flask) -> None:
    title = steps.current("en").title
    for each in ("Other", title):
        steps.draft(TEXT, "en", title=each)
        steps.publish((TEXT, "en"))
    assert steps.current("en").title == title
    assert _outdated() in ([], [each for each in CODES if each != "en"])


def test_a_section_is_outdated_until_it_is_published_anew_or_looked_at(app: Flask) -> None:
    steps.draft("why", "en", body="Other words.")
    steps.publish(("why", "en"))

    def outdated(language: str) -> bool:
        sections = steps.declaration().plan.sections
        return following.is_section_outdated(sections[language]["why"], sections["en"]["why"])

    assert outdated("it") and outdated("fr") and not outdated("en")
    steps.draft("why", "it", body="Altre parole.")
    steps.publish(("why", "it"))
    declaration = steps.declaration()
    declaration.stored_plan = following.confirm_section(declaration, "fr", "why").to_json()
    db.session.commit()
    assert not outdated("it") and not outdated("fr") and outdated("de")


def test_how_many_signed_which_version_is_counted(app: Flask) -> None:
    first = make.text("en").id
    make.signature()
    make.signature()
    steps.draft(TEXT, "en", title="New title")
    steps.publish((TEXT, "en"))
    second = make.text("en").id
    make.signature()
    assert counting.count([first, second, make.text("it").id]) == {first: 2, second: 1, make.text("it").id: 0}


def test_versions_never_change(app: Flask) -> None:
    known = {text.id: (text.sha256, text.source, text.html) for text in steps.declaration().texts}
    steps.draft(TEXT, "en", title="New title", body="New.")
    steps.publish((TEXT, "en"))
    after = {text.id: text for text in db.session.scalars(select(DeclarationText))}
    assert len(after) == len(known) + 1
    assert {each: (after[each].sha256, after[each].source, after[each].html) for each in known} == known
