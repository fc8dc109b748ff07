"""What a person types about a passkey."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField


class PasskeyForm(FlaskForm):  # type: ignore[misc]
    """The guard has checked the token; the name's rules are the verb's."""

    class Meta:
        csrf = False
        locales = False

    name = StringField(_("Name of the passkey"))
    credential = HiddenField()
    """What the browser's script puts in: the authenticator's answer."""
