"""What a WooCommerce shop is told, by its keys and by our plugin: the tracking of our parcel beside what others wrote,
and a status only where our parcel is the whole order. And what becomes of a shop's state while it is being told."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from connectors.connect import acts
from connectors.intake import upsert
from connectors.models import Match, Shop
from connectors.news import sweep
from connectors.platforms import platform
from connectors.platforms.base import NewsLine, OrderNews, RawOrder
from connectors.platforms.parcel import Parcel
from connectors.platforms.woocommerce.fulfilment import TRACKING_META
from connectors.shops.access import access_of
from demo.shops.woocommerce.order_lines import set_meta
from orders.fulfilment import parcels
from orders.intake import editing
from orders.models import Order
from tests import cast
from tests.connectors.conftest import KEY, SECRET, Ticking, make_goods, make_shop
from tests.connectors.parcels import edit, hurry, row_of, sell, shipped
from tests.connectors.wordpress.conftest import wp, wp_shop  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
A, B, C = "SCN-00001", "SCN-00002", "SCN-00003"


@pytest.fixture(params=["woocommerce", "wordpress"])
def site(request: pytest.FixtureRequest) -> tuple[Any, Shop]:
    """The shop and its connection, by its keys or by our plugin."""
    names = ("fake", "connected") if request.param == "woocommerce" else ("wp", "wp_shop")
    fake, shop = (request.getfixturevalue(name) for name in names)
    if request.param == "wordpress":
        Shop.objects.filter(pk=shop.pk).update(facts={"plugin": "1.1.0"})
    return fake, Shop.objects.get(pk=shop.pk)


def arrived(
    site: tuple[Any, Shop], items: list[Any], *, others: tuple[str, ...] = (), refunded: int = 0, **given: Any
) -> Order:
    fake, shop = site
    sell(*({A, B, C} - set(others)))
    placed = fake.place_order(items, **{"payment": "stripe", **given})
    if refunded:
        lines = {placed["line_items"][0]["id"]: refunded}
        fake.orders.refund(placed["id"], "79.90", lines=lines)
    raw = platform(shop.platform).order(access_of(shop), str(placed["id"]))
    assert isinstance(raw, RawOrder)
    assert raw.reading is not None
    row = upsert.upsert(shop, raw.reading, raw.body, via=upsert.WEBHOOK)
    assert row is not None
    assert row.order is not None
    for sku in others:
        editing.match([row.order.pk], sku=sku, variant_id=None, ignored=True, by=None)
    return Order.objects.get(pk=row.order.pk)


def in_shop(site: tuple[Any, Shop], order: Order) -> dict[str, Any]:
    found: dict[str, Any] = site[0].orders[int(row_of(order).external_id)]
    return found


def numbers(site: tuple[Any, Shop], order: Order) -> list[str]:
    found = [meta["value"] for meta in in_shop(site, order)["meta_data"] if meta["key"] == TRACKING_META]
    return [row["tracking_number"] for rows in found for row in (rows.values() if isinstance(rows, dict) else rows)]


def write_tracking(site: tuple[Any, Shop], order: Order, value: Any) -> None:
    fake = site[0]
    doc = fake.orders.doc(int(row_of(order).external_id))
    set_meta(doc, TRACKING_META, value, fake)
    fake.store.put("order", doc)


THEIRS = {"tracking_provider": "sda", "tracking_number": "MIO-7", "date_shipped": "1795680000", "tracking_id": "abc"}


def test_an_order_that_is_all_ours_is_completed(site: Any) -> None:
    order = shipped(arrived(site, [(A, 2), (B, 1)]))
    assert sweep.tell_due(budget_s=9) == 1
    assert in_shop(site, order)["status"] == "completed"


def test_a_mixed_basket_is_never_completed_for_the_whole(site: Any) -> None:
    order = shipped(arrived(site, [(A, 1), (C, 1)], others=(C,)))
    assert sweep.tell_due(budget_s=9) == 1
    parcels.mark_delivered(order.pk, by=None)
    assert sweep.tell_due(budget_s=9) == 1
    assert (in_shop(site, order)["status"], numbers(site, order)) == ("processing", ["TRK-1"])
    assert row_of(order).told_last
    notes = [note for note in site[0].orders.notes(in_shop(site, order)["id"]) if "TRK-1" in note["note"]]
    assert len(notes) == 1


def test_what_was_refunded_before_is_not_waited_for(site: Any) -> None:
    order = arrived(site, [(A, 2)], refunded=1)
    assert order.lines.get().quantity == 1
    shipped(order)
    assert sweep.tell_due(budget_s=9) == 1
    assert in_shop(site, order)["status"] == "completed"


def test_an_older_plugin_does_not_complete_a_part_either(wp: Any, wp_shop: Shop, monkeypatch: Any) -> None:  # noqa: F811
    """It knows nothing of parts: it is told what makes it leave the status alone."""
    Shop.objects.filter(pk=wp_shop.pk).update(facts={"plugin": "1.0.0"})
    site = (wp, Shop.objects.get(pk=wp_shop.pk))
    order = shipped(arrived(site, [(A, 1), (C, 1)], others=(C,)))
    asked: list[Any] = []
    answer = wp.calls._op_tell_order

    def older(given: dict[str, Any]) -> Any:
        asked.append({name: value for name, value in given.items() if name != "part"})
        return answer(asked[-1])

    monkeypatch.setattr(wp.calls, "_op_tell_order", older)
    assert sweep.tell_due(budget_s=9) == 1
    parcels.mark_delivered(order.pk, by=None)
    assert sweep.tell_due(budget_s=9) == 1
    assert (in_shop(site, order)["status"], len(asked)) == ("processing", 2)


def test_a_lowered_order_and_one_that_grew_keep_their_status(site: Any, owner: Any, client_for: Any) -> None:
    lowered = shipped(edit(arrived(site, [(A, 3)]), client_for(owner), {A: 1}))
    grown = shipped(arrived(site, [(A, 1)]), tracking="TRK-2")
    line = in_shop(site, grown)["line_items"][0]
    site[0].orders.change(in_shop(site, grown)["id"], {"line_items": [{"id": line["id"], "quantity": 4}]})
    assert sweep.tell_due(budget_s=9) == 2
    assert [in_shop(site, one)["status"] for one in (lowered, grown)] == ["processing"] * 2
    assert (numbers(site, lowered), numbers(site, grown)) == (["TRK-1"], ["TRK-2"])


def test_cod_of_which_a_part_is_collected_is_not_called_paid(site: Any) -> None:
    part, whole = arrived(site, [(A, 1)], payment="cod"), arrived(site, [(A, 1)], payment="cod")
    Order.objects.filter(pk=part.pk).update(to_collect=Decimal("10.00"))
    for order in (part, whole):
        shipped(order)
        parcels.mark_delivered(order.pk, by=None)
    assert sweep.tell_due(budget_s=9) == 2
    assert [in_shop(site, one)["status"] for one in (part, whole)] == ["processing", "completed"]


@pytest.mark.parametrize("kept", [[THEIRS], {"1": THEIRS}])
def test_the_merchants_own_tracking_stays_beside_ours(site: Any, kept: Any) -> None:
    order = shipped(arrived(site, [(A, 1)]))
    write_tracking(site, order, kept)
    for _time in range(2):
        assert sweep.tell_due(budget_s=9) >= 0
        assert numbers(site, order) == ["MIO-7", "TRK-1"]
        parcels.mark_delivered(order.pk, by=None)


def test_our_new_number_takes_the_place_of_our_old_one_alone(site: Any) -> None:
    order = shipped(arrived(site, [(A, 1)]))
    write_tracking(site, order, [THEIRS])
    sweep.tell_due(budget_s=9)
    type(order.shipment).objects.update(tracking="TRK-9")
    assert sweep.tell_due(budget_s=9) == 1
    assert numbers(site, order) == ["MIO-7", "TRK-9"]


def test_a_tracking_field_that_nobody_can_read_is_left_as_it_is(site: Any) -> None:
    order = shipped(arrived(site, [(A, 1)]))
    write_tracking(site, order, "a:1:{i:0;s:5:…")
    assert sweep.tell_due(budget_s=9) == 1
    [value] = [meta["value"] for meta in in_shop(site, order)["meta_data"] if meta["key"] == TRACKING_META]
    assert value == "a:1:{i:0;s:5:…"


def test_a_line_typed_by_hand_is_said_and_completes_nothing(site: Any, owner: Any, client_for: Any) -> None:
    order = shipped(edit(arrived(site, [(A, 1), (B, 1)]), client_for(owner), {B: 0}, more=[(C, 1)]))
    assert sweep.tell_due(budget_s=9) == 0
    row = row_of(order)
    assert (row.told, row.news_error, in_shop(site, order)["status"]) == ("", "lines_unknown", "processing")
    assert numbers(site, order) == ["TRK-1"]  # the customer has it all the same
    page = client_for(owner).get(reverse("connectors:shop", args=[site[1].pk])).content.decode()
    assert f'data-stuck="{row.pk}"' in page


def test_each_failed_try_counts_on_one_event(site: Any) -> None:
    shop = site[1]
    order = shipped(arrived(site, [(A, 1)]))
    type(row_of(order)).objects.update(external_id="nonsense")
    for _try in range(4):
        hurry(shop)
        assert sweep.tell_due(budget_s=9) == 0
    assert list(shop.events.filter(code="not_told").values_list("count", flat=True)) == [4]
    row = row_of(order)
    assert (row.news_failures, row.news_after > timezone.now()) == (4, True)


# ---- the lines by themselves


def test_units_of_the_shop_are_reckoned_from_our_pieces(connected: Shop, fake: Any) -> None:
    site = (fake, connected)
    order = arrived(site, [(A, 3)])
    line = order.lines.get()

    def units(quantity: int, ordered: int | None) -> tuple[int | None, str]:
        type(line).objects.filter(pk=line.pk).update(quantity=quantity, shop_quantity=ordered)
        from connectors.news.parcel_lines import news_lines

        [told], loose = news_lines(row_of(Order.objects.get(pk=order.pk)))
        return told.quantity, loose.params["pieces"] if loose else ""

    assert units(3, 3) == (3, "")
    assert units(6, 3) == (3, "")  # two of ours in each
    assert units(1, 3) == (1, "")
    assert units(5, 3) == (3, "")  # more than was asked for
    assert units(4, None) == (4, "")  # it came before the shop's count was kept
    Match.objects.create(shop=connected, subject=f"sku:{A}", variant=line.variant, quantity=2)
    assert units(3, 3) == (1, "1")
    assert units(6, None) == (3, "")
    Match.objects.update(variant=None)
    assert units(3, 3) == (3, "")


def test_a_parcel_knows_lines_by_the_shops_id_and_older_ones_by_product() -> None:
    lines = [
        NewsLine("7/0", "X", True, "11", 2),
        NewsLine("8/0", "Y", True, "", 1),
        NewsLine("9/0", "Z", False, "13", 0),
        NewsLine("", "TYPED", True, "", None),
    ]
    parcel = Parcel.of(OrderNews("1", "shipped", "MCI-1", False, lines=lines))
    assert parcel.key("11", "7/0") == "line:11"
    assert parcel.key("12", "7/0") == ""  # another line of the same article
    assert parcel.key("14", "8/0") == "product:8/0"
    assert [parcel.is_ours(key) for key in ("line:11", "product:8/0", "line:13", "")] == [True, True, False, False]
    assert parcel.unknown == ("TYPED",)


# ---- the shop's state meanwhile


class Interrupted(Ticking):
    """Something happens elsewhere while it is asked for an order."""

    then: Any = None

    def respond(self, request: Any) -> Any:
        if self.then and "/orders/" in request.path:
            then, self.then = self.then, None
            try:
                then()
            finally:
                connection.close()  # of the server's thread
        return super().respond(request)


@pytest.fixture
def interrupted(transactional_db: None) -> Iterator[tuple[Interrupted, Shop]]:
    make_goods()
    with Interrupted() as fake:
        fake.keys.add(KEY, SECRET)
        shop = make_shop(cast.dropshipper(), address=fake.url)
        cast.member(shop.dropshipper)
        yield fake, shop


@pytest.mark.parametrize(
    ("act", "state"),
    [("disconnect", Shop.State.GONE), ("pause", Shop.State.PAUSED), ("", Shop.State.BROKEN)],
)
def test_what_a_person_did_while_the_shop_was_told_stays(interrupted: Any, act: str, state: str) -> None:
    """The shop refuses our keys in the middle: that breaks an active connection, and no other."""
    fake, shop = interrupted
    orders = [shipped(arrived(interrupted, [(A, 1)]), tracking=f"TRK-{n}") for n in range(2)]
    by = cast.member(shop.dropshipper).pk

    def then() -> None:
        if act:
            getattr(acts, act)(Shop.objects.get(pk=shop.pk), by=by)
        fake.keys.add(KEY, "cs_" + "f" * 40)

    fake.then = then
    assert sweep.tell_due(budget_s=9) == 0
    shop.refresh_from_db()
    assert (shop.state, shop.news_lease_until) == (state, None)
    assert shop.events.filter(code="key_refused").exists() is (not act)
    assert all(not numbers(interrupted, order) for order in orders)


def test_a_shop_that_was_disconnected_is_not_told_another_word(interrupted: Any) -> None:
    fake, shop = interrupted
    orders = [shipped(arrived(interrupted, [(A, 1)]), tracking=f"TRK-{n}") for n in range(3)]
    by = cast.member(shop.dropshipper).pk
    fake.then = lambda: acts.disconnect(Shop.objects.get(pk=shop.pk), by=by)
    assert sweep.tell_due(budget_s=9) == 1  # the one that was under way
    assert [len(numbers(interrupted, order)) for order in orders] == [1, 0, 0]
    shop.refresh_from_db()
    assert (shop.state, shop.news_lease_token) == (Shop.State.GONE, None)


def test_a_lease_of_another_worker_keeps_its_token(interrupted: Any) -> None:
    """A worker that was slow ends after its lease: the one who speaks now goes on, and the state is his to set."""
    fake, shop = interrupted
    shipped(arrived(interrupted, [(A, 1)]))
    other = uuid.uuid4()

    def then() -> None:
        Shop.objects.filter(pk=shop.pk).update(news_lease_token=other)
        fake.keys.add(KEY, "cs_" + "f" * 40)

    fake.then = then
    assert sweep.tell_due(budget_s=9) == 0
    shop.refresh_from_db()
    assert (shop.state, shop.news_lease_token, shop.trouble) == (Shop.State.ACTIVE, other, "")
