"""The page on which everything but the texts is set: what the folder can say, it can say."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from petition.declarations import folders, publishing, saving
from petition.declarations.drafts import FRAME
from petition.declarations.models import Draft
from petition.extensions import db
from tests import make, staff
from tests.declarations import steps
from tests.staff import staff_post

BASE = f"/console/declarations/{make.SLUG}"
FRAME_PAGE = f"{BASE}/frame"
FULL = """
[[founding]]
name = "Ada Lovelace"
role = { en = "President", it = "Presidente" }
affiliation = "Royal Society"
country = "GB"

[[founding]]
name = "王 明"

[[handovers]]
on = 2025-12-01
en = "Presented"
it = "Presentata"
"""


class _Fields(HTMLParser):
    """What a browser would send of the form, its buttons left out."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.inside = False
        self.select = self.textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("class") == "frame"
        if not self.inside:
            return
        if tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self.fields[given["name"]] = given.get("value", "")
        elif tag == "select":
            self.select = given["name"]
            self.fields.setdefault(self.select, "")
        elif tag == "option" and self.select and "selected" in given:
            self.fields[self.select] = given["value"]
        elif tag == "textarea":
            self.textarea = given["name"]
            self.fields[self.textarea] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.textarea = ""
        elif tag == "form":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside and self.textarea:
            self.fields[self.textarea] += data.removeprefix("\n")


def _fields(page: str) -> dict[str, str]:
    parser = _Fields()
    parser.feed(page)
    return parser.fields


def _post(client: FlaskClient, *gone: str, answer: TestResponse | None = None, **changed: Any) -> TestResponse:
    fields = _fields((answer or client.get(FRAME_PAGE)).text)
    kept = {name: value for name, value in fields.items() if name not in gone}
    return staff_post(client, FRAME_PAGE, **{**kept, **changed, "csrf_token": client.csrf})  # type: ignore[attr-defined]


def _publish(client: FlaskClient) -> TestResponse:
    page = client.get(f"{BASE}/publish").text
    return staff_post(client, f"{BASE}/publish", draft=re.findall(r'name="draft" value="([^"]+)"', page))


def _load(folder: Path) -> None:
    make.keep_languages(folder, "en", "it")
    frame = folder / "declaration.toml"
    frame.write_text(frame.read_text().replace("[addressee]", f"{FULL}\n[addressee]", 1))
    publishing.publish(folders.read(folder))
    db.session.commit()


def test_saving_the_page_as_it_is_changes_nothing(app: Flask, folder: Path) -> None:
    _load(folder)
    assert _post(staff.signed_in(app, "editor")).status_code == 303
    assert not db.session.query(Draft).count()


def test_what_the_folder_says_the_page_says_and_gives_back(app: Flask, folder: Path, tmp_path: Path) -> None:
    _load(folder)
    before = saving.files(saving.folder_of(steps.declaration()))
    client = staff.signed_in(app, "editor")
    assert _post(client, goal="1").status_code == 303
    assert _publish(client).status_code == 303
    assert _post(client, goal="10000").status_code == 303
    assert _publish(client).status_code == 303
    assert saving.files(saving.folder_of(steps.declaration())) == before


def test_everything_that_the_frame_holds_can_be_set(app: Flask, client: FlaskClient, folder: Path) -> None:
    _load(folder)
    editor = staff.signed_in(app, "editor")
    changed = {
        "goal": "777",
        "time_zone": "Asia/Tokyo",
        "retention_days": "90",
        "addressee-en": "The Addressee",
        "organisers-0-name": "The Organiser",
        "organisers-0-contact": "desk@example.org",
        "organisers-1-contact": "https://example.org/contact",
        "founding-0-role-it": "Presidentessa",
        "event.en-place": "Somewhere",
        "fields-sector": "required",
        "fields-comment": "optional",
        "sectors-0-code": "learning",
        "sectors-0-it": "Imparare",
        "consents.agree-en": "I agree.",
        "consents.updates-en": "",
        "consents.updates-it": "",
    }
    answer = _post(editor, "sample", **changed)
    assert answer.status_code == 303, answer.text
    assert "Saved." in editor.get(answer.location).text
    assert steps.declaration().plan.goal == 10000
    page = editor.get(f"{BASE}/publish").text
    assert '<code dir="ltr">goal</code>' in page and '<ins dir="auto">777</ins>' in page
    assert _publish(editor).status_code == 303
    plan = steps.declaration().plan
    assert (plan.goal, plan.time_zone, plan.retention_days, plan.sample) == (777, "Asia/Tokyo", 90, False)
    assert plan.addressee["en"] == "The Addressee"
    assert plan.contacts == {
        "The Organiser": "desk@example.org",
        "Child Dignity Alliance": "https://example.org/contact",
    }
    assert plan.founding[0].role and plan.founding[0].role["it"] == "Presidentessa"
    assert plan.events["en"].place == "Somewhere"
    assert (plan.asks("sector"), plan.asks("comment")) == ("required", "optional")
    assert (plan.sectors[0].code, plan.sectors[0].names["it"]) == ("learning", "Imparare")
    assert plan.consents["agree"]["en"] == "I agree." and "updates" not in plan.consents
    assert [each.words["it"] for each in plan.handovers] == ["Presentata"]
    assert "The Addressee" in client.get(f"/en/{make.SLUG}").text


def test_rows_are_added_moved_and_removed_and_what_was_typed_stays(app: Flask, folder: Path) -> None:
    _load(folder)
    client = staff.signed_in(app, "editor")
    for table, fields in (("organisers", 3), ("founding", 3), ("sectors", 9)):
        answer = _post(client, add=table, goal="4321")
        assert answer.status_code == 200
        typed = _fields(answer.text)
        assert typed["goal"] == "4321"
        assert f"{table}-{fields - 1}-{'code' if table == 'sectors' else 'name'}" in typed
    answer = _post(client, up="founding-1", goal="4321")
    assert _fields(answer.text)["founding-0-name"] == "王 明"
    answer = _post(client, answer=answer, remove="founding-0")
    typed = _fields(answer.text)
    assert (typed["founding-0-name"], "founding-1-name" in typed, typed["goal"]) == ("Ada Lovelace", False, "4321")
    assert not db.session.query(Draft).count()
    assert _post(client, answer=answer).status_code == 303
    assert [each["name"] for each in steps.desk().content(FRAME)["founding"]] == ["Ada Lovelace"]


def test_a_language_is_added_with_its_fields_and_published_with_its_texts(app: Flask, folder: Path) -> None:
    _load(folder)
    client = staff.signed_in(app, "editor")
    answer = _post(client, show="y", **{"languages-pl": "y"})
    typed = _fields(answer.text)
    assert "addressee-pl" in typed and "founding-0-role-pl" in typed
    answer = _post(client, answer=answer)
    assert answer.status_code == 422 and "The words are missing in this language." in answer.text
    words = {
        name: "słowa"
        for name in typed
        if name.endswith("-pl") and not name.startswith(("languages", "event", "founding-1"))
    }
    words["founding-0-affiliation-pl"] = ""
    assert _post(client, answer=answer, **words).status_code == 303
    refused = _publish(client)
    assert refused.status_code == 422 and "There is no text in this language yet." in refused.text
    steps.draft("text", "pl", title="Tytuł", summary="S", body="Tekst.")
    for part in ("why", "conveners", "delivery"):
        steps.draft(part, "pl", title="T", body="Tekst.")
    steps.draft("questions", "pl", title="T", body="## Co?\n\nTekst.")
    assert _publish(client).status_code == 303
    declaration = steps.declaration()
    assert declaration.plan.languages == ("en", "it", "pl")
    assert declaration.plan.handovers[0].words["pl"] == "Presented"
    assert steps.current("pl").title == "Tytuł"
    saved = folder.parent / "saved"
    saving.save(saving.folder_of(declaration), saved)
    published = publishing.publish(folders.read(saved))
    assert (published.changed, published.frame_changed) == ((), False)


def test_the_first_language_changes(app: Flask, folder: Path) -> None:
    _load(folder)
    client = staff.signed_in(app, "editor")
    assert _post(client, first="it").status_code == 303
    assert _publish(client).status_code == 303
    assert steps.declaration().plan.languages == ("it", "en")


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"goal": "many"}, "goal", "Please give a whole number from 0 to 10000000000."),
        ({"retention_days": "0"}, "retention_days", "Please give a whole number from 1 to 36500."),
        ({"retention_days": "-3"}, "retention_days", "Please give a whole number from 1 to 36500."),
        ({"time_zone": "Rome"}, "time_zone", "“Rome” is not a time zone such as Europe/Rome."),
        ({"addressee-it": " "}, "addressee-it", "The words are missing in this language."),
        ({"organisers-0-name": "", "organisers-1-name": ""}, "organisers", "There must be at least one organiser."),
        ({"organisers-0-contact": "nowhere"}, "organisers-0-contact", "The contact must be a mail address"),
        ({"organisers-1-name": "Fondazione Child ETS"}, "organisers-1-name", "This organiser is named twice."),
        ({"founding-0-name": "Ada 😀"}, "founding-0-name", "This cannot be printed: Please leave out emoji"),
        ({"founding-0-name": ""}, "founding-0-name", "Each founding signatory needs a name."),
        ({"founding-0-role-it": ""}, None, ""),
        ({"sectors-0-code": "A B"}, "sectors-0", "Each sector needs a code of small letters"),
        ({"sectors-0-code": "health"}, "sectors-0", "Two sectors have the same code."),
        ({"sectors-0-it": ""}, "sectors-0-it", "The words are missing in this language."),
        ({"consents.agree-it": ""}, "consents.agree-it", "The words are missing in this language."),
        ({"consents.updates-it": ""}, "consents.updates-it", "The words are missing in this language."),
    ],
)
def test_bad_input_is_told_beside_its_field_and_everything_typed_stays(
    app: Flask, folder: Path, changed: dict[str, str], field: str | None, sentence: str
) -> None:
    _load(folder)
    client = staff.signed_in(app, "editor")
    answer = _post(client, **{"event.en-name": "Typed before", **changed})
    if field is None:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert re.search(
        rf'id="{re.escape(field)}-error"><span class="unseen">Error:</span> {re.escape(sentence)}', answer.text
    )
    typed = _fields(answer.text)
    assert typed["event.en-name"] == "Typed before"
    assert {name: typed[name] for name in changed if name in typed} == {
        name: value.strip() for name, value in changed.items() if name in typed
    }
    assert not db.session.query(Draft).count()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"first": "tlh"},
        {"organisers-999-name": "x", "organisers-1000-name": "y", "organisers--1-name": "z"},
        {"add": "no-such"},
        {"remove": "organisers-9"},
        {"remove": "organisers-"},
        {"up": "founding-²"},
        {"up": "organisers-0"},
        {"goal": "9" * 10_000},
        {"fields-role": "maybe"},
        {"founding-0-country": "ZZ", "founding-0-name": "Ada"},
        {"time_zone": "../etc/passwd"},
        {"organisers-0-name": "x" * 60_000},
        {"event.it-name": "\u202e"},
        {"opened": "x"},
    ],
)
def test_no_input_breaks_the_page(app: Flask, fields: dict[str, str]) -> None:
    client = staff.signed_in(app, "editor")
    assert staff_post(client, FRAME_PAGE, **fields).status_code in (200, 303, 409, 422)
    assert _post(client, **fields).status_code in (200, 303, 409, 422)


def test_two_who_change_the_settings_at_once_are_told(app: Flask) -> None:
    client = staff.signed_in(app, "editor")
    opened = client.get(FRAME_PAGE)
    assert _post(client, goal="1").status_code == 303
    answer = _post(client, answer=opened, goal="2")
    assert answer.status_code == 409
    assert "Somebody else has changed this" in answer.text
    assert '<del dir="auto">1</del></td><td><ins dir="auto">2</ins>' in answer.text
    assert _fields(answer.text)["goal"] == "2"
    assert _post(client, answer=answer).status_code == 303
    assert steps.desk().content(FRAME)["goal"] == "2"


def test_the_draft_of_the_settings_is_discarded(app: Flask) -> None:
    client = staff.signed_in(app, "editor")
    _post(client, goal="1")
    assert _post(client, discard="y").status_code == 303
    assert not db.session.query(Draft).count()
