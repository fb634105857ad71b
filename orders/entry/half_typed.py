"""The order that somebody is typing, kept in the background: a closed window, *back* or a session that is over lose
nothing. It is no order yet, costs nothing and is nobody's but the one's who types it, for one company.

Each window says which one it is and which revision its page shows, so that of two windows neither writes over the other
without asking. When the order is saved, the text goes and its form's key stays: what the window still sends late is not
kept again."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from orders.models import HalfTyped, Order
from orders.questions import copies

FIELDS = (
    *("name", "phone", "street", "street2", "company", "postcode", "city", "province", "country", "email", "note"),
    *("marketplace", "reference", "sale_total", "payment", "to_collect", "method", "preselected", "version"),
)
_SAID = {*FIELDS} - {"country", "payment", "method", "preselected", "version"}  # these the page fills by itself
_LONGEST = 254
_S = HalfTyped.State


@dataclass(frozen=True, slots=True)
class Place:
    """Whose typing, and of which order (None: a new one)."""

    dropshipper_id: int
    user_id: int
    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of it: `kept`; `other` (another window's is kept, this one's was not written); `sent` (the order is
    saved already); `empty` (nothing is typed, nothing is kept). `row` is what is kept now."""

    outcome: str
    row: HalfTyped | None = None


def content_of(post: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The form as JSON, as it was typed: its fields, and its rows of articles."""
    fields = {name: str(post.get(name) or "")[:_LONGEST] for name in FIELDS}
    return {
        "fields": {name: text for name, text in fields.items() if text},
        "rows": [[str(row.get(name) or "")[:110] for name in ("row", "sku", "quantity")] for row in rows],
    }


def is_empty(content: Mapping[str, Any]) -> bool:
    return not articles(content) and not any(content["fields"].get(name, "").strip() for name in _SAID)


def articles(content: Mapping[str, Any]) -> int:
    """How many rows have an article."""
    return sum(1 for _row, sku, _quantity in content.get("rows", ()) if sku.strip())


def recipient(content: Mapping[str, Any]) -> str:
    """Whom it is for, as far as it is typed: the name, else the place."""
    fields = content.get("fields", {})
    place = " ".join(filter(None, (fields.get("postcode", ""), fields.get("city", ""))))
    return str(fields.get("name") or fields.get("company") or place)


def _of(place: Place) -> QuerySet[HalfTyped]:
    mine = HalfTyped.objects.filter(dropshipper_id=place.dropshipper_id, user_id=place.user_id)
    return mine.filter(order=None) if place.order_id is None else mine.filter(order_id=place.order_id)


def both(place: Place) -> tuple[HalfTyped | None, HalfTyped | None]:
    """What can be taken up again, and what was put away and can be had back. Two queries at most."""
    found = {row.state: row for row in _of(place).exclude(state=_S.SENT)}
    live = found.get(_S.LIVE)
    if live and _is_order(place, live.key):  # whoever saved it was killed before he could say so here
        live = None
    return live, found.get(_S.DISCARDED)


def new_one(dropshipper_id: int, user_id: int) -> HalfTyped | None:
    """The new order that this person left half typed."""
    return both(Place(dropshipper_id, user_id))[0]


@transaction.atomic
def keep(
    place: Place, content: dict[str, Any], *, key: uuid.UUID, window: str, revision: int = 0, instead: bool = False
) -> Kept:
    """Keeps what a window shows. `revision`: what its page was made from (0: from nothing). `instead`: a person said
    that it takes the place of another window's, which can be had back."""
    _one_at_a_time(place)
    found = {row.state: row for row in _of(place)}
    sent, live = found.get(_S.SENT), found.get(_S.LIVE)
    if (sent and sent.key == key) or _is_order(place, key):
        return Kept("sent")
    if live and live.window != window and live.revision != revision:
        if not instead:
            return Kept("other", live)
        _put_away(place, live)
        live = None
    if is_empty(content):
        if live:
            live.delete()
        return Kept("empty")
    row = live or HalfTyped(
        dropshipper_id=place.dropshipper_id, user_id=place.user_id, order_id=place.order_id, revision=_highest(found)
    )
    row.content, row.key, row.window = content, key, window
    row.revision, row.at = row.revision + 1, timezone.now()
    row.save()
    return Kept("kept", row)


@transaction.atomic
def sent(place: Place, *, key: uuid.UUID) -> None:
    """The form became an order (or an edit of it): its text goes. What another form holds stays."""
    _one_at_a_time(place)
    mine = _of(place)
    highest = _highest({row.state: row for row in mine})
    mine.filter(key=key).exclude(state=_S.SENT).delete()
    if place.order_id is not None:  # an edit starts from the order as it is now, whoever typed what before
        mine.exclude(state=_S.SENT).delete()
    now = timezone.now()
    if not mine.filter(state=_S.SENT).update(key=key, content={}, revision=highest, at=now):
        HalfTyped.objects.create(
            dropshipper_id=place.dropshipper_id,
            user_id=place.user_id,
            order_id=place.order_id,
            state=_S.SENT,
            key=key,
            revision=highest,
        )


@transaction.atomic
def discard(place: Place) -> bool:
    """Puts it away; False when there is nothing. It can be had back until the next one is put away."""
    _one_at_a_time(place)
    live = _of(place).filter(state=_S.LIVE).first()
    if live is not None:
        _put_away(place, live)
    return live is not None


@transaction.atomic
def restore(place: Place) -> bool:
    """Has back what was put away; what is typed since changes places with it. False when there is nothing."""
    _one_at_a_time(place)
    found = {row.state: row for row in _of(place)}
    live, old = found.get(_S.LIVE), found.get(_S.DISCARDED)
    if old is None:
        return False
    now = timezone.now()
    highest = _highest(found) + 1
    if live is None:
        HalfTyped.objects.filter(pk=old.pk).update(state=_S.LIVE, window="", revision=highest, at=now)
        return True
    _of(place).filter(pk=live.pk).update(content=old.content, key=old.key, window="", revision=highest, at=now)
    _of(place).filter(pk=old.pk).update(content=live.content, key=live.key, window="", at=now)
    return True


def _highest(rows: Mapping[str, HalfTyped]) -> int:
    """Revisions only rise: a page that was made from an older one must never be taken for the newest."""
    return max((row.revision for row in rows.values()), default=0)


def _put_away(place: Place, live: HalfTyped) -> None:
    _of(place).filter(state=_S.DISCARDED).delete()
    HalfTyped.objects.filter(pk=live.pk).update(state=_S.DISCARDED, window="", at=timezone.now())


def _is_order(place: Place, key: uuid.UUID) -> bool:
    return place.order_id is None and Order.objects.filter(dropshipper_id=place.dropshipper_id, entry_key=key).exists()


def _one_at_a_time(place: Place) -> None:
    """Until the transaction ends, of this person nothing else is kept: what comes late must see that it was sent."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('orders.half_typed'), %s)", [place.user_id % 2**31])


def forget_orders(order_ids: Iterable[int]) -> None:
    """What somebody typed to change these orders: their customers are forgotten."""
    HalfTyped.objects.filter(order_id__in=list(order_ids)).delete()


def forget_persons(dropshipper_ids: Iterable[int], known: Iterable[copies.Person]) -> int:
    """What people of these companies have typed of the same persons: same e-mail, telephone, or name and postcode. How
    many there were."""
    marks = copies.Marks.of(known)
    if not marks:
        return 0
    typed = HalfTyped.objects.filter(dropshipper_id__in=set(dropshipper_ids)).exclude(state=_S.SENT)
    found = [pk for pk, fields in typed.values_list("pk", "content__fields") if marks.fit(fields or {})]
    gone, _each = HalfTyped.objects.filter(Q(pk__in=found)).delete()
    return gone


def is_stale(row: HalfTyped, order: Order) -> bool:
    """Whether the order was changed since this edit of it was begun."""
    return row.content.get("fields", {}).get("version", "") != str(order.version)


def told(row: HalfTyped | None, order: Order | None = None) -> dict[str, Any] | None:
    """What a page says of what is kept: for whom, how many articles, when; of an edit whether the order moved on."""
    if row is None:
        return None
    return {
        "recipient": recipient(row.content),
        "articles": articles(row.content),
        "at": row.at,
        "stale": order is not None and is_stale(row, order),
    }
