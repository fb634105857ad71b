"""The stage of the order tests: a courier with the prices of the design's example, goods, money in the wallet."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import count
from typing import Any

from accounts.models import Dropshipper
from catalog import stock
from catalog.models import Category, Product, Variant
from core.address import Address
from orders.dispatch import figures, plan
from orders.intake import creation
from orders.models import Order
from shipping.models import Courier, Method, Rate, Zone, ZoneArea
from wallet import moves

_numbers = count(1)
ADDRESS = Address(
    name="Giulia Rossi",
    street="Via Garibaldi 12",
    postcode="10122",
    city="Torino",
    province="TO",
    phone="+393331234567",
    email="giulia@example.com",
)


def method(code: str = "espresso", *, net: str = "5.00", cod_cap: str = "999.00", **fields: Any) -> Method:
    """A method to all Italy at `net` up to 30 kg, COD fee 2.00 (the design's example)."""
    courier, _made = Courier.objects.get_or_create(
        code=f"corriere-{code}", defaults={"name": "Corriere Veloce", "cod_cap": Decimal(cod_cap)}
    )
    zone, _made = Zone.objects.get_or_create(code="italia", defaults={"name": "Italia"})
    ZoneArea.objects.get_or_create(zone=zone, country="IT", province="", postcode_prefix="")
    fields = {"cod_fee_fixed": Decimal("2.00"), "name": code.title(), **fields}
    made = Method.objects.create(courier=courier, code=code, **fields)
    Rate.objects.create(method=made, zone=zone, max_weight_g=30_000, net=Decimal(net))
    return made


def variant(
    sku: str = "", *, net: str = "12.00", vat: str = "22.00", pieces: int = 100, weight_g: int = 500
) -> Variant:
    """An article in stock; 12.00 net by default."""
    sku = sku or f"SKU-{next(_numbers):05d}"
    category, _made = Category.objects.get_or_create(slug="casa", defaults={"name": "Casa"})
    product = Product.objects.create(name=f"Articolo {sku}", slug=sku.lower(), category=category)
    made = Variant.objects.create(
        product=product, sku=sku, net_price=Decimal(net), vat_rate=Decimal(vat), weight_g=weight_g
    )
    if pieces:
        stock.receive(made.pk, pieces, by=None)
    return made


def money(dropshipper: Dropshipper, amount: str) -> None:
    """Puts money into the wallet."""
    moves.adjust(dropshipper.pk, Decimal(amount), memo="stage", by=None)


def data(
    *lines: tuple[str, int], payment: str = "prepaid", total: str | None = "39.90", **fields: Any
) -> creation.OrderData:
    fields = {"address": ADDRESS, **fields}
    return creation.OrderData(
        lines=[creation.LineData(sku, sku, quantity) for sku, quantity in lines],
        payment=payment,
        sale_total=Decimal(total) if total is not None else None,
        **fields,
    )


def order(dropshipper: Dropshipper, *lines: tuple[str, int], method: Method | None = None, **fields: Any) -> Order:
    """An order of the Dropshipping Shop, ready if nothing is wrong with it."""
    return creation.create(
        data(*lines, **fields), dropshipper_id=dropshipper.pk, method_id=method.pk if method else None
    )


def seen(order: Order) -> str:
    """The figures that a page would show of it, as its form brings them back."""
    price = plan.plan([order.pk], dropshipper_id=order.dropshipper_id).rows[0].price
    return price.figures if price else ""


def all_seen(orders: Iterable[Order]) -> str:
    """The same for a form of many."""
    return figures.carried((order.pk, shown) for order in orders if (shown := seen(order)))
