"""Why a signatory is told no: one sentence each, turned into a page by one handler."""

from flask_babel import LazyString, lazy_gettext


class Refusal(Exception):
    """The base of this room's refusals. ``heading`` and ``sentence`` are for the person, ``status`` for the browser."""

    status = 422
    heading: LazyString = lazy_gettext("This did not work")
    sentence: LazyString = lazy_gettext("This cannot be done.")


class NotOpen(Refusal):
    status = 403
    heading = lazy_gettext("Not yet open")
    sentence = lazy_gettext("This declaration cannot be signed yet.")


class Closed(Refusal):
    status = 403
    heading = lazy_gettext("Closed")
    sentence = lazy_gettext("This declaration is closed; it can no longer be signed.")


class Paused(Refusal):
    """Signing rests; what was submitted before can still be confirmed."""

    status = 403
    heading = lazy_gettext("Signing is paused")
    sentence = lazy_gettext("Signing is paused for the moment. Please come back later.")


class Withdrawn(Refusal):
    """What is withdrawn is not corrected; its owner may sign again."""

    status = 409
    sentence = lazy_gettext("This signature was withdrawn. To change it, please sign again.")


class LinkUnknown(Refusal):
    """No such link was ever mailed, or what it led to is gone."""

    status = 404
    sentence = lazy_gettext("This link is not valid, or what it led to has been erased.")


class LinkExpired(Refusal):
    """The link is older than its time; its owner may have a new one."""

    status = 410
    sentence = lazy_gettext("This link has expired. Newer emails, if there are any, hold newer links.")


class CodeRefused(Refusal):
    """One answer for an unknown address, a wrong code, an old code and too many tries."""

    sentence = lazy_gettext(
        "This address and code do not fit together, or the code is no longer good. "
        "Please check both, or open the link in the email instead."
    )


class NoSuchList(Refusal):
    """The address asks for a part of the public list that there cannot be."""

    status = 404


class NoSuchCountry(NoSuchList):
    sentence = lazy_gettext("There is no country with this code.")


class NoSuchKind(NoSuchList):
    sentence = lazy_gettext("There is no such kind of signatories here.")


class NoSuchPlace(NoSuchList):
    """This names no place in the list."""

    sentence = lazy_gettext("There is no such place in the list of signatories.")


class SignatureUnknown(Refusal):
    """For staff: under this id there is no signature here."""

    status = 404
    sentence = lazy_gettext("There is no signature with this id.")


class Erased(Refusal):
    """For staff: of a person that is forgotten nothing is decided or changed."""

    status = 409
    sentence = lazy_gettext("This signature was erased; only its number is left.")


class WithdrawnByOwner(Refusal):
    """For staff: what its owner has taken back is not decided about."""

    status = 409
    sentence = lazy_gettext("This signature was withdrawn; there is nothing to decide.")


class NoReason(Refusal):
    sentence = lazy_gettext("Please give a reason.")


class ReasonRefused(Refusal):
    """A reason obeys the rules of names, because the signatory may read it; it carries which one it broke."""

    def __init__(self, sentence: LazyString) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class ConfirmedAlready(Refusal):
    """For staff: what is confirmed needs no request any more."""

    status = 409
    sentence = lazy_gettext("This is confirmed already; there is nothing to send.")


class RefusedMails(Refusal):
    """For staff: the mailbox's owner said that it was not them."""

    status = 409
    sentence = lazy_gettext("Whoever has this email address wants no emails about this declaration.")
