from wallet.models.books import Account, Entry, OpenItem, Posting, Proposal, Seal, TopUp

__all__ = [
    "Account",
    "Entry",
    "OpenItem",
    "Posting",
    "Proposal",
    "Seal",
    "TopUp",
]
