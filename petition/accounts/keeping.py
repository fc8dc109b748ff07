"""What this room keeps for a while: sessions, tries, invitations; purged when they are over."""

from petition.accounts import inviting, sessions, throttling
from petition.privacy.keepers import PURGE_BATCH, Keeper


def purge() -> int:
    return sum(each(PURGE_BATCH) for each in (sessions.purge, throttling.purge, inviting.purge))


# Staff see what is stored of them on the page of their account. A signatory's link, which a mail carries, must not
# tell that the same mailbox has an account, and an erasure of a signature does not end one.
KEEPER = Keeper("accounts", access=lambda person: {}, forget=lambda person: [], purge=purge)
