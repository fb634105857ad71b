"""What the demo shop sold before anybody looked: two months of orders, the newest of them still to be shipped.

The same shop gets the same history, with dates that end now."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

from demo.shops.customers import Customer, customer

if TYPE_CHECKING:
    from .shop import Shop

DAYS = 60
OLD = 90
# The newest: how each was paid, and what is particular about it.
WAITING = (
    *[("stripe", "")] * 8,
    *[("cod", "")] * 8,
    *[("bacs", "")] * 3,
    ("cheque", ""),
    ("poste_pay_agenzia", "gateway"),
    ("ritiro_cassa", "gateway"),
    ("stripe", "own"),
    ("cod", "own"),
    ("stripe", "phone"),
    ("cod", "city"),
)
_GATEWAYS = {"poste_pay_agenzia": "Ricarica in tabaccheria", "ritiro_cassa": "Pagamento concordato"}
_NOTES = ("", "", "", "", "Citofono Bianchi, secondo piano", "Lasciare in portineria", "Chiamare prima della consegna")
WAITING_HOURS = 28


def place(shop: Shop) -> None:
    """Fills an empty shop, silently: its webhooks tell only of what comes later."""
    chance, now = random.Random(shop.seed), shop.clock()
    first, last = now - dt.timedelta(days=DAYS), now - dt.timedelta(hours=WAITING_HOURS + 4)
    moments = sorted(first + (last - first) * chance.random() for _ in range(OLD))
    for number, moment in enumerate(moments):
        payment = chance.choices(["stripe", "cod", "bacs"], [55, 38, 7])[0]
        status = "cancelled" if number in (17, 58) else "processing" if payment == "bacs" else None
        _order(shop, chance, moment, payment, status=status)
    chosen = list(WAITING)
    chance.shuffle(chosen)
    for number, (payment, matter) in enumerate(chosen):
        age = WAITING_HOURS * (len(chosen) - number) / len(chosen) * (0.92 + 0.08 * chance.random())
        _order(shop, chance, now - dt.timedelta(hours=age), payment, matter=matter)


def _order(
    shop: Shop, chance: random.Random, moment: dt.datetime, payment: str, *, status: str | None = None, matter: str = ""
) -> None:
    skus = [doc["sku"] for doc in shop.products.all() if doc["sku"].startswith("SCN-")]
    items: list[Any] = [(sku, chance.choice([1, 1, 1, 2])) for sku in chance.sample(skus, chance.choice([1, 1, 1, 2]))]
    if matter == "own":
        items.append(("OWN-77", 2))
    shop.place_order(
        items,
        payment=payment,
        title=_GATEWAYS.get(payment),
        billing=_billing(customer(chance), matter),
        note=chance.choice(_NOTES),
        # A gateway of a third party that leaves the order for the shop to decide: nobody can say whether it is paid.
        status="acconto" if matter == "gateway" else status,
        fees=[("Contrassegno", "2.46")] if payment == "cod" else None,
        at=moment,
        silent=True,
    )


def _billing(person: Customer, matter: str) -> dict[str, str]:
    return {
        "first_name": person.first,
        "last_name": person.last,
        "company": "",
        "address_1": person.street,
        "address_2": "",
        "city": "Cernusco" if matter == "city" else person.city,
        "state": "MI" if matter == "city" else person.province,
        "postcode": "20121" if matter == "city" else person.postcode,
        "country": "IT",
        "email": person.email,
        "phone": "" if matter == "phone" else person.phone,
    }
