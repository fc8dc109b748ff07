"""Garbage by the thousand, at every route, on both databases: never a server error."""

from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule

from petition.defence.limits import limiter
from petition.endorsements import sites
from petition.endorsements.mailboxes import Mailbox as EndorsementMailbox
from petition.endorsements.models import Purpose as EndorsementPurpose
from petition.endorsements.sites import SiteRefused
from petition.extensions import db
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Purpose
from tests import make
from tests.conftest import Mailbag, browser
from tests.running import rounds

pytestmark = [pytest.mark.ordeal, pytest.mark.slow]

EXAMPLES = rounds(2000)
FIELDS = (
    "name email country affiliation role comment sector visibility agree updates ticket submission code after saved"
    " organisation site person"
).split()
STRANGE = [
    "",
    "\0",
    "%00",
    "‮abc",
    "a" * 5_000,
    "9" * 300,
    "-1",
    "1e999",
    "=1+1",
    "＝1+1",
    "\r\nBcc: a@example.org",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "../../etc/passwd",
    "\ud7ff\ue000\uffff",
    "Z̸̢̛͓a̷l̶g̷o̵" * 20,
    "👩‍👩‍👧‍👦",
    "ab@" + "ü" * 70 + ".example",
    "a@xn--a.example",
    "a@[127.0.0.1]",
    '"a b"@example.org',
    "public",
    "GB",
    "y",
    "en",
    make.SLUG,
]
garbage = st.one_of(
    st.sampled_from(STRANGE), st.text(max_size=60), st.binary(max_size=40).map(lambda raw: raw.decode("latin-1"))
)
header_value = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=80)
HEADERS = (
    "Accept Accept-Encoding Accept-Language Content-Type Cookie Host If-Match If-Modified-Since If-None-Match If-Range"
    " Origin Range Referer Sec-Fetch-Site User-Agent X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto"
).split()
methods = st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
posted = st.dictionaries(st.sampled_from(FIELDS), garbage, max_size=len(FIELDS))
sent_headers = st.dictionaries(st.sampled_from(HEADERS), header_value, max_size=4)
# The app lives through all examples of one test: what they store is rolled back at its end.
fuzz = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=False,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture
def known(app: Flask) -> dict[str, list[str]]:
    """Values of each part of a path that lead somewhere."""
    tokens = [_token(purpose) for purpose in Purpose for _ in range(3)]
    tokens += [_endorsement_token(purpose) for purpose in EndorsementPurpose for _ in range(3)]
    return {"language": ["en", "it"], "slug": [make.SLUG], "token": tokens, "filename": ["site.css"]}


@fuzz
@given(data=st.data())
def test_garbage_in_paths_forms_and_headers_is_never_a_server_error(
    app: Flask, known: dict[str, list[str]], mails: Mailbag, data: st.DataObject
) -> None:
    rule = data.draw(st.sampled_from(_rules(app)))
    path = _path(rule, known, data)
    method = data.draw(st.sampled_from(sorted(rule.methods or {"GET"})))

    status = _ask(app, path, method=method, data=data.draw(posted), query_string=data.draw(posted))

    assert status < 500


@fuzz
@given(path=garbage, method=methods, headers=sent_headers, body=st.binary(max_size=200))
def test_garbage_as_a_request_is_never_a_server_error(
    app: Flask, path: str, method: str, headers: dict[str, str], body: bytes
) -> None:
    assert _ask(app, "/" + path, method=method, headers=headers, data=body) < 500


@fuzz
@given(fields=posted)
def test_a_form_with_garbage_in_some_fields_is_never_a_server_error(
    app: Flask, fields: dict[str, str], mails: Mailbag
) -> None:
    status = _ask(app, make.SIGN, method="POST", data={**make.form(), **fields})

    assert status in (303, 400, 403, 409, 413, 422)


@fuzz
@given(fields=posted)
def test_an_organisations_form_with_garbage_in_some_fields_is_never_a_server_error(
    app: Flask, fields: dict[str, str], mails: Mailbag
) -> None:
    status = _ask(app, make.ENDORSE, method="POST", data={**make.endorse_form(), **fields})

    assert status in (303, 400, 403, 409, 413, 422)


@fuzz
@given(typed=st.one_of(garbage, garbage.map("https://{}".format), garbage.map("https://example.org/{}".format)))
def test_whatever_is_typed_as_a_site_is_refused_or_stays_the_same_when_it_is_typed_again(typed: str) -> None:
    try:
        clean = sites.clean(typed)
    except SiteRefused:
        return
    assert clean.isascii() and clean.isprintable() and not set(clean) & set(' <>"\\')
    assert sites.clean(clean) == clean and sites.host(clean)


@fuzz
@given(fields=posted, word=st.sampled_from(["confirm", "signature"]))
def test_a_correction_with_garbage_in_some_fields_is_never_a_server_error(
    app: Flask, fields: dict[str, str], word: str, mails: Mailbag
) -> None:
    address = make.email()
    made = make.signature(address) if word == "signature" else make.submission(address)
    mailbox = Mailbox(made.text.declaration, made.mailbox or b"")
    token = mailbox.mint(Purpose.PERSONAL if word == "signature" else Purpose.CONFIRM)
    db.session.commit()

    status = _ask(app, f"/en/{word}/{token}", method="POST", data={**make.form(submission=made.public_id), **fields})

    assert status in (303, 400, 403, 404, 409, 413, 422)


@pytest.fixture(autouse=True)
def nothing_is_left_to_send(app: Flask, mails: Mailbag) -> Any:
    """What garbage made its way in can be mailed about: every mail can be composed."""
    yield
    while mails.take():
        pass


def _ask(app: Flask, path: str, *, method: str, **request: Any) -> int:
    limiter.reset()
    try:
        response = browser(app).open(path, method=method, buffered=True, **request)
    except UnicodeError:
        # What cannot be put into a request by the test's client cannot be sent.
        return 0
    return response.status_code


def _rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def _path(rule: Rule, known: dict[str, list[str]], data: st.DataObject) -> str:
    """An address of this rule whose parts are known ones or garbage."""
    path = rule.rule
    for name in rule.arguments:
        value = quote(data.draw(st.one_of(st.sampled_from(known.get(name, [""])), garbage)), safe="/%")
        path = path.replace(f"<{name}>", value).replace(f"<path:{name}>", value).replace(f"<language:{name}>", value)
    return path


def _token(purpose: Purpose) -> str:
    address = make.email()
    made = make.signature(address) if purpose is Purpose.PERSONAL else make.submission(address)
    token = Mailbox(made.text.declaration, made.mailbox or b"").mint(purpose)
    db.session.commit()
    return token


def _endorsement_token(purpose: EndorsementPurpose) -> str:
    made = make.endorsement(approved=False)
    token = EndorsementMailbox(made.text.declaration, made.mailbox or b"").mint(purpose)
    db.session.commit()
    return token
