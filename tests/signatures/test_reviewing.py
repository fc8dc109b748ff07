"""What is printed once and filled in is, for everybody, what would have been rendered for them alone."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition.signatures import reviewing
from petition.signatures.forms import CorrectForm
from petition.signatures.models import Submission
from petition.signatures.statements import Statement
from tests import make
from tests.conftest import Mailbag

STATED: list[dict[str, str | None]] = [
    {},
    {"name": "O’Neill & “Söhne”", "affiliation": 'A "quoted" house', "role": "x" * 100},
    {"name": "a' onfocus=alert(1) b", "affiliation": "&lt;b&gt; & co", "role": None},
    {"name": "عائشة", "country": "EG", "visibility": "addressee", "affiliation": None},
    {"name": "countries", "country": "IT", "visibility": "counted"},
]


def _rendered_alone(submission: Submission, language: str) -> str:
    purposes = {given["purpose"] for given in submission.consents}
    values = vars(Statement.of(submission))
    form = CorrectForm.make(
        submission.text.declaration.plan, language, formdata=None, updates="updates" in purposes, **values
    )
    return reviewing.review(submission, form)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("consents", [(), ("updates",)])
def test_the_page_to_confirm_shows_each_their_own(app: Flask, language: str, consents: tuple[str, ...]) -> None:
    for stated in STATED:
        submission = make.submission(language=language, consents=consents, **stated)
        path = make.confirm_link(submission).replace("/en/", f"/{language}/")
        with app.test_request_context(path):
            app.preprocess_request()
            printed = reviewing.first_review(submission, language, token=path.rpartition("/")[2])
            assert printed == _rendered_alone(submission, language)


def test_a_mail_holds_nothing_of_the_one_before(client: FlaskClient, mails: Mailbag) -> None:
    seen = set()
    for name in ("Ada Lovelace", "A < B & C", "Ada Lovelace"):
        client.post(make.SIGN, data=make.form(name=name))
        mail = mails.take_one().message
        seen |= {make.link(mail, "confirm"), make.link(mail, "not-me"), make.code(mail)}
        client.post(make.link(mail, "confirm"), data=_shown(client, make.link(mail, "confirm"), name))
        thanks = mails.take_one().message
        seen.add(make.link(thanks, "signature"))
        html, plain = thanks.get_body(("html",)), thanks.get_body(("plain",))
        assert html is not None and plain is not None
        assert f"Thank you, {name}." in plain.get_content()
        assert f"Thank you, <bdi>{name.replace('&', '&amp;').replace('<', '&lt;')}</bdi>." in html.get_content()
    assert len(seen) == 12, "every link and every code is each one's own"


def _shown(client: FlaskClient, path: str, name: str) -> dict[str, str]:
    page = client.get(path).text
    submission = page.split('name="submission" value="')[1].split('"')[0]
    wording = page.split('name="wording" value="')[1].split('"')[0]
    return {"name": name, "country": "GB", "visibility": "public", "submission": submission, "wording": wording}
