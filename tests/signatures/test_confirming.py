"""Confirming: the mailbox's owner sees, corrects and makes a submission their signature."""

import glob
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import unquote

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, null, select

from petition import clock
from petition.declarations import folders, publishing
from petition.extensions import db
from petition.outbox.models import Mail
from petition.signatures import confirming
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Consent, Purpose, Signature, Submission
from petition.signatures.refusals import LinkUnknown
from petition.signatures.statements import Statement
from petition.tally import noting, recounting
from tests import make
from tests.conftest import Mailbag, browser
from tests.signatures import steps
from tests.standing import AppMaker

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


def test_looking_at_any_mailed_page_changes_nothing(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()
    steps.sign(client, address)
    mail = mails.take_one().message
    personal = steps.become_signatory(client, mails, make.email())
    paths = [make.link(mail, "confirm"), make.link(mail, "not-me"), personal, f"{personal}/download", "/en/confirm"]

    before = steps.everything()
    for path in paths:
        for ask in (client.get, client.head):
            assert ask(path).status_code == 200
    assert steps.everything() == before


def test_confirming_twice_is_once(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    link = steps.ask(client, mails, make.email(), updates="y")
    values = steps.look(client, link).forms[0].values

    answers = [client.post(link, data=values) for _ in range(2)]

    assert [(answer.status_code, answer.location) for answer in answers] == [(303, link)] * 2
    assert len(steps.the_signature().consents) == 2
    assert steps.counted(app, client) == 1
    mails.take_one()


def test_a_confirmed_link_says_that_one_has_signed(client: FlaskClient, mails: Mailbag) -> None:
    link = steps.ask(client, mails, make.email())
    steps.confirm(client, link)
    mails.take()

    assert "You have signed" in steps.look(client, link).html


def test_everything_to_be_confirmed_is_shown(client: FlaskClient, mails: Mailbag) -> None:
    typed = {"name": "Ada Lovelace", "affiliation": "Analytical Society", "role": "Countess", "country": "IT"}
    link = steps.ask(client, mails, make.email(), **typed, visibility="counted", updates="y")

    page = steps.look(client, link)

    values = page.forms[0].values
    assert {name: values[name] for name in typed} == typed
    assert (values["visibility"], values["updates"]) == ("counted", "y")
    text = make.text()
    for wording in text.declaration.plan.consents.values():
        assert wording["en"] in page.html
    assert text.title in page.html and text.sha256[:8] in page.html


def test_the_owner_corrects_before_confirming(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    link = steps.ask(client, mails, make.email(), name="Ada Lovelac", country="GB", visibility="public")

    steps.confirm(client, link, name="Ada Lovelace", country="FR", visibility="addressee", affiliation="Analysts")

    signature = steps.the_signature()
    assert (signature.name, signature.country) == ("Ada Lovelace", "FR")
    assert (signature.visibility, signature.affiliation) == ("addressee", "Analysts")
    assert steps.counted(app, client) == 1
    mails.take()


def test_a_wrong_correction_is_told_beside_its_field_and_keeps_what_was_typed(
    client: FlaskClient, mails: Mailbag
) -> None:
    link = steps.ask(client, mails, make.email(), name="Ada")

    answer = steps.confirm(client, link, name="http://example.org", affiliation="Analysts")

    assert answer.status_code == 422
    page = steps.Page(answer)
    assert page.title.startswith("Error")
    assert 'id="name-error"' in page.html
    assert page.forms[0].values["name"] == "http://example.org"
    assert page.forms[0].values["affiliation"] == "Analysts"
    assert steps.signatures() == []


def test_a_box_unticked_while_confirming_leaves_no_consent(client: FlaskClient, mails: Mailbag) -> None:
    link = steps.ask(client, mails, make.email(), updates="y")
    values = steps.look(client, link).forms[0].values
    del values["updates"]

    client.post(link, data=values)

    assert [consent.purpose for consent in steps.the_signature().consents] == ["agree"]
    mails.take()


def test_consents_are_recorded_with_wording_language_and_time(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False):
        steps.become_signatory(client, mails, make.email(), updates="y")

    plan = make.text().declaration.plan
    assert [
        (each.purpose, each.wording, each.language, each.given_at, each.withdrawn_at)
        for each in steps.the_signature().consents
    ] == [(purpose, plan.consents[purpose]["en"], "en", NOON, None) for purpose in ("agree", "updates")]


def test_the_wording_that_was_shown_is_recorded_even_if_it_has_changed_since(
    app: Flask, client: FlaskClient, mails: Mailbag, folder: Path
) -> None:
    shown = make.text().declaration.plan.consents["agree"]["en"]
    link = steps.ask(client, mails, make.email())
    plan = folder / "declaration.toml"
    plan.write_text(plan.read_text().replace(shown, "I agree with everything."))
    publishing.publish(folders.read(folder))
    steps.forget_texts(app)

    page = steps.look(client, link)
    assert shown in page.html and "I agree with everything." not in page.html
    steps.confirm(client, link)

    assert [consent.wording for consent in steps.the_signature().consents] == [shown]
    personal = make.link(mails.take_one().message, "signature")
    steps.correct(client, personal, name="Ada King")
    assert [consent.wording for consent in steps.the_signature().consents] == [shown], "nothing new was agreed to"


def test_an_older_link_shows_a_strangers_newer_submission_whole_and_correctable(
    client: FlaskClient, mails: Mailbag
) -> None:
    address = make.email()
    link = steps.ask(client, mails, address, name="Ada Lovelace")
    steps.ask(client, mails, address, name="Mallory", country="FR", affiliation="Nobody", visibility="counted")

    values = steps.look(client, link).forms[0].values
    assert (values["name"], values["country"], values["affiliation"]) == ("Mallory", "FR", "Nobody")
    assert values["visibility"] == "counted"
    typed = {"name": "Ada Lovelace", "country": "GB", "affiliation": "", "visibility": "public"}
    assert steps.confirm(client, link, **typed).status_code == 303

    signature = steps.the_signature()
    assert (signature.name, signature.country, signature.affiliation) == ("Ada Lovelace", "GB", None)
    assert signature.visibility == "public"
    mails.take()


def test_what_was_shown_is_confirmed_although_a_newer_one_arrived(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    address = make.email()
    link = steps.ask(client, mails, address, name="Ada Lovelace")
    shown = steps.look(client, link).forms[0].values
    steps.ask(client, mails, address, name="Mallory", updates="y")

    assert client.post(link, data=shown).status_code == 303

    signature = steps.the_signature()
    assert (signature.name, [consent.purpose for consent in signature.consents]) == ("Ada Lovelace", ["agree"])
    assert [(each.name, each.confirmed_at is not None) for each in steps.submissions()] == [
        ("Ada Lovelace", True),
        ("Mallory", False),
    ]
    assert steps.counted(app, client) == 1
    mails.take()


def test_a_shown_double_click_that_went_meanwhile_leads_back_to_the_one_that_stays(
    client: FlaskClient, mails: Mailbag
) -> None:
    address = make.email()
    link = steps.ask(client, mails, address)
    steps.sign(client, address)
    shown = steps.look(client, link).forms[0].values
    assert mails.take() == [], "the second is the same submission again, and goes"

    answer = client.post(link, data=shown)

    assert (answer.status_code, answer.location) == (303, link)
    assert steps.signatures() == [], "only what was shown is confirmed"
    assert steps.confirm(client, link).status_code == 303
    assert len(steps.signatures()) == 1
    mails.take()


@pytest.mark.parametrize("named", ["", "nothing", "x" * 5000, "é" * 22])
def test_a_submission_that_is_not_there_is_not_confirmed(client: FlaskClient, mails: Mailbag, named: str) -> None:
    link = steps.ask(client, mails, make.email())

    assert steps.confirm(client, link, submission=named).status_code == 303

    assert steps.signatures() == []


def test_one_mailboxs_link_confirms_no_other_mailboxs_submission(client: FlaskClient, mails: Mailbag) -> None:
    mine = steps.ask(client, mails, make.email(), name="Ada")
    theirs = steps.ask(client, mails, make.email(), name="Grace")
    other = steps.look(client, theirs).forms[0].values["submission"]

    steps.confirm(client, mine, submission=other)

    assert steps.signatures() == []


def test_a_second_confirmed_submission_updates_the_one_signature(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    address = make.email()
    first = steps.ask(client, mails, address, name="Ada Lovelace", country="GB")
    second = steps.ask(client, mails, address, name="Ada King", country="IT")
    pages = [steps.look(client, link).forms[0].values for link in (first, second)]
    pages[0]["submission"] = steps.submissions()[0].public_id

    for link, values in zip((first, second), pages, strict=True):
        client.post(link, data=values)
        assert steps.counted(app, client) == 1

    signature = steps.the_signature()
    assert (signature.name, signature.country) == ("Ada King", "IT")
    mails.take()


def test_the_signature_points_at_the_text_that_was_signed(
    app: Flask, client: FlaskClient, mails: Mailbag, folder: Path
) -> None:
    signed = make.text().sha256
    link = steps.ask(client, mails, make.email())
    text = folder / "en.md"
    text.write_text(text.read_text() + "\nA sentence more.\n")
    publishing.publish(folders.read(folder))
    steps.forget_texts(app)
    assert make.text().sha256 != signed

    assert signed[:8] in steps.look(client, link).html
    steps.confirm(client, link)

    assert steps.the_signature().text.sha256 == signed
    mails.take()


def test_a_link_is_good_for_seven_days_to_the_moment(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        link = steps.ask(client, mails, make.email())
        travel.move_to(NOON + WEEK - timedelta(seconds=1))
        shown = steps.look(client, link).forms[0].values
        travel.move_to(NOON + WEEK)
        assert client.get(link).status_code == 410
        assert client.post(link, data=shown).status_code == 410
        assert steps.signatures() == []
        mails.take()


def test_an_expired_link_offers_a_new_one_that_works(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        link = steps.ask(client, mails, address)
        travel.shift(WEEK)
        mails.take()
        expired = client.get(link)
        assert expired.status_code == 410
        (offer,) = steps.Page(expired).forms

        answer = client.post(offer.action)

        assert (answer.status_code, answer.location) == (303, f"/en/{make.SLUG}/check-your-mail")
        mail = mails.take_one()
        assert mail.recipients == (address,)
        renewed = make.link(mail.message, "confirm")
        assert steps.confirm(client, renewed).status_code == 303
        assert len(steps.signatures()) == 1
        mails.take()


def test_an_expired_link_of_a_signatory_says_that_they_have_signed(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        link = steps.ask(client, mails, make.email())
        steps.confirm(client, link)
        mails.take()
        travel.shift(WEEK + timedelta(days=1))
        assert "You have signed" in steps.look(client, link).html
        travel.shift(timedelta(days=23))
        steps.purge()
        assert steps.submissions() == []
        assert "You have signed" in steps.look(client, link).html


def test_what_was_not_confirmed_goes_after_thirty_days(client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        link = steps.ask(client, mails, address)
        travel.move_to(NOON + timedelta(days=30))
        mails.take()
        steps.purge()
        assert len(steps.submissions()) == 1
        assert client.post(f"{link}/resend").status_code == 303
        travel.shift(steps.MOMENT)
        steps.purge()
        assert steps.submissions() == []
        assert mails.take() == []
        travel.shift(WEEK)
        steps.purge()
        assert client.get(link).status_code == 404
        assert client.post(f"{link}/resend").status_code == 404
        assert address.encode() not in steps.stored_bytes()


def test_confirming_works_a_day_longer_than_signing(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    with time_machine.travel(NOON - timedelta(hours=1), tick=False) as travel:
        links = [steps.ask(client, mails, make.email()) for _ in range(2)]
        steps.schedule(app, closes_at=NOON)
        travel.move_to(NOON + timedelta(hours=24) - steps.MOMENT)
        shown = steps.look(client, links[1]).forms[0].values
        assert steps.confirm(client, links[0]).status_code == 303
        assert steps.counted(app, client) == 1

        travel.move_to(NOON + timedelta(hours=24))

        for answer in (client.get(links[1]), client.post(links[1], data=shown)):
            assert answer.status_code == 403
            assert "is closed" in answer.text
        assert steps.counted(app, client) == 1
        mails.take()


def test_an_invalidated_signature_stays_so_when_confirmed_again(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    with time_machine.travel(NOON, tick=False) as travel:
        address = make.email()
        signature = make.signature(address)
        signature.invalidated_at = NOON
        noting.note(_place(signature), -1)
        db.session.commit()
        assert steps.counted(app, client) == 0
        travel.shift(timedelta(hours=1))
        other = make.submission(address, name="Ada King")
        link = make.confirm_link(other)
        assert steps.confirm(client, link).status_code == 303

        again = steps.the_signature()
        assert (again.invalidated_at, again.counted) == (NOON, False)
        assert steps.counted(app, client) == 0
        assert "Ada King" not in steps.look(client, f"/en/{make.SLUG}/signatories").html
        mails.take()


def _place(signature: Signature) -> noting.Place:
    assert signature.confirmed_at is not None
    return noting.Place(signature.declaration_id, signature.confirmed_at, signature.country, signature.source)


def test_only_digests_of_tokens_and_codes_are_stored(client: FlaskClient, mails: Mailbag) -> None:
    steps.sign(client, make.email())
    mail = mails.take_one().message
    links = [make.link(mail, word) for word in ("confirm", "not-me")]
    steps.confirm(client, links[0])
    links.append(make.link(mails.take_one().message, "signature"))

    stored = steps.stored_bytes()
    for link in links:
        token = link.rpartition("/")[2]
        assert len(token) == 43
        assert token.encode() not in stored
    assert make.code(mail).encode() not in stored


def test_a_link_opens_nothing_but_what_it_was_mailed_for(client: FlaskClient, mails: Mailbag) -> None:
    steps.sign(client, make.email())
    mail = mails.take_one().message
    tokens = {word: make.link(mail, word).rpartition("/")[2] for word in ("confirm", "not-me")}
    steps.confirm(client, f"/en/confirm/{tokens['confirm']}")
    tokens["signature"] = make.link(mails.take_one().message, "signature").rpartition("/")[2]
    before = steps.everything()

    for purpose, token in tokens.items():
        for word in set(tokens) - {purpose}:
            assert client.get(f"/en/{word}/{token}").status_code == 404
            for verb in ("", "/withdraw", "/erase", "/lift", "/resend"):
                assert client.post(f"/en/{word}/{token}{verb}").status_code in (404, 405)
        assert client.get(f"/en/signature/{token}/download").status_code == (200 if purpose == "signature" else 404)
    assert steps.everything() == before


@pytest.mark.parametrize(
    "token",
    ["x", "x" * 43, "x" * 5000, "%E2%98%83", "..%2f..%2fetc", "'", "%25", "a b", "-", "0" * 43 + "=", "\u0661" * 43],
)
@pytest.mark.parametrize("word", ["confirm", "not-me", "signature"])
def test_a_made_up_token_opens_nothing(client: FlaskClient, word: str, token: str) -> None:
    for language in ("en", "it", "fr"):
        for verb in ("", "/withdraw", "/erase", "/lift", "/resend", "/download"):
            path = f"/{language}/{word}/{token}{verb}"
            assert client.get(path).status_code in ((404,) if verb in ("", "/download") else (404, 405)), path
            assert client.post(path).status_code in (404, 405), path


@pytest.mark.parametrize("token", ["%00", "%ff", "x%00y", "%c3%28"])
@pytest.mark.parametrize("word", ["confirm", "not-me", "signature"])
def test_a_token_that_is_no_text_is_a_bad_request(client: FlaskClient, word: str, token: str) -> None:
    # As the bytes arrive: a client of Python's would repair them first.
    path = {"PATH_INFO": f"/en/{word}/" + unquote(token, encoding="latin-1")}
    assert client.get("/", environ_overrides=path).status_code == 400
    assert client.post("/", environ_overrides=path).status_code == 400


def test_a_link_works_in_every_language_and_in_none_that_is_not_spoken(client: FlaskClient, mails: Mailbag) -> None:
    link = steps.ask(client, mails, make.email())

    assert steps.look(client, link.replace("/en/", "/it/")).language == "it"
    assert client.get(link.replace("/en/", "/xx/")).status_code == 404


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_another_sites_page_cannot_press_a_mailed_button(client: FlaskClient, mails: Mailbag, site: str) -> None:
    link = steps.ask(client, mails, make.email())
    values = steps.look(client, link).forms[0].values

    assert client.post(link, data=values, headers={"Sec-Fetch-Site": site}).status_code == 403

    assert steps.signatures() == []


# Many at once


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_twenty_posts_and_twenty_confirmations_at_once_make_one_signature(make_app: AppMaker, database: str) -> None:
    app = make_app(database)
    address = make.email()
    with app.app_context():
        same = make.form(email=address)
        others = [make.form(email=address, name=f"Ada {letter}") for letter in "BCDE"]

    assert _post_at_once(app, [(make.SIGN, same)] * 20) == [303] * 20
    steps.send_all(app)
    assert len(_mails(app)) == 1, "identical posts are one submission"
    assert _post_at_once(app, [(make.SIGN, form) for form in others for _ in range(5)]) == [303] * 20
    steps.send_all(app)
    letters = _mails(app)
    assert len(letters) == 5, "one for each submission"

    confirmations = []
    with app.app_context():
        for letter, submission in zip(letters, db.session.scalars(select(Submission)), strict=True):
            values = {"submission": submission.public_id, "country": "IT", "visibility": "public"}
            confirmations += [(make.link(letter, "confirm"), {**values, "name": submission.name})] * 4
    assert _post_at_once(app, confirmations) == [303] * 20

    make.move_tally(app)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Signature)) == 1
        assert db.session.scalar(select(func.count()).select_from(Consent)) == 1
        tally = noting.find(steps.declaration().id)
        assert tally is not None and tally.count == 1
        assert db.session.scalar(select(func.count()).where(Mail.kind == "signed")) == 5
    with app.app_context():
        recount = recounting.recount(repair=False)
        assert (recount.counted, recount.exact) == (1, True)
    if database == "sqlite":
        for file in glob.glob(app.extensions["petition.settings"].database.removeprefix("sqlite:///") + "*"):
            assert address.encode() not in Path(file).read_bytes()


def _post_at_once(app: Flask, posts: list[tuple[str, dict[str, str]]]) -> list[int]:
    def post(number: int) -> int:
        path, data = posts[number]
        return browser(app, f"192.0.2.{number + 1}").post(path, data=data).status_code

    with ThreadPoolExecutor(len(posts)) as threads:
        return list(threads.map(post, range(len(posts))))


def _mails(app: Flask) -> list[EmailMessage]:
    files = sorted((app.extensions["petition.settings"].instance_dir / "mail").glob("*.eml"))
    parser = BytesParser(EmailMessage, policy=policy.default)
    return [parser.parsebytes(file.read_bytes()) for file in files]


def test_answers_that_are_not_asked_for_are_no_value_at_all(app: Flask) -> None:
    make.signature()

    for table in (Signature, Submission):
        assert db.session.scalar(select(func.count()).where(table.answers.is_(null()))) == 1


def test_whoever_has_signed_is_offered_to_pass_it_on_without_the_token(
    app: Flask, client: FlaskClient, mails: Mailbag
) -> None:
    link = steps.ask(client, mails, make.email(), updates="y").replace("/en/", "/it/")
    token = link.rpartition("/")[2]
    assert "share-links" not in client.get(link).text, "not before it is confirmed"
    steps.confirm(client, link)
    answer = client.get(link)

    assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Referrer-Policy"] == "same-origin"
    sharing = answer.text[answer.text.index('aria-labelledby="share"') :].partition("</section>")[0]
    assert token not in sharing and "/confirm/" not in sharing
    assert f'dir="ltr">http://localhost:8000/it/{make.SLUG}</code>' in sharing
    assert f'src="/it/{make.SLUG}/qr.svg"' in sharing
    mails.take_one()


@pytest.mark.parametrize("column", ["withdrawn_at", "held_at", "invalidated_at"])
def test_only_whose_signature_counts_is_asked_to_pass_it_on(
    app: Flask, client: FlaskClient, mails: Mailbag, column: str
) -> None:
    link = steps.ask(client, mails, make.email())
    steps.confirm(client, link)
    setattr(steps.the_signature(), column, clock.now())
    db.session.commit()
    answer = client.get(link)
    assert answer.status_code == 200 and "share-links" not in answer.text
    assert ("it names no contact" in answer.text) == (column == "invalidated_at")
    mails.take()


def test_confirming_needs_no_second_connection_while_it_holds_one(make_app: AppMaker) -> None:
    app = make_app("postgresql", pool_size=1)
    with app.app_context():
        made = make.submission()
        link = f"/en/confirm/{Mailbox(steps.declaration(), made.mailbox).mint(Purpose.CONFIRM)}"
        shown = {**vars(Statement.of(made)), "submission": made.public_id}
        db.session.commit()
    reading_anew = app.extensions["petition.known_texts"]
    client = browser(app)
    for method, data, status in (("GET", {}, 200), ("POST", shown, 303), ("GET", {}, 200)):
        reading_anew.clear()
        posted = {name: value for name, value in data.items() if value is not None}
        assert client.open(link, method=method, data=posted).status_code == status
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Signature)) == 1


def test_a_submission_that_went_while_its_owner_looked_is_told_to_be_gone(make_app: AppMaker) -> None:
    app = make_app("postgresql")
    with app.app_context():
        made = make.submission()
        mailbox, submission_id = Mailbox(steps.declaration(), made.mailbox), made.id
        statement = Statement.of(made)
        db.session.commit()
        assert made.public_id
        with db.engine.begin() as another:
            another.execute(delete(Submission).where(Submission.id == submission_id))
        with pytest.raises(LinkUnknown):
            confirming.confirm(mailbox, made, statement, consents=())
        assert db.session.scalar(select(func.count()).select_from(Signature)) == 0
