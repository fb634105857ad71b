"""Products as the plugin tells and changes them, on the fake WooCommerce's own products and variations."""

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
            "title": doc["name"],
            "quantity": doc["stock"],
            "type": "variation" if doc.get("parent") else "simple",
        }
        for doc in found[:limit]
    ]
    return shown, len(found) > limit


def reference_of(doc: Doc) -> str:
    return next((str(meta["value"]) for meta in doc.get("meta", []) if meta["key"] == REFERENCE), "")


def set_stock(shop: "Shop", id_: int, quantity: int) -> str:
    return _change(shop, id_, {"manage_stock": True, "stock_quantity": quantity})


def set_price(shop: "Shop", id_: int, price: str, compare_at: str | None) -> str:
    try:
        return _change(shop, id_, _prices(price, compare_at))
    except InvalidOperation:
        return "bad_value"


def set_draft(shop: "Shop", id_: int) -> str:
    """Off sale; what is gone is no error, and what is the merchant's own is left alone."""
    doc = shop.products.get(id_)
    if doc is None:
        return ""
    return _change(shop, id_, {"status": "draft"}) if reference_of(doc) else "not_ours"


def _prices(price: str, compare_at: str | None) -> Doc:
    shown = money(Decimal(price))
    if compare_at is None:
        return {"regular_price": shown, "sale_price": ""}
    return {"regular_price": money(Decimal(compare_at)), "sale_price": shown}


def _change(shop: "Shop", id_: int, given: Doc) -> str:
    doc = shop.products.get(id_)
    if doc is None:
        return "not_found"
    shop.products.change(id_, given, parent=doc.get("parent", 0))
    return ""


def publish(shop: "Shop", draft: Doc) -> Doc:
    """Makes or updates one product; found again by its reference, whatever became of the first answer."""
    answer: Doc = {"reference": draft["reference"], "id": 0, "url": "", "variants": {}, "error": "", "detail": ""}
    if not draft["ours"]:
        for variant in draft["variants"]:
            if variant["id"]:
                set_price(shop, variant["id"], variant["price"], variant["compare_at"])
                answer["variants"][variant["sku"]] = variant["id"]
        return {**answer, "id": draft["id"] or 0}
    try:
        with shop.store.lock:
            doc, answer["variants"] = _put(shop, draft)
    except RestError as error:
        return {**answer, "error": _CODES.get(error.code, "failed"), "detail": str(error.data.get("resource_id", ""))}
    return {**answer, "id": doc["id"], "url": f"{shop.public_url}/product/{doc['slug']}/"}


def _put(shop: "Shop", draft: Doc) -> tuple[Doc, dict[str, int]]:
    products, options = shop.products, draft["options"]
    known = next((doc for doc in products.all() if reference_of(doc) == draft["reference"]), None)
    given: Doc = {
        "name": draft["title"],
        "type": "variable" if options else "simple",
        "status": "publish",
        "description": draft["html"] + draft["safety_html"],
        "categories": _categories(shop, draft["categories"]),
        "images": [{"src": src} for src in draft["images"]],
        "meta_data": [{"key": REFERENCE, "value": draft["reference"]}],
    }
    if not options:
        given |= _variant(draft["variants"][0])
    doc = products.change(known["id"], given) if known else products.create(given)
    if not options:
        return doc, {doc["sku"]: doc["id"]}
    made = {}
    for variant in draft["variants"]:
        given = _variant(variant)
        given["attributes"] = [
            {"name": name, "option": option} for name, option in zip(options, variant["options"], strict=True)
        ]
        old = next((one for one in products.variations(doc["id"]) if one["sku"] == variant["sku"]), None)
        if old:
            products.change(old["id"], given, parent=doc["id"])
        made[variant["sku"]] = old["id"] if old else products.create(given, parent=doc["id"])["id"]
    return doc, made


def _variant(variant: Doc) -> Doc:
    return {
        "sku": variant["sku"],
        "global_unique_id": variant["ean"],
        "manage_stock": True,
        "stock_quantity": variant["quantity"],
        "weight": str(Decimal(variant["weight_g"]) / 1000),
        **_prices(variant["price"], variant["compare_at"]),
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
