"""How a webhook, and what became of a notice, is called on screens, by command and in mails."""

from flask_babel import LazyString, gettext, lazy_gettext

from petition.accounts import scopes
from petition.webhooks.failures import Disabled, Failure, Unsent
from petition.webhooks.models import Notice

DISABLED: dict[str, LazyString] = {
    Disabled.STAFF: lazy_gettext("It was disabled by hand."),
    Disabled.GONE: lazy_gettext("It answered that it wants no more notices (410)."),
    Disabled.FAILING: lazy_gettext("It took no notice for three days."),
}
REASONS: dict[str, LazyString] = {
    Failure.STATUS: lazy_gettext("It was not taken."),
    Failure.REDIRECT: lazy_gettext("The answer leads elsewhere, where notices are not sent."),
    Failure.GONE: lazy_gettext("No more notices are wanted there."),
    Failure.TIMEOUT: lazy_gettext("No answer came in time."),
    Failure.UNREACHABLE: lazy_gettext("No connection could be made, or it was cut."),
    Failure.TLS: lazy_gettext("The connection is not safe: its certificate or encryption was refused."),
    Failure.GARBAGE: lazy_gettext("The answer could not be understood."),
    Failure.UNKNOWN_HOST: lazy_gettext("The server could not be found."),
    Failure.PRIVATE: lazy_gettext("The address leads into a private network, or is not encrypted."),
    Failure.FAULT: lazy_gettext("The notice could not be written; the log says why."),
    Unsent.UNCOUNTED: lazy_gettext("The signature did not count any more."),
    Unsent.COUNTS_AGAIN: lazy_gettext("The signature counted again."),
    Unsent.TAKEN_BACK: lazy_gettext("What it tells was taken back before."),
    Unsent.NO_SIGNATURE: lazy_gettext("The signature is not there any more."),
    Unsent.NO_EVENT: lazy_gettext("There is no such event any more."),
}


def about(scope: int | None) -> str:
    """What a webhook hears of: a declaration by its name, or every one."""
    return gettext("Every declaration, those to come among them") if scope is None else scopes.name(scope)


def state(notice: Notice) -> tuple[str, str]:
    """Where it stands, in a word, and how that looks."""
    if notice.sent_at is not None:
        return gettext("Taken"), "good"
    if notice.dropped_at is not None:
        return (gettext("Given up"), "bad") if notice.attempts else (gettext("Not sent"), "off")
    return (gettext("To be tried again"), "warn") if notice.attempts else (gettext("Waiting"), "")


def reason(notice: Notice) -> str:
    """Why the last attempt failed, or why there was none; empty where there is nothing to say."""
    return str(REASONS.get(notice.reason, notice.reason)) if notice.reason else ""


def disabled(because: str | None) -> str:
    return str(DISABLED.get(because or "", because or ""))
