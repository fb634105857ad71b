"""What people type about an order. Lenient about how a thing is written, strict about what it means."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import lines
from core.fields import AmountField
from core.money import CASH_LIMIT
from core.places import abroad
from core.postal import provinces
from core.postal.countries import COUNTRIES
from orders.entry import marketplaces
from orders.entry.pasted_lines import read_pasted as read_pasted
from orders.entry.pasted_lines import split_pieces
from orders.models import Order
from orders.paste import cleaning as clean_text

MAX_LINES = 200


class OrderForm(lines.Form):
    """An order by hand. `strict`: it is being sent, so what a parcel needs must be there; a draft may lack anything."""

    use_required_attribute = False  # a draft may lack anything: the browser must not stand in its way

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Name and surname"), max_length=120, required=False)
    phone = forms.CharField(
        label=_("Phone"), max_length=60, required=False, help_text=_("The courier calls here before the delivery.")
    )
    street = forms.CharField(label=_("Address and number"), max_length=200, required=False)
    street2 = forms.CharField(label=_("Flat, stairs, c/o"), max_length=200, required=False)
    company = forms.CharField(label=_("Company"), max_length=120, required=False)
    postcode = forms.CharField(label=_("Postcode (CAP)"), max_length=12, required=False)
    city = forms.CharField(label=_("City"), max_length=80, required=False)
    province = forms.CharField(label=_("Province"), max_length=40, required=False)
    country = forms.ChoiceField(label=_("Country"), choices=COUNTRIES, initial="IT", required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=254, required=False)
    note = forms.CharField(label=_("Note for the courier"), max_length=200, required=False)
    sale_total = AmountField(label=_("The customer pays, VAT included"), required=False)
    payment = forms.ChoiceField(
        label=_("Payment"),
        choices=[(Order.Payment.PREPAID, _("Prepaid")), (Order.Payment.COD, _("Cash on delivery"))],
        widget=forms.RadioSelect,
        initial=Order.Payment.PREPAID,
        required=False,
    )
    to_collect = AmountField(
        label=_("To collect at the door (€)"), required=False, help_text=_("Empty: all that the customer pays.")
    )
    marketplace = forms.CharField(label=_("Marketplace"), max_length=60, required=False)
    reference = forms.CharField(label=_("Its order number"), max_length=60, required=False)
    method = forms.IntegerField(widget=forms.HiddenInput, required=False)
    find = forms.CharField(label=_("Search for an article"), max_length=100, required=False)
    pasted = forms.CharField(
        label=_("Paste lines"),
        required=False,
        strip=False,  # and no longest one: a browser would cut what is pasted without a word
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("One article per line: SKU*3, or two columns from a spreadsheet."),
    )

    whole = forms.CharField(
        label=_("The text of an order"),
        required=False,
        strip=False,
        max_length=clean_text.MOST,
        widget=forms.Textarea(attrs={"rows": 7, "spellcheck": "false"}),
        help_text=_(
            "A chat, an e-mail, the page of a marketplace. It is read here, is sent to nobody and is not kept."
        ),
    )

    _widget_attrs = {
        "name": {"autocomplete": "off", "autocapitalize": "words"},
        "phone": {"autocomplete": "off", "inputmode": "tel"},
        "postcode": {"autocomplete": "off", "inputmode": "numeric"},
        "city": {"autocomplete": "off", "list": "cities"},
        "province": {"autocomplete": "off", "autocapitalize": "characters"},
        "street": {"autocomplete": "off"},
        "email": {"autocomplete": "off"},
        "marketplace": {"autocomplete": "off", "list": "marketplaces"},
        "reference": {"autocomplete": "off", "spellcheck": "false"},
        "find": {"autocomplete": "off"},
    }
    # A parcel needs them. What is not sent yet may lack them, and their labels never say that they are optional.
    _needed = ("name", "street", "postcode", "city", "province")

    def __init__(self, *args: Any, order: Order | None = None, strict: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order, self.strict = order, strict
        if order is not None and order.source != "manual":  # what the shop says of itself is not for a person
            del self.fields["marketplace"], self.fields["reference"]
        abroad = (self.data.get("country") or self.initial.get("country") or "IT") != "IT"
        for name in self._needed:
            needed = not (abroad and name == "province")
            self.fields[name].required = strict and needed
            self.fields[name].sometimes_required = needed  # type: ignore[attr-defined]
        for name, attrs in self._widget_attrs.items():
            if name in self.fields:
                self.fields[name].widget.attrs.update(attrs)
        payment = self.fields["payment"]
        if order is not None and order.payment not in (Order.Payment.PREPAID, Order.Payment.COD):
            payment.choices = [(order.payment, order.get_payment_display()), *payment.choices]  # type: ignore[attr-defined]
        if order is not None and order.country not in dict(COUNTRIES):
            self.fields["country"].choices = [*COUNTRIES, (order.country, order.country)]  # type: ignore[attr-defined]

    @property
    def shows_more(self) -> bool:
        """Whether one of the fields that are folded away holds something, or has an error."""
        filled = any(self[name].value() for name in ("street2", "company", "email", "note"))
        return filled or self["country"].value() != "IT" or bool(self.errors.keys() & {"email", "note"})

    def clean_country(self) -> str:
        return self.cleaned_data["country"] or "IT"

    def clean_payment(self) -> str:
        return self.cleaned_data["payment"] or Order.Payment.PREPAID

    def clean_key(self) -> uuid.UUID:
        return self.cleaned_data["key"] or uuid.uuid4()

    def clean_marketplace(self) -> str:
        return marketplaces.written(self.cleaned_data["marketplace"])

    def clean_reference(self) -> str:
        return marketplaces.number(self.cleaned_data["reference"])

    def clean_pasted(self) -> str:
        """What was read stands in the rows (orders/entry/typed.py); what is left here is too much for one order."""
        text: str = self.cleaned_data["pasted"]
        if count := len(read_pasted(text)):
            words = _(
                "An order has at most %(most)s articles, and with these lines there would be more (%(count)s are"
                " pasted): paste a part of them here, and the rest into another order."
            )
            raise forms.ValidationError(words, code="too_many", params={"most": MAX_LINES, "count": count})
        return text

    def clean_province(self) -> str:
        text = self.cleaned_data["province"]
        return text.upper() if len(text) == 2 else text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.strict:
            return data
        if not self._province_is_readable(data):
            self.add_error("province", forms.ValidationError(_("Two letters are needed, like MI."), code="province"))
        if data.get("payment") == Order.Payment.COD and not {"to_collect", "sale_total"} & set(self.errors):
            amount = data.get("to_collect") if data.get("to_collect") is not None else data.get("sale_total")
            if not amount:
                self.add_error("to_collect", forms.ValidationError(_("How much must be collected?"), code="required"))
            elif amount > CASH_LIMIT:
                self.add_error(
                    "to_collect",
                    forms.ValidationError(_("In cash the law allows 4,999.99 € at most."), code="law"),
                )
        return data

    def _province_is_readable(self, data: dict[str, Any]) -> bool:
        """Of a postcode that is not in Italy, the country is asked about instead (see orders/problems.py)."""
        text, postcode = data.get("province", ""), data.get("postcode", "")
        if not text or data.get("country") != "IT" or abroad(postcode, data.get("city", ""), text):
            return True
        return bool(provinces.today(text, postcode))


class LineForm(lines.Form):
    """One article. `row` names the line that is being edited, so that what the shop said of it is kept."""

    row = forms.IntegerField(widget=forms.HiddenInput, required=False)
    sku = forms.CharField(
        label=_("SKU, EAN or name"),
        max_length=110,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    quantity = forms.IntegerField(
        label=_("Quantity"),
        min_value=1,
        max_value=9999,
        required=False,
        localize=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        sku, pieces = split_pieces(lines.seen(data.get("sku", "")))
        data["sku"] = sku[:100]
        if pieces and data.get("quantity") in (None, 1):
            data["quantity"] = pieces
        if "quantity" not in self.errors and not data.get("quantity"):
            data["quantity"] = 1
        return data


LineFormSet = forms.formset_factory(LineForm, extra=0, max_num=MAX_LINES, validate_max=True, absolute_max=MAX_LINES * 2)
