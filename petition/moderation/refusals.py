"""Why staff that decides about many is told no."""

from flask_babel import lazy_gettext


class NothingChosen(Exception):
    """No box was ticked."""

    status = 422
    sentence = lazy_gettext("Please tick what you decide about.")
