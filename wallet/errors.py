"""What the books refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import Refused


class InsufficientFunds(Refused):
    """`missing`, `needed` and `available` are EUR as "12.34"."""

    code = "insufficient_funds"
    message = _("The balance is not enough: %(needed)s € needed, %(available)s € available, %(missing)s € missing.")


class AlreadySpent(InsufficientFunds):
    """What is to be taken back is not there any more. Params as its parent's."""

    code = "already_spent"
    message = _(
        "The reseller has already spent it: to take back %(needed)s € there are %(available)s €, %(missing)s € are"
        " missing. Nothing was moved. Ask the reseller for a top-up of what is missing, or take back only a part of it"
        " with an adjustment."
    )


class KeyConflict(Refused):
    """The same key came with another content: nothing was written."""

    code = "key_conflict"
    message = _("This operation (%(key)s) was already recorded with other amounts.")


class NotReversible(Refused):
    """`state` says what has become of the reference: undone, remitted, refused, lost or none."""

    code = "not_reversible"
    message = _("The money of %(reference)s was already settled in another way (%(state)s).")


class TopUpClosed(Refused):
    code = "top_up_closed"
    message = _("This top-up was already decided: %(status)s.")


class OtherAmount(Refused):
    """The same form came again with another amount, as the browser's Back makes possible. Params: amount, causale."""

    code = "other_amount"
    message = _(
        "This form was sent before, for %(amount)s € (%(causale)s). Send it again to ask for another top-up, or"
        " withdraw the first one."
    )


class TooManyTopUps(Refused):
    code = "too_many_top_ups"
    message = _("There are already %(count)s open top-ups: send them or withdraw one first.")


class AmountOutOfRange(Refused):
    code = "amount_out_of_range"
    message = _("The amount must be between %(low)s € and %(high)s €.")


class SamePerson(Refused):
    code = "same_person"
    message = _("You proposed this yourself: a second person must confirm it.")


class ProposalClosed(Refused):
    code = "proposal_closed"
    message = _("This was already decided: %(status)s.")


class ProposalWaits(Refused):
    """Somebody else asked for the same money before; `name` is who."""

    code = "proposal_waits"
    message = _("%(name)s proposed this before: confirm or refuse it.")
