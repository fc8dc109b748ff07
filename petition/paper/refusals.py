"""Why what stands on paper is not entered: one sentence each, for staff."""

from flask_babel import lazy_gettext

from petition.signatures.refusals import Refusal


class EntryRefused(Refusal):
    """The base of this room's refusals. ``about`` are the public ids of what is there already."""

    def __init__(self, *about: str) -> None:
        super().__init__(*about)
        self.about = about


class InTheFuture(EntryRefused):
    sentence = lazy_gettext("The day on the sheet is yet to come.")


class NotOpenThen(EntryRefused):
    sentence = lazy_gettext("The declaration was not open for signing on the day on the sheet.")


class AlreadySigned(EntryRefused):
    status = 409
    sentence = lazy_gettext("There is a signature with this email address already. Nothing was entered.")


class WithdrewBefore(EntryRefused):
    status = 409
    sentence = lazy_gettext(
        "Whoever has this email address withdrew their signature, and may sign again themselves. Nothing was entered."
    )


class AddressAbove(AlreadySigned):
    """In an earlier row of the same table."""

    def __init__(self, row: int) -> None:
        super().__init__()
        self.sentence = lazy_gettext("The same email address stands in row %(row)s.", row=row)


class PerhapsSigned(EntryRefused):
    """Name and country alone do not tell for sure."""

    status = 409
    sentence = lazy_gettext("There is a signature with this name and country already. It may be the same person.")


class NamedElsewhere(PerhapsSigned):
    """Both gave an address, and not the same."""

    sentence = lazy_gettext(
        "There is a signature with this name and country already, with another email address. "
        "It may be the same person."
    )


class NameAbove(PerhapsSigned):
    """In an earlier row of the same table."""

    def __init__(self, row: int) -> None:
        super().__init__()
        self.sentence = lazy_gettext("The same name and country stand in row %(row)s.", row=row)
