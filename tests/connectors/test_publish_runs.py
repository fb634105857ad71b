"""How a run begins, and what it writes down: once for a click, for this shop and this product alone. Each race is first
run with its guard off."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils import timezone

from catalog.models import Product
from connectors.errors import NothingToPublish, ShopGone
from connectors.listings import drafts, publishing
from connectors.listings import results as listing_results
from connectors.listings.prices import levels
from connectors.models import Listing, PriceRule, PublishItem, PublishRun, Shop
from tests import cast
from tests.catalog import goods
from tests.connectors.conftest import make_shop
from tests.connectors.test_publishing import click, made, make_product, results
from tests.meeting import meet

LATER = dt.timedelta(hours=3)
guards = pytest.mark.parametrize("guard", [True, False])


def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_how: rows)


@pytest.mark.django_db(transaction=True)
@guards
def test_two_clicks_at_once_are_one_run(monkeypatch: pytest.MonkeyPatch, guard: bool) -> None:
    shop, one, two = make_shop(cast.dropshipper()), goods.product("Uno"), goods.product("Due")
    if not guard:
        unguarded(monkeypatch)
    met = meet(lambda: click(shop, one), lambda: click(shop, two))
    assert PublishRun.objects.count() == 1
    assert list(PublishItem.objects.values_list("product_id", flat=True)) == [one.pk]
    if guard:
        assert met.second == met.first
    else:
        assert isinstance(met.second, IntegrityError)  # a broken page


@pytest.mark.django_db(transaction=True)
def test_the_same_click_twice_is_the_same_run_though_it_was_over_between() -> None:
    """The second one looked before the first had begun, and waited until it was done."""
    shop, product, key = make_shop(cast.dropshipper()), goods.product("Uno"), uuid.uuid4()

    def begins_and_ends() -> PublishRun:
        run = click(shop, product, key=key)
        PublishRun.objects.filter(pk=run.pk).update(state="done", finished_at=timezone.now())
        return run

    met = meet(begins_and_ends, lambda: click(shop, product, key=key))
    assert met.waited
    assert met.second == met.first
    assert PublishRun.objects.count() == PublishItem.objects.count() == 1


@pytest.mark.django_db
def test_a_run_keeps_what_was_asked_in_the_order_of_names(dropshipper: Any, owner: Any) -> None:
    shop = make_shop(dropshipper)
    rule = PriceRule.objects.create(shop=shop, name="Saldi", factor="1.3")
    products = [goods.product(name) for name in ("Zuppiera", "Anfora", "Lume")]
    key = uuid.uuid4()
    run = publishing.start(
        shop, [product.pk for product in products], key=key, by=owner.pk, rule_id=rule.pk, own_prices=True
    )
    run.refresh_from_db()
    assert (run.key, run.shop, run.dropshipper, run.by, run.kind) == (key, shop, dropshipper, owner, "publish")
    assert (run.state, run.total, run.rule, run.own_prices) == ("queued", 3, rule, True)
    names = list(run.items.order_by("position").values_list("position", "product__name", "result"))
    assert names == [(0, "Anfora", "waiting"), (1, "Lume", "waiting"), (2, "Zuppiera", "waiting")]
    assert shop.price_rules.filter(is_default=True).count() == 1

    assert publishing.start(shop, [], key=key, by=owner.pk) == run  # the page was sent again, whatever it holds now
    PublishRun.objects.update(state="done")
    assert publishing.start(shop, [], key=key, by=owner.pk) == run
    with pytest.raises(NothingToPublish):
        publishing.start(shop, [], key=uuid.uuid4(), by=owner.pk)
    off = publishing.start(shop, [products[0].pk], key=uuid.uuid4(), by=None, kind="unpublish")
    assert (off.kind, off.total, off.rule, off.own_prices, off.by) == ("unpublish", 1, None, False, None)


@pytest.mark.django_db
def test_another_shops_rule_is_not_taken_and_a_shop_that_is_gone_begins_nothing(dropshipper: Any) -> None:
    shop, other = make_shop(dropshipper), make_shop(dropshipper, address="https://due.example.it")
    theirs = PriceRule.objects.create(shop=other, name="Loro")
    product = goods.product("Uno")
    assert click(shop, product, rule_id=theirs.pk).rule is None
    Shop.objects.filter(pk=other.pk).update(state="gone")
    with pytest.raises(ShopGone):
        click(other, product)
    assert PublishRun.objects.filter(shop=other).count() == 0
    assert other.price_rules.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("compared", [True, False])
def test_a_shop_that_was_never_compared_is_soon(dropshipper: Any, compared: bool) -> None:
    now = timezone.now()
    shop = make_shop(dropshipper, compare_after=now + LATER, compared_at=now if compared else None)
    click(shop, goods.product("Uno"))
    assert (Shop.objects.get(pk=shop.pk).compare_after > now + LATER / 2) is compared


@pytest.mark.django_db
def test_no_more_than_the_limit(dropshipper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "LIMIT", 2)
    shop = make_shop(dropshipper)
    assert click(shop, *[goods.product(name) for name in ("C", "B", "A")]).total == 2
    assert list(PublishItem.objects.order_by("position").values_list("product__name", flat=True)) == ["A", "B"]


@pytest.mark.django_db
def test_the_last_attempt_is_made_and_none_after_it(connected: Any, fake: Any) -> None:
    """Workers died of both; the first has one attempt left."""
    run = click(connected, make_product(1), make_product(2), make_product(3))
    for position, attempts in enumerate((publishing.MOST_ATTEMPTS - 1, publishing.MOST_ATTEMPTS, 0)):
        run.items.filter(position=position).update(attempts=attempts)
    publishing.advance(run.pk)
    assert results(run) == [("created", ""), ("refused", "gave_up"), ("created", "")]
    assert sorted(doc["sku"] for doc in made(fake)) == ["L001", "L003"]
    assert list(run.items.order_by("position").values_list("attempts", flat=True)) == [4, 4, 1]


@pytest.mark.django_db
def test_a_stop_after_the_last_product_is_none(dropshipper: Any) -> None:
    """All of them are in the shop: it did not stop before anything."""
    run = click(make_shop(dropshipper), goods.product("Uno"))
    run.items.update(result="created")
    publishing.stop(run)
    assert publishing.advance(run.pk).state == "done"


# ---- what it writes down


@pytest.fixture
def lamp(db: None) -> Product:
    made = goods.product("Lampada")
    for sku in ("LA-1", "LA-2"):
        goods.variant(product=made, sku=sku)
    return made


class Shelf:
    """The reseller's shop with this product, and the listings that must not be touched beside it."""

    def __init__(self, dropshipper: Any, product: Product) -> None:
        self.shop = make_shop(dropshipper)
        self.other = make_shop(dropshipper, address="https://due.example.it")
        self.one, self.two = product.variants.order_by("sku")
        self.stranger = goods.variant(sku="VASO")
        self.rule = PriceRule.objects.create(shop=self.shop, name="Saldi")
        self.run = click(self.shop, product, rule_id=self.rule.pk)
        self.item = self.run.items.get()

    def listing(self, id_: str, variant: Any, *, shop: Shop | None = None, **fields: Any) -> Listing:
        late = timezone.now() + LATER
        fields = {"ours": True, "price_error": "no", "price_try_after": late, **fields}
        return Listing.objects.create(shop=shop or self.shop, external_id=id_, variant=variant, **fields)


def off(shelf_: Shelf) -> set[str]:
    rows = Listing.objects.filter(off_at__isnull=False).select_related("shop")
    return {f"{row.external_id}@{row.shop_id == shelf_.shop.pk}" for row in rows}


@pytest.mark.django_db
@pytest.mark.parametrize("refused", [False, True])
def test_taken_off_is_this_product_of_ours_in_this_shop(dropshipper: Any, lamp: Product, refused: bool) -> None:
    world = Shelf(dropshipper, lamp)
    for id_, variant in (("11/1", world.one), ("11/2", world.two), ("12", world.one)):
        world.listing(id_, variant)
    world.listing("11/3", world.two, ours=False)  # the merchant's own
    world.listing("11/4", world.stranger)
    world.listing("13", world.two)
    world.listing("11/1", world.one, shop=world.other)
    listing_results.take_off(
        world.run, world.item, ["11", "12"], {"12": "locked", "99": "other"} if refused else {"99": "other"}
    )
    assert off(world) == {"11/1@True", "11/2@True"} | (set() if refused else {"12@True"})
    world.item.refresh_from_db()
    told = (world.item.result, world.item.code, world.item.done_at is not None)
    assert told == (("refused", "locked", True) if refused else ("off", "", True))


@pytest.mark.django_db
def test_what_was_off_already_keeps_its_day_and_a_closed_item_its_result(dropshipper: Any, lamp: Product) -> None:
    world, before = Shelf(dropshipper, lamp), timezone.now() - LATER
    gone = world.listing("11/1", world.one, off_at=before)
    PublishItem.objects.filter(pk=world.item.pk).update(result="stopped")
    listing_results.take_off(world.run, world.item, ["11"], {})
    gone.refresh_from_db()
    world.item.refresh_from_db()
    assert (gone.off_at, world.item.result) == (before, "stopped")


@pytest.mark.django_db
def test_his_word_for_a_product_of_his_own_is_for_its_prices_alone(dropshipper: Any, lamp: Product) -> None:
    world, now = Shelf(dropshipper, lamp), timezone.now()
    his = [world.listing("21", world.one, ours=False), world.listing("22", world.two, ours=False)]
    beside = [
        world.listing("23", world.stranger, ours=False),
        world.listing("21", world.one, shop=world.other, ours=False),
    ]
    ours = world.listing("24", world.stranger, rule=None)
    offers = [drafts.Offer(row.variant, None, row) for row in (*his, ours)] + [drafts.Offer(world.one, None, None)]
    Shop.objects.update(prices_after=now + LATER)
    listing_results.keep_price(world.run, world.item, drafts.Candidate(lamp, "own", offers))
    rows = {row.pk: row for row in Listing.objects.all()}
    for row in his:
        told = rows[row.pk]
        assert (told.price_on, told.rule, told.price_error, told.ours) == (True, world.rule, "", False)
        assert told.price_try_after < now + LATER / 2
    for row in (*beside, ours):
        told = rows[row.pk]
        assert (told.price_on, told.rule, told.price_error) == (False, None, "no")
        assert told.price_try_after > now + LATER / 2
    world.item.refresh_from_db()
    assert world.item.result == "priced"
    assert list(Shop.objects.filter(levels.DUE)) == [world.shop]
