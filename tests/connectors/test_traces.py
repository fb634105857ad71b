"""Where a customer stands in what the shops wrote: whom a message is about, which are emptied and which stay, and what
of the log."""

from __future__ import annotations

import datetime as dt
import json
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from connectors.intake import traces
from connectors.intake.traces import Message, Traces
from connectors.models import Delivery, InboxOrder, Shop, ShopEvent
from orders.models import Order
from orders.questions.copies import Person
from tests.connectors.conftest import make_shop

NOBODY: frozenset[str] = frozenset()


def message(data: Any) -> Message:
    return traces.message(data if isinstance(data, bytes) else json.dumps(data).encode())


@pytest.mark.parametrize(
    ("data", "orders", "customers"),
    [
        ({"id": 7}, {"7"}, NOBODY),
        ({"order_id": "8"}, {"8"}, NOBODY),
        ({"legacyResourceId": "9"}, {"9"}, NOBODY),
        ({"admin_graphql_api_id": "gid://shopify/Order/10", "id": 11}, {"10", "11"}, NOBODY),
        ({"order": {"id": 7}}, {"7"}, NOBODY),
        ({"order_edit": {"order_id": 8, "id": "x"}}, {"8"}, NOBODY),
        ({"id": 6, "order": {"id": 7}, "order_edit": {"id": 8}}, {"6", "7", "8"}, NOBODY),
        ({"id": 7, "customer": {"id": 5}}, {"7"}, {"5"}),
        ({"order": {"id": 7, "customer": {"id": "gid://shopify/Customer/55"}}}, {"7"}, {"55"}),
        ({"customer": {"id": "gid://shopify/Order/55", "order_id": 4}}, NOBODY, NOBODY),
        ({"admin_graphql_api_id": "gid://shopify/Fulfillment/10"}, NOBODY, NOBODY),
        ({"id": "٧"}, NOBODY, NOBODY),
        ({"id": int("7" * 21)}, NOBODY, NOBODY),
        ({"id": int("7" * 20)}, {"7" * 20}, NOBODY),
        ({"line": {"id": 7}, "order": 8, "customer": 9}, NOBODY, NOBODY),
        ([{"id": 7}], NOBODY, NOBODY),
    ],
)
def test_whom_a_message_is_about(data: Any, orders: set[str], customers: set[str]) -> None:
    text = json.dumps(data, ensure_ascii=False).lower()
    assert message(data) == Message(frozenset(orders), bool(orders), frozenset(customers), text)


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        *((name, "77", "77") for name in ("id", "order_id", "legacyResourceId", "admin_graphql_api_id")),
        ("id", '"78"', "78"),
        ("admin_graphql_api_id", '"gid://shopify/Order/79"', "79"),
        ("admin_graphql_api_id", '"gid:\\/\\/shopify\\/Order\\/80"', "80"),
        ("parent_id", "81", ""),
        ("id", "7" * 21, ""),
        ("id", '"x82"', ""),
    ],
)
def test_of_what_is_no_json_each_number_may_be_the_orders(name: str, value: str, found: str) -> None:
    body = f'{{"Name": "ANNÀ", "{name}" : {value}, '.encode()
    text = body.decode().lower()
    assert message(body) == Message(frozenset([found] if found else []), False, NOBODY, text)
    assert message(b"\xff" + body).text == "�" + text


def test_what_names_a_person_alone() -> None:
    ada = Person(
        name="Ada Neri",
        email=" Ada@X.it ",
        phone="+39 333 1234567",
        tax_code="NRADAA80A01H501U",
        street=" Via Roma 3 ",
        postcode=" 10121 ",
    )
    short = Person(email="a@b.c", tax_code="12345 ", phone="123", street="", postcode="10121")
    edge, no_code = Person(email="a@b.cd"), Person(street="Via Roma 4", postcode="")
    found = Traces(persons=[ada, short, edge, no_code])
    assert found.marks == {"ada@x.it", "nradaa80a01h501u", "a@b.cd"}
    assert found.phones == {"331234567"}
    assert found.places == {("via roma 3", "10121")}


# ---- in the database

ADA = Person(name="Ada Neri", email="ada@example.it", phone="+39 333 1234567", street="Via Roma 3", postcode="10121")


class World:
    def __init__(self, dropshipper: Any, stranger: Any) -> None:
        self.before = make_shop(dropshipper, address="https://casa.example.it", state="gone")
        self.shop = make_shop(stranger, address="https://casa.example.it")
        self.other = make_shop(dropshipper, address="https://altra.example.it")
        self.numbers = count(1)

    def told(
        self, data: Any, *, state: str = "done", shop: Shop | None = None, topic: str = "order.updated"
    ) -> Delivery:
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        return Delivery.objects.create(
            shop=shop or self.shop,
            dedupe=str(next(self.numbers)).encode(),
            topic=topic,
            body=body,
            state=state,
            error="e",
            error_params={"reason": "x"},
            lease_until=timezone.now(),
            lease_token="1f0c7a52-9f3f-4a5e-8f0e-6a2b3c4d5e6f",
        )

    def row(self, number: int, *, shop: Shop | None = None, **more: Any) -> InboxOrder:
        return InboxOrder.objects.create(
            shop=shop or self.shop, external_id=str(number), version_at=timezone.now(), **more
        )


@pytest.fixture
def world(dropshipper: Any, other_dropshipper: Any) -> World:
    return World(dropshipper, other_dropshipper)


def kept() -> set[int]:
    return set(Delivery.objects.exclude(body=b"").values_list("pk", flat=True))


def outcome(row: Delivery) -> tuple[Any, ...]:
    row.refresh_from_db()
    now = timezone.now()
    ended = row.done_at is not None and now - row.done_at < dt.timedelta(minutes=5)
    leased = (row.lease_until is not None, row.lease_token is not None)
    return row.state, bytes(row.body), row.error, row.error_params, ended, leased


@pytest.mark.django_db
@pytest.mark.parametrize("many", [False, True], ids=["few traces", "many"])
def test_the_messages_with_his_traces_are_emptied_and_no_others(world: World, many: bool) -> None:
    more = [str(number) for number in range(1000, 1030)] if many else []
    sought = Traces(["101", *more], [ADA], ["555"])
    world.row(101, forgotten_at=timezone.now())
    at_home = {"address_1": "Via Roma 3", "postcode": "10121"}
    gone = [
        world.told({"id": 101}),
        world.told({"order": {"id": 101}}, shop=world.before),
        world.told(b'{"id": 101, '),
        world.told({"id": 7, "customer": {"id": 555}}),
        world.told({"id": 7, "email": "ADA@example.it"}, state="dead"),
        world.told({"id": 7, "phone": "333-123.45 67"}, state="ignored"),
        world.told({"name": "x", "billing": at_home}),
        world.told({"id": 101}, state="new"),
    ]
    stay = [
        world.told({"id": 102, "order_key": 101}),
        world.told({"id": 7, "billing": at_home}),  # another order, of a neighbour
        world.told({"billing": {**at_home, "postcode": "10122"}}),
        world.told({"billing": {**at_home, "address_1": "Via Roma 5"}}),
        world.told({"id": 7, "customer": {"id": 556}}),
        world.told({"id": 7, "email": "bob@example.it", "phone": "3331234568"}),
        world.told({"id": 101}, shop=world.other),
        world.told({"id": 101, "order_id": 7}, state="new"),
        world.told({"email": "ada@example.it"}, state="new"),
        world.told({"id": 101}, state="new", topic="customers/redact"),
    ]
    empty = world.told(b"")
    assert "customers/redact" in traces.law_topics()
    assert traces.empty(world.shop, sought) == len(gone)
    assert kept() == {row.pk for row in stay}
    assert [outcome(row) for row in gone] == [
        *[("done", b"", "", {}, False, (True, True))] * 4,
        ("ignored", b"", "", {}, True, (False, False)),
        ("ignored", b"", "", {}, False, (True, True)),
        ("done", b"", "", {}, False, (True, True)),
        ("ignored", b"", "", {}, True, (False, False)),
    ]
    assert outcome(empty) == ("done", b"", "e", {"reason": "x"}, False, (True, True))
    assert outcome(stay[-1])[0] == "new"
    assert traces.empty(world.shop, sought) == traces.empty(world.shop, Traces()) == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "written",
    [
        "333 123 456 7",
        "3331234567",
        "+39\u00a0333\u00a0123\u00a04567",
        "333/123.45-67",
        "(333) 1 2 3 4 5 6 7",
        "333\u2009123 4567",
    ],
)
@pytest.mark.parametrize("ascii_alone", [True, False])
def test_a_telephone_is_found_in_whatever_groups_it_is_written(world: World, written: str, ascii_alone: bool) -> None:
    body = json.dumps({"id": 7, "billing": {"phone": written}}, ensure_ascii=ascii_alone).encode()
    world.told(body)
    other = world.told({"id": 8, "phone": "333 123 456 8"})
    assert traces.empty(world.shop, Traces([], [Person(phone="+39 333 1234567")])) == 1
    assert kept() == {other.pk}


@pytest.mark.django_db
def test_a_message_that_waits_about_two_orders_goes_when_both_are_forgotten(world: World) -> None:
    waits = world.told({"id": 101, "order": {"id": 102}}, state="new")
    world.row(101, forgotten_at=timezone.now())
    assert traces.empty(world.shop, Traces(["101", "102"])) == 0
    world.row(102, shop=world.before, forgotten_at=timezone.now())
    assert traces.empty(world.shop, Traces(["101", "102"])) == 1
    assert outcome(waits)[:2] == ("ignored", b"")


@pytest.mark.django_db
def test_rows_without_an_order_that_name_him(world: World) -> None:
    named = [
        world.row(1, raw=b'{"id": 1, "email": "Ada@example.it"}'),
        world.row(2, raw=b'{"id": 2, "customer": {"id": 555}}'),
    ]
    world.row(3, raw=b'{"id": 3}')
    world.row(4, raw=b'{"address_1": "Via Roma 3", "postcode": "10121"}')
    world.row(5, shop=world.other, raw=b'{"email": "ada@example.it"}')
    world.row(6)
    sought = Traces(["3"], [ADA], ["555"])
    assert sorted(traces.without_order([world.shop.pk, world.before.pk], sought)) == [row.pk for row in named]


@pytest.mark.django_db
def test_a_whole_shop_is_emptied_but_for_what_is_still_to_be_done(world: World) -> None:
    def told(shop: Shop) -> list[Delivery]:
        states = [world.told({"id": 1}, shop=shop, state=state) for state in ("done", "dead", "new")]
        return [*states, world.told({"id": 1}, shop=shop, state="new", topic="customers/redact")]

    rows, other = told(world.shop), told(world.other)
    assert traces.empty_all(world.shop) == 2
    assert kept() == {row.pk for row in (*rows[2:], *other)}
    for shop, state in ((world.shop, "broken"), (world.other, "gone")):
        shop.state = state
    assert traces.empty_all(world.shop) == 1
    assert kept() == {rows[3].pk, *(row.pk for row in other)}
    assert traces.empty_all(world.other) == 3
    assert kept() == {rows[3].pk, other[3].pk}


@pytest.mark.django_db
def test_whose_customer_was_forgotten(world: World) -> None:
    now = timezone.now()
    world.row(101, forgotten_at=now)
    world.row(102, shop=world.before, forgotten_at=now)
    world.row(103)
    world.row(104, shop=world.other, forgotten_at=now)
    assert traces.forgotten(world.shop, ["101", "102", "103", "104", "105"]) == {"101", "102"}
    # Under way under another connection, it is another customer's by now.
    world.row(106, shop=world.before, forgotten_at=now)
    assert traces.forgotten(world.shop, ["106"]) == {"106"}
    order = Order.objects.create(dropshipper=world.shop.dropshipper, state="received", payment="cod")
    world.row(106, order=order)
    assert traces.forgotten(world.shop, ["106"]) == set()
    assert traces.forgotten(world.shop, []) == set()
    assert [row.external_id for row in traces.rows_of_store(world.shop, ["101", "103"])] == ["101", "103"]
    about = {
        b'{"id": 101}': True,
        b'{"order": {"id": 102}}': True,
        b'{"id": 101': True,
        b'{"id": 103}': False,
        b"": False,
    }
    for body, his in about.items():
        assert traces.is_of_forgotten(world.shop, body) is his, body


@pytest.mark.django_db
def test_the_log_and_the_troubles_lose_who_is_quoted_and_nobody_else(world: World) -> None:
    def event(shop: Shop, **params: Any) -> ShopEvent:
        return ShopEvent.objects.create(shop=shop, code="x", params=params)

    quoted = [
        event(world.shop, count=1, reason="mail of ADA@example.it"),
        event(world.before, count=2, reason="Ada Neri called"),
    ]
    others = [
        event(world.shop, count=3, reason="Bob Neri called"),
        event(world.other, count=4, reason="ada@example.it"),
        event(world.shop),
    ]
    for shop, word in ((world.shop, "ada neri"), (world.before, "bob"), (world.other, "ada neri")):
        Shop.objects.filter(pk=shop.pk).update(trouble="x", trouble_params={"count": 5, "reason": word})
    before = [dict(one.params) for one in others]
    shops = [world.shop.pk, world.before.pk]
    traces.clean_log(shops, Traces())
    traces.clean_log(shops, Traces(persons=[Person(name="Bob")]))  # too short: anybody's
    assert "reason" in str(ShopEvent.objects.get(pk=quoted[0].pk).params)
    assert "ADA" in str(ShopEvent.objects.get(pk=quoted[0].pk).params)
    traces.clean_log(shops, Traces(persons=[ADA]))
    for one in (*quoted, *others, world.shop, world.before, world.other):
        one.refresh_from_db()
    assert [one.params for one in quoted] == [{"count": 1, "reason": "–"}, {"count": 2, "reason": "–"}]
    assert [one.params for one in others] == before
    assert [shop.trouble_params for shop in (world.shop, world.before, world.other)] == [
        {"count": 5, "reason": "–"},
        {"count": 5, "reason": "bob"},
        {"count": 5, "reason": "ada neri"},
    ]
    traces.clean_reasons(world.shop)
    for one in others:
        one.refresh_from_db()
    assert [one.params for one in others] == [{"count": 3, "reason": "–"}, *before[1:]]
