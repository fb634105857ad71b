"""What templates say about shops. `{% load connectors_words %}`."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import template
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from connectors.models import Delivery, InboxOrder, Shop, ShopEvent
from core.errors import DomainError
from orders.models import Order

register = template.Library()

_STATES = {
    "active": ("ok", "plug-connected"),
    "paused": ("neutral", "player-pause"),
    "broken": ("danger", "plug-connected-x"),
    "gone": ("neutral", "plug"),
}
_EVENTS: dict[str, tuple[str, Any]] = {
    "connected": ("plug-connected", gettext_lazy("Connected")),
    "reconnected": ("plug-connected", gettext_lazy("Connected again")),
    "orders_adopted": (
        "inbox",
        ngettext_lazy(
            "%(count)s order of an earlier connection came along (%(name)s)",
            "%(count)s orders of an earlier connection came along (%(name)s)",
            "count",
        ),
    ),
    "foreign_source": (
        "alert-triangle",
        gettext_lazy("Messages of %(host)s, which is not this shop but a copy of it: they are not read"),
    ),
    "cached_answers": ("alert-triangle", gettext_lazy("A cache answered in place of the shop (%(by)s)")),
    "paused": ("player-pause", gettext_lazy("Paused")),
    "resumed": ("player-play", gettext_lazy("Resumed")),
    "disconnected": ("plug", gettext_lazy("Disconnected")),
    "uninstalled": ("plug-connected-x", gettext_lazy("The connection was removed in the shop")),
    "recovered": ("circle-check", gettext_lazy("It answers again")),
    "rules_set": ("settings", gettext_lazy("Rules changed: orders from %(since)s")),
    "webhooks_missing": (
        "alert-triangle",
        gettext_lazy("Its webhooks could not be made: orders come by regular reading"),
    ),
    "webhook_created": ("webhook", ngettext_lazy("%(count)s webhook made", "%(count)s webhooks made", "count")),
    "webhook_revived": (
        "webhook",
        ngettext_lazy(
            "%(count)s webhook was off and is on again", "%(count)s webhooks were off and are on again", "count"
        ),
    ),
    "webhook_removed": (
        "webhook",
        ngettext_lazy("%(count)s double webhook removed", "%(count)s double webhooks removed", "count"),
    ),
    "webhooks_muted": (
        "webhook",
        gettext_lazy("Its webhooks could not tell anything any more, their author was deleted: they are made anew"),
    ),
    "webhooks_left": (
        "webhook",
        gettext_lazy("Disconnected, but the shop did not let MCI remove its webhooks: delete those named “MCI” there"),
    ),
    "not_told": ("send", gettext_lazy("The shop did not take the news of order %(number)s")),
    "proof_healed": (
        "list-check",
        ngettext_lazy(
            "%(count)s order was missing and was fetched by the daily proof: %(numbers)s",
            "%(count)s orders were missing and were fetched by the daily proof: %(numbers)s",
            "count",
        ),
    ),
    "data_request": (
        "user",
        ngettext_lazy(
            "A customer asks which data of his we hold: %(count)s order (%(numbers)s)",
            "A customer asks which data of his we hold: %(count)s orders (%(numbers)s)",
            "count",
        ),
    ),
    "customer_forgotten": (
        "lock",
        ngettext_lazy(
            "A customer asked to be forgotten: %(count)s order done, %(waiting)s when over",
            "A customer asked to be forgotten: %(count)s orders done, %(waiting)s when over",
            "count",
        ),
    ),
    "proof_gone": (
        "list-check",
        ngettext_lazy(
            "%(count)s order was deleted in the shop, found by the daily proof: %(numbers)s",
            "%(count)s orders were deleted in the shop, found by the daily proof: %(numbers)s",
            "count",
        ),
    ),
    "looked_back": (
        "refresh-alert",
        ngettext_lazy(
            "%(count)s order had changed without a new date and is up to date again: %(numbers)s",
            "%(count)s orders had changed without a new date and are up to date again: %(numbers)s",
            "count",
        ),
    ),
    "id_reused": (
        "alert-triangle",
        gettext_lazy("The shop gave the id of order %(number)s to another order: both are here, look at both"),
    ),
    "stock_on": ("packages", gettext_lazy("MCI keeps the stock")),
    "stock_off": ("packages", gettext_lazy("MCI does not keep the stock any more")),
    "price_rule": ("tag", gettext_lazy("Price rule “%(name)s” saved")),
    "price_rule_gone": ("tag", gettext_lazy("Price rule “%(name)s” deleted")),
    "stock_drifted": (
        "refresh-alert",
        ngettext_lazy(
            "%(count)s product showed another stock than ours and is corrected",
            "%(count)s products showed another stock than ours and are corrected",
            "count",
        ),
    ),
    "oversold": (
        "alert-triangle",
        ngettext_lazy(
            "Sold more than there is: %(count)s piece is missing for the shop’s orders",
            "Sold more than there is: %(count)s pieces are missing for the shop’s orders",
            "count",
        ),
    ),
    "price_asked": (
        "tag",
        ngettext_lazy(
            "%(count)s price was changed in the shop: say in Products whose it is",
            "%(count)s prices were changed in the shop: say in Products whose they are",
            "count",
        ),
    ),
    "price_drifted": (
        "refresh-alert",
        ngettext_lazy(
            "%(count)s price was changed in the shop and is corrected",
            "%(count)s prices were changed in the shop and are corrected",
            "count",
        ),
    ),
    "price_drift_ask": ("tag", gettext_lazy("You are asked about prices that are changed in the shop")),
    "price_drift_heal": ("tag", gettext_lazy("Prices that are changed in the shop are put back")),
    "products_found": (
        "package",
        ngettext_lazy(
            "%(count)s product of an earlier connection was found again: MCI made it",
            "%(count)s products of an earlier connection were found again: MCI made them",
            "count",
        ),
    ),
    "gap_healed": (
        "refresh-alert",
        ngettext_lazy(
            "%(count)s order came without a webhook and was found by reading: %(numbers)s",
            "%(count)s orders came without a webhook and were found by reading: %(numbers)s",
            "count",
        ),
    ),
}
_TROUBLES = {
    "store_twice": gettext_lazy(
        "The same store is also connected as “%(name)s” (%(label)s). Each order is taken in once, by the connection"
        " that hears of it first: disconnect one of the two."
    ),
    "shop_clock_ahead": gettext_lazy(
        "The shop’s clock is %(minutes)s minutes fast: the dates of its orders are wrong by as much. Its hosting can"
        " set it."
    ),
    "shop_clock_behind": gettext_lazy(
        "The shop’s clock is %(minutes)s minutes slow: the dates of its orders are wrong by as much. Its hosting can"
        " set it."
    ),
    "webhook_address_private": gettext_lazy(
        "WordPress sends webhooks to public https addresses only: here orders come by regular reading, each minute."
    ),
    "api_version": gettext_lazy(
        "Shopify answers with its version %(used)s instead of %(ours)s, which the portal was made for: the supplier"
        " must update the portal."
    ),
    "webhook_address_not_https": gettext_lazy(
        "Shopify sends webhooks to https addresses only: here orders come by regular reading, each minute."
    ),
    "plugin_outdated": gettext_lazy(
        "The MCI plugin of this shop is version %(installed)s; %(newest)s is out. It goes on working: update it when "
        "you can, in WordPress under Plugins → Add New → Upload."
    ),
}


@register.filter
def shop_tone(shop: Shop) -> str:
    return "warn" if shop.state == Shop.State.ACTIVE and shop.trouble else _STATES[shop.state][0]


@register.filter
def shop_icon(shop: Shop) -> str:
    return "alert-triangle" if shop.state == Shop.State.ACTIVE and shop.trouble else _STATES[shop.state][1]


@register.filter
def shop_words(shop: Shop) -> str:
    """The state in a word; an active shop that does not answer says so."""
    if shop.state == Shop.State.ACTIVE and shop.trouble:
        return _("Connected, not answering")
    return str(shop.get_state_display())


@register.filter
def trouble_words(shop: Shop) -> str:
    """What is wrong with it, in a sentence; nothing when all is well."""
    return DomainError.sentence(shop.trouble, shop.trouble_params) if shop.trouble else ""


@register.filter
def trouble_code_words(trouble: dict[str, Any]) -> str:
    """What a check found, in a sentence: {"code": …, and what the sentence needs}."""
    code = str(trouble.get("code", ""))
    words = _TROUBLES.get(code)
    if words is None:
        return DomainError.sentence(code, trouble)
    try:
        return str(words) % trouble
    except KeyError:
        return str(words)


@register.filter
def event_icon_of(event: ShopEvent) -> str:
    return _EVENTS.get(event.code, ("alert-triangle", ""))[0]


@register.filter
def shop_event_words(event: ShopEvent) -> str:
    words = _EVENTS.get(event.code)
    if words is None:
        return DomainError.sentence(event.code, event.params)
    params = dict(event.params)
    day = parse_date(str(params.get("since", "")))
    if day:
        params["since"] = date_format(day, "SHORT_DATE_FORMAT")
    try:
        return str(words[1] % params)
    except (KeyError, TypeError, ValueError):
        return str(words[1])


@register.filter
def news_words(row: InboxOrder) -> str:
    """Why the shop did not take the news of an order."""
    return DomainError.sentence(row.news_error, row.news_params)


@register.filter
def host(address: str) -> str:
    """`https://www.casalinda.it/negozio` is casalinda.it/negozio."""
    parts = urlsplit(address)
    return parts.netloc.removeprefix("www.") + parts.path


@register.filter
def payment_label(kind: str) -> str:
    return str(Order.Payment(kind).label) if kind in Order.Payment.values else kind


@register.filter
def theirs(subject: str) -> str:
    """`sku:ABC-1` as a person reads it."""
    return subject.partition(":")[2]


@register.filter
def dead_words(delivery: Delivery) -> str:
    """Why a message could not be read: the sentence of its error, or the name of a fault of ours."""
    if delivery.error in ("", "attempts"):
        return _("Tried many times without success.")
    if delivery.error.islower():
        return DomainError.sentence(delivery.error, delivery.error_params)
    return delivery.error
