"""Every kind of problem: what it says with its particulars, its name, its way out, and who may take it away."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django.utils import translation

from orders.models import Problem
from orders.problem_kinds import ALERTS, CATALOGUE, FIELDS, HOLDS, words
from orders.problems import is_alert, is_settled_by_edit, mend, name

PARTICULARS = {
    "amount": "7.31",
    "city": "Livigno",
    "collect": "39.90",
    "count": "501",
    "country": "SM",
    "courier": "GLS",
    "currency": "USD",
    "field": "street2",
    "given": "n.d.",
    "kind": "risk_high",
    "method": "Fermopoint",
    "names": "spedizione",
    "number": "MCI-000042",
    "owed": "5.29",
    "parent": "#1001",
    "point": "20121 Milano",
    "postcode": "47890",
    "province": "RN",
    "reason": "other, high_risk_of_fraud, unknown, x-y",
    "sku": "DIV-A",
    "sum": "12.37",
    "text": "Scambiata",
    "total": "13.48",
    "tracking": "TRK-9",
    "used": "TRK-8",
    "value": "7x",
    "when": "3.4.",
}
# Code → its way out and what holds of it (`form`: the order's form settles it), its name, its sentence.
KINDS = {
    "no_lines": ("edit blocking", "There is nothing to ship", "There is nothing to ship"),
    "unknown_sku": ("match blocking", "SKU not linked", "SKU not linked: DIV-A"),
    "discontinued": ("edit blocking", "No longer on sale", "No longer on sale: DIV-A"),
    "address_incomplete": (
        "address blocking",
        "Incomplete address",
        "Incomplete address: second address line is missing",
    ),
    "province_unknown": (
        "address blocking",
        "Province not recognised",
        "Province not recognised: “7x”. Two letters, like MI",
    ),
    "postcode_malformed": (
        "address blocking",
        "Postcode not recognised",
        "“7x” is no Italian postcode: it has five digits",
    ),
    "address_mismatch": ("address", "Postcode and city do not agree", "Postcode and city do not agree"),
    "street_number_missing": ("address", "Street number missing", "Street number missing"),
    "phone_missing": (
        "address",
        "Phone missing",
        "Phone missing: the courier asks for it (“n.d.” is no telephone number)",
    ),
    "payment_awaiting": ("payment blocking", "Payment not received yet", "Payment not received yet"),
    "payment_review": ("payment blocking", "Payment to check", "Payment to check"),
    "cod_currency": ("amount blocking", "COD in a foreign currency", "Cash on delivery must be in EUR, not USD"),
    "cod_amount": ("amount blocking", "Amount to collect missing or zero", "Amount to collect missing or zero"),
    "cod_over_law": (
        "amount blocking",
        "COD over the legal limit of 4,999.99 €",
        "COD over the legal limit of 4,999.99 €",
    ),
    "cod_mixed": (
        "amount blocking answerable",
        "COD with goods that are not ours",
        "COD with goods that are not ours: is 7.31 € what our courier collects?",
    ),
    "collected_beside": (
        "amount blocking from_shop answerable form",
        "COD with what is not sent",
        "The courier would also collect what he does not bring (spedizione): is the amount right?",
    ),
    "foreign_currency": (
        "look blocking from_shop answerable",
        "Paid in a foreign currency",
        "Paid in USD, and our figures are in EUR: is the price right?",
    ),
    "bad_quantity": ("edit blocking from_shop form", "Impossible quantity", "Impossible quantity: 7x"),
    "bad_price": ("edit blocking from_shop form", "Impossible price", "Impossible price: 7x"),
    "too_many_lines": ("edit blocking from_shop form", "Too many lines", "Too many lines: 501"),
    "text_cut": ("address blocking from_shop form", "Too long and cut", "Too long and cut: second address line"),
    "partly_refunded": (
        "edit blocking from_shop answerable form",
        "Partly refunded in the shop",
        "Partly refunded in the shop (7.31): check what is still to be sent",
    ),
    "no_shipping": (
        "address blocking from_shop form",
        "No shipping address in the shop's order",
        "No shipping address in the shop's order",
    ),
    "customer_hidden": (
        "look blocking from_shop form",
        "Customer's data not visible",
        "The shop's platform keeps the customer's data from us: approve the access, then it is read again",
    ),
    "partly_sent": (
        "edit blocking from_shop answerable form",
        "A part was already sent in the shop",
        "A part was already sent in the shop: keep only what is still to send",
    ),
    "tracked_in_shop": (
        "look blocking from_shop answerable",
        "A parcel stands in the shop's order",
        "The shop's order names a parcel already (TRK-9): was it sent?",
    ),
    "sums_differ": (
        "look blocking from_shop answerable",
        "The order does not add up",
        "The order does not add up: its parts make 12.37, its total says 13.48",
    ),
    "split_order": (
        "look blocking from_shop answerable",
        "Part of a split order",
        "Part of a split order (#1001): the same goods may stand in another order",
    ),
    "bundle_double": (
        "edit blocking from_shop answerable form",
        "A bundle and its parts are all ours",
        "A bundle and its parts are all ours (DIV-A): keep what is really to be sent",
    ),
    "pickup": (
        "look blocking from_shop answerable",
        "Pickup or local delivery",
        "Collected or delivered by the shop itself (Fermopoint): is there anything to ship?",
    ),
    "locker": (
        "address blocking from_shop answerable form",
        "Pickup point or locker",
        "To a pickup point (Fermopoint, 20121 Milano): our courier would go to the address below",
    ),
    "scheduled": ("look from_shop", "A part is due later", "A part is due later (3.4.): only what is due now is here"),
    "on_hold_in_shop": (
        "look blocking from_shop answerable",
        "On hold in the shop",
        "On hold in the shop (reason not given, high risk of fraud, x-y): it waits until the shop releases it",
    ),
    "sent_elsewhere": (
        "look blocking from_shop answerable",
        "Given to somebody else to send",
        "In the shop DIV-A is given to another place or app to send: is it ours to send?",
    ),
    "risk_high": (
        "look blocking from_shop answerable",
        "The shop rates this order as a high risk",
        "The shop rates this order as a high risk",
    ),
    "archived": (
        "look blocking from_shop answerable",
        "Archived in the shop without being sent",
        "Archived in the shop without being sent",
    ),
    "no_shipping_flag": (
        "look from_shop",
        "Article marked as not to be shipped",
        "The shop says that DIV-A needs no shipping, but it is an article of ours",
    ),
    "billing_street": (
        "address from_shop form",
        "The shipping address had no street",
        "The shipping address had no street: the one of the billing address was taken",
    ),
    "age_unknown": (
        "look blocking from_shop answerable",
        "Order without a date",
        "The shop does not say when this order was placed: it may be an old one that was sent long ago",
    ),
    "id_reused": (
        "look blocking answerable sticky",
        "The shop gave the number of this order to another one",
        "The shop gave the number of this order to another one: check that it still exists",
    ),
    "known_elsewhere": (
        "look blocking answerable sticky",
        "Taken in before under another connection of this store",
        "Taken in before under another connection of this store: was it sent already?",
    ),
    "possible_duplicate": (
        "look blocking answerable sticky",
        "Possible duplicate",
        "Perhaps the same order as MCI-000042: same customer, same goods, at nearly the same time",
    ),
    "conflict": (
        "conflict blocking sticky",
        "Changed here and in the shop",
        "Changed here and in the shop: second address line",
    ),
    "postcode_abroad": (
        "address blocking answerable",
        "Postcode of another country",
        "47890 is in San Marino, not in Italy",
    ),
    "province_elsewhere": (
        "address blocking",
        "Postcode and province in two parts of Italy",
        "The postcode 47890 is not in the province RN: the courier's price hangs on it",
    ),
    "outside_customs": (
        "look blocking answerable",
        "Outside the customs territory",
        "Livigno lies outside the customs or VAT territory: couriers want papers, and other prices",
    ),
    "courier_text": (
        "address",
        "Does not fit on the courier's label",
        "Does not fit on GLS's label and is cut: second address line",
    ),
    "renumbered": (
        "look alert",
        "The tracking number was corrected",
        "The tracking number was corrected: TRK-9 instead of TRK-8 (Scambiata)",
    ),
    "changed_in_shop": ("look alert", "Changed in the shop after it was sent", "Changed in the shop after it was sent"),
    "cancelled_in_shop": (
        "look alert",
        "Cancelled in the shop after it was sent",
        "Cancelled in the shop after it was sent",
    ),
    "asked_in_shop": (
        "look alert",
        "The shop asks after it was sent",
        "After it was sent the shop says: The shop rates this order as a high risk",
    ),
    "owes_less": (
        "look alert",
        "The customer owes less than the courier would collect",
        "In the shop the customer owes 5.29 € now, our courier would collect 39.90 €",
    ),
    "readdressed": (
        "look alert desk",
        "Address changed after it was sent",
        "Address changed after it was sent: print its label again",
    ),
}


def said(code: str, **particulars: Any) -> str:
    with translation.override("en"):
        return words(code, particulars)


def test_of_every_kind_what_it_says_and_who_may_take_it_away() -> None:
    found = {}
    for code, kind in CATALOGUE.items():
        holds = [field.name for field in fields(kind) if getattr(kind, field.name) is True]
        problem = Problem(code=code)
        form = ["form"] if is_settled_by_edit(problem) else []
        with translation.override("en"):
            found[code] = (" ".join([mend(problem), *holds, *form]), name(code), words(code, PARTICULARS))
        assert is_alert(code) == kind.alert
    assert found == KINDS
    assert {"renumbered", "changed_in_shop", "cancelled_in_shop", "asked_in_shop", "owes_less"} == ALERTS
    # Of another version, it is shown by its code.
    problem = Problem(code="of_tomorrow")
    assert said("of_tomorrow", field="name") == "of_tomorrow"
    assert (is_alert("of_tomorrow"), is_settled_by_edit(problem), mend(problem)) == (False, False, "look")
    # Why a shop holds it is said once, and a reason that nobody knows as it came.
    assert said("on_hold_in_shop", reason=", ".join([*HOLDS, "other", "di magazzino"])) == (
        "On hold in the shop (the payment is awaited, the return of an exchange is awaited, high risk of fraud, "
        "wrong address, out of stock there, the customer may still add to it, no date of delivery yet, "
        "reason not given, sold before it is there: is it due?, nothing of it is due yet, the shop has not yet "
        "decided from where it leaves, whether it is held is kept from us, di magazzino): it waits until the shop "
        "releases it"
    )
    assert {field: said("conflict", field=field) for field in FIELDS} == {
        field: f"Changed here and in the shop: {word}" for field, word in WORDS.items()
    }
    assert said("conflict", field="x") == "Changed here and in the shop: x"
    for code, particulars, sentence in SENTENCES:
        assert said(code, **particulars) == sentence


WORDS = {
    "name": "name",
    "street": "address",
    "postcode": "postcode",
    "city": "city",
    "province": "province",
    "country": "country",
    "note": "note",
    "phone": "phone",
    "email": "e-mail",
    "company": "company",
    "street2": "second address line",
    "to_collect": "amount to collect",
    "lines": "articles",
    "payment": "payment",
    "total": "paid by the customer",
    "currency": "currency",
}
SENTENCES: list[tuple[str, dict[str, str], str]] = [
    ("cancelled_in_shop", {"status": "refunded"}, "Refunded in full in the shop after it was sent"),
    ("cancelled_in_shop", {"status": "cancelled"}, "Cancelled in the shop after it was sent"),
    ("changed_in_shop", {"status": "refunded"}, "Changed in the shop after it was sent"),
    ("phone_missing", {}, "Phone missing: the courier asks for it"),
    ("unknown_sku", {"given": "x"}, "SKU not linked: %(sku)s"),  # a row of an earlier version
    ("unknown_sku", {"given": "x", "sku": "12.50"}, "SKU not linked: 12.50"),
    (
        "sums_differ",
        {"sum": "1234.50", "total": "7"},
        "The order does not add up: its parts make 1,234.50, its total says 7",
    ),
    ("asked_in_shop", {}, "After it was sent the shop says: "),
    (
        "asked_in_shop",
        {"kind": "partly_refunded", "amount": "7.31"},
        "After it was sent the shop says: Partly refunded in the shop (7.31): check what is still to be sent",
    ),
    # It does not ask itself for ever.
    ("asked_in_shop", {"kind": "asked_in_shop"}, "After it was sent the shop says: " * 2),
]
