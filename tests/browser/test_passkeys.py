"""A passkey in a real browser, with an authenticator that the browser makes up: added, then used to sign in."""

import re
import subprocess
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_script import SAY_VIOLATIONS, Complaints
from tests.running import PETITION, Served, environment

pytestmark = pytest.mark.browser

PASSWORD = "violet anchors under plaster"
ADDRESS = "grace@example.org"


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def page(chromium: Browser, complaints: Complaints) -> Iterator[Page]:
    with chromium.new_context(viewport={"width": 360, "height": 740}, locale="en-GB") as context:
        context.set_default_timeout(10_000)
        context.add_init_script(SAY_VIOLATIONS)
        context.on("page", complaints.note)
        yield context.new_page()


def _invitation(served: Served, address: str = ADDRESS) -> str:
    """The path of an invitation, as the command prints it."""
    told = subprocess.run(
        [*PETITION, "accounts", "create", address, "--role", "organiser"],
        env=environment(served.folder, {}),
        cwd=served.folder.parent,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = re.search(r"/console/invitation/\S+", told)
    assert found, told
    return found[0]


def _join(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_label("Name").fill("Grace Hopper")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    page.get_by_label("The six digits in the app").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()


def _sign_out_and_give_the_password(page: Page, site: str, address: str = ADDRESS) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{site}/console/sign-in?next=/console/account/passkeys")
    page.get_by_label("Email address").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="The second step")).to_be_visible()


def _authenticator(context: BrowserContext, page: Page) -> tuple[object, str]:
    """One with a fingerprint reader whose owner always touches it; returns how to speak to it."""
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return devtools, devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def test_a_passkey_is_added_and_then_signs_in(served: Served, page: Page, complaints: Complaints) -> None:
    site = f"http://localhost:{served.port}"
    _join(page, site + _invitation(served))
    devtools, authenticator = _authenticator(page.context, page)

    page.goto(f"{site}/console/account/passkeys")
    page.get_by_label("Name of the passkey").fill("Telephone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    expect(page.get_by_label("Name of the passkey").first).to_have_value("Telephone")

    _sign_out_and_give_the_password(page, site)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Your passkeys")).to_be_visible()
    expect(page.get_by_text("last used")).to_be_visible()
    assert not complaints

    # Without it the page says so, and a code still opens.
    devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": authenticator})  # type: ignore[attr-defined]
    devtools.send("WebAuthn.disable")  # type: ignore[attr-defined]
    _sign_out_and_give_the_password(page, site)
    expect(page.get_by_label("Code")).to_be_visible()


def test_whoever_joins_chooses_a_passkey_and_needs_no_app(served: Served, page: Page, complaints: Complaints) -> None:
    site, address = f"http://localhost:{served.port}", "mary@example.org"
    page.goto(site + _invitation(served, address))
    _authenticator(page.context, page)
    page.get_by_label("Name").fill("Mary Jackson")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()
    page.get_by_label("Name of the passkey").fill("Telephone")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()

    _sign_out_and_give_the_password(page, site, address)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Your passkeys")).to_be_visible()
    page.get_by_role("button", name="Remove Telephone").click()
    expect(page.get_by_text("This is your only second factor.")).to_be_visible()
    assert not [each for each in complaints if "409" not in str(each)]


def test_without_script_a_code_is_asked_and_no_passkey(served: Served, chromium: Browser) -> None:
    with chromium.new_context(java_script_enabled=False, locale="en-GB") as context:
        page = context.new_page()
        page.goto(f"http://localhost:{served.port}/console/sign-in")
        page.get_by_label("Email address").fill(ADDRESS)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_label("Code")).to_be_visible()
        expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
