"""The kinds of problems: their words, the way to mend them, and who may take them away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import for_reader


@dataclass(frozen=True, slots=True)
class Kind:
    """`mend` names the way out for the page: edit, match, payment, address, amount, look."""

    words: str | Promise
    mend: str
    blocking: bool = True
    from_shop: bool = False  # the shop's payload raised it: stays until the shop or a person changes the order
    alert: bool = False  # about a dispatched order: stays until somebody looks
    desk: bool = False  # an alert for the warehouse, which goes when it has packed: the reseller did it himself
    answerable: bool = False  # a person may say that it is right as it is: orders/questions/questions.py
    sticky: bool = False  # no reading takes it back: it stays until a person answers
    given: str | Promise = ""  # said after `words` where the params hold what was given
    short: str | Promise = ""  # what it is called in a filter, where the beginning of `words` does not say it


CATALOGUE: dict[str, Kind] = {
    "no_lines": Kind(_("There is nothing to ship"), "edit"),
    "unknown_sku": Kind(_("SKU not linked: %(sku)s"), "match"),
    "discontinued": Kind(_("No longer on sale: %(sku)s"), "edit"),
    "address_incomplete": Kind(_("Incomplete address: %(field)s is missing"), "address"),
    "province_unknown": Kind(_("Province not recognised: “%(value)s”. Two letters, like MI"), "address"),
    "postcode_malformed": Kind(
        _("“%(value)s” is no Italian postcode: it has five digits"), "address", short=_("Postcode not recognised")
    ),
    "address_mismatch": Kind(_("Postcode and city do not agree"), "address", blocking=False),
    "street_number_missing": Kind(_("Street number missing"), "address", blocking=False),
    "phone_missing": Kind(
        _("Phone missing: the courier asks for it"),
        "address",
        blocking=False,
        given=_("(“%(given)s” is no telephone number)"),
    ),
    "payment_awaiting": Kind(_("Payment not received yet"), "payment"),
    "payment_review": Kind(_("Payment to check"), "payment"),
    "cod_currency": Kind(
        _("Cash on delivery must be in EUR, not %(currency)s"), "amount", short=_("COD in a foreign currency")
    ),
    "cod_amount": Kind(_("Amount to collect missing or zero"), "amount"),
    "cod_over_law": Kind(_("COD over the legal limit of 4,999.99 €"), "amount"),
    "cod_mixed": Kind(
        _("COD with goods that are not ours: is %(amount)s € what our courier collects?"),
        "amount",
        answerable=True,
    ),
    "collected_beside": Kind(
        _("The courier would also collect what he does not bring (%(names)s): is the amount right?"),
        "amount",
        from_shop=True,
        answerable=True,
        short=_("COD with what is not sent"),
    ),
    "foreign_currency": Kind(
        _("Paid in %(currency)s, and our figures are in EUR: is the price right?"),
        "look",
        from_shop=True,
        answerable=True,
        short=_("Paid in a foreign currency"),
    ),
    "bad_quantity": Kind(_("Impossible quantity: %(value)s"), "edit", from_shop=True),
    "bad_price": Kind(_("Impossible price: %(value)s"), "edit", from_shop=True),
    "too_many_lines": Kind(_("Too many lines: %(count)s"), "edit", from_shop=True),
    "text_cut": Kind(_("Too long and cut: %(field)s"), "address", from_shop=True),
    "partly_refunded": Kind(
        _("Partly refunded in the shop (%(amount)s): check what is still to be sent"),
        "edit",
        from_shop=True,
        answerable=True,
    ),
    "no_shipping": Kind(_("No shipping address in the shop's order"), "address", from_shop=True),
    "customer_hidden": Kind(
        _("The shop's platform keeps the customer's data from us: approve the access, then it is read again"),
        "look",
        from_shop=True,
        short=_("Customer's data not visible"),
    ),
    "partly_sent": Kind(
        _("A part was already sent in the shop: keep only what is still to send"),
        "edit",
        from_shop=True,
        answerable=True,
    ),
    "tracked_in_shop": Kind(
        _("The shop's order names a parcel already (%(tracking)s): was it sent?"),
        "look",
        from_shop=True,
        answerable=True,
        short=_("A parcel stands in the shop's order"),
    ),
    "sums_differ": Kind(
        _("The order does not add up: its parts make %(sum)s, its total says %(total)s"),
        "look",
        from_shop=True,
        answerable=True,
    ),
    "split_order": Kind(
        _("Part of a split order (%(parent)s): the same goods may stand in another order"),
        "look",
        from_shop=True,
        answerable=True,
    ),
    "bundle_double": Kind(
        _("A bundle and its parts are all ours (%(sku)s): keep what is really to be sent"),
        "edit",
        from_shop=True,
        answerable=True,
    ),
    "pickup": Kind(
        _("Collected or delivered by the shop itself (%(method)s): is there anything to ship?"),
        "look",
        from_shop=True,
        answerable=True,
        short=_("Pickup or local delivery"),
    ),
    "locker": Kind(
        _("To a pickup point (%(method)s, %(point)s): our courier would go to the address below"),
        "address",
        from_shop=True,
        answerable=True,
        short=_("Pickup point or locker"),
    ),
    "scheduled": Kind(
        _("A part is due later (%(when)s): only what is due now is here"),
        "look",
        blocking=False,
        from_shop=True,
    ),
    "on_hold_in_shop": Kind(
        _("On hold in the shop (%(reason)s): it waits until the shop releases it"),
        "look",
        from_shop=True,
        answerable=True,
        short=_("On hold in the shop"),
    ),
    "sent_elsewhere": Kind(
        _("In the shop %(sku)s is given to another place or app to send: is it ours to send?"),
        "look",
        from_shop=True,
        answerable=True,
        short=_("Given to somebody else to send"),
    ),
    "risk_high": Kind(_("The shop rates this order as a high risk"), "look", from_shop=True, answerable=True),
    "archived": Kind(_("Archived in the shop without being sent"), "look", from_shop=True, answerable=True),
    "no_shipping_flag": Kind(
        _("The shop says that %(sku)s needs no shipping, but it is an article of ours"),
        "look",
        blocking=False,
        from_shop=True,
        short=_("Article marked as not to be shipped"),
    ),
    "billing_street": Kind(
        _("The shipping address had no street: the one of the billing address was taken"),
        "address",
        blocking=False,
        from_shop=True,
    ),
    "age_unknown": Kind(
        _("The shop does not say when this order was placed: it may be an old one that was sent long ago"),
        "look",
        from_shop=True,
        answerable=True,
        short=_("Order without a date"),
    ),
    "id_reused": Kind(
        _("The shop gave the number of this order to another one: check that it still exists"),
        "look",
        answerable=True,
        sticky=True,
    ),
    "known_elsewhere": Kind(
        _("Taken in before under another connection of this store: was it sent already?"),
        "look",
        answerable=True,
        sticky=True,
    ),
    "possible_duplicate": Kind(
        _("Perhaps the same order as %(number)s: same customer, same goods, at nearly the same time"),
        "look",
        answerable=True,
        sticky=True,
        short=_("Possible duplicate"),
    ),
    "conflict": Kind(_("Changed here and in the shop: %(field)s"), "conflict", sticky=True),
    "postcode_abroad": Kind(
        _("%(postcode)s is in %(country)s, not in Italy"),
        "address",
        answerable=True,
        short=_("Postcode of another country"),
    ),
    "province_elsewhere": Kind(
        _("The postcode %(postcode)s is not in the province %(province)s: the courier's price hangs on it"),
        "address",
        short=_("Postcode and province in two parts of Italy"),
    ),
    "outside_customs": Kind(
        _("%(city)s lies outside the customs or VAT territory: couriers want papers, and other prices"),
        "look",
        answerable=True,
        short=_("Outside the customs territory"),
    ),
    "courier_text": Kind(
        _("Does not fit on %(courier)s's label and is cut: %(field)s"),
        "address",
        blocking=False,
        short=_("Does not fit on the courier's label"),
    ),
    "renumbered": Kind(
        _("The tracking number was corrected: %(tracking)s instead of %(used)s (%(text)s)"),
        "look",
        blocking=False,
        alert=True,
    ),
    "changed_in_shop": Kind(_("Changed in the shop after it was sent"), "look", blocking=False, alert=True),
    "cancelled_in_shop": Kind(_("Cancelled in the shop after it was sent"), "look", blocking=False, alert=True),
    "asked_in_shop": Kind(
        _("After it was sent the shop says: %(question)s"),
        "look",
        blocking=False,
        alert=True,
        short=_("The shop asks after it was sent"),
    ),
    "owes_less": Kind(
        _("In the shop the customer owes %(owed)s € now, our courier would collect %(collect)s €"),
        "look",
        blocking=False,
        alert=True,
        short=_("The customer owes less than the courier would collect"),
    ),
    "readdressed": Kind(
        _("Address changed after it was sent: print its label again"),
        "look",
        blocking=False,
        alert=True,
        desk=True,
    ),
}

# Of a sent order, for its reseller: they stay until he says that he looked.
ALERTS = frozenset(code for code, kind in CATALOGUE.items() if kind.alert and not kind.desk)

# What holds an order back in its shop, by the code in `reason`; others are shown as they came.
HOLDS = {
    "awaiting_payment": _("the payment is awaited"),
    "awaiting_return_items": _("the return of an exchange is awaited"),
    "high_risk_of_fraud": _("high risk of fraud"),
    "incorrect_address": _("wrong address"),
    "inventory_out_of_stock": _("out of stock there"),
    "online_store_post_purchase_cross_sell": _("the customer may still add to it"),
    "unknown_delivery_date": _("no date of delivery yet"),
    "other": _("reason not given"),
    "unknown": _("reason not given"),
    "pre_order": _("sold before it is there: is it due?"),
    "not_due": _("nothing of it is due yet"),
    "not_routed": _("the shop has not yet decided from where it leaves"),
    "not_visible": _("whether it is held is kept from us"),
}

FIELDS = {
    "name": _("name"),
    "street": _("address"),
    "postcode": _("postcode"),
    "city": _("city"),
    "province": _("province"),
    "country": _("country"),
    "note": _("note"),
    "phone": _("phone"),
    "email": _("e-mail"),
    "company": _("company"),
    "street2": _("second address line"),
    "to_collect": _("amount to collect"),
    "lines": _("articles"),
    "payment": _("payment"),
    "total": _("paid by the customer"),
    "currency": _("currency"),
}


def words(code: str, params: Mapping[str, Any]) -> str:
    """The sentence of a problem, in the reader's language. `kind` in the params of `asked_in_shop` is the problem that
    it would have been before the order was sent; the others are that one's."""
    kind = CATALOGUE.get(code)
    if kind is None:
        return code
    if code == "cancelled_in_shop" and params.get("status") == "refunded":
        return str(_("Refunded in full in the shop after it was sent"))
    shown = for_reader(params)
    if code == "asked_in_shop":
        shown["question"] = words(str(params.get("kind", "")), {**params, "kind": ""})
    if "field" in shown:
        shown["field"] = str(FIELDS.get(shown["field"], shown["field"]))
    if "reason" in shown:
        parts = str(shown["reason"]).split(", ")
        shown["reason"] = ", ".join(dict.fromkeys(str(HOLDS.get(part, part)) for part in parts))
    try:
        said = str(kind.words) % shown
        return f"{said} {str(kind.given) % shown}" if kind.given and "given" in shown else said
    except (KeyError, TypeError):
        return str(kind.words)
