"""What the plugin answers to MCI's calls: one route, signed both ways, each operation safe to repeat."""

import json
import time
from typing import TYPE_CHECKING, Any

from demo.shops.web import Request, Response
from demo.shops.woocommerce.errors import RestError
from demo.shops.woocommerce.order_lines import set_meta
from demo.shops.woocommerce.php import json_encode

from . import goods
from .signing import proof, signature

if TYPE_CHECKING:
    from .shop import Shop

WINDOW_S = 300
_REMEMBERED_S = 600
_DRAFTS = ("checkout-draft", "auto-draft")
_SHIPPABLE = ("pending", "on-hold", "processing")
_WRITES = ("tell_order", "stock", "prices", "publish", "unpublish")


class Refused(Exception):
    """An error of the protocol."""

    def __init__(self, status: int, error: str, **more: str) -> None:
        super().__init__(error)
        self.status, self.said = status, {"error": error, **more}


class Calls:
    def __init__(self, shop: "Shop") -> None:
        self._shop = shop
        self._answers: dict[str, tuple[float, Response]] = {}  # of writes, by the call's id
        self.log: list[tuple[str, str, str, int]] = []  # time, operation, short of what, status; the newest last

    def respond(self, request: Request) -> Response:
        shop, plugin = self._shop, self._shop.plugin
        if request.method != "POST":
            return _plain(404, RestError("rest_no_route", "No route was found.", 404).body())
        given = _json(request.body)
        op = str(given.get("op", ""))
        fault = shop.faults.take(f"mci/{op}")
        if fault:
            shop.sleep(fault.slow)
            instead = fault.answer()
            if fault.drop or instead:
                return instead or Response(0)
        id_ = request.header("X-MCI-Id")
        try:
            if op == "prove":
                return _plain(200, self._prove(given))
            response = self._once(request, op, id_, given)
        except Refused as error:
            response = self._signed(error.status, error.said, id_)
        self.log = [*self.log[-40:], (plugin.stamp()[11:19], op, _short(given), response.status)]
        if fault and fault.after:
            return Response(0)
        if fault and fault.body == "truncated":
            response.body = response.body[: len(response.body) // 2]
        return response

    def _prove(self, given: dict[str, Any]) -> dict[str, Any]:
        code = self._shop.plugin.waiting_code
        if not code:
            raise Refused(401, "not_paired")
        return {"proof": proof(code, str(given.get("challenge", "")))}

    def _once(self, request: Request, op: str, id_: str, given: dict[str, Any]) -> Response:
        secret = self._check(request, id_, given)
        known = self._answers.get(id_)
        if known and time.monotonic() - known[0] < _REMEMBERED_S:
            return known[1]
        if self._shop.without_woocommerce and op not in ("about", "unpair"):
            raise Refused(409, "woocommerce_missing")
        act = getattr(self, f"_op_{op}", None) if op.isidentifier() else None
        if act is None:
            raise Refused(404, "unknown_op")
        try:
            said = act(given)
        except (KeyError, TypeError, ValueError) as error:
            raise Refused(400, "bad_request", message=str(error)) from None
        response = self._signed(200, said, id_, secret)
        if op in _WRITES:
            self._answers[id_] = (time.monotonic(), response)
        return response

    def _check(self, request: Request, id_: str, given: dict[str, Any]) -> str:
        """The secret that the call is signed with: first the signature is looked at, then the clock."""
        plugin = self._shop.plugin
        secret, stamp = str(plugin.state["secret"]), request.header("X-MCI-Timestamp")
        if not secret:
            raise Refused(503, "pairing") if plugin.waiting_code else Refused(401, "not_paired")
        if not stamp.isdigit() or signature(secret, int(stamp), request.body) != request.header("X-MCI-Signature"):
            raise Refused(503, "pairing") if plugin.waiting_code else Refused(401, "bad_signature")
        if given.get("call") != id_:
            raise Refused(400, "bad_request", message="call")
        if abs(plugin.now() - int(stamp)) > WINDOW_S:
            raise Refused(401, "stale", time=plugin.stamp())
        return secret

    def _signed(self, status: int, said: dict[str, Any], id_: str, secret: str = "") -> Response:
        plugin = self._shop.plugin
        secret = secret or plugin.state["secret"]
        if not secret or said.get("error") in ("bad_signature", "not_paired", "pairing"):
            return _plain(status, said)
        response, now = _plain(status, {"call": id_, **said}), plugin.now()
        response.headers += [
            ("X-MCI-Id", id_),
            ("X-MCI-Timestamp", str(now)),
            ("X-MCI-Signature", signature(secret, now, response.body)),
        ]
        return response

    # The operations.

    def _op_about(self, _given: dict[str, Any]) -> dict[str, Any]:
        rows = self._shop.queue.rows()
        queue = {
            "waiting": len(rows),
            "failed": len([row for row in rows if row["tries"]]),
            "oldest": min((f"{row['since']}Z" for row in rows), default=None),
        }
        plugin = self._shop.plugin
        times = {name: plugin.state[name] for name in ("paired_at", "last_event_at")}
        return {**plugin.about(), "queue": queue, "time": plugin.now(), **times}

    def _op_orders_since(self, given: dict[str, Any]) -> dict[str, Any]:
        after = (str(given["since"]).removesuffix("Z"), int(given["after_id"]))
        found = sorted(
            ((doc["date_modified_gmt"], doc["id"]), doc)
            for doc in self._shop.store.all("order")
            if doc["status"] not in _DRAFTS and (doc["date_modified_gmt"], doc["id"]) > after
        )
        limit = min(int(given["limit"]), self._shop.most_orders)
        stamp, id_ = found[:limit][-1][0] if found else after
        return {
            "orders": [self._shop.order(doc) for _key, doc in found[:limit]],
            "more": len(found) > limit,
            "next": {"since": f"{stamp}Z", "after_id": id_},
        }

    def _op_orders_seen(self, given: dict[str, Any]) -> dict[str, Any]:
        since, after, limit = str(given["placed_since"]).removesuffix("Z"), int(given["after_id"]), int(given["limit"])
        found = [
            {"id": doc["id"], "modified": f"{doc['date_modified_gmt']}Z", "status": doc["status"]}
            for doc in sorted(self._shop.store.all("order"), key=lambda doc: doc["id"])
            if doc["id"] > after and doc["date_created_gmt"] >= since and doc["status"] not in (*_DRAFTS, "trash")
        ]
        return {"orders": found[:limit], "more": len(found) > limit, "next": _next(found[:limit], after)}

    def _op_order(self, given: dict[str, Any]) -> dict[str, Any]:
        doc = self._shop.store.get("order", int(given["id"]))
        return {"gone": True} if doc is None else {"order": self._shop.order(doc)}

    def _op_tell_order(self, given: dict[str, Any]) -> dict[str, Any]:
        shop, id_ = self._shop, int(given["id"])
        with shop.store.lock:
            doc = shop.store.get("order", id_)
            if doc is None or doc["status"] == "trash":
                return {"gone": True}
            meta = {one["key"]: one["value"] for one in doc["meta_data"]}
            note, to_customer, mark = _note(given)
            marks = list(meta.get("_mci_told") or [])
            fields: dict[str, Any] = {"_mci_state": given["state"], "_mci_reference": given["reference"]}
            if given["tracking"]:
                fields |= {"_mci_courier": given["courier"], "_mci_tracking": given["tracking"]}
                fields["_mci_tracking_url"] = given["tracking_url"]
                fields["_wc_shipment_tracking_items"] = _tracked(meta.get("_wc_shipment_tracking_items"), given, id_)
            if note and mark not in marks:
                fields["_mci_told"] = [*marks, mark]
            if given["cash_in"]:
                fields["_mci_cash_in"] = "yes"
            for key, value in fields.items():
                set_meta(doc, key, value, shop)
            shop.store.put("order", doc)
            if note and mark not in marks:
                shop.orders.add_note(id_, note, to_customer=to_customer)
            arrived = given["state"] == "delivered" or (given["state"] == "shipped" and not given["cod"])
            if arrived and not given.get("part") and doc["status"] in _SHIPPABLE:
                shop.orders.set_status(id_, "completed")
            return {"ok": True, "status": shop.orders.doc(id_)["status"]}

    def _op_products(self, given: dict[str, Any]) -> dict[str, Any]:
        rows, more = goods.rows(self._shop, int(given["after_id"]), int(given["limit"]))
        return {"products": rows, "more": more, "next": _next(rows, int(given["after_id"]))}

    def _op_stock(self, given: dict[str, Any]) -> dict[str, Any]:
        rows = _few(given, 100)
        done = {
            row["id"]: goods.set_stock(self._shop, int(row["id"]), int(row["quantity"]), row.get("told"))
            for row in rows
        }
        shown = {str(id_): self._shop.products.get(int(id_)) for id_, error in done.items() if not error}
        return {**_errors(done), "stock": {id_: doc["stock"] for id_, doc in shown.items() if doc} or []}

    def _op_prices(self, given: dict[str, Any]) -> dict[str, Any]:
        return _errors(
            {
                row["id"]: goods.set_price(self._shop, int(row["id"]), row["price"], row["compare_at"])
                for row in _few(given, 100)
            }
        )

    def _op_publish(self, given: dict[str, Any]) -> dict[str, Any]:
        if len(given["products"]) > 10:
            raise ValueError("too many")
        return {"products": [goods.publish(self._shop, draft) for draft in given["products"]]}

    def _op_unpublish(self, given: dict[str, Any]) -> dict[str, Any]:
        return _errors({id_: goods.set_draft(self._shop, int(id_)) for id_ in given["ids"]})

    def _op_unpair(self, _given: dict[str, Any]) -> dict[str, Any]:
        self._shop.plugin.forget()
        return {"ok": True}


_NOTES = {
    "delivered": "MCI: ordine {} consegnato.",
    "returned": "MCI: il pacco dell’ordine {} torna al mittente.",
    "lost": "MCI: il corriere ha smarrito il pacco dell’ordine {}.",
    "cancelled": "MCI: ordine {} annullato prima della partenza.",
}


def _note(given: dict[str, Any]) -> tuple[str, bool, str]:
    """The note, whether it is for the customer, and by what it is known: a tracking number is told once."""
    if given["tracking"] and given["state"] in ("shipped", "delivered"):
        words = f"Il tuo pacco è in viaggio con {given['courier']}, numero di tracking {given['tracking']}."
        return f"{words} {given['tracking_url']}".strip(), given["state"] == "shipped", f"tracking:{given['tracking']}"
    note = _NOTES.get(given["state"], "").format(given["reference"])
    return note, False, given["state"]


def _next(rows: list[dict[str, Any]], after: int) -> dict[str, int]:
    return {"after_id": rows[-1]["id"] if rows else after}


def _few(given: dict[str, Any], most: int) -> list[dict[str, Any]]:
    levels: list[dict[str, Any]] = given["levels"]
    if len(levels) > most:
        raise ValueError("too many")
    return levels


def _errors(done: dict[Any, str]) -> dict[str, Any]:
    """PHP writes an empty map as a list."""
    return {"errors": {str(id_): error for id_, error in done.items() if error} or []}


def _tracked(known: Any, given: dict[str, Any], id_: int) -> Any:
    """What others wrote stays; ours is there once."""
    if known and not isinstance(known, list | dict):
        return known
    rows = list(known.values() if isinstance(known, dict) else known or [])
    if any(row.get("tracking_number") == given["tracking"] for row in rows):
        return rows
    ours = {
        "tracking_provider": "",
        "custom_tracking_provider": given["courier"],
        "custom_tracking_link": given["tracking_url"],
        "tracking_number": given["tracking"],
        "date_shipped": str(int(time.time())),
        "tracking_id": f"mci-{id_}",
    }
    return [*(row for row in rows if row.get("tracking_id") != ours["tracking_id"]), ours]


def _short(given: dict[str, Any]) -> str:
    """What a call was about, for the log."""
    for name in ("levels", "products", "ids"):
        if isinstance(given.get(name), list):
            return f"× {len(given[name])}"
    return f"#{given['id']}" if "id" in given else ""


def _json(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _plain(status: int, said: dict[str, Any]) -> Response:
    return Response(status, json_encode(said).encode(), [("Content-Type", "application/json; charset=UTF-8")])
