"""Signing: from the form to the mail, without telling anyone who has signed."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from petition.extensions import db
from petition.signatures.models import Signature, Submission
from tests import make
from tests.conftest import Mailbag


def test_signing_confirms_by_the_mailed_link_and_counts(app: Flask, client: FlaskClient, mails: Mailbag) -> None:
    address = make.email()

    answer = client.post(make.SIGN, data=make.form(email=address, name="Grace Hopper"))

    assert (answer.status_code, answer.location) == (303, f"/en/{make.SLUG}/check-your-mail")
    confirm = make.link(mails.take_one().message, "confirm")
    shown = client.get(confirm)
    assert b"Grace Hopper" in shown.data
    assert db.session.scalar(select(func.count()).select_from(Signature)) == 0, "a GET changes nothing"
    submission = db.session.scalars(select(Submission)).one()
    confirmed = client.post(confirm, data=make.form(submission=submission.public_id, name="Grace Hopper"))
    assert (confirmed.status_code, confirmed.location) == (303, confirm)
    assert "Your signature is confirmed" in mails.take_one().message["Subject"]
    make.move_tally(app)
    count = client.get(f"/api/v1/declarations/{make.SLUG}/count").get_json()
    assert count["count"] == 1
