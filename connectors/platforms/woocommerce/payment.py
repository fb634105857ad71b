"""What the payment of a WooCommerce order is. COD by the platform's own gateway first, and never by its payment date;
then what is surely known by its id; for the rest the words of the name (connectors/platforms/payment_words.py), the
payment date and the transaction id together.

Statuses lie: a COD order is `processing` like a paid one, an unpaid bank transfer has needs_payment=false. The payment
date lies too: WooCommerce sets it for every order that becomes `processing`, except for its own `cod`; so a gateway
that nobody knows has taken money only where it kept the number of the payment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from connectors.platforms import payment_words as words
from connectors.platforms.woocommerce import statuses

DRAFTS = frozenset({"checkout-draft", "auto-draft", "draft", "new"})
DEAD = frozenset({"cancelled", "refunded", "failed", "trash"})
_AUTO_COMPLETED = dt.timedelta(minutes=10)
_NO_TRANSACTION = frozenset({"", "0", "-", "--", "n/a", "na", "none", "null", "false", "nessuno", "manual", "offline"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kind` and `reason` as in IncomingOrder; `rule_applies` and `finished` likewise."""

    kind: str
    reason: str
    rule_applies: bool = True
    finished: bool = False


def is_cod_id(gateway: str) -> bool:
    """`cod`, `smart_cod`, `contrassegno-poste`; not `codice_sconto`."""
    return words.of_id(gateway).cod


def classify(
    *,
    gateway: str,
    title: str,
    status: str,
    paid_at: dt.datetime | None,
    completed_at: dt.datetime | None,
    transaction: str,
    total_is_zero: bool,
) -> Verdict:
    """The payment kind with the code of its reason. Dates are UTC."""
    known = words.known(gateway)
    said = words.of_id(gateway) | words.of_title(title)
    cod = known == words.COD or (not known and said.cod)
    if status == "pending":
        return Verdict("awaiting", "unpaid", rule_applies=False)
    if status == "on-hold":
        offline = known or said.kind
        reason = offline if offline in (words.BANK_TRANSFER, words.CHEQUE) else "on_hold"
        applies = known in (words.COD, words.BANK_TRANSFER, words.CHEQUE) or said.kind == words.COD
        return Verdict("awaiting", reason, rule_applies=applies)
    if status == "completed":
        # Some shops complete a paid order by themselves at once; otherwise "completed" means that somebody sent it.
        at_once = paid_at and completed_at and abs(completed_at - paid_at) <= _AUTO_COMPLETED
        if cod or not at_once:
            return Verdict("review", "completed_in_shop", rule_applies=False, finished=True)
    elif status != "processing":
        return _of_status(status)
    if known:
        kind, reason = _known(known, bool(paid_at), total_is_zero)
    else:
        kind, reason = _unknown(gateway, said, bool(paid_at), transaction, total_is_zero)
    return Verdict(kind, reason)


def _of_status(status: str) -> Verdict:
    """A status that a plugin or the merchant made. Where its words say that it has left, that it is given up or that
    something must come first, no answer about the payment method may send it."""
    if status in DEAD:
        return Verdict("review", "unknown_status")  # there is nothing to ask: the order does not live
    said = statuses.says(status)
    if said == statuses.SENT:
        return Verdict("review", "completed_in_shop", rule_applies=False, finished=True)
    reason = "given_up" if said == statuses.GIVEN_UP else "unknown_status"
    return Verdict("review", reason, rule_applies=said == statuses.OTHER)


def _known(known: str, paid: bool, total_is_zero: bool) -> tuple[str, str]:
    """A gateway that is what it is, whatever it is called."""
    if known == words.COD:
        return "cod", "cod_gateway"
    if total_is_zero:
        return "prepaid", "free"
    if paid:
        return "prepaid", "paid"
    return "awaiting", "unpaid" if known == words.ELECTRONIC else known


def _unknown(gateway: str, said: words.Says, paid: bool, transaction: str, total_is_zero: bool) -> tuple[str, str]:
    """Some plugin's gateway, or none at all."""
    number = _is_transaction(transaction)
    if said.kind == words.COD:
        if number:
            return "review", "cod_and_paid"
        if paid:
            return "review", "cod_marked_paid"
        return "cod", "cod_gateway" if is_cod_id(gateway) else "cod_words"
    if total_is_zero:
        return "prepaid", "free"
    if paid and number:
        return "prepaid", "paid_with_number"
    if said.denied:
        return "review", "cod_denied"
    if said.cod:
        return "review", "cod_among_others"
    if not paid:
        return "review", "unknown_method"
    return "review", "paid_unproven" if gateway else "no_method"


def _is_transaction(number: str) -> bool:
    """Not what a plugin writes for want of one: `n/a`, `COD-1760000000`."""
    number = number.strip().lower()
    return number not in _NO_TRANSACTION and not is_cod_id(number)
