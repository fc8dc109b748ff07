"""Every page of the console in its usual states, for whoever looks at pages; a page that is not here fails a test."""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.accounts.steps import hidden
from tests.quality.office import BELOW, Desk
from tests.quality.pages import Shown, State
from tests.quality.site import CLOSED, EMPTY, Site
from tests.running import Answer
from tests.staff import PASSWORD

SIGNATURES = f"{BELOW}/signatures"
CARRYING = "/console/carrying/{partner}"
IMPORT = {"column-name": "Name", "column-country": "Country", "language": "en", "signed_on": "2026-03-04"}
PAPER = {"name": "Ada", "country": "GB", "visibility": "addressee", "signed_on": "2026-03-04", "language": "en"}
ORDER = {"reader": "addressee"}
Show = Callable[[Desk], TestResponse]


def see(site: Site, desk: Desk, state: State, language: str) -> Shown:
    """Raises AssertionError when the page is not the one that is meant."""
    answer = SHOWS[state.name](desk)
    assert answer.status_code == state.status, f"{state.name} in {language}: {answer.status}"
    assert f'<html lang="{language}"' in answer.text, state.name
    return Shown(
        state,
        language,
        site.served.url + state.path.format(**desk.ids),
        Answer(answer.status_code, dict(answer.headers), answer.data),
    )


SHOWS: dict[str, Show] = {}
STATES: list[State] = []


def _add(name: str, path: str, show: Show, status: int = 200, *, usual: bool = False) -> None:
    SHOWS[name] = show
    STATES.append(State(name, _by_desk, path, status, usual))


def _by_desk(site: Site, language: str) -> Answer:
    raise NotImplementedError("the console's pages are seen from a desk")


def _at(name: str, path: str, status: int = 200) -> None:
    _add(name, path, lambda desk: desk.get(path), status, usual=True)


def _posted(state: str, at: str, expected: int = 422, /, **fields: Any) -> None:
    _add(state, at, lambda desk: desk.post(at, **fields), expected)


def _from_outside(name: str, path: str, who: Callable[[Desk], FlaskClient], status: int = 200) -> None:
    _add(name, path, lambda desk: who(desk).get(path.format(**desk.ids)), status, usual=True)


def _second(desk: Desk, path: str, **fields: str) -> TestResponse:
    client = desk.half_in if path.endswith("second") else desk.unequipped
    page = client.get(path)
    return client.post(path, data={"csrf_token": hidden(page, "csrf_token"), **fields})


# The ways in

_from_outside("sign-in", "/console/sign-in", lambda desk: desk.visitor)
_add("sign-in-errors", "/console/sign-in", lambda desk: desk.visitor.post("/console/sign-in", data={"email": "x"}), 422)
_from_outside("second", "/console/sign-in/second", lambda desk: desk.half_in)
_add(
    "second-wrong",
    "/console/sign-in/second",
    lambda desk: _second(desk, "/console/sign-in/second", code="000000"),
    403,
)
_from_outside("set-up", "/console/set-up", lambda desk: desk.unequipped)
_add("set-up-wrong", "/console/set-up", lambda desk: _second(desk, "/console/set-up", code="000000"), 422)
_from_outside("invitation", "{invitation}", lambda desk: desk.visitor)
_add("invitation-errors", "{invitation}", lambda desk: desk.visitor.post(desk.ids["invitation"], data={}), 422)
_from_outside("invitation-unknown", "/console/invitation/x", lambda desk: desk.visitor, 404)
_add(
    "prove-again",
    f"{SIGNATURES}/{{held}}/erase",
    lambda desk: desk.tired.post(
        f"{SIGNATURES}/{desk.ids['held']}/erase", data={"csrf_token": desk.tired.csrf, "erase-reason": "Asked."}
    ),
    403,
)
_add(
    "send-again",
    f"{SIGNATURES}/paper",
    lambda desk: desk.at_work.post(f"{SIGNATURES}/paper", data={"name": "Ada"}),
    403,
)

# One's own account, other people, the trail, the mails

_at("account", "/console/account")
_posted("account-errors", "/console/account", name="=1")
_posted("password-errors", "/console/account/password", password=PASSWORD, new_password="short")
_at("authenticator", "/console/account/authenticator")
_at("passkeys", "/console/account/passkeys")
_at("people", "/console/people")
_posted("people-errors", "/console/people", email="x")
_at("person", "/console/people/{person}")
_at("person-disabled", "/console/people/{gone}")
_posted("person-errors", "/console/people/{person}/roles")
_at("trail", "/console/trail")
_at("trail-of-nothing", "/console/trail?act=signature.erased&since=2020-01-01&until=2020-01-02")
_at("mails", "/console/mails")

# Declarations

_at("home", f"{BELOW}/")
_at("home-closed", f"/console/declarations/{CLOSED}/")
_at("home-new", f"/console/declarations/{EMPTY}/")
_at("new", "/console/declarations/new")
_posted("new-errors", "/console/declarations/new", slug="embed")
_at("texts", f"{BELOW}/texts")
_at("text", f"{BELOW}/texts/en")
_posted("text-preview", f"{BELOW}/texts/it", 200, title="Titolo", body="# A\n\nB", do="preview")
_posted("text-conflict", f"{BELOW}/texts/it", 409, title="Titolo", body="# A\n\nB")
_at("versions", f"{BELOW}/texts/en/versions")
_at("frame", f"{BELOW}/frame")
_posted("frame-errors", f"{BELOW}/frame", opens_at="soon")
_at("drafts", f"{BELOW}/publish")
_posted("drafts-nothing", f"{BELOW}/publish")
_at("state", f"{BELOW}/state")
_posted(
    "state-errors", f"{BELOW}/state", do="schedule", opens_at="2026-05-01T00:00:00", closes_at="2026-04-01T00:00:00"
)

# Signatures and paper

_at("found", SIGNATURES)
_at("found-none", f"{SIGNATURES}?name=zzz&state=held")
_at("found-errors", f"{SIGNATURES}?country=XX&since=soon", 422)
_posted("found-by-address", f"{SIGNATURES}/by-address", 200, email="ada@example.org")
for _word in ("held", "approved", "invalidated", "reinstated", "withdrawn"):
    _at(f"signature-{_word}", f"{SIGNATURES}/{{{_word}}}")
_posted("signature-errors", f"{SIGNATURES}/{{held}}/decide", verdict="approved", reason="")
_posted("signature-address", f"{SIGNATURES}/{{held}}/address", 200)
_at("submission", f"{BELOW}/submissions/{{submission}}")
_at("paper", f"{SIGNATURES}/paper")
_posted("paper-errors", f"{SIGNATURES}/paper", name="=1", email="x", signed_on="soon")
_posted("paper-perhaps", f"{SIGNATURES}/paper", 409, **{**PAPER, "name": "Ada Lovelace"})
_at("upload", f"{SIGNATURES}/import")
_posted("upload-refused", f"{SIGNATURES}/import")
_at("columns", "{table}")
_posted("columns-errors", "{table}", **{**IMPORT, "column-name": "", "signed_on": "soon"})
_posted("tried", "{table}", 200, **IMPORT)
_posted("imported", "{table}/enter", 200, **IMPORT)
_at("upload-gone", "{table}", 404)

# Deciding

_at("held", f"{BELOW}/held")
_posted("held-errors", f"{BELOW}/held", verdict="approved", reason="")
_at("decided", f"{BELOW}/held/decided?verdict=approved&id={{approved}}&id={{held}}")
_at("organisations", f"{BELOW}/organisations")
_posted("organisations-errors", f"{BELOW}/organisations", verdict="declined", reason="")

# Handing over

_at("deliveries", f"{BELOW}/deliveries")
_at("deliveries-none", f"/console/declarations/{EMPTY}/deliveries")
_at("order", f"{BELOW}/deliveries/new")
_at("order-press", f"{BELOW}/deliveries/new?reader=press")
_posted("order-errors", f"{BELOW}/deliveries/preview", **ORDER, with_addresses="y")
_posted("delivery-gone", f"{BELOW}/deliveries/{{removed}}/download", 410)
_posted("delivery-elsewhere", f"{BELOW}/deliveries/{{ready}}/download", 404)
_at("readers", f"{BELOW}/deliveries/readers")
_posted("readers-errors", f"{BELOW}/deliveries/readers/press", **{"press-age_key": "x"})
_at("handover", f"{BELOW}/deliveries/handovers/new")
_posted("handover-errors", f"{BELOW}/deliveries/handovers")
_at("updates", f"{BELOW}/updates")
_posted("updates-errors", f"{BELOW}/updates")
_at("preview", f"{BELOW}/deliveries/previews/{{preview}}")

# Partners

_at("partners", "/console/partners")
_at("partner-new", "/console/partners/new")
_posted("partner-errors", "/console/partners/new", slug="=")
_at("partner", "/console/partners/{partner}")
_at("carried", "/console/carrying")
_at("carrying", CARRYING)
_at("carrying-people", f"{CARRYING}/people")
_at("carrying-form", f"{CARRYING}/form")

# Other machines

_at("webhooks", f"{BELOW}/webhooks")
_posted("webhooks-errors", f"{BELOW}/webhooks", url="http://127.0.0.1/")
_at("webhook", f"{BELOW}/webhooks/{{webhook}}")
_at("carrying-webhooks", f"{CARRYING}/webhooks")
_posted("carrying-webhooks-errors", f"{CARRYING}/webhooks", url="http://127.0.0.1/", declaration="no-such")
_at("carrying-webhook", f"{CARRYING}/webhooks/{{partners_webhook}}")
_posted("carrying-webhook-secret", f"{CARRYING}/webhooks/{{partners_webhook}}/secret", 200)

LOOKED_AT = [state for state in STATES if state.usual]
"""Those that have an address of their own."""
