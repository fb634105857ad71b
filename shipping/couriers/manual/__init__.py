"""Any courier by file: parcels out, numbers, outcomes and the COD list in. It calls nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shipping.couriers import checks
from shipping.couriers.about import About
from shipping.couriers.base import Access, Meaning, ParcelToBook, Setting, Tracked
from shipping.couriers.codes import read_table
from shipping.couriers.contract import Defaults
from shipping.couriers.fitting import Limits
from shipping.couriers.manual import outcomes
from shipping.couriers.manual.about import ABOUT, SETTINGS
from shipping.couriers.manual.export import columns, export


class Manual(Defaults):
    """See shipping.couriers.contract.Courier."""

    slug: ClassVar[str] = "manual"
    name: ClassVar[str] = "File"
    about: ClassVar[About] = ABOUT
    form: ClassVar[str | Promise] = _("As the courier writes it")
    can_book: ClassVar[bool] = False
    by_file: ClassVar[bool] = True
    can_find: ClassVar[bool] = False
    can_label: ClassVar[bool] = False
    can_cancel: ClassVar[bool] = False
    can_track: ClassVar[bool] = False
    reprints: ClassVar[bool] = False
    settings: ClassVar[Sequence[Setting]] = SETTINGS
    limits: ClassVar[Limits] = Limits(name=35, street=35, city=35, email=70, phone=16, note=70, text_form="latin1")
    most_colli: ClassVar[int] = 99
    table: ClassVar[Mapping[str, Meaning]] = read_table(Path(__file__).parent / "events.csv")

    def check(self, access: Access) -> None:
        columns(access)

    def export(self, access: Access, parcels: Sequence[ParcelToBook]) -> bytes:
        for parcel in parcels:
            checks.parcel(self, access, parcel)
        return export(access, parcels, self.limits)

    def read_events(self, access: Access, answer: bytes) -> Sequence[Tracked]:
        return outcomes.read(access, self.table, answer)


courier = Manual()
