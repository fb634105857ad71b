"""Why an order counts as prepaid, COD, awaiting or to check: the words of Order.payment_reason."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from orders.models import Order

SENTENCES = {
    "by_hand": _("Decided by you"),
    "rule": _("You decided it for this payment method"),
    "paid": _("Paid in the shop"),
    "free": _("Nothing to pay"),
    "cod_gateway": _("Payment method of the shop: cash on delivery"),
    "cod_words": _("The name of the payment method speaks of cash on delivery"),
    "cod_and_paid": _("It is called cash on delivery, but carries a payment: check it in the shop"),
    "unpaid": _("The customer has not paid yet"),
    "bank_transfer": _("Bank transfer not received yet"),
    "cheque": _("Cheque not received yet"),
    "on_hold": _("On hold in the shop"),
    "completed_in_shop": _("Already completed in the shop: was it sent by someone else?"),
    "unknown_status": _("The shop uses an order status that we do not know"),
    "unknown_method": _("The shop does not say whether it was paid"),
}


def sentence(order: Order) -> str:
    """The reason in the reader's language, with the payment method as the shop calls it; empty for orders by hand."""
    words = SENTENCES.get(order.payment_reason, "")
    return " · ".join(filter(None, [str(words), order.payment_detail]))
