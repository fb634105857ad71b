"""The stock that a Shopify shop shows at one location, told in calls of up to 250 figures.

Each figure says which one it takes the place of (a compare-and-set): the one that the shop showed when we last heard
of it. Where that still holds, a batch is one call. A sale in the shop since then is not overwritten: the shop refuses,
is read, and what it sold is taken off the figure. So is it after an answer that was lost. For that reason each
call has an idempotency key of its own: the same figures may be true twice in a day."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.platforms.base import Access, ShopBusy, ShopUnreachable
from connectors.platforms.goods import StockLevel, StockTold
from connectors.platforms.shopify.answers import NotFound, TooCostly, gid, refusals
from connectors.platforms.shopify.client import Client
from connectors.platforms.shopify.connect import location_of

BATCH = 250  # what an input array takes
_TRIES = 3  # of a batch whose figures go on moving under us
_MOST = 10**9
_STALE = "CHANGE_FROM_QUANTITY_STALE"


@dataclass(frozen=True, slots=True)
class _Level:
    """What the shop shows of one variant now. `available` None: nothing at this location yet."""

    external_id: str
    item: str  # gid of the inventory item
    available: int | None
    tracked: bool
    active: bool


def tell(access: Access, client: Client, levels: Sequence[StockLevel]) -> StockTold:
    """See Platform.tell_stock."""
    location = location_of(access)
    if not location:
        return StockTold({level.external_id: "no_location" for level in levels})
    place = gid("Location", location)
    wanted = {level.external_id: min(level.quantity, _MOST) for level in levels}
    before = {level.external_id: level.told for level in levels if level.told is not None}
    shows: dict[str, int] = {}
    refused: dict[str, str] = {}
    open_ones = list(wanted)
    heard_of = [
        _Level(level.external_id, gid("InventoryItem", level.stock_id), level.told, True, True)
        for level in levels
        if level.stock_id and level.told is not None
    ]
    if len(heard_of) == len(levels) and _set(client, place, heard_of, wanted) == {}:
        return StockTold()
    for _try in range(_TRIES):
        known = _read(client, place, open_ones)
        refused |= {external_id: "not_found" for external_id in open_ones if external_id not in known}
        found = [known[external_id] for external_id in open_ones if external_id in known]
        _prepare(client, place, found)
        left = {level.external_id: _left(level, wanted[level.external_id], before) for level in found}
        differing = [level for level in found if level.available != left[level.external_id]]
        codes = _set(client, place, differing, left) if differing else {}
        shows |= {id_: figure for id_, figure in left.items() if id_ not in codes and figure != wanted[id_]}
        refused |= {external_id: code for external_id, code in codes.items() if code != _STALE}
        open_ones = [external_id for external_id, code in codes.items() if code == _STALE]
        if not open_ones:
            break
    return StockTold(refused | dict.fromkeys(open_ones, _STALE), shows)


def _left(level: _Level, quantity: int, before: dict[str, int]) -> int:
    """The figure that may be set: what the shop has sold since `before`, the first figure that we knew of it, is taken
    off."""
    if level.available is None or not level.tracked:
        return quantity
    known = before.setdefault(level.external_id, level.available)
    return max(0, quantity - max(0, known - level.available))


def variant_gid(external_id: str) -> str:
    """Of "product/variant"; NotFound for anything else."""
    _product, slash, variant = external_id.partition("/")
    return gid("ProductVariant", variant if slash else "")


def _read(client: Client, place: str, external_ids: Sequence[str]) -> dict[str, _Level]:
    """The levels of the variants that are there."""
    by_gid: dict[str, str] = {}
    for external_id in external_ids:
        try:
            by_gid[variant_gid(external_id)] = external_id
        except NotFound:
            continue
    if not by_gid:
        return {}
    nodes = _nodes(client, place, list(by_gid))
    found = {}
    for node in nodes:  # null for one that is gone
        item = node.get("inventoryItem") if isinstance(node, dict) else None
        if not isinstance(item, dict) or node.get("id") not in by_gid:
            continue
        level = item.get("inventoryLevel") or {}
        quantities = level.get("quantities") or [{}]
        available = quantities[0].get("quantity")
        external_id = by_gid[node["id"]]
        found[external_id] = _Level(
            external_id,
            str(item["id"]),
            available if isinstance(available, int) else None,
            item.get("tracked") is True,
            level.get("isActive") is True,
        )
    return found


def _nodes(client: Client, place: str, ids: list[str]) -> list[Any]:
    """The variants in one call, in two where that is too costly."""
    try:
        nodes = client.query("stock", ids=ids, location=place).data.get("nodes")
    except TooCostly:
        if len(ids) == 1:
            raise ShopUnreachable(reason="MAX_COST_EXCEEDED") from None
        half = len(ids) // 2
        return [*_nodes(client, place, ids[:half]), *_nodes(client, place, ids[half:])]
    if not isinstance(nodes, list):
        raise ShopUnreachable(reason="JSON: nodes")
    return nodes


def _prepare(client: Client, place: str, levels: Sequence[_Level]) -> None:
    """A variant that Shopify does not count, or not at this place, would show no figure of ours: from 2026-10 setting
    it goes well all the same."""
    for level in levels:
        if not level.tracked:
            _must(client.change("stock_track", id=level.item))
        if not level.active:
            _must(client.change("stock_activate", item=level.item, location=place, available=None, key=_key()))


def _must(payload: Mapping[str, Any]) -> None:
    said = refusals(payload)
    if said:
        raise ShopUnreachable(reason=said[0][1])


def _set(client: Client, place: str, levels: Sequence[_Level], wanted: Mapping[str, int]) -> dict[str, str]:
    """One call for all; Shopify takes all or none. The codes of those that were not taken: of what an error does not
    name, nothing was written either, so they are tried by the next reading."""
    quantities = [
        {
            "inventoryItemId": level.item,
            "locationId": place,
            "quantity": wanted[level.external_id],
            "changeFromQuantity": level.available or 0,
        }
        for level in levels
    ]
    given = {"name": "available", "reason": "correction", "quantities": quantities}
    said = client.change("stock_set", input=given, key=_key())
    errors = said.get("userErrors") or []
    if not errors:
        return {}
    codes = {str(error.get("code")) for error in errors}
    if "IDEMPOTENCY_CONCURRENT_REQUEST" in codes:
        raise ShopBusy
    found: dict[str, str] = {level.external_id: _STALE for level in levels}
    for error in errors:
        place_in_list = next((int(part) for part in error.get("field") or [] if str(part).isdigit()), None)
        code = str(error.get("code") or "error")
        if place_in_list is not None and place_in_list < len(levels) and not code.startswith("IDEMPOTENCY"):
            found[levels[place_in_list].external_id] = code
    return found


def _key() -> str:
    return str(uuid.uuid4())
