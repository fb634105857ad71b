"""The rules that decide of an order, as tables: why it may not go, which state follows which, what its money stands at,
what its figures are, which of its articles lack. Pure: no row is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal as D
from itertools import product
from typing import Any

import pytest
from django.utils import translation

from core.errors import DomainError
from orders import states
from orders.dispatch import figures, plan
from orders.dispatch.price import Goods, lacking, weight, withdrawn
from orders.errors import BadMove
from orders.fulfilment import standing
from orders.models import Order, OrderEvent
from tests import differing

STATES = ("draft", "received", "ready", "dispatched", "completed", "cancelled")


@dataclass
class Case:
    state: str = "ready"
    payment: str = "prepaid"
    currency: str = "EUR"
    to_collect: D | None = None


def refusal(case: Case, *, blocked: bool = False, active: bool = True, has_method: bool = True) -> Any:
    found = plan.refusal_of(case, blocked, active=active, has_method=has_method)
    return (found.code, found.params) if found else None


def code_of(case: Case, *, blocked: bool, active: bool, has_method: bool) -> tuple[str, dict[str, str]] | None:
    """The first that holds, in this order."""
    cod = case.payment == "cod"
    over = case.to_collect is not None and case.to_collect > D("4999.99")
    reasons = {
        "dropshipper_inactive": not active,
        "already_sent": case.state in ("dispatched", "completed"),
        "order_cancelled": case.state == "cancelled",
        "still_draft": case.state == "draft",
        "payment_not_sure": case.payment in ("awaiting", "review"),
        "cod_amount_unknown": cod and (case.currency != "EUR" or not case.to_collect),
        "cod_over_law": cod and over,
        "has_problems": blocked or case.state == "received",
        "method_missing": not has_method,
    }
    code = next((code for code, holds in reasons.items() if holds), None)
    if code is None:
        return None
    return code, {"amount": str(case.to_collect)} if code == "cod_over_law" else {}


def test_why_an_order_may_not_go() -> None:
    amounts = (None, D("0.00"), D("0.01"), D("4999.99"), D("5000.00"))
    kinds = ("prepaid", "cod", "awaiting", "review")
    for state, kind, currency, amount in product(STATES, kinds, ("EUR", "USD"), amounts):
        case = Case(state, kind, currency, amount)
        for blocked, active, has_method in product((False, True), repeat=3):
            ways = {"blocked": blocked, "active": active, "has_method": has_method}
            assert refusal(case, **ways) == code_of(case, **ways), (case, ways)
        assert plan.collect_of(case) == (amount if kind == "cod" else None)


FOLLOWS = {
    "draft": {"received", "ready", "cancelled"},
    "received": {"ready", "cancelled"},
    "ready": {"received", "dispatched", "cancelled"},
    "dispatched": {"completed", "cancelled"},
    "completed": set(),
    "cancelled": {"received", "ready"},
}


@pytest.mark.django_db
def test_which_state_follows_which_and_what_is_said_of_another() -> None:
    world = differing.world()
    order = world.order(("DIV-A", 1))
    labels = dict(Order.State.choices)
    Order.objects.update(state="received", version=7)
    for before, after in product(STATES, STATES):
        one = Order.objects.get(pk=order.pk)
        one.state, one.version = before, 99  # what else the caller has in hand is the caller's to save
        events = OrderEvent.objects.count()
        fine = after in FOLLOWS[before]
        assert states.may_move(before, after) is fine
        if fine and after not in ("dispatched", "completed"):
            states.move(one, after, event="edited", by=None, sections=["lines"])
            assert Order.objects.values_list("state", "version").get(pk=order.pk) == (after, 7)
            event = OrderEvent.objects.latest("id")
            assert (event.code, event.params, event.order_id) == ("edited", {"sections": ["lines"]}, order.pk)
            assert Order.objects.get(pk=order.pk).updated_at == one.updated_at
        elif not fine:
            with translation.override("en"), pytest.raises(BadMove) as refused:
                states.move(one, after, event="edited")
            with translation.override("en"):
                said = {"number": order.number, "from": str(labels[before]), "to": str(labels[after])}
                assert refused.value.params == said
            assert (one.state, OrderEvent.objects.count()) == (before, events)
        if before != "completed":
            with translation.override("en"), pytest.raises(BadMove) as refused:
                states.move_back(one)
            with translation.override("en"):
                assert refused.value.params == {
                    "number": order.number,
                    "from": str(labels[after if fine and after not in ("dispatched", "completed") else before]),
                    "to": "–",
                }
    # What was sent once is never opened again.
    sent = Order.objects.get(pk=order.pk)
    sent.state, sent.shipment_id = "cancelled", 1
    with translation.override("en"), pytest.raises(BadMove) as refused:
        states.move(sent, "ready", event="ready")
    assert refused.value.params == {"number": order.number, "from": "Cancelled", "to": "Ready"}


FIGURES: dict[str, Any] = {
    "goods_net": D("58.68"),
    "shipping_net": D("7.03"),
    "cod_fee_net": D("3.66"),
    "vat": D("12.56"),
    "cost": D("81.93"),
    "margin": D("-28.74"),
    "guarantee": D("19.90"),
    "to_collect": D("53.19"),
}


@pytest.mark.parametrize("payment", ["prepaid", "cod"])
@pytest.mark.parametrize("state", STATES)
def test_what_the_money_of_an_order_stands_at(state: str, payment: str) -> None:
    order = Order(state=state, payment=payment, **FIGURES)
    cod = payment == "cod"
    if state != "cancelled":
        assert standing.of(order) == standing.Standing(**FIGURES)
    else:
        back = D("19.90") + D("28.74") if cod else D("81.93")
        collect = D("53.19") if cod else None
        assert standing.of(order) == standing.Standing(
            given_back=back, reversed_cost=D("81.93"), reversed_collect=collect
        )
    was = standing.frozen(order)
    names = ("goods_net", "shipping_net", "cod_fee_net", "vat", "cost", "margin")
    assert {name: getattr(was, name) for name in names} == {name: FIGURES[name] for name in names}
    assert (was.collect, was.guarantee) == ((D("53.19"), D("19.90")) if cod else (D(0), D(0)))
    assert was.wallet_need == (D("48.64") if cod else D("81.93"))


def test_an_order_that_was_never_sent_has_nothing_to_give_back() -> None:
    nothing = standing.Standing(*[None] * 11)
    assert standing.of(Order(state="cancelled", payment="cod", to_collect=D("53.19"))) == nothing
    earns = Order(state="cancelled", payment="cod", **FIGURES | {"to_collect": D("97.31"), "guarantee": None})
    assert standing.of(earns).given_back == D(0)
    assert standing.frozen(earns).guarantee == D(0)


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("51.12/12.20/87.81", True),
        ("-51.12/-12.20/-87.81", True),
        ("123456789.12/0.00/0.00", True),
        ("1234567890.12/0.00/0.00", False),
        ("0.00/1234567890.12/0.00", False),
        ("51.1/12.20/87.81", False),
        ("51.12/12.20/87.811", False),
        ("٥1.12/12.20/87.81", False),
        ("51.12/12.20/٨7.81", False),
        ("", False),
    ],
)
def test_what_a_form_brings_as_figures(text: str, fine: bool) -> None:
    assert figures.brought(text) == (text if fine else "–/–/–")
    assert figures.brought_by_id(f"7:{text}") == ({7: text} if fine else {})
    found = figures.brought_by_id(f"x, 12:{text} ,123456789012345678:1.00/2.00/3.00,1234567890123456789:1.00/2.00/3.00")
    assert found == {123456789012345678: "1.00/2.00/3.00"} | ({12: text} if fine else {})


def test_the_figures_of_many_go_and_come() -> None:
    pairs = [(7, "51.12/12.20/87.81"), (13, "-0.01/0.00/3.10")]
    assert figures.carried(pairs) == "7:51.12/12.20/87.81,13:-0.01/0.00/3.10"
    assert figures.brought_by_id(figures.carried(pairs)) == dict(pairs)
    assert figures.written(D("1234.5"), D("0.1"), D("7")) == "1234.50/0.10/7.00"


@pytest.mark.parametrize(
    ("seen", "now", "code", "params"),
    [
        ("", "1.00/2.00/3.00", "", {}),
        ("1.00/2.00/3.00", "1.00/2.00/3.00", "", {}),
        ("–/–/–", "1.00/2.00/3.00", "figures_unseen", {"now": "1.00"}),
        ("4.00/5.00/6.00", "1.00/2.00/3.00", "price_changed", {"before": "4.00", "now": "1.00"}),
        ("1.00/5.00/6.00", "1.00/2.00/3.00", "cod_amount_changed", {"before": "6.00", "now": "3.00"}),
        ("1.00/5.00/3.00", "1.00/2.00/3.00", "guarantee_changed", {"before": "5.00", "now": "2.00"}),
    ],
)
def test_of_other_figures_the_first_that_matters_is_told(
    seen: str, now: str, code: str, params: dict[str, str]
) -> None:
    found: DomainError | None = figures.changed(seen, now)
    if not code:
        assert found is None
        return
    assert found is not None
    assert (found.code, found.params) == (code, {**params, "figures": now})


def goods(*rows: tuple[int, str, int, int, bool]) -> list[Goods]:
    return [Goods(pk, sku, pieces, D("3.07"), D("22.00"), grams, on_sale) for pk, sku, pieces, grams, on_sale in rows]


MANY = goods((11, "A", 2, 310, True), (17, "B", 5, 845, False), (11, "A", 4, 310, True), (19, "C", 1, 53, False))


@pytest.mark.parametrize(
    ("stock", "params"),
    [
        ({11: 6, 17: 5, 19: 1}, None),
        ({11: 5, 17: 4, 19: 0}, {"sku": "A", "wanted": 6, "available": 5}),
        ({11: 6, 17: 4, 19: 0}, {"sku": "B", "wanted": 5, "available": 4}),
        ({11: 6, 17: 5}, {"sku": "C", "wanted": 1, "available": 0}),
        ({11: 6, 17: 5, 19: -3}, {"sku": "C", "wanted": 1, "available": 0}),
        ({}, {"sku": "A", "wanted": 6, "available": 0}),
    ],
)
def test_the_first_article_of_which_there_are_too_few(stock: Mapping[int, int], params: dict[str, Any] | None) -> None:
    found = lacking(MANY, stock)
    assert (found.params if found else None) == params


def test_what_is_withdrawn_and_what_it_weighs() -> None:
    found = withdrawn(MANY)
    assert found is not None
    assert (found.code, found.params) == ("off_sale", {"sku": "B"})
    assert withdrawn([MANY[0], MANY[2]]) is None
    assert withdrawn([Goods(1, "A", 1, D(1), D(1), 1)]) is None  # sold, unless it is said that it is not
    assert weight(MANY) == 6 * 310 + 5 * 845 + 53
