"""What a first-time visitor meets: the first screen, the button in reach, other languages, windows of every size."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from petition import languages
from tests import make
from tests.running import Served

pytestmark = pytest.mark.browser

TEXT_SPACING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important }
    * { word-spacing: 0.16em !important } p { margin-block-end: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""
"""As WCAG 2.2, success criterion 1.4.12, lets readers set it."""
IS_SEEN = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  const points = [[box.left + box.width / 2, box.top + box.height / 2], [box.left + 3, box.top + 3]];
  const onTop = points.map(([x, y]) => document.elementFromPoint(x, y));
  return onTop.some((top) => top && (one.contains(top) || top.contains(one)));
}"""


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def phone(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    size = {"width": 360, "height": 740}
    with chromium.new_context(viewport=size, java_script_enabled=request.param) as context:  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        yield context.new_page()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context() as context:
        context.set_default_timeout(10_000)
        yield context.new_page()


def _bottom(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None, selector
    return box["y"] + box["height"]


@pytest.mark.parametrize("language", languages.NAMES)
def test_the_first_screen_of_a_phone_says_it_all(phone: Page, served: Served, language: str) -> None:
    phone.goto(f"{served.url}/{language}/{make.SLUG}")
    bar = phone.locator(".sign-bar").bounding_box()
    assert bar is not None and bar["y"] + bar["height"] <= 740
    for selector in ("h1", ".lead", ".facts", ".count"):
        assert _bottom(phone, selector) <= bar["y"], selector


def test_the_button_stays_in_reach_all_along(phone: Page, served: Served) -> None:
    phone.goto(served.url + make.PAGE)
    for selector in ("#title", ".text h2:nth-of-type(3)", "#sign-title", "#who", "#questions"):
        phone.locator(selector).scroll_into_view_if_needed()
        inside = [
            box["y"] + box["height"] <= 745
            for button in (".sign-bar .button", "#form button")
            if (box := phone.locator(button).bounding_box()) is not None
        ]
        assert any(inside), selector
    phone.locator(".sign-bar .button").click()
    expect(phone.locator("#sign-title")).to_be_in_viewport()


def test_changing_the_language_keeps_what_was_typed(phone: Page, served: Served) -> None:
    phone.goto(served.url + make.PAGE)
    phone.locator("#name").fill("Zoë O’Hara")
    phone.locator("#country").select_option("IE")
    phone.locator("input[value=public]").check()
    phone.get_by_role("navigation", name="Languages").locator("summary").click()
    phone.get_by_role("button", name="Italiano").click()
    assert phone.url == f"{served.url}/it/{make.SLUG}/sign", "and the address tells nothing of it"
    expect(phone.locator("#name")).to_have_value("Zoë O’Hara")
    expect(phone.locator("#country")).to_have_value("IE")
    expect(phone.locator("input[value=public]")).to_be_checked()
    expect(phone.get_by_role("alert")).to_have_count(0)


def test_without_anything_typed_the_languages_are_links(phone: Page, served: Served) -> None:
    phone.goto(served.url + make.PAGE)
    phone.get_by_role("navigation", name="Languages").locator("summary").click()
    phone.get_by_role("link", name="Italiano").click()
    assert phone.url == f"{served.url}/it/{make.SLUG}"


def test_enter_in_a_field_signs_and_changes_no_language(phone: Page, served: Served) -> None:
    phone.goto(f"{served.url}{make.PAGE}/sign")
    phone.locator("#form").evaluate("form => { form.noValidate = true }")
    phone.locator("#name").fill("Ada")
    phone.locator("#name").press("Enter")
    expect(phone.locator("#email-error")).to_contain_text("Please enter your email address.")
    assert phone.url == f"{served.url}{make.PAGE}/sign"


@pytest.mark.parametrize("size", [(360, 740), (320, 256), (1280, 800)], ids=["phone", "400 %", "desk"])
def test_whatever_has_the_focus_is_seen(page: Page, served: Served, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(served.url + make.PAGE)
    for key in ("Tab", "Shift+Tab"):
        stops = 0
        while True:
            page.keyboard.press(key)
            if page.evaluate("document.activeElement === document.body"):
                break
            stops += 1
            assert page.evaluate(IS_SEEN), page.evaluate("document.activeElement.outerHTML")
        assert stops > 15


@pytest.mark.parametrize("path", [make.PAGE, make.SIGN, f"{make.PAGE}/signatories", "/en/accessibility", "/en/nowhere"])
def test_enlarged_four_times_and_with_wider_spacing_nothing_scrolls_sideways(
    page: Page, served: Served, path: str
) -> None:
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(served.url + path)
    for wider in (False, True):
        if wider:
            page.evaluate(TEXT_SPACING)
        assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_a_line_of_the_text_holds_60_to_75_characters(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(served.url + make.PAGE)
    per_line = page.evaluate("""() => {
      let characters = 0, lines = 0;
      for (const each of document.querySelectorAll('.reading .text p')) {
        const count = Math.round(each.getBoundingClientRect().height / parseFloat(getComputedStyle(each).lineHeight));
        // The last line of a paragraph is half full.
        if (count > 3) { characters += each.textContent.length; lines += count - 0.5 }
      }
      return characters / lines;
    }""")
    assert 60 <= per_line <= 75


def test_on_paper_the_text_stands_without_the_form(page: Page, served: Served) -> None:
    page.emulate_media(media="print")
    page.goto(served.url + make.PAGE)
    for selector in ("h1", ".text >> nth=0", ".hash", ".printed"):
        expect(page.locator(selector).first).to_be_visible()
    for selector in ("#form", ".sign-bar", ".languages", ".bottom"):
        expect(page.locator(selector)).to_be_hidden()
