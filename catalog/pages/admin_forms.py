"""Forms of the supplier's administration of the catalogue."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from stdnum import ean

from catalog import images
from catalog.errors import BadPicture
from catalog.models import Maker, ProductImage, Variant
from core import lines

MOST_PIECES = 1_000_000


class ImageForm(lines.ModelForm):
    """A picture of a product. Only a new row takes a file; to replace a picture, delete it and add another."""

    upload = forms.FileField(
        label=_("File"), required=False, help_text=_("JPEG, PNG, WebP or GIF, best 1024 px or more.")
    )

    class Meta:
        model = ProductImage
        fields = ["position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["upload"].disabled = self.instance.pk is not None

    def clean_upload(self) -> Any:
        upload = self.cleaned_data["upload"]
        if upload is None:
            return None
        try:
            images.check(upload, name=upload.name)
        except BadPicture as error:
            raise forms.ValidationError(str(error), code=error.code) from error
        return upload

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.instance.pk is None and not data.get("upload") and "upload" not in self.errors:
            self.add_error("upload", forms.ValidationError(_("Choose a file."), code="required"))
        return data


class MakerForm(lines.ModelForm):
    class Meta:
        model = Maker
        fields = ["name", "address", "contact", "eu_name", "eu_address", "eu_contact"]

    def clean(self) -> dict[str, Any]:
        """The person in the EU is told whole or not at all."""
        data = super().clean() or self.cleaned_data
        said = [name for name in ("eu_name", "eu_address", "eu_contact") if data.get(name)]
        for name in ("eu_name", "eu_address", "eu_contact"):
            if said and name not in said and name not in self.errors:
                self.add_error(name, forms.ValidationError(_("The law wants all three."), code="required"))
        return data


class VariantForm(lines.ModelForm):
    class Meta:
        model = Variant
        fields = [
            "sku",
            "ean",
            "title",
            "net_price",
            "vat_rate",
            "retail_price",
            "weight_g",
            "length_mm",
            "width_mm",
            "height_mm",
            "active",
        ]

    def clean_sku(self) -> str:
        """Case does not make another SKU: people and shops write it either way."""
        sku: str = self.cleaned_data["sku"].strip()
        others = Variant.objects.annotate(key=Upper("sku")).filter(key=sku.upper()).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError(_("Another variant has this SKU."), code="unique")
        return sku

    def clean_ean(self) -> str:
        text: str = self.cleaned_data["ean"].strip()
        if text and not ean.is_valid(text):
            raise forms.ValidationError(_("This EAN is not valid: check its digits."), code="ean")
        return text


class CountForm(lines.Form):
    """What is on the shelf now."""

    on_hand = forms.IntegerField(
        label=_("Pieces counted"), min_value=0, max_value=MOST_PIECES, help_text=_("All that lie on the shelf.")
    )


class ReceiveForm(lines.Form):
    """What came in; `key` makes the click count once."""

    pieces = forms.IntegerField(label=_("Pieces received"), min_value=1, max_value=MOST_PIECES)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class ArrangeForm(lines.Form):
    buffer = forms.IntegerField(
        label=_("Safety buffer"), min_value=0, max_value=MOST_PIECES, help_text=_("Pieces kept back from sale.")
    )
    restock_on = forms.DateField(
        label=_("Back on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
