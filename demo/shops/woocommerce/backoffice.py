"""/wp-admin/: what the merchant sees. Orders with what MCI told them, webhooks and their answers, a few buttons."""

from typing import TYPE_CHECKING, Any

from demo.shops.web import Request, Response, redirect

from .errors import RestError
from .pages import euro, page

if TYPE_CHECKING:
    from .shop import Shop

STATES = {
    "pending": ("In attesa di pagamento", "warn"),
    "processing": ("In lavorazione", "ok"),
    "on-hold": ("In sospeso", "warn"),
    "completed": ("Completato", "done"),
    "cancelled": ("Annullato", "off"),
    "refunded": ("Rimborsato", "off"),
    "failed": ("Fallito", "bad"),
    "checkout-draft": ("Bozza", "off"),
    "trash": ("Cestino", "off"),
}
SHOWN = 100
_ADDRESS = ("first_name", "last_name", "address_1", "address_2", "postcode", "city", "state", "phone")


def _when(shop: "Shop", gmt: str) -> str:
    """`24/11/2026 01:21:18`, on the shop's clock."""
    date, _, time = (shop.local(gmt) or "").partition("T")
    return f"{'/'.join(reversed(date.split('-')))} {time}"


def row(shop: "Shop", doc: dict[str, Any]) -> dict[str, Any]:
    order = shop.orders.present(doc)
    label, tone = STATES.get(order["status"], (order["status"], "off"))
    words = {"cod": "Contrassegno", "stripe": "Carta", "bacs": "Bonifico", "cheque": "Assegno"}
    return {
        "id": str(order["id"]),
        "number": order["number"],
        "name": f"{order['billing']['first_name']} {order['billing']['last_name']}",
        "city": f"{order['shipping']['city']} {order['shipping']['state']}",
        "created": _when(shop, order["date_created_gmt"])[:16],
        "total": euro(order["total"]),
        "payment": words.get(order["payment_method"], order["payment_method_title"] or "—"),
        "state": label,
        "tone": tone,
        "notes": str(len([note for note in shop.orders.notes(order["id"]) if not note["note"].startswith("Order ")])),
        "cancellable": order["status"] in ("pending", "processing", "on-hold"),
        "payable": order["status"] in ("pending", "on-hold"),
        "trashed": order["status"] == "trash",
    }


def respond(shop: "Shop", request: Request) -> Response:
    parts = [part for part in request.path.removeprefix("/wp-admin").strip("/").split("/") if part]
    if not parts:
        return _overview(shop, request)
    if parts[0] == "ordine" and len(parts) > 1 and parts[1].isdigit():
        try:
            return _order(shop, request, int(parts[1]), parts[2] if len(parts) > 2 else "")
        except RestError:
            return page(shop, request, "not_found", {}, status=404)
    if parts[0] == "consegna" and request.method == "POST":
        shop.flush()
        return redirect(f"{shop.home(request)}/wp-admin/#webhook", 303)
    if parts[0] == "webhook" and len(parts) > 1 and parts[1].isdigit() and request.method == "POST":
        shop.webhooks.change(int(parts[1]), {"status": "active"})
        return redirect(f"{shop.home(request)}/wp-admin/#webhook", 303)
    return page(shop, request, "not_found", {}, status=404)


def _overview(shop: "Shop", request: Request) -> Response:
    with shop.store.lock:
        docs = sorted(shop.store.all("order"), key=lambda doc: -doc["id"])
        rows = [row(shop, doc) for doc in docs[:SHOWN]]
    hooks = [
        {
            "id": str(doc["id"]),
            "topic": doc["topic"],
            "url": doc["delivery_url"],
            "status": doc["status"],
            "failures": str(doc["failures"]),
            "last": doc["last"] or "nessuna consegna",
        }
        for doc in shop.webhooks.all()
    ]
    sent = [
        {
            "at": _when(shop, one.at)[11:],
            "topic": one.topic,
            "resource": str(one.resource),
            "answer": str(one.status or one.error),
        }
        for one in reversed(shop.deliveries[-15:])
    ]
    context = {
        "orders": rows,
        "more": str(len(docs) - SHOWN) if len(docs) > SHOWN else "",
        "hooks": hooks,
        "sent": sent,
        "pending": str(len(shop.pending)) if shop.pending else "",
    }
    return page(shop, request, "admin", context)


def _order(shop: "Shop", request: Request, id_: int, act: str) -> Response:
    doc = shop.orders.doc(id_)
    here = f"{shop.home(request)}/wp-admin/ordine/{id_}/"
    if request.method == "POST":
        form = request.form()
        if act == "annulla":
            shop.orders.set_status(id_, "cancelled")
        elif act == "pagato":
            shop.orders.set_status(id_, "processing")
        elif act == "completa":
            shop.orders.set_status(id_, "completed")
        elif act == "cestina":
            shop.orders.trash(id_)
        elif act == "ripristina":
            shop.orders.restore(id_)
        elif act == "indirizzo":
            shop.orders.change(id_, {"shipping": {name: form.get(name, "") for name in _ADDRESS}})
        return redirect(here, 303)
    order = shop.orders.present(doc)
    labels = ("Nome", "Cognome", "Indirizzo", "Interno, presso", "CAP", "Città", "Provincia", "Telefono")
    context = {
        "row": row(shop, doc),
        "order": {key: order[key] for key in ("payment_method_title", "customer_note", "billing")},
        "lines": [
            {"name": line["name"], "sku": line["sku"] or "—", "quantity": str(line["quantity"])}
            for line in order["line_items"]
        ],
        "address": [
            {"name": name, "label": label, "value": order["shipping"][name]}
            for name, label in zip(_ADDRESS, labels, strict=True)
        ],
        "notes": [
            {"text": note["note"], "to_customer": note["customer_note"], "at": _when(shop, note["date_created_gmt"])}
            for note in shop.orders.notes(id_)
        ],
        "meta": [
            {"key": meta["key"], "value": str(meta["value"])}
            for meta in order["meta_data"]
            if not meta["key"].endswith("_hash") and meta["key"] != "is_vat_exempt"
        ],
    }
    return page(shop, request, "admin_order", context)
