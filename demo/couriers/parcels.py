"""The parcels that a courier's imitation holds, and what happened to them."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")


@dataclass
class Happened:
    """`at`: local time of Rome, as couriers tell it. `back`: on the way to the sender."""

    code: str
    text: str
    at: dt.datetime
    place: str = "MILANO"
    back: bool = False


@dataclass
class FakeParcel:
    """`state`: open → closed (handed over) → travels; deleted ones stay, for their reference is used up. `asked`: what
    came with it, as it came."""

    number: str
    reference: str
    numeric: str = ""
    colli: list[str] = field(default_factory=list)
    name: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    province: str = ""
    weight_g: int = 0
    cod: Decimal = Decimal("0.00")
    cod_mode: str = ""
    state: str = "open"
    asked: dict[str, Any] = field(default_factory=dict)
    events: list[Happened] = field(default_factory=list)
    instructions: list[dict[str, Any]] = field(default_factory=list)
    made_at: dt.datetime = field(default_factory=lambda: dt.datetime.now(ROME))
    held_since: dt.date | None = None
    dossier: str = ""
    reason: str = ""
    late_label: int = 0  # how often its label is still not there


class Shelf:
    """All parcels of one courier, oldest first."""

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        self.lock = threading.RLock()
        self.now = now
        self._parcels: list[FakeParcel] = []

    def add(self, parcel: FakeParcel) -> FakeParcel:
        with self.lock:
            self._parcels.append(parcel)
        return parcel

    def __iter__(self) -> Iterator[FakeParcel]:
        with self.lock:
            return iter(list(self._parcels))

    def __len__(self) -> int:
        return len(self._parcels)

    def number(self, number: str) -> FakeParcel | None:
        return next((one for one in self if one.number == number or number in one.colli), None)

    def of(self, reference: str) -> list[FakeParcel]:
        """Those that are not deleted."""
        return [one for one in self if one.reference == reference and one.state != "deleted"]

    def push(
        self,
        number: str,
        code: str,
        text: str = "",
        *,
        at: dt.datetime | None = None,
        place: str = "MILANO",
        back: bool = False,
    ) -> Happened:
        """Something happens to a parcel (`at`: any zone; without one, now or just after what happened last)."""
        parcel = self.number(number)
        if parcel is None:
            raise LookupError(number)
        if at is None:
            last = parcel.events[-1].at + dt.timedelta(minutes=1) if parcel.events else parcel.made_at
            at = max(self.now(), last)
        happened = Happened(code, text or code, at.astimezone(ROME).replace(second=0, microsecond=0), place, back)
        with self.lock:
            parcel.events.append(happened)
        return happened
