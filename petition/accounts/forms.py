"""What a person may type to sign in."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField

from petition.fields import needed

MOST_BYTES = 256
"""Of a password in UTF-8: beyond that it is no password, and argon2 would be kept busy with it."""


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Nobody is signed in yet, so the request's origin stands in for Flask-WTF's token."""

    class Meta:
        csrf = False
        locales = False

    email = StringField(_("Email address"), [needed(_("Please enter your email address."))])
    password = PasswordField(_("Password"), [needed(_("Please enter your password."))])


class SecondForm(FlaskForm):  # type: ignore[misc]
    class Meta:
        locales = False

    code = StringField(_("Code"))
