"""Submit what a partner's form posts, by the rules of the site's own form."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from petition.api.posted import NO_SUCH_FIELD, STATED, pointer, source_of
from petition.api.problems import INVALID, OUTDATED, RESTING
from petition.api.refusals import Error, Refused
from petition.declarations.models import DeclarationText
from petition.declarations.plans import OPTIONAL_FIELDS, Plan, digest
from petition.partners import attribution
from petition.partners.models import Partner
from petition.signatures import carrying, signing
from petition.signatures.consenting import PARTNER
from petition.signatures.forms import SignForm
from petition.signatures.models import Channel
from petition.signatures.signing import Origin, Worded
from petition.storing import Row

_OLD_TEXT = lazy_gettext("This is not the current text in this language.")
_OLD_WORDS = lazy_gettext("These are not the current words of this consent in this language.")


def submit(text: DeclarationText, posted: Mapping[str, Any], *, partner: Partner) -> tuple[Row, ...]:
    """The rows of a submission that came through this partner's own form.

    No network is kept: it would be the one of the partner's server, for everyone. Raises Refused.
    """
    offered = carrying.offer(partner, text.language)
    _refuse_outdated(text, posted, offered)
    form = SignForm.make(text.declaration.plan, text.language, formdata=_as_fields(posted))
    form.validate()
    if errors := [*_unknown(text.declaration.plan, posted, offered), *_errors(form)]:
        raise Refused(INVALID, *errors)
    source = attribution.clean_source(source_of(posted))
    origin = Origin(channel=Channel.API, source=source, partner=partner.slug)
    given, shared = form.consents_given, offered if PARTNER in posted["consents"] else None
    try:
        return signing.sign(text, form.statement, address=form.address, consents=given, origin=origin, shared=shared)
    except tuple(RESTING) as refusal:
        raise Refused(RESTING[type(refusal)]) from refusal


def _refuse_outdated(text: DeclarationText, posted: Mapping[str, Any], offered: Worded | None) -> None:
    """A person agreed to the words that they saw, so they must be the ones that will be recorded."""
    errors = [] if posted["text_sha256"] == text.sha256 else [Error(pointer("text_sha256"), _OLD_TEXT)]
    current = {purpose: words[text.language] for purpose, words in text.declaration.plan.consents.items()}
    if offered:
        current[PARTNER] = offered["wording"]
    for purpose, shown in posted["consents"].items():
        if purpose in current and shown != digest(current[purpose]):
            errors.append(Error(pointer("consents", purpose), _OLD_WORDS))
    if errors:
        raise Refused(OUTDATED, *errors)


def _as_fields(posted: Mapping[str, Any]) -> MultiDict[str, str]:
    """As a browser would have sent it: a box that is ticked for each consent."""
    stated = {name: posted[name] for name in STATED if name in posted}
    return MultiDict({**dict.fromkeys(posted["consents"], "y"), **stated})


def _unknown(plan: Plan, posted: Mapping[str, Any], offered: Worded | None) -> Iterator[Error]:
    """What this declaration does not ask, which the form would lose without a word."""
    purposes = {*plan.consents, PARTNER} if offered else plan.consents
    for name in OPTIONAL_FIELDS:
        if name in posted and plan.asks(name) == "off":
            yield Error(pointer(name), NO_SUCH_FIELD)
    for purpose in posted["consents"]:
        if purpose not in purposes:
            yield Error(pointer("consents", purpose), NO_SUCH_FIELD)


def _errors(form: SignForm) -> Iterator[Error]:
    for name, sentences in form.errors.items():
        place = (name,) if name in STATED else ("consents", name)
        yield Error(pointer(*place), sentences[0])
