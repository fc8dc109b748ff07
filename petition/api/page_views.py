"""The description of the API: as OpenAPI for programs, and as a page for people."""

import json
from typing import Any

from flask import jsonify, make_response, render_template
from flask.typing import ResponseReturnValue

from petition import links
from petition.api import problems
from petition.api.description import describe

# The same blueprint: all addresses of the API are of one family.
from petition.api.views import for_anyone, views

__all__ = ["views"]

KEEP_SECONDS = 300
WORDS = {
    "parameter": "Parameter",
    "place": "In",
    "meaning": "Meaning",
    "body": "Body:",
    "key": "It needs a partner’s key.",
    "answer": "Answer",
    "holds": "Holds",
    "shapes": "Shapes",
    "member": "Member",
    "type": "Type",
    "optional": "(optional)",
}
"""What the page says around the description, in the description's language."""


@views.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """OpenAPI 3.1; nothing in it depends on who asks."""
    return for_anyone(jsonify(_described()))


@views.get("/")
def page() -> ResponseReturnValue:
    """The same to read. The frame speaks the reader's language; the description is in English, as programs are."""
    shown = render_template(
        "api/page.html", api=_described(), problems=problems.ALL, words=WORDS, curl=_curl, shape=_shape
    )
    response = make_response(shown)
    response.headers["Cache-Control"] = f"public, max-age={KEEP_SECONDS}"
    # Not for the shelf, which keeps one answer an address.
    response.headers["Vary"] = "Accept-Language"
    return response


def _described() -> dict[str, Any]:
    return describe(links.external("api.page").rstrip("/"))


def _curl(server: str, path: str, operation: dict[str, Any]) -> str:
    """A command that makes this request, from the examples in its description."""
    for parameter in operation["parameters"]:
        path = path.replace(f"{{{parameter['name']}}}", parameter.get("example", ""))
    if "requestBody" not in operation:
        return f"curl {server}{path}"
    (body,) = operation["requestBody"]["content"].values()
    lines = [
        f"curl {server}{path}",
        "-H 'Authorization: Bearer YOUR-KEY'",
        "-H 'Content-Type: application/json'",
        "-H 'Idempotency-Key: 1f0e3f1a-6a52-4f0e-9d0e-6f1d2f6c8a11'",
        f"--data '{json.dumps(body['example'], indent=2, ensure_ascii=False)}'",
    ]
    return " \\\n  ".join(lines)


def _shape(schema: dict[str, Any]) -> tuple[str, str]:
    """What a member is, in a word or two, and the name of the schema that tells more, if one does."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if name:
        return name, name
    if schema.get("type") == "array":
        word, name = _shape(schema["items"])
        return f"{word}[]", name
    kinds = schema.get("type", "")
    word = " | ".join([kinds] if isinstance(kinds, str) else kinds)
    if "const" in schema:
        return json.dumps(schema["const"]), ""
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"])), ""
    inner = schema.get("additionalProperties")
    if isinstance(inner, dict):
        return f"{word} ({_shape(inner)[0]})", _shape(inner)[1]
    return word, ""
