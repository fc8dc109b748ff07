"""Attribution: what is malformed, unknown or switched off is dropped; what is good goes with the signature."""

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from petition import addresses, keys
from petition.extensions import db
from petition.partners import attribution, enrolling
from petition.partners.attribution import Attribution
from petition.privacy import personal
from petition.privacy.keepers import Person
from petition.signatures import caring, confirming, signing
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Channel, Signature, Submission
from petition.signatures.signing import Origin
from petition.signatures.statements import Statement
from petition.storing import store
from petition.tally import recounting
from petition.tally.models import Bucket
from petition.tally.sources import Names
from tests import make

pytestmark = pytest.mark.usefixtures("app")


def test_a_partner_and_a_source_are_read_from_an_address() -> None:
    make.partner()
    found = attribution.read({"partner": "byron", "source": "news-7_b"}, make.SLUG)
    assert found == Attribution("byron", "news-7_b")
    assert found.query == {"partner": "byron", "source": "news-7_b"}
    assert not attribution.read({}, make.SLUG)


@pytest.mark.parametrize("code", ["News", "a b", "a" * 41, "ä", "<b>", "a\n", "../x", "١"])
def test_a_malformed_source_is_dropped(code: str) -> None:
    assert attribution.read({"source": code}, make.SLUG) == Attribution()


@pytest.mark.parametrize("slug", ["nobody", "BYRON", "byron ", "<script>", "\0", "x" * 1000])
def test_an_unknown_partner_is_dropped_and_its_source_kept(slug: str) -> None:
    make.partner()
    assert attribution.read({"partner": slug, "source": "news"}, make.SLUG) == Attribution("", "news")


def test_a_partner_that_is_switched_off_or_carries_another_declaration_is_dropped() -> None:
    partner = make.partner()
    make.partner("other", carries=())
    enrolling.disable(partner)
    db.session.commit()
    for slug in ("byron", "other"):
        assert attribution.read({"partner": slug}, make.SLUG) == Attribution()


def _signed() -> Signature:
    make.partner()
    rows = signing.sign(
        make.text(),
        make.statement(),
        address=addresses.parse(make.email()),
        consents=(),
        origin=Origin(channel=Channel.EMBED, source="news", partner="byron"),
    )
    store(*rows)
    submission = db.session.scalars(select(Submission)).one()
    mailbox = Mailbox(submission.text.declaration, submission.mailbox)
    confirming.confirm(mailbox, submission, Statement.of(submission), consents=())
    mailbox.drop_pending()
    db.session.commit()
    signature = mailbox.find_signature()
    assert signature is not None
    return signature


def test_a_confirmed_signature_keeps_channel_source_and_partner_of_its_submission() -> None:
    signature = _signed()
    assert (signature.channel, signature.source, signature.partner) == ("embed", "news", "byron")


def _sign_again(signature: Signature, partner: str) -> None:
    assert signature.address and signature.mailbox
    rows = signing.sign(
        make.text(),
        make.statement(),
        address=addresses.parse(keys.ring().decrypt(signature.address)),
        consents=(),
        origin=Origin(channel=Channel.WEB, source="flyer", partner=partner),
    )
    store(*rows)
    mailbox = Mailbox(signature.text.declaration, signature.mailbox)
    submission = mailbox.newest_submission
    assert submission is not None
    confirming.confirm(mailbox, submission, Statement.of(submission), consents=())
    mailbox.drop_pending()
    db.session.commit()


def _credited(app: Flask) -> dict[str, int]:
    """What the tally has for each partner, which must be what the rows say."""
    make.move_tally(app)
    assert not recounting._drift(recounting._counted(), Names())
    return {bucket.partner: bucket.count for bucket in db.session.scalars(select(Bucket)) if bucket.count}


def test_who_signs_again_through_another_partner_stays_credited_to_the_first(app: Flask) -> None:
    signature = _signed()
    make.partner("shelley")
    _sign_again(signature, "shelley")
    assert (signature.channel, signature.source, signature.partner) == ("embed", "news", "byron")
    assert _credited(app) == {"byron": 1}


def test_who_withdrew_and_signs_again_through_another_partner_is_credited_to_that_one(app: Flask) -> None:
    signature = _signed()
    make.partner("shelley")
    assert signature.mailbox is not None
    caring.withdraw(Mailbox(signature.text.declaration, signature.mailbox))
    db.session.commit()
    assert _credited(app) == {}
    _sign_again(signature, "shelley")
    assert (signature.channel, signature.source, signature.partner) == ("web", "flyer", "shelley")
    assert _credited(app) == {"shelley": 1}


def test_an_erasure_keeps_through_whom_it_came() -> None:
    signature = _signed()
    assert signature.mailbox is not None
    personal.erase(Person(scope=signature.declaration_id, mailbox=signature.mailbox))
    db.session.commit()
    assert signature.name == ""
    assert (signature.channel, signature.source, signature.partner) == ("embed", "news", "byron")


@pytest.mark.parametrize("table", ["submissions", "signatures"])
def test_the_database_refuses_a_channel_that_nobody_knows(table: str) -> None:
    _signed()
    with pytest.raises(IntegrityError, match="channel"), db.session.begin_nested():
        db.session.execute(text(f"UPDATE {table} SET channel = 'pigeon'"))
