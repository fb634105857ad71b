"""Where Shopify knows only whole orders: called paid, or cancelled. That is said only where our part is the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from connectors.platforms.base import Access, OrderNews
from connectors.platforms.parcel import Parcel
from connectors.platforms.shopify import fulfilment_read
from connectors.platforms.shopify.answers import block, refusals
from connectors.platforms.shopify.client import Client
from connectors.platforms.shopify.fulfilment_read import Line, Order
from connectors.platforms.shopify.refusals import NotPaidInShop, NotTaken
from core.money import BadAmount, from_shop
from core.strict import text

TAG = "MCI annullato"  # what the merchant sees on an order that was cancelled here


def mark_paid(client: Client, order: Order, parcel: Parcel, news: OrderNews) -> NotPaidInShop | None:
    """The courier has paid out what he collected. Shopify would book all that the customer owes: only where that is
    the very amount, for goods that are all ours."""
    if order.node.get("canMarkAsPaid") is not True:
        return None
    if not parcel.whole:
        owed = _owed(order)
        lines = fulfilment_read.lines(client, order.id, parcel)
        others = any(line.shipped and line.wanted and not parcel.is_ours(line.key) for line in lines)
        if others or owed is None or news.collected != owed:
            return NotPaidInShop(collected=str(news.collected or "–"), owed=str(owed or "–"))
    refuse(client.change("mark_paid", id=order.id), but="cannot be marked as paid")  # somebody was quicker
    return None


def _owed(order: Order) -> Decimal | None:
    """What the customer still owes in EUR, which the courier collects: in the shop's own currency or in his."""
    owed = block(order.node.get("totalOutstandingSet"))
    for money in (block(owed.get("shopMoney")), block(owed.get("presentmentMoney"))):
        if money.get("currencyCode") == "EUR":
            try:
                return from_shop(money.get("amount"))
            except BadAmount:
                return None
    return None


def cancel(access: Access, client: Client, order: Order, parcel: Parcel) -> Mapping[str, Any]:
    """Cancelled with us before it left. In the shop too only if the merchant wants it, and nothing of it is for others
    to send or sent already: it refunds all and cannot be undone. Else the order gets a tag that he sees."""
    if order.node.get("cancelledAt"):
        return {"cancelled": True}
    if not access.options.get("cancel") or not _is_all(fulfilment_read.lines(client, order.id, parcel), parcel):
        if TAG not in (order.node.get("tags") or []):
            refuse(client.change("tags_add", id=order.id, tags=[TAG]))
        return {"tagged": True}
    note = text(_("Cancelled in MCI before it left."), 255)
    made = client.change("order_cancel", id=order.id, refund={"originalPaymentMethodsRefund": True}, note=note)
    refuse(made, "orderCancelUserErrors", but="already been cancel")
    return {"cancelled": True}


def _is_all(lines: Sequence[Line], parcel: Parcel) -> bool:
    """Is every piece of the order ours, and none sent yet? Fees that are no product go with it."""
    wanted: Counter[str] = Counter()
    for line in lines:
        if line.shipped and line.open < line.wanted:
            return False
        if line.shipped or line.sold or line.key:
            wanted[line.key] += line.wanted
    if parcel.whole:
        return True
    return all(parcel.is_ours(key) and parcel.pieces[key] >= pieces for key, pieces in (+wanted).items())


def refuse(payload: Mapping[str, Any], name: str = "userErrors", *, but: str = "") -> None:
    """Raises NotTaken for a mutation's first user error, unless its words hold `but` (it was done before)."""
    said = refusals(payload, name)
    if said and not (but and but in said[0][1].lower()):
        raise NotTaken(reason=said[0][1])
