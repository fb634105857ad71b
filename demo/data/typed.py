"""Orders as resellers type them in the Dropshipping Shop: sales of marketplaces, by phone, in the shop downstairs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from catalog.models import Variant
from core.address import Address
from core.money import ZERO
from demo.shops.customers import Customer, customer
from orders.intake.creation import LineData, OrderData

NOTES = ("", "", "", "", "", "Citofono Bianchi, secondo piano", "Lasciare in portineria", "Chiamare prima", "Scala B")
POSTAGE = [Decimal("0.00"), Decimal("4.90"), Decimal("5.90"), Decimal("6.90")]


def address(person: Customer, **other: str) -> Address:
    fields = {
        "name": person.name,
        "street": person.street,
        "postcode": person.postcode,
        "city": person.city,
        "province": person.province,
        "phone": person.phone,
        "email": person.email,
    }
    return Address(**{**fields, **other})


def order(
    chance: random.Random,
    goods: Sequence[Variant],
    *,
    payment: str = "",
    where: dict[str, str] | None = None,
    **other: Any,
) -> OrderData:
    """One to three articles for somebody, sold at the suggested price and some postage; prepaid or COD."""
    chosen = chance.sample(goods, chance.choices([1, 2, 3], [70, 22, 8])[0])
    lines, total = [], chance.choice(POSTAGE)
    for variant in chosen:
        quantity = chance.choices([1, 2, 3], [82, 14, 4])[0]
        gross = (variant.retail_price or ZERO) * quantity
        total += gross
        name = f"{variant.product.name} {variant.title}".strip()
        lines.append(LineData(variant.sku, name, quantity, variant.pk, sale_gross=gross))
    fields: dict[str, Any] = {
        "address": address(customer(chance), **(where or {})),
        "lines": lines,
        "payment": payment or chance.choices(["prepaid", "cod"], [58, 42])[0],
        "sale_total": total,
        "note": chance.choice(NOTES),
    }
    return OrderData(**{**fields, **other})
