"""An application with staff pages of the tests' own, on a database of its own."""

from collections.abc import Iterator

import pytest
from flask import Blueprint, Flask, jsonify, render_template_string, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from petition import application
from petition.accounts import guarding, navigation
from petition.accounts.duties import Duty
from petition.accounts.guarding import staff, write_limit
from petition.accounts.navigation import Item
from petition.extensions import db
from tests.standing import AppMaker, app_templates, make_app

__all__ = ["app_templates", "make_app"]

PAGE = '{% extends "staff.html" %}{% block title %}Tried{% endblock %}{% block main %}<h1>Tried</h1>{% endblock %}'


def _views() -> Blueprint:
    views = Blueprint("tried", __name__, url_prefix="/console/tried")

    @views.get("/<slug>/texts")
    @staff(Duty.TEXTS)
    def texts(slug: str) -> ResponseReturnValue:
        return render_template_string(PAGE, declaration={"slug": slug})

    @views.get("/<slug>/signatures")
    @staff(Duty.SIGNATURES)
    def signatures(slug: str) -> ResponseReturnValue:
        return render_template_string(PAGE, declaration={"slug": slug})

    @views.get("/anywhere")
    @staff(Duty.DELIVERIES)
    def anywhere() -> ResponseReturnValue:
        scopes = guarding.scopes(Duty.DELIVERIES)
        return jsonify(None if scopes is None else sorted(scopes))

    @views.get("/<slug>/grave")
    @staff(Duty.TEXTS, fresh=True)
    def grave(slug: str) -> ResponseReturnValue:
        return "opened"

    @views.post("/<slug>/act")
    @write_limit
    @staff(Duty.TEXTS, fresh=True)
    def act(slug: str) -> ResponseReturnValue:
        db.session.commit()
        return jsonify(list(request.form.items(multi=True)))

    return views


# Made once: the limiter would count a view's posts as often as it was made.
VIEWS = _views()


@pytest.fixture(params=["sqlite", "postgresql"])
def tried(request: pytest.FixtureRequest, make_app: AppMaker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setattr(application, "ROOMS", (*application.ROOMS, lambda app: app.register_blueprint(VIEWS)))
    app = make_app(request.param)
    navigation.register(app, Item("tried.texts", lazy_gettext("Texts"), Duty.TEXTS, place=100, scoped=True))
    navigation.register(
        app, Item("tried.signatures", lazy_gettext("Signatures"), Duty.SIGNATURES, place=110, scoped=True)
    )
    navigation.register(app, Item("tried.anywhere", lazy_gettext("Deliveries"), Duty.DELIVERIES, place=120))
    with app.app_context():
        yield app
