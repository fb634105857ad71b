"""Orders of a shop on their way through MCI: sold, changed by a person, sent; to test what it is told."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone

from catalog.models import Category, Product, Variant
from connectors.models import InboxOrder, Shop
from orders.dispatch import runs
from orders.entry import typed
from orders.fulfilment import parcels
from orders.intake import editing
from orders.models import Order
from orders.problems import CATALOGUE
from orders.questions import questions
from shipping.models import Method
from tests import cast
from tests.orders import stage


def sell(*skus: str) -> None:
    """Articles of ours by these SKUs, with enough in stock."""
    from catalog import stock

    category, _made = Category.objects.get_or_create(slug="prove", defaults={"name": "Prove"})
    for sku in skus:
        product, _made = Product.objects.get_or_create(
            slug=sku.lower(), defaults={"name": f"Articolo {sku}", "category": category}
        )
        variant, _made = Variant.objects.get_or_create(
            sku=sku, defaults={"product": product, "net_price": Decimal("1.00"), "weight_g": 10}
        )
        stock.receive(variant.pk, 500, by=None)


def edit(order: Order, client: Any, pieces: dict[str, int], *, more: Iterable[tuple[str, int]] = ()) -> Order:
    """A person's edit on the order's page: pieces by SKU (0: the line is taken out), and rows that he typed."""
    rows = [
        (line.pk, typed.shown_sku(line), pieces.get(typed.shown_sku(line), line.quantity)) for line in typed.own(order)
    ]
    kept = [row for row in rows if row[2]] + [(0, sku, count) for sku, count in more]
    form = {
        "key": str(uuid.uuid4()),
        "version": order.version,
        "name": order.name,
        "phone": "+393331234567",
        "street": order.street,
        "postcode": order.postcode,
        "city": order.city,
        "province": order.province,
        "country": order.country,
        "payment": order.payment,
        "sale_total": str(order.sale_total).replace(".", ","),
        "to_collect": str(order.to_collect or "").replace(".", ","),
        "lines-TOTAL_FORMS": str(len(kept)),
        "lines-INITIAL_FORMS": "0",
        "do": "send",
    }
    for index, (row, sku, count) in enumerate(kept):
        form |= {f"lines-{index}-row": str(row or ""), f"lines-{index}-sku": sku, f"lines-{index}-quantity": str(count)}
    answer = client.post(reverse("orders:edit", args=[order.pk]), form)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return Order.objects.get(pk=order.pk)


def dispatched(order: Order) -> Order:
    """Sincronizza. What a person would have to look at first was looked at."""
    for problem in order.problems.filter(blocking=True):
        if CATALOGUE[problem.code].answerable:
            questions.answer(order.pk, problem.code, problem.subject, by=cast.member(order.dropshipper).pk)
    method = Method.objects.filter(code="espresso").first() or stage.method()
    stage.money(order.dropshipper, "900.00")
    editing.choose_method([order.pk], method.pk, dropshipper_id=order.dropshipper_id, by=None)
    run = runs.dispatch_now(order.pk, dropshipper_id=order.dropshipper_id, key=uuid.uuid4(), by=None)
    assert run.result == "dispatched", (run.code, run.params, list(order.problems.values()))
    return Order.objects.get(pk=order.pk)


def shipped(order: Order, tracking: str = "TRK-1") -> Order:
    dispatched(order)
    parcels.mark_packed(order.pk, by=None)
    parcels.mark_shipped(order.pk, tracking_number=tracking, by=None)
    return Order.objects.get(pk=order.pk)


def row_of(order: Order) -> InboxOrder:
    return InboxOrder.objects.get(order=order)


def hurry(shop: Shop) -> None:
    """What waits for its next try is due."""
    Shop.objects.filter(pk=shop.pk).update(news_after=timezone.now())
    InboxOrder.objects.filter(shop=shop).update(news_after=timezone.now())
