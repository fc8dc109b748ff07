"""Staff for tests: accounts with roles, and browsers in which they have signed in."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from petition import addresses, clock
from petition.accounts import granting, sessions, totp
from petition.accounts.cookies import COOKIE
from petition.accounts.duties import Role
from petition.accounts.models import Account
from petition.declarations import reading
from petition.extensions import db
from tests import make
from tests.conftest import Browser, browser

PASSWORD = "correct horse battery staple, twice"
# Made by argon2 with the least work, because every test that signs in would wait for it.
PASSWORD_HASH = "$argon2id$v=19$m=8,t=1,p=1$JtxjIEtB0o1ktCXEiqrsjg$RN2FG7+G47OGRDwII2XoOgwFCrJ0icUU7xffr3sx0/I"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
"""What the accounts' authenticator apps make their codes of."""


class Staff(Browser):
    """A browser with a session; ``csrf`` is the token that its forms carry."""

    csrf: str
    account: Account


def account(*roles: str, slug: str | None = make.SLUG, address: str | None = None, **given: Any) -> Account:
    """Somebody who has taken up an account, with these roles on this declaration, or on all (None); committed."""
    made = granting.create(addresses.parse(address or make.email()), language=given.pop("language", "en"))
    made.name = given.pop("name", "Grace Hopper")
    made.password_hash, made.joined_at = PASSWORD_HASH, clock.now()
    totp.set_up(made, SECRET, step=0)
    for name, value in given.items():
        setattr(made, name, value)
    for role in roles:
        everywhere = slug is None or role == Role.OPERATOR
        granting.grant(made, Role(role), scopes=None if everywhere else [scope(slug)])
    db.session.commit()
    return made


def scope(slug: str = make.SLUG) -> int:
    declaration = reading.find(slug)
    assert declaration is not None, slug
    return declaration.id


def signed_in(app: Flask, *roles: str, slug: str | None = make.SLUG, fresh: bool = True, **given: Any) -> Staff:
    """A browser in which somebody with these roles is signed in; unless ``fresh``, ten minutes ago."""
    return browse(app, account(*roles, slug=slug, **given), fresh=fresh)


def browse(app: Flask, who: Account, *, fresh: bool = True) -> Staff:
    """A browser in which they are signed in."""
    row, token = sessions.begin(who, proved=True, client="Firefox, Linux")
    if not fresh:
        assert row.proved_at is not None
        row.proved_at -= 2 * sessions.FRESH_FOR
    db.session.commit()
    client = Staff(app, app.response_class)
    client.environ_base.update(browser(app).environ_base)
    client.set_cookie(COOKIE, token, domain="localhost", secure=True)
    client.csrf = csrf(app, row.data[sessions.CSRF])
    client.account = who
    return client


def csrf(app: Flask, raw: str) -> str:
    """The token that Flask-WTF makes of what the session holds."""
    return str(URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(raw))  # type: ignore[arg-type]


def staff_post(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """Post a form as its page does, with the session's token."""
    assert isinstance(client, Staff)
    return client.post(path, data={"csrf_token": client.csrf, **fields})


def code(secret: str = SECRET) -> str:
    """What the authenticator app shows now."""
    return totp.code_at(secret, clock.now())
