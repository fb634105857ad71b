"""Products as the plugin tells and changes them, on the fake WooCommerce's own products and variations."""

import html
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from demo.shops.woocommerce.errors import RestError
from demo.shops.woocommerce.php import money

if TYPE_CHECKING:
    from .shop import Shop

Doc = dict[str, Any]
REFERENCE = "_mci_reference"
_CODES = {"product_invalid_sku": "sku_taken", "product_invalid_global_unique_id": "ean_taken"}


def sellable(shop: "Shop") -> list[Doc]:
    """Simple products and variations, by id; a variable product is there by its variations."""
    found = [doc for doc in shop.products.everything() if doc.get("type", "simple") in ("simple", "variation")]
    return sorted(found, key=lambda doc: doc["id"])


def rows(shop: "Shop", after: int, limit: int) -> tuple[list[Doc], bool]:
    """A page of what can be sold, and whether there is more."""
    found = [doc for doc in sellable(shop) if doc["id"] > after]
    shown = [
        {
            "id": doc["id"],
            "parent": doc.get("parent", 0),
            "sku": doc["sku"],
            "ean": doc["ean"],
            "title": html.unescape(doc["name"]),
            "quantity": doc["stock"],
            "type": "variation" if doc.get("parent") else "simple",
            **_shown(shop, doc),
        }
        for doc in found[:limit]
    ]
    return shown, len(found) > limit


def _shown(shop: "Shop", doc: Doc) -> Doc:
    """What a plugin of version 1.1 adds."""
    if shop.plugin.version == "1.0.0":
        return {}
    owner = (shop.products.get(doc["parent"]) if doc.get("parent") else doc) or doc
    price, regular = as_paid(shop, doc, doc["price"]), as_paid(shop, doc, str(doc.get("regular", doc["price"])))
    live = all(one.get("status", "publish") == "publish" for one in (doc, owner))
    struck = regular if price and regular and Decimal(regular) > Decimal(price) else None
    return {"price": price or None, "compare_at": struck, "reference": reference_of(owner), "live": live}


def _added(shop: "Shop", doc: Doc) -> Decimal:
    """The percentage that comes on top of what is entered."""
    settings = shop.settings
    if settings["general"]["woocommerce_calc_taxes"] != "yes":
        return Decimal(0)
    if settings["tax"]["woocommerce_prices_include_tax"] != "no":
        return Decimal(0)
    owner = (shop.products.get(doc["parent"]) if doc.get("parent") else doc) or doc
    own = doc.get("tax_class", "parent" if doc.get("parent") else "")
    name = (owner.get("tax_class", "") if own == "parent" else own) or "standard"
    return next((Decimal(row["rate"]) for row in shop.taxes.rates if row["class"] == name), Decimal(0))


def as_paid(shop: "Shop", doc: Doc, entered: str) -> str:
    """With tax, as WooCommerce reckons it: the tax to the cent, then the sum."""
    if not entered:
        return ""
    net = Decimal(entered)
    return money(net + Decimal(money(net * _added(shop, doc) / 100)))


def as_entered(shop: "Shop", doc: Doc, gross: str) -> str:
    """Raises NotExact."""
    net = (Decimal(gross) / (1 + _added(shop, doc) / 100)).quantize(Decimal("0.000001"))
    if as_paid(shop, doc, str(net)) != money(Decimal(gross)):
        raise NotExact
    return str(net)


class NotExact(Exception):
    """No price without tax makes this one."""


def reference_of(doc: Doc) -> str:
    return next((str(meta["value"]) for meta in doc.get("meta", []) if meta["key"] == REFERENCE), "")


def set_stock(shop: "Shop", id_: int, quantity: int, told: int | None) -> str:
    """Less by what was sold since it showed `told`."""
    doc = shop.products.get(id_)
    if doc is not None and doc["stock"] is not None and told is not None:
        quantity = max(0, quantity - max(0, told - doc["stock"]))
    return _change(shop, id_, {"manage_stock": True, "stock_quantity": quantity})


def set_price(shop: "Shop", id_: int, price: str, compare_at: str | None) -> str:
    doc = shop.products.get(id_)
    if doc is None:
        return "not_found"
    try:
        return _change(shop, id_, _prices(shop, doc, price, compare_at))
    except InvalidOperation:
        return "bad_value"
    except NotExact:
        return "price_not_exact"


def set_draft(shop: "Shop", id_: int) -> str:
    """Off sale; what is gone is no error, and what is the merchant's own is left alone."""
    doc = shop.products.get(id_)
    if doc is None:
        return ""
    return _change(shop, id_, {"status": "draft"}) if reference_of(doc) else "not_ours"


def _prices(shop: "Shop", doc: Doc, price: str, compare_at: str | None) -> Doc:
    shown = as_entered(shop, doc, price)
    if compare_at is None:
        return {"regular_price": shown, "sale_price": ""}
    return {"regular_price": as_entered(shop, doc, compare_at), "sale_price": shown}


def _change(shop: "Shop", id_: int, given: Doc) -> str:
    doc = shop.products.get(id_)
    if doc is None:
        return "not_found"
    shop.products.change(id_, given, parent=doc.get("parent", 0))
    return ""


def publish(shop: "Shop", draft: Doc) -> Doc:
    """Makes or updates one product; found again by its reference, whatever became of the first answer."""
    answer: Doc = {"reference": draft["reference"], "id": 0, "url": "", "variants": {}, "error": "", "detail": ""}
    answer["stock"] = {}
    if not draft["ours"]:
        for variant in draft["variants"]:
            if variant["id"]:
                set_price(shop, variant["id"], variant["price"], variant["compare_at"])
                answer["variants"][variant["sku"]] = variant["id"]
        return {**answer, "id": draft["id"] or 0}
    try:
        with shop.store.lock:
            doc, answer["variants"] = _put(shop, draft, answer["stock"])
    except NotExact:
        return {**answer, "error": "price_not_exact"}
    except RestError as error:
        return {**answer, "error": _CODES.get(error.code, "failed"), "detail": str(error.data.get("resource_id", ""))}
    return {**answer, "id": doc["id"], "url": f"{shop.public_url}/product/{doc['slug']}/"}


def _put(shop: "Shop", draft: Doc, stock: dict[str, int]) -> tuple[Doc, dict[str, int]]:
    """Notes in `stock` what it set: of what can be bought already the stock is told by itself."""
    products, options = shop.products, draft["options"]
    known = next((doc for doc in products.all() if reference_of(doc) == draft["reference"]), None)
    sold = known is not None and known.get("status", "publish") == "publish"
    given: Doc = {
        "name": draft["title"],
        "type": "variable" if options else "simple",
        "status": "publish",
        "description": draft["html"] + draft["safety_html"],
        "categories": _categories(shop, draft["categories"]),
        "images": [{"src": src} for src in draft["images"]],
        "meta_data": [{"key": REFERENCE, "value": draft["reference"]}],
    }
    first = draft["variants"][0]
    if first.get("tax_class") is not None:
        given["tax_class"] = first["tax_class"]
    if not options:
        given |= _variant(shop, first, None if sold else stock)
    doc = products.change(known["id"], given) if known else products.create(given)
    if not options:
        return doc, {doc["sku"]: doc["id"]}
    made = {}
    for variant in draft["variants"]:
        old = next((one for one in products.variations(doc["id"]) if one["sku"] == variant["sku"]), None)
        given = _variant(shop, variant, None if sold and old else stock)
        given["attributes"] = [
            {"name": name, "option": option} for name, option in zip(options, variant["options"], strict=True)
        ]
        if old:
            products.change(old["id"], given, parent=doc["id"])
        made[variant["sku"]] = old["id"] if old else products.create(given, parent=doc["id"])["id"]
    return doc, made


def _variant(shop: "Shop", variant: Doc, stock: dict[str, int] | None) -> Doc:
    given: Doc = {"tax_class": variant["tax_class"]} if variant.get("tax_class") is not None else {}
    if stock is not None:
        stock[variant["sku"]] = given["stock_quantity"] = variant["quantity"]
    return {
        **given,
        "sku": variant["sku"],
        "global_unique_id": variant["ean"],
        "manage_stock": True,
        "weight": str(Decimal(variant["weight_g"]) / 1000),
        **_prices(shop, given, variant["price"], variant["compare_at"]),
    }


def _categories(shop: "Shop", names: list[str]) -> list[Doc]:
    """The last of a path, made where it is missing."""
    parent = 0
    for name in names:
        try:
            parent = shop.categories.create({"name": name, "parent": parent})["id"]
        except RestError as error:
            parent = int(error.data["resource_id"])
    return [{"id": parent}] if parent else []
