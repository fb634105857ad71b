"""What programs are given of orders. Amounts are EUR unless a currency stands beside."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from core.api.shapes import Amount, Moment, Shape
from core.errors import DomainError
from orders import problems, timeline
from orders.dispatch import plan
from orders.models import Order, OrderEvent, OrderLine, Problem
from orders.problem_kinds import CATALOGUE
from shipping.models import Shipment
from wallet.errors import InsufficientFunds


class RecipientShape(Shape):
    name = serializers.CharField()
    company = serializers.CharField()
    street = serializers.CharField(help_text="With the house number.")
    street2 = serializers.CharField()
    postcode = serializers.CharField()
    city = serializers.CharField()
    province = serializers.CharField()
    country = serializers.CharField(help_text="ISO 3166-1, two letters.")
    phone = serializers.CharField()
    email = serializers.CharField()


class LineShape(Shape):
    id = serializers.CharField(source="pk")
    sku = serializers.SerializerMethodField()
    name = serializers.CharField()
    quantity = serializers.IntegerField()
    variant_id = serializers.CharField(allow_null=True, help_text="null: not linked to an article of ours.")
    unit_net = Amount(allow_null=True, help_text="EUR, VAT excluded: as it was charged; null before.")
    sale_gross = Amount(allow_null=True)
    ignored = serializers.BooleanField(help_text="Not ours: somebody else ships it.")

    def get_sku(self, line: OrderLine) -> str:
        return line.variant.sku if line.variant else line.sku


class DoubtShape(Shape):
    """Why an order cannot be sent yet, or what somebody should look at."""

    code = serializers.CharField()
    blocking = serializers.BooleanField()
    title = serializers.SerializerMethodField()

    def get_title(self, problem: Problem) -> str:
        return problems.name(problem.code) if problem.code in CATALOGUE else problem.code


class WholeDoubtShape(DoubtShape):
    subject = serializers.CharField(help_text="The SKU, the field…")
    detail = serializers.SerializerMethodField()

    def get_detail(self, problem: Problem) -> str:
        return problems.sentence(problem) if problem.code in CATALOGUE else problem.code


class PriceShape(Shape):
    """What an order costs you."""

    goods_net = Amount()
    shipping_net = Amount()
    cod_fee_net = Amount()
    vat = Amount()
    gross = Amount(source="cost", help_text="All of it, VAT included.")
    collect = Amount(help_text="At the door; 0.00 for prepaid.")
    margin = Amount(allow_null=True, help_text="The sale less gross; null where the sale is not known in EUR.")
    guarantee = Amount(help_text="Held until a COD parcel is paid or back.")
    wallet_need = Amount(help_text="What leaves the wallet at once.")
    figures = serializers.CharField(help_text="Send it along with `send`: that you saw this price.")


class RefusalShape(Shape):
    code = serializers.CharField()
    detail = serializers.CharField()


class PlanShape(Shape):
    """`price` null: no price is known; `refusal` null: it would go."""

    price = PriceShape(allow_null=True)
    refusal = RefusalShape(allow_null=True)


class ParcelShape(Shape):
    id = serializers.CharField(source="pk")
    state = serializers.ChoiceField(choices=Shipment.State.choices)
    courier = serializers.CharField(source="method.courier.name")
    tracking = serializers.CharField()
    tracking_link = serializers.CharField()


class OrderShape(Shape):
    id = serializers.CharField(source="pk")
    number = serializers.CharField(help_text="As people know it: MCI-000012.")
    state = serializers.ChoiceField(choices=Order.State.choices)
    version = serializers.IntegerField(help_text="Rises with each edit.")
    source = serializers.CharField(help_text="manual, or the platform of its shop.")  # type: ignore[assignment]
    channel = serializers.CharField(source="source_label")
    reference = serializers.CharField(source="source_number", help_text="The channel's own number.")
    payment = serializers.ChoiceField(choices=Order.Payment.choices)
    currency = serializers.CharField(help_text="Of sale_total.")
    sale_total = Amount(allow_null=True, help_text="What the customer pays, VAT included.")
    to_collect = Amount(allow_null=True, help_text="EUR, at the door.")
    recipient = RecipientShape(source="*")
    lines = LineShape(source="lines.all", many=True)
    note = serializers.CharField()
    method_id = serializers.CharField(allow_null=True)
    problems = WholeDoubtShape(source="problems.all", many=True)
    charged_gross = Amount(source="cost", allow_null=True, help_text="EUR, VAT included; null before it is sent.")
    shipment = ParcelShape(allow_null=True)
    allowed_actions = serializers.SerializerMethodField()
    placed_at = Moment()
    updated_at = Moment()
    dispatched_at = Moment(allow_null=True)

    def get_allowed_actions(self, order: Order) -> list[str]:
        return allowed(order)


class ReceiptShape(Shape):
    """What a write answers: no name and no address, because answers are kept for who asks again."""

    id = serializers.CharField(source="order.pk")
    number = serializers.CharField(source="order.number")
    state = serializers.ChoiceField(choices=Order.State.choices, source="order.state")
    version = serializers.IntegerField(source="order.version")
    problems = DoubtShape(source="order.problems.all", many=True)
    price = PriceShape(allow_null=True)
    refusal = RefusalShape(allow_null=True, help_text="Why it would not go now; null: it would, or it is sent.")
    allowed_actions = serializers.SerializerMethodField()

    def get_allowed_actions(self, row: Any) -> list[str]:
        return allowed(row["order"])


class EventShape(Shape):
    id = serializers.CharField(source="pk")
    code = serializers.CharField()
    words = serializers.SerializerMethodField(help_text="In the reader's language.")
    at = Moment()

    def get_words(self, event: OrderEvent) -> str:
        return timeline.sentence(event)


class MethodShape(Shape):
    id = serializers.CharField(source="pk")
    name = serializers.CharField(source="__str__")
    days_min = serializers.IntegerField()
    days_max = serializers.IntegerField()
    cod_allowed = serializers.BooleanField()


def allowed(order: Order) -> list[str]:
    """What may be done with it now."""
    found = ["edit"] if order.is_open else []
    if order.state == Order.State.READY:
        found.append("send")
    if order.is_open or (order.shipment is not None and order.shipment.state == Shipment.State.TO_PICK):
        found.append("cancel")
    return found


def words_of(error: DomainError, *, sees_money: bool) -> str:
    """Its sentence; without the balance for a key that may not read the wallet."""
    hidden = isinstance(error, InsufficientFunds) and not sees_money
    return _("The balance is not enough for it.") if hidden else str(error)


def refusal_of(error: DomainError | None, *, sees_money: bool = False) -> dict[str, str] | None:
    return None if error is None else {"code": error.code, "detail": words_of(error, sees_money=sees_money)}


def planned(order: Order, *, sees_money: bool) -> dict[str, Any]:
    """Price and refusal of an order, by the plan of the page; one that is sent has none. `sees_money`: the key reads
    the wallet, so it hears what is missing in it."""
    rows = plan.plan([order.pk], dropshipper_id=order.dropshipper_id, alone=True).rows if order.is_open else ()
    row = rows[0] if rows else None
    return {
        "price": row.price if row else None,
        "refusal": refusal_of(row.refusal if row else None, sees_money=sees_money),
    }


def receipt(order: Order, *, sees_money: bool) -> dict[str, Any]:
    """As JSON. 4 queries for one that is open."""
    order = Order.objects.select_related("shipment").prefetch_related("problems").get(pk=order.pk)
    return dict(ReceiptShape({"order": order, **planned(order, sees_money=sees_money)}).data)
