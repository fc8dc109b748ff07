"""Why something cannot be done with a partner: one sentence each."""

from flask_babel import LazyString, lazy_gettext


class Refusal(Exception):
    """The base of this room's refusals. ``field`` names what it is about."""

    status = 422
    sentence: LazyString = lazy_gettext("This cannot be done.")
    field = ""

    def __init__(self, sentence: LazyString | None = None, *, field: str = "") -> None:
        self.sentence, self.field = sentence or self.sentence, field or self.field
        super().__init__(str(self.sentence))


class AlreadyThere(Refusal):
    status = 409
    field = "slug"
    sentence = lazy_gettext("There is a partner with this short name already.")


class DetailsRefused(Refusal):
    """Something that is said of the partner cannot stand as it is."""


class TooManyKeys(Refusal):
    status = 409
    sentence = lazy_gettext("There are two keys already. Revoke one of them first.")


class NoSuchKey(Refusal):
    status = 404
    sentence = lazy_gettext("There is no such key.")
