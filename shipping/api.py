"""Parcels for programs: where each is, and what happened to it. Who receives it stands in its order."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.described import FIELDS, PAGED, listing, problems_of, text
from accounts.api.view import ApiView
from core.api import pages
from core.api.shapes import Amount, Moment, Shape
from shipping import queries
from shipping.models import Shipment, ShipmentEvent


class ShipmentShape(Shape):
    id = serializers.CharField(source="pk")
    order_id = serializers.CharField(allow_null=True)
    number = serializers.CharField(help_text="The order's: MCI-000012.")
    state = serializers.ChoiceField(choices=Shipment.State.choices)
    courier = serializers.CharField(source="method.courier.code")
    method = serializers.CharField(source="method.__str__")
    tracking = serializers.CharField(help_text="Empty until it is handed over.")
    tracking_link = serializers.CharField()
    cash = serializers.ChoiceField(choices=[("", ""), *[one for one in Shipment.Cash.choices if one[0]]])
    cod_amount = Amount(help_text="EUR, at the door.")
    weight_g = serializers.IntegerField()
    created_at = Moment()
    shipped_at = Moment(allow_null=True)
    delivered_at = Moment(allow_null=True)


class TrackingShape(Shape):
    id = serializers.CharField(source="pk")
    axis = serializers.CharField(help_text="state, cash or tracking.")
    before = serializers.CharField(source="from_value")
    after = serializers.CharField(source="to_value")
    at = Moment()


class Shipments(ApiView):
    needs = {"get": "shipments:read"}

    @extend_schema(
        operation_id="shipments",
        parameters=[
            *PAGED,
            text("tab", "As the tabs of the page.", enum=list(queries.TABS)),
            text("tracking", "The whole number."),
        ],
        responses={200: listing(ShipmentShape), **problems_of()},
    )
    def get(self, request: Request) -> Response:
        """Parcels, newest first."""
        pages.known(request, "cursor", "limit", "tab", "tracking")
        wanted = queries.Find(tab=pages.one_of(request, "tab", list(queries.TABS), "all"))
        rows = queries.find(self.dropshipper, wanted)
        if number := request.query_params.get("tracking", ""):
            if "\0" in number or len(number) > 60:
                raise pages.parameter("tracking")
            rows = rows.filter(tracking=number)
        return pages.listed(request, rows, ShipmentShape)


class OneShipment(ApiView):
    needs = {"get": "shipments:read"}

    @extend_schema(operation_id="shipment", parameters=[FIELDS], responses={200: ShipmentShape, **problems_of(404)})
    def get(self, request: Request, pk: int) -> Response:
        """One parcel."""
        pages.known(request)
        return pages.one(request, ShipmentShape, queries.access_shipment(self.dropshipper, pk))


class Tracking(ApiView):
    needs = {"get": "shipments:read"}

    @extend_schema(
        operation_id="tracking", parameters=PAGED, responses={200: listing(TrackingShape), **problems_of(404)}
    )
    def get(self, request: Request, pk: int) -> Response:
        """What happened to a parcel, oldest first."""
        pages.known(request, "cursor", "limit")
        parcel = queries.access_shipment(self.dropshipper, pk)
        events = ShipmentEvent.objects.filter(shipment=parcel, axis__in=["state", "tracking", "cash"])
        return pages.listed(request, events, TrackingShape, by=("id",))
