"""Why an order counts as prepaid, COD, awaiting or to check: the words of Order.payment_reason."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from orders.models import Order

SENTENCES = {
    "by_hand": _("Decided by you"),
    "rule": _("You decided it for this payment method"),
    "paid": _("Paid in the shop"),
    "paid_after_all": _("Paid in the shop after it was sent: nothing is collected at the door"),
    "paid_with_number": _("Paid in the shop: the order carries the number of the payment"),
    "paid_unproven": _(
        "Marked as paid by a method that we do not know, without a payment number: what is this method?"
    ),
    "no_method": _("Marked as paid, but no payment method is named: was it paid?"),
    "free": _("Nothing to pay"),
    "cod_gateway": _("Payment method of the shop: cash on delivery"),
    "cod_words": _("The name of the payment method speaks of cash on delivery"),
    "cod_and_paid": _("It is called cash on delivery, but carries a payment: check it in the shop"),
    "cod_marked_paid": _("It is called cash on delivery, but the shop marks it as paid: does the courier collect?"),
    "cod_denied": _("It speaks of cash on delivery only to deny it: was it paid?"),
    "cod_among_others": _("Its name speaks of cash on delivery and of another way to pay: which one was it?"),
    "unpaid": _("The customer has not paid yet"),
    "bank_transfer": _("Bank transfer not received yet"),
    "cheque": _("Cheque not received yet"),
    "on_hold": _("On hold in the shop"),
    "completed_in_shop": _("Already completed in the shop: was it sent by someone else?"),
    "unknown_status": _("The shop uses an order status that we do not know"),
    "no_status": _("The shop does not say how the payment stands"),
    "unknown_method": _("The shop does not say whether it was paid"),
    "cod_tag": _("A tag of the order says cash on delivery"),
    "partly_paid": _("A part was paid in advance: the courier collects the rest"),
    "part_paid": _("Only a part was paid, and the rest is still owed: how is it paid?"),
    "authorized": _("The card is authorised but not charged yet: capture the payment in the shop"),
    "payment_expired": _("The authorisation of the payment has expired"),
    "payment_terms": _("Payment terms were agreed: the customer pays later"),
    "paid_and_owing": _("Marked as paid, but the customer still owes something: check it in the shop"),
    "owing_unknown": _("The shop does not say how much the customer still owes"),
    "two_methods": _("Two payment methods: cash on delivery and another one"),
    "several_methods": _("Several payment methods, and one of them we do not know: what is still owed, and how?"),
    "two_currencies": _("Cash on delivery in a currency that is not the shop's"),
    "no_address": _("Cash on delivery without a shipping address"),
    "test_order": _("A test order of the shop: nothing was paid"),
    "point_of_sale": _("Sold over the counter: is there anything to ship?"),
    "given_up": _("Refunded or cancelled in the shop"),
}


def sentence(order: Order) -> str:
    """The reason in the reader's language, with the payment method as the shop calls it; empty for orders by hand."""
    words = SENTENCES.get(order.payment_reason, "")
    return " · ".join(filter(None, [str(words), order.payment_detail]))
