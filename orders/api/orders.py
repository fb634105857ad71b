"""Orders by a program: the acts of the pages, behind an Idempotency-Key."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.described import FIELDS, PAGED, REPEAT_KEY, listing, problems_of
from accounts.api.view import ApiView
from accounts.keys.once import Answer, act_key
from core.api.problems import FieldError, Problem, of_refusal
from core.api.shapes import Amount, Body, Choice, Flag, Many, Shape, Text
from core.errors import DomainError
from orders import queries
from orders.api.body import EditBody, LineBody, OrderBody, RecipientBody, checked, read
from orders.api.reads import FILTERS, ReadOrder, ReadOrders
from orders.api.shapes import OrderShape, PriceShape, ReceiptShape, RefusalShape, receipt, refusal_of, words_of
from orders.dispatch import figures, plan, runs
from orders.entry import one_number, typed
from orders.fulfilment import cancel as cancelling
from orders.intake import creation, editing
from orders.intake.idempotency import create_once
from orders.models import DispatchItem, Order
from shipping.errors import MethodGone


def chosen_method(pk: int | None) -> int | None:
    """Raises Problem for a method that is not on offer."""
    if pk is None:
        return None
    found = queries.method_on_offer(pk)
    if found is None:
        raise Problem(422, "invalid", errors=[FieldError("/method_id", MethodGone.code, str(MethodGone()))])
    return found


class Orders(ReadOrders):
    needs = {"get": "orders:read", "post": "orders:write"}

    @extend_schema(
        operation_id="orders", parameters=[*PAGED, *FILTERS], responses={200: listing(OrderShape), **problems_of()}
    )
    def get(self, request: Request) -> Response:
        """Orders, newest first."""
        return super().get(request)

    @extend_schema(
        operation_id="order_create",
        parameters=[REPEAT_KEY],
        request=OrderBody,
        responses={201: ReceiptShape, **problems_of(409, 413, 415, 422)},
    )
    def post(self, request: Request) -> Response:
        """A new order. Nothing is charged before `send`. A reference of a channel that is here already: 409
        order_exists, with the id of the order that has it."""
        said = checked(OrderBody, request.data)
        wanted = read(said)
        method_id = chosen_method(wanted.method_id)

        def make(key: str) -> Answer:
            data, tenant = wanted.data, self.dropshipper.pk
            one_number.claim(tenant, marketplace=data.source_label, reference=data.source_number)
            order = create_once(
                data,
                key=act_key(tenant, key, "create"),
                dropshipper_id=tenant,
                by=self.key.made_by_id,
                draft=wanted.draft,
                method_id=method_id,
            )
            return Answer(201, receipt(order, sees_money=self.sees_money), location=f"/api/v1/orders/{order.pk}")

        return self.once(request, make)


class OneOrder(ReadOrder):
    needs = {"get": "orders:read", "patch": "orders:write"}

    @extend_schema(operation_id="order", parameters=[FIELDS], responses={200: OrderShape, **problems_of(404)})
    def get(self, request: Request, pk: int) -> Response:
        """One order."""
        return super().get(request, pk)

    @extend_schema(
        operation_id="order_edit",
        parameters=[REPEAT_KEY],
        request=EditBody,
        responses={200: ReceiptShape, **problems_of(404, 409, 413, 415, 422)},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Changes an open order. `draft: false` makes a draft an order."""
        order = queries.for_detail(queries.access_order(self.dropshipper, pk))
        said = checked(EditBody, request.data)
        wanted = read(said, order)
        method_id = wanted.method_id if "method_id" not in said else chosen_method(wanted.method_id)

        def change(_key: str) -> Answer:
            changed = editing.edit(
                order.pk,
                wanted.data,
                version=said["version"],
                by=self.key.made_by_id,
                method_id=method_id,
                draft=wanted.draft and order.state == Order.State.DRAFT,
            )
            return Answer(200, receipt(changed, sees_money=self.sees_money))

        return self.once(request, change)


class Validate(ApiView):
    needs = {"post": "orders:write"}
    keeps_nothing = True

    @extend_schema(
        operation_id="order_validate",
        request=OrderBody,
        responses={200: ReceiptShape, **problems_of(409, 413, 415, 422)},
    )
    def post(self, request: Request) -> Response:
        """What creating it would answer; nothing is kept."""
        wanted = read(checked(OrderBody, request.data))
        method_id = chosen_method(wanted.method_id)
        data, tenant = wanted.data, self.dropshipper.pk
        with transaction.atomic():
            one_number.claim(tenant, marketplace=data.source_label, reference=data.source_number)
            order = creation.create(
                data, dropshipper_id=tenant, by=self.key.made_by_id, draft=wanted.draft, method_id=method_id
            )
            found = receipt(order, sees_money=self.sees_money)
            transaction.set_rollback(True)
        return Response(found | {"id": "", "number": ""})


class SendBody(Body):
    figures = Text(max_length=50, allow_blank=False, help_text="Of the price that you saw: another one is not charged.")


class SentShape(ReceiptShape):
    already = serializers.BooleanField(help_text="It was sent before: nothing was charged now.")


class Send(ApiView):
    needs = {"post": "orders:send"}
    pace = "send"

    @extend_schema(
        operation_id="order_send",
        parameters=[REPEAT_KEY],
        request=SendBody,
        responses={200: SentShape, **problems_of(404, 409, 413, 415, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Sincronizza: prices the shipping, reserves the stock, charges the wallet or books the COD, makes the parcel.
        All of it or nothing."""
        order = queries.access_order(self.dropshipper, pk)
        seen = checked(SendBody, request.data)["figures"]
        if figures.brought(seen) != seen:
            raise Problem(422, "invalid", errors=[FieldError("/figures", "bad_figures", "12.30/0.00/0.00")])

        def send(key: str) -> Answer:
            tenant = self.dropshipper.pk
            item = runs.dispatch_now(
                order.pk,
                dropshipper_id=tenant,
                key=act_key(tenant, key, f"send {order.pk}"),
                by=self.key.made_by_id,
                seen=seen,
            )
            if item.result == DispatchItem.Result.REFUSED:  # its row stays: a refused click stays refused
                return _refused(DomainError.stored(item.code, item.params), sees_money=self.sees_money)
            return Answer(
                200,
                receipt(order, sees_money=self.sees_money) | {"already": item.result == DispatchItem.Result.ALREADY},
            )

        return self.once(request, send)


def _refused(error: DomainError, *, sees_money: bool) -> Answer:
    problem = of_refusal(error)
    body, words = problem.body(), words_of(error, sees_money=sees_money)
    if words != body["detail"]:
        body = {name: value for name, value in body.items() if name not in ("needed", "missing")}
        body |= {"title": words, "detail": words}
    return Answer(problem.status, body)


class CancelBody(Body):
    only_if_open = Flag(required=False, help_text="Refuse it where it was sent meanwhile.")


class CancelledShape(ReceiptShape):
    done = serializers.BooleanField(help_text="false: it was cancelled before.")
    given_back = Amount(help_text="EUR, VAT included, into the wallet.")


class Cancel(ApiView):
    needs = {"post": "orders:write"}

    @extend_schema(
        operation_id="order_cancel",
        parameters=[REPEAT_KEY],
        request=CancelBody,
        responses={200: CancelledShape, **problems_of(404, 409, 413, 415, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Cancels an order; one that was sent only until it is picked: then all is reversed."""
        order = queries.access_order(self.dropshipper, pk)
        said = checked(CancelBody, request.data)

        def cancel(_key: str) -> Answer:
            done = cancelling.cancel(order.pk, by=self.key.made_by_id, shown_open=said.get("only_if_open", False))
            more = {"done": done.done, "given_back": f"{done.given_back:.2f}"}
            return Answer(200, receipt(order, sees_money=self.sees_money) | more)

        return self.once(request, cancel)


class QuoteBody(Body):
    lines = Many(child=LineBody(), min_length=1, max_length=200)
    destination = RecipientBody(help_text="country, province, postcode and city are enough.")
    payment = Choice(["prepaid", "cod"], required=False)
    to_collect = Amount(required=False, help_text="EUR, at the door.")


class OfferShape(Shape):
    method_id = serializers.CharField()
    name = serializers.CharField()
    price = PriceShape(allow_null=True)
    refusal = RefusalShape(allow_null=True)


class QuoteShape(Shape):
    offers = OfferShape(many=True)
    unknown = serializers.ListField(child=serializers.CharField(), help_text="Codes that are not in the catalogue.")


class Quote(ApiView):
    needs = {"post": "catalogue:read"}
    keeps_nothing = True
    pace = "read"

    @extend_schema(operation_id="quote", request=QuoteBody, responses={200: QuoteShape, **problems_of(413, 415, 422)})
    def post(self, request: Request) -> Response:
        """What it would cost to send these articles there, by each way of shipping; nothing is kept."""
        said = checked(QuoteBody, request.data)
        data = creation.OrderData(
            typed.address_of(said["destination"]),
            [creation.LineData(line["sku"], "", line.get("quantity", 1)) for line in said["lines"]],
            said.get("payment", Order.Payment.PREPAID),
            to_collect=said.get("to_collect"),
        )
        found = plan.preview(data, method_id=None, dropshipper_id=self.dropshipper.pk)
        offers: list[dict[str, Any]] = [
            {
                "method_id": str(quote.method_id),
                "name": quote.label,
                "price": found.prices.get(quote.method_id),
                "refusal": refusal_of(quote.refusal),
            }
            for quote in found.quotes
        ]
        return Response(QuoteShape({"offers": offers, "unknown": list(found.unknown)}).data)
