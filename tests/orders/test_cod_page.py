"""The COD page: each parcel with its money, sums that are the books' balances, filters, pages, the file, who may."""

from __future__ import annotations

import csv
import datetime as dt
import re
import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from core.pagination import CHUNK
from orders.dispatch import runs
from orders.fulfilment import cod, collect, parcels
from orders.models import Order
from shipping.models import ShipmentEvent
from tests import cast
from tests.orders import stage
from tests.wallet.books import sale
from wallet import moves
from wallet.models import Account, Posting
from wallet.queries import balances

pytestmark = pytest.mark.django_db
URL, FILE = "/wallet/cod/", "/wallet/cod.csv"


def sent(dropshipper: Any, method: Any, *, total: str = "39.90", payment: str = "cod", **fields: Any) -> Order:
    order = stage.order(dropshipper, ("MCI-1", 1), method=method, payment=payment, total=total, **fields)
    seen = stage.seen(order)
    item = runs.dispatch_now(order.pk, dropshipper_id=dropshipper.pk, key=uuid.uuid4(), by=None, seen=seen)
    assert item.result == "dispatched", item.code
    order.refresh_from_db()
    return order


def collected(order: Order) -> Order:
    parcels.mark_shipped(order.pk, tracking_number=f"IT{order.pk:09d}", by=None)
    parcels.mark_delivered(order.pk, by=None)
    return order


@pytest.fixture
def method(dropshipper: Any) -> Any:
    stage.variant("MCI-1")
    stage.money(dropshipper, "500.00")
    return stage.method()


@pytest.fixture
def world(dropshipper: Any, method: Any) -> dict[str, Order]:
    """One parcel of each kind: as booked, lowered, below its cost, lowered to nothing, collected, paid over, cancelled;
    and a prepaid one."""
    made = {name: sent(dropshipper, method) for name in ("booked", "lowered", "gone", "collected", "paid", "cancelled")}
    made["loss"] = sent(dropshipper, method, total="20.00")
    made["prepaid"] = sent(dropshipper, method, payment="prepaid")
    collect.lower(made["lowered"].pk, D("30.00"), by=None)
    collect.lower(made["gone"].pk, D("0.00"), by=None)
    collected(made["collected"])
    parcels.mark_remitted(collected(made["paid"]).pk, by=None)
    parcels.cancel(made["cancelled"].pk, by=None)
    for order in made.values():
        order.refresh_from_db()
    return made


def rows(answer: Any) -> list[int]:
    return [int(pk) for pk in re.findall(r'<tr data-order="(\d+)"', answer.content.decode())]


def stat(answer: Any, state: str) -> dict[str, D]:
    found = re.search(rf'data-figure="{state}" ([^>]*)>', answer.content.decode())
    assert found, state
    return {name: D(value) for name, value in re.findall(r'data-([a-z]+)="([^"]*)"', found[1])}


def table(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(text.removeprefix("\ufeff").splitlines(), delimiter=";"))


def posted(dropshipper: Any, account: str, *kinds: str) -> D:
    found = Posting.objects.filter(entry__dropshipper=dropshipper, account__kind=account)
    if kinds:
        found = found.filter(entry__kind__in=kinds)
    return found.aggregate(total=Sum("amount"))["total"] or D("0.00")


def test_the_sums_are_the_balances_of_the_books(world: Any, dropshipper: Any, owner: Any, client_for: Any) -> None:
    answer = client_for(owner).get(URL)
    booked, on_courier, paid = (stat(answer, state) for state in ("booked", "collected", "remitted"))
    books = balances(dropshipper.pk)
    assert booked["due"] + on_courier["due"] == books.cod_due == D("16.72") * 2 + D("6.82")
    assert booked["held"] + on_courier["held"] == books.held == 4 * D("12.20")
    assert booked["collect"] + on_courier["collect"] == -posted(dropshipper, "cod_in_transit")
    assert paid["collect"] == -posted(dropshipper, "bank", "remittance")
    assert paid["due"] == posted(dropshipper, "wallet", "remittance")
    assert [stat(answer, state)["count"] for state in ("booked", "collected", "remitted", "reversed")] == [3, 1, 1, 1]
    # What the page says of the wallet is what the wallet says.
    text = answer.content.decode()
    assert f'data-due="{books.cod_due}"' in text
    assert f'data-held="{books.held}"' in text


def test_each_row_is_what_the_books_hold_of_it(world: Any, dropshipper: Any) -> None:
    for order in cod.with_parcels(cod.find(dropshipper, cod.Find())):
        row = cod.row_of(order)
        own = Posting.objects.filter(entry__reference=order.reference)

        def book(account: str, own: Any = own) -> D:
            return own.filter(account__kind=account).aggregate(total=Sum("amount"))["total"] or D("0.00")

        assert row.held == book("held"), order
        if row.cash in ("booked", "collected"):
            assert max(row.margin or D(0), D(0)) == book("cod_due"), order
            assert order.shipment is not None
            assert order.shipment.cod_amount == -book("cod_in_transit"), order
        else:
            assert book("cod_due") == book("cod_in_transit") == 0


def test_sums_that_miss_a_parcel_are_not_the_balances(world: Any, dropshipper: Any) -> None:
    """The control of the two above: something booked that is no parcel of the page shows."""
    moves.sell([sale(dropshipper, "order:987654", cod=True)], by=None)
    assert cod.sums(dropshipper, cod.Find())["open"].due != balances(dropshipper.pk).cod_due


def test_a_row_tells_order_customer_courier_money_and_leads_on(world: Any, owner: Any, client_for: Any) -> None:
    order = world["booked"]
    text = client_for(owner).get(URL).content.decode()
    row = re.search(rf'<tr data-order="{order.pk}".*?</tr>', text, re.DOTALL)
    assert row
    for said in (order.number, "Giulia Rossi", "Corriere Veloce", "39,90", "23,18", "16,72", "12,20", "2,00"):
        assert said in row[0], said
    assert f'href="{reverse("orders:detail", args=[order.pk])}"' in row[0]
    (movements,) = re.findall(r'href="(/wallet/\?[^"#]*)#movements"', row[0])
    page = client_for(owner).get(movements.replace("&amp;", "&")).content.decode()
    assert re.findall(r'data-kind="(\w+)" data-amount="([^"]+)"', page) == [("cod_sale", "16.72")]


def test_what_was_reversed_promises_nothing(world: Any, owner: Any, client_for: Any) -> None:
    text = client_for(owner).get(f"{URL}?state=reversed").content.decode()
    assert rows(client_for(owner).get(f"{URL}?state=reversed")) == [world["cancelled"].pk]
    assert 'data-margin=""' in text
    assert 'data-held="0.00"' in text.split("<tbody", 1)[1]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "loss cancelled paid collected lowered booked"),
        ("state=booked", "loss lowered booked"),
        ("state=collected", "collected"),
        ("state=remitted", "paid"),
        ("state=reversed", "cancelled"),
        ("state=nonsense&first=x", "loss cancelled paid collected lowered booked"),
        ("courier=corriere-espresso&state=remitted", "paid"),
        ("courier=another", ""),
        ("q=giulia&state=collected", "collected"),
        ("q=nobody", ""),
        ("first=2999-01-01", ""),
        ("last=2001-01-01", ""),
    ],
)
def test_filters_are_in_the_address(world: Any, owner: Any, client_for: Any, query: str, names: str) -> None:
    client = client_for(owner)
    wanted = [world[name].pk for name in names.split()]
    page = client.get(f"{URL}?{query}")
    assert rows(page) == wanted
    assert len(table(client.get(f"{FILE}?{query}"))) == len(wanted) + 1


def test_the_period_is_of_the_moment_at_which_the_cash_moved(world: Any, owner: Any, client_for: Any) -> None:
    now = timezone.now()
    parcel = world["paid"].shipment
    ShipmentEvent.objects.filter(shipment=parcel, axis="cash", to_value="remitted").update(
        at=now - dt.timedelta(days=9)
    )
    Order.objects.filter(pk=world["paid"].pk).update(dispatched_at=now - dt.timedelta(days=40))
    # Of the lowered one the amount moved later, its cash did not.
    lowered = ShipmentEvent.objects.filter(shipment=world["lowered"].shipment, axis="cash")
    lowered.filter(from_value="").update(at=now - dt.timedelta(days=9))
    day = timezone.localdate() - dt.timedelta(days=9)
    found = client_for(owner).get(f"{URL}?first={day}&last={day}")
    assert rows(found) == [world["paid"].pk, world["lowered"].pk]


def test_sums_follow_the_filters(world: Any, owner: Any, client_for: Any) -> None:
    answer = client_for(owner).get(f"{URL}?q={world['booked'].number}")
    assert (stat(answer, "booked")["count"], stat(answer, "remitted")["count"]) == (1, 0)
    assert "mci-books" not in answer.content.decode()  # a part of them is not the wallet's balance


def test_pages_go_on_and_the_file_is_whole(dropshipper: Any, method: Any, owner: Any, client_for: Any) -> None:
    first = sent(dropshipper, method)
    copies(first, 120)
    client = client_for(owner)
    seen: list[int] = []
    page = URL
    while page:
        answer = client.get(page)
        seen += rows(answer)
        following = re.search(r'rel="next" href="([^"]+)"', answer.content.decode())
        page = URL + following[1].replace("&amp;", "&") if following else ""
    assert seen == list(Order.objects.order_by("-pk").values_list("pk", flat=True))
    assert len(table(client.get(FILE))) == 1 + 121


def copies(order: Order, how_many: int) -> None:
    """More of the same."""
    from shipping.models import Shipment

    def like(row: Any, **change: Any) -> Any:
        values = {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields if not one.primary_key}
        return type(row)(**{**values, **change})

    assert order.shipment is not None
    parcels = Shipment.objects.bulk_create(like(order.shipment, reference=f"c:{n}") for n in range(how_many))
    Order.objects.bulk_create(like(order, shipment_id=parcel.pk, entry_key=None) for parcel in parcels)


def test_the_file_has_every_parcel_beyond_any_limit(
    dropshipper: Any, method: Any, owner: Any, client_for: Any, monkeypatch: Any
) -> None:
    copies(sent(dropshipper, method), 4100)
    answer = client_for(owner).get(FILE)
    with CaptureQueriesContext(connection) as queries:
        found = table(answer)
    assert len(found) == 4102
    assert len(queries) <= 1 + -(-4101 // CHUNK)  # the methods; a chunk of parcels each
    assert found[1][8:] == ["39,90", "12,00", "5,00", "2,00", "4,18", "23,18", "16,72", "12,20"]
    assert re.fullmatch(r"\d\d/\d\d/\d{4}", found[1][7])


def test_the_page_costs_the_same_with_many(dropshipper: Any, method: Any, owner: Any, client_for: Any) -> None:
    order, client = sent(dropshipper, method), client_for(owner)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(URL)
        return len(queries)

    client.get(URL)
    one = cost()
    copies(order, 60)
    assert cost() == one


def test_before_any_it_says_what_will_be_here(owner: Any, client_for: Any) -> None:
    answer = client_for(owner).get(URL)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "data-figure" not in text
    assert 'class="blank"' in text
    assert len(table(client_for(owner).get(FILE))) == 1


def test_it_is_the_owners_and_the_accountings(
    world: Any, dropshipper: Any, stranger: Any, client: Any, client_for: Any
) -> None:
    clerk = client_for(cast.member(dropshipper, role=Member.Role.ORDERS))
    books = client_for(cast.member(dropshipper, role=Member.Role.ACCOUNTING))
    for address in (URL, FILE):
        assert client.get(address).status_code == 302
        assert clerk.get(address).status_code == 403
        assert books.get(address).status_code == 200
    assert rows(client_for(stranger).get(URL)) == []
    assert len(table(client_for(stranger).get(FILE))) == 1
    # The menu shows it to those who may open it, and lights one line.
    assert URL not in clerk.get("/wallet/").content.decode()
    text = books.get(URL).content.decode()
    assert re.findall(r'class="item" href="([^"]+)" aria-current="page"', text) == [URL]
    assert Account.objects.filter(dropshipper=dropshipper).exists()
