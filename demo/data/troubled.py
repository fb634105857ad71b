"""Mercatino del Lago: a wallet nearly empty, a shop that must be connected again, and orders to be mended."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import secrets
import uuid
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from catalog.models import Variant
from connectors.intake import deliveries, upsert
from connectors.models import Delivery, Shop, ShopEvent
from connectors.platforms.woocommerce.walk import raw_order
from demo.clock import Diary
from demo.data import typed
from demo.data.people import PROBLEMS, People
from demo.data.shopfront import SLUG, facts_of
from demo.data.warehouse import Routine
from demo.shops.customers import customer
from demo.shops.woocommerce import Shop as FakeShop
from orders.intake import creation, editing
from orders.models import Order
from shipping.models import Method
from wallet import topups

NAME, ADDRESS = "Mercatino del Lago", "https://www.mercatinodellago.example"
_OWN = {"stock": 50, "weight": "0.8", "ean": "", "category": "Casa", "art": "lamp", "hue": 40}
PRODUCTS: list[dict[str, Any]] = [
    {"sku": "ML-LAMP-01", "name": "Lampada da scrivania", "price": "39.90", **_OWN},
    {"sku": "ML-PLAID", "name": "Coperta in pile", "price": "24.90", **_OWN},
    {"sku": "", "name": "Set coltelli cucina", "price": "49.00", **_OWN},
    {"sku": "SCN-00007", "name": "Bollitore inox", "price": "32.90", **_OWN},
    {"sku": "SCN-00009", "name": "Plaid 130 × 170", "price": "22.90", **_OWN},
    {"sku": "SCN-00012", "name": "Zaino porta PC", "price": "44.90", **_OWN},
    {"sku": "SCN-00005", "name": "Robot da cucina", "price": "159.00", **_OWN},
]
# Days ago, articles, and what is particular about it.
ORDERS: tuple[tuple[float, list[Any], dict[str, Any]], ...] = (
    (27.0, [("SCN-00009", 1)], {"payment": "stripe", "then": "sent"}),
    (26.2, [("SCN-00007", 1)], {"payment": "cod", "then": "sent"}),
    (21.5, [("SCN-00012", 1)], {"payment": "cod", "then": "sent"}),
    (9.4, [("SCN-00009", 2)], {"payment": "stripe", "then": "sent", "after": {"status": "cancelled"}}),
    (8.1, [("SCN-00007", 1)], {"payment": "cod", "then": "sent", "after": {"shipping": {"address_1": "Via Nuova 8"}}}),
    (6.0, [("ML-LAMP-01", 1)], {"payment": "stripe"}),
    (5.4, [("ML-LAMP-01", 2), ("SCN-00009", 1)], {"payment": "cod"}),
    (4.9, [("ML-PLAID", 1)], {"payment": "cod"}),
    (4.1, [{"sku": "", "name": "Set coltelli cucina", "quantity": 1}], {"payment": "stripe"}),
    (3.9, [("SCN-00007", 1)], {"payment": "stripe", "bill": {"postcode": "20121", "city": "Torino", "state": "TO"}}),
    (3.6, [("SCN-00009", 1)], {"payment": "cod", "bill": {"city": "", "postcode": ""}}),
    (3.3, [("SCN-00012", 1)], {"payment": "stripe", "bill": {"address_1": "Via Roma", "phone": ""}}),
    (3.0, [("SCN-00009", 3)], {"payment": "bacs"}),
    (2.7, [("SCN-00007", 1)], {"payment": "bacs"}),
    (2.5, [("SCN-00012", 1)], {"payment": "cheque"}),
    (2.2, [("SCN-00009", 1)], {"payment": "bonifico_istantaneo", "title": "Bonifico istantaneo", "status": "acconto"}),
    (2.0, [("SCN-00007", 2)], {"payment": "ritiro", "title": "Pago alla consegna con POS", "status": "processing"}),
    (1.8, [("SCN-00012", 1)], {"payment": "cod", "change": {"currency": "USD"}}),
    (1.6, [{"sku": "SCN-00005", "quantity": 40, "price": "159.00"}], {"payment": "cod"}),
    (1.4, [{"sku": "SCN-00012", "quantity": 1, "price": "1249.00"}], {"payment": "cod"}),
    (1.2, [("SCN-00005", 1)], {"payment": "stripe"}),
    (1.1, [("SCN-00012", 2)], {"payment": "stripe"}),
)
BROKEN_DAYS = 0.8  # since then the shop refuses our keys


class Troubled:
    def __init__(
        self, diary: Diary, people: People, routine: Routine, goods: Sequence[Variant], rare: Variant, usual: Method
    ) -> None:
        self.diary, self.routine, self.goods, self.rare = diary, routine, goods, rare
        self.pk, self.owner, self.accountant = (
            people.dropshippers["problems"].pk,
            people.owner(PROBLEMS),
            people.accountant,
        )
        self.chance = random.Random("mercatino")
        self.front = FakeShop(products=PRODUCTS, name=NAME, public_url=ADDRESS, clock=lambda: diary.now)
        self.shop = self._connect(usual)

    def plan(self) -> None:
        now, at = self.diary.until, self.diary.at

        def ago(days: float) -> dt.datetime:
            return now - dt.timedelta(days=days)

        at(ago(38), partial(self._top_up, Decimal(260), "credited"))
        at(ago(20), partial(self._top_up, Decimal(500), "rejected"))
        at(ago(0.15), partial(self._top_up, Decimal(150), "requested"))
        for days in (36.0, 30.5, 24.3, 18.2, 12.7):
            at(ago(days), partial(self._type, then_sent=True))
        for days, items, matter in ORDERS:
            at(ago(days), partial(self._arrive, items, matter))
        at(ago(2.9), partial(self._type, lines=[creation.LineData(self.rare.sku, self.rare.product.name, 6)]))
        at(ago(0.9), self._unreadable)
        at(ago(BROKEN_DAYS), self._break)
        at(ago(0.5), self._type)
        at(ago(0.4), partial(self._type, draft=True))
        at(ago(0.2), self._sync)

    def _connect(self, usual: Method) -> Shop:
        connected = self.diary.until - dt.timedelta(days=28)
        shop = Shop(
            dropshipper_id=self.pk,
            platform=SLUG,
            name=NAME,
            address=ADDRESS,
            facts=facts_of(self.front),
            method=usual,
            import_since=connected,
            connected_at=connected,
            cursor=self.diary.until,
        )
        shop.credentials = json.dumps({"consumer_key": "ck_gone", "consumer_secret": "cs_gone"})
        shop.webhook_secret = secrets.token_hex(24)
        shop.save()
        for code, params in (("connected", {}), ("webhook_created", {"count": 4})):
            ShopEvent.objects.create(shop=shop, code=code, params=params, at=connected)
        return shop

    def _top_up(self, amount: Decimal, end: str) -> None:
        key = uuid.UUID(int=self.chance.getrandbits(128), version=4)
        top_up = topups.request(self.pk, amount, key=key, by=self.owner)
        later = self.diary.now + dt.timedelta(hours=5)
        if end == "credited":
            topups.mark_sent(top_up.pk)
            self.diary.at(later, lambda: _drop(topups.credit(top_up.pk, by=self.accountant)))
        if end == "rejected":
            topups.mark_sent(top_up.pk)
            why = "Nessun bonifico con questa causale entro dieci giorni"
            after = self.diary.now + dt.timedelta(days=10)
            self.diary.at(after, lambda: _drop(topups.reject(top_up.pk, reason=why, by=self.accountant)))

    def _type(self, *, then_sent: bool = False, draft: bool = False, **other: Any) -> None:
        data = typed.order(self.chance, self.goods, **other)
        order = creation.create(data, dropshipper_id=self.pk, by=self.owner, draft=draft)
        method = self.routine.method(order)
        if method:
            editing.choose_method([order.pk], method, dropshipper_id=self.pk, by=self.owner)
        if then_sent:
            self.diary.at(self.diary.now + dt.timedelta(hours=1), partial(self._send, order.pk))

    def _send(self, pk: int) -> None:
        order = Order.objects.get(pk=pk)
        self.routine.sync([order], dropshipper_id=self.pk, source=order.source, by=self.owner, surely=True)

    def _arrive(self, items: list[Any], matter: dict[str, Any]) -> None:
        person = customer(self.chance)
        bill = {
            "first_name": person.first,
            "last_name": person.last,
            "address_1": person.street,
            "city": person.city,
            "state": person.province,
            "postcode": person.postcode,
            "country": "IT",
            "email": person.email,
            "phone": person.phone,
            **matter.get("bill", {}),
        }
        wanted = [
            {**item, "product_id": self._without_sku()} if isinstance(item, dict) and not item["sku"] else item
            for item in items
        ]
        placed = self.front.place_order(
            wanted,
            payment=matter["payment"],
            title=matter.get("title"),
            status=matter.get("status"),
            billing=bill,
            silent=True,
        )
        if "change" in matter:
            placed = self.front.orders.change(placed["id"], matter["change"])
        pk = self._tell(placed)
        if matter.get("then") == "sent" and pk:
            self.diary.at(self.diary.now + dt.timedelta(hours=2), partial(self._send, pk))
        if "after" in matter:
            later = self.diary.now + dt.timedelta(days=3)
            self.diary.at(later, partial(self._change, placed["id"], matter["after"]))

    def _without_sku(self) -> int:
        return next(int(doc["id"]) for doc in self.front.products.all() if not doc["sku"])

    def _change(self, id_: int, given: dict[str, Any]) -> None:
        self._tell(self.front.orders.change(id_, given))

    def _tell(self, placed: dict[str, Any]) -> int | None:
        raw = raw_order(placed)
        if raw.reading is None:
            raise ValueError(raw.error)
        row = upsert.upsert(self.shop, raw.reading, raw.body, via=upsert.WEBHOOK)
        return row.order_id if row else None

    def _unreadable(self) -> None:
        """Two deliveries that nobody can read: cut by a plugin, and not JSON at all."""
        for number, body in enumerate(
            (b'{"id": 412, "status": "processing", "total": "39.', b"<html>Fatal error</html>")
        ):
            Delivery.objects.create(
                shop=self.shop,
                dedupe=hashlib.sha256(body).digest(),
                topic="order.updated",
                delivery_id=f"demo-{number}",
                headers={"user-agent": "WooCommerce/11.0.1 Hookshot (WordPress/7.0)"},
                body=body,
                received_at=self.diary.now,
                try_after=self.diary.now,
            )
        deliveries.drain()
        Delivery.objects.filter(shop=self.shop, state=Delivery.State.DEAD).update(done_at=self.diary.now)

    def _break(self) -> None:
        """What connectors/shops/health.py notes when a shop refuses the keys."""
        Shop.objects.filter(pk=self.shop.pk).update(
            state=Shop.State.BROKEN,
            trouble="reconnect_needed",
            trouble_params={"reason": "HTTP 401"},
            last_check_at=self.diary.now,
            last_pull_at=self.diary.now - dt.timedelta(minutes=10),
        )
        ShopEvent.objects.create(shop=self.shop, code="reconnect_needed", params={"reason": "HTTP 401"})

    def _sync(self) -> None:
        """Everything that could go, with a wallet that cannot pay it, and a courier that does not take so much cash."""
        for source in ("manual", SLUG):
            orders = list(Order.objects.filter(dropshipper_id=self.pk, source=source, state="ready").order_by("pk"))
            self.routine.sync(orders, dropshipper_id=self.pk, source=source, by=self.owner, choose=False)


def _drop(_result: object) -> None:
    """An act of the diary returns nothing."""
