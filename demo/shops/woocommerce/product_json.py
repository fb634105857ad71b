"""A product or a variation as the REST API of WooCommerce 11.0.1 writes it: every key, in its order."""

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from .php import local

if TYPE_CHECKING:
    from .shop import Shop

Doc = dict[str, Any]
_ALLOW = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "prodotto"


def link(doc: Doc, home: str) -> str:
    """A draft has no pretty address yet."""
    if doc.get("status", "publish") != "publish":
        return f"{home}/?post_type=product&p={doc['id']}"
    return f"{home}/product/{doc['slug']}/"


def _prices(doc: Doc) -> Doc:
    regular, sale = doc.get("regular", doc["price"]), doc.get("sale", "")
    return {"price": doc["price"], "regular_price": regular, "sale_price": sale}


_NO_SALE_DATES: Doc = {
    "date_on_sale_from": None,
    "date_on_sale_from_gmt": None,
    "date_on_sale_to": None,
    "date_on_sale_to_gmt": None,
}
_NO_FILES: Doc = {
    "virtual": False,
    "downloadable": False,
    "downloads": [],
    "download_limit": -1,
    "download_expiry": -1,
}


def _dates(doc: Doc, shop: "Shop") -> Doc:
    return {
        "date_created": local(doc["date_created_gmt"], shop.zone),
        "date_created_gmt": doc["date_created_gmt"],
        "date_modified": local(doc["date_modified_gmt"], shop.zone),
        "date_modified_gmt": doc["date_modified_gmt"],
    }


def _images(doc: Doc, shop: "Shop", home: str) -> list[Doc]:
    if doc.get("images"):
        return [{"id": one["id"], "src": one["src"], "name": one["name"], "alt": one["alt"]} for one in doc["images"]]
    if not doc.get("image") and not doc.get("art"):
        return []
    src = shop.products.image(doc, home)
    return [{"id": doc["id"] + 100_000, "src": src, "name": doc["slug"], "alt": ""}]


def _categories(doc: Doc, shop: "Shop") -> list[Doc]:
    if doc.get("cats"):
        found = [shop.categories.get(id_) for id_ in doc["cats"]]
        return [{"id": one["id"], "name": one["name"], "slug": one["slug"]} for one in found if one]
    name = doc.get("category") or "Uncategorized"
    return [{"id": 15, "name": name, "slug": slug(name)}]


def _chosen(doc: Doc) -> list[Doc]:
    return [
        {"id": 0, "name": one["name"], "slug": slug(one["name"]), "option": one["option"]} for one in doc["attributes"]
    ]


def product(doc: Doc, shop: "Shop", home: str) -> Doc:
    """A simple or variable product, as GET /products/{id} gives it; a variation too, as the list by SKU does."""
    kind, stock = doc.get("type", "simple"), doc["stock"]
    variations = shop.products.variations(doc["id"]) if kind == "variable" else []
    shown = doc["price"].replace(".", ",")
    in_stock = stock is None or stock > 0
    if kind == "variable":
        open_ones = [one for one in variations if one.get("status", "publish") == "publish"]
        in_stock = any(one["stock"] is None or one["stock"] > 0 for one in open_ones)
        lowest = min((one["price"] for one in open_ones if one["price"]), key=float, default="")
        doc = {**doc, "price": lowest, "regular": "", "sale": ""}
        shown = lowest.replace(".", ",")
    return {
        "id": doc["id"],
        "name": doc["name"],
        "slug": doc["slug"],
        "permalink": link(doc, home),
        **_dates(doc, shop),
        "type": kind,
        "status": doc.get("status", "publish"),
        "featured": False,
        "catalog_visibility": "visible",
        "description": doc.get("html", ""),
        "short_description": "",
        "sku": doc["sku"],
        **_prices(doc),
        **_NO_SALE_DATES,
        "on_sale": bool(doc.get("sale")),
        "purchasable": bool(doc["price"]),
        "total_sales": doc["sold"],
        **_NO_FILES,
        "external_url": "",
        "button_text": "",
        "tax_status": doc.get("tax_status", "taxable"),
        "tax_class": doc.get("tax_class", ""),
        "manage_stock": stock is not None,
        "stock_quantity": stock,
        "backorders": "no",
        "backorders_allowed": False,
        "backordered": False,
        "low_stock_amount": None,
        "sold_individually": False,
        "weight": doc["weight"],
        "dimensions": {"length": "", "width": "", "height": ""},
        "shipping_required": True,
        "shipping_taxable": True,
        "shipping_class": "",
        "shipping_class_id": 0,
        "reviews_allowed": True,
        "average_rating": "0.00",
        "rating_count": 0,
        "upsell_ids": [],
        "cross_sell_ids": [],
        "parent_id": doc.get("parent", 0),
        "purchase_note": "",
        "categories": [] if kind == "variation" else _categories(doc, shop),
        "brands": [],
        "tags": [],
        "images": _images(doc, shop, home),
        "attributes": _chosen(doc) if kind == "variation" else _offered(doc),
        "default_attributes": [],
        "variations": [one["id"] for one in variations],
        "grouped_products": [],
        "menu_order": 0,
        "price_html": '<span class="woocommerce-Price-amount amount"><bdi>'
        f'{shown}&nbsp;<span class="woocommerce-Price-currencySymbol" translate="no">&euro;</span></bdi></span>',
        "related_ids": [],
        "meta_data": [dict(meta) for meta in doc.get("meta", [])],
        "stock_status": "instock" if in_stock else "outofstock",
        "has_options": kind == "variable",
        "post_password": "",
        "global_unique_id": doc["ean"],
        "_links": _links(f"{home}/wp-json/wc/v3/products", doc["id"]),
    }


def _offered(doc: Doc) -> list[Doc]:
    return [
        {
            "id": 0,
            "name": one["name"],
            "slug": one["name"],
            "position": number,
            "visible": bool(one.get("visible", False)),
            "variation": bool(one.get("variation", False)),
            "options": [str(value) for value in one.get("options", [])],
        }
        for number, one in enumerate(doc.get("attributes", []))
    ]


def _links(base: str, id_: int, up: str = "") -> Doc:
    found: Doc = {
        "self": [{"href": f"{base}/{id_}", "targetHints": {"allow": _ALLOW}}],
        "collection": [{"href": base}],
    }
    return {**found, "up": [{"href": up}]} if up else found


def variation(doc: Doc, shop: "Shop", home: str) -> Doc:
    """As /products/{id}/variations gives it."""
    stock, parent = doc["stock"], f"{home}/wp-json/wc/v3/products/{doc['parent']}"
    chosen = _chosen(doc)
    query = "&".join(f"attribute_{one['slug']}={one['option']}" for one in chosen)
    return {
        "id": doc["id"],
        "type": "variation",
        **_dates(doc, shop),
        "description": "",
        "permalink": f"{home}/product/{doc['slug']}/?{query}",
        "sku": doc["sku"],
        "global_unique_id": doc["ean"],
        **_prices(doc),
        **_NO_SALE_DATES,
        "on_sale": bool(doc.get("sale")),
        "status": doc.get("status", "publish"),
        "purchasable": bool(doc["price"]),
        **_NO_FILES,
        "tax_status": doc.get("tax_status", "taxable"),
        "tax_class": doc.get("tax_class", "parent"),
        "manage_stock": stock is not None,
        "stock_quantity": stock,
        "stock_status": "instock" if stock is None or stock > 0 else "outofstock",
        "backorders": "no",
        "backorders_allowed": False,
        "backordered": False,
        "low_stock_amount": None,
        "weight": doc["weight"],
        "dimensions": {"length": "", "width": "", "height": ""},
        "shipping_class": "",
        "shipping_class_id": 0,
        "image": None,
        "gallery_image_ids": [],
        "attributes": chosen,
        "menu_order": 0,
        "meta_data": [dict(meta) for meta in doc.get("meta", [])],
        "name": ", ".join(one["option"] for one in chosen),
        "parent_id": doc["parent"],
        "_links": _links(f"{parent}/variations", doc["id"], parent),
    }
