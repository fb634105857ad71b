"""What the supplier types about couriers, methods, prices and zones. Amounts are EUR, VAT excluded; weights in grams.

A tariff with a hole is refused here with the sentence that says which; what is odd but possible is `warnings_of`."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from itertools import pairwise
from typing import Any, cast

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from core import lines
from core.money import CASH_LIMIT, ZERO
from shipping.models import Courier, Method, Rate, Zone, ZoneArea

_TOWARDS = re.compile(r"https?://[^\s{}]+\{tracking\}[^\s{}]*")


class _Amounts:
    """Fields that must not be negative: each gets its own sentence instead of the name of a constraint."""

    not_negative: tuple[str, ...] = ()

    def refuse_negative(self: Any) -> None:
        for name in self.not_negative:
            amount = self.cleaned_data.get(name)
            if amount is not None and amount < ZERO:
                self.add_error(name, _("An amount cannot be negative."))


class CourierForm(_Amounts, lines.ModelForm):
    not_negative = ("cod_cap",)

    class Meta:
        model = Courier
        fields = (
            "name",
            "code",
            "cod_cap",
            "tracking_url",
            "name_limit",
            "street_limit",
            "city_limit",
            "email_limit",
            "note_limit",
            "text_form",
            "refused_signs",
            "active",
        )

    def clean_tracking_url(self) -> str:
        address = self.cleaned_data["tracking_url"].strip()
        if address and not _TOWARDS.fullmatch(address):
            raise forms.ValidationError(_("Write an address that begins with https:// and contains {tracking}."))
        return str(address)

    def clean(self) -> None:
        self.refuse_negative()
        most = self.cleaned_data.get("street_limit")
        if most is not None and most < 15:
            self.add_error("street_limit", _("At least 15: a street with its number must fit."))
        if self.cleaned_data.get("cod_cap", ZERO) > CASH_LIMIT:
            self.add_error("cod_cap", _("The law does not allow to collect 5,000 € or more in cash."))


class MethodForm(_Amounts, lines.ModelForm):
    not_negative = ("cod_fee_fixed", "cod_fee_min", "return_net")

    class Meta:
        model = Method
        fields = (
            "courier",
            "name",
            "code",
            "days_min",
            "days_max",
            "max_weight_g",
            "vat_rate",
            "cod_allowed",
            "cod_fee_fixed",
            "cod_fee_percent",
            "cod_fee_min",
            "return_net",
            "position",
            "active",
        )

    def clean(self) -> None:
        self.refuse_negative()
        data = self.cleaned_data
        for name, most in (("cod_fee_percent", 100), ("vat_rate", 30)):
            rate = data.get(name)
            if rate is not None and not 0 <= rate <= most:
                self.add_error(name, _("It must be between 0 and %(most)s.") % {"most": most})
        if data.get("max_weight_g") == 0:
            self.add_error("max_weight_g", _("A weight must be more than zero."))
        first, last = data.get("days_min"), data.get("days_max")
        if first is not None and last is not None and first > last:
            self.add_error("days_max", _("It cannot be less than the first number of days."))


class RateForm(_Amounts, lines.ModelForm):
    not_negative = ("net",)

    class Meta:
        model = Rate
        fields = ("zone", "max_weight_g", "net", "cod_allowed")

    def clean(self) -> None:
        self.refuse_negative()
        if self.cleaned_data.get("max_weight_g") == 0:
            self.add_error("max_weight_g", _("A weight must be more than zero."))


class RateFormSet(forms.BaseInlineFormSet):
    """The rates of one method. A band goes from the one before it (of the same zone) up to its own weight."""

    @cached_property
    def _zones(self) -> list[tuple[Any, str]]:
        return [("", "–"), *((zone.pk, str(zone)) for zone in Zone.objects.all())]

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if "zone" in form.fields:  # the choices are asked once, not for each row
            cast(forms.ModelChoiceField, form.fields["zone"]).choices = self._zones

    def clean(self) -> None:
        if any(self.errors):
            return
        bands: dict[Zone, dict[int, forms.BaseForm]] = defaultdict(dict)
        for form in self.forms:
            data = form.cleaned_data
            if not data or data.get("DELETE"):
                continue
            by_weight, limit = bands[data["zone"]], data["max_weight_g"]
            if limit in by_weight:
                words = _("%(zone)s up to %(weight)s g is there twice: two bands overlap.")
                form.add_error("max_weight_g", words % {"zone": data["zone"], "weight": limit})
            by_weight[limit] = form
        most = self.instance.max_weight_g
        if not most or not bands:
            return
        for zone, by_weight in bands.items():
            for lower, limit in pairwise(sorted(by_weight)):
                if lower >= most:
                    words = _("Never used: the method takes %(most)s g, and %(zone)s has a band for that already.")
                    by_weight[limit].add_error("max_weight_g", words % {"most": most, "zone": zone})
        heaviest = max(limit for by_weight in bands.values() for limit in by_weight)
        if heaviest < most:
            words = _("A band is missing: the method takes %(most)s g, but the rates end at %(heaviest)s g.")
            raise forms.ValidationError(words % {"most": most, "heaviest": heaviest}, code="band_missing")
        if not any(self.errors):
            super().clean()


class AreaForm(lines.ModelForm):
    class Meta:
        model = ZoneArea
        fields = ("country", "province", "postcode_prefix")

    def clean_country(self) -> str:
        code = self.cleaned_data["country"].strip().upper()
        if not re.fullmatch(r"[A-Z]{2}", code):
            raise forms.ValidationError(_("Two letters: IT, SM, DE."))
        return str(code)

    def clean_province(self) -> str:
        code = self.cleaned_data["province"].strip().upper()
        if code and not re.fullmatch(r"[A-Z]{2}", code):
            raise forms.ValidationError(_("Two letters: RM, MI, PA."))
        return str(code)

    def clean_postcode_prefix(self) -> str:
        prefix = self.cleaned_data["postcode_prefix"].replace(" ", "").upper()
        if prefix and not re.fullmatch(r"[A-Z0-9]{1,5}", prefix):
            raise forms.ValidationError(_("Only the digits with which the postcodes begin."))
        return str(prefix)

    def clean(self) -> None:
        data = self.cleaned_data
        if not self.has_changed() or self.errors:
            return
        same = ZoneArea.objects.filter(
            country=data["country"], province=data["province"], postcode_prefix=data["postcode_prefix"]
        )
        taken = same.exclude(pk=self.instance.pk).select_related("zone").first()
        if taken:
            raise forms.ValidationError(_("%(area)s is already in “%(zone)s”.") % {"area": taken, "zone": taken.zone})


class AreaFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        seen = set()
        for form in self.forms:
            data = getattr(form, "cleaned_data", {})
            if form.errors or not data or data.get("DELETE"):
                continue
            area = (data["country"], data["province"], data["postcode_prefix"])
            if area in seen:
                form.add_error(None, _("%(area)s is there twice.") % {"area": " ".join(filter(None, area))})
            seen.add(area)
        if not any(self.errors):
            super().clean()


def warnings_of(method: Method) -> list[str]:
    """What is odd in a method's rates but may be meant: to be looked at, not refused."""
    bands: dict[str, list[tuple[int, Decimal]]] = defaultdict(list)
    for zone, limit, net in method.rates.order_by("zone", "max_weight_g").values_list(
        "zone__name", "max_weight_g", "net"
    ):
        bands[zone].append((limit, net))
    if not bands:
        return [_("%(method)s has no rates: it goes nowhere.") % {"method": method}]
    found = []
    for zone, prices in bands.items():
        words = {"zone": zone, "most": method.max_weight_g, "limit": prices[-1][0]}
        if prices[-1][0] < method.max_weight_g:
            found.append(_("%(zone)s: parcels from %(limit)s g to %(most)s g are refused there.") % words)
        if any(dearer[1] > cheaper[1] for dearer, cheaper in pairwise(prices)):
            found.append(_("%(zone)s: a heavier parcel costs less than a lighter one.") % words)
    return found
