"""Applications with a database of their own, and browsers whose requests share nothing with the test."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import Mailbag
from tests.services import Mail, MailServer
from tests.signatures import steps
from tests.standing import app_templates, make_app

__all__ = ["app_templates", "make_app"]


class Browser(FlaskClient):
    """Gives every request an application context of its own, as a server does.

    Flask would reuse the one that the test has pushed, and with it ``g`` and the session.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        with self.application.app_context():
            return super().open(*args, **kwargs)


class Mailroom(Mailbag):
    """Goes on until nothing is due: one round writes to each mailbox once."""

    def take(self) -> list[Mail]:
        steps.send_all(self.app)
        return super().take()


@pytest.fixture
def mails(app: Flask, mail_server: MailServer) -> Mailbag:
    return Mailroom(app, mail_server)


@pytest.fixture(autouse=True)
def real_requests(request: pytest.FixtureRequest) -> Iterator[None]:
    if "app" not in request.fixturenames:
        yield
        return
    migrated: Flask = request.getfixturevalue("migrated")
    migrated.test_client_class = Browser
    yield
    migrated.test_client_class = None
