"""What staff may type to add a webhook."""

from typing import Any, Self

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, SelectMultipleField, StringField
from wtforms.validators import StopValidation

from petition.console.webhooks import words
from petition.console.webhooks.whose import Owner
from petition.fields import needed


class WebhookForm(FlaskForm):  # type: ignore[misc]
    class Meta:
        # The guard of staff pages checks the token.
        csrf = False
        locales = False

    url = StringField(_("Address"), [needed(_("Please enter an address."))])
    declaration = SelectField(_("Declaration"), validate_choice=False)
    events = SelectMultipleField(_("Events"), validate_choice=False)

    @classmethod
    def make(cls, owner: Owner, **given: Any) -> Self:
        """It offers what this owner can hear, and of what; whoever is not asked of what hears of the first."""
        form = cls(declaration=next(iter(owner.scopes), ""), **given)
        form.declaration.choices = [(slug, words.about(scope)) for slug, scope in owner.scopes.items()]
        form.events.choices = [(name, event.label) for name, event in owner.events.items()]
        return form

    def validate_declaration(self, field: Field) -> None:
        if field.data not in dict(field.choices):
            raise StopValidation(_("Please choose one of these declarations."))

    def validate_events(self, field: Field) -> None:
        if not field.data or not set(field.data) <= dict(field.choices).keys():
            raise StopValidation(_("Please choose at least one of these events."))
