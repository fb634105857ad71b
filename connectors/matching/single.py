"""The shop's SKUs that we do not know: tied once to a variant of ours, or said to be not ours, for later orders too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from connectors.errors import NotMatched
from connectors.intake.order_data import product_subject
from connectors.models import Match, Shop
from orders.intake import editing
from orders.models import Order, OrderLine

_OPEN = (Order.State.DRAFT, Order.State.RECEIVED, Order.State.READY)


@dataclass(slots=True)
class Unmatched:
    """A subject of one shop that open orders wait for."""

    shop: Shop
    subject: str
    sku: str
    name: str
    order_ids: set[int] = field(default_factory=set)
    pieces: int = 0

    @property
    def waiting(self) -> int:
        return len(self.order_ids)


def unmatched(shops: Iterable[Shop]) -> list[Unmatched]:
    """What is not ours yet in the open orders of these shops (one reseller's), most waited for first; 1 statement."""
    by_id = {shop.pk: shop for shop in shops}
    lines = (
        OrderLine.objects.filter(
            order__inbox__shop__in=list(by_id), order__state__in=_OPEN, variant__isnull=True, ignored=False
        )
        .order_by("id")
        .values_list("order_id", "order__inbox__shop_id", "sku", "external_id", "name", "quantity")[:5000]
    )
    found: dict[tuple[int, str], Unmatched] = {}
    for order_id, shop_id, sku, external_id, name, quantity in lines:
        subject = f"sku:{sku.strip().upper()}" if sku else f"product:{external_id}" if external_id else ""
        if not subject:
            continue  # a product that was deleted in the shop: only the order itself can be edited
        entry = found.setdefault((shop_id, subject), Unmatched(by_id[shop_id], subject, sku, name))
        entry.order_ids.add(order_id)
        entry.pieces += quantity
    return sorted(found.values(), key=lambda entry: (-entry.waiting, entry.subject))


@transaction.atomic
def accept(shop: Shop, subject: str, variant_id: int | None, quantity: int = 1, *, by: int | None) -> int:
    """Remembers that `subject` ("sku:…" or "product:…") is `quantity` pieces of a variant of ours, None: that it is not
    ours; mends the open orders that wait for it. Returns how many became ready. Raises NotMatched."""
    kind, _colon, value = subject.partition(":")
    if kind not in ("sku", "product") or not value or not 1 <= quantity <= 9999:
        raise NotMatched
    Match.objects.update_or_create(
        shop=shop,
        subject=subject[:110],
        defaults={"variant_id": variant_id, "quantity": quantity, "by_id": by, "at": timezone.now()},
    )
    waiting = OrderLine.objects.filter(
        order__inbox__shop=shop, order__state__in=_OPEN, variant__isnull=True, ignored=False
    )
    waiting = waiting.filter(sku__iexact=value) if kind == "sku" else waiting.filter(sku="", external_id=value)
    if kind == "sku":
        _note_variations(shop, waiting, variant_id, quantity, by=by)
    order_ids = list(waiting.values_list("order_id", flat=True).distinct().order_by("order_id"))
    return editing.match(
        order_ids,
        sku=value if kind == "sku" else "",
        external_id=value if kind == "product" else "",
        variant_id=variant_id,
        quantity=quantity,
        ignored=variant_id is None,
        by=by,
    )


def _note_variations(
    shop: Shop, lines: QuerySet[OrderLine], variant_id: int | None, quantity: int, *, by: int | None
) -> None:
    """Which variations carried the SKU when it was linked: a shop may show its product's SKU on all of them, and the
    next one may be another size."""
    subjects = {product_subject(one) for one in lines.values_list("external_id", flat=True).distinct()[:500]} - {""}
    rows = [
        Match(shop=shop, subject=subject, variant_id=variant_id, quantity=quantity, by_id=by) for subject in subjects
    ]
    Match.objects.bulk_create(rows, ignore_conflicts=True)


def forget(shop: Shop, subject: str) -> None:
    """Later orders are looked up by SKU again; those that were matched keep what they have."""
    kind, _colon, value = subject.partition(":")
    subjects = {subject}
    if kind == "sku":  # with the variations that carried it
        lines = OrderLine.objects.filter(order__inbox__shop=shop, sku__iexact=value)
        subjects |= {product_subject(one) for one in lines.values_list("external_id", flat=True).distinct()[:500]} - {
            ""
        }
    Match.objects.filter(shop=shop, subject__in=subjects).delete()
