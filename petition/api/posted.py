"""What a partner's form posts: JSON, read strictly, so that a misspelt name is told and not lost."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from flask import Request
from flask_babel import lazy_gettext

from petition.api.problems import INVALID, NOT_JSON, NOT_UNDERSTOOD
from petition.api.refusals import Error, Refused

MEDIA_TYPE = "application/json"
STATED = ("name", "email", "country", "affiliation", "role", "sector", "comment", "visibility")
TEXTS = frozenset({*STATED, "language", "text_sha256"})
OBJECTS = frozenset({"consents", "referrer_data"})
NEEDED = ("language", "text_sha256", "consents")
"""What the form itself does not ask for."""
NOT_TEXT = lazy_gettext("This must be text.")
NOT_AN_OBJECT = lazy_gettext("This must be an object.")
NO_SUCH_FIELD = lazy_gettext("There is no such field here.")
NO_SUCH_LANGUAGE = lazy_gettext("There is no text in this language.")
MISSING = lazy_gettext("Please fill this in.")


def read(request: Request) -> dict[str, Any]:
    """The object that was posted; its members have their names and types. Raises Refused."""
    if request.mimetype != MEDIA_TYPE:
        raise Refused(NOT_JSON)
    raw = request.get_data()
    try:
        posted = json.loads(raw)
        if b"\\u" in raw:
            # Half of a pair is a character nowhere.
            json.dumps(posted, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as problem:
        raise Refused(NOT_UNDERSTOOD) from problem
    if not isinstance(posted, dict):
        raise Refused(INVALID, Error("#", NOT_AN_OBJECT))
    if errors := list(_errors(posted)):
        raise Refused(INVALID, *errors)
    return posted


def pointer(*names: str) -> str:
    """A JSON pointer as a fragment (RFC 6901, section 6)."""
    return "#" + "".join(f"/{quote(name.replace('~', '~0').replace('/', '~1'))}" for name in names)


def source_of(posted: Mapping[str, Any]) -> str:
    source: str = posted.get("referrer_data", {}).get("source", "")
    return source


def _errors(posted: Mapping[str, Any]) -> Iterator[Error]:
    for name, value in posted.items():
        if name in TEXTS:
            if not isinstance(value, str):
                yield Error(pointer(name), NOT_TEXT)
        elif name not in OBJECTS:
            yield Error(pointer(name), NO_SUCH_FIELD)
        elif not isinstance(value, dict):
            yield Error(pointer(name), NOT_AN_OBJECT)
        else:
            yield from _errors_inside(name, value)
    for name in NEEDED:
        if name not in posted:
            yield Error(pointer(name), MISSING)


def _errors_inside(name: str, value: Mapping[str, Any]) -> Iterator[Error]:
    for inner, words in value.items():
        if name == "referrer_data" and inner != "source":
            yield Error(pointer(name, inner), NO_SUCH_FIELD)
        elif not isinstance(words, str):
            yield Error(pointer(name, inner), NOT_TEXT)
