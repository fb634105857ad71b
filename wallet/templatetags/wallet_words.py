"""What templates of all rooms say about money that is missing. `{% load wallet_words %}`."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.http import HttpRequest
from django.template import Context
from django.urls import reverse
from django.utils.http import urlencode

from accounts.access import referring_page
from accounts.models import Member
from core.money import ZERO, cents
from wallet.topups import LOWEST

register = template.Library()
_MAY = (Member.Role.OWNER, Member.Role.ACCOUNTING)


@register.simple_tag(takes_context=True)
def top_up_url(context: Context, missing: Any = None) -> str:
    """The form of a top-up, filled with what is `missing` (EUR, raised to the least that may be asked for), that leads
    back to this page; "" for who may not top up. Every *Top up* beside a refusal is this link."""
    request: HttpRequest | None = context.get("request")
    member: Member | None = getattr(request, "member", None)
    if request is None or member is None or member.role not in _MAY:
        return ""
    asked: dict[str, str] = {}
    if gap := _gap(missing):
        asked["amount"] = f"{gap:.2f}"
    asked["next"] = _here(request)
    return f"{reverse('wallet:top_up')}?{urlencode(asked)}"


def _gap(missing: Any) -> Decimal | None:
    try:
        amount = Decimal(str(missing))
    except InvalidOperation:
        return None
    return max(LOWEST, cents(amount)) if amount.is_finite() and amount > ZERO else None


def _here(request: HttpRequest) -> str:
    """The page that the reader sees: of a part of it, the page around it; of a form that came back, where it stood."""
    htmx = getattr(request, "htmx", None)
    if htmx:
        return str(htmx.current_url_abs_path or "/")
    return request.get_full_path() if request.method in ("GET", "HEAD") else referring_page(request)
