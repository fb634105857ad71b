"""What returns, losses and cases refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import Refused


class NoWhoPays(Refused):
    """Params: reason, fault (in words)."""

    code = "no_who_pays"
    message = _("The table of who pays has no rule for “%(reason)s” by the fault of %(fault)s.")


class RuleMoved(Refused):
    code = "rule_moved"
    message = _("Somebody changed this rule meanwhile: look at the new one first.")


class RuleTooEarly(Refused):
    code = "rule_too_early"
    message = _("A rule begins today at the earliest: what has happened keeps the rule of its day.")


class SameRule(Refused):
    code = "same_rule"
    message = _("Nothing is different: the rule says so already.")


class NotOnTheRoad(Refused):
    """Params: number, state (of the parcel, in words)."""

    code = "not_on_the_road"
    message = _("The parcel of %(number)s is “%(state)s”: it can neither come back nor be lost.")


class NotDelivered(Refused):
    code = "not_delivered"
    message = _("Order %(number)s was not delivered: what comes back of it is taken in at the desk.")


class CashOut(Refused):
    code = "cash_out"
    message = _("Order %(number)s was delivered and its cash is not in yet: the return is settled once it is.")


class CaseMoved(Refused):
    """Params: number, state (in words)."""

    code = "case_moved"
    message = _("%(number)s is “%(state)s” meanwhile: nothing was done.")


class NotInspected(Refused):
    code = "not_inspected"
    message = _("Say of every piece how it was found, before it is settled.")


class WrongPieces(Refused):
    """Params: sku, pieces."""

    code = "wrong_pieces"
    message = _("%(sku)s: pieces of this case: %(pieces)s, each found in one way.")


class CaseFiguresMoved(Refused):
    """Params: before, now (EUR as "12.34")."""

    code = "case_figures_moved"
    message = _("The figures changed meanwhile: %(now)s € instead of %(before)s €. Look at them, then settle it.")


class NoPieces(Refused):
    code = "no_pieces"
    message = _("Choose at least one piece.")


class TooManyPieces(Refused):
    """Params: sku, pieces (those that are left to be returned)."""

    code = "too_many_pieces"
    message = _("%(sku)s: %(pieces)s pieces can still be returned.")


class WindowOver(Refused):
    """Params: reason (in words), days."""

    code = "window_over"
    message = _("“%(reason)s” can be asked for within %(days)s days of the delivery.")


class ReasonNotOffered(Refused):
    """Params: reason (in words)."""

    code = "reason_not_offered"
    message = _("A return for “%(reason)s” is not opened here: write to us.")


class AnswerMissing(Refused):
    code = "answer_missing"
    message = _("Say why, so that the reseller knows.")


class ClaimMoved(Refused):
    """Params: state (in words)."""

    code = "claim_moved"
    message = _("This claim is “%(state)s” meanwhile: nothing was done.")


class BadClaimPayment(Refused):
    code = "bad_claim_payment"
    message = _("Say what the courier paid, above zero.")


class MoreThanClaimed(Refused):
    """Params: claimed (EUR as "12.34")."""

    code = "more_than_claimed"
    message = _("%(claimed)s € were claimed, and a courier pays no more: correct the claim first, if it was more.")
