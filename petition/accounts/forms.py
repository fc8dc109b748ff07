"""What a person may type to sign in, to take up an account, and to change it."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, SelectField, StringField
from wtforms.validators import StopValidation

from petition import addresses, languages
from petition.accounts.refusals import Refusal
from petition.addresses import Address, AddressRefused
from petition.fields import needed, printable


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Nobody is signed in yet, so the request's origin stands in for Flask-WTF's token."""

    class Meta:
        csrf = False
        locales = False

    email = StringField(_("Email address"), [needed(_("Please enter your email address."))])
    password = PasswordField(_("Password"), [needed(_("Please enter your password."))])


class JoinForm(FlaskForm):  # type: ignore[misc]
    """What an invitation asks; who has its link has no session yet."""

    class Meta:
        csrf = False
        locales = False

    address: Address | None = None
    name = StringField(_("Name"), [needed(_("Please enter your name.")), printable])
    new_password = PasswordField(_("New password"), [needed(_("Please choose a password."))])


class FirstJoinForm(JoinForm):
    """The same for the first account, of whom nobody knows the address yet."""

    email = StringField(_("Email address"), [needed(_("Please enter your email address."))])

    def validate_email(self, field: Field) -> None:
        try:
            self.address = addresses.parse(field.data)
        except AddressRefused as refusal:
            raise StopValidation(_("Please enter a complete email address, such as name@example.org.")) from refusal


class AboutForm(FlaskForm):  # type: ignore[misc]
    class Meta:
        locales = False

    name = StringField(_("Name"), [needed(_("Please enter your name.")), printable])
    language = SelectField(_("Language"), choices=languages.NAMES, validate_choice=False)

    def validate_language(self, field: Field) -> None:
        if field.data not in languages.NAMES:
            raise StopValidation(_("Please choose a language from the list."))


class PasswordForm(FlaskForm):  # type: ignore[misc]
    class Meta:
        locales = False

    password = PasswordField(_("Present password"), [needed(_("Please enter your password."))])
    new_password = PasswordField(_("New password"), [needed(_("Please choose a password."))])


def tell(form: FlaskForm, refusal: Refusal) -> bool:
    """Show the refusal beside the field that it is about; whether there is one."""
    if refusal.field is None or refusal.field not in form:
        return False
    form[refusal.field].errors = [refusal.sentence]
    return True
