"""Words for JSON Schema: objects that allow nothing that is not named, texts, numbers, times."""

from typing import Any

from petition.languages import CODES

Schema = dict[str, Any]


def nullable(schema: Schema, kind: str) -> Schema:
    return {**schema, "type": [kind, "null"]}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def an_object(description: str, required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def a_list(items: Schema, description: str) -> Schema:
    return {"type": "array", "items": items, "description": description}


def a_text(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, **more}


def a_number(description: str) -> Schema:
    return {"type": "integer", "minimum": 0, "description": description}


def by_language(description: str, words: Schema | None = None) -> Schema:
    return {
        "type": "object",
        "description": description,
        "propertyNames": {"enum": list(CODES)},
        "additionalProperties": words or {"type": "string"},
    }


def a_time(description: str) -> Schema:
    return a_text(description, format="date-time", pattern="Z$")


def a_url(description: str) -> Schema:
    return a_text(description, format="uri")


LANGUAGE = a_text("A language’s code.", enum=list(CODES))
SHA256 = a_text("Of the text’s file, in hexadecimal.", pattern="^[0-9a-f]{64}$")
DIGEST = a_text("The digest of a consent’s words in one language.", pattern="^[0-9a-f]{16}$")
COUNTRY = a_text("A code of ISO 3166-1.", pattern="^[A-Z]{2}$")
