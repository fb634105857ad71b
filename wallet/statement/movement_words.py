"""How a movement is told to a reseller: its title, its sign's colour, its picture, where it leads."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wallet.models import Entry

_K = Entry.Kind


@dataclass(frozen=True, slots=True)
class Look:
    """`badge` is the type in a word, `tone` and `icon` of the shell's badges; `css` of the picture."""

    title: str | Promise
    badge: str | Promise
    tone: str
    icon: str
    css: str = ""


_LOOKS: dict[str, Look] = {
    _K.TOP_UP: Look(_("Top-up by bank transfer"), _("Top-up"), "info", "building-bank", "in"),
    _K.SALE: Look(_("Order"), _("Order"), "neutral", "package"),
    _K.COD_SALE: Look(_("COD order"), _("COD"), "cod", "package"),
    _K.COD_AMENDMENT: Look(_("COD amount lowered for"), _("COD"), "cod", "cash"),
    _K.SHIPPING_CHANGE: Look(_("Shipping to another address for"), _("Order"), "neutral", "map-pin"),
    _K.GUARANTEE: Look(_("Guarantee held for"), _("Guarantee"), "warn", "lock"),
    _K.REMITTANCE: Look(_("COD remitted for"), _("COD"), "cod", "cash", "cod"),
    _K.GUARANTEE_RELEASE: Look(_("Guarantee released for"), _("Guarantee"), "ok", "lock-open", "in"),
    _K.GUARANTEE_CAPTURE: Look(_("Refused parcel, shipping out and back for"), _("Guarantee"), "warn", "truck-return"),
    _K.RETURN_CREDIT: Look(_("Return credited for"), _("Return"), "ok", "truck-return", "in"),
    _K.RETURN_CHARGE: Look(_("Costs of the return of"), _("Return"), "warn", "truck-return"),
    _K.FOUND: Look(_("Lost parcel found again"), _("Lost"), "neutral", "package"),
    _K.CLAIM_PAID: Look(_("Paid by the courier for"), _("Claim"), "neutral", "building-bank"),
    _K.REVERSAL: Look(_("Reversed:"), _("Reversal"), "ok", "arrow-back-up", "in"),
    _K.LOSS: Look(_("Lost parcel"), _("Lost"), "neutral", "package-off"),
    _K.ADJUSTMENT: Look(_("Adjustment"), _("Adjustment"), "warn", "receipt"),
}


_TAKEN_BACK = Look(_("Top-up taken back"), _("Reversal"), "danger", "arrow-back-up")


def look_of(entry: Entry) -> Look:
    return _TAKEN_BACK if entry.kind == _K.REVERSAL and entry.reference.startswith("topup:") else _LOOKS[entry.kind]


def title_of(kind: str, reversed_kind: str | None) -> str:
    """What happened, in a line of its own: `Reversed: Order`."""
    title = str(_LOOKS[kind].title)
    return f"{title} {_LOOKS[reversed_kind].title}" if reversed_kind else title


def label_of(reference: str) -> str:
    """What people call a reference: `order:12` is MCI-000012 (orders.Order.number)."""
    room, _colon, number = reference.partition(":")
    return f"MCI-{int(number):06d}" if room == "order" and number.isascii() and number.isdigit() else reference


def name_of(entry: Entry) -> str:
    """What it was for, as people call it: MCI-000012; nothing for top-ups and adjustments."""
    return label_of(entry.reference) if entry.reference.startswith("order:") else ""


def link_of(reference: str) -> str:
    """The page of the order behind a reference, or "" where it names none."""
    room, _colon, number = reference.partition(":")
    if room != "order" or not (number.isascii() and number.isdigit()):
        return ""
    return reverse("orders:detail", args=[int(number)])
