"""What the administration calls the fields of the books (core/administration/field_names.py)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.administration.field_names import give
from wallet.models import Account, Entry, Posting, Proposal, TopUp


def say() -> None:
    give(
        Account,
        {
            "kind": _("which account"),
            "dropshipper": _("dropshipper"),
            "balance": _("balance (EUR)"),
            "floor": _("may go down to (EUR)"),
        },
    )
    give(
        Entry,
        {
            "kind": _("which movement"),
            "key": _("key in the books"),
            "reference": _("what for"),
            "dropshipper": _("dropshipper"),
            "reverses": _("takes back"),
            "by": _("who"),
            "memo": _("reason given"),
            "at": _("at"),
        },
    )
    give(Posting, {"entry": _("entry"), "account": _("account"), "amount": _("amount (EUR)")})
    give(
        TopUp,
        {
            "dropshipper": _("dropshipper"),
            "requested_by": _("asked by"),
            "decided_by": _("decided by"),
            "created_at": _("asked on"),
            "sent_at": _("transfer sent on"),
            "decided_at": _("decided on"),
        },
    )
    give(
        Proposal,
        {
            "kind": _("which movement"),
            "reference": _("what for"),
            "dropshipper": _("dropshipper"),
            "proposed_by": _("asked by"),
            "proposed_at": _("asked on"),
            "decided_by": _("decided by"),
            "decided_at": _("decided on"),
            "entry": _("entry"),
        },
    )
