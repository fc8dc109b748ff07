"""Taking up an account: the invitation, then the second factor."""

from flask import render_template
from flask.typing import ResponseReturnValue

from petition.accounts import sign_in_views

views = sign_in_views.views


@views.get("/set-up")
def set_up() -> ResponseReturnValue:
    return render_template("accounts/again.html")
