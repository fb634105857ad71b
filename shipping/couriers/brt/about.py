"""BRT in words, for the staff who switch it on."""

from django.utils.translation import gettext_lazy as _

from shipping.couriers.about import About
from shipping.couriers.base import Setting

CREDENTIALS = (
    Setting("user_id", _("User ID of the API"), needed=True),
    Setting("password", _("Password of the API"), needed=True),
    Setting("orm_key", _("Key of the pick-up service"), help=_("Without it the van is booked by telephone.")),
)
SETTINGS = (
    Setting("customer_code", _("Customer code"), needed=True, help=_("Seven digits, from the contract.")),
    Setting("departure_depot", _("Departure depot"), needed=True, help=_("Three digits: the branch that fetches.")),
    Setting("freight", _("Freight"), usual="DAP", help=_("DAP: paid by us. EXW: paid by the recipient.")),
    Setting("network", _("Network"), help=_("Empty, D (DPD), E or S, as the contract says.")),
    Setting("pricing_condition", _("Price list code"), usual="000"),
    Setting("service_type", _("Service"), help=_("Empty, E (priority) or H (by 10:30).")),
    Setting(
        "confirmation",
        _("Confirmation"),
        usual="explicit",
        help=_("explicit: a parcel that is not confirmed is never fetched. auto: the contract confirms by itself."),
    ),
    Setting("handling_code", _("Parcels handling code"), help=_("Two signs that BRT gives to each customer.")),
    Setting("delivery_code", _("Delivery particularities code")),
    Setting("stock_code", _("Code of what to do with held parcels")),
    Setting("various_code", _("Various particularities code")),
    Setting("label_format", _("Label format"), help=_("Empty: 95×65 mm. DP5, DPH: 100×150 mm, ZPL alone.")),
)
ABOUT = About(
    sentences=(
        _("A parcel is created, then confirmed when the warehouse closes the day, and can be deleted until it left."),
        _("BRT may change city, postcode or province of an address: the parcel shows what it changed."),
        _("Held parcels are instructed on BRT’s pages or by e-mail: the desk writes the letter."),
    ),
    ask_for=(
        _("User ID and password of the REST services, customer code, departure depot, price list code"),
        _("Whether the contract confirms by itself, and which COD codes and caps it has"),
        _("The two-sign codes of handling, delivery and giacenza of this contract"),
        _("Access to the tracking services (REST and VAS), and the layout of the COD list and of outcome files"),
    ),
    untried=(
        _("Everything was tried against our own imitation of BRT, made from public facts; never against BRT."),
        _("The search by reference (VAS) and the pick-up service are known from integrators’ code alone."),
    ),
    docs="docs/couriers/brt.md",
)
