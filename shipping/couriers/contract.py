"""The contract of a courier. What crosses it is in shipping/couriers/base.py, what may go wrong in errors.py.

Every verb that calls the courier may raise TryLater (CourierAway, CourierBusy), CourierLogin, CourierSettings and
CourierUnreadable beside what it names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol

from django.utils.functional import Promise

from shipping.couriers.about import About
from shipping.couriers.base import (
    Access,
    Act,
    AddressCheck,
    Booked,
    Held,
    Instruction,
    Known,
    Label,
    ManifestResult,
    Meaning,
    ParcelToBook,
    PickUp,
    Setting,
    Tracked,
)
from shipping.couriers.errors import NotOffered
from shipping.couriers.fitting import Limits
from shipping.couriers.numbers import NumbersFile, read_numbers
from shipping.couriers.remittance import RemittanceFile, read_remittance


class Defaults:
    """What a courier may have nothing to say about; a folder may inherit it."""

    can_book: ClassVar[bool] = True
    by_file: ClassVar[bool] = False
    can_find: ClassVar[bool] = True
    can_label: ClassVar[bool] = True
    reprints: ClassVar[bool] = True
    can_cancel: ClassVar[bool] = True
    can_manifest: ClassVar[bool] = False
    can_track: ClassVar[bool] = True
    can_list_held: ClassVar[bool] = False
    can_pick_up: ClassVar[bool] = False
    can_check_address: ClassVar[bool] = False
    instructions: ClassVar[frozenset[Act]] = frozenset()
    addresses: ClassVar[Mapping[str, str]] = {}
    credentials: ClassVar[Sequence[Setting]] = ()
    settings: ClassVar[Sequence[Setting]] = ()
    volumetric_kg_m3: ClassVar[int] = 250
    most_colli: ClassVar[int] = 1
    table: ClassVar[Mapping[str, Meaning]] = {}

    @property
    def can_instruct(self) -> bool:
        return bool(self.instructions)

    def check(self, access: Access) -> None:
        raise NotOffered

    def plain_number(self, access: Access, text: str) -> str:
        return "".join(text.split()).upper()

    def book(self, access: Access, parcel: ParcelToBook) -> Booked:
        raise NotOffered

    def find(self, access: Access, reference: str, number: int) -> Booked | None:
        raise NotOffered

    def label(self, access: Access, known: Known) -> Sequence[Label]:
        raise NotOffered

    def cancel(self, access: Access, known: Known) -> None:
        raise NotOffered

    def manifest(self, access: Access, parcels: Sequence[Known]) -> ManifestResult:
        raise NotOffered

    def pick_up(self, access: Access, pick_up: PickUp) -> str:
        raise NotOffered

    def events(self, access: Access, parcels: Sequence[Known]) -> Sequence[Tracked]:
        raise NotOffered

    def held(self, access: Access, since: dt.date, until: dt.date) -> Sequence[Held]:
        raise NotOffered

    def instruct(self, access: Access, known: Known, instruction: Instruction) -> str:
        raise NotOffered

    def check_address(self, access: Access, parcel: ParcelToBook) -> AddressCheck:
        raise NotOffered

    def export(self, access: Access, parcels: Sequence[ParcelToBook]) -> bytes:
        raise NotOffered

    def read_numbers(self, access: Access, name: str, data: bytes) -> NumbersFile:
        return read_numbers(name, data, access.columns)

    def remittance(self, access: Access, name: str, data: bytes) -> RemittanceFile:
        return read_remittance(name, data, access.columns)


class Courier(Protocol):
    """One folder of shipping/couriers: `__init__.py` exposes `courier`, an object with these."""

    slug: ClassVar[str]  # the folder's name
    name: ClassVar[str]  # "BRT"
    about: ClassVar[About]  # for staff: what it does, what to ask the courier for, what was never tried
    can_book: ClassVar[bool]  # by call
    by_file: ClassVar[bool]  # by a file that a person takes to the courier's program
    can_find: ClassVar[bool]  # by our reference, after an answer that was lost
    can_label: ClassVar[bool]
    reprints: ClassVar[bool]  # a label can be asked for again; else it is stored at once or lost
    can_cancel: ClassVar[bool]
    can_manifest: ClassVar[bool]  # parcels must be closed or confirmed, or they are never fetched
    can_track: ClassVar[bool]  # by call; files of events are read by `read_events` in any case
    can_list_held: ClassVar[bool]
    can_pick_up: ClassVar[bool]
    can_check_address: ClassVar[bool]
    instructions: ClassVar[frozenset[Act]]  # what `instruct` takes; empty: the desk drafts a letter
    addresses: ClassVar[Mapping[str, str]]  # of its services, by name; Access.addresses goes before them
    credentials: ClassVar[Sequence[Setting]]
    settings: ClassVar[Sequence[Setting]]  # of Access.contract
    limits: ClassVar[Limits]  # of its fields; Access.limits goes before them
    volumetric_kg_m3: ClassVar[int]  # where the contract says nothing else
    most_colli: ClassVar[int]
    table: ClassVar[Mapping[str, Meaning]]  # its codes and our states; Access.codes goes before it
    form: ClassVar[str | Promise]  # what its numbers look like, in words

    @property
    def can_instruct(self) -> bool: ...

    def check(self, access: Access) -> None:
        """Whether it speaks to us with these settings, without making anything: for who switches it on."""
        ...

    def plain_number(self, access: Access, text: str) -> str:
        """A parcel's number as `Booked.number` has it, however the courier's files and people write it. Pure."""
        ...

    def book(self, access: Access, parcel: ParcelToBook) -> Booked:
        """Makes the parcel at the courier. Raises ParcelRefused (nothing was made), OutcomeUnknown (it may be there:
        `find` first). Never repeated blindly: two calls make two parcels at most couriers."""
        ...

    def find(self, access: Access, reference: str, number: int) -> Booked | None:
        """The parcel that was made with this reference, cancelled ones left out; None when the courier has none, so
        that `book` may be called again. Raises ManyOfThem."""
        ...

    def label(self, access: Access, known: Known) -> Sequence[Label]:
        """The labels again, or those that were to come later. Raises LabelLater, GoneAtCourier."""
        ...

    def cancel(self, access: Access, known: Known) -> None:
        """Takes it back before it leaves; one that is gone already counts as taken back. Raises NotCancelled (it will
        travel), StillWorking."""
        ...

    def manifest(self, access: Access, parcels: Sequence[Known]) -> ManifestResult:
        """Closes or confirms, each parcel with its own outcome; safe to repeat. Without it they are not fetched."""
        ...

    def pick_up(self, access: Access, pick_up: PickUp) -> str:
        """Books the van; its number. Raises ParcelRefused."""
        ...

    def events(self, access: Access, parcels: Sequence[Known]) -> Sequence[Tracked]:
        """What happened to each, oldest first; parcels that the courier does not know (yet) have no events."""
        ...

    def read_events(self, access: Access, answer: bytes) -> Sequence[Tracked]:
        """An answer of tracking, or a file of events, in our terms. Pure. Raises CourierUnreadable, FileUnreadable."""
        ...

    def held(self, access: Access, since: dt.date, until: dt.date) -> Sequence[Held]:
        """The parcels that came into giacenza in these days, however many calls it takes."""
        ...

    def instruct(self, access: Access, known: Known, instruction: Instruction) -> str:
        """Tells the courier what to do with a held parcel; its words. Raises NotInstructed, OutcomeUnknown."""
        ...

    def check_address(self, access: Access, parcel: ParcelToBook) -> AddressCheck:
        """Whether it can be routed, without making anything."""
        ...

    def export(self, access: Access, parcels: Sequence[ParcelToBook]) -> bytes:
        """The parcels as a file for the courier's own program, where `by_file`."""
        ...

    def read_numbers(self, access: Access, name: str, data: bytes) -> NumbersFile:
        """A file with the numbers that the courier gave. Pure. Raises FileUnreadable."""
        ...

    def remittance(self, access: Access, name: str, data: bytes) -> RemittanceFile:
        """A distinta as the courier sends it. Pure. Raises FileUnreadable."""
        ...
