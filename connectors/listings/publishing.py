"""Products of ours into a shop, and off sale again: a plan before the click, a run after it. A run is worked off in
batches under a lease; a worker that dies leaves it to the next one, and twice the click is one run."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.db import Error, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import translation

from catalog.models import Product
from connectors.errors import GaveUp, NothingToPublish, NotPublished, ShopGone
from connectors.intake.deliveries import backoff
from connectors.listings import drafts, results, selling, stock
from connectors.listings.drafts import Candidate
from connectors.listings.prices import rules
from connectors.models import PriceRule, PublishItem, PublishRun, Shop
from connectors.platforms import platform
from connectors.platforms.errors import OtherCurrency, PricesWithoutTax
from connectors.shops import calls, state, visits
from connectors.shops.access import access_of
from core import busy, http, leases
from core.errors import NeedsHand, Refused, TryLater
from core.leases import Lease

log = logging.getLogger(__name__)

LIMIT = 2000  # products of one run
LEASE = dt.timedelta(minutes=3)  # longer than a batch takes …
BATCH_S = 120.0  # … whose calls end within this time: what was not done then is done again
MOST_ATTEMPTS = 4
OPEN = (PublishRun.State.QUEUED, PublishRun.State.RUNNING)
_RESULT = PublishItem.Result
_WORK = visits.Visits(PublishRun, LEASE, holds=LEASE)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do, before the click."""

    going: Sequence[Candidate]
    left: Sequence[Candidate]

    @property
    def products(self) -> str:
        """The ids of the products that go, as the form behind the plan posts them."""
        return ",".join(str(row.product.pk) for row in self.going)

    def count(self, kind: str) -> int:
        return sum(row.kind == kind for row in self.going)

    @property
    def new(self) -> int:
        return self.count("new")

    @property
    def updates(self) -> int:
        return self.count("update")

    @property
    def own(self) -> int:
        return self.count("own")

    @property
    def price_changes(self) -> int:
        return sum(row.price_changes for row in self.going)

    @property
    def on_floor(self) -> int:
        return sum(row.on_floor for row in self.going)


def plan(shop: Shop, product_ids: Iterable[int], *, rule: PriceRule | None = None, own_prices: bool = False) -> Plan:
    """Reads only; a constant number of queries."""
    found = drafts.candidates(shop, list(product_ids)[:LIMIT], rule=rule, own_prices=own_prices)
    return Plan([row for row in found if row.refusal is None], [row for row in found if row.refusal is not None])


def start(
    shop: Shop,
    product_ids: Iterable[int],
    *,
    key: uuid.UUID,
    by: int | None,
    kind: str = PublishRun.Kind.PUBLISH,
    rule_id: int | None = None,
    own_prices: bool = False,
) -> PublishRun:
    """Books a run over these products; `advance` does the work. The same `key` is the same run. While a run of this
    shop is under way, that one is returned. Raises NothingToPublish, ShopGone."""
    known = PublishRun.objects.filter(key=key, dropshipper_id=shop.dropshipper_id).first()
    if known:
        return known
    found = Product.objects.filter(pk__in=list(product_ids)).order_by("name", "pk")
    ids = list(found.values_list("pk", flat=True)[:LIMIT])
    if not ids:
        raise NothingToPublish
    with transaction.atomic():
        # One starter at a time: two clicks at once must not open two runs of one shop.
        shop = Shop.objects.select_for_update(no_key=True, of=("self",)).get(pk=shop.pk)
        known = PublishRun.objects.filter(key=key, dropshipper_id=shop.dropshipper_id).first()
        known = known or shop.publish_runs.filter(state__in=OPEN).first()
        if known:
            return known
        if shop.state == Shop.State.GONE:
            raise ShopGone
        rules.ensure_default(shop)
        if shop.compared_at is None:  # what is his own there is better known soon
            Shop.objects.filter(pk=shop.pk).update(compare_after=leases.now())
        run = PublishRun.objects.create(
            key=key,
            dropshipper_id=shop.dropshipper_id,
            shop=shop,
            by_id=by,
            kind=kind,
            rule_id=rule_id if rule_id and shop.price_rules.filter(pk=rule_id).exists() else None,
            own_prices=own_prices,
            total=len(ids),
        )
        PublishItem.objects.bulk_create(
            [PublishItem(run=run, product_id=pk, position=position) for position, pk in enumerate(ids)],
            batch_size=1000,
        )
    return run


def stop(run: PublishRun) -> None:
    """Asks a run to stop after the batch in hand; what is done stays done."""
    PublishRun.objects.filter(pk=run.pk, state__in=OPEN).update(stop_asked=True)


def advance_due(*, budget_s: float = 20.0) -> int:
    """Takes up what waits: new runs and those whose worker died, of shops that can be spoken to. How many."""
    deadline, worked = time.monotonic() + budget_s, 0
    due = PublishRun.objects.filter(_WORK.free(), state__in=OPEN)
    due = due.filter(Q(stop_asked=True) | Q(try_after__lte=Now(), shop__state=Shop.State.ACTIVE))
    found = visits.fair(due.order_by("pk"), visits.VISIT).values_list("pk", "dropshipper_id")[:20]
    for run_id, _company in visits.in_turns(found, itemgetter(1)):
        if time.monotonic() >= deadline:
            break
        try:
            advance(run_id, budget_s=deadline - time.monotonic())
        except Exception as error:  # its lease was given back and it comes again soon, the others go on
            if not busy.is_passing(error):
                log.exception("Run %s failed.", run_id)
            continue
        worked += 1
    return worked


def advance(run_id: int, *, budget_s: float = 20.0) -> PublishRun:
    """Works on a run, batch by batch, until it is over, the shop does not answer, or the budget is spent. May be called
    twice or at the same time: one caller holds the lease."""
    lease = _WORK.claim(PublishRun.objects.filter(pk=run_id, state__in=OPEN), state=PublishRun.State.RUNNING)
    deadline, first, on = time.monotonic() + budget_s, True, lease is not None
    if lease is not None:
        with leases.held(lease):
            while on and (first or time.monotonic() < deadline):
                first, on = False, _batch(run_id, lease)
    return PublishRun.objects.get(pk=run_id)


def _batch(run_id: int, lease: Lease) -> bool:
    """One batch of a run that is ours; whether it goes on."""
    run = PublishRun.objects.select_related("shop", "rule").get(pk=run_id)
    if run.lease_token != lease.token:
        return False
    items = list(run.items.filter(result=_RESULT.WAITING).order_by("position")[: _size(run)])
    if run.stop_asked or not items:
        _finish(run, lease)
        return False
    if run.shop.state != Shop.State.ACTIVE:  # meanwhile
        return False
    try:
        with calls.noted(run.shop), http.deadline(BATCH_S):
            _work(run, items)
    except TryLater as error:
        after = leases.now() + (error.after or backoff(run.failures + 1))
        _pause(lease, error, try_after=after, failures=min(run.failures + 1, 1000))
        return False
    except NeedsHand as error:
        same = {"sealed_credentials": bytes(run.shop.sealed_credentials)}
        state.broken(run.shop_id, error, where=same)
        _pause(lease, error, try_after=leases.now() + backoff(1))
        return False
    return lease.renew(trouble="", trouble_params={}, failures=0)


def _size(run: PublishRun) -> int:
    return platform(run.shop.platform).publish_batch


def _pause(lease: Lease, error: TryLater | NeedsHand, **fields: Any) -> None:
    lease.release(trouble=error.code, trouble_params=error.stored_params(), **fields)


def _finish(run: PublishRun, lease: Lease) -> None:
    stopped = 0
    if run.stop_asked:
        stopped = run.items.filter(result=_RESULT.WAITING).update(result=_RESULT.STOPPED, done_at=Now())
    state = PublishRun.State.STOPPED if stopped else PublishRun.State.DONE
    lease.release(state=state, finished_at=Now(), trouble="", trouble_params={})


def _work(run: PublishRun, items: list[PublishItem]) -> None:
    """One batch. A product that a worker died of, or that made the platform refuse its whole batch, is tried alone."""
    if items[0].attempts:
        items = items[:1]
        if items[0].attempts >= MOST_ATTEMPTS:
            results.refuse(items[0], GaveUp())
            return
    batch = run.items.filter(pk__in=[item.pk for item in items])
    batch.update(attempts=F("attempts") + 1)  # counted at the claim
    try:
        if run.kind == PublishRun.Kind.UNPUBLISH:
            _take_off(run, items)
        else:
            _publish(run, items)
    except (TryLater, NeedsHand, Error) as error:
        if isinstance(error, Error) and not busy.is_passing(error):
            raise
        batch.update(attempts=F("attempts") - 1)
        raise
    except (OtherCurrency, PricesWithoutTax) as error:  # of the shop, not of a product
        for item in items:
            results.refuse(item, error)
    except Refused as error:
        if len(items) == 1:
            results.refuse(items[0], error)


def _publish(run: PublishRun, items: Sequence[PublishItem]) -> None:
    shop = run.shop
    access = selling.ask(shop, whole=True)
    found = drafts.candidates(shop, [item.product_id for item in items], rule=run.rule, own_prices=run.own_prices)
    by_product = {row.product.pk: row for row in found}
    listed = [offer.listing.pk for row in found for offer in row.offers if offer.listing]
    levels = stock.wanted(shop, listed)
    going: dict[str, tuple[PublishItem, Candidate]] = {}
    for item in items:
        row = by_product[item.product_id]
        if row.refusal is not None:
            results.refuse(item, row.refusal)
        elif row.kind == "own":
            results.keep_price(run, item, row)
        else:
            going[row.product.slug] = (item, row)
    if not going:
        return
    made = [drafts.draft_of(shop, row, levels) for _item, row in going.values()]
    with translation.override(shop.facts.get("language") or "it"):
        answers = {done.reference: done for done in platform(shop.platform).publish(access, made)}
    for draft in made:
        item, row = going[draft.reference]
        results.put(run, item, row, draft, answers.get(draft.reference))


def _take_off(run: PublishRun, items: Sequence[PublishItem]) -> None:
    shop = run.shop
    rows = shop.listings.filter(variant__product__in=[item.product_id for item in items], ours=True, off_at=None)
    by_product: dict[int, set[str]] = {}
    for row in rows.select_related("variant"):
        by_product.setdefault(row.variant.product_id, set()).add(row.product_id)
    for item in items:
        if item.product_id not in by_product:
            results.refuse(item, NotPublished())
    ids = sorted({pk for found in by_product.values() for pk in found})
    if not ids:
        return
    api, refused = platform(shop.platform), dict[str, str]()
    for first in range(0, len(ids), api.publish_batch):
        refused |= api.unpublish(access_of(shop), ids[first : first + api.publish_batch])
    for item in items:
        if item.product_id in by_product:
            results.take_off(run, item, by_product[item.product_id], refused)
