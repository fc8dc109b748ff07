"""What happens to a declaration reaches whoever listens: signatures, closings, hand-overs; and names no person."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, func, select

from petition import addresses, clock
from petition.declarations import notices as closings
from petition.declarations import reading, states
from petition.declarations import telling as handovers_told
from petition.declarations.notices import ORGANISERS
from petition.deliveries import handing_over
from petition.extensions import db
from petition.outbox.models import Mail
from petition.partners import notices as partners
from petition.partners import reading as partners_reading
from petition.privacy import personal
from petition.privacy.keepers import Person
from petition.signatures import caring, confirming, consenting, erasing, moderating, signing
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Channel, Signature, Submission, Verdict
from petition.signatures.signing import Origin
from petition.signatures.statements import Statement
from petition.storing import store
from petition.webhooks import claiming, endpoints, events, listening, sweeping, targets
from petition.webhooks.models import Notice
from petition.webhooks.refusals import NoEvents
from tests import make
from tests.paper.test_entering import enter
from tests.signatures.steps import statements
from tests.webhooks.receiving import EVENT, Receiver, a_receiver, caller, send, status

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _listen(receiver: Receiver, *hears: str) -> None:
    scope = make.text().declaration_id
    endpoints.add(targets.parse(receiver.url), owner=ORGANISERS, scope=scope, hears=hears or events.open_to(ORGANISERS))
    db.session.commit()
    listening.forget()


def _told(receiver: Receiver) -> list[tuple[str, dict[str, Any]]]:
    """What arrived by now, in the order of its happening."""
    send(caller())
    bodies = [json.loads(each.body) for each in receiver.received]
    return [(body["type"], body["data"]) for body in bodies]


def _mailbox(signature: Signature) -> Mailbox:
    assert signature.mailbox is not None
    return Mailbox(reading.all_declarations()[0], signature.mailbox)


def _sign_again(signature: Signature, address: str) -> None:
    made = make.submission(address)
    confirming.confirm(_mailbox(signature), made, Statement.of(made), consents=())
    _mailbox(signature).drop_pending()
    db.session.commit()


def test_there_are_these_events(app: Flask) -> None:
    # An application may be one that other tests have taught an event of theirs.
    open_to_them = [event for event in events.open_to(ORGANISERS) if event != EVENT]
    assert open_to_them == [
        "declaration.closed",
        "declaration.delivered",
        "signature.confirmed",
        "signature.withdrawn",
    ]
    assert events.known().keys() - {EVENT, *open_to_them} == {"consent.given", "consent.withdrawn"}


def test_confirming_and_withdrawing_are_told_without_the_person(app: Flask) -> None:
    with a_receiver() as receiver:
        _listen(receiver)
        address = make.email()
        signature = make.signature(address, name="Ada Lovelace", affiliation="Analytical Society", visibility="counted")
        about = {"declaration": make.SLUG, "signature": signature.public_id}
        assert _told(receiver) == [("signature.confirmed", {**about, "channel": "web", "source": None})]
        caring.withdraw(_mailbox(signature))
        caring.withdraw(_mailbox(signature))
        db.session.commit()
        assert _told(receiver)[1:] == [("signature.withdrawn", about)], "once"
        _sign_again(signature, address)
        assert [name for name, _data in _told(receiver)] == [
            "signature.confirmed", "signature.withdrawn", "signature.confirmed",
        ]  # fmt: skip
        _sign_again(signature, address)
        assert len(_told(receiver)) == 3, "whose signature stands already confirms nothing new"
        everything = b"".join(each.body for each in receiver.received).decode()
        assert not any(word in everything for word in ("Ada", "Analytical", address, "GB", "counted"))


def test_who_is_erased_was_withdrawn_and_nothing_older_is_told_of_them(app: Flask) -> None:
    with a_receiver() as receiver:
        _listen(receiver)
        signature = make.signature()
        public_id, mailbox = signature.public_id, signature.mailbox
        assert mailbox is not None
        assert len(_told(receiver)) == 1
        personal.erase(Person(scope=signature.declaration_id, mailbox=mailbox))
        db.session.commit()
        kept = db.session.scalars(select(Notice).where(Notice.reference == public_id)).all()
        assert [notice.event for notice in kept] == ["signature.withdrawn"], "no time of theirs stays in a row"
        assert _told(receiver)[1:] == [("signature.withdrawn", {"declaration": make.SLUG, "signature": public_id})]


def test_an_erasure_after_a_withdrawal_loses_no_notice_of_it(app: Flask) -> None:
    with a_receiver() as receiver:
        _listen(receiver)
        signature = make.signature()
        mailbox = _mailbox(signature)
        assert len(_told(receiver)) == 1
        caring.withdraw(mailbox)
        db.session.commit()
        caring.erase(mailbox)
        db.session.commit()
        assert [name for name, _data in _told(receiver)] == ["signature.confirmed", "signature.withdrawn"]


def _decide(signature: Signature, *verdicts: Verdict) -> None:
    for verdict in verdicts:
        moderating.decide(moderating.lock(signature.public_id), verdict, reason="A test")
        db.session.commit()


@pytest.mark.parametrize("verdict", [Verdict.HELD, Verdict.INVALIDATED])
def test_what_staff_decides_is_told_by_whether_it_counts(app: Flask, verdict: Verdict) -> None:
    with a_receiver() as receiver:
        _listen(receiver)
        signature = make.signature()
        assert len(_told(receiver)) == 1
        _decide(signature, verdict, verdict)
        assert [name for name, _data in _told(receiver)][1:] == ["signature.withdrawn"]
        _decide(signature, moderating.OPPOSITE[verdict])
        assert [name for name, _data in _told(receiver)][2:] == ["signature.confirmed"]
        _decide(signature, verdict, moderating.OPPOSITE[verdict])
        told = [name for name, _data in _told(receiver)][3:]
        assert told == ["signature.confirmed"], "what counts again by the time of sending is told as that"


def test_what_is_held_for_two_reasons_is_told_once_and_counts_when_both_are_gone(app: Flask) -> None:
    with a_receiver() as receiver:
        _listen(receiver)
        signature = make.signature()
        assert len(_told(receiver)) == 1
        _decide(signature, Verdict.HELD, Verdict.INVALIDATED, Verdict.APPROVED)
        assert [name for name, _data in _told(receiver)][1:] == ["signature.withdrawn"]
        _decide(signature, Verdict.REINSTATED)
        assert [name for name, _data in _told(receiver)][2:] == ["signature.confirmed"]


def test_only_the_events_that_were_chosen_are_told(app: Flask) -> None:
    with a_receiver() as receiver:
        _listen(receiver, "signature.withdrawn")
        signature = make.signature()
        assert _told(receiver) == []
        caring.withdraw(_mailbox(signature))
        db.session.commit()
        assert [name for name, _data in _told(receiver)] == ["signature.withdrawn"]


def _known_until(app: Flask, until: float) -> None:
    """Who listens is known up to this moment."""
    listening.find("any", scope=1, owners=())
    app.extensions["petition.listeners"] = replace(app.extensions["petition.listeners"], until=until)


def _sent_by_confirming() -> list[str]:
    """The statements of one confirmation."""
    made = make.submission()
    mailbox = Mailbox(reading.all_declarations()[0], made.mailbox)
    reading.get_text(made.text_id)
    with statements() as sent:
        confirming.confirm(mailbox, made, Statement.of(made), consents=())
        db.session.flush()
    mailbox.drop_pending()
    db.session.commit()
    return sent


def test_telling_costs_a_confirmation_nothing_where_nobody_listens_and_a_row_where_somebody_does(app: Flask) -> None:
    _known_until(app, math.inf)
    alone = _sent_by_confirming()
    assert not [statement for statement in alone if "webhook" in statement]
    with a_receiver() as receiver:
        _listen(receiver)
        _known_until(app, math.inf)
        together = [statement for statement in _sent_by_confirming() if "INSERT INTO webhook_notices" in statement]
        assert len(together) == 1
        is_one = "INSERT INTO signatures" in together[0]
        assert is_one is (db.engine.dialect.name == "postgresql"), "one statement, where one can be"
        assert len(_told(receiver)) == 1


def test_who_listens_is_asked_again_when_it_is_a_second_old(app: Flask) -> None:
    _known_until(app, 0)
    asked = [statement for statement in _sent_by_confirming() if "webhook_endpoints" in statement]
    assert len(asked) == 1


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_closing_is_told_once_however_it_came(app: Flask, by_hand: bool) -> None:
    with time_machine.travel(NOON, tick=False) as time, a_receiver() as receiver:
        _listen(receiver)
        declaration = reading.all_declarations()[0]
        assert closings.tell_closings() is False
        if by_hand:
            states.close_now(declaration)
        else:
            declaration.closes_at = NOON + timedelta(hours=1)
        db.session.commit()
        closes_at = declaration.closes_at
        assert closes_at is not None
        if not by_hand:
            closings.tell_closings()
            assert _told(receiver) == [], "not before it has come"
        time.shift(timedelta(hours=1))
        for _ in range(3):
            closings.tell_closings()
        expected = {"declaration": make.SLUG, "closed_at": clock.iso(closes_at)}
        assert _told(receiver) == [("declaration.closed", expected)]
        declaration.closes_at = clock.now() + timedelta(days=1)
        db.session.commit()
        closings.tell_closings()
        time.shift(timedelta(days=1))
        closings.tell_closings()
        assert len(_told(receiver)) == 2, "another closing is told again"


def test_closings_that_nobody_listens_to_are_not_told_later(app: Flask) -> None:
    with a_receiver() as receiver:
        declaration = reading.all_declarations()[0]
        declaration.closes_at = clock.now() - timedelta(days=1)
        db.session.commit()
        closings.tell_closings()
        _listen(receiver)
        closings.tell_closings()
        assert _told(receiver) == []


def test_a_hand_over_is_told_as_it_is_published_and_not_once_it_was_taken_back(app: Flask) -> None:
    with a_receiver() as receiver:
        _listen(receiver)
        handovers = [
            handing_over.record(
                reading.all_declarations()[0],
                handed_on=date(2026, 3, 1),
                place=place,
                handed_by="Ada Lovelace",
                handed_to="Grace Hopper",
                words={"en": "It was a fine day."},
                photos=[],
            )
            for place in ("Rome", "Milan")
        ]
        handovers_told.take_back(reading.all_declarations()[0], handovers[1])
        db.session.commit()
        assert _told(receiver) == [
            (
                "declaration.delivered",
                {
                    "declaration": make.SLUG,
                    "handover": handovers[0].record,
                    "handed_on": "2026-03-01",
                    "place": "Rome",
                    "count": None,
                    "manifest_sha256": None,
                },
            )
        ]
        dropped = select(func.count()).select_from(Notice).where(Notice.reason == "taken-back")
        assert db.session.scalar(dropped) == 1


def test_a_withdrawal_that_is_not_committed_is_told_to_nobody(app: Flask) -> None:
    with a_receiver() as receiver:
        _listen(receiver, "signature.withdrawn")
        signature = make.signature()
        caring.withdraw(_mailbox(signature))
        db.session.rollback()
        assert _told(receiver) == []


# A partner's own endpoint

BYRON = partners.owner("byron")
AGREED = {"purpose": "partner", "wording": "Yes, the Byron Trust may write to me.", "language": "en"}


def _partner_listens(receiver: Receiver, *hears: str) -> None:
    chosen = hears or events.open_to(partners.KIND)
    endpoints.add(targets.parse(receiver.url), owner=BYRON, scope=make.text().declaration_id, hears=chosen)
    db.session.commit()
    listening.forget()


def _carried(partner: str = "byron", **given: Any) -> tuple[Signature, str]:
    """A signature that came through this partner, and its address; its owner agreed to hear from nobody yet."""
    address = make.email()
    made = make.submission(address, **given)
    made.partner = partner
    confirming.confirm(Mailbox(reading.all_declarations()[0], made.mailbox), made, Statement.of(made), consents=())
    signature = _mailbox_of(made.mailbox).find_signature()
    assert signature is not None
    _mailbox(signature).drop_pending()
    db.session.commit()
    return signature, address


def _mailbox_of(key: bytes) -> Mailbox:
    return Mailbox(reading.all_declarations()[0], key)


def _agree(signature: Signature, partner: str = "byron") -> None:
    consenting.give(signature, [{**AGREED, "partner": partner}])
    db.session.commit()


def test_a_partner_hears_of_what_it_brought_and_of_nothing_else(app: Flask) -> None:
    make.partner()
    with a_receiver() as receiver:
        _partner_listens(receiver)
        make.signature()
        _carried("society")
        signature, address = _carried(name="Mary Shelley")
        told = _told(receiver)
        assert [(name, data["signature"]) for name, data in told] == [("signature.confirmed", signature.public_id)]
        assert told[0][1].keys() == {"declaration", "signature"}, "who agreed to nothing is a number"
        caring.withdraw(_mailbox(signature))
        db.session.commit()
        assert _told(receiver)[1][0] == "signature.withdrawn"
        everything = b"".join(each.body for each in receiver.received).decode()
        assert "Mary" not in everything and address not in everything


def test_a_partner_is_told_the_person_who_agreed_to_hear_from_it_and_no_one_else_is(app: Flask) -> None:
    make.partner()
    make.partner("society")
    with a_receiver() as byrons, a_receiver() as organisers:
        _partner_listens(byrons)
        _listen(organisers, *events.open_to(ORGANISERS))
        signature, address = _carried(name="Mary Shelley")
        _agree(signature)
        _agree(signature, "society")
        person = {
            "name": "Mary Shelley",
            "email": address,
            "country": "GB",
            "language": "en",
            "consent": {
                "wording": AGREED["wording"],
                "language": "en",
                "given_at": clock.iso(signature.consents[-1].given_at),
            },
        }
        told = dict(_told(byrons))
        assert told["consent.given"]["person"] == person
        assert told["signature.confirmed"]["person"] == person, "it is composed for what stands when it is sent"
        assert len(byrons.received) == 2, "what somebody agreed with another partner is not its business"
        assert [name for name, _data in _told(organisers)] == ["signature.confirmed"]
        assert address not in b"".join(each.body for each in organisers.received).decode()
        for notice in db.session.scalars(select(Notice)):
            assert "Mary" not in repr(vars(notice)) and address not in repr(vars(notice)), "no row holds the person"


def test_who_gives_the_number_alone_is_not_named_to_the_partner_who_may_write_to_them(app: Flask) -> None:
    make.partner()
    with a_receiver() as receiver:
        _partner_listens(receiver)
        signature, address = _carried(name="Mary Shelley", visibility="counted")
        _agree(signature)
        told = dict(_told(receiver))
        for event in ("consent.given", "signature.confirmed"):
            assert (told[event]["person"]["name"], told[event]["person"]["email"]) == (None, address)
        assert "Mary" not in b"".join(each.body for each in receiver.received).decode()


def test_who_takes_the_consent_back_is_told_to_the_partner_and_not_named_any_more(app: Flask) -> None:
    make.partner()
    with a_receiver() as receiver:
        _partner_listens(receiver)
        signature, address = _carried()
        _agree(signature)
        consenting.end(signature, but=["agree"])
        db.session.commit()
        told = _told(receiver)
        assert sorted(name for name, _data in told) == ["consent.withdrawn", "signature.confirmed"]
        assert not any("person" in data for _name, data in told)
        assert address not in b"".join(each.body for each in receiver.received).decode()


@pytest.mark.parametrize("change", ["disabled", "shares no more"])
def test_a_partner_that_may_be_given_nobody_is_told_nobody(app: Flask, change: str) -> None:
    partner = make.partner()
    with a_receiver() as receiver:
        _partner_listens(receiver)
        signature, _ = _carried()
        _agree(signature)
        if change == "disabled":
            partner.disabled_at = clock.now()
        else:
            partner.may_share = False
        db.session.commit()
        partners_reading.forget()
        told = _told(receiver)
        assert [name for name, _data in told] == ["signature.confirmed"]
        assert "person" not in told[0][1]


def test_an_erasure_reaches_every_partner_that_was_told(app: Flask) -> None:
    make.partner()
    with a_receiver() as receiver:
        _partner_listens(receiver)
        signature, _ = _carried("society")
        _agree(signature)
        assert [name for name, _data in _told(receiver)] == ["consent.given"]
        public_id = signature.public_id
        caring.erase(_mailbox(signature))
        db.session.commit()
        told = _told(receiver)[1:]
        assert ("signature.withdrawn", {"declaration": make.SLUG, "signature": public_id}) in told


def _erase_as_staff(signature: Signature) -> None:
    erasing.erase(moderating.lock(signature.public_id))


ENDS: dict[str, Callable[[Signature], object]] = {
    "withdrawn": lambda signature: caring.withdraw(_mailbox(signature)),
    "held": lambda signature: _decide(signature, Verdict.HELD),
    "invalidated": lambda signature: _decide(signature, Verdict.INVALIDATED),
    "erased by its owner": lambda signature: caring.erase(_mailbox(signature)),
    "erased by staff": _erase_as_staff,
}


@pytest.mark.parametrize("agreed", [True, False], ids=["agreed", "a number"])
@pytest.mark.parametrize("end", ENDS)
def test_a_partner_that_was_told_of_a_signature_hears_once_that_it_counts_no_more(
    app: Flask, end: str, agreed: bool
) -> None:
    make.partner()
    with a_receiver() as receiver:
        _partner_listens(receiver)
        signature, _ = _carried()
        if agreed:
            _agree(signature)
        began = len(_told(receiver))
        ENDS[end](signature)
        db.session.commit()
        names = [name for name, _data in _told(receiver)[began:]]
        assert names.count("signature.withdrawn") == 1
        consent_ends = agreed and end not in ("held", "invalidated")
        assert names.count("consent.withdrawn") == consent_ends
        if signature.erased_at is None:
            _erase_as_staff(signature)
            db.session.commit()
        after = [name for name, _data in _told(receiver)[began + len(names) :]]
        expected = ["consent.withdrawn"] if agreed and not consent_ends else []
        assert after == expected, "an erasure after it tells nothing else that is new"


@pytest.mark.parametrize("agreed", [True, False], ids=["agreed", "a number"])
@pytest.mark.parametrize("end", ENDS)
def test_a_partner_that_was_not_told_yet_hears_neither_of_the_signature_nor_of_its_end(
    app: Flask, end: str, agreed: bool
) -> None:
    make.partner()
    with a_receiver() as receiver:
        _partner_listens(receiver)
        signature, _ = _carried()
        if agreed:
            _agree(signature)
        ENDS[end](signature)
        db.session.commit()
        assert _told(receiver) == []


STOPS: dict[str, Callable[[Signature], object]] = {
    **{end: ENDS[end] for end in ("withdrawn", "erased by its owner", "erased by staff")},
    "withdrawn at once after the sharing": lambda signature: (_stop_sharing(signature), ENDS["withdrawn"](signature)),
    "erased at once after the sharing": lambda signature: (_stop_sharing(signature), _erase_as_staff(signature)),
}


def _stop_sharing(signature: Signature) -> None:
    caring.end_sharing(_mailbox(signature), "byron")
    db.session.commit()


def _told_long_ago(receiver: Receiver, time: time_machine.Traveller) -> Signature:
    """A signature whose person the partner was told, in notices that are kept no more."""
    signature, _ = _carried()
    _agree(signature)
    assert len(_told(receiver)) == 2
    time.shift(sweeping.KEEP + timedelta(seconds=1))
    assert sweeping.sweep() == 2
    db.session.commit()
    return signature


@pytest.mark.parametrize("stop", STOPS)
def test_a_partner_that_was_told_long_ago_hears_of_the_end_too(app: Flask, stop: str) -> None:
    make.partner()
    with time_machine.travel(NOON, tick=False) as time, a_receiver() as receiver:
        _partner_listens(receiver)
        signature = _told_long_ago(receiver, time)
        STOPS[stop](signature)
        db.session.commit()
        told = sorted(name for name, _data in _told(receiver)[2:])
        assert told == ["consent.withdrawn", "signature.withdrawn"]


@pytest.mark.parametrize("stop", STOPS)
def test_a_webhook_that_came_after_the_signature_hears_of_its_end(app: Flask, stop: str) -> None:
    make.partner()
    signature, _ = _carried()
    _agree(signature)
    with a_receiver() as receiver:
        _partner_listens(receiver)
        STOPS[stop](signature)
        db.session.commit()
        assert sorted(name for name, _data in _told(receiver)) == ["consent.withdrawn", "signature.withdrawn"]


def test_what_is_held_approved_and_held_while_the_endpoint_rests_is_told_to_count_no_more(app: Flask) -> None:
    make.partner()
    with time_machine.travel(NOON, tick=False) as time, a_receiver() as receiver:
        _partner_listens(receiver)
        signature = _told_long_ago(receiver, time)
        _decide(signature, Verdict.HELD, Verdict.APPROVED, Verdict.HELD)
        assert {name for name, _data in _told(receiver)[2:]} == {"signature.withdrawn"}


def test_who_agrees_once_more_and_withdraws_at_once_is_not_kept_from_a_partner_that_was_told_long_ago(
    app: Flask,
) -> None:
    make.partner()
    with time_machine.travel(NOON, tick=False) as time, a_receiver() as receiver:
        _partner_listens(receiver)
        signature = _told_long_ago(receiver, time)
        consenting.give(signature, [{**AGREED, "partner": "byron", "wording": "Yes, in other words."}])
        db.session.commit()
        caring.withdraw(_mailbox(signature))
        db.session.commit()
        assert {name for name, _data in _told(receiver)[2:]} == {"consent.withdrawn", "signature.withdrawn"}


def test_a_webhook_that_hears_of_consents_alone_is_told_of_an_erasure(app: Flask) -> None:
    make.partner()
    with a_receiver() as receiver:
        _partner_listens(receiver, "consent.given", "consent.withdrawn")
        signature, _ = _carried()
        _agree(signature)
        assert [name for name, _data in _told(receiver)] == ["consent.given"]
        public_id = signature.public_id
        caring.erase(_mailbox(signature))
        db.session.commit()
        about = {"declaration": make.SLUG, "signature": public_id}
        assert _told(receiver)[1:] == [("consent.withdrawn", about)]


def test_an_erasure_loses_no_end_of_a_consent_that_waits(app: Flask) -> None:
    make.partner()
    with a_receiver() as receiver:
        _partner_listens(receiver)
        signature, _ = _carried()
        _agree(signature)
        assert len(_told(receiver)) == 2
        _stop_sharing(signature)
        _erase_as_staff(signature)
        db.session.commit()
        told = [name for name, _data in _told(receiver)[2:]]
        assert sorted(told) == ["consent.withdrawn", "signature.withdrawn"]


@pytest.mark.parametrize("end", ENDS)
def test_of_a_signature_on_paper_that_partner_hears_whom_its_signatory_agreed_to_since(app: Flask, end: str) -> None:
    make.partner()
    with a_receiver() as receiver, a_receiver() as organisers:
        _partner_listens(receiver)
        _listen(organisers)
        address = make.email()
        made = make.submission(address, name="Mary Shelley")
        made.partner, made.consents = "byron", [*made.consents, {**AGREED, "partner": "byron"}]
        db.session.commit()
        signature = enter(address=address, name="Mary Shelley")
        confirming.confirm(_mailbox(signature), made, Statement.of(made), consents=(), shared=True)
        _mailbox(signature).drop_pending()
        db.session.commit()
        assert signature.channel == Channel.PAPER
        assert [name for name, _data in _told(receiver)] == ["consent.given"]
        ENDS[end](signature)
        db.session.commit()
        assert "signature.withdrawn" in [name for name, _data in _told(receiver)[1:]]
        if end == "held":
            began = len(receiver.received)
            _decide(signature, Verdict.APPROVED)
            [(name, data)] = _told(receiver)[began:]
            assert (name, data["person"]["email"]) == ("signature.confirmed", address)
        assert _told(organisers) == [], "who entered it knows of it"


def test_a_consent_that_is_taken_back_ends_no_signature(app: Flask) -> None:
    make.partner()
    with a_receiver() as receiver:
        _partner_listens(receiver)
        signature, _ = _carried("society")
        _agree(signature)
        assert [name for name, _data in _told(receiver)] == ["consent.given"]
        caring.end_sharing(_mailbox(signature), "byron")
        db.session.commit()
        assert [name for name, _data in _told(receiver)][1:] == ["consent.withdrawn"]
        caring.withdraw(_mailbox(signature))
        db.session.commit()
        assert [name for name, _data in _told(receiver)][2:] == ["signature.withdrawn"], "it was told of it"


def test_whoever_signs_again_while_held_is_told_to_a_partner_once_they_are_approved(app: Flask) -> None:
    make.partner()
    with a_receiver() as receiver:
        _partner_listens(receiver)
        signature, address = _carried(name="Mary Shelley")
        began = len(_told(receiver))
        _decide(signature, Verdict.HELD)
        caring.withdraw(_mailbox(signature))
        db.session.commit()
        made = make.submission(address, name="Mary Shelley")
        made.partner, made.consents = "byron", [*made.consents, {**AGREED, "partner": "byron"}]
        confirming.confirm(_mailbox(signature), made, Statement.of(made), consents=(), shared=True)
        _mailbox(signature).drop_pending()
        db.session.commit()
        assert [name for name, _data in _told(receiver)[began:]] == ["signature.withdrawn"], "that it was held"
        _decide(signature, Verdict.APPROVED)
        [(name, data)] = _told(receiver)[began + 1 :]
        assert (name, data["person"]["name"], data["person"]["email"]) == (
            "signature.confirmed", "Mary Shelley", address,
        )  # fmt: skip


def test_what_was_tried_in_vain_may_have_been_heard_so_its_end_is_told_and_nothing_else(app: Flask) -> None:
    make.partner()
    with time_machine.travel(NOON, tick=False) as time, a_receiver(500) as receiver:
        _partner_listens(receiver)
        signature, _ = _carried()
        assert [name for name, _data in _told(receiver)] == ["signature.confirmed"]
        _decide(signature, Verdict.INVALIDATED)
        receiver.answer = status(204)
        time.shift(timedelta(hours=1))
        assert [name for name, _data in _told(receiver)][1:] == ["signature.withdrawn"]


def test_what_is_just_being_sent_may_have_been_heard_too(app: Flask) -> None:
    make.partner()
    with a_receiver() as receiver:
        _partner_listens(receiver)
        signature, _ = _carried()
        [(endpoint_id, _failing)] = claiming.endpoints_due()
        assert len(claiming.claim(endpoint_id)) == 1, "a worker has it in hand"
        db.session.commit()
        _decide(signature, Verdict.HELD)
        assert [name for name, _data in _told(receiver)] == ["signature.withdrawn"]


def test_of_a_signature_on_paper_nobody_is_told(app: Flask) -> None:
    with a_receiver() as receiver:
        _listen(receiver)
        signature = enter()
        _decide(signature, Verdict.HELD, Verdict.APPROVED)
        _erase_as_staff(signature)
        db.session.commit()
        assert _told(receiver) == []


@pytest.mark.parametrize("contact", ["desk@example.org", ""])
def test_a_partner_without_a_contact_is_written_no_mail_when_its_webhook_is_disabled(app: Flask, contact: str) -> None:
    make.partner(contact=contact)
    with a_receiver(410) as receiver:
        _partner_listens(receiver)
        _carried()
        db.session.execute(delete(Mail))
        db.session.commit()
        assert _told(receiver), "and answers that it is gone"
        posted = db.session.scalars(select(Mail)).all()
        assert [mail.kind for mail in posted] == (["webhook-disabled"] if contact else [])


def test_events_of_partners_are_not_open_to_organisers(app: Flask) -> None:
    with pytest.raises(NoEvents):
        endpoints.add(targets.parse("http://127.0.0.1:9/"), owner=ORGANISERS, scope=1, hears=["consent.given"])


def test_a_consent_that_was_given_with_the_signature_is_told_with_it(app: Flask) -> None:
    """The whole way: from the partner's form to the confirmation to the partner's machine."""
    make.partner()
    with a_receiver() as receiver:
        _partner_listens(receiver)
        for shared in (True, False):
            rows = signing.sign(
                make.text(),
                make.statement(name="Mary Shelley"),
                address=addresses.parse(make.email()),
                consents=(),
                origin=Origin(partner="byron", source="letter"),
                shared={**AGREED, "partner": "byron"},
            )
            store(*rows)
            query = select(Submission).where(Submission.public_id == rows[0].values["public_id"])
            made = db.session.scalars(query).one()
            mailbox = _mailbox_of(made.mailbox)
            confirming.confirm(mailbox, made, Statement.of(made), consents=(), shared=shared)
            mailbox.drop_pending()
            db.session.commit()
        (_, agreed), (_, took_it_out) = _told(receiver)
        assert agreed["person"]["name"] == "Mary Shelley" and agreed["source"] == "letter"
        assert agreed["person"]["consent"]["wording"] == AGREED["wording"]
        assert took_it_out.keys() == {"declaration", "signature"}, "who unticks it while confirming is a number"
