"""The console in a real browser: nothing wider than a telephone, nothing that axe-core objects to, mails to follow."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from petition.accounts import sessions
from petition.accounts.cookies import COOKIE
from petition.application import create_app
from petition.extensions import begin_writing, db, writing
from petition.settings import Settings
from tests import make, staff
from tests.console.steps import HOME
from tests.quality.test_axe import RUN, TAGS
from tests.quality.tools import AXE, installed
from tests.running import Served, environment, until

pytestmark = pytest.mark.browser


def _token(served: Served, language: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The cookie of an organiser of everything, made in the server's own database."""
    for name, value in environment(served.folder, {}).items():
        if name.startswith("PETITION_"):
            monkeypatch.setenv(name, value)
    app = create_app(Settings.from_environment())
    with app.app_context():
        # The worker writes too: whoever reads first and writes later would fail at once.
        begin_writing()
        organiser = staff.account("organiser", slug=None, language=language)
        with writing():
            _row, token = sessions.begin(organiser, proved=True)
        db.session.remove()
        db.engine.dispose()
    return token


@pytest.fixture(params=[("en", 360, "light"), ("ar", 360, "dark"), ("en", 1280, "dark")], ids=str)
def page(
    request: pytest.FixtureRequest, served: Served, chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Page]:
    language, width, light = request.param
    context: BrowserContext = chromium.new_context(viewport={"width": width, "height": 740}, color_scheme=light)
    context.add_init_script(path=installed(AXE))
    token = _token(served, language, monkeypatch)
    address = served.url.replace("http:", "https:")
    context.add_cookies([{"name": COOKIE, "value": token, "url": address, "secure": True}])
    yield context.new_page()
    context.close()


def _is_well_made(page: Page) -> None:
    fits = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert fits, "the page is wider than the window"
    found = page.evaluate(RUN, TAGS)
    assert not found, "\n".join(found)


def test_the_home_and_the_mails_are_well_made_and_a_mails_link_is_followed(served: Served, page: Page) -> None:
    email = make.email()
    assert served.sign(email).status == 303
    confirm = make.link(served.mail_to(email, "Please confirm your signature"), "confirm")
    served.confirm(confirm)

    def is_counted() -> bool:
        page.goto(f"{served.url}{HOME}?hours=168")
        return page.locator("svg.chart").count() >= 5

    until(is_counted, what="the worker counts")
    assert page.get_by_role("alert").count() == 0, "the worker is alive"
    _is_well_made(page)
    page.locator("summary").first.click()
    _is_well_made(page)

    page.goto(f"{served.url}/console/mails")
    _is_well_made(page)
    entry = page.locator("li", has_text=email).last
    entry.get_by_role("button").click()
    _is_well_made(page)
    page.locator("main .letter a").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url == f"{served.url}{confirm}"
