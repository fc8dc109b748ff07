"""What staff may type to find signatures: filters, all of them optional, and an address."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import StopValidation

from petition import countries
from petition.fields import needed
from petition.signatures.finding import Wanted
from petition.signatures.forms import AskForm
from petition.signatures.models import Channel, State, Visibility

STATE_WORDS = {
    State.PENDING: lazy_pgettext("state of a signature", "Pending"),
    State.COUNTED: lazy_pgettext("state of a signature", "Counted"),
    State.HELD: lazy_pgettext("state of a signature", "Held"),
    State.WITHDRAWN: lazy_pgettext("state of a signature", "Withdrawn"),
    State.INVALIDATED: lazy_pgettext("state of a signature", "Invalidated"),
    State.ERASED: lazy_pgettext("state of a signature", "Erased"),
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
ASKED_WORDS = {
    "letter": _("By letter"),
    "email": _("By email"),
    "telephone": _("On the telephone"),
    "in person": _("In person"),
    "otherwise": _("In another way"),
}
"""How somebody asked to be erased. No free words: they would outlive the person whom they name."""
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


class EraseForm(StaffForm):
    asked = SelectField(
        _("How the person asked"),
        [needed(_("Please say how the person asked."))],
        choices=[SelectChoice("", _("Please choose")), *(SelectChoice(*each) for each in ASKED_WORDS.items())],
        validate_choice=False,
    )

    def validate_asked(self, field: Field) -> None:
        _choose(field, ASKED_WORDS)


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
