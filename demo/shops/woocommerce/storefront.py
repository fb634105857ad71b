"""The shop's own pages: products, basket, checkout, thanks. In Italian, and without a line of JavaScript."""

import re
import secrets
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from demo.shops.web import Request, Response, redirect

from .art import picture
from .pages import euro, page
from .provinces import CODES, PROVINCES

if TYPE_CHECKING:
    from .shop import Shop

SHIPPING = Decimal("7.91")  # 6.48 + VAT 1.43
PAYMENTS = [
    ("stripe", "Carta di credito", "Paga con carta: nella demo il pagamento riesce subito, senza numeri da inserire."),
    ("cod", "Contrassegno", "Paghi in contanti al corriere, alla consegna."),
    ("bacs", "Bonifico bancario", "Spediamo quando il bonifico è arrivato."),
]
FIELDS = {
    "first_name": "Nome",
    "last_name": "Cognome",
    "address_1": "Indirizzo e numero civico",
    "address_2": "Scala, interno, presso",
    "postcode": "CAP",
    "city": "Città",
    "state": "Provincia",
    "phone": "Telefono",
    "email": "E-mail",
}
_OPTIONAL = ("address_2",)
_STYLE = Path(__file__).with_name("style.css")


def _basket(shop: "Shop", request: Request) -> list[tuple[dict[str, Any], int]]:
    lines = []
    for part in unquote(request.cookie("basket")).split("|"):
        id_, _, quantity = part.partition("*")
        product = shop.products.get(int(id_)) if id_.isdigit() else None
        if product and quantity.isdigit() and 0 < int(quantity) < 100:
            lines.append((product, int(quantity)))
    return lines


def _keep(response: Response, lines: list[tuple[dict[str, Any], int]]) -> Response:
    text = quote("|".join(f"{product['id']}*{quantity}" for product, quantity in lines), safe="*")
    response.headers.append(("Set-Cookie", f"basket={text}; Path=/; HttpOnly; SameSite=Lax"))
    return response


def _card(shop: "Shop", request: Request, product: dict[str, Any]) -> dict[str, Any]:
    """A variation is shown by its parent's picture and address; a variable product by its lowest price."""
    choices = [one for one in shop.products.variations(product["id"]) if _on_sale(one) and one["price"]]
    shown = min(choices, key=lambda one: Decimal(one["price"]), default=product)
    above = shop.products.get(product["parent"]) if product.get("parent") else None
    cats = [one["name"] for id_ in (above or product).get("cats", []) if (one := shop.categories.get(id_))]
    return {
        "sku": product["sku"],
        "name": product["name"],
        "category": cats[0] if cats else product["category"],
        "price": euro(shown["price"]) if shown["price"] else "—",
        "struck": euro(shown["regular"]) if shown.get("sale") else "",
        "image": shop.products.image(above or product, shop.home(request)),
        "url": f"{shop.home(request)}/product/{product['slug']}/",
        "id": str(product["id"]),
        "html": product.get("html", ""),
        "stock": "" if shown["stock"] is None else str(max(0, shown["stock"])),
        "choices": [
            {
                "sku": one["sku"],
                "name": ", ".join(part["option"] for part in one["attributes"]),
                "price": euro(one["price"]),
                "stock": "" if one["stock"] is None else str(max(0, one["stock"])),
            }
            for one in choices
        ],
    }


def _on_sale(product: dict[str, Any]) -> bool:
    return bool(product.get("status", "publish") == "publish")


def _summary(shop: "Shop", request: Request) -> dict[str, Any]:
    lines = _basket(shop, request)
    goods = sum((Decimal(product["price"]) * quantity for product, quantity in lines), Decimal())
    return {
        "lines": [
            {
                **_card(shop, request, product),
                "quantity": str(quantity),
                "line_total": euro(Decimal(product["price"]) * quantity),
            }
            for product, quantity in lines
        ],
        "count": str(sum(quantity for _, quantity in lines)) if lines else "",
        "goods": euro(goods),
        "shipping": euro(SHIPPING),
        "total": euro(goods + SHIPPING),
    }


def respond(shop: "Shop", request: Request) -> Response:
    path, home = request.path, shop.home(request)
    if path == "/wp-content/themes/casabella/style.css":
        return Response(200, _STYLE.read_bytes(), [("Content-Type", "text/css; charset=UTF-8")])
    upload = re.fullmatch(r"/wp-content/uploads/([a-z0-9-]+)\.svg", path)
    if upload:
        product = shop.products.by_slug(upload[1])
        body = picture(product["art"], int(product["hue"] or 200)) if product else ""
        return Response(200 if product else 404, body.encode(), [("Content-Type", "image/svg+xml")])
    if path == "/favicon.ico":
        return Response(204)
    if path == "/":
        cards = [_card(shop, request, product) for product in shop.products.all() if _on_sale(product)]
        return page(shop, request, "home", {"products": cards, **_summary(shop, request)})
    match = re.fullmatch(r"/product/([a-z0-9-]+)/?", path)
    if match and (product := shop.products.by_slug(match[1])) and _on_sale(product):
        return page(shop, request, "product", {"product": _card(shop, request, product), **_summary(shop, request)})
    if path == "/carrello/aggiungi/" and request.method == "POST":
        return _add(shop, request, home)
    if path == "/carrello/":
        if request.method == "POST":
            form = request.form()
            lines = [(p, int(form.get(f"q{p['id']}", "0") or 0)) for p, _ in _basket(shop, request)]
            return _keep(redirect(f"{home}/carrello/", 303), [(p, n) for p, n in lines if n > 0])
        return page(shop, request, "basket", _summary(shop, request))
    if path == "/checkout/":
        return _checkout(shop, request, home)
    match = re.fullmatch(r"/checkout/order-received/(\d+)/?", path)
    if match:
        return _thanks(shop, request, int(match[1]))
    return page(shop, request, "not_found", _summary(shop, request), status=404)


def _add(shop: "Shop", request: Request, home: str) -> Response:
    form = request.form()
    product = shop.products.by_sku(form.get("sku", ""))
    lines = _basket(shop, request)
    if product:
        wanted = int(form["quantity"]) if form.get("quantity", "").isdigit() else 1
        had = next((n for p, n in lines if p["id"] == product["id"]), 0)
        lines = [(p, n) for p, n in lines if p["id"] != product["id"]] + [(product, min(had + wanted, 99))]
    return _keep(redirect(f"{home}/carrello/", 303), lines)


def _problems(form: dict[str, str]) -> dict[str, str]:
    found = {
        name: f"{label}: campo obbligatorio."
        for name, label in FIELDS.items()
        if name not in _OPTIONAL and not form.get(name, "").strip()
    }
    if "postcode" not in found and not re.fullmatch(r"\d{5}", form["postcode"].strip()):
        found["postcode"] = "CAP: cinque cifre."
    if "state" not in found and form["state"] not in CODES:
        found["state"] = "Provincia: scegli dall’elenco."
    if "email" not in found and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", form["email"].strip()):
        found["email"] = "E-mail: l’indirizzo non sembra completo."
    if form.get("payment_method") not in [id_ for id_, _, _ in PAYMENTS]:
        found["payment_method"] = "Scegli come pagare."
    return found


def _checkout(shop: "Shop", request: Request, home: str) -> Response:
    lines = _basket(shop, request)
    if not lines:
        return redirect(f"{home}/carrello/", 303)
    form = request.form() if request.method == "POST" else {}
    problems = _problems(form) if form else {}
    if form and not problems:
        return _place(shop, request, home, form, lines)
    fields = {
        name: {"name": name, "label": label, "value": form.get(name, ""), "error": problems.get(name, "")}
        for name, label in FIELDS.items()
    }
    chosen = form.get("payment_method", "stripe")
    context = {
        "f": fields,
        "provinces": [{"code": code, "name": name, "chosen": code == form.get("state")} for code, name in PROVINCES],
        "payments": [
            {"id": id_, "title": title, "text": text, "chosen": id_ == chosen} for id_, title, text in PAYMENTS
        ],
        "note": form.get("note", ""),
        "problems": [{"name": name, "text": text} for name, text in problems.items()],
        "token": form.get("token") or secrets.token_hex(8),
        **_summary(shop, request),
    }
    return page(shop, request, "checkout", context, status=422 if problems else 200)


def _place(
    shop: "Shop", request: Request, home: str, form: dict[str, str], lines: list[tuple[dict[str, Any], int]]
) -> Response:
    token = form.get("token", "")
    with shop.store.lock:  # the same form sent twice is one order
        known = next((doc for doc in shop.store.all("order") if token and doc.get("token") == token), None)
        if known is None:
            order = shop.place_order(
                [{"product_id": product["id"], "quantity": quantity} for product, quantity in lines],
                payment=form["payment_method"],
                billing={"country": "IT", **{name: form.get(name, "").strip() for name in FIELDS}},
                note=form.get("note", "").strip(),
                user_agent=request.header("User-Agent"),
            )
            known = shop.orders.doc(order["id"])
            known["token"] = token
            shop.store.put("order", known)
    url = f"{home}/checkout/order-received/{known['id']}/?key={known['order_key']}"
    return _keep(redirect(url, 303), [])


def _thanks(shop: "Shop", request: Request, id_: int) -> Response:
    doc = shop.store.get("order", id_)
    if doc is None or request.param("key") != doc["order_key"]:
        return page(shop, request, "not_found", {}, status=404)
    order = shop.orders.present(doc)
    context = {
        "number": order["number"],
        "total": euro(order["total"]),
        "payment": next((title for code, title, _ in PAYMENTS if code == order["payment_method"]), ""),
        "method": order["payment_method"],
        "email": order["billing"]["email"],
        "address": order["shipping"],
        "lines": [
            {
                "name": line["name"],
                "quantity": str(line["quantity"]),
                "line_total": euro(Decimal(line["total"]) + Decimal(line["total_tax"])),
            }
            for line in order["line_items"]
        ],
        "shipping": euro(Decimal(order["shipping_total"]) + Decimal(order["shipping_tax"])),
    }
    return page(shop, request, "thanks", context)
