"""Carrying: a partner and a source come with a link, go with the form and its links, and nobody else's page changes."""

import json
import re
from collections.abc import Iterator
from html import escape
from urllib.parse import quote

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from petition import clock
from petition.extensions import db
from petition.partners import enrolling, reading
from petition.partners.models import Partner
from petition.signatures.models import Submission
from tests import make
from tests.conftest import Mailbag
from tests.signatures import steps

CAME = "?partner=byron&source=news"
LINK = f"{make.PAGE}?partner=byron&amp;source=news"
WORDS = make.CONSENT["en"]


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    with time_machine.travel(clock.now(), tick=False):
        yield


@pytest.fixture
def partner(app: Flask) -> Partner:
    return make.partner()


def html(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def fields(client: FlaskClient, path: str) -> dict[str, str]:
    return steps.look(client, path).form("/sign").values


def post(client: FlaskClient, **given: object) -> Submission:
    answer = client.post(make.SIGN, data=make.form(**given))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    db.session.commit()
    return steps.submissions()[-1]


@pytest.mark.parametrize("path", [make.PAGE, make.SIGN])
@pytest.mark.usefixtures("partner")
def test_the_form_carries_what_its_link_says(client: FlaskClient, path: str) -> None:
    found = fields(client, path + CAME)
    assert (found["partner"], found["source"]) == ("byron", "news")
    assert "partner_consent" not in found, "nobody has agreed yet"
    assert WORDS in html(client, path + CAME)
    assert "partner" not in fields(client, path)


@pytest.mark.usefixtures("partner")
def test_the_page_for_everyone_stays_the_same_bytes_before_and_after(app: Flask, client: FlaskClient) -> None:
    before = client.get(make.PAGE)
    carried = client.get(make.PAGE + CAME)
    after = client.get(make.PAGE)
    assert before.data == after.data and before.headers["ETag"] == after.headers["ETag"]
    assert carried.headers["ETag"] != before.headers["ETag"]
    app.extensions["petition.shelf"].clear()
    assert client.get(make.PAGE + CAME).data == carried.data, "whoever asks first, and by whichever link"
    assert client.get(make.PAGE).data == before.data


@pytest.mark.usefixtures("partner")
def test_a_carried_page_is_given_from_the_shelf_and_renders_nothing(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get(make.PAGE)
    seen: list[str] = []
    monkeypatch.setitem(app.before_request_funcs, None, [lambda: seen.append("rendered")])
    for query in (CAME, "?source=poster", "?utm_source=x", "?partner=nobody"):
        assert client.get(make.PAGE + query).status_code == 200
    assert not seen
    assert client.get(make.PAGE + "?utm_source=x").data == client.get(make.PAGE).data


@pytest.mark.parametrize(
    "query",
    [
        "?partner=nobody", "?partner=%3Cscript%3E", "?source=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "?source=A+b",
        "?source=" + "a" * 41, "?partner[]=byron", "?partner=BYRON&partner=byron%20", "?" + "a=b&" * 500,
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", [make.PAGE, make.SIGN])
def test_what_is_malformed_or_unknown_changes_nothing_and_is_not_shown(
    client: FlaskClient, path: str, query: str
) -> None:
    shown = html(client, path + query)
    assert "alert(1)" not in shown and "byron" not in shown
    assert not {"partner", "source"} & fields(client, path + query).keys()


@pytest.mark.usefixtures("partner")
def test_the_links_of_the_page_carry_it_on(client: FlaskClient) -> None:
    shown = html(client, make.PAGE + CAME)
    assert 'href="/it/child-dignity?partner=byron&amp;source=news"' in shown
    assert f"{make.PAGE}%3Fpartner%3Dbyron%26source%3Dnews".replace("/", "%2F") in shown
    assert f"{make.PAGE}?partner=byron&amp;source=news</code>" in shown
    assert 'rel="canonical" href="http://localhost:8000/en/child-dignity"' in shown
    plain = html(client, make.PAGE)
    assert "byron" not in plain and "source" not in plain


@pytest.mark.usefixtures("partner")
def test_the_way_back_from_check_your_mail_leads_to_the_same_partners_form(client: FlaskClient, mails: Mailbag) -> None:
    sent = client.post(make.SIGN, data={**make.form(), "partner": "byron", "source": "news"})
    assert sent.location == f"{make.PAGE}/check-your-mail{CAME}"
    for _ in range(2):
        shown = html(client, sent.location)
        assert f'href="{make.SIGN}?partner=byron&amp;source=news"' in shown
        assert "byron" not in html(client, f"{make.PAGE}/check-your-mail"), "everyone else's page stays as it is"
        assert "evil" not in html(client, f"{make.PAGE}/check-your-mail?evil=1")
    mails.take()


@pytest.mark.usefixtures("partner")
def test_another_language_keeps_what_was_carried_and_typed(client: FlaskClient) -> None:
    typed = {**make.form(name="Zoë"), "partner": "byron", "source": "news", "switch": "it"}
    page = steps.Page(client.post(f"/it/{make.SLUG}/sign", data=typed))
    found = page.form("/sign").values
    assert (found["name"], found["partner"], found["source"]) == ("Zoë", "byron", "news")
    assert make.CONSENT["it"] in page.html


@pytest.mark.usefixtures("partner")
def test_a_form_with_a_fault_comes_back_with_everything(client: FlaskClient) -> None:
    posted = {**fields(client, make.PAGE + CAME), **make.form(name=""), "partner_consent": "y"}
    answer = client.post(make.SIGN, data=posted)
    assert answer.status_code == 422
    found = steps.Page(answer).form("/sign").values
    assert (found["partner"], found["source"], found["partner_consent"]) == ("byron", "news", "y")


@pytest.mark.usefixtures("partner")
def test_a_submission_knows_through_whom_it_came(client: FlaskClient, app: Flask, mails: Mailbag) -> None:
    carried = fields(client, make.PAGE + CAME)
    made = post(client, **{name: carried[name] for name in ("partner", "source", "partner_wording")})
    assert (made.channel, made.partner, made.source) == ("web", "byron", "news")
    assert [each["purpose"] for each in made.consents] == ["agree"], "without the box it learns numbers only"
    mails.take()


@pytest.mark.usefixtures("partner")
def test_a_made_up_partner_is_not_kept(client: FlaskClient, mails: Mailbag) -> None:
    made = post(client, partner="nobody", source="N<")
    assert (made.partner, made.source) == ("", "")
    mails.take()


def agree(client: FlaskClient, mails: Mailbag, address: str) -> str:
    """Sign with the partner's consent; returns the path of the mailed link."""
    carried = fields(client, make.PAGE + CAME)
    given = {name: carried[name] for name in ("partner", "source", "partner_wording")}
    return steps.ask(client, mails, address, **given, partner_consent="y")


@pytest.mark.usefixtures("partner")
def test_the_consent_is_kept_in_the_partners_very_words(client: FlaskClient, mails: Mailbag) -> None:
    path = agree(client, mails, make.email())
    shown = steps.look(client, path)
    assert WORDS in shown.html and "Byron Trust" in shown.html
    assert shown.forms[0].values["partner_consent"] == "y"
    steps.confirm(client, path)
    mails.take()
    kept = next(each for each in steps.the_signature().consents if each.purpose == "partner")
    assert (kept.partner, kept.wording, kept.language, kept.withdrawn_at) == ("byron", WORDS, "en", None)
    assert kept.given_at == clock.now()


@pytest.mark.usefixtures("partner")
def test_it_can_be_taken_back_before_it_is_confirmed(client: FlaskClient, mails: Mailbag) -> None:
    path = agree(client, mails, make.email())
    values = steps.look(client, path).forms[0].values
    del values["partner_consent"]
    assert client.post(path, data=values).status_code == 303
    mails.take()
    signature = steps.the_signature()
    assert [each.purpose for each in signature.consents] == ["agree"]
    assert signature.partner == "byron", "through whom it came is no consent"


@pytest.mark.usefixtures("partner")
def test_it_can_be_taken_back_later_by_the_personal_link_and_nothing_else_ends(
    client: FlaskClient, mails: Mailbag
) -> None:
    steps.confirm(client, agree(client, mails, make.email()))
    personal = make.link(mails.take_one().message, "signature")
    # Correcting something else does not end it.
    assert steps.correct(client, personal, name="Augusta").status_code == 303
    shown = steps.look(client, personal)
    assert "Agreed with Byron Trust" in shown.html
    form = shown.form("/stop-sharing")
    for _ in range(2):
        assert client.post(form.action, data=form.values).status_code == 303
    ended = {each.purpose: each.withdrawn_at for each in steps.the_signature().consents}
    assert ended == {"agree": None, "partner": clock.now()}
    stored = json.loads(client.get(f"{personal}/download").data)["signatures"]["signature"]["consents"]
    assert [each["partner"] for each in stored] == [None, "byron"]


def standing_after(client: FlaskClient, mails: Mailbag, slug: str) -> list[str | None]:
    """Whose consents stand when a second submission, through this partner, is confirmed after the first."""
    address = make.email()
    first = agree(client, mails, address)
    values = steps.look(client, first).forms[0].values
    second = steps.ask(client, mails, address, name="Other name", partner=slug)
    assert client.post(first, data=values).status_code == 303
    mails.take()
    assert steps.confirm(client, second).status_code == 303
    mails.take()
    assert steps.the_signature().name == "Other name"
    return [each.partner for each in steps.the_signature().consents if not each.withdrawn_at and each.partner]


@pytest.mark.usefixtures("partner")
def test_signing_again_through_another_partner_leaves_what_was_agreed_with_the_first(
    client: FlaskClient, mails: Mailbag
) -> None:
    make.partner("other", name="Other", wordings={"en": "Other may write."})
    assert standing_after(client, mails, "other") == ["byron"]


@pytest.mark.usefixtures("partner")
def test_signing_again_through_the_same_partner_without_its_box_says_no(client: FlaskClient, mails: Mailbag) -> None:
    assert standing_after(client, mails, "byron") == []


def test_if_the_words_changed_meanwhile_the_form_comes_back_with_the_present_ones(
    client: FlaskClient, partner: Partner
) -> None:
    carried = fields(client, make.PAGE + CAME)
    details = enrolling.Details(
        name=partner.name,
        contact="desk@example.org",
        wordings={"en": "Other words."},
        notice=partner.notice,
        may_share=True,
    )
    enrolling.edit(partner, details)
    db.session.commit()
    answer = client.post(make.SIGN, data={**carried, **make.form(name="Zoë"), "partner_consent": "y"})
    assert answer.status_code == 409
    shown = steps.Page(answer)
    assert "Other words." in shown.html and WORDS not in shown.html
    values = shown.form("/sign").values
    assert values["name"] == "Zoë" and "partner_consent" not in values
    assert steps.submissions() == []


def test_if_the_partner_was_switched_off_meanwhile_nobody_is_shared_unasked(
    client: FlaskClient, partner: Partner
) -> None:
    carried = fields(client, make.PAGE + CAME)
    enrolling.disable(partner)
    db.session.commit()
    answer = client.post(make.SIGN, data={**carried, **make.form(), "partner_consent": "y"})
    assert answer.status_code == 409 and "Byron" not in answer.get_data(as_text=True)
    assert steps.submissions() == []


def test_a_partner_that_may_not_be_given_people_asks_for_nobody(client: FlaskClient, app: Flask) -> None:
    make.partner(may_share=False)
    found = fields(client, make.PAGE + CAME)
    assert found["partner"] == "byron" and "partner_wording" not in found
    assert WORDS not in html(client, make.PAGE + CAME)


def test_words_in_another_language_are_kept_as_what_they_are(client: FlaskClient, app: Flask, mails: Mailbag) -> None:
    make.partner(wordings={"it": "Sì."})
    carried = fields(client, make.PAGE + CAME)
    given = {name: carried[name] for name in ("partner", "partner_wording")}
    made = post(client, **given, partner_consent="y")
    assert made.consents[-1] == {"purpose": "partner", "wording": "Sì.", "language": "it", "partner": "byron"}
    assert 'lang="it"' in html(client, make.PAGE + CAME)
    mails.take()


@pytest.mark.usefixtures("partner")
def test_a_partners_words_are_text_and_never_markup(client: FlaskClient, app: Flask) -> None:
    make.partner("odd", name="A & B <i>", wordings={"en": 'Yes <b> & "all"'})
    shown = html(client, f"{make.PAGE}?partner=odd")
    assert "Yes &lt;b&gt; &amp;" in shown and "<b>" not in shown and "<i>" not in shown


@pytest.mark.usefixtures("partner")
def test_who_signed_passes_on_through_whom_they_came(client: FlaskClient, mails: Mailbag) -> None:
    path = agree(client, mails, make.email())
    steps.confirm(client, path)
    mails.take()
    assert "%3Fpartner%3Dbyron%26source%3Dnews" in html(client, path)
    assert html(client, path).count(f'href="{LINK}"') == 2, "both ways back to the declaration"


@pytest.mark.usefixtures("partner")
def test_who_has_withdrawn_and_signs_again_comes_anew(client: FlaskClient, mails: Mailbag) -> None:
    path = agree(client, mails, make.email())
    steps.confirm(client, path)
    client.post(f"{make.link(mails.take_one().message, 'signature')}/withdraw")
    assert f'href="{make.PAGE}"' in html(client, path) and CAME.replace("&", "&amp;") not in html(client, path)


@pytest.mark.usefixtures("partner")
def test_the_page_that_confirms_leads_to_the_text_as_one_came(client: FlaskClient, mails: Mailbag) -> None:
    for given, link in (({}, make.PAGE), ({"source": "flyer"}, f"{make.PAGE}?source=flyer")):
        path = steps.ask(client, mails, make.email(), **given)
        assert html(client, path).count(f'href="{link}"') == 2, "as it is first shown"
        back = steps.confirm(client, path, switch="en")
        assert back.text.count(f'href="{link}"') == 2, "and as it comes back"
    assert html(client, agree(client, mails, make.email())).count(f'href="{LINK}"') == 2


@pytest.mark.usefixtures("partner")
def test_the_thanks_pass_on_through_whom_each_signatory_came(client: FlaskClient, mails: Mailbag) -> None:
    for source in ("news", "flyer", ""):
        carried = {"partner": "byron", "source": source} if source else {}
        query = f"?partner=byron&source={source}" if source else ""
        steps.confirm(client, steps.ask(client, mails, make.email(), **carried))
        message = mails.take_one().message
        plain, marked_up = message.get_body(("plain",)), message.get_body(("html",))
        assert plain is not None and marked_up is not None
        address = f"http://localhost:8000{make.PAGE}"
        assert f"\n{address}{query}\n" in plain.get_content()
        words = marked_up.get_content()
        assert f'href="{escape(address + query)}"' in words
        shared = re.findall(r'href="(?:https://(?:wa.me|t.me|x.com|www|share)|mailto:)[^"]+"', words)
        assert len(shared) == 7 and all(quote(f"{make.PAGE}{query}", safe="") in each for each in shared)
        assert all(each.count("partner") == bool(source) for each in shared)


@pytest.mark.usefixtures("partner")
def test_a_new_link_in_place_of_one_that_ran_out_loses_nobody(client: FlaskClient, mails: Mailbag) -> None:
    path = agree(client, mails, make.email())
    answer = client.post(f"{path}/resend")
    assert answer.location == f"{make.PAGE}/check-your-mail{CAME}"
    mails.take()


@pytest.mark.usefixtures("partner")
def test_the_mail_that_asks_leads_to_the_page_of_the_code_as_one_came(client: FlaskClient, mails: Mailbag) -> None:
    for carried, query in (({"partner": "byron", "source": "news"}, CAME), ({}, "")):
        steps.sign(client, make.email(), **carried)
        plain = mails.take_one().message.get_body(("plain",))
        assert plain is not None and f"\nhttp://localhost:8000/en/confirm{query}\n" in plain.get_content()


@pytest.mark.usefixtures("partner")
def test_whoever_mistypes_the_code_goes_back_as_they_came(client: FlaskClient) -> None:
    came = CAME.replace("&", "&amp;")
    waiting = html(client, f"{make.PAGE}/check-your-mail{CAME}")
    assert f'action="/en/confirm{came}"' in waiting and f'formaction="/it/confirm{came}"' in waiting
    assert f'href="{LINK}"' in waiting
    wrong = client.post(f"/en/confirm{CAME}", data={"email": make.email(), "code": "12345678"})
    assert wrong.status_code == 422 and f'action="/en/confirm{came}"' in wrong.text
    assert f'href="/{came}"' in wrong.text, "and the first page leads on with it"
    assert client.get(f"/{CAME}", headers={"Accept-Language": "en"}).location == make.PAGE + CAME
    made_up = client.post("/en/confirm?partner=nobody&evil=1", data={})
    assert 'action="/en/confirm"' in made_up.text and "evil" not in made_up.text


def test_a_database_that_cannot_tell_a_partner_is_told_by_our_own_page(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    client.get(make.PAGE)
    db.session.execute(text("ALTER TABLE partners RENAME TO gone"))
    reading.forget()
    answer = client.get(make.PAGE + CAME)
    assert answer.status_code in (500, 503) and "<!doctype html>" in answer.text
    assert client.get(make.PAGE).status_code == 200, "the page for everyone is still given"
