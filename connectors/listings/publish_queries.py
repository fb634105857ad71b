"""What the pages about products in shops read with."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Dropshipper
from catalog.models import Product, Variant
from connectors.listings import stock as listed_stock
from connectors.listings.prices import levels
from connectors.listings.publishing import LIMIT, OPEN
from connectors.models import Listing, PriceRule, PublishItem, PublishRun, Shop
from core.pagination import Count as Bounded
from core.pagination import bounded_counts
from core.requests import whole_number

SHOWN_WRONG, SHOWN_DONE = 50, 8
EXAMPLES = 5
_FAST, _SLOW = "1500ms", "3s"

# What the page of a shop's products may be narrowed to. BEHIND is reckoned: see connectors/*_levels.py.
SHOWN: dict[str, tuple[str | Promise, Q]] = {
    "all": (_("All"), Q()),
    "published": (_("Published by MCI"), Q(ours=True, off_at=None)),
    "own": (_("Yours"), Q(ours=False)),
    "off": (_("Off sale"), Q(off_at__isnull=False)),
    "refused": (_("Refused by the shop"), ~Q(error="") | ~Q(price_error="")),
    "drifted": (_("Drifted"), Q(drifted_at__isnull=False) | Q(price_drifted_at__isnull=False)),
    "asked": (_("Whose price?"), Q(price_asked=True, off_at=None)),
}
BEHIND = "behind"


def listings(shop: Shop, text: str = "", shown: str = "all") -> QuerySet[Listing]:
    """The shop's products that are ours; `text` is looked for in SKUs and titles."""
    found = shop.listings.select_related("variant__product", "rule")
    if shown == BEHIND:
        found = found.filter(pk__in={*listed_stock.ids_behind(shop), *levels.ids_behind(shop)})
    else:
        found = found.filter(SHOWN.get(shown, SHOWN["all"])[1])
    if text:
        found = found.filter(Q(sku__icontains=text) | Q(title__icontains=text) | Q(variant__sku__icontains=text))
    return found


def listing_counts(shop: Shop) -> dict[str, Bounded]:
    """Of each filter but the reckoned one, in one statement."""
    return bounded_counts({name: shop.listings.filter(condition) for name, (_label, condition) in SHOWN.items()})


@dataclass(frozen=True, slots=True)
class Row:
    """A listing with what the shop should show of it; None: MCI does not keep it. `short`: pieces of ours that the
    shop's orders want and that are not there."""

    listing: Listing
    pieces: int | None
    priced: levels.Wanted | None
    short: int = 0

    @property
    def stock_behind(self) -> bool:
        return self.pieces is not None and self.pieces != self.listing.told

    @property
    def price_behind(self) -> bool:
        listing = self.listing
        return self.priced is not None and not listing.price_asked and self.priced.price != listing.price_told


def rows(shop: Shop, found: Iterable[Listing]) -> list[Row]:
    """Two queries, however many."""
    found = list(found)
    ids = [row.pk for row in found]
    stock, prices = listed_stock.wanted_and_short(shop, ids), levels.wanted(shop, ids)
    made = []
    for row in found:
        pieces, short = stock.get(row.pk, (None, 0))
        made.append(Row(row, pieces, prices.get(row.pk), short))
    return made


def own_listings(shop: Shop, ids: Sequence[str]) -> QuerySet[Listing]:
    """The listings of a form's checkboxes that are this shop's. Others fall out."""
    return shop.listings.filter(pk__in=numbers(ids)[:LIMIT])


def numbers(texts: Iterable[str]) -> list[int]:
    """Ids of a form: one, or many with commas between, in each value; what is no id falls out."""
    parts = [part.strip() for text in texts for part in text.split(",")]
    return list(dict.fromkeys(pk for part in parts if (pk := whole_number(part)) is not None))


def ids_of_category(slug: str) -> list[int]:
    """The products on sale of a category and of those below it, at most LIMIT."""
    found = Product.objects.filter(active=True).filter(Q(category__slug=slug) | Q(category__parent__slug=slug))
    return list(found.order_by("name", "pk").values_list("pk", flat=True)[:LIMIT])


def access_rule(shop: Shop, pk: int) -> PriceRule:
    """The shop's own rule (the shop came by access_shop); another's is a 404."""
    return get_object_or_404(shop.price_rules.select_related("category"), pk=pk)


def rules_with_use(shop: Shop) -> QuerySet[PriceRule]:
    """`used`: listings that were given the rule by name."""
    kept = Q(listings__price_on=True)
    return shop.price_rules.select_related("category").annotate(used=Count("listings", filter=kept))


def examples(shop: Shop, category_id: int | None = None) -> list[Variant]:
    """Articles to show a rule on: of the shop's own first, then of the catalogue. At most two queries."""
    found = Variant.objects.filter(active=True, product__active=True, retail_price__isnull=False)
    found = found.select_related("product__category").order_by("product_id", "pk").distinct("product_id")
    if category_id:
        found = found.filter(Q(product__category=category_id) | Q(product__category__parent=category_id))
    picked = list(found.filter(listings__shop=shop, listings__price_on=True)[:EXAMPLES])
    if len(picked) < EXAMPLES:
        others = found.exclude(product__in=[row.product_id for row in picked])
        picked += others[: EXAMPLES - len(picked)]
    return picked


# ---- runs


def access_publish_run(dropshipper: Dropshipper, key: uuid.UUID) -> PublishRun:
    """The dropshipper's own run; a stranger's is a 404."""
    return get_object_or_404(PublishRun.objects.select_related("by", "shop", "rule"), key=key, dropshipper=dropshipper)


def active_publish_run(shop: Shop) -> PublishRun | None:
    return shop.publish_runs.filter(state__in=OPEN).first()


@dataclass(frozen=True, slots=True)
class Progress:
    total: int
    good: int
    refused: int
    stopped: int

    @property
    def done(self) -> int:
        return self.good + self.refused + self.stopped

    @property
    def left(self) -> int:
        return max(0, self.total - self.done)


def progress(run: PublishRun) -> Progress:
    sums = run.items.aggregate(
        good=Count("pk", filter=Q(result__in=["created", "updated", "priced", "off"])),
        refused=Count("pk", filter=Q(result="refused")),
        stopped=Count("pk", filter=Q(result="stopped")),
    )
    return Progress(total=run.total, **sums)


def items(run: PublishRun, *results: str) -> QuerySet[PublishItem]:
    found = run.items.select_related("product")
    return found.filter(result__in=results) if results else found


def panel(run: PublishRun) -> dict[str, Any]:
    """The context of connectors/_publish_panel.html: 3 queries whatever the size of the run."""
    age = timezone.now() - run.created_at
    shown = list(items(run, "refused").order_by("position")[:SHOWN_WRONG])
    shown += list(items(run, "created", "updated", "priced", "off").order_by("-done_at", "-position")[:SHOWN_DONE])
    return {
        "run": run,
        "progress": progress(run),
        "items": shown,
        "is_over": run.is_over,
        "poll": "" if run.is_over else _FAST if age < dt.timedelta(seconds=30) else _SLOW,
    }
