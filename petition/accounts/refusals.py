"""Why somebody who wants to sign in is told no: one sentence each."""

import math
from datetime import timedelta

from flask_babel import LazyString, lazy_gettext


class Refusal(Exception):
    """The base of this room's refusals. ``sentence`` is for the person, ``status`` for the browser."""

    status = 422
    heading: LazyString = lazy_gettext("This did not work")
    sentence: LazyString = lazy_gettext("This cannot be done.")
    field: str | None = None
    """The field that it is about."""


class AlreadyThere(Refusal):
    """The mailbox has an account."""

    status = 409
    sentence = lazy_gettext("There is an account for this address already.")
    field = "email"


class WeakPassword(Refusal):
    """Such a password would soon be guessed."""

    field = "new_password"


class PasswordTooShort(WeakPassword):
    sentence = lazy_gettext("Please choose at least 12 characters; a few words that do not belong together are good.")


class PasswordTooLong(WeakPassword):
    sentence = lazy_gettext("Please choose a shorter password, of at most 256 bytes.")


class PasswordTooCommon(WeakPassword):
    sentence = lazy_gettext(
        "This password would soon be guessed: it is made of common words, of rows or repetitions, or of your name or "
        "address. Please choose words that do not belong together."
    )


class InvitationRefused(Refusal):
    """No such invitation was ever given, or it is used, over, or taken back."""

    status = 404
    heading = lazy_gettext("This invitation is no longer good")
    sentence = lazy_gettext("It was used before, or it is older than 7 days. Ask whoever invited you for a new one.")


class NotProved(Refusal):
    """One answer for an unknown address, a wrong password, a disabled account."""

    status = 403
    sentence = lazy_gettext("This address and password do not fit together. Please check both.")


class PasswordRefused(Refusal):
    """Somebody who is signed in typed another password."""

    status = 403
    sentence = lazy_gettext("This is not your password.")
    field = "password"


class CodeRefused(Refusal):
    """The second step: a wrong code, an old one, or one that was taken before."""

    status = 403
    sentence = lazy_gettext(
        "This code is not right, or it was used before. Please wait for the next one and try again."
    )
    field = "code"


class LastFactor(Refusal):
    """Without any second factor the password alone would open the account."""

    status = 409
    sentence = lazy_gettext("This is your only second factor. Please add another one first.")


class TooManyTries(Refusal):
    """Too many tries have failed; ``wait`` is how long to pause."""

    status = 429

    sentence = lazy_gettext("This was tried too often. Please wait a little; what you typed can be sent again then.")

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.seconds = max(1, math.ceil(wait.total_seconds()))
