"""What crosses the contract of a courier (shipping/couriers/contract.py). A courier is handed an Access and a parcel in
our own terms, never a model. Money is EUR, weights grams, sides millimetres, moments UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from core.address import Address


class State(StrEnum):
    """How an event moves the parcel (values of Shipment.State). INFO moves nothing."""

    INFO = "info"
    OUT_FOR_DELIVERY = "out_for_delivery"
    HELD = "held"
    DELIVERED = "delivered"
    RETURNING = "returning"
    RETURNED = "returned"
    LOST = "lost"


class Flag(StrEnum):
    """What an event means besides a state, for the desk."""

    ATTEMPT = "attempt"  # the driver was there, in vain
    COLLECT = "collect"  # waits at a depot, a shop or a locker for its recipient
    REFUSED = "refused"
    COD_UNPAID = "cod_unpaid"  # the money was not at the door
    ACTION = "action"  # somebody of ours has to say or do something
    CLOCK = "clock"  # the days of the giacenza begin to count
    CLAIM = "claim"  # the clock of a claim begins to count
    PERSON = "person"  # to be looked at: it says less than it seems to


class CodMode(StrEnum):
    """How the money is taken at the door. Couriers have codes of their own for each, as data."""

    CASH = "cash"
    BANK_CHEQUE = "bank_cheque"
    CIRCULAR_CHEQUE = "circular_cheque"
    POSTAL_CHEQUE = "postal_cheque"
    ANY_CHEQUE = "any_cheque"


class Act(StrEnum):
    """What a courier may be told to do with a held parcel (italy.md 20)."""

    REDELIVER = "redeliver"
    OTHER_ADDRESS = "other_address"
    NEW_DATE = "new_date"
    PHONE_FIRST = "phone_first"
    TO_DEPOT = "to_depot"  # the recipient collects
    TO_POST_OFFICE = "to_post_office"
    TO_LOCKER = "to_locker"
    TO_SHOP = "to_shop"
    BACK = "back"
    ABANDON = "abandon"
    PART_AND_BACK = "part_and_back"
    PART_AND_ABANDON = "part_and_abandon"
    COD_CANCEL = "cod_cancel"
    COD_AMEND = "cod_amend"


class LabelFormat(StrEnum):
    PDF = "pdf"
    ZPL = "zpl"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row of a courier's table of codes: staff may change it (Access.codes). `text` is the courier's own."""

    code: str
    state: State
    flags: frozenset[Flag] = frozenset()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """All that a courier's folder may know of our contract with it. `repr` hides the secrets.

    `addresses`: of its services by name, instead of those that the folder knows (a test environment). `contract`: what
    the courier gave us (customer code, departure depot, COD codes, product …: names in the folder's `settings`).
    `limits`: lengths by field that differ from the folder's. `cod_caps`: the highest amount by CodMode, EUR; a mode
    that is missing has none known. `codes`: rows that replace or add to the folder's table. `columns`: the saved field
    map of a file."""

    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    sender: Address | None = None
    contract: Mapping[str, Any] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int | None] = field(default_factory=dict)
    cod_caps: Mapping[str, Decimal] = field(default_factory=dict)
    codes: Mapping[str, Meaning] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    label_format: LabelFormat = LabelFormat.PDF

    def said(self, name: str, usual: str = "") -> str:
        """A value of the contract as text."""
        return str(self.contract.get(name, usual)).strip()


@dataclass(frozen=True, slots=True)
class Collo:
    """One piece. Sides of 0 are not known."""

    weight_g: int
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0

    @property
    def volume_cm3(self) -> int:
        return self.length_mm * self.width_mm * self.height_mm // 1000


@dataclass(frozen=True, slots=True)
class ParcelToBook:
    """`reference`: ours, used once for ever (MCI-000012, and MCI-000012-2 for its second parcel); `number`: the same as
    digits, for couriers that search by digits alone. `cod`: EUR to collect, VAT included, None for a prepaid parcel.
    `value`: EUR to insure. `services`: the courier's own codes."""

    reference: str
    number: int
    recipient: Address
    colli: Sequence[Collo]
    cod: Decimal | None = None
    cod_mode: CodMode = CodMode.CASH
    note: str = ""
    content: str = ""
    services: Sequence[str] = ()
    value: Decimal | None = None
    ship_on: dt.date | None = None

    @property
    def weight_g(self) -> int:
        return sum(collo.weight_g for collo in self.colli)


@dataclass(frozen=True, slots=True)
class Warned:
    """What the courier did otherwise than asked. `field`: what it changed, from `asked` to `given`.
    `serious`: it does not leave before a person has looked (two orders under one number, another COD amount)."""

    code: str
    field: str = ""
    asked: str = ""
    given: str = ""
    text: str = ""
    serious: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    format: LabelFormat
    data: bytes = field(repr=False)
    collo: str = ""  # the piece's number, where each has a label of its own


@dataclass(frozen=True, slots=True)
class BookedCollo:
    """`number`: the piece's own, for the courier's calls; `barcode`: what stands on the label; `tracking`: by which it
    is followed."""

    number: str
    barcode: str = ""
    tracking: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A parcel that was booked, as the other verbs name it. `number` is the courier's."""

    reference: str
    number: str
    numeric: int = 0
    colli: Sequence[BookedCollo] = ()
    extra: Mapping[str, str] = field(default_factory=dict)  # what the folder wants back: a label's address, an id


@dataclass(frozen=True, slots=True)
class Booked:
    """`labels` empty and `labels_later`: ask by `label`. Empty and not later: the courier gives none again (found after
    an answer that was lost, at a courier whose `reprints` is false): cancel it and book anew."""

    known: Known
    labels: Sequence[Label] = ()
    labels_later: bool = False
    routing: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[Warned] = ()

    @property
    def number(self) -> str:
        return self.known.number

    @property
    def serious(self) -> bool:
        return any(warning.serious for warning in self.warnings)


@dataclass(frozen=True, slots=True)
class Event:
    """`state` None: the code is in no table; it is listed for staff and never guessed. `at` UTC. `returning`: told of
    the parcel's way back to the sender."""

    code: str
    text: str
    at: dt.datetime
    place: str = ""
    state: State | None = None
    flags: frozenset[Flag] = frozenset()
    returning: bool = False


@dataclass(frozen=True, slots=True)
class Tracked:
    """What a courier says of one parcel, oldest event first. `cod_due`: the amount that it means to collect (EUR), to
    be held against ours: that it was paid is never said here, but by the distinta alone."""

    number: str
    events: Sequence[Event] = ()
    reference: str = ""
    cod_due: Decimal | None = None

    @property
    def state(self) -> State | None:
        """Where it stands: the last event that moved it."""
        moved = [event.state for event in self.events if event.state not in (None, State.INFO)]
        return moved[-1] if moved else None

    @property
    def unknown(self) -> Sequence[Event]:
        return [event for event in self.events if event.state is None]


@dataclass(frozen=True, slots=True)
class Held:
    """A parcel in giacenza, where the courier lists them. `dossier`: its own number of the case."""

    number: str
    reference: str
    dossier: str
    reason: str
    reason_text: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    open: bool = True
    can_instruct: bool = True


@dataclass(frozen=True, slots=True)
class Instruction:
    """`address` for another address; `on` for a new date; `place`: the courier's id of an office, locker or shop;
    `cod`: the new amount (EUR, VAT included), 0 to collect nothing."""

    act: Act
    address: Address | None = None
    phone: str = ""
    on: dt.date | None = None
    note: str = ""
    place: str = ""
    cod: Decimal | None = None
    phone_first: bool = False
    at_sender_cost: bool = True


@dataclass(frozen=True, slots=True)
class Manifested:
    """Of one parcel. `done`: handed over for transmission. `after`: to be tried again then (the courier still works at
    it); neither: it needs a person, and `text` says why."""

    number: str
    done: bool
    after: dt.timedelta | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class ManifestResult:
    parcels: Sequence[Manifested]
    document: Label | None = None  # the courier's own borderò, where it prints one

    @property
    def missed(self) -> Sequence[Manifested]:
        return [parcel for parcel in self.parcels if not parcel.done]


@dataclass(frozen=True, slots=True)
class PickUp:
    """When the van shall come. `earliest`, `latest`: local hours."""

    on: dt.date
    colli: int
    weight_g: int
    earliest: dt.time = dt.time(9)
    latest: dt.time = dt.time(18)
    note: str = ""


@dataclass(frozen=True, slots=True)
class AddressCheck:
    """`good`: the courier can route it as it is; else `changed` has what it would write instead, by field."""

    good: bool
    changed: Mapping[str, str] = field(default_factory=dict)
    routing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """A value of Access.contract that the folder reads. `label` for staff; `needed`: without it nothing is booked."""

    name: str
    label: Any
    needed: bool = False
    usual: str = ""
    help: Any = ""
