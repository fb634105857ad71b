"""The categories of a WooCommerce shop: found by their path, made where they are missing."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from connectors.platforms.base import ShopUnreachable
from connectors.platforms.woocommerce import batches
from connectors.platforms.woocommerce.client import Client
from core.strict import text

_PER_PAGE = 100
_MOST_PAGES = 50
_SAME = "term_exists"  # another worker, or the merchant, made it meanwhile


def ids_of(client: Client, paths: Iterable[Sequence[str]]) -> dict[tuple[str, ...], int]:
    """The id of each path (root first). One call per hundred categories of the shop, and one per level that lacks
    some."""
    wanted = {tuple(path) for path in paths if path}
    if not wanted:
        return {}
    known = _read(client)
    found: dict[tuple[str, ...], int] = {}
    for depth in range(max(map(len, wanted))):
        level = {path[: depth + 1] for path in wanted if len(path) > depth}
        # What could not be made leaves its children out: the product is published without them.
        places = {path: 0 if depth == 0 else found[path[:-1]] for path in level if depth == 0 or path[:-1] in found}
        missing = []
        for path, parent in sorted(places.items()):
            id_ = known.get((parent, path[-1].casefold()))
            if id_ is None:
                missing.append((path, parent))
            else:
                found[path] = id_
        entries = [{"name": path[-1], "parent": parent} for path, parent in missing]
        if entries:
            made, _changed = batches.send(client, "products/categories", create=entries)
            for (path, _parent), outcome in zip(missing, made, strict=True):
                id_ = outcome.id or (outcome.resource_id if outcome.error == _SAME else 0)
                if id_:
                    found[path] = id_
    return found


def _read(client: Client) -> dict[tuple[int, str], int]:
    """By parent and name; WordPress keeps names as HTML (“Casa &amp; Giardino”)."""
    found: dict[tuple[int, str], int] = {}
    for number in range(1, _MOST_PAGES + 1):
        rows = client.get(
            "products/categories", per_page=str(_PER_PAGE), page=str(number), orderby="id", _fields="id,name,parent"
        ).data
        if not isinstance(rows, list):
            raise ShopUnreachable(reason="JSON: categories")
        for row in rows:
            if isinstance(row, dict) and isinstance(row.get("id"), int):
                name = html.unescape(text(str(row.get("name") or ""), 200)).casefold()
                found.setdefault((int(row.get("parent") or 0), name), row["id"])
        if len(rows) < _PER_PAGE:
            break
    return found
