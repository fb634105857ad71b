"""What the payment of a WooCommerce order is: COD first and never by its payment date, then paid, then the rest.

Statuses lie: a COD order is `processing` like a paid one, an unpaid bank transfer has needs_payment=false."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

DRAFTS = frozenset({"checkout-draft", "auto-draft", "draft", "new"})
DEAD = frozenset({"cancelled", "refunded", "failed", "trash"})
_OFFLINE = {"bacs": "bank_transfer", "cheque": "cheque"}
# Known by their ids: a title such as “Carta (non contrassegno)” decides nothing about them.
_ELECTRONIC = re.compile(
    r"stripe|paypal|ppcp|satispay|nexi|klarna|scalapay|woocommerce_payments|mollie|amazon|google|apple"
)
_COD_WORDS = re.compile(
    r"\b(?:contrassegno|(?:alla|in) consegna|(?:cash|pay|payment) (?:on|at|upon) delivery|cod|c\.o\.d\.)(?!\w)",
    re.IGNORECASE,
)
_AUTO_COMPLETED = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kind` and `reason` as in IncomingOrder; `rule_applies` and `finished` likewise."""

    kind: str
    reason: str
    rule_applies: bool = True
    finished: bool = False


def is_cod_id(gateway: str) -> bool:
    """`cod`, `smart_cod`, `contrassegno-poste`; not `codice_sconto`: whole words of the id count."""
    words = re.split(r"[^a-z0-9]+", gateway.lower())
    return (
        "cod" in words or any(word.startswith("contrassegn") for word in words) or "cash_on_delivery" in gateway.lower()
    )


def is_cod_title(title: str) -> bool:
    return bool(_COD_WORDS.search(title))


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
    offline = _OFFLINE.get(gateway)
    cod = ""
    if is_cod_id(gateway):
        cod = "cod_gateway"
    elif not offline and not _ELECTRONIC.search(gateway.lower()) and is_cod_title(title):
        cod = "cod_words"

    if status == "pending":
        return Verdict("awaiting", "unpaid", rule_applies=False)
    if status == "on-hold":
        return Verdict("awaiting", offline or "on_hold", rule_applies=bool(offline or cod))
    if status == "completed":
        # Some shops complete a paid order by themselves at once; otherwise "completed" means that somebody sent it.
        at_once = paid_at and completed_at and abs(completed_at - paid_at) <= _AUTO_COMPLETED
        if cod or not at_once:
            return Verdict("review", "completed_in_shop", rule_applies=False, finished=True)
        return Verdict("prepaid", "paid")
    if status != "processing":
        return Verdict("review", "unknown_status")
    if cod:
        return Verdict("review", "cod_and_paid") if cod == "cod_words" and transaction else Verdict("cod", cod)
    if paid_at:
        return Verdict("prepaid", "free" if total_is_zero else "paid")
    if total_is_zero:
        return Verdict("prepaid", "free")
    return Verdict("review", "unknown_method")
