"""shipping:list and shipping:export: the reseller's parcels, found, counted, paged and exported."""

from __future__ import annotations

import csv
import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Member
from orders.dispatch import runs
from orders.fulfilment import parcels
from orders.models import Order
from shipping import queries
from shipping.models import Courier, Shipment
from shipping.pages import shipments
from tests import cast
from tests.orders import stage
from tests.shipping.parcels import a_method, parcel

pytestmark = pytest.mark.django_db


def shown(client: Any, **asked: str) -> list[int]:
    answer = client.get(reverse("shipping:list"), asked)
    assert answer.status_code == 200
    return [int(pk) for pk in re.findall(r'<tr data-shipment="(\d+)"', answer.content.decode())]


def lines(answer: Any) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(text.splitlines(), delimiter=";"))


def test_each_tab_shows_its_parcels_and_counts_them(dropshipper: Any, owner: Any, client_for: Any) -> None:
    made = {state: parcel(dropshipper, state=state).pk for state in Shipment.State.values}
    client = client_for(owner)

    tabs = {tab: shown(client, tab=tab) for tab in queries.TABS}

    assert tabs == {
        "all": sorted(made.values(), reverse=True),
        "warehouse": [made["packed"], made["to_pick"]],
        "road": [made["out_for_delivery"], made["shipped"]],
        "held": [made["held"]],
        "delivered": [made["delivered"]],
        "back": [made["lost"], made["returned"], made["returning"]],
        "cancelled": [made["cancelled"]],
    }
    counts = queries.tab_counts(dropshipper, queries.Find())
    assert {tab: count.number for tab, count in counts.items()} == {tab: len(ids) for tab, ids in tabs.items()}
    assert queries.tab_counts(dropshipper, queries.Find(text="lucia")) == counts
    assert not any(queries.tab_counts(dropshipper, queries.Find(text="nobody")).values())


def test_search_finds_tracking_order_name_postcode_and_city(dropshipper: Any, owner: Any, client_for: Any) -> None:
    one = parcel(dropshipper, reference="order:4711", tracking="BRT123456", name="Zeno Zanetti", city="Forlì")
    other = parcel(dropshipper, reference="order:4712", postcode="90100", company="Ferramenta Ùltima")
    client = client_for(owner)

    assert shown(client, q="brt1234") == [one.pk]
    assert shown(client, q="3456") == [one.pk]
    assert shown(client, q=one.number) == [one.pk]
    assert shown(client, q="4711") == [one.pk]
    assert shown(client, q="zanet") == [one.pk]
    assert shown(client, q="FORLÌ") == [one.pk]
    assert shown(client, q="90100") == [other.pk]
    assert shown(client, q="ferramenta") == [other.pk]
    assert shown(client, q="901") == []
    assert shown(client, q="%_\\'\"") == []


def test_filters_by_courier_and_by_where_the_cash_is(dropshipper: Any, owner: Any, client_for: Any) -> None:
    fast = a_method("fast", courier_name="Freccia")
    prepaid, booked = parcel(dropshipper), parcel(dropshipper, cod="39.90", method=fast)
    collected, remitted = parcel(dropshipper, cod="20.00"), parcel(dropshipper, cod="30.00")
    Shipment.objects.filter(pk=collected.pk).update(cash="collected")
    Shipment.objects.filter(pk=remitted.pk).update(cash="remitted")
    client = client_for(owner)

    assert shown(client, courier="fast-courier") == [booked.pk]
    assert shown(client, courier="nobody") == []
    assert shown(client, cash="prepaid") == [prepaid.pk]
    assert shown(client, cash="cod") == [remitted.pk, collected.pk, booked.pk]
    assert shown(client, cash="booked") == [booked.pk]
    assert shown(client, cash="collected") == [collected.pk]
    assert shown(client, cash="remitted", tab="warehouse") == [remitted.pk]
    assert shown(client, cash="reversed") == []
    assert queries.cod_sums(dropshipper) == queries.CodSums(Decimal("39.90"), 1, Decimal("20.00"), 1)
    page = client.get(reverse("shipping:list")).content.decode()
    assert set(re.findall(r'data-cash="(\w+)"', page)) == {"prepaid", "booked", "collected", "remitted"}


def test_the_sums_of_cod_are_zero_without_it(dropshipper: Any) -> None:
    parcel(dropshipper)
    assert queries.cod_sums(dropshipper) == queries.CodSums(Decimal("0.00"), 0, Decimal("0.00"), 0)


@pytest.mark.parametrize("asked", ["tab=zzz", "cursor=%00", "cash=gold", "q=%00", "courier=../x", "cursor=WzAsMV0"])
def test_nonsense_in_the_address_is_no_error(owner: Any, client_for: Any, asked: str) -> None:
    client = client_for(owner)
    status = 400 if "%00" in asked else 200  # NUL is refused at the edge
    assert client.get(f"{reverse('shipping:list')}?{asked}").status_code == status
    assert client.get(f"{reverse('shipping:export')}?{asked}").status_code == status


def test_nobody_sees_a_strangers_parcels(dropshipper: Any, stranger: Any, staff: Any, client_for: Any) -> None:
    theirs = parcel(dropshipper, cod="39.90", tracking="BRT1")
    client = client_for(stranger)

    assert shown(client) == []
    assert shown(client, q="BRT1") == []
    assert len(lines(client.get(reverse("shipping:export")))) == 1
    assert client.get(reverse("shipping:detail", args=[theirs.pk])).status_code == 404
    assert client.get(reverse("shipping:detail", args=[10**30])).status_code == 404
    assert b"data-figure" not in client.get(reverse("shipping:list")).content
    assert client_for(staff).get(reverse("shipping:detail", args=[theirs.pk])).status_code == 302


def test_every_role_may_look_and_nobody_may_post(dropshipper: Any, client_for: Any) -> None:
    parcel(dropshipper)
    for role in Member.Role.values:
        client = client_for(cast.member(dropshipper, role))
        assert len(shown(client)) == 1
        assert client.post(reverse("shipping:list")).status_code == 405


def test_pages_follow_each_other_without_gap_or_repeat(
    dropshipper: Any, owner: Any, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipments, "PAGE_SIZE", 3)
    made = [parcel(dropshipper).pk for _ in range(8)]
    client = client_for(owner)

    seen, query = [], "?tab=warehouse"
    for _page in range(4):
        page = client.get(reverse("shipping:list") + query).content.decode()
        seen += [int(pk) for pk in re.findall(r'<tr data-shipment="(\d+)"', page)]
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if not following:
            break
        query = following[1].replace("&amp;", "&")
        assert "tab=warehouse" in query

    assert seen == sorted(made, reverse=True)


def test_the_queries_of_the_page_do_not_grow_with_the_parcels(dropshipper: Any, owner: Any, client_for: Any) -> None:
    client = client_for(owner)
    parcel(dropshipper, cod="10.00")

    def asked(query: str = "") -> int:
        client.get(reverse("shipping:list") + query)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("shipping:list") + query)
        return len([query for query in queries if "shipping_" in query["sql"]])

    few = asked()
    for index in range(49):
        parcel(dropshipper, cod="10.00" if index % 2 else "", method=a_method(f"m{index % 5}"))
    assert (
        asked() == asked("?q=lucia&tab=warehouse") == few == 4
    )  # the page, the tabs, couriers of the filter, sums of COD


def test_a_parcel_leads_to_its_order(dropshipper: Any, owner: Any, client_for: Any) -> None:
    method = stage.method()
    Courier.objects.update(tracking_url="https://track.example/?n={tracking}")
    stage.variant("MCI-1")
    stage.money(dropshipper, "100.00")
    order = stage.order(dropshipper, ("MCI-1", 1), method=method)
    runs.dispatch_now(order.pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None)
    parcels.mark_shipped(order.pk, tracking_number="A/1&b=2", by=None)
    shipment = Order.objects.select_related("shipment").get(pk=order.pk).shipment
    assert shipment is not None

    page = client_for(owner).get(reverse("shipping:list")).content.decode()

    assert shipment.number == order.number
    assert f'href="{reverse("orders:detail", args=[order.pk])}"' in page
    assert 'href="https://track.example/?n=A%2F1%26b%3D2"' in page


def test_the_export_has_the_filtered_parcels_and_no_formula(dropshipper: Any, owner: Any, client_for: Any) -> None:
    parcel(dropshipper, state="delivered")
    cod = parcel(dropshipper, cod="1039.90", name='=HYPERLINK("http://evil")', city="+39", tracking="@SUM(A1)")
    client = client_for(owner)

    head, *rows = lines(client.get(reverse("shipping:export"), {"tab": "warehouse"}))

    assert len(rows) == 1
    row = rows[0]
    assert len(row) == len(head)
    assert row[0] == cod.number
    assert '\'=HYPERLINK("http://evil")' in row
    assert "'+39" in row
    assert "'@SUM(A1)" in row
    assert "1039,90" in row
    assert len(lines(client.get(reverse("shipping:export")))) == 3


def test_the_filter_has_the_couriers_of_today_and_those_of_ones_own_old_parcels(
    dropshipper: Any, other_dropshipper: Any
) -> None:
    for code, seller in (("mine", dropshipper), ("theirs", other_dropshipper)):
        method = stage.method(code)
        parcel(seller, method=method)
        Courier.objects.filter(pk=method.courier_id).update(active=False)
    stage.method("today")
    assert [code for code, _name in queries.couriers(dropshipper)] == ["corriere-mine", "corriere-today"]
