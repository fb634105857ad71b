"""What Sincronizza and the edits refuse, each with what the reader needs to act."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import NeedsHand, Refused
from shipping.errors import TrackingTaken as TrackingTaken


class NotEditable(Refused):
    code = "not_editable"
    message = _("Order %(number)s can no longer be changed: it was sent to MCI or cancelled.")


class StaleEdit(Refused):
    code = "stale_edit"
    message = _("Order %(number)s was changed meanwhile. Look at the new version before you save.")


class BadMove(Refused):
    """A transition that the table of states.py does not have."""

    code = "bad_move"
    message = _("Order %(number)s cannot go from “%(from)s” to “%(to)s”.")


class SentBefore(Refused):
    """The same form came again with another content, as the browser's Back makes possible. Params: number."""

    code = "sent_before"
    message = _(
        "Nothing was saved now: this form was sent before and is order %(number)s. To change that order, open it; to"
        " make another one, save again."
    )


class TooLate(Refused):
    code = "too_late"
    message = _("The parcel of order %(number)s is already being prepared or on its way: ask for a return instead.")


class PackedMeanwhile(TooLate):
    code = "packed_meanwhile"
    message = _(
        "The parcel of order %(number)s is packed already, with the address that it had: nothing was changed. Write to"
        " us if it has to be stopped."
    )


class SentMeanwhile(Refused):
    code = "sent_meanwhile"
    message = _("Order %(number)s was sent meanwhile: nothing was cancelled. Look at what comes back, then cancel it.")


class NotRestored(Refused):
    code = "not_restored"
    message = _("Order %(number)s cannot be taken back: duplicate it instead.")


class SameAddress(Refused):
    code = "same_address"
    message = _("Nothing is different: order %(number)s goes there already.")


class AddressRefused(Refused):
    """Params: why (a sentence of its own, in the reader's language)."""

    code = "undeliverable"
    message = _("No parcel finds this address. %(why)s.")


class LabelChanged(Refused):
    code = "label_changed"
    message = _("The address changed meanwhile: look at it, print the label again and pack it with that one.")


class NotLowered(Refused):
    """`amount` and `collect` are EUR as "12.34"."""

    code = "not_lowered"
    message = _("The amount at the door can only be lowered: %(amount)s € is not less than %(collect)s €.")


class HasProblems(Refused):
    code = "has_problems"
    message = _("There is something to fix first.")


class StillDraft(Refused):
    code = "still_draft"
    message = _("It is still a draft.")


class OrderCancelled(Refused):
    code = "order_cancelled"
    message = _("The order was cancelled.")


class AlreadySent(Refused):
    """By another click, or by the run that is under way."""

    code = "already_sent"
    message = _("It was sent to MCI already.")


class PiecesPromised(Refused):
    """Sent alone it would go; with the older ones there are not pieces enough for all."""

    code = "pieces_promised"
    message = _("The last pieces are counted for older orders. Sent before them, it takes them.")


class PaymentNotSure(Refused):
    code = "payment_not_sure"
    message = _("We do not know that it was paid, nor that it is cash on delivery.")


class MethodMissing(Refused):
    code = "method_missing"
    message = _("Choose a shipping method.")


class CodAmountUnknown(Refused):
    code = "cod_amount_unknown"
    message = _("Cash on delivery needs an amount to collect, in EUR and above zero.")


class DropshipperInactive(Refused):
    code = "dropshipper_inactive"
    message = _("The account is not active.")


class NothingChosen(Refused):
    code = "nothing_chosen"
    message = _("Choose at least one order.")


class OrderGone(Refused):
    code = "order_gone"
    message = _("The order is not there any more.")


class PackAgain(Refused):
    code = "pack_again"
    message = _("What the courier collects changed after it was packed: print its label again and pack it first.")


class CollectChanged(Refused):
    code = "collect_changed"
    message = _("What the courier collects changed meanwhile: look at the label before it leaves.")


class FiguresChanged(Refused):
    """The click was about other figures than those of now (orders/dispatch/figures.py). `before` and `now` are EUR as
    "51.12"; `figures` are all of now, for the click that takes them. Nothing was charged."""


class FiguresUnseen(FiguresChanged):
    """The click brought no figures: from an old tab, or by a program that left them out."""

    code = "figures_unseen"
    message = _("It costs %(now)s €, which you were not shown: confirm it.")


class PriceChanged(FiguresChanged):
    code = "price_changed"
    message = _("Price changed: %(before)s € → %(now)s €.")


class CodAmountChanged(FiguresChanged):
    code = "cod_amount_changed"
    message = _("The amount to collect changed: %(before)s € → %(now)s €.")


class GuaranteeChanged(FiguresChanged):
    code = "guarantee_changed"
    message = _("The guarantee changed: %(before)s € → %(now)s €.")


class BadTracking(Refused):
    """Params: text (as it was typed)."""

    code = "bad_tracking"
    message = _(
        "“%(text)s” is not a tracking number: it has letters, digits and - . / _ alone, and one digit at least."
    )


class DamagedTracking(BadTracking):
    """Params: text. A spreadsheet shortened the number: its digits are gone."""

    code = "damaged_tracking"
    message = _(
        "“%(text)s” is a number that the spreadsheet has shortened: format its column as text there, and take the"
        " number from the courier again."
    )


class OwnLabel(Refused):
    """Params: number (ours)."""

    code = "own_label"
    message = _("%(number)s is our own number: scan the courier’s label.")


class ShippedUnder(Refused):
    """Params: tracking (under which it left), name (who sent it), at."""

    code = "shipped_under"
    message = _(
        "It left already under %(tracking)s (%(name)s, %(at)s): if that number is wrong, correct it on the parcel’s"
        " page."
    )


class SameTracking(Refused):
    code = "same_tracking"
    message = _("%(tracking)s is its number already: nothing was changed.")


class NothingToTakeBack(Refused):
    """Params: state (of the parcel, in words)."""

    code = "nothing_to_take_back"
    message = _("Nothing was taken back: the parcel is “%(state)s” now.")


class CashPaidOver(Refused):
    code = "cash_paid_over"
    message = _("Its cash was paid over: take that back first, then the delivery.")


class HasReturn(Refused):
    code = "has_return"
    message = _("A return of this parcel was opened: it stays delivered.")


class LongGone(Refused):
    """Params: days."""

    code = "long_gone"
    message = _(
        "It was handed to the courier more than %(days)s days ago: what comes back now is a return, not a mistake of"
        " the desk."
    )


class NotInPreview(Refused):
    code = "not_in_preview"
    message = _("It changed after the list was checked: check the list again.")


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
    message = _("%(text)s: only %(wanted)s still missing.")


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
