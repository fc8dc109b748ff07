"""Signing inside a page of another origin, in real browsers: without third-party cookies, without script."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, Playwright, expect

from tests import make
from tests.browser.conftest import CHROMIUM
from tests.embed import firefox
from tests.embed.conftest import SLUG, Embedded, arguments
from tests.embed.elsewhere import COOKIES, HOSTS, STRANGER

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EITHER = pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
BLOCKING = {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}}
"""Chromium's own setting "Block third-party cookies"."""
REJECT_THIRD_PARTIES = 1
"""Of Firefox's ``network.cookie.cookieBehavior``."""


def publish(embedded: Embedded, path: str, *, script: bool) -> str:
    """A partner's page: the element where scripts run, the frame where they do not."""
    if script:
        return embedded.elsewhere.put(path, embedded.snippet(), head=embedded.script) + "?source=letter"
    frame = f'<iframe src="{embedded.frame(source="letter")}" title="Sign" width="100%" height="1100"></iframe>'
    return embedded.elsewhere.put(path, frame)


def fill(frame: FrameLocator, email: str) -> None:
    frame.locator("#name").fill("Ada Lovelace")
    frame.locator("#email").fill(email)
    frame.locator("#country").select_option("GB")
    frame.locator("input[name=visibility][value=public]").check()
    frame.locator("#agree").check()
    frame.get_by_role("button", name="Sign the declaration").click()


def sign(page: Page, embedded: Embedded, url: str) -> str:
    """Sign there; returns the address that was given."""
    email = make.email()
    page.goto(url)
    frame = page.frame_locator("iframe")
    fill(frame, email)
    expect(frame.get_by_role("heading", level=1)).to_have_text("Please check your mailbox")
    assert embedded.submissions()[-1] == ("embed", SLUG, "letter")
    assert page.context.cookies() == []
    return email


@EITHER
def test_chromium_signs_and_confirms_by_the_code_on_our_own_page(
    chromium: Browser, embedded: Embedded, script: bool
) -> None:
    with chromium.new_context(java_script_enabled=script, locale="en-GB") as context:
        page = context.new_page()
        email = sign(page, embedded, publish(embedded, f"/chromium-{script}", script=script))
        frame = page.frame_locator("iframe")
        frame.locator("#email").fill(email)
        frame.locator("#code").fill(make.code(embedded.served.mail_to(email, "confirm")))
        with context.expect_page() as opened:
            frame.get_by_role("button", name="Continue").click()
        ours = opened.value
        expect(ours.get_by_role("heading", level=1)).to_have_text("Confirm your signature")
        assert ours.url.startswith(embedded.ours("/en/confirm/"))
        ours.get_by_role("button", name="Confirm my signature").click()
        expect(ours.get_by_role("heading", level=1)).to_contain_text("Thank you")


@pytest.fixture
def blocking(playwright: Playwright, embedded: Embedded, tmp_path: Path, script: bool) -> Iterator[BrowserContext]:
    """Chromium with a profile that blocks third-party cookies."""
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(BLOCKING))
    context = playwright.chromium.launch_persistent_context(
        tmp_path,
        executable_path=CHROMIUM,
        args=arguments(embedded.elsewhere),
        java_script_enabled=script,
        locale="en-GB",
    )
    yield context
    context.close()


@EITHER
def test_chromium_signs_with_third_party_cookies_blocked(
    blocking: BrowserContext, embedded: Embedded, script: bool
) -> None:
    page = blocking.new_page()
    sign(page, embedded, publish(embedded, f"/blocking-{script}", script=script))
    page.goto(framed_cookies(embedded))
    page.reload()
    expect(page.frame_locator("iframe").locator("body")).to_have_text("none")


def framed_cookies(embedded: Embedded) -> str:
    """A page with a frame of another site that sets a cookie: whether it comes back tells that they are blocked."""
    frame = f'<iframe src="{embedded.elsewhere.url(STRANGER, COOKIES)}"></iframe>'
    return embedded.elsewhere.put("/cookie-frame", frame)


@EITHER
@pytest.mark.parametrize("blocked", [False, True], ids=["as it comes", "blocking all third-party cookies"])
def test_firefox_signs(embedded: Embedded, tmp_path: Path, script: bool, blocked: bool) -> None:
    preferences: dict[str, bool | int | str] = {"network__dns__localDomains": ",".join(HOSTS)}
    if blocked:
        preferences["network__cookie__cookieBehavior"] = REJECT_THIRD_PARTIES
    if not script:
        preferences["javascript__enabled"] = False
    email, before = make.email(), len(embedded.submissions())
    with firefox.running(tmp_path, **preferences) as browser:
        browser.open(publish(embedded, f"/firefox-{script}-{blocked}", script=script))
        browser.enter("iframe")
        browser.type("#name", "Ada Lovelace")
        browser.type("#email", email)
        browser.type("#country", "United Kingdom")
        browser.click("input[name=visibility][value=public]")
        browser.click("#agree")
        browser.click("#form > p:last-child button")
        assert browser.text("#code-title") == "Or type the code"
        assert browser.text("h1") == "Please check your mailbox"
        browser.leave()
        assert browser.cookies() == []
        if blocked:
            browser.open(framed_cookies(embedded))
            browser.open(framed_cookies(embedded))
            browser.enter("iframe")
            assert browser.text("body") == "none"
    assert embedded.submissions()[before:] == [("embed", SLUG, "letter")]
    embedded.served.mail_to(email, "confirm")
