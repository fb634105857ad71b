"""A store is one store however it is connected: recognised, refused or gone on with, and its orders exist once."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connectors.connect import acts, establishing
from connectors.errors import ShopTaken, StoreConnected
from connectors.intake import deliveries, pull, upsert
from connectors.models import ConnectAttempt, InboxOrder, Listing, Match, PaymentRule, Shop
from connectors.platforms.base import Connected
from connectors.platforms.homes import foreign, home_key
from connectors.shops import asks, health, stores
from core.errors import DomainError
from demo.shops.outgoing import Answer
from demo.shops.wordpress import FakeShop as WordPressShop
from orders.models import Order
from orders.questions import questions
from tests import cast
from tests.connectors import connecting
from tests.connectors.conftest import KEY, LONG_AGO, SECRET, Ticking, make_goods, make_shop
from tests.connectors.wordpress.conftest import begin as begin_pairing
from tests.connectors.wordpress.conftest import pair, to_mci
from tests.shipping.parcels import parcel

pytestmark = pytest.mark.django_db


def keys_form(fake: Any, **changed: str) -> dict[str, str]:
    return {"mode": "keys", "address": fake.url, "consumer_key": KEY, "consumer_secret": SECRET, **changed}


def by_keys(fake: Any, user: Any, **changed: str) -> Any:
    found = connecting.begin("woocommerce", keys_form(fake, **changed), user)
    if found.trouble:
        raise DomainError.of(found.trouble)(**found.attempt.trouble_params)  # type: ignore[misc]
    return found.shop


def alias(fake: Any) -> str:
    """The same store at another address."""
    return fake.url.replace("127.0.0.1", "localhost")


def read_now(shop: Any) -> None:
    Shop.objects.filter(pk=shop.pk).update(pull_after=LONG_AGO, pull_lease_until=None)
    assert pull.pull_shop(shop.pk)
    shop.refresh_from_db()
    assert shop.trouble == ""


def keep(user: Any, address: str, *, slug: str = "woocommerce", store_keys: tuple[str, ...] = ()) -> Any:
    """A connection whose credentials were tried, up to where it is kept: nobody is called."""
    attempt = ConnectAttempt.objects.create(
        token=uuid.uuid4().hex,
        dropshipper_id=user.member.dropshipper_id,
        by=user,
        platform=slug,
        address=address,
        phase="confirmed",
        expires_at=timezone.now() + dt.timedelta(hours=1),
    )
    credentials = {"consumer_key": KEY, "consumer_secret": SECRET}
    return establishing._keep(attempt, Connected("Casa Bella", address, credentials, store_keys=store_keys))


def send(orders: Any, state: str = "dispatched") -> Any:
    """These orders went out from here."""
    for order in orders:
        price = {"goods_net": "10.00", "shipping_net": "0", "cod_fee_net": "0", "vat": "0", "cost": "10.00"}
        fields = {"shipment": parcel(order.dropshipper), **price, "dispatched_at": timezone.now()}
        Order.objects.filter(pk=order.pk).update(state=state, payment="prepaid", **fields)
    return orders


def sent_order(dropshipper: Any) -> Order:
    return send([Order.objects.create(dropshipper=dropshipper)])[0]


# ---- what a store is called


@pytest.mark.parametrize(
    "address",
    [
        "https://shop.example.it",
        "http://shop.example.it/",
        "https://www.shop.example.it",
        "HTTPS://WWW.Shop.Example.it:443/",
        "http://www.shop.example.it:80",
    ],
)
def test_scheme_www_and_slash_make_no_other_store(address: str) -> None:
    assert home_key(address) == "home:shop.example.it"


def test_a_folder_a_port_and_another_name_do() -> None:
    homes = ["https://shop.example.it", "https://shop.example.it/negozio", "https://shop.example.it:8443"]
    homes += [
        "https://negozio.shop.example.it",
        "https://wwwshop.example.it",
        "http://127.0.0.1:1",
        "http://127.0.0.1:2",
    ]
    assert len({home_key(home) for home in homes}) == len(homes)
    assert home_key("https://caffè.it") == home_key("https://xn--caff-8oa.it")
    for nothing in (
        "",
        "shop",
        "javascript:alert(1)",
        "https://a@shop.it",
        "https://shop.it:99999",
        "https://" + "x" * 300,
    ):
        assert home_key(nothing) == ""


def test_a_home_counts_only_where_the_address_lies_within_it() -> None:
    """What an answer claims of another's address is nothing."""
    claimed = ["home:victim.example.it", "home:own.example.it", "woo:5c7f-11", "shell:rm", "woo:" + "x" * 300]
    found = stores.keys_of("https://own.example.it/en", claimed)
    assert found == ["home:own.example.it/en", "home:own.example.it", "woo:5c7f-11"]


def test_an_id_that_is_not_told_this_time_is_kept_unless_the_store_moved() -> None:
    before = ["home:shop.example.it", "woo:5c7f-11"]
    assert stores.keys_of("https://shop.example.it", [], before) == before
    assert stores.keys_of("https://shop.example.it", ["woo:other-22"], before)[1:] == ["woo:other-22"]
    assert stores.keys_of("https://new.example.it", [], before) == ["home:new.example.it"]


# ---- a second connection


@pytest.mark.parametrize(
    "address", ["https://www.shop.example.it", "http://shop.example.it", "https://shop.example.it"]
)
def test_another_writing_of_the_address_takes_over_the_connection(address: str, owner: Any) -> None:
    first = keep(owner, "https://shop.example.it")
    second = keep(owner, address)
    assert (second.pk, second.key, second.address) == (first.pk, first.key, address)
    assert second.webhook_secret == first.webhook_secret
    assert Shop.objects.count() == 1


def test_a_store_that_moved_goes_on_at_its_new_address(owner: Any, fake: Ticking, goods: Any) -> None:
    shop = by_keys(fake, owner)
    order = fake.place_order([("SCN-00001", 1)])
    read_now(shop)
    fake.public_url = alias(fake)
    moved = by_keys(fake, owner, address=alias(fake))
    assert (moved.pk, moved.address) == (shop.pk, alias(fake))
    assert moved.events.order_by("pk").filter(code="reconnected").get().params == {"address": alias(fake)}
    read_now(moved)
    assert InboxOrder.objects.get().external_id == str(order["id"])
    assert Order.objects.count() == 1
    assert len(fake.webhooks.all()) == 4


@pytest.mark.parametrize("way", ["https://shop.example.it", "https://www.shop.example.it", "http://shop.example.it"])
def test_another_account_is_told_nothing_but_no(way: str, owner: Any, stranger: Any) -> None:
    shop = keep(owner, "https://shop.example.it", store_keys=("woo:5c7f-11",))
    for slug in ("woocommerce", "wordpress"):
        with pytest.raises(ShopTaken) as caught:
            keep(stranger, way, slug=slug)
        assert shop.name not in str(caught.value)
        with pytest.raises(ShopTaken):
            stores.assert_free(slug, way, dropshipper_id=stranger.member.dropshipper_id)
    assert Shop.objects.get().dropshipper == owner.member.dropshipper


def test_a_connection_from_before_stores_had_keys_counts_as_well(owner: Any, stranger: Any, dropshipper: Any) -> None:
    old = make_shop(dropshipper, address="https://www.shop.example.it")
    assert old.store_keys == []
    with pytest.raises(ShopTaken):
        keep(stranger, "https://shop.example.it")
    assert keep(owner, "https://shop.example.it").pk == old.pk
    gone = make_shop(dropshipper, address="https://other.example.it", state="gone")
    stores.backfill()
    gone.refresh_from_db()
    assert gone.store_keys == ["home:other.example.it"]


def test_the_check_learns_who_the_store_is(connected: Any, fake: Ticking) -> None:
    assert health.check(connected)
    connected.refresh_from_db()
    assert connected.store_keys == [home_key(fake.url), f"woo:{fake.store_id}"]
    assert connected.facts["home"] == fake.url


def test_nobody_sits_on_a_store_by_claiming_its_id(owner: Any, stranger: Any, fake: Ticking, goods: Any) -> None:
    """A server of the stranger's own says that it is the owner's store: the owner connects all the same, and what the
    stranger sent under its number is asked here, never hidden."""
    with Ticking() as his:
        his.keys.add(KEY, SECRET)
        his.store_id = fake.store_id
        stolen = by_keys(his, stranger)
        order = fake.place_order([("SCN-00001", 1)])
        InboxOrder.objects.create(
            shop=stolen,
            external_id=str(order["id"]),
            version_at=timezone.now(),
            version_hash=b"",
            raw=b"",
            order=sent_order(stolen.dropshipper),
        )
        shop = by_keys(fake, owner)
        assert shop.dropshipper == owner.member.dropshipper
        read_now(shop)
    row = shop.inbox.get()
    assert row.order is not None
    assert row.order.state == "received"
    assert list(row.order.problems.filter(blocking=True).values_list("code", flat=True)) == ["known_elsewhere"]
    assert stolen.inbox.count() == 1


# ---- disconnected and connected again


def test_disconnected_and_connected_again_it_is_the_same_connection(owner: Any, fake: Ticking, goods: Any) -> None:
    shop = by_keys(fake, owner)
    sent, open_one = fake.place_order([("SCN-00001", 1)]), fake.place_order([("SCN-00002", 1)])
    read_now(shop)
    send(Order.objects.filter(source_number=sent["number"]))
    PaymentRule.objects.create(shop=shop, gateway="cod", kind="cod")
    Match.objects.create(shop=shop, subject="sku:OWN-1", variant=goods["MCI-0001"])
    acts.disconnect(shop, by=owner.pk)
    asks.do_due()
    old_secret = Shop.objects.get(pk=shop.pk).webhook_secret
    fake.tick(60)
    later = fake.place_order([("SCN-00001", 2)])
    again = by_keys(fake, owner)
    assert (again.pk, again.state, old_secret) == (shop.pk, "active", "")
    assert again.webhook_secret
    assert {hook["secret"] for hook in fake.webhooks.all()} == {again.webhook_secret}
    read_now(again)
    assert set(InboxOrder.objects.values_list("shop_id", "external_id")) == {
        (shop.pk, str(one["id"])) for one in (sent, open_one, later)
    }
    assert Order.objects.count() == 3
    assert again.payment_rules.count() == again.matches.count() == 1
    fake.orders.set_status(open_one["id"], "cancelled")
    fake.flush()
    deliveries.drain()
    assert Order.objects.get(source_number=open_one["number"]).state == "cancelled"


def test_what_the_shop_itself_sent_meanwhile_is_not_for_us(owner: Any, fake: Ticking, goods: Any) -> None:
    shop = by_keys(fake, owner)
    acts.disconnect(shop, by=owner.pk)
    fake.tick(60)
    done, waiting = fake.place_order([("SCN-00001", 1)]), fake.place_order([("SCN-00002", 1)])
    fake.orders.set_status(done["id"], "completed")
    fake.tick(60)
    read_now(by_keys(fake, owner))
    assert [row.external_id for row in InboxOrder.objects.all()] == [str(waiting["id"])]


@pytest.fixture
def both(client: Any) -> Any:
    """A store with our plugin whose REST API is open as well."""
    with WordPressShop(transport=to_mci(client)) as shop:
        shop.keys_too = True
        shop.keys.add(KEY, SECRET)
        yield shop


def without_the_ping(both: Any, act: Callable[[], Any]) -> Any:
    """The webhooks' ping comes in another thread, while MCI calls the shop."""
    post, both.webhooks.transport = both.webhooks.transport, lambda *_args: Answer(200)
    try:
        return act()
    finally:
        both.webhooks.transport = post


def test_the_same_store_by_keys_and_by_plugin_is_refused_with_the_way_out(owner: Any, both: Any) -> None:
    shop = without_the_ping(both, lambda: by_keys(both, owner))
    with pytest.raises(StoreConnected) as caught:
        begin_pairing(both, owner)
    for part in (shop.name, "WooCommerce"):
        assert part in str(caught.value)
    code = ConnectAttempt.objects.create(
        token="code-of-an-attempt-from-before-the-keys",
        dropshipper=shop.dropshipper,
        by=owner,
        platform="wordpress",
        address=alias(both),
        expires_at=timezone.now() + dt.timedelta(hours=1),
    )
    both.public_url = alias(both)  # at another address, and yet the same store by its id
    assert shop.name in pair(both, code.token)
    assert Shop.objects.get().platform == "woocommerce"
    assert not both.plugin.paired


def test_of_a_store_without_orders_it_is_not_said_that_they_came_along(owner: Any, dropshipper: Any) -> None:
    old = make_shop(dropshipper, address="https://shop.example.it", platform="wordpress", state="gone")
    shop = keep(owner, "https://shop.example.it")
    assert (shop.platform, shop.pk != old.pk) == ("woocommerce", True)
    assert list(shop.events.values_list("code", flat=True)) == ["connected"]


def test_after_disconnecting_the_keys_the_plugin_takes_over_and_nothing_comes_twice(owner: Any, both: Any) -> None:
    make_goods()
    old = without_the_ping(both, lambda: by_keys(both, owner))
    placed = [both.place_order([("SCN-00001", 1)]) for _number in range(3)]
    read_now(old)
    send(Order.objects.filter(inbox__shop=old), "completed")
    Listing.objects.create(shop=old, variant=make_goods()["SCN-00001"], external_id="11", ours=True)
    Shop.objects.filter(pk=old.pk).update(stock_on=True, import_since=LONG_AGO)
    acts.disconnect(Shop.objects.get(pk=old.pk), by=owner.pk)
    without_the_ping(both, asks.do_due)
    assert pair(both, begin_pairing(both, owner).code) == ""
    shop = Shop.objects.get(platform="wordpress")
    assert (shop.stock_on, shop.import_since, shop.listings.get().ours) == (True, LONG_AGO, True)
    assert shop.inbox.count() == 3
    assert old.inbox.count() == 0
    read_now(shop)
    for one in placed:  # and by the plugin's own word
        both.orders.set_status(one["id"], "completed")
    assert {answer.status for answer in both.flush()} == {200}
    deliveries.drain()
    assert (shop.inbox.count(), Order.objects.count()) == (3, 3)
    assert set(Order.objects.values_list("state", "source")) == {("completed", "woocommerce")}
    assert shop.events.filter(code="orders_adopted").get().params == {"count": 3, "name": old.name}
    new = both.place_order([("SCN-00002", 1)])
    both.flush()
    deliveries.drain()
    assert Order.objects.exclude(state="completed").get().source_number == new["number"]


def test_what_keys_kept_of_an_order_is_read_by_the_plugins_platform_and_the_other_way(owner: Any) -> None:
    from tests.connectors.conftest import order_body

    old = keep(owner, "https://shop.example.it")
    plain = json.dumps(order_body(7)).encode()
    wrapped = json.dumps({"topic": "order.updated", "order": order_body(7)}).encode()
    for slug in ("woocommerce", "wordpress"):
        Shop.objects.filter(pk=old.pk).update(platform=slug)
        shop = Shop.objects.get(pk=old.pk)
        for raw in (plain, wrapped):
            row = InboxOrder(shop=shop, external_id="7", raw=raw)
            reading = upsert.reread(row)
            assert reading is not None
            assert reading.gateway == "cod", (slug, raw[:20])


# ---- another account had it before


def test_what_another_account_sent_is_never_made_anew_and_what_was_open_there_is_asked(
    owner: Any, stranger: Any, fake: Ticking, goods: Any
) -> None:
    theirs = by_keys(fake, stranger)
    went, waits, off = [fake.place_order([("SCN-00001", n)]) for n in (1, 2, 3)]
    read_now(theirs)
    send(Order.objects.filter(source_number=went["number"]))
    Order.objects.filter(source_number=off["number"]).update(state="cancelled")
    before = set(Order.objects.values_list("pk", flat=True))
    acts.disconnect(Shop.objects.get(pk=theirs.pk), by=stranger.pk)
    shop = by_keys(fake, owner)
    assert shop.pk != theirs.pk
    fresh = fake.place_order([("SCN-00002", 1)])
    read_now(shop)
    made = {row.external_id: row for row in shop.inbox.select_related("order")}
    assert (made[str(went["id"])].elsewhere, made[str(went["id"])].order) == (True, None)
    asked = made[str(waits["id"])].order
    assert (asked.state, asked.problems.get(code="known_elsewhere").blocking) == ("received", True)
    # Cancelled there, and still to be sent in the store: a person knows whether it went in another way.
    assert made[str(off["id"])].order.problems.get(code="known_elsewhere").blocking
    assert made[str(fresh["id"])].order.state == "ready"
    # A webhook of the one that went changes nothing; the other one is ready once a person has looked.
    fake.tick(5)
    fake.orders.set_status(went["id"], "completed")
    fake.orders.set_status(waits["id"], "processing")
    fake.flush()
    deliveries.drain()
    made[str(went["id"])].refresh_from_db()
    assert (made[str(went["id"])].elsewhere, made[str(went["id"])].order) == (True, None)
    asked.refresh_from_db()
    assert asked.problems.filter(code="known_elsewhere").exists()
    questions.answer(asked.pk, "known_elsewhere", "", by=owner.pk)
    asked.refresh_from_db()
    assert asked.state == "ready"
    # Nothing of the other account's was touched or moved.
    assert set(Order.objects.filter(dropshipper=stranger.member.dropshipper).values_list("pk", flat=True)) == before
    assert theirs.inbox.count() == 3


@pytest.mark.parametrize("by", ["webhook", "pull"])
def test_an_order_with_our_mark_that_is_not_known_here_is_not_made(by: str, connected: Any) -> None:
    import dataclasses

    from connectors.intake import page
    from connectors.platforms.woocommerce.walk import raw_order
    from tests.connectors.conftest import order_body

    raw = raw_order(order_body(5))
    assert raw.reading is not None
    told = dataclasses.replace(raw.reading, told=True)
    if by == "webhook":
        upsert.upsert(connected, told, raw.body, via=upsert.WEBHOOK)
    else:
        page.take(connected, [dataclasses.replace(raw, reading=told)])
    row = InboxOrder.objects.get()
    assert (row.elsewhere, row.order_id) == (True, None)
    assert not Order.objects.exists()


def test_a_number_that_a_new_store_at_the_address_gives_again_is_asked_not_hidden(
    owner: Any, stranger: Any, fake: Ticking, goods: Any
) -> None:
    theirs = keep(stranger, fake.url, store_keys=("woo:the-store-before",))
    order = fake.place_order([("SCN-00001", 1)])
    sent = sent_order(theirs.dropshipper)
    row = {"version_at": timezone.now(), "version_hash": b"", "raw": b"", "order": sent}
    InboxOrder.objects.create(shop=theirs, external_id=str(order["id"]), **row)
    Shop.objects.filter(pk=theirs.pk).update(state="gone")
    shop = by_keys(fake, owner)
    read_now(shop)
    assert shop.inbox.get().order.problems.filter(code="known_elsewhere").exists()
    InboxOrder.objects.filter(shop=shop).delete()
    InboxOrder.objects.filter(shop=theirs).update(identity="wc_order_of_another")
    assert stores.known(shop, {str(order["id"]): _reading("wc_order_mine")}) == {}
    InboxOrder.objects.filter(shop=theirs).update(identity="wc_order_mine")
    assert stores.known(shop, {str(order["id"]): _reading("wc_order_mine")}) == {str(order["id"]): "sent"}


def _reading(identity: str) -> Any:
    import dataclasses

    from connectors.platforms.woocommerce.walk import raw_order
    from tests.connectors.conftest import order_body

    reading = raw_order(order_body(5)).reading
    assert reading is not None
    return dataclasses.replace(reading, identity=identity)


def test_how_many_statements_does_not_grow_with_the_orders(owner: Any, stranger: Any) -> None:
    theirs = keep(stranger, "https://shop.example.it")
    Shop.objects.filter(pk=theirs.pk).update(state="gone")
    shop = keep(owner, "https://shop.example.it")
    counts = []
    for number in (1, 200):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            stores.known(shop, {str(n): None for n in range(number)})
        counts.append(len(queries))
    assert counts == [2, 2]
    alone = keep(owner, "https://alone.example.it")
    with CaptureQueriesContext(connection) as queries:
        stores.known(alone, {"1": None})
    assert len(queries) == 1


def test_a_store_that_was_connected_twice_before_says_so_and_has_each_order_once(
    owner: Any, dropshipper: Any, fake: Ticking, connected: Any
) -> None:
    same = [f"woo:{fake.store_id}"]
    other = make_shop(dropshipper, address=alias(fake), store_keys=same, facts={"auth": "basic"})
    assert health.check(connected)
    connected.refresh_from_db()
    assert [one["code"] for one in connected.facts["troubles"]] == ["store_twice"]
    fake.place_order([("SCN-00001", 1)])
    for shop in (connected, other):
        read_now(shop)
    assert Order.objects.count() == 1
    assert sorted(InboxOrder.objects.values_list("elsewhere", flat=True)) == [False, True]


# ---- at the same time


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each came to, result or error; each in a thread, on a connection, of its own."""
    found: list[Any] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(place: int, act: Callable[[], Any]) -> None:
        start.wait(10)
        try:
            found[place] = act()
        except Exception as error:
            found[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def race(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Two accounts connect one store in the same moment, by different writings of its address."""
    one, two = cast.member(cast.dropshipper()), cast.member(cast.dropshipper(name="Due"), email="due@example.it")
    real = stores.place
    meeting = threading.Barrier(2)

    def late(*args: Any, **kwargs: Any) -> Any:
        found = real(*args, **kwargs)
        with contextlib.suppress(threading.BrokenBarrierError):  # both look before either writes, unless kept apart
            meeting.wait(1.5)
        return found

    monkeypatch.setattr(stores, "place", late)
    return at_once(
        lambda: keep(one, "https://shop.example.it", store_keys=()),
        lambda: keep(two, "https://www.shop.example.it", store_keys=()),
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_that_connect_a_store_in_the_same_moment_one_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = race(monkeypatch)
    assert [type(one).__name__ for one in found if isinstance(one, Exception)] == ["ShopTaken"]
    assert Shop.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_would_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test above: it sees the race."""
    monkeypatch.setattr(stores, "lock", lambda _keys: None)
    found = race(monkeypatch)
    assert Shop.objects.count() == 2, found


def hear_at_once(monkeypatch: pytest.MonkeyPatch) -> int:
    """Two connections of one store, from before that was refused, hear of an order in the same moment."""
    from connectors.platforms.woocommerce.walk import raw_order
    from tests.connectors.conftest import order_body

    make_goods()
    seller = cast.dropshipper()
    keys = ["woo:one-store"]
    shops = [make_shop(seller, address=f"https://s{n}.example.it", store_keys=keys) for n in (1, 2)]
    raw = raw_order(order_body(5))
    known, meeting = stores.known, threading.Barrier(2)

    def late(shop: Any, found: Any) -> Any:
        words = known(shop, found)
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(1.5)
        return words

    monkeypatch.setattr(stores, "known", late)

    def hear(shop: Any) -> None:
        assert raw.reading is not None
        upsert.upsert(shop, raw.reading, raw.body, via=upsert.WEBHOOK)

    at_once(*(lambda shop=shop: hear(shop) for shop in shops))  # type: ignore[misc]
    return Order.objects.count()


@pytest.mark.django_db(transaction=True)
def test_two_connections_that_hear_of_an_order_at_once_make_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert hear_at_once(monkeypatch) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_would_make_it_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "lock", lambda _keys: None)
    assert hear_at_once(monkeypatch) == 2


# ---- a copy is no store of its own


@pytest.mark.parametrize(
    ("source", "own"),
    [
        ("https://negozio.example.it/", True),
        ("http://www.negozio.example.it:80", True),
        ("https://NEGOZIO.example.it/en/", True),
        ("", True),
        ("https://staging.negozio.example.it/", False),
        ("https://negozio.example.it/staging/", False),
        ("https://negozio.example.it.evil.example/", False),
        ("https://negozio.example.it@evil.example/", False),
        ("https://negozio.example.it, https://evil.example/", False),
        ("https://negozio.example.it:8443/", False),
        ("negozio.example.it", False),
        ("https://notnegozio.example.it/", False),
        ("https://", False),
    ],
)
def test_where_a_message_comes_from_is_judged_whole(source: str, own: bool) -> None:
    for home in ("", "https://negozio.example.it/"):
        assert (foreign(source, address="https://negozio.example.it", home=home) == "") is own


def test_a_store_that_is_called_by_another_name_than_its_own_is_no_stranger() -> None:
    names = {"address": "https://alias.example.it", "home": "https://negozio.example.it"}
    assert foreign("https://negozio.example.it/", **names) == ""
    assert foreign("https://staging.example.it/", **names) == "staging.example.it"
    assert foreign("https://shop.example.it/", address="https://shop.example.it/it") == ""
