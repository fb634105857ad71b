"""The lines of an order and their sums. The shop enters prices with VAT; Italy pays 22 %, abroad none is added."""

import secrets
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from .errors import RestError
from .php import money

if TYPE_CHECKING:
    from .shop import Shop

CENT = Decimal("0.01")
VAT = Decimal("0.22")
_EMPTY_HASH = "d751713988987e9331980363e24189ce"  # md5 of "[]", seen on every order without coupons or fees


def _taxed(doc: dict[str, Any]) -> bool:
    country = doc["shipping"]["country"] or doc["billing"]["country"]
    return country in ("", "IT")


def _split(gross: Decimal, *, taxed: bool, places: int) -> tuple[str, str]:
    """Net with six decimals, as WooCommerce keeps it, and VAT to what the shop shows. Abroad the buyer pays the net
    price."""
    net = (gross / (1 + VAT)).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    # Prices that include tax: WooCommerce rounds the tax half down, so that net + VAT stays the shelf price.
    tax = (gross - net).quantize(Decimal(1).scaleb(-places), ROUND_HALF_DOWN) if taxed else Decimal(0)
    return str(net), money(tax, places)


def _add_vat(net: Decimal, shop: "Shop", *, taxed: bool) -> str:
    return money(net * VAT if taxed else 0, shop.decimals)


def _given_meta(given: dict[str, Any], shop: "Shop") -> list[dict[str, Any]]:
    """What a plugin or the customer left on a line: `meta` of the item, names and values."""
    return [
        {"id": shop.store.next("meta"), "key": key, "value": value} for key, value in (given.get("meta") or {}).items()
    ]


def set_meta(doc: dict[str, Any], key: str, value: Any, shop: "Shop", id_: int | None = None) -> None:
    """update_meta_data(): one value per key; None takes it away."""
    for meta in list(doc["meta_data"]):
        if meta["id"] == id_ or (id_ is None and meta["key"] == key):
            if value is None:
                doc["meta_data"].remove(meta)
            else:
                meta["value"] = value
            return
    if value is not None and key:
        doc["meta_data"].append({"id": shop.store.next("meta"), "key": key, "value": value})


def checkout_meta(doc: dict[str, Any]) -> dict[str, Any]:
    """The private meta a checkout leaves on the order."""
    if doc["created_via"] == "checkout":
        return {"is_vat_exempt": "no"}
    if doc["created_via"] != "store-api":
        return {}
    return {
        "_shipping_hash": secrets.token_hex(16),
        "_coupons_hash": _EMPTY_HASH,
        "_fees_hash": _EMPTY_HASH,
        "_taxes_hash": secrets.token_hex(16) if _taxed(doc) else _EMPTY_HASH,
        "is_vat_exempt": "no",
    }


def _line(doc: dict[str, Any], shop: "Shop", item: Any) -> dict[str, Any]:
    given = dict(item) if isinstance(item, dict) else {"sku": item[0], "quantity": item[1]}
    sku, quantity = given.get("sku"), int(given.get("quantity", 1))
    product = shop.products.get(int(given["product_id"])) if given.get("product_id") else None
    if product is None and sku:
        product = shop.products.by_sku(str(sku))
    if product is None:
        if given.get("price") is None:
            raise RestError("woocommerce_rest_required_product_reference", "Product ID or SKU is required.", 400)
        name = given.get("name") or str(sku or "Prodotto")
        product = shop.products.add(sku=str(sku or ""), name=name, price=str(given["price"]))
    price = product["price"] if given.get("price") is None else given["price"]
    gross = Decimal(str(price)) * quantity
    net, tax = _split(gross, taxed=_taxed(doc), places=shop.decimals)
    if given.get("total") is not None:  # REST may set the net total of a line itself
        net = str(Decimal(str(given["total"])))
        tax = _add_vat(Decimal(net), shop, taxed=_taxed(doc))
    meta = [*_given_meta(given, shop), {"id": shop.store.next("meta"), "key": "_reduced_stock", "value": str(quantity)}]
    if product["stock"] is not None and product["stock"] < quantity and given.get("backordered"):
        meta.insert(0, {"id": shop.store.next("meta"), "key": "Backordered", "value": str(quantity)})
    return {
        "id": shop.store.next("item"),
        "name": given.get("name") or product["name"],
        "product_id": product.get("parent") or product["id"],
        "variation_id": product["id"] if product.get("parent") else 0,
        "quantity": quantity,
        "net": net,
        "tax": tax,
        "meta_data": meta,
    }


def _shipping_line(doc: dict[str, Any], shop: "Shop", given: dict[str, Any] | None) -> dict[str, Any]:
    taxed = _taxed(doc)
    if given is None:
        given = {"method_title": "Corriere espresso", "instance_id": "1", "total": "6.48"}
        if not taxed:
            given = {"method_title": "Estero", "instance_id": "3", "total": "19.90"}
    items = ", ".join(f"{line['name']} &times; {line['quantity']}" for line in doc["lines"])
    meta = [{"id": shop.store.next("meta"), "key": "Items", "value": items}] if doc["created_via"] != "rest-api" else []
    meta += _given_meta(given, shop)
    net = Decimal(str(given.get("total") or "0"))
    return {
        "id": shop.store.next("item"),
        "method_title": given.get("method_title", ""),
        "method_id": given.get("method_id", "flat_rate"),
        "instance_id": given.get("instance_id", ""),
        "total": money(net, shop.decimals),
        "total_tax": _add_vat(net, shop, taxed=taxed),
        "meta_data": meta,
    }


def _fee_line(doc: dict[str, Any], shop: "Shop", name: str, net: str) -> dict[str, Any]:
    tax = _add_vat(Decimal(net), shop, taxed=_taxed(doc))
    return {"id": shop.store.next("item"), "name": name, "total": money(net, shop.decimals), "total_tax": tax}


def _with_parts(doc: dict[str, Any], shop: "Shop", item: Any) -> list[dict[str, Any]]:
    """A line, and behind a bundle its parts, tied to it as the plugin Product Bundles does: by the key that the parent
    had in the cart, and in the API by the lines' ids."""
    parts = item.get("parts") if isinstance(item, dict) else None
    if not parts:
        return [_line(doc, shop, item)]
    key = secrets.token_hex(16)
    parent = _line(doc, shop, {**item, "meta": {"_bundle_cart_key": key, **(item.get("meta") or {})}})
    children = []
    for part in parts:
        given = dict(part) if isinstance(part, dict) else {"sku": part[0], "quantity": part[1]}
        priced = "yes" if given.get("price") else "no"
        tie = {
            "_bundled_by": key,
            "_bundled_item_priced_individually": priced,
            "_bundle_cart_key": secrets.token_hex(16),
        }
        quantity = int(given.get("quantity", 1)) * parent["quantity"]
        meta = {**tie, **(given.get("meta") or {})}
        children.append(_line(doc, shop, {"price": "0", **given, "quantity": quantity, "meta": meta}))
        children[-1]["bundled_by"] = parent["id"]
    parent["bundled_items"] = [child["id"] for child in children]
    return [parent, *children]


def fill(
    doc: dict[str, Any],
    shop: "Shop",
    items: list[Any],
    fees: list[tuple[str, str]],
    shipping_lines: list[dict[str, Any]] | None,
) -> None:
    """Gives a new order its lines. Without `shipping_lines` a checkout charges the flat rate: 6.48 + VAT in Italy."""
    doc["lines"] = [line for item in items for line in _with_parts(doc, shop, item)]
    given: list[dict[str, Any] | None] = [None] if shipping_lines is None else [*shipping_lines]
    doc["shipping_lines"] = [_shipping_line(doc, shop, line) for line in given]
    doc["fee_lines"] = [_fee_line(doc, shop, name, net) for name, net in fees]
    doc["tax_item"] = shop.store.next("item")


def change(doc: dict[str, Any], shop: "Shop", given: dict[str, Any]) -> None:
    """line_items, shipping_lines and fee_lines of a PUT: with an id a line is changed (quantity 0: taken away)."""
    for item in given.get("line_items") or []:
        old = next((line for line in doc["lines"] if line["id"] == item.get("id")), None)
        if old is None:
            doc["lines"].append(_line(doc, shop, item))
        elif item.get("quantity") == 0 or item.get("product_id", "") is None:
            doc["lines"].remove(old)
        elif item.get("quantity"):
            unit = Decimal(old["net"]) / old["quantity"]
            old["quantity"] = int(item["quantity"])
            old["net"] = str((unit * old["quantity"]).quantize(Decimal("0.000001"), ROUND_HALF_UP))
            old["tax"] = _add_vat(Decimal(old["net"]), shop, taxed=_taxed(doc))
    for item in given.get("shipping_lines") or []:
        if not item.get("id"):
            doc["shipping_lines"].append(_shipping_line(doc, shop, item))
    for item in given.get("fee_lines") or []:
        if not item.get("id"):
            doc["fee_lines"].append(_fee_line(doc, shop, str(item.get("name", "")), str(item.get("total", "0"))))


def sums(doc: dict[str, Any], places: int = 2) -> dict[str, str]:
    """The totals of an order, in EUR: everything in `total` is with VAT; refunds do not reduce it."""
    lines = sum((Decimal(money(line["net"], places)) for line in doc["lines"]), Decimal())
    fees = sum((Decimal(fee["total"]) for fee in doc["fee_lines"]), Decimal())
    cart_tax = sum((Decimal(line["tax"]) for line in doc["lines"]), Decimal())
    cart_tax += sum((Decimal(fee["total_tax"]) for fee in doc["fee_lines"]), Decimal())
    shipping = sum((Decimal(line["total"]) for line in doc["shipping_lines"]), Decimal())
    shipping_tax = sum((Decimal(line["total_tax"]) for line in doc["shipping_lines"]), Decimal())
    total = lines + fees + cart_tax + shipping + shipping_tax
    found = {
        "discount_total": Decimal(0),
        "discount_tax": Decimal(0),
        "shipping_total": shipping,
        "shipping_tax": shipping_tax,
        "cart_tax": cart_tax,
        "total": total,
        "total_tax": cart_tax + shipping_tax,
    }
    return {name: money(amount, places) for name, amount in found.items()}
