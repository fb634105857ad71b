"""What orders cost in a world where nothing is alike by chance, against the model of tests/reckoning.py: as it is shown
before the click, as it is charged, and as it stands in books, parcels and stock."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from catalog.models import Product, Stock, StockMove, Variant
from orders.dispatch import plan, runs
from orders.models import Order
from shipping.models import Shipment
from tests import differing, reckoning
from tests.orders.mixes import SEEDS, Case, Expected, Mix, easy, hard, judged, scarce
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


@pytest.fixture
def world() -> differing.World:
    return differing.world(money="713.29", floor=FLOOR)


def test_the_mixes_reach_every_refusal_and_enough_that_goes() -> None:
    found = Counter(one.code for seed in SEEDS for one in Mix.of(seed).judged()[0])
    assert found.pop("") > 15
    wanted = {"country_not_served", "no_rate", "too_heavy", "cod_over_cap", "off_sale", "out_of_stock"}
    assert set(found) == {*wanted, "insufficient_funds"}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_plan_says_what_the_model_says_and_the_click_does_what_the_plan_said(
    world: differing.World, seed: int
) -> None:
    mix = Mix.of(seed)
    orders = [
        world.order(
            *one.lines,
            zone=one.zone,
            method=one.own,
            total=one.total,
            currency=one.currency,
            payment="cod" if one.cod else "prepaid",
        )
        for one in mix.cases
    ]
    spend(world, mix.left)
    if mix.off_sale:
        Product.objects.filter(variants__sku=mix.off_sale).update(active=False)
    expected, after = mix.judged()
    ids, owner = [order.pk for order in reversed(orders)], world.seller.pk
    ways: dict[str, Any] = {
        "method_id": world.methods[mix.run_method].pk if mix.run_method else None,
        "methods": {orders[at].pk: world.methods[code].pk for at, code in mix.single.items()},
    }
    planned = plan.plan(ids, dropshipper_id=owner, **ways)
    same_plan(planned, orders, expected, mix.left, after)
    alone = plan.plan(ids, dropshipper_id=owner, alone=True, **ways)
    for row, pair in zip(alone.rows, zip(mix.cases, mix.chosen, strict=True), strict=True):
        (one,), _after = judged([pair], mix.left, mix.off_sale)
        assert (row.refusal.code if row.refusal else "") == one.code
    seen = {row.order.pk: row.price.figures for row in planned.rows if row.price}
    run = runs.start(ids, dropshipper_id=owner, key=uuid.uuid4(), by=None, seen=seen, **ways)
    assert runs.advance(run.pk).state == "done"
    for order, one in zip(orders, expected, strict=True):
        item = run.items.get(order=order)
        assert (item.code or item.result) == (one.code or "dispatched")
        assert one.said is None or item.params == one.said
        (nothing_of if one.code else all_of)(world, order, one)
    whole(world, [one for one in expected if not one.code], mix.left, after)


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
@given(
    one=st.randoms().map(lambda rnd: rnd.choice([easy, scarce, hard])(rnd)),
    left=st.sampled_from([3_007, 17_013, 41_011]),
    units=st.integers(1, 3),
    extra=st.booleans(),
    collect=st.booleans(),
)
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
