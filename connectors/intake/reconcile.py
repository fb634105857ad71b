"""The daily proof that no order was lost: the shop's own list of its last orders is held against ours. What is missing
or older here is read from the shop at once; what is here and no longer there (WooCommerce tells nobody of an order that
is deleted for good) is withdrawn. The result stays as a record that the reseller can open."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Container

from django.utils import timezone

from connectors.errors import NoEnd, ShopGone
from connectors.intake import page as orders_page
from connectors.intake import receive, upsert, walks
from connectors.models import InboxOrder, OrderProof, Shop, ShopEvent
from connectors.platforms import platform
from connectors.platforms.base import Invisible, Seen, Withdrawn
from connectors.shops import calls, schedule, state
from connectors.shops.access import access_of
from core import http, leases
from orders.models import Order

EVERY = dt.timedelta(hours=24)
BACK = dt.timedelta(days=7)
SOON = dt.timedelta(hours=1)  # where the shop was too slow to be asked for all that it does not list
MOST = 200  # orders that one proof mends; beyond it the whole shop is read anew by the pull …
MENDING_S = 120.0  # … and so it is beyond this time
VISIT_S = 120.0  # of one proof, all calls together
_A_CALL_S = 10.0  # with less left of the visit no order is asked for
_MOST_PAGES = 500  # of the orders that are read whole
_SECOND = dt.timedelta(seconds=1)  # lists begin strictly after their moment
_FRESH = dt.timedelta(minutes=2)  # what the shop took in just now may still be on its way


def prove_due(*, budget_s: float) -> int:
    """Proves the shops whose turn it is; how many."""
    return schedule.take("prove_after", prove, budget_s=budget_s, visit_s=VISIT_S)


def prove(shop: Shop) -> OrderProof:
    """Holds the orders of the last seven days against ours and mends the difference. Raises TryLater, NeedsHand; then
    nothing is recorded as proved."""
    with calls.noted(shop):
        return _prove(shop)


def _prove(shop: Shop) -> OrderProof:
    api, access = platform(shop.platform), access_of(shop)
    since = max(shop.import_since, timezone.now() - BACK)
    theirs: dict[str, Seen] = {}
    cursor: str | None = None
    onward = schedule.Onward()
    while True:
        page = api.orders_seen(access, since, cursor)
        onward.look([seen.external_id for seen in page.orders])
        theirs |= {seen.external_id: seen for seen in page.orders}
        cursor = page.cursor
        if cursor is None:
            break
    ours = dict(
        InboxOrder.objects.filter(shop=shop, external_id__in=list(theirs)).values_list("external_id", "version_at")
    )
    late = [seen for key, seen in theirs.items() if ours.get(key) != seen.version_at]
    record = OrderProof(shop=shop, since=since, theirs=len(theirs), same=len(theirs) - len(late))
    until = time.monotonic() + MENDING_S
    mended = 0
    for seen in late[:MOST]:
        if time.monotonic() >= until or http.left() < _A_CALL_S:
            break
        _mend(shop, seen, record)
        mended += 1
    if len(late) > mended:
        record.whole = False
        state.same(shop).update(cursor=None, pull_walk="", pull_after=leases.now())
    if api.dates_may_lie:
        try:
            record.healed += _same_date_other_content(shop, since)
        except NoEnd:  # what was compared counts; the rest is the pull's, and the next proof's
            record.whole = False
    again, until = EVERY, time.monotonic() + MENDING_S
    for row in _vanished(shop, since, theirs)[:MOST]:
        if time.monotonic() >= until or http.left() < _A_CALL_S:
            again = SOON
            break
        _withdraw(shop, row, record)
    if not state.same(shop).update(prove_after=leases.now() + again):
        raise ShopGone  # meanwhile
    record.save()
    if record.healed:
        params = {"count": len(record.healed), "numbers": ", ".join(record.healed[:10])}
        ShopEvent.objects.create(shop=shop, code="proof_healed", params=params)
    if record.gone:
        params = {"count": len(record.gone), "numbers": ", ".join(record.gone[:10])}
        ShopEvent.objects.create(shop=shop, code="proof_gone", params=params)
    return record


def _same_date_other_content(shop: Shop, since: dt.datetime) -> list[str]:
    """Reads what the shop changed since then, whole, and compares it with what is here: an edit may keep the date."""
    changed: list[str] = []
    for at, page in walks.since(shop, since, most=_MOST_PAGES):
        ids = [raw.external_id for raw in page if raw.reading is not None]
        known = set(InboxOrder.objects.filter(shop=shop, external_id__in=ids).values_list("external_id", flat=True))
        changed += orders_page.take(shop, [raw for raw in page if raw.external_id in known], at=at)
    return changed


def _vanished(shop: Shop, since: dt.datetime, theirs: Container[str]) -> list[InboxOrder]:
    """Ours of the same days, still to be sent or under way, that the shop's list does not have."""
    live = [Order.State.RECEIVED, Order.State.READY, Order.State.DISPATCHED]
    rows = InboxOrder.objects.filter(shop=shop, order__state__in=live, order__placed_at__gte=since + _SECOND)
    rows = rows.exclude(status=upsert.GONE).exclude(first_seen_at__gt=timezone.now() - _FRESH).defer("raw")
    rows = rows.exclude(external_id__contains=upsert.REUSED)
    return [row for row in rows.order_by("pk") if row.external_id not in theirs]


def _withdraw(shop: Shop, row: InboxOrder, record: OrderProof) -> None:
    """Asks for one that the list does not have; believes only what the shop says of it."""
    at = timezone.now()
    raw = platform(shop.platform).order(access_of(shop), row.external_id)
    if isinstance(raw, Withdrawn):
        upsert.withdraw(shop, row.external_id, at=at)
    elif isinstance(raw, Invisible) or raw.reading is None or raw.reading.live:
        return  # a status that its lists leave out, or a list that moved
    elif upsert.upsert(shop, raw.reading, raw.body, via=upsert.PROOF, truth=True, at=at) is None:
        return  # known already
    record.gone.append(row.number or row.external_id)


def _mend(shop: Shop, seen: Seen, record: OrderProof) -> None:
    """Reads one order from the shop as it is now."""
    at = timezone.now()
    raw = platform(shop.platform).order(access_of(shop), seen.external_id)
    if isinstance(raw, Withdrawn | Invisible):  # it went meanwhile
        record.theirs -= 1
        return
    if raw.reading is None:
        receive.store_unreadable(shop.pk, raw.body, raw.error)
        record.unread.append(seen.external_id)
        return
    row = upsert.upsert(shop, raw.reading, raw.body, via=upsert.PROOF, truth=True, at=at)
    if row is None:
        known = InboxOrder.objects.filter(shop=shop, external_id=seen.external_id).exists()
        record.same += known  # a webhook was quicker
        record.left_out += not known
    elif seen.version_at > timezone.now() - _FRESH:
        record.same += 1  # not lost: its webhook is on its way
    else:
        record.healed.append(row.number or seen.external_id)
