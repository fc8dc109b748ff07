"""A person's own account: name, language, password, second factors, open sessions."""

from flask import render_template
from flask.typing import ResponseReturnValue

from petition.accounts import sign_in_views
from petition.accounts.guarding import staff

views = sign_in_views.views


@views.get("/account")
@staff(None)
def account() -> ResponseReturnValue:
    return render_template("accounts/account.html")
