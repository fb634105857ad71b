"""The inbox: what it lists and prices, Sincronizza for one and for many, and whose it is."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from connectors import queries
from connectors.models import Shop
from orders.dispatch import runs
from orders.fulfilment import parcels
from orders.models import DispatchRun, Order
from shipping.models import Shipment
from tests import cast
from tests.connectors.arrivals import PREPAID, TRANSFER, arrive, attribute, field, ready_shop, rows
from tests.connectors.conftest import make_shop
from tests.orders import stage
from wallet.queries import balances

pytestmark = pytest.mark.django_db
INBOX = "/inbox/woocommerce/"


def url(name: str, *args: Any) -> str:
    return reverse(f"connectors:{name}", args=["woocommerce", *args])


def test_each_tab_lists_its_orders_and_counts_them(shop: Any, dropshipper: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    ready, unknown, waiting, sent, shipped, done = (
        arrive(shop, 1),
        arrive(shop, 2, sku="ALIENO"),
        arrive(shop, 3, **TRANSFER),
        arrive(shop, 4),
        arrive(shop, 5),
        arrive(shop, 6),
    )
    for order in (sent, shipped):
        runs.dispatch_now(order.pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None)
    parcels.mark_shipped(shipped.pk, tracking_number="T1", by=None)
    parcels.cancel(done.pk, by=None)
    stage.order(dropshipper, ("MCI-0001", 1))  # by hand: not of this inbox
    client = client_for(owner)

    tabs = {tab: rows(client.get(INBOX, {"tab": tab})) for tab in queries.TABS}

    assert tabs == {
        "sync": [waiting.pk, unknown.pk, ready.pk],
        "ready": [ready.pk],
        "ship": [],
        "fix": [waiting.pk, unknown.pk],
        "progress": [sent.pk],
        "shipped": [shipped.pk],
        "delivered": [],
        "cancelled": [done.pk],
        "all": [done.pk, shipped.pk, sent.pk, waiting.pk, unknown.pk, ready.pk],
    }
    assert queries.tab_counts(dropshipper, queries.Find("woocommerce")) == {tab: len(ids) for tab, ids in tabs.items()}
    assert rows(client.get(INBOX)) == tabs["sync"]


def test_filters_narrow_the_list_and_nonsense_is_left_out(shop: Any, owner: Any, client_for: Any) -> None:
    method = ready_shop(shop)
    other = make_shop(shop.dropshipper, address="https://altro.example.it", method=None)
    cod, card, unknown = arrive(shop, 1), arrive(shop, 2, **PREPAID), arrive(shop, 3, sku="ALIENO")
    elsewhere = arrive(other, 4)
    client = client_for(owner)

    def found(**asked: Any) -> list[int]:
        return rows(client.get(INBOX, {"tab": "all", **asked}))

    assert found(payment="prepaid") == [card.pk]
    assert found(problem="unknown_sku") == [unknown.pk]
    assert found(shop=other.pk) == [elsewhere.pk]
    assert found(courier="none") == [elsewhere.pk]
    assert found(courier=method.courier.code) == [unknown.pk, card.pk, cod.pk]
    assert found(q="2") == [card.pk]
    assert found(q="alieno") == [unknown.pk]
    assert found(days="1") == []
    assert len(found(payment="gold", days="x", shop="-1", courier="' OR 1=1", tab="?", q="\x00")) in (0, 4)


def test_a_row_shows_what_the_click_will_charge(shop: Any, dropshipper: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    order = arrive(shop, 1, **PREPAID)
    client = client_for(owner)
    page = client.get(INBOX)
    assert attribute(page, "ready") == "1"
    assert attribute(page, "charge") == "20.74"  # 12.00 + 5.00 net and 22% VAT
    assert attribute(page, "after") == "479.26"

    seen = field_of_row(page, order, "seen")
    client.post(url("sync_order", order.pk), {"key": str(uuid.uuid4()), "seen": seen})

    order.refresh_from_db()
    assert order.cost == Decimal("20.74")
    assert balances(dropshipper.pk).available == Decimal("479.26")


def test_sync_of_one_order_twice_is_one_dispatch(shop: Any, dropshipper: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    order = arrive(shop, 1, **PREPAID)
    client = client_for(owner)
    page = client.get(INBOX)
    key, seen = field_of_row(page, order, "key"), field_of_row(page, order, "seen")
    for _click in range(2):
        answer = client.post(url("sync_order", order.pk), {"key": key, "seen": seen, "next": f"{INBOX}?tab=sync"})
        assert answer.status_code == 302
        assert answer["Location"] == f"{INBOX}?tab=sync"
    client.post(url("sync_order", order.pk), {"key": str(uuid.uuid4()), "seen": seen})

    assert Shipment.objects.count() == 1
    assert balances(dropshipper.pk).available == Decimal("479.26")


def field_of_row(answer: Any, order: Order, name: str) -> str:
    text = answer.content.decode()
    start = text.index(f'<tr id="o{order.pk}"')
    found = re.search(rf'name="{name}" value="([^"]*)"', text[start : text.index("</tr>", start)])
    assert found
    return found[1]


def test_a_refused_sync_says_so_and_leaves_nothing(shop: Any, dropshipper: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop, money="0.00")
    order = arrive(shop, 1, **PREPAID)
    form = {"key": str(uuid.uuid4()), "seen": stage.seen(order)}
    answer = client_for(owner).post(url("sync_order", order.pk), form, follow=True)
    assert 'data-level="error"' in answer.content.decode()
    order.refresh_from_db()
    assert order.state == Order.State.READY
    assert order.cost is None
    assert not Shipment.objects.exists()


def test_the_row_comes_back_alone_for_htmx(shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    order = arrive(shop, 1, **PREPAID)
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{INBOX}?tab=sync"}
    form = {"key": str(uuid.uuid4()), "seen": stage.seen(order)}
    answer = client_for(owner).post(url("sync_order", order.pk), form, headers=headers)
    text = answer.content.decode()
    assert text.lstrip().startswith("<tr")
    assert 'data-state="dispatched"' in text
    assert "<html" not in text
    assert 'id="figures" hx-swap-oob="true"' in text
    assert 'id="n-sync" hx-swap-oob="true"' in text
    ready = text[text.index('id="sync-ready" hx-swap-oob="true"') :]
    assert "all=ready" not in ready[: ready.index("</div>")]  # nothing is left to sync: no button for it


def test_shipping_is_chosen_on_a_row_and_for_many(shop: Any, owner: Any, client_for: Any) -> None:
    method = ready_shop(shop)
    slow = stage.method("lento", net="3.00")
    one, two = arrive(shop, 1), arrive(shop, 2)
    client = client_for(owner)

    client.post(url("shipping", one.pk), {"method": slow.pk})
    assert set(Order.objects.values_list("pk", "method_id")) == {(one.pk, slow.pk), (two.pk, method.pk)}
    client.post(url("choose_shipping"), {"method": method.pk, "order": f"{one.pk},{two.pk}"})
    assert set(Order.objects.values_list("method_id", flat=True)) == {method.pk}
    for nonsense in ("", "999999", "abc", "-1"):
        client.post(url("shipping", one.pk), {"method": nonsense})
        client.post(url("choose_shipping"), {"method": nonsense, "order": f"{one.pk}"})
    assert set(Order.objects.values_list("method_id", flat=True)) == {method.pk}


def test_a_selection_is_priced_and_exactly_what_was_priced_is_sent(
    shop: Any, dropshipper: Any, owner: Any, client_for: Any, django_capture_on_commit_callbacks: Any
) -> None:
    ready_shop(shop, money="45.00")
    first, second, third = (arrive(shop, number, **PREPAID) for number in (1, 2, 3))
    unknown = arrive(shop, 4, sku="ALIENO")
    client = client_for(owner)

    bar = client.post(
        url("selection"),
        {"order": [first.pk, second.pk, third.pk, unknown.pk], "tab": "sync"},
        headers={"HX-Request": "true"},
    )

    assert (attribute(bar, "selected"), attribute(bar, "going"), attribute(bar, "charge")) == ("4", "2", "41.48")
    assert balances(dropshipper.pk).available == Decimal("45.00")  # the bar changes nothing
    sending = re.findall(r'name="order" value="([\d,]+)"', bar.content.decode())[-1]
    assert sending == f"{first.pk},{second.pk}"
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(url("sync"), {"order": sending, "key": field(bar, "key"), "seen": field(bar, "seen")})
    run = DispatchRun.objects.get()
    assert answer["Location"] == f"{INBOX}?run={run.key}"
    assert attribute(client.get(answer["Location"]), "run-state") in ("queued", "running", "done")
    runs.advance(run.pk)
    assert balances(dropshipper.pk).available == Decimal("3.52")
    page = client.get(answer["Location"])
    assert (attribute(page, "run-state"), attribute(page, "dispatched")) == ("done", "2")


def test_everything_of_a_filter_can_be_selected_across_pages(
    shop: Any, owner: Any, client_for: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("connectors.pages.inbox.PAGE_SIZE", 2)
    ready_shop(shop)
    orders = [arrive(shop, number) for number in range(1, 6)]
    arrive(shop, 9, **PREPAID)
    client = client_for(owner)
    asked = {"order": [orders[0].pk], "tab": "sync", "payment": "cod"}
    few = client.post(url("selection"), asked, headers={"HX-Request": "true"})
    assert attribute(few, "selected") == "1"
    assert "data-everything" in few.content.decode()
    whole = client.post(url("selection"), {**asked, "everything": "1"}, headers={"HX-Request": "true"})
    assert attribute(whole, "selected") == "5"


def test_a_second_sync_while_one_runs_shows_the_running_one(shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    one, two = arrive(shop, 1), arrive(shop, 2)
    client = client_for(owner)
    client.post(url("sync"), {"order": one.pk, "key": str(uuid.uuid4())})
    answer = client.post(url("sync"), {"order": two.pk, "key": str(uuid.uuid4())})
    run = DispatchRun.objects.get()
    assert answer["Location"] == f"{INBOX}?run={run.key}"
    assert list(run.items.values_list("order_id", flat=True)) == [one.pk]


def test_the_number_of_queries_does_not_grow_with_the_rows(shop: Any, owner: Any, client_for: Any) -> None:
    # User 2; shops, problems, couriers, counts 4; orders, lines, pictures, problems 4; ready ids 1; plan 9; tariff 3;
    # run 1; the shell 4.
    ready_shop(shop)
    arrive(shop, 1)
    arrive(shop, 2, sku="ALIENO")
    client = client_for(owner)
    client.get(INBOX)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(INBOX)
    for number in range(3, 51):
        arrive(shop, number, **(PREPAID if number % 2 else {}), sku="MCI-0001" if number % 5 else "ALIENO")
    with CaptureQueriesContext(connection) as many:
        page = client.get(INBOX)
    assert len(rows(page)) == 50
    assert len(many) == len(few), [query["sql"][:90] for query in many]
    assert len(many) <= 29


def test_a_stranger_sees_and_moves_nothing(shop: Any, dropshipper: Any, stranger: Any, client_for: Any) -> None:
    method = ready_shop(shop)
    order = arrive(shop, 1, **PREPAID)
    client = client_for(stranger)
    assert rows(client.get(INBOX, {"tab": "all"})) == []
    for name in ("sync_order", "shipping", "payment"):
        answer = client.post(url(name, order.pk), {"key": str(uuid.uuid4()), "method": method.pk, "kind": "cod"})
        assert answer.status_code == 404
    bar = client.post(url("selection"), {"order": order.pk, "tab": "all"}, headers={"HX-Request": "true"})
    assert attribute(bar, "selected") == "0"
    client.post(url("sync"), {"order": order.pk, "key": str(uuid.uuid4())})
    client.post(url("choose_shipping"), {"order": order.pk, "method": stage.method("altro").pk})
    order.refresh_from_db()
    assert (order.state, order.method_id, order.payment) == ("ready", method.pk, "prepaid")
    assert not DispatchRun.objects.exists()
    mine = DispatchRun.objects.create(dropshipper=dropshipper, total=0, state="done")
    assert client.get(INBOX, {"run": str(mine.key)}).status_code == 404


def test_an_order_by_hand_is_not_reached_through_an_inbox(dropshipper: Any, owner: Any, client_for: Any) -> None:
    stage.variant("MCI-0001")
    order = stage.order(dropshipper, ("MCI-0001", 1), method=stage.method())
    assert client_for(owner).post(url("sync_order", order.pk)).status_code == 404


def test_accounting_reads_but_does_not_act(shop: Any, dropshipper: Any, client_for: Any) -> None:
    ready_shop(shop)
    order = arrive(shop, 1)
    client = client_for(cast.member(dropshipper, Member.Role.ACCOUNTING))
    page = client.get(INBOX)
    assert rows(page) == [order.pk]
    assert "data-row" not in page.content.decode()
    assert url("fetch") not in page.content.decode()
    for name, args in (("sync_order", [order.pk]), ("shipping", [order.pk]), ("sync", []), ("fetch", [])):
        assert client.post(url(name, *args)).status_code == 403


def test_an_unknown_platform_is_a_404(owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    for slug in ("shopware", "base", "..", "manual"):
        assert client.get(f"/inbox/{slug}/").status_code == 404


def test_fetch_now_makes_active_shops_due_at_once(shop: Any, owner: Any, client_for: Any) -> None:
    later = timezone.now() + timezone.timedelta(hours=1)
    paused = make_shop(shop.dropshipper, address="https://p.example.it", state="paused", pull_after=later)
    Shop.objects.filter(pk=shop.pk).update(pull_after=later)
    client_for(owner).post(url("fetch"))
    shop.refresh_from_db()
    paused.refresh_from_db()
    assert shop.pull_after <= timezone.now() < paused.pull_after


def test_the_export_is_the_filtered_list_with_formulas_made_plain(shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    arrive(shop, 77, **PREPAID)
    evil = {
        "first_name": "=cmd|'/c calc'!A1",
        "last_name": "",
        "address_1": "Via 1",
        "city": "Roma",
        "postcode": "00144",
    }
    arrive(shop, 78, shipping={**evil, "state": "RM", "country": "IT", "phone": "+39333"}, **TRANSFER)
    answer = client_for(owner).get(url("export"), {"tab": "fix"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    lines = text.splitlines()
    assert len(lines) == 2
    assert ";78;" in lines[1]
    assert "'=cmd" in lines[1]


def test_an_open_page_hears_of_new_orders(shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    known = arrive(shop, 1)
    client = client_for(owner)
    asked = {"part": "arrived", "after": known.pk}
    assert not client.get(INBOX, asked, headers={"HX-Request": "true"}).content.strip()
    arrive(shop, 2)
    assert b"href=" in client.get(INBOX, asked, headers={"HX-Request": "true"}).content


@pytest.mark.parametrize(
    ("state", "pulled", "sign"),
    [
        ("active", False, 'id="importing"'),
        ("active", True, 'data-empty="sync"'),
        ("broken", True, 'data-shop-trouble="reconnect_needed"'),
        ("paused", True, "/resume/"),
        (None, False, "/shops/connect/woocommerce/"),
    ],
)
def test_an_empty_inbox_says_why(
    state: str | None, pulled: bool, sign: str, dropshipper: Any, owner: Any, client_for: Any
) -> None:
    if state:
        trouble = {"trouble": "reconnect_needed", "trouble_params": {"reason": "401"}} if state == "broken" else {}
        make_shop(dropshipper, state=state, last_pull_at=timezone.now() if pulled else None, **trouble)
    answer = client_for(owner).get(INBOX)
    assert answer.status_code == 200
    assert sign in answer.content.decode()


def test_the_way_back_stays_in_the_inbox(shop: Any, owner: Any, client_for: Any) -> None:
    ready_shop(shop)
    client = client_for(owner)
    for target in ("https://evil.example/", "//evil.example", "/wallet/", f"{INBOX}../../", "javascript:alert(1)"):
        assert client.post(url("fetch"), {"next": target})["Location"] == INBOX


def test_read_now_without_end_wears_no_shop_out(shop: Any, owner: Any, client_for: Any) -> None:
    client, asked, later = client_for(owner), 0, timezone.now() + dt.timedelta(hours=1)
    for _click in range(9):
        Shop.objects.update(pull_after=later)
        assert client.post(url("fetch")).status_code == 302
        asked += Shop.objects.filter(pull_after=later).count() == 0
    assert asked == 6
