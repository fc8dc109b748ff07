"""What is asked when somebody is invited or given a role."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, SelectMultipleField, StringField
from wtforms.validators import StopValidation

from petition import addresses, languages
from petition.accounts import scopes
from petition.accounts.duties import ROLE_NAMES, Role
from petition.accounts.people import Hand
from petition.addresses import AddressRefused
from petition.fields import needed

EVERYWHERE = "*"
"""Stands for every declaration; no slug looks so."""


class GiveForm(FlaskForm):  # type: ignore[misc]
    """A role, and where; the guard has checked the token."""

    class Meta:
        csrf = False
        locales = False

    role = SelectField(_("Staff role"), [needed(_("Please choose a role."))], validate_choice=False)
    declarations = SelectMultipleField(_("Declarations"), validate_choice=False)

    def fill(self, hand: Hand) -> None:
        """Offer what they may give; before it is validated, because nothing else is known to them."""
        self.role.choices = [("", _("Please choose")), *((role.value, ROLE_NAMES[role]) for role in hand.roles)]
        seen = [(slug, scope) for slug in scopes.slugs() if (scope := scopes.find(slug)) is not None]
        declared = [(slug, scopes.name(scope)) for slug, scope in seen if hand.scopes is None or scope in hand.scopes]
        everywhere = [(EVERYWHERE, _("Every declaration, those to come among them"))] if hand.scopes is None else []
        self.declarations.choices = [*declared, *everywhere]

    def validate_role(self, field: Field) -> None:
        if field.data not in set(Role):
            raise StopValidation(_("Please choose a role."))

    def validate_declarations(self, field: Field) -> None:
        if self.role.data == Role.OPERATOR:
            return
        offered = [slug for slug, _name in field.choices]
        if not field.data or not set(field.data).issubset(offered):
            raise StopValidation(_("Please choose one declaration or more."))

    @property
    def scopes(self) -> list[int] | None:
        """Of a form that is valid; None for every one."""
        if EVERYWHERE in self.declarations.data or self.role.data == Role.OPERATOR:
            return None
        return [scope for slug in self.declarations.data if (scope := scopes.find(slug)) is not None]


class InviteForm(GiveForm):
    """The same for somebody who may have no account yet."""

    email = StringField(_("Email address"), [needed(_("Please enter an email address."))])
    language = SelectField(_("Language of the invitation"), choices=languages.NAMES, validate_choice=False)

    def validate_email(self, field: Field) -> None:
        try:
            addresses.parse(field.data)
        except AddressRefused as problem:
            raise StopValidation(_("This is no email address. Please check it.")) from problem

    def validate_language(self, field: Field) -> None:
        if field.data not in languages.NAMES:
            raise StopValidation(_("Please choose a language from the list."))
