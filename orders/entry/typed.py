"""What the entry form says: its rows, what was pasted, and the OrderData that they make."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.forms import BaseFormSet
from django.http import QueryDict
from django.utils.translation import gettext as _

from catalog.models import Variant
from catalog.queries import code_key, find_skus
from core.address import Address, normal, with_aside
from core.requests import whole_number
from orders.entry.forms import MAX_LINES, LineForm, LineFormSet, OrderForm, read_pasted
from orders.intake import creation
from orders.intake import lines as order_lines
from orders.models import Order, OrderLine

ADDRESS = ("name", "street", "postcode", "city", "province", "country", "company", "street2", "phone", "email")
Lines: TypeAlias = "BaseFormSet[LineForm]"


def key_of(text: str) -> uuid.UUID:
    """The key of a click; a form without one (or with nonsense) is a click of its own."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.uuid4()


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the form with what the catalogue says of its SKU."""

    form: LineForm
    variant: Variant | None
    unknown: bool  # something is typed that the catalogue does not have
    wanted: int = 1  # pieces of this article in the whole form

    @property
    def is_short(self) -> bool:
        """Whether there are some, and fewer than are wanted."""
        return self.variant is not None and 0 < self.variant.available < self.wanted


def data_of(order: Order) -> creation.OrderData:
    """The order as its form would say it; the lines must be prefetched with their variants."""
    return creation.OrderData(
        address=order.address,
        lines=[
            creation.LineData(
                shown_sku(line),
                line.name,
                line.quantity,
                line.variant_id,
                line.external_id,
                line.sale_gross,
                line.ignored,
            )
            for line in order.lines.all()
        ],
        payment=order.payment,
        currency=order.currency,
        sale_total=order.sale_total,
        to_collect=order.to_collect,
        note=order.note,
        source=order.source,
        source_label=order.source_label,
        source_number=order.source_number,
    )


def shown_sku(line: OrderLine) -> str:
    """Our SKU where the line is tied to an article, else what the shop or the person wrote."""
    return line.variant.sku if line.variant else line.sku


def own(order: Order) -> list[OrderLine]:
    """The lines that a person may change: not those that someone else ships."""
    return [line for line in order.lines.all() if not line.ignored]


def read(posted: QueryDict) -> tuple[QueryDict, list[dict[str, Any]]]:
    """The form's fields, and its rows of articles with what was pasted added."""
    post = posted.copy()
    count = min(whole_number(post.get("lines-TOTAL_FORMS", "0"), 4) or 0, MAX_LINES * 2)
    rows: list[dict[str, Any]] = [
        {name: post.get(f"lines-{index}-{name}", "") for name in ("row", "sku", "quantity")} for index in range(count)
    ]
    pasted, said = read_pasted(post.get("pasted", "")), [row for row in rows if row["sku"].strip()]
    if pasted and len(said) + len(pasted) <= MAX_LINES:  # else it stays where it is: see OrderForm.clean_pasted
        rows = said
        rows += [{"sku": sku, "quantity": pieces} for sku, pieces in pasted]
        post["pasted"] = ""
    return post, rows


def formset(rows: list[dict[str, Any]], post: QueryDict | None = None) -> Lines:
    if post is None:
        return LineFormSet(initial=rows, prefix="lines")
    data = {"lines-TOTAL_FORMS": str(len(rows)), "lines-INITIAL_FORMS": "0"}
    data |= {
        f"lines-{index}-{name}": str(row.get(name, ""))
        for index, row in enumerate(rows)
        for name in ("row", "sku", "quantity")
    }
    return LineFormSet(data, prefix="lines")


def articles_are_known(form: OrderForm, lines: Lines, order: Order | None) -> bool:
    """Whether there is something to ship and each new SKU is ours; what a shop sent may stay unknown (it is a problem
    of the order, with its own way out)."""
    typed = [(line, line.cleaned_data) for line in lines if line.cleaned_data.get("sku")]
    if not typed and not (order and any(line.ignored for line in order.lines.all())):
        form.add_error(None, _("Add at least one article."))
        return False
    known = find_skus(data["sku"] for _line, data in typed)
    kept = {line.pk: shown_sku(line) for line in own(order)} if order and order.source != "manual" else {}
    fine = True
    for line, data in typed:
        if code_key(data["sku"]) not in known and kept.get(data.get("row") or 0) != data["sku"]:
            line.add_error("sku", _("%(sku)s is not in the catalogue.") % {"sku": data["sku"]})
            fine = False
    return fine


def address_of(data: dict[str, Any]) -> Address:
    """The address as far as it is typed; Italy when no country is chosen."""
    values = {name: data.get(name) or "" for name in ADDRESS}
    return Address(**(values | {"country": values["country"] or "IT"}))


def order_data(form: OrderForm, lines: Lines, order: Order | None) -> creation.OrderData:
    """What was typed, as far as it is valid. Untouched lines of a shop's order keep what the shop said of them."""
    data = form.cleaned_data
    before = {line.pk: line for line in own(order)} if order else {}
    chosen: list[creation.LineData] = []
    for line in lines:
        cleaned = getattr(line, "cleaned_data", {})
        sku, quantity = cleaned.get("sku", ""), cleaned.get("quantity") or 1
        old = before.get(cleaned.get("row") or 0)
        if old is not None and sku == shown_sku(old):
            chosen.append(order_lines.as_told(old, quantity))
        elif sku:
            chosen.append(creation.LineData(sku, "", quantity))
    if order:
        chosen += [order_lines.as_told(line, line.quantity) for line in order.lines.all() if line.ignored]
    given = address_of(data)
    if order is None or order.source == "manual":
        label, number = data.get("marketplace", ""), data.get("reference", "")
    else:
        label, number = order.source_label, order.source_number
    return creation.OrderData(
        address=normal(given),
        lines=chosen,
        payment=data.get("payment") or Order.Payment.PREPAID,
        payment_detail=order.payment_detail if order else "",
        currency=order.currency if order else "EUR",
        sale_total=data.get("sale_total"),
        to_collect=data.get("to_collect"),
        note=with_aside(data.get("note") or "", given),
        source=order.source if order else "manual",
        source_label=label,
        source_number=number,
    )


def typed(line: LineForm) -> tuple[str, int]:
    """SKU and pieces of a row, as far as they can be read."""
    values = line.cleaned_data if line.is_bound and hasattr(line, "cleaned_data") else line.initial
    return str(values.get("sku") or ""), values.get("quantity") or 1
