"""Products of ours into a WooCommerce shop. A product is made as a draft, gets its variations and its pictures, and
only then goes on sale; each step is found again by a repeat, so that an answer that was lost makes no twin.

What the shop has is found by SKU and by id, and is ours only with our mark (meta `_mci_reference`). A product of the
merchant's own that has one of our SKUs is never touched: it is reported, with its ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.platforms.base import Access, ShopUnreachable
from connectors.platforms.goods import ProductDraft, Published
from connectors.platforms.woocommerce import batches, bodies, shelves
from connectors.platforms.woocommerce.answers import NotFound
from connectors.platforms.woocommerce.client import Client
from core.strict import web

BATCH = 20  # drafts a call: the shop fetches their pictures meanwhile, and each variable product takes calls of its own
DEADLINE_S = 60.0
_PICTURED = 5  # products in one call that brings pictures
_FIELDS = "id,sku,type,parent_id,permalink,status,meta_data"
_SKU_TAKEN, _GONE = "product_invalid_sku", "woocommerce_rest_product_invalid_id"
OWN = "own_product"


@dataclass(slots=True, eq=False)
class _Work:
    """A draft on its way. `id` 0: the shop does not have it. `row`: the shop's last word on it. `sold`: it was on sale
    there, so that its stock may move under us. `own`: of a product of the merchant's that is in the way."""

    draft: ProductDraft
    id: int = 0
    fresh: bool = False
    sold: bool = False
    row: Mapping[str, Any] = field(default_factory=dict)
    variants: dict[str, str] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)
    stock: dict[str, int] = field(default_factory=dict)
    error: str = ""
    words: str = ""

    @property
    def lives(self) -> bool:
        return not self.error

    def fail(self, error: str, words: str = "") -> None:
        self.error, self.words = error, words

    @property
    def needs_pictures(self) -> bool:
        return bodies.meta_of(self.row, bodies.PICTURES) != bodies.picture_mark(self.draft)

    def published(self) -> Published:
        url = web(self.row.get("permalink"), 500)
        id_ = str(self.id or "")
        return Published(
            self.draft.reference, id_, self.variants, url, self.error, self.words, own=self.own, stock=self.stock
        )

    def confirm(self, sku: str, row: Mapping[str, Any]) -> None:
        """Which stock it has, by the shop's answer to what set it."""
        shown = row.get("stock_quantity")
        if row.get("manage_stock") is True and isinstance(shown, int | float):
            self.stock[sku] = int(shown)


def publish(access: Access, drafts: Sequence[ProductDraft]) -> list[Published]:
    """See Platform.publish."""
    client = Client.of(access, deadline_s=DEADLINE_S)
    terms = bodies.Terms(str(access.facts.get("weight_unit") or "kg"), access.facts)
    works = [_Work(draft) for draft in drafts]
    for work in works:
        refused = bodies.refusal(work.draft, terms)
        if refused:
            work.fail(refused.code, str(refused.params.get("rate", "")))
    _find(client, [work for work in works if work.lives])
    living = [work for work in works if work.lives]
    categories = shelves.ids_of(client, [work.draft.categories for work in living])
    _save(client, living, categories, terms)
    for work in living:
        if work.lives and bodies.is_variable(work.draft):
            _variations(client, work, terms)
        elif work.lives:
            work.variants = {work.draft.variants[0].sku: str(work.id)}
    _open(client, [work for work in living if work.lives])
    return [work.published() for work in works]


def unpublish(access: Access, external_ids: Sequence[str]) -> Mapping[str, str]:
    """See Platform.unpublish. What is gone or in the bin is off sale already, and a write would take it out again."""
    client = Client.of(access)
    there = {row["id"] for row in _rows(client, include=",".join(external_ids))}
    ids = [int(id_) for id_ in external_ids if int(id_) in there]
    _made, changed = batches.send(client, "products", update=[{"id": id_, "status": "draft"} for id_ in ids])
    return {str(id_): done.error for id_, done in zip(ids, changed, strict=True) if done.error and done.error != _GONE}


def _rows(client: Client, **params: str) -> list[Mapping[str, Any]]:
    """Products and variations, those in the bin left out."""
    data = client.get("products", per_page="100", _fields=_FIELDS, **params).data
    if not isinstance(data, list) or not all(isinstance(row, dict) and isinstance(row.get("id"), int) for row in data):
        raise ShopUnreachable(reason="JSON: products")
    return data


def _chunks(values: Iterable[str], size: int = 50) -> Iterable[list[str]]:
    found = sorted(set(values))
    return (found[start : start + size] for start in range(0, len(found), size))


def _find(client: Client, works: Sequence[_Work]) -> None:
    """Which drafts the shop has already, as ours or as the merchant's own."""
    skus = {bodies.parent_sku(work.draft) for work in works}
    skus |= {variant.sku for work in works for variant in work.draft.variants}
    rows: dict[int, Mapping[str, Any]] = {}
    for part in _chunks(sku for sku in skus if "," not in sku):
        rows |= {row["id"]: row for row in _rows(client, sku=",".join(part))}
    for sku in skus:
        if "," in sku:
            rows |= {row["id"]: row for row in _rows(client, sku=sku)}
    ids = {work.draft.external_id for work in works if work.draft.external_id.isdigit()}
    for part in _chunks(id_ for id_ in ids if int(id_) not in rows):
        rows |= {row["id"]: row for row in _rows(client, include=",".join(part))}
    by_sku: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows.values():
        by_sku.setdefault(str(row.get("sku") or ""), []).append(row)
    for work in works:
        _recognise(work, rows, by_sku)


def _recognise(
    work: _Work, rows: Mapping[int, Mapping[str, Any]], by_sku: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    draft = work.draft
    known = rows.get(int(draft.external_id)) if draft.external_id.isdigit() else None
    bearers = [
        row for sku in (bodies.parent_sku(draft), *(v.sku for v in draft.variants)) for row in by_sku.get(sku, [])
    ]
    ours = [row for row in bearers if _is_ours(row, draft)]
    if known is None:
        known = next((row for row in ours if not row.get("parent_id")), None)
    if known is not None:
        work.id, work.row, work.sold = int(known["id"]), known, _is_sold(known)
    elif ours:
        work.id, work.sold = int(ours[0]["parent_id"]), _is_sold(ours[0])
    strange = [row for row in bearers if work.id not in (row["id"], row.get("parent_id")) and not _is_ours(row, draft)]
    if strange:
        work.own = {str(row["sku"]): _external_id(row) for row in strange}
        work.fail(OWN)


def _is_ours(row: Mapping[str, Any], draft: ProductDraft) -> bool:
    return bodies.meta_of(row, bodies.REFERENCE) == draft.reference


def _is_sold(row: Mapping[str, Any]) -> bool:
    return row.get("status", "publish") == "publish"


def _external_id(row: Mapping[str, Any]) -> str:
    return f"{row['parent_id']}/{row['id']}" if row.get("parent_id") else str(row["id"])


def _save(
    client: Client,
    works: Sequence[_Work],
    categories: Mapping[tuple[str, ...], int],
    terms: bodies.Terms,
    *,
    again: bool = True,
) -> None:
    """Makes and updates the products themselves. One that was deleted meanwhile is made anew; one that was made
    meanwhile is looked at."""

    def body(work: _Work) -> dict[str, Any]:
        category = categories.get(tuple(work.draft.categories))
        return bodies.product(work.draft, category=category, terms=terms, stock=not work.sold)

    new = [work for work in works if not work.id]
    old = [work for work in works if work.id]
    made, changed = batches.send(
        client,
        "products",
        create=[{**body(work), "status": "draft"} for work in new],
        update=[{"id": work.id, **body(work)} for work in old],
    )
    repeat: list[_Work] = []
    for work, done in [*zip(new, made, strict=True), *zip(old, changed, strict=True)]:
        if not done.error:
            work.id, work.row, work.fresh = done.id, done.row, work in new
            if not work.sold and not bodies.is_variable(work.draft):
                work.confirm(work.draft.variants[0].sku, done.row)
        elif done.error == _GONE and again:
            work.id, work.row, work.sold = 0, {}, False
            repeat.append(work)
        elif done.error == _SKU_TAKEN and done.resource_id and again:
            _meet(client, work, done.resource_id)
            repeat += [work] if work.lives else []
        else:
            work.fail(done.error, done.words)
    if repeat:
        _save(client, repeat, categories, terms, again=False)


def _meet(client: Client, work: _Work, id_: int) -> None:
    """Who has the SKU: our own product, made by an answer that was lost, or somebody else's."""
    try:
        row = client.get(f"products/{id_}", _fields=_FIELDS).data
    except NotFound:
        row = None
    if isinstance(row, dict) and _is_ours(row, work.draft):
        work.id, work.row = int(row.get("parent_id") or id_), row if not row.get("parent_id") else {}
        work.sold = _is_sold(row)
        return
    if isinstance(row, dict):
        work.own = {str(row.get("sku") or ""): _external_id({**row, "id": id_})}
    work.fail(OWN)


def _variations(client: Client, work: _Work, terms: bodies.Terms) -> None:
    """The variations of a product that is there; those that we do not sell any more are hidden."""
    path, draft = f"products/{work.id}/variations", work.draft
    try:
        rows = [] if work.fresh else _all_variations(client, path)
        by_sku = {str(row.get("sku") or ""): row for row in rows}
        update, create, sold = [], [], []
        for variant in draft.variants:
            old = by_sku.get(variant.sku)
            on_sale = work.sold and old is not None and _is_sold(old)
            body = bodies.variation(draft, variant, terms=terms, stock=not on_sale)
            if old is not None:
                update.append((variant.sku, {"id": old["id"], **body}))
            else:
                create.append((variant.sku, body))
            sold.append(variant.sku)
        left = [row for sku, row in by_sku.items() if sku not in sold and _is_ours(row, draft)]
        hidden = [{"id": row["id"], "status": "private"} for row in left]
        made, changed = batches.send(
            client, path, create=[body for _sku, body in create], update=[*(body for _sku, body in update), *hidden]
        )
    except NotFound:  # deleted between two calls
        work.fail(_GONE)
        return
    wrong = []
    for (sku, body), done in [*zip(create, made, strict=True), *zip(update, changed, strict=False)]:
        if done.error:
            wrong.append((sku, done))
            continue
        work.variants[sku] = f"{work.id}/{done.id}"
        if "stock_quantity" in body:
            work.confirm(sku, done.row)
    if wrong:
        sku, done = wrong[0]
        words = f"{sku}: {done.words or done.error}"[:300]
        if not work.variants:
            work.fail(done.error, words)
        else:
            work.words = words


def _all_variations(client: Client, path: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for number in range(1, 11):
        rows = client.get(path, per_page="100", page=str(number), orderby="id", _fields="id,sku,status,meta_data").data
        if not isinstance(rows, list) or not all(isinstance(row, dict) and row.get("id") for row in rows):
            raise ShopUnreachable(reason="JSON: variations")
        found += rows
        if len(rows) < 100:
            break
    return found


def _open(client: Client, works: Sequence[_Work]) -> None:
    """On sale, with pictures. The shop fetches them during the call: few at a time. A product whose pictures it cannot
    fetch goes on sale without, and says so."""
    pictured = [work for work in works if work.needs_pictures]
    plain = [work for work in works if not work.needs_pictures]
    refused: list[_Work] = []
    for start in range(0, len(pictured), _PICTURED):
        part = pictured[start : start + _PICTURED]
        entries = [{"id": work.id, "status": "publish", **bodies.pictures(work.draft)} for work in part]
        for work, done in zip(part, batches.send(client, "products", update=entries)[1], strict=True):
            if "image" in done.error:
                work.words = work.words or done.words or done.error
                refused.append(work)
            elif done.error:
                work.fail(done.error, done.words)
            else:
                work.row = done.row
    rest = plain + refused
    entries = [{"id": work.id, "status": "publish"} for work in rest]
    for work, done in zip(rest, batches.send(client, "products", update=entries)[1] if rest else [], strict=True):
        if done.error:
            work.fail(done.error, done.words)
        else:
            work.row = done.row
