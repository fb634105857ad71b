"""What people type on the wallet's pages."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper
from core import lines
from core.fields import AmountField
from wallet.errors import AmountOutOfRange
from wallet.models import Account
from wallet.statement import periods
from wallet.statement.history import TYPES
from wallet.statement.periods import Period
from wallet.topups import HIGHEST

PRESETS = ("100", "250", "500")


class TopUpForm(lines.Form):
    """`preset` is one of the buttons or "other" with an `amount`. `key` makes a second submit the same one."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    preset = forms.ChoiceField(required=False, choices=[*((p, p) for p in PRESETS), ("other", _("Other"))])
    amount = AmountField(
        label=_("Amount (EUR)"),
        required=False,
        most=15,
        negative=True,  # the books say what may be added
        placeholder="250,00",
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        preset = cleaned.get("preset")
        if preset in PRESETS:
            cleaned["amount"] = Decimal(preset)
            self.errors.pop("amount", None)  # what stands in the field of "other" does not matter then
        elif not cleaned.get("amount") and "amount" not in self.errors:
            self.add_error("amount", _("Say how much you want to add."))
        return cleaned


class DecisionForm(lines.Form):
    """The desk's word on a top-up."""

    top_up = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    decision = forms.ChoiceField(
        choices=[("credit", _("Credit")), ("reject", _("Reject")), ("take_back", _("Take back"))]
    )
    reason = forms.CharField(label=_("Reason"), required=False, max_length=200)


class AdjustmentForm(lines.Form):
    """A correction of a wallet; the reseller's page leads here. `key` makes a second submit the same one; the sign is a
    word, not a minus."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    dropshipper = forms.ModelChoiceField(queryset=Dropshipper.objects, widget=forms.HiddenInput)
    way = forms.ChoiceField(
        label=_("What it does"),
        choices=[("give", _("Adds to the wallet")), ("take", _("Takes from the wallet"))],
        widget=forms.RadioSelect,
        initial="give",
    )
    amount = AmountField(
        label=_("Amount (EUR)"),
        most=15,
        negative=True,  # the books say what may be added
        placeholder="12,50",
    )
    reason = forms.CharField(
        label=_("Reason, shown to the reseller"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    # "1": the amount and the name were read once more; "0": something is to be changed first
    sure = forms.CharField(required=False, max_length=1, widget=forms.HiddenInput)

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if amount <= 0:
            raise forms.ValidationError(_("Write the amount without a sign."))
        if amount > HIGHEST:
            raise forms.ValidationError(str(AmountOutOfRange(low="0.01", high=f"{HIGHEST:.2f}")))
        return amount

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("way") == "take" and "amount" in cleaned:
            cleaned["amount"] = -cleaned["amount"]
        return cleaned


class PeriodForm(lines.Form):
    """The filters of the movements and the period of a statement. Tolerant: what makes no sense is left out. `when`
    names a month, quarter or year and goes before the two days; `order` is the number of one order."""

    RANGES = ("7", "30", "90", "365")
    first = forms.DateField(
        required=False, label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        required=False, label=_("To"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    when = forms.CharField(required=False, max_length=10)
    order = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    type = forms.ChoiceField(
        required=False,
        label=_("Type"),
        choices=[
            ("", _("All types")),
            ("top_up", _("Top-ups")),
            ("order", _("Orders")),
            ("cod", _("Cash on delivery")),
            ("guarantee", _("Guarantees")),
            ("back", _("Reversals")),
            ("adjustment", _("Adjustments")),
        ],
    )
    account = forms.ChoiceField(
        required=False,
        label=_("Account"),
        choices=[
            (Account.Kind.WALLET.value, _("Available")),
            (Account.Kind.HELD.value, _("Held")),
            (Account.Kind.COD_DUE.value, _("COD to receive")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first", "last"):
            self.fields[name].input_formats = ["%Y-%m-%d"]  # type: ignore[attr-defined]
        self.is_valid()

    def _picked(self, name: str) -> Any:
        return getattr(self, "cleaned_data", {}).get(name)

    @property
    def period(self) -> Period:
        """What was asked for; the last 30 days when nothing was. `all` in the address asks for everything."""
        if found := periods.named(self.name):
            return found
        first, last = self._picked("first"), self._picked("last")
        if first is None and last is None:
            return Period() if "all" in self.data else Period(timezone.localdate() - dt.timedelta(days=29))
        if first and last and first > last:
            first, last = last, first
        return Period(_sane(first), _sane(last))

    @property
    def name(self) -> str:
        """The period as it was picked from the list; "" when it was not, or is unknown."""
        picked: str = self._picked("when") or ""
        return picked if periods.named(picked) else ""

    @property
    def reference(self) -> str:
        """The order whose movements are asked for, as the books call it; "" for all."""
        number = self._picked("order")
        return f"order:{number}" if number else ""

    @property
    def query(self) -> str:
        """The period as a part of an address, for the files and for the movements of the same days."""
        if self.name:
            return f"when={self.name}"
        found = self.period
        days = [f"{name}={day:%Y-%m-%d}" for name, day in (("first", found.first), ("last", found.last)) if day]
        return "&".join(days) or "all"

    @property
    def kind(self) -> str:
        kind = self._picked("type")
        return kind if kind in TYPES else ""

    @property
    def account_kind(self) -> str:
        return self._picked("account") or Account.Kind.WALLET.value

    @property
    def days(self) -> int:
        """How many days the chart shows."""
        asked = self.data.get("days", "")
        return int(asked) if asked in self.RANGES else 30


def _sane(day: dt.date | None) -> dt.date | None:
    """A date that the database and its time zone can hold."""
    return min(max(day, dt.date(2000, 1, 1)), dt.date(2999, 12, 31)) if day else None
