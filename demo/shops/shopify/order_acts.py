"""What the API does to orders: cancel (a job), mark as paid, note, tags, close and open."""

import uuid
from typing import TYPE_CHECKING, Any

from . import order_nodes, product_nodes
from .execution import FieldError
from .gids import Doc, kind_of, number_of, stamp
from .order_sums import financial_status, sums

if TYPE_CHECKING:
    from .admin_api import Ask

_STAFF_NOTE_MOST = 255


def _order(ask: "Ask", id_: str) -> Doc | None:
    if not kind_of(id_):
        raise FieldError("invalid id", "RESOURCE_NOT_FOUND")
    number = number_of(id_, "Order")
    return ask.shop.store.get("order", number) if number is not None else None


def _wrong(message: str, *field: str) -> Doc:
    return {"field": list(field) or None, "message": message}


def cancel(
    ask: "Ask",
    *,
    orderId: str,
    reason: str,
    restock: bool,
    notifyCustomer: bool = False,
    refundMethod: Doc | None = None,
    refund: bool | None = None,
    staffNote: str | None = None,
) -> Doc:
    """Asynchronous: a job, which ends `shop.jobs_take` reads later."""
    doc = _order(ask, orderId)
    problem: tuple[str, str, str] | None = None
    if doc is None:
        problem = ("NOT_FOUND", "orderId", "Order does not exist")
    elif doc["cancelled_at"]:
        problem = ("INVALID", "orderId", "Cannot cancel an order that has already been canceled")
    elif any(line["fulfilled"] for line in doc["lines"]):
        problem = ("INVALID", "orderId", "Cannot cancel an order with outstanding fulfillments")
    elif staffNote and len(staffNote) > _STAFF_NOTE_MOST:
        problem = ("INVALID", "staffNote", f"Staff note is too long (maximum is {_STAFF_NOTE_MOST} characters)")
    if problem or doc is None:
        code, field, message = problem or ("NOT_FOUND", "orderId", "Order does not exist")
        return {"job": None, "orderCancelUserErrors": [{"code": code, "field": [field], "message": message}]}
    made = {"id": ask.shop.next_id(), "uuid": str(uuid.uuid4()), "left": ask.shop.jobs_take, "done": False}
    made["act"] = {"order": doc["id"], "reason": reason, "restock": restock, "note": staffNote}
    _advance(ask, made)
    return {"job": _job(made), "orderCancelUserErrors": []}


def _job(doc: Doc) -> Doc:
    return {"id": f"gid://shopify/Job/{doc['uuid']}", "done": doc["done"]}


def _advance(ask: "Ask", doc: Doc) -> None:
    if not doc["done"] and doc["left"] <= 0:
        act = doc["act"]
        ask.shop.orders.cancel(act["order"], act["reason"], restock=act["restock"], staff_note=act["note"])
        doc["done"] = True
    doc["left"] -= 1
    ask.shop.store.put("job", doc)


def job(ask: "Ask", *, id: str) -> Doc | None:
    wanted = id.rpartition("/")[2]
    doc = next((each for each in ask.shop.store.all("job") if each["uuid"] == wanted), None)
    if doc is None:
        return None
    _advance(ask, doc)
    return _job(doc)


def mark_as_paid(ask: "Ask", *, input: Doc) -> Doc:
    doc = _order(ask, input["id"])
    if doc is None:
        return {"order": None, "userErrors": [_wrong("Order does not exist", "id")]}
    node = order_nodes.order(ask.shop, doc)
    if not node["canMarkAsPaid"]:
        return {"order": node, "userErrors": [_wrong("Order cannot be marked as paid.", "id")]}
    paid = ask.shop.orders.pay(doc["id"])
    assert financial_status(paid, sums(paid)) == "PAID"
    return {"order": order_nodes.order(ask.shop, paid), "userErrors": []}


def update(ask: "Ask", *, input: Doc) -> Doc:
    doc = _order(ask, input["id"])
    if doc is None:
        return {"order": None, "userErrors": [_wrong("Order does not exist", "id")]}
    given: Doc = {key: input[key] for key in ("note", "email", "phone", "tags") if key in input}
    if input.get("customAttributes") is not None:
        given["attributes"] = [dict(each) for each in input["customAttributes"]]
    if input.get("shippingAddress"):
        names = {"firstName": "first_name", "lastName": "last_name", "provinceCode": "province_code"}
        names |= {"countryCode": "country_code"}
        given["shipping_address"] = {names.get(key, key): value for key, value in input["shippingAddress"].items()}
    return {"order": order_nodes.order(ask.shop, ask.shop.orders.change(doc["id"], **given)), "userErrors": []}


def _tagged(ask: "Ask", id_: str, change: Any) -> Doc:
    kind = kind_of(id_)
    if kind == "Order" and (doc := _order(ask, id_)):
        saved = ask.shop.orders.change(doc["id"], tags=change(doc["tags"]))
        return {"node": order_nodes.order(ask.shop, saved), "userErrors": []}
    product = ask.shop.products.get(number_of(id_, "Product")) if kind == "Product" else None
    if product:
        saved = ask.shop.products.save({**product, "tags": change(product["tags"])})
        return {"node": product_nodes.product(ask.shop, saved), "userErrors": []}
    return {"node": None, "userErrors": [_wrong(f"{kind or 'Node'} does not exist", "id")]}


def add_tags(ask: "Ask", *, id: str, tags: list[str]) -> Doc:
    return _tagged(ask, id, lambda had: [*had, *(tag.strip() for tag in tags if tag.strip() not in had)])


def remove_tags(ask: "Ask", *, id: str, tags: list[str]) -> Doc:
    return _tagged(ask, id, lambda had: [tag for tag in had if tag not in tags])


def _closed(ask: "Ask", input: Doc, closed: bool) -> Doc:
    doc = _order(ask, input["id"])
    if doc is None:
        return {"order": None, "userErrors": [_wrong("Order does not exist", "id")]}
    saved = ask.shop.orders.change(doc["id"], closed_at=stamp(ask.shop.clock()) if closed else None)
    return {"order": order_nodes.order(ask.shop, saved), "userErrors": []}


ACTS = {
    "orderCancel": cancel,
    "orderMarkAsPaid": mark_as_paid,
    "orderUpdate": update,
    "orderClose": lambda ask, input: _closed(ask, input, True),
    "orderOpen": lambda ask, input: _closed(ask, input, False),
    "tagsAdd": add_tags,
    "tagsRemove": remove_tags,
}
