"""Why somebody's account is not changed: one sentence each."""

from flask_babel import lazy_gettext

from petition.accounts.refusals import Refusal


class NoSuchPerson(Refusal):
    """There is none, or not for who asks."""

    status = 404
    sentence = lazy_gettext("There is no such account.")


class NotTheirs(Refusal):
    """An organiser gives roles on their own declarations alone, and never an operator's."""

    status = 403
    sentence = lazy_gettext("This is not yours to give or to take: it reaches beyond your declarations.")


class OneselfRefused(Refusal):
    """Nobody raises themselves."""

    status = 403
    sentence = lazy_gettext("Nobody does this to their own account. Please ask somebody else to do it.")


class LastOne(Refusal):
    """It would lock everybody out."""

    status = 409
    sentence = lazy_gettext(
        "Then nobody could let others in any more. Please give somebody else the role of an operator, "
        "or of an organiser of all declarations, first."
    )


class NotDisabled(Refusal):
    """An invitation to a disabled account could not be taken up."""

    status = 409
    sentence = lazy_gettext("This account is disabled. Please enable it first.")
