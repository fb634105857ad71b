"""What templates say about orders. `{% load orders_words %}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from core.errors import DomainError
from core.money import ZERO, BadAmount, from_shop
from core.templatetags.mci import euro
from orders import icons, problems, queries, timeline
from orders.dispatch import readiness, runs
from orders.errors import PiecesPromised
from orders.fulfilment import parcels, undo
from orders.fulfilment import standing as standings
from orders.models import DispatchItem, Order, OrderEvent, Problem
from orders.questions import payment_reasons, questions
from shipping.templatetags.shipping_words import STATE_TONES

register = template.Library()
_OURS = re.compile(r"MCI-0*(\d{1,9})", re.ASCII)

_MENDS = {
    "edit": _("Fix the order"),
    "match": _("Link to a product"),
    "payment": _("Say how it was paid"),
    "address": _("Fix the address"),
    "amount": _("Set the amount"),
    "look": _("Look at it"),
    "conflict": _("Choose"),
}
# What the reader can do about a refusal of Sincronizza: the words of the link, and where on the order's page it leads.
_WAYS = {
    "insufficient_funds": _("Top up"),
    "has_problems": _("Fix"),
    "still_draft": _("Complete it"),
    "out_of_stock": _("Change the articles"),
    "off_sale": _("Change the articles"),
    "payment_not_sure": _("Say how it was paid"),
    "cod_amount_unknown": _("Set the amount"),
}


@register.filter
def problem_sentence(problem: Problem) -> str:
    return problems.sentence(problem)


@register.filter
def problem_icon(problem: Problem) -> str:
    return icons.PROBLEMS.get(problem.code, "alert-triangle")


@register.filter
def problem_fix(problem: Problem) -> str:
    """The words of the link that mends it."""
    return str(_MENDS.get(problems.mend(problem), _MENDS["edit"]))


@register.filter
def problem_kind(problem: Problem) -> Any:
    """What may be done about it: `answerable`, `alert`, `mend`; None for a code of another version."""
    return problems.CATALOGUE.get(problem.code)


@register.filter
def problem_kind_is_desk(problem: Problem) -> bool:
    """Whether it is the warehouse's to do something about, and nobody has to be asked."""
    return problem.code in problems.CATALOGUE and problems.CATALOGUE[problem.code].desk


@register.filter
def question_mark(problem: Problem) -> str:
    """For the form that answers it: an answer is to the question that was shown."""
    return questions.mark(problem)


@register.filter
def other_order(problem: Problem) -> int | None:
    """The order that a question compares this one with, by its id; the page of a stranger's is a 404."""
    match = _OURS.fullmatch(str(problem.params.get("number", "")))
    return int(match[1]) if match else None


@register.filter
def field_words(name: str) -> str:
    return str(problems.FIELDS.get(name, name))


@register.filter
def amount(value: Any) -> Decimal | None:
    """An amount that a problem keeps as text ("12.34"), or nothing."""
    try:
        return from_shop(value)
    except BadAmount:
        return None


@register.filter
def collect_mark(order: Order) -> str:
    """For the desk's forms: what the courier collects, as the page showed it."""
    return parcels.collect_mark(order)


@register.filter
def undo_step(order: Order) -> str:
    """The step of its parcel that can be taken back now, or ""."""
    return undo.step_of(order)


@register.filter
def standing(figures: Any) -> Any:
    """What an order's money stands at (orders/fulfilment/standing.py); a plan's price is what it is."""
    return standings.of(figures) if isinstance(figures, Order) else figures


@register.filter
def money_of(value: Decimal | None, currency: str) -> str:
    """An amount of an order in its own currency: dollars are no euro."""
    if value is None or currency == "EUR":
        return euro(value)
    return f"{formats.number_format(value, 2, use_l10n=True, force_grouping=True)} {currency}"


@register.filter
def changes(row: Problem | OrderEvent) -> list[tuple[str, str, str]]:
    """Name, old and new of what changed."""
    return timeline.changes(row.params)


@register.filter
def one_word(value: Any, field: str) -> str:
    """A side of a conflict as the reader writes it: amounts, countries; nothing is a dash."""
    return timeline.changes({"changes": [[field, value, ""]]})[0][1]


_FISCAL = {
    "tax_code": _("Tax code"),
    "vat_number": _("VAT number"),
    "sdi_code": _("SDI code"),
    "pec": _("PEC"),
}


@register.filter
def fiscal(order: Order) -> list[tuple[str, str]]:
    """The customer's fiscal data that there are, by name."""
    return [(str(words), str(order.fiscal[key])) for key, words in _FISCAL.items() if order.fiscal.get(key)]


@register.simple_tag(takes_context=True)
def problem_url(context: Mapping[str, Any], problem: Problem, order: Order) -> str:
    """Where it is mended: the matching page of the shops, or the place on the order's own pages. The accounting mends
    nothing: it is led to the order."""
    mend = problems.mend(problem)
    member: Member | None = getattr(context.get("request"), "member", None)
    if member is not None and member.role == Member.Role.ACCOUNTING:
        return reverse("orders:detail", args=[order.pk]) + ("#problems" if order.is_open else "#alerts")
    if mend == "match" and order.source != "manual":
        return reverse("connectors:match")
    if mend == "payment" and order.source != "manual" and order.is_open:
        return reverse("connectors:payment", args=[order.source, order.pk])
    if mend in ("payment", "look", "conflict") or not order.is_open:
        at = {"payment": "#payment"}.get(mend, "#problems" if order.is_open else "#alerts")
        return reverse("orders:detail", args=[order.pk]) + at
    anchor = {"address": "#recipient", "amount": "#payment", "match": "#articles"}.get(mend, "#articles")
    return reverse("orders:edit", args=[order.pk]) + anchor


@register.simple_tag
def list_url(source: str) -> str:
    """The list that a plan or a run was started from: a platform's inbox, or the Dropshipping Shop."""
    if source in settings.PLATFORMS:
        return reverse("connectors:inbox", args=[source])
    return reverse("orders:list")


@register.filter
def worst_problem(order: Order, reader: str = "") -> Problem | None:
    """The one that a row shows: a blocking one first; of a sent order only alerts, and the warehouse's own only where
    the `reader` is the "desk". The problems must be prefetched."""
    told = [row for row in order.problems.all() if reader == "desk" or not problem_kind_is_desk(row)]
    found = [row for row in told if order.is_open or problems.is_alert(row.code)]
    return next((problem for problem in found if problem.blocking), found[0] if found else None)


@register.filter
def payment_reason(order: Order) -> str:
    return payment_reasons.sentence(order)


@register.filter
def event_sentence(event: OrderEvent) -> str:
    return timeline.sentence(event)


@register.filter
def event_icon(event: OrderEvent) -> str:
    return icons.EVENTS.get(event.code, "point")


@register.filter
def outcome(item: DispatchItem) -> str:
    return runs.outcome_sentence(item)


@register.filter
def refusal_words(code: str) -> str:
    """The sentence of an error's code, without its particulars: for counts of what is left out."""
    return str(_LEFT_OUT.get(code) or DomainError.sentence(code, {}))


_LEFT_OUT = {
    "has_problems": _("something to fix"),
    "still_draft": _("still a draft"),
    "order_cancelled": _("cancelled"),
    "already_sent": _("sent already"),
    "pieces_promised": _("last pieces for older orders"),
    "payment_not_sure": _("payment not sure"),
    "method_missing": _("no shipping chosen"),
    "cod_amount_unknown": _("no amount to collect"),
    "out_of_stock": _("out of stock"),
    "off_sale": _("no longer on sale"),
    "insufficient_funds": _("not enough balance"),
    "figures_unseen": _("cost not shown yet"),
    "price_changed": _("price changed"),
    "cod_amount_changed": _("COD amount changed"),
    "guarantee_changed": _("guarantee changed"),
    "no_rate": _("not served by this courier"),
    "country_not_served": _("not served by this courier"),
    "too_heavy": _("too heavy"),
    "cod_not_allowed": _("no COD to this place"),
    "cod_over_cap": _("COD over the courier's cap"),
    "cod_over_law": _("COD over the legal limit"),
    "method_gone": _("shipping no longer offered"),
    "dropshipper_inactive": _("account not active"),
}


@register.simple_tag
def refusal_link(code: str, order: Order, top_up: str = "") -> dict[str, Any]:
    """`words` and `url` of the next step after a refusal; `top_up` is where the gap is filled (top_up_url of
    wallet_words), "" for who may not."""
    if code == "insufficient_funds" and top_up:
        return {"words": _WAYS[code], "url": top_up}
    words = None if code == "insufficient_funds" else _WAYS.get(code)
    if words is None and code in readiness.SHIPPING:
        words = _("Change shipping")
    return {"words": words or _("Open"), "url": reverse("orders:detail", args=[order.pk])}


@register.filter
def count_words(number: int) -> str:
    """`1000+` beyond what is counted."""
    return f"{queries.COUNT_LIMIT}+" if number > queries.COUNT_LIMIT else str(number)


@register.filter
def pieces(order: Order) -> int:
    """How many pieces are ours to ship. The lines must be prefetched."""
    return sum(line.quantity for line in order.lines.all() if not line.ignored)


@register.filter
def leaves_wallet(price: Any) -> Decimal:
    """What a COD order takes from the wallet (EUR): the guarantee, and a margin below zero. `price` has both."""
    return (price.guarantee or ZERO) + max(ZERO, -(price.margin or ZERO))


@register.filter
def articles_missing(order: Order) -> int:
    """How many articles of an open order are in no price yet: not linked, nor somebody else's. Lines: prefetched."""
    return sum(line.variant_id is None and not line.ignored for line in order.lines.all()) if order.is_open else 0


@register.filter
def picture(line: Any) -> str:
    """The address of the article's small picture, or nothing. Images must be prefetched."""
    return picture_of(line.variant) if line.variant is not None else ""


@register.filter
def picture_of(variant: Any) -> str:
    """The same for a variant itself."""
    first = next(iter(variant.product.images.all()), None)
    return (first.thumb or first.file).url if first is not None else ""


_ORDER_TONES = {
    "draft": ("neutral", "file-text"),
    "received": ("warn", "alert-triangle"),
    "ready": ("ok", "check"),
    "dispatched": ("info", "bolt"),
    "completed": ("ok", "checks"),
    "cancelled": ("neutral", "ban"),
}


_AT = {"waiting": (_("Waiting in the sync"), "clock"), "running": (_("Being sent"), "loader-2")}


@register.simple_tag
def state_of(order: Order, row: Any = None) -> dict[str, Any]:
    """Where the order stands, in one badge: the parcel's state once there is one. `tone`, `icon`, `words`, `code`;
    `title`: the whole sentence of what keeps it back; `goes`: it is counted among the ready ones. `row`: of a list or a
    preview, with its refusal; without one nothing is known of what keeps a ready order back."""
    if order.state in ("dispatched", "completed") and order.shipment is not None:
        tone, icon = STATE_TONES[order.shipment.state]
        return {"tone": tone, "icon": icon, "words": order.shipment.get_state_display(), "code": order.shipment.state}
    tone, icon = _ORDER_TONES[order.state]
    found = {"tone": tone, "icon": icon, "words": order.get_state_display(), "code": order.state}
    return found | _ready_as(row) if order.state == "ready" and row is not None else found


def _ready_as(row: Any) -> dict[str, Any]:
    """What a ready order's badge says: ready is what would go now, the balance aside."""
    refusal, at, price = row.refusal, getattr(row, "at", ""), row.price
    if at:
        words, icon = _AT[at]
        return {"tone": "info", "icon": icon, "words": words, "at": at}
    if refusal is not None and refusal.code == "method_missing":
        return {"tone": "warn", "icon": "truck", "words": _("Choose the shipping"), "title": refusal}
    if refusal is not None and refusal.code != "insufficient_funds":
        why = refusal_words(refusal.code)
        return {"tone": "warn", "icon": "alert-triangle", "words": why[:1].upper() + why[1:], "title": refusal}
    if not getattr(row, "goes", True):
        promised = PiecesPromised()
        return {"tone": "warn", "icon": "users", "words": _("Last pieces for older orders"), "title": promised}
    if price is not None and price.margin is not None and price.margin < ZERO:
        return {"tone": "warn", "icon": "trending-down", "words": _("Ready, below cost"), "goes": True}
    return {"goes": True}
