"""What the warehouse refuses, each with what the person at the desk needs to go on."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import NeedsHand, Refused
from orders.errors import TooLate


class NoParcel(Refused):
    code = "no_parcel"
    message = _("Order %(number)s has no parcel: it was not sent to MCI, or it was cancelled.")


class NoSuchPaper(Refused):
    code = "no_such_paper"
    message = _("Choose what is to be printed.")


class SupplierUnknown(NeedsHand):
    """SUPPLIER_VAT and the lines of SUPPLIER_STREET … are not set."""

    code = "supplier_unknown"
    message = _("It cannot be printed before our own VAT number and address are set (docs/operations.md).")


class BuyerUnknown(NeedsHand):
    """A DDT names the buyer (art. 1 D.P.R. 472/1996). Params: reseller."""

    code = "buyer_unknown"
    message = _("The transport document needs the address and the VAT number of %(reseller)s: ask for them.")


class NothingToPick(Refused):
    code = "nothing_to_pick"
    message = _("No order waits for that, or others are at them already.")


class WaveOver(Refused):
    """Params: number."""

    code = "wave_over"
    message = _("%(number)s is finished or was given back: begin another wave.")


class HeldBy(Refused):
    """Two people never pick or pack one order. Params: number, who."""

    code = "held_by"
    message = _("%(who)s is at %(number)s: it comes back by itself when they leave it or do nothing for half an hour.")


class WrongItem(Refused):
    """Params: text (what was scanned), expected (what is missing, as "2 × ABC")."""

    code = "wrong_item"
    message = _("%(text)s does not belong here. Still missing: %(expected)s")


class TooManyItems(Refused):
    """Params: text, wanted (pieces still missing)."""

    code = "too_many_items"
    message = _("%(text)s: more pieces than are still needed (%(wanted)s).")


class ShelfScanned(Refused):
    """A shelf's code never counts as goods. Params: text."""

    code = "shelf_scanned"
    message = _("%(text)s is a shelf: scan the goods themselves.")


class WrongShelf(Refused):
    """Params: text, expected."""

    code = "wrong_shelf"
    message = _("Nothing to take from %(text)s. Go to: %(expected)s")


class ScannedBefore(Refused):
    """The same page was sent twice, or another window scanned meanwhile."""

    code = "scanned_before"
    message = _("That page was not the newest: nothing was counted. Scan again.")


class NotWholly(Refused):
    """Params: expected (what is still to be scanned)."""

    code = "not_wholly"
    message = _("The parcel is not whole. Still missing: %(expected)s")


class QuantityUnread(Refused):
    """Params: text."""

    code = "quantity_unread"
    message = _("“%(text)s” is no number of pieces: write 1 to 9,999. Nothing was counted.")


class BadPieces(Refused):
    code = "bad_pieces"
    message = _("Say the weight of each piece: 1 g to 1,000 kg, sides up to 10 m, at most 99 pieces.")


class NotToPack(TooLate):
    """Params: number, state (where the parcel is)."""

    code = "not_to_pack"
    message = _("%(number)s is not to be packed: %(state)s.")


class NothingToHandOver(Refused):
    code = "nothing_to_hand_over"
    message = _("No parcel of this courier has its number and waits for a manifest.")


class NoDocument(Refused):
    code = "no_document"
    message = _("Order %(number)s has no transport document yet: it is made when the parcel is prepared.")
