"""An organiser at a browser: takes up an invitation, signs in, proves who they are, and makes a delivery."""

import re
import subprocess
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pyotp
from playwright.sync_api import Page, expect
from sqlalchemy import select

from petition.accounts import sessions
from petition.accounts.models import StaffSession
from petition.application import create_app
from petition.extensions import db, writing
from tests import make
from tests.running import Served, run, until

PASSWORD = "violet anchors under plaster"
MADE_WITHIN = timedelta(seconds=180)
COUNTED_WITHIN = timedelta(seconds=90)
AGAIN = "Please prove once more that it is you"


class Organiser:
    """Proves by recovery codes whatever comes after joining: the app's code is not taken twice in its 30 seconds."""

    def __init__(self, page: Page, served: Served, address: str) -> None:
        self.page = page
        self.served = served
        self.address = address
        self.codes: list[str] = []

    def open(self, path: str) -> None:
        self.page.goto(self.served.url + path)
        self.look()

    def press(self, name: str) -> None:
        self.page.locator("main").get_by_role("button", name=name, exact=True).click()
        self.look()

    def look(self) -> None:
        """Whatever page is shown has one heading and is no wider than the window."""
        expect(self.page.locator("h1")).to_have_count(1)
        wide, seen = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= seen, f"{self.page.url} scrolls sideways"

    def fill(self, **given: str) -> None:
        for name, value in given.items():
            self.page.locator(f"[name={name}]").fill(value)

    def heading(self, words: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words)

    # Signing in

    def join(self, invitation: str) -> None:
        """Follow the invitation to the console: name, password, the key typed into an app, recovery codes kept."""
        self.open(invitation)
        self.fill(name="Grace Hopper", new_password=PASSWORD)
        if self.page.locator("[name=email]").count():
            self.fill(email=self.address)
        self.press("Continue")
        self.heading("Your second factor")
        secret = self.page.locator("code.secret").inner_text().replace(" ", "")
        self.fill(code=pyotp.TOTP(secret).now())
        self.press("Continue")
        self.heading("Your recovery codes")
        self.codes = self.page.locator(".codes code").all_inner_texts()
        self.page.get_by_role("link", name="I have them; continue").click()
        self.look()

    def sign_out(self) -> None:
        self.page.get_by_role("button", name="Sign out").click()
        self.heading("Sign in")

    def sign_in(self) -> None:
        self.fill(email=self.address, password=PASSWORD)
        self.press("Continue")
        self.heading("The second step")
        self.fill(code=self.codes.pop())
        self.press("Sign in")

    def prove_again(self) -> None:
        self.heading(AGAIN)
        self.look()
        self.fill(again_password=PASSWORD, again_code=self.codes.pop())
        self.page.get_by_role("button", name="Go on", exact=True).click()

    # Delivering

    def make_delivery(self) -> None:
        """From the tab to a package that is ready, watching its bar."""
        self.open(f"/console/declarations/{make.SLUG}/deliveries")
        self.page.get_by_role("link", name="New delivery").click()
        self.press("Preview")
        self.press("Make the delivery")
        self.heading("Deliveries")
        ready = self.page.get_by_role("button", name="Download")
        expect(ready).to_be_visible(timeout=MADE_WITHIN.total_seconds() * 1000)
        self.look()

    def download(self, folder: Path) -> Path:
        """What the button hands out, once they have proved again who they are."""
        self.page.get_by_role("button", name="Download").click()
        with self.page.expect_download() as coming:
            self.prove_again()
        path = folder / coming.value.suggested_filename
        coming.value.save_as(path)
        return path


def ten_minutes_pass(served: Served) -> None:
    """For every session: what was proved when signing in is no longer fresh."""
    app = create_app(make.settings(served.folder))
    with app.app_context():
        # The server writes too: whoever reads first and writes later would fail at once.
        with writing():
            for row in db.session.scalars(select(StaffSession)):
                row.proved_at = row.proved_at and row.proved_at - 2 * sessions.FRESH_FOR
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def sign(page: Page, served: Served, *, name: str) -> None:
    """A member of the public signs on the page, and confirms by the link in the mail."""
    email = make.email()
    page.goto(served.url + make.PAGE)
    page.locator("#name").fill(name)
    page.locator("#email").fill(email)
    page.locator("#country").select_option("IT")
    page.locator("input[name=visibility][value=public]").check()
    page.locator("#agree").check()
    page.locator("form[action$='/sign'] button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Please check your mailbox")
    page.goto(served.url + make.link(served.mail_to(email, "Please confirm"), "confirm"))
    page.get_by_role("button", name="Confirm my signature").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    until(lambda: name in served.get(f"{make.PAGE}/signatories").text, what=f"{name} among the signatories")


def verified(python: Path, package: Path, key: str) -> subprocess.CompletedProcess[str]:
    """What the package's own verify.py says of it, run alone in that environment."""
    with ZipFile(package) as unpacked:
        program = unpacked.extract("verify.py", package.parent / "unpacked")
    command = [str(python), "-I", "-B", program, str(package), "--key", key]
    return subprocess.run(command, cwd=package.parent, env={}, capture_output=True, text=True, timeout=60)


def first_invitation(served: Served) -> str:
    """The path that the first start prints."""
    found: list[str] = []

    def look() -> bool:
        found[:] = re.findall(r"Nobody has an account yet.*http://localhost:\d+(/console/invitation/\S+)", served.log)
        return bool(found)

    until(look, what="an invitation in what the server prints")
    return found[0]


def created(served: Served, address: str) -> str:
    """The path of the invitation that ``petition accounts create`` prints."""
    told = run(served.folder, "accounts", "create", address, "--role", "organiser")
    assert told.returncode == 0, told.stderr
    found = re.search(r"/console/invitation/\S+", told.stdout)
    assert found, told.stdout
    return found[0]
