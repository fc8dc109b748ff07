"""What staff type from a sheet of paper, and what holds for every row of a table; rows obey the same rules."""

import re
from datetime import date
from typing import Any, Self

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, Field, SelectField, StringField
from wtforms.validators import StopValidation

from petition import languages
from petition.addresses import Address
from petition.declarations.plans import Plan
from petition.fields import needed, printable
from petition.paper.entries import SOURCE, Entry
from petition.signatures.forms import StatementForm, parsed
from petition.signatures.staff_forms import StaffForm

LONGEST_SOURCE = 40
_WITH_DOTS = re.compile(r"([0-9]{1,2})\. ?([0-9]{1,2})\. ?([0-9]{4})")


class EnterForm(StatementForm):
    """What stands on a sheet of paper, typed by staff; rows of a table obey it too."""

    email = StringField(_("Email address"))
    signed_on = StringField(_("Day on the sheet"), [needed(_("Please enter the day that stands on the sheet."))])
    source = StringField(_("Source"), [printable])
    language = SelectField(_("Language of the sheet"), choices=[], validate_choice=False)
    knowingly = BooleanField(_("This is another person; enter the signature"))

    address: Address | None = None
    day: date
    """Both of a form that was found valid."""

    @classmethod
    def make(cls, plan: Plan, language: str, **values: Any) -> Self:
        form = super().make(plan, language, **values)
        form.language.choices = {code: languages.NAMES.get(code, code) for code in plan.languages}
        return form

    def validate_email(self, field: Field) -> None:
        if (field.data or "").strip():
            self.address = parsed(field)

    def validate_signed_on(self, field: Field) -> None:
        day = day_in((field.data or "").strip())
        if day is None:
            raise StopValidation(_("Please write the day like this: 2026-03-04."))
        self.day = day

    def validate_source(self, field: Field) -> None:
        if len(field.data or "") > LONGEST_SOURCE:
            raise StopValidation(_("Please use at most %(most)s characters.", most=LONGEST_SOURCE))

    def validate_language(self, field: Field) -> None:
        if field.data not in field.choices:
            raise StopValidation(_("Please choose a language from the list."))

    @property
    def entry(self) -> Entry:
        """What a form that was found valid says."""
        return Entry(
            self.statement,
            signed_on=self.day,
            language=self.language.data,
            source=self.source.data or SOURCE,
            address=self.address,
            consents=self.consents_given,
        )


class ImportForm(StaffForm):
    """What holds for every row of a table."""

    language = SelectField(_("Language of the sheets"), choices=[], validate_choice=False)
    source = StringField(_("Source"), [printable])
    signed_on = StringField(_("Day on the sheets, where no column holds it"))

    day: date | None = None
    """Of a form that was found valid."""

    @classmethod
    def make(cls, plan: Plan, **values: Any) -> Self:
        form = cls(**values)
        form.language.choices = {code: languages.NAMES.get(code, code) for code in plan.languages}
        return form

    def validate_language(self, field: Field) -> None:
        if field.data not in field.choices:
            raise StopValidation(_("Please choose a language from the list."))

    def validate_source(self, field: Field) -> None:
        if len(field.data or "") > LONGEST_SOURCE:
            raise StopValidation(_("Please use at most %(most)s characters.", most=LONGEST_SOURCE))

    def validate_signed_on(self, field: Field) -> None:
        typed = (field.data or "").strip()
        self.day = day_in(typed)
        if typed and self.day is None:
            raise StopValidation(_("Please write the day like this: 2026-03-04."))


def day_in(typed: str) -> date | None:
    """A day as ISO 8601 has it, with or without a time, or with dots, where the day of the month comes first.

    With slashes nobody could tell 3 April from 4 March.
    """
    found = _WITH_DOTS.fullmatch(typed)
    parts = (found[3], found[2], found[1]) if found else typed[:10].split("-")
    try:
        year, month, day = map(int, parts)
        return date(year, month, day)
    except ValueError:
        return None
