"""The supplier's couriers, methods and prices; and the parcels, to look at: they are moved on the warehouse's desk."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper
from core import lines
from core.administration.pages import EditableList, ReadOnly, ReadOnlyInline
from core.lookup import IndexedSearch, first_ids
from core.templatetags.mci import euro
from shipping import queries
from shipping.models import Courier, Method, Rate, Shipment, ShipmentEvent, Zone, ZoneArea
from shipping.pages.tariff_forms import (
    AreaForm,
    AreaFormSet,
    CourierForm,
    MethodForm,
    RateForm,
    RateFormSet,
    warnings_of,
)
from shipping.templatetags.shipping_words import event_look, kilos

_TONES = {
    "to_pick": "b-new",
    "packed": "b-new",
    "held": "b-pick",
    "returning": "b-pick",
    "delivered": "b-ship",
    "lost": "b-hold",
}


@admin.register(Courier)
class CourierAdmin(admin.ModelAdmin):
    form = CourierForm
    list_display = ["name", "code", "cod_cap", "tracking_url", "active"]
    list_filter = ["active"]
    search_fields = ["name", "code"]
    prepopulated_fields = {"code": ["name"]}
    fieldsets = [
        (None, {"fields": ["name", "code", "cod_cap", "tracking_url", "tracking_shapes", "active"]}),
        (
            _("What its labels and files hold"),
            {
                "fields": [
                    ("name_limit", "street_limit", "city_limit"),
                    ("email_limit", "note_limit"),
                    ("text_form", "refused_signs"),
                ],
                "description": _("Signs in each field, from the courier's manual. Empty: no limit is known."),
            },
        ),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # parcels hang from it: switch it off instead


class RateInline(admin.TabularInline):
    model = Rate
    form = RateForm
    formset = RateFormSet
    extra = 0
    ordering = ["zone__name", "max_weight_g"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rate]:
        return super().get_queryset(request).select_related("zone", "method__courier")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "zone" and field:  # a column of pencils says nothing
            field.widget.can_add_related = field.widget.can_change_related = field.widget.can_view_related = False
        return field


@admin.register(Method)
class MethodAdmin(EditableList):
    """A price that is changed here holds from the next Sincronizza on; orders that were sent keep theirs."""

    form = MethodForm
    list_display = ["__str__", "active", "position", "days", "heaviest", "cod_fee"]
    list_editable = ["position", "active"]
    list_filter = ["active", "courier"]
    list_select_related = ["courier"]
    search_fields = ["name", "code", "courier__name"]
    prepopulated_fields = {"code": ["name"]}
    fieldsets = [
        (None, {"fields": ["courier", "name", "code", ("days_min", "days_max"), ("max_weight_g", "vat_rate")]}),
        (
            _("Cash on delivery"),
            {"fields": ["cod_allowed", ("cod_fee_fixed", "cod_fee_percent", "cod_fee_min")]},
        ),
        (None, {"fields": ["return_net", ("position", "active")]}),
    ]
    inlines = [RateInline]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for words in warnings_of(form.instance):
            self.message_user(request, words, messages.WARNING)

    @admin.display(description=_("working days"))
    def days(self, method: Method) -> str:
        return f"{method.days_min}–{method.days_max}"

    @admin.display(description=_("COD fee"))
    def cod_fee(self, method: Method) -> str:
        if not method.cod_allowed:
            return "–"
        fixed, percent, least = (
            number_format(part, use_l10n=True)
            for part in (method.cod_fee_fixed, method.cod_fee_percent, method.cod_fee_min)
        )
        return f"{fixed} € + {percent} % (≥ {least} €)"

    @admin.display(description=_("up to"), ordering="max_weight_g")
    def heaviest(self, method: Method) -> str:
        return f"{kilos(method.max_weight_g)} kg"


class AreaInline(admin.TabularInline):
    model = ZoneArea
    form = AreaForm
    formset = AreaFormSet
    extra = 0
    ordering = ["country", "province", "postcode_prefix"]


@admin.register(Zone)
class ZoneAdmin(admin.ModelAdmin):
    form = lines.ModelForm
    list_display = ["name", "code"]
    search_fields = ["name", "code", "=areas__province", "areas__postcode_prefix"]
    prepopulated_fields = {"code": ["name"]}
    inlines = [AreaInline]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A zone with rates would take its prices along."""
        return isinstance(obj, Zone) and not obj.rates.exists() and super().has_delete_permission(request, obj)


class EventInline(ReadOnlyInline):
    model = ShipmentEvent
    fields = ("at", "step", "note", "by")
    readonly_fields = fields
    ordering = ["id"]

    @admin.display(description=_("what"))
    def step(self, event: ShipmentEvent) -> str:
        return str(event_look(event)["words"])

    def get_queryset(self, request: HttpRequest) -> QuerySet[ShipmentEvent]:
        return super().get_queryset(request).select_related("by")


@admin.register(Shipment)
class ShipmentAdmin(IndexedSearch, ReadOnly):
    list_display = ["of_order", "dropshipper", "where", "cod", "tracking", "method", "name", "created_at"]
    list_filter = ["state", "cash", "method__courier"]
    list_select_related = ["dropshipper", "method__courier"]
    search_fields = ["=reference", "tracking", "name", "=postcode", "dropshipper__name"]
    search_help_text = _("Tracking number, name, postcode, dropshipper or order number")
    ordering = ["-id"]
    fields = [
        *("of_order", "dropshipper", "method", "state", "cod", "weight_g", "tracking"),
        *("name", "company", "street", "street2", "postcode", "city", "province", "country", "phone", "email", "note"),
        *("created_at", "shipped_at", "delivered_at"),
    ]
    inlines = [EventInline]

    def search_ways(self, text: str) -> list[Q]:
        named = Q(dropshipper__in=first_ids(Dropshipper.objects.filter(name__icontains=text)))
        return [*queries.search_ways(text), Q(reference=text), named]

    @admin.display(description=_("order"), ordering="id")
    def of_order(self, shipment: Shipment) -> str:
        return shipment.number

    @admin.display(description=_("COD cash"), ordering="cash")
    def cod(self, shipment: Shipment) -> str:
        return f"{euro(shipment.cod_amount)} · {shipment.get_cash_display()}" if shipment.cash else "–"

    @admin.display(description=_("state"), ordering="state")
    def where(self, shipment: Shipment) -> SafeString:
        tone = _TONES.get(shipment.state, "b-new")
        return format_html('<span class="bdg {}">{}</span>', tone, shipment.get_state_display())
