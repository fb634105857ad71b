"""Which of a store's own payment methods collect at the door? The store lists them (`Shop.facts["gateways"]`); those
that no id tells for sure are asked once, when the store is connected or when one appears later, and the answer is a
PaymentRule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from connectors.intake import upsert
from connectors.models import Shop
from connectors.platforms import payment_words as words
from connectors.platforms.base import IncomingOrder

ASK = "ask"  # the answer "ask me each time"
_ASK_EACH_TIME = "ask_each_time"  # in Shop.options: ids of the gateways that were answered so


@dataclass(frozen=True, slots=True)
class Question:
    """An enabled gateway that is not known for sure. `answer`: cod | prepaid | awaiting (a PaymentRule) | ask | "" (not
    answered yet); `guess`: what its name makes likely, for the form."""

    gateway: str
    title: str
    answer: str
    guess: str


def questions(shop: Shop) -> list[Question]:
    """Answered ones too; none where all are known. One query at most."""
    found = {}
    for row in shop.facts.get("gateways") or []:
        gateway, title = str(row.get("id") or ""), str(row.get("title") or "")
        if gateway and row.get("enabled") and not _is_known(gateway, title):
            found[gateway] = title or gateway
    if not found:
        return []
    rules = dict(shop.payment_rules.filter(gateway__in=found).values_list("gateway", "kind"))
    asked = set(shop.options.get(_ASK_EACH_TIME) or ())
    return [
        Question(gateway, title, rules.get(gateway) or (ASK if gateway in asked else ""), _guess(gateway, title))
        for gateway, title in found.items()
    ]


def unanswered(shop: Shop) -> list[Question]:
    return [question for question in questions(shop) if not question.answer]


def answer(shop: Shop, answers: Mapping[str, str], *, by: int) -> int:
    """Keeps what the reseller said of his gateways, by their ids; how many open orders changed with it. Ids that are
    not asked about are left alone."""
    asked = {question.gateway: question for question in questions(shop)}
    said = {gateway: kind for gateway, kind in answers.items() if kind and gateway in asked}
    changed = 0
    for gateway, kind in said.items():
        before = asked[gateway].answer
        if kind == ASK:
            changed += upsert.forget_payment(shop, gateway, by=by) if before not in ("", ASK) else 0
        elif kind != before:
            changed += upsert.learn_payment(shop, gateway, kind, by=by)
    if said:
        _keep(shop, said)
    return changed


def subject_of(reading: IncomingOrder) -> tuple[str, str]:
    """What a decision about this order's payment is about, as people call it: the method and "", or "" and the tag. An
    order with several methods names the one; their ids are for machines where there is a title."""
    gateway, title = reading.gateway, reading.gateway_title
    if gateway.startswith("tag:"):
        return "", gateway.removeprefix("tag:")
    one_of_several = f", {gateway}, " in f", {title}, "
    return (gateway if one_of_several else title or gateway), ""


def label(question: Question) -> str:
    """The title with the id, by which it can be found among the shop's settings."""
    if question.title == question.gateway:
        return question.title
    return _("%(title)s (%(gateway)s)") % {"title": question.title, "gateway": question.gateway}


def _is_known(gateway: str, title: str) -> bool:
    """Merchants use the transfer or the cheque for cash on delivery, for want of another: only the title tells."""
    known = words.known(gateway)
    renamed = known in (words.BANK_TRANSFER, words.CHEQUE) and words.of_title(title).kind == words.COD
    return bool(known) and not renamed


def _guess(gateway: str, title: str) -> str:
    if words.known(gateway):
        return ASK
    return "cod" if (words.of_id(gateway) | words.of_title(title)).kind == words.COD else ASK


@transaction.atomic
def _keep(shop: Shop, said: Mapping[str, str]) -> None:
    now = Shop.objects.select_for_update(no_key=True, of=("self",)).get(pk=shop.pk)
    ask = {*(now.options.get(_ASK_EACH_TIME) or ()), *said} - {gateway for gateway in said if said[gateway] != ASK}
    if ask or _ASK_EACH_TIME in now.options:
        now.options = {**now.options, _ASK_EACH_TIME: sorted(ask)}
        now.save(update_fields=["options"])
