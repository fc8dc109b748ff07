"""Looking after a signature in a real browser without JavaScript: correct, lose the link, find it again, erase."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import make
from tests.running import Served

pytestmark = pytest.mark.browser


@pytest.fixture(params=[360, 1280])
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": request.param, "height": 740}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_a_signatory_corrects_loses_the_link_finds_it_again_and_erases(served: Served, page: Page) -> None:
    email, name = make.email(), "Hypatia Alexandrina"
    assert served.sign(email, name=name).status == 303
    served.confirm(make.link(served.mail_to(email, "Please confirm your signature"), "confirm"))
    personal = make.link(served.mail_to(email, "Your signature is confirmed"), "signature")

    page.goto(served.url + personal)
    page.locator("#name").fill("=Hypatia")
    page.get_by_role("button", name="Save the changes").click()
    expect(page.locator("#name-error")).to_contain_text("Please begin with a letter")
    page.locator("#name").fill("Hypatia of Alexandria")
    page.get_by_role("button", name="Save the changes").click()
    expect(page.get_by_role("status")).to_have_text("Your changes are saved.")
    expect(page.locator("dd", has_text="until")).to_contain_text(name)

    page.goto(f"{served.url}/en/signature")
    page.locator("#email").fill(email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Please check your mailbox")
    again = make.link(served.mail_to(email, "Your personal link"), "signature")
    assert again != personal

    page.goto(served.url + again)
    page.get_by_text("Erase everything about you", exact=True).click()
    page.get_by_role("button", name="Erase everything about me").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Everything about you is erased")
    for link in (personal, again):
        page.goto(served.url + link)
        expect(page.get_by_role("heading", level=1)).to_have_text("Nothing is stored behind this link")
