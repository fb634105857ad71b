"""What a server of anybody can claim (an id of a store, a home above its address) reaches into nobody else's account,
and takes no working connection away."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from connectors.errors import ShopTaken, StoreCopied
from connectors.intake import deliveries, privacy, traces
from connectors.models import Delivery, InboxOrder, Shop
from connectors.shops import stores
from orders.models import Order
from tests import cast
from tests.connectors.conftest import KEY, SECRET, Ticking, make_shop
from tests.connectors.test_stores import _reading, by_keys, keep, read_now, sent_order

pytestmark = pytest.mark.django_db
HOST = "https://host.example.it"


def claimed(fake: Ticking, stranger: Any) -> Any:
    """A server of the stranger's that gives the id of the owner's store."""
    with Ticking() as his:
        his.keys.add(KEY, SECRET)
        his.store_id = fake.store_id
        return by_keys(his, stranger)


@pytest.mark.parametrize("by", ["pull", "webhook"])
def test_what_a_stranger_forgot_under_a_claimed_id_hides_no_order(
    by: str, owner: Any, stranger: Any, fake: Ticking, goods: Any
) -> None:
    stolen, shop = claimed(fake, stranger), by_keys(fake, owner)
    order = fake.place_order([("SCN-00001", 1)])
    mark = {"version_at": timezone.now(), "version_hash": b"", "raw": b"", "forgotten_at": timezone.now()}
    InboxOrder.objects.create(shop=stolen, external_id=str(order["id"]), **mark)
    if by == "pull":
        read_now(shop)
    else:
        fake.flush()
        deliveries.drain()
    assert shop.inbox.get().order is not None


def test_forgetting_under_a_claimed_id_empties_nothing_of_the_owners(
    owner: Any, stranger: Any, fake: Ticking, goods: Any
) -> None:
    stolen, shop = claimed(fake, stranger), by_keys(fake, owner)
    order = fake.place_order([("SCN-00001", 1)])
    fake.flush()
    deliveries.drain()
    mine = sent_order(stolen.dropshipper)
    row = {"version_at": timezone.now(), "version_hash": b"", "raw": b"", "order": mine}
    InboxOrder.objects.create(shop=stolen, external_id=str(order["id"]), **row)
    Order.objects.filter(pk=mine.pk).update(state="completed", forget_asked_at=timezone.now())
    assert privacy.sweep() == 1
    assert not Delivery.objects.filter(shop=shop, body=b"").exists()
    assert shop.inbox.get().forgotten_at is None
    assert list(traces.same_store(shop)) == [shop]


def test_a_store_that_its_own_account_knows_by_its_id_is_one_store(dropshipper: Any) -> None:
    """The other side of it: within one account a claim counts, and Shopify's number across all."""
    one = make_shop(dropshipper, address=HOST, store_keys=["home:host.example.it", "woo:5c7f-11"])
    two = make_shop(dropshipper, address=f"{HOST}:444", store_keys=["home:host.example.it:444", "woo:5c7f-11"])
    assert set(stores.same_store(one)) == {one, two}


def test_across_accounts_the_called_address_and_shopifys_number_are_proof(
    dropshipper: Any, other_dropshipper: Any
) -> None:
    mine = make_shop(dropshipper, address=HOST, store_keys=["home:host.example.it", "shopify:700"])
    www = make_shop(other_dropshipper, address="https://www.host.example.it", store_keys=["home:host.example.it"])
    moved = make_shop(
        other_dropshipper, address="https://b.example.it", store_keys=["home:b.example.it", "shopify:700"]
    )
    above = ["home:host.example.it/a", "home:host.example.it"]
    folder = make_shop(cast.dropshipper(name="Terza Bottega"), address=f"{HOST}/a", store_keys=above)
    assert set(stores.same_store(mine)) == {mine, www, moved}
    assert set(stores.same_store(folder)) == {folder}


@pytest.mark.parametrize("mine", [HOST, f"{HOST}/mine"])
def test_nobody_sits_on_a_host_by_claiming_it_from_a_folder(mine: str, owner: Any, stranger: Any) -> None:
    theirs = keep(stranger, f"{HOST}/his", store_keys=("home:host.example.it",))
    stores.assert_free("woocommerce", mine, dropshipper_id=owner.member.dropshipper_id)
    shop = keep(owner, mine, store_keys=("home:host.example.it",))
    assert {shop.dropshipper_id, theirs.dropshipper_id} == {owner.member.dropshipper_id, stranger.member.dropshipper_id}
    with pytest.raises(ShopTaken):
        keep(stranger, mine)


def test_an_order_that_a_claimed_store_says_it_sent_is_asked_also_by_its_key(
    owner: Any, stranger: Any, fake: Ticking, goods: Any
) -> None:
    stolen, shop = claimed(fake, stranger), by_keys(fake, owner)
    row = {"version_at": timezone.now(), "version_hash": b"", "raw": b"", "identity": "wc_order_mine"}
    InboxOrder.objects.create(shop=stolen, external_id="24", order=sent_order(stolen.dropshipper), **row)
    assert stores.known(shop, {"24": _reading("wc_order_mine")}) == {"24": "open"}


# ---- a copy within one account


def test_a_copy_does_not_take_the_place_of_the_store_that_sells(owner: Any, fake: Ticking, goods: Any) -> None:
    live = by_keys(fake, owner)
    with Ticking() as copy:
        copy.keys.add(KEY, SECRET)
        copy.store_id = fake.store_id
        with pytest.raises(StoreCopied) as caught:
            by_keys(copy, owner)
    assert fake.url in str(caught.value)
    shop = Shop.objects.get()
    assert (shop.pk, shop.address, shop.state) == (live.pk, fake.url, "active")
    fake.place_order([("SCN-00001", 1)])
    read_now(shop)
    assert Order.objects.count() == 1


@pytest.mark.parametrize("why", ["silent", "key", "disconnected"])
def test_a_store_that_is_not_at_its_old_address_goes_on_at_the_new_one(
    why: str, owner: Any, fake: Ticking, goods: Any
) -> None:
    live = by_keys(fake, owner)
    with Ticking() as new:
        new.keys.add(KEY, SECRET)
        new.store_id = fake.store_id
        if why == "silent":
            fake.stop()
        elif why == "key":
            fake.keys.remove(KEY)
        else:
            Shop.objects.filter(pk=live.pk).update(state="gone")
        moved = by_keys(new, owner)
        assert (moved.pk, moved.address, moved.state) == (live.pk, new.url, "active")
