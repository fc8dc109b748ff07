"""The whole way in a real browser: read, sign, confirm, be counted, be seen, withdraw."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests import make
from tests.running import Served, until

pytestmark = pytest.mark.browser

PHONE, DESK = 360, 1280


class Visitor:
    """One person's browser, which notes whatever it should not have seen."""

    def __init__(self, page: Page, served: Served) -> None:
        self.page = page
        self.served = served
        self.email = make.email()
        self.complaints: list[str] = []
        page.on("console", lambda message: self._note("console", message.text, message.type == "error"))
        page.on("pageerror", lambda error: self._note("script", str(error), True))
        page.on("request", self._note_request)

    def _note(self, what: str, text: str, wrong: bool) -> None:
        # A form that comes back has the status 422, and the browser's console says so.
        if wrong and "422" not in text:
            self.complaints.append(f"{what}: {text}")

    def _note_request(self, request: Request) -> None:
        ours = urlsplit(self.served.url).netloc
        self._note("request", request.url, urlsplit(request.url).netloc not in (ours, ""))

    def open(self, path: str) -> None:
        self.page.goto(self.served.url + path)
        self.look()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()
        self.look()

    def look(self) -> None:
        """Nothing is wrong with the page that is shown, whichever it is."""
        expect(self.page.locator("h1")).to_have_count(1)
        assert not self.complaints
        assert self.page.context.cookies() == []
        wide, seen = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= seen, f"{self.page.url} scrolls sideways"

    def fill(self, **fields: str) -> None:
        for label, value in fields.items():
            self.page.locator(f"#{label}").fill(value)

    def sign(self, name: str, *, visibility: str = "public") -> None:
        self.fill(name=name, email=self.email)
        self.page.locator("#country").select_option("IT")
        self.page.locator(f"input[name=visibility][value={visibility}]").check()
        self.page.locator("#agree").check()
        self.page.locator("form[action$='/sign'] button").click()
        self.look()

    def mail(self, subject: str) -> EmailMessage:
        return self.served.mail_to(self.email, subject)


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def visitor(request: pytest.FixtureRequest, chromium: Browser, served: Served, width: int) -> Iterator[Visitor]:
    size = {"width": width, "height": 800}
    with chromium.new_context(viewport=size, java_script_enabled=request.param, locale="en-GB") as context:  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        yield Visitor(context.new_page(), served)


@pytest.fixture
def reader(chromium: Browser, served: Served) -> Iterator[Visitor]:
    """Someone whose browser asks for Italian."""
    with chromium.new_context(viewport={"width": PHONE, "height": 800}, locale="it-IT") as context:
        context.set_default_timeout(10_000)
        yield Visitor(context.new_page(), served)


def test_a_person_signs_confirms_is_counted_and_withdraws(visitor: Visitor, width: int) -> None:
    page, served = visitor.page, visitor.served
    name = f"Maria {make.email().partition('@')[0]}"
    counted = served.count()

    visitor.open("/")
    assert urlsplit(page.url).path == make.PAGE
    assert len(page.locator("article .text").inner_text().split()) > 500, "the text is there to be read"

    visitor.sign(name)
    expect(page.get_by_role("heading", level=1)).to_have_text("Please check your mailbox")

    visitor.open(make.link(visitor.mail("Please confirm"), "confirm"))
    expect(page.locator("#name")).to_have_value(name)
    visitor.press("Confirm my signature")
    expect(page.get_by_role("heading", level=1)).to_have_text("You have signed. Thank you.")

    until(lambda: served.count() == counted + 1, within=timedelta(seconds=5), what="the count rises")
    until(lambda: _shown_count(visitor) == counted + 1, within=timedelta(seconds=5), what="the page shows it")
    until(lambda: name in _signatories(visitor), within=timedelta(seconds=5), what="the name is shown")

    personal = make.link(visitor.mail("is confirmed"), "signature")
    visitor.open(personal)
    page.locator("input[name=visibility][value=addressee]").check()
    visitor.press("Save the changes")
    expect(page.get_by_role("status")).to_have_text("Your changes are saved.")
    until(lambda: name not in _signatories(visitor), within=timedelta(seconds=5), what="the name is hidden")
    assert served.count() == counted + 1, "hiding is not leaving"

    visitor.open(personal)
    visitor.press("Withdraw my signature")
    expect(page.get_by_role("note")).to_contain_text("You withdrew this signature")
    until(lambda: served.count() == counted, within=timedelta(seconds=5), what="the count falls")


def test_errors_stand_beside_their_fields_and_nothing_typed_is_lost(visitor: Visitor) -> None:
    page = visitor.page
    visitor.open(make.PAGE)
    # The browser's checks and the script's would keep such a form from us.
    _send_as_it_is(page, "form[action$='/sign']", {"name": "Ada https://example.org", "email": "ada@", "country": ""})
    visitor.look()

    expect(page).to_have_title(re.compile("^Error: "))
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    links = summary.get_by_role("link").all()
    assert len(links) == 4, [each.inner_text() for each in links]
    for field in ("name", "email", "country", "agree"):
        assert page.locator(f"#{field}").get_attribute("aria-invalid") == "true"
        described = page.locator(f"#{field}").get_attribute("aria-describedby") or ""
        assert f"{field}-error" in described.split()
        expect(page.locator(f"#{field}-error")).to_be_visible()
    summary.locator("a[href='#email']").press("Enter")
    expect(page.locator("#email")).to_be_focused()
    expect(page.locator("#name")).to_have_value("Ada https://example.org")
    expect(page.locator("#email")).to_have_value("ada@")

    visitor.sign("Ada Lovelace")
    expect(page.get_by_role("heading", level=1)).to_have_text("Please check your mailbox")
    assert visitor.mail("Please confirm")


def test_a_person_who_distrusts_links_types_the_code(visitor: Visitor) -> None:
    page, served = visitor.page, visitor.served
    counted = served.count()
    visitor.open(f"{make.PAGE}/sign")
    visitor.sign("Grace Hopper", visibility="counted")
    code = make.code(visitor.mail("Please confirm"))

    visitor.fill(email=visitor.email, code="0000 0000")
    visitor.press("Continue")
    expect(page.get_by_role("alert")).to_contain_text("do not fit together")
    expect(page.locator("#email")).to_have_value(visitor.email)
    visitor.fill(code=f"{code[:4]} {code[4:]}")
    visitor.press("Continue")
    expect(page.locator("#name")).to_have_value("Grace Hopper")
    visitor.press("Confirm my signature")

    until(lambda: served.count() == counted + 1, within=timedelta(seconds=5), what="the count rises")
    assert "Grace Hopper" not in _signatories(visitor), "she chose not to be shown"


def test_an_italian_reads_signs_and_confirms_in_italian(reader: Visitor) -> None:
    page = reader.page

    reader.open("/")
    assert urlsplit(page.url).path == f"/it/{make.SLUG}"
    assert page.locator("html").get_attribute("lang") == "it"
    expect(page.locator("#country option[value=DE]")).to_have_text("Germania")
    reader.sign("Beatrice Portinari")
    assert urlsplit(page.url).path == f"/it/{make.SLUG}/check-your-mail"
    mail = reader.mail("")
    assert mail["Content-Language"] == "it"
    reader.open(make.link(mail, "confirm"))
    assert urlsplit(page.url).path.startswith("/it/confirm/")
    page.locator("form.form button").click()
    reader.look()
    page.get_by_role("navigation", name="Lingue").locator("summary").click()
    page.get_by_role("link", name="English").click()
    reader.look()
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize(
    "path", [f"{make.PAGE}/signatories", "/en/privacy", "/it/privacy", "/en/confirm", "/en/nowhere"]
)
def test_every_page_fits_a_phone_and_asks_nothing_of_others(reader: Visitor, path: str) -> None:
    reader.page.goto(reader.served.url + path)
    reader.complaints = [each for each in reader.complaints if "404" not in each]
    reader.look()


def _shown_count(visitor: Visitor) -> int:
    visitor.open(make.PAGE)
    return int(visitor.page.locator(".count strong").inner_text())


def _signatories(visitor: Visitor) -> str:
    visitor.open(f"{make.PAGE}/signatories")
    return visitor.page.locator("main").inner_text()


def _send_as_it_is(page: Page, form: str, values: dict[str, str]) -> None:
    """Send the form as a browser does that checks nothing by itself."""
    for name, value in values.items():
        field = page.locator(f"#{name}")
        field.select_option(value) if name == "country" else field.fill(value)
    with page.expect_navigation():
        page.locator(form).evaluate("form => form.submit()")
