"""What may be typed to endorse a declaration for an organisation."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, SelectField, StringField
from wtforms.validators import StopValidation

from petition import addresses, countries
from petition.addresses import Address, AddressRefused
from petition.endorsements import sites
from petition.endorsements.sites import SiteRefused
from petition.fields import needed, printable


@dataclass(frozen=True)
class Statement:
    """What is stated of the organisation, and who answers for it."""

    organisation: str
    country: str
    site: str
    person: str
    role: str


class EndorseForm(FlaskForm):  # type: ignore[misc]
    """The form that endorses."""

    class Meta:
        # The public has no session; a form ticket and the request's origin stand in for Flask-WTF's token.
        csrf = False
        # Every sentence of this form is its own.
        locales = False

    organisation = StringField(
        _("Name of the organisation"), [needed(_("Please enter the organisation’s name.")), printable]
    )
    country = SelectField(
        _("Country"), [needed(_("Please choose the organisation’s country."))], choices=[], validate_choice=False
    )
    site = StringField(_("Website"), [needed(_("Please enter the organisation’s website."))])
    person = StringField(_("Your name"), [needed(_("Please enter your name.")), printable])
    role = StringField(_("Your role there"), [needed(_("Please enter your role.")), printable])
    email = StringField(_("Your email address"), [needed(_("Please enter your email address."))])
    agree = BooleanField(validators=[needed(_("To endorse, please agree by ticking this box."))])
    ticket = HiddenField()

    address: Address
    """The address of a form that was found valid."""

    def validate_country(self, field: Field) -> None:
        if not countries.is_known(field.data):
            raise StopValidation(_("Please choose a country from the list."))

    def validate_site(self, field: Field) -> None:
        try:
            field.data = sites.clean(field.data)
        except SiteRefused as refusal:
            raise StopValidation(_("Please enter a web address, such as https://www.example.org.")) from refusal

    def validate_email(self, field: Field) -> None:
        try:
            self.address = addresses.parse(field.data)
        except AddressRefused as refusal:
            raise StopValidation(_("Please enter a complete email address, such as name@example.org.")) from refusal

    @property
    def statement(self) -> Statement:
        """The answers of a form that was found valid."""
        return Statement(self.organisation.data, self.country.data, self.site.data, self.person.data, self.role.data)
