"""Orders and runs to look at. Nothing of money or state is edited here: that goes through the acts and their pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.administration.filters import by_words
from core.administration.pages import ReadOnly, ReadOnlyInline, as_data, code
from core.lookup import IndexedSearch
from core.templatetags.mci import euro
from orders import problems, queries, sources, timeline
from orders.dispatch import runs
from orders.models import DispatchItem, DispatchRun, Order, OrderEvent, OrderLine, Problem
from orders.questions import payment_reasons


class LineInline(ReadOnlyInline):
    model = OrderLine
    fields = ("sku", "name", "variant", "quantity", "sale_gross", "unit_net", "vat_rate", "ignored")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderLine]:
        return super().get_queryset(request).select_related("variant__product")


class ProblemInline(ReadOnlyInline):
    model = Problem
    fields = ("words", "blocking", "created_at")
    readonly_fields = fields

    @admin.display(description=_("what"))
    def words(self, problem: Problem) -> str:
        return problems.sentence(problem)


class EventInline(ReadOnlyInline):
    model = OrderEvent
    fields = ("at", "words", "by")
    readonly_fields = fields
    ordering = ["id"]

    @admin.display(description=_("what"))
    def words(self, event: OrderEvent) -> str:
        return timeline.sentence(event)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderEvent]:
        return super().get_queryset(request).select_related("by")


@admin.register(Order)
class OrderAdmin(IndexedSearch, ReadOnly):
    list_display = ["number", "dropshipper", "state", "payment", "origin", "name", "city", "total_cost", "placed_at"]
    list_filter = ["state", "payment", by_words("source", _("source"), sources.names)]
    list_select_related = ["dropshipper"]
    search_fields = ["=id", "source_number", "name", "shipment__tracking"]  # that there is a box: see search_ways
    search_help_text = _("Order number, the shop's number, name or tracking number")
    inlines = [LineInline, ProblemInline, EventInline]
    fieldsets = [
        (None, {"fields": ["dropshipper", "state", "origin", "source_label", "source_number", "placed_at"]}),
        (_("Payment"), {"fields": ["payment", "why", "currency", "sale_total", "to_collect"]}),
        (
            _("Delivery address"),
            {
                "fields": [
                    *("name", "company", "street", "street2", "postcode", "city", "province", "country"),
                    *("phone", "email", "note"),
                ]
            },
        ),
        (
            _("Cost"),
            {
                "fields": [
                    *("goods_net", "shipping_net", "cod_fee_net", "vat", "cost", "margin", "guarantee"),
                ]
            },
        ),
        (_("Shipment"), {"fields": ["method", "shipment", "dispatched_at"]}),
        (_("Besides"), {"classes": ["collapse"], "fields": ["fiscal_data", "other_details", "version", "updated_at"]}),
    ]
    date_hierarchy = None

    def search_ways(self, text: str) -> list[Q]:
        return queries.search_ways(text)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).select_related("dropshipper", "method__courier", "shipment")

    @admin.display(description=_("number"), ordering="id")
    def number(self, order: Order) -> str:
        return order.number

    @admin.display(description=_("source"), ordering="source")
    def origin(self, order: Order) -> str:
        return sources.name(order.source)

    @admin.display(description=_("total cost (EUR)"), ordering="cost")
    def total_cost(self, order: Order) -> str:
        return euro(order.cost) or "–"

    @admin.display(description=_("why this payment"))
    def why(self, order: Order) -> str:
        return payment_reasons.sentence(order) or "–"

    @admin.display(description=_("fiscal data of the customer"))
    def fiscal_data(self, order: Order) -> SafeString | str:
        return as_data(order.fiscal)

    @admin.display(description=_("other details of the order"))
    def other_details(self, order: Order) -> SafeString | str:
        return as_data(order.details)


class ItemInline(ReadOnlyInline):
    model = DispatchItem
    fields = ("order", "outcome", "done_at")
    readonly_fields = fields
    ordering = ["position"]

    @admin.display(description=_("result"))
    def outcome(self, item: DispatchItem) -> str:
        return runs.outcome_sentence(item)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DispatchItem]:
        return super().get_queryset(request).select_related("order")


@admin.register(DispatchRun)
class DispatchRunAdmin(ReadOnly):
    list_display = ["created_at", "dropshipper", "by", "origin", "state", "total", "finished_at", "click"]
    list_filter = ["state", by_words("source", _("from the inbox"), sources.names)]
    list_select_related = ["dropshipper", "by"]
    ordering = ["-id"]
    fields = [
        *("dropshipper", "by", "origin", "method", "state", "stop_asked", "total"),
        *("created_at", "started_at", "finished_at", "click"),
    ]
    inlines = [ItemInline]

    @admin.display(description=_("from the inbox"), ordering="source")
    def origin(self, run: DispatchRun) -> str:
        return sources.name(run.source) if run.source else "–"

    @admin.display(description=_("key of the click"), ordering="key")
    def click(self, run: DispatchRun) -> SafeString | str:
        return code(run.key)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("dropshipper", "by", "method__courier")
