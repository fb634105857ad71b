"""What may go wrong with a courier, sorted by what happens next. A courier's own errors are in its folder."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from core.errors import NeedsHand, Refused, TryLater


class CourierAway(TryLater):
    """Nothing was done. Params: reason (of core.http.NoAnswer, or "HTTP 503")."""

    code = "courier_away"
    message = _("The courier does not answer (%(reason)s). It will be tried again.")


class CourierBusy(TryLater):
    code = "courier_busy"
    message = _("The courier asks to slow down.")


class StillWorking(TryLater):
    """The courier has it and is not done with it: confirming, closing and cancelling wait."""

    code = "courier_still_working"
    message = _("The courier is still working at this parcel. It will be tried again.")


class LabelLater(TryLater):
    code = "label_later"
    message = _("The courier has not printed this label yet. It will be asked for again.")


class OutcomeUnknown(TryLater):
    """The courier was asked to make something and no answer came, or none that can be read: it may be there. Whoever
    asked must `find` it by reference before they ask again, or a label is bought twice. Params: reason."""

    code = "courier_outcome_unknown"
    wait: ClassVar[dt.timedelta] = dt.timedelta(minutes=5)  # what was slow may still come to be
    message = _(
        "The courier did not say whether it has taken this parcel (%(reason)s): it is looked up before it is asked for"
        " again."
    )

    def __init__(self, *, after: dt.timedelta | None = None, **params: Any) -> None:
        super().__init__(after=after or self.wait, **params)


class CourierLogin(NeedsHand):
    """Params: courier, text (its own words)."""

    code = "courier_login"
    message = _("%(courier)s refuses our credentials (%(text)s): put them right in the courier’s settings.")


class CourierSettings(NeedsHand):
    """Params: courier, text (what is missing or refused)."""

    code = "courier_settings"
    message = _("The settings of %(courier)s are not complete or not right: %(text)s.")


class ManyOfThem(NeedsHand):
    """Params: courier, reference."""

    code = "courier_many"
    message = _(
        "%(courier)s has several parcels with our reference %(reference)s: a person must look which one is real."
    )


class LookBeforeAgain(NeedsHand):
    """The answer was lost, and this courier cannot be asked whether it has the parcel. Params: courier, reference."""

    code = "courier_look_first"
    message = _(
        "%(courier)s did not say whether it has taken %(reference)s, and cannot be asked: look on its own pages, and"
        " say whether it is there."
    )


class CourierUnreadable(NeedsHand):
    """An answer that is none of those that we know. Params: courier, text."""

    code = "courier_unreadable"
    message = _("%(courier)s answered something that cannot be read: %(text)s.")


class ParcelRefused(Refused):
    """The courier does not take this parcel as it is; nothing was made. Params: text (its own words)."""

    code = "parcel_refused"
    message = _("The courier does not take this parcel: %(text)s")


class AddressNotRouted(ParcelRefused):
    code = "address_not_routed"
    message = _("The courier does not know how to get to this address: %(text)s")


class NotForThisCourier(ParcelRefused):
    """Judged here, before anybody is asked. Params: text."""

    code = "not_for_this_courier"
    message = _("This courier cannot carry it so: %(text)s")


class CodOverCap(ParcelRefused):
    """Params: amount, cap (EUR, as "12.34")."""

    code = "courier_cod_over_cap"
    message = _("The courier collects %(cap)s € at most in this way: %(amount)s € is more.")


class NotCancelled(Refused):
    """It will travel. Params: text."""

    code = "courier_not_cancelled"
    message = _("The courier does not take this parcel back: %(text)s")


class GoneAtCourier(Refused):
    code = "courier_gone"
    message = _("The courier has no such parcel (any more).")


class NotInstructed(Refused):
    """Params: text."""

    code = "courier_not_instructed"
    message = _("The courier does not take this instruction: %(text)s")


class TooLate(NotInstructed):
    code = "courier_instruction_late"
    message = _("It is too late for this instruction: the days of the giacenza are over.")


class AlreadyInstructed(NotInstructed):
    code = "courier_already_instructed"
    message = _("The courier has an instruction for this parcel already.")


class NotOffered(Refused):
    """A verb that this courier does not have (see the abilities): the desk does it by letter, telephone or file."""

    code = "courier_not_offered"
    message = _("This courier does not offer that: it is done by letter, by telephone or on its own pages.")


class FileUnreadable(Refused):
    """Params: text."""

    code = "courier_file_unreadable"
    message = _("This file cannot be read: %(text)s")
