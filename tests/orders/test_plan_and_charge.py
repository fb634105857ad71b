"""What orders cost in a world where nothing is alike by chance, against the model of tests/reckoning.py: as it is shown
before the click, as it is charged, and as it stands in books, parcels and stock."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from catalog.models import Product, Stock, StockMove, Variant
from orders import dispatch, plan
from orders.models import Order
from shipping.models import Shipment
from tests import differing, reckoning
from tests.reckoning import euro, owed
from wallet import moves
from wallet.models import Posting
from wallet.queries import balances

pytestmark = pytest.mark.django_db
few = examples(
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    max_examples=20,
    phases=[Phase.generate],  # a database takes minutes to find a smaller example
)
FLOOR = "-31.17"


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@dataclass(frozen=True)
class Case:
    """An order to be, and how it is to be sent."""

    lines: tuple[tuple[str, int], ...]
    zone: str
    own: str
    total: str
    cod: bool
    currency: str

    @property
    def collect(self) -> str | None:
        return self.total if self.cod else None


case = st.builds(
    Case,
    lines=st.lists(st.tuples(st.sampled_from([*differing.ARTICLES]), st.integers(1, 13)), min_size=1, max_size=4).map(
        tuple
    ),
    zone=st.sampled_from([*differing.ZONES, "terraferma"]),
    own=st.sampled_from([*differing.METHODS]),
    total=st.sampled_from(["19.37", "83.41", "211.13", "777.77", "777.78", "1234.57", "4999.99"]),
    cod=st.booleans(),
    currency=st.just("EUR"),
) | st.builds(
    Case,
    lines=st.just((("DIV-C", 2), ("DIV-B", 1), ("DIV-C", 3))),
    zone=st.just("terraferma"),
    own=st.just("due"),
    total=st.just("97.31"),
    cod=st.just(False),
    currency=st.just("USD"),
)


@dataclass
class Expected:
    case: Case
    method: str
    code: str = ""  # of the refusal
    said: dict[str, Any] | None = None
    owed: reckoning.Owed | None = None


def judged(cases: list[tuple[Case, str]], spendable: int, off_sale: str) -> tuple[list[Expected], int]:
    """What becomes of them, one after the other; and what is left to spend, in cents."""
    stock = {sku: on_hand - kept for sku, (_net, _vat, _g, on_hand, kept) in differing.ARTICLES.items()}
    found = []
    for one, method in cases:
        made, lines = Expected(one, method), list(one.lines)
        wanted: Counter[str] = Counter()
        for sku, pieces in lines:
            wanted[sku] += pieces
        short = next((sku for sku, pieces in wanted.items() if pieces > stock[sku]), None)
        if one.zone not in differing.METHODS[method].rates:
            made.code = "country_not_served" if one.zone == "francia" else "no_rate"
        elif reckoning.bracket(method, one.zone, reckoning.grams(lines)) is None:
            made.code = "too_heavy"
        elif not reckoning.is_collected(method, one.collect):
            made.code = "cod_over_cap"
        elif off_sale in wanted:
            made.code, made.said = "off_sale", {"sku": off_sale}
        elif short:
            made.code = "out_of_stock"
            made.said = {"sku": short, "wanted": wanted[short], "available": stock[short]}
        made.owed = owed(lines, method, one.zone, one.collect)
        if not made.code and made.owed is not None:
            need = made.owed.leaves
            if need > spendable:
                figures = {"missing": need - spendable, "needed": need, "available": spendable}
                made.code, made.said = "insufficient_funds", {key: f"{euro(n):.2f}" for key, n in figures.items()}
            else:
                spendable -= need
                stock = {sku: left - wanted[sku] for sku, left in stock.items()}
        found.append(made)
    return found, spendable


@pytest.fixture
def world() -> differing.World:
    return differing.world(money="713.29", floor=FLOOR)


@few
@given(
    cases=st.lists(case, min_size=1, max_size=6),
    left=st.integers(0, 60_000),
    run_method=st.none() | st.none() | st.sampled_from([*differing.METHODS]),
    single=st.dictionaries(st.integers(0, 5), st.sampled_from([*differing.METHODS]), max_size=2),
    off_sale=st.sampled_from(["", "", "DIV-E"]),
)
def test_the_plan_says_what_the_model_says_and_the_click_does_what_the_plan_said(
    world: differing.World,
    cases: list[Case],
    left: int,
    run_method: str | None,
    single: dict[int, str],
    off_sale: str,
) -> None:
    with undone():
        orders = [
            world.order(
                *one.lines,
                zone=one.zone,
                method=one.own,
                total=one.total,
                currency=one.currency,
                payment="cod" if one.cod else "prepaid",
            )
            for one in cases
        ]
        spend(world, left)
        if off_sale:
            Product.objects.filter(variants__sku=off_sale).update(active=False)
        chosen = [single.get(at) or run_method or one.own for at, one in enumerate(cases)]
        expected, after = judged(list(zip(cases, chosen, strict=True)), left, off_sale)
        ways = {orders[at].pk: world.methods[code].pk for at, code in single.items() if at < len(orders)}
        by_default = world.methods[run_method].pk if run_method else None
        planned = plan.plan(
            [order.pk for order in reversed(orders)],
            dropshipper_id=world.seller.pk,
            method_id=by_default,
            methods=ways,
        )
        same_plan(planned, orders, expected, left, after)
        alone = plan.plan(
            [order.pk for order in orders],
            dropshipper_id=world.seller.pk,
            method_id=by_default,
            methods=ways,
            alone=True,
        )
        for row, pair in zip(alone.rows, zip(cases, chosen, strict=True), strict=True):
            (one,), _after = judged([pair], left, off_sale)
            assert (row.refusal.code if row.refusal else "") == one.code
        run = dispatch.start(
            [order.pk for order in reversed(orders)],
            dropshipper_id=world.seller.pk,
            key=uuid.uuid4(),
            by=None,
            method_id=by_default,
            methods=ways,
            seen={row.order.pk: row.price.figures for row in planned.rows if row.price},
        )
        assert dispatch.advance(run.pk).state == "done"
        for order, one in zip(orders, expected, strict=True):
            item = run.items.get(order=order)
            assert (item.code or item.result) == (one.code or "dispatched")
            assert one.said is None or item.params == one.said
            (nothing_of if one.code else all_of)(world, order, one)
        whole(world, [one for one in expected if not one.code], left, after)


def spend(world: differing.World, left: int) -> None:
    """Leaves so many cents above the floor."""
    moves.adjust(world.seller.pk, euro(left) + D(FLOOR) - balances(world.seller.pk).available, "Resto", None)


def same_plan(planned: plan.Plan, orders: list[Order], expected: list[Expected], before: int, after: int) -> None:
    assert [row.order.pk for row in planned.rows] == [order.pk for order in orders]
    for row, one in zip(planned.rows, expected, strict=True):
        assert (row.refusal.code if row.refusal else "") == one.code
        assert row.goes == (not one.code)
        assert one.said is None or (row.refusal is not None and row.refusal.params == one.said)
        assert (row.price is None) == (one.owed is None)
        if row.price is not None and one.owed is not None:
            assert (row.price.cost, row.price.guarantee) == (euro(one.owed.cost), euro(one.owed.guarantee))
            assert row.price.wallet_need == euro(one.owed.leaves)
    going = [one for one in expected if not one.code]
    owing = [one.owed for one in going if one.owed is not None]
    unpaid = sum(one.owed.leaves for one in expected if one.owed and one.code == "insufficient_funds")
    totals = planned.totals
    assert totals.ready == len(going)
    assert totals.charge == euro(sum(one.leaves for one in owing)) == euro(before - after)
    assert totals.collect == euro(sum(one.collect for one in owing))
    assert totals.guarantee == euro(sum(one.guarantee for one in owing))
    assert totals.margin == sum((margin(one) or D(0) for one in going), D(0))
    assert (totals.wallet_before, totals.wallet_after) == (euro(before), euro(after))
    assert totals.missing == euro(max(0, unpaid - after))
    assert totals.left_out == Counter(one.code for one in expected if one.code)
    shown = {row.order.pk: row.price.figures for row in planned.rows if row.goes and row.price}
    assert planned.seen == ",".join(f"{pk}:{figures}" for pk, figures in shown.items())


def margin(one: Expected) -> D | None:
    return D(one.case.total) - euro(one.owed.cost) if one.owed and one.case.currency == "EUR" else None


def nothing_of(world: differing.World, order: Order, one: Expected) -> None:
    """A refused order is as it was."""
    now = Order.objects.get(pk=order.pk)
    assert (now.state, now.method_id, now.version) == ("ready", world.methods[one.case.own].pk, 1)
    assert [now.cost, now.goods_net, now.vat, now.guarantee, now.shipment_id] == [None] * 5
    assert set(order.lines.values_list("unit_net", "vat_rate")) == {(None, None)}
    assert not Posting.objects.filter(entry__reference=order.reference).exists()
    assert not StockMove.objects.filter(reference=order.reference).exists()


def all_of(world: differing.World, order: Order, one: Expected) -> None:
    """Order, lines, parcel, timeline and books."""
    now, sum_ = Order.objects.get(pk=order.pk), one.owed
    assert sum_ is not None
    parcel = Shipment.objects.get(pk=now.shipment_id)
    method, cod = world.methods[one.method], one.case.cod
    assert (now.state, now.method_id, now.version) == ("dispatched", method.pk, 2)
    frozen = [now.goods_net, now.shipping_net, now.cod_fee_net, now.vat, now.cost, now.guarantee]
    assert frozen == [euro(n) for n in (sum_.goods, sum_.shipping, sum_.fee, sum_.vat, sum_.cost, sum_.guarantee)]
    assert now.margin == margin(one)
    assert list(order.lines.values_list("sku", "quantity", "unit_net", "vat_rate")) == [
        (sku, pieces, D(differing.ARTICLES[sku][0]), D(differing.ARTICLES[sku][1])) for sku, pieces in one.case.lines
    ]
    assert (parcel.reference, parcel.method_id, parcel.dropshipper_id) == (order.reference, method.pk, world.seller.pk)
    assert parcel.weight_g == reckoning.grams(list(one.case.lines))
    assert (parcel.cod_amount, parcel.cash) == ((D(one.case.total), "booked") if cod else (D(0), ""))
    assert (parcel.address, parcel.note) == (differing.ADDRESSES[one.case.zone], order.note)
    pieces = sum(quantity for _sku, quantity in one.case.lines)
    told = {"dispatched": {}, "stock_reserved": {"pieces": pieces}}
    charged = sum_.cost if not cod else max(0, sum_.cost - sum_.collect)
    if cod:
        told |= {"cod_booked": {"amount": one.case.total}, "guarantee_held": {"amount": f"{euro(sum_.guarantee):.2f}"}}
    if charged:
        told["charged"] = {"amount": f"{euro(charged):.2f}"}
    known = {"created", "ready"}
    assert {event.code: event.params for event in order.events.exclude(code__in=known)} == told
    lines: dict[str, int] = {
        "sales": sum_.goods,
        "shipping_income": sum_.shipping,
        "cod_fees": sum_.fee,
        "vat": sum_.vat,
        "cod_in_transit": -sum_.collect,
        "cod_due": sum_.to_come,
        "held": sum_.guarantee,
        "wallet": -sum_.leaves,
    }
    posted: Counter[str] = Counter()
    for kind, moved in Posting.objects.filter(entry__reference=order.reference).values_list("account__kind", "amount"):
        posted[kind] += int(moved * 100)
    assert {kind: n for kind, n in posted.items() if n} == {kind: n for kind, n in lines.items() if n}


def whole(world: differing.World, going: list[Expected], before: int, after: int) -> None:
    wallet = balances(world.seller.pk)
    assert wallet.spendable == euro(after)
    assert wallet.available == euro(after) + D(FLOOR)
    assert wallet.held == euro(sum(one.owed.guarantee for one in going if one.owed))
    assert wallet.cod_due == euro(sum(one.owed.to_come for one in going if one.owed))
    assert balances(world.other.pk).available == D("853.17")
    reserved: Counter[str] = Counter()
    for one in going:
        for sku, pieces in one.case.lines:
            reserved[sku] += pieces
    for sku, (_net, _vat, _g, on_hand, _kept) in differing.ARTICLES.items():
        row = Stock.objects.get(variant__sku=sku)
        assert (row.on_hand, row.reserved) == (on_hand, reserved[sku])


@few
@given(one=case, left=st.integers(0, 30_000), units=st.integers(1, 3), extra=st.booleans(), collect=st.booleans())
def test_what_is_typed_is_priced_as_what_is_sent(
    world: differing.World, one: Case, left: int, units: int, extra: bool, collect: bool
) -> None:
    """The live figures of the entry form: each method's, and the chosen one's with what is left after it."""
    with undone():
        spend(world, left)
        data = world.data(*one.lines, zone=one.zone, total=one.total, payment="cod" if one.cod else "prepaid")
        lines = [replace(line, pieces=units, sku=f" {line.sku.lower()} ") for line in data.lines]
        if extra:  # what is not ours, and what nobody knows
            lines += [replace(lines[0], ignored=True, quantity=77), replace(lines[0], sku="MAI-VISTO")]
        wanted = replace(one, total="61.03") if collect and one.cod else one
        data = replace(data, lines=lines, to_collect=D(wanted.total) if wanted.cod else None)
        goods = [(sku, pieces * units) for sku, pieces in one.lines]
        found = plan.preview(data, method_id=world.methods[one.own].pk, dropshipper_id=world.seller.pk)
        for code, method in world.methods.items():
            model, shown = owed(goods, code, one.zone, wanted.collect), found.prices.get(method.pk)
            assert (shown is None) == (model is None), code
            if shown is not None and model is not None:
                assert (shown.cost, shown.guarantee) == (euro(model.cost), euro(model.guarantee))
                assert (shown.wallet_need, shown.collect) == (euro(model.leaves), euro(model.collect))
        fresh = [(replace(wanted, lines=tuple(goods)), one.own)]
        (expected,), _after = judged(fresh, left, "")
        assert (found.refusal.code if found.refusal else "") == expected.code
        assert expected.said is None or (found.refusal is not None and found.refusal.params == expected.said)
        assert list(found.unknown) == (["MAI-VISTO"] if extra else [])
        assert found.wallet_before == euro(left)
        assert found.wallet_after == euro(left - (expected.owed.leaves if expected.owed else 0))
        assert Variant.objects.count() == len(differing.ARTICLES)
