from wallet.models.books import Account, Entry, OpenItem, Posting, Seal
from wallet.models.proposal import Proposal
from wallet.models.topup import TopUp

__all__ = [
    "Account",
    "Entry",
    "OpenItem",
    "Posting",
    "Proposal",
    "Seal",
    "TopUp",
]
