"""The demo's data, loaded once for all tests of this file and taken back at the end."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from stdnum import ean

from accounts.models import Dropshipper, User
from catalog.models import Product, Stock, Variant
from connectors.models import Delivery, Shop
from demo.data import catalogue, shopfront
from demo.data.goods import articles
from demo.data.people import APP_SECRET, PASSWORD, STAFF, WAREHOUSE
from demo.pictures import draw
from demo.shops.woocommerce import FakeShop, history
from orders.models import DispatchItem, Order, OrderEvent, Problem
from shipping.models import Courier, Shipment
from tests import cast
from wallet.models import Entry, TopUp
from wallet.queries import balances

SECONDS = 60


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker) -> Iterator[float]:
    """How long it worked, in seconds of a processor: a machine that does other things too is no slower here."""
    whole = transaction.atomic()
    whole._from_testcase = True  # core/http.py calls nobody in a transaction, but for that of a test
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock(), whole:
        for name in ("URL", "KEY", "SECRET", "WEBHOOK_SECRET", "MCI_KEY"):
            patch.delenv(f"DEMO_SHOP_{name}", raising=False)
        began = time.process_time()
        call_command("load_demo", pictures=False, stdout=StringIO())
        yield time.process_time() - began
        transaction.set_rollback(True)


def tenant(email: str) -> Dropshipper:
    return Dropshipper.objects.get(members__user__email=email)


def busy() -> Dropshipper:
    return tenant("luca@casabella.example")


def troubled() -> Dropshipper:
    return tenant("sara@mercatinodellago.example")


def test_it_is_loaded_within_a_minute_and_a_second_time_does_nothing(demo):
    assert demo < SECONDS
    before = Order.objects.count(), Entry.objects.count(), User.objects.count(), Variant.objects.count()
    call_command("load_demo", pictures=False, stdout=StringIO())
    assert before == (Order.objects.count(), Entry.objects.count(), User.objects.count(), Variant.objects.count())


def test_what_must_always_be_true_is(demo):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    call_command("verify", stdout=StringIO())


def test_the_busy_reseller_has_orders_in_all_states(demo):
    orders = Order.objects.filter(dropshipper=busy())
    assert orders.count() > 250
    assert set(orders.values_list("state", flat=True)) == set(Order.State.values)
    assert set(orders.values_list("payment", flat=True)) == set(Order.Payment.values)
    parcels = Shipment.objects.filter(dropshipper=busy())
    wanted = {"to_pick", "packed", "shipped", "out_for_delivery", "held", "delivered", "cancelled"}
    assert set(parcels.values_list("state", flat=True)) >= wanted
    assert set(parcels.values_list("cash", flat=True)) == set(Shipment.Cash.values)


def test_the_busy_shops_newest_orders_wait_in_the_inbox(demo):
    shop = Shop.objects.get(dropshipper=busy())
    assert shop.state == Shop.State.ACTIVE
    waiting = Order.objects.filter(inbox__shop=shop, state__in=["received", "ready"])
    assert waiting.count() == len(history.WAITING)
    ready = waiting.filter(state="ready")
    assert ready.filter(payment="prepaid").count() >= 7
    assert ready.filter(payment="cod").count() >= 7
    assert not waiting.filter(method=None).exists()


def test_the_busy_wallet_is_healthy_and_its_history_two_months_long(demo):
    found = balances(busy().pk)
    assert found.spendable > 300
    assert found.held > 0
    assert found.cod_due > 0
    entries = Entry.objects.filter(dropshipper=busy())
    assert entries.count() > 250
    span = entries.latest("at").at - entries.earliest("at").at
    assert dt.timedelta(days=55) < span < dt.timedelta(days=63)
    moments = list(entries.order_by("pk").values_list("at", flat=True))
    assert moments == sorted(moments)


def test_nothing_happened_in_the_future_nor_all_at_once(demo):
    now = timezone.now()
    for model, name in ((OrderEvent, "at"), (Entry, "at"), (Order, "created_at"), (Shipment, "created_at")):
        moments = list(model.objects.values_list(name, flat=True))
        assert max(moments) <= now
        assert len(set(moments)) > len(moments) / 8


@pytest.mark.long
def test_the_troubled_reseller_has_something_of_everything_to_mend(demo):
    codes = set(Problem.objects.filter(order__dropshipper=troubled()).values_list("code", flat=True))
    wanted = {"unknown_sku", "address_incomplete", "address_mismatch", "street_number_missing", "phone_missing"}
    wanted |= {"payment_awaiting", "payment_review", "cod_currency", "cod_over_law"}
    assert codes >= wanted | {"cancelled_in_shop", "changed_in_shop"}
    refused = DispatchItem.objects.filter(run__dropshipper=troubled(), result="refused")
    assert set(refused.values_list("code", flat=True)) >= {"insufficient_funds", "cod_over_cap", "out_of_stock"}
    assert balances(troubled().pk).spendable < 80
    shop = Shop.objects.get(dropshipper=troubled())
    assert (shop.state, shop.trouble) == (Shop.State.BROKEN, "reconnect_needed")
    assert Delivery.objects.filter(shop=shop, state=Delivery.State.DEAD).count() == 2


def test_the_new_reseller_has_nothing_and_one_waits_to_be_let_in(demo):
    new = tenant("anna@bottegaaurora.example")
    assert new.is_active
    assert not Order.objects.filter(dropshipper=new).exists()
    assert not Entry.objects.filter(dropshipper=new).exists()
    assert tenant("davide@emporiofelice.example").status == Dropshipper.Status.PENDING


def test_the_staff_has_top_ups_to_credit(demo):
    assert set(TopUp.objects.values_list("status", flat=True)) >= {"credited", "rejected", "requested", "sent"}


def test_the_goods_are_many_and_their_codes_are_right(demo):
    assert Variant.objects.count() > 300
    assert Product.objects.count() > 140
    assert Courier.objects.count() == 3
    codes = list(Variant.objects.values_list("ean", flat=True))
    assert all(ean.is_valid(code) for code in codes)
    assert len(set(codes)) == len(codes)
    sellable = Stock.objects.all()
    assert sellable.filter(on_hand=0, restock_on__isnull=False).exists()
    assert sellable.filter(on_hand__range=(1, 4)).exists()
    assert all(variant.margin and variant.margin > 0 for variant in Variant.objects.all())
    assert not any("<script" in text for text in Product.objects.values_list("description_html", flat=True))


def test_everyone_who_is_told_can_sign_in(demo):
    out = StringIO()
    call_command("demo_logins", stdout=out)
    people = list(User.objects.all())
    for user in people:
        assert user.email in out.getvalue()
    assert PASSWORD in out.getvalue()
    assert APP_SECRET in out.getvalue()
    for email in (STAFF, "luca@casabella.example"):
        client = Client()
        answer = client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()[:2000]
        assert client.get("/", follow=True).status_code == 200


@pytest.mark.django_db
def test_of_an_older_demo_nobody_is_named_who_is_not_there():
    person = cast.user(email=STAFF, is_staff=True)
    out = StringIO()
    call_command("demo_logins", stdout=out)
    assert STAFF in out.getvalue()
    assert WAREHOUSE not in out.getvalue()
    assert APP_SECRET not in out.getvalue()  # nobody's app shows its codes
    cast.with_app(person)  # one of his own, with another secret
    out = StringIO()
    call_command("demo_logins", stdout=out)
    assert APP_SECRET not in out.getvalue()


@pytest.mark.django_db
def test_without_the_demo_no_login_is_told():
    out = StringIO()
    call_command("demo_logins", stdout=out)
    assert out.getvalue() == ""


@pytest.mark.django_db
def test_a_database_in_which_somebody_works_is_left_alone(owner):
    with pytest.raises(CommandError):
        call_command("load_demo", stdout=StringIO())
    assert User.objects.count() == 1
    assert not Variant.objects.exists()


@pytest.mark.django_db
def test_production_is_left_alone(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError):
        call_command("load_demo", stdout=StringIO())
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_pictures_that_are_missing_are_drawn_once(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    article = articles()[1]
    from tests.orders import stage

    product = stage.variant(pieces=0).product
    product.slug = catalogue._slug(article)
    product.save()
    assert catalogue.draw_missing() == len(article.colours)
    assert catalogue.draw_missing() == 0
    with product.images.get(position=0).file.open("rb") as file, Image.open(file) as picture:
        assert picture.size[0] > 500


def test_every_article_has_its_drawing_and_no_two_drawings_are_the_same():
    goods = articles()
    seen = {draw(article.art, article.colours[0]).resize((48, 48)).tobytes() for article in goods[:40]}
    assert len(seen) >= 38


@pytest.mark.django_db  # a call asks first whether its host is left alone
def test_the_running_demo_shop_is_read_over_its_api(monkeypatch):
    with FakeShop() as shop:
        shop.keys.add("ck_demo", "cs_demo")
        history.place(shop)
        monkeypatch.setenv("DEMO_SHOP_URL", shop.url)
        monkeypatch.setenv("DEMO_SHOP_KEY", "ck_demo")
        monkeypatch.setenv("DEMO_SHOP_SECRET", "cs_demo")
        front = shopfront.read(timezone.now())
        assert (shop.url, len(front.orders)) == (front.address, len(shop.store.all("order")))
        assert any("/wp-json/wc/v3/orders" in path for _method, path, _status in shop.requests)
    assert all(raw.reading for raw in front.orders)
