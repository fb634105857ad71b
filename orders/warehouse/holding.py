"""Who is at which order: a wave holds what one person picks, a packing what one person packs. Two people never hold one
order; what nobody touched for IDLE is given back to who asks for it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.utils import timezone

from accounts.models import User
from core import leases
from orders.models import IDLE, Order, Packing, Wave, WaveOrder
from orders.warehouse.errors import HeldBy

_AT_WORK = [Wave.State.OPEN, Wave.State.PICKED]


def one_at_a_time() -> None:
    """Who takes orders waits for who is taking some; until the caller's transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('orders.holding'), 0)")


def give_back_idle() -> None:
    """Ends the waves that nobody walks any more, in the transaction of who wants their orders. One that was picked to
    the end stays: its goods lie on somebody's trolley."""
    idle = Wave.objects.filter(state=Wave.State.OPEN, touched_at__lt=leases.now() - IDLE)
    end(list(idle.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True)), Wave.State.DROPPED)


def end(wave_ids: Iterable[int], state: str) -> None:
    """Of waves that the caller has locked: nothing is held by them any more."""
    ids = list(wave_ids)
    Wave.objects.filter(pk__in=ids).update(state=state, ended_at=leases.now())
    WaveOrder.objects.filter(wave__in=ids, held=True).update(held=False)


def release(order: Order) -> None:
    """An order that the caller has locked is packed or cancelled: nobody is at it any more, and a wave whose last one
    it was is finished."""
    Packing.objects.filter(order=order).delete()
    held = WaveOrder.objects.filter(order=order, held=True)
    waves = list(held.values_list("wave_id", flat=True))
    if not waves:
        return
    held.update(held=False)
    left = Wave.objects.filter(pk__in=waves, state__in=_AT_WORK).exclude(orders__held=True)
    left.update(state=Wave.State.DONE, ended_at=leases.now())


def must_be_free(order: Order, by: int) -> None:
    """Of an order that the caller has locked: nobody else packs it or walks for it. Raises HeldBy."""
    for person in at_it(order):
        if person.pk != by:
            raise HeldBy(number=order.number, who=str(person))


def at_it(order: Order) -> list[User]:
    """Who packs this order or walks for it, and touched it within IDLE."""
    lately = timezone.now() - IDLE
    packing = Packing.objects.filter(order=order, touched_at__gt=lately).select_related("by")
    walked = Wave.objects.filter(orders__order=order, orders__held=True, state=Wave.State.OPEN, touched_at__gt=lately)
    return [one.by for one in packing] + [wave.by for wave in walked.select_related("by")]
