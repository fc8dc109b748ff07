"""The kinds of problems that a program is told of (RFC 9457)."""

from typing import NamedTuple

from flask_babel import LazyString, lazy_gettext

from petition.signatures.refusals import Closed, NotOpen, Paused, Refusal

MEDIA_TYPE = "application/problem+json"


class Problem(NamedTuple):
    """A kind of problem; its ``name`` ends the address that tells it from others, and tells about it there."""

    name: str
    status: int
    title: LazyString
    detail: LazyString


NOT_UNDERSTOOD = Problem(
    "not-understood",
    400,
    lazy_gettext("This request cannot be understood"),
    lazy_gettext("Something in it is broken or incomplete."),
)
KEY_NEEDED = Problem(
    "key-needed",
    401,
    lazy_gettext("A partner’s key is needed"),
    lazy_gettext("Send a key that is in use in the header Authorization, after the word Bearer."),
)
NOT_ALLOWED = Problem(
    "not-allowed", 403, lazy_gettext("This is not allowed"), lazy_gettext("What is there is not for this client.")
)
NOT_FOR_THIS = Problem(
    "not-for-this-declaration",
    403,
    lazy_gettext("This key is not for this declaration"),
    lazy_gettext("Its partner does not carry this declaration, or the key was made for others only."),
)
NOT_FOUND = Problem(
    "not-found",
    404,
    lazy_gettext("There is nothing here"),
    lazy_gettext("There is no such declaration, no text in this language, or no such address."),
)
WRONG_METHOD = Problem(
    "wrong-method",
    405,
    lazy_gettext("This method is not allowed here"),
    lazy_gettext("The header Allow names those that are."),
)
OUTDATED = Problem(
    "outdated",
    409,
    lazy_gettext("The text or the words of a consent have changed"),
    lazy_gettext("What was shown is not current any more. Fetch what is, show that, and ask once more."),
)
TOO_LARGE = Problem(
    "too-large",
    413,
    lazy_gettext("This is too large"),
    lazy_gettext("More was sent than we can take."),
)
NOT_JSON = Problem(
    "not-json",
    415,
    lazy_gettext("The body must be JSON"),
    lazy_gettext("Send it with the header Content-Type: application/json."),
)
INVALID = Problem(
    "invalid",
    422,
    lazy_gettext("Some of this cannot be taken"),
    lazy_gettext("Nothing was stored. Each error names the part that it is about."),
)
KEY_REUSED = Problem(
    "idempotency-key-reused",
    422,
    lazy_gettext("This Idempotency-Key was sent with something else"),
    lazy_gettext("Give each submission a key of its own, and send the same again only when it is the same."),
)
TOO_MANY = Problem(
    "too-many",
    429,
    lazy_gettext("Too many at once"),
    lazy_gettext("Many requests have come in a short time."),
)
FAULT = Problem(
    "fault",
    500,
    lazy_gettext("Something went wrong"),
    lazy_gettext("The fault is ours. It has been noted; please try again later."),
)
UNAVAILABLE = Problem(
    "unavailable",
    503,
    lazy_gettext("Please try again in a moment"),
    lazy_gettext("We cannot answer just now. This passes, usually within seconds."),
)
RESTING: dict[type[Refusal], Problem] = {
    refusal: Problem(name, refusal.status, refusal.heading, refusal.sentence)
    for name, refusal in (("not-open", NotOpen), ("paused", Paused), ("closed", Closed))
}
"""When one may not sign: what the form refuses, told to programs."""
ALL = (
    NOT_UNDERSTOOD, KEY_NEEDED, NOT_ALLOWED, NOT_FOR_THIS, *RESTING.values(), NOT_FOUND, WRONG_METHOD, OUTDATED,
    TOO_LARGE, NOT_JSON, INVALID, KEY_REUSED, TOO_MANY, FAULT, UNAVAILABLE,
)  # fmt: skip
