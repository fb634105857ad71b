"""What the API does to products: set, change, delete; variants in bulk; publish; metafields."""

from typing import TYPE_CHECKING, Any

from . import product_nodes, product_set, shop_acts
from .fulfilment import Refusal
from .gids import Doc, gid, kind_of, number_of

if TYPE_CHECKING:
    from .admin_api import Ask


def _error(refusal: Refusal, *, coded: bool = True) -> Doc:
    plain = {"field": refusal.field, "message": refusal.message}
    return plain | ({"code": refusal.code or None} if coded else {})


# productSet, at once or as an operation to ask for.


def set_product(ask: "Ask", *, input: Doc, identifier: Doc | None = None, synchronous: bool = True) -> Doc:
    if not synchronous:
        made = {
            "id": ask.shop.next_id(),
            "status": "CREATED",
            "left": ask.shop.jobs_take,
            "product": None,
            "errors": [],
        }
        ask.shop.store.put("operation", {**made, "input": input, "identifier": identifier, "app": ask.app})
        return {"product": None, "productSetOperation": _operation(ask, made), "userErrors": []}
    try:
        product = product_set.apply_set(ask, input, identifier)
    except Refusal as refusal:
        return {"product": None, "productSetOperation": None, "userErrors": [_error(refusal)]}
    return {"product": product_nodes.product(ask.shop, product), "productSetOperation": None, "userErrors": []}


def _operation(ask: "Ask", doc: Doc) -> Doc:
    return {
        "__typename": "ProductSetOperation",
        "id": gid("ProductSetOperation", doc["id"]),
        "status": doc["status"],
        "product": product_nodes.product_by_id(ask.shop, doc["product"]),
        "userErrors": doc["errors"],
    }


def operation(ask: "Ask", *, id: str) -> Doc | None:
    """Each time it is asked for it comes nearer to its end."""
    doc = ask.shop.store.get("operation", number_of(id, "ProductSetOperation") or 0)
    if doc is None:
        return None
    if doc["status"] != "COMPLETE":
        if doc["left"] > 0:
            doc = {**doc, "left": doc["left"] - 1, "status": "ACTIVE"}
        else:
            doc = {**doc, "status": "COMPLETE"}
            try:
                doc["product"] = product_set.apply_set(ask, doc["input"], doc["identifier"])["id"]
            except Refusal as refusal:
                doc["errors"] = [_error(refusal)]
        ask.shop.store.put("operation", doc)
    return _operation(ask, doc)


# A product.


def update(ask: "Ask", *, product: Doc | None = None, identifier: Doc | None = None, media: Any = None) -> Doc:
    given = product or {}
    found = _found(ask, given.get("id") or (identifier or {}).get("id"))
    if found is None and (identifier or {}).get("handle"):
        found = ask.shop.products.by_handle(str((identifier or {})["handle"]))
    if found is None:
        return {"product": None, "userErrors": [{"field": ["id"], "message": "Product does not exist"}]}
    names = {"title": "title", "vendor": "vendor", "productType": "type", "descriptionHtml": "html", "status": "status"}
    changed = {**found, **{names[key]: value for key, value in given.items() if key in names and value is not None}}
    if given.get("tags") is not None:
        changed["tags"] = list(given["tags"])
    new = [ask.shop.products.medium(each["originalSource"], each.get("alt") or "") for each in media or ()]
    changed["media"] = [*found["media"], *new]
    return {"product": product_nodes.product(ask.shop, ask.shop.products.save(changed)), "userErrors": []}


def _found(ask: "Ask", id_: str | None) -> Doc | None:
    return ask.shop.products.get(number_of(id_, "Product")) if id_ else None


def delete(ask: "Ask", *, input: Doc, synchronous: bool = True) -> Doc:
    found = _found(ask, input["id"])
    answer = {"productDeleteOperation": None, "shop": shop_acts.shop_node(ask)}
    if found is None:
        wrong = {"field": ["id"], "message": "Product does not exist"}
        return {"deletedProductId": None, "userErrors": [wrong], **answer}
    ask.shop.products.delete(found["id"])
    return {"deletedProductId": input["id"], "userErrors": [], **answer}


# Variants.


def _variants_answer(ask: "Ask", product: Doc | None, variants: list[Doc] | None, errors: list[Doc]) -> Doc:
    return {
        "product": product_nodes.product(ask.shop, product) if product else None,
        "productVariants": [product_nodes.variant(ask.shop, one) for one in variants] if variants is not None else None,
        "userErrors": errors,
    }


_NO_PRODUCT = {"code": "PRODUCT_DOES_NOT_EXIST", "field": ["productId"], "message": "Product does not exist"}


def create_variants(
    ask: "Ask", *, productId: str, variants: list[Doc], strategy: str = "DEFAULT", media: Any = None
) -> Doc:
    """All or none. A product's lone default variant makes room for the first real one, unless it is to be kept."""
    product = _found(ask, productId)
    if product is None:
        return _variants_answer(ask, None, None, [_NO_PRODUCT])
    product = {**product, "variants": list(product["variants"])}
    options = [{**option, "values": list(option["values"])} for option in product["options"]]
    lone = [option["name"] for option in options] == ["Title"]
    rows = []
    try:
        if lone and any(one.get("optionValues") for one in variants):
            names = [value["optionName"] for value in variants[0]["optionValues"]]
            options = [{"id": ask.shop.next_id(), "name": name, "values": []} for name in names]
        taken = [] if lone else [one["values"] for one in ask.shop.products.variants_of(product)]
        for n, given in enumerate(variants):
            where = ["variants", str(n)]
            values = product_set.values_of(given, options, where, growing=True)
            if values in taken:
                text = f"The variant '{' / '.join(values)}' already exists. Please change at least one option value."
                raise Refusal(text, where, "VARIANT_ALREADY_EXISTS")
            product_set.check_price(given, where)
            taken.append(values)
            rows.append((given, values))
    except Refusal as refusal:
        return _variants_answer(ask, _found(ask, productId), [], [_error(refusal)])
    if lone and strategy != "PRESERVE_STANDALONE_VARIANT":
        for id_ in list(product["variants"]):
            ask.shop.products.drop_variant(product, id_)
    product["options"] = options
    made = []
    for given, values in rows:
        new = ask.shop.products.add_variant(product, sku="", price=given.get("price") or "0.00", values=values)
        made.append(product_set.write_variant(ask, new, given))
        for entry in given.get("inventoryQuantities") or ():
            product_set.put_quantity(ask, new["item"], entry["locationId"], entry["availableQuantity"])
    saved = ask.shop.products.save(product)
    return _variants_answer(ask, saved, made, [])


def update_variants(
    ask: "Ask", *, productId: str, variants: list[Doc], allowPartialUpdates: bool = False, media: Any = None
) -> Doc:
    product = _found(ask, productId)
    if product is None:
        return _variants_answer(ask, None, None, [_NO_PRODUCT])
    errors, rows = [], []
    for n, given in enumerate(variants):
        try:
            rows.append((_variant_to_change(ask, product, given, ["variants", str(n)]), given))
        except Refusal as refusal:
            errors.append(_error(refusal))
    if errors and not allowPartialUpdates:
        return _variants_answer(ask, product, None, errors)
    changed = [product_set.write_variant(ask, variant, given) for variant, given in rows]
    saved = ask.shop.products.save(product) if changed else product
    return _variants_answer(ask, saved, changed, errors)


def _variant_to_change(ask: "Ask", product: Doc, given: Doc, where: list[str]) -> Doc:
    if not given.get("id"):
        raise Refusal("Product variant is missing ID attribute", where, "PRODUCT_VARIANT_ID_MISSING")
    number = number_of(given["id"], "ProductVariant")
    variant = ask.shop.store.get("variant", number) if number else None
    if variant is None or variant["product"] != product["id"]:
        raise Refusal("Product variant does not exist", [*where, "id"], "PRODUCT_VARIANT_DOES_NOT_EXIST")
    if given.get("inventoryQuantities"):
        text = (
            "Inventory quantities can only be provided during create. To update inventory for existing variants, use "
        )
        text += "inventoryAdjustQuantities."
        raise Refusal(text, [*where, "inventoryQuantities"], "NO_INVENTORY_QUANTITIES_ON_VARIANTS_UPDATE")
    product_set.check_price(given, where)
    return variant


def delete_variants(ask: "Ask", *, productId: str, variantsIds: list[str]) -> Doc:
    product = _found(ask, productId)
    if product is None:
        return {"product": None, "userErrors": [_NO_PRODUCT]}
    numbers = [number_of(id_, "ProductVariant") for id_ in variantsIds]
    wrong = ""
    if any(number not in product["variants"] for number in numbers):
        wrong = "AT_LEAST_ONE_VARIANT_DOES_NOT_BELONG_TO_THE_PRODUCT"
    elif len(set(numbers)) >= len(product["variants"]):
        wrong = "CANNOT_DELETE_LAST_VARIANT"
    if wrong:
        text = wrong.replace("_", " ").capitalize()
        error = {"code": wrong, "field": ["variantsIds"], "message": text}
        return {"product": product_nodes.product(ask.shop, product), "userErrors": [error]}
    product = {**product, "variants": list(product["variants"])}
    for number in numbers:
        ask.shop.products.drop_variant(product, number or 0)
    return {"product": product_nodes.product(ask.shop, ask.shop.products.save(product)), "userErrors": []}


# Where it is shown.


def _published(ask: "Ask", id_: str, input: list[Doc], *, shown: bool) -> Doc:
    product = _found(ask, id_)
    if product is None:
        return {"publishable": None, "userErrors": [{"field": ["id"], "message": "Product does not exist"}]}
    known = {doc["id"] for doc in ask.shop.publications()}
    numbers = [number_of(each.get("publicationId") or "", "Publication") for each in input]
    if any(number not in known for number in numbers):
        wrong = {
            "field": ["input", "0", "publicationId"],
            "message": "Publication does not exist or is not publishable",
        }
        return {"publishable": product_nodes.product(ask.shop, product), "userErrors": [wrong]}
    left = [each for each in product["published"] if each not in numbers]
    saved = ask.shop.products.save({**product, "published": left + (numbers if shown else [])})
    return {"publishable": product_nodes.product(ask.shop, saved), "userErrors": []}


def publish(ask: "Ask", *, id: str, input: list[Doc]) -> Doc:
    return _published(ask, id, input, shown=True)


def unpublish(ask: "Ask", *, id: str, input: list[Doc]) -> Doc:
    return {**_published(ask, id, input, shown=False), "shop": shop_acts.shop_node(ask)}


def set_metafields(ask: "Ask", *, metafields: list[Doc]) -> Doc:
    """Of products only."""
    made = []
    for n, given in enumerate(metafields):
        product = _found(ask, given["ownerId"]) if kind_of(given["ownerId"]) == "Product" else None
        if product is None:
            error = {"code": "INVALID", "field": ["metafields", str(n), "ownerId"], "message": "Owner does not exist."}
            return {"metafields": [], "userErrors": [error]}
        namespace = given.get("namespace") or "app--580111"
        left = [m for m in product["metafields"] if (m.get("namespace"), m["key"]) != (namespace, given["key"])]
        new = {"id": ask.shop.next_id(), "namespace": namespace, "key": given["key"], "value": given["value"]}
        new["type"] = given.get("type") or "single_line_text_field"
        ask.shop.products.save({**product, "metafields": [*left, new]})
        made.append(product_nodes.metafield_node(new))
    return {"metafields": made, "userErrors": []}


ACTS = {
    "productSet": set_product,
    "productUpdate": update,
    "productDelete": delete,
    "productVariantsBulkCreate": create_variants,
    "productVariantsBulkUpdate": update_variants,
    "productVariantsBulkDelete": delete_variants,
    "publishablePublish": publish,
    "publishableUnpublish": unpublish,
    "metafieldsSet": set_metafields,
}
