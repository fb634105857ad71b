"""How a case, a claim and who pays are shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils import formats
from django.utils.safestring import SafeString

from core.templatetags.mci import badge
from orders.dispatch.price import Price
from orders.failed import who_pays
from orders.models import Case, Claim, Reason, WhoPays

register = template.Library()
_LOOKS = {
    "asked": ("warn", "clock"),
    "approved": ("info", "truck-return"),
    "arrived": ("warn", "package"),
    "waiting": ("warn", "hourglass"),
    "settled": ("ok", "check"),
    "refused": ("danger", "ban"),
    "found": ("neutral", "package"),
    # of a claim
    "open": ("warn", "clock"),
    "sent": ("info", "send"),
    "paid": ("ok", "building-bank"),
    "dropped": ("neutral", "package"),
}


@register.simple_tag
def state_badge(row: Case | Claim) -> SafeString:
    tone, icon = _LOOKS[row.state]
    return badge(tone, row.get_state_display(), icon)


@register.filter
def part_of(rule: WhoPays, part: str) -> Any:
    """Who pays a part, in words."""
    return getattr(rule, f"get_{part}_display")()


@register.filter
def rule_words(rule: WhoPays) -> list[tuple[str, str]]:
    """All that a rule says: its fields by their names, in the reader's writing; a dash for what has no bound."""
    found = []
    for name in who_pays.EDITED:
        field, value = WhoPays._meta.get_field(name), getattr(rule, name)
        shown = getattr(rule, f"get_{name}_display")() if getattr(field, "choices", None) else formats.localize(value)
        found.append((str(getattr(field, "verbose_name", name)), "–" if value is None else str(shown)))
    return found


@register.simple_tag
def refusal_rule() -> WhoPays | None:
    """Who pays for a parcel that the customer refuses, today; 1 query."""
    return who_pays.refusal_rule()


@register.filter
def refused_cost(price: Price, rule: WhoPays | None) -> Decimal:
    """What it costs if a COD parcel of this price is refused (EUR, VAT included)."""
    return who_pays.refused_cost(price, rule)


@register.filter
def reason_words(code: str) -> str:
    return str(Reason(code).label)


@register.filter
def is_late(claim: Claim, today: Any) -> bool:
    """Whether the last day of an unsent claim is over."""
    return claim.state == Claim.State.OPEN and claim.due_on < today
