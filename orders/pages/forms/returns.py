"""What is typed about returns: why a parcel came back, how its pieces were found, what a courier paid, who pays."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import lines
from core.fields import AmountField
from core.money import MAX_AMOUNT, ZERO
from orders.failed.reckoning import Found
from orders.failed.who_pays import EDITED
from orders.models import Case, CaseLine, Claim, Fault, OrderLine, Reason, WhoPays

_LONG = {"rows": 3}
# What decides who pays is said, never proposed: Enter once too often would be somebody's money.
_UNSAID = ("", _("Choose"))


class ArrivalForm(lines.Form):
    """Why a parcel is back that was never delivered, and whose fault it was."""

    reason = forms.ChoiceField(
        label=_("Why it is back"),
        choices=[_UNSAID, *(choice for choice in Reason.choices if choice[0] != Reason.LOST)],
        widget=forms.Select(attrs={"autofocus": True}),
    )
    fault = forms.ChoiceField(label=_("Whose fault"), choices=[_UNSAID, *Fault.choices])
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class InspectionForm(lines.Form):
    """How each piece was found: one row of numbers a line."""

    WAYS = (
        ("restock", _("As new")),
        ("second", _("Second choice")),
        ("scrap", _("Scrap")),
        ("missing", _("Missing")),
    )
    storage_net = AmountField(label=_("Storage asked by the courier (EUR, VAT excluded)"), required=False)
    back_price = AmountField(label=_("Way back, if not the tariff’s (EUR, VAT excluded)"), required=False)

    def __init__(self, *args: Any, case: Case, found: Sequence[CaseLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lines = found
        for line in found:
            untouched = not (line.restock or line.second or line.scrap or line.missing)
            for way, words in self.WAYS:
                usual = line.pieces if way == "restock" and untouched else getattr(line, way)
                self.fields[f"{way}_{line.pk}"] = forms.IntegerField(
                    label=words,
                    min_value=0,
                    max_value=line.pieces,
                    required=False,
                    initial=usual,
                    widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
                )
        self.fields["storage_net"].initial = case.storage_net or None
        self.fields["back_price"].initial = case.back_price
        if case.kind != Case.Kind.CUSTOMER:
            del self.fields["back_price"]

    def rows(self) -> list[tuple[CaseLine, list[Any]]]:
        return [(line, [self[f"{way}_{line.pk}"] for way, _words in self.WAYS]) for line in self._lines]

    def fees(self) -> list[Any]:
        return [self[name] for name in ("storage_net", "back_price") if name in self.fields]

    def found(self) -> dict[int, Found]:
        said = self.cleaned_data
        return {
            line.pk: Found(**{way: said[f"{way}_{line.pk}"] or 0 for way, _words in self.WAYS}) for line in self._lines
        }


class DecisionForm(lines.Form):
    """The staff's word on a case: whose fault (of one that is approved), and what the reseller is told."""

    fault = forms.ChoiceField(label=_("Whose fault"), choices=[_UNSAID, *Fault.choices], required=False)
    answer = forms.CharField(
        label=_("Answer, shown to the reseller"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs=_LONG),
    )

    def __init__(self, *args: Any, approves: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fault"].required = approves


class LossForm(lines.Form):
    """The courier lost it. It stands beside the form of an arrival: its fields have names of their own on the page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "id_loss_%s"

    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    documents = forms.CharField(label=_("Documents for the claim"), max_length=300, required=False)


class BackForm(lines.Form):
    """How many pieces of a lost parcel that came back can be sold again: said of each line, 0 too."""

    def __init__(self, *args: Any, found: Sequence[CaseLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lines = found
        for line in found:
            self.fields[f"restock_{line.pk}"] = forms.IntegerField(
                label=f"{line.line.sku} × {line.pieces}",
                min_value=0,
                max_value=line.pieces,
                widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            )

    def restock(self) -> dict[int, int]:
        return {line.pk: self.cleaned_data[f"restock_{line.pk}"] for line in self._lines}


class ClaimForm(lines.Form):
    """What the courier is asked for."""

    amount = AmountField(label=_("Claimed (EUR)"))
    reference = forms.CharField(label=_("The courier’s number"), max_length=60, required=False)
    documents = forms.CharField(label=_("Documents"), max_length=300, required=False)
    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs=_LONG))

    @classmethod
    def of(cls, claim: Claim) -> ClaimForm:
        names = ("amount", "reference", "documents", "note")
        return cls(initial={name: getattr(claim, name) for name in names}, prefix=None)


class PaidForm(lines.Form):
    paid = AmountField(label=_("What the bank shows (EUR)"))


class CaseForm(lines.Form):
    """What a reseller asks for: pieces, reason, note."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.ChoiceField(label=_("Reason"))
    note = forms.CharField(label=_("What happened"), max_length=500, required=False, widget=forms.Textarea(attrs=_LONG))

    def __init__(
        self, *args: Any, left: dict[OrderLine, int], reasons: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        kwargs.setdefault("initial", {"key": uuid.uuid4()})
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [_UNSAID, *reasons]  # type: ignore[attr-defined]
        self._lines = [line for line, pieces in left.items() if pieces > 0]
        for line in self._lines:
            self.fields[f"pieces_{line.pk}"] = forms.IntegerField(
                label=_("Pieces, at most %(pieces)s") % {"pieces": left[line]},
                min_value=0,
                max_value=left[line],
                required=False,
                widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            )

    def rows(self) -> list[tuple[OrderLine, Any]]:
        return [(line, self[f"pieces_{line.pk}"]) for line in self._lines]

    def pieces(self) -> dict[int, int]:
        return {line.pk: self.cleaned_data[f"pieces_{line.pk}"] or 0 for line in self._lines}


class RuleForm(lines.ModelForm):
    """A new version of who pays for a reason and a fault."""

    handling_net = AmountField(label=_("Handling (EUR, VAT excluded)"), required=False)

    class Meta:
        model = WhoPays
        fields = [*EDITED, "since"]
        localized_fields = ["second_choice"]
        widgets = {"since": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["since"] = timezone.localdate()

    def clean_handling_net(self) -> Any:
        net = self.cleaned_data["handling_net"] or ZERO
        if net > MAX_AMOUNT:
            raise forms.ValidationError(_("An amount like this is too large."), code="too_large")
        return net
