"""productSet: a product as it should be. What is a scalar and left out stays; what is a list is replaced, so that
whatever it leaves out is gone."""

from typing import TYPE_CHECKING, Any

from . import stock_acts
from .fulfilment import Refusal
from .gids import Doc, number_of, stamp, two_places

if TYPE_CHECKING:
    from .admin_api import Ask

Row = tuple[Doc, list[str], Doc | None]  # what is wanted, its values, the variant that is there
OPTIONS_MOST, VARIANTS_MOST = 3, 2048
_NAMES = {"title": "title", "vendor": "vendor", "productType": "type", "descriptionHtml": "html", "status": "status"}


def apply_set(ask: "Ask", given: Doc, identifier: Doc | None) -> Doc:
    """The product as it is then. Raises Refusal, with a code of ProductSetUserErrorCode, before anything changed."""
    shop = ask.shop
    known = _identified(ask, identifier)
    handle = given.get("handle") or (identifier or {}).get("handle") or ""
    owner = shop.products.by_handle(handle) if handle else None
    if owner and (known is None or owner["id"] != known["id"]):
        text = f"Handle '{handle}' already in use. Please provide a new handle."
        raise Refusal(text, ["input", "handle"], "HANDLE_NOT_UNIQUE")
    if known is None and not (given.get("title") or "").strip():
        raise Refusal("Title can't be blank", ["input", "title"], "INVALID_INPUT")
    options = _options(ask, given, known)
    rows = _rows(ask, given, known, options)
    is_new = known is None
    product = dict(known) if known else shop.products.create(title=given["title"], handle=handle, vendor=shop.name)
    product["variants"] = list(product["variants"])
    if is_new:
        product["made_by"] = shop.tokens.apps[ask.app].title
    product |= {_NAMES[key]: value for key, value in given.items() if key in _NAMES and value is not None}
    if handle and handle != product["handle"]:
        shop.products.rename(product, handle)
    if given.get("tags") is not None:
        product["tags"] = [tag.strip() for tag in given["tags"] if tag.strip()]
    if given.get("files") is not None:
        product["media"] = [_file(ask, product, each) for each in given["files"]]
    if given.get("metafields") is not None:
        product["metafields"] = [{"id": shop.next_id(), **each} for each in given["metafields"]]
    if rows is not None:
        product["options"] = options
        _replace_variants(ask, product, rows)
    elif is_new:
        shop.products.add_variant(product, sku="", price="0.00")
    return shop.products.save(product)


def _file(ask: "Ask", product: Doc, each: Doc) -> Doc:
    if not each.get("id"):
        source, alt, name = (each.get(key) or "" for key in ("originalSource", "alt", "filename"))
        return ask.shop.products.medium(source, alt, name)
    number = number_of(each["id"], "MediaImage")
    found: Doc | None = next((one for one in product["media"] if one["id"] == number), None)
    if found is None:
        raise Refusal("File does not exist", ["input", "files"], "INVALID_INPUT")
    return found


def _identified(ask: "Ask", identifier: Doc | None) -> Doc | None:
    if not identifier:
        return None
    if identifier.get("id"):
        found = ask.shop.products.get(number_of(identifier["id"], "Product"))
        if found is None:
            raise Refusal("Product does not exist", ["identifier", "id"], "PRODUCT_DOES_NOT_EXIST")
        return found
    return ask.shop.products.by_handle(str(identifier.get("handle") or ""))


def _options(ask: "Ask", given: Doc, known: Doc | None) -> list[Doc]:
    wanted = given.get("productOptions")
    if given.get("variants") is not None and wanted is None:
        text = "Product options input is required when updating variants"
        raise Refusal(text, ["input", "productOptions"], "PRODUCT_OPTIONS_INPUT_MISSING")
    if wanted is not None and given.get("variants") is None:
        text = "Variants input is required when updating product options"
        raise Refusal(text, ["input", "variants"], "VARIANTS_INPUT_MISSING")
    if len(wanted or ()) > OPTIONS_MOST:
        text = f"Can only specify a maximum of {OPTIONS_MOST} options"
        raise Refusal(text, ["input", "productOptions"], "OPTIONS_OVER_LIMIT")
    had = {option["name"]: option["id"] for option in (known or {}).get("options", ())}
    found: list[Doc] = []
    for option in sorted(wanted or (), key=lambda one: one.get("position") or 0):
        values = [value["name"] for value in option.get("values") or ()]
        if not values:
            text = f"Option '{option['name']}' must have at least one value"
            raise Refusal(text, ["input", "productOptions"], "OPTION_VALUES_MISSING")
        if len(set(values)) < len(values) or option["name"] in [each["name"] for each in found]:
            raise Refusal("Option values must be unique", ["input", "productOptions"], "DUPLICATED_OPTION_VALUE")
        id_ = had.get(option["name"]) or ask.shop.next_id()
        found.append({"id": id_, "name": option["name"], "values": values})
    return found


def _rows(ask: "Ask", given: Doc, known: Doc | None, options: list[Doc]) -> list[Row] | None:
    """Each variant wanted, its values and the one that is there already; None: variants are not spoken of."""
    wanted = given.get("variants")
    if wanted is None:
        return None
    if len(wanted) > VARIANTS_MOST:
        text = f"Can only specify a maximum of {VARIANTS_MOST} variants"
        raise Refusal(text, ["input", "variants"], "VARIANTS_OVER_LIMIT")
    there = {tuple(one["values"]): one for one in (ask.shop.products.variants_of(known) if known else ())}
    by_id = {one["id"]: one for one in there.values()}
    rows: list[Row] = []
    for n, variant in enumerate(wanted):
        where = ["input", "variants", str(n)]
        values = values_of(variant, options, where, growing=False)
        if values in [row[1] for row in rows]:
            text = f"The variant '{' / '.join(values)}' already exists."
            raise Refusal(text, where, "INVALID_VARIANT")
        match = there.get(tuple(values))
        if variant.get("id"):
            match = by_id.get(number_of(variant["id"], "ProductVariant") or 0)
            if match is None:
                raise Refusal("Product variant does not exist", where, "PRODUCT_VARIANT_DOES_NOT_EXIST")
        check_price(variant, where)
        _check_places(ask, variant, match, where)
        rows.append((variant, values, match))
    return rows


def values_of(variant: Doc, options: list[Doc], where: list[str], *, growing: bool) -> list[str]:
    """The variant's value for each option; `growing`: an unknown value becomes one of the option's."""
    given = {one.get("optionName") or one.get("optionId"): one.get("name") for one in variant.get("optionValues") or ()}
    for name in given:
        if not any(name in (option["name"], f"gid://shopify/ProductOption/{option['id']}") for option in options):
            raise Refusal(f"Option '{name}' does not exist", where, "OPTION_DOES_NOT_EXIST")
    values = []
    for option in options:
        value = given.get(option["name"]) or given.get(f"gid://shopify/ProductOption/{option['id']}")
        if value is None:
            text = f"You need to add option values for {option['name']}"
            raise Refusal(text, where, "NEED_TO_ADD_OPTION_VALUES" if growing else "OPTION_VALUES_MISSING")
        if value not in option["values"]:
            if not growing:
                raise Refusal(f"Option value '{value}' does not exist", where, "OPTION_VALUE_DOES_NOT_EXIST")
            option["values"].append(value)
        values.append(value)
    return values


def check_price(variant: Doc, where: list[str]) -> None:
    for name, code in (("price", "GREATER_THAN_OR_EQUAL_TO"), ("compareAtPrice", "GREATER_THAN_OR_EQUAL_TO")):
        if variant.get(name) is not None and float(variant[name]) < 0:
            raise Refusal("Price must be greater than or equal to 0", [*where, name], code)


def _check_places(ask: "Ask", variant: Doc, match: Doc | None, where: list[str]) -> None:
    """For a variant that is there: only at locations where it is stocked."""
    item = ask.shop.store.get("item", match["item"]) if match else None
    for entry in variant.get("inventoryQuantities") or ():
        location = ask.shop.store.get("location", number_of(entry["locationId"], "Location") or 0)
        if location is None:
            raise Refusal("Location does not exist", where, "INVALID_INPUT")
        if item and ask.shop.stock.level(item, location["id"]) is None:
            raise Refusal("The inventory item is not stocked at the location", where, "INVALID_INPUT")


def _replace_variants(ask: "Ask", product: Doc, rows: list[Row]) -> None:
    products = ask.shop.products
    kept = {row[2]["id"] for row in rows if row[2]}
    for id_ in list(product["variants"]):
        if id_ not in kept:
            products.drop_variant(product, id_)
    order = []
    for given, values, match in rows:
        variant = match
        if variant is None:
            variant = products.add_variant(product, sku="", price=given.get("price") or "0.00", values=values)
        write_variant(ask, variant, given, values)
        for entry in given.get("inventoryQuantities") or ():
            put_quantity(ask, variant["item"], entry["locationId"], entry["quantity"])
        order.append(variant["id"])
    product["variants"] = order


def write_variant(ask: "Ask", variant: Doc, given: Doc, values: list[str] | None = None) -> Doc:
    shop = ask.shop
    names = {"barcode": "barcode", "taxable": "taxable", "inventoryPolicy": "policy"}
    changed: Doc = {names[key]: value for key, value in given.items() if key in names}
    if given.get("sku") is not None:
        changed["sku"] = given["sku"]
    if given.get("price") is not None:
        changed["price"] = two_places(given["price"])
    if "compareAtPrice" in given:
        old = given["compareAtPrice"]
        changed["compare_at"] = two_places(old) if old is not None else None
    if values is not None:
        changed |= {"values": values, "title": " / ".join(values)}
    saved = shop.products.put_variant({**variant, **changed, "updated_at": stamp(shop.clock())})
    item = shop.store.get("item", variant["item"])
    if given.get("inventoryItem") and item:
        stock_acts.apply_item(ask, item, given["inventoryItem"])
        saved = shop.store.get("variant", variant["id"]) or saved
    return saved


def put_quantity(ask: "Ask", item_id: int, location_id: str, quantity: int | None) -> None:
    item, number = ask.shop.store.get("item", item_id), number_of(location_id, "Location")
    if item is None or number is None:
        return
    changed: Any = ask.shop.stock.put_level(item, number, available=quantity or 0, active=True)
    ask.shop.stock.tell(changed, number)
