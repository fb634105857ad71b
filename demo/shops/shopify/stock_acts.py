"""What the API does to the stock: set, adjust and activate, with compare-and-swap and idempotency keys."""

import functools
import json
from typing import TYPE_CHECKING, Any

from . import stock_nodes
from .execution import FieldError
from .gids import Doc, gid, kind_of, number_of, stamp

if TYPE_CHECKING:
    from .admin_api import Ask

NAMES = ("available", "on_hand")
REASONS = (
    "correction cycle_count_available damaged movement_canceled movement_created movement_received movement_updated "
    "other promotion quality_control received reservation_created reservation_deleted reservation_updated restock "
    "safety_stock shrinkage"
).split()
_MOST = 1_000_000_000
_CHANGED_IN = "2026-04"  # the version from which keys and changeFromQuantity are asked for


def _require_key(ask: "Ask") -> str:
    if ask.key is None:
        if ask.version < _CHANGED_IN:
            return ""
        text = "The @idempotent directive is required for this mutation but was not provided."
        raise FieldError(text, "BAD_REQUEST")
    if not ask.key.strip():
        raise FieldError("The idempotency key must not be blank.", "BAD_REQUEST")
    return ask.key


def _require_compare(ask: "Ask", entries: list[Doc], input_type: str) -> None:
    """It may be null, but it has to be there: a client that drops None breaks here."""
    if ask.version >= _CHANGED_IN and any("changeFromQuantity" not in entry for entry in entries):
        text = f"{input_type} must include the following argument: changeFromQuantity."
        raise FieldError(text, "INVALID_FIELD_ARGUMENTS")


def _key_clash(ask: "Ask", key: str, given: Doc) -> Doc | None:
    """A key names one content for 24 hours. An identical replay runs again: after a success its compare is stale."""
    if not key:
        return None
    text = json.dumps(given, sort_keys=True, default=str)
    known = ask.shop.keys.setdefault((ask.app, key), text)
    if known == text:
        return None
    message = "The idempotency key was already used with different parameters."
    return {"code": "IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "field": None, "message": message}


def _wrong(code: str, message: str, *field: str) -> Doc:
    return {"code": code, "field": ["input", *field], "message": message}


def _checked(ask: "Ask", input: Doc, entries: list[Doc], where: str) -> tuple[list[Doc], list[tuple[Doc, int, Doc]]]:
    """Errors, and for each entry its item, location and the entry."""
    errors: list[Doc] = []
    if input["name"] not in NAMES:
        text = "The quantity name must be either 'available' or 'on_hand'."
        errors.append(_wrong("INVALID_NAME", text, "name"))
    if input["reason"] not in REASONS:
        text = f"The specified reason is invalid. Valid values are: {', '.join(REASONS)}."
        errors.append(_wrong("INVALID_REASON", text, "reason"))
    rows, seen = [], set()
    for n, entry in enumerate(entries):
        item, location, wrong = _place(ask, entry, where, str(n))
        if wrong or item is None:
            errors += [wrong] if wrong else []
            continue
        if (item["id"], location) in seen:
            text = "The combination of inventoryItemId and locationId must be unique."
            errors.append(_wrong("NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR", text, where, str(n), "locationId"))
        seen.add((item["id"], location))
        rows.append((item, location, entry))
    return errors, rows


def _place(ask: "Ask", entry: Doc, where: str, n: str) -> tuple[Doc | None, int, Doc | None]:
    for name in ("inventoryItemId", "locationId"):
        if not kind_of(entry[name]):
            raise FieldError("invalid id", "RESOURCE_NOT_FOUND")
    item = ask.shop.store.get("item", number_of(entry["inventoryItemId"], "InventoryItem") or 0)
    if item is None:
        text = "The specified inventory item could not be found."
        return None, 0, _wrong("INVALID_INVENTORY_ITEM", text, where, n, "inventoryItemId")
    location = ask.shop.store.get("location", number_of(entry["locationId"], "Location") or 0)
    if location is None:
        return None, 0, _wrong("INVALID_LOCATION", "The specified location could not be found.", where, n, "locationId")
    if ask.version < "2026-10" and ask.shop.stock.level(item, location["id"]) is None:
        text = "The specified inventory item is not stocked at the location."
        return None, 0, _wrong("ITEM_NOT_STOCKED_AT_LOCATION", text, where, n, "locationId")
    return item, location["id"], None


def _now(level: Doc | None, name: str) -> int:
    if level is None:
        return 0
    return int(level["available"] + (level["committed"] if name == "on_hand" else 0))


def _changes(ask: "Ask", rows: list[tuple[Doc, int, int]]) -> Doc:
    """Writes (item, location, new available) and returns the group; nothing changed, no group."""
    shown = []
    for item, location, available in rows:
        stored = ask.shop.store.get("item", item["id"])
        assert stored is not None
        level = ask.shop.stock.level(stored, location)
        delta = available - (level["available"] if level else 0)
        if level is None:
            stored = ask.shop.stock.put_level(stored, location, active=False)
        if not delta:
            continue
        stored = ask.shop.stock.set_available(stored, location, available)
        place = ask.shop.store.get("location", location)
        assert place is not None
        node: Doc = {"item": functools.partial(stock_nodes.item, ask.shop, stored)}
        node["location"] = functools.partial(stock_nodes.location, ask.shop, place)
        for name in NAMES:
            shown.append({"name": name, "delta": delta, "quantityAfterChange": None, **node})
    return {"changes": shown}


def _group(ask: "Ask", input: Doc, shown: list[Doc]) -> Doc | None:
    if not shown:
        return None

    def changes(**wanted: list[str] | None) -> list[Doc]:
        names = wanted.get("quantityNames")
        return [one for one in shown if not names or one["name"] in names]

    return {
        "__typename": "InventoryAdjustmentGroup",
        "id": gid("InventoryAdjustmentGroup", ask.shop.next_id()),
        "createdAt": stamp(ask.shop.clock()),
        "reason": input["reason"],
        "referenceDocumentUri": input.get("referenceDocumentUri"),
        "changes": changes,
    }


def _stale(row: tuple[Doc, int, Doc], level: Doc | None, name: str, n: int, where: str) -> Doc | None:
    wanted = row[2].get("changeFromQuantity")
    if wanted is None or wanted == _now(level, name):
        return None
    text = "The changeFromQuantity argument no longer matches the persisted quantity."
    return _wrong("CHANGE_FROM_QUANTITY_STALE", text, where, str(n), "changeFromQuantity")


def set_quantities(ask: "Ask", *, input: Doc) -> Doc:
    key, entries = _require_key(ask), input["quantities"]
    _require_compare(ask, entries, "InventoryQuantityInput")
    clash = _key_clash(ask, key, input)
    errors, rows = ([clash], []) if clash else _checked(ask, input, entries, "quantities")
    wanted = []
    for n, row in enumerate(rows):
        item, location, entry = row
        level, quantity = ask.shop.stock.level(item, location), entry["quantity"]
        for bad, code, words in (
            (quantity < -_MOST, "INVALID_QUANTITY_TOO_LOW", f"The quantity can't be lower than -{_MOST:,}."),
            (quantity > _MOST, "INVALID_QUANTITY_TOO_HIGH", f"The quantity can't be higher than {_MOST:,}."),
        ):
            errors += [_wrong(code, words, "quantities", str(n), "quantity")] if bad else []
        stale = _stale(row, level, input["name"], n, "quantities")
        errors += [stale] if stale else []
        committed = level["committed"] if level and input["name"] == "on_hand" else 0
        wanted.append((item, location, quantity - committed))
    if errors:  # all or nothing
        return {"inventoryAdjustmentGroup": None, "userErrors": errors}
    return {"inventoryAdjustmentGroup": _group(ask, input, _changes(ask, wanted)["changes"]), "userErrors": []}


def adjust_quantities(ask: "Ask", *, input: Doc) -> Doc:
    key, entries = _require_key(ask), input["changes"]
    _require_compare(ask, entries, "InventoryChangeInput")
    clash = _key_clash(ask, key, input)
    errors, rows = ([clash], []) if clash else _checked(ask, input, entries, "changes")
    wanted = []
    for n, row in enumerate(rows):
        item, location, entry = row
        level = ask.shop.stock.level(item, location)
        stale = _stale(row, level, input["name"], n, "changes")
        errors += [stale] if stale else []
        wanted.append((item, location, (level["available"] if level else 0) + entry["delta"]))
    if errors:
        return {"inventoryAdjustmentGroup": None, "userErrors": errors}
    return {"inventoryAdjustmentGroup": _group(ask, input, _changes(ask, wanted)["changes"]), "userErrors": []}


def activate(
    ask: "Ask",
    *,
    inventoryItemId: str,
    locationId: str,
    available: int | None = None,
    onHand: int | None = None,
    stockAtLegacyLocation: bool = False,
) -> Doc:
    """Stocks an item at a location. Without a quantity an old one comes back; an active level takes none."""
    _require_key(ask)
    entry = {"inventoryItemId": inventoryItemId, "locationId": locationId}
    item = ask.shop.store.get("item", number_of(inventoryItemId, "InventoryItem") or 0)
    location = ask.shop.store.get("location", number_of(locationId, "Location") or 0)
    if not all(map(kind_of, entry.values())):
        raise FieldError("invalid id", "RESOURCE_NOT_FOUND")
    message = ""
    if item is None:
        message = "The inventory item does not exist."
    elif location is None or not location["active"]:
        message = "The location couldn't be found."
    if message or item is None or location is None:
        return {"inventoryLevel": None, "userErrors": [{"field": ["inventoryItemId"], "message": message}]}
    level = ask.shop.stock.level(item, location["id"])
    if level and level["active"] and (available is not None or onHand is not None):
        text = "Not allowed to set available quantity when the item is already active at the location."
        return {"inventoryLevel": None, "userErrors": [{"field": ["available"], "message": text}]}
    quantity = available if available is not None else onHand
    changed = ask.shop.stock.put_level(item, location["id"], available=quantity, active=True)
    if quantity is not None:
        ask.shop.stock.tell(changed, location["id"])
    known = changed["levels"][str(location["id"])]
    return {"inventoryLevel": stock_nodes.level(ask.shop, changed, location["id"], known), "userErrors": []}


def update_item(ask: "Ask", *, id: str, input: Doc) -> Doc:
    item = ask.shop.store.get("item", number_of(id, "InventoryItem") or 0)
    if item is None:
        return {"inventoryItem": None, "userErrors": [{"field": ["id"], "message": "Inventory item does not exist."}]}
    saved = apply_item(ask, item, input)
    return {"inventoryItem": stock_nodes.item(ask.shop, saved), "userErrors": []}


def apply_item(ask: "Ask", item: Doc, given: Doc) -> Doc:
    """What InventoryItemInput says, onto an item and its variant."""
    shop = ask.shop
    variant = shop.store.get("variant", item["variant"])
    names = {"tracked": "tracked", "requiresShipping": "requires_shipping", "countryCodeOfOrigin": "origin"}
    names |= {"harmonizedSystemCode": "hs", "cost": "cost"}
    changed: Doc = {names[key]: value for key, value in given.items() if key in names}
    if variant is not None:
        more: Doc = {"sku": given["sku"]} if given.get("sku") is not None else {}
        weight: Any = (given.get("measurement") or {}).get("weight")
        if weight:
            factor = {"KILOGRAMS": 1000, "GRAMS": 1, "POUNDS": 453.592, "OUNCES": 28.3495}[weight["unit"]]
            more["grams"] = round(weight["value"] * factor)
        if more:
            shop.products.put_variant({**variant, **more, "updated_at": stamp(shop.clock())})
    return shop.store.put("item", {**item, **changed, "updated_at": stamp(shop.clock())})


ACTS = {
    "inventorySetQuantities": set_quantities,
    "inventoryAdjustQuantities": adjust_quantities,
    "inventoryActivate": activate,
    "inventoryItemUpdate": update_item,
}
