"""Why a passkey is told no: one sentence each."""

from flask_babel import LazyString, lazy_gettext

from petition.accounts.refusals import Refusal


class PasskeyRefused(Refusal):
    """The authenticator's answer does not fit, came late, or was used before."""

    sentence = lazy_gettext("This passkey was not accepted. Please try again.")


class PasskeyKnown(Refusal):
    """One authenticator, one passkey."""

    status = 409
    sentence = lazy_gettext("This passkey is there already.")


class PasskeyUnnamed(Refusal):
    """It has no name, or one that cannot be printed."""

    field = "name"
    sentence = lazy_gettext("Please give the passkey a name.")

    def __init__(self, sentence: LazyString | None = None) -> None:
        super().__init__()
        self.sentence = sentence or self.sentence


class TooManyPasskeys(Refusal):
    """As many as an account may have."""

    sentence = lazy_gettext("There is no room for another passkey. Please remove one first.")


class NoSuchPasskey(Refusal):
    status = 404
    sentence = lazy_gettext("There is no such passkey.")
