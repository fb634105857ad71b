"""What a shop should know and was not told yet: how its orders stand with us, and how many pieces there are.

Nothing is queued. The sweep compares what each shop was told with what is true, and tells the truth of this moment: ten
changes are one message, and an order that went back and forth is told where it ended. One worker speaks to a shop at a
time (a lease by compare-and-set)."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from django.db import Error
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Concat
from django.utils import timezone, translation

from connectors.intake.deliveries import backoff
from connectors.intake.upsert import REUSED
from connectors.listings import stock
from connectors.listings.prices import levels
from connectors.models import InboxOrder, Listing, Shop
from connectors.news.parcel_lines import news_lines
from connectors.platforms import platform
from connectors.platforms.base import NotWhollyTold, OrderNews
from connectors.platforms.errors import PartOfUnit
from connectors.shops import calls, shop_log, state, visits
from connectors.shops.access import access_of
from core import busy, http, leases
from core.errors import DomainError, NeedsHand, TryLater
from core.leases import Lease, LeaseLost
from orders.models import Order
from shipping.models import Shipment

log = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=3)
BATCH = 50
S, Cash = Shipment.State, Shipment.Cash
# A parcel's states in the words of a shop; what is still in the warehouse is no news.
_STATES: dict[str, tuple[str, ...]] = {
    "shipped": (S.SHIPPED, S.OUT_FOR_DELIVERY, S.HELD),
    "delivered": (S.DELIVERED,),
    "returned": (S.RETURNING, S.RETURNED),
    "lost": (S.LOST,),
    "cancelled": (S.CANCELLED,),
}
_WORD = {state: word for word, states in _STATES.items() for state in states}
_CORRECTED_WITHIN = dt.timedelta(days=60)
_PATIENCE = dt.timedelta(seconds=45)  # of one shop's turn, all calls together; less than the lease
_WORK = visits.Visits(Shop, LEASE, "news", holds=2 * _PATIENCE)

# Listings that MCI keeps whatever the shop's switch says: products that it made there, prices that it was given.
_KEPT = Listing.objects.filter(shop=OuterRef("pk"), off_at=None).filter(Q(ours=True) | Q(price_on=True))


def tell_due(*, budget_s: float) -> int:
    """Tells the shops that are behind, the longest waiting first, until the time is over (and one shop's turn more);
    how many orders, stock figures and prices were told."""
    until, told = time.monotonic() + budget_s, 0
    reopen_corrected()
    # Asked once for all shops, and so by the index of what is open: shop by shop the planner hopes for an early find,
    # and reads all orders where there is none.
    waiting = open_ones().filter(news_after__lte=leases.now()).values("shop")
    has_orders = Exists(behind().filter(shop=OuterRef("pk"), news_after__lte=leases.now()))
    due = (
        Shop.objects.filter(_WORK.free(), state=Shop.State.ACTIVE, news_after__lte=leases.now())
        .order_by("news_after", "pk")
        .annotate(
            has_orders=Case(When(pk__in=waiting, then=has_orders), default=Value(False)),
            priced=Case(When(levels.DUE, then=Exists(_KEPT)), default=False),
            kept=Exists(_KEPT),
        )
        .filter(Q(stock_on=True) | Q(has_orders=True) | Q(kept=True))
    )
    found = visits.fair(due, visits.VISIT).defer("sealed_credentials", "webhook_secret_sealed")[:200]
    for shop in visits.in_turns(found, attrgetter("dropshipper_id")):
        if time.monotonic() >= until:
            break
        if shop.has_orders or stock.behind(shop, limit=1) or (shop.priced and levels.is_due(shop)):
            told += tell_shop(shop.pk)
    return told


def reopen_corrected() -> int:
    """Orders of which the last word was told, and it is not so (delivered by mistake, another number): they have news
    again. How many. The desk tells nobody; it leaves the moment on the parcel. What was told is compared, and not when:
    a slow shop may be hearing the old word still, which is noted as told after the correction."""
    recent = Order.objects.filter(shipment__corrected_at__gte=leases.now() - _CORRECTED_WITHIN)
    rows = _untrue(InboxOrder.objects.filter(told_last=True, elsewhere=False, order__in=recent))
    rows = rows.exclude(external_id__contains=REUSED)  # its number in the shop is another order's
    found = list(rows.values_list("pk", flat=True)[:1000])
    if found:
        InboxOrder.objects.filter(pk__in=found).update(told_last=False, news_after=leases.now())
    return len(found)


def open_ones() -> QuerySet[InboxOrder]:
    """The orders to which something may still happen that their shop should know."""
    return InboxOrder.objects.filter(told_last=False, order__isnull=False)


def behind() -> QuerySet[InboxOrder]:
    """The orders of which a shop does not know how they stand. `truth` is what it would be told. What was sent under
    another connection is not told by this one."""
    return _untrue(open_ones().filter(elsewhere=False, order__shipment__isnull=False))


def _untrue(rows: QuerySet[InboxOrder]) -> QuerySet[InboxOrder]:
    """Of `rows` those that were told something else than the `truth`."""
    truth = Case(
        *(
            When(
                order__shipment__state__in=states, then=Concat(Value(f"{word}:"), "order__shipment__tracking", _cash())
            )
            for word, states in _STATES.items()
        ),
        default=Value(""),
        output_field=CharField(),
    )
    return rows.annotate(truth=truth).exclude(truth="").exclude(told=F("truth"))


def _cash() -> Case:
    return Case(
        When(order__shipment__cash=Cash.REMITTED, then=Value(":cash")), default=Value(""), output_field=CharField()
    )


def tell_shop(shop_id: int) -> int:
    """One turn of one shop; of how many orders, stock figures and prices it was told. Nothing when another worker is
    at it."""
    lease = _WORK.claim(Shop.objects.filter(pk=shop_id, state=Shop.State.ACTIVE))
    if lease is None:
        return 0
    shop, count = Shop.objects.get(pk=shop_id), _Count()
    try:
        with leases.held(lease):
            try:
                with calls.noted(shop), http.deadline(_PATIENCE.total_seconds()):
                    _turn(shop, lease, count)
            except TryLater as error:
                told = lease.mine().filter(state=Shop.State.ACTIVE).exists()  # of one that was paused it is no news
                _put_off(shop, lease, error.after or backoff(shop.news_failures + 1))
                if told:
                    shop_log.note(shop.pk, error.code, error.stored_params())
            except NeedsHand as error:
                state.broken(shop.pk, error, where={_WORK.token: lease.token})
                lease.release()
            except Exception as error:
                if isinstance(error, LeaseLost) or busy.is_passing(error):
                    raise
                # A fault of ours: the other shops have their turn, this one comes again.
                log.exception("Telling shop %s failed.", shop.pk)
                _put_off(shop, lease, backoff(shop.news_failures + 6))
            else:
                lease.release(news_after=leases.now(), news_failures=0)
    except LeaseLost:  # paused, disconnected, connected anew, or another worker's by now: nothing is said of it
        log.info("Shop %s was taken out of our hands while it was told.", shop.pk)
    except Error as error:
        if not busy.is_passing(error):
            raise
        log.info("The database was busy: shop %s is told a little later.", shop.pk)
    return count.told


@dataclass(slots=True)
class _Count:
    told: int = 0


def _turn(shop: Shop, lease: Lease, count: _Count) -> None:
    stop = time.monotonic() + _PATIENCE.total_seconds()
    rows = behind().filter(shop=shop, news_after__lte=leases.now()).select_related("order__shipment__method__courier")
    for row in rows.prefetch_related("order__lines").order_by("news_after", "pk")[:BATCH]:
        if time.monotonic() >= stop:
            break
        _stop_unless_mine(lease)
        row.shop = shop
        count.told += _tell(shop, row)
    _stop_unless_mine(lease)
    count.told += stock.tell(shop, until=stop).levels
    count.told += levels.tell(shop, until=stop)


def _put_off(shop: Shop, lease: Lease, wait: dt.timedelta) -> None:
    if not lease.release(news_after=leases.now() + wait, news_failures=min(shop.news_failures + 1, 1000)):
        raise LeaseLost


def _tell(shop: Shop, row: InboxOrder) -> int:
    """One order. Raises TryLater and NeedsHand, which stop the shop's turn; what is refused waits for a person."""
    truth = row.truth  # type: ignore[attr-defined]  # of behind()
    news, loose = _news_of(row)
    try:
        with translation.override(shop.facts.get("language") or "it"):  # what the shop's customer reads
            memory = platform(shop.platform).tell_order(access_of(shop), news)
    except (TryLater, NeedsHand):
        raise
    except NotWhollyTold as error:
        if not error.final:
            return _not_told(shop, row, error, error.memory)
        return _noted(row, news, truth, error.memory, error)
    except DomainError as error:
        return _not_told(shop, row, error)
    except Exception:  # one order that we stumble over must not keep the others, and the stock, from the shop
        log.exception("Shop %s could not be told of order %s.", shop.pk, row.number)
        return _not_told(shop, row, DomainError())
    return _noted(row, news, truth, memory, loose)


def _noted(
    row: InboxOrder, news: OrderNews, truth: str, memory: Mapping[str, Any], remark: NotWhollyTold | None
) -> int:
    """The shop knows. `remark`: what stays open there all the same, shown until there is nothing more to tell."""
    done = InboxOrder.objects.filter(pk=row.pk).update(
        told=truth,
        told_at=timezone.now(),
        told_last=_is_last(news),
        told_memory={**row.told_memory, **memory},
        news_error=remark.code if remark else "",
        news_params=remark.stored_params() if remark else {},
        news_failures=0,
    )
    return int(done)


def _not_told(shop: Shop, row: InboxOrder, error: DomainError, memory: Mapping[str, Any] = MappingProxyType({})) -> int:
    """It is tried again. `memory`: what was written in the shop all the same."""
    failures = min(row.news_failures + 1, 1000)
    InboxOrder.objects.filter(pk=row.pk).update(
        news_error=error.code,
        news_params=error.stored_params(),
        news_failures=failures,
        news_after=leases.now() + backoff(failures + 6),  # from ten minutes up to an hour
        told_memory={**row.told_memory, **memory},
    )
    shop_log.note(shop.pk, "not_told", {"number": row.number, "reason": error.code})
    return 0


def news_of(row: InboxOrder) -> OrderNews:
    """How the order of this row stands now."""
    return _news_of(row)[0]


def _news_of(row: InboxOrder) -> tuple[OrderNews, PartOfUnit | None]:
    """And what left that the shop cannot be told of."""
    order = row.order
    assert order is not None
    assert order.shipment is not None
    shipment = order.shipment
    lines, loose = news_lines(row)
    news = OrderNews(
        external_id=row.external_id,
        state=_WORD[shipment.state],
        reference=order.number,
        cod=order.payment == Order.Payment.COD,
        courier=shipment.method.courier.name,
        tracking=shipment.tracking,
        tracking_url=shipment.tracking_link,
        cash_in=shipment.cash == Cash.REMITTED,
        lines=lines,
        memory=_memory(row),
        collected=shipment.cod_amount,
    )
    return news, loose


def _memory(row: InboxOrder) -> dict[str, Any]:
    """What the platform remembers; `tracking`, the number that the shop was told, also where an older one did not; and
    `told`, the state that it was told."""
    state, _sep, rest = row.told.partition(":")
    told = rest.removesuffix(":cash") if state in _STATES else ""
    known = {"tracking": told, **row.told_memory} if told else dict(row.told_memory)
    return {**known, "told": state} if state in _STATES else known


def _is_last(news: OrderNews) -> bool:
    return news.state in ("returned", "lost", "cancelled") or (
        news.state == "delivered" and (not news.cod or news.cash_in)
    )


def waiting(shop: Shop) -> int:
    """How many orders the shop is still to be told of."""
    return behind().filter(shop=shop).count()


def stuck(shop: Shop) -> QuerySet[InboxOrder]:
    """The orders that the shop refused to be told of, for its card: they are tried again."""
    return said(shop).filter(news_failures__gt=0)


def said(shop: Shop) -> QuerySet[InboxOrder]:
    """Those, and the orders that it was told of but for something that stays as it is, which a person should know."""
    return shop.inbox.exclude(news_error="").filter(told_last=False).order_by("pk")


def try_again(shop: Shop) -> None:
    """A person mended something: everything that waits is due now."""
    stuck(shop).update(news_after=leases.now())
    Shop.objects.filter(pk=shop.pk).update(news_after=leases.now(), news_failures=0)


def _stop_unless_mine(lease: Lease) -> None:
    if not lease.mine().filter(state=Shop.State.ACTIVE).exists():
        raise LeaseLost
