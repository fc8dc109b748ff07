"""The page on which somebody who has lost the link to their signature asks for a new one."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from petition.defence.limits import limit_posts
from petition.signatures import asking
from petition.signatures.forms import AskForm
from petition.signatures.mailed_pages import page
from petition.signatures.mailed_views import views
from petition.storing import store

__all__ = ["views"]


@views.get("/<language:language>/signature")
def ask(language: str) -> ResponseReturnValue:
    """Where an address is typed; mailed links lead to what it has here."""
    return page("signatures/ask.html", form=AskForm(formdata=None))


@views.post("/<language:language>/signature")
@limit_posts
def do_ask(language: str) -> ResponseReturnValue:
    """Answers alike, after the same work, whoever's address it is.

    With ``switch`` the form only comes back in this language, as it was typed.
    """
    form = AskForm()
    if "switch" in request.form:
        return page("signatures/ask.html", form=form)
    if not form.validate():
        return page("signatures/ask.html", status=422, form=form)
    store(asking.ask(form.address, language=language))
    return redirect(url_for("mailed.asked", language=language), code=303)


@views.get("/<language:language>/signature/sent")
def asked(language: str) -> ResponseReturnValue:
    """What everyone sees after asking, whoever they are."""
    return page("signatures/asked.html")
