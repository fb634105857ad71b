"""What the entry form shows beside what is typed: figures, articles, doubts about the place, what was there before."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import prefetch_related_objects

from accounts.access import PortalRequest
from catalog.queries import code_key, find_skus
from core.address import check_place, is_known, places_for_postcode, unsure
from orders.dispatch import plan
from orders.entry import marketplaces, recipients, typed
from orders.entry.forms import OrderForm
from orders.intake import creation
from orders.models import Order


def usual_method(dropshipper_id: int) -> int | None:
    """The shipping of this company's newest order, where it is still on offer."""
    last = Order.objects.filter(dropshipper_id=dropshipper_id, method__active=True).order_by("-pk")
    return last.values_list("method_id", flat=True).first()


def live(request: PortalRequest, form: OrderForm, lines: typed.Lines, order: Order | None) -> dict[str, Any]:
    """The context of orders/_live.html, from what is typed so far."""
    tenant = request.dropshipper.pk
    if form.is_bound:
        form.is_valid()
        lines.is_valid()
        data = typed.order_data(form, lines, order)
        chosen, marked = form.cleaned_data.get("method"), form.data.get("preselected", "")
    else:
        data = typed.data_of(order) if order else creation.OrderData(typed.address_of({}), [], Order.Payment.PREPAID)
        chosen, marked = form.initial.get("method"), ""
    # Who has not touched the shipping gets what reaches the address; what he chose stays, whatever becomes of it.
    preselect = (order is None or order.source == "manual") and (not chosen or str(chosen) == marked)
    # The preview looks articles up by our SKU: a line that was tied by hand carries the shop's own.
    read = [typed.typed(line) for line in lines]
    shown = [creation.LineData(sku, "", quantity) for sku, quantity in read if sku]
    figures = plan.preview(
        creation.OrderData(
            data.address,
            shown,
            data.payment,
            currency=data.currency,
            sale_total=data.sale_total,
            to_collect=data.to_collect,
        ),
        method_id=chosen,
        dropshipper_id=tenant,
        preselect=preselect,
        usual=usual_method(tenant) if preselect else None,
    )
    method_id = figures.quote.method_id if figures.quote else None if preselect else chosen
    variants = find_skus(sku for sku, _quantity in read)
    prefetch_related_objects(list(variants.values()), "product__images")
    return {
        "form": form,
        "lines": lines,
        "articles": _articles(lines, read, variants),
        "preview": figures,
        "figures": figures.price,
        "missing": len(figures.unknown),
        "quotes": [(quote, figures.prices.get(quote.method_id)) for quote in figures.quotes],
        "method_id": method_id,
        "preselected": method_id if preselect else None,
        "is_cod": data.payment == Order.Payment.COD,
        "order": order,
        **_place(data, order, tenant),
    }


def _articles(lines: typed.Lines, read: list[tuple[str, int]], variants: dict[str, Any]) -> list[typed.Line]:
    wanted: Counter[int] = Counter()
    for sku, quantity in read:
        if variant := variants.get(code_key(sku)):
            wanted[variant.pk] += quantity
    found = []
    for line, (sku, _quantity) in zip(lines, read, strict=True):
        variant = variants.get(code_key(sku))
        pieces = wanted[variant.pk] if variant else 1
        found.append(typed.Line(line, variant, bool(sku) and variant is None, pieces))
    return found


def _place(data: creation.OrderData, order: Order | None, tenant: int) -> dict[str, Any]:
    address, but = data.address, order.pk if order else None
    doubts = check_place(address) if address.postcode or address.city else []
    doubted = any(doubt.field_name != "street" for doubt in doubts)
    by_hand = order is None or order.source == "manual"
    reference = data.source_number if by_hand else ""
    return {
        "doubts": doubts,
        "unsure": None if doubted else unsure(address),
        "agrees": not doubted and is_known(address),
        "places": places_for_postcode(address.postcode if address.country == "IT" else ""),
        "sent_before": recipients.sent_before(tenant, address, but=but),
        "typed_before": marketplaces.typed_before(tenant, marketplace=data.source_label, reference=reference, but=but),
    }
