"""The pages on which texts are written, compared and published."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from petition.declarations import drafts
from petition.declarations.drafts import TEXT
from petition.declarations.models import Draft
from petition.extensions import db
from petition.languages import CODES
from tests import make, staff
from tests.declarations import steps
from tests.staff import staff_post

BASE = f"/console/declarations/{make.SLUG}"
TEXTS = f"{BASE}/texts"
IT = f"{TEXTS}/it"
HOSTILE = "<script>alert(1)</script> <img src=x onerror=alert(1)> [a](javascript:alert(1)) [b](data:text/html,x)"


def _editor(app: Flask) -> staff.Staff:
    return staff.signed_in(app, "editor")


def _opened(client: FlaskClient, path: str) -> dict[str, str]:
    """The fields of the editor as its page carries them."""
    page = client.get(path).text
    opened = re.search(r'name="opened" value="([^"]+)"', page)
    assert opened, page
    return {"opened": opened[1]}


def _save(client: FlaskClient, path: str = IT, **typed: Any) -> TestResponse:
    part = path.partition("part=")[2] or TEXT
    content = steps.desk().content(part, path.split("/texts/")[1][:2])
    return staff_post(client, path, **{**content, **_opened(client, path), **typed})


def _publish(client: FlaskClient, *only: str) -> TestResponse:
    page = client.get(f"{BASE}/publish").text
    values = re.findall(r'name="draft" value="([^"]+)"', page)
    return staff_post(client, f"{BASE}/publish", draft=[each for each in values if not only or each.startswith(only)])


def test_the_overview_shows_all_languages_side_by_side(app: Flask) -> None:
    page = _editor(app).get(TEXTS).text
    for language in CODES:
        assert f'href="{TEXTS}/{language}?part=text"' in page
        assert steps.current(language).title in page.replace("&#39;", "'")
    assert page.count("Version 1") == len(CODES)
    assert 'class="mark' not in page


def test_what_is_missing_outdated_or_drafted_is_marked(app: Flask) -> None:
    client = _editor(app)
    steps.draft(TEXT, "en", title="New title")
    assert client.get(TEXTS).text.count(">Draft</span>") == 1
    steps.publish((TEXT, "en"))
    page = client.get(TEXTS).text
    assert page.count(">Outdated</span>") == len(CODES) - 1
    answer = staff_post(client, TEXTS, part="text", language="it")
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert page.count(">Outdated</span>") == len(CODES) - 2
    assert "Marked as up to date." in page


def test_a_language_that_is_only_in_the_draft_of_the_frame_is_missing(app: Flask) -> None:
    content = steps.desk().content("frame")
    steps.draft("frame", languages=[each for each in content["languages"] if each != "zh"])
    steps.publish(("frame", ""))
    steps.draft("frame", **content)
    page = _editor(app).get(TEXTS).text
    assert page.count(">Missing</span>") == 5


@pytest.mark.parametrize(
    ("part", "language"), [("text", "en"), ("text", "tlh"), ("frame", "it"), ("", ""), ("why", "en"), ("how", "it")]
)
def test_only_a_translation_that_is_there_can_be_confirmed(app: Flask, part: str, language: str) -> None:
    assert staff_post(_editor(app), TEXTS, part=part, language=language).status_code == 400


def test_a_draft_is_saved_and_opened_again_and_the_public_sees_nothing(app: Flask, client: FlaskClient) -> None:
    editor = _editor(app)
    answer = _save(editor, title="Titolo  nuovo", body="## Altro\r\n\r\nTutto nuovo.\r\n")
    assert answer.status_code == 303
    page = editor.get(answer.location).text
    assert 'value="Titolo nuovo"' in page and "## Altro\n\nTutto nuovo.</textarea>" in page
    assert "Saved. The pages change when you publish it." in page and "Draft, saved by Grace Hopper" in page
    assert "Titolo nuovo" not in client.get(f"/it/{make.SLUG}").text


def test_the_preview_is_what_the_page_will_show(app: Flask) -> None:
    answer = staff_post(_editor(app), f"{IT}/preview", title="T", summary="S", body="## Uno\n\nDue *tre*.")
    assert answer.status_code == 200
    assert "<h2>Uno</h2>\n<p>Due <em>tre</em>.</p>" in answer.text
    assert "<html" not in answer.text
    assert not db.session.query(Draft).count()


def test_without_script_a_button_shows_the_preview_and_keeps_what_was_typed(app: Flask) -> None:
    answer = _save(_editor(app), do="preview", title="T", body="## Uno")
    assert answer.status_code == 200
    assert "<h2>Uno</h2>" in answer.text and 'value="T"' in answer.text and "## Uno</textarea>" in answer.text
    assert not db.session.query(Draft).count()


def test_the_preview_says_what_cannot_be_published_with_its_line(app: Flask) -> None:
    answer = staff_post(_editor(app), f"{IT}/preview", title="", summary="S", body="Uno.\n\n# Due")
    assert "Please give the text a title." in answer.text
    assert "Line 3 of the text: Headings begin with ##" in answer.text


@pytest.mark.parametrize("part", ["text", "why", "questions"])
def test_hostile_markdown_runs_nowhere(app: Flask, client: FlaskClient, part: str) -> None:
    editor = _editor(app)
    body = f"## {HOSTILE}\n\n{HOSTILE}\n"
    path = f"{IT}?part={part}"
    for page in (
        staff_post(editor, f"{IT}/preview?part={part}", title=HOSTILE, summary=HOSTILE, body=body).text,
        _save(editor, path, do="preview", title=HOSTILE, body=body).text,
    ):
        _is_harmless(page)
    _save(editor, path, title=HOSTILE, body=body)
    for page in (editor.get(TEXTS).text, editor.get(path).text, editor.get(f"{BASE}/publish").text):
        _is_harmless(page)
    assert _publish(editor).status_code == 303
    _is_harmless(client.get(f"/it/{make.SLUG}").text)


def _is_harmless(page: str) -> None:
    assert "<script>alert" not in page and "<img src=x" not in page
    assert 'href="javascript:' not in page and 'href="data:' not in page


def test_two_editors_at_once_lose_nothing(app: Flask) -> None:
    one, other = staff.signed_in(app, "editor", name="Ada"), _editor(app)
    opened = _opened(one, IT)
    _save(other, title="Theirs")
    mine = {**steps.desk().published(TEXT, "it"), "title": "Mine"}
    answer = staff_post(one, IT, **mine, **opened)
    assert answer.status_code == 409
    assert "Somebody else has changed this since you opened it." in answer.text
    assert 'value="Mine"' in answer.text and "What Grace Hopper wrote" in answer.text
    assert re.search(r"<del>.*Theirs</del>", answer.text) and re.search(r"<ins>.*Mine</ins>", answer.text)
    again = re.search(r'name="opened" value="([^"]+)"', answer.text)
    assert again
    assert staff_post(one, IT, **mine, opened=again[1]).status_code == 303
    assert steps.desk().content(TEXT, "it")["title"] == "Mine"


def test_a_draft_is_discarded(app: Flask) -> None:
    client = _editor(app)
    _save(client, title="Nothing")
    answer = _save(client, do="discard")
    assert "The draft is discarded." in client.get(answer.location).text
    assert steps.desk().content(TEXT, "it") == steps.desk().published(TEXT, "it")


@pytest.mark.parametrize(
    "path", [f"{TEXTS}/tlh", f"{IT}?part=how", f"{IT}?part=frame", f"{IT}?part=", "/console/declarations/no-such/texts"]
)
def test_what_there_is_not_is_404(app: Flask, path: str) -> None:
    client = _editor(app)
    assert client.get(path).status_code == 404
    assert staff_post(client, path).status_code == 404


@pytest.mark.parametrize(
    "typed",
    [
        {"title": "\u202eTitle\n---\nsummary: x", "body": "---\ntitle: Other\n---"},
        {"title": "x" * 100_000, "body": "[" * 10_000},
        {"body": "*" * 20_000},
        {"body": "> " * 3_000},
        {"opened": "\ud83d\ude00" * 1_000},
        {"opened": ""},
        {"opened": "9" * 5_000 + ".x"},
        {"do": "no-such"},
        {"body": "\r\r\r"},
    ],
)
def test_no_input_breaks_the_editor(app: Flask, typed: dict[str, str]) -> None:
    client = _editor(app)
    typed = {name: value.encode("utf-16", "surrogatepass").decode("utf-16") for name, value in typed.items()}
    assert _save(client, **typed).status_code in (200, 303, 409)
    assert _save(client, **{**typed, "do": "preview"}).status_code == 200
    assert client.get(f"{BASE}/publish").status_code == 200
    assert _publish(client).status_code in (303, 409, 422)


def test_a_long_text_in_another_script_can_be_saved(app: Flask) -> None:
    body = "كرامة الطفل. " * 20_000
    assert _save(_editor(app), f"{TEXTS}/ar", body=body).status_code == 303
    assert steps.desk().content(TEXT, "ar")["body"] == body


def test_more_than_a_folder_may_hold_is_refused(app: Flask) -> None:
    client = _editor(app)
    _save(client, body="x" * (1024 * 1024 + 1))
    answer = _publish(client)
    assert answer.status_code == 422 and "The text is larger than 1 MiB." in answer.text
    assert staff_post(client, IT, body="x" * (5 * 1024 * 1024)).status_code == 413


# Publishing


def test_the_page_before_publishing_shows_the_difference_and_how_many_signed(app: Flask) -> None:
    make.signature(language="it")
    make.signature(language="it")
    client = _editor(app)
    body = steps.desk().published(TEXT, "it")["body"]
    _save(client, body=body.replace("## Preambolo", "## Premessa"))
    page = client.get(f"{BASE}/publish").text
    assert "replaces version 1; 2 signatures stand under it and stay." in page
    assert re.search(r"<del>.*Preambolo</del><ins>.*Premessa</ins>", page)
    assert "removed:" in page and "added:" in page


def test_published_texts_show_at_once(app: Flask, client: FlaskClient) -> None:
    editor = _editor(app)
    before = client.get(f"/it/{make.SLUG}").text
    _save(editor, title="Titolo nuovo")
    answer = _publish(editor)
    assert answer.status_code == 303
    assert "Published." in editor.get(answer.location).text
    page = client.get(f"/it/{make.SLUG}").text
    assert "Titolo nuovo" not in before and "Titolo nuovo" in page
    assert steps.current("it").number == 2 and not steps.desk().drafts


def test_only_what_was_ticked_is_published(app: Flask) -> None:
    client = _editor(app)
    _save(client, title="Titolo nuovo")
    _save(client, f"{TEXTS}/fr", title="Titre nouveau")
    _publish(client, "text/it/")
    assert (steps.current("it").title, steps.current("fr").number) == ("Titolo nuovo", 1)
    assert list(steps.desk().drafts) == [("text", "fr")]


def test_a_section_is_published_without_a_new_version(app: Flask, client: FlaskClient) -> None:
    editor = _editor(app)
    _save(editor, f"{IT}?part=why", body="Altre parole.")
    assert _publish(editor).status_code == 303
    assert "<p>Altre parole.</p>" in client.get(f"/it/{make.SLUG}").text
    assert steps.current("it").number == 1


def test_nothing_ticked_publishes_nothing(app: Flask) -> None:
    client = _editor(app)
    _save(client, title="Titolo nuovo")
    answer = staff_post(client, f"{BASE}/publish")
    assert answer.status_code == 422 and "Please tick what is to be published." in answer.text


def test_what_was_changed_since_it_was_shown_is_not_published(app: Flask) -> None:
    client = _editor(app)
    _save(client, title="Shown")
    values = re.findall(r'name="draft" value="([^"]+)"', client.get(f"{BASE}/publish").text)
    _save(client, title="Changed since")
    answer = staff_post(client, f"{BASE}/publish", draft=values)
    assert answer.status_code == 409 and "Please look at it again." in answer.text
    assert steps.current("it").number == 1


def test_publishing_twice_is_once(app: Flask) -> None:
    client = _editor(app)
    _save(client, title="Titolo nuovo")
    values = re.findall(r'name="draft" value="([^"]+)"', client.get(f"{BASE}/publish").text)
    assert staff_post(client, f"{BASE}/publish", draft=values).status_code == 303
    assert staff_post(client, f"{BASE}/publish", draft=values).status_code == 409
    assert steps.current("it").number == 2


def test_what_cannot_be_published_is_told_with_the_way_there(app: Flask) -> None:
    client = _editor(app)
    _save(client, title="", body="# One")
    answer = _publish(client)
    assert answer.status_code == 422
    assert "Please give the text a title." in answer.text and "Headings begin with ##" in answer.text
    assert f'href="{IT}?part=text"' in answer.text
    assert steps.current("it").number == 1


def test_the_versions_page_shows_each_with_its_signatures_and_difference(app: Flask) -> None:
    make.signature(language="it")
    for title in ("Due", "Tre"):
        steps.draft(TEXT, "it", title=title)
        steps.publish((TEXT, "it"))
    client = _editor(app)
    page = client.get(f"{IT}/versions").text
    assert "What version 3 changed" in page
    assert re.search(r"<ins>.*Tre</ins>", page) and re.search(r"<del>.*Due</del>", page)
    assert [int(each) for each in re.findall(r'<td class="number">(\d+)</td>', page)] == [0, 0, 1]
    assert "What version 2 changed" in client.get(f"{IT}/versions?number=2").text
    assert client.get(f"{IT}/versions?number=1").status_code == 200
    assert client.get(f"{IT}/versions?number=x").status_code == 200


@pytest.mark.parametrize("role", ["moderator", "exporter", "operator"])
@pytest.mark.parametrize("path", [TEXTS, IT, f"{IT}/versions", f"{BASE}/publish", f"{BASE}/frame", f"{BASE}/state"])
def test_who_has_other_duties_may_not_enter(app: Flask, role: str, path: str) -> None:
    assert staff.signed_in(app, role).get(path).status_code in (403, 404)


def test_an_arabic_text_runs_the_other_way_in_an_english_console(app: Flask) -> None:
    page = _editor(app).get(f"{TEXTS}/ar").text
    assert '<html lang="en" dir="ltr">' in page
    assert re.search(r'<textarea id="body"[^>]* lang="ar" dir="rtl"', page)
    assert '<article lang="ar" dir="rtl">' in page


def test_every_page_of_a_declaration_speaks_the_language_of_its_reader(app: Flask) -> None:
    client = staff.signed_in(app, "organiser", language="ar")
    for path in (TEXTS, IT, f"{IT}/versions", f"{BASE}/publish", f"{BASE}/frame", f"{BASE}/state"):
        answer = client.get(path)
        assert answer.status_code == 200 and '<html lang="ar" dir="rtl">' in answer.text


def test_the_first_save_from_two_browsers_is_told_to_the_second(app: Flask) -> None:
    desk = steps.desk()
    published = desk.published(TEXT, "it")
    opened = drafts.seen(None, published)
    client = _editor(app)
    assert staff_post(client, IT, **{**published, "title": "One"}, opened=opened).status_code == 303
    assert staff_post(client, IT, **{**published, "title": "Two"}, opened=opened).status_code == 409
