"""Orders and results as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core.pagination import walk
from core.sheet import For, dialled, sheet
from orders import queries, sources
from orders.dispatch import progress, runs
from orders.fulfilment import standing
from orders.models import DispatchRun, Order
from orders.veil import veil_order


def orders(found: QuerySet[Order], *, veiled: bool = False) -> Iterator[str]:
    """The orders of a list, all of them, newest first. Amounts in EUR; frozen ones only for orders sent to MCI: a
    cancelled one has cost and earned nothing. `veiled`: without streets and phones (orders/veil.py)."""
    head = [
        _("Number"), _("Shop's number"), _("Source"), _("Date"), _("State"), _("Parcel"), _("Tracking number"),
        _("Name"), _("Address"), _("Postcode"), _("City"), _("Province"), _("Country"), _("Phone"), _("Articles"),
        _("Payment"), _("Customer pays, VAT included"), _("Currency"), _("To collect, VAT included"), _("Shipping"),
        _("Goods, net"), _("Shipping, net"), _("COD fee, net"), _("VAT"), _("Total cost, VAT included"),
        _("Margin, VAT included"), _("Guarantee, VAT included"),
    ]  # fmt: skip
    read = walk(queries.for_rows(found))
    return sheet(head, (_order_row(veil_order(order) if veiled else order) for order in read), to=For.PEOPLE)


def _order_row(order: Order) -> list[Any]:
    shipment, money = order.shipment, standing.of(order)
    articles = ", ".join(f"{line.sku or line.name} × {line.quantity}" for line in order.lines.all())
    return [
        order.number, order.source_number, order.source_label or sources.name(order.source), _when(order.placed_at),
        order.get_state_display(), shipment.get_state_display() if shipment else "",
        shipment.tracking if shipment else "",
        order.name, " ".join(filter(None, [order.street, order.street2])), order.postcode, order.city, order.province,
        order.country, dialled(order.phone), articles, order.get_payment_display(), order.sale_total, order.currency,
        money.to_collect, order.method or "", money.goods_net, money.shipping_net, money.cod_fee_net, money.vat,
        money.cost, money.margin, money.guarantee,
    ]  # fmt: skip


def results(run: DispatchRun) -> Iterator[str]:
    """What became of each order of a run, in its order. `Taken` is what left the wallet (EUR)."""
    head = [_("Number"), _("Shop's number"), _("Name"), _("Result"), _("What happened"), _("Taken from the wallet")]
    rows = (
        [
            item.order.number,
            item.order.source_number,
            item.order.name,
            item.get_result_display(),
            runs.outcome_sentence(item),
            item.taken if item.result == "dispatched" else None,  # type: ignore[attr-defined]
        ]
        for item in walk(progress.items(run), by=("position", "id"))
    )
    return sheet(head, rows, to=For.PEOPLE)


def _when(at: Any) -> str:
    return date_format(localtime(at), "SHORT_DATETIME_FORMAT")
