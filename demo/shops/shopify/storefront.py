"""The store's own pages: catalogue, basket, checkout, thanks. In Italian, and without a line of JavaScript."""

import re
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from demo.shops.web import Request, Response, redirect
from demo.shops.woocommerce.art import picture

from . import checkout
from .gids import Doc
from .pages import euro, page

if TYPE_CHECKING:
    from .shop import Shop

_STYLE = Path(__file__).with_name("style.css")


def basket_of(shop: "Shop", request: Request) -> list[tuple[Doc, int]]:
    """(variant, quantity) of the cookie."""
    lines = []
    for part in unquote(request.cookie("basket")).split("|"):
        id_, _, quantity = part.partition("*")
        variant = shop.store.get("variant", int(id_)) if id_.isdigit() else None
        if variant and quantity.isdigit() and 0 < int(quantity) < 100:
            lines.append((variant, int(quantity)))
    return lines


def keep(response: Response, lines: list[tuple[Doc, int]]) -> Response:
    text = quote("|".join(f"{variant['id']}*{quantity}" for variant, quantity in lines), safe="*")
    response.headers.append(("Set-Cookie", f"basket={text}; Path=/; HttpOnly; SameSite=Lax"))
    return response


def card(shop: "Shop", request: Request, variant: Doc) -> dict[str, Any]:
    product = shop.products.get(variant["product"])
    assert product is not None
    home, alone = shop.home(request), variant["title"] == "Default Title"
    item = shop.store.get("item", variant["item"]) or {"tracked": False, "levels": {}}
    left = sum(level["available"] for level in item["levels"].values() if level["active"])
    image = shop.products.image(product).replace(shop.public_url, home)
    return {
        "id": str(variant["id"]),
        "sku": variant["sku"] or f"id:{variant['id']}",
        "name": product["title"] if alone else f"{product['title']} – {variant['title']}",
        "vendor": product["vendor"],
        "price": euro(variant["price"]),
        "was": euro(variant["compare_at"]) if variant["compare_at"] else "",
        "sold_out": item["tracked"] and variant["policy"] == "DENY" and left <= 0,
        "image": image or f"{home}/cdn/shop/files/{product['handle']}.svg",
        "url": f"{home}/products/{product['handle']}/",
    }


def summary(shop: "Shop", request: Request) -> dict[str, Any]:
    lines = basket_of(shop, request)
    goods = sum((Decimal(variant["price"]) * quantity for variant, quantity in lines), Decimal())
    return {
        "lines": [
            {
                **card(shop, request, variant),
                "quantity": str(quantity),
                "line_total": euro(Decimal(variant["price"]) * quantity),
            }
            for variant, quantity in lines
        ],
        "count": str(sum(quantity for _, quantity in lines)) if lines else "",
        "goods": euro(goods),
        "shipping": euro(checkout.SHIPPING),
        "total": euro(goods + checkout.SHIPPING),
    }


def _shown(shop: "Shop") -> list[Doc]:
    """Products that are active and published to the online store, newest first after the store's own."""
    online = shop.publications()[0]["id"]
    return [doc for doc in shop.products.all() if doc["status"] == "ACTIVE" and online in doc["published"]]


def respond(shop: "Shop", request: Request) -> Response:
    path, home = request.path, shop.home(request)
    if path == "/cdn/shop/style.css":
        return Response(200, _STYLE.read_bytes(), [("Content-Type", "text/css; charset=UTF-8")])
    drawing = re.fullmatch(r"/cdn/shop/files/([a-z0-9-]+)\.svg", path)
    if drawing:
        product = shop.products.by_handle(drawing[1])
        body = picture(product["art"] or "-", int(product["hue"])) if product else ""
        return Response(200 if product else 404, body.encode(), [("Content-Type", "image/svg+xml")])
    if path == "/favicon.ico":
        return Response(204)
    if path == "/":
        firsts = [variants[0] for doc in _shown(shop) if (variants := shop.products.variants_of(doc))]
        cards = [card(shop, request, variant) for variant in firsts]
        return page(shop, request, "home", {"products": cards, **summary(shop, request)})
    match = re.fullmatch(r"/products/([a-z0-9-]+)/?", path)
    if match and (product := shop.products.by_handle(match[1])):
        return _product(shop, request, product)
    if path == "/carrello/aggiungi/" and request.method == "POST":
        return _add(shop, request, home)
    if path == "/carrello/":
        if request.method == "POST":
            form = request.form()
            wanted = [(v, form.get(f"q{v['id']}", "0")) for v, _ in basket_of(shop, request)]
            return keep(redirect(f"{home}/carrello/", 303), [(v, int(n)) for v, n in wanted if n.isdigit() and int(n)])
        return page(shop, request, "basket", summary(shop, request))
    answer = checkout.respond(shop, request, home)
    return answer or page(shop, request, "not_found", summary(shop, request), status=404)


def _product(shop: "Shop", request: Request, product: Doc) -> Response:
    variants = shop.products.variants_of(product)
    plain = re.sub(r"<[^>]+>", "\n", product["html"])  # what the merchant's theme would render, as plain lines
    context = {
        "product": {**card(shop, request, variants[0]), "name": product["title"]},
        "choices": [
            {"sku": one["sku"] or f"id:{one['id']}", "title": one["title"], "price": euro(one["price"])}
            for one in variants
        ]
        if len(variants) > 1
        else [],
        "text": [unescape(line.strip()) for line in plain.splitlines() if line.strip()],
        **summary(shop, request),
    }
    return page(shop, request, "product", context)


def _add(shop: "Shop", request: Request, home: str) -> Response:
    form = request.form()
    sku = form.get("sku", "")
    variant = shop.store.get("variant", int(sku[3:])) if re.fullmatch(r"id:\d+", sku) else shop.products.by_sku(sku)
    lines = basket_of(shop, request)
    if variant:
        wanted = int(form["quantity"]) if form.get("quantity", "").isdigit() else 1
        had = next((n for one, n in lines if one["id"] == variant["id"]), 0)
        lines = [(one, n) for one, n in lines if one["id"] != variant["id"]] + [(variant, min(had + wanted, 99))]
    return keep(redirect(f"{home}/carrello/", 303), lines)
