"""What staff may type to find signatures: filters, all of them optional, and an address."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import StopValidation

from petition import countries, languages
from petition.declarations.plans import Plan
from petition.fields import needed, printable
from petition.signatures.finding import Wanted
from petition.signatures.forms import LONGEST_SOURCE, AskForm, day_in
from petition.signatures.importing import Fate
from petition.signatures.models import Channel, State, Visibility

STATE_WORDS = {
    State.PENDING: _("Pending"),
    State.COUNTED: _("Counted"),
    State.HELD: _("Held"),
    State.WITHDRAWN: _("Withdrawn"),
    State.INVALIDATED: _("Invalidated"),
    State.ERASED: _("Erased"),
}
CHANNEL_WORDS = {
    Channel.WEB: _("On this site"),
    Channel.EMBED: _("In the form on a partner’s page"),
    Channel.API: _("Through a partner’s own form"),
    Channel.PAPER: _("On paper"),
}
VISIBILITY_WORDS = {
    Visibility.PUBLIC: _("Publicly, on this site and in the delivery"),
    Visibility.ADDRESSEE: _("Only in the delivery to the addressee"),
    Visibility.COUNTED: _("Not at all: only the number grows"),
}
FATE_WORDS = {
    Fate.ENTERED: _("Entered"),
    Fate.SAME_ADDRESS: _("Same email address"),
    Fate.SAME_NAME: _("Same name and country"),
    Fate.REFUSED: _("Refused"),
}
ANY = {"": _("Any")}


def any_of(words: Mapping[Any, Any]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in {**ANY, **words}.items()]


class StaffForm(FlaskForm):  # type: ignore[misc]
    class Meta:
        # The guard of staff pages has checked the token of every post.
        csrf = False
        locales = False


class FindForm(StaffForm):
    """The filters; read from the page's address, so that a list can be kept as a bookmark."""

    name = StringField(_("Name"))
    state = SelectField(_("State"), choices=any_of(STATE_WORDS), validate_choice=False)
    country = SelectField(_("Country"), choices=[], validate_choice=False)
    source = StringField(_("Source"))
    channel = SelectField(_("Came in"), choices=any_of(CHANNEL_WORDS), validate_choice=False)
    visibility = SelectField(_("Who sees the name"), choices=any_of(VISIBILITY_WORDS), validate_choice=False)
    since = StringField(_("From"))
    until = StringField(_("Until"))

    zone: ZoneInfo

    def validate_name(self, field: Field) -> None:
        if field.data and self.state.data == State.PENDING:
            raise StopValidation(_("What is pending is found by its email address, not by name."))

    def validate_state(self, field: Field) -> None:
        _choose(field, STATE_WORDS)

    def validate_channel(self, field: Field) -> None:
        _choose(field, CHANNEL_WORDS)

    def validate_visibility(self, field: Field) -> None:
        _choose(field, VISIBILITY_WORDS)

    def validate_country(self, field: Field) -> None:
        if field.data and not countries.is_known(field.data):
            raise StopValidation(_("Please choose a country from the list."))

    def validate_since(self, field: Field) -> None:
        self.from_moment = _moment(field, self.zone)

    def validate_until(self, field: Field) -> None:
        moment = _moment(field, self.zone)
        step = timedelta(minutes=1) if len((field.data or "").strip()) > _DAY else timedelta(days=1)
        try:
            self.to_moment = moment and moment + step
        except OverflowError as problem:
            raise StopValidation(_WRONG_TIME) from problem

    from_moment: datetime | None = None
    to_moment: datetime | None = None

    @property
    def wanted(self) -> Wanted:
        """What a form that was found valid asks for."""
        return Wanted(
            name=(self.name.data or "").strip(),
            state=State(self.state.data) if self.state.data else None,
            country=self.country.data or "",
            source=(self.source.data or "").strip(),
            channel=self.channel.data or "",
            visibility=self.visibility.data or "",
            since=self.from_moment,
            until=self.to_moment,
        )

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address."""
        return {field.name: field.data for field in self if field.data}


class AddressForm(AskForm):
    """An address, for whoever looks for what belongs to it."""


class DecideForm(StaffForm):
    reason = StringField(_("Reason"), [needed(_("Please give a reason."))])


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


_DAY = len("2026-03-04")
_WRONG_TIME = _("Please write the time like this: 2026-03-04 or 2026-03-04 12:30.")


def _choose(field: Field, words: Mapping[Any, Any]) -> None:
    if field.data and field.data not in words:
        raise StopValidation(_("Please choose from the list."))


def _moment(field: Field, zone: ZoneInfo) -> datetime | None:
    """A day, or a day and a time, as clocks in this zone show it."""
    typed = (field.data or "").strip()
    if not typed:
        return None
    try:
        if len(typed) <= _DAY:
            return _aware(datetime.combine(date.fromisoformat(typed), time()), zone)
        return _aware(datetime.fromisoformat(typed), zone)
    except (ValueError, OverflowError) as problem:
        raise StopValidation(_WRONG_TIME) from problem


def _aware(moment: datetime, zone: ZoneInfo) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    # The first and the last days that there are cannot be told in every zone.
    aware.astimezone(ZoneInfo("UTC"))
    return aware
