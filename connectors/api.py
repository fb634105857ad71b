"""Connected shops and their inbox for programs. Nothing that a shop's access hangs on is told."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.described import FIELDS, PAGED, listing, problems_of, text
from accounts.api.view import ApiView
from connectors import queries
from connectors.models import Shop
from core.api import pages
from core.api.shapes import Moment, Shape
from orders.api.reads import for_programs
from orders.api.shapes import OrderShape
from orders.models import Order


class ShopShape(Shape):
    id = serializers.CharField(source="pk")
    platform = serializers.CharField()
    name = serializers.CharField()
    address = serializers.CharField()
    state = serializers.ChoiceField(choices=Shop.State.choices)
    trouble = serializers.CharField(help_text="A code, while something is wrong.")
    keeps_stock = serializers.BooleanField(source="stock_on")
    connected_at = Moment()
    last_pull_at = Moment(allow_null=True)


class Shops(ApiView):
    needs = {"get": "shops:read"}

    @extend_schema(operation_id="shops", parameters=PAGED, responses={200: listing(ShopShape), **problems_of()})
    def get(self, request: Request) -> Response:
        """The shops, newest first; those that were disconnected too."""
        pages.known(request, "cursor", "limit")
        return pages.listed(request, Shop.objects.filter(dropshipper=self.dropshipper), ShopShape)


class OneShop(ApiView):
    needs = {"get": "shops:read"}

    @extend_schema(operation_id="shop", parameters=[FIELDS], responses={200: ShopShape, **problems_of(404)})
    def get(self, request: Request, pk: int) -> Response:
        """One shop."""
        pages.known(request)
        return pages.one(request, ShopShape, queries.access_shop(self.dropshipper, pk))


class Inbox(ApiView):
    needs = {"get": "inbox:read"}

    @extend_schema(
        operation_id="inbox",
        parameters=[
            *PAGED,
            text("tab", "As the tabs of the page; sync without it.", enum=list(queries.TABS)),
            text("payment", enum=list(Order.Payment.values)),
        ],
        responses={200: listing(OrderShape), **problems_of()},
    )
    def get(self, request: Request, platform: str) -> Response:
        """The orders that the shops of a platform sent, newest first."""
        pages.known(request, "cursor", "limit", "tab", "payment")
        wanted = queries.Find(
            platform=platform,
            tab=pages.one_of(request, "tab", list(queries.TABS), "sync"),
            payment=pages.one_of(request, "payment", Order.Payment.values),
        )
        return pages.listed(request, for_programs(queries.find(self.dropshipper, wanted)), OrderShape)
