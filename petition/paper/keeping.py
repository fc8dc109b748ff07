"""What this room keeps for a while: tables that were handed in; what was entered from them are signatures."""

from petition.paper import uploads
from petition.privacy.keepers import Keeper

# A table is its owner's and gone after a day; nobody could find a person in it by their mailbox.
KEEPER = Keeper("paper", access=lambda person: {}, forget=lambda person: [], purge=uploads.purge)
