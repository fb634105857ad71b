"""Orders and runs to look at. Nothing of money or state is edited here: that goes through the acts and their pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from core.lookup import IndexedSearch
from orders import queries
from orders.models import DispatchItem, DispatchRun, Order, OrderEvent, OrderLine, Problem


class _ReadOnly:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class LineInline(_ReadOnly, admin.TabularInline):
    model = OrderLine
    fields = ["sku", "name", "variant", "quantity", "sale_gross", "unit_net", "vat_rate", "ignored"]
    extra = 0


class ProblemInline(_ReadOnly, admin.TabularInline):
    model = Problem
    fields = ["code", "subject", "params", "blocking", "created_at"]
    extra = 0


class EventInline(_ReadOnly, admin.TabularInline):
    model = OrderEvent
    fields = ["at", "code", "params", "by"]
    extra = 0


@admin.register(Order)
class OrderAdmin(IndexedSearch, _ReadOnly, admin.ModelAdmin):
    list_display = ["number", "dropshipper", "state", "payment", "source", "name", "city", "cost", "placed_at"]
    list_filter = ["state", "payment", "source"]
    list_select_related = ["dropshipper"]
    search_fields = ["=id", "source_number", "name", "shipment__tracking"]  # that there is a box: see search_ways
    show_full_result_count = False
    inlines = [LineInline, ProblemInline, EventInline]
    exclude = ["shop_data", "entry_key", "entry_digest"]
    date_hierarchy = None

    def search_ways(self, text: str) -> list[Q]:
        return queries.search_ways(text)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).select_related("dropshipper", "method__courier", "shipment")


class ItemInline(_ReadOnly, admin.TabularInline):
    model = DispatchItem
    fields = ["order", "result", "code", "params", "done_at"]
    extra = 0
    max_num = 0


@admin.register(DispatchRun)
class DispatchRunAdmin(_ReadOnly, admin.ModelAdmin):
    list_display = ["key", "dropshipper", "by", "source", "state", "total", "created_at", "finished_at"]
    list_filter = ["state", "source"]
    list_select_related = ["dropshipper", "by"]
    show_full_result_count = False
    exclude = ["lease_token", "lease_until"]
    inlines = [ItemInline]
