"""The steps of somebody who takes up an account and signs in, taken as a browser takes them."""

import html
import re
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from petition import addresses, clock
from petition.accounts import granting, inviting, totp
from petition.accounts.duties import Role
from petition.accounts.models import Account
from petition.extensions import db
from tests import make, staff

NEW_PASSWORD = "violet anchors under plaster"


def invited(*roles: str, address: str | None = None, language: str = "en") -> tuple[Account, str]:
    """An account that waits to be taken up, and the path of its invitation; no mail is posted."""
    made = granting.create(addresses.parse(address or make.email()), language=language)
    for role in roles or ("organiser",):
        granting.grant(made, Role(role), scopes=[staff.scope()])
    path = f"/console/invitation/{inviting.mint(made)}"
    db.session.commit()
    return made, path


def hidden(page: TestResponse, name: str) -> str:
    """The value of the hidden field, in the last form of the page that has it."""
    found = re.findall(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no field {name} in {page.text}"
    return html.unescape(found[-1])


def secret(page: TestResponse) -> str:
    """The secret that the page shows to be typed."""
    found = re.search(r'<code class="hash secret" dir="ltr">([A-Z2-7 ]+)</code>', page.text)
    assert found
    return found[1].replace(" ", "")


def join(client: FlaskClient, path: str, *, password: str = NEW_PASSWORD, name: str = "Ada Lovelace") -> TestResponse:
    return client.post(path, data={"name": name, "new_password": password})


def set_up(client: FlaskClient, *, code: str | None = None) -> TestResponse:
    """Scan the picture and type the code, or another one."""
    page = client.get("/console/set-up")
    typed = code or totp.code_at(secret(page), clock.now())
    fields = {"csrf_token": hidden(page, "csrf_token"), "sealed": hidden(page, "sealed"), "code": typed}
    return client.post("/console/set-up", data=fields)


def codes(page: TestResponse) -> list[str]:
    """The recovery codes that the page shows."""
    return re.findall(r"<li><code>([a-z0-9-]+)</code></li>", page.text)


def sign_in(client: FlaskClient, address: str, password: str = staff.PASSWORD, **fields: str) -> TestResponse:
    return client.post("/console/sign-in", data={"email": address, "password": password, **fields})


def second(client: FlaskClient, code: str, **fields: str) -> TestResponse:
    page = client.get("/console/sign-in/second")
    token = hidden(page, "csrf_token")
    return client.post("/console/sign-in/second", data={"csrf_token": token, "code": code, **fields})


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)
