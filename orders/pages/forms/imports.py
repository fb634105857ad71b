"""What is typed about an import: the file, what its columns are, a row that is mended."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from core import lines
from core.fields import AmountField
from core.postal.countries import COUNTRIES
from orders.imports import guess
from orders.imports.words import FIELD_NAMES
from orders.models import ImportRow, Order


class UploadForm(lines.Form):
    """A file of orders."""

    file = forms.FileField(
        label=_("File of orders (CSV, TXT, XLSX)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx", "class": "form-control"}),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )
    marketplace = forms.CharField(
        label=_("Marketplace"),
        max_length=60,
        required=False,
        help_text=_("Needed only where the file does not say it itself."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "marketplaces"}),
    )


class ColumnsForm(lines.Form):
    """Column by column what it is; of the guess what is sure is chosen."""

    marketplace = forms.CharField(
        label=_("Marketplace"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "marketplaces"}),
    )

    def __init__(self, *args: Any, head: list[str], guessed: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head = head
        choices = [("", _("(not used)")), *((name, FIELD_NAMES[name]) for name in guess.FIELDS)]
        for at, name in enumerate(head):
            self.fields[f"column_{at}"] = forms.ChoiceField(
                label=name, choices=choices, required=False, initial=guessed.get(name, "")
            )

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[f"column_{at}"] for at in range(len(self._head))]

    def chosen(self) -> dict[str, str]:
        """Column → field."""
        said = {name: self.cleaned_data.get(f"column_{at}", "") for at, name in enumerate(self._head)}
        return {name: field for name, field in said.items() if field}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        seen: set[str] = set()
        for at in range(len(self._head)):
            field = data.get(f"column_{at}", "")
            if field and field in seen:
                self.add_error(f"column_{at}", _("Another column is this already."))
            seen.add(field)
        return data


class RowForm(lines.Form):
    """An order of the file, to be mended."""

    name = forms.CharField(label=_("Name and surname"), max_length=120, required=False)
    company = forms.CharField(label=_("Company"), max_length=120, required=False)
    street = forms.CharField(label=_("Address and number"), max_length=200, required=False)
    street2 = forms.CharField(label=_("Flat, stairs, c/o"), max_length=200, required=False)
    postcode = forms.CharField(
        label=_("Postcode (CAP)"),
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    city = forms.CharField(label=_("City"), max_length=80, required=False)
    province = forms.CharField(label=_("Province"), max_length=40, required=False)
    country = forms.ChoiceField(label=_("Country"), choices=COUNTRIES, initial="IT", required=False)
    phone = forms.CharField(
        label=_("Phone"), max_length=60, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    note = forms.CharField(label=_("Note for the courier"), max_length=200, required=False)
    payment = forms.ChoiceField(
        label=_("Payment"),
        choices=[(Order.Payment.PREPAID, _("Prepaid")), (Order.Payment.COD, _("Cash on delivery"))],
        required=False,
    )
    sale_total = AmountField(label=_("The customer pays, VAT included"), required=False)
    to_collect = AmountField(label=_("To collect at the door (€)"), required=False)

    def __init__(self, *args: Any, row: ImportRow, **kwargs: Any) -> None:
        said = row.data.get("fields", {})
        kwargs.setdefault("initial", {name: said.get(name, "") or None for name in self.base_fields})
        super().__init__(*args, **kwargs)
        for name in ("name", "street", "postcode", "city", "province"):
            self.fields[name].sometimes_required = True  # type: ignore[attr-defined]
        self._pieces = [*row.data.get("pieces", ()), {"sku": "", "title": "", "quantity": 0}]
        if len(self._pieces) > 1 and self._pieces[-2]["sku"] == "" and self._pieces[-2]["title"] == "":
            self._pieces.pop()
        for at, piece in enumerate(self._pieces):
            self.fields[f"sku_{at}"] = forms.CharField(
                label=_("SKU or EAN"),
                max_length=100,
                required=False,
                initial=piece["sku"],
                help_text=escape(piece["title"]),  # a field takes its help for HTML
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )
            self.fields[f"quantity_{at}"] = forms.IntegerField(
                label=_("Quantity"),
                min_value=0,
                max_value=9999,
                required=False,
                initial=piece["quantity"] or None,
                localize=False,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )
            for name in (f"sku_{at}", f"quantity_{at}"):
                self.fields[name].sometimes_required = True  # type: ignore[attr-defined]

    @property
    def goods(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"sku_{at}"], self[f"quantity_{at}"]) for at in range(len(self._pieces))]

    @property
    def recipient(self) -> list[forms.BoundField]:
        return [self[name] for name in self.base_fields]

    def said(self) -> dict[str, str]:
        """Field → text, amounts as rows keep them."""
        found = {name: self.cleaned_data.get(name) for name in self.base_fields}
        found["country"] = found["country"] or "IT"
        found["payment"] = found["payment"] or Order.Payment.PREPAID
        return {name: "" if value is None else str(value) for name, value in found.items()}

    def pieces(self) -> list[tuple[str, int]]:
        """SKU and pieces of each line; 0 takes it out."""
        found = []
        for at in range(len(self._pieces)):
            sku, quantity = self.cleaned_data.get(f"sku_{at}", ""), self.cleaned_data.get(f"quantity_{at}")
            found.append((sku, quantity if quantity is not None else 1 if sku else 0))
        return found
