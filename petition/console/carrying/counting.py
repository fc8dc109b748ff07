"""The worker's round that counts what came through each partner: from the tally, and from indexes of its own."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, literal_column, select, update
from sqlalchemy.sql import ColumnElement

from petition import clock
from petition.console.carrying.figures import PartnerFigures
from petition.console.models import StoredPartnerFigures
from petition.declarations import reading as declarations
from petition.declarations.models import Declaration
from petition.extensions import db, insert_into, writing
from petition.partners import reading as partners
from petition.partners.models import Partner
from petition.signatures.consenting import PARTNER
from petition.signatures.mailboxes import CONFIRM_WITHIN
from petition.signatures.models import Channel, Consent, Signature, Submission
from petition.tally.models import PERSON, Bucket

EVERY = timedelta(minutes=1)
CLAIM_FOR = timedelta(minutes=5)
SHARE = 50
"""What takes a second to count is counted at most every 50 seconds."""
REACHES_BACK = timedelta(days=30)
"""As long as submissions are kept."""


def count_all() -> bool:
    """Count every partner that is due, each by one worker at a time, and commit."""
    for partner in partners.all_partners():
        if _claim(partner.id):
            began = time.monotonic()
            found = dict(count(partner))
            _keep(partner.id, found, took=time.monotonic() - began)
    return False


def count(partner: Partner) -> Iterator[tuple[str, PartnerFigures]]:
    """By declaration's slug; those through which nobody came are left out, unless it carries them."""
    for declaration in declarations.all_declarations():
        figures = _count(partner, declaration)
        if partner.has(declaration.slug) or figures != PartnerFigures():
            yield declaration.slug, figures


def _count(partner: Partner, declaration: Declaration) -> PartnerFigures:
    days: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    places = (Bucket.hour, Bucket.source)
    query = select(*places, func.sum(Bucket.count)).where(
        Bucket.scope == declaration.id, Bucket.kind == PERSON, Bucket.partner == partner.slug
    )
    for hour, source, number in db.session.execute(query.group_by(*places)):
        days[clock.in_zone(hour, declaration.plan.time_zone).date().isoformat()] += int(number)
        sources[source] += int(number)
    came, confirmed = _submissions(partner, declaration)
    figures = PartnerFigures(signatures=sources.total(), days=dict(+days), sources=dict((+sources).most_common()))
    languages = dict(_languages(partner, declaration).most_common())
    framed, framed_confirmed = _submissions(
        partner, declaration, Submission.channel == Channel.EMBED, Submission.created_at < clock.now() - CONFIRM_WITHIN
    )
    return replace(
        figures,
        languages=languages,
        came=came,
        confirmed=confirmed,
        framed=framed,
        framed_confirmed=framed_confirmed,
        agreed=_agreed(partner, declaration),
    )


def _languages(partner: Partner, declaration: Declaration) -> Counter[str]:
    query = select(Signature.language, func.count()).where(
        Signature.declaration_id == declaration.id, *_through(Signature, partner), Signature.counted
    )
    return Counter({row[0]: row[1] for row in db.session.execute(query.group_by(Signature.language))})


def _submissions(partner: Partner, declaration: Declaration, *only: ColumnElement[bool]) -> tuple[int, int]:
    """How many came, as far back as they are kept, and how many of them are confirmed."""
    query = select(func.count(), func.count(Submission.confirmed_at)).where(
        Submission.declaration_id == declaration.id,
        *_through(Submission, partner),
        Submission.created_at >= clock.now() - REACHES_BACK,
        *only,
    )
    came, confirmed = db.session.execute(query).one()
    return came, confirmed


def _agreed(partner: Partner, declaration: Declaration) -> int:
    query = (
        select(func.count(Signature.id.distinct()))
        .join(Consent, Consent.signature_id == Signature.id)
        .where(Consent.partner == partner.slug, Consent.purpose == PARTNER, Consent.withdrawn_at.is_(None))
        .where(Signature.declaration_id == declaration.id, Signature.counted)
    )
    return db.session.scalar(query) or 0


def _through(table: type[Signature] | type[Submission], partner: Partner) -> tuple[ColumnElement[bool], ...]:
    # Said as the index says it, or it would not be found.
    return table.partner == partner.slug, table.partner != literal_column("''")


def _claim(partner_id: int) -> bool:
    now = clock.now()
    row = insert_into(StoredPartnerFigures).values(partner_id=partner_id, claimed_until=now + CLAIM_FOR)
    claiming = row.on_conflict_do_update(
        index_elements=["partner_id"],
        set_={"claimed_until": row.excluded.claimed_until},
        where=StoredPartnerFigures.claimed_until <= now,
    )
    with writing():
        return db.session.execute(claiming.returning(StoredPartnerFigures.partner_id)).first() is not None


def _keep(partner_id: int, found: dict[str, PartnerFigures], *, took: float) -> None:
    now = clock.now()
    free_again = now + max(EVERY * 0.8, timedelta(seconds=SHARE * took))
    values = {slug: figures.to_json() for slug, figures in found.items()}
    with writing():
        db.session.execute(
            update(StoredPartnerFigures)
            .where(StoredPartnerFigures.partner_id == partner_id)
            .values(as_of=now, stored=values, claimed_until=free_again)
        )
