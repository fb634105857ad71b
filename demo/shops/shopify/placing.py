"""Placing an order, as the checkout, the till, a form of an app or the merchant by hand does it."""

import datetime as dt
import secrets
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from . import payments
from .gids import Doc, cents, gid, stamp, two_places
from .order_sums import financial_status, sums

if TYPE_CHECKING:
    from .shop import Shop

ADDRESS = {
    "first_name": "Giulia",
    "last_name": "D'Angelo",
    "company": None,
    "address1": "Via dell'Università 7/B",
    "address2": None,
    "city": "Torino",
    "zip": "10124",
    "province": "Torino",
    "province_code": "TO",
    "country": "Italy",
    "country_code": "IT",
    "phone": "+39 333 1234567",
}
EMAIL = "giulia.dangelo@example.it"
_SHIPPING = [("Corriere espresso 24/48h", "7.90")]


class NoSuchOrder(LookupError):
    pass


class Placing:
    """The orders of the store, by number; `len()` and iteration give their documents, oldest first."""

    def __init__(self, shop: "Shop") -> None:
        self._shop = shop

    def __iter__(self) -> Iterator[Doc]:
        return iter(sorted(self._shop.store.all("order"), key=lambda doc: doc["id"]))

    def __len__(self) -> int:
        return len(self._shop.store.all("order"))

    def doc(self, id_: int) -> Doc:
        doc = self._shop.store.get("order", id_)
        if doc is None:
            raise NoSuchOrder(id_)
        return doc

    def place(
        self,
        items: list[Any] | None = None,
        *,
        payment: str | Doc = "card",
        address: Doc | None = None,
        billing: Doc | None = None,
        email: str | None = EMAIL,
        phone: str | None = None,
        note: str | None = None,
        tags: list[str] | None = None,
        attributes: dict[str, str] | None = None,
        discount: str = "0.00",
        shipping: list[tuple[str, str]] | None = None,
        fee: tuple[str, str] | None = None,
        source: str | None = None,
        test: bool | None = None,
        presentment: tuple[str, str] | None = None,
        financial: str = "",
        at: dt.datetime | None = None,
        silent: bool = False,
        token: str = "",
        identifier: str | None = None,
        localized: dict[str, str] | None = None,
        method: str = "",
        risk: str = "",
        bundle: tuple[str, str] | None = None,
    ) -> Doc:
        """An order as the checkout makes it: {"id", "gid", "name", "total"}.

        `items`: (SKU, quantity) pairs, (SKU, quantity, price), or dicts with `sku` (or title and price for a line that
        no product stands behind), `quantity` and optionally `price`, `location` (id), `requires_shipping`. `payment`: a
        word of payments.WAYS, or a dict of Way's fields. `address` is laid over a default one; {} means no address.
        `discount` (EUR) is spread over the lines; "free" takes everything off. `fee`: a line without SKU that is not
        shipped. `identifier`: its number in a marketplace; `localized`: what the checkout asks for in a country, by
        key; `method`: LOCAL, PICKUP_POINT and the like; `risk`: HIGH, MEDIUM …; `bundle` (title, SKU): all lines are
        parts of one. `presentment`: (currency, rate). `financial`: a status that nothing explains. `silent`: no
        webhooks.
        """
        shop, how = self._shop, payments.way(payment)
        now = stamp(at or shop.clock())
        with shop.store.lock:
            wanted = [(shop.products.variants()[0]["sku"], 1)] if items is None else items
            lines = [self._line(item) for item in wanted]
            if fee:
                lines.append(self._line({"title": fee[0], "price": fee[1], "requires_shipping": False}))
            ship = self._ship(shipping, how)
            self._discount(lines, ship, "free" if payment == "free" else discount)
            where = {**ADDRESS, **(address or {})} if address != {} else None
            number = shop.store.next("order_number")
            doc: Doc = {
                "id": shop.next_id(),
                "number": number,
                "name": f"#{1000 + number}",
                "confirmation": secrets.token_hex(5).upper()[:9],
                "created_at": now,
                "processed_at": now,
                "updated_at": now,
                "closed_at": None,
                "cancelled_at": None,
                "cancel_reason": None,
                "fulfilled_at": None,
                "voided": False,
                "edited": False,
                "test": how.test if test is None else test,
                "source": source or how.source,
                "tags": [*(tags or []), *how.tags],
                "note": note,
                "attributes": [{"key": key, "value": value} for key, value in (attributes or {}).items()],
                "email": email,
                "phone": phone,
                "locale": "it-IT",
                "currency": "EUR",
                "presentment": list(presentment) if presentment else ["EUR", "1"],
                "financial": financial or how.financial,
                "terms": how.terms,
                "shipping_address": where,
                "billing_address": {**ADDRESS, **billing} if billing else where,
                "lines": lines,
                "shipping_lines": ship,
                "refunds": [],
                "transactions": [],
                "gateways": [],
                "token": token or secrets.token_hex(16),
                "customer": shop.next_id(),
                "staff_note": None,
                "identifier": identifier,
                "localized": list((localized or {}).items()),
                "method": method,
                "risk": risk,
                "groups": [],
            }
            if bundle:
                group = {"id": shop.next_id(), "title": bundle[0], "sku": bundle[1], "quantity": 1}
                doc["groups"] = [group]
                for line in lines:
                    line["group"] = group["id"]
            total = sums(doc).total
            doc["transactions"] = payments.transactions(how, total, now, [shop.next_id(), shop.next_id()])
            doc["gateways"] = payments.gateway_names(how, total)
            shop.store.put("order", doc)
            shop.fulfilment.route(doc, now)
            for line in lines:
                shop.stock.commit(line, silent=silent)
            if doc["source"] == "pos":  # the customer has it in his hand
                for fulfilment_order in shop.fulfilment.of_order(doc["id"]):
                    shop.fulfilment.create([(fulfilment_order["id"], None)], [], silent=True)
                doc = self.doc(doc["id"])
            topics = ["orders/create"]
            if financial_status(doc, sums(doc)) == "PAID":
                topics.append("orders/paid")
            if not silent:
                self._tell(doc, *topics, "orders/updated")
            return {"id": doc["id"], "gid": gid("Order", doc["id"]), "name": doc["name"], "total": two_places(total)}

    def _line(self, item: Any) -> Doc:
        shop = self._shop
        given: Doc = (
            dict(item) if isinstance(item, dict) else dict(zip(("sku", "quantity", "price"), item, strict=False))
        )
        variant = shop.products.by_sku(str(given["sku"])) if given.get("sku") else None
        if given.get("variant"):
            variant = shop.store.get("variant", given["variant"])
        product = shop.store.get("product", variant["product"]) if variant else None
        if variant is None and not given.get("title"):
            given["title"] = str(given.get("sku"))
        one_of_many = variant is not None and variant["title"] != "Default Title"
        quantity = int(given.get("quantity", 1))
        return {
            "id": shop.next_id(),
            "variant": variant["id"] if variant else None,
            "product": product["id"] if product else None,
            "sku": variant["sku"] if variant else given.get("sku"),
            "title": product["title"] if product else given["title"],
            "variant_title": variant["title"] if variant and one_of_many else None,
            "vendor": product["vendor"] if product else None,
            "quantity": quantity,
            "current_quantity": quantity,
            "fulfilled": 0,
            "price": two_places(str(given.get("price") or (variant["price"] if variant else "0"))),
            "discount": "0.00",
            "requires_shipping": bool(given.get("requires_shipping", True)),
            "gift_card": bool(given.get("gift_card", False)),
            "grams": variant["grams"] if variant else 0,
            "properties": [{"key": k, "value": v} for k, v in (given.get("properties") or {}).items()],
            "location": given.get("location"),
            "added": bool(given.get("added", False)),
        }

    def _ship(self, shipping: list[tuple[str, str]] | None, how: payments.Way) -> list[Doc]:
        chosen = ([] if how.source == "pos" else _SHIPPING) if shipping is None else shipping
        return [
            {"id": self._shop.next_id(), "title": title, "code": title, "price": two_places(price), "source": "shopify"}
            for title, price in chosen
        ]

    def _discount(self, lines: list[Doc], ship: list[Doc], discount: str) -> None:
        """Spread by value; the last line takes what rounding leaves."""
        if discount == "free":
            for line in ship:
                line["price"] = "0.00"
        whole = sum((Decimal(line["price"]) * line["quantity"] for line in lines), Decimal())
        left = whole if discount == "free" else min(cents(discount), whole)
        for line in lines:
            value = Decimal(line["price"]) * line["quantity"]
            part = left if line is lines[-1] else cents(left * value / whole) if whole else Decimal()
            line["discount"] = two_places(part)
            left, whole = left - part, whole - value

    def _tell(self, doc: Doc, *topics: str) -> None:
        event = self._shop.webhooks.event()
        for topic in topics:
            self._shop.webhooks.enqueue(topic, doc["id"], event=event)
