"""GLS Italy in words, for the staff who switch it on."""

from django.utils.translation import gettext_lazy as _

from shipping.couriers.about import About
from shipping.couriers.base import Setting

CREDENTIALS = (
    Setting("sede", _("GLS branch (sede)"), needed=True, help=_("Two signs, as V1.")),
    Setting("client", _("Customer code"), needed=True, help=_("Six digits.")),
    Setting("password", _("Password of the label service"), needed=True),
)
SETTINGS = (
    Setting("contract", _("Contract code"), needed=True, help=_("Four digits.")),
    Setting("port", _("Freight"), usual="F", help=_("F: paid by us. A: paid by the recipient.")),
    Setting("labels", _("Labels"), usual="now", help=_("now: with the answer. later: fetched a little after.")),
    Setting("paper", _("Label format"), usual="A6", help=_("A6 or A5.")),
    Setting("volumetric", _("kg per m³"), help=_("300, 250, 200, 167, 150 or 100, as the contract says.")),
    Setting("applicant", _("Who asks for the van"), help=_("The name that the branch sees.")),
)
ABOUT = About(
    sentences=(
        _("A parcel is open until the warehouse closes the day: only closed parcels are carried."),
        _("An address that GLS cannot find is taken all the same and arrives late: the parcel says “GLS Check”."),
        _("GLS may merge two orders of one customer into one number with one amount: it stops for a person."),
        _("Held parcels are not listed but recognised by their codes, and instructed from here."),
    ),
    ask_for=(
        _("Branch, customer code, contract code and password; whether the function for later labels is switched on"),
        _("That open parcels are merged only when their Bda is the same (our number): one of the branch’s rules"),
        _("The list of accessory services, the COD caps by way of paying, and the volumetric factor of this contract"),
        _("The current manuals: labels, tracking, release of held parcels; and the layout of the COD list"),
    ),
    untried=(
        _("Everything was tried against our own imitation of GLS, made from public facts; never against GLS."),
        _("The answers of ListSped and DeleteSped are known from integrators’ code alone."),
    ),
    docs="docs/couriers/gls.md",
)
