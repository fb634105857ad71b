"""Connecting: credentials are tried before they are kept, an answer counts once, and nobody takes another's shop."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from connectors.connect import acts, attempts
from connectors.errors import AttemptOver, ShopGone, ShopTaken
from connectors.intake import deliveries, pull
from connectors.models import ConnectAttempt, Shop, ShopEvent
from connectors.platforms.base import NotAShop, ReconnectNeeded
from connectors.platforms.woocommerce.forms import ConnectForm, clean_address
from connectors.shops import asks, health
from core.errors import DomainError
from orders.models import Order
from tests import cast
from tests.connectors import connecting
from tests.connectors.conftest import KEY, SECRET, Deliver, Ticking, make_shop
from tests.connectors.connecting import Begun

pytestmark = pytest.mark.django_db
TOPICS = {"order.created", "order.updated", "order.deleted", "order.restored"}


def keys_form(fake: Ticking, **changed: str) -> dict[str, str]:
    return {"mode": "keys", "address": fake.url, "consumer_key": KEY, "consumer_secret": SECRET, **changed}


def begin(form: dict[str, str], owner: Any) -> Begun:
    return connecting.begin("woocommerce", form, owner)


def test_right_keys_connect_the_shop_and_its_webhooks(owner: Any, fake: Ticking) -> None:
    shop = begin(keys_form(fake), owner).shop
    assert shop
    shop.refresh_from_db()
    assert (shop.dropshipper, shop.state, shop.address) == (owner.member.dropshipper, "active", fake.url)
    assert json.loads(shop.credentials) == {"consumer_key": KEY, "consumer_secret": SECRET}
    assert SECRET.encode() not in bytes(shop.sealed_credentials)
    assert {hook["topic"] for hook in fake.webhooks.all()} == TOPICS
    assert {hook["delivery_url"] for hook in fake.webhooks.all()} == {
        f"http://localhost:8000/webhooks/woocommerce/{shop.key}/"
    }
    assert {hook["secret"] for hook in fake.webhooks.all()} == {shop.webhook_secret}
    assert shop.facts["currency"] == "EUR"
    assert {"id": "cod", "title": "Pagamento alla consegna", "enabled": True} in shop.facts["gateways"]
    assert (timezone.now() - shop.import_since).days == 30


def test_a_connected_shops_orders_come_by_webhook_and_by_pull(owner: Any, fake: Ticking, goods: Any) -> None:
    shop = begin(keys_form(fake), owner).shop
    assert shop
    fake.place_order([("SCN-00001", 1)])
    assert {delivery.status for delivery in fake.flush()} == {200}
    deliveries.drain()
    fake.place_order([("SCN-00002", 1)], silent=True)
    Shop.objects.update(pull_after=timezone.now() - dt.timedelta(days=1))
    pull.pull_due()
    assert Order.objects.count() == 2


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        ("secret", ReconnectNeeded),
        ("key", ReconnectNeeded),
        ("read", ReconnectNeeded),
        ("demoted", ReconnectNeeded),
        ("not_woocommerce", NotAShop),
        ("nothing_there", DomainError),
        ("redirect", NotAShop),
    ],
)
def test_what_does_not_work_is_said_and_keeps_nothing(
    owner: Any, fake: Ticking, trouble: str, error: type[DomainError], monkeypatch: pytest.MonkeyPatch
) -> None:
    form = keys_form(fake)
    if trouble == "secret":
        form["consumer_secret"] = "cs_" + "c3" * 20
    elif trouble == "key":
        form["consumer_key"] = "ck_" + "c3" * 20
    elif trouble == "read":
        fake.keys.remove(KEY)
        fake.keys.add(KEY, SECRET, permissions="read")
    elif trouble == "demoted":
        fake.keys.demote(KEY)
    elif trouble == "not_woocommerce":
        form["address"] += "/blog"
    elif trouble == "nothing_there":
        form["address"] = "http://127.0.0.1:9"
    else:
        fake.faults.add("*", times=10, status=301)
    found = begin(form, owner)
    said = DomainError.of(found.trouble)
    assert said is not None
    assert issubclass(said, error)
    assert SECRET not in str(found.attempt.trouble_params)
    assert not Shop.objects.exists()
    assert not fake.webhooks.all()
    assert (found.attempt.phase, found.attempt.try_after) == ("failed", None)


def test_wc_auth_goes_to_the_shop_and_comes_back_with_keys(owner: Any, fake: Ticking, client: Client) -> None:
    started = begin({"mode": "auth", "address": fake.url}, owner)
    assert started.redirect
    assert started.redirect.startswith(f"{fake.url}/wc-auth/v1/authorize?")
    query = {name: values[0] for name, values in parse_qs(urlsplit(started.redirect).query).items()}
    assert (query["scope"], query["user_id"]) == ("read_write", started.attempt.token)
    response = client.post("/connect/woocommerce/callback/", data=answer(started), content_type="application/json")
    assert response.status_code == 200
    assert not Shop.objects.exists()  # kept and answered; a worker goes on
    assert attempts.advance_due() == 1
    assert not Shop.objects.exists()  # tried; the one who began confirms
    connecting.work_and_confirm()
    shop = Shop.objects.get()
    assert shop.dropshipper == owner.member.dropshipper
    started.attempt.refresh_from_db()
    assert (started.attempt.shop, started.attempt.used_at is not None) == (shop, True)
    assert {hook["topic"] for hook in fake.webhooks.all()} == TOPICS


def answer(started: Begun, **changed: Any) -> dict[str, Any]:
    return {
        "key_id": 4,
        "user_id": started.attempt.token,
        "consumer_key": KEY,
        "consumer_secret": SECRET,
        "key_permissions": "read_write",
        **changed,
    }


def test_the_shop_page_leads_to_the_shop(owner: Any, fake: Ticking) -> None:
    shop = begin(keys_form(fake, address=f"{fake.url}/shop"), owner).shop
    assert shop
    assert shop.address == fake.url


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"user_id": "guessed"}, 401),
        ({"user_id": 42}, 400),
        ({"user_id": None}, 400),
        ({"consumer_secret": "cs_" + "c3" * 20}, 200),  # kept, and told on the page once it was tried
        ({"consumer_key": "'; drop table"}, 401),
        ({"consumer_key": None}, 401),
    ],
)
def test_a_callback_that_is_not_the_shops_leaves_nothing(
    owner: Any, fake: Ticking, client: Client, changed: dict[str, Any], status: int
) -> None:
    started = begin({"mode": "auth", "address": fake.url}, owner)
    body = answer(started, **changed)
    response = client.post("/connect/woocommerce/callback/", data=body, content_type="application/json")
    assert response.status_code == status
    attempts.advance_due()
    assert not Shop.objects.exists()
    assert status != 200 or ConnectAttempt.objects.get().trouble == "key_refused"


def test_an_answer_counts_once_and_not_for_ever(owner: Any, fake: Ticking) -> None:
    started = begin({"mode": "auth", "address": fake.url}, owner)
    acts.receive("woocommerce", token=started.attempt.token, payload=answer(started))
    connecting.work_and_confirm()
    with pytest.raises(AttemptOver):
        acts.receive("woocommerce", token=started.attempt.token, payload=answer(started))
    late = begin({"mode": "auth", "address": fake.url}, owner)
    ConnectAttempt.objects.filter(pk=late.attempt.pk).update(expires_at=timezone.now())
    with pytest.raises(AttemptOver):
        acts.receive("woocommerce", token=late.attempt.token, payload=answer(late))
    assert Shop.objects.count() == 1


def test_keys_of_another_shop_do_not_connect_the_typed_address(owner: Any, fake: Ticking) -> None:
    """Whoever answers the callback, the keys must open the address that the reseller typed."""
    with Ticking() as typed:
        started = begin({"mode": "auth", "address": typed.url}, owner)
        acts.receive("woocommerce", token=started.attempt.token, payload=answer(started))
        attempts.advance_due()
    assert not Shop.objects.exists()
    assert ConnectAttempt.objects.get().trouble == "key_refused"


def test_nobody_connects_the_shop_of_another(owner: Any, stranger: Any, fake: Ticking) -> None:
    begin(keys_form(fake), owner)
    with pytest.raises(ShopTaken):
        begin(keys_form(fake), stranger)
    assert Shop.objects.get().dropshipper == owner.member.dropshipper


def test_connecting_again_renews_the_same_shop(owner: Any, fake: Ticking, deliver: Deliver) -> None:
    first = begin(keys_form(fake), owner).shop
    assert first
    Shop.objects.update(state="broken", trouble="reconnect_needed")
    other = ("ck_" + "d4" * 20, "cs_" + "e5" * 20)
    fake.keys.add(*other)
    again = begin(keys_form(fake, consumer_key=other[0], consumer_secret=other[1]), owner).shop
    assert again
    assert (again.pk, again.key, again.state, again.trouble) == (first.pk, first.key, "active", "")
    assert len(fake.webhooks.all()) == 4
    assert json.loads(Shop.objects.get().credentials)["consumer_key"] == other[0]


def test_after_disconnecting_another_may_connect_it(owner: Any, stranger: Any, fake: Ticking, deliver: Deliver) -> None:
    shop = begin(keys_form(fake), owner).shop
    assert shop
    acts.disconnect(shop, by=owner.pk)
    assert asks.do_due() == 1
    assert not fake.webhooks.all()
    assert not any(Shop.objects.values_list("sealed_credentials", "webhook_secret_sealed").get())
    assert deliver(shop, "order.created", {"id": 1}).status_code == 401
    with pytest.raises(ShopGone):
        acts.resume(shop, by=owner.pk)
    assert begin(keys_form(fake), stranger).shop
    assert Shop.objects.filter(state="active").get().dropshipper == stranger.member.dropshipper


def test_a_shop_that_cannot_take_webhooks_now_is_mended_by_its_check(owner: Any, fake: Ticking) -> None:
    fake.faults.add("webhooks", times=2, status=400)  # first the question whether the key may write
    shop = begin(keys_form(fake), owner).shop
    assert shop
    assert not fake.webhooks.all()
    assert ShopEvent.objects.filter(code="webhooks_missing").exists()
    assert health.check_due() == 1
    assert {hook["topic"] for hook in fake.webhooks.all()} == TOPICS


def test_the_check_wakes_a_webhook_that_the_shop_switched_off(connected: Any, fake: Ticking) -> None:
    hook = fake.webhooks.all()[0]
    fake.webhooks.change(hook["id"], {"status": "disabled"})
    fake.webhooks.delete(fake.webhooks.all()[1]["id"])
    assert health.check(connected)
    assert {(hook["topic"], hook["status"]) for hook in fake.webhooks.all()} == {(topic, "active") for topic in TOPICS}
    assert set(ShopEvent.objects.values_list("code", flat=True)) == {"webhook_created", "webhook_revived"}
    connected.refresh_from_db()
    assert connected.last_check_at
    assert health.check_due() == 0


def test_the_check_says_when_the_shop_is_gone(connected: Any, fake: Ticking) -> None:
    fake.keys.remove(KEY)
    assert not health.check(connected)
    connected.refresh_from_db()
    assert (connected.state, connected.trouble) == ("broken", "key_refused")


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("myshop.it", "https://myshop.it"),
        (" https://www.MyShop.it/ ", "https://www.myshop.it"),
        ("http://myshop.it", "https://myshop.it"),
        ("https://myshop.it/wp-admin/admin.php?page=wc-settings", "https://myshop.it"),
        ("https://myshop.it/negozio/wp-login.php", "https://myshop.it/negozio"),
        ("https://myshop.it/en/cart/", "https://myshop.it/en"),
        ("https://myshop.it:8443/", "https://myshop.it:8443"),
        ("https://myshop.it/?utm=1#top", "https://myshop.it"),
        ("https://caffè.it", "https://xn--caff-8oa.it"),
        ("http://127.0.0.1:8101/", "http://127.0.0.1:8101"),
        ("http://myshop.it:80/", "https://myshop.it"),  # the port of what he typed, not of what we call
        ("http://myshop.it:443/", "https://myshop.it"),
        ("myshop.it./", "https://myshop.it"),
    ],
)
def test_an_address_is_taken_from_what_people_paste(typed: str, address: str) -> None:
    assert clean_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "shop",
        "javascript:alert(1)",
        "ftp://myshop.it",
        "https://user:pw@myshop.it",
        "https://10.0.0.1",
        "https://[::1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://my shop.it",
        "https://myshop.it:99999",
        "x" * 400,
        "myshop.it/" + "a" * 188,  # 200 with https://, which is what the column holds, is the longest
        "è." * 90 + "it",  # grows when it is put into ASCII
        "..",
    ],
)
def test_what_is_not_an_address_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        clean_address(typed)


@pytest.mark.parametrize("slug", ["woocommerce", "wordpress"])
@pytest.mark.parametrize(
    ("typed", "status"), [("myshop.it/" + "a" * 188, 422), ("è." * 90 + "it", 422), ("myshop.it/" + "a" * 174, 302)]
)
@pytest.mark.django_db
def test_an_address_that_no_column_holds_is_refused_in_its_field(
    slug: str, typed: str, status: int, owner: Any, client_for: Any
) -> None:
    answer = client_for(owner).post(f"/shops/connect/{slug}/", {"mode": "auth", "address": typed})
    assert answer.status_code == status


def test_the_form_wants_keys_only_for_keys() -> None:
    assert ConnectForm({"mode": "auth", "address": "myshop.it"}).is_valid()
    form = ConnectForm({"mode": "keys", "address": "myshop.it", "consumer_key": "x"})
    assert set(form.errors) == {"consumer_key", "consumer_secret"}


def test_two_shops_of_one_reseller_are_two(owner: Any) -> None:
    person = cast.member(cast.dropshipper(name="Due"))
    for number in (1, 2):
        make_shop(person.member.dropshipper, address=f"https://s{number}.example.it")
    assert Shop.objects.filter(dropshipper=person.member.dropshipper).count() == 2


def test_a_shop_that_is_connected_again_while_it_hides_its_name_keeps_it(fake: Ticking, owner: Any) -> None:
    assert begin(keys_form(fake), owner).shop.name == "Casa Bella"
    fake.faults.add("", status=401, body="closed", times=10)
    assert begin(keys_form(fake), owner).shop.name == "Casa Bella"


def test_a_shop_that_hides_its_name_is_called_by_its_address(fake: Ticking, owner: Any) -> None:
    fake.faults.add("", status=401, body="closed", times=10)
    assert begin(keys_form(fake), owner).shop.name == fake.url.removeprefix("http://")
