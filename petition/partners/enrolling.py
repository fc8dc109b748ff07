"""Enrol a partner and change what is known of it; what it says of itself is checked here, whoever types it."""

from dataclasses import dataclass, field, fields
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.exc import IntegrityError

from petition import clock, keys
from petition.extensions import db
from petition.partners import checking, reading
from petition.partners.models import RESERVED_SLUGS, SLUG, Partner
from petition.partners.refusals import AlreadyThere, DetailsRefused

WEIGHTY = ("origins", "may_share", "age_key")
"""What decides who may show the form, whether people are given at all, and who can read them."""


@dataclass(frozen=True)
class Details:
    """What is known of a partner besides its slug, as it was typed."""

    name: str
    contact: str = ""
    site: str = ""
    origins: tuple[str, ...] = ()
    builders: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    carries: tuple[str, ...] | None = None
    colours: dict[str, dict[str, str]] = field(default_factory=dict)
    wordings: dict[str, str] = field(default_factory=dict)
    notice: str = ""
    may_share: bool = False
    age_key: str = ""


def create(slug: str, details: Details) -> Partner:
    """A partner that is switched on. Raises DetailsRefused and AlreadyThere."""
    if not SLUG.fullmatch(slug):
        raise DetailsRefused(_("Please use 2 to 40 small letters, digits and single hyphens."), field="slug")
    if slug in RESERVED_SLUGS:
        raise DetailsRefused(
            _("This word is used in the console’s own addresses; please choose another."), field="slug"
        )
    partner = Partner(slug=slug, created_at=clock.now())
    _put(details, partner)
    if reading.find(slug) is not None:
        raise AlreadyThere
    try:
        with db.session.begin_nested():
            db.session.add(partner)
    except IntegrityError as problem:
        # Somebody else took it at this very moment.
        raise AlreadyThere from problem
    reading.forget()
    return partner


def edit(partner: Partner, details: Details) -> dict[str, Any]:
    """Returns what the audit trail says of it: what changed, and from what to what if it decides who gets people.

    Raises DetailsRefused.
    """
    before = known(partner)
    _put(details, partner)
    db.session.flush()
    reading.forget()
    after = known(partner)
    changed = [each.name for each in fields(Details) if getattr(before, each.name) != getattr(after, each.name)]
    weighty = {name: [getattr(before, name), getattr(after, name)] for name in WEIGHTY if name in changed}
    return {"changed": changed, **weighty}


def known(partner: Partner) -> Details:
    """What is known of it now."""
    return Details(
        name=partner.name,
        contact=partner.contact_address,
        site=partner.site,
        origins=tuple(partner.origins),
        builders=tuple(partner.builders),
        languages=tuple(partner.languages),
        carries=None if partner.carries is None else tuple(partner.carries),
        colours=partner.stored_colours,
        wordings=partner.wordings,
        notice=partner.notice,
        may_share=partner.may_share,
        age_key=partner.age_key or "",
    )


def disable(partner: Partner) -> None:
    """Nobody comes through it any more: no frame, no key, no attribution; what came before stays. Twice is once."""
    if partner.enabled:
        partner.disabled_at = clock.now()
    reading.forget()


def enable(partner: Partner) -> None:
    if not partner.enabled:
        partner.enabled_at = clock.now()
    reading.forget()


def _put(details: Details, partner: Partner) -> None:
    partner.name = checking.name(details.name)
    partner.contact = keys.ring().encrypt(checking.contact(details.contact) if details.contact else "")
    partner.site = checking.address(details.site, "site") if details.site else ""
    partner.origins = checking.all_origins(details.origins)
    partner.builders = checking.all_builders(details.builders)
    partner.languages = checking.all_languages(details.languages)
    partner.carries = None if details.carries is None else checking.all_declarations(details.carries)
    partner.stored_colours = checking.all_colours(details.colours)
    partner.wordings = checking.all_wordings(details.wordings)
    partner.notice = checking.address(details.notice, "notice") if details.notice else ""
    partner.age_key = checking.age_key(details.age_key) if details.age_key else None
    partner.may_share = details.may_share
    checking.refuse_to_share_without(partner.wordings, partner.notice, wanted=partner.may_share)
