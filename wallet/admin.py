"""The books in the admin: to read. What moves money has its own pages and acts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from accounts.models import Dropshipper
from core.lookup import IndexedSearch, first_ids
from wallet.models import Account, Entry, Posting, TopUp


class ReadOnly(admin.ModelAdmin):
    """Nobody adds, changes or deletes here; the database would refuse it anyway."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PostingInline(admin.TabularInline):
    model = Posting
    extra = 0
    can_delete = False
    fields = ("account", "amount")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Entry)
class EntryAdmin(IndexedSearch, ReadOnly):
    list_display = ("key", "kind", "reference", "dropshipper", "at", "by", "memo")
    list_filter = ("kind",)
    list_select_related = ("dropshipper", "by")
    search_fields = ("=reference", "=key")
    search_help_text = "order:12"
    ordering = ("-id",)
    exclude = ("request_hash",)
    inlines = (PostingInline,)

    def search_ways(self, text: str) -> list[Q]:
        return [Q(reference=text), Q(key=text)]


@admin.register(Account)
class AccountAdmin(ReadOnly):
    list_display = ("kind", "dropshipper", "balance", "floor")
    list_filter = ("kind",)
    list_select_related = ("dropshipper",)
    search_fields = ("dropshipper__name",)
    ordering = ("-id",)


@admin.register(TopUp)
class TopUpAdmin(IndexedSearch, ReadOnly):
    list_display = ("causale", "dropshipper", "amount", "status", "created_at", "decided_by", "decided_at")
    list_filter = ("status",)
    list_select_related = ("dropshipper", "decided_by")
    search_fields = ("=causale", "dropshipper__name")
    ordering = ("-id",)

    def search_ways(self, text: str) -> list[Q]:
        named = Q(dropshipper__in=first_ids(Dropshipper.objects.filter(name__icontains=text)))
        return [Q(causale=text.upper()), named]
