"""Returns and claims by a program: what came back, was lost or is asked about, and the case that a reseller opens. The
acts and lists of the pages."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.described import FIELDS, PAGED, REPEAT_KEY, listing, problems_of, text
from accounts.api.view import ApiView
from accounts.keys.once import Answer, act_key
from core.api import pages
from core.api.problems import FieldError, Problem
from core.api.shapes import Amount, Body, Choice, Many, Moment, Shape, Text, Whole
from core.requests import whole_number
from orders import queries
from orders.api.body import checked
from orders.failed import cases as acts
from orders.failed import lists
from orders.models import MOST_PIECES, Case, Reason

MOST_LINES = 200


class CaseLineBody(Body):
    line_id = Text(max_length=20, allow_blank=False, help_text="Of the order.")
    pieces = Whole(min_value=1, max_value=MOST_PIECES)


class CaseBody(Body):
    reason = Choice(Reason.choices, help_text="Which ones may be asked for, and for how long: the terms in the portal.")
    note = Text(max_length=500, required=False, default="", help_text="What happened.")
    lines = Many(child=CaseLineBody(), min_length=1, max_length=MOST_LINES)


class CaseLineShape(Shape):
    line_id = serializers.CharField()
    sku = serializers.CharField(source="line.sku")
    pieces = serializers.IntegerField()
    restock = serializers.IntegerField(help_text="Found as new.")
    second = serializers.IntegerField(help_text="Of second choice.")
    scrap = serializers.IntegerField()
    missing = serializers.IntegerField()
    credit_net = Amount(help_text="What of their price was credited, VAT excluded.")


class CaseShape(Shape):
    id = serializers.CharField(source="pk")
    number = serializers.CharField()
    order_id = serializers.CharField()
    order_number = serializers.CharField(source="order.number")
    kind = serializers.ChoiceField(Case.Kind.choices)
    state = serializers.ChoiceField(Case.State.choices)
    reason = serializers.ChoiceField(Reason.choices)
    fault = serializers.CharField(help_text="Whose fault it is: supplier, courier, reseller, customer; empty before.")
    note = serializers.CharField()
    answer = serializers.CharField(help_text="Of the supplier.")
    opened_at = Moment()
    settled_at = Moment(allow_null=True)
    lines = CaseLineShape(many=True)
    goods_net = Amount(allow_null=True, help_text="Credited above zero, charged below; null before it is settled.")
    way_out_net = Amount(source="out_net", allow_null=True)
    way_back_net = Amount(source="back_net", allow_null=True)
    storage_net = Amount(source="storage_due", allow_null=True)
    handling_net = Amount(allow_null=True)
    vat = Amount(allow_null=True)
    total = Amount(allow_null=True, help_text="All of it, VAT included.")


class Cases(ApiView):
    needs = {"get": "orders:read"}

    @extend_schema(
        operation_id="cases",
        parameters=[*PAGED, text("state", enum=list(Case.State.values)), text("order", "The id of an order.")],
        responses={200: listing(CaseShape), **problems_of()},
    )
    def get(self, request: Request) -> Response:
        """Returns, losses and claims, newest first."""
        pages.known(request, "cursor", "limit", "state", "order")
        found = lists.mine(self.dropshipper).prefetch_related("lines__line")
        if state := pages.one_of(request, "state", Case.State.values):
            found = found.filter(state=state)
        order = pages.whole(request, "order", most=2**63 - 1)
        return pages.listed(request, found if order is None else found.filter(order_id=order), CaseShape)


class OneCase(ApiView):
    needs = {"get": "orders:read"}

    @extend_schema(operation_id="case", parameters=[FIELDS], responses={200: CaseShape, **problems_of(404)})
    def get(self, request: Request, pk: int) -> Response:
        """One case."""
        pages.known(request)
        found = lists.mine(self.dropshipper).prefetch_related("lines__line")
        return pages.one(request, CaseShape, get_object_or_404(found, pk=pk))


class OpenCase(ApiView):
    needs = {"post": "orders:write"}

    @extend_schema(
        operation_id="case_open",
        parameters=[REPEAT_KEY],
        request=CaseBody,
        responses={201: CaseShape, **problems_of(404, 409, 413, 415, 422)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Asks to send pieces of a delivered order back, or for what is wrong with them. The supplier answers; no piece
        is in two cases."""
        order = queries.access_order(self.dropshipper, pk)
        said = checked(CaseBody, request.data)
        mine = {line.pk for line in acts.pieces_left(order)}
        pieces: dict[int, int] = {}
        wrong = []
        for at, one in enumerate(said["lines"]):
            line = whole_number(one["line_id"], 18)
            if line is None or line not in mine:
                wrong.append(FieldError(f"/lines/{at}/line_id", "unknown_line", _("This order has no such line.")))
            elif line in pieces:
                wrong.append(FieldError(f"/lines/{at}/line_id", "line_twice", _("This line is there twice.")))
            else:
                pieces[line] = one["pieces"]
        if wrong:
            raise Problem(422, "invalid", errors=wrong)

        def ask(key: str) -> Answer:
            tenant = self.dropshipper.pk
            made = acts.open_case(
                order.pk,
                pieces,
                reason=said["reason"],
                note=said["note"],
                key=act_key(tenant, key, f"case {order.pk}"),
                by=self.key.made_by_id,
            )
            return Answer(201, shown(made), location=f"/api/v1/cases/{made.pk}")

        return self.once(request, ask)


def shown(case: Case) -> dict[str, Any]:
    """A case as the answer to the request that made it."""
    return dict(CaseShape(Case.objects.select_related("order").prefetch_related("lines__line").get(pk=case.pk)).data)
