"""The whole way of an organiser: invited, signed in, watching, delivering, handing over; on screens and by commands."""

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from petition import clock
from tests import make
from tests.browser import organiser
from tests.browser.organiser import COUNTED_WITHIN, Organiser
from tests.deliveries import steps
from tests.running import Served, run, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CONSOLE = f"/console/declarations/{make.SLUG}/"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return steps.clean_python(tmp_path_factory.mktemp("clean"))


@pytest.fixture
def first_start(tmp_path: Path) -> Iterator[Served]:
    """A server that nobody has an account on."""
    with Served.start(tmp_path / "instance", tally_every="1") as server:
        yield server


def _page(chromium: Browser, *, width: int, script: bool = True) -> Page:
    size = {"width": width, "height": 900}
    context = chromium.new_context(viewport=size, java_script_enabled=script, locale="en-GB")  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    return context.new_page()


def _public_key(served: Served) -> str:
    return served.get("/deliveries.pub").text.strip()


def test_an_organiser_goes_from_the_first_start_to_the_recorded_hand_over(
    first_start: Served, chromium: Browser, python: Path, tmp_path: Path
) -> None:
    public, page = _page(chromium, width=1280), _page(chromium, width=1280)
    ada = Organiser(page, first_start, "ada@example.org")
    ada.join(organiser.first_invitation(first_start))

    _pause_and_resume(ada)
    organiser.sign(public, first_start, name="Maria Montessori")
    _watch(ada, "1")

    ada.make_delivery()
    organiser.ten_minutes_pass(first_start)
    package = ada.download(tmp_path)
    done = organiser.verified(python, package, _public_key(first_start))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "YES" in done.stdout

    _record_the_hand_over(ada)
    public.goto(first_start.url + make.PAGE)
    told = public.get_by_text("Delivered in Geneva to The Secretary-General, with 1 signature.")
    expect(told.first).to_be_visible()
    public.goto(f"{first_start.url}{make.PAGE}/deliveries")
    expect(public.get_by_text(_public_key(first_start))).to_be_visible()
    for each in (public, page):
        each.context.close()


def _pause_and_resume(ada: Organiser) -> None:
    """The public page follows both."""
    ada.open(f"{CONSOLE}state")
    for button, standing, form in (
        ("Pause signing", "Signing is paused", False),
        ("Resume signing", "Open for signing", True),
    ):
        ada.press(button)
        expect(ada.page.locator(".standing strong")).to_have_text(standing)
        until(partial(_asks_to_sign, ada.served, form), what=standing)


def _asks_to_sign(served: Served, wanted: bool) -> bool:
    """Whether the declaration's page has its form, or has none, as wanted."""
    return ('name="agree"' in served.get(make.PAGE).text) is wanted


def _watch(ada: Organiser, count: str) -> None:
    """The home tells the count as soon as the worker has made its round."""

    def is_told() -> bool:
        ada.open(CONSOLE)
        return [told.split()[0] for told in ada.page.locator(".figures .first dd").all_inner_texts()] == [count]

    until(is_told, within=COUNTED_WITHIN, every=timedelta(seconds=1), what=f"{count} on the home")


def _record_the_hand_over(ada: Organiser) -> None:
    ada.open(f"{CONSOLE}deliveries")
    ada.page.get_by_role("link", name="Record that it was handed over").click()
    ada.look()
    ada.fill(handed_on=clock.now().date().isoformat(), place="Geneva")
    ada.fill(handed_by="Ada Lovelace", handed_to="The Secretary-General")
    ada.press("Record and publish")
    ada.heading("Deliveries")
    expect(ada.page.locator("section", has_text="Hand-overs").get_by_text("Geneva")).to_be_visible()


def test_a_telephone_without_script_signs_in_and_delivers(
    served: Served, chromium: Browser, python: Path, tmp_path: Path
) -> None:
    address = make.email()
    ada = Organiser(_page(chromium, width=360, script=False), served, address)
    ada.join(organiser.created(served, address))
    ada.sign_out()
    ada.sign_in()
    ada.look()
    ada.make_delivery()
    organiser.ten_minutes_pass(served)
    done = organiser.verified(python, ada.download(tmp_path), _public_key(served))
    assert done.returncode == 0, done.stdout + done.stderr
    ada.page.context.close()


def test_the_same_goes_by_commands(first_start: Served, chromium: Browser, python: Path, tmp_path: Path) -> None:
    page = _page(chromium, width=1280)
    folder, package = first_start.folder, tmp_path / "package.zip"
    ada = Organiser(page, first_start, "ada@example.org")
    ada.join(organiser.created(first_start, ada.address))
    assert ada.address in run(folder, "accounts", "list").stdout
    organiser.sign(page, first_start, name="Maria Montessori")
    page.context.close()

    made = run(folder, "deliveries", "make", make.SLUG, "--out", str(package))
    assert made.returncode == 0, made.stderr
    told = run(folder, "deliveries", "verify", str(package))
    assert told.returncode == 0, told.stdout + told.stderr
    assert re.search(r"Yes: .* 1 signatures as of", told.stdout), told.stdout
    assert organiser.verified(python, package, _public_key(first_start)).returncode == 0

    package.write_bytes(package.read_bytes()[:-1])
    assert run(folder, "deliveries", "verify", str(package)).returncode == 1
    trail = run(folder, "accounts", "trail", "verify")
    assert trail.returncode == 0, trail.stdout + trail.stderr
