"""What the script adds to pages: numbers that stay new, hints and errors while typing, one post, sharing."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests import make
from tests.running import Served, until

pytestmark = pytest.mark.browser

SAY_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
})"""
# Not by an answer of 503, of which the browser's own console complains.
REFUSED = "window.asked = []; window.fetch = async (address) => { asked.push(address); return { ok: false } }"
LOOK_AT_HINTS = """async (typed) => {
  const field = document.getElementById("email"), found = {};
  for (const each of typed) {
    field.value = each;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    found[each] = document.querySelector(".meant bdi")?.textContent ?? "";
  }
  return found;
}"""
MEANT = {
    "ada@gmial.com": "ada@gmail.com",
    "ada@gmail.con": "ada@gmail.com",
    "ada@gmail.co": "ada@gmail.com",
    "Ada.Lovelace+x@GMAIL.CM": "Ada.Lovelace+x@gmail.com",
    "ada@gnail.com": "ada@gmail.com",
    "ada@hotmial.com": "ada@hotmail.com",
    "ada@hotmil.co": "ada@hotmail.com",
    "ada@hotmail.cm": "ada@hotmail.com",
    "ada@outlok.com": "ada@outlook.com",
    "ada@yahoo.con": "ada@yahoo.com",
    "ada@yaho.co.uk": "ada@yahoo.co.uk",
    "ada@iclould.com": "ada@icloud.com",
    "ada@wbe.de": "ada@web.de",
    "ada@gxm.de": "ada@gmx.de",
    "ada@libreo.it": "ada@libero.it",
    "ada@ornage.fr": "ada@orange.fr",
    "ada@uol.com.rb": "ada@uol.com.br",
    "ada@163.con": "ada@163.com",
    "ada@qq.com": "",
    "ada@165.com": "",
    "ada@wp.pl": "",
    "ada@gmail.com": "",
    "ada@mail.com": "",
    "ada@ymail.com": "",
    "ada@yahoo.it": "",
    "ada@hotmail.com.ar": "",
    "ada@libera.it": "",
    "ada@aon.com": "",
    "ada@love.com": "",
    "ada@wdr.de": "",
    "ada@we.com": "",
    "ada@example.org": "",
    "ada@vatican.va": "",
    "ada@例子.中国": "",
    "ada@": "",
    "@gmial.com": "",
    "ada": "",
    "": "",
}


class Complaints(list[str]):
    """What the browser said that it should not have had to say."""

    def note(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("console", lambda message: self.append(message.text) if message.type in ("error", "warning") else None)


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def context(chromium: Browser, complaints: Complaints) -> Iterator[BrowserContext]:
    with chromium.new_context(viewport={"width": 360, "height": 740}) as context:
        context.set_default_timeout(10_000)
        context.add_init_script(SAY_VIOLATIONS)
        context.on("page", complaints.note)
        yield context
    assert not complaints


@pytest.fixture
def page(context: BrowserContext, served: Served) -> Page:
    """The sign form, open, in a browser that may say nothing wrong until the test ends."""
    page = context.new_page()
    page.goto(served.url + make.SIGN)
    return page


def _requests(page: Page, *, method: str = "GET") -> list[str]:
    """The addresses of all requests from now on, as they are made."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.method == method:
            asked.append(request.url)

    page.on("request", note)
    return asked


def _posts(page: Page) -> list[str]:
    return _requests(page, method="POST")


def _fill(page: Page, *, email: str | None = None) -> None:
    page.locator("#name").fill("Ada Lovelace")
    page.locator("#email").fill(email or make.email())
    page.locator("#country").select_option("GB")
    page.locator("#agree").check()


def _button(page: Page) -> None:
    page.get_by_role("button", name="Sign the declaration").click()


def _sign(served: Served) -> None:
    counted, email = served.count(), make.email()
    assert served.sign(email).status == 303
    served.confirm(make.link(served.mail_to(email, "Please confirm"), "confirm"))
    until(lambda: served.count() == counted + 1, within=timedelta(seconds=10), what="the count rises")


def _errors(page: Page) -> list[str]:
    return page.locator("p.error").all_inner_texts()


# Live numbers


@pytest.mark.parametrize("path", [make.PAGE, f"/ar/{make.SLUG}", f"{make.PAGE}/numbers"], ids=["page", "ar", "numbers"])
def test_the_number_rises_on_a_page_that_stays_open(context: BrowserContext, served: Served, path: str) -> None:
    page = context.new_page()
    page.clock.install()
    page.goto(served.url + path)
    page.evaluate("window.stayed = true")
    shown = page.locator(".count strong")
    before, since = shown.inner_text(), page.locator(".tally time").get_attribute("datetime")
    _sign(served)
    page.clock.fast_forward(15_000)
    expect(shown).not_to_have_text(before)
    assert page.locator(".tally time").get_attribute("datetime") != since
    assert page.locator("progress").get_attribute("value") == str(served.count())
    assert page.evaluate("window.stayed"), "and nothing was loaded anew"
    now = shown.inner_text()
    page.reload()
    assert shown.inner_text() == now, "in the digits of the language"


def test_what_a_reader_opened_and_where_they_are_stays(context: BrowserContext, served: Served) -> None:
    _sign(served)
    page = context.new_page()
    page.clock.install()
    page.goto(f"{served.url}{make.PAGE}/numbers")
    summary = page.locator("main summary").first
    summary.click()
    summary.focus()
    _sign(served)
    page.clock.fast_forward(15_000)
    expect(page.locator("main tbody").first).to_contain_text(str(served.count()))
    expect(page.locator("main details").first).to_have_attribute("open", "")
    expect(summary).to_be_focused()


def test_a_server_in_trouble_is_asked_less_and_less_often(context: BrowserContext, served: Served) -> None:
    page = context.new_page()
    page.clock.install()
    page.add_init_script(REFUSED)
    page.goto(served.url + make.PAGE)
    for seconds, times in ((14, 0), (2, 1), (26, 1), (5, 2), (54, 2), (8, 3)):
        page.clock.run_for(seconds * 1000)
        assert page.evaluate("asked.length") == times


def test_nothing_is_asked_where_data_is_saved_or_nobody_looks(context: BrowserContext, served: Served) -> None:
    hide = 'Object.defineProperty(document, "hidden", { get: () => true })'
    save = 'Object.defineProperty(navigator, "connection", { value: { saveData: true } })'
    for circumstance in (hide, save):
        page = context.new_page()
        page.clock.install()
        page.add_init_script(circumstance)
        asked = _requests(page)
        page.goto(served.url + make.PAGE)
        page.clock.run_for(120_000)
        assert not [each for each in asked if each.endswith("/count")]


# Addresses


def test_a_slip_in_an_address_is_doubted_and_mended_by_keyboard(page: Page) -> None:
    field, hint = page.locator("#email"), page.get_by_role("button", name="Did you mean ada@gmail.com?")
    field.focus()
    page.keyboard.type("ada@gmial.com")
    page.keyboard.press("Tab")
    expect(hint).to_be_visible()
    expect(page.locator("[aria-live]")).to_have_text("Did you mean ada@gmail.com?")
    assert "email-meant" in (field.get_attribute("aria-describedby") or "").split()
    page.keyboard.press("Shift+Tab")
    expect(hint).to_be_focused()
    page.keyboard.press("Enter")
    expect(field).to_have_value("ada@gmail.com")
    expect(field).to_be_focused()
    expect(hint).to_have_count(0)
    assert field.get_attribute("aria-describedby") == "email-hint"


def test_a_slip_is_doubted_in_a_pause_while_typing(page: Page) -> None:
    page.locator("#email").press_sequentially("ada@hotmial.com")
    page.locator(".meant").click()
    expect(page.locator("#email")).to_have_value("ada@hotmail.com")


def test_only_likely_slips_are_doubted(page: Page) -> None:
    assert page.evaluate(LOOK_AT_HINTS, list(MEANT)) == MEANT


def test_a_doubted_address_is_sent_all_the_same(page: Page) -> None:
    _fill(page, email=make.email().replace("example.org", "gmial.com"))
    _button(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Please check your mailbox")


def test_a_hint_runs_from_left_to_right_where_the_page_does_not(context: BrowserContext, served: Served) -> None:
    page = context.new_page()
    page.goto(f"{served.url}/ar/{make.SLUG}/sign")
    page.locator("#email").fill("ada@gmial.com")
    page.locator("#name").focus()
    expect(page.locator(".meant bdi")).to_have_text("ada@gmail.com")
    right = page.locator(".meant").evaluate("one => one.getBoundingClientRect().right")
    assert abs(right - page.locator("#email").evaluate("one => one.getBoundingClientRect().right")) < 2
    assert page.evaluate("document.documentElement.scrollWidth") == 360


# Errors


def test_an_error_comes_when_the_field_is_left_and_goes_while_it_is_mended(page: Page) -> None:
    field, error = page.locator("#email"), page.locator("#email-error")
    field.press_sequentially("ada@")
    expect(error).to_have_count(0)
    page.keyboard.press("Tab")
    expect(error).to_contain_text("Please enter a complete email address")
    expect(page.locator("[aria-live]")).to_contain_text("Please enter a complete email address")
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("aria-describedby") == "email-hint email-error"
    field.press_sequentially("example.org")
    expect(error).to_have_count(0)
    assert field.get_attribute("aria-invalid") is None
    assert field.get_attribute("aria-describedby") == "email-hint"
    expect(page.locator(".wrong")).to_have_count(0)


def test_fields_that_were_only_passed_are_not_complained_of(page: Page) -> None:
    page.locator("#name").focus()
    for _ in range(8):
        page.keyboard.press("Tab")
    page.locator("#name").focus()
    assert not _errors(page)


def test_sending_an_empty_form_leads_to_its_first_field_and_asks_nobody(page: Page) -> None:
    posts = _posts(page)
    _button(page)
    expect(page.locator("#name")).to_be_focused()
    assert len(_errors(page)) == 4
    assert not posts
    assert page.url.endswith("/sign")
    page.locator("#name").press_sequentially("A")
    expect(page.locator("#name-error")).to_have_count(0)
    assert len(_errors(page)) == 3


def test_the_sentences_are_those_of_the_server(page: Page, chromium: Browser, served: Served) -> None:
    page.locator("#email").fill("ada@")
    _button(page)
    with chromium.new_context(java_script_enabled=False) as plain:
        other = plain.new_page()
        other.goto(served.url + make.SIGN)
        other.locator("#email").fill("ada@")
        with other.expect_navigation():
            other.locator("#form").evaluate("form => form.submit()")
        assert _errors(page) == _errors(other)
        assert len(_errors(page)) == 4


def test_what_only_the_server_finds_comes_back_and_goes_once_it_is_mended(page: Page, complaints: Complaints) -> None:
    _fill(page)
    page.locator("#name").fill("Ada https://example.org")
    _button(page)
    expect(page.get_by_role("alert")).to_be_focused()
    complaints[:] = [each for each in complaints if "422" not in each]
    page.locator("#name").fill("Ada")
    expect(page.locator("#name-error")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#name-error")).to_have_count(0)
    _button(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Please check your mailbox")


def test_a_click_is_not_lost_to_an_error_that_appears(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 1600})
    page.locator("#email").press_sequentially("ada@")
    page.locator("#agree").click()
    expect(page.locator("#agree")).to_be_checked()
    expect(page.locator("#email-error")).to_be_visible()


def test_addresses_in_other_scripts_are_left_to_the_server(page: Page) -> None:
    for address in ("用户@例子.中国", "ada@münchen.example"):
        page.locator("#email").fill(address)
        page.keyboard.press("Tab")
        page.locator("#name").focus()
        assert not _errors(page)


def test_every_form_with_needed_fields_is_helped(context: BrowserContext, served: Served) -> None:
    page = context.new_page()
    for path, fields in (("/en/confirm", 2), (make.ENDORSE, 7)):
        page.goto(served.url + path)
        page.locator("main form .button").last.click()
        assert len(_errors(page)) == fields


# Sending


def test_a_double_click_is_one_post(page: Page) -> None:
    posts = _posts(page)
    _fill(page)
    page.get_by_role("button", name="Sign the declaration").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Please check your mailbox")
    assert len(posts) == 1


def test_a_form_whose_post_came_to_nothing_can_be_sent_again(context: BrowserContext, served: Served) -> None:
    page = context.new_page()
    page.clock.install()
    page.goto(served.url + make.SIGN)
    posts = _posts(page)
    page.route("**/sign", lambda route: route.fulfill(status=204))
    _fill(page)
    _button(page)
    _button(page)
    assert len(posts) == 1
    page.unroute("**/sign")
    page.clock.fast_forward(8_000)
    _button(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Please check your mailbox")
    page.go_back()
    expect(page.locator("#name")).to_have_value("Ada Lovelace")
    page.locator("#email").fill(make.email())
    _button(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Please check your mailbox")
    assert len(posts) == 3


def test_changing_the_language_is_not_held_up_by_errors(page: Page) -> None:
    page.locator("#email").fill("ada@")
    page.get_by_role("navigation", name="Languages").locator("summary").click()
    page.get_by_role("button", name="Italiano").click()
    expect(page.locator("#email")).to_have_value("ada@")
    assert page.url.endswith(f"/it/{make.SLUG}/sign")


# Sharing


def test_sharing_is_offered_where_the_device_can(context: BrowserContext, served: Served) -> None:
    context.add_init_script("navigator.share = async (what) => { window.shared = what }")
    page = context.new_page()
    page.goto(served.url + make.PAGE)
    page.get_by_role("button", name="Share…").click()
    title = page.locator("h1").inner_text()
    assert page.evaluate("shared") == {"title": title, "url": page.locator(".share-address").inner_text()}


def test_where_it_cannot_the_button_stays_hidden(context: BrowserContext, served: Served) -> None:
    context.add_init_script("delete Navigator.prototype.share")
    page = context.new_page()
    page.goto(served.url + make.PAGE)
    expect(page.locator("[data-share]")).to_be_hidden()


def test_whoever_closes_the_devices_menu_meets_no_error(context: BrowserContext, served: Served) -> None:
    context.add_init_script("navigator.share = async () => { throw new DOMException('closed', 'AbortError') }")
    page = context.new_page()
    page.goto(served.url + make.PAGE)
    page.get_by_role("button", name="Share…").click()
    expect(page.get_by_role("button", name="Share…")).to_be_focused()


def test_the_address_is_copied_and_that_is_said(context: BrowserContext, served: Served) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(served.url + make.PAGE)
    button = page.locator("[data-copy]")
    expect(button).to_have_text("Copy the address")
    button.click()
    expect(button).to_have_text("Copied")
    expect(page.locator("[aria-live]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator(".share-address").inner_text()
    expect(button).to_have_text("Copy the address")


# Without it


def test_where_the_script_does_not_come_everything_works(chromium: Browser, served: Served) -> None:
    with chromium.new_context() as context:
        context.route("**/site.js", lambda route: route.abort())
        page = context.new_page()
        page.goto(served.url + make.PAGE)
        _fill(page)
        _button(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("Please check your mailbox")


def test_nothing_is_stored_and_nobody_else_is_asked(page: Page, served: Served) -> None:
    asked = _requests(page)
    _fill(page, email="ada@gmial.com")
    page.goto(served.url + make.PAGE)
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert all(each.startswith(served.url) for each in asked)
