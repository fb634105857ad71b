"""Poste Delivery Business in words, for the staff who switch it on."""

from django.utils.translation import gettext_lazy as _

from shipping.couriers.about import About
from shipping.couriers.base import Setting

CREDENTIALS = (
    Setting("client_id", _("Client ID"), needed=True),
    Setting("secret", _("Secret ID"), needed=True),
)
SETTINGS = (
    Setting("cost_center", _("Cost centre"), needed=True),
    Setting("scope", _("Scope"), usual="default"),
    Setting("product", _("Product"), usual="APT000902", help=_("APT000901 Express, APT000902 Standard.")),
    Setting("paper", _("Label format"), usual="1011", help=_("A4, 1011 or ZPL.")),
    Setting("partner", _("Partner ID")),
    Setting("usual_sides", _("Usual sides (cm)"), help=_("Of a parcel that nobody measured, as 30x20x10.")),
    Setting("deposit_dates", _("Dates of held parcels"), usual="dashes", help=_("dashes (2026-11-24) or plain.")),
    Setting("state_flag", _("Word for “last state only”"), usual="N", help=_("S or N; others say Y or N.")),
)
ABOUT = About(
    sentences=(
        _("A waybill is final when it is made: there is no call that cancels it, and none that finds it."),
        _("When an answer is lost, a person looks on Poste’s pages before the parcel is booked again."),
        _("What happened is told in words: words that no rule knows are listed and move nothing."),
        _("Held parcels are listed and released from here."),
    ),
    ask_for=(
        _("Client ID and secret for tests and for production, the cost centre and the products of the contract"),
        _("Which accessory services may be combined, and the highest COD amounts (waybill/services answers it)"),
        _("The dictionary of the tracking states, and whether a waybill that is never handed over is charged"),
        _("The layout of the COD list"),
    ),
    untried=(
        _("Everything was tried against our own imitation of Poste, made from public facts; never against Poste."),
        _("That the service answers 429 above 100 calls a minute is an assumption."),
        _("The answer of the pick-up call is a guess."),
    ),
    docs="docs/couriers/poste.md",
)
