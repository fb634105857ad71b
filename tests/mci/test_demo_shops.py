"""The demo shops of `make run`: their secrets, and their rows in MCI."""

from __future__ import annotations

import json
import stat

import pytest

from connectors.models import Shop
from demo.data import more_shops
from mci.local import demo_shops
from mci.local.places import Place
from tests import cast


@pytest.fixture
def place(tmp_path):
    place = Place(tmp_path / "var")
    place.var.mkdir()
    return place


def test_secrets_are_made_once_and_kept_from_others(place):
    first = demo_shops.environment(8000, place)
    path = place.var / "demo-shop.env"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = demo_shops.environment(8010, place)
    assert {name for name in first if first[name] != again[name]} == {
        f"{s.prefix}_URL" for s in demo_shops.demo_shops()
    }
    assert again["DEMO_SHOP_URL"] == "http://127.0.0.1:8011"


def test_a_checkout_that_knew_one_shop_keeps_its_secrets_and_gets_those_of_the_others(place):
    (place.var / "demo-shop.env").write_text("DEMO_SHOP_KEY=ck_old\nDEMO_SHOP_MCI_KEY=old\n")
    env = demo_shops.environment(8000, place)
    assert (env["DEMO_SHOP_KEY"], env["DEMO_SHOP_MCI_KEY"]) == ("ck_old", "old")
    for shop in demo_shops.demo_shops():
        assert env[f"{shop.prefix}_MCI_KEY"]


def test_a_shop_gets_its_own_secrets_alone_under_the_names_that_it_reads(place):
    env = demo_shops.environment(8000, place)
    for shop in demo_shops.demo_shops():
        assert shop.environment(env)["DEMO_SHOP_WEBHOOK_SECRET"] == env[f"{shop.prefix}_WEBHOOK_SECRET"]
        assert f"/webhooks/{shop.platform}/{env[f'{shop.prefix}_MCI_KEY']}/" in " ".join(shop.command(env, place, 8000))


@pytest.mark.django_db
def test_the_busy_reseller_has_a_shop_on_each_platform_at_the_addresses_of_this_run(settings):
    busy = cast.dropshipper(name="Casa Bella")
    user = cast.member(busy)
    user.email = more_shops.BUSY.people[0].email
    user.save()
    platforms = [slug for slug in more_shops._OTHERS if slug in settings.PLATFORMS]
    env = {}
    for prefix, _name, _credentials in more_shops._OTHERS.values():
        env |= {
            f"{prefix}_{name}": f"{prefix}-{name}".lower() for name in ("KEY", "SECRET", "WEBHOOK_SECRET", "MCI_KEY")
        }
        env[f"{prefix}_URL"] = "http://127.0.0.1:8002"
    more_shops.bring_up_to_date(env)
    more_shops.bring_up_to_date({**env, "DEMO_SHOPIFY_URL": "http://127.0.0.1:9002"})
    shops = {shop.platform: shop for shop in Shop.objects.filter(dropshipper=busy)}
    assert sorted(shops) == sorted(platforms)
    if "shopify" in platforms:
        assert shops["shopify"].address == "http://127.0.0.1:9002"
        assert json.loads(shops["shopify"].credentials)["access_token"] == env["DEMO_SHOPIFY_KEY"]
    for shop in shops.values():
        assert shop.webhook_secret.endswith("webhook_secret")


@pytest.mark.django_db
def test_a_database_without_the_demo_gets_no_shop():
    more_shops.bring_up_to_date({"DEMO_SHOPIFY_MCI_KEY": "k", "DEMO_SHOPIFY_URL": "http://127.0.0.1:1"})
    assert not Shop.objects.exists()
