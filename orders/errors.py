"""What Sincronizza and the edits refuse, each with what the reader needs to act."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import Refused
from shipping.errors import TrackingTaken as TrackingTaken


class NotEditable(Refused):
    code = "not_editable"
    by_state = True
    message = _("Order %(number)s can no longer be changed: it was sent to MCI or cancelled.")


class StaleEdit(Refused):
    code = "stale_edit"
    by_state = True
    message = _("Order %(number)s was changed meanwhile. Look at the new version before you save.")


class BadMove(Refused):
    """A transition that the table of states.py does not have."""

    code = "bad_move"
    by_state = True
    message = _("Order %(number)s cannot go from “%(from)s” to “%(to)s”.")


class SentBefore(Refused):
    """The same form came again with another content, as the browser's Back makes possible. Params: number."""

    code = "sent_before"
    by_state = True
    message = _(
        "Nothing was saved now: this form was sent before and is order %(number)s. To change that order, open it; to"
        " make another one, save again."
    )


class TooLate(Refused):
    code = "too_late"
    by_state = True
    message = _("The parcel of order %(number)s is already being prepared or on its way: ask for a return instead.")


class PackedMeanwhile(TooLate):
    code = "packed_meanwhile"
    message = _(
        "The parcel of order %(number)s is packed already, with the address that it had: nothing was changed. Write to"
        " us if it has to be stopped."
    )


class SentMeanwhile(Refused):
    code = "sent_meanwhile"
    by_state = True
    message = _("Order %(number)s was sent meanwhile: nothing was cancelled. Look at what comes back, then cancel it.")


class NotRestored(Refused):
    code = "not_restored"
    by_state = True
    message = _("Order %(number)s cannot be taken back: duplicate it instead.")


class SameAddress(Refused):
    code = "same_address"
    message = _("Nothing is different: order %(number)s goes there already.")


class Undeliverable(Refused):
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
    by_state = True
    message = _("It is still a draft.")


class OrderCancelled(Refused):
    code = "order_cancelled"
    by_state = True
    message = _("The order was cancelled.")


class AlreadySent(Refused):
    """By another click, or by the run that is under way."""

    code = "already_sent"
    by_state = True
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


class OrderExists(Refused):
    """By the number of the marketplace. Params: number, existing (its id), existing_number, existing_state."""

    code = "order_exists"
    by_state = True
    message = _("%(reference)s is here already, as %(existing_number)s.")
