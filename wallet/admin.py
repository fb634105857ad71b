"""The books in the admin: to read. What moves money has its own pages and acts."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper
from core.administration.pages import ReadOnly, ReadOnlyInline, code
from core.lookup import IndexedSearch, first_ids
from core.templatetags.mci import euro, signed_euro
from wallet.models import Account, Entry, Posting, TopUp
from wallet.statement.readable import label_of

_OURS = re.compile(r"MCI-0*(\d{1,9})", re.ASCII | re.IGNORECASE)


class PostingInline(ReadOnlyInline):
    model = Posting
    fields = ("account", "moved")
    readonly_fields = fields

    @admin.display(description=_("amount (EUR)"))
    def moved(self, posting: Posting) -> str:
        return signed_euro(posting.amount)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Posting]:
        return super().get_queryset(request).select_related("account__dropshipper")


@admin.register(Entry)
class EntryAdmin(IndexedSearch, ReadOnly):
    list_display = ("at", "kind", "dropshipper", "what_for", "by", "memo", "name")
    list_filter = ("kind",)
    list_select_related = ("dropshipper", "by")
    search_fields = ("=reference", "=key")
    search_help_text = _("Order number, or reference or key of the books, whole")
    ordering = ("-id",)
    fields = ("kind", "dropshipper", "what_for", "name", "reverses", "by", "memo", "at")
    inlines = (PostingInline,)

    def search_ways(self, text: str) -> list[Q]:
        number = _OURS.fullmatch(text)
        of_order = [Q(reference=f"order:{int(number[1])}")] if number else []
        return [Q(reference=text), Q(key=text), *of_order]

    @admin.display(description=_("what for"), ordering="reference")
    def what_for(self, entry: Entry) -> SafeString | str:
        words = label_of(entry.reference)
        return code(words) if words == entry.reference else words

    @admin.display(description=_("key in the books"), ordering="key")
    def name(self, entry: Entry) -> SafeString | str:
        return code(entry.key)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("dropshipper", "by", "reverses")


@admin.register(Account)
class AccountAdmin(ReadOnly):
    list_display = ("kind", "dropshipper", "now", "may_go_to")
    list_filter = ("kind",)
    list_select_related = ("dropshipper",)
    search_fields = ("dropshipper__name",)
    search_help_text = _("Name of the dropshipper")
    ordering = ("-id",)
    fields = ("kind", "dropshipper", "now", "may_go_to")

    @admin.display(description=_("balance (EUR)"), ordering="balance")
    def now(self, account: Account) -> str:
        return euro(account.balance) or "–"

    @admin.display(description=_("may go down to (EUR)"), ordering="floor")
    def may_go_to(self, account: Account) -> str:
        return euro(account.floor) or "–"


@admin.register(TopUp)
class TopUpAdmin(IndexedSearch, ReadOnly):
    list_display = ("causale", "dropshipper", "asked_for", "status", "created_at", "decided_by", "decided_at")
    list_filter = ("status",)
    list_select_related = ("dropshipper", "decided_by")
    search_fields = ("=causale", "dropshipper__name")
    search_help_text = _("Payment reference, whole, or name of the dropshipper")
    ordering = ("-id",)
    fields = (
        *("dropshipper", "asked_for", "causale", "status", "reason"),
        *("requested_by", "created_at", "sent_at", "decided_by", "decided_at"),
    )

    def search_ways(self, text: str) -> list[Q]:
        named = Q(dropshipper__in=first_ids(Dropshipper.objects.filter(name__icontains=text)))
        return [Q(causale=text.upper()), named]

    @admin.display(description=_("amount (EUR)"), ordering="amount")
    def asked_for(self, top_up: TopUp) -> str:
        return euro(top_up.amount)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("dropshipper", "decided_by", "requested_by")
