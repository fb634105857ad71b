"""A working day of the demo: Sincronizza twice, parcels packed, sent, delivered, and their cash paid out."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterable
from functools import partial

from demo.clock import ROME, Diary, local
from orders.dispatch import runs
from orders.dispatch.price import Goods, weight
from orders.fulfilment import parcels
from orders.models import DispatchItem, DispatchRun, Order
from shipping.models import Method, Shipment
from shipping.parcels import tracking
from shipping.tariffs.quotes import Tariff

S = Shipment.State
PACKING = ((11, 20), (15, 40))  # hours at which the parcels ordered before are closed
LEAVING = (17, 45)
PAYOUT_DAYS, PAYOUT_WEEKDAY = 6, 3  # couriers pay on Thursdays what they collected a week ago


class Routine:
    """The supplier's warehouse and couriers. `by` is who works there."""

    def __init__(self, diary: Diary, *, by: int) -> None:
        self.diary, self.by = diary, by
        self.chance = random.Random("warehouse")
        self.tariff = Tariff.load()
        self.methods = list(Method.objects.order_by("position").values_list("pk", flat=True))
        self._parcels = 0
        self.cod_given_back = (
            False  # one COD parcel of each reseller is cancelled for sure: the demo shows its reversal
        )

    def method(self, order: Order) -> int | None:
        """The shipping that a reseller would choose: the usual one, else the first that goes there."""
        goods = [
            Goods(v.pk, line.sku, line.quantity, v.net_price, v.vat_rate, v.weight_g)
            for line in order.lines.select_related("variant")
            if (v := line.variant) and not line.ignored
        ]
        collect = order.to_collect if order.payment == "cod" else None
        where = {"country": order.country, "province": order.province, "postcode": order.postcode}
        usual = self.chance.choices(self.methods[:3], [60, 25, 15])[0]
        for pk in [order.method_id, usual, *self.methods]:
            if pk and self.tariff.quote(pk, **where, weight_g=weight(goods), collect=collect).available:
                return pk
        return None

    def sync(
        self,
        orders: Iterable[Order],
        *,
        dropshipper_id: int,
        source: str,
        by: int,
        follow: bool = True,
        choose: bool = True,
        surely: bool = False,
    ) -> DispatchRun | None:
        """Sincronizza of these orders in one run; what was sent goes its way when `follow`,
        and no customer thinks better of it when `surely`. Without `choose` each order keeps its shipping."""
        chosen = list(orders)
        if not chosen:
            return None
        run = runs.start(
            [order.pk for order in chosen],
            dropshipper_id=dropshipper_id,
            key=uuid.UUID(int=self.chance.getrandbits(128), version=4),
            by=by,
            methods={order.pk: pk for order in chosen if choose and (pk := self.method(order))},
            source=source,
        )
        runs.advance(run.pk)
        if follow:
            sent = run.items.filter(result=DispatchItem.Result.DISPATCHED).select_related("order")
            for item in sent.order_by("position"):
                self.follow(item.order, by=by, surely=surely)
        return run

    def follow(self, order: Order, *, by: int, surely: bool = False) -> None:
        """Writes into the diary how the parcel goes on from now."""
        chance, now = self.chance, self.diary.now.astimezone(ROME)
        first_cod = order.payment == "cod" and not self.cod_given_back
        if not surely and (chance.random() < 0.035 or first_cod):  # the customer thought better of it
            self.cod_given_back = self.cod_given_back or first_cod
            self.diary.at(now + dt.timedelta(minutes=35), partial(self._cancel, order.pk, by))
            return
        packed = self._next(now + dt.timedelta(minutes=40), PACKING)
        leaves = self._next(packed, (LEAVING,))
        days = chance.choices([1, 2, 3], [50, 35, 15])[0]
        arrives = local(leaves.date() + dt.timedelta(days=days), 9, 30) + dt.timedelta(minutes=chance.randint(0, 480))
        self.diary.at(packed, partial(self.pack, order.pk))
        self.diary.at(leaves, partial(self.ship, order.pk))
        if chance.random() < 0.04:
            self.diary.at(arrives, partial(self.move, order.pk, S.HELD, "Destinatario assente"))
            arrives += dt.timedelta(days=2, hours=1)
        if self.diary.until - arrives < dt.timedelta(days=4):
            self.diary.at(arrives - dt.timedelta(hours=2), partial(self.move, order.pk, S.OUT_FOR_DELIVERY, ""))
        self.diary.at(arrives, partial(self.deliver, order.pk))
        if order.payment == "cod":
            day = arrives.date() + dt.timedelta(days=PAYOUT_DAYS)
            day += dt.timedelta(days=(PAYOUT_WEEKDAY - day.weekday()) % 7)
            self.diary.at(local(day, 10, 30), partial(self.remit, order.pk))

    def pack(self, pk: int) -> None:
        if Order.objects.filter(pk=pk, shipment__state=S.TO_PICK).exists():
            parcels.mark_packed(pk, by=self.by)

    def ship(self, pk: int) -> None:
        order = Order.objects.select_related("method__courier").get(pk=pk)
        if order.state != Order.State.DISPATCHED or order.method is None:
            return
        self._parcels += 1
        prefix = "".join(word[0] for word in order.method.courier.name.split())
        number = f"{prefix}{4_180_000 + 37 * self._parcels:09d}IT"
        parcels.mark_shipped(pk, tracking_number=number, by=self.by)

    def move(self, pk: int, state: str, note: str) -> None:
        """The courier's word of a parcel on the road."""
        shipment = Shipment.objects.select_for_update(no_key=True).get(order=pk)
        if tracking.may_move(shipment, state):
            tracking.move(shipment, state, by=None, note=note)

    def deliver(self, pk: int) -> None:
        shipment = Shipment.objects.get(order=pk)
        if tracking.may_move(shipment, S.DELIVERED):
            parcels.mark_delivered(pk, by=self.by)

    def remit(self, pk: int) -> None:
        if Shipment.objects.filter(order=pk, cash=Shipment.Cash.COLLECTED).exists():
            parcels.mark_remitted(pk, by=self.by)

    def _cancel(self, pk: int, by: int) -> None:
        parcels.cancel(pk, by=by)

    @staticmethod
    def _next(moment: dt.datetime, hours: Iterable[tuple[int, int]]) -> dt.datetime:
        """The first of these hours, in Rome, that is not before `moment`."""
        day = moment.astimezone(ROME).date()
        for later in (0, 1):
            for hour, minute in hours:
                found = local(day + dt.timedelta(days=later), hour, minute)
                if found >= moment:
                    return found
        raise ValueError("no such hour")
