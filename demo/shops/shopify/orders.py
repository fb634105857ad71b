"""What happens to an order in the store: paid, changed, edited, cancelled, refunded, closed, deleted.

Every act moves `updated_at`, tells the webhooks that Shopify would tell, and each act is one event: its deliveries
share an event id."""

import datetime as dt
from decimal import Decimal
from typing import Any

from .gids import Doc, cents, stamp, two_places
from .order_sums import line_total, sums
from .placing import ADDRESS, NoSuchOrder, Placing


class Orders(Placing):
    """The orders, placed as Placing says, and what the merchant, the customer or the API does to them."""

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

    def edit(
        self,
        id_: int,
        *,
        add: list[Any] | None = None,
        more: dict[str, int] | None = None,
        remove: dict[str, int] | None = None,
    ) -> Doc:
        """An order edit: lines are added, or pieces of those that are there added or taken away (SKU → pieces)."""
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
                if extra := (more or {}).get(line["sku"] or "", 0):
                    line["quantity"] += extra
                    line["current_quantity"] += extra
                    shop.fulfilment.add_to(doc, line, extra, now)
            new = [{**self._line(item), "added": True} for item in add or []]
            changed = {"lines": changed_lines + new, "edited": True}
            shop.store.put("order", {**doc, **changed})
            shop.fulfilment.route({**doc, "lines": new}, now)
            for line in new:
                shop.stock.commit(line)
            return self._change(id_, changed, "orders/edited")

    def judge(self, id_: int, risk: str) -> Doc:
        """The risk is found, a while after the order was made; the order's own date does not move."""
        doc = self._shop.store.put("order", {**self.doc(id_), "risk": risk})
        about = {"provider_id": None, "risk_level": risk.lower()}
        hooks = self._shop.webhooks
        hooks.enqueue("orders/risk_assessment_changed", id_, event=hooks.event(), about=about)
        return doc

    def delete(self, id_: int) -> None:
        """Gone for good: the API answers null, orders/delete tells the number and nothing else."""
        self.doc(id_)
        self._shop.store.drop("order", id_)
        self._shop.webhooks.enqueue("orders/delete", id_, event=self._shop.webhooks.event())


__all__ = ["ADDRESS", "NoSuchOrder", "Orders"]
