"""What may keep a notice from being taken, or from being sent at all, each in a word."""

from enum import StrEnum


class Failure(StrEnum):
    STATUS = "status"
    """An answer that is not 2xx."""
    REDIRECT = "redirect"
    """An answer that leads elsewhere, where nobody checked the address."""
    GONE = "gone"
    """410: the endpoint wants no more, and is disabled at once."""
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    GARBAGE = "garbage"
    """An answer that is none."""
    UNKNOWN_HOST = "unknown-host"
    PRIVATE = "private-address"
    FAULT = "fault"
    """Ours: the notice could not be composed."""


class Unsent(StrEnum):
    """Why nothing is to be told, now or later."""

    UNCOUNTED = "not-counted"
    """That it counts is told while it does."""
    COUNTS_AGAIN = "counts-again"
    TAKEN_BACK = "taken-back"
    NO_SIGNATURE = "no-such-signature"
    NO_EVENT = "no-such-event"
    """The room that told of it is no more."""


class Disabled(StrEnum):
    """Why an endpoint is disabled."""

    STAFF = "staff"
    GONE = "gone"
    FAILING = "failing"
