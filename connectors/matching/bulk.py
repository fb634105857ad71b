"""Many of a shop's articles matched at once: ticked on the page, all that are sure, or brought by a file. What was done
together can be taken back together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Trim, Upper
from django.utils import timezone

from connectors.errors import NotMatched
from connectors.matching import remote_items
from connectors.matching.suggestions import SURE
from connectors.models import Listing, Match, MatchBatch, RemoteItem, Shop
from connectors.platforms.goods import RemoteProduct
from orders.intake import matching
from orders.intake.matching import Tie
from orders.models import Order, OrderLine

MOST = 5000  # of one click or file
_OPEN = (Order.State.DRAFT, Order.State.RECEIVED, Order.State.READY)


@dataclass(frozen=True, slots=True)
class Matched:
    """What became of a batch: how many articles, how many orders it freed (or, undone, made wait again)."""

    batch: MatchBatch
    articles: int
    orders: int


@transaction.atomic
def accept_many(shop: Shop, wanted: Mapping[str, Tie], *, by: int | None) -> Matched:
    """Remembers each subject ("sku:…", "product:…") as pieces of ours, or as not ours; frees the open orders that wait
    for it, and makes the shop's products listings at once. Raises NotMatched, and then nothing is done."""
    for subject, tie in wanted.items():
        kind, _colon, value = subject.partition(":")
        if kind not in ("sku", "product") or not value or len(subject) > 110 or not 1 <= tie.pieces <= 9999:
            raise NotMatched
    if not wanted or len(wanted) > MOST:
        raise NotMatched
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)  # of two clicks at once, one waits
    before = {match.subject: match for match in Match.objects.filter(shop=shop, subject__in=list(wanted))}
    now = timezone.now()
    Match.objects.bulk_create(
        [
            Match(shop=shop, subject=subject, variant_id=tie.variant_id, quantity=tie.pieces, by_id=by, at=now)
            for subject, tie in wanted.items()
        ],
        update_conflicts=True,
        unique_fields=["shop", "subject"],
        update_fields=["variant", "quantity", "by", "at"],
    )
    batch = MatchBatch.objects.create(
        shop=shop,
        by_id=by,
        at=now,
        changes=[
            [
                subject,
                [tie.variant_id, tie.pieces],
                [before[subject].variant_id, before[subject].quantity] if subject in before else None,
            ]
            for subject, tie in sorted(wanted.items())
        ],
    )
    _list(shop, wanted)
    freed = matching.tie(_order_ids(_lines(shop, wanted).filter(variant__isnull=True, ignored=False)), wanted, by=by)
    return Matched(batch, len(wanted), freed)


def accept_sure(shop: Shop, *, by: int | None) -> Matched:
    """All open articles whose guess is at least SURE percent. Raises NotMatched when there is none."""
    rows = remote_items.open_items(shop).filter(score__gte=SURE, guess__isnull=False).order_by("-score", "id")
    return accept_many(shop, {row.subject: Tie(row.guess_id) for row in rows[:MOST]}, by=by)


@transaction.atomic
def undo(batch: MatchBatch, *, by: int | None) -> Matched:
    """Takes a batch back: what was matched before is again what it was, the rest waits again, also in the orders that
    are still open. What was changed by hand since stays. Twice is once."""
    batch = MatchBatch.objects.select_for_update(no_key=True).select_related("shop").get(pk=batch.pk)
    if batch.undone_at is not None:
        return Matched(batch, 0, 0)
    shop = batch.shop
    made = {subject: Tie(*after) for subject, after, _before in batch.changes}
    before = {subject: Tie(*earlier) for subject, _after, earlier in batch.changes if earlier is not None}
    held = Match.objects.select_for_update(no_key=True).order_by("pk")  # who changes one by hand just now is first
    now = {match.subject: match for match in held.filter(shop=shop, subject__in=list(made))}
    mine = {
        subject: tie
        for subject, tie in made.items()
        if subject in now and (now[subject].variant_id, now[subject].quantity) == tie
    }
    gone = [subject for subject in mine if subject not in before]
    Match.objects.filter(shop=shop, subject__in=gone).delete()
    back = [now[subject] for subject in mine if subject in before]
    for match in back:
        match.variant_id, match.quantity = before[match.subject]
    Match.objects.bulk_update(back, ["variant", "quantity"])
    _unlist(shop, mine)
    orders = _order_ids(_lines(shop, mine))
    waiting = matching.untie(orders, mine, by=by)
    again = {subject: before[subject] for subject in mine if subject in before}
    if again:
        matching.tie(orders, again, by=by)
        _list(shop, again)
    batch.undone_at = timezone.now()
    batch.save(update_fields=["undone_at"])
    return Matched(batch, len(mine), waiting)


def _list(shop: Shop, wanted: Mapping[str, Tie]) -> None:
    """The shop's products of these subjects become listings, with the stock that they were last seen with."""
    items = list(RemoteItem.objects.filter(shop=shop, subject__in=[s for s, tie in wanted.items() if tie.variant_id]))
    Listing.objects.bulk_create(
        [
            Listing(
                shop=shop,
                variant_id=wanted[item.subject].variant_id or 0,
                external_id=item.external_id,
                sku=item.sku,
                title=item.title,
                quantity=wanted[item.subject].pieces,
                shown=item.quantity,
                told=item.quantity,
                shown_at=item.seen_at,
            )
            for item in items
        ],
        ignore_conflicts=True,
    )
    RemoteItem.objects.filter(pk__in=[item.pk for item in items]).delete()


def _unlist(shop: Shop, made: Mapping[str, Tie]) -> None:
    """The listings of these subjects that are not products of our making become unknown articles again."""
    variants = {tie.variant_id for tie in made.values() if tie.variant_id}
    rows = [
        row
        for row in shop.listings.filter(ours=False, variant__in=variants)
        if _subject(row) in made and made[_subject(row)].variant_id == row.variant_id
    ]
    Listing.objects.filter(pk__in=[row.pk for row in rows]).delete()
    remote_items.keep(shop, [_product(row) for row in rows], [], timezone.now())


def _product(listing: Listing) -> RemoteProduct:
    return RemoteProduct(listing.external_id, listing.sku, "", listing.title, listing.shown)


def _subject(listing: Listing) -> str:
    return remote_items.subject_of(_product(listing))


def _lines(shop: Shop, subjects: Iterable[str]) -> QuerySet[OrderLine]:
    """The lines of open orders of the shop with one of these subjects."""
    skus = [subject[4:] for subject in subjects if subject.startswith("sku:")]
    products = [subject[8:] for subject in subjects if subject.startswith("product:")]
    lines = OrderLine.objects.filter(order__inbox__shop=shop, order__state__in=_OPEN).annotate(key=Upper(Trim("sku")))
    return lines.filter(Q(key__in=skus) | Q(key="", external_id__in=products))


def _order_ids(lines: QuerySet[OrderLine]) -> list[int]:
    return list(lines.values_list("order_id", flat=True).distinct().order_by("order_id"))
