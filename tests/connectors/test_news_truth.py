"""What a shop would be told of its orders, over all states of parcels and cash at once: nothing of what is still here,
nothing twice, and of each its own."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from connectors.intake.upsert import REUSED
from connectors.models import InboxOrder
from connectors.news import sweep
from connectors.platforms.base import OrderNews
from orders.models import Order, OrderLine
from shipping.models import Shipment
from tests.connectors.conftest import make_shop
from tests.orders import stage
from tests.shipping.parcels import parcel

pytestmark = pytest.mark.django_db
WORDS = {
    "to_pick": "",
    "packed": "",
    "shipped": "shipped",
    "out_for_delivery": "shipped",
    "held": "shipped",
    "delivered": "delivered",
    "returning": "returned",
    "returned": "returned",
    "lost": "lost",
    "cancelled": "cancelled",
}
CASHES = ["", "booked", "collected", "remitted", "reversed"]


class World:
    def __init__(self, dropshipper: Any) -> None:
        self.shop = make_shop(dropshipper)
        self.other = make_shop(dropshipper, address="https://due.example.it")
        self.method = stage.method()
        self.method.courier.tracking_url = "https://corriere.example/{tracking}"
        self.method.courier.save()
        self.numbers = count(1)

    def sent(self, state: str, cash: str, **fields: Any) -> InboxOrder:
        number = next(self.numbers)
        amount = Decimal(f"{20 + number}.{number:02d}")
        shipment = parcel(
            self.shop.dropshipper,
            method=self.method,
            reference=f"order:n{number}",
            state=state,
            tracking="" if state in ("to_pick", "packed") else f"TRK{number}",
            cod=str(amount) if cash else "",
            **({"cash": cash} if cash else {}),
        )
        order = Order.objects.create(
            dropshipper=self.shop.dropshipper,
            state="cancelled" if state == "cancelled" else "dispatched",
            payment="cod" if cash else "prepaid",
            to_collect=amount if cash else None,
            shipment=shipment,
            goods_net=Decimal(number),
            cost=Decimal(number),
            **dict.fromkeys(("shipping_net", "cod_fee_net", "vat"), Decimal(0)),
            dispatched_at=timezone.now(),
        )
        OrderLine.objects.create(order=order, sku="ART", quantity=number, shop_line=str(number), external_id="5/0")
        fields = {"shop": self.shop, "version_at": timezone.now(), "number": f"#{number}", **fields}
        return InboxOrder.objects.create(
            external_id=fields.pop("external_id", str(900 + number)), order=order, **fields
        )


@pytest.fixture
def world(dropshipper: Any) -> World:
    return World(dropshipper)


def truth(row: InboxOrder) -> str:
    assert row.order is not None
    assert row.order.shipment is not None
    shipment = row.order.shipment
    word = WORDS[shipment.state]
    return f"{word}:{shipment.tracking}{':cash' if shipment.cash == 'remitted' else ''}" if word else ""


def would_tell(shop: Any) -> dict[int, str]:
    return {row.pk: row.truth for row in sweep.behind().filter(shop=shop)}  # type: ignore[attr-defined]


def test_of_each_parcel_its_own_truth_and_of_what_is_here_none(world: World) -> None:
    rows = [world.sent(state, cash) for state in WORDS for cash in CASHES]
    assert would_tell(world.shop) == {row.pk: truth(row) for row in rows if truth(row)}
    assert len(set(would_tell(world.shop).values())) == 8 * len(CASHES)
    assert sweep.waiting(world.shop) == 8 * len(CASHES)

    for row in rows:  # all of it was told
        InboxOrder.objects.filter(pk=row.pk).update(told=truth(row))
    assert would_tell(world.shop) == {}

    Shipment.objects.filter(state="delivered", cash="collected").update(cash="remitted")
    changed = [row for row in rows if row.order and row.order.shipment and row.order.shipment.state == "delivered"]
    changed = [row for row in changed if row.order and row.order.shipment and row.order.shipment.cash == "collected"]
    assert set(would_tell(world.shop)) == {row.pk for row in changed}


def test_what_is_over_elsewhere_or_another_shops_is_not_told(world: World) -> None:
    told = world.sent("shipped", "booked", told="shipped:OTHER")
    world.sent("shipped", "", told_last=True)
    world.sent("shipped", "", elsewhere=True)
    world.sent("shipped", "", shop=world.other)
    world.sent("packed", "", told="shipped:TRK")  # taken back by the desk: of what is here there is no word
    InboxOrder.objects.create(shop=world.shop, external_id="5", version_at=timezone.now())  # it never became an order
    assert set(would_tell(world.shop)) == {told.pk}


def test_the_news_of_an_order_has_all_that_is_its_own(world: World) -> None:
    rows = [world.sent(state, cash) for state, cash in (("held", "booked"), ("delivered", "remitted"), ("lost", ""))]
    for row in rows:
        order = Order.objects.select_related("shipment__method__courier").get(pk=row.order_id)
        shipment = order.shipment
        assert shipment is not None
        found = sweep.news_of(InboxOrder.objects.get(pk=row.pk))
        assert (found.external_id, found.reference, found.state) == (
            row.external_id, order.number, WORDS[shipment.state]
        )  # fmt: skip
        assert (found.courier, found.tracking, found.tracking_url) == (
            "Corriere Veloce", shipment.tracking, f"https://corriere.example/{shipment.tracking}"
        )  # fmt: skip
        cod = order.payment == "cod"
        assert (found.cod, found.cash_in, found.collected) == (cod, shipment.cash == "remitted", shipment.cod_amount)
        assert [(line.line_id, line.quantity) for line in found.lines] == [
            (line.shop_line, line.quantity) for line in order.lines.all()
        ]


@pytest.mark.parametrize(
    ("told", "memory", "wanted"),
    [
        ("", {}, {}),
        ("", {"note": 5}, {"note": 5}),
        ("shipped:TRK7", {"note": 5}, {"tracking": "TRK7", "note": 5, "told": "shipped"}),
        ("shipped:", {}, {"told": "shipped"}),
        ("delivered:TRK7:cash", {}, {"tracking": "TRK7", "told": "delivered"}),
        ("delivered:TRK7:cash", {"tracking": "TRK6"}, {"tracking": "TRK6", "told": "delivered"}),
        ("other:TRK7", {"note": 5}, {"note": 5}),
    ],
)
def test_what_was_told_is_remembered_with_its_number(
    world: World, told: str, memory: dict[str, Any], wanted: dict[str, Any]
) -> None:
    row = world.sent("delivered", "booked", told=told, told_memory=memory)
    assert sweep.news_of(row).memory == wanted


@pytest.mark.parametrize("state", ["shipped", "delivered", "returned", "lost", "cancelled"])
@pytest.mark.parametrize("cod", [True, False])
@pytest.mark.parametrize("cash_in", [True, False])
def test_the_last_word_is_said_when_nothing_more_can_happen(state: str, cod: bool, cash_in: bool) -> None:
    over = {"shipped": False, "delivered": not cod or cash_in}.get(state, True)
    assert sweep._is_last(OrderNews("1", state, "MCI-1", cod, cash_in=cash_in)) is over


def test_a_last_word_that_is_not_so_is_news_again(world: World) -> None:
    now, day = timezone.now(), dt.timedelta(days=1)

    def over(corrected: dt.timedelta | None, *, so: bool = False, **fields: Any) -> InboxOrder:
        row = world.sent("delivered", "", told_last=True, told_at=now, news_after=now + day, **fields)
        assert row.order is not None
        InboxOrder.objects.filter(pk=row.pk).update(told=truth(row) if so else "delivered:OLD")
        if corrected is not None:
            Shipment.objects.filter(pk=row.order.shipment_id).update(corrected_at=now - corrected)
        return row

    again = [over(day / 24), over(59 * day), over(day / 24, shop=world.other)]
    rest = [
        over(day / 24, so=True),
        over(None),
        over(61 * day),
        over(day / 24, elsewhere=True),
        over(day / 24, external_id=f"77{REUSED}5"),
    ]
    assert sweep.reopen_corrected() == 3
    open_again = InboxOrder.objects.filter(told_last=False, news_after__lte=timezone.now())
    assert {row.pk for row in open_again} == {row.pk for row in again}
    assert InboxOrder.objects.filter(told_last=True).count() == len(rest)
    assert sweep.reopen_corrected() == 0


def test_what_is_stuck_is_counted_and_tried_again_at_a_click(world: World) -> None:
    later = timezone.now() + dt.timedelta(hours=1)
    said = {"news_error": "refused", "news_after": later}
    stuck = [world.sent("shipped", "", news_failures=n, **said) for n in (1, 5)]
    remark = world.sent("shipped", "", news_failures=0, **said)
    world.sent("shipped", "", news_failures=2, told_last=True, **said)
    world.sent("shipped", "", news_failures=2, shop=world.other, **said)
    type(world.shop).objects.update(news_failures=7, news_after=later)
    assert list(sweep.stuck(world.shop)) == stuck
    assert list(sweep.said(world.shop)) == [*stuck, remark]
    sweep.try_again(world.shop)
    due = InboxOrder.objects.filter(news_after__lte=timezone.now())
    assert {row.pk for row in due} == {row.pk for row in stuck}
    shops = dict(type(world.shop).objects.values_list("pk", "news_failures"))
    assert shops == {world.shop.pk: 0, world.other.pk: 7}
