"""/wp-admin/: the shop's back office, with the plugin's page (pairing, queue, what MCI said) and the products."""

from typing import TYPE_CHECKING

from demo.shops.web import Request, Response, redirect
from demo.shops.woocommerce import backoffice
from demo.shops.woocommerce.pages import euro, page

from . import goods

if TYPE_CHECKING:
    from .shop import Shop

PAGE = "/wp-admin/admin.php"


def respond(shop: "Shop", request: Request) -> Response | None:
    """None: the fake WooCommerce's own pages."""
    if request.path.rstrip("/") == PAGE and request.param("page") == "mci-connector":
        return _plugin(shop, request)
    if request.path.rstrip("/") == "/wp-admin/prodotti":
        return _products(shop, request)
    if request.path.rstrip("/") == "/wp-admin":
        return _orders(shop, request)
    return None


def _plugin(shop: "Shop", request: Request) -> Response:
    form, trouble, plugin = request.form() if request.method == "POST" else {}, "", shop.plugin
    here = f"{shop.home(request)}{PAGE}?page=mci-connector"
    act = form.get("act", "")
    if act == "who":
        trouble = plugin.who(form.get("code", ""), form.get("portal", ""))
    elif act == "pair":
        trouble = shop.pair(form.get("code", ""), form.get("portal", ""))
    elif act == "drop":
        plugin.give_up()
    elif not act and plugin.waiting_code:
        trouble = plugin.ask_again()
    elif act == "unpair":
        plugin.unpair()
    elif act == "retry":
        shop.queue.retry_now()
        shop.queue.run()
    elif act in ("off", "on"):
        plugin.off = act == "off"
    if act and not trouble:
        return redirect(here, 303)
    context = {
        "state": plugin.state,
        "paired": plugin.paired,
        "off": plugin.off,
        "version": plugin.version,
        "trouble": trouble,
        "asked": plugin.asked,
        "waiting_code": plugin.waiting_code,
        "code": form.get("code") or request.param("mci_code"),
        "portal": form.get("portal") or request.param("mci_portal") or plugin.state["portal"],
        "queue": [{**row, "id": str(row["id"]), "tries": str(row["tries"])} for row in shop.queue.rows()[:20]],
        "waiting": str(len(shop.queue.rows())),
        "sent": [{"at": one.at[11:], "topic": one.topic, "answer": str(one.status or one.error)}
                 for one in reversed(shop.deliveries[-15:])],
        "calls": [{"at": at, "op": op, "about": about, "status": str(status)}
                  for at, op, about, status in reversed(shop.calls.log[-20:])],
    }  # fmt: skip
    return page(shop, request, "plugin", context, status=422 if trouble else 200)


def _products(shop: "Shop", request: Request) -> Response:
    """What MCI told of stock and prices is what stands here."""
    rows = [
        {
            "id": str(doc["id"]),
            "sku": doc["sku"],
            "name": doc["name"],
            "price": euro(doc["price"]) if doc["price"] else "—",
            "compare_at": euro(doc["regular"]) if doc.get("sale") else "",
            "stock": "—" if doc["stock"] is None else str(doc["stock"]),
            "published": doc.get("status", "publish") == "publish",
            "ours": bool(goods.reference_of(doc)),
        }
        for doc in goods.sellable(shop)
    ]
    return page(shop, request, "products", {"rows": rows})


def _orders(shop: "Shop", request: Request) -> Response:
    """The list of orders with the plugin's column."""
    words = {"shipped": "Spedito", "delivered": "Consegnato", "returned": "Di ritorno", "lost": "Smarrito",
             "cancelled": "Annullato"}  # fmt: skip
    with shop.store.lock:
        docs = sorted(shop.store.all("order"), key=lambda doc: -doc["id"])
        rows = []
        for doc in docs[: backoffice.SHOWN]:
            meta = {one["key"]: one["value"] for one in doc["meta_data"]}
            state, tracking = meta.get("_mci_state", ""), meta.get("_mci_tracking", "")
            rows.append({**backoffice.row(shop, doc), "mci": words.get(state, ""), "tracking": tracking})
    more = str(len(docs) - backoffice.SHOWN) if len(docs) > backoffice.SHOWN else ""
    return page(shop, request, "admin", {"orders": rows, "more": more, "waiting": str(len(shop.queue.rows()) or "")})
