"""Products, variants and publications as GraphQL objects."""

import functools
from typing import TYPE_CHECKING, Any

from . import stock_nodes
from .connections import connection
from .gids import Doc, gid

if TYPE_CHECKING:
    from .shop import Shop


def product_by_id(shop: "Shop", id_: int | None) -> Doc | None:
    doc = shop.products.get(id_)
    return product(shop, doc) if doc else None


def variant_by_id(shop: "Shop", id_: int | None) -> Doc | None:
    doc = shop.store.get("variant", id_) if id_ is not None else None
    return variant(shop, doc) if doc else None


def _count(number: int) -> Doc:
    return {"count": number, "precision": "EXACT"}


def product(shop: "Shop", doc: Doc) -> Doc:
    def variants(sortKey: str = "POSITION", **page: Any) -> Doc:
        docs = shop.products.variants_of(doc)
        place = {id_: n for n, id_ in enumerate(doc["variants"])}
        about = f"product/{doc['id']}/variants/{sortKey}"
        show = functools.partial(variant, shop)
        return connection(docs, show, lambda one: (place[one["id"]], one["id"]), about=about, **page)

    def media(sortKey: str = "POSITION", query: str | None = None, **page: Any) -> Doc:
        docs = [{**each, "n": n} for n, each in enumerate(doc["media"])]
        return connection(docs, medium, lambda one: (one["n"], one["id"]), about=f"product/{doc['id']}/media", **page)

    def options(first: int | None = None) -> list[Doc]:
        return [_option(each, n + 1) for n, each in enumerate(doc["options"][:first])]

    def metafield(key: str, namespace: str | None = None) -> Doc | None:
        found = next((m for m in doc["metafields"] if m["key"] == key and (m["namespace"] == namespace)), None)
        return metafield_node(found) if found else None

    def quantity() -> int:
        return sum(_available(shop, each) for each in shop.products.variants_of(doc))

    page_url = f"{shop.public_url}/products/{doc['handle']}"
    return {
        "__typename": "Product",
        "id": gid("Product", doc["id"]),
        "legacyResourceId": str(doc["id"]),
        "handle": doc["handle"],
        "title": doc["title"],
        "status": doc["status"],
        "descriptionHtml": doc["html"],
        "vendor": doc["vendor"],
        "productType": doc["type"],
        "tags": sorted(doc["tags"]),
        "createdAt": doc["created_at"],
        "updatedAt": doc["updated_at"],
        "publishedAt": doc["created_at"] if doc["published"] else None,
        "options": options,
        "media": media,
        "featuredMedia": medium(doc["media"][0]) if doc["media"] else None,
        "onlineStoreUrl": page_url if doc["published"] and doc["status"] == "ACTIVE" else None,
        "totalInventory": quantity,
        "hasOnlyDefaultVariant": [option["name"] for option in doc["options"]] == ["Title"],
        "variantsCount": _count(len(doc["variants"])),
        "variants": variants,
        "collections": lambda **page: _none(),
        "metafield": metafield,
        **_publishable(doc),
    }


def _none() -> Doc:
    ends = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    return {"nodes": [], "edges": [], "pageInfo": ends}


def _publishable(doc: Doc) -> Doc:
    shown = len(doc["published"]) if doc["status"] == "ACTIVE" else 0
    return {
        "availablePublicationsCount": _count(shown),
        "resourcePublicationsCount": lambda onlyPublished=True: _count(len(doc["published"])),
        "publishedOnPublication": lambda publicationId: any(
            gid("Publication", each) == publicationId for each in doc["published"]
        ),
    }


def _option(doc: Doc, position: int) -> Doc:
    values = [
        {"id": gid("ProductOptionValue", doc["id"] + 1 + n), "name": value} for n, value in enumerate(doc["values"])
    ]
    return {
        "__typename": "ProductOption",
        "id": gid("ProductOption", doc["id"]),
        "name": doc["name"],
        "position": position,
        "values": doc["values"],
        "optionValues": values,
    }


def medium(doc: Doc) -> Doc:
    url = f"https://cdn.shopify.com/s/files/1/0700/0000/files/{doc['name']}?v={doc['id']}"
    image = {"id": gid("ImageSource", doc["id"]), "url": lambda transform=None: url, "altText": doc["alt"]}
    image |= {"width": 1024, "height": 1024}
    ready = doc["status"] == "READY"
    error = {"code": "IMAGE_DOWNLOAD_FAILURE", "message": "The image could not be downloaded.", "details": None}
    return {
        "__typename": "MediaImage",
        "id": gid("MediaImage", doc["id"]),
        "alt": doc["alt"],
        "mediaContentType": "IMAGE",
        "status": doc["status"],
        "image": image if ready else None,
        "preview": {"image": image if ready else None, "status": doc["status"]},
        "mediaErrors": [error] if doc["status"] == "FAILED" else [],
    }


def metafield_node(doc: Doc) -> Doc:
    return {
        "__typename": "Metafield",
        "id": gid("Metafield", doc["id"]),
        "legacyResourceId": str(doc["id"]),
        "namespace": doc["namespace"],
        "key": doc["key"],
        "value": doc["value"],
        "type": doc["type"],
    }


def _available(shop: "Shop", doc: Doc) -> int:
    found = shop.store.get("item", doc["item"])
    levels = found["levels"].values() if found else ()
    return sum(level["available"] for level in levels if level["active"])


def variant(shop: "Shop", doc: Doc) -> Doc:
    owner = shop.products.get(doc["product"])
    found = shop.store.get("item", doc["item"])
    assert owner is not None
    assert found is not None
    title = doc["title"]
    return {
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", doc["id"]),
        "legacyResourceId": str(doc["id"]),
        "sku": doc["sku"],
        "barcode": doc["barcode"],
        "title": title,
        "displayName": owner["title"] if title == "Default Title" else f"{owner['title']} - {title}",
        "price": doc["price"],
        "compareAtPrice": doc["compare_at"],
        "taxable": doc["taxable"],
        "position": owner["variants"].index(doc["id"]) + 1 if doc["id"] in owner["variants"] else 1,
        "inventoryPolicy": doc["policy"],
        "inventoryQuantity": lambda: _available(shop, doc),
        "availableForSale": lambda: not found["tracked"] or doc["policy"] == "CONTINUE" or _available(shop, doc) > 0,
        "createdAt": doc["created_at"],
        "updatedAt": doc["updated_at"],
        "selectedOptions": [
            {"name": option["name"], "value": value}
            for option, value in zip(owner["options"], doc["values"], strict=False)
        ],
        "product": lambda: product(shop, owner),
        "inventoryItem": lambda: stock_nodes.item(shop, found),
        "media": lambda **page: _none(),
        **_publishable(owner),
    }


def publication(shop: "Shop", doc: Doc) -> Doc:
    return {
        "__typename": "Publication",
        "id": gid("Publication", doc["id"]),
        "autoPublish": False,
        "supportsFuturePublishing": doc["name"] == "Online Store",
        "catalog": {
            "__typename": "AppCatalog",
            "id": gid("AppCatalog", doc["id"] + 1),
            "title": doc["name"],
            "status": "ACTIVE",
        },
    }
