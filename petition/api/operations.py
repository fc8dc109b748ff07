"""The addresses of the API and how each answers, as OpenAPI has it."""

from typing import Any

from petition.api.problems import (
    INVALID,
    KEY_NEEDED,
    KEY_REUSED,
    NOT_FOR_THIS,
    NOT_FOUND,
    NOT_JSON,
    NOT_UNDERSTOOD,
    OUTDATED,
    RESTING,
    TOO_LARGE,
    TOO_MANY,
    UNAVAILABLE,
    Problem,
)
from petition.api.problems import MEDIA_TYPE as PROBLEM
from petition.api.shapes import LANGUAGE, Schema, a_text, ref

JSON = "application/json"
DECLARATION = "/declarations/{slug}"
SLUG = {
    "name": "slug",
    "in": "path",
    "required": True,
    "description": "The declaration’s name in addresses.",
    "schema": {"type": "string"},
    "example": "child-dignity",
}
_HEADERS = {
    "ETag": {
        "description": "Of this answer; sent back as If-None-Match it saves the rest.",
        "schema": {"type": "string"},
    },
    "Cache-Control": {"description": "How long caches keep it.", "schema": {"type": "string"}},
    "Access-Control-Allow-Origin": {"description": "Pages of any site may read it.", "schema": {"const": "*"}},
}
_WAIT = {"Retry-After": {"description": "In so many seconds.", "schema": {"type": "integer", "minimum": 0}}}


def _problems(*problems: Problem) -> dict[str, Any]:
    """The answers of these; those of one status are one."""
    by_status: dict[str, list[Problem]] = {}
    for problem in problems:
        by_status.setdefault(str(problem.status), []).append(problem)
    return {status: _problem(status, those) for status, those in sorted(by_status.items())}


def _problem(status: str, problems: list[Problem]) -> dict[str, Any]:
    names = " or ".join(problem.name for problem in problems)
    told = {"description": f"Problem: {names}.", "content": {PROBLEM: {"schema": ref("Problem")}}}
    return {**told, "headers": _WAIT} if status in ("429", "503") else told


def _reading(name: str, summary: str, schema: str, *parameters: Schema, told: str = "") -> dict[str, Any]:
    """An address that anyone may read."""
    found = {"description": f"{summary}:", "content": {JSON: {"schema": ref(schema)}}, "headers": _HEADERS}
    return {
        "operationId": name,
        "summary": summary,
        **({"description": told} if told else {}),
        "security": [],
        "parameters": list(parameters),
        "responses": {
            "200": found,
            "304": {"description": "Nothing has changed since the ETag that was sent."},
            **_problems(NOT_UNDERSTOOD, *([NOT_FOUND] if parameters else []), UNAVAILABLE),
        },
    }


def _asked(name: str, description: str, schema: Schema, *, place: str = "query", example: str = "") -> Schema:
    parameter = {"name": name, "in": place, "required": place == "path", "description": description, "schema": schema}
    return {**parameter, "example": example} if example else parameter


READING: dict[str, dict[str, Any]] = {
    "/declarations": {"get": _reading("declarations", "All declarations, open or not", "Declarations")},
    DECLARATION: {
        "get": _reading(
            "declaration",
            "One declaration",
            "Declaration",
            SLUG,
            _asked("partner", "Also tells the consent of this partner, by its slug.", {"type": "string"}),
            told="With all that a form of one’s own must show and ask: texts, fields, the words of each consent.",
        )
    },
    f"{DECLARATION}/texts/{{language}}": {
        "get": _reading(
            "text",
            "The text that people sign",
            "Text",
            SLUG,
            _asked("language", "The language of the text.", LANGUAGE, place="path", example="en"),
        )
    },
    f"{DECLARATION}/count": {
        "get": _reading("count", "How many have signed", "Count", SLUG),
    },
    f"{DECLARATION}/numbers": {
        "get": _reading("numbers", "The numbers by day, country and kind", "Numbers", SLUG),
    },
    f"{DECLARATION}/signatories": {
        "get": _reading(
            "signatories",
            "Those who signed and chose to be seen",
            "Signatories",
            SLUG,
            _asked("after", "Continues the list; stands in the address next.", {"type": "string"}),
            _asked("country", "Those from this country, a code of ISO 3166-1.", {"type": "string"}),
            _asked("kind", "founding, people, or a sector’s code.", {"type": "string"}),
            _asked("name", "Whose name, or last word of it, begins so.", {"type": "string"}),
            told="The list as its pages show it: the newest first, or by name where one is searched.",
        )
    },
}
IDEMPOTENCY_KEY = _asked(
    "Idempotency-Key",
    "A text of your own for this submission, such as a UUID. For 24 hours the same key with the same body is answered "
    "alike and stored once, so that what had no answer may be sent again.",
    a_text("1 to 255 printable characters of ASCII.", pattern="^[!-~]{1,255}$"),
    place="header",
)
EXAMPLE = {
    "language": "en",
    "text_sha256": "9f2c…",
    "name": "Ada Lovelace",
    "email": "ada@example.org",
    "country": "GB",
    "visibility": "public",
    "consents": {"agree": "0d6c…"},
    "referrer_data": {"source": "spring"},
}
SIGNING: dict[str, Any] = {
    "operationId": "sign",
    "summary": "Submit a signature from a partner’s own form",
    "description": "It obeys the rules of the site’s form, and the address’s owner confirms by mail as ever. The "
    "answer is the same whether the address is new or has signed. It is for the partner’s server: no page of another "
    "site can send it, and the key must not be in one.",
    "security": [{"partnerKey": []}],
    "parameters": [SLUG, IDEMPOTENCY_KEY],
    "requestBody": {"required": True, "content": {JSON: {"schema": ref("Submission"), "example": EXAMPLE}}},
    "responses": {
        "202": {"description": "Accepted.", "content": {JSON: {"schema": ref("Accepted")}}},
        **_problems(
            NOT_UNDERSTOOD, KEY_NEEDED, NOT_FOR_THIS, NOT_FOUND, OUTDATED, TOO_LARGE, NOT_JSON, INVALID, KEY_REUSED,
            TOO_MANY, UNAVAILABLE, *RESTING.values(),
        ),
    },
}  # fmt: skip
OPERATIONS = {**READING, f"{DECLARATION}/signatures": {"post": SIGNING}}
