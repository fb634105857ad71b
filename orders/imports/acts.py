"""What a person does with an import that was checked: mends a row, says which article a SKU is, imports, takes back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.shortcuts import get_object_or_404

from catalog.queries import code_key, find_skus
from core import busy
from orders.imports import checking, work
from orders.imports.errors import ArticleUnknown, ImportBusy, ImportOver, ImportSent, NothingToImport
from orders.imports.shape import HELD
from orders.models import Import, ImportArticle, ImportRow, Order

_S, _R = Import.State, ImportRow.State
OPEN_ROWS = (_R.VALID, _R.WARNING, _R.HELD, _R.ERROR, _R.THERE)
MENDED = (
    *("name", "company", "street", "street2", "postcode", "city", "province", "country", "phone", "email", "note"),
    *("payment", "to_collect", "sale_total"),
)


def _lock(key: uuid.UUID, dropshipper_id: int) -> Import:
    """The import, its row locked. Raises ImportBusy while a worker is at it, ImportOver when it was taken back."""
    mine = Import.objects.select_for_update(no_key=True).defer("table")
    batch = get_object_or_404(mine, dropshipper_id=dropshipper_id, key=key)
    if batch.is_working:
        raise ImportBusy
    if batch.state not in (_S.READY, _S.DONE):
        raise ImportOver
    return batch


def _open_row(batch: Import, pk: int) -> ImportRow:
    row = get_object_or_404(ImportRow, batch=batch, pk=pk)  # the import is locked, and no worker is at it
    if row.state not in OPEN_ROWS:
        raise ImportOver
    return row


def _check_again(batch: Import, rows: Sequence[ImportRow]) -> None:
    checking.check(rows, checking.known_for(batch, rows))
    ImportRow.objects.bulk_update(
        rows, ["state", "issues", "method", "cost", "need", "order", "data", "read", "accepted", "number"]
    )


@busy.repeatable
@transaction.atomic
def mend(
    key: uuid.UUID,
    pk: int,
    *,
    fields: Mapping[str, str],
    pieces: Sequence[tuple[str, int]],
    dropshipper_id: int,
) -> ImportRow:
    """A row as a person wrote it anew: what the reading said of its cells is answered by that; what is held stays held.
    `pieces`: SKU and number of each line, by its place; 0 takes the line out. Raises ImportBusy, ImportOver."""
    batch = _lock(key, dropshipper_id)
    row = _open_row(batch, pk)
    before = row.data["pieces"]
    kept = []
    for place, (sku, quantity) in enumerate(pieces):
        old = before[place] if place < len(before) else {"title": "", "item_id": "", "total": "", "wish": ""}
        if quantity and (sku.strip() or old["title"]):
            kept.append({**old, "sku": sku.strip()[:100], "quantity": quantity})
    told = {name: str(text).strip() for name, text in fields.items() if name in MENDED}
    row.data = {"fields": {**row.data["fields"], **told}, "pieces": kept}
    row.read = [one for one in row.read if one[0] == HELD]
    _check_again(batch, [row])
    return row


@busy.repeatable
@transaction.atomic
def accept(key: uuid.UUID, pk: int, *, dropshipper_id: int) -> ImportRow:
    """What is held (the buyer asked to cancel, nobody says that it was paid) goes by a person's word."""
    batch = _lock(key, dropshipper_id)
    row = _open_row(batch, pk)
    row.accepted = True
    _check_again(batch, [row])
    return row


@busy.repeatable
@transaction.atomic
def use_postcode(key: uuid.UUID, pk: int, *, dropshipper_id: int) -> ImportRow:
    """Takes the postcode that was proposed for one that lost its zeros."""
    batch = _lock(key, dropshipper_id)
    row = _open_row(batch, pk)
    meant = next((one[3]["postcode"] for one in row.issues if one[1] == "zeros_lost"), None)
    if meant is None:
        raise ImportOver
    row.data["fields"]["postcode"] = meant
    _check_again(batch, [row])
    return row


@busy.repeatable
@transaction.atomic
def link_article(key: uuid.UUID, *, sku: str, ours: str, dropshipper_id: int) -> int:
    """The marketplace's `sku` is our article `ours` (SKU or EAN), in this file and in all to come of the same
    marketplace. How many rows were checked again. Raises ArticleUnknown, ImportBusy, ImportOver."""
    batch = _lock(key, dropshipper_id)
    variant = find_skus([ours]).get(code_key(ours))
    theirs = code_key(sku)[:100]
    if variant is None or not theirs:
        raise ArticleUnknown(sku=ours or sku)
    ImportArticle.objects.update_or_create(
        dropshipper_id=dropshipper_id, marketplace=batch.marketplace, sku=theirs, defaults={"variant": variant}
    )
    open_rows = batch.rows.filter(state__in=OPEN_ROWS).order_by("position")
    rows = [row for row in open_rows if any(code_key(piece["sku"]) == theirs for piece in row.data["pieces"])]
    if rows:
        _check_again(batch, rows)
    return len(rows)


@busy.repeatable
@transaction.atomic
def start(key: uuid.UUID, *, by: int, dropshipper_id: int) -> Import:
    """Books the orders of all valid rows; a worker makes them. A second click finds it under way. Raises
    NothingToImport, ImportBusy, ImportOver."""
    mine = Import.objects.select_for_update(no_key=True).defer("table")
    batch = get_object_or_404(mine, dropshipper_id=dropshipper_id, key=key)
    if batch.state == _S.IMPORTING:
        return batch
    if batch.is_working:
        raise ImportBusy
    if batch.state not in (_S.READY, _S.DONE):
        raise ImportOver
    if not batch.rows.filter(state__in=work.VALID).exists():
        raise NothingToImport
    batch.state, batch.trouble, batch.by_id = _S.IMPORTING, "", by
    batch.save(update_fields=["state", "trouble", "by"])
    return batch


@busy.repeatable
@transaction.atomic
def take_back(key: uuid.UUID, *, by: int, dropshipper_id: int) -> Import:
    """Books the cancelling of all orders of an import of which nothing was sent. Raises ImportSent, ImportBusy,
    ImportOver."""
    mine = Import.objects.select_for_update(no_key=True).defer("table")
    batch = get_object_or_404(mine, dropshipper_id=dropshipper_id, key=key)
    if batch.state in (_S.UNDOING, _S.UNDONE):
        return batch
    if batch.is_working:
        raise ImportBusy
    if batch.state == _S.MAPPING:
        raise ImportOver
    sent = batch.rows.filter(order__shipment__isnull=False, state=_R.CREATED).select_related("order").first()
    if sent is not None and sent.order is not None:
        raise ImportSent(number=sent.order.number)
    batch.state, batch.trouble, batch.by_id = _S.UNDOING, "", by
    batch.save(update_fields=["state", "trouble", "by"])
    return batch


def sent_of(batch: Import) -> bool:
    """Whether something of it is with us already."""
    return batch.rows.filter(state=_R.CREATED).exclude(order__state__in=[*_OPEN, Order.State.CANCELLED]).exists()


_OPEN = (Order.State.DRAFT, Order.State.RECEIVED, Order.State.READY)
