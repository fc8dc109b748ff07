"""Entering what was given on paper: counted on the sheet's day, once a mailbox, and never by the way twice."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from petition import addresses, clock
from petition.extensions import db
from petition.paper import entering
from petition.paper.entries import Entry
from petition.paper.forms import EnterForm
from petition.paper.refusals import AlreadySigned, EntryRefused, InTheFuture, NotOpenThen, PerhapsSigned, WithdrewBefore
from petition.signatures import keeping, moderating
from petition.signatures.models import Channel, MailBlock, Signature, State
from petition.signatures.refusals import Closed
from tests import make
from tests.conftest import Mailbag
from tests.signatures import steps

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)


def enter(*, knowingly: bool = False, day: date = DAY, address: str | None = None, **given: Any) -> Signature:
    parts = {name: given.pop(name) for name in ("source", "consents", "language") if name in given}
    stated = make.statement(**{"visibility": "addressee", **given})
    parsed = addresses.parse(address) if address else None
    entry = Entry(stated, signed_on=day, address=parsed, **{"language": "en", **parts})
    declaration = steps.declaration()
    entering.lock(declaration)
    public_id = entering.enter(declaration, entry, knowingly=knowingly)
    db.session.commit()
    return moderating.lock(public_id)


def test_a_signature_on_paper_counts_at_noon_of_its_day_and_is_never_confirmed_by_mail(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    with time_machine.travel(NOON, tick=False):
        signature = enter(name="Ada Byron", consents=("updates",), language="it", source="rome")

    assert signature.confirmed_at == datetime(2026, 3, 2, 11, 0, tzinfo=UTC), "noon in Rome"
    assert (signature.created_at, signature.state) == (NOON, State.COUNTED)
    assert (signature.channel, signature.source, signature.text.language) == (Channel.PAPER, "rome", "it")
    assert (signature.address, signature.mailbox, signature.network) == (None, None, None)
    plan = steps.declaration().plan
    assert {each.purpose: (each.wording, each.language) for each in signature.consents} == {
        purpose: (plan.consents[purpose]["it"], "it") for purpose in ("agree", "updates")
    }
    assert {each.given_at for each in signature.consents} == {signature.confirmed_at}
    assert mails.take() == []
    assert steps.counted(app, client) == 1


def test_what_was_signed_this_morning_does_not_lie_in_the_future(app: Flask) -> None:
    with time_machine.travel(NOON.replace(hour=7), tick=False):
        assert enter(day=NOON.date()).confirmed_at == clock.now()


def test_who_gave_an_address_is_mailed_the_link_and_may_erase_what_they_never_signed(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    enter(address="ada@example.org")
    mail = mails.take_one().message
    assert mail["To"] == "ada@example.org" and mail["Subject"] == "Your signature on paper was entered"
    plain = mail.get_body(("plain",))
    assert plain is not None and "an organiser has entered your signature" in plain.get_content()
    personal = make.link(mail, "signature")
    assert client.get(personal).status_code == 200
    client.post(f"{personal}/erase")
    assert steps.the_signature().name == ""
    assert steps.counted(app, client) == 0


def test_who_refused_mails_gets_none(app: Flask, mails: Mailbag) -> None:
    known = make.submission("ada@example.org")
    db.session.add(MailBlock(declaration_id=known.declaration_id, mailbox=known.mailbox, created_at=clock.now()))
    db.session.delete(known)
    db.session.commit()
    enter(address="ada@example.org")
    assert mails.take() == []


def test_a_mailbox_that_has_signed_is_not_counted_again(app: Flask, client: FlaskClient) -> None:
    there = make.signature("ada.lovelace@gmail.com")
    with pytest.raises(AlreadySigned) as refused:
        enter(address="adalovelace+paper@googlemail.com", name="Somebody Else")
    assert refused.value.about == (there.public_id,)
    assert steps.counted(app, client) == 1


def test_no_sheet_overrides_a_withdrawal(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    personal = steps.become_signatory(client, mails, "ada@example.org")
    client.post(f"{personal}/withdraw")
    with pytest.raises(WithdrewBefore):
        enter(address="ada@example.org")
    assert steps.counted(app, client) == 0


@pytest.mark.parametrize("name", ["Ada Lovelace", "ADA  LOVELÂCE", "Lovelace, Ada"])
def test_a_name_and_country_that_are_there_have_to_be_overridden_knowingly(
    app: Flask, client: FlaskClient, name: str
) -> None:
    there = make.signature(name="Ada Lovelace", country="GB")
    enter(name=name, country="IT")
    with pytest.raises(PerhapsSigned) as refused:
        enter(name=name, country="GB")
    assert refused.value.about == (there.public_id,)
    assert steps.counted(app, client) == 2
    enter(name=name, country="GB", knowingly=True)
    assert steps.counted(app, client) == 3


def test_who_withdrew_or_is_forgotten_raises_no_suspicion(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    for way_out in ("withdraw", "erase"):
        personal = steps.become_signatory(client, mails, make.email(), name="Ada Lovelace", country="GB")
        client.post(f"{personal}/{way_out}")
    enter(name="Ada Lovelace", country="GB")
    assert steps.counted(app, client) == 1


@pytest.mark.parametrize(
    ("day", "closes_on", "refusal"),
    [
        (date(2026, 3, 5), None, InTheFuture),
        (date(2025, 11, 11), None, NotOpenThen),
        (date(1, 1, 1), None, NotOpenThen),
        (date(9999, 12, 31), None, InTheFuture),
        (date(2026, 3, 3), date(2026, 3, 2), NotOpenThen),
        (date(2026, 3, 2), date(2026, 3, 2), None),
        (date(2025, 11, 12), None, None),
        (date(2026, 3, 4), None, None),
        (date(2025, 11, 12), date(2025, 11, 13), None),
    ],
)
def test_the_day_on_the_sheet_lies_within_the_collection(
    app: Flask, day: date, closes_on: date | None, refusal: type[EntryRefused] | None
) -> None:
    closes_at = closes_on and datetime(closes_on.year, closes_on.month, closes_on.day, 12, tzinfo=UTC)
    steps.schedule(app, closes_at=closes_at)
    with time_machine.travel(NOON, tick=False):
        if refusal is None:
            assert enter(day=day).counted
            return
        with pytest.raises(refusal):
            enter(day=day)


def test_after_the_retention_nothing_is_entered(app: Flask) -> None:
    closed = NOON - timedelta(days=steps.declaration().plan.retention_days, seconds=1)
    steps.schedule(app, opens_at=closed - timedelta(days=2), closes_at=closed)
    with time_machine.travel(NOON, tick=False), pytest.raises(Closed):
        enter(day=closed.date())


def test_retention_forgets_those_without_an_address_too(app: Flask, client: FlaskClient) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        enter(name="Ada Byron")
        steps.schedule(app, closes_at=NOON)
        travel.shift(timedelta(days=steps.declaration().plan.retention_days, seconds=1))
        steps.purge()
        assert steps.the_signature().name == "" and not steps.the_signature().consents
        assert steps.counted(app, client) == 1
        assert keeping.purge() == 0


def test_an_erased_signature_without_an_address_names_nobody(app: Flask, client: FlaskClient) -> None:
    signature = enter(name="Ada Byron")
    keeping.forget_signature(signature)
    db.session.commit()
    assert b"Byron" not in steps.stored_bytes()
    assert steps.counted(app, client) == 0


GOOD = {"name": "Ada", "country": "GB", "visibility": "addressee", "signed_on": "2026-03-04", "language": "en"}


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, set()),
        ({"signed_on": "4.3.2026"}, set()),
        ({"signed_on": "04. 03. 2026"}, set()),
        ({"signed_on": "2026-03-04 10:30:00"}, set()),
        ({"signed_on": "3/4/2026"}, {"signed_on"}),
        ({"signed_on": "2026-02-30"}, {"signed_on"}),
        ({"signed_on": "-1-1-1"}, {"signed_on"}),
        ({"signed_on": "٢٠٢٦-03-04"}, set()),
        ({"signed_on": ""}, {"signed_on"}),
        ({"signed_on": "x" * 10_000}, {"signed_on"}),
        ({"name": ""}, {"name"}),
        ({"name": "=cmd()"}, {"name"}),
        ({"name": "a\u202eb"}, {"name"}),
        ({"name": "a\0b"}, {"name"}),
        ({"country": "Narnia"}, {"country"}),
        ({"visibility": "everyone"}, {"visibility"}),
        ({"language": "xx"}, {"language"}),
        ({"source": "s" * 41}, {"source"}),
        ({"source": "=1"}, {"source"}),
        ({"email": "nonsense"}, {"email"}),
        ({"email": " ada@example.org "}, set()),
        ({"email": "ada@example.org\0"}, {"email"}),
    ],
)
def test_the_form_obeys_the_rules_of_every_form(app: Flask, typed: dict[str, str], wrong: set[str]) -> None:
    form = EnterForm.make(steps.declaration().plan, "en", formdata=MultiDict({**GOOD, **typed}))
    assert (form.validate(), form.errors.keys()) == (not wrong, wrong)
