"""What programs read of orders: one tenant door (orders/queries.py), the plan of the page."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet, prefetch_related_objects
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.described import FIELDS, PAGED, listing, problems_of, text
from accounts.api.view import ApiView
from core.api import pages
from orders import queries
from orders.api.shapes import EventShape, MethodShape, OrderShape, PlanShape, planned
from orders.models import Order

FILTERS = [
    text("tab", "As the tabs of the page.", enum=list(queries.TABS)),
    text("source", "manual, or a platform."),
    text("payment", enum=list(Order.Payment.values)),
    text("q", "Number, name, city, SKU, tracking number, telephone or e-mail."),
    text("reference", "The channel's own number, whole."),
    text("since", "Placed on this day or later: YYYY-MM-DD, Rome."),
    text("until", "Placed on this day or before."),
]
_KNOWN = ("cursor", "limit", "tab", "source", "payment", "q", "reference", "since", "until")


def find(request: Request, default_source: str = "") -> queries.Find:
    """The filters of an address. Raises Problem for one that is none."""
    said = request.query_params
    if any("\0" in said[name] for name in said) or len(said.get("q", "")) > 200:
        raise pages.parameter("q")
    return queries.Find(
        tab=pages.one_of(request, "tab", list(queries.TABS), "all"),
        source=said.get("source", default_source)[:20],
        text=said.get("q", ""),
        payment=pages.one_of(request, "payment", Order.Payment.values),
        since=_day(request, "since"),
        until=_day(request, "until"),
        contacts=True,
    )


def _day(request: Request, name: str) -> dt.date | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        raise pages.parameter(name, "YYYY-MM-DD") from None
    if not 2000 <= found.year < 2200 or len(text) != 10:
        raise pages.parameter(name, "YYYY-MM-DD")
    return found


class ReadOrders(ApiView):
    def get(self, request: Request) -> Response:
        """Orders, newest first."""
        pages.known(request, *_KNOWN)
        rows = queries.find(self.dropshipper, find(request))
        if reference := request.query_params.get("reference", ""):
            rows = rows.filter(source_number=reference[:60])
        return pages.listed(request, for_programs(rows), OrderShape)


def for_programs(rows: QuerySet[Order]) -> QuerySet[Order]:
    """1 query for orders with their parcels, 1 each for lines and problems."""
    return rows.select_related("shipment__method__courier").prefetch_related("lines__variant", "problems")


class ReadOrder(ApiView):
    def get(self, request: Request, pk: int) -> Response:
        """One order. 3 queries."""
        pages.known(request)
        order = queries.access_order(self.dropshipper, pk)
        prefetch_related_objects([order], "lines__variant", "problems")
        return pages.one(request, OrderShape, order)


class Events(ApiView):
    needs = {"get": "orders:read"}

    @extend_schema(
        operation_id="order_events", parameters=PAGED, responses={200: listing(EventShape), **problems_of(404)}
    )
    def get(self, request: Request, pk: int) -> Response:
        """What happened to an order, oldest first."""
        pages.known(request, "cursor", "limit")
        order = queries.access_order(self.dropshipper, pk)
        return pages.listed(request, order.events.all(), EventShape, by=("id",))


class PriceOf(ApiView):
    needs = {"get": "orders:read"}

    @extend_schema(operation_id="order_price", parameters=[FIELDS], responses={200: PlanShape, **problems_of(404)})
    def get(self, request: Request, pk: int) -> Response:
        """What an open order would cost now, and why it would not go; of one that is sent nothing."""
        pages.known(request)
        return pages.one(
            request, PlanShape, planned(queries.access_order(self.dropshipper, pk), sees_money=self.sees_money)
        )


class Methods(ApiView):
    needs = {"get": "orders:read"}

    @extend_schema(operation_id="methods", parameters=PAGED, responses={200: listing(MethodShape), **problems_of()})
    def get(self, request: Request) -> Response:
        """The ways of shipping that may be chosen."""
        pages.known(request, "cursor", "limit")
        return pages.listed(request, queries.methods_on_offer(), MethodShape, by=("position", "id"))
