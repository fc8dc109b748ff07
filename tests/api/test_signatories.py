"""The public list: the very people whom its pages show, and of them nothing more."""

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select

from petition.declarations.models import Declaration
from petition.extensions import Base, db
from petition.outbox.models import Mail
from petition.signatures import caring
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import MailedLink, Signature, Submission
from tests import make

API = f"/api/v1/declarations/{make.SLUG}/signatories"
PAGE = f"/en/{make.SLUG}/signatories"


def _names_on_the_page(client: FlaskClient, path: str) -> list[str]:
    return re.findall(r'<bdi class="person">([^<]*)</bdi>', client.get(path).text)


def _pages(client: FlaskClient, path: str) -> Iterator[dict[str, Any]]:
    following: str | None = path
    while following:
        page = client.get(following).get_json()
        yield page
        following = page["next"]


def _walked(client: FlaskClient, path: str) -> list[str]:
    return [each["name"] for page in _pages(client, path) for each in page["signatories"]]


def _people() -> None:
    make.crowd(
        120,
        name=[f"Person {number}" for number in range(120)],
        country=["GB", "IT", "FR"],
        visibility=["public", "addressee", "public", "counted", "public"],
    )


def test_the_list_holds_those_whom_the_page_shows_in_its_order(app: Flask, client: FlaskClient) -> None:
    _people()
    shown, cursor = [], ""
    while True:
        shown += _names_on_the_page(client, PAGE + cursor)
        following = re.search(r'href="[^"]*(\?after=[^"]+)" rel="next"', client.get(PAGE + cursor).text)
        if following is None:
            break
        cursor = following[1]
    assert len(shown) == 72
    assert _walked(client, API) == shown


def test_pages_have_the_size_of_the_sites_and_name_the_next_in_the_body_and_in_a_header(
    app: Flask, client: FlaskClient
) -> None:
    _people()
    answers = [client.get(API)]
    while answers[-1].get_json()["next"]:
        answers.append(client.get(answers[-1].get_json()["next"]))
    assert [len(answer.get_json()["signatories"]) for answer in answers] == [50, 22]
    assert answers[0].headers["Link"] == f'<{answers[0].get_json()["next"]}>; rel="next"'
    assert "Link" not in answers[-1].headers


def test_it_is_narrowed_by_the_same_words_as_the_page(app: Flask, client: FlaskClient) -> None:
    _people()
    for query in ("?country=IT", "?name=person+1", "?country=it&name=Person", "?kind=people", "?kind=founding"):
        assert _walked(client, API + query)[:50] == _names_on_the_page(client, PAGE + query), query


def test_what_is_no_list_is_not_there_as_on_the_page(app: Flask, client: FlaskClient) -> None:
    for query in (
        "?country=ZZZ",
        "?kind=nobody",
        "?after=x",
        "?after=",
        "?after=" + "9" * 300,
        "?kind=founding&after=a",
    ):
        assert client.get(API + query).status_code == client.get(PAGE + query).status_code == 404, query


def test_whom_the_declaration_names_stands_on_the_first_page(app: Flask, client: FlaskClient) -> None:
    _people()
    found = db.session.get_one(Declaration, make.text().declaration_id)
    named = {"name": "Ada", "role": {"en": "President"}, "affiliation": None, "country": "IT"}
    found.stored_plan = {**found.stored_plan, "founding": [named]}
    db.session.commit()
    first, second = _pages(client, API)
    assert first["founding"] == [named]
    assert second["founding"] == []
    assert client.get(f"{API}?country=FR").get_json()["founding"] == []


def test_who_withdraws_is_gone_from_it(app: Flask, client: FlaskClient) -> None:
    signed = make.signature(name="Grace Hopper")
    assert _walked(client, API) == ["Grace Hopper"]
    assert signed.mailbox is not None
    caring.withdraw(Mailbox(signed.text.declaration, signed.mailbox))
    db.session.commit()
    app.extensions["petition.shelf"].clear()
    assert _walked(client, API) == []


def test_a_person_is_told_by_what_the_page_shows_and_search_engines_stay_out(app: Flask, client: FlaskClient) -> None:
    make.signature(name="Grace Hopper", role="Rear admiral", affiliation="Navy", country="US", comment="A secret")
    answer = client.get(API)
    assert answer.get_json()["signatories"] == [
        {"name": "Grace Hopper", "role": "Rear admiral", "affiliation": "Navy", "country": "US"}
    ]
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_no_answer_holds_an_address_a_token_a_digest_of_a_person_or_a_serial_id(
    app: Flask, client: FlaskClient
) -> None:
    for visibility in ("public", "addressee", "counted"):
        make.submission(f"pending-{visibility}@example.org", visibility=visibility, name=f"Pending {visibility}")
        make.signature(f"signed-{visibility}@example.org", visibility=visibility, name=f"Signed {visibility}")
    make.move_tally(app)
    told = " ".join(answer for answer in _every_answer(client))
    assert "Signed public" in told
    for hidden in ("Signed addressee", "Signed counted", "Pending", "@example.org"):
        assert hidden not in told, hidden
    for value in _private_values():
        assert value not in told, value
    assert not {key for key in _keys(told) if key == "id" or key.endswith("_id")}


def _every_answer(client: FlaskClient) -> Iterator[str]:
    one = f"/api/v1/declarations/{make.SLUG}"
    for path in ("/api/v1/declarations", one, f"{one}/texts/en", f"{one}/count", f"{one}/numbers", API):
        answer = client.get(path)
        assert answer.status_code == 200
        yield answer.text + str(answer.headers)


def _private_values() -> Iterator[str]:
    """Ids, addresses, hashes, digests of links: everything random or secret that the tables hold of people."""
    tables: list[type[Base]] = [Signature, Submission, MailedLink, Mail]
    found = 0
    for table in tables:
        names = [column.key for column in inspect(table).column_attrs]
        for row in db.session.scalars(select(table)):
            for value in (getattr(row, name) for name in names):
                if isinstance(value, bytes):
                    yield value.hex()
                    found += 1
                elif isinstance(value, str) and len(value) == 22:
                    yield value
                    found += 1
    assert found > 20


def _keys(told: str) -> set[str]:
    return set(re.findall(r'"([a-z_0-9]+)":', told))
