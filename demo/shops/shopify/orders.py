"""What happens to an order in the store: placed, paid, changed, edited, cancelled, refunded, closed, deleted.

Every act moves `updated_at`, tells the webhooks that Shopify would tell, and each act is one event: its deliveries
share an event id."""

import datetime as dt
import secrets
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from . import payments
from .gids import Doc, cents, gid, stamp, two_places
from .order_sums import financial_status, line_total, sums

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


class Orders:
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
    ) -> Doc:
        """An order as the checkout makes it: {"id", "gid", "name", "total"}.

        `items`: (SKU, quantity) pairs, (SKU, quantity, price), or dicts with `sku` (or title and price for a line that
        no product stands behind), `quantity` and optionally `price`, `location` (id), `requires_shipping`. `payment`: a
        word of payments.WAYS, or a dict of Way's fields. `address` is laid over a default one; {} means no address.
        `discount` (EUR) is spread over the lines; "free" takes everything off. `fee`: a line without SKU that is not
        shipped. `presentment`: (currency, rate). `financial`: a status that nothing explains. `silent`: no webhooks.
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
            }
            total = sums(doc).total
            doc["transactions"] = payments.transactions(how, total, now, [shop.next_id(), shop.next_id()])
            doc["gateways"] = payments.gateway_names(how, total)
            shop.store.put("order", doc)
            shop.fulfilment.route(doc, now)
            for line in lines:
                shop.stock.commit(line, silent=silent)
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

    # What the merchant, the customer or the API does to it.

    def touch(self, id_: int, *, silent: bool = False, at: dt.datetime | None = None) -> Doc:
        """Nothing changes but `updated_at`."""
        return self._change(id_, {}, silent=silent, at=at)

    def change(self, id_: int, **given: Any) -> Doc:
        """Fields of the document: note, tags, email, phone, shipping_address (laid over), financial, attributes …"""
        doc = self.doc(id_)
        if "shipping_address" in given and given["shipping_address"] is not None:
            given["shipping_address"] = {**(doc["shipping_address"] or ADDRESS), **given["shipping_address"]}
        return self._change(id_, given)

    def _change(self, id_: int, given: Doc, *topics: str, silent: bool = False, at: dt.datetime | None = None) -> Doc:
        shop = self._shop
        with shop.store.lock:
            doc = {**self.doc(id_), **given, "updated_at": stamp(at or shop.clock())}
            shop.store.put("order", doc)
            if not silent:
                self._tell(doc, *topics, "orders/updated")
            return doc

    def _tell(self, doc: Doc, *topics: str) -> None:
        event = self._shop.webhooks.event()
        for topic in topics:
            self._shop.webhooks.enqueue(topic, doc["id"], event=event)

    def pay(self, id_: int) -> Doc:
        """The money is in: a pending transaction succeeds, an authorised one is captured."""
        doc = self.doc(id_)
        owed, now = sums(doc).outstanding, stamp(self._shop.clock())
        if owed <= 0:
            return doc
        found = [dict(each) for each in doc["transactions"]]
        waiting = next((t for t in found if t["status"] == "PENDING"), None)
        held = next((t for t in found if t["kind"] == "AUTHORIZATION" and t["status"] == "SUCCESS"), None)
        like = waiting or held or {"gateway": "manual", "formatted": "Manual", "manual": True, "test": False}
        if waiting:
            waiting["status"] = "SUCCESS"
            owed -= Decimal(waiting["amount"])
        if owed > 0:
            parent = held["id"] if held else None
            kind = "CAPTURE" if held else "SALE"
            made = {"id": self._shop.next_id(), "kind": kind, "status": "SUCCESS", "at": now, "parent": parent}
            found.append({**like, **made, "amount": two_places(owed)})
        changed = {"transactions": found, "financial": ""}
        return self._change(id_, changed, "orders/paid")

    def cancel(self, id_: int, reason: str = "OTHER", *, restock: bool = True, staff_note: str | None = None) -> Doc:
        """Lines that were not sent leave the order; paid money goes back."""
        shop, now = self._shop, stamp(self._shop.clock())
        with shop.store.lock:
            doc = self.doc(id_)
            of = sums(doc)
            found, refunds = list(doc["transactions"]), list(doc["refunds"])
            if of.received > of.refunded:
                paid_back = self._refund_of(doc, of.received - of.refunded, now)
                found.append(paid_back)
                entry = {"id": shop.next_id(), "at": now, "note": "", "lines": [], "transaction": paid_back}
                refunds.append({**entry, "amount": paid_back["amount"], "shipping": paid_back["amount"]})
            if restock:
                for line in doc["lines"]:
                    shop.stock.release(line, line["current_quantity"] - line["fulfilled"])
            shop.fulfilment.close_all(doc, now)
            changed = {
                "cancelled_at": now,
                "closed_at": now,
                "cancel_reason": reason,
                "staff_note": staff_note,
                "transactions": found,
                "refunds": refunds,
                "voided": not of.received,
                "financial": "",
            }
            return self._change(id_, changed, "orders/cancelled")

    def _refund_of(self, doc: Doc, amount: Decimal, now: str) -> Doc:
        paid = next(t for t in doc["transactions"] if t["kind"] in ("SALE", "CAPTURE") and t["status"] == "SUCCESS")
        made = {"id": self._shop.next_id(), "kind": "REFUND", "status": "SUCCESS", "at": now, "parent": paid["id"]}
        return {**paid, **made, "amount": two_places(amount)}

    def refund(
        self,
        id_: int,
        amount: str | None = None,
        *,
        lines: dict[str, int] | None = None,
        note: str = "",
        restock: bool = True,
    ) -> Doc:
        """`lines`: SKU → pieces that go back (they leave the order); `amount` (EUR) is paid back, else their value."""
        shop, now = self._shop, stamp(self._shop.clock())
        with shop.store.lock:
            doc = self.doc(id_)
            back, value = [], Decimal()
            changed_lines = [dict(line) for line in doc["lines"]]
            for line in changed_lines:
                pieces = min((lines or {}).get(line["sku"] or "", 0), line["current_quantity"])
                if pieces:
                    value += line_total(line, pieces)
                    line["current_quantity"] -= pieces
                    back.append({"id": shop.next_id(), "line": line["id"], "quantity": pieces, "restock": restock})
                    shop.fulfilment.take_off(doc, line["id"], pieces, now)
                    if restock:
                        shop.stock.release(line, pieces)
            money = cents(amount) if amount is not None else value if lines else sums(doc).received
            refund: Doc = {"id": shop.next_id(), "at": now, "note": note, "lines": back, "amount": two_places(money)}
            refund["shipping"] = two_places(max(Decimal(), money - value)) if not lines else "0.00"
            found = list(doc["transactions"])
            if money and sums(doc).received:
                refund["transaction"] = self._refund_of(doc, money, now)
                found.append(refund["transaction"])
            changed = {"lines": changed_lines, "refunds": [*doc["refunds"], refund], "transactions": found}
            shop.webhooks.refund = refund
            return self._change(id_, changed, "refunds/create")

    def edit(self, id_: int, *, add: list[Any] | None = None, remove: dict[str, int] | None = None) -> Doc:
        """An order edit: lines are added, or pieces of them taken away (SKU → pieces)."""
        shop, now = self._shop, stamp(self._shop.clock())
        with shop.store.lock:
            doc = self.doc(id_)
            changed_lines = [dict(line) for line in doc["lines"]]
            for line in changed_lines:
                pieces = min((remove or {}).get(line["sku"] or "", 0), line["current_quantity"] - line["fulfilled"])
                if pieces:
                    line["current_quantity"] -= pieces
                    shop.fulfilment.take_off(doc, line["id"], pieces, now)
                    shop.stock.release(line, pieces)
            new = [{**self._line(item), "added": True} for item in add or []]
            changed = {"lines": changed_lines + new, "edited": True}
            shop.store.put("order", {**doc, **changed})
            shop.fulfilment.route({**doc, "lines": new}, now)
            for line in new:
                shop.stock.commit(line)
            return self._change(id_, changed, "orders/edited")

    def delete(self, id_: int) -> None:
        """Gone for good: the API answers null, orders/delete tells the number and nothing else."""
        self.doc(id_)
        self._shop.store.drop("order", id_)
        self._shop.webhooks.enqueue("orders/delete", id_, event=self._shop.webhooks.event())
