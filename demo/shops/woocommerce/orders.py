"""What happens to an order in the fake shop: placed, paid, changed, trashed, brought back, deleted, refunded.

Every act enqueues the webhooks WooCommerce would enqueue, in its order: `order.updated` before `order.created`.
"""

import datetime as dt
import secrets
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import order_lines, refunds
from .errors import RestError
from .order_json import present
from .php import encode_entities, iso, local
from .statuses import LABELS

if TYPE_CHECKING:
    from .shop import Shop

CUSTOMER = {
    "first_name": "Giulia",
    "last_name": "D'Angelo",
    "company": "",
    "address_1": "Via dell'Università 7/B",
    "address_2": "",
    "city": "Torino",
    "state": "TO",
    "postcode": "10124",
    "country": "IT",
    "email": "giulia.dangelo@example.it",
    "phone": "+39 333 1234567",
}
_SHIPPING = tuple(key for key in CUSTOMER if key != "email")


class Orders:
    """The orders of the shop. Iterating, `len()` and `[id]` give them as the REST API would."""

    def __init__(self, shop: "Shop") -> None:
        self._shop = shop

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter([self.present(doc) for doc in sorted(self._shop.store.all("order"), key=lambda doc: doc["id"])])

    def __len__(self) -> int:
        return len(self._shop.store.all("order"))

    def __getitem__(self, id_: int) -> dict[str, Any]:
        return self.present(self.doc(id_))

    def doc(self, id_: int) -> dict[str, Any]:
        doc = self._shop.store.get("order", id_)
        if doc is None:
            raise RestError("woocommerce_rest_shop_order_invalid_id", "Invalid ID.", 404)
        return doc

    def present(self, doc: dict[str, Any], home: str = "") -> dict[str, Any]:
        with self._shop.store.lock:
            return present(doc, self._shop, home or self._shop.public_url)

    def place(
        self,
        items: list[Any] | None = None,
        *,
        payment: str = "cod",
        billing: dict[str, str] | None = None,
        shipping: dict[str, str] | None = None,
        note: str = "",
        status: str | None = None,
        created_via: str = "checkout",
        fees: list[tuple[str, str]] | None = None,
        shipping_lines: list[dict[str, Any]] | None = None,
        meta: dict[str, Any] | None = None,
        number: str | None = None,
        title: str | None = None,
        user_agent: str = "Mozilla/5.0",
        set_paid: bool = False,
        at: dt.datetime | None = None,
        silent: bool = False,
        parent_id: int = 0,
    ) -> dict[str, Any]:
        """An order as a checkout makes it; returned as REST shows it.

        `items`: (SKU, quantity) pairs, or dicts with `sku` or `product_id`, `quantity` and optionally `name`, `price`
        (unit, incl. VAT), `meta` (an engraving) and `parts` (of a bundle: items, at 0.00 unless priced). `payment`:
        cod, stripe, bacs, cheque, or any other id (an id the shop does not know is a third-party gateway that
        "completes" the payment). `status` overrides the outcome of the checkout. `fees`: (name, amount net of VAT).
        `at` is when (default: now). `silent` leaves out the webhooks (old orders, from before MCI).
        """
        shop, now = self._shop, iso(at or self._shop.clock())
        checkout = created_via in ("checkout", "store-api")
        bill = {**(CUSTOMER if billing is None else dict.fromkeys(CUSTOMER, "")), **(billing or {})}
        blank: dict[str, str] = dict.fromkeys(_SHIPPING, "")
        ship = {**blank, **(shipping if shipping is not None else {k: bill[k] for k in _SHIPPING} if checkout else {})}
        if created_via == "store-api":  # the block checkout stores entities
            bill, ship = ({k: encode_entities(v) for k, v in a.items()} for a in (bill, ship))
            note = encode_entities(note)
        with shop.store.lock:
            doc: dict[str, Any] = {
                "id": shop.store.next("post"),
                "parent_id": parent_id,
                "status": "auto-draft",
                "number": number,
                "currency": "EUR",
                "date_created_gmt": now,
                "date_modified_gmt": now,
                "date_completed_gmt": None,
                "date_paid_gmt": None,
                "order_key": f"wc_order_{secrets.token_urlsafe(10)[:13].replace('-', 'x').replace('_', 'y')}",
                "billing": bill,
                "shipping": ship,
                "payment_method": payment,
                "payment_method_title": shop.gateway_title(payment) if title is None else title,
                "transaction_id": "",
                "customer_ip_address": "127.0.0.1" if checkout else "",
                "customer_user_agent": user_agent if checkout else "",
                "created_via": created_via,
                "customer_note": note,
                "cart_hash": secrets.token_hex(16) if checkout else "",
                "meta_data": [],
                "lines": [],
                "shipping_lines": [],
                "fee_lines": [],
                "refunds": [],
            }
            wanted = [(shop.products.all()[0]["sku"], 1)] if items is None else items
            order_lines.fill(doc, shop, wanted, fees or [], shipping_lines)
            for key, value in (order_lines.checkout_meta(doc) | (meta or {})).items():
                order_lines.set_meta(doc, key, value, shop)
            if set_paid:
                self._pay(doc, now)
            else:
                self._enter(doc, status or self._outcome(doc), now, first=True)
            shop.store.put("order", doc)
            if doc["status"] in ("processing", "on-hold", "completed"):
                for line in doc["lines"]:
                    id_ = line.get("variation_id") or line["product_id"]
                    shop.products.take(id_, line["quantity"], silent=silent)
        if not silent:
            shop.webhooks.enqueue("order.updated", doc["id"])
            if doc["status"] != "checkout-draft":
                shop.webhooks.enqueue("order.created", doc["id"])
        return self.present(doc)

    def _outcome(self, doc: dict[str, Any]) -> str:
        return "on-hold" if doc["payment_method"] in ("bacs", "cheque") else "processing"

    def _enter(self, doc: dict[str, Any], status: str, now: str, *, first: bool = False) -> None:
        """The status changes: date_paid and date_completed follow WooCommerce's COD rule."""
        if status == doc["status"]:
            return
        before, doc["status"] = ("pending" if first else doc["status"]), status
        # Core's COD gateway keeps "processing" from counting as paid; nobody else's does.
        counts_as_paid = ("completed",) if doc["payment_method"] == "cod" else ("processing", "completed")
        if status in counts_as_paid and doc["date_paid_gmt"] is None:
            doc["date_paid_gmt"] = now
        if status == "completed":
            doc["date_completed_gmt"] = now
        by_gateway = doc["payment_method"] not in ("", "cod", "bacs", "cheque")
        if first and status == "processing" and by_gateway and doc["created_via"] in ("checkout", "store-api"):
            doc["transaction_id"] = f"ch_3LOCAL{doc['id']:010d}"
        if status != before:
            first_words = {"cod": "Payment to be made upon delivery. ", "bacs": "Awaiting BACS payment. "}
            words = first_words.get(doc["payment_method"], "") if first else ""
            change = f"Order status changed from {LABELS.get(before, before)} to {LABELS.get(status, status)}."
            self._note(doc, words + change)

    def _pay(self, doc: dict[str, Any], now: str) -> None:
        """payment_complete(): what set_paid does. A COD order becomes *completed* at once."""
        doc["date_paid_gmt"] = doc["date_paid_gmt"] or now
        self._enter(doc, "completed" if doc["payment_method"] == "cod" else "processing", now)

    def set_status(self, id_: int, status: str) -> dict[str, Any]:
        return self.change(id_, {"status": status})

    def change(self, id_: int, given: dict[str, Any]) -> dict[str, Any]:
        """PUT of an order, with the keys of the REST API. Any transition is allowed, also out of the trash."""
        shop, now = self._shop, iso(self._shop.clock())
        with shop.store.lock:
            doc = self.doc(id_)
            trashed = doc["status"] == "trash"
            before = repr(doc)
            for part in ("billing", "shipping"):
                address = given.get(part) or {}
                doc[part].update({key: str(value) for key, value in address.items() if key in doc[part]})
            for key in ("customer_note", "payment_method", "payment_method_title", "transaction_id", "currency"):
                if key in given:
                    doc[key] = str(given[key])
            for meta in given.get("meta_data") or []:
                order_lines.set_meta(doc, str(meta.get("key", "")), meta.get("value"), shop, meta.get("id"))
            order_lines.change(doc, shop, given)
            if given.get("set_paid") is True and doc["status"] in ("pending", "on-hold", "failed"):
                self._pay(doc, now)
            if given.get("status"):
                self._enter(doc, str(given["status"]), now)
            if repr(doc) != before:
                doc["date_modified_gmt"] = now
            shop.store.put("order", doc)
        if not trashed:  # with HPOS, leaving the trash this way tells no webhook
            shop.webhooks.enqueue("order.updated", id_)
        return self.present(doc)

    def trash(self, id_: int) -> dict[str, Any]:
        """To the trash; returned as it was before. Only order.deleted is told, with nothing but the id."""
        shop = self._shop
        with shop.store.lock:
            doc = self.doc(id_)
            before = self.present(doc)
            order_lines.set_meta(doc, "_wp_trash_meta_status", f"wc-{doc['status']}", shop)
            order_lines.set_meta(doc, "_wp_trash_meta_time", str(int(time.time())), shop)
            doc.update(status="trash", date_modified_gmt=iso(shop.clock()))
            shop.store.put("order", doc)
        shop.webhooks.enqueue("order.deleted", id_)
        return before

    def restore(self, id_: int) -> dict[str, Any]:
        shop = self._shop
        with shop.store.lock:
            doc = self.doc(id_)
            was = next((m["value"] for m in doc["meta_data"] if m["key"] == "_wp_trash_meta_status"), "wc-pending")
            doc["meta_data"] = [m for m in doc["meta_data"] if not m["key"].startswith("_wp_trash_meta_")]
            doc.update(status=was.removeprefix("wc-"), date_modified_gmt=iso(shop.clock()))
            shop.store.put("order", doc)
        shop.webhooks.enqueue("order.restored", id_)
        return self.present(doc)

    def delete(self, id_: int) -> dict[str, Any]:
        """Gone for good; nobody is told."""
        with self._shop.store.lock:
            before = self.present(self.doc(id_))
            self._shop.store.drop("order", id_)
        return before

    def refund(
        self, id_: int, amount: str, reason: str = "", *, lines: dict[int, int] | None = None, keep_status: bool = False
    ) -> dict[str, Any]:
        """A refund of `amount` (EUR, incl. VAT), `lines`: the pieces that it takes back, by the id of the line. The
        order's total stays; a whole refund makes it `refunded`, unless a plugin prevents that (`keep_status`)."""
        shop, now = self._shop, iso(self._shop.clock())
        with shop.store.lock:
            doc = self.doc(id_)
            refund = refunds.make(doc, shop, amount, reason, lines or {})
            if refunds.is_whole(doc, shop) and not keep_status:
                self._enter(doc, "refunded", now)
            doc["date_modified_gmt"] = now
            shop.store.put("order", doc)
        shop.webhooks.enqueue("order.updated", id_)
        return refund

    def split(self, id_: int, vendors: list[list[int]]) -> list[dict[str, Any]]:
        """As Dokan does with a basket of several vendors: each gets an order of its own with copies of his lines (ids),
        and the parent, which keeps them all, is marked."""
        shop, made = self._shop, []
        with shop.store.lock:
            parent = self.doc(id_)
            order_lines.set_meta(parent, "has_sub_order", "1", shop)
            for vendor, mine in enumerate(vendors, start=1):
                doc = {**parent, "id": shop.store.next("post"), "parent_id": id_, "created_via": "dokan"}
                doc["order_key"] = f"wc_order_{secrets.token_hex(6)}0"
                doc["meta_data"] = [{"id": shop.store.next("meta"), "key": "_dokan_vendor_id", "value": str(vendor)}]
                copies = [dict(line) for line in parent["lines"] if line["id"] in mine]
                doc["lines"] = [{**line, "id": shop.store.next("item")} for line in copies]
                shop.store.put("order", doc)
                made.append(doc)
            shop.store.put("order", parent)
        for doc in made:
            shop.webhooks.enqueue("order.created", doc["id"])
        shop.webhooks.enqueue("order.updated", id_)
        return [self.present(doc) for doc in made]

    # Notes change no date and tell no webhook.

    def _note(self, doc: dict[str, Any], text: str, *, to_customer: bool = False) -> dict[str, Any]:
        return self._shop.store.put(
            "note",
            {
                "id": self._shop.store.next("note"),
                "order": doc["id"],
                "author": "WooCommerce",
                "date_created_gmt": iso(self._shop.clock()),
                "note": text,
                "customer_note": to_customer,
            },
        )

    def add_note(self, id_: int, text: str, *, to_customer: bool = False) -> dict[str, Any]:
        with self._shop.store.lock:
            doc = self.doc(id_)
            note = self._note(doc, text, to_customer=to_customer)
            if to_customer:
                self._note(doc, 'Email "Customer note" sent.')
        return note

    def notes(self, id_: int) -> list[dict[str, Any]]:
        """Newest first."""
        found = [note for note in self._shop.store.all("note") if note["order"] == id_]
        return sorted(found, key=lambda note: -note["id"])

    def present_note(self, note: dict[str, Any], home: str) -> dict[str, Any]:
        order = f"{home}/wp-json/wc/v3/orders/{note['order']}"
        hints = {"allow": ["GET", "DELETE"]}
        return {
            "id": note["id"],
            "author": note["author"],
            "date_created": local(note["date_created_gmt"], self._shop.zone),
            "date_created_gmt": note["date_created_gmt"],
            "note": note["note"],
            "customer_note": note["customer_note"],
            "_links": {
                "self": [{"href": f"{order}/notes/{note['id']}", "targetHints": hints}],
                "collection": [{"href": f"{order}/notes"}],
                "up": [{"href": order}],
            },
        }
