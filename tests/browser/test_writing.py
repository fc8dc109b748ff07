"""Writing a text in a real browser: the preview follows what is typed, and the page warns before it is lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from petition.accounts import sessions
from petition.accounts.cookies import COOKIE
from petition.application import create_app
from petition.extensions import begin_writing, db
from petition.settings import Settings
from tests import make, staff
from tests.running import Served

EDITOR = f"/console/declarations/{make.SLUG}/texts/it"


@pytest.fixture
def editing(served: Served, chromium: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """A page in which an editor is signed in."""
    monkeypatch.setenv("PETITION_INSTANCE_DIR", str(served.folder))
    app = create_app(Settings.from_environment())
    with app.app_context():
        # The server writes too: a transaction that reads first could not write any more.
        begin_writing()
        editor = staff.account("editor")
        begin_writing()
        _, token = sessions.begin(editor, proved=True, client="Chromium, Linux")
        db.session.commit()
        for engine in db.engines.values():
            engine.dispose()
    context = chromium.new_context(base_url=served.url)
    context.add_cookies([{"name": COOKIE, "value": token, "domain": "localhost", "path": "/", "secure": True}])
    yield context.new_page()
    context.close()


def test_the_preview_follows_what_is_written(editing: Page) -> None:
    wrong: list[str] = []
    editing.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    editing.goto(EDITOR)
    preview = editing.locator("#preview")
    expect(preview.locator("h2").nth(1)).to_have_text("Preambolo")
    editing.get_by_label("Text in Markdown").fill("## Un'altra cosa\n\nScritta *adesso*. <b>x</b>")
    expect(preview.locator("h2").nth(1)).to_have_text("Un'altra cosa")
    expect(preview.locator("em")).to_have_text("adesso")
    expect(preview.locator("b")).to_have_count(0)
    editing.get_by_label("Text in Markdown").fill("# Troppo grande")
    expect(preview).to_contain_text("Line 1 of the text: Headings begin with ##")
    assert wrong == []


def test_what_was_written_is_saved_and_found_again(editing: Page) -> None:
    editing.goto(EDITOR)
    editing.get_by_label("Title").fill("Un titolo nuovo")
    editing.get_by_role("button", name="Save draft").click()
    expect(editing.get_by_role("status")).to_have_text("Saved. The pages change when you publish it.")
    editing.get_by_role("link", name="All texts").click()
    expect(editing.get_by_role("link", name="Un titolo nuovo")).to_be_visible()


def test_leaving_with_something_unsaved_is_asked_about(editing: Page) -> None:
    asked: list[str] = []
    editing.goto(EDITOR)
    editing.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    editing.get_by_label("Title").press_sequentially("x")
    editing.get_by_role("link", name="All texts").click()
    expect(editing.get_by_role("heading", name="Texts", exact=True)).to_be_visible()
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("path", ["texts", "texts/it", "texts/it/versions", "publish", "frame", "state"])
def test_no_page_is_wider_than_a_phone(editing: Page, path: str) -> None:
    editing.set_viewport_size({"width": 360, "height": 740})
    editing.goto(f"/console/declarations/{make.SLUG}/{path}")
    assert editing.evaluate("document.documentElement.scrollWidth") <= 360
