"""What staff may type to order a delivery, to name its readers, and to record a hand-over."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, Field, HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import StopValidation

from petition import clock, languages
from petition.declarations import handovers
from petition.declarations.models import Declaration
from petition.deliveries import readers, wordlists
from petition.deliveries.models import DeliveryReader
from petition.fields import needed, printable
from petition.signatures.models import Visibility
from petition.staging.orders import Order, Part, Reader, Showing, Sorting

MOST_WORDS = 2_000
MOST_LINE = 300


class _StaffForm(FlaskForm):  # type: ignore[misc]
    class Meta:
        # The guard of staff pages checks the token.
        csrf = False
        locales = False


class OrderForm(_StaffForm):
    """An order for one reader; which fields there are depends on whom it is for."""

    reader = HiddenField()
    language = SelectField(_("Language of letter and book"), validate_choice=False)
    others = SelectMultipleField(_("Further languages"), validate_choice=False)
    sorting = SelectField(_("Order"), choices=[], validate_choice=False)
    public = BooleanField(_("Names of those who are public"))
    addressee = BooleanField(_("Names of those who chose the addressee alone"))
    parts = SelectMultipleField(
        _("What the package holds"),
        choices=[],
        validate_choice=False,
    )
    encrypt = BooleanField(_("Encrypt it to this reader’s key"))
    accessible = BooleanField(_("For screen readers too (PDF/UA)"))
    boxes = BooleanField(_("Draw characters that no font here can set as boxes"))
    with_addresses = BooleanField(_("With mail addresses"))
    reason = StringField(_("Reason"))

    declaration: Declaration
    key: str | None

    @classmethod
    def make(
        cls, declaration: Declaration, reader: Reader, known: DeliveryReader | None, *, posted: Any
    ) -> "OrderForm":
        """With what was posted, or (None) with what this reader gets unless it is said otherwise."""
        key = known.age_key if known else None
        shown = readers.NAMES_BY_DEFAULT[reader]
        form = cls(
            formdata=posted,
            language=declaration.plan.languages[0],
            sorting=Sorting.COUNTRY,
            public=Visibility.PUBLIC in shown,
            addressee=Visibility.ADDRESSEE in shown,
            parts=[part.value for part in Part],
            encrypt=key is not None,
        )
        form.declaration, form.key, form.reader.data = declaration, key, reader.value
        form.sorting.choices = {key.value: str(words) for key, words in wordlists.SORTINGS.items()}
        form.parts.choices = {key.value: str(words) for key, words in wordlists.PARTS.items()}
        form.language.choices = form.others.choices = {
            code: languages.NAMES.get(code, code) for code in declaration.plan.languages
        }
        return form

    def validate_language(self, field: Field) -> None:
        _refuse_unknown(field.data, self.declaration.plan.languages)

    def validate_others(self, field: Field) -> None:
        for language in field.data or ():
            _refuse_unknown(language, self.declaration.plan.languages)

    def validate_sorting(self, field: Field) -> None:
        _refuse_unknown(field.data, [*Sorting])

    def validate_parts(self, field: Field) -> None:
        for part in field.data or ():
            _refuse_unknown(part, [*Part])

    def validate_reason(self, field: Field) -> None:
        field.data = (field.data or "").strip()
        if len(field.data) > MOST_LINE:
            raise StopValidation(_("Please use at most %(most)s characters.", most=MOST_LINE))

    @property
    def order(self) -> Order:
        """The order of a form that was found valid; whether the reader may have it is not known yet."""
        first = self.language.data
        named = {Visibility.PUBLIC: self.public.data, Visibility.ADDRESSEE: self.addressee.data}
        return Order(
            slug=self.declaration.slug,
            reader=Reader(self.reader.data),
            languages=(first, *(each for each in self.others.data or () if each != first)),
            sorting=Sorting(self.sorting.data),
            shows={each.value: Showing.NAME if named.get(each) else Showing.NUMBER for each in Visibility},
            parts=frozenset(map(Part, self.parts.data or ())),
            with_addresses=bool(self.with_addresses.data),
            accessible=bool(self.accessible.data),
            boxes=bool(self.boxes.data),
            age_key=self.key if self.encrypt.data else None,
        )


class ReaderForm(_StaffForm):
    """By which name a reader is called, and the key that their deliveries are encrypted to."""

    name = StringField(_("Name"))
    age_key = StringField(_("Public key (age)"))

    def validate_name(self, field: Field) -> None:
        if field.data and field.data.strip():
            printable(self, field)

    def validate_age_key(self, field: Field) -> None:
        field.data = (field.data or "").strip()
        if field.data and not readers.is_age_key(field.data):
            raise StopValidation(wordlists.REFUSALS["key"])


class DayField(DateField):  # type: ignore[misc]
    """A day that is none is missing, and what was typed is kept; the form says it in its own words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None


class HandoverForm(_StaffForm):
    """When, where, by whom, to whom; words of each language are read beside it."""

    delivery = SelectField(_("What was handed over"), validate_choice=False)
    handed_on = DayField(_("Day"))
    place = StringField(_("Place"), [needed(_("Please say where.")), printable])
    handed_by = StringField(_("By whom"), [needed(_("Please say by whom.")), printable])
    handed_to = StringField(_("To whom"), [needed(_("Please say to whom.")), printable])
    photos = StringField(_("Links to photos"))

    links: list[str]
    words: dict[str, str]

    def validate_handed_on(self, field: Field) -> None:
        if field.data is None:
            raise StopValidation(_("Please enter a day, such as 2026-05-31."))
        if field.data > clock.now().date() or field.data.year < 1900:
            raise StopValidation(_("Please enter a day that is not in the future."))

    def validate_photos(self, field: Field) -> None:
        self.links = (field.data or "").split()
        if not all(map(handovers.is_photo_link, self.links)):
            raise StopValidation(_("Please enter addresses that begin with https://, one a line."))
        if len(self.links) > handovers.MOST_PHOTOS:
            raise StopValidation(_("Please enter at most %(most)s links.", most=handovers.MOST_PHOTOS))


def _refuse_unknown(value: object, known: Any) -> None:
    if value not in [str(each) for each in known]:
        raise StopValidation(_("Please choose one of these."))
