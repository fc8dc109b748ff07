"""What the console’s tests ask for by name."""

import pytest
from flask import Flask

from tests.webhooks.receiving import LOOPBACK


@pytest.fixture
def loopback(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator lets webhooks lead to this machine."""
    monkeypatch.setattr(
        type(app.extensions["petition.settings"]), "webhook_networks", property(lambda _: LOOPBACK), raising=False
    )
