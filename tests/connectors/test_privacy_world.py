"""A customer's wish in a store that had two connections, beside another store where he bought too: all that was written
of him there goes, nothing of anybody else's, and what has to wait is counted."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from connectors.intake import privacy
from connectors.models import Delivery, InboxOrder, Shop, ShopEvent
from connectors.platforms.base import PrivacyRequest
from orders.intake import follow
from orders.models import Order
from tests.connectors.arrivals import arrive
from tests.connectors.conftest import make_shop, order_body
from tests.connectors.test_privacy import ended, keep_delivery, known

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def of(name: str) -> dict[str, Any]:
    """Whose order it is."""
    address = {**order_body()["billing"], "first_name": name, "email": f"{name.lower()}@example.it"}
    house = {**address, "address_1": f"Via {name} 3", "phone": f"34712345{len(name):02d}"}
    return {"billing": house, "shipping": house}


@pytest.fixture
def before(dropshipper: Any, goods: Any) -> Shop:
    """The store's first connection, which is over."""
    return make_shop(dropshipper, address="https://casa.example.it", state="active")


@pytest.fixture
def now(before: Shop, other_dropshipper: Any) -> Shop:
    """Its second one, another reseller's."""
    Shop.objects.filter(pk=before.pk).update(state="gone")
    return make_shop(other_dropshipper, address="https://casa.example.it")


@pytest.fixture
def other(other_dropshipper: Any, goods: Any) -> Shop:
    """Another store of his."""
    return make_shop(other_dropshipper, address="https://altra.example.it")


def told(shop: Shop, code: str) -> list[dict[str, Any]]:
    return list(ShopEvent.objects.filter(shop=shop, code=code).order_by("pk").values_list("params", flat=True))


def emptied() -> set[int]:
    return set(Delivery.objects.filter(body=b"").values_list("pk", flat=True))


def test_his_wish_reaches_each_connection_of_the_store_and_no_other(before: Shop, now: Shop, other: Shop) -> None:
    his_before, his_now = ended(before, 101, **of("Ada")), ended(now, 102, **of("Ada"))
    by_address = ended(now, 107, **of("Ada"))  # not named by its number
    waits, gone_before = arrive(now, 103, **of("Ada")), ended(now, 104, **of("Ada"))
    privacy.answer(now, PrivacyRequest("customer", external_ids=["104"]))
    ShopEvent.objects.all().delete()
    bruno, elsewhere = ended(now, 105, **of("Bruno")), ended(other, 101, **of("Ada"))
    never_live = InboxOrder.objects.create(
        shop=now, external_id="106", version_at=timezone.now(), raw=b"Ada", news_params={"name": "Ada"}
    )
    of_him = [keep_delivery(before, 101), keep_delivery(now, 102), keep_delivery(now, 106, state="ignored")]
    rest = [keep_delivery(now, 105), keep_delivery(other, 101), keep_delivery(now, 103, state="new")]

    privacy.answer(
        now,
        PrivacyRequest("customer", customer="ADA@Example.it", external_ids=["101", "102", "103", "104", "106", "900"]),
    )

    assert [known(order) for order in (his_before, his_now, by_address, gone_before)] == [False] * 4
    assert [known(order) for order in (waits, bruno, elsewhere)] == [True] * 3
    assert Order.objects.get(pk=waits.pk).forget_asked_at is not None
    assert Order.objects.get(pk=elsewhere.pk).forget_asked_at is None
    never_live.refresh_from_db()
    assert (bytes(never_live.raw), never_live.news_params, never_live.forgotten_at is not None) == (b"", {}, True)
    assert emptied() >= {row.pk for row in of_him}
    assert not emptied() & {row.pk for row in rest}
    assert told(before, "customer_forgotten") == [{"count": 1, "waiting": 0}]
    assert told(now, "customer_forgotten") == [{"count": 2, "waiting": 1}]
    assert told(other, "customer_forgotten") == []
    marks = InboxOrder.objects.filter(external_id="900", forgotten_at__isnull=False, order=None)
    assert set(marks.values_list("shop_id", flat=True)) == {before.pk, now.pk}


def test_what_is_held_of_him_is_named_by_connection_in_numbers_alone(before: Shop, now: Shop, other: Shop) -> None:
    of_ada = [ended(before, 101, **of("Ada")), arrive(now, 103, **of("Ada"))]
    for order, number in zip(of_ada, ("A-101", "B-103"), strict=True):
        InboxOrder.objects.filter(order=order).update(number=number)
    ended(now, 105, **of("Bruno"))
    ended(other, 106, **of("Ada"))
    order = arrive(now, 109, **of("Bruno"))
    InboxOrder.objects.filter(order=order).update(number="")
    privacy.answer(now, PrivacyRequest("data", customer="Ada@example.it", external_ids=["109"]))
    assert told(before, "data_request") == [{"count": 1, "numbers": "A-101"}]
    assert told(now, "data_request") == [{"count": 2, "numbers": "B-103, 109"}]
    assert told(other, "data_request") == []
    assert not Order.objects.filter(forget_asked_at__isnull=False).exists()
    assert not emptied()


def test_a_long_list_of_numbers_is_cut_and_counted(now: Shop) -> None:
    InboxOrder.objects.bulk_create(
        InboxOrder(shop=now, external_id=str(n), number=f"N{n}", version_at=timezone.now()) for n in range(1, 204)
    )
    privacy.answer(now, PrivacyRequest("data", external_ids=[str(n) for n in range(1, 204)]))
    [params] = told(now, "data_request")
    assert params["count"] == 203
    assert params["numbers"].split(", ") == [f"N{n}" for n in range(1, 201)]


def test_a_whole_store_is_forgotten_under_each_connection(before: Shop, now: Shop, other: Shop) -> None:
    orders = [ended(before, 101, **of("Ada")), ended(now, 102, **of("Bruno"))]
    waits, elsewhere = arrive(now, 103, **of("Carla")), ended(other, 101, **of("Ada"))
    kept = keep_delivery(other, 101)
    for shop, number in ((before, 101), (now, 102), (now, 999)):
        keep_delivery(shop, number)
    privacy.answer(now, PrivacyRequest("shop"))
    assert [known(order) for order in (*orders, waits, elsewhere)] == [False, False, True, True]
    assert Delivery.objects.filter(shop__in=[before, now]).exclude(body=b"").count() == 0
    assert kept.pk not in emptied()
    assert (told(before, "customer_forgotten"), told(now, "customer_forgotten")) == (
        [{"count": 1, "waiting": 0}],
        [{"count": 1, "waiting": 1}],
    )


@pytest.mark.parametrize("kind", ["customer", "shop"])
def test_what_never_became_an_order_is_emptied_too(before: Shop, now: Shop, other: Shop, kind: Any) -> None:
    """A basket that nobody paid: a customer's is known by the e-mail in it alone, of a store all are meant."""
    who = [(before, "201", "Ada"), (now, "202", "Ada"), (now, "203", "Bruno"), (other, "204", "Ada")]
    InboxOrder.objects.bulk_create(
        InboxOrder(
            shop=shop,
            external_id=key,
            version_at=timezone.now(),
            raw=f'{{"email": "{name.lower()}@example.it"}}'.encode(),
            news_params={"name": name},
        )
        for shop, key, name in who
    )
    privacy.answer(now, PrivacyRequest(kind, customer="Ada@example.it" if kind == "customer" else ""))
    left = InboxOrder.objects.exclude(raw=b"", news_params={}, forgotten_at__isnull=False)
    kept = {row.external_id: (bytes(row.raw), row.news_params["name"], row.forgotten_at) for row in left}
    bruno, elsewhere = (b'{"email": "bruno@example.it"}', "Bruno", None), (b'{"email": "ada@example.it"}', "Ada", None)
    assert kept == ({"203": bruno, "204": elsewhere} if kind == "customer" else {"204": elsewhere})


def test_what_is_too_much_at_once_waits_for_the_sweep(now: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "_AT_ONCE", 2)
    orders = [ended(now, number, **of("Ada")) for number in (101, 102, 103)]
    privacy.answer(now, PrivacyRequest("customer", customer="ada@example.it"))
    assert [known(order) for order in orders] == [False, False, True]
    assert told(now, "customer_forgotten") == [{"count": 2, "waiting": 1}]
    assert privacy.sweep() == 1
    assert not known(orders[2])


@pytest.mark.parametrize("over", [True, False])
def test_bodies_and_messages_go_each_after_its_own_time(now: Shop, settings: Any, over: bool) -> None:
    """Those of orders that are over after the messages' days, those that never became one after the customers'."""
    settings.RETENTION_MESSAGE_DAYS, settings.RETENTION_CUSTOMER_DAYS = 20, 50
    at = timezone.now()

    def row(number: int, age: dt.timedelta, *, order: bool) -> InboxOrder:
        if order:
            made = InboxOrder.objects.get(order=(ended if over else arrive)(now, number, **of(f"Nome{number}")))
        else:
            made = InboxOrder.objects.create(shop=now, external_id=str(number), version_at=at, raw=b"{}")
        InboxOrder.objects.filter(pk=made.pk).update(updated_at=at - age)
        return made

    hour = DAY / 24
    rows = {
        "old": row(1, 20 * DAY + hour, order=True),
        "new": row(2, 20 * DAY - hour, order=True),
        "stray, old": row(3, 50 * DAY + hour, order=False),
        "stray, new": row(4, 50 * DAY - hour, order=False),
    }
    privacy.sweep()
    left = {name for name, one in rows.items() if bytes(InboxOrder.objects.get(pk=one.pk).raw)}
    assert left == {"new", "stray, new"} | (set() if over else {"old"})


def test_old_messages_of_a_shop_that_is_gone_go_unread_and_others_wait(before: Shop, now: Shop, settings: Any) -> None:
    settings.RETENTION_MESSAGE_DAYS = 20
    hour = DAY / 24
    gone = [
        keep_delivery(before, 1, age=20 * DAY + hour, state="new"),
        keep_delivery(now, 2, age=20 * DAY + hour, state="dead"),
    ]
    kept = [
        keep_delivery(now, 3, age=20 * DAY + hour, state="new"),
        keep_delivery(now, 4, age=20 * DAY - hour, state="done"),
    ]
    privacy.sweep()
    assert set(Delivery.objects.values_list("pk", flat=True)) == {row.pk for row in kept}
    assert gone


def test_the_sweep_empties_what_names_him_whose_order_is_over_and_nobody_else(now: Shop) -> None:
    over, waits = arrive(now, 101, **of("Ada")), arrive(now, 102, **of("Bruno"))
    privacy.answer(now, PrivacyRequest("customer", external_ids=["101", "102"]))
    about = {name: keep_delivery(now, number) for number, name in enumerate(("Ada", "Bruno", "Carla"), start=900)}
    for name, row in about.items():
        Delivery.objects.filter(pk=row.pk).update(body=f'{{"email": "{name.lower()}@example.it"}}'.encode())
    follow.withdraw(over.pk)
    assert privacy.sweep() == 1
    assert (known(over), known(waits)) == (False, True)
    assert emptied() == {about["Ada"].pk}
