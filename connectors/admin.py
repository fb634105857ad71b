"""The supplier's view of shops and what they sent: to look and to replay, never to edit. Secrets are shown nowhere,
bodies with customers' data only to those who have the permission connectors.view_raw."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from connectors import deliveries
from connectors.models import Delivery, InboxOrder, Shop, ShopCall
from core.errors import DomainError
from core.lookup import IndexedSearch
from orders.models import Order

RAW_SHOWN = 64_000  # characters of a body


class ReadOnly(admin.ModelAdmin):
    """Rows that only the acts write."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _may_see_raw(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("connectors.view_raw"))


def _text(body: Any) -> str:
    return bytes(body).decode("utf-8", "replace")[:RAW_SHOWN]


@admin.register(Shop)
class ShopAdmin(ReadOnly):
    list_display = ["name", "platform", "dropshipper", "state", "what_is_wrong", "last_pull_at", "last_delivery_at"]
    list_filter = ["state", "platform"]
    list_select_related = ["dropshipper"]
    search_fields = ["name", "address", "dropshipper__name"]
    fields = [
        "dropshipper",
        "platform",
        "name",
        "address",
        "state",
        "what_is_wrong",
        "facts",
        "method",
        "import_since",
        "connected_at",
        "cursor",
        "pull_after",
        "pull_failures",
        "last_pull_at",
        "last_delivery_at",
        "last_check_at",
        "gaps_healed",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shop]:
        return super().get_queryset(request).defer("sealed_credentials", "webhook_secret_sealed")

    @admin.display(description=_("trouble"))
    def what_is_wrong(self, shop: Shop) -> str:
        return DomainError.sentence(shop.trouble, shop.trouble_params) if shop.trouble else "–"


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    list_display = ["id", "shop", "topic", "state", "attempts", "received_at", "error"]
    list_filter = ["state", "topic"]
    list_select_related = ["shop"]
    search_fields = ["shop__name", "delivery_id"]
    ordering = ["-id"]
    actions = ["replay"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return super().get_queryset(request).defer("body")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = ["shop", "topic", "delivery_id", "state", "attempts", "received_at", "try_after", "done_at", "error"]
        return [*shown, "headers", "raw"] if _may_see_raw(request) else shown

    @admin.display(description=_("body as received"))
    def raw(self, delivery: Delivery) -> str:
        return _text(delivery.body)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("connectors.change_delivery"))

    @admin.action(description=_("Read again"), permissions=["replay"])
    def replay(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> None:
        ids = list(chosen.exclude(state=Delivery.State.NEW).values_list("pk", flat=True)[:1000])
        for pk in ids:
            deliveries.replay(pk, by=request.user.pk)
        words = ngettext("%(n)s message is being read again.", "%(n)s messages are being read again.", len(ids))
        self.message_user(request, words % {"n": len(ids)}, messages.SUCCESS)


@admin.register(InboxOrder)
class InboxOrderAdmin(IndexedSearch, ReadOnly):
    list_display = ["shop", "number", "external_id", "status", "order", "via", "version_at"]
    list_filter = ["via"]
    list_select_related = ["shop", "order"]
    search_fields = ["number", "external_id"]
    ordering = ["-id"]

    def search_ways(self, text: str) -> list[Q]:
        by_number = Q(order__in=Order.objects.filter(source_number=text.removeprefix("#")))
        return [by_number, Q(shop__in=Shop.objects.all(), external_id=text)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboxOrder]:
        return super().get_queryset(request).defer("raw")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = ["shop", "external_id", "number", "status", "order", "via", "version_at", "first_seen_at", "updated_at"]
        return [*shown, "payload"] if _may_see_raw(request) else shown

    @admin.display(description=_("as the shop sent it"))
    def payload(self, row: InboxOrder) -> str:
        return _text(row.raw)


@admin.register(ShopCall)
class ShopCallAdmin(ReadOnly):
    list_display = ["at", "shop", "what", "result", "ms"]
    list_filter = ["result"]
    list_select_related = ["shop"]
    search_fields = ["shop__name", "what"]
    ordering = ["-id"]
    fields = ["shop", "at", "what", "result", "ms"]
