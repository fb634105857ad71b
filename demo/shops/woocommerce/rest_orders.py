"""What the REST API answers about orders, their notes and refunds."""

from typing import Any

from . import order_list, refunds
from .errors import RestError, invalid_params
from .rest import Call, missing, paged
from .statuses import LABELS, STATUSES


def check_list(call: Call) -> None:
    order_list.check(call.request, call.shop)


def list_orders(call: Call) -> Any:
    with call.shop.store.lock:
        found = order_list.find(call.request, call.shop)
        part = paged(call, found, "orders", statuses=True)
        return [call.shop.orders.present(doc, call.home) for doc in part]


def check_order(call: Call) -> None:
    status = call.given.get("status")
    if status is not None and status not in STATUSES:
        text = f"status is not one of {order_list.words(STATUSES)}."
        raise invalid_params({"status": ("rest_not_in_enum", text)})
    for name in ("line_items", "meta_data", "shipping_lines", "fee_lines"):
        if not isinstance(call.given.get(name, []), list):
            raise invalid_params({name: ("rest_invalid_type", f"{name} is not of type array.")})
    for name in ("billing", "shipping"):
        if not isinstance(call.given.get(name, {}), dict):
            raise invalid_params({name: ("rest_invalid_type", f"{name} is not of type object.")})


def create_order(call: Call) -> Any:
    given = call.given
    order = call.shop.orders.place(
        given.get("line_items") or [],
        payment=str(given.get("payment_method") or ""),
        billing=given.get("billing") or {},
        shipping=given.get("shipping") or {},
        note=str(given.get("customer_note") or ""),
        status=given.get("status") or "pending",
        created_via="rest-api",
        fees=[(str(fee.get("name", "")), str(fee.get("total", "0"))) for fee in given.get("fee_lines") or []],
        shipping_lines=given.get("shipping_lines") or [],
        meta={str(meta.get("key", "")): meta.get("value") for meta in given.get("meta_data") or []},
        title=given.get("payment_method_title"),
        set_paid=given.get("set_paid") is True,
    )
    call.status = 201
    call.headers.append(("Location", f"{call.home}/wp-json/wc/v3/orders/{order['id']}"))
    return _order(call, order["id"])


def _order(call: Call, id_: int) -> Any:
    return call.shop.orders.present(call.shop.orders.doc(id_), call.home)


def get_order(call: Call) -> Any:
    return _order(call, call.id)


def change_order(call: Call) -> Any:
    if call.shop.store.get("order", call.id) is None:
        raise RestError("woocommerce_rest_shop_order_invalid_id", "ID is invalid.", 400)
    call.shop.orders.change(call.id, call.given)
    return _order(call, call.id)


def delete_order(call: Call) -> Any:
    before = _order(call, call.id)
    if call.request.param("force") in ("true", "1") or call.given.get("force") is True:
        call.shop.orders.delete(call.id)
        return before
    if before["status"] == "trash":
        raise RestError("woocommerce_rest_already_trashed", "The shop_order has already been deleted.", 410)
    call.shop.orders.trash(call.id)
    return before


def batch_orders(call: Call) -> Any:
    """At most 100 in all. The status is 200 even when an entry failed: its `error` says so."""
    if sum(len(call.given.get(part) or []) for part in ("create", "update", "delete")) > 100:
        text = "Unable to accept more than 100 items for this request."
        raise RestError("woocommerce_rest_request_entity_too_large", text, 413)
    answer: dict[str, list[Any]] = {}
    for item in call.given.get("update") or []:
        one = Call(call.shop, call.request, call.home, [int(item.get("id") or 0)], item)
        try:
            check_order(one)
            done = change_order(one)
        except RestError as error:
            done = {"id": one.id, "error": error.body()}
        answer.setdefault("update", []).append(done)
    return answer


def check_note(call: Call) -> None:
    if "note" not in call.given:
        raise missing("note")


def list_notes(call: Call) -> Any:
    call.shop.orders.doc(call.id)
    wanted = {"customer": (True,), "internal": (False,)}.get(call.request.param("type"), (True, False))
    notes = [note for note in call.shop.orders.notes(call.id) if note["customer_note"] in wanted]
    return [call.shop.orders.present_note(note, call.home) for note in notes]


def create_note(call: Call) -> Any:
    to_customer = call.given.get("customer_note") in (True, "true", "1", 1)
    note = call.shop.orders.add_note(call.id, str(call.given["note"]), to_customer=to_customer)
    call.status = 201
    shown = call.shop.orders.present_note(note, call.home)
    call.headers.append(("Location", shown["_links"]["self"][0]["href"]))
    return shown


def list_refunds(call: Call) -> Any:
    return refunds.show(call.shop.orders.doc(call.id), call.shop, call.home)


def create_refund(call: Call) -> Any:
    """`line_items` take pieces back: `{"id": 5, "quantity": 1, "refund_total": 20.08}`."""
    given = [item for item in call.given.get("line_items") or [] if isinstance(item, dict)]
    lines = {int(item.get("id") or 0): abs(int(item.get("quantity") or 0)) for item in given}
    amount, reason = str(call.given.get("amount", "0")), str(call.given.get("reason") or "")
    made = call.shop.orders.refund(call.id, amount, reason, lines=lines)
    call.status = 201
    return next(one for one in list_refunds(call) if one["id"] == made["id"])


def order_totals(call: Call) -> Any:
    statuses = [doc["status"] for doc in call.shop.store.all("order")]
    return [{"slug": slug, "name": name, "total": statuses.count(slug)} for slug, name in LABELS.items()]
