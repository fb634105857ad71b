"""/admin/: what the merchant sees. Orders with what MCI told of them, products with their stock, app and webhooks."""

from typing import TYPE_CHECKING, Any

from demo.shops.web import Request, Response, redirect

from .fulfilment import Refusal
from .gids import Doc, moment_of
from .order_sums import financial_status, shipping_status, sums
from .orders import NoSuchOrder
from .pages import euro, page
from .webhooks import topic_name

if TYPE_CHECKING:
    from .shop import Shop

MONEY = {
    "PENDING": ("In attesa di pagamento", "warn"),
    "AUTHORIZED": ("Autorizzato", "warn"),
    "PARTIALLY_PAID": ("Pagato in parte", "warn"),
    "PAID": ("Pagato", "ok"),
    "PARTIALLY_REFUNDED": ("Rimborsato in parte", "off"),
    "REFUNDED": ("Rimborsato", "off"),
    "VOIDED": ("Stornato", "off"),
    "EXPIRED": ("Scaduto", "bad"),
}
SENT = {
    "UNFULFILLED": ("Da evadere", "warn"),
    "PARTIALLY_FULFILLED": ("Evaso in parte", "warn"),
    "FULFILLED": ("Evaso", "ok"),
    "ON_HOLD": ("In sospeso", "bad"),
    "SCHEDULED": ("Programmato", "off"),
    "IN_PROGRESS": ("In lavorazione", "info"),
    "RESTOCKED": ("Rimesso in magazzino", "off"),
    "OPEN": ("Da evadere", "warn"),
}
PARCEL = {
    "FULFILLED": ("Spedito", "info"),
    "CONFIRMED": ("Confermato", "info"),
    "LABEL_PRINTED": ("Etichetta stampata", "info"),
    "CARRIER_PICKED_UP": ("Ritirato dal corriere", "info"),
    "IN_TRANSIT": ("In viaggio", "info"),
    "OUT_FOR_DELIVERY": ("In consegna", "info"),
    "ATTEMPTED_DELIVERY": ("Consegna tentata", "warn"),
    "READY_FOR_PICKUP": ("Pronto per il ritiro", "warn"),
    "DELAYED": ("In ritardo", "warn"),
    "DELIVERED": ("Consegnato", "ok"),
    "FAILURE": ("Non consegnato", "bad"),
    "CANCELED": ("Annullato", "off"),
}
_SHOWN = 100
_ADDRESS = {
    "first_name": "Nome",
    "last_name": "Cognome",
    "address1": "Indirizzo",
    "address2": "Interno, presso",
    "zip": "CAP",
    "city": "Città",
    "province_code": "Provincia",
    "phone": "Telefono",
}


def when(shop: "Shop", at: str) -> str:
    """`24/11/2026 01:21`, on the store's clock."""
    return moment_of(at).astimezone(shop.zone).strftime("%d/%m/%Y %H:%M")


def respond(shop: "Shop", request: Request) -> Response:
    parts = request.path.strip("/").split("/")[1:]
    missing = page(shop, request, "not_found", {}, status=404)
    try:
        if not parts:
            return _orders(shop, request)
        if parts == ["prodotti"]:
            return _products(shop, request)
        if parts[0] == "app":
            return _app(shop, request, parts[1] if len(parts) > 1 else "")
        if parts[0] in ("ordine", "evasione") and len(parts) > 1 and parts[1].isdigit():
            act = parts[2] if len(parts) > 2 else ""
            return (_order if parts[0] == "ordine" else _fulfilment)(shop, request, int(parts[1]), act)
    except (NoSuchOrder, Refusal):
        return missing
    return missing


def _row(shop: "Shop", doc: Doc) -> dict[str, Any]:
    of, who = sums(doc), doc["shipping_address"] or doc["billing_address"] or {}
    money_state, sent_state = financial_status(doc, of), shipping_status(doc, shop.fulfilment.of_order(doc["id"]))
    money, money_tone = MONEY.get(money_state, (money_state, "off"))
    sent, sent_tone = SENT.get(sent_state, (sent_state, "off"))
    parcels = [one for one in shop.fulfilment.sent(doc["id"]) if one["status"] != "CANCELLED"]
    return {
        "id": str(doc["id"]),
        "name": doc["name"],
        "created": when(shop, doc["created_at"]),
        "customer": f"{who.get('first_name') or ''} {who.get('last_name') or ''}".strip() or "–",
        "city": f"{who.get('city') or ''} {who.get('province_code') or ''}".strip(),
        "money": money,
        "money_tone": money_tone,
        "money_state": money_state,
        "sent": sent,
        "sent_tone": sent_tone,
        "sent_state": sent_state,
        "gateway": ", ".join(doc["gateways"]) or "–",
        "parcels": [
            f"{one['tracking'][0]['company'] or ''} {one['tracking'][0]['number'] or ''}".strip()
            for one in parcels
            if one["tracking"]
        ],
        "total": euro(of.total),
        "cancelled": doc["cancelled_at"] is not None,
        "payable": money_state in ("PENDING", "AUTHORIZED", "PARTIALLY_PAID"),
        "refundable": of.received > of.refunded,
    }


def _orders(shop: "Shop", request: Request) -> Response:
    with shop.store.lock:
        docs = sorted(shop.store.all("order"), key=lambda doc: (doc["created_at"], doc["id"]), reverse=True)
        rows = [_row(shop, doc) for doc in docs[:_SHOWN]]
    more = str(len(docs) - _SHOWN) if len(docs) > _SHOWN else ""
    return page(shop, request, "admin", {"orders": rows, "more": more})


def _order(shop: "Shop", request: Request, id_: int, act: str) -> Response:
    doc, here = shop.orders.doc(id_), f"{shop.home(request)}/admin/ordine/{id_}/"
    if request.method == "POST":
        if act == "pagato":
            shop.orders.pay(id_)
        elif act == "annulla" and not doc["cancelled_at"]:
            shop.orders.cancel(id_, "OTHER")
        elif act == "rimborsa":
            shop.orders.refund(id_)
        elif act == "indirizzo":
            form = request.form()
            shop.orders.change(id_, shipping_address={name: form.get(name, "").strip() or None for name in _ADDRESS})
        return redirect(here, 303)
    of, by_id = sums(doc), {line["id"]: line for line in doc["lines"]}
    address = doc["shipping_address"]
    context = {
        "row": _row(shop, doc),
        "here": here,
        "email": doc["email"] or "nessuna e-mail",
        "note": doc["note"] or "",
        "tags": doc["tags"],
        "open_ones": [_open(shop, one, by_id) for one in shop.fulfilment.of_order(id_) if _is_open(one)],
        "parcels": [_parcel(shop, one, by_id) for one in shop.fulfilment.sent(id_)],
        "lines": [
            {
                "title": line["title"],
                "sku": line["sku"] or "–",
                "quantity": str(line["quantity"]),
                "price": euro(line["price"]),
                "gone": str(line["quantity"] - line["current_quantity"] or ""),
            }
            for line in doc["lines"]
        ],
        "shipping": euro(of.shipping),
        "discounts": euro(of.discounts) if of.discounts else "",
        "received": euro(of.received),
        "outstanding": euro(of.outstanding),
        "transactions": [
            {
                "at": when(shop, one["at"]),
                "gateway": one["formatted"],
                "kind": one["kind"].lower(),
                "status": one["status"].lower(),
                "amount": euro(one["amount"]),
            }
            for one in doc["transactions"]
        ],
        "address": [{"name": name, "label": label, "value": address[name] or ""} for name, label in _ADDRESS.items()]
        if address
        else [],
    }
    return page(shop, request, "admin_order", context)


def _is_open(doc: Doc) -> bool:
    return doc["status"] not in ("CLOSED", "CANCELLED")


def _open(shop: "Shop", doc: Doc, by_id: dict[int, Doc]) -> dict[str, Any]:
    state, tone = SENT.get(doc["status"], (doc["status"], "off"))
    here = shop.store.get("location", doc["location"]) or {"name": "?"}
    return {
        "id": str(doc["id"]),
        "state": state,
        "tone": tone,
        "location": here["name"],
        "held": doc["status"] == "ON_HOLD",
        "elsewhere": [
            {"id": str(one["id"]), "name": one["name"]}
            for one in shop.stock.locations()
            if one["active"] and not one["service"] and one["id"] != doc["location"]
        ],
        "lines": [
            {
                "title": by_id[entry["line"]]["title"],
                "sku": by_id[entry["line"]]["sku"] or "–",
                "remaining": str(entry["remaining"]),
            }
            for entry in doc["lines"]
            if entry["remaining"]
        ],
    }


def _parcel(shop: "Shop", doc: Doc, by_id: dict[int, Doc]) -> dict[str, Any]:
    state, tone = PARCEL.get(doc["shown"], (doc["shown"], "off"))
    first: Doc = doc["tracking"][0] if doc["tracking"] else {}
    return {
        "name": doc["name"],
        "state": state,
        "tone": tone,
        "company": first.get("company") or "Senza corriere",
        "number": first.get("number") or "senza tracking",
        "url": first.get("url") or "",
        "location": (shop.store.get("location", doc["location"]) or {"name": "?"})["name"],
        "at": when(shop, doc["created_at"]),
        "notified": doc["notified"],
        "lines": [
            {
                "title": by_id[part["line"]]["title"],
                "sku": by_id[part["line"]]["sku"] or "–",
                "quantity": str(part["quantity"]),
            }
            for part in doc["lines"]
        ],
        "events": [
            {
                "at": when(shop, one["happened_at"]),
                "state": PARCEL.get(one["status"], (one["status"], ""))[0],
                "message": one["message"] or "",
            }
            for one in doc["events"]
        ],
    }


def _fulfilment(shop: "Shop", request: Request, id_: int, act: str) -> Response:
    doc = shop.store.get("fulfilment_order", id_)
    if doc is None or request.method != "POST":
        return page(shop, request, "not_found", {}, status=404)
    if act == "sospendi":
        shop.fulfilment.hold(id_, "OTHER", "Messo in sospeso dall’amministrazione")
    elif act == "rilascia":
        shop.fulfilment.release(id_)
    elif act == "sposta" and request.form().get("location", "").isdigit():
        shop.fulfilment.move(id_, int(request.form()["location"]))
    return redirect(f"{shop.home(request)}/admin/ordine/{doc['order']}/", 303)


def _products(shop: "Shop", request: Request) -> Response:
    places = shop.stock.locations()
    online = shop.publications()[0]["id"]
    rows = []
    variants = shop.products.variants()
    for variant in variants[: 2 * _SHOWN]:
        product = shop.products.get(variant["product"])
        item = shop.store.get("item", variant["item"])
        if product is None or item is None:
            continue
        shown = product["status"] == "ACTIVE" and online in product["published"]
        alone = variant["title"] == "Default Title"
        rows.append(
            {
                "name": product["title"] if alone else f"{product['title']} – {variant['title']}",
                "url": f"{shop.home(request)}/products/{product['handle']}/",
                "made_by": product["made_by"],
                "sku": variant["sku"] or "–",
                "price": euro(variant["price"]),
                "was": euro(variant["compare_at"]) if variant["compare_at"] else "",
                "levels": [_level(shop, item, place["id"]) for place in places],
                "state": "In vendita" if shown else "Non pubblicato" if product["status"] == "ACTIVE" else "Bozza",
                "tone": "ok" if shown else "off",
            }
        )
    more = str(len(variants) - 2 * _SHOWN) if len(variants) > 2 * _SHOWN else ""
    context = {"rows": rows, "places": [place["name"] for place in places], "more": more}
    return page(shop, request, "admin_products", context)


def _level(shop: "Shop", item: Doc, place: int) -> dict[str, str]:
    known = shop.stock.level(item, place)
    if not item["tracked"]:
        return {"shown": "non contato", "available": "", "committed": ""}
    if known is None or not known["active"]:
        return {"shown": "–", "available": "", "committed": ""}
    available = str(known["available"])
    return {"shown": available, "available": available, "committed": str(known["committed"] or "")}


def _app(shop: "Shop", request: Request, act: str) -> Response:
    here = f"{shop.home(request)}/admin/app/"
    if request.method == "POST":
        if act == "consegna":
            shop.flush(retries=True)
        elif act == "disinstalla" and shop.tokens.installation(request.form().get("app", "")):
            shop.uninstall(request.form()["app"])
        return redirect(here, 303)
    installed = shop.store.all("installation")
    context = {
        "apps": [
            {
                "id": one["app"],
                "title": shop.tokens.apps[one["app"]].title if one["app"] in shop.tokens.apps else one["app"],
                "at": when(shop, one["at"]),
                "scopes": ", ".join(one["scopes"]),
            }
            for one in installed
        ],
        "hooks": [
            {"topic": topic_name(one["topic"]), "uri": one["uri"], "last": one["last"] or "nessuna consegna"}
            for one in shop.webhooks.all()
        ],
        "pending": str(len(shop.pending)) if shop.pending else "",
        "sent": [
            {"at": when(shop, one.at)[11:], "topic": one.topic, "answer": str(one.status or one.error)}
            for one in reversed(shop.deliveries[-15:])
        ],
        "calls": [name or "(senza nome)" for name, _ in list(shop.calls)[:-16:-1]],
    }
    return page(shop, request, "admin_app", context)
