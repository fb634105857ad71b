"""Why a paper cannot be printed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import NeedsHand, Refused


class BadPaper(Refused):
    """The particulars contradict each other: the fourth piece of three, a COD amount of nothing. Params: reference."""

    code = "bad_paper"
    message = _("The papers of %(reference)s cannot be printed: their particulars contradict each other.")


class NothingToPrint(Refused):
    code = "nothing_to_print"
    message = _("There is nothing to print.")


class NoBarcode(Refused):
    """Code 128 and our scanners know printable ASCII alone. Params: value."""

    code = "no_barcode"
    message = _("“%(value)s” cannot be printed as a barcode: only plain letters, digits and signs can.")


class BadLogo(Refused):
    code = "bad_logo"
    message = _("This is no picture that we can print: PNG, WebP or JPEG, at most 2 MB and 4,000 points a side.")


class BadLabelFile(NeedsHand):
    """What a courier gave for a label is none. Params: reason (why, for the staff)."""

    code = "bad_label_file"
    message = _("The courier's label is no PDF that can be printed: fetch it from the courier's site.")
