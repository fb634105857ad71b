"""An order with all that hangs on it, before and after an act: what changed, and that nothing else did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal as D
from typing import Any

from orders.intake import creation
from orders.models import Order, OrderLine
from tests import differing

LONG_AGO = dt.datetime(2026, 1, 5, 7, 9, tzinfo=dt.UTC)
LINE = ("sku", "name", "quantity", "variant", "external_id", "sale_gross", "ignored", "shop_line", "shop_quantity")
_TOLD = {field.name for field in OrderLine._meta.fields} - {*LINE, "id", "order", "position"}


def line(**fields: Any) -> dict[str, Any]:
    """A line as `read` gives it; what is not said is empty."""
    empty: dict[str, Any] = {"variant": None, "sale_gross": None, "ignored": False, "shop_quantity": None}
    empty |= {"attributes": [], "unit_net": None, "vat_rate": None}
    return {**dict.fromkeys((*LINE, *_TOLD), ""), **empty, **fields}


def read(pk: int) -> dict[str, Any]:
    """All columns of an order; its lines, problems and events."""
    found: dict[str, Any] = Order.objects.filter(pk=pk).values().get()
    lines = OrderLine.objects.filter(order=pk).order_by("position", "pk")
    assert [one.position for one in lines] == list(range(len(lines)))
    found["lines"] = list(lines.values(*LINE, *_TOLD))
    order = Order.objects.get(pk=pk)
    found["problems"] = sorted(order.problems.values_list("code", "subject", "params", "blocking"), key=str)
    found["events"] = list(order.events.order_by("id").values_list("code", "params", "by"))
    return found


def changed(order: Order, act: Callable[[], Any]) -> tuple[Any, dict[str, Any]]:
    """What `act` gave, and what it changed; of the events the new ones. `updated_at`: whether it was dated anew."""
    Order.objects.filter(pk=order.pk).update(updated_at=LONG_AGO)
    before = read(order.pk)
    given = act()
    after = read(order.pk)
    old = before.pop("events")
    assert after["events"][: len(old)] == old
    new = after.pop("events")[len(old) :]
    found = {name: value for name, value in after.items() if value != before[name]}
    if "updated_at" in found:
        found["updated_at"] = True
    return given, {**found, **({"events": new} if new else {})}


def told(world: differing.World, **fields: Any) -> creation.OrderData:
    """A shop's order in which every field says something, COD: an article of ours with an engraving, one that nobody
    knows, one without a code, one that somebody else ships."""
    lines = [
        creation.LineData(
            *("DIV-A", "Targa", 2, None, "p/1", D("24.18")),
            shop_line="l1",
            attributes=[("Incisione", "Ada")],
            bundle="Cesto",
        ),
        creation.LineData("NON-C-E", "Vaso", 3, None, "p/2", D("7.35"), shop_line="l2"),
        creation.LineData("", "Senza codice", 5, None, "p/3", D("11.02"), shop_line="l3"),
        creation.LineData("X-9", "D’altri", 4, None, "p/4", D("40.16"), ignored=True, shop_line="l4"),
    ]
    said: dict[str, Any] = {
        "lines": lines,
        "payment": "cod",
        "payment_reason": "cod_gateway",
        "payment_detail": "Contrassegno",
        "sale_total": D("82.71"),
        "to_collect": D("81.53"),
        "source": "woocommerce",
        "source_label": "Casa Bella",
        "source_number": "1001",
        "fiscal": {"tax_code": "RSSGLI80A41L219X", "pec": "g@pec.it"},
        "details": [("Data", "12/4")],
        "note": "Citofono 7",
    }
    return replace(world.data(), **{**said, **fields})
