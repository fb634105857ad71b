"""The set-up of a new reseller: four steps, each found in the data and never ticked by hand."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper
from connectors.models import Shop
from orders.models import Order


@dataclass(frozen=True, slots=True)
class Step:
    code: str
    label: str | Promise
    why: str | Promise
    url: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Progress:
    steps: tuple[Step, ...]

    @property
    def total(self) -> int:
        return len(self.steps)

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def is_over(self) -> bool:
        return self.done == self.total

    @property
    def next(self) -> Step | None:
        return next((step for step in self.steps if not step.is_done), None)


def progress(dropshipper: Dropshipper) -> Progress:
    """1 query."""
    top_ups = Dropshipper.objects.filter(pk=OuterRef("pk"), top_ups__status="credited")
    facts = (
        Dropshipper.objects.filter(pk=dropshipper.pk)
        .annotate(
            has_shop=Exists(Shop.objects.filter(dropshipper=OuterRef("pk")).exclude(state=Shop.State.GONE)),
            has_top_up=Exists(top_ups),
            has_order=Exists(Order.objects.filter(dropshipper=OuterRef("pk"), state__in=["dispatched", "completed"])),
        )
        .values("has_shop", "has_top_up", "has_order")
        .get()
    )
    d = dropshipper
    return Progress(
        (
            Step(
                "company",
                _("Fiscal data"),
                _("VAT number, SDI code or PEC: needed for our invoices to you."),
                reverse("accounts:settings"),
                bool(d.vat_number and (d.sdi_code or d.pec) and d.street and d.city),
            ),
            Step(
                "shop",
                _("Connect a shop"),
                _("Its orders then arrive here by themselves. Two minutes."),
                reverse("connectors:shops"),
                facts["has_shop"],
            ),
            Step(
                "top_up",
                _("First top-up"),
                _("Prepaid orders are paid from the wallet. A bank transfer is credited in one working day."),
                reverse("wallet:overview"),
                facts["has_top_up"],
            ),
            Step(
                "order",
                _("First order"),
                _("Type one in the Dropshipping Shop, or sync one from your shop."),
                reverse("orders:list"),
                facts["has_order"],
            ),
        )
    )
