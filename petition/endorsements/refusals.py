"""Why somebody is told no who speaks or decides for an organisation: one sentence each."""

from flask_babel import LazyString, lazy_gettext


class Refusal(Exception):
    """The base of this room's refusals. ``sentence`` is for the person, ``status`` for the browser."""

    status = 422
    sentence: LazyString = lazy_gettext("This cannot be done.")


class NotOpen(Refusal):
    status = 403
    sentence = lazy_gettext("This declaration cannot be endorsed yet.")


class Closed(Refusal):
    status = 403
    sentence = lazy_gettext("This declaration is closed; it can no longer be endorsed.")


class LinkUnknown(Refusal):
    """No such link was ever mailed, or what it led to is gone."""

    status = 404
    sentence = lazy_gettext("This link is not valid, or what it led to has been erased.")


class LinkExpired(Refusal):
    """The link is older than its time; the form may be sent again."""

    status = 410
    sentence = lazy_gettext("This link has expired. Please send the form once more; you will get a new one.")


class EndorsementUnknown(Refusal):
    """For organisers: nothing is to be decided under this id."""

    sentence = lazy_gettext("There is no endorsement with this id.")


class Withdrawn(Refusal):
    """For organisers: what its organisation has taken back is not decided about."""

    sentence = lazy_gettext("This endorsement was withdrawn; there is nothing to decide.")
