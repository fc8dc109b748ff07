"""Make the links and choose the texts that mails show."""

from petition import links
from petition.declarations.models import DeclarationText
from petition.signatures.mailboxes import Mailbox
from petition.signatures.models import Purpose


def personal_link(mailbox: Mailbox, language: str) -> str:
    """The address under which a signatory looks after the signature; for a mail to its mailbox alone."""
    return links.external("mailed.signature", language=language, token=mailbox.mint(Purpose.PERSONAL))


def unsubscribe_link(mailbox: Mailbox, language: str) -> str:
    """The address under which updates end with one click; each mail of updates gets one of its own."""
    return links.external("mailed.unsubscribe", language=language, token=mailbox.mint(Purpose.UNSUBSCRIBE))


def text_in(language: str, *, signed: DeclarationText) -> DeclarationText:
    """The text whose title a mail shows: the current one in the mail's language, or the one signed."""
    current = (text for text in signed.declaration.texts if text.current and text.language == language)
    return next(current, signed)
