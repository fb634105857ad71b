"""An order's page: what it says, what may be done now, and what each button does."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from orders import problems
from orders.fulfilment import parcels
from orders.intake import follow
from orders.models import DispatchRun, Order
from tests.orders import stage
from tests.orders.test_dispatch import sync
from wallet.queries import balances

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(dropshipper: Any) -> Order:
    method = stage.method()
    stage.variant("MCI-1")
    stage.money(dropshipper, "100.00")
    return stage.order(dropshipper, ("MCI-1", 1), method=method)


def page_of(client: Any, order: Order) -> str:
    answer = client.get(reverse("orders:detail", args=[order.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_menu_shows_the_list_that_the_order_is_in(ready: Order, owner: Any, client_for: Any) -> None:
    lit = re.compile(r'<a class="item" href="([^"]+)" aria-current="page">')
    assert lit.findall(page_of(client_for(owner), ready)) == ["/orders/"]

    Order.objects.filter(pk=ready.pk).update(source="woocommerce")
    assert lit.findall(page_of(client_for(owner), ready)) == ["/inbox/woocommerce/"]


def test_a_ready_order_shows_its_price_before_the_click_and_what_was_charged_after(
    ready: Order, owner: Any, client_for: Any
) -> None:
    client = client_for(owner)
    before = page_of(client, ready)
    assert 'data-cost="20.74"' in before
    assert 'data-margin="19.16"' in before
    assert 'data-after="79.26"' in before
    assert "data-sync" in before

    client.post(reverse("orders:sync", args=[ready.pk]), {"key": str(uuid.uuid4()), "seen": stage.seen(ready)})

    after = page_of(client, ready)
    assert 'data-order-state="dispatched"' in after
    assert 'data-cost="20.74"' in after
    assert 'data-entry="sale"' in after
    assert "data-sync" not in after
    events = re.findall(r'data-event="(\w+)"', after)
    assert events == ["charged", "stock_reserved", "dispatched", "ready", "created"]


def test_the_same_click_twice_charges_once_and_says_so(
    ready: Order, dropshipper: Any, owner: Any, client_for: Any
) -> None:
    client, key = client_for(owner), str(uuid.uuid4())
    url = reverse("orders:sync", args=[ready.pk])

    seen = stage.seen(ready)
    for click in (key, key, str(uuid.uuid4()), "nonsense"):
        assert client.post(url, {"key": click, "seen": seen}).status_code == 302

    assert str(balances(dropshipper.pk).available) == "79.26"
    assert Order.objects.get().shipment is not None


def test_a_refused_sync_says_why_and_changes_nothing(
    ready: Order, dropshipper: Any, owner: Any, client_for: Any
) -> None:
    stage.money(dropshipper, "-90.00")
    client = client_for(owner)

    form = {"key": str(uuid.uuid4()), "seen": stage.seen(ready)}
    answer = client.post(reverse("orders:sync", args=[ready.pk]), form, follow=True)

    page = answer.content.decode()
    assert 'data-level="error"' in page
    assert "10,74" in page
    assert 'data-refusal="insufficient_funds"' in page
    ready.refresh_from_db()
    assert ready.state == "ready"
    assert str(balances(dropshipper.pk).available) == "10.00"


def test_it_comes_back_to_the_page_it_was_started_from_but_never_to_another_site(
    ready: Order, owner: Any, client_for: Any
) -> None:
    client, url = client_for(owner), reverse("orders:method", args=[ready.pk])

    assert client.post(url, {"method": ready.method_id, "next": "/orders/?tab=ready"}).url == "/orders/?tab=ready"
    for elsewhere in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        answer = client.post(url, {"method": ready.method_id, "next": elsewhere})
        assert answer.url == reverse("orders:detail", args=[ready.pk])


def test_cancelling_a_sent_order_gives_everything_back_once(
    ready: Order, dropshipper: Any, owner: Any, client_for: Any
) -> None:
    client = client_for(owner)
    sync(ready)
    url = reverse("orders:cancel", args=[ready.pk])

    for _ in range(2):
        assert client.post(url).status_code == 302

    ready.refresh_from_db()
    assert ready.state == "cancelled"
    assert str(balances(dropshipper.pk).available) == "100.00"
    assert "data-cancel" not in page_of(client, ready)


def test_a_parcel_that_left_can_not_be_cancelled_and_the_page_does_not_offer_it(
    ready: Order, owner: Any, client_for: Any
) -> None:
    client = client_for(owner)
    sync(ready)
    parcels.mark_shipped(ready.pk, tracking_number="BRT1", by=None)

    assert "data-cancel" not in page_of(client, ready)
    page = client.post(reverse("orders:cancel", args=[ready.pk]), follow=True).content.decode()

    assert 'data-level="error"' in page
    ready.refresh_from_db()
    assert ready.state == "dispatched"


def test_a_payment_to_check_is_decided_on_the_page(dropshipper: Any, owner: Any, client_for: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    order = stage.order(
        dropshipper, ("MCI-1", 1), method=method, payment="review", payment_reason="unknown_method",
        source="woocommerce", source_label="casalinda.it",
    )  # fmt: skip
    client = client_for(owner)
    assert 'data-reason="unknown_method"' in page_of(client, order)

    client.post(reverse("orders:payment", args=[order.pk]), {"kind": "cod"})
    client.post(reverse("orders:payment", args=[order.pk]), {"kind": "gold"})

    order.refresh_from_db()
    assert (order.payment, order.payment_reason, order.state) == ("cod", "by_hand", "ready")
    assert str(order.to_collect) == "39.90"


def test_a_copy_is_a_draft_and_two_clicks_make_one(ready: Order, owner: Any, client_for: Any) -> None:
    client, key = client_for(owner), str(uuid.uuid4())

    first, second = (client.post(reverse("orders:duplicate", args=[ready.pk]), {"key": key}) for _ in range(2))

    copy = Order.objects.latest("pk")
    assert first.url == second.url == reverse("orders:edit", args=[copy.pk])
    assert Order.objects.count() == 2
    assert (copy.state, copy.name, copy.lines.get().sku) == ("draft", ready.name, "MCI-1")


def test_an_alert_stays_until_somebody_has_seen_it(ready: Order, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    sync(ready)
    follow.withdraw(ready.pk)
    assert 'data-alert="cancelled_in_shop"' in page_of(client, ready)

    for _ in range(2):
        client.post(reverse("orders:seen", args=[ready.pk]), {"code": "cancelled_in_shop"})

    page = page_of(client, ready)
    assert "data-alert" not in page
    assert page.count('data-event="alert_seen"') == 1


def test_a_blocking_problem_can_not_be_waved_away(dropshipper: Any, owner: Any, client_for: Any) -> None:
    order = stage.order(dropshipper, ("UNKNOWN", 1))

    client_for(owner).post(reverse("orders:seen", args=[order.pk]), {"code": "unknown_sku"})

    assert order.problems.filter(code="unknown_sku").exists()


def test_every_problem_has_its_words_and_a_way_out(dropshipper: Any, owner: Any, client_for: Any) -> None:
    order = stage.order(dropshipper, ("UNKNOWN", 1), source="woocommerce", source_label="x")
    for code, kind in problems.CATALOGUE.items():
        params = dict.fromkeys(re.findall(r"%\((\w+)\)s", str(kind.words)), "city")
        order.problems.update_or_create(code=code, subject="", defaults={"params": params})

    page = page_of(client_for(owner), order)

    assert set(re.findall(r'data-problem="(\w+)"', page)) == set(problems.CATALOGUE)
    assert "%(" not in page


def test_the_page_takes_few_queries_however_long_the_order(dropshipper: Any, owner: Any, client_for: Any) -> None:
    method = stage.method()
    stage.money(dropshipper, "5000.00")
    for index in range(12):
        stage.variant(f"MCI-{index}")
    short = stage.order(dropshipper, ("MCI-0", 1), method=method)
    long = stage.order(dropshipper, *[(f"MCI-{index}", 1) for index in range(12)], method=method)
    client = client_for(owner)
    page_of(client, short)

    def count(order: Order) -> int:
        with CaptureQueriesContext(connection) as seen:
            page_of(client, order)
        return len(seen)

    assert count(long) == count(short)
    assert count(short) <= 30
    sync(short)
    sync(long)
    assert count(long) == count(short)


def test_an_item_of_dispatch_now_is_a_finished_run(ready: Order, owner: Any, client_for: Any) -> None:
    key = uuid.uuid4()
    client = client_for(owner)
    client.post(reverse("orders:sync", args=[ready.pk]), {"key": str(key), "seen": stage.seen(ready)})

    page = client.get(reverse("orders:run", args=[key])).content.decode()

    assert DispatchRun.objects.get().state == "done"
    assert 'data-run-state="done" data-dispatched="1" data-refused="0"' in page


@pytest.mark.parametrize("language", ["it", "en"])
def test_the_name_of_a_problem_is_whole_without_its_particulars(language: str) -> None:
    with translation.override(language):
        names = [problems.name(code) for code in problems.CATALOGUE]
    assert len(set(names)) == len(names)
    for shown in names:
        assert "%" not in shown
        assert shown[-1].isalnum() or shown[-1] == "€", shown
        assert not shown.lower().endswith((" not", " non")), shown


@pytest.mark.parametrize("chosen", ["", "abc", "0", "9" * 5000])
def test_a_shipping_method_that_is_none_is_refused(ready: Order, owner: Any, client_for: Any, chosen: str) -> None:
    answer = client_for(owner).post(reverse("orders:method", args=[ready.pk]), {"method": chosen})
    assert answer.status_code == 302
    before = ready.method_id
    ready.refresh_from_db()
    assert ready.method_id == before


def test_money_of_another_currency_is_never_shown_as_euro(dropshipper: Any, owner: Any, client_for: Any) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    for payment in ("prepaid", "cod"):
        order = stage.order(dropshipper, ("MCI-1", 1), method=method, payment=payment, currency="HUF", total="119.90")
        for address in (reverse("orders:detail", args=[order.pk]), reverse("orders:list")):
            page = client_for(owner).get(address).content.decode()
            assert "119,90 €" not in page
            assert "119,90\xa0€" not in page
        page = page_of(client_for(owner), order)
        assert "119,90 HUF" in page
        assert "data-margin" not in page, "a margin of forints and euro is none"


@pytest.mark.parametrize(
    ("payment", "words"),
    [("prepaid", "Pagato dal cliente"), ("awaiting", "Il cliente paga"), ("review", "Il cliente paga")],
)
def test_who_has_not_paid_is_not_said_to_have(
    dropshipper: Any, owner: Any, client_for: Any, payment: str, words: str
) -> None:
    method = stage.method()
    stage.variant("MCI-1")
    page = page_of(client_for(owner), stage.order(dropshipper, ("MCI-1", 1), method=method, payment=payment))
    box = page[page.rindex("<div>", 0, page.index("data-customer-pays")) : page.index("data-customer-pays")]
    assert words in box
