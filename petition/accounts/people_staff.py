"""The people who sign in, as operators and organisers see them: invited, given roles, disabled."""

from flask import Blueprint

from petition.accounts.cookies import CONSOLE

views = Blueprint("accounts_staff", __name__, url_prefix=CONSOLE)
