"""What a run did to one product, noted: its listings in the shop and the result of its item, both or neither."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils import timezone

from connectors.listings.drafts import Candidate
from connectors.listings.prices import levels
from connectors.models import Listing, PublishItem, PublishRun
from connectors.platforms.goods import ProductDraft, Published
from core import leases
from core.errors import Refused

_RESULT = PublishItem.Result


def _close(item: PublishItem, result: str, **fields: object) -> None:
    waiting = PublishItem.objects.filter(pk=item.pk, result=_RESULT.WAITING)
    waiting.update(result=result, done_at=timezone.now(), **fields)


def refuse(item: PublishItem, error: Refused) -> None:
    """What its sentence needs is kept too: no sentence of these has more than one thing in it."""
    _close(item, _RESULT.REFUSED, code=error.code, detail=str(next(iter(error.params.values()), ""))[:300])


@transaction.atomic
def put(
    run: PublishRun, item: PublishItem, candidate: Candidate, draft: ProductDraft, answer: Published | None
) -> None:
    """The shop's answer to a draft. What it says of a product of the merchant's own that was in the way is kept too:
    the next plan knows it. What is half made is ours, and off sale."""
    if answer is None or answer.error:
        if answer is not None:
            _found(run, candidate, answer)
            _begun(run, candidate, draft, answer)
        code = answer.error if answer else "no_answer"
        _close(item, _RESULT.REFUSED, code=code[:120], detail=(answer.detail if answer else "")[:300])
        return
    _listed(run, candidate, draft, answer)
    was_there = any(offer.listing for offer in candidate.offers)
    result = _RESULT.UPDATED if was_there else _RESULT.CREATED
    code = "vat_by_hand" if candidate.vat_by_hand is not None else ""
    detail = answer.detail or (f"{candidate.vat_by_hand.normalize():f}" if candidate.vat_by_hand is not None else "")
    _close(item, result, code=code if not answer.detail else "", detail=detail[:300], url=answer.url[:500])


def _rows(run: PublishRun, candidate: Candidate, draft: ProductDraft, answer: Published) -> list[Listing]:
    """Our product's listings, as the shop answered. Of the stock only what it confirmed counts as told."""
    now = timezone.now()
    by_sku = {offer.variant.sku: offer.variant for offer in candidate.offers}
    return [
        Listing(
            shop_id=run.shop_id,
            variant=by_sku[variant.sku],
            external_id=answer.variants[variant.sku],
            sku=variant.sku,
            title=f"{draft.title} {by_sku[variant.sku].title}".strip()[:200],
            ours=True,
            asked_whose=True,
            url=answer.url[:500],
            rule_id=run.rule_id,
            price_on=True,
            price_told=variant.price,
            compare_told=variant.compare_at,
            price_told_at=now,
            told=answer.stock.get(variant.sku),
            told_at=now if variant.sku in answer.stock else None,
            heard_at=now if variant.sku in answer.stock else None,
            shown_at=now,
            try_after=leases.now(),
        )
        for variant in draft.variants
        if variant.sku in answer.variants
    ]


def _listed(run: PublishRun, candidate: Candidate, draft: ProductDraft, answer: Published) -> None:
    rows = _rows(run, candidate, draft, answer)
    fields = [
        *("variant", "sku", "title", "ours", "off_at", "url", "rule", "price_on", "price_told", "compare_told"),
        *("price_told_at", "price_error", "price_shown", "compare_shown", "price_drifted_at", "price_asked"),
        *("asked_whose", "shown_at", "try_after", "error"),
    ]
    stock = ["told", "told_at", "heard_at", "unheard"]
    for part, names in (
        ([row for row in rows if row.sku in answer.stock], [*fields, *stock]),
        ([row for row in rows if row.sku not in answer.stock], fields),  # those that are there keep what they had
    ):
        if part:
            Listing.objects.bulk_create(
                part, update_conflicts=True, unique_fields=["shop", "external_id"], update_fields=names
            )
    # Made anew because it had been deleted in the shop: the old one is no more.
    old = Listing.objects.filter(shop_id=run.shop_id, ours=True, variant__in=[row.variant for row in rows])
    old.exclude(external_id__in=[row.external_id for row in rows]).delete()


def _begun(run: PublishRun, candidate: Candidate, draft: ProductDraft, answer: Published) -> None:
    """A product of ours that is in the shop and was refused at a later step. One that was there before stays as it was
    known; a new one is on sale only once a publication went well."""
    rows = _rows(run, candidate, draft, answer)
    now = timezone.now()
    for row in rows:
        row.off_at = now
    if rows:
        Listing.objects.bulk_create(rows, ignore_conflicts=True)
        mine = Listing.objects.filter(shop_id=run.shop_id, external_id__in=[row.external_id for row in rows])
        mine.filter(ours=False).update(ours=True, off_at=now)


def _found(run: PublishRun, candidate: Candidate, answer: Published) -> None:
    """The merchant's own product that was in the way."""
    rows = [
        Listing(
            shop_id=run.shop_id,
            variant=offer.variant,
            external_id=answer.own[offer.variant.sku],
            sku=offer.variant.sku,
            title=candidate.product.name[:200],
        )
        for offer in candidate.offers
        if offer.variant.sku in answer.own
    ]
    if rows:
        Listing.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def keep_price(run: PublishRun, item: PublishItem, candidate: Candidate) -> None:
    """The merchant's word for a product of his own: from now on MCI tells its price as news, and nothing else of it."""
    own = [offer.listing.pk for offer in candidate.offers if offer.listing]
    Listing.objects.filter(pk__in=own, ours=False).update(
        price_on=True, rule_id=run.rule_id, price_error="", price_try_after=leases.now()
    )
    _close(item, _RESULT.PRICED)
    levels.ask_now(run.shop_id)


@transaction.atomic
def take_off(run: PublishRun, item: PublishItem, ids: Iterable[str], refused: Mapping[str, str]) -> None:
    """`ids`: of the shop's products; what it refused stays on sale."""
    wrong = [refused[id_] for id_ in ids if id_ in refused]
    gone = [id_ for id_ in ids if id_ not in refused]
    rows = Listing.objects.filter(shop_id=run.shop_id, ours=True, variant__product=item.product_id, off_at=None)
    off = [row.pk for row in rows if row.product_id in gone]
    Listing.objects.filter(pk__in=off).update(off_at=timezone.now())
    _close(item, _RESULT.REFUSED if wrong else _RESULT.OFF, code=wrong[0][:120] if wrong else "")
