"""Our server and partners' sites, on origins of their own, for real browsers."""

import gc
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser, Playwright, sync_playwright
from sqlalchemy import select

from petition.application import create_app
from petition.extensions import db, writing
from petition.signatures.models import Submission
from tests import make
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.embed import elsewhere
from tests.embed.elsewhere import HOSTS, OURS, PARTNER, Elsewhere
from tests.running import Served, secrets

SLUG = "byron"


@dataclass
class Embedded:
    """Our server, the sites around it, and the application on the same database that looks into it."""

    served: Served
    app: Flask
    elsewhere: Elsewhere

    def ours(self, path: str) -> str:
        return self.elsewhere.url(OURS, path)

    def frame(self, **given: str) -> str:
        asked = {"partner": SLUG, "lang": "en", **given}
        return self.ours(f"/embed/{make.SLUG}?" + "&".join(f"{name}={value}" for name, value in asked.items()))

    def snippet(self, attributes: str = "") -> str:
        """What a partner pastes, without the number, so that a broken file is seen as such."""
        return (
            f'<declaration-form declaration="{make.SLUG}" partner="{SLUG}" lang="en" title="Sign" {attributes}>'
            f'<a href="{self.ours(make.PAGE)}?partner={SLUG}">Sign the declaration</a></declaration-form>'
        )

    @property
    def script(self) -> str:
        return f'<script src="{self.ours("/embed.js")}" async></script>'

    def submissions(self) -> list[tuple[str, str, str]]:
        """Channel, partner and source of each, the newest last."""
        with self.app.app_context():
            query = select(Submission.channel, Submission.partner, Submission.source).order_by(Submission.id)
            return [(str(channel), partner, source) for channel, partner, source in db.session.execute(query)]


@pytest.fixture(scope="package")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    folder = tmp_path_factory.mktemp("embedded")
    (folder / "instance").mkdir()
    keys = secrets()
    with elsewhere.serving(folder) as around:
        base_url = around.url(OURS)
        with Served.start(folder / "instance", tally_every="1", base_url=base_url, **keys) as served:
            around.ours = served.port
            app = create_app(make.settings(folder / "instance", base_url=base_url, **keys))
            with app.app_context(), writing():
                make.partner(SLUG, origins=(around.url(PARTNER),))
            yield Embedded(served, app, around)
            with app.app_context():
                for engine in db.engines.values():
                    engine.dispose()
            gc.collect()


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as found:
        yield found


def arguments(around: Elsewhere) -> list[str]:
    """Chromium finds every host on this machine, and trusts the one certificate that was made for the test."""
    return [
        *ARGUMENTS,
        "--host-resolver-rules=" + ",".join(f"MAP {host} 127.0.0.1" for host in HOSTS),
        f"--ignore-certificate-errors-spki-list={around.fingerprint}",
    ]


@pytest.fixture(scope="package")
def chromium(embedded: Embedded, playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments(embedded.elsewhere))
    yield browser
    browser.close()
