"""Casa Bella: two months of orders from its shop and typed by its people, in all states, with a healthy wallet."""

from __future__ import annotations

import datetime as dt
import json
import random
import uuid
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils import timezone

from catalog.models import Variant
from connectors.intake import upsert
from connectors.models import Shop, ShopEvent
from connectors.news.sweep import behind
from connectors.platforms.base import RawOrder
from demo.clock import ROME, Diary, local
from demo.data import typed
from demo.data.people import BUSY, People
from demo.data.shopfront import NAME, SLUG, Front
from demo.data.warehouse import Routine
from orders.fulfilment import parcels
from orders.intake import creation, editing
from orders.models import Order
from shipping.models import Method, Shipment
from wallet import topups
from wallet.queries import balances, with_proposals

DAYS = 60
TYPED, TYPED_READY = 132, 9
LOW, TOP_UP = Decimal(900), Decimal(1800)
NOON = dt.timedelta(hours=5)  # the last run of the demo is so long ago
READY = Order.State.READY


class Busy:
    def __init__(
        self, diary: Diary, people: People, routine: Routine, front: Front, goods: Sequence[Variant], usual: Method
    ) -> None:
        self.diary, self.routine, self.front, self.goods = diary, routine, front, goods
        self.pk, self.owner, self.staff = people.dropshippers["busy"].pk, people.owner(BUSY), people.staff
        self.accountant = people.accountant
        self.clerk = people.users[BUSY.people[1].email].pk
        self.chance = random.Random("casa-bella-typed")
        self.waiting = {raw.external_id for raw in front.orders[-front.waiting :]}
        self.shop = self._connect(usual)

    def plan(self) -> None:
        """Writes the two months into the diary."""
        now, diary = self.diary.until, self.diary
        first = now - dt.timedelta(days=DAYS)
        diary.at(first - dt.timedelta(days=1), partial(self._top_up, Decimal(2500)))
        for raw in self.front.orders:
            if raw.version_at and raw.reading:
                diary.at(raw.reading.placed_at + dt.timedelta(seconds=4), partial(self._arrive, raw))
        last = now - NOON - dt.timedelta(minutes=20)
        for _number in range(TYPED):
            diary.at(self._office_hour(first, last), self._type)
        for day in range(DAYS):
            date = (first + dt.timedelta(days=day)).astimezone(ROME).date()
            diary.at(local(date, 8, 20), self._bank)
            for hour, minute in ((9, 15), (14, 30)):
                if local(date, hour, minute) < now - NOON - dt.timedelta(hours=2):
                    diary.at(local(date, hour, minute), self._sync)
        self._today(now)

    def _today(self, now: dt.datetime) -> None:
        """What stands on the desks when the demo is opened."""
        at, hour = self.diary.at, dt.timedelta(hours=1)
        for number in range(12):
            at(now - NOON - hour * (1 + number / 12), self._type)
        at(now - NOON, self._last_run)
        for number in range(TYPED_READY):
            at(now - hour * (4.5 - number * 0.4), self._type)
        for number, (where, other) in enumerate(_TO_FIX):
            at(now - hour * (40 - 6 * number), partial(self._type, where, **other))
        for number in range(4):
            at(now - hour * (52 - 11 * number), partial(self._type, draft=True))
        for days in (50, 33, 21, 9, 3):
            at(now - dt.timedelta(days=days, hours=2), self._type_and_cancel)
        at(now - 3 * hour, self._ask_two)

    def _connect(self, usual: Method) -> Shop:
        connected = self.diary.until - dt.timedelta(days=DAYS + 1)
        front, newest = self.front, max(raw.version_at for raw in self.front.orders if raw.version_at)
        shop = Shop(
            dropshipper_id=self.pk,
            platform=SLUG,
            key=front.key,
            name=NAME,
            address=front.address,
            facts=dict(front.facts),
            method=usual,
            import_since=connected - dt.timedelta(days=1),
            connected_at=connected,
            cursor=newest,
            last_delivery_at=newest,
            last_pull_at=self.diary.until,
        )
        shop.credentials, shop.webhook_secret = json.dumps(dict(front.credentials)), front.webhook_secret
        shop.save()
        for code, params in (("connected", {}), ("webhook_created", {"count": 4})):
            ShopEvent.objects.create(shop=shop, code=code, params=params, at=connected)
        return shop

    def _office_hour(self, first: dt.datetime, last: dt.datetime) -> dt.datetime:
        while True:
            moment = first + (last - first) * self.chance.random()
            if 8 <= moment.astimezone(ROME).hour < 20:
                return moment

    def _arrive(self, raw: RawOrder) -> None:
        if raw.reading:
            upsert.upsert(self.shop, raw.reading, raw.body, via=upsert.WEBHOOK)

    def _type(self, where: dict[str, str] | None = None, *, draft: bool = False, **other: Any) -> Order:
        by = self.chance.choice([self.owner, self.clerk])
        data = typed.order(self.chance, self.goods, where=where, **other)
        order = creation.create(data, dropshipper_id=self.pk, by=by, draft=draft)
        method = self.routine.method(order)
        if method:
            editing.choose_method([order.pk], method, dropshipper_id=self.pk, by=by)
        return order

    def _type_and_cancel(self) -> None:
        parcels.cancel(self._type().pk, by=self.owner)

    def _ready(self, source: str) -> list[Order]:
        found = Order.objects.filter(dropshipper_id=self.pk, source=source, state=READY).order_by("pk")
        return [order for order in found.select_related("inbox") if not self._is_waiting(order)]

    def _is_waiting(self, order: Order) -> bool:
        return order.source != "manual" and order.inbox.external_id in self.waiting

    def _sync(self) -> None:
        for source in ("manual", SLUG) if self.diary.now.astimezone(ROME).hour < 12 else (SLUG,):
            self.routine.sync(self._ready(source), dropshipper_id=self.pk, source=source, by=self.owner)

    def _last_run(self) -> None:
        """Its parcels stand in all corners of the warehouse, whatever the hour."""
        self._bank()
        for source in (SLUG, "manual"):
            self.routine.sync(self._ready(source), dropshipper_id=self.pk, source=source, by=self.clerk, follow=False)
        sent = list(
            Order.objects.filter(dropshipper_id=self.pk, state="dispatched", dispatched_at__gte=timezone.now())
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        for number, pk in enumerate(sent):
            if number % 3 == 0:
                self.diary.at(self.diary.until - dt.timedelta(minutes=110 - number), partial(self.routine.pack, pk))
            if number % 6 == 0:
                self.diary.at(self.diary.until - dt.timedelta(minutes=50 - number), partial(self.routine.ship, pk))

    def finish(self) -> None:
        """After the diary: some parcels on the road are held or out, and the shop has heard of nearly all of them."""
        road = Shipment.objects.filter(dropshipper_id=self.pk, state=Shipment.State.SHIPPED).order_by("shipped_at")
        held, out = Shipment.State.HELD, Shipment.State.OUT_FOR_DELIVERY
        # At some hours few are on the road: the last one stays there, so that each state is seen.
        moved = list(road.values_list("order", flat=True))[:-1]
        for pk, state in zip(moved, [held, out, held, out, out], strict=False):
            note = "Destinatario assente, giacenza aperta" if state == Shipment.State.HELD else ""
            self.routine.move(pk, state, note)
        for row in behind().filter(shop=self.shop).order_by("-pk")[4:]:
            shipment = row.order.shipment if row.order else None
            last = bool(shipment and shipment.delivered_at and shipment.cash in ("", "remitted"))
            truth = row.truth  # type: ignore[attr-defined]
            row.told, row.told_at, row.told_last = truth, self.diary.until, last
            row.save(update_fields=["told", "told_at", "told_last"])

    def _bank(self) -> None:
        if balances(self.pk).spendable < LOW:
            self._top_up(TOP_UP)

    def _top_up(self, amount: Decimal) -> None:
        """Announced, sent and, when the bank has spoken, credited."""
        pk = self._announce(amount, sent=True)
        moment = self.diary.now + dt.timedelta(hours=2, minutes=self.chance.randint(0, 50))
        self.diary.at(min(moment, self.diary.until - dt.timedelta(minutes=1)), partial(self._credit, pk))

    def _announce(self, amount: Decimal, *, sent: bool) -> int:
        key = uuid.UUID(int=self.chance.getrandbits(128), version=4)
        top_up = topups.request(self.pk, amount, key=key, by=self.owner)
        if sent:
            topups.mark_sent(top_up.pk)
        return top_up.pk

    def _credit(self, pk: int) -> None:
        """By the accounting; so much needs a second person."""
        top_up = topups.credit(pk, by=self.accountant)
        ((_top_up, proposal, _back),) = with_proposals([top_up])
        if proposal is not None:
            topups.confirm_credit(proposal.pk, by=self.staff)

    def _ask_two(self) -> None:
        """One that still waits for the second person."""
        topups.credit(self._announce(Decimal(1500), sent=True), by=self.accountant)


# What keeps an order from going, as people make it.
_TO_FIX: tuple[tuple[dict[str, str], dict[str, Any]], ...] = (
    ({"street": ""}, {}),
    ({"city": "", "province": ""}, {}),
    ({}, {"lines": [creation.LineData("SCN-99120", "Portabottiglie da parete", 1)]}),
    ({}, {"payment": "cod", "sale_total": Decimal("0.00")}),
    ({"name": ""}, {}),
)
