"""Every public page in every state: its name, and how a reader comes to see it."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from petition.languages import CODES
from tests import make
from tests.quality.site import CLOSED, EMPTY, PARTNER, PAUSED, UPCOMING, Site
from tests.running import ORDEAL, Answer, field

LANGUAGES = tuple(CODES)
SOME = ("en", "ar", "zh")
"""A language of each kind: of Latin letters, from right to left, without spaces."""
STAFF_LANGUAGES = LANGUAGES if os.environ.get(ORDEAL) == "full" else ("en", "ar")
"""Those in which the console is looked at."""
LIST = f"/{make.SLUG}/signatories"
FRAME = f"/embed/{make.SLUG}?partner={PARTNER}&lang={{language}}"


@dataclass(frozen=True)
class State:
    """A page in a state. ``usual`` is the state in which most readers meet a page that has an address of its own."""

    name: str
    show: Callable[[Site, str], Answer]
    path: str
    status: int = 200
    usual: bool = False


@dataclass(frozen=True)
class Shown:
    """What a reader of this language was shown."""

    state: State
    language: str
    url: str
    answer: Answer

    @property
    def name(self) -> str:
        return f"{self.state.name}.{self.language}"


def see(site: Site, state: State, language: str) -> Shown:
    """Raises AssertionError when the page is not the one that is meant."""
    answer = state.show(site, language)
    assert answer.status == state.status, f"{state.name} in {language}: {answer.status}"
    path = site.links.get(state.path, state.path)
    address = path.format(language=language) if "{language}" in path else f"/{language}{path}"
    return Shown(state, language, site.served.url + address, answer)


def _at(name: str, path: str, status: int = 200, *, usual: bool = False) -> State:
    return State(name, lambda site, language: site.get(language, path), path, status, usual)


def _linked(name: str, link: str, status: int = 200, more: str = "", *, usual: bool = False) -> State:
    return State(name, lambda site, language: site.get(language, site.links[link] + more), link, status, usual)


def _posted(name: str, path: str, fields: Mapping[str, str], status: int = 422) -> State:
    return State(name, lambda site, language: site.post(language, path, fields), path, status)


def _failed(name: str, show: Callable[[Site, str], Answer], status: int) -> State:
    return State(name, show, f"/{make.SLUG}", status)


def _framed(name: str, path: str, status: int = 200, *, usual: bool = False) -> State:
    """A page whose address names its language otherwise."""
    return State(name, lambda site, language: site.served.get(path.format(language=language)), path, status, usual)


def _frame_with_errors(site: Site, language: str) -> Answer:
    path = FRAME.format(language=language)
    fields = {"name": "Ada https://example.org", "email": "ada@", "ticket": field(site.served.get(path), "ticket")}
    return site.served.post(path, fields)


def _frame_in_a_sandbox(site: Site, language: str) -> Answer:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "cross-site", "Origin": "null"}
    return site.served.ask("POST", FRAME.format(language=language), headers=headers, body=b"")


def _sign_with_errors(site: Site, language: str) -> Answer:
    fields = {"name": "Ada https://example.org", "email": "ada@", "ticket": site.ticket(language)}
    return site.post(language, f"/{make.SLUG}/sign", fields)


def _endorse_with_errors(site: Site, language: str) -> Answer:
    fields = {"organisation": "", "site": "nowhere", "email": "ada@", "ticket": site.endorse_ticket(language)}
    return site.post(language, f"/{make.SLUG}/endorse", fields)


def _confirm_with_errors(site: Site, language: str) -> Answer:
    link = site.links["confirm"]
    shown = field(site.get(language, link), "submission")
    return site.post(language, link, {"name": "", "country": "", "submission": shown})


def _api(site: Site, language: str) -> Answer:
    """Its address names no language."""
    return site.served.get("/api/v1/", **{"Accept-Language": language})


def _erase(room: str) -> Callable[[Site, str], Answer]:
    return lambda site, language: site.post(language, site.links[f"erase-{room}-{language}"] + "/erase", {})


_CODE = {"email": "ada@example.org", "code": "0000 0000"}

STATES = (
    _at("declaration", f"/{make.SLUG}", usual=True),
    _at("declaration-not-yet-open", f"/{UPCOMING}"),
    _at("declaration-paused", f"/{PAUSED}"),
    _at("declaration-closed", f"/{CLOSED}"),
    _at("declaration-new", f"/{EMPTY}"),
    _at("sign", f"/{make.SLUG}/sign", usual=True),
    State("sign-errors", _sign_with_errors, f"/{make.SLUG}/sign", 422),
    _at("declaration-carried", f"/{make.SLUG}?partner=byron&source=news"),
    _at("sign-carried", f"/{make.SLUG}/sign?partner=byron&source=news"),
    _at("sign-closed", f"/{CLOSED}/sign", 403),
    _at("check-your-mail", f"/{make.SLUG}/check-your-mail", usual=True),
    _at("code", "/confirm", usual=True),
    _posted("code-errors", "/confirm", {"email": "ada@", "code": ""}),
    _posted("code-refused", "/confirm", _CODE),
    _linked("confirm", "confirm", usual=True),
    State("confirm-errors", _confirm_with_errors, "confirm", 422),
    _linked("confirmed", "confirmed", usual=True),
    _linked("link-expired", "expired", 410),
    _linked("link-unknown", "unknown", 404),
    _linked("not-me", "not-me", usual=True),
    _linked("not-me-blocked", "blocked"),
    _linked("signature", "signature", usual=True),
    _linked("signature-saved", "signature", more="?saved=1"),
    _linked("signature-corrected", "corrected"),
    _linked("signature-withdrawn", "withdrawn"),
    State("signature-erased", _erase("signature"), "signature"),
    _at("ask", "/signature", usual=True),
    _posted("ask-errors", "/signature", {"email": "ada@"}),
    _at("asked", "/signature/sent", usual=True),
    _linked("unsubscribe", "unsubscribe", usual=True),
    _linked("unsubscribed", "unsubscribed"),
    _at("signatories", LIST, usual=True),
    _at("signatories-of-a-country", f"{LIST}?country=IT&kind=people"),
    _at("signatories-found-none", f"{LIST}?name=Zz%D8%B9"),
    _at("signatories-unknown-country", f"{LIST}?country=XX", 404),
    _at("signatories-empty", f"/{UPCOMING}/signatories"),
    _at("signatories-founding", f"/{EMPTY}/signatories"),
    _at("numbers", f"/{make.SLUG}/numbers", usual=True),
    _at("numbers-empty", f"/{EMPTY}/numbers"),
    _at("handovers", f"/{make.SLUG}/deliveries"),
    _at("numbers-unknown", f"/{make.SLUG}/numbers.csv?by=colour", 404),
    _at("endorse", f"/{make.SLUG}/endorse", usual=True),
    State("endorse-errors", _endorse_with_errors, f"/{make.SLUG}/endorse", 422),
    _at("endorse-check-your-mail", f"/{make.SLUG}/endorse/check-your-mail", usual=True),
    _linked("endorsement-confirm", "endorsement-confirm", usual=True),
    _linked("endorsement-confirmed", "endorsement-confirmed"),
    _linked("endorsement-held", "endorsement-held"),
    _linked("endorsement-approved", "endorsement-approved", usual=True),
    _linked("endorsement-withdrawn", "endorsement-withdrawn"),
    _linked("endorsement-not-me", "endorsement-not-me", usual=True),
    _linked("endorsement-not-me-blocked", "endorsement-blocked"),
    _linked("endorsement-unknown", "endorsement-unknown", 404),
    State("endorsement-erased", _erase("endorsement"), "endorsement-held"),
    _at("endorsements", f"/{make.SLUG}/endorsements", usual=True),
    _at("endorsements-empty", f"/{EMPTY}/endorsements"),
    _framed("frame", FRAME, usual=True),
    State("frame-errors", _frame_with_errors, FRAME, 422),
    State("frame-in-a-sandbox", _frame_in_a_sandbox, FRAME, 403),
    _framed("frame-closed", FRAME.replace(make.SLUG, CLOSED)),
    _framed("frame-check-your-mail", f"/embed/{make.SLUG}/check-your-mail?partner={PARTNER}&lang={{language}}"),
    _framed("frame-not-carried", f"/embed/{make.SLUG}?partner=nobody&lang={{language}}", 404),
    _framed("card", f"/embed/{make.SLUG}/card?lang={{language}}", usual=True),
    _framed("partner", f"/partners/{PARTNER}?lang={{language}}", usual=True),
    _at("privacy", "/privacy", usual=True),
    _at("accessibility", "/accessibility", usual=True),
    State("api", _api, "/api"),
    _at("not-found", "/nowhere", 404, usual=True),
    _at("not-found-below", f"/{make.SLUG}/nowhere", 404),
    _failed("too-many", Site.over_the_limit, 429),
    _failed("server-error", Site.broken, 500),
    _failed("database-away", Site.without_database, 503),
)
