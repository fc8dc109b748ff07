"""What staff may type to add a webhook."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, SelectMultipleField, StringField
from wtforms.validators import StopValidation

from petition.declarations.notices import ORGANISERS
from petition.fields import needed
from petition.webhooks import events


class WebhookForm(FlaskForm):  # type: ignore[misc]
    class Meta:
        # The guard of staff pages checks the token.
        csrf = False
        locales = False

    url = StringField(_("Address"), [needed(_("Please enter an address."))])
    events = SelectMultipleField(_("Events"), validate_choice=False)

    def fill(self) -> None:
        """Offer the events there are."""
        self.events.choices = [(name, event.label) for name, event in events.open_to(ORGANISERS).items()]

    def validate_events(self, field: Field) -> None:
        if not field.data or not set(field.data) <= events.open_to(ORGANISERS).keys():
            raise StopValidation(_("Please choose at least one of these events."))
