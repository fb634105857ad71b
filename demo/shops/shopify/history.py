"""What the demo store sold in the last days: an order of each way to pay, still to be sent."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

from demo.shops.customers import Customer, customer
from demo.shops.woocommerce.provinces import PROVINCES

from . import carriers

if TYPE_CHECKING:
    from .shop import Shop

HOURS = 26
# How each was paid, and what is particular about it.
WAITING = (
    ("card", ""), ("contrassegno", "fee"), ("card", "two"), ("bonifico", ""), ("cod", ""), ("paypal", ""),
    ("deposit", ""), ("releasit", ""), ("authorized", ""), ("contrassegno", "discount"), ("klarna_pending", ""),
    ("card", "own"), ("card", "sent"), ("draft", ""),
)  # fmt: skip
_NOTES = (None, None, None, "Citofono Bianchi, secondo piano", "Lasciare in portineria", "Chiamare prima di consegnare")


def place(shop: Shop) -> None:
    """Fills an empty store, silently: its webhooks tell only of what comes later. The same store, the same history."""
    chance, now = random.Random("emporio-nove"), shop.clock()
    for number, (payment, matter) in enumerate(WAITING):
        age = HOURS * (len(WAITING) - number) / len(WAITING) * (0.92 + 0.08 * chance.random())
        _order(shop, chance, now - dt.timedelta(hours=age), payment, matter)


def _order(shop: Shop, chance: random.Random, moment: dt.datetime, payment: str, matter: str) -> None:
    skus = [doc["sku"] for doc in shop.products.variants() if doc["sku"].startswith("SCN-")]
    several = 2 if matter == "two" else 1
    items: list[Any] = [(sku, chance.choice([1, 1, 1, 2])) for sku in chance.sample(skus, several)]
    if matter == "own":  # beside ours, something that the store sends itself
        items.append({"title": "Biglietto d’auguri scritto a mano", "sku": "EN-BIGLIETTO", "price": "2.50"})
    person = customer(chance)
    placed = shop.place_order(
        items,
        payment=payment,
        address=_address(person),
        email=person.email,
        note=chance.choice(_NOTES),
        fee=("Supplemento contrassegno", "3.00") if matter == "fee" else None,
        discount="5.00" if matter == "discount" else "0.00",
        at=moment,
        silent=True,
    )
    if matter == "sent":  # by the merchant himself, from his own shelf
        (fulfilment_order, *_) = shop.fulfilment.of_order(placed["id"])
        company, number = "Poste Italiane", "ZA0123456789IT"
        tracking = [{"company": company, "number": number, "url": carriers.address(company, number)}]
        shop.fulfilment.create([(fulfilment_order["id"], None)], tracking, silent=True)


def _address(person: Customer) -> dict[str, Any]:
    return {
        "first_name": person.first,
        "last_name": person.last,
        "address1": person.street,
        "address2": None,
        "city": person.city,
        "zip": person.postcode,
        "province": dict(PROVINCES).get(person.province, person.province),
        "province_code": person.province,
        "phone": person.phone,
    }
