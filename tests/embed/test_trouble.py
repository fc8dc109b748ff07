"""A frame while the database is away: its partner still sees it, and everything typed is kept."""

from petition.defence.requests import MAX_BODY_BYTES, TOO_SLOW
from petition.extensions import writing
from tests import make
from tests.conftest import browser
from tests.embed.test_frame import FRAME, ancestors, field, is_for_byron
from tests.standing import AppMaker, app_templates, make_app

__all__ = ["app_templates", "make_app"]


def test_a_database_that_is_away_is_told_inside_the_frame(make_app: AppMaker) -> None:
    app = make_app("postgresql")
    with app.app_context(), writing():
        make.partner("byron", origins=("https://www.example.org",))
    client = browser(app)
    with app.app_context():
        form = make.form(ticket=field(client.get(FRAME).text, "ticket"))
    app.extensions["petition.shelf"].clear()
    app.extensions["petition.known_partners"].clear()
    with make_app.templates.closed(make_app.urls[-1]):
        away = client.post(f"{FRAME}&source=a", data=form)
        forged = client.post(FRAME, data={**form, "ticket": "forged"})
        lost = client.get(FRAME)
        slow = client.post(FRAME, environ_overrides={TOO_SLOW: True})
        large = client.post(FRAME, data={"ticket": form["ticket"], "name": "a" * MAX_BODY_BYTES})
    assert (slow.status_code, large.status_code) == (408, 413)
    assert ancestors(slow) == ancestors(large) == "'none'", "what did not come, or is not read, tells nothing"
    assert away.status_code == forged.status_code == lost.status_code == 503
    assert away.headers["Retry-After"] == "5" and is_for_byron(away)
    assert 'name="email" value="' in away.text and "source=a" in away.text
    assert ancestors(forged) == ancestors(lost) == "'none'", "nobody knows whose it would be"
    assert client.post(FRAME, data=form).status_code == 303
