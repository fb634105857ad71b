"""What a shop says of an order, made ours: the newest version wins, one external order has at most one Order.

Called for a webhook's body, for an order re-read from the shop and for a page of the pull; any of them may come twice,
late or in any order. Of two bodies the newer version wins: the shop's modification time and, within one second, a hash
of the reading. What was read from the shop itself (`truth`) counts by the moment when it was asked for, also with an
equal or an older date: dates may stand still while the content changes, and clocks are set back."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from connectors.intake import flagged, traces
from connectors.intake.order_data import Learned
from connectors.intake.order_data import data_of as data_of
from connectors.intake.order_data import learned as learned
from connectors.intake.order_data import rule_of as rule_of
from connectors.intake.order_data import subject_of as subject_of
from connectors.models import InboxOrder, PaymentRule, Shop
from connectors.platforms.base import IncomingOrder
from connectors.shops import shop_log, stores
from orders.intake import creation, editing, follow
from orders.models import Order
from orders.problems import Doubt

WEBHOOK, PULL, IMPORT, HEALED, PROOF = "webhook", "pull", "import", "healed", "proof"  # InboxOrder.via
GONE = "deleted"  # InboxOrder.status of what a webhook told to be gone, without a version
REUSED = "~"  # in InboxOrder.external_id: an order whose id the shop gave to another one
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def upsert(
    shop: Shop,
    reading: IncomingOrder,
    raw: bytes,
    *,
    via: str,
    truth: bool = False,
    restored: bool = False,
    at: dt.datetime | None = None,
) -> InboxOrder | None:
    """Notes the version when it is news and brings the Order up to date. None when it is older or equal, or concerns an
    order from before `shop.import_since`. `restored`: the shop says that it took the order out of its bin. `at`: when
    the shop was asked (`truth`), or when it told; now, if not given."""
    at = at or timezone.now()
    with transaction.atomic():
        row, elsewhere = _row_for(shop, reading, via=via)
        if row is None or row.forgotten_at:  # the customer of a forgotten one is not brought back
            return None
        version = (reading.version_at, version_of(reading))
        if not _is_news(row, version, truth=truth, restored=restored, at=at):
            _note_via(row, via)
            return None
        was_gone = row.status == GONE
        row.number, row.status = reading.number[:60], reading.status[:40]
        row.version_at, row.version_hash = version
        row.identity, row.placed_at = reading.identity[:80] or row.identity, reading.placed_at
        row.read_at = max(filter(None, (row.read_at, at)))
        if was_gone and restored:
            row.binned_at = at
        row.raw, row.updated_at = raw, timezone.now()
        if via == WEBHOOK and row.via == PULL:
            row.via = WEBHOOK
        _bring_up_to_date(shop, row, reading, was_gone=was_gone, elsewhere=elsewhere)
        row.save()
        return row


def _row_for(shop: Shop, reading: IncomingOrder, *, via: str) -> tuple[InboxOrder | None, Mapping[str, str] | None]:
    """The locked row of the shop's order, made now where there is none, then with what other connections of the same
    store know of it (read before anything is written: see `stores.known`). No row for an order that is not for us, for
    one whose customer was forgotten, and for a late word about an order whose id another one has by now."""
    key = reading.external_id
    row = _locked(shop, key)
    if row is not None and not traces.is_other(row, reading):
        return row, None
    if row is not None and not _give_way(row, reading):
        return None, None
    if not is_wanted(shop, reading) or traces.forgotten_in(traces.rows_of_store(shop, [key]), {key: reading}):
        return None, None
    elsewhere = stores.known(shop, {key: reading})
    fresh = InboxOrder(shop=shop, external_id=key, version_at=_EPOCH, version_hash=b"", raw=b"", via=via)
    InboxOrder.objects.bulk_create([fresh], ignore_conflicts=True)
    return _locked(shop, key), elsewhere


def _is_news(
    row: InboxOrder, given: tuple[dt.datetime, bytes], *, truth: bool, restored: bool, at: dt.datetime
) -> bool:
    known = (row.version_at, bytes(row.version_hash))
    if truth:
        # An answer without a newer date, asked for before the last word came, is older than that word.
        later = given[0] > known[0] or row.read_at is None or at >= row.read_at
        return later and (given != known or row.status == GONE)
    if restored and row.status == GONE:
        return row.binned_at is None or at >= row.binned_at
    return given > known


def _give_way(row: InboxOrder, reading: IncomingOrder) -> bool:
    """The id belongs to the later order from now on; the earlier one keeps its own under another name, asks to be
    looked at, and its shop is told nothing more of it. False for a late word about the earlier one."""
    if row.placed_at is not None and reading.placed_at < row.placed_at:
        return False
    row.external_id, row.told_last = f"{row.external_id}{REUSED}{row.pk}"[:60], True
    row.save(update_fields=["external_id", "told_last"])
    shop_log.note(row.shop_id, "id_reused", {"number": row.number or reading.number})
    if row.order_id:
        follow.ask(row.order_id, Doubt("id_reused"))
    return True


def withdraw(shop: Shop, external_id: str, *, at: dt.datetime | None = None) -> InboxOrder:
    """The order is in the shop's bin or deleted. `at`: when we were told, or when we asked; an order that we never saw
    leaves a mark, so that a late webhook of its creation does not bring it back. Told before the shop took it back from
    the bin, it is no news."""
    at = at or timezone.now()
    with transaction.atomic():
        mark = InboxOrder(
            shop=shop, external_id=external_id, version_at=at, version_hash=b"", raw=b"", status=GONE, binned_at=at
        )
        InboxOrder.objects.bulk_create([mark], ignore_conflicts=True)
        row = _locked(shop, external_id)
        assert row is not None
        if row.binned_at is not None and at < row.binned_at:
            return row
        if row.status != GONE:
            row.status, row.version_at, row.version_hash = GONE, max(at, row.version_at), b""
            row.binned_at, row.updated_at = at, timezone.now()
            row.read_at = max(filter(None, (row.read_at, at)))
            row.save(update_fields=["status", "version_at", "version_hash", "binned_at", "read_at", "updated_at"])
        if row.order_id:
            follow.withdraw(row.order_id, params={"status": GONE})
        return row


def learn_payment(shop: Shop, gateway: str, kind: str, *, by: int | None) -> int:
    """Remembers what a payment method (or a tag) of this shop is, and applies it to its open orders; how many of them
    changed."""
    with transaction.atomic():
        PaymentRule.objects.update_or_create(
            shop=shop, gateway=gateway[:100], defaults={"kind": kind, "by_id": by, "at": timezone.now()}
        )
        return _judge_again(shop, gateway, by=by)


def forget_payment(shop: Shop, gateway: str, *, by: int | None) -> int:
    """The shop's own word counts again for this payment method; how many open orders changed."""
    with transaction.atomic():
        PaymentRule.objects.filter(shop=shop, gateway=gateway).delete()
        return _judge_again(shop, gateway, by=by)


def _judge_again(shop: Shop, gateway: str, *, by: int | None) -> int:
    """The open orders that carry this method; what a person decided of one order stays."""
    rows = (
        InboxOrder.objects.filter(shop=shop, order__state__in=["received", "ready"])
        .exclude(order__payment_reason=creation.BY_HAND)
        .order_by("order_id")
    )
    changed = 0
    for row in rows:
        reading = reread(row)
        if reading is None or row.order_id is None or not reading.rule_applies:
            continue
        if gateway not in (reading.gateway, *reading.marks):
            continue
        rule = rule_of(reading, learned(shop, [reading]).rules)
        kind, reason = (rule.kind, "rule") if rule else (reading.payment, reading.payment_reason)
        before = Order.objects.values_list("payment", flat=True).get(pk=row.order_id)
        editing.decide_payment(row.order_id, kind, by=by, reason=reason)
        changed += before != kind
    return changed


def methods_seen(shop: Shop, *, of_last: int = 100) -> dict[str, int]:
    """The payment methods and tags of the shop's last orders that a rule may hang on, with how many carry each, most
    frequent first."""
    found: Counter[str] = Counter()
    for row in InboxOrder.objects.filter(shop=shop).select_related("shop").order_by("-pk")[:of_last]:
        reading = reread(row)
        if reading is not None and reading.rule_applies:
            found.update({name for name in (reading.gateway, *reading.marks) if name})
    return dict(found.most_common(30))


def reread(row: InboxOrder) -> IncomingOrder | None:
    """The stored body of an inbox order, read again; None when it is not there any more or unreadable."""
    from connectors.platforms import platform
    from connectors.platforms.base import Unreadable

    if not row.raw:
        return None
    try:
        reading = platform(row.shop.platform).read("order.updated", bytes(row.raw), facts=row.shop.facts)
    except Unreadable:
        return None
    return reading if isinstance(reading, IncomingOrder) else None


def _locked(shop: Shop, external_id: str) -> InboxOrder | None:
    return (
        InboxOrder.objects.select_for_update(no_key=True, of=("self",))
        .filter(shop=shop, external_id=external_id)
        .first()
    )


def _note_via(row: InboxOrder, via: str) -> None:
    """The webhook came after the pull: it was slow, not lost."""
    if via == WEBHOOK and row.via == PULL:
        row.via = WEBHOOK
        row.save(update_fields=["via"])


def is_wanted(shop: Shop, reading: IncomingOrder) -> bool:
    """Is an order that we never saw for us? Not from before the day that the reseller chose, nor one that he had sent
    before he connected the shop."""
    is_history = reading.finished and reading.placed_at < shop.connected_at
    return reading.placed_at >= shop.import_since and not is_history


def version_of(reading: IncomingOrder) -> bytes:
    """What tells two versions of the same second apart."""
    return hashlib.sha256(repr(reading).encode()).digest()


def new_order(shop: Shop, reading: IncomingOrder, word: str, known: Learned | None = None) -> creation.OrderData | None:
    """What an order that is new to this connection is to become. None: it was sent under another connection of the same
    store (`word` of stores.known, or our own mark on it), and is never made anew."""
    if word == stores.SENT or reading.told:
        return None
    data = data_of(shop, reading, known)
    return replace(data, doubts=[*data.doubts, Doubt("known_elsewhere")]) if word == stores.OPEN else data


def _bring_up_to_date(
    shop: Shop,
    row: InboxOrder,
    reading: IncomingOrder,
    *,
    was_gone: bool,
    elsewhere: Mapping[str, str] | None = None,
) -> None:
    if not reading.live:
        if row.order_id:
            follow.withdraw(row.order_id, params={"status": reading.status})
        return
    if row.elsewhere:
        return
    if row.order_id is None:
        if elsewhere is None:
            elsewhere = stores.known(shop, {reading.external_id: reading})
        data = new_order(shop, reading, elsewhere.get(reading.external_id, ""))
        row.elsewhere = data is None
        if data is not None:
            row.order = creation.create(data, dropshipper_id=shop.dropshipper_id, method_id=shop.method_id)
        return
    order = Order.objects.only("state").get(pk=row.order_id)
    data = data_of(shop, reading)
    if reading.hint:
        data = replace(data, doubts=flagged.with_untold(order, data.doubts))
    if order.state == Order.State.CANCELLED or was_gone:
        follow.revive(row.order_id, data)
    else:
        follow.refresh(row.order_id, data)
