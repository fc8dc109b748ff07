"""What the audit trail may be narrowed to, as its screen asks for it."""

from collections.abc import Set
from datetime import date

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import StopValidation

from petition.accounts import scopes, trail, trail_reading
from petition.accounts.trail_reading import Filters

NO_SCOPE = 0
"""What an unknown slug stands for: no row has it."""
LONGEST = 200
"""Characters of a subject that is looked for."""


def _is_day(_form: FlaskForm, field: StringField) -> None:
    try:
        date.fromisoformat((field.data or "").strip() or "2026-01-01")
    except ValueError as problem:
        raise StopValidation(_("Please give the day as year, month and day, such as 2026-03-01.")) from problem


class FilterForm(FlaskForm):  # type: ignore[misc]
    """Of a GET, so it needs no token; what it does not know finds nothing."""

    class Meta:
        csrf = False
        locales = False

    account = SelectField(_("Person"), validate_choice=False)
    act = SelectField(_("Act"), validate_choice=False)
    declaration = SelectField(_("Declaration"), validate_choice=False)
    since = StringField(_("From day"), [_is_day])
    until = StringField(_("To day"), [_is_day])
    subject = StringField(_("Subject"))

    def fill(self, within: Set[int] | None) -> None:
        """Offer what occurs in the part of the trail that its reader may see."""
        people, acts = trail_reading.occurring(within)
        names = trail.names(people)
        self.account.choices = [("", _("Everyone")), *((id_, names.get(id_) or id_) for id_ in people)]
        self.act.choices = [("", _("Every act")), *((act, trail.name_of(act)) for act in acts)]
        seen = ((slug, scope) for slug in scopes.slugs() if (scope := scopes.find(slug)) is not None)
        declared = [(slug, scopes.name(scope)) for slug, scope in seen if within is None or scope in within]
        self.declaration.choices = [("", _("Every declaration")), *declared]

    def filters(self, within: Set[int] | None) -> Filters:
        """Of a form that is valid."""
        slug = self.declaration.data or ""
        return Filters(
            within,
            account=self.account.data or "",
            act=self.act.data or "",
            scope=(scopes.find(slug) or NO_SCOPE) if slug else None,
            since=_day(self.since.data),
            until=_day(self.until.data),
            subject=(self.subject.data or "").strip()[:LONGEST],
        )

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address."""
        return {field.name: field.data for field in self if field.data}


def _day(typed: str | None) -> date | None:
    return date.fromisoformat(typed.strip()) if typed and typed.strip() else None
