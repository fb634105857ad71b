"""The supplier's catalogue: categories, products with their variants and pictures. Pieces are never typed into a field:
they are counted or received, through catalog/stock.py. Goods are taken off sale, not deleted: orders point to them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import BaseInlineFormSet, Form, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog import images, stock
from catalog.errors import CountTooLow
from catalog.models import Category, Maker, Product, ProductImage, Stock, Variant
from catalog.pages.admin_forms import ArrangeForm, CountForm, ImageForm, MakerForm, ReceiveForm, VariantForm
from core import lines
from core.administration import confirm
from core.administration.pages import Autocompletes, EditableList, link

MOVES_SHOWN = 30


@admin.register(Category)
class CategoryAdmin(Autocompletes, EditableList):
    form = lines.ModelForm
    list_display = ["name", "parent", "position"]
    list_editable = ["position"]
    list_select_related = ["parent"]
    search_fields = ["name"]
    autocomplete_fields = ["parent"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Maker)
class MakerAdmin(admin.ModelAdmin):
    """Who made the goods: what shops must show by the GPSR (EU 2023/988)."""

    form = MakerForm
    list_display = ["name", "address", "contact", "eu_name"]
    search_fields = ["name", "eu_name"]


class ImageInline(admin.TabularInline):
    model = ProductImage
    form = ImageForm
    fields = ["preview", "upload", "position"]
    readonly_fields = ["preview"]
    extra = 1

    @admin.display(description=_("picture"))
    def preview(self, picture: ProductImage) -> SafeString | str:
        if not picture.pk:
            return "–"
        return format_html('<img src="{}" alt="" width="56" height="56" loading="lazy">', picture.small_url)


class VariantInline(admin.StackedInline):
    model = Variant
    form = VariantForm
    fields = [
        ("sku", "ean", "title"),
        ("net_price", "vat_rate", "retail_price"),
        ("weight_g", "length_mm", "width_mm", "height_mm"),
        ("active", "pieces"),
    ]
    readonly_fields = ["pieces"]
    extra = 0
    min_num = 1
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).select_related("stock", "product")

    @admin.display(description=_("stock"))
    def pieces(self, variant: Variant) -> SafeString | str:
        return _link_to_stock(variant) if variant.pk else str(_("Save first: then count or receive the pieces."))


class WithMaker(admin.SimpleListFilter):
    """What shops of the EU may not show before its maker is known."""

    title = _("maker")
    parameter_name = "maker__isempty"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("0", _("named")), ("1", _("not named yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        value = self.value()
        return queryset.filter(maker__isnull=value == "1") if value in ("0", "1") else queryset


@admin.register(Product)
class ProductAdmin(Autocompletes, admin.ModelAdmin):
    form = lines.ModelForm
    list_display = ["name", "category", "brand", "active", "updated_at"]
    list_filter = ["active", "category", WithMaker]
    list_select_related = ["category"]
    search_fields = ["name", "brand", "variants__sku", "=variants__ean"]
    prepopulated_fields = {"slug": ["name"]}
    fields = [
        ("name", "slug"),
        ("category", "brand", "active"),
        "description_html",
        "option_names",
        "maker",
        "warnings",
    ]
    autocomplete_fields = ["category", "maker"]
    inlines = [VariantInline, ImageInline]
    actions = ["put_on_sale", "take_off_sale"]
    list_per_page = 50
    show_full_result_count = False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_formset(self, request: HttpRequest, form: Any, formset: BaseInlineFormSet, change: bool) -> None:
        if formset.model is not ProductImage:
            super().save_formset(request, form, formset, change)
            return
        formset.save(commit=False)
        for gone in formset.deleted_objects:
            images.remove(gone)
        for picture, _fields in formset.changed_objects:
            picture.save(update_fields=["position"])
        for row in formset.extra_forms:
            if row.has_changed() and not row.cleaned_data.get("DELETE"):
                _add_picture(form.instance, row)

    @admin.action(description=_("Put on sale"), permissions=["change"])
    def put_on_sale(self, request: HttpRequest, chosen: QuerySet[Product]) -> HttpResponse | None:
        words = {
            "title": _("Put these products on sale"),
            "effect": _("Resellers see them in the catalogue, and their shops that keep our stock show it again."),
            "back": _("“Take off sale” takes it back."),
            "button": _("Put on sale"),
        }
        return self._switch(request, chosen, words, active=True)

    @admin.action(description=_("Take off sale"), permissions=["change"])
    def take_off_sale(self, request: HttpRequest, chosen: QuerySet[Product]) -> HttpResponse | None:
        words = {
            "title": _("Take these products off sale"),
            "effect": _("Resellers can order them no more, and their shops that keep our stock are told 0 pieces."),
            "back": _("“Put on sale” takes it back; orders that come in meanwhile stay held up."),
            "button": _("Take off sale"),
        }
        return self._switch(request, chosen, words, active=False)

    def _switch(
        self, request: HttpRequest, chosen: QuerySet[Product], words: dict[str, Any], *, active: bool
    ) -> HttpResponse | None:
        answer = confirm.asked(self, request, chosen, name=lambda one: (one.name, one.brand), **words)
        if answer is None:
            chosen.update(active=active)
            self._say(request, chosen.count())
        return answer

    def _say(self, request: HttpRequest, number: int) -> None:
        words = ngettext("%(n)s product changed.", "%(n)s products changed.", number)
        self.message_user(request, words % {"n": number}, messages.SUCCESS)


@admin.register(Variant)
class VariantAdmin(admin.ModelAdmin):
    """The list of SKUs with their pieces, and the page on which they are counted and received."""

    form = VariantForm
    list_display = ["sku", "product", "title", "net_price", "on_hand", "reserved", "pieces", "active"]
    list_filter = ["active", "product__category"]
    list_select_related = ["product", "stock"]
    search_fields = ["sku", "=ean", "product__name"]
    fields = ["product", *VariantForm.Meta.fields, "pieces"]
    readonly_fields = ["product", "pieces"]
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a variant is made on its product's page

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.stock_page)
        return [path("<int:pk>/stock/", page, name="catalog_variant_stock"), *super().get_urls()]

    @admin.display(description=_("on hand"), ordering="stock__on_hand")
    def on_hand(self, variant: Variant) -> int:
        return variant.stock.on_hand if hasattr(variant, "stock") else 0

    @admin.display(description=_("reserved"), ordering="stock__reserved")
    def reserved(self, variant: Variant) -> int:
        return variant.stock.reserved if hasattr(variant, "stock") else 0

    @admin.display(description=_("available"))
    def pieces(self, variant: Variant) -> SafeString:
        return _link_to_stock(variant)

    def stock_page(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The pieces of one article. Who may move them counts, receives, or sets the buffer: one form, one act each."""
        may_move = request.user.has_perm("catalog.change_stock")
        if not may_move and (request.method == "POST" or not self.has_view_permission(request)):
            raise PermissionDenied  # who sees the article sees its pieces
        variant = get_object_or_404(Variant.objects.select_related("product", "stock"), pk=pk)
        now = variant.stock if hasattr(variant, "stock") else Stock(variant=variant)
        forms: dict[str, Form] = {
            "count": CountForm(prefix="count"),
            "receive": ReceiveForm(prefix="receive"),
            "arrange": ArrangeForm(prefix="arrange", initial={"buffer": now.buffer, "restock_on": now.restock_on}),
        }
        do = request.POST.get("do", "")
        if request.method == "POST" and do in forms:
            forms[do] = type(forms[do])(request.POST, prefix=do)
            if forms[do].is_valid() and self._done(request, variant, do, forms[do]):
                return redirect("admin:catalog_variant_stock", pk)
        wrong = any(form.errors for form in forms.values())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Stock of %(sku)s") % {"sku": variant.sku},
            "opts": self.opts,
            "variant": variant,
            "now": now,
            "forms": forms if may_move else {},
            "product": link(request, variant.product),
            "moves": variant.moves.select_related("by").order_by("-id")[:MOVES_SHOWN],
        }
        answer: HttpResponse = TemplateResponse(
            request, "catalog/admin_stock.html", context, status=422 if wrong else 200
        )
        return answer

    def _done(self, request: HttpRequest, variant: Variant, do: str, form: Form) -> bool:
        said, by = form.cleaned_data, request.user.pk
        try:
            if do == "count":
                stock.count(variant.pk, said["on_hand"], by=by)
            elif do == "receive":
                stock.receive_once(variant.pk, said["pieces"], key=f"form:{said['key']}", by=by)
            else:
                stock.arrange(variant.pk, buffer=said["buffer"], restock_on=said["restock_on"])
        except CountTooLow as error:
            form.add_error("on_hand", str(error))
            return False
        self.message_user(request, _("The stock of %(sku)s is up to date.") % {"sku": variant.sku}, messages.SUCCESS)
        return True


def _link_to_stock(variant: Variant) -> SafeString:
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:catalog_variant_stock", args=[variant.pk]), variant.available
    )


def _add_picture(product: Product, row: ModelForm) -> None:
    position = row.cleaned_data["position"] if "position" in row.changed_data else None
    images.add(product, row.cleaned_data["upload"], position=position)
