"""Any courier by file, in words, for the staff who switch it on."""

from django.utils.translation import gettext_lazy as _

from shipping.couriers.about import About
from shipping.couriers.base import Setting

SETTINGS = (
    Setting("name", _("Name of the courier")),
    Setting("separator", _("Separator"), usual="semicolon", help=_("semicolon, comma, tab or bar.")),
    Setting("decimals", _("Amounts"), usual="dot", help=_("dot: 49.90. comma: 49,90.")),
    Setting("encoding", _("Signs"), usual="utf-8", help=_("utf-8, utf-8-bom, latin-1 or windows-1252.")),
    Setting("heading", _("First row with headings"), usual="yes", help=_("yes or no.")),
)
ABOUT = About(
    sentences=(
        _("Parcels go out as a file that the courier’s own program reads, with the columns that you choose."),
        _("Numbers, outcomes and the COD list come back as CSV or Excel files; columns are guessed and shown first."),
        _("A file that is read twice counts once."),
    ),
    ask_for=(
        _("The layout of the file that its program imports, with the longest text of each field"),
        _("The layout of its outcome file and the list of its codes"),
        _("A COD list as an example"),
    ),
    untried=(_("The files of no courier were at hand: the columns are those that integrators met."),),
    docs="docs/couriers/manual.md",
)
