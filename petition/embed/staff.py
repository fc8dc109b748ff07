"""The snippets in the console, for a partner's people and for organisers."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from petition.accounts import guarding
from petition.accounts.duties import Duty
from petition.embed import partner_views
from petition.partners import present

views = Blueprint("embed_staff", __name__, url_prefix="/console/carrying")


@views.get("/<partner>/form")
@guarding.staff(Duty.CARRYING)
def show(partner: str) -> ResponseReturnValue:
    return partner_views.page("embed/placing.html", present.get(partner))
