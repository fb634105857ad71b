"""The table of payment kinds against a model, over all that an order can say at once; and what a line costs its
customer, to the cent."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import count, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.platforms.base import IncomingLine
from connectors.platforms.shopify.orders import read_order
from connectors.platforms.shopify.payment import Facts, Verdict, classify
from tests.connectors.shopify.test_orders import body, line, money, node

D = Decimal
# What each name is; the words are tested in test_payment_words.py.
OWN, COD, BANK, CHEQUE, CARD, ODD, SHARED, DENIED, NONE, GIFT = (
    *("own", "cod", "bank_transfer", "cheque", "unpaid", "unknown_method", "cod_among_others", "cod_denied"),
    *("none", "gift"),
)  # fmt: skip
NAMES = {
    "Cash on Delivery (COD)": OWN,
    "cash_on_delivery": OWN,
    "Contrassegno (+ 5,00 €)": COD,
    "Pagamento alla consegna": COD,
    "Bonifico": BANK,
    "Bank Deposit": BANK,
    "Money Order": CHEQUE,
    "Klarna": CARD,
    "shopify_payments": CARD,
    "paypal": CARD,
    "Plugin X": ODD,
    "Cash": ODD,
    "Contrassegno o carta": SHARED,
    "Paga come vuoi (no contrassegno)": DENIED,
    "manual": NONE,
    "gift_card": GIFT,
    "Store credit": GIFT,
}
TAGS = {"COD": True, "releasit_cod_form": True, "telefono": False, "no contrassegno": False}
UNPAID = ["PENDING", "PARTIALLY_PAID"]
STATUSES = [*UNPAID, "AUTHORIZED", "PAID", "PARTIALLY_REFUNDED", "REFUNDED", "VOIDED", "EXPIRED", "NEW_WORD", ""]
seldom = st.integers(0, 7).map(lambda n: n == 0)
names = st.lists(st.sampled_from(sorted(NAMES)), max_size=3, unique=True)
FACTS = st.builds(
    Facts,
    status=st.sampled_from([*UNPAID, *UNPAID, *STATUSES]),
    gateways=names,
    marks=st.lists(st.sampled_from(sorted(TAGS)), max_size=2, unique=True),
    total=st.sampled_from([None, D("0.00"), D("31.07")]),
    outstanding=st.sampled_from([None, D("0.00"), D("0.01"), D("17.43")]),
    one_currency=seldom.map(lambda yes: not yes),
    has_address=seldom.map(lambda yes: not yes),
    test=seldom,
    point_of_sale=seldom,
    sent=st.sampled_from(["", "", "", "part", "all"]),
    taken=st.just(()) | names.map(tuple),
    terms=seldom,
)


def settled(f: Facts) -> tuple[str, str, bool, bool] | None:
    """Kind, reason, finished, live of what no rule may change."""
    over_the_counter = f.sent == "all" or not f.has_address
    paid = f.status in ("PAID", "PARTIALLY_REFUNDED")
    free = f.status == "PAID" and f.total == 0
    table = [
        (f.status in ("REFUNDED", "VOIDED"), ("review", "given_up", False, False)),
        (f.test, ("review", "test_order", False, True)),
        (f.point_of_sale, ("review", "point_of_sale", over_the_counter, not over_the_counter)),
        (f.sent == "all", ("review", "completed_in_shop", True, True)),
        (f.status == "", ("review", "no_status", False, True)),
        (f.status == "NEW_WORD", ("review", "unknown_status", False, True)),
        (f.status == "EXPIRED", ("awaiting", "payment_expired", False, True)),
        (f.status == "AUTHORIZED", ("awaiting", "authorized", False, True)),
        (paid and (f.outstanding is None or f.outstanding > 0), ("review", "paid_and_owing", False, True)),
        (paid, ("prepaid", "free" if free else "paid", False, True)),
    ]
    return next((what for true, what in table if true), None)


def owing(f: Facts) -> tuple[str, str, str]:
    """Kind, reason and the method that it is about, of what the customer still owes."""
    left = [name for name in f.gateways if NAMES[name] not in (GIFT, NONE)]
    cod = next((name for name in left if NAMES[name] in (OWN, COD)), "")
    tag = next((f"tag:{mark.lower()}" for mark in f.marks if TAGS[mark]), "")
    if f.terms:
        return "review", "payment_terms", cod
    if f.status == "PARTIALLY_PAID" and cod:  # the deposit has come: by what was taken, else by the card
        came = set(f.taken) if f.taken else {name for name in left if NAMES[name] == CARD}
        left = [name for name in left if name == cod or name not in came]
    waits = [name for name in left if NAMES[name] in (BANK, CHEQUE, CARD)]
    odd = [name for name in left if NAMES[name] in (ODD, SHARED, DENIED)]
    if odd and (cod or waits or len(odd) > 1):
        return "review", "two_methods" if cod else "several_methods", odd[0]
    if odd:
        return "review", NAMES[odd[0]], odd[0]
    if waits and (cod or tag):
        return "review", "two_methods", cod or tag
    if waits:
        return "awaiting", NAMES[waits[0]], waits[0]
    if not cod and not tag:
        return "review", "unknown_method", ""
    if NAMES.get(cod) != OWN and "no contrassegno" in f.marks:
        return "review", "cod_denied", cod or tag
    if f.outstanding is None:
        return "review", "owing_unknown", cod or tag
    if not f.one_currency:
        return "review", "two_currencies", cod or tag
    if not f.has_address:
        return "review", "no_address", cod or tag
    how = "partly_paid" if f.status == "PARTIALLY_PAID" else "cod_gateway" if cod else "cod_tag"
    return "cod", how, cod or tag


def model(f: Facts) -> Verdict:
    shown = [name for name in f.gateways if NAMES[name] != GIFT]
    tag = next((f"tag:{mark.lower()}" for mark in f.marks if TAGS[mark]), "")
    usual = next(filter(None, (*[name for name in shown if NAMES[name] != NONE], tag, *shown)), "")
    done = settled(f)
    if done:
        kind, reason, finished, live = done
        return Verdict(kind, reason, usual, rule_applies=False, finished=finished, live=live)
    kind, reason, method = owing(f)
    return Verdict(kind, reason, method or usual)


@settings(max_examples=1500, deadline=None)
@given(FACTS)
def test_every_order_is_what_the_table_says(facts: Facts) -> None:
    assert classify(facts) == model(facts)


def test_whatever_is_settled_is_so_in_each_combination() -> None:
    """All of them: chance may pass over a rare one."""
    usual = Facts("", ["Cash on Delivery (COD)"], [], None, None, one_currency=True, has_address=True)
    fields = {
        "status": STATUSES,
        "total": [None, D("0.00"), D("31.07")],
        "outstanding": [None, D("0.00"), D("0.01")],
        "sent": ["", "part", "all"],
        "has_address": [True, False],
        "test": [True, False],
        "point_of_sale": [True, False],
    }
    for values in product(*fields.values()):
        facts = replace(usual, **dict(zip(fields, values, strict=True)))
        assert classify(facts) == model(facts)


@pytest.mark.parametrize("owed", [None, "17.43"])
def test_paid_and_perhaps_owing_is_never_sent_as_paid(owed: str | None) -> None:
    """Through the reading: the API kept the sum from us, or says that something is still due."""
    told = node(displayFinancialStatus="PAID", totalOutstandingSet=owed and money(owed))
    read = read_order(told)
    assert (read.payment, read.payment_reason, read.rule_applies) == ("review", "paid_and_owing", False)


def bag(amount: Decimal) -> dict[str, Any]:
    """In a webhook; the shop's own currency has another figure."""
    return {
        "shop_money": {"amount": str(amount + 100), "currency_code": "EUR"},
        "presentment_money": {"amount": str(amount), "currency_code": "EUR"},
    }


def cents(value: Fraction) -> Decimal:
    return (D(value.numerator) / D(value.denominator)).quantize(D("0.01"), ROUND_HALF_UP)


def amounts(low: str, high: str) -> Any:
    return st.decimals(D(low), D(high), places=2)


@settings(max_examples=300, deadline=None)
@given(
    unit=amounts("5.01", "90"),
    ordered=st.integers(2, 9),
    now=st.integers(1, 9),
    left=st.integers(1, 9),
    taxes=st.lists(amounts("0.01", "9"), max_size=2),
    cuts=st.lists(amounts("0.01", "6"), max_size=2),
    included=st.sampled_from([True, False, None]),
)
def test_a_line_costs_its_share_of_discounts_and_taxes(
    unit: Decimal,
    ordered: int,
    now: int,
    left: int,
    taxes: list[Decimal],
    cuts: list[Decimal],
    included: bool | None,
) -> None:
    """Of what is still to be sent: discounts and taxes stand in the body for the pieces that were ordered."""
    sent = min(now, left)
    item = line(
        quantity=ordered,
        current_quantity=now,
        fulfillable_quantity=left,
        fulfillment_status="partial",
        price_set=bag(unit),
        tax_lines=[{"price_set": bag(one)} for one in taxes],
        discount_allocations=[{"amount_set": bag(one)} for one in cuts],
    )
    read = read_order(body(line_items=item, taxes_included=included))
    share = Fraction(sent, ordered)
    whole = Fraction(unit) * sent - Fraction(sum(cuts)) * share
    if included is False:
        whole += Fraction(sum(taxes)) * share
    [found] = read.lines
    assert (found.quantity, found.sent) == (sent, now - sent)
    if whole < 0:
        assert found.sale_gross is None
        assert ("bad_price", "MCI-0002") in [(doubt.code, doubt.subject) for doubt in read.doubts]
    else:
        assert found.sale_gross == cents(whole)


def test_the_api_s_price_has_its_discounts_off_already() -> None:
    numbers = count(1)
    item = {
        **node()["lineItems"]["nodes"][0],
        "quantity": 7,
        "currentQuantity": 5,
        "unfulfilledQuantity": 3,
        "discountedUnitPriceAfterAllDiscountsSet": money("11.31"),
        "taxLines": [{"priceSet": money(f"{next(numbers)}.13")}, {"priceSet": money("2.07")}],
        "discount_allocations": [{"amount_set": bag(D("4.44"))}],
    }
    [found] = read_order(node(lineItems={"nodes": [item]}, taxesIncluded=False)).lines
    # 11.31 × 3 + (1.13 + 2.07) × 3 / 7 = 33.93 + 1.371…
    assert (found.quantity, found.sent, found.sale_gross) == (3, 2, D("35.30"))


@pytest.mark.parametrize("wrong", ["price_set", "tax_lines", "discount_allocations"])
def test_one_amount_that_cannot_be_read_leaves_the_line_without_a_price(wrong: str) -> None:
    broken = {"presentment_money": {"amount": "12,50"}}
    value = {
        "price_set": broken,
        "tax_lines": [{"price_set": broken}],
        "discount_allocations": [{"amount_set": broken}],
    }[wrong]
    read = read_order(body(line_items=line(**{wrong: value})))
    assert [one.sale_gross for one in read.lines] == [None]
    assert [(doubt.code, doubt.subject) for doubt in read.doubts] == [("bad_price", "MCI-0002")]


def test_what_is_given_away_has_a_price_and_it_is_none() -> None:
    cut = {"amount_set": bag(D("39.90"))}
    read = read_order(body(line_items=line(discount_allocations=[cut])))
    assert [one.sale_gross for one in read.lines] == [D("0.00")]
    assert read.doubts == []
    assert isinstance(read.lines[0], IncomingLine)
