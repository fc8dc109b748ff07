"""The description cannot lie: it is compared with the routes, the form and the meta-schema; and it can be read."""

import re
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient

from petition.signatures.forms import SignForm
from tests import make

PREFIX = "/api/v1"
ABOUT_ITSELF = {("GET", "/"), ("GET", "/openapi.json")}
HIDDEN = {"ticket", "agree", "updates", "partner_consent"}
"""Fields of the form that stand for themselves elsewhere: the ticket is the text's digest, a box is a consent."""


@pytest.fixture
def description(client: FlaskClient) -> dict[str, Any]:
    described: dict[str, Any] = client.get(f"{PREFIX}/openapi.json").get_json()
    return described


def _routes(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(PREFIX)))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(f"{PREFIX}/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_it_is_valid_openapi_3_1(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(description).validate()


def test_it_describes_every_address_and_no_other(app: Flask, description: dict[str, Any]) -> None:
    described = {(method.upper(), path) for path, operations in description["paths"].items() for method in operations}
    assert len(described) >= 6
    assert described == _routes(app) - ABOUT_ITSELF


def test_it_is_served_where_it_says(description: dict[str, Any]) -> None:
    assert description["servers"] == [{"url": "http://localhost:8000/api/v1"}]


def test_every_shape_is_pointed_at_and_allows_nothing_that_it_does_not_name(description: dict[str, Any]) -> None:
    pointed = set(re.findall(r"#/components/schemas/(\w+)", str(description)))
    assert pointed == set(description["components"]["schemas"])
    for name, schema in description["components"]["schemas"].items():
        assert schema["additionalProperties"] is False, name
        assert schema["description"] and all(
            "$ref" in each or "const" in each or each["description"] for each in schema["properties"].values()
        ), name


def test_a_submission_has_the_names_of_the_forms_fields(app: Flask, description: dict[str, Any]) -> None:
    with app.test_request_context("/en"):
        fields = {field.name for field in SignForm(formdata=None)} - HIDDEN
    described = set(description["components"]["schemas"]["Submission"]["properties"])
    assert described - {"language", "text_sha256", "consents", "referrer_data"} == fields


def test_the_page_shows_all_that_is_described(client: FlaskClient, description: dict[str, Any]) -> None:
    answer = client.get(f"{PREFIX}/")
    assert answer.mimetype == "text/html"
    page = answer.text
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            assert f"<code>{method.upper()} {path}</code>" in page
            assert operation["summary"] in page
            assert all(f"<code>{status}</code>" in page for status in operation["responses"])
    for name, schema in description["components"]["schemas"].items():
        assert f'id="schema-{name}"' in page
        assert all(f"<code>{member}</code>" in page for member in schema["properties"])
    assert f"curl http://localhost:8000/api/v1/declarations/{make.SLUG}/count" in page


def test_the_pages_frame_speaks_the_readers_language_and_the_description_says_that_it_is_english(
    client: FlaskClient,
) -> None:
    answer = client.get(f"{PREFIX}/", headers={"Accept-Language": "ar"})
    assert '<html lang="ar" dir="rtl">' in answer.text
    assert '<div class="api" lang="en" dir="ltr">' in answer.text
    assert answer.headers["Vary"] == "Accept-Language"
