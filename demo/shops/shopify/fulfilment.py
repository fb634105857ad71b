"""Fulfilment orders (what is to be sent, from where) and fulfilments (what was sent), with the store's refusals."""

from typing import TYPE_CHECKING, Any

from .gids import Doc, stamp

if TYPE_CHECKING:
    from .shop import Shop

OPEN_STATES = ("OPEN", "IN_PROGRESS")


class Refusal(Exception):
    """A userError of a mutation."""

    def __init__(self, message: str, field: list[str] | None = None, code: str = "") -> None:
        super().__init__(message)
        self.message, self.field, self.code = message, field, code


class Fulfilment:
    def __init__(self, shop: "Shop") -> None:
        self._shop = shop

    # Fulfilment orders.

    def of_order(self, order: int) -> list[Doc]:
        ids = self._shop.index.of("fulfilment_order", order)
        return [doc for id_ in ids if (doc := self._shop.store.get("fulfilment_order", id_))]

    def sent(self, order: int) -> list[Doc]:
        ids = self._shop.index.of("fulfilment", order)
        return [doc for id_ in ids if (doc := self._shop.store.get("fulfilment", id_))]

    def route(self, order: Doc, now: str) -> None:
        """One fulfilment order for each location and way of delivery: what is not shipped (a fee) has its own."""
        shop = self._shop
        shipped = "RETAIL" if order["source"] == "pos" else "SHIPPING" if order["shipping_address"] else "PICK_UP"
        shipped = order.get("method") or shipped
        groups: dict[tuple[int, str], list[Doc]] = {}
        for line in order["lines"]:
            location = line["location"] or shop.stock.location_for(line)
            method = shipped if line["requires_shipping"] else "NONE"
            groups.setdefault((location, method), []).append(line)
        for (location, method), lines in groups.items():
            entries = [self._entry(line, line["current_quantity"]) for line in lines]
            self._make(order, location, entries, now, method=method)

    def _entry(self, line: Doc, pieces: int) -> Doc:
        return {"id": self._shop.next_id(), "line": line["id"], "total": pieces, "remaining": pieces}

    def _make(self, order: Doc, location: int, entries: list[Doc], now: str, **more: Any) -> Doc:
        made = {
            "id": self._shop.next_id(),
            "order": order["id"],
            "location": location,
            "status": "OPEN",
            "request": "UNSUBMITTED",
            "fulfill_at": None,
            "method": "SHIPPING",
            "holds": [],
            "lines": entries,
            "created_at": now,
            "updated_at": now,
            **more,
        }
        self._shop.index.add("fulfilment_order", order["id"], made["id"])
        return self._shop.store.put("fulfilment_order", made)

    def save(self, doc: Doc, **given: Any) -> Doc:
        changed = {**doc, **given, "updated_at": stamp(self._shop.clock())}
        return self._shop.store.put("fulfilment_order", changed)

    def close_all(self, order: Doc, now: str) -> None:
        """The order was cancelled: what was not sent is not sent any more."""
        for doc in self.of_order(order["id"]):
            if doc["status"] not in ("CLOSED", "CANCELLED"):
                entries = [{**entry, "remaining": 0} for entry in doc["lines"]]
                self.save(doc, status="CLOSED", lines=entries, holds=[])

    def take_off(self, order: Doc, line: int, pieces: int, now: str) -> None:
        """Pieces of a line left the order before they were sent."""
        for doc in self.of_order(order["id"]):
            entries = []
            for entry in doc["lines"]:
                less = min(pieces, entry["remaining"]) if entry["line"] == line else 0
                pieces -= less
                entries.append({**entry, "remaining": entry["remaining"] - less, "total": entry["total"] - less})
            if entries != doc["lines"]:
                self.save(doc, lines=entries, status=self._status(doc, entries))

    def add_to(self, order: Doc, line: Doc, pieces: int, now: str) -> None:
        """Pieces were added to a line: to an open fulfilment order that holds it, else in a new one."""
        for doc in self.of_order(order["id"]):
            if doc["status"] in OPEN_STATES and any(entry["line"] == line["id"] for entry in doc["lines"]):
                more = [
                    {**entry, "total": entry["total"] + pieces, "remaining": entry["remaining"] + pieces}
                    if entry["line"] == line["id"]
                    else entry
                    for entry in doc["lines"]
                ]
                self.save(doc, lines=more)
                return
        self._make(order, line["location"] or self._shop.stock.location_for(line), [self._entry(line, pieces)], now)

    def _status(self, doc: Doc, entries: list[Doc]) -> str:
        return str(doc["status"]) if any(entry["remaining"] for entry in entries) else "CLOSED"

    def hold(self, id_: int, reason: str = "OTHER", notes: str = "") -> Doc:
        doc = self._get(id_)
        hold = {"id": self._shop.next_id(), "reason": reason, "notes": notes}
        saved = self.save(doc, status="ON_HOLD", holds=[*doc["holds"], hold])
        self._told(saved, "fulfillment_orders/placed_on_hold")
        return saved

    def release(self, id_: int) -> Doc:
        saved = self.save(self._get(id_), status="OPEN", holds=[])
        self._told(saved, "fulfillment_orders/hold_released")
        return saved

    def schedule(self, id_: int, at: str) -> Doc:
        """A pre-order: it cannot be sent before `at`."""
        return self.save(self._get(id_), status="SCHEDULED", fulfill_at=at)

    def give_up(self, id_: int) -> Doc:
        """Whoever was to send it says that he cannot: what was not sent stays unsent."""
        return self.save(self._get(id_), status="INCOMPLETE")

    def call_off(self, id_: int) -> Doc:
        """Cancelled without another in its place; the order's lines count as not sent all the same."""
        return self.save(self._get(id_), status="CANCELLED")

    def is_shown(self, doc: Doc) -> bool:
        """Does the app see it? Not what is assigned to another app's fulfilment service: it has no scope for that."""
        location = self._shop.store.get("location", doc["location"])
        return not (location and location.get("others"))

    def come_due(self, id_: int) -> Doc:
        """Its date has come."""
        saved = self.save(self._get(id_), status="OPEN")
        self._told(saved, "fulfillment_orders/scheduled_fulfillment_order_ready")
        return saved

    def spread(self, order: int, dates: list[str]) -> list[Doc]:
        """A subscription that was paid at once: one piece of each line now, one at each of `dates`."""
        first = self.of_order(order)[0]
        found = []
        for moment in dates:
            made = self.split(first["id"], {entry["id"]: 1 for entry in self._get(first["id"])["lines"]}, silent=True)
            found.append(self.schedule(made["id"], moment))
        return [self._get(first["id"]), *found]

    def move(self, id_: int, location: int) -> Doc:
        """To another location: what was not sent gets a new fulfilment order there."""
        doc = self._get(id_)
        entries = [
            {**entry, "id": self._shop.next_id(), "total": entry["remaining"]}
            for entry in doc["lines"]
            if entry["remaining"]
        ]
        kept = [{**entry, "total": entry["total"] - entry["remaining"], "remaining": 0} for entry in doc["lines"]]
        self.save(doc, status="CLOSED", lines=[entry for entry in kept if entry["total"]])
        order = self._shop.orders.doc(doc["order"])
        made = self._make(order, location, entries, stamp(self._shop.clock()), method=doc["method"])
        self._told(made, "fulfillment_orders/moved")
        return made

    def split(self, id_: int, pieces: dict[int, int], *, silent: bool = False) -> Doc:
        """`pieces` (entry id → quantity) go into a new fulfilment order of the same location."""
        doc, gone = self._get(id_), []
        for entry in doc["lines"]:
            less = min(pieces.get(entry["id"], 0), entry["remaining"])
            if less:
                gone.append({**entry, "id": self._shop.next_id(), "total": less, "remaining": less})
        kept = [
            {**entry, "total": entry["total"] - less, "remaining": entry["remaining"] - less}
            for entry in doc["lines"]
            for less in [min(pieces.get(entry["id"], 0), entry["remaining"])]
        ]
        self.save(doc, lines=[entry for entry in kept if entry["total"]])
        made = self._make(self._shop.orders.doc(doc["order"]), doc["location"], gone, stamp(self._shop.clock()))
        if not silent:
            self._told(made, "fulfillment_orders/split")
        return made

    def _get(self, id_: int) -> Doc:
        doc = self._shop.store.get("fulfilment_order", id_)
        if doc is None:
            raise Refusal("Fulfillment order does not exist.", None, "FULFILLMENT_ORDER_NOT_FOUND")
        return doc

    def _told(self, doc: Doc, topic: str) -> None:
        hooks = self._shop.webhooks
        event = hooks.event()
        hooks.enqueue(topic, doc["id"], event=event)
        if self._shop.parts_move_orders:
            self._shop.orders.touch(doc["order"])

    # Fulfilments.

    def create(
        self,
        wanted: list[tuple[int, dict[int, int] | None]],
        tracking: list[Doc],
        *,
        notify: bool = False,
        silent: bool = False,
        by_app: bool = False,
    ) -> Doc:
        """`wanted`: fulfilment order → pieces by entry id (None: all that remains). Refuses as the store does.
        `by_app`: through the API, and not by the merchant."""
        shop, now = self._shop, stamp(self._shop.clock())
        found = [(self._fulfillable(id_, by_app=by_app), pieces) for id_, pieces in wanted]
        locations = sorted({doc["location"] for doc, _ in found})
        if len(locations) > 1:
            ids = ", ".join(str(each) for each in locations)
            text = "All fulfillment orders must be assigned to a single location. "
            raise Refusal(f"{text}Multiple locations with ids [{ids}] were found.", ["fulfillment"])
        if len({doc["order"] for doc, _ in found}) > 1:
            raise Refusal("All fulfillment orders must belong to the same order.", ["fulfillment"])
        chosen = [(doc, self._pieces(doc, pieces)) for doc, pieces in found]
        order = shop.orders.doc(found[0][0]["order"])
        parts = []
        for doc, pieces in chosen:
            entries = [{**e, "remaining": e["remaining"] - pieces.get(e["id"], 0)} for e in doc["lines"]]
            done = not any(entry["remaining"] for entry in entries)
            self.save(doc, lines=entries, status="CLOSED" if done else "IN_PROGRESS")
            for entry in doc["lines"]:
                if pieces.get(entry["id"]):
                    more = {"id": shop.next_id(), "quantity": pieces[entry["id"]], "line": entry["line"]}
                    parts.append({**more, "fulfilment_order": doc["id"], "entry": entry["id"]})
        made = {
            "id": shop.next_id(),
            "order": order["id"],
            "name": f"{order['name']}-F{len(self.sent(order['id'])) + 1}",
            "location": locations[0],
            "status": "SUCCESS",
            "shown": "FULFILLED",
            "tracking": tracking,
            "lines": parts,
            "events": [],
            "notified": notify,
            "created_at": now,
            "updated_at": now,
        }
        shop.index.add("fulfilment", order["id"], made["id"])
        shop.store.put("fulfilment", made)
        self._count(order, made, 1, now)
        if not silent:
            self._tell(made, "fulfillments/create")
        return made

    def _fulfillable(self, id_: int, *, by_app: bool) -> Doc:
        doc = self._get(id_)
        if by_app and not self.is_shown(doc):
            raise Refusal("The api_client does not have access to the fulfillment order.", ["fulfillment"])
        if doc["status"] not in OPEN_STATES:
            state = doc["status"].lower()
            raise Refusal(f"Fulfillment order {id_} has an unfulfillable status= {state}.", ["fulfillment"])
        return doc

    def _pieces(self, doc: Doc, wanted: dict[int, int] | None) -> dict[int, int]:
        if wanted is None:
            return {entry["id"]: entry["remaining"] for entry in doc["lines"]}
        by_id = {entry["id"]: entry for entry in doc["lines"]}
        for id_, quantity in wanted.items():
            if quantity <= 0:
                raise Refusal("Quantity must be greater than 0", ["fulfillment"])
            if id_ not in by_id or quantity > by_id[id_]["remaining"]:
                raise Refusal("Invalid fulfillment order line item quantity requested.", ["fulfillment"])
        return wanted

    def _count(self, order: Doc, fulfilment: Doc, sign: int, now: str) -> None:
        """The order's lines know how many pieces of them were sent; the stock gives up what was committed."""
        sent: dict[int, int] = {}
        for part in fulfilment["lines"]:
            sent[part["line"]] = sent.get(part["line"], 0) + part["quantity"]
        lines = [{**line, "fulfilled": line["fulfilled"] + sign * sent.get(line["id"], 0)} for line in order["lines"]]
        for line in lines:
            self._shop.stock.ship(line, fulfilment["location"], sign * sent.get(line["id"], 0))
        whole = all(line["fulfilled"] >= line["current_quantity"] for line in lines if line["requires_shipping"])
        done = now if whole and sign > 0 else None
        self._shop.store.put("order", {**order, "lines": lines, "fulfilled_at": done, "updated_at": now})

    def _tell(self, fulfilment: Doc, topic: str) -> None:
        hooks = self._shop.webhooks
        event = hooks.event()
        hooks.enqueue(topic, fulfilment["id"], event=event)
        order = self._shop.orders.doc(fulfilment["order"])
        if topic == "fulfillments/create":
            part = "orders/fulfilled" if order["fulfilled_at"] else "orders/partially_fulfilled"
            hooks.enqueue(part, order["id"], event=event)
        hooks.enqueue("orders/updated", order["id"], event=event)

    def get(self, id_: int | None) -> Doc:
        doc = self._shop.store.get("fulfilment", id_) if id_ is not None else None
        if doc is None:
            raise Refusal("Fulfillment does not exist.", ["fulfillmentId"])
        return doc

    def retrack(self, id_: int | None, tracking: list[Doc], *, notify: bool = False) -> Doc:
        return self._changed(self.get(id_), "fulfillments/update", tracking=tracking, notified=notify)

    def _changed(self, doc: Doc, topic: str, **given: Any) -> Doc:
        now = stamp(self._shop.clock())
        saved = self._shop.store.put("fulfilment", {**doc, **given, "updated_at": now})
        self._shop.store.put("order", {**self._shop.orders.doc(doc["order"]), "updated_at": now})
        self._tell(saved, topic)
        return saved

    def add_event(self, id_: int | None, event: Doc) -> Doc:
        """Where the parcel is; "delivered" and its kin become the fulfilment's display status."""
        doc = self.get(id_)
        if doc["status"] == "CANCELLED":
            raise Refusal("Cannot create an event for a cancelled fulfillment.", ["fulfillmentEvent", "fulfillmentId"])
        made = {"id": self._shop.next_id(), "created_at": stamp(self._shop.clock()), **event}
        self._changed(doc, "fulfillments/update", events=[*doc["events"], made], shown=event["status"])
        return made

    def cancel(self, id_: int | None) -> Doc:
        """What was sent is to be sent again: new fulfilment orders, new ids. Cancelling twice is a success."""
        doc = self.get(id_)
        if doc["status"] == "CANCELLED":
            return doc
        now = stamp(self._shop.clock())
        order = self._shop.orders.doc(doc["order"])
        self._count(order, doc, -1, now)
        entries = [
            {"id": self._shop.next_id(), "line": part["line"], "total": part["quantity"], "remaining": part["quantity"]}
            for part in doc["lines"]
        ]
        self._make(order, doc["location"], entries, now)
        return self._changed(doc, "fulfillments/update", status="CANCELLED", shown="CANCELED")
