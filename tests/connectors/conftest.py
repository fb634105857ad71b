"""A connected shop, the fake shop behind it, and the goods that its SKUs mean."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from demo.shops.outgoing import Answer
from demo.shops.woocommerce import FakeShop
from demo.shops.woocommerce.orders import CUSTOMER

KEY, SECRET = "ck_" + "a1" * 20, "cs_" + "b2" * 20
WEBHOOK_SECRET = "Segreto0fTheShop"
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    from connectors.intake import deliveries, receive

    receive.forget()
    deliveries.forget_silence()
    yield
    receive.forget()
    deliveries.forget_silence()


@pytest.fixture
def goods(db: None) -> dict[str, Any]:
    """Variants by SKU, the ones that the recordings and the fake shop sell."""
    return make_goods()


def make_goods() -> dict[str, Any]:
    from catalog.models import Category, Product, Variant

    category, _made = Category.objects.get_or_create(slug="prove", defaults={"name": "Prove"})
    found = {}
    for sku in ("MCI-0001", "MCI-0002", "MCI-0003", "MCI-TSH-M-B", "MCI-TSH-L-X", "SCN-00001", "SCN-00002"):
        product, _made = Product.objects.get_or_create(
            slug=sku.lower(), defaults={"name": f"Articolo {sku}", "category": category}
        )
        found[sku], _made = Variant.objects.get_or_create(
            sku=sku, defaults={"product": product, "net_price": Decimal("10.00"), "weight_g": 500}
        )
    return found


def make_shop(dropshipper: Any, *, address: str = "https://shop.example.it", **fields: Any) -> Any:
    """An active WooCommerce shop that was connected long ago."""
    from connectors.models import Shop

    shop = Shop(
        dropshipper=dropshipper,
        name="Casa Bella",
        address=address,
        **{"platform": "woocommerce", "import_since": LONG_AGO, "connected_at": LONG_AGO, **fields},
    )
    shop.webhook_secret = WEBHOOK_SECRET
    shop.credentials = json.dumps({"consumer_key": KEY, "consumer_secret": SECRET})
    shop.save()
    return shop


@pytest.fixture
def shop(dropshipper: Any, settings: Any) -> Any:
    """A shop that nobody answers for: an address of our own machine where nothing listens."""
    return make_shop(dropshipper, address="http://127.0.0.1:9")


def signed(body: bytes, topic: str, secret: str = WEBHOOK_SECRET, **headers: str) -> dict[str, str]:
    digest = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return {"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Signature": digest, **headers}


Deliver = Callable[..., Any]


@pytest.fixture
def deliver(client: Client) -> Deliver:
    """`deliver(shop, topic, body)`: a webhook through its real address; `body` bytes or something for JSON."""

    def post(shop: Any, topic: str, body: Any, *, path: str = "", headers: dict[str, str] | None = None) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.post(
            path or f"/webhooks/woocommerce/{shop.key}/",
            data=raw,
            content_type="application/json",
            headers=signed(raw, topic) if headers is None else headers,
        )

    return post


class Ticking(FakeShop):
    """Its clock stands still, except for `tick`: versions have whole seconds."""

    def __init__(self, **kwargs: Any) -> None:
        self._now = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(hours=1)
        super().__init__(clock=lambda: self._now, **kwargs)

    def place_order(self, items: list[Any] | None = None, **kwargs: Any) -> dict[str, Any]:
        """Each order is another person's, unless the test says whose."""
        self._people = getattr(self, "_people", 0) + 1
        if "billing" not in kwargs and "shipping" not in kwargs:
            own = {"phone": f"333{4000000 + self._people}", "address_1": f"Via Roma {self._people}"}
            kwargs["billing"] = {**CUSTOMER, **own}
        return super().place_order(items, **kwargs)

    def tick(self, seconds: float = 1) -> None:
        self._now += dt.timedelta(seconds=seconds)


@contextmanager
def rolled_back() -> Iterator[None]:
    """One example of many within a test: what it wrote is undone. Like a test case's own, this transaction does not
    count for the rule that none may be open while a shop is called."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


def to_test_client(client: Client) -> Callable[[str, list[tuple[str, str]], bytes, float], Answer]:
    """The fake shop's way to MCI: the test client, in the thread (and so the transaction) of the test."""
    main = threading.get_ident()

    def post(url: str, headers: list[tuple[str, str]], body: bytes, timeout: float) -> Answer:
        if threading.get_ident() != main:  # the ping, while MCI itself calls the shop
            return Answer(200)
        path = "/" + url.split("/", 3)[3]
        given = {name: value for name, value in headers if name not in ("Connection", "Content-Type")}
        kind = dict(headers)["Content-Type"]
        return Answer(client.post(path, data=body, content_type=kind, headers=given).status_code)

    return post


@pytest.fixture
def fake(client: Client) -> Iterator[Ticking]:
    """The fake shop on a port of its own; its webhooks come to MCI when it is flushed."""
    with Ticking(transport=to_test_client(client)) as shop:
        shop.keys.add(KEY, SECRET)
        yield shop


@pytest.fixture
def connected(dropshipper: Any, fake: FakeShop, goods: Any) -> Any:
    """The fake shop, connected: its webhooks come and its API answers."""
    from connectors.shops.access import webhook_address

    shop = make_shop(dropshipper, address=fake.url)
    fake.provision(key=KEY, secret=SECRET, deliver_to=webhook_address(shop), webhook_secret=WEBHOOK_SECRET)
    return shop


def order_body(id_: int = 1, /, **fields: Any) -> dict[str, Any]:
    """The smallest order that can be shipped: COD, one article of ours, 39.90. Each id is another house's, with a phone
    of its own."""
    address = {
        "first_name": "Ada",
        "last_name": "Neri",
        "address_1": f"Via Roma {id_}",
        "city": "Torino",
        "state": "TO",
        "postcode": "10121",
        "country": "IT",
        "phone": f"333{1234566 + id_}",
    }
    line = {
        "id": 1,
        "name": "Articolo",
        "product_id": 11,
        "variation_id": 0,
        "quantity": 1,
        "total": "28.61",
        "total_tax": "6.29",
        "sku": "MCI-0001",
    }
    return {
        "id": id_,
        "number": str(id_),
        "status": "processing",
        "currency": "EUR",
        "total": "39.90",
        "date_created_gmt": "2026-11-20T10:00:00",
        "date_modified_gmt": "2026-11-20T10:00:00",
        "date_paid_gmt": None,
        "payment_method": "cod",
        "payment_method_title": "Contrassegno",
        "transaction_id": "",
        "customer_note": "",
        "billing": {**address, "email": "ada@example.it"},
        "shipping": address,
        "line_items": [line],
        "shipping_lines": [],
        "refunds": [],
        **fields,
    }


def state_of(shop: Any) -> list[tuple[Any, ...]]:
    """What is to be shipped for a shop, without our own ids and times: for comparing ways to the same end.

    An order that was live before the shop gave it up is shown as cancelled; one that we first heard of when it was
    already given up is not shown. Both mean the same here: nothing to ship."""
    from connectors.models import InboxOrder

    rows = []
    for row in InboxOrder.objects.filter(shop=shop).select_related("order").order_by("external_id"):
        order = row.order
        told = None
        if order and order.state != "cancelled":
            told = (
                order.state,
                order.payment,
                order.payment_reason,
                order.sale_total,
                order.to_collect,
                order.address,
                order.note,
                sorted(order.lines.values_list("position", "sku", "quantity", "sale_gross", "variant__sku")),
                sorted(order.problems.values_list("code", "subject")),
            )
        rows.append((row.external_id, row.status, told))
    return rows
