"""What people choose and type about shops and their orders."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connectors import queries
from connectors.intake import gateways
from connectors.models import Shop
from core import lines
from orders.models import Order
from orders.problems import CATALOGUE
from orders.problems import name as problem_name
from orders.queries import methods_on_offer
from shipping.models import Courier, Method

MAX_IMPORT_DAYS = 365


class FindForm(lines.Form):
    """The filters of an inbox, in the page's address. Nonsense in one of them leaves that one out."""

    tab = forms.ChoiceField(choices=[(tab, label) for tab, (label, _q) in queries.TABS.items()], required=False)
    q = forms.CharField(max_length=100, required=False)
    payment = forms.ChoiceField(
        label=_("Payment"), choices=[("", _("Any payment")), *Order.Payment.choices], required=False
    )
    problem = forms.ChoiceField(label=_("Problem"), required=False)
    days = forms.TypedChoiceField(
        label=_("Date"),
        coerce=int,
        empty_value=None,
        choices=[("", _("Any date")), (1, _("Today")), (7, _("Last 7 days")), (30, _("Last 30 days"))],
        required=False,
    )
    courier = forms.ChoiceField(label=_("Courier"), required=False)
    shop = forms.TypedChoiceField(label=_("Shop"), coerce=int, empty_value=None, required=False)

    def __init__(self, *args: Any, shops: list[Shop], problems: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = list(dict.fromkeys([*problems, *filter(None, [self.data.get("problem", "")])]))
        self._choose("problem", _("Any problem"), [(code, problem_name(code)) for code in codes if code in CATALOGUE])
        couriers = list(Courier.objects.filter(active=True).values_list("code", "name"))
        self._choose("courier", _("Any courier"), [(queries.NO_SHIPPING, _("No shipping chosen")), *couriers])
        self._choose("shop", _("All shops"), [(shop.pk, shop.name) for shop in shops])

    def _choose(self, name: str, empty: Any, choices: list[tuple[Any, Any]]) -> None:
        self.fields[name].choices = [("", empty), *choices]  # type: ignore[attr-defined]

    def wanted(self, platform: str, *, contacts: bool = False) -> queries.Find:
        self.is_valid()
        data = self.cleaned_data
        return queries.Find(
            platform=platform,
            tab=data.get("tab") or "sync",
            text=data.get("q", ""),
            payment=data.get("payment", ""),
            problem=data.get("problem", ""),
            courier=data.get("courier", ""),
            shop=data.get("shop"),
            days=data.get("days"),
            contacts=contacts,
        )


class ShippingForm(lines.Form):
    """A shipping method that is on offer."""

    method = forms.ModelChoiceField(
        label=_("Shipping"), queryset=Method.objects.none(), empty_label=_("Choose shipping")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["method"].queryset = on_offer()  # type: ignore[attr-defined]


def on_offer() -> Any:
    return methods_on_offer()


class PaymentForm(lines.Form):
    """What the reseller says of an order's payment, and whether it holds for this payment method from now on."""

    KINDS = [
        (Order.Payment.PREPAID, _("Prepaid: the customer has paid me")),
        (Order.Payment.COD, _("Cash on delivery: the courier collects")),
        (Order.Payment.AWAITING, _("Not to be sent yet: I wait for the payment")),
    ]
    kind = forms.ChoiceField(label=_("This order is"), choices=KINDS, widget=forms.RadioSelect)
    remember = forms.BooleanField(required=False)

    def __init__(self, *args: Any, gateway: str = "", tag: str = "", **kwargs: Any) -> None:
        """`gateway` or `tag`: what the decision is about, in words; without one it can't be remembered."""
        super().__init__(*args, **kwargs)
        if gateway:
            words = _("Remember it for every order paid with “%(gateway)s”")
            self.fields["remember"].label = words % {"gateway": gateway}
        elif tag:
            words = _("Remember it for every order with the tag “%(tag)s”")
            self.fields["remember"].label = words % {"tag": tag}
        else:
            del self.fields["remember"]


class PaymentRuleForm(lines.Form):
    """What a payment method of a shop is, or a tag of its orders (“tag:…”)."""

    gateway = forms.CharField(
        label=_("Payment method or tag"),
        max_length=100,
        help_text=_("As the shop writes it; a tag of the orders as tag:name."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "list": "methods-seen"}),
    )
    kind = forms.ChoiceField(label=_("Orders with it are"), choices=PaymentForm.KINDS)

    def clean_gateway(self) -> str:
        name: str = self.cleaned_data["gateway"].strip()
        return name.lower() if name.lower().startswith("tag:") else name


class GatewaysForm(lines.Form):
    """How each of these payment methods of a shop pays; `cleaned_data`: by the gateway's id, "" where nothing is said.
    The ids are the names of the fields."""

    KINDS = [
        (Order.Payment.COD, _("The courier collects at the door")),
        (Order.Payment.PREPAID, _("Paid to me in advance (card, wallet, bank transfer)")),
        (gateways.ASK, _("Ask me each time")),
    ]

    def __init__(self, *args: Any, questions: list[gateways.Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in questions:
            waits = [(Order.Payment.AWAITING, dict(PaymentForm.KINDS)[Order.Payment.AWAITING])]
            self.fields[question.gateway] = forms.ChoiceField(
                label=gateways.label(question),
                choices=[*self.KINDS, *(waits if question.answer == Order.Payment.AWAITING else [])],
                initial=question.answer or question.guess,
                required=False,
            )


class RulesForm(lines.Form):
    """How a shop's orders come in: with which shipping, and from which day on."""

    method = forms.ModelChoiceField(
        label=_("Usual shipping"),
        queryset=Method.objects.none(),
        required=False,
        empty_label=_("I choose it order by order"),
        help_text=_("New orders come in with it already chosen; it can be changed on each order."),
    )
    since = forms.DateField(
        label=_("Orders from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        help_text=_("Older orders are not brought in. Moving it back brings in those between."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["method"].queryset = on_offer()  # type: ignore[attr-defined]
        today = timezone.localdate()
        oldest = today - dt.timedelta(days=MAX_IMPORT_DAYS)
        self.fields["since"].widget.attrs |= {"max": today.isoformat(), "min": oldest.isoformat()}

    def clean_since(self) -> dt.date:
        since: dt.date = self.cleaned_data["since"]
        today = timezone.localdate()
        if since > today:
            raise forms.ValidationError(_("This day is still to come."), code="future")
        if since < today - dt.timedelta(days=MAX_IMPORT_DAYS):
            raise forms.ValidationError(_("At most one year back."), code="too_old")
        return since


class MatchForm(lines.Form):
    """A shop's SKU is so many pieces of one of ours."""

    subject = forms.CharField(max_length=110, widget=forms.HiddenInput)
    sku = forms.CharField(
        label=_("Our SKU or EAN"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    quantity = forms.IntegerField(
        label=_("Pieces of ours in one of theirs"),
        min_value=1,
        max_value=9999,
        initial=1,
        localize=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


class StockForm(lines.Form):
    """The merchant's word on who keeps the stock of his products that are ours."""

    on = forms.BooleanField(label=_("MCI keeps the stock of these products"), required=False)
    buffer = forms.IntegerField(
        label=_("Pieces kept back"),
        min_value=0,
        max_value=9999,
        help_text=_(
            "The shop shows this many fewer than there are, so that two sales at once do not sell the last one twice."
        ),
    )
