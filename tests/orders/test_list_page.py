"""The Dropshipping Shop's list, its filters, its plan and its export."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Member
from core.sheet import cell
from orders import queries
from orders.fulfilment import parcels
from orders.intake import creation
from orders.models import DispatchItem, Order
from orders.pages.list import rows_of
from tests import cast
from tests.orders import stage
from tests.orders.test_dispatch import sync

pytestmark = pytest.mark.django_db


def shown(answer: Any) -> list[int]:
    return [int(pk) for pk in re.findall(r'<tr id="o\d+" data-order="(\d+)"', answer.content.decode())]


def test_each_tab_shows_its_orders_and_counts_them(dropshipper: Any, owner: Any, client_for: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "500.00")
    draft = creation.create(stage.data(("MCI-1", 1)), dropshipper_id=dropshipper.pk, draft=True)
    fix = stage.order(dropshipper, ("UNKNOWN", 1), method=method)
    to_ship = stage.order(dropshipper, ("MCI-1", 1))
    ready = stage.order(dropshipper, ("MCI-1", 1), method=method)
    sent, packed, shipped, delivered, cancelled = (
        stage.order(dropshipper, ("MCI-1", 1), method=method) for _ in range(5)
    )
    for order in (sent, packed, shipped, delivered):
        assert sync(order).result == DispatchItem.Result.DISPATCHED
    parcels.mark_packed(packed.pk, by=None)
    parcels.mark_shipped(shipped.pk, tracking_number="T1", by=None)
    parcels.mark_shipped(delivered.pk, tracking_number="T2", by=None)
    parcels.mark_delivered(delivered.pk, by=None)
    parcels.cancel(cancelled.pk, by=None)
    client = client_for(owner)

    tabs = {tab: shown(client.get(reverse("orders:list"), {"tab": tab})) for tab in queries.TABS}

    assert tabs == {
        "draft": [draft.pk],
        "fix": [fix.pk],
        "ship": [to_ship.pk],
        "ready": [ready.pk],
        "progress": [packed.pk, sent.pk],
        "shipped": [shipped.pk],
        "delivered": [delivered.pk],
        "cancelled": [cancelled.pk],
        "all": sorted((order.pk for order in Order.objects.all()), reverse=True),
    }
    counts = queries.tab_counts(dropshipper, queries.Find())
    assert counts == {tab: len(ids) for tab, ids in tabs.items()}


def test_search_finds_number_customer_sku_shop_number_and_tracking(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    method = stage.method()
    stage.variant("LAMP-1")
    stage.variant("MCI-2")
    stage.money(dropshipper, "100.00")
    one = stage.order(dropshipper, ("LAMP-1", 1), method=method, source="woocommerce", source_number="10483")
    other = stage.order(dropshipper, ("MCI-2", 1), method=method)
    Order.objects.filter(pk=other.pk).update(name="Zeno Zanetti")
    sync(other)
    parcels.mark_shipped(other.pk, tracking_number="BRT123456", by=None)
    client = client_for(owner)

    def found(text: str) -> list[int]:
        return shown(client.get(reverse("orders:list"), {"q": text}))

    assert found(one.number) == [one.pk]
    assert found("10483") == [one.pk]
    assert found("lamp-1") == [one.pk]
    assert found("zanetti") == [other.pk]
    assert found("brt1234") == [other.pk]
    assert found("nothing like it") == []
    assert found("%_\\'\"") == []


def test_by_hand_is_the_default_and_all_sources_can_be_seen(dropshipper: Any, owner: Any, client_for: Any) -> None:
    stage.variant("MCI-1")
    hand = stage.order(dropshipper, ("MCI-1", 1))
    shop = stage.order(dropshipper, ("MCI-1", 1), source="woocommerce")
    client = client_for(owner)

    assert shown(client.get(reverse("orders:list"))) == [hand.pk]
    assert shown(client.get(reverse("orders:list"), {"source": "all"})) == [shop.pk, hand.pk]
    assert shown(client.get(reverse("orders:list"), {"source": "woocommerce"})) == [shop.pk]


@pytest.mark.parametrize("asked", ["tab=zzz", "cursor=%00", "since=yesterday", "payment=gold", "q=%00", "source=../x"])
def test_nonsense_in_the_address_is_no_error(owner: Any, client_for: Any, asked: str) -> None:
    status = 400 if "%00" in asked else 200  # NUL is refused at the edge
    assert client_for(owner).get(f"{reverse('orders:list')}?{asked}").status_code == status


def test_nobody_sees_a_strangers_orders(dropshipper: Any, stranger: Any, client_for: Any) -> None:
    stage.variant("MCI-1")
    order = stage.order(dropshipper, ("MCI-1", 1), method=stage.method())
    client = client_for(stranger)

    assert shown(client.get(reverse("orders:list"), {"source": "all"})) == []
    assert order.number not in b"".join(client.get(reverse("orders:export")).streaming_content).decode()
    plan = client.get(reverse("orders:plan"), {"order": order.pk})
    assert order.number not in plan.content.decode()
    for name in ("detail", "edit"):
        assert client.get(reverse(f"orders:{name}", args=[order.pk])).status_code == 404
    for name in ("sync", "cancel", "duplicate", "payment", "method", "seen", "edit"):
        assert client.post(reverse(f"orders:{name}", args=[order.pk])).status_code == 404
    assert client.post(f"{reverse('orders:preview')}?order={order.pk}").status_code == 404
    order.refresh_from_db()
    assert order.state == Order.State.READY


def test_the_accounting_role_looks_but_does_not_touch(dropshipper: Any, client_for: Any) -> None:
    stage.variant("MCI-1")
    order = stage.order(dropshipper, ("MCI-1", 1), method=stage.method())
    client = client_for(cast.member(dropshipper, Member.Role.ACCOUNTING))

    assert shown(client.get(reverse("orders:list"))) == [order.pk]
    assert client.get(reverse("orders:detail", args=[order.pk])).status_code == 200
    assert client.get(reverse("orders:new")).status_code == 403
    for name in ("sync", "cancel", "duplicate", "payment", "method"):
        assert client.post(reverse(f"orders:{name}", args=[order.pk])).status_code == 403
    assert client.post(reverse("orders:start"), {"order": order.pk}).status_code == 403


def test_what_is_wrong_leads_who_may_not_mend_it_to_the_order(dropshipper: Any, owner: Any, client_for: Any) -> None:
    """The lists showed the accounting links that answer 403."""
    stage.variant("MCI-1")
    for changes in ({"address": replace(stage.ADDRESS, street="")}, {"payment": "cod", "to_collect": None}):
        stage.order(dropshipper, ("MCI-1", 1), ("NOBODY-S", 2), method=stage.method(f"m{len(changes)}"), **changes)
    bookkeeper = client_for(cast.member(dropshipper, Member.Role.ACCOUNTING))
    for client, may in ((bookkeeper, False), (client_for(owner), True)):
        for page in (reverse("mci:dashboard"), reverse("orders:list"), f"{reverse('orders:list')}?tab=fix"):
            html = client.get(page).content.decode()
            links = set(re.findall(r'<a class="(?:fix|btn)[^"]*" href="([^"#]+)', html))
            assert [link for link in links if client.get(unescape(link)).status_code == 403] == []
            assert any("/edit/" in link for link in links) == (may and "orders" in page)


def test_the_list_takes_the_same_queries_for_2_and_for_50_orders(dropshipper: Any, owner: Any, client_for: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1", pieces=1000)
    stage.variant("MCI-2", pieces=1000)
    stage.money(dropshipper, "9000.00")
    client = client_for(owner)

    def queries_for_page() -> int:
        client.get(reverse("orders:list"))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("orders:list")).status_code == 200
        return len(seen)

    def some(n: int) -> None:
        for index in range(n):
            order = stage.order(dropshipper, ("MCI-1", 1), ("MCI-2", 1 + index % 3), method=method)
            if index % 2:
                sync(order)
        stage.order(dropshipper, ("UNKNOWN", 1), method=method)

    some(4)
    few = queries_for_page()
    some(50)
    assert queries_for_page() == few
    # session, user, member + tenant, the shell's counts and balance, tabs, orders, lines, pictures (product, images),
    # problems, problem filter, active run; the plan: orders, lines, problems, tariff (3), stock, balance
    assert few <= 32


def test_an_export_has_every_order_and_no_formula(dropshipper: Any, owner: Any, client_for: Any) -> None:
    stage.variant("MCI-1")
    order = stage.order(dropshipper, ("MCI-1", 2), method=stage.method())
    Order.objects.filter(pk=order.pk).update(name='=HYPERLINK("http://evil")', city="+39", note="@x")

    text = b"".join(client_for(owner).get(reverse("orders:export")).streaming_content).decode("utf-8-sig")

    lines = text.strip().splitlines()
    assert len(lines) == 2
    assert order.number in lines[1]
    assert "'=HYPERLINK" in lines[1]
    assert "'+39" in lines[1]
    assert f";{order.phone};" in lines[1]  # a telephone is dialled as it is, as in the shipments' file
    assert cell("-12") == "'-12"
    assert cell("\tx") == "'\tx"


def test_a_plan_says_what_goes_what_it_takes_and_what_is_left_out(
    dropshipper: Any, owner: Any, client_for: Any
) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    stage.variant("EMPTY", pieces=0)
    stage.money(dropshipper, "45.00")
    orders = [stage.order(dropshipper, ("MCI-1", 1), method=method) for _ in range(3)]
    orders.append(stage.order(dropshipper, ("EMPTY", 1), method=method))
    orders.append(stage.order(dropshipper, ("MCI-1", 1)))
    before = list(Order.objects.order_by("pk").values())
    client = client_for(owner)

    page = client.get(reverse("orders:plan"), {"order": [order.pk for order in orders]}).content.decode()

    assert 'data-ready="2" data-charge="41.48" data-after="3.52"' in page
    assert set(re.findall(r'data-left-out="(\w+)"', page)) == {"insufficient_funds", "out_of_stock", "method_missing"}
    assert f'name="order" value="{orders[0].pk},{orders[1].pk}"' in page
    assert list(Order.objects.order_by("pk").values()) == before
    every = client.get(reverse("orders:plan"), {"all": "ready"}).content.decode()
    assert 'data-ready="2"' in every
    part = client.get(reverse("orders:plan"), {"order": [orders[0].pk]}, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()


def test_each_row_is_priced_as_if_it_went_alone(dropshipper: Any) -> None:
    """The last piece, and money for one: each of the two orders could be the one."""
    method = stage.method()
    stage.variant("LAST", pieces=1)
    stage.money(dropshipper, "30.00")
    orders = [stage.order(dropshipper, ("LAST", 1), method=method) for _n in range(2)]
    assert [row.refusal for row in rows_of(orders, dropshipper_id=dropshipper.pk)] == [None, None]


@pytest.mark.parametrize("cod", [False, True])
def test_what_an_unknown_article_costs_is_not_left_out_in_silence(
    dropshipper: Any, owner: Any, client_for: Any, cod: bool
) -> None:
    paid: dict[str, Any] = {"payment": "cod", "to_collect": Decimal("90.00")} if cod else {"total": "90.00"}
    method = stage.method()
    stage.variant("MCI-1")
    half = stage.order(dropshipper, ("MCI-1", 1), ("UNKNOWN", 2), method=method, **paid)
    whole = stage.order(dropshipper, ("MCI-1", 1), method=method, **paid)

    page = client_for(owner).get(reverse("orders:list"), {"tab": "open"}).content.decode()

    row = re.search(rf'<tr id="o{half.pk}".*?</tr>', page, re.S)
    other = re.search(rf'<tr id="o{whole.pk}".*?</tr>', page, re.S)
    assert row
    assert other
    assert [mark in row[0] for mark in ("data-incomplete", "</span>margin")] == [True, False]
    assert [mark in other[0] for mark in ("data-incomplete", "</span>margin")] == [False, True]
