"""The body of an order as the form of the page reads it: what the page refuses, a program is refused too, by the same
rules and words."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from core.api.problems import FieldError, Problem
from core.api.shapes import Amount, Body, Choice, Flag, Many, Text, Whole
from orders.entry import typed
from orders.entry.forms import MAX_LINES, OrderForm
from orders.intake import creation
from orders.models import MOST_PIECES, Order

RECIPIENT = ("name", "company", "street", "street2", "postcode", "city", "province", "country", "phone", "email")
# Field of the form → where it stands in the body.
_POINTERS = {name: f"/recipient/{name}" for name in RECIPIENT} | {"marketplace": "/channel", "method": "/method_id"}


class RecipientBody(Body):
    name = Text(required=False, max_length=120)
    company = Text(required=False, max_length=120)
    street = Text(required=False, max_length=200, help_text="With the house number.")
    street2 = Text(required=False, max_length=200)
    postcode = Text(required=False, max_length=12)
    city = Text(required=False, max_length=80)
    province = Text(required=False, max_length=40)
    country = Text(required=False, max_length=2, help_text="ISO 3166-1; IT without it.")
    phone = Text(required=False, max_length=60)
    email = Text(required=False, max_length=254)


class LineBody(Body):
    sku = Text(max_length=100, allow_blank=False, help_text="SKU or EAN.")
    quantity = Whole(required=False, min_value=1, max_value=MOST_PIECES)


class OrderBody(Body):
    channel = Text(required=False, max_length=60, help_text="Where it was sold: eBay, Amazon…")
    reference = Text(required=False, max_length=60, help_text="The channel's own number: here once.")
    recipient = RecipientBody()
    lines = Many(child=LineBody(), min_length=1, max_length=MAX_LINES)
    payment = Choice(["prepaid", "cod"], required=False)
    sale_total = Amount(required=False, allow_null=True, help_text="EUR, what the customer pays, VAT included.")
    to_collect = Amount(required=False, allow_null=True, help_text="EUR at the door; all of sale_total without it.")
    note = Text(required=False, max_length=200)
    method_id = Text(required=False, max_length=10, allow_null=True)
    draft = Flag(required=False, help_text="A draft may lack anything.")


class EditBody(OrderBody):
    """Members that are left out stay as they are; `lines` replaces all of them."""

    version = Whole(min_value=1, max_value=2**31 - 1, help_text="Of the order that the edit was made from.")
    recipient = RecipientBody(required=False)
    lines = Many(child=LineBody(), min_length=1, max_length=MAX_LINES, required=False)


@dataclass(frozen=True, slots=True)
class Read:
    data: creation.OrderData
    method_id: int | None
    draft: bool


def checked(kind: type[Body], data: Any) -> dict[str, Any]:
    """Raises ValidationError."""
    body = kind(data=data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def read(said: dict[str, Any], order: Order | None = None) -> Read:
    """As the form would save it. Raises Problem `invalid` with what the form finds, at its place in the body."""
    post, rows = _as_form(said, order)
    if said.get("to_collect") and post.get("payment") != Order.Payment.COD:
        words = _("An order that is not cash on delivery has nothing to collect: is “payment” right?")
        raise Problem(422, "invalid", errors=[FieldError("/to_collect", "not_cod", words)])
    is_draft = order is None or order.state == Order.State.DRAFT  # what is an order falls back to none
    draft = is_draft and bool(said.get("draft", order is not None))
    form, lines = OrderForm(post, order=order, strict=not draft), typed.formset(rows, post)
    valid = form.is_valid() & lines.is_valid()
    if valid and not draft:
        valid = typed.articles_are_known(form, lines, order)
    if not valid:
        raise Problem(422, "invalid", errors=_errors(form, lines))
    return Read(typed.order_data(form, lines, order), form.cleaned_data.get("method"), draft)


def _as_form(said: dict[str, Any], order: Order | None) -> tuple[QueryDict, list[dict[str, Any]]]:
    post = QueryDict(mutable=True)
    fields: dict[str, Any] = {"key": str(uuid.uuid4())}
    rows: list[dict[str, Any]] = []
    if order is not None:
        fields |= {name: getattr(order, name) for name in RECIPIENT}
        collect = order.to_collect if order.to_collect != order.sale_total else None
        fields |= {"note": order.note, "sale_total": order.sale_total, "to_collect": collect}
        fields |= {"payment": order.payment, "method": order.method_id}
        fields |= {"marketplace": order.source_label, "reference": order.source_number}
        rows = [{"row": line.pk, "sku": typed.shown_sku(line), "quantity": line.quantity} for line in typed.own(order)]
    fields |= said.get("recipient", {})
    for name, field in (("channel", "marketplace"), ("method_id", "method")):
        if name in said:
            fields[field] = said[name]
    fields |= {
        name: said[name] for name in ("reference", "payment", "sale_total", "to_collect", "note") if name in said
    }
    if "lines" in said:
        rows = [{"sku": line["sku"], "quantity": line.get("quantity", 1)} for line in said["lines"]]
    for name, value in fields.items():
        post[name] = "" if value is None else str(value)
    return post, rows


def _errors(form: OrderForm, lines: typed.Lines) -> list[FieldError]:
    found = []
    for name, errors in form.errors.as_data().items():
        pointer = "" if name == "__all__" else _POINTERS.get(name, f"/{name}")
        found += [FieldError(pointer, one.code or "invalid", " ".join(one.messages)) for one in errors]
    for number, line in enumerate(lines):
        for name, errors in line.errors.as_data().items():
            place = f"/lines/{number}" + ("" if name == "__all__" else f"/{name}")
            found += [FieldError(place, one.code or "unknown_sku", " ".join(one.messages)) for one in errors]
    found += [FieldError("/lines", "invalid", str(text)) for text in lines.non_form_errors()]
    return found
