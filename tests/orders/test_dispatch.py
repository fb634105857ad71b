"""Sincronizza for one order and for many: to the cent, all or nothing, once."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Stock, StockMove
from orders import privacy
from orders.dispatch import plan, runs
from orders.errors import NothingChosen, OrderGone
from orders.intake import editing, follow
from orders.models import DispatchItem, DispatchRun, Order
from shipping.models import Shipment
from tests.orders import stage
from wallet.queries import balances

pytestmark = pytest.mark.django_db


def rows() -> dict[str, Any]:
    """Everything that a refusal must leave as it was."""
    with connection.cursor() as cursor:
        found = {}
        for table in (
            "orders_order",
            "orders_orderline",
            "orders_orderevent",
            "orders_problem",
            "catalog_stock",
            "catalog_stockmove",
            "shipping_shipment",
            "shipping_shipmentevent",
            "wallet_account",
            "wallet_entry",
            "wallet_posting",
        ):
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
            found[table] = cursor.fetchall()
    return found


def sync(order: Order, key: uuid.UUID | None = None, **fields: Any) -> DispatchItem:
    return runs.dispatch_now(order.pk, dropshipper_id=order.dropshipper_id, key=key or uuid.uuid4(), by=None, **fields)


def test_a_key_of_another_order_or_of_a_stranger_moves_nothing(dropshipper: Any, other_dropshipper: Any) -> None:
    method, _article = stage.method(), stage.variant("MCI-1", pieces=9)
    for seller in (dropshipper, other_dropshipper):
        stage.money(seller, "100.00")
    first, second = (stage.order(dropshipper, ("MCI-1", 1), method=method) for _n in range(2))
    foreign = stage.order(other_dropshipper, ("MCI-1", 1), method=method)
    key = uuid.uuid4()
    sync(first, key)
    before = rows()
    for order in (second, foreign):
        with pytest.raises(OrderGone):
            sync(order, key)
        with pytest.raises(NothingChosen):
            runs.start([foreign.pk], dropshipper_id=other_dropshipper.pk, key=key, by=None)
    assert rows() == before


def test_a_prepaid_order_is_charged_to_the_cent_and_becomes_a_shipment(dropshipper: Any) -> None:
    method, article = stage.method(), stage.variant("MCI-1", pieces=3)
    stage.money(dropshipper, "100.00")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method)
    assert order.state == Order.State.READY

    item = sync(order)

    assert item.result == DispatchItem.Result.DISPATCHED
    order.refresh_from_db()
    assert order.state == Order.State.DISPATCHED
    assert (order.goods_net, order.shipping_net, order.cod_fee_net) == (Decimal("12.00"), Decimal("5.00"), 0)
    assert (order.vat, order.cost, order.margin) == (Decimal("3.74"), Decimal("20.74"), Decimal("19.16"))
    assert balances(dropshipper.pk).available == Decimal("79.26")
    assert Stock.objects.get(variant=article).reserved == 1
    shipment = Shipment.objects.get(reference=order.reference)
    assert (shipment.state, shipment.cash, shipment.cod_amount, shipment.city) == ("to_pick", "", 0, "Torino")
    assert order.shipment_id == shipment.pk
    assert list(order.events.order_by("id").values_list("code", flat=True))[-3:] == [
        "dispatched",
        "stock_reserved",
        "charged",
    ]


def test_a_cod_order_books_the_amount_and_holds_the_guarantee(dropshipper: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "20.00")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method, payment="cod")

    assert sync(order).result == DispatchItem.Result.DISPATCHED

    order.refresh_from_db()
    assert (order.cost, order.margin, order.guarantee) == (Decimal("23.18"), Decimal("16.72"), Decimal("12.20"))
    money = balances(dropshipper.pk)
    assert (money.available, money.held, money.cod_due) == (Decimal("7.80"), Decimal("12.20"), Decimal("16.72"))
    shipment = Shipment.objects.get(reference=order.reference)
    assert (shipment.cash, shipment.cod_amount) == ("booked", Decimal("39.90"))


def test_a_cod_sale_below_its_cost_charges_the_difference_to_the_wallet(dropshipper: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "50.00")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method, payment="cod", total="20.00")

    assert sync(order).result == DispatchItem.Result.DISPATCHED

    money = balances(dropshipper.pk)
    assert (money.available, money.held, money.cod_due) == (Decimal("34.62"), Decimal("12.20"), 0)


def test_without_money_nothing_changes_and_the_gap_is_told(dropshipper: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "20.00")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method)
    before = rows()

    item = sync(order)

    assert (item.result, item.code) == (DispatchItem.Result.REFUSED, "insufficient_funds")
    assert item.params["missing"] == "0.74"
    assert "0,74" in runs.outcome_sentence(item)  # as an Italian writes it
    assert rows() == before


def test_a_refused_click_stays_refused_after_a_top_up_and_a_new_click_goes(dropshipper: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method)
    key = uuid.uuid4()
    assert sync(order, key).result == DispatchItem.Result.REFUSED

    stage.money(dropshipper, "100.00")

    assert sync(order, key).result == DispatchItem.Result.REFUSED
    assert sync(order).result == DispatchItem.Result.DISPATCHED


def test_the_same_click_twice_is_once_and_a_later_click_says_already(dropshipper: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "100.00")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method)
    key = uuid.uuid4()
    first = sync(order, key)
    after = rows()

    assert sync(order, key).pk == first.pk
    assert sync(order).result == DispatchItem.Result.ALREADY
    assert rows() == after


def _awaiting(order: Order) -> None:
    editing.decide_payment(order.pk, "awaiting", by=None)


def _review(order: Order) -> None:
    editing.decide_payment(order.pk, "review", by=None)


def _no_method(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(method=None)


def _no_stock(order: Order) -> None:
    Stock.objects.update(on_hand=0)


def _suspended(order: Order) -> None:
    order.dropshipper.status = "suspended"
    order.dropshipper.save()


def _cod_zero(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(payment="cod", to_collect=0)


def _cod_over_cap(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(payment="cod", to_collect="999.01")


def _cod_over_law(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(payment="cod", to_collect="5000.00")


def _cod_in_dollars(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(payment="cod", to_collect="39.90", currency="USD")


def _unknown_sku(order: Order) -> None:
    editing.edit(order.pk, stage.data(("NO-SUCH", 1)), version=order.version, by=None)


def _cancelled(order: Order) -> None:
    follow.withdraw(order.pk)


def _elsewhere(order: Order) -> None:
    Order.objects.filter(pk=order.pk).update(country="JP")


def _too_heavy(order: Order) -> None:
    order.lines.update(quantity=61)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_awaiting, "payment_not_sure"),
        (_review, "payment_not_sure"),
        (_no_method, "method_missing"),
        (_no_stock, "out_of_stock"),
        (_suspended, "dropshipper_inactive"),
        (_cod_zero, "cod_amount_unknown"),
        (_cod_over_cap, "cod_over_cap"),
        (_cod_over_law, "cod_over_law"),
        (_cod_in_dollars, "cod_amount_unknown"),
        (_unknown_sku, "has_problems"),
        (_cancelled, "order_cancelled"),
        (_elsewhere, "country_not_served"),
        (_too_heavy, "too_heavy"),
    ],
)
def test_what_must_not_go_is_refused_with_its_reason_and_leaves_no_trace(
    dropshipper: Any, spoil: Any, code: str
) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "9000.00")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method)
    spoil(order)
    before = rows()

    item = sync(order)

    assert (item.result, item.code) == (DispatchItem.Result.REFUSED, code)
    assert runs.outcome_sentence(item)
    assert rows() == before


def test_a_strangers_order_is_not_there(dropshipper: Any, other_dropshipper: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "100.00")
    stage.money(other_dropshipper, "100.00")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method)
    before = rows()

    with pytest.raises(OrderGone):
        runs.dispatch_now(order.pk, dropshipper_id=other_dropshipper.pk, key=uuid.uuid4(), by=None)
    with pytest.raises(NothingChosen):
        runs.start([order.pk], dropshipper_id=other_dropshipper.pk, key=uuid.uuid4(), by=None)
    assert rows() == before
    assert not DispatchRun.objects.exists()


def run(dropshipper: Any, orders: list[Order], **fields: Any) -> DispatchRun:
    started = runs.start(
        [order.pk for order in orders], dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None, **fields
    )
    return runs.advance(started.pk)


def test_many_orders_go_each_by_itself_and_each_says_why_not(dropshipper: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1", pieces=2)
    stage.variant("MCI-2")
    stage.money(dropshipper, "62.22")  # three prepaid orders of 20.74
    fine = stage.order(dropshipper, ("MCI-1", 1), method=method)
    broken = stage.order(dropshipper, ("NO-SUCH", 1), method=method)
    also = stage.order(dropshipper, ("MCI-1", 1), method=method)
    third_piece = stage.order(dropshipper, ("MCI-1", 1), method=method)
    last_money = stage.order(dropshipper, ("MCI-2", 1), method=method)
    no_money = stage.order(dropshipper, ("MCI-2", 1), method=method)

    done = run(dropshipper, [fine, broken, also, third_piece, last_money, no_money])

    assert done.state == DispatchRun.State.DONE
    assert list(done.items.order_by("position").values_list("result", "code")) == [
        ("dispatched", ""),
        ("refused", "has_problems"),
        ("dispatched", ""),
        ("refused", "out_of_stock"),
        ("dispatched", ""),
        ("refused", "insufficient_funds"),
    ]
    assert balances(dropshipper.pk).available == 0
    assert Shipment.objects.count() == 3
    assert StockMove.objects.filter(kind="reserved").count() == 3


def test_a_run_takes_its_own_shipping_or_each_orders(dropshipper: Any) -> None:
    slow, fast = stage.method(), stage.method("fast", net="9.00")
    stage.variant("MCI-1")
    stage.money(dropshipper, "100.00")
    one, two = (stage.order(dropshipper, ("MCI-1", 1)) for _ in range(2))

    run(dropshipper, [one, two], method_id=slow.pk, methods={two.pk: fast.pk})

    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.method_id, one.shipping_net) == (slow.pk, Decimal("5.00"))
    assert (two.method_id, two.shipping_net) == (fast.pk, Decimal("9.00"))


def test_a_second_click_while_a_run_is_under_way_opens_that_run(dropshipper: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    orders = [stage.order(dropshipper, ("MCI-1", 1), method=method) for _ in range(2)]
    ids = [order.pk for order in orders]
    first = runs.start(ids, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None, source="woocommerce")

    second = runs.start(ids, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None, source="woocommerce")

    assert second.pk == first.pk


def test_a_stopped_run_leaves_the_rest_untried(dropshipper: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "100.00")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method)
    started = runs.start([order.pk], dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None)
    runs.stop(started.pk, dropshipper_id=dropshipper.pk)

    over = runs.advance(started.pk)

    assert over.state == DispatchRun.State.STOPPED
    assert over.items.get().result == DispatchItem.Result.STOPPED
    order.refresh_from_db()
    assert order.state == Order.State.READY


def test_the_number_of_statements_does_not_grow_with_the_orders(dropshipper: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1", pieces=1000)
    stage.money(dropshipper, "9000.00")

    def statements(size: int) -> int:
        orders = [stage.order(dropshipper, ("MCI-1", 1), method=method) for _ in range(size)]
        started = runs.start([order.pk for order in orders], dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None)
        with CaptureQueriesContext(connection) as queries:
            assert runs.advance(started.pk).items.filter(result="dispatched").count() == size
        return len(queries)

    assert statements(3) == statements(60)


def test_one_order_takes_few_statements(dropshipper: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "100.00")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method)
    with CaptureQueriesContext(connection) as queries:
        assert sync(order).result == DispatchItem.Result.DISPATCHED
    # known key? · tariff 3 · savepoint · orders · lines · stock lock · wallet lock · reserve · book · freeze ·
    # entries and postings · run · item · release
    assert len(queries) <= 16, [query["sql"][:90] for query in queries]


def test_an_order_that_cannot_be_paid_takes_no_piece_from_the_next(dropshipper: Any) -> None:
    method = stage.method()
    stage.variant("DEAR", net="500.00")
    stage.variant("LAST", pieces=1)
    stage.money(dropshipper, "100.00")
    dear = stage.order(dropshipper, ("DEAR", 1), ("LAST", 1), method=method)
    cheap = stage.order(dropshipper, ("LAST", 1), method=method)
    planned = plan.plan([dear.pk, cheap.pk], dropshipper_id=dropshipper.pk)
    assert [row.goes for row in planned.rows] == [False, True]

    run = runs.start([dear.pk, cheap.pk], dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None)
    runs.advance(run.pk)

    assert list(run.items.order_by("position").values_list("result", "code")) == [
        ("refused", "insufficient_funds"),
        ("dispatched", ""),
    ]


def test_an_article_that_was_taken_off_sale_meanwhile_is_not_sent(dropshipper: Any) -> None:
    method, article = stage.method(), stage.variant("MCI-1", pieces=3)
    stage.money(dropshipper, "100.00")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method)
    article.product.active = False
    article.product.save()
    before = rows()

    (planned,) = plan.plan([order.pk], dropshipper_id=dropshipper.pk).rows
    assert planned.refusal
    assert planned.refusal.code == "off_sale"
    item = sync(order)
    assert (item.result, item.code, item.params) == ("refused", "off_sale", {"sku": "MCI-1"})
    assert rows() == before


def test_a_customer_who_was_forgotten_is_sent_nothing(dropshipper: Any) -> None:
    """An order that nobody sent in all the time has no address any more."""
    method = stage.method()
    stage.variant("MCI-1", pieces=3)
    stage.money(dropshipper, "100.00")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method)
    assert privacy.forget([order.pk], only_over=False) == [order.pk]
    order.refresh_from_db()
    assert order.state == Order.State.CANCELLED
    assert sync(order).code == "order_cancelled"
