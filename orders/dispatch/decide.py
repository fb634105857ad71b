"""The transaction of Sincronizza over a batch of orders of one dropshipper, in raw set-based SQL.

Every decision is taken under the locks and before the first write, so that an order that is refused leaves nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal

from django.db import connection, transaction
from django.utils import timezone

from catalog import stock
from core.errors import DomainError
from core.money import ZERO
from orders.dispatch import figures, plan, write
from orders.dispatch.price import Goods, lacking, weight, withdrawn
from orders.dispatch.price import price as price_of
from orders.dispatch.write import Candidate
from orders.models import DispatchItem, DispatchRun, Order
from shipping.tariffs.quotes import Tariff
from wallet import moves
from wallet.errors import InsufficientFunds

_RESULT = DispatchItem.Result

_LOCK_ORDERS = """
SELECT o.id, o.state, o.payment, o.currency, o.sale_total, o.to_collect, o.method_id, o.name, o.company,
       o.street, o.street2, o.postcode, o.city, o.province, o.country, o.phone, o.email, o.note,
       EXISTS (SELECT 1 FROM orders_problem p WHERE p.order_id = o.id AND p.blocking),
       (SELECT d.status = 'active' FROM accounts_dropshipper d WHERE d.id = o.dropshipper_id)
  FROM orders_order o
 WHERE o.id = ANY(%s) AND o.dropshipper_id = %s
 ORDER BY o.id FOR NO KEY UPDATE OF o
"""
_COLUMNS = (
    *("id", "state", "payment", "currency", "sale_total", "to_collect", "method_id", "name", "company"),
    *("street", "street2", "postcode", "city", "province", "country", "phone", "email", "note"),
)
_LINES = """
SELECT l.order_id, l.id, l.variant_id, v.sku, l.quantity, v.net_price, v.vat_rate, v.weight_g,
       v.active AND p.active
  FROM orders_orderline l JOIN catalog_variant v ON v.id = l.variant_id JOIN catalog_product p ON p.id = v.product_id
 WHERE l.order_id = ANY(%s) AND NOT l.ignored ORDER BY l.order_id, l.id
"""
_RESULTS = """
UPDATE orders_dispatchitem i SET result = x.result, code = x.code, params = x.params::jsonb, done_at = %s
  FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS x(id, result, code, params)
 WHERE i.id = x.id AND i.result = 'waiting'
"""


def one_starter(dropshipper_id: int) -> None:
    """Serialises the starts of one dropshipper until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('dispatch.start'), %s)", [dropshipper_id % 2**31])


def dispatch(run: DispatchRun, items: Sequence[DispatchItem], tariff: Tariff) -> None:
    """One transaction over waiting items that stand in the database; their results are written with it."""
    with transaction.atomic():
        decide_and_write(run, items, tariff)
        now = timezone.now()
        with connection.cursor() as cursor:
            cursor.execute(
                _RESULTS,
                [
                    now,
                    [item.pk for item in items],
                    [item.result for item in items],
                    [item.code for item in items],
                    [json.dumps(item.params) for item in items],
                ],
            )


def decide_and_write(run: DispatchRun, items: Sequence[DispatchItem], tariff: Tariff) -> int:
    """Locks, decides and writes; sets each item's result in memory. Returns how many of the orders were found. Items in
    the order of their orders' ids, as a run has them."""
    candidates = _lock_and_read(run, items)
    for item in items:
        _judge(run, item, candidates.get(item.order_id), tariff)
    waiting = [item for item in items if item.result == _RESULT.WAITING]
    if waiting:
        pairs = [(item, candidates[item.order_id]) for item in waiting]
        chosen = _allocate(run, pairs)
        if chosen:
            write.write([candidate for _item, candidate in chosen], by=run.by_id)
            for item, _candidate in chosen:
                item.result, item.code, item.params = _RESULT.DISPATCHED, "", {}
    now = timezone.now()
    for item in items:
        item.done_at = now
    return len(candidates)


def _lock_and_read(run: DispatchRun, items: Sequence[DispatchItem]) -> dict[int, Candidate]:
    ids = [item.order_id for item in items]
    candidates: dict[int, Candidate] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ORDERS, [ids, run.dropshipper_id])
        for row in cursor.fetchall():
            order = Order(dropshipper_id=run.dropshipper_id, **dict(zip(_COLUMNS, row, strict=False)))
            candidate = Candidate(order)
            candidate.order.is_blocked, candidate.order.tenant_active = row[-2], row[-1]  # type: ignore[attr-defined]
            candidates[order.pk] = candidate
        cursor.execute(_LINES, [list(candidates)])
        for order_id, line_id, *article in cursor.fetchall():
            candidates[order_id].lines.append((line_id, Goods(*article)))
    return candidates


def _judge(run: DispatchRun, item: DispatchItem, candidate: Candidate | None, tariff: Tariff) -> None:
    """Everything but stock and money: leaves the item waiting with its price, or gives it its result."""
    if candidate is None:
        item.result, item.code = _RESULT.REFUSED, "order_gone"
        return
    order = candidate.order
    if order.state in (Order.State.DISPATCHED, Order.State.COMPLETED):
        item.result = _RESULT.ALREADY
        return
    method_id = item.method_id or run.method_id or order.method_id
    refusal = plan.refusal_of(
        order,
        order.is_blocked,  # type: ignore[attr-defined]
        active=order.tenant_active,  # type: ignore[attr-defined]
        has_method=method_id is not None,
    )
    if refusal is None and method_id is not None:
        collect = plan.collect_of(order)
        quote = tariff.quote(
            method_id,
            country=order.country,
            province=order.province,
            postcode=order.postcode,
            weight_g=weight(candidate.goods),
            collect=collect,
        )
        refusal = quote.refusal or withdrawn(candidate.goods)
        if refusal is None:
            candidate.method_id = method_id
            candidate.price = price_of(
                candidate.goods, quote, collect=collect, sale_total=order.sale_total, currency=order.currency
            )
            refusal = figures.changed(item.seen, candidate.price.figures)
    if refusal is not None:
        _refuse(item, refusal)


def _allocate(
    run: DispatchRun, pairs: Sequence[tuple[DispatchItem, Candidate]]
) -> list[tuple[DispatchItem, Candidate]]:
    """Takes stock rows, then the wallet, and gives both out in the order of the order ids: what one cannot pay takes no
    piece from those after it."""
    available = stock.lock(sorted({goods.variant_id for _item, candidate in pairs for goods in candidate.goods}))
    spendable: Decimal | None = None
    goes = []
    for item, candidate in pairs:
        assert candidate.price is not None
        short = lacking(candidate.goods, available)
        if short is not None:
            _refuse(item, short)
            continue
        if spendable is None:  # the row that everybody wants is taken last, and only for somebody who can be served
            spendable = moves.lock_spendable([run.dropshipper_id]).get(run.dropshipper_id, ZERO)
        need = candidate.price.wallet_need
        if need > spendable:
            _refuse(
                item,
                InsufficientFunds(missing=str(need - spendable), needed=str(need), available=str(spendable)),
            )
            continue
        spendable -= need
        for goods in candidate.goods:
            available[goods.variant_id] -= goods.quantity
        goes.append((item, candidate))
    return goes


def _refuse(item: DispatchItem, error: DomainError) -> None:
    item.result, item.code, item.params = _RESULT.REFUSED, error.code, error.stored_params()
