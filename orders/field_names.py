"""What the administration calls the fields of orders (core/administration/field_names.py)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.administration.field_names import give
from orders.models import DispatchItem, DispatchRun, Order, OrderEvent, OrderLine, Problem


def say() -> None:
    give(
        Order,
        {
            "dropshipper": _("dropshipper"),
            "payment_reason": _("why this payment"),
            "payment_detail": _("payment method in the shop"),
            "goods_net": _("goods (EUR, without VAT)"),
            "shipping_net": _("shipping (EUR, without VAT)"),
            "cod_fee_net": _("COD fee (EUR, without VAT)"),
            "vat": _("VAT (EUR)"),
            "cost": _("total cost (EUR)"),
            "margin": _("margin (EUR)"),
            "guarantee": _("guarantee held (EUR)"),
            "shipment": _("shipment"),
            "dispatched_at": _("sent to MCI on"),
            "created_at": _("created on"),
            "updated_at": _("changed on"),
            "fiscal": _("fiscal data of the customer"),
            "details": _("other details of the order"),
            "answered": _("questions answered"),
            "version": _("version"),
            "forget_asked_at": _("to be forgotten since"),
            "forgotten_at": _("forgotten on"),
        },
    )
    give(
        OrderLine,
        {
            "order": _("the order"),
            "sku": _("SKU"),
            "name": _("article"),
            "variant": _("variant"),
            "quantity": _("pieces"),
            "sale_gross": _("paid by the customer, VAT included"),
            "unit_net": _("price per piece (EUR, without VAT)"),
            "vat_rate": _("VAT rate (%)"),
            "ignored": _("sent by others"),
        },
        one=_("line of an order"),
        many=_("lines of orders"),
    )
    give(
        Problem,
        {
            "order": _("the order"),
            "code": _("what"),
            "blocking": _("stops the order"),
            "created_at": _("since"),
        },
        one=_("problem of an order"),
        many=_("problems of orders"),
    )
    give(
        OrderEvent,
        {"order": _("the order"), "code": _("what"), "by": _("who"), "at": _("at")},
        one=_("event of an order"),
        many=_("events of orders"),
    )
    give(
        DispatchRun,
        {
            "key": _("key of the click"),
            "by": _("who"),
            "state": _("state"),
            "stop_asked": _("stop asked"),
            "total": _("orders in it"),
            "created_at": _("created on"),
            "finished_at": _("finished on"),
            "dropshipper": _("dropshipper"),
            "source": _("from the inbox"),
            "method": _("shipping"),
            "started_at": _("started on"),
        },
    )
    give(
        DispatchItem,
        {
            "order": _("the order"),
            "result": _("result"),
            "code": _("why"),
            "method": _("shipping"),
            "done_at": _("done on"),
        },
        one=_("order of a run"),
        many=_("orders of runs"),
    )
