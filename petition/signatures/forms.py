"""What a person may type: the sign form, and the form that corrects what was stated."""

from collections.abc import Hashable
from functools import lru_cache
from typing import Any, Self, cast

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import StopValidation

from petition import addresses, countries, names
from petition.addresses import Address, AddressRefused
from petition.declarations.plans import OPTIONAL_FIELDS, Plan
from petition.fields import needed, printable
from petition.names import NameRefused
from petition.signatures.models import Visibility
from petition.signatures.statements import Statement

LONGEST_COMMENT = 500
VISIBILITIES = (
    SelectChoice(Visibility.PUBLIC, _("Publicly, on this site and in the delivery")),
    SelectChoice(Visibility.ADDRESSEE, _("Only in the delivery to the addressee")),
    SelectChoice(Visibility.COUNTED, _("Not at all: only the number grows")),
)


def a_few_words(_form: FlaskForm, field: Field) -> None:
    """A comment obeys the same rules, may be longer, and becomes one paragraph."""
    try:
        field.data = names.clean(" ".join((field.data or "").split()), most=LONGEST_COMMENT)
    except NameRefused as refusal:
        raise StopValidation(refusal.reason) from refusal


class StatementForm(FlaskForm):  # type: ignore[misc]
    """What a signatory states. Fields that the declaration does not ask for are absent."""

    class Meta:
        # The public has no session; a form ticket and the request's origin stand in for Flask-WTF's token.
        csrf = False
        # Every sentence of these forms is their own.
        locales = False

    name = StringField(_("Name"), [needed(_("Please enter your name.")), printable])
    country = SelectField(_("Country"), [needed(_("Please choose your country."))], choices=[], validate_choice=False)
    affiliation = StringField(_("Affiliation"), [printable])
    role = StringField(_("Role"), [printable])
    sector = SelectField(_("Sector"), choices=[], validate_choice=False)
    comment = StringField(_("Comment"), [a_few_words])
    visibility = RadioField(
        _("Who sees your name?"),
        [needed(_("Please choose who sees your name."))],
        choices=VISIBILITIES,
        default=Visibility.ADDRESSEE,
        validate_choice=False,
    )
    updates = BooleanField()
    partner_consent = BooleanField()
    """That the partner through whom one came may be given this person."""

    @classmethod
    def make(cls, plan: Plan, language: str, *, offered: bool = False, **values: Any) -> Self:
        """The form for this declaration, in this language; ``values`` fill it where nothing was posted.

        ``offered`` says whether it asks for the consent of a partner.
        """
        not_asked = [name for name in OPTIONAL_FIELDS if plan.asks(name) == "off"]
        if "updates" not in plan.consents:
            not_asked.append("updates")
        if not offered:
            not_asked.append("partner_consent")
        form: Self = _without(cast(Hashable, cls), tuple(not_asked))(**values)
        if "sector" in form:
            form.sector.choices = {sector.code: sector.names[language] for sector in plan.sectors}
        for name in OPTIONAL_FIELDS:
            if plan.asks(name) == "required":
                form._require(name)
        return form

    def validate_country(self, field: Field) -> None:
        if not countries.is_known(field.data):
            raise StopValidation(_("Please choose a country from the list."))

    def validate_sector(self, field: Field) -> None:
        if field.data and field.data not in field.choices:
            raise StopValidation(_("Please choose a sector from the list."))

    def validate_visibility(self, field: Field) -> None:
        if field.data not in set(Visibility):
            raise StopValidation(_("Please choose who sees your name."))

    @property
    def statement(self) -> Statement:
        """The answers of a form that was found valid."""
        asked = {name: self[name].data or None for name in OPTIONAL_FIELDS if name in self}
        return Statement(name=self.name.data, country=self.country.data, visibility=self.visibility.data, **asked)

    @property
    def consents_given(self) -> tuple[str, ...]:
        """The purposes of the optional consents whose boxes are ticked."""
        return ("updates",) if "updates" in self and self.updates.data else ()

    @property
    def shares(self) -> bool:
        """Whether the box of the partner's consent is there and ticked."""
        return "partner_consent" in self and bool(self.partner_consent.data)

    def _require(self, name: str) -> None:
        field = self[name]
        must = needed(_("Please fill this in."))
        field.validators = [must, *field.validators]
        field.flags.required, field.flags.missing = True, must.sentence


@lru_cache
def _without(form: Any, names: tuple[str, ...]) -> Any:
    """The same form without the fields that are not asked for: leaving them out costs less than taking them away."""
    return type(form.__name__, (form,), dict.fromkeys(names))


class SharingForm(FlaskForm):  # type: ignore[misc]
    """The partner's consent alone, as the form that signs has it."""

    class Meta:
        csrf = False
        locales = False

    partner_consent = BooleanField()


class SignForm(StatementForm):
    """The form that signs."""

    email = StringField(_("Email address"), [needed(_("Please enter your email address."))])
    agree = BooleanField(validators=[needed(_("To sign, please agree by ticking this box."))])
    ticket = HiddenField()

    address: Address
    """The address of a form that was found valid."""

    def validate_email(self, field: Field) -> None:
        self.address = parsed(field)


class CorrectForm(StatementForm):
    """The form in which a mailbox's owner looks at what was stated, corrects it and confirms."""

    submission = HiddenField()
    wording = HiddenField()
    """The digest of the words in which it offered the updates."""


class CodeForm(FlaskForm):  # type: ignore[misc]
    """An address and the eight digits that were mailed to it."""

    class Meta:
        csrf = False
        locales = False

    email = StringField(_("Email address"), [needed(_("Please enter your email address."))])
    code = StringField(_("Eight-digit code"), [needed(_("Please enter the code from the email."))])


class AskForm(FlaskForm):  # type: ignore[misc]
    """An address whose owner asks for the link to their signature."""

    class Meta:
        csrf = False
        locales = False

    email = StringField(_("Email address"), [needed(_("Please enter your email address."))])

    address: Address
    """The address of a form that was found valid."""

    def validate_email(self, field: Field) -> None:
        self.address = parsed(field)


def parsed(field: Field) -> Address:
    """The address that was typed. Raises StopValidation."""
    try:
        return addresses.parse(field.data)
    except AddressRefused as refusal:
        raise StopValidation(_("Please enter a complete email address, such as name@example.org.")) from refusal
