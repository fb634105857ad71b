"""The supplier's view of shops and what they sent: to look and to replay, never to edit. Secrets are shown nowhere,
bodies with customers' data only to those who have the permission connectors.view_raw."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from connectors.intake import deliveries, upsert
from connectors.models import Delivery, InboxOrder, Shop, ShopCall
from connectors.platforms import platforms
from connectors.templatetags.connectors_words import dead_words
from core.administration import confirm
from core.administration.filters import by_words
from core.administration.pages import ReadOnly, as_data, as_sent, code
from core.errors import DomainError, for_reader
from core.lookup import IndexedSearch, first_ids
from orders import sources
from orders.models import Order

VIA = {
    upsert.WEBHOOK: _("told by the shop"),
    upsert.PULL: _("found at a visit"),
    upsert.IMPORT: _("imported when the shop was connected"),
    upsert.HEALED: _("found at a visit, the shop had not told it"),
    upsert.PROOF: _("found by the daily proof"),
}

ANSWERS = {
    "2": _("answered"),
    "4": _("refused by the shop"),
    "5": _("the shop failed"),
    "timeout": _("no answer in time"),
}


def _may_see_raw(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("connectors.view_raw"))


def _text(body: Any) -> SafeString | str:
    return as_sent(bytes(body).decode("utf-8", "replace")) if body else "–"


def _platforms() -> Iterable[tuple[str, str | Promise]]:
    return [(one.slug, one.name) for one in platforms()]


def _shops_named(text: str) -> Q:
    return Q(shop__in=first_ids(Shop.objects.filter(name__icontains=text)))


@admin.register(Shop)
class ShopAdmin(ReadOnly):
    list_display = ["name", "of_platform", "dropshipper", "state", "what_is_wrong", "last_pull_at", "last_delivery_at"]
    list_filter = ["state", by_words("platform", _("platform"), _platforms)]
    list_select_related = ["dropshipper"]
    search_fields = ["name", "address", "dropshipper__name"]
    search_help_text = _("Name or address of the shop, or name of the dropshipper")
    fieldsets = [
        (None, {"fields": ["dropshipper", "of_platform", "name", "address", "state", "what_is_wrong", "method"]}),
        (_("Orders"), {"fields": ["import_since", "cursor", "gaps_healed"]}),
        (
            _("Visits and messages"),
            {
                "fields": [
                    *("connected_at", "last_pull_at", "pull_after", "pull_failures"),
                    *("last_delivery_at", "last_check_at"),
                ]
            },
        ),
        (_("Besides"), {"classes": ["collapse"], "fields": ["told"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shop]:
        rows = super().get_queryset(request).select_related("dropshipper", "method__courier")
        return rows.defer("sealed_credentials", "webhook_secret_sealed")

    @admin.display(description=_("platform"), ordering="platform")
    def of_platform(self, shop: Shop) -> str:
        return sources.name(shop.platform)

    @admin.display(description=_("trouble"))
    def what_is_wrong(self, shop: Shop) -> str:
        return DomainError.sentence(shop.trouble, shop.trouble_params) if shop.trouble else "–"

    @admin.display(description=_("what the shop says of itself"))
    def told(self, shop: Shop) -> SafeString | str:
        return as_data(shop.facts)


@admin.register(Delivery)
class DeliveryAdmin(IndexedSearch, ReadOnly):
    list_display = ["id", "shop", "about", "state", "attempts", "received_at", "why_not"]
    list_filter = ["state"]
    list_select_related = ["shop"]
    search_fields = ["shop__name"]
    search_help_text = _("Name of the shop")
    ordering = ["-id"]
    actions = ["replay"]

    def search_ways(self, text: str) -> list[Q]:
        return [_shops_named(text)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return super().get_queryset(request).defer("body")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = ["shop", "about", "number", "state", "attempts", "received_at", "try_after", "done_at", "why_not"]
        return [*shown, "head", "raw"] if _may_see_raw(request) else shown

    @admin.display(description=_("topic"), ordering="topic")
    def about(self, delivery: Delivery) -> SafeString | str:
        return code(delivery.topic)

    @admin.display(description=_("number given by the shop"))
    def number(self, delivery: Delivery) -> SafeString | str:
        return code(delivery.delivery_id)

    @admin.display(description=_("why not"))
    def why_not(self, delivery: Delivery) -> SafeString | str:
        if not delivery.error:
            return "–"
        words = dead_words(delivery)
        return code(words) if words == delivery.error else str(words)

    @admin.display(description=_("headers"))
    def head(self, delivery: Delivery) -> SafeString | str:
        return as_data(delivery.headers)

    @admin.display(description=_("body as received"))
    def raw(self, delivery: Delivery) -> SafeString | str:
        return _text(delivery.body)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("connectors.change_delivery"))

    @admin.action(description=_("Read again"), permissions=["replay"])
    def replay(self, request: HttpRequest, chosen: QuerySet[Delivery]) -> HttpResponse | None:
        chosen = chosen.exclude(state=Delivery.State.NEW)
        answer = confirm.asked(
            self,
            request,
            chosen.select_related("shop"),
            title=_("Read these messages again"),
            effect=_("Orders that they tell of may arrive in the resellers’ inboxes, or change there."),
            back=_("A newer version of an order is never overwritten; what was read cannot be unread."),
            button=_("Read again"),
            name=lambda row: (row.shop, row.topic, row.pk),
        )
        if answer is not None:
            return answer
        ids = list(chosen.values_list("pk", flat=True))
        for pk in ids:
            deliveries.replay(pk, by=request.user.pk)
        words = ngettext("%(n)s message is being read again.", "%(n)s messages are being read again.", len(ids))
        self.message_user(request, words % {"n": len(ids)}, messages.SUCCESS)
        return None


@admin.register(InboxOrder)
class InboxOrderAdmin(IndexedSearch, ReadOnly):
    list_display = ["title", "shop", "number", "their_state", "order", "how", "version_at"]
    list_filter = [by_words("via", _("how it came"), VIA.items)]
    list_select_related = ["shop", "order"]
    search_fields = ["number", "external_id"]
    search_help_text = _("The shop's order number, or the number given by the shop, whole")
    ordering = ["-id"]

    def search_ways(self, text: str) -> list[Q]:
        by_number = Q(order__in=Order.objects.filter(source_number=text.removeprefix("#")))
        return [by_number, Q(shop__in=Shop.objects.all(), external_id=text)]

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboxOrder]:
        return super().get_queryset(request).select_related("shop", "order").defer("raw")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = ["shop", "title", "number", "their_state", "order", "how", "version_at", "first_seen_at", "updated_at"]
        return [*shown, "payload"] if _may_see_raw(request) else shown

    @admin.display(description=_("number given by the shop"), ordering="external_id")
    def title(self, row: InboxOrder) -> SafeString | str:
        return code(row.external_id)

    @admin.display(description=_("state in the shop"), ordering="status")
    def their_state(self, row: InboxOrder) -> SafeString | str:
        return code(row.status)

    @admin.display(description=_("how it came"), ordering="via")
    def how(self, row: InboxOrder) -> str:
        return str(VIA.get(row.via, row.via))

    @admin.display(description=_("as the shop sent it"))
    def payload(self, row: InboxOrder) -> SafeString | str:
        return _text(row.raw)


@admin.register(ShopCall)
class ShopCallAdmin(IndexedSearch, ReadOnly):
    list_display = ["at", "shop", "call", "outcome", "ms"]
    list_filter = [by_words("result__startswith", _("result"), ANSWERS.items)]
    list_select_related = ["shop"]
    search_fields = ["shop__name"]
    search_help_text = _("Name of the shop")
    ordering = ["-id"]
    fields = ["shop", "at", "call", "outcome", "ms"]

    def search_ways(self, text: str) -> list[Q]:
        return [_shops_named(text)]

    @admin.display(description=_("call"), ordering="what")
    def call(self, row: ShopCall) -> SafeString | str:
        return code(row.what)

    @admin.display(description=_("result"), ordering="result")
    def outcome(self, row: ShopCall) -> str:
        return str(for_reader({"reason": row.result})["reason"])
