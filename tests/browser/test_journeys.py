"""The whole way by keyboard alone: sign, confirm, correct, hide, withdraw, erase, in three scripts."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests import make
from tests.browser.keyboard import Typist
from tests.running import Served, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = {"en": "Hypatia", "ar": "فاطمة الفهرية", "zh": "李清照"}
BUTTON = "#form button.button"
CHOSEN = "input[name=visibility]:checked"
REQUIRED = """() => new Set([...document.querySelectorAll('#form :is(input, select, textarea):invalid')]
  .map(one => one.name)).size"""


@pytest.fixture(params=[360, 1280], ids=["phone", "desk"])
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def typist(request: pytest.FixtureRequest, chromium: Browser, served: Served, width: int) -> Iterator[Typist]:
    size = {"width": width, "height": 740}
    with chromium.new_context(viewport=size, java_script_enabled=request.param) as context:  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        yield Typist(context.new_page(), served)


def _fill(typist: Typist, name: str) -> None:
    """What has to be filled in, and nothing else."""
    typist.go_to("#name")
    typist.type(name)
    typist.go_to("#email")
    typist.type(typist.email)
    typist.go_to("#country")
    typist.key(*["ArrowDown"] * 5)
    typist.go_to("#agree")
    typist.key("Space")


def _link(typist: Typist, word: str) -> str:
    """The newest mailed link of that kind, in whatever language."""
    found: list[str] = []

    def look() -> bool:
        mails = [mail for mail in typist.served.mails() if mail["To"] == typist.email]
        found[:] = [make.link(mail, word) for mail in mails if f"/{word}/" in str(mail.get_body(("plain",)))]
        return bool(found)

    until(look, what=f"a link to {word}")
    return found[0]


@pytest.mark.parametrize("language", NAMES)
def test_a_keyboard_is_enough_for_all_of_it(typist: Typist, language: str) -> None:
    page, name = typist.page, NAMES[language]
    typist.open(f"/{language}/{make.SLUG}")
    _fill(typist, name)
    typist.enter(BUTTON)
    assert page.url.endswith(f"/{language}/{make.SLUG}/check-your-mail")

    typist.open(_link(typist, "confirm"))
    expect(page.locator("#name")).to_have_value(name)
    typist.go_to(CHOSEN)
    typist.key("ArrowUp")
    assert page.locator(CHOSEN).get_attribute("value") == "public"
    typist.enter(BUTTON)

    typist.open(_link(typist, "signature"))
    assert page.locator("html").get_attribute("lang") == language
    typist.go_to("#name")
    typist.type(" 2")
    typist.go_to(CHOSEN)
    typist.key("ArrowDown")
    hidden = page.locator(CHOSEN).get_attribute("value")
    assert hidden != "public"
    typist.enter(BUTTON)
    expect(page.get_by_role("status")).to_be_visible()
    expect(page.locator("#name")).to_have_value(f"{name} 2")
    assert page.locator(CHOSEN).get_attribute("value") == hidden

    typist.enter("form[action$='/withdraw'] button")
    expect(page.get_by_role("note")).to_be_visible()
    typist.go_to(".ways-out summary")
    typist.key("Enter")
    typist.enter("form[action$='/erase'] button")
    personal = page.url.removesuffix("/erase").removeprefix(typist.served.url)
    assert typist.served.get(personal).status == 404, "nothing is left"


@pytest.mark.parametrize("width", [360], ids=["phone"])
def test_signing_takes_half_a_minute_and_five_things_to_do(typist: Typist) -> None:
    """At 240 characters a minute, as people type on phones."""
    typist.delay = 250
    began = time.monotonic()
    typist.open(make.PAGE)
    assert typist.page.evaluate(REQUIRED) + 1 <= 5, "fields that must be filled in, and the button"
    _fill(typist, "Maria Montessori")
    typist.enter(BUTTON)
    assert timedelta(seconds=time.monotonic() - began) < timedelta(seconds=30)
    expect(typist.page.get_by_role("heading", level=1)).to_have_text("Please check your mailbox")
