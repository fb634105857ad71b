"""What a Shopify shop sells, and ours in it.

Products that we made carry a handle of ours, by which a repeat finds what an answer that was lost had made, and our
tag, by which a product of the merchant's with such a handle is told from ours. Of his own only prices are written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from connectors.platforms.base import Access, ShopUnreachable
from connectors.platforms.goods import PriceLevel, ProductDraft, ProductPage, Published, RemoteProduct, VariantDraft
from connectors.platforms.shopify.answers import NotFound, TooCostly, gid, number_of, refusals
from connectors.platforms.shopify.client import Client
from connectors.platforms.shopify.connect import location_of
from connectors.platforms.shopify.stock import variant_gid
from connectors.platforms.tax import number
from core.money import cents
from core.strict import text, web

PER_PAGE = 100
PREFIX, TAG = "mci-", "MCI"
_SINGLE = ("Title", "Default Title")  # Shopify's own words for a product without options
_CHANNEL = "online store"
_PICTURE = re.compile(rf"/{PREFIX}([0-9a-f]{{16}})[^/]*$")  # at the end of the address that the shop gives it
_MOST = Decimal(10**8)  # a price beyond it is none
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")


def page(access: Access, client: Client, cursor: str | None) -> ProductPage:
    """A page of variants."""
    location = location_of(access)
    if not location:
        raise ShopUnreachable(reason="no location")
    try:
        reply = client.query("variants", first=PER_PAGE, after=cursor, location=gid("Location", location))
    except TooCostly:
        reply = client.query("variants", first=PER_PAGE // 4, after=cursor, location=gid("Location", location))
    found = reply.data.get("productVariants")
    if not isinstance(found, dict) or not isinstance(found.get("nodes"), list):
        raise ShopUnreachable(reason="JSON: productVariants")
    products = [_remote(node) for node in found["nodes"] if isinstance(node, dict)]
    info = found["pageInfo"]
    return ProductPage(products, info["endCursor"] if info["hasNextPage"] else None)


def _remote(node: Mapping[str, Any]) -> RemoteProduct:
    item = node.get("inventoryItem") or {}
    quantities = (item.get("inventoryLevel") or {}).get("quantities") or [{}]
    quantity = quantities[0].get("quantity")
    owner = node.get("product") or {}
    product = number_of(owner.get("id"))
    return RemoteProduct(
        external_id=f"{product}/{number_of(node.get('id'))}",
        sku=text(node.get("sku"), 100),
        ean=text(node.get("barcode"), 14),
        title=text(str(node.get("displayName") or "").removesuffix(f" - {_SINGLE[1]}"), 200),
        quantity=quantity if item.get("tracked") is True and isinstance(quantity, int) else None,
        stock_id=number_of(item.get("id")),
        price=_amount(node.get("price")),
        compare_at=_amount(node.get("compareAtPrice")),
        reference=_reference(owner),
        live=owner.get("status", "ACTIVE") == "ACTIVE",
    )


def _amount(value: Any) -> Decimal | None:
    found = number(value)
    return None if found is None or found >= _MOST else cents(found)


def _reference(product: Mapping[str, Any]) -> str:
    """Ours has both our handle and our tag: see above."""
    handle = text(product.get("handle"), 200)
    ours = handle.startswith(PREFIX) and TAG in (product.get("tags") or [])
    return handle.removeprefix(PREFIX) if ours else ""


# ---- ours in it


def publish(access: Access, client: Client, drafts: Sequence[ProductDraft]) -> list[Published]:
    """See Platform.publish."""
    channels = _channels(client) if any(draft.ours for draft in drafts) else []
    return [_publish(access, client, draft, channels) if draft.ours else _reprice(client, draft) for draft in drafts]


def _channels(client: Client) -> list[str]:
    """Where customers see a product: an active one is not yet shown anywhere."""
    nodes = (client.query("publications").data.get("publications") or {}).get("nodes") or []
    online = [node["id"] for node in nodes if str((node.get("catalog") or {}).get("title", "")).lower() == _CHANNEL]
    return online or [node["id"] for node in nodes[:1]]


def _publish(access: Access, client: Client, draft: ProductDraft, channels: Sequence[str]) -> Published:
    handle = f"{PREFIX}{draft.reference}"
    there = _find(client, {"id": gid("Product", draft.external_id)}) if draft.external_id else None
    if there is None:  # new, made by an answer that was lost, or deleted in the shop
        there = _find(client, {"handle": handle})
        if there is not None and TAG not in (there.get("tags") or []):
            return Published(draft.reference, error="not_ours", detail=handle)
    known = _variants(there) if there else {}
    given = _input(draft, handle, known, location_of(access))
    files = _files(draft, there)
    if files is not None:
        given["files"] = files
    identifier = {"id": there["id"]} if there else {"handle": handle}
    made = client.change("product_set", identifier=identifier, input=given)
    said = refusals(made)
    product = made.get("product")
    if said or not isinstance(product, dict):
        code, words = said[0] if said else ("", "")
        return Published(draft.reference, error=code or "refused", detail=words)
    if product["variants"]["pageInfo"]["hasNextPage"]:
        product = {**product, **(_find(client, {"id": product["id"]}) or {})}
    here = location_of(access)
    stock = {one.sku: one.quantity for one in draft.variants if here and one.sku not in known}
    shown = client.change("publish", id=product["id"], input=[{"publicationId": channel} for channel in channels])
    said = refusals(shown)
    number = number_of(product["id"])
    return Published(
        draft.reference,
        external_id=number,
        variants={sku: f"{number}/{number_of(variant)}" for sku, variant in _variants(product).items()},
        url=web((shown.get("publishable") or {}).get("onlineStoreUrl") or product.get("onlineStoreUrl"), 400),
        error="not_published" if said else "",
        detail=said[0][1] if said else "",
        stock=stock,
    )


def _find(client: Client, identifier: Mapping[str, str]) -> Mapping[str, Any] | None:
    try:
        found = client.query("product_by_handle", identifier=identifier).data.get("productByIdentifier")
    except NotFound:
        return None
    return found if isinstance(found, dict) else None


def _variants(product: Mapping[str, Any]) -> dict[str, str]:
    """SKU → gid."""
    nodes = (product.get("variants") or {}).get("nodes") or []
    return {str(node["sku"]): str(node["id"]) for node in nodes if isinstance(node, dict) and node.get("sku")}


def _files(draft: ProductDraft, there: Mapping[str, Any] | None) -> list[dict[str, str]] | None:
    """The product's pictures, where they are not those that it has; None leaves them alone. What is given replaces what
    is there, so pictures that the merchant added are given again by their ids; ours are known by the name that their
    files got, or each publication would fetch and store them once more."""
    wanted = {_mark(image): image for image in draft.images}
    media = (there or {}).get("media") or {}
    nodes = [node for node in media.get("nodes") or [] if isinstance(node, dict)]
    unsure = (media.get("pageInfo") or {}).get("hasNextPage") or any(
        node.get("status") in ("UPLOADED", "PROCESSING") for node in nodes
    )
    if unsure:  # the next publication sees what came of them
        return None
    ours: dict[str, str] = {}
    others: list[str] = []
    for node in nodes:
        found = _PICTURE.search(str((node.get("image") or {}).get("url") or ""))
        if found and found[1] not in ours:
            ours[found[1]] = str(node["id"])
        elif not found and node.get("status") == "READY" and node.get("id"):
            others.append(str(node["id"]))
    if set(ours) == set(wanted) and len(ours) + len(others) == len(nodes):
        return None
    given = [{"id": ours[mark]} if mark in ours else _file(draft, mark, image) for mark, image in wanted.items()]
    return [*given, *({"id": one} for one in others)]


def _mark(image: str) -> str:
    """Of a picture's address, wherever MCI itself is served from."""
    return hashlib.sha256(urlsplit(image).path.encode()).hexdigest()[:16]


def _file(draft: ProductDraft, mark: str, image: str) -> dict[str, str]:
    suffix = _SUFFIX.search(urlsplit(image).path)
    name = f"{PREFIX}{mark}{suffix[0] if suffix else ''}"
    return {"originalSource": image, "contentType": "IMAGE", "alt": draft.title, "filename": name}


def _input(draft: ProductDraft, handle: str, known: Mapping[str, str], location: str) -> dict[str, Any]:
    """The product as the shop should have it, without its pictures."""
    names = list(draft.options) or [_SINGLE[0]]
    values: list[list[str]] = [[] for _name in names]
    variants = []
    for variant in draft.variants:
        chosen = list(variant.options) if draft.options else [_SINGLE[1]]
        for seen, value in zip(values, chosen, strict=True):
            if value not in seen:
                seen.append(value)
        variants.append(_variant(variant, names, chosen, known.get(variant.sku, ""), location))
    given: dict[str, Any] = {
        "title": draft.title,
        "handle": handle,
        "descriptionHtml": f"{draft.html}{draft.safety_html}",
        "vendor": draft.brand,
        "productType": draft.categories[-1] if draft.categories else "",
        "tags": [TAG, *draft.categories],
        "status": "ACTIVE",
        "productOptions": [
            {"name": name, "position": place, "values": [{"name": value} for value in seen]}
            for place, (name, seen) in enumerate(zip(names, values, strict=True), start=1)
        ],
        "variants": variants,
    }
    return given


def _variant(
    variant: VariantDraft, names: Sequence[str], chosen: Sequence[str], known: str, location: str
) -> dict[str, Any]:
    given: dict[str, Any] = {
        "sku": variant.sku,
        "barcode": variant.ean or None,
        "price": str(variant.price),
        "compareAtPrice": None if variant.compare_at is None else str(variant.compare_at),
        "inventoryPolicy": "DENY",
        "inventoryItem": {
            "tracked": True,
            "requiresShipping": True,
            "measurement": {"weight": {"unit": "GRAMS", "value": variant.weight_g}},
        },
        "optionValues": [{"optionName": name, "name": value} for name, value in zip(names, chosen, strict=True)],
    }
    if known:
        given["id"] = known  # its stock is told by itself, from then on
    elif location:
        quantity = {"locationId": gid("Location", location), "name": "available", "quantity": variant.quantity}
        given["inventoryQuantities"] = [quantity]
    return given


def _reprice(client: Client, draft: ProductDraft) -> Published:
    """A product of the merchant's own."""
    ours = [variant for variant in draft.variants if variant.external_id]
    levels = [PriceLevel(variant.external_id, variant.price, variant.compare_at) for variant in ours]
    refused = tell_prices(client, levels)
    code = next(iter(refused.values()), "")
    variants = {variant.sku: variant.external_id for variant in ours if variant.external_id not in refused}
    return Published(draft.reference, external_id=draft.external_id, variants=variants, error=code)


# ---- prices, and off sale


def tell_prices(client: Client, levels: Sequence[PriceLevel]) -> dict[str, str]:
    """See Platform.tell_prices: one call per product, the widest that the API has."""
    by_product: dict[str, list[PriceLevel]] = {}
    for level in levels:
        by_product.setdefault(level.external_id.partition("/")[0], []).append(level)
    refused: dict[str, str] = {}
    for product, group in by_product.items():
        try:
            refused |= _price(client, product, group)
        except NotFound:
            refused |= {level.external_id: "not_found" for level in group}
    return refused


def _price(client: Client, product: str, levels: Sequence[PriceLevel]) -> dict[str, str]:
    rows = [
        {
            "id": variant_gid(level.external_id),
            "price": str(level.price),
            "compareAtPrice": None if level.compare_at is None else str(level.compare_at),
        }
        for level in levels
    ]
    made = client.change("variants_update", product=gid("Product", product), variants=rows)
    refused: dict[str, str] = {}
    for error in made.get("userErrors") or []:
        code = text(error.get("code") or error.get("message") or "refused", 120)
        place = next((int(part) for part in error.get("field") or [] if str(part).isdigit()), None)
        if place is None or place >= len(levels):  # the product as a whole
            return {level.external_id: code for level in levels}
        refused[levels[place].external_id] = code
    return refused


def unpublish(client: Client, external_ids: Sequence[str]) -> dict[str, str]:
    """See Platform.unpublish: a draft is seen by the merchant alone. One that is gone is off sale too."""
    refused: dict[str, str] = {}
    for external_id in external_ids:
        try:
            product = {"id": gid("Product", external_id.partition("/")[0]), "status": "DRAFT"}
            said = refusals(client.change("product_status", product=product))
        except NotFound:
            continue
        if said and "does not exist" not in said[0][1].lower():
            refused[external_id] = text(said[0][0] or said[0][1], 120)
    return refused
