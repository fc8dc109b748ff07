"""What staff says of a partner."""

from collections.abc import Iterator
from typing import Any, Self

from flask_babel import get_locale
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField

from petition import languages
from petition.declarations import scopes
from petition.fields import needed
from petition.partners.builders import WRAPPERS
from petition.partners.colours import MODES
from petition.partners.enrolling import Details
from petition.partners.models import Partner
from petition.partners.refusals import Refusal

BUILDER_NAMES = {"wix": "Wix", "google-sites": "Google Sites"}


class PartnerForm(FlaskForm):  # type: ignore[misc]
    """The guard has checked the token; what the fields may hold is checked where they are kept."""

    class Meta:
        csrf = False
        locales = False

    name = StringField(_("Name"), [needed(_("Please enter its name."))])
    contact = StringField(_("Email address of its contact"), [needed(_("Please enter an email address."))])
    site = StringField(_("Address of its site"))
    origins = TextAreaField(_("Origins that may show the form"))
    builders = SelectMultipleField(
        _("Site builders"), choices={name: BUILDER_NAMES[name] for name in WRAPPERS}, validate_choice=False
    )
    languages = SelectMultipleField(_("Languages"), choices=languages.NAMES, validate_choice=False)
    every = BooleanField(_("Every declaration, those to come among them"), default=True)
    carries = SelectMultipleField(_("Declarations"), choices={}, validate_choice=False)
    light_accent = StringField(_("Colour of buttons and links, in light"))
    light_background = StringField(_("Background, in light"))
    dark_accent = StringField(_("Colour of buttons and links, in dark"))
    dark_background = StringField(_("Background, in dark"))
    may_share = BooleanField(_("It may be given people who agree to that"))
    notice = StringField(_("Address of its privacy notice"))
    age_key = StringField(_("Public key (age)"))

    @classmethod
    def make(cls, **values: Any) -> Self:
        form = cls(**values)
        form.carries.choices = _declarations()
        return form

    @property
    def wordings(self) -> Iterator[tuple[str, Any]]:
        """The fields of its consent, each with its language."""
        return ((language, self[f"wording_{language}"]) for language in languages.NAMES)

    @property
    def details(self) -> Details:
        colours = {
            mode: {name: self[f"{mode}_{name}"].data or "" for name in ("accent", "background")} for mode in MODES
        }
        return Details(
            name=self.name.data or "",
            contact=self.contact.data or "",
            site=self.site.data or "",
            origins=tuple((self.origins.data or "").split()),
            builders=tuple(self.builders.data or ()),
            languages=tuple(self.languages.data or ()),
            carries=None if self.every.data else tuple(self.carries.data or ()),
            colours=colours,
            wordings={language: field.data or "" for language, field in self.wordings},
            notice=self.notice.data or "",
            may_share=bool(self.may_share.data),
            age_key=self.age_key.data or "",
        )

    def tell(self, refusal: Refusal) -> bool:
        """Set the refusal at its field; False where it has none here."""
        if refusal.field not in self:
            return False
        self[refusal.field].errors = [refusal.sentence]
        return True


for _language in languages.NAMES:
    setattr(PartnerForm, f"wording_{_language}", TextAreaField(languages.NAMES[_language]))


class NewPartnerForm(PartnerForm):
    slug = StringField(_("Short name"), [needed(_("Please choose a short name."))])


class InviteForm(FlaskForm):  # type: ignore[misc]
    class Meta:
        csrf = False
        locales = False

    email = StringField(_("Email address"), [needed(_("Please enter an email address."))])
    language = SelectField(_("Language of the invitation"), choices=languages.NAMES, validate_choice=False)

    @classmethod
    def empty(cls) -> Self:
        return cls(formdata=None, language=str(get_locale()))


class KeyForm(FlaskForm):  # type: ignore[misc]
    class Meta:
        csrf = False
        locales = False

    good_for = SelectMultipleField(_("Declarations for which it is good"), choices={}, validate_choice=False)

    @classmethod
    def make(cls, **values: Any) -> Self:
        form = cls(**values)
        form.good_for.choices = _declarations()
        return form


def _declarations() -> dict[str, str]:
    """What people call each, by its slug."""
    named = [(slug, scope) for slug in scopes.slugs() if (scope := scopes.find(slug)) is not None]
    return {slug: scopes.name(scope) for slug, scope in named}


def values_of(partner: Partner) -> dict[str, Any]:
    """What the form shows of a partner before anybody has typed."""
    colours = {f"{mode}_{name}": value for mode, pair in partner.stored_colours.items() for name, value in pair.items()}
    wordings = {f"wording_{language}": words for language, words in partner.wordings.items()}
    same = {name: getattr(partner, name) for name in ("name", "site", "builders", "languages", "may_share", "notice")}
    return {
        **same,
        **colours,
        **wordings,
        "contact": partner.contact_address,
        "origins": "\n".join(partner.origins),
        "every": partner.carries is None,
        "carries": partner.carries or [],
        "age_key": partner.age_key or "",
    }
