"""When two orders may be one, to the minute and to the piece; and the files of orders and results, cell by cell."""

from __future__ import annotations

import csv
import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from orders import sources
from orders.dispatch import progress, runs
from orders.fulfilment import parcels
from orders.intake import creation, follow
from orders.models import DispatchItem, DispatchRun, Order, OrderLine
from orders.pages import export
from orders.questions import twins
from tests import differing
from tests.orders import stage

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 5, 10, 0, tzinfo=dt.UTC)
SOMEBODY = replace(stage.ADDRESS, name="Ugo Neri", street="Via Po 3", phone="")


def asked(dropshipper: Any, *, minutes: float = 1, **fields: Any) -> list[str]:
    """Whom an order of a shop, `minutes` after the first, is taken for."""
    data = stage.data(("A", 2), source="woocommerce", placed_at=AT + dt.timedelta(minutes=minutes))
    order = creation.create(replace(data, **fields), dropshipper_id=dropshipper.pk)
    found = list(order.problems.filter(code="possible_duplicate").values_list("subject", "params"))
    assert all(params == {"number": subject} for subject, params in found)
    order.delete()
    return [subject for subject, _params in found]


def test_an_hour_is_an_hour_either_way_and_the_goods_are_counted(dropshipper: Any, other_dropshipper: Any) -> None:
    first = creation.create(stage.data(("A", 2), source="shopify", placed_at=AT), dropshipper_id=dropshipper.pk)
    mine = [first.number]
    assert asked(dropshipper) == asked(dropshipper, minutes=60) == asked(dropshipper, minutes=-60) == mine
    assert [asked(dropshipper, minutes=minutes) for minutes in (60.1, -60.1)] == [[], []]
    assert asked(other_dropshipper) == []
    line = creation.LineData
    for lines in (
        [line("a ", "x", 2)],
        [line("A", "", 1), line("a", "", 1)],
        [line("A", "", 2), line("B", "", 1, ignored=True)],
    ):
        assert asked(dropshipper, lines=lines) == mine
    for lines in ([line("A", "", 1)], [line("A", "", 2), line("B", "", 1)], [line("", "A b", 2)], []):
        assert asked(dropshipper, lines=lines) == []
    typed = replace(stage.data(("A", 2), placed_at=AT + dt.timedelta(minutes=2)))
    by_hand = creation.create(typed, dropshipper_id=dropshipper.pk)
    assert by_hand.problems.get(code="possible_duplicate").subject == first.number
    again = creation.create(typed, dropshipper_id=dropshipper.pk)
    assert again.problems.get(code="possible_duplicate").subject == first.number  # not the one typed before it
    assert asked(dropshipper, minutes=3) == mine  # of three the first
    Order.objects.filter(pk__in=[by_hand.pk, again.pk]).update(state="draft")
    follow.withdraw(first.pk)
    assert asked(dropshipper) == []  # drafts and what never left do not count
    Order.objects.filter(pk=first.pk).update(state="received")
    assert asked(dropshipper) == mine


def test_an_order_that_was_sent_and_then_cancelled_is_one_all_the_same(dropshipper: Any) -> None:
    stage.variant("A")
    stage.money(dropshipper, "90.00")
    first = stage.order(dropshipper, ("A", 2), method=stage.method(), source="shopify", placed_at=AT)
    runs.dispatch_now(first.pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None)
    assert asked(dropshipper, lines=[creation.LineData("a", "Altro nome", 2)]) == [first.number]  # one article of ours
    parcels.cancel(first.pk, by=None)
    assert asked(dropshipper) == [first.number]


def test_goods_are_named_by_our_article_else_by_the_shops_words() -> None:
    def line(quantity: int, **fields: Any) -> OrderLine:
        return OrderLine(quantity=quantity, **fields)

    lines = [line(2, sku=" a-1 "), line(3, sku="A-1", variant_id=7), line(4, name="Vaso"), line(5, name=" vaso ")]
    assert twins._goods([*lines, line(6, variant_id=7), line(9, sku="X", ignored=True)]) == (
        *(("A-1", 2), ("VASO", 9), ("v7", 9)),
    )
    moments = [AT + dt.timedelta(minutes=minutes) for minutes in (300, 0, 120, 121, 122)]
    spans = [(0, 122), (300, 300)]
    wanted = twins._near(moments).children
    found = [dict(one.children) for one in wanted] if len(wanted) == 2 else []  # type: ignore[union-attr]
    hour = dt.timedelta(hours=1)
    assert found == [
        {
            "placed_at__gte": AT + dt.timedelta(minutes=first) - hour,
            "placed_at__lte": AT + dt.timedelta(minutes=last) + hour,
        }
        for first, last in spans
    ]


# ---- files


def rows(lines: Any) -> list[list[str]]:
    return list(csv.reader("".join(lines).removeprefix("\ufeff").splitlines(), delimiter=";"))


def test_a_list_of_orders_has_each_figure_in_its_column() -> None:
    world = differing.world()
    order = world.order(
        *(("DIV-A", 2), ("DIV-B", 3)),
        payment="cod",
        total="97.31",
        collect="95.03",
        source="woocommerce",
        source_label="Casa Bella",
        source_number="1001",
    )
    item = runs.dispatch_now(order.pk, dropshipper_id=world.seller.pk, key=uuid.uuid4(), by=None)
    assert item.result == "dispatched"
    parcels.mark_shipped(order.pk, tracking_number="TRK1", by=None)
    order.refresh_from_db()
    open_ = world.order(("NON-C-E", 4), total="50.07", method=None, source="fuori")
    head, newest, sent = rows(export.orders(Order.objects.filter(dropshipper=world.seller)))
    costs = [
        order.goods_net,
        order.shipping_net,
        order.cod_fee_net,
        order.vat,
        order.cost,
        order.margin,
        order.guarantee,
    ]
    assert len({*costs, order.sale_total, order.to_collect}) == 9

    def said(amount: D | None) -> str:
        return f"{amount:.2f}".replace(".", ",")

    place = ["10122", "Torino", "TO", "IT"]
    assert sent == [
        *(order.number, "1001", "Casa Bella", "02/03/2026 10:20", "Inviato a MCI", "Spedito", "TRK1", "Giulia Rossi"),
        *("Via Garibaldi 12 Scala C", *place, "+393331234567", "DIV-A × 2, DIV-B × 3", "COD", "97,31", "EUR"),
        *("95,03", "Corriere uno Uno", *map(said, costs)),
    ]
    assert newest[:8] == [open_.number, "", "fuori", "03/03/2026 10:33", "Da correggere", "", "", "Giulia Rossi"]
    assert newest[14:] == ["NON-C-E × 4", "Prepagato", "50,07", "EUR", *[""] * 9]
    assert (len(head), len({*head}), head[0], head[-1]) == (27, 27, "Numero", "Garanzia, IVA inclusa")
    _head, _newest, veiled = rows(export.orders(Order.objects.filter(dropshipper=world.seller), veiled=True))
    assert veiled == [*sent[:8], "", *place, "", *sent[14:]]
    order.lines.all().delete()
    order.lines.create(name="Senza codice", quantity=7)
    assert rows(export.orders(Order.objects.filter(pk=order.pk)))[1][14] == "Senza codice × 7"


def test_the_results_of_a_run_are_told_in_its_order() -> None:
    world = differing.world()
    one = world.order(("DIV-A", 2), source="woocommerce", source_number="1001")
    two = world.order(("NON-C-E", 1), source="woocommerce", source_number="1002")
    run = DispatchRun.objects.create(dropshipper=world.seller, state="done", key=uuid.uuid4())
    DispatchItem.objects.create(run=run, order=two, position=0, result="refused", code="has_problems")
    runs.dispatch_now(one.pk, dropshipper_id=world.seller.pk, key=uuid.uuid4(), by=None)
    DispatchItem.objects.create(run=run, order=one, position=1, result="dispatched", done_at=timezone.now())
    one.refresh_from_db()
    first, second = progress.items(run).order_by("position")
    assert rows(export.results(run)) == [
        ["Numero", "Numero nel negozio", "Nome", "Esito", "Che cosa è successo", "Prelevato dal portafoglio"],
        [two.number, "1002", "Giulia Rossi", "Rifiutato", runs.outcome_sentence(first), ""],
        [
            one.number,
            "1001",
            "Giulia Rossi",
            "Inviato a MCI",
            runs.outcome_sentence(second),
            f"{one.cost}".replace(".", ","),
        ],
    ]
    assert runs.outcome_sentence(first) == "Prima c’è qualcosa da correggere."


def test_where_an_order_can_come_from_has_a_name() -> None:
    assert sources.name("manual") == "Inserito nel portale"
    assert sources.name("woocommerce") == "WooCommerce"
    assert sources.name("gone") == "gone"
    assert [slug for slug, _name in sources.names()][:1] == ["manual"]
    assert {"shopify", "woocommerce", "wordpress"} < {slug for slug, _name in sources.names()}
